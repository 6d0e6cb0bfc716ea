"""How fast pages are with many applications: ``make bench``.

A private database of its own gets the demo and copies of one submitted application; then the main pages of
every role are asked for through the application, without network, and the table shows the median and the
slowest time and the commands sent to the database per request.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo import monitoring
from pymongo.database import Database

from models import Application, Person, User
from models.choices import State
from models.values import search_keys
from panel import boot, config, console, create_app, demo
from panel.embedded import EmbeddedMongo
from panel.migrate import migrate

BATCH = 1000


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
    yield Page("roster", hr, "/admin/people/")
    yield Page("meetings", office, "/admin/meetings/")
    yield Page("expert's work", expert, "/committee/")


def account(role: str) -> str:
    """The first account of the demo that holds `role`."""
    return str(User.objects(grants__role=role).order_by("username").first().username)


def multiply(database: Database[dict[str, Any]], wanted: int) -> None:
    """Insert `wanted` copies of one submitted application, each with a person of its own."""
    source = Application.objects(state=State.SUBMITTED.value).order_by("_id").first()
    application = database.applications.find_one({"_id": source.id})
    person = database.people.find_one({"_id": source.person.id})
    assert application is not None
    assert person is not None
    for unique in ("number", "receipt"):
        application.pop(unique, None)
    person.pop("id_hash", None)
    for start in range(0, wanted, BATCH):
        people, applications = [], []
        for serial in range(start, min(start + BATCH, wanted)):
            number, name = f"9{serial:07d}", f"测试{serial}"
            same = {"name": name, "staff_number": number, "search": search_keys(name, number)}
            people.append({**person, **same, "_id": ObjectId()})
            applications.append({**application, **same, "_id": ObjectId(), "person": people[-1]["_id"]})
        database[Person._get_collection_name()].insert_many(people)
        database[Application._get_collection_name()].insert_many(applications)


def browser(app: Flask, username: str) -> FlaskClient:
    """A client with a session of `username`."""
    client = app.test_client()
    if username:
        user = User.objects.get(username=username)
        with client.session_transaction() as session:
            session["_user_id"] = f"{user.id}:{user.session_epoch}"
            session["_fresh"] = True
    return client


def measure(app: Flask, page: Page, commands: Commands, repeat: int) -> tuple[str, ...]:
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


@contextmanager
def prepared(applications: int) -> Iterator[Flask]:
    """The application on a database of its own that holds so many applications more than the demo."""
    with tempfile.TemporaryDirectory(prefix="pingshen-bench-") as folder:
        var = Path(folder)
        with EmbeddedMongo(var / "mongo") as mongo:
            settings = config.load(mode=config.Mode.TEST, var=var, mongodb_uri=mongo.uri)
            database = boot.connect(settings)
            migrate()
            console.step("demo")
            demo.seed(settings)
            console.step(f"{applications} applications more")
            multiply(database, applications)
            yield create_app(settings)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--applications", type=int, default=5000, help="copies beside the demo")
    parser.add_argument("--repeat", type=int, default=15, help="requests per page")
    options = parser.parse_args()
    commands = Commands()
    monitoring.register(commands)
    with prepared(options.applications) as app:
        rows = [measure(app, page, commands, options.repeat) for page in pages()]
    console.table([("page", "median", "slowest", "commands", "size"), *rows])


if __name__ == "__main__":
    main()
