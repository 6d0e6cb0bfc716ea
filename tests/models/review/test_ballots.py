"""The secret vote (R10-R12, R14-R17), on the real database with its races and unique index."""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from mongoengine import NotUniqueError

from models.application import Application
from models.audit import AuditEvent
from models.ballot import Ballot, VoterMark
from models.choices import MeetingState, Role, State, Vote
from models.database import get_database
from models.meeting import Committee, Meeting
from models.messages import PingshenError
from models.outbox import OutboxRow
from panel.domain.access import policy
from panel.domain.actors import Actor, actor_of
from panel.domain.errors import NotFound, Refused
from panel.domain.review import ballots, meetings, opinions
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("database")
YES, NO, ABSTAIN = Vote.YES.value, Vote.NO.value, Vote.ABSTAIN.value


def office() -> Actor:
    return actor_of(factories.make_user(Role.OFFICE))


def member(committee: Committee, number: int) -> Actor:
    return actor_of(committee.members[number].user)


def ballot_case(meeting: Meeting, **values: Any) -> Application:
    """A case tabled in `meeting`, put on its sheet past the workflow."""
    case = factories.make_application(State.BALLOT, meeting=meeting.id, **values)
    meetings._put_on_sheet(meeting, case)
    return case


def open_meeting(
    present: int = 9, cases: int = 1, size: int = 9, **values: Any
) -> tuple[Meeting, list[Application]]:
    """An open meeting of `size` members, `present` of them signed in, with `cases` on one sheet."""
    meeting = factories.make_meeting(factories.make_committee(size), **values)
    made = [ballot_case(meeting) for _ in range(cases)]
    meeting.reload()
    return start(meeting, present), made


def start(meeting: Meeting, present: int) -> Meeting:
    meeting.reload()
    meetings.open_meeting(meeting, member(meeting.committee, 0), NOW)
    for number in range(1, present):
        meetings.sign_in(meeting, member(meeting.committee, number), NOW)
    return Meeting.objects.get(id=meeting.id)


def vote(meeting: Meeting, number: int, choice: str, *cases: Application) -> None:
    actor = member(meeting.committee, number)
    ballots.cast(meeting, meeting.sheets[0].uid, {str(case.id): choice for case in cases}, actor, NOW)


def close(meeting: Meeting, number: int = 0, password_ok: bool = True) -> Meeting:
    return ballots.close(meeting, member(meeting.committee, number), password_ok, NOW)


# --- who votes -------------------------------------------------------------------------------------


def test_member_cannot_vote_twice() -> None:
    meeting, (case,) = open_meeting()
    vote(meeting, 2, YES, case)
    with pytest.raises(Refused, match="只能投一次"):
        vote(meeting, 2, NO, case)
    assert [row.choice for row in Ballot.objects] == [YES]


def test_the_unique_index_itself_refuses_a_second_mark() -> None:
    meeting, (case,) = open_meeting()
    voter = meeting.committee.members[2].user.id
    VoterMark(meeting=meeting.id, application=case.id, voter=voter).save()
    with pytest.raises(NotUniqueError):
        VoterMark(meeting=meeting.id, application=case.id, voter=voter).save()


def test_of_eight_votes_of_one_member_at_the_same_moment_one_counts() -> None:
    meeting, (case,) = open_meeting()
    outcomes = at_once([lambda: vote(meeting, 2, YES, case)] * 8)
    assert outcomes.count(None) == 1
    assert all(isinstance(error, Refused) for error in outcomes if error is not None)
    assert (Ballot.objects.count(), VoterMark.objects.count()) == (1, 1)


def test_all_members_can_vote_at_the_same_moment() -> None:
    meeting, (case,) = open_meeting()

    def of(number: int) -> Callable[[], None]:
        return lambda: vote(meeting, number, YES if number < 5 else NO, case)

    assert at_once([of(number) for number in range(9)]) == [None] * 9
    assert Ballot.objects(choice=YES).count() == 5
    assert Ballot.objects(choice=NO).count() == 4


def test_an_absent_member_cannot_vote() -> None:
    """R12: neither by proxy nor later."""
    meeting, (case,) = open_meeting(present=7)
    with pytest.raises(Refused, match="没有签到"):
        vote(meeting, 8, YES, case)
    assert VoterMark.objects.count() == 0


def test_nobody_votes_before_the_opening() -> None:
    meeting = factories.make_meeting()
    case = ballot_case(meeting)
    meeting.reload()
    with pytest.raises(Refused, match="还没有开始"):
        vote(meeting, 0, YES, case)


def test_nobody_votes_after_the_closing() -> None:
    meeting, (case,) = open_meeting()
    for number in range(8):
        vote(meeting, number, YES, case)
    close(meeting)
    with pytest.raises(Refused, match="已经结束"):
        vote(meeting, 8, YES, case)
    assert Ballot.objects.count() == 8


def test_nobody_votes_below_the_quorum() -> None:
    """R10: of nine members six must be there."""
    meeting, (case,) = open_meeting(present=5)
    with pytest.raises(Refused, match="至少要 6 人"):
        vote(meeting, 0, YES, case)
    meetings.sign_in(meeting, member(meeting.committee, 5), NOW)
    vote(meeting, 0, YES, case)
    assert Ballot.objects.count() == 1


def test_members_of_another_committee_and_the_office_do_not_vote() -> None:
    meeting, (case,) = open_meeting()
    sheet = meeting.sheets[0].uid
    for actor in (actor_of(factories.make_user(Role.EXPERT, committee="lab-committee")), office()):
        with pytest.raises(Refused, match="不是这个评委会的委员"):
            ballots.cast(meeting, sheet, {str(case.id): YES}, actor, NOW)


def test_nobody_votes_on_their_own_case() -> None:
    committee = factories.make_committee()
    person = factories.make_person()
    committee.members[2].user.update(set__person=person)
    committee.reload()
    meeting = factories.make_meeting(committee)
    mine, other = ballot_case(meeting, person=person), ballot_case(meeting)
    meeting = start(meeting, 9)
    (paper,) = ballots.papers(meeting, member(committee, 2))
    assert ([case.id for case in paper.applications], paper.left_out) == ([other.id], 1)
    with pytest.raises(Refused, match="不属于您"):
        vote(meeting, 2, YES, mine, other)
    assert Ballot.objects.count() == 0
    vote(meeting, 2, YES, other)
    assert Ballot.objects(application=mine.id).count() == 0


def test_a_recused_member_does_not_vote_on_the_case() -> None:
    """R17."""
    meeting, (first, second) = open_meeting(cases=2)
    opinions.recuse(first, meeting.committee.members[2].user.id, "申报人的导师。", office(), NOW)
    with pytest.raises(Refused, match="不属于您"):
        vote(meeting, 2, YES, first, second)
    vote(meeting, 2, YES, second)
    assert Ballot.objects(application=first.id).count() == 0


def test_a_member_recused_from_everything_gets_an_empty_sheet() -> None:
    meeting, (case,) = open_meeting()
    opinions.recuse(case, meeting.committee.members[2].user.id, "申报人的导师。", office(), NOW)
    with pytest.raises(Refused, match="没有需要您表决"):
        vote(meeting, 2, YES)


# --- the sheet -------------------------------------------------------------------------------------


def test_a_sheet_is_cast_whole() -> None:
    meeting, (first, second) = open_meeting(cases=2)
    with pytest.raises(Refused, match="每一份"):
        vote(meeting, 2, YES, first)
    assert (Ballot.objects.count(), VoterMark.objects.count()) == (0, 0)
    vote(meeting, 2, NO, first, second)
    assert Ballot.objects.count() == 2


def test_only_yes_no_and_abstain_are_choices() -> None:
    meeting, (case,) = open_meeting()
    with pytest.raises(Refused, match="赞成、反对或弃权"):
        vote(meeting, 2, "maybe", case)


def test_a_foreign_sheet_does_not_exist() -> None:
    meeting, (case,) = open_meeting()
    with pytest.raises(NotFound):
        ballots.cast(meeting, "0" * 32, {str(case.id): YES}, member(meeting.committee, 2), NOW)


def test_a_failing_ballot_takes_its_mark_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks and ballots are stored together or not at all."""
    meeting, (case,) = open_meeting()

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("disk full")

    monkeypatch.setattr(ballots, "Ballot", broken)
    with pytest.raises(RuntimeError):
        vote(meeting, 2, YES, case)
    assert VoterMark.objects.count() == 0


# --- secrecy ---------------------------------------------------------------------------------------


def test_nothing_stored_links_voter_and_choice() -> None:
    """R16: neither ids, times nor the order of records."""
    meeting, cases = open_meeting(cases=3)
    for number in range(9):
        vote(meeting, number, YES if number % 2 else NO, *cases)
    stored = list(get_database()["ballots"].find())
    assert {frozenset(row) for row in stored} == {frozenset({"_id", "meeting", "application", "choice"})}
    assert all(isinstance(row["_id"], str) for row in stored)
    marks = list(get_database()["voter_marks"].find())
    assert {frozenset(row) for row in marks} == {frozenset({"_id", "meeting", "application", "voter"})}
    assert not {row["_id"] for row in stored} & {row["_id"] for row in marks}


@pytest.mark.parametrize("name", ["ballots", "voter_marks"])
def test_records_lie_in_the_order_of_their_random_ids(name: str) -> None:
    """In the order of casting, the two collections side by side would give every voter away."""
    meeting, (case,) = open_meeting()
    for number in range(9):
        vote(meeting, number, YES, case)
    found = [row["_id"] for row in get_database()[name].find(hint={"$natural": 1})]
    assert len(found) == 9
    assert found == sorted(found)


def test_the_audit_says_only_that_a_sheet_was_cast() -> None:
    meeting, (case,) = open_meeting()
    vote(meeting, 3, NO, case)
    event = AuditEvent.objects.get(action="cast_sheet")
    text = str(event.to_mongo())
    voter = meeting.committee.members[3].user
    assert str(voter.id) not in text
    assert voter.name not in text
    assert str(case.id) not in text


def test_ballots_are_visible_to_nobody() -> None:
    every_role = actor_of(factories.make_user(*Role))
    for model in (Ballot, VoterMark):
        assert policy.visible(every_role, model).count() == 0


def test_progress_tells_how_many_and_nothing_else() -> None:
    meeting, (case,) = open_meeting(present=7)
    for number, choice in enumerate((YES, NO, ABSTAIN)):
        vote(meeting, number, choice, case)
    (row,) = ballots.progress(meeting)
    assert (row.voted, row.entitled) == (3, 7)
    (result,) = ballots.results(meeting)
    assert result.figures == {}


# --- closing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("yes", "passed"), [(6, True), (5, False)])
def test_two_thirds_of_those_present_pass_a_case(yes: int, passed: bool) -> None:
    """R11: nine present need six; an abstention is no yes."""
    meeting, (case,) = open_meeting()
    for number in range(9):
        vote(meeting, number, YES if number < yes else ABSTAIN, case)
    close(meeting)
    case.reload()
    assert case.state == (State.PASSED if passed else State.FAILED)
    outcome = case.outcome
    figures = (outcome.members, outcome.present, outcome.yes, outcome.no, outcome.abstain, outcome.passed)
    assert figures == (9, 9, yes, 0, 9 - yes, passed)
    told = [str(row.text) for row in OutboxRow.objects(person=case.person)]
    assert [("您通过了评审" in text, "您本次未通过评审" in text) for text in told] == [(passed, not passed)]


def test_who_is_present_and_casts_nothing_counts_against() -> None:
    """R11: the share is of those present: 5 of 9 fails, though 5 of the 6 who voted said yes."""
    meeting, (case,) = open_meeting(present=9)
    for number in range(6):
        vote(meeting, number, YES if number < 5 else NO, case)
    close(meeting)
    case.reload()
    assert (case.state, case.outcome.yes, case.outcome.present) == (State.FAILED, 5, 9)


def test_one_passes_and_one_fails_at_the_same_meeting() -> None:
    meeting, (good, bad) = open_meeting(cases=2)
    sheet = meeting.sheets[0].uid
    for number in range(9):
        choices = {str(good.id): YES, str(bad.id): NO if number < 5 else YES}
        ballots.cast(meeting, sheet, choices, member(meeting.committee, number), NOW)
    close(meeting)
    good.reload()
    bad.reload()
    assert (good.state, bad.state) == (State.PASSED, State.FAILED)


def test_the_tally_is_hashed_over_its_canonical_text() -> None:
    """R14: anyone with the minutes can compute the hash again."""
    meeting, (case,) = open_meeting(present=7)
    for number in range(6):
        vote(meeting, number, YES if number else NO, case)
    closed = close(meeting)
    text = json.dumps(
        {
            "meeting": str(meeting.id),
            "rule": {"pass_den": 3, "pass_num": 2, "quorum_den": 3, "quorum_num": 2},
            "tallies": {
                str(case.id): {
                    "abstain": 0,
                    "is_passed": True,
                    "is_quorate": True,
                    "members": 9,
                    "no": 1,
                    "present": 7,
                    "spoilt": 0,
                    "yes": 5,
                }
            },
        },
        sort_keys=True,
        separators=(",", ":"),
    )
    expected = hashlib.sha256(text.encode()).hexdigest()
    case.reload()
    assert closed.tally_sha256 == case.outcome.tally_sha256 == expected
    assert (closed.state, closed.closed_by) == (MeetingState.CLOSED, meeting.committee.members[0].user.id)


def test_recused_members_are_not_counted_as_present_and_both_figures_are_stored() -> None:
    """R17: seven there, one recused; four yes of six are two thirds."""
    meeting, (case,) = open_meeting(present=7)
    opinions.recuse(case, meeting.committee.members[6].user.id, "申报人的导师。", office(), NOW)
    for number in range(6):
        vote(meeting, number, YES if number < 4 else NO, case)
    closed = close(meeting)
    figures = closed.tally[str(case.id)]
    assert (figures["present"], figures["attending"], figures["recused"]) == (6, 7, 1)
    case.reload()
    assert case.state == State.PASSED


def test_a_round_can_count_the_recused_as_present() -> None:
    """R17: then four of seven are too few."""
    round_ = factories.make_round(voting={"recused_count_as_present": True})
    meeting, (case,) = open_meeting(present=7, round=round_)
    opinions.recuse(case, meeting.committee.members[6].user.id, "申报人的导师。", office(), NOW)
    for number in range(6):
        vote(meeting, number, YES if number < 4 else NO, case)
    closed = close(meeting)
    assert closed.tally[str(case.id)]["present"] == 7
    case.reload()
    assert case.state == State.FAILED


def test_a_case_that_recusals_leave_without_quorum_keeps_the_meeting_open() -> None:
    """R10: six there, one of them recused from the case."""
    meeting, (case,) = open_meeting(present=6)
    opinions.recuse(case, meeting.committee.members[5].user.id, "申报人的导师。", office(), NOW)
    for number in range(5):
        vote(meeting, number, YES, case)
    with pytest.raises(Refused, match="不足法定人数"):
        close(meeting)
    case.reload()
    assert case.state == State.BALLOT
    meetings.sign_in(meeting, member(meeting.committee, 8), NOW)
    vote(meeting, 8, YES, case)
    close(meeting)
    case.reload()
    assert case.state == State.PASSED


def test_a_wrong_password_changes_nothing() -> None:
    meeting, (case,) = open_meeting()
    vote(meeting, 0, YES, case)
    with pytest.raises(Refused, match="密码不正确"):
        close(meeting, password_ok=False)
    meeting.reload()
    assert meeting.state == MeetingState.OPEN


def test_plain_members_do_not_close() -> None:
    meeting, (case,) = open_meeting()
    vote(meeting, 0, YES, case)
    with pytest.raises(Refused, match="主任委员"):
        close(meeting, number=2)


def test_a_sheet_that_fewer_than_the_quorum_cast_keeps_the_meeting_open() -> None:
    """R10: of nine members six must take part, not only sit there."""
    meeting, (case,) = open_meeting()
    for number in range(5):
        vote(meeting, number, YES, case)
        with pytest.raises(Refused, match="不足 6 人"):
            close(meeting)
    vote(meeting, 5, YES, case)
    assert close(meeting).state == MeetingState.CLOSED


def test_a_meeting_below_the_quorum_is_not_closed() -> None:
    meeting, _cases = open_meeting(present=5)
    with pytest.raises(Refused, match="至少要 6 人"):
        close(meeting)


def test_a_chair_recused_from_a_case_leaves_the_closing_to_the_vice_chair() -> None:
    """R10, R17."""
    meeting, (case,) = open_meeting()
    opinions.recuse(case, meeting.committee.members[0].user.id, "申报人的导师。", office(), NOW)
    for number in range(1, 9):
        vote(meeting, number, YES, case)
    with pytest.raises(Refused, match="另一位"):
        close(meeting, number=0)
    assert close(meeting, number=1).state == MeetingState.CLOSED


def test_a_meeting_is_closed_once() -> None:
    meeting, (case,) = open_meeting()
    for number in range(6):
        vote(meeting, number, YES, case)
    outcomes = at_once([lambda: close(meeting, 0), lambda: close(meeting, 1)])
    assert outcomes.count(None) == 1
    case.reload()
    assert [step.action for step in case.history].count("close") == 1


def test_a_vote_while_the_chair_closes_counts_or_is_refused_never_lost() -> None:
    """R12: whichever comes second sees the first."""
    meeting, (case,) = open_meeting()
    for number in range(6):
        vote(meeting, number, YES, case)
    late, closing = at_once([lambda: vote(meeting, 8, YES, case), lambda: close(meeting)])
    assert closing is None
    assert late is None or isinstance(late, Refused)
    case.reload()
    assert case.outcome.yes == Ballot.objects(choice=YES).count() == (7 if late is None else 6)


def test_a_case_that_cannot_be_closed_leaves_the_whole_meeting_open() -> None:
    meeting, (first, second) = open_meeting(cases=2)
    for number in range(9):
        vote(meeting, number, YES, first, second)
    Application.objects(id=second.id).update_one(set__meeting=None)
    with pytest.raises(PingshenError):
        close(meeting)
    first.reload()
    meeting.reload()
    assert (first.state, meeting.state) == (State.BALLOT, MeetingState.OPEN)
    assert meeting.tally == {}


def test_the_minutes_know_who_was_absent() -> None:
    """R15."""
    meeting, _cases = open_meeting(present=7)
    assert ballots.absent_members(meeting) == ["专家8", "专家9"]


def at_once(jobs: list[Callable[[], Any]]) -> list[Exception | None]:
    """Run `jobs` in threads that start together; what each raised, None for success."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Exception | None:
        barrier.wait()
        try:
            job()
        except PingshenError as error:
            return error
        return None

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))
