"""Headers, CSRF, cookies, error pages, language, notices: what holds on every page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import ServerSelectionTimeoutError

from models.audit import AuditEvent
from models.choices import Role
from models.outbox import OutboxRow
from models.user import User
from panel import create_app
from panel.addresses import local_path
from panel.config import Settings
from tests.factories import NOW, make_person, make_user
from tests.views.conftest import Browser

PAGES = ("/", "/sign-in", "/manual", "/nothing-here")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_strict_policy(client: Browser, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_signed_in_page_is_never_stored_by_the_browser(sign_in_as: Callable[..., Browser]) -> None:
    assert sign_in_as(Role.APPLICANT).get("/inbox").headers["Cache-Control"] == "no-store"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: Browser) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_cookies_of_production_travel_encrypted_only(production_app: Flask) -> None:
    answer = production_app.test_client().get("/sign-in", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_static_files_need_no_session(client: Browser) -> None:
    answer = client.get("/static/css/shared/app.css")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def unsafe_addresses(app: Flask) -> list[tuple[str, str]]:
    """(method, address) of everything that isn't a GET, arguments filled in."""
    found = []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            found.append((method, re.sub(r"<[^>]+>", "5f0000000000000000000000", rule.rule)))
    return found


def test_no_unsafe_address_works_without_a_token(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    everything = make_user(
        *(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM)), person=make_person()
    )
    browser = sign_in_as(everything)
    addresses = unsafe_addresses(app)
    assert len(addresses) > 5
    answers = {address: browser.open(address, method=method) for method, address in addresses}
    wrong = {
        address: answer.status_code
        for address, answer in answers.items()
        if not (answer.status_code == 400 or (address == "/sign-in" and answer.status_code == 302))
    }
    assert wrong == {}


def test_a_token_of_another_session_does_not_fit(sign_in_as: Callable[..., Browser]) -> None:
    theirs = sign_in_as(Role.APPLICANT).token()
    answer = sign_in_as(Role.APPLICANT).post("/inbox/read", data={"csrf_token": theirs})
    assert answer.status_code == 400


def test_a_stale_page_is_explained_and_what_was_typed_is_shown(sign_in_as: Callable[..., Browser]) -> None:
    answer = sign_in_as(Role.APPLICANT).post("/inbox/read", data={"text": "写好的内容", "csrf_token": "old"})
    page = answer.get_data(as_text=True)
    assert "页面已过期" in page
    assert "写好的内容" in page


def test_what_was_typed_is_shown_as_text(sign_in_as: Callable[..., Browser]) -> None:
    typed = "</textarea><script>alert(1)</script>"
    page = sign_in_as(Role.APPLICANT).post("/inbox/read", data={"text": typed}).get_data(as_text=True)
    assert typed not in page
    assert "&lt;script&gt;" in page


# --- errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "word"), [("/nothing", 404, "页面不存在"), ("/sign-out", 405, "请求方式不对")]
)
def test_errors_are_pages_in_chinese_with_a_way_back(
    client: Browser, path: str, status: int, word: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert word in answer.get_data(as_text=True)
    assert "回到首页" in answer.get_data(as_text=True)


def test_an_oversized_body_is_refused_in_words(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    browser = sign_in_as(Role.APPLICANT)
    huge = "x" * (app.config["MAX_FORM_MEMORY_SIZE"] + 1)
    headers = {"X-CSRFToken": browser.token()}
    answer = browser.post(
        "/inbox/read", data={"text": huge}, headers=headers, content_type="multipart/form-data"
    )
    assert answer.status_code == 413
    assert "内容过大" in answer.get_data(as_text=True)


def test_a_bug_shows_a_reference_and_no_details(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(app.view_functions, "public.manual", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = client.get("/manual")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert re.search(r"<code>[0-9a-f]{8}</code>", page)
    assert "secret detail" not in page


def test_health_tells_whether_the_database_answers(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}

    class Away:
        def command(self, name: str) -> None:
            raise ServerSelectionTimeoutError("away")

    monkeypatch.setattr("views.public.pages.get_database", Away)
    assert client.get("/healthz").status_code == 503


def test_a_page_says_so_when_the_database_is_away(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/sign-in")
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    def away(*_arguments: Any) -> None:
        raise ServerSelectionTimeoutError("away")

    monkeypatch.setattr("panel.sessions.MongoSessions._retrieve_session_data", away)
    answer = client.get("/sign-in")
    assert answer.status_code == 503
    assert "系统暂时不可用" in answer.get_data(as_text=True)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/sign-in", headers={"X-Requested-With": "fetch"}).get_json()["error"] == "unavailable"
    assert client.get("/healthz").status_code == 200


def test_behind_a_trusted_proxy_the_visitors_address_counts(settings: Settings, database: Any) -> None:
    made = create_app(settings.model_copy(update={"trusted_proxies": 1}))
    made.test_client_class = Browser
    made.test_client().submit(  # type: ignore[attr-defined]
        "/sign-in", {"username": "x", "password": "y"}, headers={"X-Forwarded-For": "203.0.113.9"}
    )
    assert AuditEvent.objects.get(action="sign_in_failed").detail["address"] == "203.0.113.9"


def test_without_one_nobody_can_choose_their_address(client: Browser) -> None:
    data = {"username": "x", "password": "y"}
    client.submit("/sign-in", data, headers={"X-Forwarded-For": "203.0.113.9"})
    assert AuditEvent.objects.get(action="sign_in_failed").detail["address"] == "127.0.0.1"


# --- areas -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", ["/my/", "/admin/", "/committee/"])
def test_an_area_asks_to_sign_in_and_does_not_exist_for_others(client: Browser, area: str) -> None:
    assert client.get(area).location == f"/sign-in?next={area}"
    nobody = make_user()
    client.sign_in_as(nobody)
    assert client.get(area).status_code == 404


def test_the_stock_static_files_of_flask_admin_are_not_served(app: Flask, client: Browser) -> None:
    static = {rule.rule for rule in app.url_map.iter_rules() if "static" in rule.rule}
    assert static == {"/static/<path:filename>"}
    assert client.get("/admin/static/admin/js/form.js").status_code == 404


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/my/?a=1", "/my/?a=1"),
        ("http://localhost/my/", "/my/"),
        ("http://evil.example/my/", None),
        ("//evil.example", None),
        ("/\\evil", None),
        ("javascript:1", None),
        ("", None),
        (None, None),
    ],
)
def test_only_paths_of_this_server_count_as_local(
    app: Flask, address: str | None, expected: str | None
) -> None:
    with app.test_request_context("/"):
        assert local_path(address) == expected


# --- language and notices ---------------------------------------------------------------------------


def test_chinese_is_the_default_and_english_is_remembered(client: Browser, database: Any) -> None:
    assert '<html lang="zh-Hans">' in client.get("/").get_data(as_text=True)
    user: User = make_user(person=make_person())
    client.sign_in_as(user)
    assert client.submit("/language", {"language": "en", "next": "/manual"}).location == "/manual"
    assert '<html lang="en">' in client.get("/").get_data(as_text=True)
    assert user.reload().language == "en"


def test_an_account_keeps_its_language_in_another_browser(sign_in_as: Callable[..., Browser]) -> None:
    browser = sign_in_as(make_user(language="en", person=make_person()))
    assert "Overview: the way of an application" in browser.get("/manual").get_data(as_text=True)


def test_an_unknown_language_is_refused(client: Browser) -> None:
    assert client.submit("/language", {"language": "xx"}).status_code == 404


def notice(browser: Browser, text: str = "您的申报被退回补正。") -> OutboxRow:
    return OutboxRow(person=browser.person, message=text, link="/my/", at=NOW).save()


def test_notices_are_counted_read_and_followed(sign_in_as: Callable[..., Browser]) -> None:
    browser = sign_in_as(Role.APPLICANT)
    row = notice(browser)
    assert "消息，1 条未读" in browser.get("/").get_data(as_text=True)
    assert "您的申报被退回补正。" in browser.get("/inbox").get_data(as_text=True)
    assert browser.submit("/inbox/read", {"id": str(row.id), "go": "1"}).location == "/my/"
    assert row.reload().read_at is not None
    assert "条未读" not in browser.get("/").get_data(as_text=True)


def test_another_persons_notice_does_not_exist(sign_in_as: Callable[..., Browser]) -> None:
    row = notice(sign_in_as(Role.APPLICANT))
    stranger = sign_in_as(Role.APPLICANT)
    assert "退回补正" not in stranger.get("/inbox").get_data(as_text=True)
    assert stranger.submit("/inbox/read", {"id": str(row.id)}).status_code == 404
    assert stranger.submit("/inbox/read").status_code == 302
    assert row.reload().read_at is None
