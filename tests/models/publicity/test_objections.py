"""Objections (R08, R18): they hold the case, and a second person settles them."""

from datetime import timedelta
from typing import Any

import pytest

from models.application import Application
from models.audit import AuditEvent
from models.choices import Action, ObjectionState, Role, State
from models.database import get_database
from models.publicity import Objection
from panel.domain.access import policy
from panel.domain.actors import Actor, actor_of
from panel.domain.errors import Invalid, Refused
from panel.domain.publicity import objections
from panel.domain.steps import workflow
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("database")


def staff(*roles: Role, **values: Any) -> Actor:
    return actor_of(factories.make_user(*(roles or (Role.UNIT_HR,)), **values))


def publicised(**values: Any) -> Application:
    given = {"publicity_ends": NOW + timedelta(days=6), "unit_opinion": "同意推荐。"} | values
    return factories.make_application(State.UNIT_PUBLICITY, **given)


def register(case: Application, actor: Actor, text: str = "论文署名有疑问。") -> Objection:
    return objections.register(case, "方知行", "13911112222", text, actor, NOW)


def looked_into(case: Application, first: Actor, second: Actor) -> Objection:
    return objections.file_findings(register(case, first), "经核查，署名无误。", second, NOW)


def test_registering_puts_the_case_on_hold() -> None:
    case = publicised()
    objection = register(case, staff())
    case.reload()
    assert (case.state, case.held_from) == (State.ON_HOLD, State.UNIT_PUBLICITY)
    assert objection.state == ObjectionState.OPEN


def test_the_contact_is_sealed_in_the_database() -> None:
    register(publicised(), staff())
    stored = get_database()["objections"].find_one()
    assert "13911112222" not in str(stored)
    assert Objection.objects.first().contact == "13911112222"


def test_showing_the_contact_is_recorded() -> None:
    hr = staff()
    objection = register(publicised(), hr)
    assert objections.contact_of(objection, hr, NOW) == "13911112222"
    assert AuditEvent.objects(action="reveal", thing="objections", actor=hr.user_id).count() == 1


def test_a_second_objection_on_a_held_case_is_added() -> None:
    case = publicised()
    register(case, staff())
    case.reload()
    register(case, staff(), "业绩有疑问。")
    case.reload()
    assert Objection.objects(application=case).count() == 2
    assert [step.action for step in case.history].count(Action.OBJECT) == 1


@pytest.mark.parametrize("state", [State.SUBMITTED, State.PANEL, State.CONFIRMED])
def test_only_a_case_in_publicity_can_be_objected_to(state: State) -> None:
    with pytest.raises(Refused, match="公示中"):
        register(factories.make_application(state), staff(Role.UNIT_HR, Role.OFFICE))
    assert Objection.objects.count() == 0


def test_name_and_text_are_needed() -> None:
    with pytest.raises(Invalid) as refused:
        objections.register(publicised(), " ", "", "", staff(), NOW)
    assert set(refused.value.fields) == {"from_name", "text"}


def test_an_anonymous_contact_is_allowed() -> None:
    assert objections.register(publicised(), "方知行", "", "有疑问。", staff(), NOW).contact is None


def test_nobody_registers_an_objection_to_their_own_case() -> None:
    person = factories.make_person()
    case = publicised(person=person)
    with pytest.raises(Refused, match="本人"):
        register(case, staff(person=person))


def test_an_open_objection_holds_the_case() -> None:
    case = publicised()
    hr = staff()
    register(case, hr)
    case.reload()
    with pytest.raises(Refused):
        workflow.run(Action.RECOMMEND, case, hr, NOW + timedelta(days=30))


def test_findings_come_before_the_decision() -> None:
    objection = register(publicised(), staff())
    with pytest.raises(Refused, match="核查结论"):
        objections.settle(objection, False, "不成立。", staff(), NOW)


def test_findings_are_filed_once() -> None:
    one, two = staff(), staff()
    objection = looked_into(publicised(), one, two)
    with pytest.raises(Refused, match="新的进展"):
        objections.file_findings(objection, "再次填写。", two, NOW)
    assert Objection.objects.first().findings == "经核查，署名无误。"


@pytest.mark.parametrize("who", ["registrant", "investigator"])
def test_the_same_person_cannot_settle(who: str) -> None:
    people = {"registrant": staff(), "investigator": staff()}
    case = publicised()
    objection = looked_into(case, people["registrant"], people["investigator"])
    with pytest.raises(Refused, match="另一位"):
        objections.settle(objection, False, "不成立。", people[who], NOW)
    case.reload()
    assert case.state == State.ON_HOLD
    assert Objection.objects.first().state == ObjectionState.FINDINGS


def test_a_third_person_dismisses_and_the_case_goes_back() -> None:
    case = publicised()
    objection = looked_into(case, staff(), staff())
    settled = objections.settle(objection, False, "查无实据，异议不成立。", staff(), NOW)
    case.reload()
    assert case.state == State.UNIT_PUBLICITY
    assert (settled.state, settled.decision) == (ObjectionState.DISMISSED, "查无实据，异议不成立。")
    assert case.history[-1].reason == "查无实据，异议不成立。"


def test_a_result_on_hold_goes_back_to_the_result_publicity() -> None:
    case = factories.make_application(State.RESULT_PUBLICITY, publicity_ends=NOW + timedelta(days=6))
    objection = looked_into(case, staff(Role.OFFICE), staff(Role.OFFICE))
    objections.settle(objection, False, "不成立。", staff(Role.OFFICE), NOW)
    case.reload()
    assert case.state == State.RESULT_PUBLICITY


def test_upholding_disqualifies() -> None:
    case = publicised()
    objection = looked_into(case, staff(), staff())
    assert objections.settle(objection, True, "署名不实。", staff(), NOW).state == ObjectionState.UPHELD
    case.reload()
    assert case.state == State.DISQUALIFIED


def test_dismissing_one_of_two_keeps_the_case_on_hold() -> None:
    one, two, three = staff(), staff(), staff()
    case = publicised()
    first = looked_into(case, one, two)
    case.reload()
    second = looked_into(case, one, two)
    objections.settle(first, False, "不成立。", three, NOW)
    case.reload()
    assert case.state == State.ON_HOLD
    objections.settle(second, False, "不成立。", three, NOW)
    case.reload()
    assert case.state == State.UNIT_PUBLICITY


def test_the_second_objection_can_still_be_settled_after_disqualification() -> None:
    one, two, three = staff(), staff(), staff()
    case = publicised()
    first = looked_into(case, one, two)
    case.reload()
    second = looked_into(case, one, two)
    objections.settle(first, True, "署名不实。", three, NOW)
    assert objections.settle(second, False, "与前一异议无关，不成立。", three, NOW).decision
    case.reload()
    assert case.state == State.DISQUALIFIED


def test_a_decision_needs_a_reason() -> None:
    objection = looked_into(publicised(), staff(), staff())
    with pytest.raises(Invalid) as refused:
        objections.settle(objection, True, "  ", staff(), NOW)
    assert "reason" in refused.value.fields


def test_a_settled_objection_stays_settled() -> None:
    objection = looked_into(publicised(), staff(), staff())
    objections.settle(objection, False, "不成立。", staff(), NOW)
    with pytest.raises(Refused):
        objections.settle(objection, True, "改判。", staff(), NOW)


def test_a_round_of_a_small_office_can_do_without_a_second_person_and_the_audit_says_so() -> None:
    round_ = factories.make_round(second_person=False, second_person_reason="人事仅一人，院办 2026-3 号同意")
    hr = staff()
    case = publicised(round=round_)
    objections.settle(looked_into(case, hr, hr), False, "不成立。", hr, NOW)
    case.reload()
    assert case.state == State.UNIT_PUBLICITY
    event = AuditEvent.objects.get(action="dismiss_objection")
    assert event.detail["second_person_waived"] == "人事仅一人，院办 2026-3 号同意"


def test_a_supervisor_registers_and_investigates_but_does_not_decide() -> None:
    """Section 5: 纪检 files objections."""
    supervisor = staff(Role.SUPERVISOR)
    objection = looked_into(publicised(), supervisor, supervisor)
    with pytest.raises(Refused):
        objections.settle(objection, False, "不成立。", supervisor, NOW)


def test_staff_of_another_unit_see_no_objection() -> None:
    register(publicised(), staff())
    elsewhere = factories.make_unit(code="other", name="滨江师范学院")
    assert policy.visible(staff(Role.UNIT_HR, unit=elsewhere), Objection).count() == 0
    assert policy.visible(staff(Role.EXPERT), Objection).count() == 0
