"""Any list as .xlsx, as it is seen: its filters, search, order and columns, streamed from a projection.

A list has one if columns of it say what the file holds: what a list shows in one cell, such as name and staff
number, gets columns of its own. Rows are stored fields, never whole documents (traps 8, 21). Each file is
recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from panel import clock
from panel.domain.calendar import local_date
from panel.domain.reports import exporting
from panel.services.workbooks.spreadsheets import Column, OutputSheet
from views.kit.access import current_actor
from views.kit.columns import FileCell, ListColumn, StoredRow, file_cells, stored_fields
from views.kit.downloads import xlsx_response
from views.kit.i18n import tr
from views.kit.pages import Pages
from views.kit.secure_pages import ListPages

_BATCH = 1000


def sheet_of(name: str, cells: Sequence[FileCell], rows: Iterable[StoredRow]) -> OutputSheet:
    """The sheet of stored `rows`."""
    heads = [Column(tr(cell.label), cell.width, wraps=cell.wraps) for cell in cells]
    return OutputSheet(name, heads, _rows(cells, rows))


def _rows(cells: Sequence[FileCell], rows: Iterable[StoredRow]) -> Iterator[list[Any]]:
    values = [cell.value() for cell in cells]
    for row in rows:
        yield [value(row) for value in values]


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
    name: Any, columns: Sequence[ListColumn], rows: Iterable[StoredRow], model: type, reason: str = ""
) -> ResponseReturnValue:
    """The file of `rows` of `model`, recorded once it is made, with the `reason` where one was asked for."""
    counted, now, title, cells = Counted(rows), clock.now(), tr(name), file_cells(columns)
    answer = xlsx_response([sheet_of(title, cells, counted)], f"{title}-{local_date(now).isoformat()}")
    exporting.record_list(current_actor(), model, counted.count, [cell.key for cell in cells], now, reason)
    return answer


def with_query(address: str) -> str:
    """`address` with what the page's own address asks for, but for the page's number."""
    asked = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]
    return address + ("?" + urlencode(asked) if asked else "")


class ListFile(Pages[ListPages]):
    """The file of a list of whose columns some are in it."""

    def url(self) -> str:
        """The address of the file of what the page shows."""
        return with_query(self.view.get_url(".export_view"))

    @expose("/export.xlsx")
    def export_view(self) -> ResponseReturnValue:
        """The whole list that the address asks for, of which the page shows a part."""
        args = self.view.list_args()
        columns = [column for column in self.view.shown(args) if column.file]
        rows = self.view.file_rows(stored(self.view.list_query(args), columns))
        return send(self.view.name, columns, rows, self.view.model)


def stored(query: Any, columns: Iterable[ListColumn]) -> Iterator[StoredRow]:
    """The stored fields that `columns` need of what `query` finds, read by the driver as they are, once.

    A few at a time: a batch is 16 MB otherwise, and MongoEngine would keep every row that it has read.
    """
    # a query asked for more after its end begins anew; a generator has ended for good
    yield from query.all_fields().only(*stored_fields(columns)).as_pymongo().no_cache().batch_size(_BATCH)
