"""The page of statistics and its spreadsheets, against cases counted by hand."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import openpyxl
import pytest

from models.choices import Role, State
from models.sections import Return, ReturnItem, Step
from tests.factories import NOW, make_application, make_person, make_round, make_unit
from tests.views.conftest import Browser


@pytest.fixture(autouse=True)
def at_now(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


@pytest.fixture
def hr(sign_in_as: Callable[..., Browser]) -> Browser:
    return sign_in_as(Role.UNIT_HR)


def step(action: str, days_ago: int) -> Step:
    when = NOW - timedelta(days=days_ago)
    return Step(action=action, from_state="x", to_state="y", at=when, by_name="安娜", role="unit_hr")


def fill() -> None:
    round = make_round()
    made = {"round": round, "created_at": NOW - timedelta(days=2)}
    make_application(State.DRAFT, person=make_person(department="me"), history=[], **made)
    items = [ReturnItem(section="basic", field="id_number", text="请核对")]
    back = Return(items=items, deadline=NOW, at=NOW - timedelta(days=1), from_state="submitted")
    make_application(
        State.RETURNED,
        person=make_person(name="=HYPERLINK(1)"),
        returns=[back],
        history=[step("submit", 2), step("return", 1)],
        **made,
    )
    elsewhere = make_person(unit=make_unit(code="other", name="外校"))
    make_application(State.SUBMITTED, person=elsewhere, **made)


def cells(browser: Browser, key: str, query: str = "") -> list[tuple[object, ...]]:
    answer = browser.get(f"/admin/statistics/{key}.xlsx{query}")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    return list(sheet.iter_rows(values_only=True))


def test_the_page_counts_what_hr_sees(hr: Browser) -> None:
    fill()
    page = hr.get("/admin/statistics/").text
    for shown in ("部门 × 级别 × 状态", "每日进度", "退回原因", "审核工作量", "机械工程学院", "身份证号"):
        assert shown in page
    assert "HYPERLINK" not in page
    assert page.count("data-chart=") == 4


def test_each_table_is_a_spreadsheet(hr: Browser) -> None:
    fill()
    assert cells(hr, "states") == [
        ("部门", "级别", "填报中", "待补正", "合计"),
        ("信息工程学院", "副教授", 0, 1, 1),
        ("机械工程学院", "副教授", 1, 0, 1),
    ]
    assert cells(hr, "progress") == [
        ("日期", "开始填报", "提交", "退回补正", "重新提交", "推荐上报"),
        ("2026-09-13", 2, 1, 0, 0, 0),
        ("2026-09-14", 0, 0, 1, 0, 0),
    ]
    assert cells(hr, "reasons") == [
        ("部分", "项目", "次数", "涉及申报"),
        ("基本信息", "身份证号", 1, 1),
    ]
    assert cells(hr, "workload") == [
        ("日期", "审核人", "审核条目", "涉及申报", "退回补正", "不予推荐", "公示", "推荐上报"),
        ("2026-09-14", "安娜", 0, 0, 1, 0, 0, 0),
    ]


def test_the_period_narrows_what_has_a_day_but_not_the_states(hr: Browser) -> None:
    fill()
    query = "?from=2026-09-14&to=2026-09-14"
    assert len(cells(hr, "progress", query)) == 2
    assert cells(hr, "progress", query)[1] == ("2026-09-14", 0, 0, 1, 0, 0)
    assert len(cells(hr, "states", query)) == 3
    assert len(cells(hr, "reasons", "?from=2026-09-15")) == 1


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?from=2026-99-01", "日期没有看懂"),
        ("?from=2026-09-15&to=2026-09-01", "开始日期要早于结束日期"),
        ("?from=0001-01-01", "日期太早或太晚"),
        ("?to=9999-12-31", "日期太早或太晚"),
    ],
    ids=["no date", "backwards", "before all", "after all"],
)
def test_an_impossible_period_is_said_and_the_usual_one_shown(hr: Browser, query: str, says: str) -> None:
    fill()
    answer = hr.get(f"/admin/statistics/{query}")
    assert answer.status_code == 200
    assert says in answer.text
    assert 'value="2026-08-17"' in answer.text


def test_only_the_round_asked_for_is_counted(hr: Browser) -> None:
    fill()
    lab = make_round("lab")
    make_application(State.DRAFT, round=lab, level="middle", created_at=NOW)
    assert len(cells(hr, "states")) == 4
    assert cells(hr, "states", f"?round={lab.id}")[1][-1] == 1
    assert len(cells(hr, "states", f"?round={lab.id}")) == 2
    assert len(cells(hr, "states", "?round=5f0000000000000000000000")) == 4, "an unknown round is ignored"


def test_without_a_round_the_page_says_so(hr: Browser) -> None:
    assert "还没有批次" in hr.get("/admin/statistics/").text


def test_a_table_that_isnt_there_is_not_found(hr: Browser) -> None:
    fill()
    assert hr.get("/admin/statistics/people.xlsx").status_code == 404
