"""Publicity lists as Word and Excel, the register of objections as Excel, read again."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import docx
import openpyxl
import pytest

from models.audit import AuditEvent
from models.choices import PublicityKind, Role, State
from models.publicity import Objection
from panel.domain.publicity import lists
from tests import contents
from tests.factories import NOW, make_unit, make_user

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="林人事")


@pytest.fixture
def posted():
    """The list of two as it would be posted on 15 September 2026, stored; Sunday the 20th is worked."""
    cases = [
        contents.make_complete(
            State.UNIT_PUBLICITY,
            person=contents.make_lecturer(name=name, staff_number=number),
            exceptional=number == "20180003",
        )
        for name, number in (("王芳", "20180001"), ("赵敏", "20180003"))
    ]
    made = lists.draft(PublicityKind.UNIT, cases, NOW)
    made.at = NOW
    return made.save()


def test_the_notice_says_what_was_posted(hr, posted):
    answer = hr.get(f"/admin/publicity/{posted.uid}/list.docx")
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    found = docx.Document(io.BytesIO(answer.data))
    lines = [paragraph.text for paragraph in found.paragraphs if paragraph.text.strip()]
    assert lines[:8] == [
        "2026 年度高等学校教师系列职称评审前公示",
        "以下人员申报职称的材料已经本单位审核，现予公示。",
        "公示时间：2026年9月16日至2026年9月21日（5 个工作日）。",
        "对公示内容有异议的，请在公示期内以真实姓名、书面形式向受理部门反映，并提供联系方式；我们会逐一核查并为反映人保密。",
        "受理部门：江城理工学院人力资源部（行政楼 305 室）",
        "监督电话：027-85550123",
        "电子邮箱：hr@jcut.example",
        "江城理工学院",
    ]
    assert lines[8:11] == ["2026年9月15日", "附件：主要业绩与成果", "1. 王芳（信息工程学院）"]
    assert any("《一种自适应采样方法》" in line for line in lines)
    (table,) = found.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["序号", "姓名", "部门", "现职称", "申报职称", "申报专业", "备注"],
        ["1", "王芳", "信息工程学院", "讲师", "副教授", "计算机科学与技术", ""],
        ["2", "赵敏", "信息工程学院", "讲师", "副教授", "计算机科学与技术", "破格"],
    ]
    assert found.core_properties.author == "江城理工学院"
    assert found.core_properties.comments == ""


def test_the_notice_holds_no_personal_numbers(hr, posted):
    text = hr.get(f"/admin/publicity/{posted.uid}/list.docx").data
    body = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(text)).paragraphs)
    assert "20180001" not in body
    assert "1986" not in body


def test_a_name_with_control_characters_does_not_break_the_document(hr, posted):
    posted.rows[0].name = "王\x0b芳\x00"
    posted.save()
    answer = hr.get(f"/admin/publicity/{posted.uid}/list.docx")
    assert docx.Document(io.BytesIO(answer.data)).tables[0].rows[1].cells[1].text == "王芳"


def test_the_list_as_a_table_has_a_column_per_section(hr, posted):
    answer = hr.get(f"/admin/publicity/{posted.uid}/list.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["公示名单"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "2026 年度高等学校教师系列职称评审前公示"
    assert rows[1][0] == "公示时间：2026年9月16日至2026年9月21日（5 个工作日）"
    assert rows[2][:7] == ["序号", "姓名", "部门", "现职称", "申报职称", "申报专业", "备注"]
    assert rows[2][7:] == ["任现职以来的主要专业技术工作业绩", "业绩成果（著作、论文及重要技术报告）"]
    assert rows[3][:7] == [1, "王芳", "信息工程学院", "讲师", "副教授", "计算机科学与技术", None]
    assert len(rows[3][8].splitlines()) == 2
    assert [event.detail["file"] for event in AuditEvent.objects(action="export_publicity")] == ["xlsx"]


def test_a_list_of_another_unit_is_not_found(sign_in_as, posted):
    other = sign_in_as(Role.UNIT_HR, unit=make_unit(code="other", name="外校", departments=[]))
    for ending in ("docx", "xlsx"):
        assert other.get(f"/admin/publicity/{posted.uid}/list.{ending}").status_code == 404
        assert other.get(f"/admin/publicity/nothing/list.{ending}").status_code == 404


def test_the_lists_page_offers_both(hr, posted):
    page = hr.get(f"/admin/publicity/{posted.uid}").text
    assert f"/admin/publicity/{posted.uid}/list.docx" in page
    assert f"/admin/publicity/{posted.uid}/list.xlsx" in page


def test_the_register_of_objections_leaves_without_how_to_reach_who_objected(hr, posted):
    case_id = posted.rows[0].application
    Objection(
        application=case_id,
        from_name="周明",
        contact="13900000000",
        text="论文排名与实际不符。",
        registered_by=make_user(Role.UNIT_HR),
        registered_at=datetime(2026, 9, 15, 1, 30, tzinfo=UTC),
    ).save()
    rows = openpyxl.load_workbook(io.BytesIO(hr.get("/admin/objections/export.xlsx").data)).worksheets[0]
    values = [[cell.value for cell in row] for row in rows.iter_rows()]
    number = posted.rows[0].name
    assert number == "王芳"
    assert values[0] == [
        *("被反映人", "申报编号", "状态", "反映人姓名", "登记时间", "异议内容"),
        *("核查结论", "核查时间", "处理理由", "处理时间"),
    ]
    assert values[1][0] == "王芳"
    assert values[1][2:6] == ["核查中", "周明", "2026-09-15 09:30", "论文排名与实际不符。"]
    assert values[1][6:] == [None, None, None, None]
    assert "13900000000" not in str(values)


def test_nobody_takes_away_objections_to_their_own_case(sign_in_as):
    person = contents.make_lecturer(name="林人事")
    both = make_user(Role.UNIT_HR, person=person)
    own = contents.make_complete(State.ON_HOLD, person=person)
    Objection(
        application=own,
        from_name="周明",
        text="不实。",
        registered_by=make_user(Role.UNIT_HR),
        registered_at=NOW,
    ).save()
    book = openpyxl.load_workbook(io.BytesIO(sign_in_as(both).get("/admin/objections/export.xlsx").data))
    assert book.worksheets[0].max_row == 1
