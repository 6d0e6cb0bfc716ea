"""A sheet of somebody's workbook as values, with the places that people know it by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

#: What a cell may hold; an empty cell is "".
Value = str | float | bool | date


@dataclass(frozen=True)
class Line:
    """One row that isn't blank: its number as Excel shows it (from 1) and its cells from column A on."""

    number: int
    cells: Sequence[Value]

    def at(self, column: int) -> Value:
        """The cell in `column` (from 0); "" beyond the last one."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True)
class Merged:
    """A merged area: first and last row (from 1) and first and last column (from 0)."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """A sheet without its blank rows."""

    name: str
    lines: Sequence[Line]
    merged: Sequence[Merged] = field(default_factory=tuple)
    is_hidden: bool = False

    @property
    def width(self) -> int:
        """The number of columns in use."""
        return max((len(line.cells) for line in self.lines), default=0)

    def spread(self) -> Iterator[Line]:
        """The lines, with the value of a merged area in each of its cells."""
        by_row: dict[int, list[Merged]] = {}
        for area in self.merged:
            for row in range(area.top, area.bottom + 1):
                by_row.setdefault(row, []).append(area)
        corners: dict[Merged, Value] = {}
        for line in self.lines:
            areas = by_row.get(line.number)
            if not areas:
                yield line
                continue
            cells = list(line.cells)
            for area in areas:
                if line.number == area.top:
                    corners[area] = line.at(area.left)
                value = corners.get(area, "")
                cells += [""] * (area.right + 1 - len(cells))
                cells[area.left : area.right + 1] = [value] * (area.right + 1 - area.left)
            yield Line(line.number, cells)


def column_name(column: int) -> str:
    """A, B, …, Z, AA for 0, 1, …: what Excel calls a column."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
