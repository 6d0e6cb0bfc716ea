"""Spreadsheets that leave the product: .xlsx files written row by row, in memory that doesn't grow with them.

Every cell holds text or a number, never a formula or a link: what begins with = + - @ stays what was typed,
also when somebody edits the cell, because the cells' format is text. Dates are ISO text, which sorts as dates
do and which no program turns into something else; so are staff numbers, ID numbers and years with months.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import chain, islice
from math import isfinite
from typing import IO, Any
from xml.sax.saxutils import escape

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from models.values import PartialDate
from panel.clock import ZONE

XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Rows of one sheet below its head; what comes after goes on in a further sheet.
MAX_SHEET_ROWS = 1_000_000
#: The most characters that Excel keeps in a cell, and how a longer text ends.
MAX_TEXT = 32_767
_CUT = "…"
_LONGEST_NAME = 31
#: Paper as Excel numbers it; wider tables than that are too small to read on the smaller one.
_A3, _A4 = 8, 9
_A4_WIDTH = 200
#: Points of a line, and of the highest row that Excel has.
_LINE, _HIGHEST = 15, 405
#: Excel's 32,767 count UTF-16 units, of which a rare character takes two.
_SAFE_TEXT = MAX_TEXT // 2
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
#: What XML can't hold, and lone halves of characters, which no file can.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
#: Excel reads _x0041_ as A: the underline before is written so that it stays one.
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_SPECIAL = re.compile(r"[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_")


class CellKind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    NUMBER = "number"  # int or float, which can be added up; anything else in the column is written as text


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in Latin letters (a Chinese one takes two), what its cells hold."""

    label: str
    width: float = 14
    kind: CellKind = CellKind.TEXT
    wraps: bool = False  # long texts and several lines


@dataclass(frozen=True)
class OutputSheet:
    """One sheet. `rows` may be a generator: it is read once, and never kept.

    A cell is str, int, float, bool, date, an aware datetime, PartialDate or None. With a `title` it is an
    official table: the title stands above the columns, and the cells have borders.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    title: str = ""
    notes: Sequence[str] = field(default=())  # lines between title and columns: unit, day


def write(sheets: Sequence[OutputSheet]) -> IO[bytes]:
    """The workbook of `sheets` as an open temporary file at its start; closing it deletes it."""
    file: IO[bytes] = tempfile.TemporaryFile(prefix="pingshen-")  # noqa: SIM115 - handed out open
    try:
        with Workbook(file, {"constant_memory": True, "in_memory": False}) as book:
            names: set[str] = set()
            for sheet in sheets:
                _write_sheet(book, sheet, names)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def text_of(value: Any) -> str:
    """How a cell of text shows `value`: ISO dates, moments in Asia/Shanghai to the minute, √ for yes."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "√" if value else ""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat(" ")[:16]
    if isinstance(value, date):
        return value.isoformat()
    return value.iso() if isinstance(value, PartialDate) else str(value)


def sheet_name(name: str, taken: set[str]) -> str:
    """`name` as Excel allows it, different from those `taken`, to which it is added."""
    plain = _NOT_IN_NAMES.sub(" ", name).strip(" '") or "Sheet"
    found, number = plain[:_LONGEST_NAME], 1
    while found.casefold() in taken:
        number += 1
        ending = f" ({number})"
        found = plain[: _LONGEST_NAME - len(ending)] + ending
    taken.add(found.casefold())
    return found


class _RowSheet(Worksheet):
    """XlsxWriter's sheet with a way to write a whole row.

    Cell by cell, 100,000 rows of ten columns take 8.6 s, and a text like <r>…</r> would be taken for markup
    and break the file; a row at once takes a quarter of that, and everything is escaped.
    """

    def append_row(self, row: int, cells: str, height: int = 0) -> None:
        """Write `cells`, XML made by `_cell`, as row number `row`, counted from 0, after all before it.

        A row of such a `height` still grows in Excel with what is typed into it.
        """
        self._write_single_row(row)
        attributes = f' ht="{height}"' if height else ""
        self.fh.write(f'<row r="{row + 1}"{attributes}>{cells}</row>')
        self.dim_rowmin, self.dim_rowmax = 0, row

    def span(self, row: int, columns: int) -> None:
        """Make the first `columns` cells of `row` one."""
        # merge_range would write the cells once more, which a sheet written row by row can't take
        if columns > 1:
            self.merge.append([row, 0, row, columns - 1])


def _write_sheet(book: Workbook, sheet: OutputSheet, names: set[str]) -> None:
    """`sheet`, continued in further sheets when it has more rows than fit."""
    rows = iter(sheet.rows)
    while True:
        _write_page(book, sheet, names, islice(rows, MAX_SHEET_ROWS))
        following = next(rows, None)
        if following is None:
            return
        rows = chain([following], rows)


def _write_page(book: Workbook, sheet: OutputSheet, names: set[str], rows: Iterator[Sequence[Any]]) -> None:
    page: _RowSheet = book.add_worksheet(sheet_name(sheet.name, names), _RowSheet)
    page.dim_colmin, page.dim_colmax = 0, max(len(sheet.columns) - 1, 0)
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, column.width)
    border = 1 if sheet.title else 0
    above = _write_top(book, page, sheet, border)
    page.freeze_panes(above + 1, 0)
    last = above
    writer = _RowWriter(book, sheet.columns, border)
    for last, row in enumerate(rows, start=above + 1):
        page.append_row(last, writer.cells(last, row), _height(sheet.columns, row))
    if sheet.columns:
        page.autofilter(above, 0, max(last, above), len(sheet.columns) - 1)
    page.repeat_rows(above)
    page.set_landscape()
    page.set_paper(_A3 if sum(column.width for column in sheet.columns) > _A4_WIDTH else _A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.set_footer("&C&P / &N")


def _write_top(book: Workbook, page: _RowSheet, sheet: OutputSheet, border: int) -> int:
    """Title and notes over the whole width, then the heads; returns the row of these."""
    title: dict[str, Any] = {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}
    lines: list[tuple[str, dict[str, Any], int]] = [(sheet.title, title, 30)]
    lines += [(note, {"valign": "vcenter"}, 18) for note in sheet.notes]
    above = len(lines) if sheet.title else 0
    for row, (words, look, height) in enumerate(lines[:above]):
        style = _index(book, look | {"num_format": "@"})
        page.append_row(row, _text_cell(f"A{row + 1}", style, words), height)
        page.span(row, len(sheet.columns))
    head = {"bold": True, "bg_color": "#E9EDF2", "text_wrap": True, "valign": "vcenter", "border": border}
    style = _index(book, head | {"num_format": "@"})
    heads = [
        _text_cell(f"{xl_col_to_name(number)}{above + 1}", style, column.label)
        for number, column in enumerate(sheet.columns)
    ]
    height = max((_lines(column.label, column.width) for column in sheet.columns), default=1) * _LINE
    page.append_row(above, "".join(heads), height if height > _LINE else 0)
    return above


def _height(columns: Sequence[Column], values: Sequence[Any]) -> int:
    """How high a row must be to show all of its long texts; 0 where one line does.

    Excel would find out by itself, other programs and printers show one line alone.
    """
    lines = 1
    for column, value in zip(columns, values, strict=True):
        if column.wraps and isinstance(value, str) and (len(value) * 2 > column.width or "\n" in value):
            lines = max(lines, _lines(value, column.width))
    return min(lines * _LINE, _HIGHEST) if lines > 1 else 0


def _lines(text: str, width: float) -> int:
    """How many lines `text` takes in a column: in GBK a Chinese letter has two bytes, a Latin one has one."""
    room = max(int(width) - 1, 1)
    return sum(max(1, -(-len(line.encode("gb18030", "replace")) // room)) for line in text.split("\n"))


class _RowWriter:
    """Makes the XML of rows: what is the same for every row is worked out once."""

    def __init__(self, book: Workbook, columns: Sequence[Column], border: int) -> None:
        self._columns = [
            (xl_col_to_name(number), column.kind is CellKind.NUMBER, _style(book, column, border))
            for number, column in enumerate(columns)
        ]

    def cells(self, row: int, values: Sequence[Any]) -> str:
        """The cells of `values` as row number `row`, counted from 0."""
        number = row + 1
        parts: list[str] = []
        for (letter, is_number, style), value in zip(self._columns, values, strict=True):
            if is_number and type(value) in (int, float) and isfinite(value):
                parts.append(f'<c r="{letter}{number}" s="{style}"><v>{value!r}</v></c>')
                continue
            text = value if isinstance(value, str) else text_of(value)
            parts.append(_text_cell(f"{letter}{number}", style, text))
        return "".join(parts)


def _text_cell(place: str, style: int, text: str) -> str:
    if _SPECIAL.search(text) or len(text) > _SAFE_TEXT:
        text = escape(_ESCAPED.sub("_x005F_", _plain(text)))
    if not text:
        return f'<c r="{place}" s="{style}"/>'
    kept = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() or "\n" in text else ""
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{kept}>{text}</t></is></c>'


def _style(book: Workbook, column: Column, border: int) -> int:
    """The index of a column's format. Text is format "@": it stays text also when the cell is edited."""
    look: dict[str, Any] = {"valign": "top", "border": border, "text_wrap": column.wraps}
    return _index(book, look | ({"num_format": "@"} if column.kind is CellKind.TEXT else {}))


def _index(book: Workbook, look: dict[str, Any]) -> int:
    return int(book.add_format(look)._get_xf_index())


def _plain(text: str) -> str:
    """`text` without what no file can hold, its lines ending as everywhere, cut to what a cell takes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = _UNWRITABLE.sub("", lines)
    if len(kept) > _SAFE_TEXT and len(kept.encode("utf-16-le")) // 2 > MAX_TEXT:
        cut = kept.encode("utf-16-le")[: 2 * (MAX_TEXT - 1)]
        kept = cut.decode("utf-16-le", errors="ignore") + _CUT
    return kept
