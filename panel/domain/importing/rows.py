"""What all imports share: columns to choose from, and rows as they were planned."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bson import ObjectId

from models.imports import ImportBatch, ImportRow, RowState
from models.messages import M, Message, PingshenError
from models.outbox import packed, unpacked
from models.unit import Unit
from panel.domain.actors import Actor
from panel.domain.tables import cells
from panel.domain.tables.sheet import Line

Progress = Callable[[int], None]


@dataclass(frozen=True)
class TargetColumn:
    """A column that a heading can be mapped to; `words` is what people call it."""

    key: str
    label: Any  # Message, Text or str
    group: Any
    words: tuple[str, ...] = ()
    help: Any = None
    is_required: bool = False
    example: str = ""
    options: tuple[str, ...] = ()  # of the drop-down in our own template
    is_secret: bool = False  # masked on screen
    is_in_template: bool = True


@dataclass(frozen=True)
class Source:
    """A row of the file with its cells by column key."""

    sheet: str
    line: Line
    columns: Mapping[str, int]  # column key -> position in the line
    mended: Mapping[str, str] = field(default_factory=dict)  # column key -> text typed on the page

    def cell(self, key: str) -> Any:
        """The cell of column `key`, or what HR typed in its place; "" where the sheet doesn't have it."""
        if key in self.mended:
            return self.mended[key]
        column = self.columns.get(key)
        return "" if column is None else self.line.at(column)


@dataclass
class Planned:
    """What a row of the file would do.

    `values` are texts in the shape that forms take, by column key; `before` what is stored of those that
    change; `problems` what is wrong, by column key ("" for the row); `notes` what to know of a good one.
    """

    source: Source
    what: RowState
    key: str = ""
    name: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    problems: dict[str, Message] = field(default_factory=dict)
    notes: list[Message] = field(default_factory=list)
    target: ObjectId | None = None
    version: int = 0


@dataclass(frozen=True)
class RowContent:
    """The words of a stored row."""

    key: str
    name: str
    values: dict[str, Any]
    before: dict[str, str]
    problems: dict[str, Message]
    notes: list[Message]
    columns: dict[str, int]
    typed: dict[str, str]  # of the cells that are wrong, as they stand in the file

    @classmethod
    def of(cls, row: ImportRow) -> RowContent:
        """The content of a stored row."""
        data = json.loads(row.content)
        return cls(
            data["key"],
            data["name"],
            data["values"],
            data["before"],
            {key: unpacked(value) for key, value in data["problems"].items()},
            [unpacked(value) for value in data["notes"]],
            data["columns"],
            data["typed"],
        )


class ChangedMeanwhile(PingshenError):
    """Somebody changed what an import was about to write; nothing was written. `rows` says where."""

    status = 409

    def __init__(self, rows: Sequence[ImportRow]) -> None:
        super().__init__(M("有 %(n)s 行涉及的记录刚刚被别人改过，这次没有写入任何内容。", n=len(rows)))
        self.rows = list(rows)


class Target(Protocol):
    """What a kind of import does with its rows."""

    columns: Sequence[TargetColumn]
    #: rows that `write` and `take_back` get at once, in one transaction; 0: all, and they make their own
    rows_at_once: int

    def plan(self, sources: Sequence[Source], progress: Progress) -> list[Planned]:
        """What each row would do; reads in bulk, writes nothing."""

    def facts(self, content: RowContent) -> list[tuple[Any, Any, bool]]:
        """What to show of a row as (label, words, whether to mask them)."""

    def changes(self, content: RowContent) -> list[tuple[Any, Any, Any, bool]]:
        """What becomes different as (label, before, after, whether to mask them)."""

    def check(self, rows: Sequence[ImportRow]) -> None:
        """Raise ChangedMeanwhile or Refused unless all `rows` can be written as they were shown."""

    def write(self, rows: Sequence[ImportRow], now: datetime) -> list[ImportRow]:
        """Write `rows` and mark them done; returns those left out, since they changed at the last moment.

        Run again after a crash it does what is left.
        """

    def check_undo(self, rows: Sequence[ImportRow]) -> None:
        """Raise Refused, with names, where what `rows` wrote was used since."""

    def take_back(self, rows: Sequence[ImportRow], now: datetime) -> list[ImportRow]:
        """Bring back what was there before `rows`; returns those left out, since they changed."""

    def after(self, rows: Sequence[ImportRow], now: datetime) -> None:
        """What follows a finished import or undoing; can be repeated."""


@dataclass(frozen=True)
class ImportCase:
    """Whose import it is."""

    batch: ImportBatch
    unit: Unit
    actor: Actor


def stored_row(planned: Planned, batch: ObjectId, generation: int, position: int) -> dict[str, Any]:
    """The row as MongoDB keeps it."""
    content = {
        "key": planned.key,
        "name": planned.name,
        "values": planned.values,
        "before": planned.before,
        "problems": {key: packed(value) for key, value in planned.problems.items()},
        "notes": [packed(value) for value in planned.notes],
        "columns": dict(planned.source.columns),
        "typed": {key: cells.line(planned.source.cell(key)) for key in planned.problems if key},
    }
    row: dict[str, Any] = {
        "batch": batch,
        "generation": generation,
        "position": position,
        "sheet": planned.source.sheet,
        "number": planned.source.line.number,
        "what": planned.what.value,
        "content": ImportRow.content.to_mongo(json.dumps(content, ensure_ascii=False)),
        "version": planned.version,
        "done": False,
    }
    return row | ({"target": planned.target} if planned.target else {})


def chunks(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    """`items` in pieces of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))
