"""What leaves as .xlsx: opened again cell by cell, also by the library that reads files coming in."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from models.values import PartialDate
from panel.services.workbooks import spreadsheets
from panel.services.workbooks.spreadsheets import CellKind, Column, OutputSheet, sheet_name, write
from tests.lengths import examples


def opened(*sheets: OutputSheet):
    with write(sheets) as file:
        return openpyxl.load_workbook(io.BytesIO(file.read()))


def cells(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_a_list_is_a_head_and_its_rows():
    book = opened(
        OutputSheet("申报", [Column("姓名"), Column("工号")], [["林晓雯", "20160011"], ["王 芳", "007"]])
    )
    assert book.sheetnames == ["申报"]
    assert cells(book["申报"]) == [["姓名", "工号"], ["林晓雯", "20160011"], ["王 芳", "007"]]


def test_the_head_stays_in_sight_prints_on_each_page_and_filters():
    sheet = opened(OutputSheet("申报", [Column("姓名", 20), Column("工号", 12)], [["林晓雯", "1"]]))["申报"]
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.auto_filter.ref == "A1:B2"
    assert [round(sheet.column_dimensions[letter].width) for letter in "AB"] == [21, 13]


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "http://x"]
)
def test_what_looks_like_a_formula_or_link_is_text(text):
    sheet = opened(OutputSheet("一", [Column("甲")], [[text]]))["一"]
    cell = sheet["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")
    assert cell.hyperlink is None


def test_long_numbers_and_leading_zeros_stay_as_they_are():
    sheet = opened(OutputSheet("一", [Column("证件")], [["420106199001011234"], ["00123"], ["2025.10"]]))[
        "一"
    ]
    assert [sheet[f"A{row}"].value for row in (2, 3, 4)] == ["420106199001011234", "00123", "2025.10"]


def test_dates_and_moments_are_text_that_sorts():
    row = [
        date(2026, 3, 5),
        datetime(2026, 3, 4, 17, 30, tzinfo=UTC),
        PartialDate(2023, 5),
        True,
        False,
        None,
    ]
    sheet = opened(OutputSheet("一", [Column(str(n)) for n in range(6)], [row]))["一"]
    # 17:30 UTC is half past one of the next day in Shanghai
    assert cells(sheet)[1] == ["2026-03-05", "2026-03-05 01:30", "2023-05", "√", None, None]


def test_only_a_column_of_numbers_holds_numbers():
    columns = [Column("数", kind=CellKind.NUMBER), Column("字")]
    sheet = opened(OutputSheet("一", columns, [[3, 3], [2.5, 2.5], ["三", "三"], [float("nan"), 1]]))["一"]
    assert cells(sheet)[1:] == [[3, "3"], [2.5, "2.5"], ["三", "三"], ["nan", "1"]]
    assert [sheet["A2"].data_type, sheet["B2"].data_type] == ["n", "s"]


def test_markup_in_a_text_is_text():
    texts = ["<r><t>a</t></r>", "</t></is></c>", 'a & b < c > d "e"', "]]>"]
    sheet = opened(OutputSheet("一", [Column("<r>甲</r>")], [[text] for text in texts], title="<r>题</r>"))[
        "一"
    ]
    assert [row[0] for row in cells(sheet)] == ["<r>题</r>", "<r>甲</r>", *texts]


def test_what_no_file_can_hold_is_left_out():
    texts = ["a\x00b", "a\x0bb\x1f", "a\r\nb\rc", "\ud800x", "a\uffff"]
    sheet = opened(OutputSheet("一", [Column("甲")], [[text] for text in texts]))["一"]
    assert [row[0] for row in cells(sheet)[1:]] == ["ab", "ab", "a\nb\nc", "x", "a"]


def test_a_text_longer_than_a_cell_is_cut_visibly():
    sheet = opened(OutputSheet("一", [Column("甲")], [["长" * 40_000], ["𠮷" * 20_000]]))["一"]
    assert sheet["A2"].value == "长" * 32_766 + "…"
    assert sheet["A3"].value == "𠮷" * 16_383 + "…"


def test_an_official_table_has_its_title_above_and_borders():
    columns = [Column("序号"), Column("姓名"), Column("成果", 40, wraps=True)]
    sheet = opened(
        OutputSheet("表", columns, [["1", "林晓雯", "甲\n乙"]], title="一览表", notes=["单位：人事处"])
    )["表"]
    assert cells(sheet) == [
        ["一览表", None, None],
        ["单位：人事处", None, None],
        ["序号", "姓名", "成果"],
        ["1", "林晓雯", "甲\n乙"],
    ]
    assert sorted(str(area) for area in sheet.merged_cells.ranges) == ["A1:C1", "A2:C2"]
    assert sheet.freeze_panes == "A4"
    assert sheet["C4"].border.left.style == "thin"
    assert sheet["C4"].alignment.wrap_text


def test_several_sheets_get_names_that_excel_takes():
    book = opened(OutputSheet("正高/教授", [Column("甲")], []), OutputSheet("正高?教授", [Column("甲")], []))
    assert book.sheetnames == ["正高 教授", "正高 教授 (2)"]
    assert sheet_name("'" + "很" * 40, set()) == "很" * 31
    assert sheet_name("很" * 40, {"很" * 31}) == "很" * 27 + " (2)"
    assert sheet_name("[]", set()) == "Sheet"


def test_more_rows_than_fit_go_on_in_a_further_sheet(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_SHEET_ROWS", 2)
    book = opened(OutputSheet("表", [Column("甲")], iter([["1"], ["2"], ["3"]])))
    assert [cells(sheet) for sheet in book] == [[["甲"], ["1"], ["2"]], [["甲"], ["3"]]]


def test_exactly_as_many_rows_as_fit_need_one_sheet(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_SHEET_ROWS", 2)
    assert opened(OutputSheet("表", [Column("甲")], iter([["1"], ["2"]]))).sheetnames == ["表"]


def test_an_empty_list_still_has_its_head():
    assert cells(opened(OutputSheet("表", [Column("甲"), Column("乙")], []))["表"]) == [["甲", "乙"]]


def test_a_row_of_another_length_is_an_error_and_leaves_no_file():
    with pytest.raises(ValueError, match="shorter"):
        write([OutputSheet("表", [Column("甲"), Column("乙")], [["1"]])])


#: What a person can type, without what is documented to be left out; edges are kept.
TYPED = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t=+-@_x0"),
    min_size=1,
    max_size=40,
)


@settings(max_examples=examples(30, 1000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(TYPED, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_goes_out_comes_in_again_unchanged(rows):
    with write([OutputSheet("表", [Column(name) for name in "甲乙丙"], rows)]) as file:
        read = CalamineWorkbook.from_filelike(io.BytesIO(file.read())).get_sheet_by_index(0).to_python()
    assert read == [["甲", "乙", "丙"], *rows]


def test_rows_are_as_high_as_their_long_texts_and_wide_tables_print_on_larger_paper():
    columns = [Column("姓名"), Column("成果", 11, wraps=True), Column("不换行", 11)]
    rows = [["林晓雯", "短", "长" * 50], ["陈伟", "一二三四五六七八九十", ""], ["王芳", "甲\n乙\n丙", ""]]
    sheet = opened(OutputSheet("表", columns, rows))["表"]
    assert [sheet.row_dimensions[number].height for number in (2, 3, 4)] == [None, 30, 45]
    assert sheet.page_setup.paperSize == 9
    wide = opened(OutputSheet("表", [Column("成果", 120), Column("论文", 120)], []))["表"]
    assert wide.page_setup.paperSize == 8
