"""The register of objections (R08, R18) as staff use it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.application import Application
from models.audit import AuditEvent
from models.choices import ObjectionState, Role, State
from models.publicity import Objection
from panel.domain.actors import actor_of
from panel.domain.publicity import objections
from tests import factories
from tests.factories import NOW
from tests.views.conftest import Browser

TYPED = {"from_name": "方知行", "contact": "13911112222", "text": "论文署名有疑问。"}


@pytest.fixture(autouse=True)
def at_now(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


def publicised(**values: Any) -> Application:
    return factories.make_application(State.UNIT_PUBLICITY, publicity_ends=NOW + timedelta(days=6), **values)


def registered(by: Any = None) -> Objection:
    hr = actor_of(by or factories.make_user(Role.UNIT_HR))
    return objections.register(publicised(), "方知行", "13911112222", "论文署名有疑问。", hr, NOW)


def test_registering_leads_to_the_objection_and_holds_the_case(sign_in_as: Callable[..., Browser]) -> None:
    case = publicised()
    browser = sign_in_as(Role.UNIT_HR)
    page = browser.get(f"/admin/objections/new?application={case.id}").text
    assert f'selected value="{case.id}"' in page
    answer = browser.submit("/admin/objections/new", TYPED | {"application": str(case.id)})
    objection = Objection.objects.get()
    assert (answer.status_code, answer.location) == (302, f"/admin/objections/{objection.id}")
    case.reload()
    assert case.state == State.ON_HOLD


def test_what_is_missing_is_said_at_the_field_and_nothing_typed_is_lost(
    sign_in_as: Callable[..., Browser],
) -> None:
    case = publicised()
    answer = sign_in_as(Role.UNIT_HR).submit(
        "/admin/objections/new", TYPED | {"application": str(case.id), "from_name": " "}
    )
    assert answer.status_code == 422
    assert "请填写这一项" in answer.text
    assert "论文署名有疑问。" in answer.text
    assert Objection.objects.count() == 0


@pytest.mark.parametrize("wanted", ["5f0000000000000000000000", "nonsense"])
def test_a_foreign_case_is_not_found(sign_in_as: Callable[..., Browser], wanted: str) -> None:
    publicised()
    answer = sign_in_as(Role.UNIT_HR).submit("/admin/objections/new", TYPED | {"application": wanted})
    assert answer.status_code == 404


def test_without_a_running_publicity_there_is_nothing_to_object_to(
    sign_in_as: Callable[..., Browser],
) -> None:
    assert "现在没有公示中的申报" in sign_in_as(Role.UNIT_HR).get("/admin/objections/new").text


def test_ones_own_case_is_not_offered(sign_in_as: Callable[..., Browser]) -> None:
    person = factories.make_person()
    publicised(person=person)
    hr = factories.make_user(Role.UNIT_HR, person=person)
    assert "现在没有公示中的申报" in sign_in_as(hr).get("/admin/objections/new").text


def test_unsettled_objections_come_first(sign_in_as: Callable[..., Browser]) -> None:
    hr, other, third = (factories.make_user(Role.UNIT_HR) for _ in range(3))
    old = registered(hr)
    objections.file_findings(old, "署名无误。", actor_of(other), NOW)
    objections.settle(old, False, "不成立。", actor_of(third), NOW)
    new = registered(hr)
    page = sign_in_as(hr).get("/admin/objections/").text
    assert page.index(str(new.id)) < page.index("已处理") < page.index(str(old.id))


def test_the_contact_is_masked_until_it_is_asked_for(sign_in_as: Callable[..., Browser]) -> None:
    objection = registered()
    browser = sign_in_as(Role.UNIT_HR)
    assert "13911112222" not in browser.get(f"/admin/objections/{objection.id}").text
    assert "13911112222" in browser.submit(f"/admin/objections/{objection.id}/contact").text
    assert AuditEvent.objects(action="reveal").count() == 1


def test_three_people_take_an_objection_to_its_end(sign_in_as: Callable[..., Browser]) -> None:
    objection = registered()
    address = f"/admin/objections/{objection.id}"
    second, third = sign_in_as(Role.UNIT_HR), sign_in_as(Role.UNIT_HR)
    assert second.submit(f"{address}/findings", {"findings": "署名无误。"}).status_code == 302
    assert "须由另一位工作人员" in second.get(address).text
    refused = second.submit(f"{address}/settle", {"decision": "dismiss", "reason": "不成立。"})
    assert refused.status_code == 409
    assert "须由另一位工作人员" in refused.text
    assert third.submit(f"{address}/settle", {"decision": "dismiss", "reason": "不成立。"}).status_code == 302
    objection.reload()
    assert objection.state == ObjectionState.DISMISSED
    assert Application.objects.get().state == State.UNIT_PUBLICITY
    page = third.get(address).text
    assert "不成立。" in page
    assert 'name="reason"' not in page


@pytest.mark.parametrize(
    "sent",
    [{"decision": "dismiss", "reason": " "}, {"decision": "", "reason": "不成立。"}, {"decision": "other"}],
)
def test_a_decision_needs_a_choice_and_a_reason(
    sign_in_as: Callable[..., Browser], sent: dict[str, str]
) -> None:
    objection = registered()
    objections.file_findings(objection, "署名无误。", actor_of(factories.make_user(Role.UNIT_HR)), NOW)
    answer = sign_in_as(Role.UNIT_HR).submit(f"/admin/objections/{objection.id}/settle", sent)
    assert answer.status_code == 422
    assert Objection.objects.get().state == ObjectionState.FINDINGS


def test_staff_of_another_unit_do_not_find_it(sign_in_as: Callable[..., Browser]) -> None:
    objection = registered()
    elsewhere = factories.make_unit(code="other", name="滨江师范学院")
    browser = sign_in_as(Role.UNIT_HR, unit=elsewhere)
    assert browser.get(f"/admin/objections/{objection.id}").status_code == 404
    answer = browser.submit(f"/admin/objections/{objection.id}/findings", {"findings": "x"})
    assert answer.status_code == 404
