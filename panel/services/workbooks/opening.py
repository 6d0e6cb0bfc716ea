"""From the bytes of a workbook to its sheets: told by content, never by name, read in a bounded process."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, BinaryIO

from models.messages import M, Message
from panel.domain.tables.sheet import Line, Merged, Sheet
from panel.services.files import own_process
from panel.services.files.inspecting import read_limited
from panel.services.files.limits import MEBIBYTE, FileRefused
from panel.services.workbooks.workbook_reader import MAX_COLUMNS, MAX_ROWS_READ, MAX_SHEETS

MAX_BYTES = 20 * MEBIBYTE
TIMEOUT_SECONDS = 90
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: Reason -> what is wrong and what to do.
REFUSALS: dict[str, Message] = {
    "encrypted": M("文件设有打开密码，读不了。请在 Excel 里取消密码（文件→信息→保护工作簿），另存后再上传。"),
    "macro": M("文件里有宏。为了安全不读取带宏的文件，请另存为不带宏的“Excel 工作簿（*.xlsx）”再上传。"),
    "broken": M("文件不完整或已损坏，读不出来。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。"),
    "bomb": M(
        "文件解压后大得不正常，没有读取。请把有用的行和列复制到一个新建的工作簿里（不要整列整行复制），再上传。"
    ),
    "binary": M("这是 .xlsb 格式，读不了。请另存为“Excel 工作簿（*.xlsx）”后再上传。"),
    "word": M("这是 Word 文档。请把表格复制到 Excel 里，另存为 .xlsx 后再上传。"),
    "pdf": M("这是 PDF 文件，里面的表格读不出来。请上传原来的 Excel 文件（.xlsx 或 .xls）。"),
    "picture": M("这是图片，里面的表格读不出来。请上传原来的 Excel 文件（.xlsx 或 .xls）。"),
    "web": M("这其实是网页格式的表格，只是名字像 Excel。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。"),
    "unknown": M("认不出这是什么文件。请上传 Excel 工作簿（.xlsx 或 .xls）或用逗号分隔的 .csv。"),
    "rows": M("表格超过 %(n)s 行。请拆成几个文件分别导入。", n=MAX_ROWS_READ),
    "columns": M("表格超过 %(n)s 列。请删去多余的列，或把有用的列复制到新工作簿里。", n=MAX_COLUMNS),
    "sheets": M("工作表超过 %(n)s 张。请只留下要导入的，另存后再上传。", n=MAX_SHEETS),
    "empty": M("文件里没有内容。请确认保存的是填好的那一份。"),
}


def receive(source: bytes | BinaryIO) -> bytes:
    """The bytes of an upload, at most MAX_BYTES; raises FileRefused."""
    return read_limited(source, MAX_BYTES)


def read(data: bytes) -> list[Sheet]:
    """The sheets of a workbook (.xlsx, .xls, .csv) in their order, those without content left out.

    Raises FileRefused with what is wrong and what to do; nothing that is sent brings this process down.
    """
    answer = _answer_of(
        own_process.run("panel.services.workbooks.workbook_reader", data, seconds=TIMEOUT_SECONDS)
    )
    if "refused" in answer:
        raise FileRefused(REFUSALS[answer["refused"]])
    sheets = [_sheet(row) for row in answer["sheets"] if row["rows"]]
    if not sheets:
        raise FileRefused(REFUSALS["empty"])
    return sheets


def _answer_of(answer: bytes | None) -> dict[str, Any]:
    """The reader's answer; one that broke down on a workbook ran out of what it may take."""
    if not answer:
        return {"refused": "bomb"}
    found: dict[str, Any] = json.loads(answer, object_hook=_decoded)
    return found


def _decoded(row: dict[str, Any]) -> Any:
    return date.fromisoformat(row["date"]) if row.keys() == {"date"} else row


def _sheet(row: dict[str, Any]) -> Sheet:
    return Sheet(
        name=row["name"],
        lines=[Line(number, cells) for number, cells in row["rows"]],
        merged=[Merged(*area) for area in row["merged"]],
        is_hidden=row["is_hidden"],
    )
