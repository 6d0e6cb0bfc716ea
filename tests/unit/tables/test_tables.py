"""What spreadsheets mean: dates and numbers in every shape, headings, notes, several things in a cell."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.tables import cells, headers, split
from panel.domain.tables.recognise import Vocabulary
from panel.domain.tables.sheet import Line, Merged, Sheet, column_name

VOCABULARY = Vocabulary(
    {
        "number": ["工号", "职工号"],
        "name": ["姓名"],
        "department": ["所在部门", "部门", "单位"],
        "unit": ["工作单位", "单位"],
        "title": ["现职称", "现职称名称"],
        "since": ["现职称批准时间", "批准时间"],
    }
)


def sheet(*rows: list, merged: list[Merged] | None = None) -> Sheet:
    lines = [Line(number, row) for number, row in enumerate(rows, 1) if any(cell != "" for cell in row)]
    return Sheet("a", lines, merged or [])


# --- cells ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2023.5", "2023-05"),
        ("2023-05", "2023-05"),
        ("2023年5月", "2023-05"),
        ("２０２３．０５", "2023-05"),
        ("2023/5/17", "2023-05-17"),
        ("2023年5月17日", "2023-05-17"),
        ("2023-05-17 00:00:00", "2023-05-17"),
        ("2025.10", "2025-10"),
        ("202305", "2023-05"),
        ("45047", "2023-05-01"),
        (45047, "2023-05-01"),
        (202305.0, "2023-05"),
        (20230517.0, "2023-05-17"),
        (2023.5, "2023-05"),
        (2025.11, "2025-11"),
        (2025.01, "2025-01"),
        (2023, "2023"),
        (date(2023, 5, 17), "2023-05-17"),
        (date(2023, 5, 1), "2023-05"),
        ("至今", ""),
        ("2023年春", "2023年春"),
        ("2023.13", "2023.13"),
    ],
    ids=str,
)
def test_a_date_is_read_however_it_is_written(typed, read):
    assert cells.day(typed) == read


def test_the_first_of_a_month_is_a_day_where_the_day_counts():
    assert cells.full_day(date(2023, 5, 1)) == "2023-05-01"


def test_january_and_october_that_excel_made_one_are_refused():
    with pytest.raises(cells.Unusable) as refused:
        cells.day(2025.10)
    assert "2025-01" in str(refused.value.message)
    assert "2025-10" in str(refused.value.message)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (20160011.0, "20160011"),
        ("２０１６ 0011", "20160011"),
        ("'007", "007"),
        ("11010519491231002x", "11010519491231002x"),
    ],
    ids=["number", "full-width", "apostrophe", "id"],
)
def test_an_identifier_is_read_digit_by_digit(typed, read):
    assert cells.identifier(typed) == read


@pytest.mark.parametrize("typed", [4.2e17, "4.20E+17", 1.5, date(2023, 5, 1), True], ids=str)
def test_a_number_that_excel_mangled_is_refused(typed):
    with pytest.raises(cells.Unusable):
        cells.identifier(typed)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("张 三", "张三"),
        ("欧阳　修", "欧阳修"),
        ("John  Smith", "John Smith"),
        ("买买提•艾力", "买买提·艾力"),
    ],
)
def test_spaces_inside_chinese_names_go(typed, read):
    assert cells.person_name(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2020.9—2023.6", ("2020-09", "2023-06")),
        ("2020年9月至今", ("2020-09", "")),
        ("2020.9-2023.6", ("2020-09", "2023-06")),
        ("2020-09", ("2020-09", "")),
    ],
)
def test_a_period_is_two_dates(typed, read):
    assert cells.period(typed) == read


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2090, 12, 31)))
def test_every_day_survives_every_way_of_writing_it(day):
    serial = (day - date(1899, 12, 30)) / timedelta(days=1)
    written = [
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y/%m/%d}",
        float(f"{day:%Y%m%d}"),
        serial,
        day,
    ]
    assert {cells.full_day(value) for value in written} == {day.isoformat()}


@given(st.text(max_size=40))
def test_no_words_break_a_reader(words):
    for read in (cells.text, cells.line, cells.person_name, cells.day, cells.period, split.items):
        read(words)


# --- headings ---------------------------------------------------------------------------------------------


def test_a_heading_below_a_title_is_found():
    found = headers.find(
        sheet(["某某大学人员名册"], ["工 号*", "姓名", "备注"], ["T1", "张三", ""]), VOCABULARY.knows
    )
    assert (found.top, found.bottom) == (2, 2)
    assert found.labels == ["工 号*", "姓名", "备注"]


def test_a_heading_of_two_rows_joins_what_is_merged():
    merged = [Merged(1, 2, 0, 0), Merged(1, 2, 1, 1), Merged(1, 1, 2, 3)]
    rows = (["工号", "姓名", "现职称", ""], ["", "", "名称", "批准时间"], ["T1", "张三", "讲师", "2018.12"])
    found = headers.find(sheet(*rows, merged=merged), VOCABULARY.knows)
    assert (found.top, found.bottom) == (1, 2)
    labels = headers.labels_of(found)
    assert labels == ["工号", "姓名", "现职称/名称", "现职称/批准时间"]
    assert VOCABULARY.map(found.columns, labels) == {
        "工号": "number",
        "姓名": "name",
        "现职称/名称": "title",
        "现职称/批准时间": "since",
    }


def test_a_sheet_without_a_heading_has_none():
    assert headers.find(sheet(["说明"], ["a", "b"], ["c", "d"]), VOCABULARY.knows) is None


def test_sums_notes_and_repeated_headings_are_no_data():
    table = sheet(
        ["序号", "工号", "姓名"],
        [1, "T1", "张三"],
        ["序号", "工号", "姓名"],
        [2, "T2", "李四"],
        [3, "", ""],
        ["合计", "", 2],
        ["注：以上人员均在职，现职称以证书为准，如有疑问请联系。", "", ""],
    )
    found = headers.find(table, VOCABULARY.knows)
    assert [(line.number, is_data) for line, is_data in headers.rows_below(table, found)] == [
        (2, True),
        (3, False),
        (4, True),
        (5, False),
        (6, False),
        (7, False),
    ]


def test_a_name_merged_over_its_rows_stands_beside_each():
    table = sheet(["工号", "姓名"], ["T1", "张三"], ["T1", ""], merged=[Merged(2, 3, 1, 1)])
    found = headers.find(table, VOCABULARY.knows)
    assert [line.at(1) for line, _is_data in headers.rows_below(table, found)] == ["张三", "张三"]


def test_a_surer_name_wins_and_the_other_column_gets_its_second_meaning():
    labels = ["单位", "部门", "工号"]
    assert VOCABULARY.map([(label,) for label in labels], labels) == {
        "部门": "department",
        "单位": "unit",
        "工号": "number",
    }


@pytest.mark.parametrize("label", ["配偶姓名", "联系人姓名", "推荐人工号"])
def test_somebody_elses_name_is_not_taken_for_the_persons(label):
    assert VOCABULARY.map([(label,)], [label]) == {}


def test_columns_are_called_as_excel_calls_them():
    assert [column_name(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# --- several in one cell ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["1.甲奖\n2.乙奖", "（1）甲奖（2）乙奖", "①甲奖②乙奖", "一、甲奖\n二、乙奖", "甲奖\n乙奖", "甲奖；乙奖"],
)
def test_several_achievements_in_a_cell_are_told_apart(text):
    assert split.items(text) == ["甲奖", "乙奖"]


def test_numbers_before_years_begin_an_item_and_amounts_do_not():
    assert split.items("1.2022年5月获省奖，经费1.5万元 2.2023.6获校奖") == [
        "2022年5月获省奖，经费1.5万元",
        "2023.6获校奖",
    ]


@pytest.mark.parametrize(
    ("text", "start", "end", "rank"),
    [
        ("2022年5月获省奖（排名第2）", "2022-05", "", 2),
        ("主持项目，2020.9—2023.6", "2020-09", "2023-06", 1),
        ("项目（2/5），2021年1月至今", "2021-01", "", 2),
        ("论文，第一作者，2023.5", "2023-05", "", 1),
        ("2022年获奖", "", "", 0),
    ],
)
def test_date_and_rank_are_taken_from_words(text, start, end, rank):
    found = split.read(text)
    assert (found.start, found.end, found.rank) == (start, end, rank)


def test_a_longer_name_is_not_taken_for_the_shorter_in_it():
    options = [("sci", "SCI"), ("ssci", "SSCI")]
    assert split.named("被 SSCI 收录", options) == ["ssci"]
