"""Spreadsheets as HR really has them, made by the libraries that write them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

Rows = Iterable[Sequence[Any]]


def make_xlsx(sheets: Mapping[str, Rows] | Rows, merged: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """A workbook with these rows; dates become date cells, None stays empty.

    `merged` names areas like "A1:F1" by sheet; the upper left cell's value is theirs.
    """
    named = sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 9, 1)})  # noqa: DTZ001 - the same bytes at any time
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in named.items():
        sheet = book.add_worksheet(name)
        table = [list(row) for row in rows]
        for area in (merged or {}).get(name, ()):
            top, left, bottom, right = _corners(area)
            sheet.merge_range(top, left, bottom, right, table[top][left])
            for row in range(top, bottom + 1):
                for column in range(left, min(right + 1, len(table[row]))):
                    table[row][column] = None
        for row, cells in enumerate(table):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(row, column, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(row, column, cell)
                elif cell is not None:
                    sheet.write(row, column, cell)
    book.close()
    return target.getvalue()


def _corners(area: str) -> tuple[int, int, int, int]:
    first, last = area.split(":")
    return (*_corner(first), *_corner(last))


def _corner(cell: str) -> tuple[int, int]:
    return int(cell[1:]) - 1, ord(cell[0]) - ord("A")


#: Six people as a real roster has them: a title, a heading of two rows, spaces in names, full-width digits,
#: dates in every shape, a sum and a note below.
MESSY_ROSTER: dict[str, Rows] = {
    "在职人员": [
        ["江城理工学院 2026 年教职工名册", None, None, None, None, None, None, None],
        ["序号", "工 号", "姓  名", "性别", "所在学院", "出生年月", "现职称", None, "参加工作时间"],
        [None, None, None, None, None, None, "名称", "批准时间", None],
        [1, 20160011, "林 晓雯", "女", "信息工程学院", "1986年3月12日", "讲师", "2018.12", "2012.7"],
        [2, "２０１６００１２", "陈　伟", "男", "信息工程学院", date(1980, 5, 20), "讲师", 2019.6, 200507],
        [3, "20160013", "王芳", "女", "机械工程学院", 31503, "副教授", "2015-12", "2008/7"],
        [None] * 9,
        [4, 20160014.0, "买买提·艾力", "男", "机械工程学院", "1990-01-02", "助教", "2020年7月", "2015年9月"],
        ["合计", None, 4],
        ["注：现职称按证书填写。", None, None],
    ]
}
MESSY_ROSTER_MERGED = {
    "在职人员": ["A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:E3", "F2:F3", "G2:H2", "I2:I3"]
}


def messy_roster() -> bytes:
    """MESSY_ROSTER as .xlsx."""
    return make_xlsx(MESSY_ROSTER, MESSY_ROSTER_MERGED)
