"""Publicity as people read it (R08, R18, R23, G31), and the panel's page of lists."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from models.application import Application
from models.choices import PublicityKind, Role, State, Verdict
from models.publicity import Publicity
from models.sections import Judgement
from panel.domain.actors import actor_of
from panel.domain.publicity import lists
from tests import factories
from tests.factories import NOW
from tests.views.conftest import Browser


@pytest.fixture(autouse=True)
def at_now(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


def post_unit_list(**values: Any) -> Publicity:
    person = factories.make_person(
        name="周文博", phone="13800001234", id_number="420106198603120015", staff_number="A77001"
    )
    work = factories.make_entry(
        "performance", "project", category="省教育厅项目", name="资源调度研究 13800001234"
    )
    work.judgement = Judgement(verdict=Verdict.ACCEPT.value)
    case = factories.make_application(
        State.SUBMITTED,
        person=person,
        round=factories.make_round(endorsements=[]),
        achievements=[work],
    )
    return lists.post(PublicityKind.UNIT, [case], actor_of(factories.make_user(Role.UNIT_HR)), NOW, **values)


def post_result_list(**values: Any) -> Publicity:
    meeting = factories.make_meeting()
    case = factories.make_application(
        State.PASSED, name="沈佳宁", outcome=factories.make_outcome(meeting.id), **values
    )
    return lists.post(PublicityKind.RESULT, [case], actor_of(factories.make_user(Role.OFFICE)), NOW)


def test_without_any_list_the_page_says_so(client: Browser) -> None:
    page = client.get("/notices/").text
    assert "现在没有正在进行的公示" in page
    assert "/sign-in?next=" in page


def test_the_public_sees_results_and_no_list_of_the_unit(client: Browser) -> None:
    result, unit = post_result_list(), post_unit_list()
    page = client.get("/notices/").text
    assert result.title in page
    assert unit.title not in page
    assert client.get(f"/notices/{result.uid}").status_code == 200
    assert client.get(f"/notices/{unit.uid}").status_code == 404


def test_people_of_the_unit_see_its_list_after_signing_in(sign_in_as: Callable[..., Browser]) -> None:
    unit = post_unit_list()
    browser = sign_in_as(Role.APPLICANT)
    assert unit.title in browser.get("/notices/").text
    page = browser.get(f"/notices/{unit.uid}").text
    for shown in (
        "周文博",
        "信息工程学院",
        "副教授",
        "资源调度研究",
        "027-85550123",
        "江城理工学院人力资源部",
        "还剩 5 个工作日",
    ):
        assert shown in page
    for secret in ("13800001234", "420106198603120015", "A77001"):
        assert secret not in page


def test_people_of_another_unit_do_not(sign_in_as: Callable[..., Browser]) -> None:
    unit = post_unit_list()
    elsewhere = factories.make_unit(code="other", name="滨江师范学院")
    browser = sign_in_as(Role.APPLICANT, person=factories.make_person(unit=elsewhere))
    assert unit.title not in browser.get("/notices/").text
    assert browser.get(f"/notices/{unit.uid}").status_code == 404


def test_a_list_posted_for_tomorrow_is_not_shown_today(
    sign_in_as: Callable[..., Browser], travel: Callable[[datetime], None]
) -> None:
    unit = post_unit_list(posted_on=date(2026, 9, 16))
    browser = sign_in_as(Role.APPLICANT)
    assert browser.get(f"/notices/{unit.uid}").status_code == 404
    travel(NOW + timedelta(days=1))
    assert browser.get(f"/notices/{unit.uid}").status_code == 200


def test_running_lists_come_before_ended_ones(client: Browser, travel: Callable[[datetime], None]) -> None:
    old = post_result_list()
    travel(old.ends_at + timedelta(hours=1))
    page = client.get("/notices/").text
    assert page.index("现在没有正在进行的公示") < page.index("已结束的公示") < page.index(old.uid)
    assert "已结束" in client.get(f"/notices/{old.uid}").text


def test_a_provisional_end_says_so(client: Browser) -> None:
    found = post_result_list()
    Publicity.objects(id=found.id).update_one(set__is_provisional=True)
    for address in ("/notices/", f"/notices/{found.uid}"):
        assert "暂定" in client.get(address).text


@pytest.mark.parametrize("page", ["-1", "99999", "x", "９"])
def test_an_impossible_page_is_the_nearest_one(client: Browser, page: str) -> None:
    assert client.get(f"/notices/?page={page}").status_code == 200


def test_an_unknown_list_is_not_found(client: Browser) -> None:
    assert client.get("/notices/" + "0" * 32).status_code == 404


def test_hr_sees_where_each_case_of_a_list_stands(sign_in_as: Callable[..., Browser]) -> None:
    unit = post_unit_list()
    browser = sign_in_as(Role.UNIT_HR)
    assert unit.title in browser.get("/admin/publicity/").text
    page = browser.get(f"/admin/publicity/{unit.uid}").text
    assert "评审前公示" in page
    case = Application.objects.get(id=unit.rows[0].application)
    assert f"/admin/objections/new?application={case.id}" in page


def test_an_ended_list_leads_to_the_next_step(
    sign_in_as: Callable[..., Browser], travel: Callable[[datetime], None]
) -> None:
    unit = post_unit_list()
    travel(unit.ends_at + timedelta(hours=1))
    browser = sign_in_as(Role.UNIT_HR)
    assert "1 份等待推荐" in browser.get("/admin/publicity/").text
    assert "work=to_recommend" in browser.get(f"/admin/publicity/{unit.uid}").text


def test_hr_of_another_unit_does_not_find_the_list(sign_in_as: Callable[..., Browser]) -> None:
    unit = post_unit_list()
    elsewhere = factories.make_unit(code="other", name="滨江师范学院")
    browser = sign_in_as(Role.UNIT_HR, unit=elsewhere)
    assert browser.get(f"/admin/publicity/{unit.uid}").status_code == 404
