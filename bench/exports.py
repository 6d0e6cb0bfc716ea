"""How fast files leave with many applications: ``python -m bench.exports``.

In one run, on a database of its own: the list of applications as .xlsx through the application, beside a bare
cursor that only reads the same fields; and the other files of cases. Memory is what the process grows by.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from flask import Flask

from bench import many
from bench.__main__ import account, browser, prepared
from models import Application, User
from models.choices import State
from models.database import get_database
from panel import clock, console
from panel.domain.exporting import sort_readable
from panel.domain.policy import actor_of
from panel.services import case_files
from panel.services.case_files import Kind, Order

_FIELDS = (
    "name staff_number number department_name round level exceptional speciality kind state"
    " submitted_at updated_at"
)
_MB = 1024 * 1024


@dataclass
class Measured:
    """Seconds on the clock and of this process, and how much it grew at most meanwhile, in bytes."""

    seconds: float = 0.0
    cpu: float = 0.0
    grown: int = 0

    def cells(self) -> tuple[str, ...]:
        """For the table."""
        return f"{self.seconds:.1f} s", f"{self.cpu:.1f} s", f"{self.grown / _MB:.0f} MB"


@contextmanager
def measured() -> Iterator[Measured]:
    """Time what is inside, and look at the process's memory every few milliseconds."""
    found, over, process = Measured(), threading.Event(), psutil.Process()
    before = process.memory_info().rss

    def watch() -> None:
        while not over.wait(0.005):
            found.grown = max(found.grown, process.memory_info().rss - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun, worked = time.perf_counter(), time.process_time()
    try:
        yield found
    finally:
        found.seconds, found.cpu = time.perf_counter() - begun, time.process_time() - worked
        over.set()
        watcher.join()


def bare() -> int:
    """Read the fields of the list by the driver alone; returns the bytes of their text."""
    cursor = get_database().applications.find({}, dict.fromkeys(_FIELDS.split(), 1))
    return sum(len(str(row)) for row in cursor)


def exported(app: Flask, username: str) -> Callable[[], int]:
    """Ask for the list's file and read it in pieces, as a browser does; returns its bytes."""

    def read() -> int:
        answer = browser(app, username).get("/admin/applications/export.xlsx", buffered=False)
        if answer.status_code != 200:
            raise SystemExit(f"{answer.status} instead of 200")
        return sum(len(piece) for piece in answer.iter_encoded())

    return read


def made(kind: Kind, people: int, username: str, key: str = "") -> Callable[[], int]:
    """Make a file of so many cases; returns its bytes."""

    def make() -> int:
        actor = actor_of(User.objects.get(username=username))
        ids = list(Application.objects(state=State.SUBMITTED.value).limit(people).scalar("id"))
        kept, left_out = sort_readable(ids, actor)
        with case_files.make(Order(kind, kept, key, left_out=left_out), actor, clock.now()) as file:
            return file.seek(0, 2)

    return make


def rows(app: Flask, applications: int) -> Iterator[tuple[str, ...]]:
    """The table: what, how long, memory, size."""
    hr = account("unit_hr")
    jobs: list[tuple[str, Callable[[], int]]] = [
        # first, so that its memory isn't what another has left
        (f"list as .xlsx, {applications} rows", exported(app, hr)),
        (f"bare cursor, {applications} rows", bare),
        ("overview, 2000 people", made(Kind.TABLE, 2000, hr, "overview")),
        ("dossiers, 20 people", made(Kind.DOSSIERS, 20, hr)),
        ("one PDF to print, 20 people", made(Kind.FORMS, 20, hr)),
    ]
    exported(app, hr)  # fills the caches that any request fills
    browser(app, hr).get("/admin/")
    for title, job in jobs:
        with measured() as found:
            size = job()
        yield (title, *found.cells(), f"{size / _MB:.1f} MB")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="bench.exports", description=__doc__)
    parser.add_argument("--applications", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=20_000)
    options = parser.parse_args()
    with prepared(0) as app:
        console.step(f"{options.applications} applications")
        many.seed(get_database(), options.applications, options.people)
        console.table([("file", "time", "of it ours", "memory", "size"), *rows(app, options.applications)])


if __name__ == "__main__":
    main()
