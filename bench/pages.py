"""The main pages of every role, asked for through the product: time, size, commands to the database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from pymongo import monitoring

from bench.support import account, browser
from models.application import Application
from models.choices import State

HEAD = ("page", "median", "slowest", "commands", "size")


class Commands(monitoring.CommandListener):
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.count += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Counted when it started."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Counted when it started."""


@dataclass(frozen=True)
class Page:
    """One address and whose account asks for it (empty: nobody)."""

    title: str
    username: str
    address: str


def pages() -> Iterator[Page]:
    """The main pages, on what the demo holds."""
    filled = Application.objects.get(staff_number="20150023")
    submitted = Application.objects(state=State.SUBMITTED.value).order_by("_id").first()
    hr, office, expert = (account(role) for role in ("unit_hr", "office", "expert"))
    yield Page("home", "", "/")
    yield Page("notices", "", "/notices/")
    yield Page("my tasks", "20150023", f"/my/application/{filled.id}/")
    yield Page("my section", "20150023", f"/my/application/{filled.id}/basic")
    yield Page("my findings", "20150023", f"/my/application/{filled.id}/check")
    yield Page("my form as PDF", "20150023", f"/my/application/{filled.id}/form.pdf")
    yield Page("HR's work", hr, "/admin/")
    yield Page("HR's list", hr, "/admin/applications/")
    yield Page("HR's list, submitted", hr, f"/admin/applications/?state={State.SUBMITTED.value}")
    yield Page("HR's list, search", hr, "/admin/applications/?search=lin")
    yield Page("HR's case", hr, f"/admin/applications/{submitted.id}")
    yield Page("quick search", hr, "/admin/search/?q=zhang")
    yield Page("roster", hr, "/admin/people/")
    yield Page("meetings", office, "/admin/meetings/")
    yield Page("expert's work", expert, "/committee/")


def listen() -> Commands:
    """Count what is sent over connections made from now on."""
    commands = Commands()
    monitoring.register(commands)
    return commands


def rows(app: Flask, commands: Commands, repeat: int) -> Iterator[tuple[str, ...]]:
    """A row per page."""
    for page in pages():
        yield _measure(app, page, commands, repeat)


def _measure(app: Flask, page: Page, commands: Commands, repeat: int) -> tuple[str, ...]:
    """The row of `page`; the first request, which fills caches, does not count."""
    client = browser(app, page.username)
    answer = client.get(page.address)
    if answer.status_code != 200:
        raise SystemExit(f"{page.address}: {answer.status} instead of 200")
    times = []
    commands.count = 0
    for _ in range(repeat):
        begun = time.perf_counter()
        client.get(page.address)
        times.append((time.perf_counter() - begun) * 1000)
    return (
        page.title,
        f"{statistics.median(times):.0f} ms",
        f"{max(times):.0f} ms",
        f"{commands.count / repeat:.0f}",
        f"{len(answer.data) / 1024:.0f} kB",
    )
