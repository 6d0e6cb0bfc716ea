"""Workbooks as they come: .xlsx, .xls and .csv are read; what can't be is refused in words, never a trace."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import Workbook, load_workbook

from panel.domain.tables.sheet import Merged
from panel.services.files.limits import FileRefused
from panel.services.workbooks import opening
from tests.workbooks import make_xlsx, messy_roster

FILES = Path(__file__).parents[1] / "files"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
#: What LibreOffice calls the ways in which it writes.
LIBREOFFICE = {"xls": "MS Excel 97", "xlsx": "Calc MS Excel 2007 XML"}


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        opening.read(data)
    return str(refused.value.message)


def cells(data: bytes) -> list[list]:
    return [list(line.cells) for line in opening.read(data)[0].lines]


def test_cells_keep_their_kind_and_rows_their_number():
    sheet = opening.read(make_xlsx([["标题"], [], ["工号", 20160011, 2.5, date(2023, 5, 1), True]]))[0]
    assert [line.number for line in sheet.lines] == [1, 3]
    assert list(sheet.lines[1].cells) == ["工号", 20160011.0, 2.5, date(2023, 5, 1), True]


def test_merged_areas_are_known_and_filled():
    data = make_xlsx({"a": [["现职称", None], ["名称", "时间"]]}, {"a": ["A1:B1"]})
    sheet = opening.read(data)[0]
    assert list(sheet.merged) == [Merged(1, 1, 0, 1)]
    assert list(next(iter(sheet.spread())).cells) == ["现职称", "现职称"]


def test_columns_left_empty_before_the_table_stay_counted():
    book = Workbook()
    book.active["C3"] = "工号"
    target = io.BytesIO()
    book.save(target)
    (line,) = opening.read(target.getvalue())[0].lines
    assert (line.number, list(line.cells)) == (3, ["", "", "工号"])


def test_hidden_sheets_are_marked_and_empty_ones_left_out():
    book = Workbook()
    book.active.title = "空"
    for name in ("选项", "教师"):
        book.create_sheet(name).append(["工号"])
    book["选项"].sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    sheets = opening.read(target.getvalue())
    assert [(sheet.name, sheet.is_hidden) for sheet in sheets] == [("选项", True), ("教师", False)]


def test_an_old_xls_made_by_libreoffice_is_read_like_the_new_one():
    sheet = opening.read((FILES / "roster.xls").read_bytes())[0]
    assert sheet.name == "在职人员"
    assert "林 晓雯" in sheet.lines[3].cells
    assert Merged(1, 1, 0, 7) in sheet.merged


@pytest.fixture(scope="module")
def converted(tmp_path_factory) -> Callable[[str], bytes]:
    """The messy roster as LibreOffice writes it; `make setup` installs LibreOffice."""
    folder = tmp_path_factory.mktemp("libreoffice")
    (folder / "a.xlsx").write_bytes(messy_roster())
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to"]

    def convert(kind: str) -> bytes:
        wanted = [f"{kind}:{LIBREOFFICE[kind]}", "--outdir", str(folder / "made"), str(folder / "a.xlsx")]
        subprocess.run([*command, *wanted], check=True, capture_output=True, timeout=120)
        return (folder / "made" / f"a.{kind}").read_bytes()

    return convert


@pytest.mark.parametrize("kind", LIBREOFFICE)
def test_what_libreoffice_writes_today_is_read_like_what_it_was_made_of(converted, kind):
    (theirs,), (ours,) = opening.read(converted(kind)), opening.read(messy_roster())
    assert [(line.number, list(line.cells)) for line in theirs.lines] == [
        (line.number, list(line.cells)) for line in ours.lines
    ]
    assert theirs.name == ours.name
    assert sorted(map(str, theirs.merged)) == sorted(map(str, ours.merged))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_with_commas_is_read_in_every_encoding_of_excel(encoding):
    assert cells("工号,姓名\n007,林晓雯\n".encode(encoding)) == [["工号", "姓名"], ["007", "林晓雯"]]


def test_a_space_far_below_is_no_content():
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "工号")
    sheet.write(1_048_575, 1, " ")
    book.close()
    assert cells(target.getvalue()) == [["工号"]]


# --- refusals -----------------------------------------------------------------------------------------------


def test_a_stray_cell_at_the_far_corner_is_refused_and_brings_nothing_down():
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "工号")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    assert "解压后大得不正常" in refusal(target.getvalue())


def test_a_zip_bomb_is_refused_before_it_unfolds():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 1024 * 1024))
    assert "解压后大得不正常" in refusal(target.getvalue())


def test_a_text_that_is_named_ten_thousand_times_is_refused():
    """A file of 300 kB would unfold to gigabytes for whoever reads its answer."""
    data = make_xlsx([["文" * 19_999, "长" * 19_999] for _ in range(1_200)])
    assert len(data) < 400_000
    assert "解压后大得不正常" in refusal(data)


def test_merged_areas_one_above_the_other_are_refused():
    """Areas never overlap in a true workbook; spread out, these would be a hundred million cells."""
    sheet = "xl/worksheets/sheet1.xml"
    areas = "".join(f'<mergeCell ref="A1:B{29_000 - number}"/>' for number in range(2_000))
    data = make_xlsx({"a": [["工号", "姓名"]]}, {"a": ["A1:B1"]})
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            text = source.read(name).decode()
            text = text.replace("<mergeCell ", f"{areas}<mergeCell ", 1) if name == sheet else text
            archive.writestr(name, text)
    assert "解压后大得不正常" in refusal(target.getvalue())


def test_a_table_that_begins_far_to_the_right_has_too_many_columns():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for row in range(30):
            sheet.write(row, 16_000, "工号")
    assert "超过 200 列" in refusal(target.getvalue())


def test_macros_are_refused_whatever_the_name_says():
    data = make_xlsx([["工号"]])
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name))
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert "宏" in refusal(target.getvalue())


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_file_is_refused(share):
    data = make_xlsx([["工号", "姓名"]] * 50)
    assert "不完整或已损坏" in refusal(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        (OLE + b"\0" * 600 + "_VBA_PROJECT".encode("utf-16-le"), "宏"),
        (OLE + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "Word"),
        (OLE + b"\0" * 600, "不完整或已损坏"),
        (b"%PDF-1.7 \n1 0 obj", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"<html><body><table>", "网页格式"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "网页格式"),
        (b"just words", "认不出"),
        (b"\x00\x01\x02,\x03", "认不出"),
        (make_xlsx([[]]), "没有内容"),
    ],
    ids=["encrypted", "macro", "doc", "broken", "pdf", "picture", "web", "xml", "words", "binary", "empty"],
)
def test_what_is_no_table_is_refused_with_what_to_do(data, words):
    assert words in refusal(data)


def test_an_old_xls_with_a_password_is_told_from_a_broken_one():
    assert "打开密码" in refusal((FILES / "encrypted.xls").read_bytes())


def test_a_docx_is_told_from_a_workbook():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "Word" in refusal(target.getvalue())


@pytest.mark.parametrize(
    ("rows", "words"),
    [([["x"]] * 30_001, "30000 行"), ([["x"] * 201], "200 列")],
    ids=["rows", "columns"],
)
def test_too_many_rows_or_columns_are_refused(rows, words):
    assert words in refusal(make_xlsx(rows))


def test_an_empty_upload_is_refused():
    with pytest.raises(FileRefused, match="空的"):
        opening.receive(io.BytesIO(b""))


def test_what_the_tests_write_is_a_real_workbook():
    book = load_workbook(io.BytesIO(make_xlsx([["工号", date(2023, 5, 1)]])))
    assert book.active["A1"].value == "工号"
    assert book.active["B1"].is_date
