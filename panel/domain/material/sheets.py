"""One person's material table as it prints for the stamp, and where it differs from what was submitted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.application import Application
from models.choices import MaterialState
from models.material import MaterialEntry
from models.person import Person
from models.review_round import ReviewRound
from models.sections import Entry
from models.states import IN_HAND
from models.values import ref_id
from panel.domain.content.frozen import as_submitted
from panel.domain.content.material import differences, table_of
from panel.domain.material.columns import table_sections
from panel.domain.rounds import printed_columns
from panel.domain.rounds.parts import AskedForm

#: Answers after which an entry is agreed.
AGREED = (MaterialState.CONFIRMED, MaterialState.SETTLED)


@dataclass(frozen=True)
class SheetTable:
    """One section: its heads with their relative widths, and the rows."""

    title: str
    heads: list[tuple[str, int]]
    rows: list[list[str]]


@dataclass(frozen=True)
class MaterialSheet:
    """One person's table in one round, in the official columns; all words Chinese, for the files."""

    name: str
    staff_number: str
    unit: str
    department: str
    title: str
    speciality: str
    round: str
    tables: list[SheetTable]
    entries: int
    open: int  # not agreed yet
    at: datetime

    @property
    def is_agreed(self) -> bool:
        """Whether the person has agreed to every line."""
        return not self.open


def sheet_of(round: ReviewRound, person: Person, now: datetime) -> MaterialSheet:
    """The person's table as it is now."""
    return sheets_of(round, [person], now)[0]


def sheets_of(round: ReviewRound, people: Iterable[Person], now: datetime) -> list[MaterialSheet]:
    """The tables of several people, in their order, with two queries."""
    asked = list(people)
    rows: dict[object, list[MaterialEntry]] = {}
    for row in table_of(round.id, [person.id for person in asked]):
        rows.setdefault(ref_id(row, "person"), []).append(row)
    cases = {
        ref_id(case, "person"): case
        for case in Application.objects(round=round.id, person__in=[p.id for p in asked], is_live=True)
    }
    return [_sheet(round, person, rows.get(person.id, []), cases.get(person.id), now) for person in asked]


def _sheet(
    round: ReviewRound, person: Person, rows: list[MaterialEntry], case: Application | None, now: datetime
) -> MaterialSheet:
    # the official columns are composed by the rules of an application: an unsaved one stands in
    frame = case or Application(
        round=round, round_version=round.version, person=person, kind="", level="", edition=""
    )
    asked, tables = AskedForm(frame), []
    for section in table_sections(frame.spec):
        mine = [row for row in rows if row.section == section.key]
        lines = [printed_columns.compose(asked, _entry(row, case)) for row in mine]
        heads = [(str(column.label), column.width) for column in section.columns]
        keys = [column.key for column in section.columns]
        tables.append(SheetTable(str(section.label), heads, [[line[key] for key in keys] for line in lines]))
    labels = {option.value: str(option.label) for option in frame.spec.specialities}
    return MaterialSheet(
        name=person.name,
        staff_number=person.staff_number,
        unit=str(person.unit.name),
        department=person.unit.department_name(person.department),
        title=person.title or "",
        speciality=labels.get(person.speciality or "", person.speciality or ""),
        round=str(frame.spec.title),
        tables=tables,
        entries=len(rows),
        open=sum(1 for row in rows if row.state not in AGREED),
        at=now,
    )


def _entry(row: MaterialEntry, case: Application | None) -> Entry:
    """The entry with the clause that the applicant chose, once that is submitted (G30)."""
    placed = None
    if case is not None and case.receipt is not None:
        submitted = as_submitted(case).entries(row.section)
        placed = next((entry for entry in submitted if entry.uid == row.uid), None)
    entry = row.as_entry()
    if placed is not None and entry.clause is None:
        entry.clause = placed.clause
    return entry


def differences_of(asked: AskedForm) -> list[tuple[MaterialEntry | None, Entry | None]]:
    """Where the table and what was submitted differ: (row, entry), None for what one of them lacks.

    Nothing while the applicant has it in hand: there it follows the table.
    """
    application = asked.application
    if application.receipt is None or application.state in IN_HAND:
        return []
    table = table_of(ref_id(application, "round"), [ref_id(application, "person")])
    return differences(asked, table)
