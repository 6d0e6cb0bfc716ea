"""Reading what was typed, and showing it again."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.field_spec import FieldSpec, FieldType, Option, Text
from models.messages import M, Message
from models.values import PartialDate
from panel.domain.rounds.field_parsers import Unreadable, parse
from panel.domain.rounds.fields import as_date, display, to_form

OPTIONS = [
    Option(value="sci", label=Text(zh="科学引文", en="SCI")),
    Option(value="ei", label=Text(zh="工程索引", en="EI")),
    Option(value="pku", label=Text(zh="北大核心")),
]


def field(type: FieldType, **values: Any) -> FieldSpec:
    needed: dict[str, Any] = {}
    if type in (FieldType.CHOICE, FieldType.CHOICES):
        needed = {"options": OPTIONS}
    elif type is FieldType.FILE:
        needed = {"slot": "some_slot"}
    return FieldSpec(key="some", label=Text(zh="某项", en="Some"), type=type, **(needed | values))


@pytest.mark.parametrize(
    ("type", "raw", "value"),
    [
        (FieldType.TEXT, "  江城 \t 理工\n学院 ", "江城 理工 学院"),
        (FieldType.TEXT, "a\x00b\x07c\ud800d", "abcd"),
        (FieldType.LONG_TEXT, " 一\r\n二\r三 \n", "一\n二\n三"),
        (FieldType.NUMBER, " 12 ", 12),
        (FieldType.NUMBER, "１２", 12),
        (FieldType.NUMBER, "1,200", 1200),
        (FieldType.NUMBER, "5.0", 5),
        (FieldType.NUMBER, 7.0, 7),
        (FieldType.NUMBER, 0, 0),
        (FieldType.DATE, "2023-05-17", PartialDate(2023, 5, 17)),
        (FieldType.DATE, "2023年5月17日", PartialDate(2023, 5, 17)),
        (FieldType.DATE, date(2023, 5, 17), PartialDate(2023, 5, 17)),
        (FieldType.MONTH, "2023.5", PartialDate(2023, 5)),
        (FieldType.MONTH, "２０２３年５月", PartialDate(2023, 5)),
        (FieldType.MONTH, "2023-05-17", PartialDate(2023, 5, 17)),
        (FieldType.CHOICE, "ei", "ei"),
        (FieldType.CHOICE, "工程索引", "ei"),
        (FieldType.CHOICE, "EI", "ei"),
        (FieldType.CHOICES, ["pku", "sci", "sci"], ["sci", "pku"]),
        (FieldType.CHOICES, ["", "ei"], ["ei"]),
        (FieldType.CHOICES, "pku\nsci", ["sci", "pku"]),
        (FieldType.RANGE, ["2020-03", "2021.6"], "2020-03/2021-06"),
        (FieldType.RANGE, "2020年3月至2021年6月", "2020-03/2021-06"),
        (FieldType.RANGE, "2020.3—2021.6", "2020-03/2021-06"),
        (FieldType.RANGE, "2020-03-05 ~ 2020-03-05", "2020-03-05/2020-03-05"),
        (FieldType.RANGE, ["", " "], None),
        (FieldType.PERSON, " 欧阳  明 ", "欧阳 明"),
        (FieldType.FILE, ["a" * 32, "a" * 32, ""], ["a" * 32]),
        (FieldType.FILE, [], None),
        (FieldType.YES_NO, True, True),
        (FieldType.YES_NO, False, False),
        (FieldType.YES_NO, "on", True),
        (FieldType.YES_NO, "否", False),
        (FieldType.CLAUSE, "a1", "a1"),
        (FieldType.UNIT, " 江城理工学院 ", "江城理工学院"),
        (FieldType.PHONE, "138 0000 1111", "13800001111"),
        (FieldType.PHONE, "+8613800001111", "+8613800001111"),
        (FieldType.PHONE, "027-87654321", "027-87654321"),
        (FieldType.PHONE, "（027）87654321", "02787654321"),
        (FieldType.ID_NUMBER, "11010519491231002x", "11010519491231002X"),
    ],
)
def test_what_was_typed_is_read(type: FieldType, raw: Any, value: Any) -> None:
    assert parse(field(type), raw) == value


@pytest.mark.parametrize("type", list(FieldType))
@pytest.mark.parametrize("raw", ["", "   ", "\n", None])
def test_nothing_typed_is_nothing(type: FieldType, raw: str | None) -> None:
    assert parse(field(type), raw) is None


def test_no_choices_are_nothing() -> None:
    assert parse(field(FieldType.CHOICES), []) is None


@pytest.mark.parametrize(
    ("type", "raw", "message"),
    [
        (FieldType.NUMBER, "很多", "“某项”请填写数字，如 5"),
        (FieldType.NUMBER, "1e9", "“某项”请填写数字，如 5"),
        (FieldType.NUMBER, "nan", "“某项”请填写数字，如 5"),
        (FieldType.NUMBER, float("inf"), "“某项”请填写数字，如 5"),
        (FieldType.NUMBER, "1.5", "“某项”请填写整数，不带小数"),
        (FieldType.NUMBER, "1000000000001", "“某项”的数字太大，请核对"),
        (FieldType.DATE, "2023-05", "“某项”请填写完整日期，如 2023-05-17"),
        (FieldType.DATE, "2023-02-30", "“某项”无法识别为日期，请写成 2023-05 或 2023-05-17"),
        (FieldType.MONTH, "2023", "“某项”请至少填到月份，如 2023-05"),
        (FieldType.MONTH, "2023-13", "“某项”无法识别为日期，请写成 2023-05 或 2023-05-17"),
        (FieldType.MONTH, "去年五月", "“某项”无法识别为日期，请写成 2023-05 或 2023-05-17"),
        (FieldType.MONTH, "1023-05", "“某项”的年份不对，请核对"),
        (FieldType.CHOICE, "辅导员", "“某项”只能从所列选项中选择"),
        (FieldType.CHOICES, ["sci", "x"], "“某项”只能从所列选项中选择"),
        (FieldType.CHOICES, [{"$ne": 1}], "“某项”的内容无法识别，请重新选择"),
        (FieldType.YES_NO, "也许", "“某项”请选择“是”或“否”"),
        (FieldType.PHONE, "12345", "“某项”请填写 11 位手机号，或带区号的座机号，如 027-87654321"),
        (FieldType.ID_NUMBER, "110105194912310021", "“某项”不是有效的 18 位身份证号，请逐位核对"),
        (FieldType.TEXT, {"$gt": ""}, "“某项”的内容无法识别，请重新填写"),
        (FieldType.TEXT, ["a"], "“某项”的内容无法识别，请重新填写"),
        (FieldType.TEXT, "字" * 201, "“某项”最多 200 个字，现有 201 个，请删减"),
    ],
)
def test_what_can_not_be_read_is_refused_with_what_to_do(type: FieldType, raw: Any, message: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        parse(field(type), raw)
    assert str(refusal.value.message) == message


def test_number_keeps_to_its_limits() -> None:
    years = field(FieldType.NUMBER, minimum=0, maximum=60)
    assert parse(years, "0") == 0
    assert parse(years, "60") == 60
    with pytest.raises(Unreadable, match="不能小于 0"):
        parse(years, "-1")
    with pytest.raises(Unreadable, match="不能大于 60"):
        parse(years, "61")


def test_number_keeps_the_decimals_it_may_have() -> None:
    funds = field(FieldType.NUMBER, decimals=2)
    assert parse(funds, "1.239") == 1.24
    assert to_form(funds, 1.5) == "1.50"
    assert to_form(funds, 2.0) == "2"


def test_stored_decimals_are_shown_though_the_round_now_wants_none() -> None:
    whole = field(FieldType.NUMBER)
    assert to_form(whole, 1.5) == "1.5"
    with pytest.raises(Unreadable, match="整数"):
        parse(whole, to_form(whole, 1.5))


@pytest.mark.parametrize(
    ("type", "value", "shown"),
    [
        (FieldType.TEXT, "江城", "江城"),
        (FieldType.TEXT, None, ""),
        (FieldType.CHOICES, [], ""),
        (FieldType.YES_NO, True, M("是")),
        (FieldType.YES_NO, False, M("否")),
        (FieldType.CHOICE, "ei", Text(zh="工程索引", en="EI")),
        (FieldType.CHOICE, "gone", "gone"),
        (FieldType.CHOICES, ["sci", "pku"], Text(zh="科学引文、北大核心", en="SCI, 北大核心")),
        (FieldType.MONTH, PartialDate(2023, 5), Text(zh="2023年5月", en="2023-05")),
        (FieldType.MONTH, "2023-05", Text(zh="2023年5月", en="2023-05")),
        (FieldType.DATE, date(2023, 5, 7), Text(zh="2023年5月7日", en="2023-05-07")),
        (FieldType.RANGE, "2020-03/2021-06", Text(zh="2020年3月—2021年6月", en="2020-03 – 2021-06")),
        (FieldType.RANGE, "2020-03/", Text(zh="2020年3月—至今", en="2020-03 – now")),
        (FieldType.RANGE, "2020-03", "2020-03"),
        (FieldType.PERSON, "欧阳明", "欧阳明"),
        (FieldType.NUMBER, 5, "5"),
        (FieldType.NUMBER, 0, "0"),
    ],
)
def test_values_are_shown_as_people_read_them(type: FieldType, value: Any, shown: Any) -> None:
    assert display(field(type), value) == shown


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (["", "2021-06"], "开始时间"),
        (["2021-06", ""], "结束时间"),
        (["2021-06", "2021-05"], "早于"),
        (["2021", "2022"], "月份"),
        (["2021-06", "以后"], "无法识别"),
        (["2021-06", "2021-07", "2021-08"], "无法识别"),
    ],
)
def test_range_says_what_is_wrong_with_it(raw: list[str], reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        parse(field(FieldType.RANGE), raw)


@pytest.mark.parametrize("end", ["", "至今"])
def test_range_may_last_where_the_round_says_so(end: str) -> None:
    assert parse(field(FieldType.RANGE, open_end=True), ["2021-06", end]) == "2021-06/"


def test_file_takes_nothing_but_what_names_an_attachment() -> None:
    with pytest.raises(Unreadable):
        parse(field(FieldType.FILE), ["../etc/passwd"])


@pytest.mark.parametrize("type", [FieldType.PHONE, FieldType.ID_NUMBER])
def test_phones_and_id_numbers_are_always_sealed(type: FieldType) -> None:  # R23
    assert field(type).encrypted
    assert field(type, encrypted=False).encrypted


def test_number_is_shown_with_its_unit() -> None:
    years = field(FieldType.NUMBER, unit=Text(zh="年", en="years"))
    assert display(years, 14) == Text(zh="14年", en="14 years")
    assert display(field(FieldType.NUMBER, unit=Text(zh="年")), 14) == Text(zh="14年", en="14")


def test_dates_come_in_three_guises() -> None:
    assert as_date("2023-05") == PartialDate(2023, 5)
    assert as_date(date(2023, 5, 7)) == PartialDate(2023, 5, 7)
    assert as_date("讲师") is None
    assert as_date(5) is None


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_TYPES = st.sampled_from(list(FieldType))
_DIGITS = st.text(alphabet="0123456789.,-+年月日 Xx", max_size=20)


@given(type=_TYPES, raw=_ANYTHING | _DIGITS, decimals=st.integers(0, 6))
def test_parse_raises_nothing_but_unreadable(type: FieldType, raw: Any, decimals: int) -> None:
    with contextlib.suppress(Unreadable):
        parse(field(type, decimals=decimals), raw)


@pytest.mark.parametrize("type", list(FieldType))
@given(data=st.data())
def test_the_form_shows_what_would_be_read_again(type: FieldType, data: st.DataObject) -> None:
    months = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(lambda day: str(day)[:7])
    shapes = {
        FieldType.NUMBER: st.integers(-(10**12), 10**12).map(str)
        | st.decimals(-9999, 9999, places=3).map(str),
        FieldType.DATE: st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(str),
        FieldType.MONTH: months,
        FieldType.CHOICE: st.sampled_from(["sci", "ei", "pku"]),
        FieldType.CHOICES: st.lists(st.sampled_from(["sci", "ei", "pku"])),
        FieldType.YES_NO: st.booleans(),
        FieldType.PHONE: st.integers(10**10, 2 * 10**10 - 1).map(str),
        FieldType.ID_NUMBER: st.just("11010519491231002X"),
        FieldType.RANGE: st.tuples(months, months).map(lambda pair: sorted(pair)),
        FieldType.FILE: st.lists(st.sampled_from(["a" * 32, "b" * 32, "0" * 32])),
    }
    spec = field(type, decimals=2)
    value = parse(spec, data.draw(shapes.get(type, st.text(max_size=200))))
    assert parse(spec, to_form(spec, value)) == value


@given(type=_TYPES, value=st.text(max_size=20) | st.integers() | st.booleans() | st.none())
def test_display_never_fails_on_a_stored_value(type: FieldType, value: Any) -> None:
    assert isinstance(display(field(type), value), str | Text | Message)
