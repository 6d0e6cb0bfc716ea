"""The own account: mail on and off, the calendar as a file and behind its secret address."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from icalendar import Calendar

from models.choices import Role
from models.user import User
from tests.factories import NOW, make_person, make_round, make_user
from tests.views.conftest import Browser


@pytest.fixture(autouse=True)
def at_now(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


def test_mail_is_turned_off_and_on_again(sign_in_as: Callable[..., Browser]) -> None:
    browser = sign_in_as(Role.APPLICANT, person=make_person(email="lin@jcut.test"))
    assert "也会发到 lin@jcut.test" in browser.get("/account").text
    off = browser.submit("/account/mail", {"wanted": "0"}, follow_redirects=True).text
    assert "不再发邮件" in off
    assert "打开后会发到 lin@jcut.test" in off
    assert User.objects.get(id=browser.user.id).wants_mail is False  # type: ignore[union-attr]
    browser.submit("/account/mail", {"wanted": "1"})
    assert User.objects.get(id=browser.user.id).wants_mail is True  # type: ignore[union-attr]


def test_who_has_no_address_is_told_whom_to_ask(sign_in_as: Callable[..., Browser]) -> None:
    assert "人员名册里没有您的邮箱" in sign_in_as(Role.APPLICANT).get("/account").text
    assert "没有对应名册里的人员" in sign_in_as(Role.ADMIN).get("/account").text


def test_the_address_of_a_calendar_is_shown_once(
    sign_in_as: Callable[..., Browser], new_browser: Callable[[], Browser]
) -> None:
    round = make_round()
    browser = sign_in_as(Role.APPLICANT)
    page = browser.submit("/account/calendar", {"step": "make"})
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r">http://pingshen\.test(/calendar/[\w-]{43}\.ics)<", page.text)
    assert found is not None
    assert "/calendar/" not in browser.get("/account").text
    answer = new_browser().get(found[1])
    assert answer.mimetype == "text/calendar"
    assert "Set-Cookie" not in answer.headers
    entries = Calendar.from_ical(answer.data).walk("VEVENT")
    assert [entry["SUMMARY"] for entry in entries] == [
        "职称申报开始：2026 年度高等学校教师系列职称评审",
        "职称申报截止：2026 年度高等学校教师系列职称评审",
    ]
    assert str(round.id) in entries[0]["UID"]
    browser.submit("/account/calendar", {"step": "revoke"})
    assert new_browser().get(found[1]).status_code == 404
    assert "生成订阅地址" in browser.get("/account").text


def test_the_secret_opens_the_calendar_and_nothing_else(
    sign_in_as: Callable[..., Browser], new_browser: Callable[[], Browser]
) -> None:
    page = sign_in_as(Role.UNIT_HR).submit("/account/calendar", {"step": "make"}).text
    found = re.search(r"(/calendar/[\w-]{43}\.ics)", page)
    assert found is not None
    browser = new_browser()
    browser.get(found[1])
    assert browser.get("/admin/").status_code == 302
    assert browser.get("/account").status_code == 302


def test_a_calendar_speaks_the_accounts_language(new_browser: Callable[[], Browser]) -> None:
    from panel.domain.actors import actor_of
    from panel.domain.people import subscriptions

    make_round()
    user = make_user(person=make_person(), language="en")
    secret = subscriptions.make(actor_of(user), NOW)
    text = new_browser().get(f"/calendar/{secret}.ics").text
    assert "职称申报截止" not in text
    assert "SUMMARY:" in text


def test_the_download_is_a_file(sign_in_as: Callable[..., Browser]) -> None:
    make_round()
    answer = sign_in_as(Role.APPLICANT).get("/account/calendar.ics")
    assert answer.headers["Content-Disposition"] == "attachment; filename=pingshen.ics"
    assert len(Calendar.from_ical(answer.data).walk("VEVENT")) == 2


def test_an_unknown_step_changes_nothing(sign_in_as: Callable[..., Browser]) -> None:
    browser = sign_in_as(Role.APPLICANT)
    assert browser.submit("/account/calendar", {"step": "x"}).status_code == 404
    assert User.objects.get(id=browser.user.id).calendar_hash is None  # type: ignore[union-attr]


def test_a_one_time_password_opens_no_settings(sign_in_as: Callable[..., Browser]) -> None:
    browser = sign_in_as(Role.APPLICANT, must_change_password=True)
    assert browser.get("/account").headers["Location"].startswith("/password")
    assert browser.submit("/account/calendar", {"step": "make"}).status_code in (302, 403)
    assert User.objects.get(id=browser.user.id).calendar_hash is None  # type: ignore[union-attr]
