"""Experts on a case (R13, R17): assignment, opinions, recusal."""

from datetime import date
from typing import Any

import pytest

from models.application import Application
from models.audit import AuditEvent
from models.ballot import VoterMark
from models.choices import Action, Role, State
from models.meeting import Committee, Meeting, Opinion
from models.outbox import OutboxRow
from panel.domain.access import policy
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor, actor_of
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.review import opinions
from panel.domain.steps import workflow
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("database")


def office() -> Actor:
    return actor_of(factories.make_user(Role.OFFICE))


def ids(committee: Committee, *numbers: int) -> list[Any]:
    return [committee.members[number].user.id for number in numbers]


def expert(committee: Committee, number: int) -> Actor:
    return actor_of(committee.members[number].user)


def assigned_case(committee: Committee, **values: Any) -> Application:
    return factories.make_application(State.PANEL, experts=ids(committee, 2, 3, 4), **values)


def write(case: Application, actor: Actor, **changes: Any) -> Opinion:
    given = {"text": "成果突出。", "recommends": True, "is_final": True, "version": 0} | changes
    return opinions.write_opinion(case, actor=actor, now=NOW, **given)


# --- assigning -------------------------------------------------------------------------------------


def test_several_cases_get_several_experts_at_once() -> None:
    committee = factories.make_committee()
    cases = [factories.make_application(State.PANEL) for _ in range(2)]
    result = opinions.assign_experts(cases, ids(committee, 2, 3, 4), office(), NOW)
    assert [row.refusal for row in result] == [None, None]
    for case in cases:
        case.reload()
        assert case.experts == ids(committee, 2, 3, 4)


def test_an_expert_never_gets_their_own_case() -> None:
    committee = factories.make_committee()
    person = factories.make_person()
    user = committee.members[2].user
    user.update(set__person=person)
    case = factories.make_application(State.PANEL, person=person)
    committee.reload()
    (row,) = opinions.assign_experts([case], ids(committee, 2, 3, 4, 5), office(), NOW)
    assert [str(message) for _, message in row.skipped] == ["是申报人本人。"]
    case.reload()
    assert case.experts == ids(committee, 3, 4, 5)


def test_too_few_experts_are_refused() -> None:
    """R13: three at least."""
    committee = factories.make_committee()
    case = factories.make_application(State.PANEL)
    (row,) = opinions.assign_experts([case], ids(committee, 2, 3), office(), NOW)
    assert "至少要有 3 位" in str(row.refusal)
    case.reload()
    assert case.experts == []


def test_a_recused_expert_is_not_assigned_again() -> None:
    committee = factories.make_committee()
    case = assigned_case(committee)
    opinions.recuse(case, ids(committee, 2)[0], "曾合著论文。", office(), NOW)
    case.reload()
    (row,) = opinions.plan_assignment([case], ids(committee, 2, 3, 4), office(), NOW)
    assert [str(message) for _, message in row.skipped] == ["已回避。"]
    assert row.refusal is not None


def test_an_expert_whose_term_is_over_is_left_out() -> None:
    """R03."""
    committee = factories.make_committee()
    committee.members[2].term_until = date(2026, 9, 14)
    committee.save()
    case = factories.make_application(State.PANEL)
    (row,) = opinions.plan_assignment([case], ids(committee, 2, 3, 4, 5), office(), NOW)
    assert [str(message) for _, message in row.skipped] == ["任期已满。"]


def test_an_expert_of_the_same_department_is_a_hint_not_a_refusal() -> None:
    """R17: hinted at; a university's committee is all of one unit."""
    committee = factories.make_committee()
    for number, department in ((2, "cs"), (3, "me")):
        person = factories.make_person(department=department)
        committee.members[number].user.update(set__person=person)
    committee.reload()
    case = factories.make_application(State.PANEL)
    (row,) = opinions.plan_assignment([case], ids(committee, 2, 3, 4), office(), NOW)
    assert row.refusal is None
    assert [member.name for member, _ in row.hints] == ["专家3"]


def test_accounts_outside_the_committee_are_not_assigned() -> None:
    committee = factories.make_committee()
    stranger = factories.make_user(Role.EXPERT, committee="lab-committee")
    case = factories.make_application(State.PANEL)
    (row,) = opinions.assign_experts([case], [stranger.id, *ids(committee, 2, 3, 4)], office(), NOW)
    assert [member.user.id for member in row.experts] == ids(committee, 2, 3, 4)


def test_who_wrote_an_opinion_stays_on() -> None:
    committee = factories.make_committee()
    case = assigned_case(committee)
    write(case, expert(committee, 2))
    opinions.assign_experts([case], ids(committee, 5, 6, 7), office(), NOW)
    case.reload()
    assert set(case.experts) == set(ids(committee, 2, 5, 6, 7))


@pytest.mark.parametrize("state", [State.OFFICE_REVIEW, State.BALLOT, State.PASSED])
def test_only_cases_before_the_panel_get_experts(state: State) -> None:
    committee = factories.make_committee()
    case = factories.make_application(state)
    (row,) = opinions.assign_experts([case], ids(committee, 2, 3, 4), office(), NOW)
    assert "才能分派" in str(row.refusal)


def test_only_the_office_assigns() -> None:
    committee = factories.make_committee()
    case = factories.make_application(State.PANEL)
    for actor in (expert(committee, 0), actor_of(factories.make_user(Role.UNIT_HR))):
        (row,) = opinions.assign_experts([case], ids(committee, 2, 3, 4), actor, NOW)
        assert row.refusal is not None


# --- writing ---------------------------------------------------------------------------------------


def test_a_draft_is_saved_as_it_is_typed_and_then_handed_in() -> None:
    committee = factories.make_committee()
    case, actor = assigned_case(committee), expert(committee, 2)
    first = write(case, actor, text="", recommends=None, is_final=False)
    assert first.version == 1
    second = write(case, actor, text="成果", recommends=None, is_final=False, version=1)
    final = write(case, actor, version=second.version)
    assert (final.text, final.recommends, final.is_final, final.version) == ("成果突出。", True, True, 3)


def test_a_final_opinion_cannot_be_changed() -> None:
    committee = factories.make_committee()
    case, actor = assigned_case(committee), expert(committee, 2)
    write(case, actor)
    with pytest.raises(Refused, match="不能再修改"):
        write(case, actor, text="改主意了。", version=1)
    assert Opinion.objects.first().text == "成果突出。"


def test_a_second_tab_does_not_overwrite() -> None:
    committee = factories.make_committee()
    case, actor = assigned_case(committee), expert(committee, 2)
    write(case, actor, text="第一页", is_final=False)
    with pytest.raises(StaleWrite) as stale:
        write(case, actor, text="第二页", is_final=False, version=0)
    assert stale.value.current.text == "第一页"
    assert stale.value.typed["text"] == "第二页"


@pytest.mark.parametrize(
    ("changes", "field"), [({"text": " "}, "text"), ({"recommends": None}, "recommends")]
)
def test_a_final_opinion_needs_text_and_recommendation(changes: dict[str, Any], field: str) -> None:
    committee = factories.make_committee()
    with pytest.raises(Invalid) as refused:
        write(assigned_case(committee), expert(committee, 2), **changes)
    assert set(refused.value.fields) == {field}


def test_an_opinion_may_not_be_endless() -> None:
    committee = factories.make_committee()
    with pytest.raises(Invalid):
        write(assigned_case(committee), expert(committee, 2), text="好" * 4001, is_final=False)


def test_who_is_not_assigned_finds_no_case() -> None:
    committee = factories.make_committee()
    with pytest.raises(NotFound):
        write(assigned_case(committee), expert(committee, 5))


def test_experts_see_only_what_they_are_assigned() -> None:
    committee = factories.make_committee()
    mine = assigned_case(committee)
    factories.make_application(State.PANEL, experts=ids(committee, 5, 6, 7))
    factories.make_application(State.PANEL, committee="lab-committee", experts=ids(committee, 2))
    actor = expert(committee, 2)
    seen = policy.visible(actor, Application, Role.EXPERT)
    assert [case.id for case in seen] == [mine.id]


def test_experts_read_only_their_own_opinions() -> None:
    committee = factories.make_committee()
    case = assigned_case(committee)
    for number in (2, 3):
        write(case, expert(committee, number))
    assert [o.expert.id for o in policy.visible(expert(committee, 2), Opinion)] == ids(committee, 2)
    hr = actor_of(factories.make_user(Role.UNIT_HR))
    assert policy.visible(hr, Opinion).count() == 0


def test_the_units_audit_does_not_tell_who_judged_whom() -> None:
    """R16."""
    committee = factories.make_committee()
    case = factories.make_application(State.PANEL)
    opinions.assign_experts([case], ids(committee, 2, 3, 4), office(), NOW)
    case.reload()
    write(case, expert(committee, 2))
    opinions.recuse(case, ids(committee, 3)[0], "曾合著论文。", expert(committee, 3), NOW)
    seen = policy.visible(actor_of(factories.make_user(Role.UNIT_HR)), AuditEvent)
    text = str([event.to_mongo() for event in seen])
    for user_id in ids(committee, 2, 3, 4):
        assert str(user_id) not in text
    for name in ("专家3", "专家4"):
        assert name not in text


# --- recusal ---------------------------------------------------------------------------------------


def test_an_expert_who_declares_an_interest_cannot_open_the_case_again() -> None:
    committee = factories.make_committee()
    case, actor = assigned_case(committee), expert(committee, 2)
    opinions.recuse(case, actor.user_id, "申报人是我的学生。", actor, NOW)
    case.reload()
    assert actor.user_id not in case.experts
    assert policy.visible(actor, Application, Role.EXPERT).count() == 0
    assert not policy.may(actor, Permission.READ_CONTENT, case)
    with pytest.raises(NotFound):
        write(case, actor)


def test_an_expert_recuses_only_themselves() -> None:
    committee = factories.make_committee()
    with pytest.raises(NotFound):
        opinions.recuse(assigned_case(committee), ids(committee, 3)[0], "理由", expert(committee, 2), NOW)


def test_a_recusal_needs_a_reason() -> None:
    committee = factories.make_committee()
    with pytest.raises(Invalid):
        opinions.recuse(assigned_case(committee), ids(committee, 2)[0], " ", expert(committee, 2), NOW)


def test_who_has_voted_cannot_be_recused() -> None:
    committee = factories.make_committee()
    meeting = factories.make_meeting(committee)
    case = factories.make_application(State.BALLOT, meeting=meeting.id)
    VoterMark(meeting=meeting.id, application=case.id, voter=ids(committee, 2)[0]).save()
    with pytest.raises(Refused, match="已对这份申报投票"):
        opinions.recuse(case, ids(committee, 2)[0], "理由", office(), NOW)


# --- enough opinions -------------------------------------------------------------------------------


def test_a_case_is_tabled_with_three_final_opinions_only() -> None:
    """R13."""
    committee = factories.make_committee()
    case = assigned_case(committee)
    meeting = factories.make_meeting(committee)
    for number in (2, 3):
        write(case, expert(committee, number))
    write(case, expert(committee, 4), is_final=False)
    with pytest.raises(Refused, match="至少 3 位"):
        workflow.run(Action.TABLE, case, office(), NOW, meeting=meeting)


def test_the_opinion_of_a_recused_expert_does_not_count() -> None:
    """R13, R17."""
    committee = factories.make_committee()
    case = assigned_case(committee)
    for number in (2, 3, 4):
        write(case, expert(committee, number))
    opinions.recuse(case, ids(committee, 2)[0], "事后发现曾合著论文。", office(), NOW)
    case.reload()
    assert len(opinions.final_opinions(case)) == 2
    meeting: Meeting = factories.make_meeting(committee)
    with pytest.raises(Refused, match="现有 2 份"):
        workflow.run(Action.TABLE, case, office(), NOW, meeting=meeting)


def test_the_panels_opinion_names_nobody() -> None:
    """R16."""
    committee = factories.make_committee()
    case = assigned_case(committee)
    for number, recommends in ((2, True), (3, True), (4, False)):
        write(case, expert(committee, number), recommends=recommends)
    assert opinions.summary(case) == "经 3 位专家书面评议，2 位同意推荐，1 位不同意推荐。"


def test_an_expert_of_the_roster_is_told_once() -> None:
    committee = factories.make_committee()
    person = factories.make_person(department="me")
    committee.members[2].user.update(set__person=person)
    committee.reload()
    case = factories.make_application(State.PANEL)
    for _ in range(2):
        opinions.assign_experts([case], ids(committee, 2, 3, 4), office(), NOW)
        case.reload()
    (row,) = OutboxRow.objects(person=person)
    assert (row.message, row.link) == ("有新的申报等您评议。", f"/committee/cases/{case.id}")
