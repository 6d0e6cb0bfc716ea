"""One column of the list of applications is one object: list, chooser, saved views and file agree."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, time, timedelta

import openpyxl
import pytest

from models.application import LIST_ORDERS, Application
from models.choices import Role, State
from models.saved_view import SavedView
from models.user import Grant
from tests.factories import NOW, make_application, make_person, make_unit, make_user
from views.admin.cases.columns import CASE_COLUMNS, ROW_FIELDS
from views.kit.columns import FileCell, ListColumn, stored_fields

LIST = "/admin/applications/"

#: Key, label in list and chooser, heads in the file: one cell of the list may be several columns there.
EXPECTED = (
    ("name", "申报人", ["姓名", "工号", "申报编号"]),
    ("staff_number", "工号", ["工号"]),
    ("number", "申报编号", ["申报编号"]),
    ("unit", "单位", ["单位"]),
    ("department_name", "部门", ["部门"]),
    ("round", "批次", ["批次"]),
    ("committee", "评委会", ["评委会"]),
    ("level", "申报职称", ["申报职称", "破格"]),
    ("speciality", "专业", ["专业"]),
    ("kind", "类型", ["类型"]),
    ("state", "状态", ["状态"]),
    ("deadline", "补正期限", ["补正期限"]),
    ("publicity_ends", "公示截止", ["公示截止"]),
    ("submitted_at", "提交时间", ["提交时间"]),
    ("updated_at", "最近变动", ["最近变动"]),
)


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    """HR of two units, to whom every column is offered."""
    user = make_user(Role.UNIT_HR)
    user.grants.append(Grant(role=Role.UNIT_HR.value, unit=make_unit(code="other", name="外校")))
    user.save()
    return sign_in_as(user)


@pytest.fixture
def view(app):
    """The list's view as it runs."""
    admin = next(one for one in app.extensions["admin"] if one.endpoint == "admin")
    return next(one for one in admin._views if one.endpoint == "hr_applications")


def heads(page):
    """The list's headings."""
    head = re.search(r"<thead>(.*?)</thead>", page, re.S)[1]
    return [_words(cell) for cell in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', head, re.S)]


def cells(page):
    """The cells of the list's rows, without the boxes to tick."""
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)[1]
    return [_words(cell) for cell in re.findall(r"<td data-label[^>]*>(.*?)</td>", body, re.S)]


def _words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def offered(page):
    """The chooser as (key, label)."""
    chooser = re.search(r"<ol[^>]*data-columns>(.*?)</ol>", page, re.S)[1]
    return re.findall(r'name="columns" value="(\w+)".*?<span class="form-check-label">(.*?)</span>', chooser)


def file_heads(answer):
    """The first row of the list's file."""
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    return [cell.value for cell in sheet[1]]


def test_the_columns_are_those_of_this_list():
    assert [column.key for column in CASE_COLUMNS] == [key for key, _label, _heads in EXPECTED]


def test_the_chooser_offers_every_column_with_its_label(hr):
    make_application(State.SUBMITTED)
    assert sorted(offered(hr.get(LIST).text)) == sorted((key, label) for key, label, _heads in EXPECTED)


@pytest.mark.parametrize(("key", "label", "in_file"), EXPECTED)
def test_a_column_stands_in_list_chooser_file_and_saved_view_with_one_label(hr, key, label, in_file):
    make_application(State.SUBMITTED)
    page = hr.get(f"{LIST}?columns={key}").text
    assert heads(page) == [label]
    assert offered(page)[0] == (key, label)
    assert file_heads(hr.get(f"{LIST}export.xlsx?columns={key}")) == in_file
    hr.submit(f"{LIST}views/", {"name": "一列", "columns": key})
    assert SavedView.objects.get().query == {"columns": key}


def test_columns_are_sorted_by_what_has_an_index():
    assert {column.sort for column in CASE_COLUMNS if column.sort} == set(LIST_ORDERS)


def full_case():
    """A case of which every cell has something to say."""
    make_application(
        State.RETURNED,
        person=make_person(name="王芳", staff_number="20180042"),
        number="2026000017",
        exceptional=True,
        deadline=datetime(2026, 9, 20, 16, tzinfo=UTC),
        publicity_ends=datetime(2026, 9, 21, 16, tzinfo=UTC),
        submitted_at=datetime(2026, 9, 10, 1, 5, tzinfo=UTC),
        updated_at=NOW,
    )
    Application.objects.update(set__receipt__on_behalf=True)


SHOWN = {
    "name": "王芳 20180042 · 2026000017",
    "staff_number": "20180042",
    "number": "2026000017",
    "unit": "江城理工学院",
    "department_name": "信息工程学院",
    "level": "副教授 破格",
    "speciality": "计算机科学与技术",
    "kind": "晋升",
    "state": "待补正 限 2026年9月21日 00:00 前 代提交，本人未确认",
}


@pytest.mark.parametrize("column", CASE_COLUMNS, ids=lambda column: column.key)
def test_the_stored_fields_of_a_column_suffice_for_its_cell(hr, view, monkeypatch, column):
    full_case()
    address = f"{LIST}?columns={column.key}"
    (whole,) = cells(hr.get(address).text)
    assert whole not in ("", "—")
    assert SHOWN.get(column.key, whole) == whole
    monkeypatch.setattr(view, "list_only", (*ROW_FIELDS, *stored_fields([column])))
    assert cells(hr.get(address).text) == [whole]


def test_the_state_of_a_late_draft_needs_no_more_than_the_row_has(hr, view, monkeypatch, travel):
    closes = make_application(State.DRAFT).round.spec.dates.closes
    travel(datetime.combine(closes + timedelta(days=2), time(), UTC))
    address = f"{LIST}?columns=state"
    assert cells(hr.get(address).text) == ["填报中 逾期未交"]
    state = next(column for column in CASE_COLUMNS if column.key == "state")
    monkeypatch.setattr(view, "list_only", (*ROW_FIELDS, *stored_fields([state])))
    assert cells(hr.get(address).text) == ["填报中 逾期未交"]


def test_the_list_reads_what_its_columns_name_and_nothing_else(view):
    assert set(view.list_only) == set(ROW_FIELDS) | set(stored_fields(CASE_COLUMNS))


def test_a_new_column_is_one_object(hr, view, monkeypatch):
    """Written nowhere else, it is in list, chooser, saved views and file."""
    for name in ("columns", "column_list", "column_labels", "column_formatters", "list_only"):
        monkeypatch.setattr(view, name, getattr(view, name))
    monkeypatch.setattr(view, "column_sortable_list", view.column_sortable_list)
    view.columns = (*CASE_COLUMNS, ListColumn("year", "申报年度", file=(FileCell(),), is_shown=False))
    view.take_columns()
    make_application(State.SUBMITTED)
    page = hr.get(f"{LIST}?columns=year").text
    assert heads(page) == ["申报年度"]
    assert cells(page) == ["2026"]
    assert ("year", "申报年度") in offered(hr.get(LIST).text)
    assert file_heads(hr.get(f"{LIST}export.xlsx?columns=year")) == ["申报年度"]
    hr.submit(f"{LIST}views/", {"name": "年度", "columns": "year"})
    assert SavedView.objects.get().query == {"columns": "year"}
