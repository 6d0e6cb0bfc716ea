"""The columns of the roster (人员名册), what they may hold, and how what was typed is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from mongoengine.errors import ValidationError
from stdnum.cn import ric
from stdnum.exceptions import ValidationError as NumberInvalid

from models.choices import Gender, Sanction
from models.field_spec import Text
from models.messages import M, Message
from models.person import Person
from models.round_spec import RoundSpec
from models.unit import Unit
from models.values import PartialDate
from panel.domain.rounds import id_numbers


class ColumnKind(StrEnum):
    """How a column is read and which control shows it."""

    TEXT = "text"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    EMAIL = "email"
    DATE = "date"
    MONTH = "month"
    YES_NO = "yes_no"
    GENDER = "gender"
    SANCTION = "sanction"
    DEPARTMENT = "department"
    UNIT = "unit"
    SERIES = "series"
    LEVEL = "level"
    SPECIALITY = "speciality"


@dataclass(frozen=True)
class Column:
    """One column of the roster that HR edits."""

    key: str
    label: Message
    kind: ColumnKind = ColumnKind.TEXT
    required: bool = False
    max_length: int = 60
    help: Message | None = None
    secret: bool = False  # encrypted at rest, masked on screen


@dataclass(frozen=True)
class Group:
    """Columns under one heading."""

    label: Message
    columns: tuple[Column, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        M("基本信息"),
        (
            Column("staff_number", M("工号"), required=True, max_length=30, help=M("也是登录账号名")),
            Column("name", M("姓名"), required=True),
            Column("gender", M("性别"), ColumnKind.GENDER),
            Column("birth_date", M("出生日期"), ColumnKind.DATE),
            Column("id_number", M("身份证号"), ColumnKind.ID_NUMBER, max_length=30, secret=True),
            Column("phone", M("手机"), ColumnKind.PHONE, max_length=30, secret=True),
            Column("email", M("电子邮箱"), ColumnKind.EMAIL, max_length=120),
        ),
    ),
    Group(
        M("单位与岗位"),
        (
            Column("department", M("所在部门"), ColumnKind.DEPARTMENT, required=True),
            Column("recommending_unit", M("推荐单位"), ColumnKind.UNIT, help=M("空着就是工作单位")),
            Column("series", M("岗位系列"), ColumnKind.SERIES),
            Column("work_start", M("参加工作时间"), ColumnKind.MONTH),
            Column("joined_on", M("来本单位时间"), ColumnKind.MONTH),
            Column("in_service", M("在职"), ColumnKind.YES_NO, help=M("不在职的人不能申报")),
            Column("retired", M("已退休"), ColumnKind.YES_NO),
        ),
    ),
    Group(
        M("现职称与申报专业"),
        (
            Column("title", M("现职称"), help=M("没有职称就空着")),
            Column("title_level", M("现职称级别"), ColumnKind.LEVEL),
            Column("title_series", M("现职称系列"), ColumnKind.SERIES),
            Column(
                "title_approved_on",
                M("现职称批准日期"),
                ColumnKind.MONTH,
                help=M("是批准日期，不是发证日期"),
            ),
            Column("speciality", M("申报专业"), ColumnKind.SPECIALITY, help=M("与材料表的“申报专业”一致")),
        ),
    ),
    Group(
        M("处分与限制"),
        (
            Column("sanction", M("处分"), ColumnKind.SANCTION, help=M("记过及以上处分期内不能申报")),
            Column("sanction_until", M("处分到期日"), ColumnKind.DATE, help=M("空着就是没有期限")),
            Column("barred_until", M("不得申报至"), ColumnKind.DATE, help=M("弄虚作假的，按规定年限填写")),
            Column("barred_reason", M("不得申报的原因"), max_length=300),
        ),
    ),
)
COLUMNS: tuple[Column, ...] = tuple(column for group in GROUPS for column in group.columns)
#: Taken as false when a form doesn't send them: an unticked box is not sent.
_TICKS = frozenset(column.key for column in COLUMNS if column.kind is ColumnKind.YES_NO)


@dataclass(frozen=True)
class Vocabulary:
    """What the choices of a roster row may be: key -> label, from the rounds and the unit."""

    departments: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)  # code -> unit
    series: Mapping[str, Text] = field(default_factory=dict)
    levels: Mapping[str, Text] = field(default_factory=dict)
    specialities: Mapping[str, Text] = field(default_factory=dict)

    def options(self, kind: ColumnKind) -> list[tuple[str, Any]]:
        """The pairs (value, label) of a column of `kind`; labels are str, Text or Message."""
        return list(self.known(kind).items())

    def known(self, kind: ColumnKind) -> Mapping[str, Any]:
        """The values of a column of `kind` with their labels; empty where anything goes."""
        return self._known.get(kind, {})

    @cached_property
    def _known(self) -> dict[ColumnKind, Mapping[str, Any]]:
        return {
            ColumnKind.DEPARTMENT: self.departments,
            ColumnKind.UNIT: {code: str(unit) for code, unit in self.units.items()},
            ColumnKind.SERIES: self.series,
            ColumnKind.LEVEL: self.levels,
            ColumnKind.SPECIALITY: self.specialities,
            ColumnKind.GENDER: dict(Gender.options()),
            ColumnKind.SANCTION: dict(Sanction.options()),
        }


def vocabulary(unit: Unit, units: Iterable[Unit], specs: Iterable[RoundSpec]) -> Vocabulary:
    """The choices for people of `unit`, with series, levels and specialities of all `specs`."""
    series: dict[str, Text] = {}
    levels: dict[str, Text] = {}
    specialities: dict[str, Text] = {}
    for spec in specs:
        series.setdefault(spec.series, spec.series_label)
        for level in sorted(spec.levels, key=lambda row: -row.rank):
            levels.setdefault(level.key, level.label)
        for option in spec.specialities:
            specialities.setdefault(option.value, option.label)
    return Vocabulary(
        departments={d.code: d.name for d in unit.departments},
        units={u.code: u for u in units},
        series=series,
        levels=levels,
        specialities=specialities,
    )


def shown(person: Person, column: Column) -> str:
    """The value of `column` as its control carries it; secrets in clear, so mask before showing."""
    value = getattr(person, column.key)
    if column.kind is ColumnKind.YES_NO:
        return "1" if value else ""
    if column.kind is ColumnKind.UNIT:
        return str(value.code) if value else ""
    if isinstance(value, (date, PartialDate)):
        return value.isoformat() if isinstance(value, date) else value.iso()
    return "" if value is None else str(value)


def read(raw: Mapping[str, str], words: Vocabulary, row: Person) -> tuple[dict[str, Any], dict[str, Message]]:
    """The values that the columns sent hold, and a message for each that can't be read."""
    values: dict[str, Any] = {}
    errors: dict[str, Message] = {}
    for column in COLUMNS:
        if column.key not in raw and column.key not in _TICKS:
            continue
        text = str(raw.get(column.key, "")).strip()
        if column.secret and not text and not raw.get(f"clear_{column.key}"):
            continue
        try:
            values[column.key] = _value(column, text, words)
        except _Unreadable as error:
            errors[column.key] = error.message
    for column in COLUMNS:
        if column.required and not values.get(column.key, getattr(row, column.key)):
            errors.setdefault(column.key, M("请填写“%(label)s”。", label=column.label))
    _contradictions(values, row, errors)
    return values, errors


class _Unreadable(Exception):
    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def _value(column: Column, text: str, words: Vocabulary) -> Any:
    """`text` as the column's type; raises _Unreadable."""
    if column.kind is ColumnKind.YES_NO:
        return text in ("1", "on", "true", "yes")
    if not text:
        return Sanction.NONE.value if column.kind is ColumnKind.SANCTION else "" if column.required else None
    if len(text) > column.max_length:
        raise _Unreadable(M("最多 %(n)s 个字，现在有 %(m)s 个。", n=column.max_length, m=len(text)))
    if column.kind in _READERS:
        return _READERS[column.kind](text)
    if column.kind is ColumnKind.UNIT:
        if text not in words.units:
            raise _Unreadable(M("请从列表中选择。"))
        return words.units[text]
    if known := words.known(column.kind):
        if text not in known:
            raise _Unreadable(M("请从列表中选择。"))
    elif column.kind is ColumnKind.DEPARTMENT:
        raise _Unreadable(M("本单位还没有部门，请先在“单位与部门”里添加。"))
    return text


def _id_number(text: str) -> str:
    try:
        return id_numbers.validate(text.upper())
    except NumberInvalid as error:
        raise _Unreadable(M("身份证号不对：应为 18 位，请逐位核对（末位是校验码）。")) from error


def _phone(text: str) -> str:
    plain = text.replace(" ", "").replace("-", "")
    if not (
        plain.removeprefix("+").isascii() and plain.removeprefix("+").isdigit() and 7 <= len(plain) <= 16
    ):
        raise _Unreadable(M("电话只能是 7–15 位数字，前面可以加“+”。"))
    return plain


def _email(text: str) -> str:
    try:
        Person.email.validate(text)
    except ValidationError as error:
        raise _Unreadable(M("邮箱格式不对，例如 zhangsan@example.edu.cn。")) from error
    return text


def _day(text: str) -> date:
    try:
        value = PartialDate.parse(text)
    except ValueError as error:
        raise _Unreadable(M("日期读不出来，请写成 2023-05-17。")) from error
    if not (value.month and value.day):
        raise _Unreadable(M("请写到日，例如 2023-05-17。"))
    return value.first_day()


def _month(text: str) -> PartialDate:
    try:
        value = PartialDate.parse(text)
    except ValueError as error:
        raise _Unreadable(M("日期读不出来，请写成 2023-05 或 2023-05-17。")) from error
    if not value.month:
        raise _Unreadable(M("请写到月，例如 2023-05。"))
    return value


_READERS: dict[ColumnKind, Any] = {
    ColumnKind.ID_NUMBER: _id_number,
    ColumnKind.PHONE: _phone,
    ColumnKind.EMAIL: _email,
    ColumnKind.DATE: _day,
    ColumnKind.MONTH: _month,
}


def _contradictions(values: Mapping[str, Any], row: Person, errors: dict[str, Message]) -> None:
    """What each column alone can't tell: the ID number says the birth date and gender too."""

    def final(key: str) -> Any:
        return values.get(key, getattr(row, key))

    number = final("id_number")
    if number and "id_number" not in errors and id_numbers.is_valid(number):
        if final("birth_date") and ric.get_birth_date(number) != final("birth_date"):
            errors.setdefault("birth_date", M("与身份证号中的出生日期不一致，请核对。"))
        said = Gender.MALE if int(number[16]) % 2 else Gender.FEMALE
        if final("gender") and final("gender") != said:
            errors.setdefault("gender", M("与身份证号中的性别不一致，请核对。"))
    if final("retired") and final("in_service"):
        errors.setdefault("in_service", M("已退休的人不能同时是在职。"))
    if final("title") and not final("title_level"):
        errors.setdefault("title_level", M("填了现职称，请选择它的级别。"))
    if final("barred_until") and not final("barred_reason"):
        errors.setdefault("barred_reason", M("请写明不得申报的原因。"))
