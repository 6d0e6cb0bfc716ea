"""The page on which columns are mapped: what it shows, and what it sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from models.imports import ImportBatch, SheetChoice
from models.values import mask
from panel.domain.actors import Actor
from panel.domain.importing import batches
from panel.domain.importing.rows import TargetColumn
from panel.domain.tables.sheet import column_name
from views.kit.i18n import tr

#: Examples of a column's cells, and their length.
_EXAMPLES = 3
_SECRET = re.compile(r"\d{15}|\d{17}[\dXx]|1\d{10}")


@dataclass(frozen=True)
class Posted:
    """What the page sent: per sheet (used, first row of the heading, its rows), and label -> column key."""

    sheets: list[tuple[bool, int, int]]
    mapping: dict[str, str]
    version: int


@dataclass
class LabelRow:
    """A column of the file: its label, where it is, some of its cells, and what it is mapped to."""

    label: str
    places: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    key: str = ""


def posted(form: MultiDict[str, str], batch: ImportBatch) -> Posted:
    """What was sent, as far as it fits the batch."""
    used = set(form.getlist("used"))
    tops, rows = form.getlist("top"), form.getlist("rows")
    count = len(batch.sheets)
    sheets = [
        (str(index) in used, _number(tops, index), _number(rows, index) or 1)
        for index in range(count)
        if index < len(tops) and index < len(rows)
    ]
    labels, keys = form.getlist("label"), form.getlist("key")
    mapping = {label: key for label, key in zip(labels, keys, strict=False) if key}
    return Posted(sheets, mapping, _number([form.get("version", "")], 0))


def _number(texts: list[str], index: int) -> int:
    text = texts[index].strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def context(batch: ImportBatch, actor: Actor, sent: Posted | None) -> dict[str, Any]:
    """What the page shows; `sent` is a refused form."""
    columns = batches.target_of(batch, actor).columns
    mapping = sent.mapping if sent else batch.columns
    return {
        "labels": _labels(batch, mapping),
        "groups": _groups(list(columns)),
        "columns": columns,
        "missing": [c for c in columns if c.is_required and c.key not in set(mapping.values())],
        "sheets": [_SheetView(index, choice) for index, choice in enumerate(batch.sheets)],
    }


@dataclass(frozen=True)
class _SheetView:
    index: int
    choice: SheetChoice

    @property
    def heading(self) -> range:
        return range(self.choice.top, self.choice.top + self.choice.rows)

    @property
    def rows(self) -> list[tuple[int, list[str]]]:
        return [(number, [_masked(words) for words in cells]) for number, cells in self.choice.first_rows]

    @property
    def letters(self) -> list[str]:
        width = max((len(cells) for _number, cells in self.choice.first_rows), default=0)
        return [column_name(index) for index in range(width)]


def _labels(batch: ImportBatch, mapping: Mapping[str, str]) -> list[LabelRow]:
    """The labels of all sheets that are read, each once."""
    found: dict[str, LabelRow] = {}
    for choice in batch.sheets:
        if not choice.used:
            continue
        first, notes = choice.top + choice.rows, {number for number, _words in choice.skipped_rows}
        below = [cells for number, cells in choice.first_rows if number >= first and number not in notes]
        for index, label in enumerate(choice.labels):
            row = found.setdefault(label, LabelRow(label, key=mapping.get(label, "")))
            row.places.append(f"{choice.name} {column_name(index)}")
            cells = [_masked(cells[index]) for cells in below if index < len(cells) and cells[index]]
            row.examples += [words for words in cells if words not in row.examples]
            row.examples = row.examples[:_EXAMPLES]
    return list(found.values())


def _masked(words: str) -> str:
    """An example without what looks like an ID or a telephone number."""
    plain = re.sub(r"[\s-]", "", words)  # people space telephone numbers out
    return mask(plain) if _SECRET.fullmatch(plain) else words


def _groups(columns: list[TargetColumn]) -> list[tuple[str, list[TargetColumn]]]:
    groups: dict[str, list[TargetColumn]] = {}
    for column in columns:
        groups.setdefault(tr(column.group), []).append(column)
    return list(groups.items())
