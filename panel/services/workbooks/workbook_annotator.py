"""Marks cells of a workbook in a process of its own: a line of JSON and the .xlsx on stdin, .xlsx on stdout.

The JSON: `{"notes": [{sheet, row, column, text}], "list": {name, head, width}}`; rows count from 1, columns
from 0. The list of all notes becomes a sheet of its own. Imports only the reader, so that it starts at once.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from panel.services.files.process_bounds import limit
from panel.services.workbooks.workbook_reader import CPU_SECONDS, MEMORY_BYTES

FILL = "FFF3C7C2"
_WIDTH, _HEIGHT = 320, 110
_AUTHOR = "评审"


def annotate(data: bytes, notes: list[dict[str, Any]], listing: dict[str, Any]) -> bytes:
    """The workbook with a red ground and a comment at each note's cell, and the list of them."""
    from openpyxl import load_workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    book = load_workbook(io.BytesIO(data))
    fill = PatternFill("solid", start_color=FILL, end_color=FILL)
    for note in notes:
        sheet = book[note["sheet"]]
        cell = _corner(sheet, note["row"], note["column"] + 1)
        cell.fill = fill
        before = f"{cell.comment.text}\n" if cell.comment and cell.comment.author == _AUTHOR else ""
        cell.comment = Comment(before + note["text"], _AUTHOR, width=_WIDTH, height=_HEIGHT)
    _list(book, notes, listing)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _corner(sheet: Any, row: int, column: int) -> Any:
    """The cell, or the upper left one of the merged area that it is in."""
    for area in sheet.merged_cells.ranges:
        if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
            return sheet.cell(area.min_row, area.min_col)
    return sheet.cell(row, column)


def _list(book: Any, notes: list[dict[str, Any]], listing: dict[str, Any]) -> None:
    from openpyxl.utils import get_column_letter

    if listing["name"] in book.sheetnames:
        del book[listing["name"]]
    sheet = book.create_sheet(listing["name"])
    sheet.append(listing["head"])
    for note in notes:
        place = f"{get_column_letter(note['column'] + 1)}{note['row']}"
        sheet.append([note["sheet"], place, note["text"]])
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s"  # what begins with = stays text
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABC", listing["width"], strict=True):
        sheet.column_dimensions[letter].width = width


def main() -> None:
    """Answer for one workbook."""
    limit(MEMORY_BYTES, CPU_SECONDS)
    head = json.loads(sys.stdin.buffer.readline())
    sys.stdout.buffer.write(annotate(sys.stdin.buffer.read(), head["notes"], head["list"]))


if __name__ == "__main__":
    main()
