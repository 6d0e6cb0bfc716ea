"""The whole program as a person meets it: real mongod, gunicorn, worker's work, Debian's Chromium."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from pymongo.database import Database

from models.setting import Setting
from panel import clock, config, demo
from panel.process import free_port
from tests.e2e.people import Person
from tests.factories import own_collections
from tests.written import WRITTEN

#: Chromium without what draws its windows: half the work, but it shows no PDF.
SHELL = "/usr/bin/chromium-headless-shell"
CHROMIUM = "/usr/bin/chromium"
#: Flags without which Chromium asks Google's hosts for things at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60
#: The browsers of the running test.
OPEN: list[Person] = []
expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def address(settings: config.Settings, _migrated: Any, var: Path) -> Iterator[str]:
    """The address of a running web server over the test database."""
    WRITTEN.watching = False  # this server writes until the end
    port = free_port()
    log = var / "web.log"
    environment = os.environ | {
        "PINGSHEN_MODE": "test",
        "PINGSHEN_VAR": str(var),
        "PINGSHEN_DATABASE": settings.database,
        "PINGSHEN_BASE_URL": f"http://127.0.0.1:{port}",
        "MONGODB_URI": settings.mongodb_uri or "",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "panel:create_app()",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "8",
        "--timeout",
        "120",
    ]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_until_up(f"http://127.0.0.1:{port}/healthz", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=20)


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            threading.Event().wait(0.1)
    raise RuntimeError("the server did not start:\n" + log.read_text())


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


class Browsers:
    """Debian's Chromium, started when a test first asks for it: headless unless PINGSHEN_WINDOW is set."""

    def __init__(self, playwright: Playwright) -> None:
        self.playwright = playwright
        self.running: dict[str, Browser] = {}

    def get(self, shows_pdf: bool) -> Browser:
        """The browser; `shows_pdf`: the whole one, whose viewer opens PDFs inside pages."""
        has_window = bool(os.environ.get("PINGSHEN_WINDOW"))
        path = CHROMIUM if shows_pdf or has_window else SHELL
        if path not in self.running:
            launch = self.playwright.chromium.launch
            self.running[path] = launch(executable_path=path, args=FLAGS, headless=not has_window)
        return self.running[path]

    def close(self) -> None:
        """End them."""
        for browser in self.running.values():
            browser.close()


@pytest.fixture(scope="session")
def browsers(playwright_: Playwright) -> Iterator[Browsers]:
    started = Browsers(playwright_)
    yield started
    started.close()


#: The institution as it was seeded in this process, by the day on which its rounds' dates count.
SEEDED: dict[date, dict[str, list[RawBSONDocument]]] = {}


@pytest.fixture
def institution(database: Database[dict[str, Any]]) -> None:
    """The demo's university, rounds, roster, accounts and committees; nobody has applied yet.

    Seeded once a day and process, then restored as it was stored: accounts and rounds are at most as old as
    the process, which no page and no rule can tell from seeded just now.
    """
    clock.set_offset(clock.timedelta())
    now = clock.now()
    day = now.astimezone(clock.ZONE).date()
    if day in SEEDED:
        for name, rows in SEEDED[day].items():
            database[name].insert_many(rows)
        return
    clean = [name for name in own_collections(database) if name != Setting._get_collection_name()]
    assert [name for name in clean if database[name].find_one()] == []
    demo.seed_institution(now)
    raw: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
    stored = {name: list(database.get_collection(name, codec_options=raw).find()) for name in clean}
    SEEDED[day] = {name: rows for name, rows in stored.items() if rows}


@pytest.fixture
def person(browsers: Browsers, address: str) -> Iterator[Callable[..., Person]]:
    """Opens a browser of its own for somebody: `person("20160011")` is signed in by the demo's password.

    Pages that hold a PDF need `shows_pdf`.

    After the test every page must be free of script errors, refused content and outside requests.
    """
    opened: list[Person] = []

    def open_for(
        username: str = "", width: int = 1440, height: int = 900, shows_pdf: bool = False, **options: Any
    ) -> Person:
        context: BrowserContext = browsers.get(shows_pdf).new_context(
            base_url=address, viewport={"width": width, "height": height}, locale="zh-CN", **options
        )
        someone = Person(context, address)
        opened.append(someone)
        OPEN.append(someone)
        if username:
            someone.enter(username, demo.PASSWORD)
        return someone

    yield open_for
    problems = [problem for someone in opened for problem in someone.problems]
    for someone in opened:
        someone.context.close()
    OPEN.clear()
    assert problems == []


@pytest.fixture
def page(person: Callable[..., Person]) -> Page:
    """A signed-out browser page."""
    return person().page


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Keep a picture of every open page of a failed test, where PINGSHEN_SHOTS names a folder."""
    report = (yield).get_result()
    folder = os.environ.get("PINGSHEN_SHOTS")
    if folder and report.failed and call.when == "call":
        for number, someone in enumerate(OPEN):
            someone.page.screenshot(path=f"{folder}/{item.name}-{number}.png", full_page=True)
            print(number, someone.page.url)
