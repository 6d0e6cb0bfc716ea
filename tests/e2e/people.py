"""A person at a browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request


class Person:
    """One browser with its page; collects what must not happen: script errors, outside requests."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.problems: list[str] = []
        self.expects_errors = False  # a test that cuts the network sets it
        context.on("page", self._watch)
        self.page: Page = context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self._note(f"script error at {page.url}: {error}"))
        page.on("console", lambda message: self._console(page, message))
        page.on("request", self._request)

    def _note(self, problem: str) -> None:
        if not self.expects_errors:
            self.problems.append(problem)

    def _console(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self._note(f"console at {page.url}: {message.text}")

    def _request(self, request: Request) -> None:
        host = urlsplit(request.url)
        if host.scheme in ("http", "https") and f"{host.scheme}://{host.netloc}" != self.address:
            self.problems.append(f"outside request: {request.url}")

    def go(self, path: str) -> Page:
        """Open a path and return the page."""
        self.page.goto(path)
        return self.page

    def enter(self, username: str, password: str) -> None:
        """Be signed in without a page being drawn: send what the form sends."""
        request = self.context.request
        token = request.get(f"{self.address}/session").json()["csrf"]
        form = {"username": username, "password": password, "csrf_token": token}
        answer = request.post(f"{self.address}/sign-in", form=form, max_redirects=0)
        assert answer.status == 302, answer.text()

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by the form."""
        page = self.go("/sign-in")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码", exact=True).fill(password)
        page.locator("main form").get_by_role("button", name="登录").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
