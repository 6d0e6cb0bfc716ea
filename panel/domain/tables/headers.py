"""Where the heading of a sheet is, below a title and above the rows, and what lies between and below them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from panel.domain.tables import cells
from panel.domain.tables.sheet import Line, Sheet, column_name

#: A heading is looked for in so many lines that aren't blank.
DEEP = 20
#: A heading has at most so many rows.
MOST_ROWS = 3
_NOTE = re.compile(
    r"^[（(\[【]?\s*(注|说明|备注|填表|制表|审核|复核|合计|总计|小计|单位负责人|负责人|经办|填报|联系人|联系电话|附|共计|日期)"
)
_SERIAL_LABELS = frozenset({"序号", "编号", "no", "no.", "序"})


@dataclass(frozen=True)
class Header:
    """The heading: its rows (numbers as Excel shows them) and, per column, its words, the uppermost first."""

    top: int
    bottom: int
    columns: Sequence[tuple[str, ...]]

    @property
    def labels(self) -> list[str]:
        """One name per column: 现职称/名称 for a heading of two rows; "" for a column without one."""
        return ["/".join(words) for words in self.columns]


def find(sheet: Sheet, knows: Callable[[tuple[str, ...]], bool]) -> Header | None:
    """The heading with the most columns that `knows` recognises, or None when no line has two of them.

    A title above it and rows of data below it have fewer; of equals the first and lowest is taken.
    """
    lines = _first(sheet, DEEP + MOST_ROWS)
    best: tuple[int, Header] | None = None
    for index in range(min(len(lines), DEEP)):
        for rows in range(1, MOST_ROWS + 1):
            if index + rows > len(lines) or not _belong(sheet, lines[index : index + rows]):
                break
            header = _header(lines[index : index + rows])
            score = len({words for words in header.columns if words and knows(words)})
            if score >= 2 and (best is None or score > best[0]):
                best = (score, header)
    return best[1] if best else None


def at(sheet: Sheet, top: int, rows: int) -> Header | None:
    """The heading that a person named: the row `top` and `rows` rows in all; None if they are blank."""
    chosen = [line for line in sheet.spread() if top <= line.number < top + rows]
    return Header(top, top + rows - 1, _header(chosen).columns) if chosen else None


def _first(sheet: Sheet, count: int) -> list[Line]:
    lines: list[Line] = []
    for line in sheet.spread():
        if len(lines) == count:
            break
        lines.append(line)
    return lines


def _belong(sheet: Sheet, lines: Sequence[Line]) -> bool:
    """Whether `lines` are rows of one heading: merged areas tie each to the next, below or across."""
    if len(lines) == 1:
        return True
    if any(b.number != a.number + 1 for a, b in pairwise(lines)):
        return False
    if len({cells.line(cell) for cell in lines[0].cells} - {""}) < 2:
        return False  # a title across the sheet
    above, below = lines[-2].number, lines[-1].number
    width = max(len(line.cells) for line in lines)
    tied = any(area.top <= above and area.bottom >= below for area in sheet.merged)
    grouped = any(
        area.top <= above <= area.bottom < below and 0 < area.right - area.left < width - 1
        for area in sheet.merged
    )
    # a line with a number or a date in it is data
    return (tied or grouped) and all(isinstance(cell, str) for cell in lines[-1].cells)


def _header(lines: Sequence[Line]) -> Header:
    width = max(len(line.cells) for line in lines)
    columns = []
    for column in range(width):
        words = [cells.line(line.at(column)) for line in lines]
        columns.append(tuple(dict.fromkeys(word for word in words if word)))
    return Header(lines[0].number, lines[-1].number, columns)


def labels_of(header: Header) -> list[str]:
    """The labels as people see them, each once: a second 时间 is 时间（D 列）, one without words （D 列）."""
    found: list[str] = []
    for index, label in enumerate(header.labels):
        if not label or label in found:
            label = f"{label}（{column_name(index)} 列）"
        found.append(label)
    return found


def rows_below(sheet: Sheet, header: Header) -> Iterator[tuple[Line, bool]]:
    """Each line below the heading, and whether it is data: not a note, a sum or the heading once more.

    Merged areas are filled downwards, so that a name merged over its achievements stands beside each.
    """
    serial = {i for i, words in enumerate(header.columns) if "".join(words).strip().lower() in _SERIAL_LABELS}
    heading = [cells.line(word[-1]) if word else "" for word in header.columns]
    for line in sheet.spread():
        if line.number <= header.bottom:
            continue
        filled = [(i, cells.line(cell)) for i, cell in enumerate(line.cells) if cell != ""]
        if all(i in serial for i, _words in filled):
            yield line, False
            continue
        distinct = list(dict.fromkeys(words for _i, words in filled))
        is_note = bool(_NOTE.match(distinct[0])) and len(distinct) <= (4 if filled[0][0] == 0 else 3)
        is_long = len(distinct) == 1 and len(distinct[0]) > 25
        again = len(distinct) > 1 and all(heading[i] == words for i, words in filled if i < len(heading))
        yield line, not (is_note or is_long or again)
