"""Review meetings (R01, R02, R10, R12): planning, tabling, opening, signing in."""

from datetime import date
from typing import Any

import pytest

from models.application import Application
from models.audit import AuditEvent
from models.choices import MeetingState, Role, State
from models.meeting import Committee, Meeting
from panel.domain.access import policy
from panel.domain.actors import Actor, actor_of
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.review import meetings
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("database")


def office(**values: Any) -> Actor:
    return actor_of(factories.make_user(Role.OFFICE, **values))


def member(committee: Committee, number: int) -> Actor:
    return actor_of(committee.members[number].user)


def panel_case(committee: Committee, **values: Any) -> Application:
    case = factories.make_application(State.PANEL, **values)
    factories.make_opinions(case, [row.user for row in committee.members[2:5]])
    return case


def tabled_meeting(committee: Committee | None = None) -> Meeting:
    committee = committee or factories.make_committee()
    meeting = factories.make_meeting(committee)
    assert not meetings.table(meeting, [panel_case(committee)], office(), NOW).refused
    meeting.reload()
    return meeting


# --- planning --------------------------------------------------------------------------------------


def test_the_office_plans_a_meeting() -> None:
    committee, round_ = factories.make_committee(), factories.make_round()
    made = meetings.plan(committee, round_, " 年度评审会 ", date(2026, 10, 20), "201", office(), NOW)
    stored = Meeting.objects.get(id=made.id)
    assert (stored.title, stored.held_on, stored.state) == ("年度评审会", date(2026, 10, 20), "planned")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"title": " "}, "title"), ({"held_on": None}, "held_on"), ({"held_on": date(2026, 9, 14)}, "held_on")],
)
def test_a_meeting_needs_a_name_and_a_coming_day(changes: dict[str, Any], field: str) -> None:
    given = {"title": "评审会", "held_on": date(2026, 9, 20), "place": ""} | changes
    with pytest.raises(Invalid) as refused:
        meetings.plan(factories.make_committee(), factories.make_round(), actor=office(), now=NOW, **given)
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("role", [Role.UNIT_HR, Role.EXPERT, Role.CHAIR])
def test_only_the_office_plans(role: Role) -> None:
    with pytest.raises(NotFound):
        meetings.plan(
            factories.make_committee(),
            factories.make_round(),
            "评审会",
            date(2026, 9, 20),
            "",
            actor_of(factories.make_user(role)),
            NOW,
        )


def test_the_office_of_another_committee_does_not_plan() -> None:
    with pytest.raises(NotFound):
        meetings.replan(
            factories.make_meeting(), "x", date(2026, 9, 20), "", office(committee="lab-committee"), NOW
        )


def test_an_open_meeting_is_not_replanned() -> None:
    meeting = tabled_meeting()
    meetings.open_meeting(meeting, member(meeting.committee, 0), NOW)
    with pytest.raises(Refused, match="不能再改"):
        meetings.replan(meeting, "改期", date(2026, 9, 20), "", office(), NOW)


# --- tabling ---------------------------------------------------------------------------------------


def test_cases_come_onto_the_sheet_of_their_level_and_speciality() -> None:
    committee = factories.make_committee()
    meeting = factories.make_meeting(committee)
    rows = [
        panel_case(committee, level="senior", speciality="mechanics"),
        panel_case(committee, level="associate", speciality="mechanics"),
        panel_case(committee, level="associate", speciality="mathematics"),
        panel_case(committee, level="associate", speciality="mechanics"),
    ]
    bulk = meetings.table(meeting, rows, office(), NOW)
    assert len(bulk.done) == 4
    meeting.reload()
    sheets = [(sheet.level, sheet.group, sheet.applications) for sheet in meeting.sheets]
    assert sheets == [
        ("senior", "mechanics", [rows[0].id]),
        ("associate", "mechanics", [rows[1].id, rows[3].id]),
        ("associate", "mathematics", [rows[2].id]),
    ]
    for row in rows:
        row.reload()
        assert (row.state, row.meeting) == (State.BALLOT, meeting.id)


def test_a_case_without_opinions_stays_and_the_others_go() -> None:
    """R13."""
    committee = factories.make_committee()
    meeting = factories.make_meeting(committee)
    ready, bare = panel_case(committee), factories.make_application(State.PANEL)
    bulk = meetings.table(meeting, [bare, ready], office(), NOW)
    assert [case.id for case in bulk.done] == [ready.id]
    assert [(case.id, "至少 3 位" in str(why)) for case, why in bulk.refused] == [(bare.id, True)]
    meeting.reload()
    assert [sheet.applications for sheet in meeting.sheets] == [[ready.id]]


def test_a_case_of_another_committee_is_not_tabled() -> None:
    lab = factories.make_committee(code="lab-committee", name="实验系列评委会")
    case = panel_case(factories.make_committee())
    bulk = meetings.table(factories.make_meeting(lab), [case], office(committee=""), NOW)
    assert bulk.refused
    case.reload()
    assert case.state == State.PANEL


def test_nothing_is_tabled_once_the_meeting_is_open() -> None:
    meeting = tabled_meeting()
    late = panel_case(meeting.committee)
    meetings.open_meeting(meeting, member(meeting.committee, 0), NOW)
    assert meetings.table(meeting, [late], office(), NOW).refused
    late.reload()
    assert late.state == State.PANEL


# --- opening ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1])
def test_chair_or_vice_chair_opens_and_is_present(number: int) -> None:
    """R10."""
    meeting = tabled_meeting()
    opened = meetings.open_meeting(meeting, member(meeting.committee, number), NOW)
    assert (opened.state, opened.members) == (MeetingState.OPEN, 9)
    assert [row.name for row in opened.attendance] == [f"专家{number + 1}"]
    assert AuditEvent.objects(action="open_meeting").count() == 1


def test_members_and_office_do_not_open() -> None:
    meeting = tabled_meeting()
    for actor in (member(meeting.committee, 2), office()):
        with pytest.raises(Refused, match="主任委员"):
            meetings.open_meeting(meeting, actor, NOW)


def test_the_role_of_chair_alone_does_not_preside() -> None:
    meeting = tabled_meeting()
    with pytest.raises(Refused, match="主任委员"):
        meetings.open_meeting(meeting, actor_of(factories.make_user(Role.CHAIR)), NOW)


def test_an_empty_meeting_is_not_opened() -> None:
    meeting = factories.make_meeting()
    with pytest.raises(Refused, match="还没有提交表决的申报"):
        meetings.open_meeting(meeting, member(meeting.committee, 0), NOW)


def test_a_meeting_opens_once() -> None:
    meeting = tabled_meeting()
    meetings.open_meeting(meeting, member(meeting.committee, 0), NOW)
    with pytest.raises(Refused, match="已经开始"):
        meetings.open_meeting(Meeting.objects.get(id=meeting.id), member(meeting.committee, 1), NOW)


@pytest.mark.parametrize(
    ("size", "changes", "words"),
    [
        (11, {"consent_number": None}, None),
        (9, {}, None),
        (9, {"consent_number": None}, "不足 11 人"),
        (12, {}, "应为单数"),
        (11, {"valid_until": date(2026, 9, 14)}, "到期"),
        (11, {"valid_until": date(2026, 9, 15)}, None),
    ],
)
def test_a_committee_sits_only_when_formed_as_the_law_says(
    size: int, changes: dict[str, Any], words: str | None
) -> None:
    """R01: validity; R02: odd, and eleven or the province's consent."""
    committee = factories.make_committee(size, **changes)
    refusal = meetings.formation_refusal(committee, date(2026, 9, 15))
    assert (refusal is None) if words is None else (words in str(refusal))


def test_an_expired_committee_cannot_open_its_meeting() -> None:
    """R01."""
    committee = factories.make_committee(valid_until=date(2026, 9, 14))
    with pytest.raises(Refused, match="到期"):
        meetings.open_meeting(tabled_meeting(committee), member(committee, 0), NOW)


# --- signing in ------------------------------------------------------------------------------------


def test_members_sign_in_once_while_the_meeting_is_open() -> None:
    meeting = tabled_meeting()
    with pytest.raises(Refused, match="不能签到"):
        meetings.sign_in(meeting, member(meeting.committee, 2), NOW)
    meetings.open_meeting(meeting, member(meeting.committee, 0), NOW)
    for _ in range(2):
        meetings.sign_in(Meeting.objects.get(id=meeting.id), member(meeting.committee, 2), NOW)
    stored = Meeting.objects.get(id=meeting.id)
    assert [row.name for row in stored.attendance] == ["专家1", "专家3"]


def test_strangers_do_not_sign_in() -> None:
    meeting = tabled_meeting()
    meetings.open_meeting(meeting, member(meeting.committee, 0), NOW)
    for stranger in (
        office(),
        actor_of(factories.make_user(Role.EXPERT, committee="lab-committee")),
        actor_of(factories.make_user(Role.EXPERT)),
    ):
        with pytest.raises(NotFound):
            meetings.sign_in(meeting, stranger, NOW)


@pytest.mark.parametrize(
    ("size", "present", "quorate"), [(9, 5, False), (9, 6, True), (11, 7, False), (11, 8, True)]
)
def test_quorum_is_two_thirds_of_the_members(size: int, present: int, quorate: bool) -> None:
    """R10 in integers: 9 -> 6, 11 -> 8."""
    meeting = tabled_meeting(factories.make_committee(size))
    meetings.open_meeting(meeting, member(meeting.committee, 0), NOW)
    for number in range(1, present):
        meetings.sign_in(meeting, member(meeting.committee, number), NOW)
    here = meetings.presence(Meeting.objects.get(id=meeting.id))
    assert (here.present, here.members, here.is_quorate) == (present, size, quorate)


def test_meetings_are_seen_by_their_committee_alone() -> None:
    meeting = tabled_meeting()
    assert policy.visible(member(meeting.committee, 3), Meeting).count() == 1
    assert policy.visible(actor_of(factories.make_user(Role.EXPERT, committee="lab")), Meeting).count() == 0
    assert policy.visible(actor_of(factories.make_user(Role.UNIT_HR)), Meeting).count() == 0
