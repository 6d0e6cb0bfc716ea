"""Files of a selection of cases: tables in a round's layout, dossiers as a ZIP, forms as one PDF to print."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import IO, Any

from bson import ObjectId

from models.application import Application
from models.messages import M
from models.review_round import ReviewRound
from models.values import ref_id
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.errors import Refused
from panel.domain.reports.exporting import LeftOut, Readable, read, record_cases, record_table
from panel.domain.reports.overviews import cells, layouts, sources
from panel.domain.reports.overviews.cells import Reading
from panel.domain.reports.overviews.layouts import Layout
from panel.services import archives
from panel.services.prints import booklets
from panel.services.workbooks import spreadsheets
from panel.services.workbooks.spreadsheets import Column, OutputSheet


class CaseFileKind(StrEnum):
    """What is made of the cases."""

    TABLE = "table"
    DOSSIERS = "dossiers"
    FORMS = "forms"


@dataclass(frozen=True)
class Limits:
    """Of how many people at most, and up to how many at once, without a job in the background."""

    most: int
    at_once: int


LIMITS = {
    CaseFileKind.TABLE: Limits(2000, 200),
    CaseFileKind.DOSSIERS: Limits(500, 20),
    CaseFileKind.FORMS: Limits(300, 5),
}
MIMES = {
    CaseFileKind.TABLE: spreadsheets.XLSX_MIME,
    CaseFileKind.DOSSIERS: archives.ZIP_MIME,
    CaseFileKind.FORMS: booklets.PDF_MIME,
}
ENDINGS = {CaseFileKind.TABLE: "xlsx", CaseFileKind.DOSSIERS: "zip", CaseFileKind.FORMS: "pdf"}
Beat = Callable[[int], None]


@dataclass(frozen=True)
class Order:
    """What is asked for: of which cases, in the order of the file, and which table if it is one."""

    kind: CaseFileKind
    ids: Sequence[ObjectId]
    key: str = ""
    is_clear: bool = False  # ID and telephone numbers whole
    left_out: Sequence[LeftOut] = field(default=())


def refuse_too_many(kind: CaseFileKind, people: int) -> None:
    """Raise Refused for nobody, or for more people than one file takes."""
    if not people:
        raise Refused(M("所选人员里没有您可以导出的：提交以后才能看到内容，本人的申报由其他人处理。"))
    if people > LIMITS[kind].most:
        raise Refused(
            M(
                "一次最多导出 %(most)s 人，现在有 %(have)s 人。请用筛选分几次导出。",
                most=LIMITS[kind].most,
                have=people,
            )
        )


def title_of(order: Order) -> str:
    """What the file is called, without its ending: what it is, and of whom or how many."""
    kinds = {CaseFileKind.DOSSIERS: "申报材料", CaseFileKind.FORMS: "评审表"}
    what = kinds.get(order.kind) or _table_label(order)
    if len(order.ids) > 1:
        return f"{what}-{len(order.ids)}人"
    return f"{what}-{Application.objects(id=order.ids[0]).scalar('name').first()}"


def make(order: Order, actor: Actor, now: datetime, beat: Beat = lambda done: None) -> IO[bytes]:
    """The file as an open temporary file at its start; closing it deletes it. `beat` is told the people done.

    Raises Refused where it can't be made.
    """
    if order.kind is CaseFileKind.FORMS:
        return booklets.forms(read(order.ids, actor), beat)
    if order.kind is CaseFileKind.TABLE:
        return spreadsheets.write(list(_sheets(order, actor, now, beat)))
    file: IO[bytes] = tempfile.TemporaryFile(prefix="pingshen-")  # noqa: SIM115 - handed out open
    for piece in pieces(order, actor, beat):
        file.write(piece)
    file.seek(0)
    return file


def pieces(order: Order, actor: Actor, beat: Beat = lambda done: None) -> Iterator[bytes]:
    """The archive of the dossiers, made while it is sent."""
    return archives.stream(read(order.ids, actor), actor, order.left_out, beat)


def record(order: Order, actor: Actor, now: datetime, reason: str = "") -> None:
    """Record that `actor` took the file away: of dossiers and forms at each case, of a table at its round."""
    if order.kind is not CaseFileKind.TABLE:
        record_cases(actor, order.kind.value, order.ids, now, reason)
        return
    for round, ids in _by_round(order):
        record_table(actor, round, order.key, len(ids), order.is_clear, now, reason)


# --- tables ------------------------------------------------------------------------------------------


def _table_label(order: Order) -> str:
    first = next(iter(_by_round(order)), None)
    return str(layouts.layout_of(first[0], order.key).label) if first else order.key


def _by_round(order: Order) -> list[tuple[ReviewRound, list[ObjectId]]]:
    """The cases by round, in the order of `order`; without those of rounds that don't have the table."""
    rows = Application.objects(id__in=list(order.ids)).only("round").no_dereference()
    rounds = {row.id: ref_id(row, "round") for row in rows}
    known = {round.id: round for round in ReviewRound.objects(id__in=list(set(rounds.values())))}
    ids = [id for id in order.ids if id in rounds]
    grouped = [(known[key], list(group)) for key, group in groupby(ids, key=lambda id: rounds[id])]
    return [pair for pair in grouped if any(row.key == order.key for row in pair[0].spec.exports)]


def _sheets(order: Order, actor: Actor, now: datetime, beat: Beat) -> Iterator[OutputSheet]:
    done = 0
    for round, ids in _by_round(order):
        layout = layouts.layout_of(round, order.key)
        rows = _rows(layout, read(ids, actor), order.is_clear, beat, done)
        yield _sheet(round, layout, rows, len(ids), now)
        done += len(ids)


def _sheet(
    round: ReviewRound, layout: Layout, rows: Iterable[list[Any]], people: int, now: datetime
) -> OutputSheet:
    columns = [
        Column(
            column.label,
            column.width,
            spreadsheets.CellKind.NUMBER
            if sources.is_number(round.spec, column.source)
            else spreadsheets.CellKind.TEXT,
            wraps=True,
        )
        for column in layout.columns
    ]
    organisation = str(round.spec.organisation)
    made = f"单位：{organisation}    制表日期：{local_date(now).isoformat()}    共 {people} 人"
    title = f"{round.title.removesuffix('评审')}{layout.label}"
    return OutputSheet(str(round.spec.series_label), columns, rows, title=title, notes=[made])


def _rows(
    layout: Layout, cases: Iterable[Readable], is_clear: bool, beat: Beat, before: int
) -> Iterator[list[Any]]:
    for number, case in enumerate(cases, start=1):
        # asked for, and this case's to reveal: who is HR of one unit may only supervise another
        shown = is_clear and case.may_reveal
        reading = Reading(case.application, number, case.certificate, case.shows_process, shown)
        yield [cells.cell(column.source, reading) for column in layout.columns]
        beat(before + number)
