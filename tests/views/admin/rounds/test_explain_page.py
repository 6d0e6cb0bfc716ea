"""HR's page of what a round asks of one person, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from models.choices import Role, State
from tests.contents import make_complete, make_lecturer, qualification
from tests.factories import NOW, make_person, make_round, make_unit, make_user
from tests.views.conftest import Browser


@pytest.fixture(autouse=True)
def _time(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


@pytest.fixture
def hr(client: Browser) -> Browser:
    return client.sign_in_as(Role.UNIT_HR)


def address(round_id: object, **query: object) -> str:
    text = "&".join(f"{key}={value}" for key, value in query.items())
    return f"/admin/rounds/{round_id}/explain" + (f"?{text}" if text else "")


def test_page_asks_for_a_person_first(hr: Browser) -> None:
    page = hr.get(address(make_round().id)).text
    assert "先查找一个人" in page


def test_people_are_found_by_name_and_chosen_by_a_link(hr: Browser) -> None:
    round_, person = make_round(), make_lecturer(name="欧阳晓")
    page = hr.get(address(round_.id, search="ouyang")).text
    assert f"/admin/rounds/{round_.id}/explain?person={person.id}" in page
    assert "没有查到" in hr.get(address(round_.id, search="nobody")).text


def test_somebody_who_has_not_begun_is_explained_by_the_roster(hr: Browser) -> None:
    round_, person = make_round(), make_lecturer()
    page = hr.get(address(round_.id, person=person.id)).text
    assert "申报类别是“晋升”，适用于：晋升、转评" in page
    assert "江城理工学院教师职称评审标准（2025 版）" in page


def test_another_level_can_be_tried(hr: Browser) -> None:
    round_, person = make_round(), make_lecturer()
    page = hr.get(address(round_.id, person=person.id, kind="promotion", level="senior", exceptional=1)).text
    assert "本次是破格申报，适用于：破格申报" in page
    assert hr.get(address(round_.id, person=person.id, kind="x", level="$where")).status_code == 200


def test_submitted_case_is_explained_with_what_is_not_in_order(hr: Browser) -> None:
    record = qualification()
    record.put("title1_name", "工程师")
    application = make_complete(State.SUBMITTED, qualification=record)
    page = hr.get(address(application.round.id, person=application.person.id)).text
    assert "以下按本人提交的申报" in page
    assert "现职称“工程师”与人员名册中的“讲师”不一致" in page


def test_draft_shows_nothing_of_its_content(hr: Browser) -> None:  # G30
    record = qualification()
    record.put("title1_name", "保密的职称")
    application = make_complete(qualification=record)
    page = hr.get(address(application.round.id, person=application.person.id)).text
    assert "本人还没有提交" in page
    assert "保密的职称" not in page


def test_case_links_to_the_page(hr: Browser, sign_in_as: Callable[..., Browser]) -> None:
    application = make_complete(State.SUBMITTED)
    link = f"/admin/rounds/{application.round.id}/explain?person={application.person.id}"
    assert link in hr.get(f"/admin/applications/{application.id}").text
    endorser = sign_in_as(make_user(Role.ENDORSER, department="cs"))
    assert link not in endorser.get(f"/admin/applications/{application.id}").text


def test_person_of_another_unit_does_not_exist(hr: Browser) -> None:
    round_ = make_round()
    other = make_person(unit=make_unit(code="other", name="另一学院"))
    assert hr.get(address(round_.id, person=other.id)).status_code == 404
    for wrong in ("5f0000000000000000000000", "x"):
        assert hr.get(address(round_.id, person=wrong)).status_code == 404


def test_own_case_is_explained_by_the_rules_alone(client: Browser) -> None:
    record = qualification()
    record.put("title1_name", "工程师")
    application = make_complete(State.SUBMITTED, qualification=record)
    hr = client.sign_in_as(make_user(Role.UNIT_HR, person=application.person))
    page = hr.get(address(application.round.id, person=application.person.id)).text
    assert "以下按本人提交的申报" not in page
    assert "工程师" not in page
