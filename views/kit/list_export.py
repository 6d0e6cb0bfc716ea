"""Any list as .xlsx, as it is seen: its filters, search, order and columns, streamed from a projection.

A list opts in by `export_columns`. Rows are stored fields, never whole documents (traps 8, 21); what a list
shows in one cell, such as name and staff number, gets columns of its own. Each file is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from panel import clock
from panel.domain.calendar import local_date
from panel.domain.reports import exporting
from panel.services.workbooks.spreadsheets import CellKind, Column, OutputSheet
from views.kit.access import current_actor
from views.kit.downloads import xlsx_response
from views.kit.i18n import tr

StoredRow = Mapping[str, Any]
_BATCH = 1000


@dataclass(frozen=True)
class ExportColumn:
    """A column of a list's file.

    It is left out where the person sees neither the list's column `key` nor `of`, whose cell shows it too.
    `value` makes the cell of a stored row, of which `fields` are read (`key` when empty); without it, the
    stored value is the cell.
    """

    key: str
    label: Any
    of: str = ""
    value: Callable[[StoredRow], Any] | None = None
    fields: Sequence[str] = field(default=())
    width: float = 14
    kind: CellKind = CellKind.TEXT
    wraps: bool = False


def chosen(columns: Iterable[ExportColumn], shown: Sequence[str]) -> list[ExportColumn]:
    """Those of `columns` that belong to the list's columns `shown`, in that order, each once."""
    places = {key: place for place, key in enumerate(shown)}
    found = [(places.get(column.key, places.get(column.of, -1)), column) for column in columns]
    return [column for place, column in sorted(found, key=lambda pair: pair[0]) if place >= 0]


def sheet_of(name: str, columns: Sequence[ExportColumn], rows: Iterable[StoredRow]) -> OutputSheet:
    """The sheet of stored `rows`."""
    heads = [Column(tr(c.label), c.width, c.kind, c.wraps) for c in columns]
    return OutputSheet(name, heads, _cells(columns, rows))


def _cells(columns: Sequence[ExportColumn], rows: Iterable[StoredRow]) -> Iterator[list[Any]]:
    makers = [column.value or _plain(column.key) for column in columns]
    for row in rows:
        yield [make(row) for make in makers]


def _plain(key: str) -> Callable[[StoredRow], Any]:
    return lambda row: row.get(key)


def words(key: str, label: Callable[[Any], Any]) -> Callable[[StoredRow], Any]:
    """A cell with the word for what is stored at `key`; each word is looked up once a file."""
    known = cache(lambda value: tr(label(value)))
    return lambda row: known(row[key]) if row.get(key) not in (None, "") else ""


class Counted:
    """Rows that are counted while they are read."""

    def __init__(self, rows: Iterable[StoredRow]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[StoredRow]:
        for row in self._rows:
            self.count += 1
            yield row


def send(
    name: Any, columns: Sequence[ExportColumn], rows: Iterable[StoredRow], model: type, reason: str = ""
) -> ResponseReturnValue:
    """The file of `rows` of `model`, recorded once it is made, with the `reason` where one was asked for."""
    counted, now, title = Counted(rows), clock.now(), tr(name)
    answer = xlsx_response([sheet_of(title, columns, counted)], f"{title}-{local_date(now).isoformat()}")
    exporting.record_list(current_actor(), model, counted.count, [c.key for c in columns], now, reason)
    return answer


def with_query(address: str) -> str:
    """`address` with what the page's own address asks for, but for the page's number."""
    asked = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]
    return address + ("?" + urlencode(asked) if asked else "")


class ExportPages:
    """The file of a list; part of every SecureView, of use to those that name `export_columns`."""

    def export_columns(self: Any) -> Sequence[ExportColumn]:
        """What the list's file may hold, its words looked up for this request; none: no file."""
        return ()

    @property
    def can_export_list(self: Any) -> bool:
        """Whether the list has a file."""
        return type(self).export_columns is not ExportPages.export_columns

    def export_url(self: Any) -> str:
        """The address of the file of what the page shows."""
        return with_query(self.get_url(".export_view"))

    @expose("/export.xlsx")
    def export_view(self: Any) -> ResponseReturnValue:
        """The whole list that the address asks for, of which the page shows a part."""
        args = self.list_args()
        columns = chosen(self.export_columns(), [name for name, _label in self.list_columns(args)])
        return send(self.name, columns, self.export_rows(self.list_query(args), columns), self.model)

    def export_rows(self: Any, query: Any, columns: Sequence[ExportColumn]) -> Any:
        """The stored fields that `columns` need of what `query` finds, as the driver reads them."""
        return stored(query, columns)


def stored(query: Any, columns: Iterable[ExportColumn]) -> Iterator[StoredRow]:
    """The stored fields that `columns` need of what `query` finds, read by the driver as they are, once.

    A few at a time: a batch is 16 MB otherwise, and MongoEngine would keep every row that it has read.
    """
    needed = {name for column in columns for name in (column.fields or (column.key,))}
    # a query asked for more after its end begins anew; a generator has ended for good
    yield from query.all_fields().only(*needed).as_pymongo().no_cache().batch_size(_BATCH)
