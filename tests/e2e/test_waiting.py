"""What a person does while the network is away or the session over is done afterwards, not lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from models.application import Application
from models.meeting import Opinion
from models.review_round import ReviewRound, digest_of
from models.user import User
from panel import clock, demo, security
from panel.demo import story
from panel.demo.people import APPLICANTS
from tests.e2e.pages import EXPERT, HR, NEW, Quick
from tests.e2e.people import Person
from tests.e2e.test_round_keyboard import order
from tests.factories import make_unit

pytestmark = pytest.mark.usefixtures("institution")


@pytest.fixture
def hr(person: Callable[..., Person]) -> Person:
    """HR, whose network and session come and go."""
    someone = person(HR)
    someone.expects_errors = True
    return someone


def part(someone: Person, name: str) -> Page:
    """A part of the teachers' round in the editor."""
    round_ = ReviewRound.objects.get(series="teacher", year=2026)
    return someone.go(f"/admin/rounds/{round_.id}/edit/part/{name}")


def move_down_and_open(page: Page, level: str) -> None:
    row = page.locator(f"[data-path='levels/{level}']")
    row.locator("[data-handle]").focus()
    page.keyboard.press("ArrowDown")
    row.get_by_role("link", name="修改").click()


def sign_in_again(someone: Person, page: Page, username: str) -> None:
    """As the bar says: sign in in a new tab, come back, go on."""
    bar = page.locator("#ps-signed-out")
    with someone.context.expect_page() as opened:
        bar.get_by_role("link").click()
    tab = opened.value
    tab.get_by_label("用户名（工号）").fill(username)
    tab.get_by_label("密码", exact=True).fill(demo.PASSWORD)
    tab.locator("main form").get_by_role("button", name="登录").click()
    tab.wait_for_url("**/signed-in")
    tab.close()
    bar.get_by_role("button", name="继续").click()
    expect(bar).to_be_hidden()


def test_a_row_moved_and_one_opened_without_network_arrive_when_it_is_back(hr: Person) -> None:
    page = part(hr, "levels")
    first, second, *rest = order(page)
    hr.context.set_offline(True)
    move_down_and_open(page, first)
    expect(page.locator("#ps-offline")).to_be_visible()
    hr.context.set_offline(False)
    expect(page.locator("[data-sheet]")).to_be_visible()
    expect(page.locator("[data-moved]")).to_contain_text("2")
    expect(page.locator("#ps-offline")).to_be_hidden()
    page.reload()
    assert order(page) == [second, first, *rest]


def test_a_row_moved_and_one_opened_after_the_session_ended_arrive_after_signing_in(hr: Person) -> None:
    page = part(hr, "levels")
    first, second, *rest = order(page)
    security.end_sessions(User.objects.get(username=HR))
    move_down_and_open(page, first)
    sign_in_again(hr, page, HR)
    expect(page.locator("[data-sheet]")).to_be_visible()
    expect(page.locator("[data-moved]")).to_contain_text("2")
    page.reload()
    assert order(page) == [second, first, *rest]


def test_a_place_put_into_a_text_is_asked_about_and_survives_a_new_session(hr: Person) -> None:
    page = part(hr, "requirements")
    rows = page.locator("[data-path]").get_by_role("link", name="修改")
    rows.nth(0).click()
    sheet = page.locator("[data-sheet]")
    place = sheet.locator("[data-insert]").first
    text = sheet.locator(f"#{place.get_attribute('data-into')}")
    word = place.get_attribute("data-insert") or ""
    before = text.input_value()
    place.click()
    rows.nth(1).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("没有保存")
    dialog.get_by_role("button", name="取消").click()
    security.end_sessions(User.objects.get(username=HR))
    # drawn anew for what it is about now, and not saved
    choice = sheet.locator("select[data-redraw]").first
    value = choice.locator("option:not(:checked)").first.get_attribute("value")
    choice.select_option(value=value)
    sign_in_again(hr, page, HR)
    expect(choice).to_have_value(value or "")
    expect(text).to_have_value(re.compile(re.escape(word)))
    assert len(text.input_value()) == len(before) + len(word)
    expect(page.get_by_text("已保存到草稿")).to_have_count(0)


@pytest.fixture
def case() -> Application:
    """A case before the experts, whose opinions are still to be written."""
    who = next(row for row in APPLICANTS if row.stage == "panel_ready")
    round_ = ReviewRound.objects.get(series=who.series)
    begun = clock.now() - timedelta(days=story.BEGINS["panel_ready"])
    quick = Quick(demo.cast_of(), who, round_, begun)
    quick.to_panel()
    quick.opine(0)
    return quick.application


@pytest.fixture
def opinion(case: Application, person: Callable[..., Person]) -> Page:
    """An expert's page of the case."""
    someone = person(EXPERT)
    someone.expects_errors = True
    return someone.go(f"/committee/cases/{case.id}")


def test_an_opinion_is_saved_after_a_gateway_could_not_reach_the_server(opinion: Page) -> None:
    failed: list[str] = []

    def away(route: Route) -> None:
        if route.request.method == "POST" and not failed:
            failed.append(route.request.url)
            route.fulfill(status=502, body="Bad Gateway")
        else:
            route.continue_()

    opinion.route("**/committee/cases/**", away)
    opinion.locator("form[data-opinion] textarea").fill("业绩扎实。")
    expect(opinion.locator("#ps-offline")).to_be_visible()
    expect(opinion.locator("[data-opinion-status]")).to_contain_text("已自动保存")
    assert [row.text for row in Opinion.objects(text__ne="")] == ["业绩扎实。"]
    assert len(failed) == 1


def test_an_opinion_that_is_not_saved_yet_is_asked_about_before_the_page_is_left(opinion: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    opinion.on("dialog", stay)
    opinion.route("**/committee/cases/**", lambda route: route.abort())
    area = opinion.locator("form[data-opinion] textarea")
    area.fill("还在写")
    opinion.close(run_before_unload=True)
    expect(area).to_have_value("还在写")
    assert asked == ["beforeunload"]


def test_a_unit_looked_for_without_network_is_found_when_it_is_back(person: Callable[..., Person]) -> None:
    make_unit(code="hk", name="汉口职业技术学院")
    for round_ in ReviewRound.objects():
        data = round_.data | {"other_units": ["hk"]}
        round_.modify(data=data, digest=digest_of(data))
    someone = person(NEW)
    someone.expects_errors = True
    page = someone.go("/my/")
    page.get_by_role("link", name="职称申报", exact=True).click()
    page.get_by_text("不是这个单位？").first.click()
    someone.context.set_offline(True)
    page.locator("[data-unit-search]").first.fill("汉口")
    expect(page.locator("#ps-offline")).to_be_visible()
    someone.context.set_offline(False)
    expect(page.locator("[data-unit-results] button").first).to_contain_text("汉口职业技术学院")
