"""Review meetings (R01, R02, R10, R12): the office plans, the chair opens, members sign in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from models.application import Application
from models.choices import Action, MeetingState
from models.database import transaction
from models.field_spec import Text
from models.meeting import Attendance, BallotSheet, Committee, Meeting, Member
from models.messages import M, Message, PingshenError
from models.review_round import ReviewRound
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.records import audit
from panel.domain.steps import voting, workflow

#: R02: the least members of a committee without the province's consent to fewer.
LEAST_MEMBERS = 11
#: Characters of what a meeting is called, and of its place.
LONGEST_NAMED = 100


@dataclass(frozen=True)
class Presence:
    """How many of the committee are there, and how many must be (R10)."""

    present: int
    members: int
    needed: int

    @property
    def is_quorate(self) -> bool:
        """Whether the meeting may vote."""
        return self.present >= self.needed

    @property
    def missing(self) -> int:
        """How many more must sign in."""
        return max(0, self.needed - self.present)


def plan(
    committee: Committee,
    round: ReviewRound,
    title: str,
    held_on: date | None,
    place: str,
    actor: Actor,
    now: datetime,
) -> Meeting:
    """Plan a meeting of `committee` on the cases of `round`; raises Invalid, NotFound."""
    _require_office(actor, committee)
    _check(title, held_on, place, now)
    meeting = Meeting(
        committee=committee, round=round, title=title.strip(), held_on=held_on, place=place.strip()
    )

    def body() -> Meeting:
        meeting.save(force_insert=True)
        audit(actor, "plan_meeting", meeting, now)
        return meeting

    return transaction(body)


def replan(
    meeting: Meeting, title: str, held_on: date | None, place: str, actor: Actor, now: datetime
) -> None:
    """Change title, day or place of a meeting that isn't open yet; raises Invalid, NotFound, Refused."""
    _require_office(actor, meeting)
    _check(title, held_on, place, now)

    def body() -> None:
        done = Meeting.objects(id=meeting.id, state=MeetingState.PLANNED.value).update_one(
            set__title=title.strip(), set__held_on=held_on, set__place=place.strip(), inc__revision=1
        )
        if not done:
            raise Refused(M("会议已经开始或结束，不能再改。"))
        audit(actor, "replan_meeting", meeting, now)

    transaction(body)


def table(
    meeting: Meeting, applications: Iterable[Application], actor: Actor, now: datetime
) -> workflow.Bulk:
    """Put cases on the ballot sheet of their level and speciality, each by the TABLE step.

    One that is refused leaves the others alone; the reasons are in the result.
    """
    result = workflow.Bulk()
    for application in applications:
        try:
            result.done.append(_table_one(meeting, application, actor, now))
        except PingshenError as error:
            result.refused.append((application, error.message))
    return result


def _table_one(meeting: Meeting, application: Application, actor: Actor, now: datetime) -> Application:
    def body() -> Application:
        fresh = Meeting.objects.get(id=meeting.id)
        tabled = workflow.run(Action.TABLE, application, actor, now, meeting=fresh)
        _put_on_sheet(fresh, tabled)
        return tabled

    return transaction(body)


def _put_on_sheet(meeting: Meeting, application: Application) -> None:
    level, group = application.level, application.speciality or ""
    planned = {"_id": meeting.id, "state": MeetingState.PLANNED.value}
    meetings = Meeting._get_collection()
    result = meetings.update_one(
        planned | {"sheets": {"$elemMatch": {"level": level, "group": group}}},
        {"$push": {"sheets.$.applications": application.id}, "$inc": {"revision": 1}},
    )
    if result.matched_count:
        return
    sheet = BallotSheet(level=level, group=group, applications=[application.id])
    result = meetings.update_one(planned, {"$push": {"sheets": sheet.to_mongo()}, "$inc": {"revision": 1}})
    if not result.matched_count:
        raise Refused(M("会议已经开始或结束，不能再列入。"))


def why_not_open(meeting: Meeting, actor: Actor, now: datetime) -> Message | None:
    """Why `actor` can't open the meeting now, or None (R01, R02, R10)."""
    if not may(actor, Permission.OPEN_MEETING, meeting) or not presides(meeting.committee, actor):
        return M("会议由主任委员或副主任委员主持召开。")
    if meeting.state != MeetingState.PLANNED:
        return M("会议已经开始或结束。")
    if not any(sheet.applications for sheet in meeting.sheets):
        return M("还没有提交表决的申报，请办公室先把申报列入会议。")
    return formation_refusal(meeting.committee, local_date(now))


def formation_refusal(committee: Committee, today: date) -> Message | None:
    """Why a committee can't sit on `today`, or None: expired (R01), wrong in number (R02), terms (R03)."""
    if committee.valid_until < today:
        return M("评委会的备案已于 %(day)s 到期，不能开会。请先重新备案。", day=committee.valid_until)
    number = len(committee.members)
    if number % 2 == 0:
        return M("评委会现有 %(n)s 人，应为单数。", n=number)
    if number < LEAST_MEMBERS and not committee.consent_number:
        return M(
            "评委会现有 %(n)s 人，不足 %(least)s 人，又没有登记同意文号。", n=number, least=LEAST_MEMBERS
        )
    late = [member.name for member in committee.members if member.term_until and member.term_until < today]
    if late:
        return M("有委员任期已满：%(names)s。请先更换。", names=Text.listing(late))
    return None


def presides(committee: Committee, actor: Actor) -> bool:
    """Whether the actor is chair or vice-chair (R10)."""
    member = committee.member(actor.user_id)
    return member is not None and bool(member.is_chair or member.is_vice_chair)


def open_meeting(meeting: Meeting, actor: Actor, now: datetime) -> Meeting:
    """Open the meeting for signing in and voting; who opens it is present. Raises Refused."""
    refusal = why_not_open(meeting, actor, now)
    if refusal:
        raise Refused(refusal)
    first = Attendance(user=actor.user_id, name=actor.name, at=now)

    def body() -> None:
        done = Meeting.objects(id=meeting.id, state=MeetingState.PLANNED.value).update_one(
            set__state=MeetingState.OPEN.value,
            set__members=len(meeting.committee.members),
            set__opened_at=now,
            set__opened_by=actor.user_id,
            set__attendance=[first],
            inc__revision=1,
        )
        if not done:
            raise Refused(M("会议已经开始或结束。"))
        audit(actor, "open_meeting", meeting, now)

    transaction(body)
    return Meeting.objects.get(id=meeting.id)


def sign_in(meeting: Meeting, actor: Actor, now: datetime) -> Meeting:
    """Record that a member is there; signing in twice changes nothing (R12). Raises NotFound, Refused."""
    member = _member(meeting, actor)
    if is_present(meeting, actor):
        return meeting
    row = Attendance(user=actor.user_id, name=member.name, at=now)

    def body() -> None:
        done = Meeting.objects(
            id=meeting.id, state=MeetingState.OPEN.value, attendance__user__ne=actor.user_id
        ).update_one(push__attendance=row, inc__revision=1)
        fresh = Meeting.objects.get(id=meeting.id)
        if done:
            audit(actor, "sign_in_meeting", meeting, now)
        elif not is_present(fresh, actor):
            raise Refused(M("会议没有在进行，不能签到。"))

    transaction(body)
    return Meeting.objects.get(id=meeting.id)


def is_present(meeting: Meeting, actor: Actor) -> bool:
    """Whether the actor signed in to the meeting."""
    return any(row.user == actor.user_id for row in meeting.attendance)


def presence(meeting: Meeting) -> Presence:
    """Who counts for the quorum so far; before the opening, by the committee as it is now."""
    members = meeting.members or len(meeting.committee.members)
    rule = voting.VotingRule.of(meeting.round.spec.voting)
    return Presence(len(meeting.attendance), members, voting.quorum(members, rule))


def _member(meeting: Meeting, actor: Actor) -> Member:
    member = meeting.committee.member(actor.user_id)
    if member is None or not may(actor, Permission.ATTEND_MEETING, meeting):
        raise NotFound
    return member


def _require_office(actor: Actor, thing: Committee | Meeting) -> None:
    """MANAGE_MEETING asks for the committee's code, which a committee carries as its own."""
    committee = thing.committee if isinstance(thing, Meeting) else thing
    if not may(actor, Permission.MANAGE_MEETING, Meeting(committee=committee)):
        raise NotFound


def _check(title: str, held_on: date | None, place: str, now: datetime) -> None:
    wrong: dict[str, Message] = {}
    if not title.strip():
        wrong["title"] = M("请填写会议名称。")
    elif len(title.strip()) > LONGEST_NAMED:
        wrong["title"] = M("最多 %(n)s 个字。", n=LONGEST_NAMED)
    if held_on is None:
        wrong["held_on"] = M("请选择会议日期。")
    elif held_on < local_date(now):
        wrong["held_on"] = M("会议日期不能早于今天。")
    if len(place.strip()) > LONGEST_NAMED:
        wrong["place"] = M("最多 %(n)s 个字。", n=LONGEST_NAMED)
    if wrong:
        raise Invalid(wrong)
