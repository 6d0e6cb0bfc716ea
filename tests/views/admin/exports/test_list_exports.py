"""Lists as .xlsx: what the person sees, as they see it, opened again and read cell by cell."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from urllib.parse import quote

import openpyxl
import pytest
from pymongo import monitoring

from models.audit import AuditEvent
from models.choices import Role, State
from models.database import connect, get_database
from models.person import Person
from models.values import PartialDate, search_keys
from tests.factories import NOW, make_application, make_person, make_unit, make_user

CASES = "/admin/applications/export.xlsx"
PEOPLE = "/admin/people/export.xlsx"


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="林人事")


def opened(answer):
    """The one sheet's rows as lists of what the cells hold."""
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert len(book.sheetnames) == 1
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def case(name="王芳", state=State.SUBMITTED, staff_number="20180042", **values):
    person = make_person(name=name, staff_number=staff_number)
    keys = search_keys(name, staff_number)
    return make_application(state, person=person, search=keys, **values)


def test_the_list_of_applications_leaves_as_it_is_seen(hr):
    application = case(
        number="2026000017",
        submitted_at=datetime(2026, 9, 10, 1, 5, tzinfo=UTC),
        updated_at=NOW,
        exceptional=True,
    )
    assert application.department_name == "信息工程学院"
    assert opened(hr.get(CASES)) == [
        [
            "姓名",
            "工号",
            "申报编号",
            "部门",
            "申报职称",
            "破格",
            "专业",
            "类型",
            "状态",
            "提交时间",
            "最近变动",
        ],
        [
            "王芳",
            "20180042",
            "2026000017",
            "信息工程学院",
            "副教授",
            "√",
            "计算机科学与技术",
            "晋升",
            "待单位审核",
            "2026-09-10 09:05",
            "2026-09-15 10:00",
        ],
    ]


def test_chosen_columns_leave_in_their_order(hr):
    case(number="2026000017")
    assert opened(hr.get(CASES + "?columns=state,staff_number,name")) == [
        ["状态", "工号", "姓名", "申报编号"],
        ["待单位审核", "20180042", "王芳", "2026000017"],
    ]


def test_filter_search_and_order_hold_for_the_file(hr):
    case("王芳", staff_number="20180001", updated_at=datetime(2026, 9, 1, tzinfo=UTC))
    case("王强", staff_number="20180002", updated_at=datetime(2026, 9, 2, tzinfo=UTC))
    case("李娜", staff_number="20180003")
    case("王军", State.DRAFT, staff_number="20180004")
    rows = opened(hr.get(CASES + "?state=submitted&search=wang&columns=staff_number"))
    assert rows == [["工号"], ["20180001"], ["20180002"]]
    rows = opened(hr.get(CASES + "?state=submitted&columns=staff_number&sort=updated_at&desc=1"))
    assert rows == [["工号"], ["20180003"], ["20180002"], ["20180001"]]


def test_the_file_holds_more_than_the_page(hr):
    for serial in range(60):
        case("王芳", staff_number=f"2018{serial:04d}")
    assert len(opened(hr.get(CASES + "?page=1"))) == 61


def test_applications_of_another_unit_stay_out(hr, sign_in_as):
    case("王芳")
    other = sign_in_as(Role.UNIT_HR, unit=make_unit(code="other", name="外校", departments=[]))
    assert opened(other.get(CASES))[1:] == []


def test_an_empty_list_is_a_head(hr):
    assert len(opened(hr.get(CASES))) == 1


def test_a_name_that_looks_like_a_formula_stays_text(hr):
    case('=HYPERLINK("http://x")', staff_number="+8613800000000")
    assert opened(hr.get(CASES + "?columns=name"))[1][:2] == ['=HYPERLINK("http://x")', "+8613800000000"]


def test_the_file_has_a_chinese_name_and_is_kept_by_nobody(hr):
    answer = hr.get(CASES)
    assert f"filename*=UTF-8''{quote('申报-2026-09-15.xlsx')}" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_each_file_is_recorded_without_what_was_searched_for(hr):
    case("王芳")
    hr.get(CASES + "?search=wang&columns=name")
    event = AuditEvent.objects.get(action="export_list")
    assert (event.actor_name, event.unit) == ("林人事", make_unit().id)
    assert event.detail == {"list": "applications", "rows": 1, "columns": ["name", "staff_number", "number"]}


def person() -> Person:
    return make_person(
        name="王芳",
        staff_number="20180042",
        id_number="420106198603120021",
        phone="13812345678",
        email="wang@example.cn",
        birth_date=date(1986, 3, 12),
        joined_on=PartialDate(2015, 7),
        speciality="computer_science",
    )


def test_the_roster_leaves_with_its_secrets_masked(hr):
    person()
    assert opened(hr.get(PEOPLE)) == [
        [
            *("工号", "姓名", "性别", "出生日期", "身份证号", "手机", "电子邮箱", "部门", "岗位系列"),
            *("参加工作时间", "来本单位时间", "现职称", "现职称级别", "现职称批准日期", "申报专业"),
            *("在职", "已退休", "处分", "处分到期日", "不得申报至"),
        ],
        [
            *("20180042", "王芳", "女", "1986-03-12", "420***********0021", "138****5678", "wang@example.cn"),
            *(
                "信息工程学院",
                "teacher",
                "2012-07",
                "2015-07",
                "讲师",
                "middle",
                "2018-12-20",
                "computer_science",
            ),
            *("√", None, "无", None, None),
        ],
    ]


def test_the_roster_in_clear_needs_a_reason_and_is_recorded(hr):
    person()
    refused = hr.submit("/admin/people/export", {"reason": "  "})
    assert refused.status_code == 422
    assert "请写明用途" in refused.text
    rows = opened(hr.submit("/admin/people/export", {"reason": "上报省系统"}))
    assert rows[1][4:6] == ["420106198603120021", "13812345678"]
    event = AuditEvent.objects.get(action="export_list")
    assert (event.reason, event.detail["rows"]) == ("上报省系统", 1)


def test_the_page_that_asks_says_how_many_and_keeps_the_filter(hr):
    person()
    make_person(name="李娜", department="me", staff_number="20190001")
    page = hr.get("/admin/people/export?department=me").text
    assert "将导出 1 人" in page
    assert "/admin/people/export.xlsx?department=me" in page
    rows = opened(hr.submit("/admin/people/export?department=me", {"reason": "上报"}))
    assert [row[0] for row in rows[1:]] == ["20190001"]


def test_only_hr_gets_the_roster_in_clear(sign_in_as):
    person()
    supervisor = sign_in_as(Role.SUPERVISOR)
    assert supervisor.get("/admin/people/export").status_code == 404
    assert supervisor.submit("/admin/people/export", {"reason": "上报"}).status_code == 404
    assert opened(supervisor.get(PEOPLE))[1][4] == "420***********0021"


def test_a_supervisor_who_keeps_another_roster_gets_only_that_in_clear(sign_in_as):
    person()
    other = make_unit(code="other", name="外校", departments=[])
    make_person(name="李娜", staff_number="20190001", unit=other)
    both = make_user(Role.SUPERVISOR)
    both.grants += make_user(Role.UNIT_HR, unit=other).grants
    both.save()
    browser = sign_in_as(both)
    assert len(opened(browser.get(PEOPLE))) == 3
    rows = opened(browser.submit("/admin/people/export", {"reason": "上报"}))
    assert [row[0] for row in rows[1:]] == ["20190001"]


def test_accounts_leave_with_their_roles_in_words(sign_in_as):
    admin = sign_in_as(Role.ADMIN, username="admin", name="董晓东")
    make_user(Role.UNIT_HR, username="19980001", name="陈国栋")
    rows = opened(admin.get("/admin/users/export.xlsx?role=unit_hr"))
    assert rows == [
        ["账号名", "姓名", "角色", "可登录", "最近登录"],
        ["19980001", "陈国栋", "单位人事（江城理工学院）", "√", None],
    ]


def test_the_record_leaves_without_who_judged(hr):
    application = case("王芳")
    unit = make_unit().id
    kept = {"thing": "applications", "thing_id": str(application.id), "unit": unit}
    at = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)
    AuditEvent(at=at, actor_name="陈国栋", role="unit_hr", action="judge", reason="=1", **kept).save()
    AuditEvent(at=NOW, actor_name="李专家", role="expert", action="submit_opinion", **kept).save()
    assert opened(hr.get("/admin/audit/export.xlsx")) == [
        ["时间", "操作人", "身份", "做了什么", "对象", "理由"],
        ["2026-09-15 10:00", None, "评审专家", "提交专家意见", "王芳", None],
        ["2026-09-14 09:00", "陈国栋", "单位人事", "审核业绩或附件", "王芳", "=1"],
    ]
    # the day asked for holds for the file too
    assert len(opened(hr.get("/admin/audit/export.xlsx?to=2026-09-14"))) == 2


def test_units_leave_with_their_departments(hr):
    make_unit()
    assert opened(hr.get("/admin/units/export.xlsx")) == [
        ["单位", "代码", "统一社会信用代码", "部门"],
        ["江城理工学院", "jcut", None, "信息工程学院\n机械工程学院\n人力资源部"],
    ]


def test_each_list_offers_its_file_with_what_it_was_narrowed_to(hr):
    person()
    assert "/admin/people/export?in_service=1" in hr.get("/admin/people/?in_service=1").text
    assert "/admin/units/export.xlsx" in hr.get("/admin/units/").text
    assert "export.xlsx" not in hr.get("/admin/extensions/").text


def test_the_file_is_in_the_language_of_the_page(hr):
    case("王芳")
    hr.set_cookie("language", "en")
    rows = opened(hr.get(CASES + "?columns=level,state"))
    assert rows[1][0] == "Associate professor"


def test_rows_are_read_a_few_at_a_time_in_one_query_of_the_fields_shown(hr, monkeypatch):
    for serial in range(25):
        case("王芳", staff_number=f"2018{serial:04d}")
    monkeypatch.setattr("views.kit.list_export._BATCH", 10)
    listener = Commands()
    monitoring.register(listener)
    try:
        uri, name = hr.application.extensions["pingshen"].mongodb_uri, get_database().name
        connect(uri, name)
        assert len(opened(hr.get(CASES + "?columns=staff_number"))) == 26
    finally:
        monitoring._LISTENERS.command_listeners.remove(listener)
    rows = [command for command in listener.sent if command.get("batchSize") == 10]
    assert [command.get("find") for command in rows] == ["applications", None, None]
    assert sorted(rows[0]["projection"]) == ["staff_number"]
    assert [command.get("collection") for command in rows[1:]] == ["applications", "applications"]


class Commands(monitoring.CommandListener):
    """What is sent to the database."""

    def __init__(self) -> None:
        self.sent = []

    def started(self, event):
        self.sent.append(dict(event.command))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass
