"""Our own workbooks for imports: headings that are recognised, drop-downs, text cells, an example, how to.

Their words are Chinese in any language of the panel: they are what the import recognises.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from models.imports import ImportKind
from panel.domain.importing.rows import TargetColumn

#: Excel refuses a longer list in the drop-down itself; it goes to a sheet then.
_LONGEST_LIST = 250
_ROWS = 2000
_HOW = (
    "第一行是栏目名，请不要改动；从第二行起每人（或每条）一行。带 * 的必须填写。",
    "所有格子都已设为“文本”，工号、身份证号、日期照原样输入即可，不会被 Excel 改动。",
    "日期写成 2023-05 或 2023-05-17；2023.5、2023年5月也读得出来。",
    "格子空着表示不改系统里已有的内容；要清除，请填“无”。",
    "有下拉选项的格子请从选项里选。“示例”这张表不会被导入。",
)


def make(kind: ImportKind, columns: Sequence[TargetColumn]) -> bytes:
    """An empty workbook for a kind of import, as .xlsx."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    formats = {
        "head": book.add_format({"bold": True, "bg_color": "#DCE9F5", "border": 1, "text_wrap": True}),
        "must": book.add_format({"bold": True, "bg_color": "#F9DEDC", "border": 1, "text_wrap": True}),
        "text": book.add_format({"num_format": "@"}),
    }
    offered = [column for column in columns if column.is_in_template]
    _fill(book.add_worksheet(str(kind.label)), offered, formats, book)
    example = book.add_worksheet("示例")
    _head(example, offered, formats)
    for index, column in enumerate(offered):
        example.write_string(1, index, column.example, formats["text"])
    how = book.add_worksheet("填写说明")
    how.set_column(0, 0, 100)
    for row, words in enumerate(_HOW):
        how.write_string(row, 0, words)
    book.close()
    return target.getvalue()


def _head(page: Any, columns: Sequence[TargetColumn], formats: dict[str, Any]) -> None:
    for index, column in enumerate(columns):
        label = str(column.label)
        page.set_column(index, index, max(10, 2 * len(label) + 4), formats["text"])
        shape, mark = ("must", "*") if column.is_required else ("head", "")
        page.write_string(0, index, label + mark, formats[shape])
    page.freeze_panes(1, 2)


def _fill(page: Any, columns: Sequence[TargetColumn], formats: dict[str, Any], book: Any) -> None:
    _head(page, columns, formats)
    lists: Any = None
    for index, column in enumerate(columns):
        if not column.options:
            if column.help:
                page.data_validation(1, index, _ROWS, index, _hint(column))
            continue
        source: Any = list(column.options)
        if len(",".join(column.options)) > _LONGEST_LIST:
            if lists is None:
                lists = book.add_worksheet("选项")
                lists.hide()
            lists.write_column(0, index, column.options)
            letter = xlsxwriter.utility.xl_col_to_name(index, True)
            source = f"=选项!{letter}$1:{letter}${len(column.options)}"
        choice = {"validate": "list", "source": source, "error_type": "warning"}
        page.data_validation(1, index, _ROWS, index, choice | {"error_message": "请从下拉选项里选。"})


def _hint(column: TargetColumn) -> dict[str, Any]:
    return {"validate": "any", "input_title": str(column.label)[:32], "input_message": str(column.help)[:255]}
