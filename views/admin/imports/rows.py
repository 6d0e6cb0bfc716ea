"""The rows of an import as its page shows them, by what they do, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.imports import ImportBatch, ImportRow, ImportState, RowState
from models.values import mask
from panel.domain.actors import Actor
from panel.domain.importing import batches
from panel.domain.importing.rows import RowContent, Target, TargetColumn
from panel.domain.tables.sheet import column_name
from views.kit.i18n import tr

PAGE_SIZE = 50
#: The tab that opens: what needs a person comes first.
_FIRST = (RowState.BAD, RowState.CREATE, RowState.CHANGE, RowState.GONE, RowState.SAME)


@dataclass(frozen=True)
class ProblemView:
    """One thing that is wrong: where, what, and the control to mend it ("" where there is none)."""

    place: str
    label: str
    message: Any
    control: str = ""
    typed: str = ""
    options: tuple[str, ...] = ()


@dataclass
class RowView:
    """A row: `facts` are (label, text), `changes` (label, before, after)."""

    row: ImportRow
    content: RowContent
    facts: list[tuple[str, str]] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[ProblemView] = field(default_factory=list)


@dataclass(frozen=True)
class RowsView:
    """A page of rows and the tabs above it."""

    tab: RowState
    tabs: list[tuple[RowState, int]]
    rows: list[RowView]
    page: int
    pages: int
    is_stale: frozenset[str]


def of(batch: ImportBatch, actor: Actor, query: Mapping[str, str]) -> RowsView | None:
    """The rows of the tab and page that the query string asks for; None while there are none to show."""
    if batch.state in (ImportState.READING, ImportState.REFUSED, ImportState.DISCARDED):
        return None
    tabs = [(what, batch.count(what)) for what in _FIRST if batch.count(what)]
    asked = next((what for what, _count in tabs if what.value == query.get("tab")), None)
    tab = asked or (tabs[0][0] if tabs else RowState.SAME)
    pages = max(1, -(-batch.count(tab) // PAGE_SIZE))
    page = _page(query.get("page", ""), pages)
    found = ImportRow.objects(batch=batch.id, generation=batch.generation, what=tab.value).order_by(
        "position"
    )
    target = batches.target_of(batch, actor)
    rows = [_row(row, target) for row in found.skip(page * PAGE_SIZE).limit(PAGE_SIZE)]
    return RowsView(tab, tabs, rows, page, pages, frozenset(batch.stale))


def _page(text: str, pages: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
    return min(number, pages - 1)


def _row(row: ImportRow, target: Target) -> RowView:
    content = RowContent.of(row)
    columns = {column.key: column for column in target.columns}
    view = RowView(row, content)
    if row.what == RowState.CHANGE:
        view.changes = [
            (tr(label), _text(before, is_secret), _text(after, is_secret))
            for label, before, after, is_secret in target.changes(content)
        ]
    elif row.what != RowState.BAD:
        view.facts = [
            (tr(label), _text(words, is_secret)) for label, words, is_secret in target.facts(content)
        ]
    for key, message in content.problems.items():
        view.problems.append(_problem(row, content, columns, key, message))
    return view


def _problem(
    row: ImportRow, content: RowContent, columns: Mapping[str, TargetColumn], key: str, message: Any
) -> ProblemView:
    position = content.columns.get(key)
    column = columns.get(key)
    place = f"{column_name(position)}{row.number}" if position is not None else str(row.number)
    if column is None or position is None:
        return ProblemView(place, _label(columns, key) if key else "", message)
    typed = content.typed.get(key, "")
    return ProblemView(place, tr(column.label), message, f"fix-{row.id}-{key}", typed, column.options)


def _label(columns: Mapping[str, TargetColumn], key: str) -> str:
    return tr(columns[key].label) if key in columns else key


def _text(words: Any, is_secret: bool) -> str:
    text = tr(words)
    return mask(text) if text and is_secret else text
