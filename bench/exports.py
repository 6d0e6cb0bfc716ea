"""The list of applications as .xlsx through the product, beside a bare cursor; other files of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Flask

from bench.support import MB, account, browser, measured
from models.application import Application
from models.choices import State
from models.database import get_database
from models.user import User
from panel import clock
from panel.domain.actors import actor_of
from panel.domain.reports.exporting import sort_readable
from panel.services import case_files
from panel.services.case_files import CaseFileKind, Order

_FIELDS = (
    "name staff_number number department_name round level exceptional speciality kind state"
    " submitted_at updated_at"
)
HEAD = ("file", "clock", "processors", "memory", "size")


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


def made(kind: CaseFileKind, people: int, username: str, key: str = "") -> Callable[[], int]:
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
        ("overview, 2000 people", made(CaseFileKind.TABLE, 2000, hr, "overview")),
        ("dossiers, 20 people", made(CaseFileKind.DOSSIERS, 20, hr)),
        ("one PDF to print, 20 people", made(CaseFileKind.FORMS, 20, hr)),
    ]
    exported(app, hr)  # fills the caches that any request fills
    browser(app, hr).get("/admin/")
    for title, job in jobs:
        with measured() as found:
            size = job()
        yield (title, *found.cells(), f"{size / MB:.1f} MB")
