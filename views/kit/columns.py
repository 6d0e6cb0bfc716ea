"""One column of a list is one object: the list, the chooser, saved views and the file read it, nothing else.

`SecureView.columns` names them in the order of the list; adding one there is all that a new column takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from views.kit.i18n import tr

StoredRow = Mapping[str, Any]
#: What the list shows of (view, the template's context, row).
Cell = Callable[[Any, Any, Any], Any]
#: What the file holds of a stored row.
FileValue = Callable[[StoredRow], Any]


@dataclass(frozen=True)
class FileCell:
    """A column of a list's file: what a list shows in one cell can be several there.

    `key` and `label` are the list column's own when left out. `make` is called once a file, so that words
    are looked up once and in the page's language, and gives what makes the cell of each stored row; without
    it the stored value is the cell.
    """

    key: str = ""
    label: Any = None
    make: Callable[[], FileValue] | None = None
    width: float = 14
    wraps: bool = False

    def value(self) -> FileValue:
        """What makes the cell of each stored row of one file."""
        return self.make() if self.make else lambda row: _stored(row, self.key)


def _stored(row: StoredRow, key: str) -> Any:
    """The stored value at a key or at the dotted path of a part."""
    value: Any = row
    for name in key.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


@dataclass(frozen=True)
class ListColumn:
    """A column of a list.

    `cell` makes what the list shows; without it the stored value is shown. `fields` are the stored fields
    that its cells in list and file read (`key` when empty). `file` are its columns in the list's file.
    `sort` is the stored field by which it can be sorted, which has an index. Where some column isn't
    `is_shown` until it is chosen, the list has a chooser, which offers the columns for which `is_offered`.
    """

    key: str
    label: Any
    cell: Cell | None = None
    fields: tuple[str, ...] = ()
    file: tuple[FileCell, ...] = ()
    sort: str = ""
    is_shown: bool = True
    is_offered: Callable[[], bool] = lambda: True

    @property
    def file_cells(self) -> list[FileCell]:
        """Its columns in the file, each with key and label."""
        return [
            replace(cell, key=cell.key or self.key, label=self.label if cell.label is None else cell.label)
            for cell in self.file
        ]


def stored_fields(columns: Iterable[ListColumn]) -> tuple[str, ...]:
    """The stored fields that the cells of `columns` read, each once."""
    return tuple(dict.fromkeys(name for column in columns for name in column.fields or (column.key,)))


def file_cells(shown: Sequence[ListColumn]) -> list[FileCell]:
    """The file's columns for the list's columns `shown`, in that order.

    What comes along with another column stands at its own place where it is shown itself.
    """
    keys = {column.key for column in shown}
    return [
        cell
        for column in shown
        for cell in column.file_cells
        if cell.key == column.key or cell.key not in keys
    ]


def words(key: str, label: Callable[[Any], Any]) -> Callable[[], FileValue]:
    """File cells with the word for what is stored at `key`; each word is looked up once a file."""

    def make() -> FileValue:
        known = cache(lambda value: tr(label(value)))
        return lambda row: known(row[key]) if row.get(key) not in (None, "") else ""

    return make


def named(key: str, options: Callable[[], Iterable[tuple[str, Any]]]) -> Callable[[], FileValue]:
    """File cells with the label that `options` has for what is stored at `key`, else the stored value."""

    def make() -> FileValue:
        known = dict(options())
        return words(key, lambda value: known.get(value, value))()

    return make
