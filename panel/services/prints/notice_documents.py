"""A publicity list as a Word document: the notice with dates and table of names, behind it the achievements.

Set as official letters are (GB/T 9704): A4, title in bold, text of 16 points with lines of 28 points. It says
what was posted and nothing else (R23).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from models.choices import PublicityKind
from models.publicity import Publicity
from models.round_spec import RoundSpec
from panel.services.prints.print_text import chinese_day, printable
from panel.services.workbooks.spreadsheets import CellKind, Column, OutputSheet

WORD_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE_FONT, TEXT_FONT, HEAD_FONT = "方正小标宋简体", "仿宋", "黑体"
OPENING = {
    PublicityKind.UNIT.value: "以下人员申报职称的材料已经本单位审核，现予公示。",
    PublicityKind.RESULT.value: "以下人员经评审委员会评审表决通过，现予公示。",
}
OBJECTIONS = (
    "对公示内容有异议的，请在公示期内以真实姓名、书面形式向受理部门反映，并提供联系方式；"
    "我们会逐一核查并为反映人保密。"
)
PROVISIONAL = "公示期跨入的年度还没有公布节假日安排，结束日期为暂定，公布后会重新计算。"
_HEADS = ("序号", "姓名", "部门", "现职称", "申报职称", "申报专业", "备注")
_WIDTHS = (Cm(1.2), Cm(2.0), Cm(3.6), Cm(2.0), Cm(2.4), Cm(3.2), Cm(1.6))


def document(publicity: Publicity) -> io.BytesIO:
    """The notice as .docx."""
    made = Document()
    _set_page(made)
    _set_properties(made, publicity)
    _line(made, publicity.title, font=TITLE_FONT, size=22, centred=True, bold=True, after=18)
    for text in _text(publicity):
        _line(made, text, indent=True)
    _names(made, publicity)
    _line(made, publicity.unit.name, right=True, before=24)
    _line(made, chinese_day(publicity.posted_on), right=True)
    _achievements(made, publicity)
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    return file


def sheet(publicity: Publicity) -> OutputSheet:
    """The same as a table: a row per person, a column per section of achievements."""
    spec: RoundSpec = publicity.round.spec
    sections = _sections(publicity)
    heads = [
        Column("序号", 6, CellKind.NUMBER),
        *(Column(name, width) for name, width in zip(_HEADS[1:], (10, 22, 12, 16, 22, 8), strict=True)),
        *(Column(_label(spec, key), 60, wraps=True) for key in sections),
    ]
    rows = [
        [*_cells(publicity, number, row), *("\n".join(row.columns.get(key) or []) for key in sections)]
        for number, row in enumerate(publicity.rows, start=1)
    ]
    return OutputSheet("公示名单", heads, rows, title=publicity.title, notes=[_period(publicity)])


# --- what it says ------------------------------------------------------------------------------------


def _text(publicity: Publicity) -> Iterable[str]:
    yield OPENING[publicity.kind]
    yield f"{_period(publicity)}。" + (PROVISIONAL if publicity.is_provisional else "")
    yield OBJECTIONS
    yield f"受理部门：{publicity.receiving_office}"
    yield f"监督电话：{publicity.telephone}"
    if publicity.email:
        yield f"电子邮箱：{publicity.email}"


def _period(publicity: Publicity) -> str:
    starts, ends = chinese_day(publicity.starts), chinese_day(publicity.ends)
    return f"公示时间：{starts}至{ends}（{publicity.days} 个工作日）"


def _cells(publicity: Publicity, number: int, row: Any) -> list[Any]:
    spec: RoundSpec = publicity.round.spec
    titles = {level.key: str(level.title) for level in spec.levels}
    specialities = {option.value: str(option.label) for option in spec.specialities}
    return [
        number,
        row.name,
        row.department or "",
        row.present_title or "无",
        titles.get(row.level, row.title or ""),
        specialities.get(row.speciality, row.speciality or ""),
        "破格" if row.exceptional else "",
    ]


def _sections(publicity: Publicity) -> list[str]:
    """The sections of which anybody on the list has something, in the round's order."""
    used = {key for row in publicity.rows for key, lines in row.columns.items() if lines}
    order = [section.key for section in publicity.round.spec.sections if section.key in used]
    return order + sorted(used - set(order))


def _label(spec: RoundSpec, key: str) -> str:
    return next((str(section.label) for section in spec.sections if section.key == key), key)


# --- how it is set -----------------------------------------------------------------------------------


def _set_page(made: Any) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    normal = made.styles["Normal"]
    normal.font.size = Pt(16)
    _set_font(normal, TEXT_FONT)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _page_number(footer)


def _set_properties(made: Any, publicity: Publicity) -> None:
    core = made.core_properties
    core.title, core.author, core.comments = publicity.title, publicity.unit.name, ""
    core.created = core.modified = datetime.combine(publicity.posted_on, time())
    core.last_modified_by = ""
    core.language = "zh-CN"


def _set_font(holder: Any, name: str) -> None:
    """`name` for Latin and Chinese letters alike: Word keeps them apart."""
    holder.font.name = name
    holder.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _line(
    made: Any,
    text: str,
    *,
    font: str = TEXT_FONT,
    size: float = 16,
    bold: bool = False,
    centred: bool = False,
    right: bool = False,
    indent: bool = False,
    before: float = 0,
    after: float = 0,
) -> Any:
    paragraph = made.add_paragraph()
    look = paragraph.paragraph_format
    look.line_spacing_rule, look.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(max(28, size * 1.4))
    look.space_before, look.space_after = Pt(before), Pt(after)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if indent:
        look.first_line_indent = Pt(2 * size)
    run = paragraph.add_run(str(printable(text)))
    run.font.size, run.font.bold = Pt(size), bold
    _set_font(run, font)
    return paragraph


def _names(made: Any, publicity: Publicity) -> None:
    table = made.add_table(rows=1, cols=len(_HEADS))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _fill(table.rows[0], _HEADS, HEAD_FONT)
    _repeat(table.rows[0])
    for number, row in enumerate(publicity.rows, start=1):
        _fill(table.add_row(), _cells(publicity, number, row), TEXT_FONT)


def _fill(row: Any, values: Iterable[Any], font: str) -> None:
    for cell, value, width in zip(row.cells, values, _WIDTHS, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(str(printable(str(value))))
        run.font.size = Pt(12)
        _set_font(run, font)


def _achievements(made: Any, publicity: Publicity) -> None:
    if not _sections(publicity):
        return
    made.add_page_break()
    _line(made, "附件：主要业绩与成果", font=HEAD_FONT, after=6)
    for number, row in enumerate(publicity.rows, start=1):
        _line(made, f"{number}. {row.name}（{row.department or ''}）", font=HEAD_FONT, size=14, before=8)
        for key in _sections(publicity):
            lines = row.columns.get(key) or []
            if lines:
                _line(made, _label(publicity.round.spec, key), size=12, bold=True)
            for place, line in enumerate(lines, start=1):
                _line(made, f"（{place}）{line}", size=12, indent=True)


def _repeat(row: Any) -> None:
    """Print the head again on each page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _page_number(paragraph: Any) -> None:
    run = paragraph.add_run()
    run.font.size = Pt(14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)
