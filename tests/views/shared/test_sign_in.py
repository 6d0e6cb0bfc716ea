"""Signing in, locks, passwords, sessions (G01, R24)."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from flask import Flask

from models.audit import AuditEvent
from models.choices import Role
from models.user import User
from models.web_session import SignInAttempts, WebSession
from panel import clock, passwords, security
from panel.authentication import ADDRESS_FACTOR
from panel.config import Settings
from tests.factories import make_person, make_user, own_collections
from tests.views.conftest import Browser

GOOD = "correct-horse"


@cache
def good_hash() -> str:
    """One hash for all tests, made once the settings say how strongly."""
    return passwords.hash_password(GOOD)


@pytest.fixture
def account(database: Any) -> User:
    """An applicant with a password."""
    person = make_person()
    return make_user(username=person.staff_number, person=person, password_hash=good_hash())


def try_sign_in(browser: Browser, username: str, password: str, **more: str) -> Any:
    return browser.submit("/sign-in", {"username": username, "password": password} | more)


def who(browser: Browser) -> str | None:
    return browser.get("/session").get_json()["user"]


def test_one_page_signs_everybody_in_and_leads_to_their_only_area(client: Browser, account: User) -> None:
    answer = try_sign_in(client, account.username, GOOD)
    assert (answer.status_code, answer.location) == (302, "/my/")
    assert who(client) == str(account.id)


def test_a_person_with_several_areas_lands_on_the_home_page(client: Browser) -> None:
    user = make_user(Role.UNIT_HR, Role.EXPERT, password_hash=good_hash())
    assert try_sign_in(client, user.username, GOOD).location == "/"
    home = client.get("/").get_data(as_text=True)
    assert 'href="/admin/"' in home
    assert 'href="/committee/"' in home
    assert 'href="/my/"' not in home


def test_the_manual_is_linked_before_and_after_signing_in(client: Browser, account: User) -> None:
    assert 'href="/manual"' in client.get("/sign-in").get_data(as_text=True)
    client.sign_in_as(account)
    assert 'href="/manual"' in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize("name", ["staff", "nobody-of-this-name"])
def test_a_wrong_password_and_an_unknown_name_look_the_same(
    client: Browser, account: User, name: str
) -> None:
    username = account.username if name == "staff" else name
    answer = try_sign_in(client, username, "wrong")
    assert answer.status_code == 401
    assert "用户名或密码不对" in answer.get_data(as_text=True)
    assert f'value="{username}"' in answer.get_data(as_text=True)
    assert "wrong" not in answer.get_data(as_text=True)
    assert who(client) is None


def test_a_disabled_account_cannot_sign_in(client: Browser, account: User) -> None:
    User.objects(pk=account.pk).update_one(set__is_enabled=False)
    assert try_sign_in(client, account.username, GOOD).status_code == 401


def test_empty_fields_are_asked_for(client: Browser) -> None:
    answer = try_sign_in(client, "", "")
    assert answer.status_code == 422
    assert "请填写用户名" in answer.get_data(as_text=True)


@pytest.mark.parametrize("known", [True, False])
def test_the_fifth_failure_locks_and_says_for_how_long_also_for_unknown_names(
    client: Browser, account: User, known: bool
) -> None:
    username = account.username if known else "nobody"
    for _attempt in range(4):
        assert "用户名或密码不对" in try_sign_in(client, username, "wrong").get_data(as_text=True)
    assert "请 15 分钟后再试" in try_sign_in(client, username, "wrong").get_data(as_text=True)
    answer = try_sign_in(client, username, GOOD)
    assert answer.status_code == 401
    assert "已暂时锁定" in answer.get_data(as_text=True)


def test_a_lock_ends_after_its_time(client: Browser, account: User, travel: Callable[..., None]) -> None:
    for _attempt in range(5):
        try_sign_in(client, account.username, "wrong")
    travel(clock.now() + timedelta(minutes=16))
    assert try_sign_in(client, account.username, GOOD).status_code == 302


def test_a_password_reset_lifts_the_lock(client: Browser, account: User) -> None:
    for _attempt in range(5):
        try_sign_in(client, account.username, "wrong")
    security.set_password(account, "one-time-9", one_time=True)
    assert try_sign_in(client, account.username, "one-time-9").location == "/password"


def test_a_success_forgets_earlier_failures(client: Browser, account: User) -> None:
    for _round in range(3):
        for _attempt in range(3):
            try_sign_in(client, account.username, "wrong")
        client.submit("/sign-out")
        assert try_sign_in(client, account.username, GOOD).status_code == 302
        client.submit("/sign-out")


def test_one_address_is_locked_after_many_names(
    client: Browser, account: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "panel.authentication.verify_password", lambda stored, given: stored and given == GOOD
    )
    for number in range(settings.sign_in_attempts * ADDRESS_FACTOR):
        try_sign_in(client, f"name-{number}", "wrong")
    assert "已暂时锁定" in try_sign_in(client, account.username, GOOD).get_data(as_text=True)


def test_sign_ins_failures_and_locks_are_audited(client: Browser, account: User) -> None:
    try_sign_in(client, account.username, GOOD)
    client.submit("/sign-out")
    for _attempt in range(6):
        try_sign_in(client, account.username, "wrong")
    deeds = [event.action for event in AuditEvent.objects(thing="users").order_by("id")]
    assert deeds == [
        "sign_in",
        "sign_out",
        "sign_in_failed",
        "sign_in_failed",
        "sign_in_failed",
        "sign_in_failed",
        "sign_in_locked",
        "sign_in_refused",
    ]
    assert GOOD not in str(list(AuditEvent.objects.as_pymongo()))


def test_a_password_typed_as_a_name_is_kept_nowhere(client: Browser, database: Any) -> None:
    try_sign_in(client, "my-secret-password", "T0001")
    kept = {name: str(list(database[name].find())) for name in own_collections(database)}
    assert "sign_in_failed" in kept["audit_events"]
    assert [name for name, documents in kept.items() if "my-secret-password" in documents] == []


def test_no_password_or_cookie_is_stored_in_clear(client: Browser, account: User) -> None:
    try_sign_in(client, account.username, GOOD)
    cookie = client.get_cookie("pingshen")
    assert cookie is not None
    stored = str(list(WebSession.objects.as_pymongo())) + str(list(SignInAttempts.objects.as_pymongo()))
    assert cookie.value not in stored
    assert GOOD not in stored


# --- where to go -----------------------------------------------------------------------------------


def test_a_protected_page_leads_through_sign_in_and_back(client: Browser, account: User) -> None:
    answer = client.get("/inbox?page=2")
    assert answer.location == "/sign-in?next=/inbox?page%3D2"
    assert try_sign_in(client, account.username, GOOD, next="/inbox?page=2").location == "/inbox?page=2"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "/a\nb",
    ],
)
def test_only_local_paths_are_followed(client: Browser, account: User, target: str) -> None:
    assert try_sign_in(client, account.username, GOOD, next=target).location == "/my/"


# --- sessions ---------------------------------------------------------------------------------------


def test_the_session_identifier_changes_at_sign_in_and_the_old_one_is_dead(
    client: Browser, account: User, new_browser: Callable[[], Browser]
) -> None:
    client.get("/sign-in")
    before = client.get_cookie("pingshen")
    try_sign_in(client, account.username, GOOD)
    after = client.get_cookie("pingshen")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    thief = new_browser()
    thief.set_cookie("pingshen", before.value)
    assert who(thief) is None


def test_signing_out_ends_the_session_for_good(
    client: Browser, account: User, new_browser: Callable[[], Browser]
) -> None:
    client.sign_in_as(account)
    cookie = client.get_cookie("pingshen")
    assert cookie is not None
    assert client.submit("/sign-out").location == "/"
    thief = new_browser()
    thief.set_cookie("pingshen", cookie.value)
    assert who(thief) is None


def test_signing_out_needs_a_post(client: Browser, account: User) -> None:
    client.sign_in_as(account)
    assert client.get("/sign-out").status_code == 405
    assert who(client) == str(account.id)


def test_an_idle_session_ends(client: Browser, account: User) -> None:
    client.sign_in_as(account)
    WebSession.objects.update(set__expires_at=clock.now() - timedelta(seconds=1))
    assert who(client) is None


def test_a_used_session_is_prolonged(client: Browser, account: User, settings: Settings) -> None:
    client.sign_in_as(account)
    soon = clock.now() + timedelta(minutes=5)
    row = WebSession.objects.get()
    data = re.sub(r'"_seen":\s*\d+', '"_seen": 1', row.data)
    WebSession.objects(pk=row.pk).update_one(set__expires_at=soon, set__data=data)
    client.get("/inbox")
    assert WebSession.objects.get().expires_at > soon + timedelta(minutes=settings.session_idle_minutes - 10)


def test_a_script_with_an_expired_session_is_told_so_with_the_form_kept(client: Browser) -> None:
    for headers in ({"X-Requested-With": "fetch"}, {"HX-Request": "true"}):
        answer = client.post("/inbox/read", data={"id": "1"}, headers=headers)
        assert answer.status_code == 401
        assert answer.get_json()["error"] == "signed-out"
    answer = client.get("/inbox", headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.get_json()["error"]) == (401, "signed-out")


def test_a_form_sent_after_the_session_ended_shows_what_was_typed(client: Browser) -> None:
    answer = client.post("/inbox/read", data={"opinion": "写了很久的意见", "password": "hunter22"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "登录已过期" in page
    assert "写了很久的意见" in page
    assert "hunter22" not in page


def test_an_expired_sign_in_page_asks_again(client: Browser) -> None:
    answer = client.post("/sign-in", data={"username": "x", "password": "y"}, follow_redirects=True)
    assert "登录页面已过期" in answer.get_data(as_text=True)


# --- passwords --------------------------------------------------------------------------------------


def change(browser: Browser, new: str, old: str = GOOD, repeat: str | None = None) -> Any:
    data = {"password": old, "new_password": new, "repeat_password": new if repeat is None else repeat}
    return browser.submit("/password", data)


def test_a_one_time_password_opens_nothing_but_the_page_to_replace_it(client: Browser, account: User) -> None:
    User.objects(pk=account.pk).update_one(set__must_change_password=True)
    assert try_sign_in(client, account.username, GOOD).location == "/password"
    assert client.get("/my/").location == "/password?next=/my/"
    assert client.get("/inbox", headers={"X-Requested-With": "fetch"}).status_code == 403
    assert client.get("/manual").status_code == 200
    assert change(client, "brand-new-secret").status_code == 302
    assert client.get("/inbox").status_code == 200
    assert account.reload().must_change_password is False


@pytest.mark.parametrize(
    ("new", "sentence"),
    [("short", "至少 8 位"), (GOOD, "不能与现在的密码相同"), ("STAFF", "不能与工号或用户名相同")],
)
def test_a_bad_new_password_is_refused_in_words(client: Browser, new: str, sentence: str) -> None:
    person = make_person(staff_number="T-2026-0001")
    user = make_user(username=person.staff_number, person=person, password_hash=good_hash())
    client.sign_in_as(user)
    answer = change(client, person.staff_number.lower() if new == "STAFF" else new)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_the_old_password_and_the_repetition_must_fit(client: Browser, account: User) -> None:
    client.sign_in_as(account)
    assert "现在的密码不对" in change(client, "brand-new-secret", old="wrong").get_data(as_text=True)
    assert "不一致" in change(client, "brand-new-secret", repeat="other-secret").get_data(as_text=True)
    assert passwords.verify_password(account.reload().password_hash, GOOD)


def test_guessing_the_old_password_locks_and_signs_out(client: Browser, account: User) -> None:
    client.sign_in_as(account)
    for _attempt in range(5):
        change(client, "brand-new-secret", old="wrong")
    assert who(client) is None
    assert "已暂时锁定" in try_sign_in(client, account.username, GOOD).get_data(as_text=True)


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(
    client: Browser, account: User, sign_in_as: Callable[..., Browser]
) -> None:
    elsewhere = sign_in_as(account)
    client.sign_in_as(account)
    assert change(client, "brand-new-secret").status_code == 302
    assert who(client) == str(account.id)
    assert who(elsewhere) is None


def test_ended_sessions_stay_ended(client: Browser, account: User) -> None:
    client.sign_in_as(account)
    security.end_sessions(account)
    assert who(client) is None


def test_a_one_time_password_is_long_readable_and_never_the_same() -> None:
    made = {security.one_time_password() for _number in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[a-hjkmnp-z2-9]{10}", text) for text in made)


# --- demo ------------------------------------------------------------------------------------------


def test_the_demo_signs_in_only_its_own_accounts(client: Browser, account: User) -> None:
    assert client.submit("/demo/sign-in", {"username": account.username}).status_code == 404
    assert who(client) is None


def test_the_demo_does_not_exist_in_production(production_app: Flask, account: User) -> None:
    browser = production_app.test_client()
    page = browser.get("/", base_url="https://localhost").get_data(as_text=True)
    assert "演示" not in page
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    for path, data in (("/demo/sign-in", {"username": "x"}), ("/demo/clock", {"step": "day"})):
        answer = browser.post(
            path,
            data=data | {"csrf_token": found.group(1)},
            base_url="https://localhost",
            headers={"Referer": "https://localhost/"},
        )
        assert answer.status_code == 404


def test_the_clock_moves_by_steps_and_to_a_day_and_back_with_a_banner_on_every_page(client: Browser) -> None:
    real = clock.now()
    client.submit("/demo/clock", {"step": "week"})
    assert timedelta(days=6, hours=23) < clock.now() - real < timedelta(days=7, hours=1)
    assert "演示时钟已调整" in client.get("/sign-in").get_data(as_text=True)
    client.submit("/demo/clock", {"step": "date", "date": "2030-05-04"})
    assert clock.today().isoformat() == "2030-05-04"
    client.submit("/demo/clock", {"step": "reset"})
    assert clock.offset() == timedelta()
    assert "演示时钟已调整" not in client.get("/sign-in").get_data(as_text=True)


@pytest.mark.parametrize("text", ["", "tomorrow", "2030-13-01"])
def test_a_date_that_is_none_leaves_the_clock_alone(client: Browser, text: str) -> None:
    answer = client.submit("/demo/clock", {"step": "date", "date": text}, follow_redirects=True)
    assert "请选择一个日期" in answer.get_data(as_text=True)
    assert clock.offset() == timedelta()
