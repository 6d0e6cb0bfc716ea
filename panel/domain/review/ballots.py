"""The secret vote of a meeting (R10-R12, R14, R16): sheets, casting, closing, figures.

Each choice is a ballot without voter, time or order; that somebody voted is a mark without choice. A
vote and the closing both write the meeting document, so that one of two at the same moment goes first
and the other sees it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import BulkWriteError

from models.application import Application
from models.ballot import Ballot, VoterMark
from models.choices import Action, MeetingState, Vote
from models.database import transaction
from models.meeting import BallotSheet, Meeting, Opinion
from models.messages import M, Message
from models.sections import Outcome
from models.values import ref_id
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission, is_own, is_recused
from panel.domain.actors import SYSTEM, Actor
from panel.domain.errors import NotFound, Refused
from panel.domain.records import audit
from panel.domain.review import opinions
from panel.domain.review.meetings import is_present, presence, presides
from panel.domain.steps import voting, workflow

_shuffle = random.SystemRandom().shuffle
_DUPLICATE = 11000  # MongoDB's code of a unique index


@dataclass(frozen=True)
class Paper:
    """A ballot sheet as one expert gets it: without their own case and those they are recused from."""

    sheet: BallotSheet
    applications: list[Application]
    left_out: int
    is_cast: bool


@dataclass(frozen=True)
class Progress:
    """How many of those entitled have cast a sheet; nothing more is shown before the closing."""

    sheet: BallotSheet
    voted: int
    entitled: int


@dataclass(frozen=True)
class CaseFigures:
    """One case of a meeting with its figures; `figures` is empty until the closing."""

    application: Application
    sheet: BallotSheet
    figures: Mapping[str, Any]
    opinions: int


def papers(meeting: Meeting, actor: Actor) -> list[Paper]:
    """The sheets of `actor`, in the meeting's order."""
    cases = _cases(meeting)
    marked = set(VoterMark.objects(meeting=meeting.id, voter=actor.user_id).scalar("application"))
    return [_paper(sheet, cases, marked, actor) for sheet in meeting.sheets]


def _paper(
    sheet: BallotSheet, cases: Mapping[ObjectId, Application], marked: set[ObjectId], actor: Actor
) -> Paper:
    listed = [cases[key] for key in sheet.applications if key in cases]
    mine = [case for case in listed if not is_own(actor, case) and not is_recused(actor, case)]
    is_cast = bool(mine) and all(case.id in marked for case in mine)
    return Paper(sheet, mine, len(listed) - len(mine), is_cast)


def why_not_vote(meeting: Meeting, actor: Actor) -> Message | None:
    """Why `actor` can't cast a sheet of the meeting now, or None (R10, R12)."""
    if not may(actor, Permission.ATTEND_MEETING, meeting) or not meeting.committee.member(actor.user_id):
        return M("您不是这个评委会的委员。")
    if meeting.state == MeetingState.PLANNED:
        return M("会议还没有开始，不能投票。")
    if meeting.state == MeetingState.CLOSED:
        return M("会议已经结束，不能再投票。")
    if not is_present(meeting, actor):
        return M("您还没有签到。缺席的委员不能投票，也不能委托他人或事后补投。")
    here = presence(meeting)
    if not here.is_quorate:
        return M(
            "到会 %(n)s 人，至少要 %(m)s 人才能投票，请等候其他委员签到。", n=here.present, m=here.needed
        )
    return None


def cast(meeting: Meeting, sheet_uid: str, choices: Mapping[str, str], actor: Actor, now: datetime) -> None:
    """Cast one sheet: `choices` gives a Vote for every application of it that is the actor's, by id.

    Marks and ballots are stored together or not at all. Raises NotFound for an unknown sheet, Refused
    for who may not vote, has voted, or gave a sheet that is incomplete or holds a foreign case.
    """

    def body() -> None:
        # the write that votes, recusals and the closing share
        Meeting.objects(id=meeting.id).update_one(inc__revision=1)
        fresh = Meeting.objects.get(id=meeting.id)
        refusal = why_not_vote(fresh, actor)
        if refusal:
            raise Refused(refusal)
        paper = next((paper for paper in papers(fresh, actor) if paper.sheet.uid == sheet_uid), None)
        if paper is None:
            raise NotFound
        votes = _votes(paper, choices)
        _store(fresh, actor, votes)
        # the audit says that a sheet was cast, not by whom at what time (R16)
        audit(SYSTEM, "cast_sheet", fresh, now, sheet=sheet_uid)

    transaction(body)


def _votes(paper: Paper, choices: Mapping[str, str]) -> list[tuple[ObjectId, Vote]]:
    wanted = {str(case.id): case.id for case in paper.applications}
    if not wanted:
        raise Refused(M("这张表决票上没有需要您表决的申报。"))
    if set(choices) - set(wanted):
        raise Refused(M("表决票上有不属于您的申报，请刷新页面后重新填写。"))
    known = {vote.value for vote in Vote}
    if any(choices.get(key) not in known for key in wanted):
        raise Refused(M("请对每一份申报都作出选择：赞成、反对或弃权。"))
    return [(wanted[key], Vote(choices[key])) for key in wanted]


def _store(meeting: Meeting, actor: Actor, votes: list[tuple[ObjectId, Vote]]) -> None:
    marks = [VoterMark(meeting=meeting.id, application=key, voter=actor.user_id) for key, _ in votes]
    ballots = [Ballot(meeting=meeting.id, application=key, choice=vote.value) for key, vote in votes]
    _shuffle(marks)
    _shuffle(ballots)
    try:
        # by the driver itself: MongoEngine's bulk error no longer says what was wrong
        VoterMark._get_collection().insert_many([mark.to_mongo() for mark in marks])
    except BulkWriteError as error:
        if any(row["code"] != _DUPLICATE for row in error.details["writeErrors"]):
            raise
        raise Refused(M("您已经投过这张票，每人只能投一次。")) from error
    Ballot._get_collection().insert_many([ballot.to_mongo() for ballot in ballots])


def progress(meeting: Meeting) -> list[Progress]:
    """How far the voting has come, by sheet."""
    cases = _cases(meeting)
    voted: dict[ObjectId, set[ObjectId]] = defaultdict(set)
    for mark in VoterMark.objects(meeting=meeting.id):
        voted[mark.application].add(mark.voter)
    rows = []
    for sheet in meeting.sheets:
        listed = [cases[key] for key in sheet.applications if key in cases]
        entitled = set().union(*(_entitled(meeting, case) for case in listed))
        cast_by = set().union(*(voted[case.id] for case in listed))
        rows.append(Progress(sheet, len(cast_by), len(entitled)))
    return rows


def why_not_close(meeting: Meeting, actor: Actor) -> Message | None:
    """Why `actor` can't close the meeting now, or None (R10, R14)."""
    if not may(actor, Permission.OPEN_MEETING, meeting) or not presides(meeting.committee, actor):
        return M("表决结果由主任委员或副主任委员确认。")
    if meeting.state != MeetingState.OPEN:
        return M("会议没有在进行。")
    if any(is_own(actor, case) or is_recused(actor, case) for case in _cases(meeting).values()):
        return M("会议上有您本人的申报或您已回避的申报，请由另一位主任委员或副主任委员确认。")
    here = presence(meeting)
    if not here.is_quorate:
        return M("到会 %(n)s 人，至少要 %(m)s 人，不能确认结果。", n=here.present, m=here.needed)
    # a vote of fewer than the quorum would be no vote of the committee, whoever sits in the room
    if any(row.voted < min(row.entitled, here.needed) for row in progress(meeting)):
        return M("有表决票的投票人数不足 %(n)s 人，请等委员投票后再确认结果。", n=here.needed)
    return None


def close(meeting: Meeting, actor: Actor, password_ok: bool, now: datetime) -> Meeting:
    """Count, sign and announce: every case passes or fails, in one transaction (R11, R14).

    `password_ok` says whether the chair's password was right. Raises Refused; then nothing changed.
    """
    if not password_ok:
        raise Refused(M("密码不正确，会议没有结束。"))

    def body() -> Meeting:
        fresh = Meeting.objects.get(id=meeting.id)
        refusal = why_not_close(fresh, actor)
        if refusal:
            raise Refused(refusal)
        cases = _cases(fresh)
        tallies = count(fresh, cases)
        rule = voting.VotingRule.of(fresh.round.spec.voting)
        digest = voting.tally_hash(str(fresh.id), tallies, rule)
        _sign(fresh, cases, tallies, digest, actor, now)
        for key, figures in tallies.items():
            outcome = _outcome(fresh, cases[ObjectId(key)], figures, digest, now)
            workflow.run(Action.CLOSE, cases[ObjectId(key)], actor, now, outcome=outcome)
        return Meeting.objects.get(id=meeting.id)

    return transaction(body)


def count(meeting: Meeting, cases: Mapping[ObjectId, Application]) -> dict[str, voting.Tally]:
    """The tally of each case by its id; raises Refused where recusals leave a case without quorum."""
    rule = voting.VotingRule.of(meeting.round.spec.voting)
    choices: dict[ObjectId, list[str]] = defaultdict(list)
    for ballot in Ballot.objects(meeting=meeting.id):
        choices[ballot.application].append(ballot.choice)
    result = {}
    for key, case in cases.items():
        present = present_for(meeting, case)
        if not voting.has_quorum(present, meeting.members, rule):
            raise Refused(
                M("“%(name)s”因委员回避不足法定人数，请其他委员签到并投票后再确认。", name=case.name)
            )
        result[str(key)] = voting.tally(choices[key], meeting.members, present, rule)
    return result


def present_for(meeting: Meeting, application: Application) -> int:
    """How many count as present for one case; whether the recused do is the round's setting (R17)."""
    if meeting.round.spec.voting.recused_count_as_present:
        return len(meeting.attendance)
    return len(_entitled(meeting, application))


def results(meeting: Meeting) -> list[CaseFigures]:
    """Every case of the meeting with its figures, sheet by sheet; no voter anywhere."""
    cases = _cases(meeting)
    written: dict[ObjectId, int] = defaultdict(int)
    for opinion in Opinion.objects(application__in=list(cases), is_final=True).only("application"):
        written[ref_id(opinion, "application")] += 1
    return [
        CaseFigures(cases[key], sheet, meeting.tally.get(str(key), {}), written[key])
        for sheet in meeting.sheets
        for key in sheet.applications
        if key in cases
    ]


def absent_members(meeting: Meeting) -> list[str]:
    """The names of members who didn't sign in, for the minutes (R15)."""
    there = {row.user for row in meeting.attendance}
    return [member.name for member in meeting.committee.members if member.user.id not in there]


def _entitled(meeting: Meeting, application: Application) -> set[ObjectId]:
    """Who is present and may vote on the case."""
    recused = {recusal.user for recusal in application.recusals}
    own = {
        member.user.id
        for member in meeting.committee.members
        if ref_id(member.user, "person") == ref_id(application, "person")
    }
    return {row.user for row in meeting.attendance} - recused - own


def _cases(meeting: Meeting) -> dict[ObjectId, Application]:
    keys = [key for sheet in meeting.sheets for key in sheet.applications]
    found = {case.id: case for case in Application.objects(id__in=keys)}
    return {key: found[key] for key in keys if key in found}


def _sign(
    meeting: Meeting,
    cases: Mapping[ObjectId, Application],
    tallies: Mapping[str, voting.Tally],
    digest: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Store figures and hash; `attending` and `recused` beside them, so that both counts are known."""
    stored = {}
    for key, figures in tallies.items():
        recused = len(meeting.attendance) - len(_entitled(meeting, cases[ObjectId(key)]))
        stored[key] = asdict(figures) | {"attending": len(meeting.attendance), "recused": recused}
    done = Meeting.objects(id=meeting.id, state=MeetingState.OPEN.value).update_one(
        set__state=MeetingState.CLOSED.value,
        set__closed_at=now,
        set__closed_by=actor.user_id,
        set__tally=stored,
        set__tally_sha256=digest,
        inc__revision=1,
    )
    if not done:
        raise Refused(M("会议没有在进行。"))
    audit(actor, "close_meeting", meeting, now, tally_sha256=digest)


def _outcome(
    meeting: Meeting, application: Application, figures: voting.Tally, digest: str, now: datetime
) -> Outcome:
    return Outcome(
        meeting=meeting.id,
        members=figures.members,
        present=figures.present,
        yes=figures.yes,
        no=figures.no,
        abstain=figures.abstain,
        passed=figures.is_passed,
        voted_on=now,
        tally_sha256=digest,
        panel_opinion=opinions.summary(application),
    )
