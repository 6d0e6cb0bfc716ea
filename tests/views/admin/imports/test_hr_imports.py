"""Imports in the panel: upload, columns, preview, mending, import, undo; files that go out; refusals."""

from __future__ import annotations

import io
import re
import time

import pytest
from openpyxl import load_workbook

from models.choices import Role
from models.imports import UNDER_WAY, ImportBatch, ImportState
from models.person import Person
from panel.services import sweeping
from panel.services.workbooks import opening
from tests.factories import NOW, make_person, make_round, make_unit
from tests.workbooks import make_xlsx, messy_roster

IMPORTS = "/admin/imports/"
HEAD = ["工号", "姓名", "所在部门", "身份证号"]
BAD = [HEAD, ["T001", "张伟", "信息工程学院", None], ["T002", "李娜", "信息学院", "4.20E+17"]]


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    make_round()
    return sign_in_as(Role.UNIT_HR, name="林人事")


def upload(browser, data: bytes, name: str = "名册.xlsx", **fields: str) -> ImportBatch:
    """Upload a roster and wait until it was read."""
    sent = {"kind": "roster", "file": (io.BytesIO(data), name)} | fields
    answer = browser.submit(f"{IMPORTS}upload", sent, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    return settled(ImportBatch.objects.order_by("-id").first())


def settled(batch: ImportBatch) -> ImportBatch:
    deadline = time.monotonic() + 30
    while (batch := ImportBatch.objects.get(id=batch.id)).state in UNDER_WAY:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return batch


def page_of(browser, batch: ImportBatch, **query: str) -> str:
    return browser.get(f"{IMPORTS}{batch.id}", query_string=query).text


def submit(browser, batch: ImportBatch, deed: str, **fields: str):
    batch.reload()
    return browser.submit(f"{IMPORTS}{batch.id}/{deed}", {"version": str(batch.version)} | fields)


def test_a_messy_file_is_uploaded_checked_and_imported(hr):
    batch = upload(hr, messy_roster(), "C:\\资料\\2026 名册.xlsx")
    page = page_of(hr, batch)
    assert "全部导入（4 行）" in page
    assert "林晓雯" in page
    assert "2026 名册.xlsx" in page
    assert Person.objects.count() == 0
    submit(hr, batch, "apply")
    assert settled(batch).state == ImportState.APPLIED
    assert Person.objects.count() == 4
    assert "撤销这次导入" in page_of(hr, batch)
    assert "2026 名册.xlsx" in hr.get(IMPORTS).text


def test_the_preview_masks_secrets(hr):
    batch = upload(hr, make_xlsx([HEAD, ["T001", "张伟", "信息工程学院", "11010519491231002X"]]))
    page = page_of(hr, batch)
    assert "110***********002X" in page
    assert "11010519491231002X" not in page


def test_bad_cells_are_shown_with_place_and_cure_and_can_be_mended_on_the_page(hr):
    batch = upload(hr, make_xlsx(BAD))
    page = page_of(hr, batch)
    for words in ("C3", "是不是“信息工程学院”", "D3", "后几位已经丢失", "先导入没有问题的 1 行"):
        assert words in page
    names = dict.fromkeys(re.findall(r'name="(fix-[^"]+)"', page))
    assert len(names) == 2
    fixes = {name: "信息工程学院" if name.endswith("department") else "11010519491231002X" for name in names}
    assert submit(hr, batch, "mend", **fixes).status_code == 302
    assert settled(batch).counts["bad"] == 0
    submit(hr, batch, "apply")
    settled(batch)
    assert Person.objects.get(staff_number="T002").id_number == "11010519491231002X"


def test_the_same_wrong_word_is_mended_everywhere_at_once(hr):
    wrong = [["工号", "姓名", "所在部门"], *([f"T{n}", f"张{n}", "信息学院"] for n in range(3))]
    batch = upload(hr, make_xlsx(wrong))
    name = re.findall(r'name="(fix-[^"]+)"', page_of(hr, batch))[0]
    submit(hr, batch, "mend", **{name: "信息工程学院"})
    assert settled(batch).counts["create"] == 3


def test_mending_without_a_change_says_so(hr):
    batch = upload(hr, make_xlsx(BAD))
    submit(hr, batch, "mend")
    assert "还没有改动" in page_of(hr, batch)


def test_the_annotated_file_marks_each_bad_cell_of_the_original(hr):
    batch = upload(hr, make_xlsx({"教师": BAD, "备忘": [["随便写的"]]}))
    answer = hr.get(f"{IMPORTS}{batch.id}/annotated")
    assert answer.mimetype == opening.XLSX
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["教师", "备忘", "问题清单"]
    assert "是不是" in book["教师"]["C3"].comment.text
    assert book["教师"]["C3"].fill.start_color.rgb == "FFF3C7C2"
    assert "后几位" in book["教师"]["D3"].comment.text
    assert book["教师"]["C2"].comment is None
    listed = [[cell.value for cell in row] for row in book["问题清单"].iter_rows(min_row=2)]
    assert [row[:2] for row in listed] == [["教师", "C3"], ["教师", "D3"]]
    again = upload(hr, answer.data, "改.xlsx")
    assert [sheet.name for sheet in again.sheets if sheet.used] == ["教师"]


def test_an_annotated_csv_comes_back_as_a_workbook_with_its_bad_rows_alone(hr):
    text = "\n".join(",".join(cell or "" for cell in row) for row in BAD)
    batch = upload(hr, text.encode("gb18030"), "名册.csv")
    book = load_workbook(io.BytesIO(hr.get(f"{IMPORTS}{batch.id}/annotated").data))
    assert book.sheetnames == ["CSV", "问题清单"]
    assert [[cell.value for cell in row][:2] for row in book["CSV"].iter_rows()] == [
        ["工号", "姓名"],
        ["T002", "李娜"],
    ]
    assert "是不是" in book["CSV"]["C2"].comment.text


def test_columns_can_be_mapped_by_choice(hr):
    batch = upload(hr, make_xlsx([["编码", "姓名", "学院"], ["T001", "张伟", "信息工程学院"]]))
    assert batch.state == ImportState.UNMAPPED
    page = hr.get(f"{IMPORTS}{batch.id}/columns").text
    assert "请指出哪一列是" in page
    assert "T001" in page
    sent = {
        "used": ["0"], "top": ["1"], "rows": ["1"], "version": str(batch.version),
        "label": ["编码", "姓名", "学院"], "key": ["staff_number", "name", "department"],
    }  # fmt: skip
    answer = hr.submit(f"{IMPORTS}{batch.id}/columns", sent | {"key": ["name", "name", ""]})
    assert answer.status_code == 422
    assert "只能对应一列" in answer.text
    assert hr.submit(f"{IMPORTS}{batch.id}/columns", sent).status_code == 302
    assert settled(batch).counts["create"] == 1


def test_the_heading_can_be_pointed_at(hr):
    batch = upload(hr, make_xlsx([["随便"], ["a", "b"], ["工作号", "人"], ["T001", "张伟"]]))
    assert "没有找到表头" in hr.get(f"{IMPORTS}{batch.id}/columns").text
    sent = {"used": ["0"], "top": ["3"], "rows": ["1"], "version": str(batch.version)}
    hr.submit(f"{IMPORTS}{batch.id}/columns", sent)
    batch = settled(batch)
    assert batch.sheets[0].labels == ["工作号", "人"]
    assert "工作号" in hr.get(f"{IMPORTS}{batch.id}/columns").text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.7", "这是 PDF 文件"),
        (b"<html><table><tr>", "网页格式"),
        (b"PK\x03\x04 and nothing", "不完整或已损坏"),
        (make_xlsx([[]]), "没有内容"),
    ],
    ids=["empty", "pdf", "web", "truncated", "blank"],
)
def test_a_file_that_is_none_is_refused_in_words(hr, data, words):
    sent = {"kind": "roster", "file": (io.BytesIO(data), "名册.xlsx")}
    answer = hr.submit(f"{IMPORTS}upload", sent, content_type="multipart/form-data")
    if answer.status_code == 302:
        batch = settled(ImportBatch.objects.first())
        assert batch.state == ImportState.REFUSED
        assert words in page_of(hr, batch)
    else:
        assert answer.status_code == 400
        assert words in answer.text
    assert Person.objects.count() == 0


def test_without_a_file_the_page_says_so(hr):
    answer = hr.submit(f"{IMPORTS}upload", {"kind": "roster"})
    assert answer.status_code == 400
    assert "没有选择文件" in answer.text


def test_undo_from_the_page(hr):
    batch = upload(hr, messy_roster())
    submit(hr, batch, "apply")
    settled(batch)
    submit(hr, batch, "undo")
    assert settled(batch).state == ImportState.UNDONE
    assert Person.objects.count() == 0
    assert "已全部恢复原样" in page_of(hr, batch)


def test_an_outdated_decision_shows_the_page_as_it_is_now(hr):
    batch = upload(hr, messy_roster())
    answer = hr.submit(f"{IMPORTS}{batch.id}/apply", {"version": str(batch.version - 1)})
    assert answer.status_code == 409
    assert "刚刚有变化" in answer.text
    assert Person.objects.count() == 0


def test_discarding_writes_nothing(hr):
    batch = upload(hr, messy_roster())
    submit(hr, batch, "discard")
    assert settled(batch).state == ImportState.DISCARDED
    assert "已放弃" in page_of(hr, batch)


def test_the_same_file_again_is_said_to_be_known(hr):
    batch = upload(hr, messy_roster())
    submit(hr, batch, "apply")
    settled(batch)
    page = page_of(hr, upload(hr, messy_roster()))
    assert "同一个文件已经导入过" in page
    assert "没有需要导入的" in page


def test_progress_asks_the_page_to_load_anew_at_the_end(hr):
    batch = upload(hr, messy_roster())
    answer = hr.get(f"{IMPORTS}{batch.id}/progress")
    assert answer.headers["HX-Refresh"] == "true"
    ImportBatch.objects(id=batch.id).update_one(
        set__state="reading", set__total=10, set__done=4, set__token="x"
    )
    answer = hr.get(f"{IMPORTS}{batch.id}/progress")
    assert "HX-Refresh" not in answer.headers
    assert "已核对 4 / 10 行" in answer.text


def test_another_units_imports_do_not_exist(hr, sign_in_as):
    batch = upload(hr, messy_roster())
    other = sign_in_as(Role.UNIT_HR, unit=make_unit(code="other", name="西湖大学", departments=[]))
    assert other.get(f"{IMPORTS}{batch.id}").status_code == 404
    for deed in ("apply", "undo", "discard", "mend", "columns"):
        assert submit(other, batch, deed).status_code == 404
    for page in ("file", "annotated", "progress", "columns"):
        assert other.get(f"{IMPORTS}{batch.id}/{page}").status_code == 404
    assert "名册.xlsx" not in other.get(IMPORTS).text


def test_the_uploaded_file_comes_back_as_it_was(hr):
    data = messy_roster()
    batch = upload(hr, data)
    answer = hr.get(f"{IMPORTS}{batch.id}/file")
    assert answer.data == data
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_our_own_template_is_read_without_a_word_about_columns(hr):
    answer = hr.get(f"{IMPORTS}template/roster")
    book = load_workbook(io.BytesIO(answer.data))
    sheet = book["人员名册"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:2] == ["工号*", "姓名*"]
    offered = {str(item.sqref): item.formula1 for item in sheet.data_validations.dataValidation}
    assert '"男,女"' in offered.values()
    example = [cell.value for cell in book["示例"][2]]
    for index, value in enumerate(example, 1):
        cell = sheet.cell(2, index, value)
        cell.number_format = "@"
    target = io.BytesIO()
    book.save(target)
    batch = upload(hr, target.getvalue())
    assert batch.state == ImportState.READY
    assert batch.counts["create"] == 1, [row for row in page_of(hr, batch).split("\n") if "why-" in row]


def test_a_supervisor_has_no_imports(sign_in_as):
    assert sign_in_as(Role.SUPERVISOR).get(IMPORTS).status_code == 404


def test_the_work_of_two_people_at_once_is_told_row_by_row(hr):
    make_person(staff_number="T001", name="张伟", id_number=None)
    batch = upload(hr, make_xlsx([HEAD[:3], ["T001", "张伟", "机械工程学院"]]))
    Person.objects(staff_number="T001").update_one(set__title="副教授", inc__version=1)
    submit(hr, batch, "apply")
    assert settled(batch).state == ImportState.READY
    page = page_of(hr, batch)
    assert "刚刚被别人改过" in page
    assert "Sheet1!2" in page


def test_a_file_uploaded_by_hand_is_kept_while_it_may_be_asked_for(hr):
    batch = upload(hr, messy_roster())
    assert batch.sha256 in sweeping.referenced()
    submit(hr, batch, "discard")
    assert batch.sha256 not in sweeping.referenced()


def test_the_roster_that_goes_out_comes_in_again_unchanged(hr):
    for number in range(3):
        make_person(name=f"张{'一二三'[number]}", id_number="11010519491231002X" if not number else None,
                    gender=None, birth_date=None, email=f"a{number}@b.cn")  # fmt: skip
    answer = hr.submit("/admin/people/export", {"reason": "核对名册"})
    assert answer.status_code == 200
    batch = upload(hr, answer.data, "人员名册.xlsx")
    assert batch.state == ImportState.READY, batch.sheets[0].labels
    assert batch.counts == {"create": 0, "change": 0, "same": 3, "bad": 0, "gone": 0}, page_of(hr, batch)
