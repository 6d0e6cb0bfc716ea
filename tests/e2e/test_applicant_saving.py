"""Nothing typed is lost: autosave, a lost network, an expired session, a second tab."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from models.application import Application
from models.user import User
from panel import clock, security
from panel.domain.actors import actor_of
from panel.domain.content.start import Selection, create
from panel.domain.rounds import offers
from tests.e2e.people import Person

STAFF_NUMBER = "20160011"


def start() -> Application:
    """A new draft of the demo's lecturer, made as the first page makes it."""
    user = User.objects.get(username=STAFF_NUMBER)
    person, now = user.person, clock.now()
    round = offers.open_rounds(person, now)[0]
    kind = offers.kinds_for(round.spec, person)[0]
    picked = Selection(
        kind=kind.value,
        level=offers.levels_for(round.spec, person, kind)[0].key,
        committee=offers.committees_for(round.spec, person)[0].key,
        speciality=person.speciality,
    )
    return create(person, round, picked, True, actor_of(user), now)


def stored(application: Application, section: str, key: str) -> object:
    return Application.objects.get(id=application.id).record(section).get(key)


def status(page: Page) -> object:
    return expect(page.locator("[data-save-status]").first)


def open_basic(someone: Person, application: Application) -> Page:
    return someone.go(f"/my/application/{application.id}/basic")


def test_what_is_typed_is_saved_without_a_button(institution: None, person: Callable[..., Person]) -> None:
    application = start()
    page = open_basic(person(STAFF_NUMBER), application)
    page.get_by_label("民族").fill("土家族")
    status(page).to_have_text(re.compile(r"已保存 \d\d:\d\d"))
    assert stored(application, "basic", "ethnicity") == "土家族"
    page.reload()
    expect(page.get_by_label("民族")).to_have_value("土家族")


def test_a_date_is_shown_the_way_it_is_read_once_the_field_is_left(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    page = open_basic(person(STAFF_NUMBER), application)
    page.get_by_label("毕业（肄、结）时间").fill("2012年6月")
    status(page).to_have_text(re.compile("已保存"))
    page.get_by_label("毕业学校").focus()
    expect(page.get_by_label("毕业（肄、结）时间")).to_have_value("2012-06")


def test_text_that_is_no_date_is_kept_and_explained_at_the_field(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    page = open_basic(person(STAFF_NUMBER), application)
    page.get_by_label("毕业（肄、结）时间").fill("前年夏天")
    box = page.locator("[data-field=graduated_on]")
    expect(box.locator(".field-message.is-error")).to_contain_text("无法识别为日期")
    page.reload()
    expect(page.get_by_label("毕业（肄、结）时间")).to_have_value("前年夏天")
    expect(page.locator("[data-field=graduated_on] .is-error")).to_be_visible()


def test_a_lost_network_keeps_the_text_here_and_saves_it_later(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    someone = person(STAFF_NUMBER)
    someone.expects_errors = True
    page = open_basic(someone, application)
    someone.context.set_offline(True)
    page.get_by_label("出生地").fill("湖北宜昌")
    expect(page.locator("[data-banner]")).to_contain_text("未保存到服务器，已存在本机，恢复联网后自动保存")
    assert stored(application, "basic", "birth_place") is None
    someone.context.set_offline(False)
    expect(page.locator("[data-banner]")).to_contain_text("已恢复连接")
    assert stored(application, "basic", "birth_place") == "湖北宜昌"


def test_text_of_a_lost_network_survives_closing_the_page(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    someone = person(STAFF_NUMBER)
    someone.expects_errors = True
    page = open_basic(someone, application)
    someone.context.set_offline(True)
    page.get_by_label("出生地").fill("湖北恩施")
    expect(page.locator("[data-banner]")).to_contain_text("已存在本机")
    page.close()  # no question asked: Playwright closes without it
    someone.context.set_offline(False)
    overview = someone.context.new_page()
    overview.goto(f"/my/application/{application.id}/")
    expect(overview.locator("[data-drafts]")).to_contain_text("基本信息")
    overview.locator("[data-drafts] a").click()
    expect(overview.locator("[data-banner]")).to_contain_text("已恢复您")
    status(overview).to_have_text(re.compile("已保存"))
    assert stored(application, "basic", "birth_place") == "湖北恩施"


def test_an_expired_session_goes_on_after_signing_in_in_another_tab(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    someone = person(STAFF_NUMBER)
    page = open_basic(someone, application)
    security.end_sessions(User.objects.get(username=STAFF_NUMBER))
    page.get_by_label("曾用名").fill("林小静")
    expect(page.locator("[data-banner]")).to_contain_text("登录已过期。未保存到服务器，已存在本机")
    with someone.context.expect_page() as opened:
        page.locator("[data-banner] a").click()
    tab = opened.value
    tab.get_by_label("用户名（工号）").fill(STAFF_NUMBER)
    tab.get_by_label("密码", exact=True).fill("pingshen-demo")
    tab.locator("main form").get_by_role("button", name="登录").click()
    tab.wait_for_url("**/signed-in")
    tab.close()
    expect(page.locator("[data-banner]")).to_contain_text("已恢复连接")
    assert stored(application, "basic", "former_name") == "林小静"


def test_changes_of_a_second_tab_to_other_fields_are_merged(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    someone = person(STAFF_NUMBER)
    first = open_basic(someone, application)
    second = someone.context.new_page()
    second.goto(first.url)
    second.get_by_label("民族").fill("苗族")
    status(second).to_have_text(re.compile("已保存"))
    first.get_by_label("出生地").fill("湖北武汉")
    expect(first.locator("[data-banner]")).to_contain_text("已合在一起")
    status(first).to_have_text(re.compile("已保存"))
    expect(first.get_by_label("民族")).to_have_value("苗族")
    assert stored(application, "basic", "birth_place") == "湖北武汉"
    assert stored(application, "basic", "ethnicity") == "苗族"


def test_a_second_tab_that_changed_the_same_field_lets_the_person_choose(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    someone = person(STAFF_NUMBER)
    first = open_basic(someone, application)
    second = someone.context.new_page()
    second.goto(first.url)
    second.get_by_label("民族").fill("苗族")
    status(second).to_have_text(re.compile("已保存"))
    first.get_by_label("民族").fill("侗族")
    first.locator("[data-banner]").get_by_role("button", name="对照并选择").click()
    row = first.locator("table.compare tbody tr").filter(has_text="民族")
    expect(row).to_contain_text("侗族")
    expect(row).to_contain_text("苗族")
    row.get_by_role("radio").first.check()
    first.get_by_role("button", name="按选择保存").click()
    expect(first.get_by_label("民族")).to_have_value("侗族")
    assert stored(application, "basic", "ethnicity") == "侗族"
