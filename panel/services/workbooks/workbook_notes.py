"""The bad rows of an import as a workbook: each wrong cell marked, with what to do as its comment.

An .xlsx comes back as it was sent; .xls, .csv and very large files come back with their headings and bad
rows alone.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

import xlsxwriter

from models.imports import ImportBatch, ImportRow, RowState
from models.messages import M
from panel.domain.actors import Actor
from panel.domain.importing import batches
from panel.domain.importing.rows import RowContent
from panel.domain.tables.sheet import Line, Sheet
from panel.services.files import own_process
from panel.services.workbooks import opening
from panel.services.workbooks.workbook_annotator import FILL

Translate = Callable[[Any], str]
#: openpyxl keeps every cell with its style in memory.
_MOST_BYTES = 3 * 1024 * 1024
LIST_NAME = "问题清单"
_LIST_WIDTHS = (16, 10, 90)
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Note:
    """What is wrong with a cell; row from 1, column from 0."""

    sheet: str
    row: int
    column: int
    text: str


def annotated(batch: ImportBatch, data: bytes, actor: Actor, tr: Translate) -> bytes:
    """The batch's file with its bad cells marked, as .xlsx; raises FileRefused if it can't be read."""
    notes = _notes(batch, actor, tr)
    if data.startswith(_ZIP) and len(data) <= _MOST_BYTES:
        head = {
            "notes": [vars(note) for note in notes],
            "list": {"name": LIST_NAME, "head": _head(tr), "width": _LIST_WIDTHS},
        }
        sent = json.dumps(head).encode() + b"\n" + data
        marked = own_process.run(
            "panel.services.workbooks.workbook_annotator", sent, seconds=opening.TIMEOUT_SECONDS
        )
        if marked:
            return marked
    return _rebuilt(batch, opening.read(data), notes, tr)


def name_of(batch: ImportBatch) -> str:
    """What the annotated file is called."""
    return f"{PurePath(batch.file_name).stem}-批注.xlsx"


def _head(tr: Translate) -> list[str]:
    return [tr(M("工作表")), tr(M("单元格")), tr(M("问题和改法"))]


def _notes(batch: ImportBatch, actor: Actor, tr: Translate) -> list[Note]:
    labels = {column.key: column.label for column in batches.target_of(batch, actor).columns}
    found = ImportRow.objects(batch=batch.id, generation=batch.generation, what=RowState.BAD.value)
    notes: dict[tuple[str, int, int], list[str]] = {}
    for row in found.order_by("position"):
        content = RowContent.of(row)
        first = min(content.columns.values(), default=0)
        for key, message in content.problems.items():
            words = tr(message)
            if key in labels and key not in content.columns:
                words = f"{tr(labels[key])}：{words}"
            notes.setdefault((row.sheet, row.number, content.columns.get(key, first)), []).append(words)
    return [Note(*place, "\n".join(dict.fromkeys(words))) for place, words in notes.items()]


def _rebuilt(batch: ImportBatch, sheets: Sequence[Sheet], notes: Sequence[Note], tr: Translate) -> bytes:
    """A new workbook with the headings and the bad rows."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    formats = _Formats(book)
    by_place = {(note.sheet, note.row, note.column): note.text for note in notes}
    bad = {(note.sheet, note.row) for note in notes}
    for choice, sheet in zip(batch.sheets, sheets, strict=True):
        if not choice.used:
            continue
        page = book.add_worksheet(sheet.name[:31])
        bottom = choice.top + choice.rows - 1
        kept = [line for line in sheet.spread() if line.number <= bottom or (sheet.name, line.number) in bad]
        for index, line in enumerate(kept):
            _write(page, index, line, sheet.name, by_place, formats)
        page.freeze_panes(sum(1 for line in kept if line.number <= bottom), 0)
    _write_list(book, notes, tr)
    book.close()
    return target.getvalue()


class _Formats:
    def __init__(self, book: Any) -> None:
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.text = book.add_format({"num_format": "@"})
        self.bad = book.add_format({"num_format": "@", "bg_color": f"#{FILL[2:]}"})


def _write(
    page: Any, index: int, line: Line, sheet: str, notes: dict[tuple[str, int, int], str], formats: _Formats
) -> None:
    noted = [column for name, row, column in notes if (name, row) == (sheet, line.number)]
    width = max([len(line.cells), *(column + 1 for column in noted)])
    for column in range(width):
        value, note = line.at(column), notes.get((sheet, line.number, column))
        shape = formats.bad if note else formats.text
        if isinstance(value, date):
            page.write_datetime(index, column, value, formats.day)
        elif isinstance(value, int | float) and not isinstance(value, bool) and not note:
            page.write_number(index, column, value)
        else:
            page.write_string(index, column, str(value), shape)
        if note:
            page.write_comment(index, column, note, {"x_scale": 2.5, "y_scale": 1.4})


def _write_list(book: Any, notes: Sequence[Note], tr: Translate) -> None:
    from panel.domain.tables.sheet import column_name

    page = book.add_worksheet(LIST_NAME)
    for column, (title, width) in enumerate(zip(_head(tr), _LIST_WIDTHS, strict=True)):
        page.write_string(0, column, title)
        page.set_column(column, column, width)
    for index, note in enumerate(notes, 1):
        for column, words in enumerate((note.sheet, f"{column_name(note.column)}{note.row}", note.text)):
            page.write_string(index, column, words)
    page.freeze_panes(1, 0)
