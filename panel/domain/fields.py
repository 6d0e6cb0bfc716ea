"""One field: from what was typed to a value, and back to what people and forms show.

Values: str, int or float, bool, list of str, PartialDate. Stored dates may come back as ISO text.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from models.choices import Choice
from models.form_spec import FieldSpec, FieldType, Text
from models.messages import M, Message, PingshenError
from models.values import PartialDate

#: Larger numbers are typing errors; the database's integers end soon after.
LARGEST_NUMBER = 10**12
_EARLIEST_YEAR = 1900
_PHONE = re.compile(r"^(?:\+?86)?1\d{10}$|^0\d{2,3}-?\d{7,8}(?:-\d{1,6})?$")
_NUMBER = re.compile(r"^[+-]?\d{1,18}(?:\.\d{1,18})?$")
_YES = frozenset({"1", "true", "on", "yes", "y", "是"})
_NO = frozenset({"0", "false", "off", "no", "n", "否"})
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


class Unreadable(PingshenError):
    """What was typed can't be read as the field's type; the message says what to type instead."""


def parse(field: FieldSpec, raw: Any) -> Any:
    """The value that `raw`, as typed, means in `field`; None when empty.

    `raw` is a string, for CHOICES a list of them, for YES_NO a bool or a string. Raises Unreadable
    and nothing else.
    """
    if raw is None:
        return None
    if field.type is FieldType.CHOICES:
        return _choices(field, raw)
    if field.type is FieldType.YES_NO and isinstance(raw, bool):
        return raw
    if isinstance(raw, bool | dict | list | tuple | set):
        raise Unreadable(M("“%(field)s”的内容无法识别，请重新填写", field=field.label))
    text = _clean(_text_of(raw), keep_lines=field.type is FieldType.LONG_TEXT)
    return _PARSERS[field.type](field, text) if text else None


def display(field: FieldSpec, value: Any) -> str | Message | Text:
    """How people read `value`: labels for choices, 2023年5月 for dates, 是 and 否; "" when empty."""
    if value is None or value == "" or value == []:
        return ""
    if field.type is FieldType.YES_NO:
        return M("是") if value else M("否")
    if field.type is FieldType.CHOICE:
        option = field.option(str(value))
        return option.label if option else str(value)
    if field.type is FieldType.CHOICES:
        return _joined([field.option(str(item)) or str(item) for item in value])
    if field.type in (FieldType.DATE, FieldType.MONTH):
        known = as_date(value)
        return Text(zh=known.chinese(), en=known.iso()) if known else str(value)
    if field.type is FieldType.NUMBER and field.unit:
        number = to_form(field, value)
        return Text(
            zh=f"{number}{field.unit.zh}", en=f"{number} {field.unit.en}" if field.unit.en else number
        )
    return to_form(field, value)


def to_form(field: FieldSpec, value: Any) -> str:
    """What the input shows for `value`, in the shape that `parse` reads; CHOICES are one per line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value)
    if isinstance(value, float):
        return _decimal(field, value)
    return str(value)


def _decimal(field: FieldSpec, value: float) -> str:
    """With the field's decimals, unless that would show another number than the stored one."""
    if value.is_integer():
        return str(int(value))
    text = f"{value:.{field.decimals}f}"
    return text if float(text) == value else str(value)


def as_date(value: Any) -> PartialDate | None:
    """`value` as a partial date, whether it is one, a date or stored ISO text; None for anything else."""
    if isinstance(value, PartialDate):
        return value
    if isinstance(value, date):
        return PartialDate(value.year, value.month, value.day)
    if isinstance(value, str) and value:
        try:
            return PartialDate.parse(value)
        except ValueError:
            return None
    return None


def _text_of(raw: Any) -> str:
    if isinstance(raw, Choice):
        return raw.value
    if isinstance(raw, float) and math.isfinite(raw) and raw.is_integer():
        return str(int(raw))
    return str(raw)


def _clean(text: str, keep_lines: bool) -> str:
    """`text` trimmed, without what can't be stored or printed; one line unless `keep_lines`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return kept.strip() if keep_lines else re.sub(r"\s+", " ", kept).strip()


def _text(field: FieldSpec, text: str) -> str:
    if len(text) > field.max_length:
        raise Unreadable(
            M(
                "“%(field)s”最多 %(most)s 个字，现有 %(have)s 个，请删减",
                field=field.label,
                most=field.max_length,
                have=len(text),
            )
        )
    return text


def _number(field: FieldSpec, text: str) -> int | float:
    plain = text.translate(_FULL_WIDTH).replace(",", "").replace(" ", "")
    if not _NUMBER.match(plain):
        raise Unreadable(M("“%(field)s”请填写数字，如 5", field=field.label))
    number = float(plain)
    if not field.decimals and not number.is_integer():
        raise Unreadable(M("“%(field)s”请填写整数，不带小数", field=field.label))
    if abs(number) > LARGEST_NUMBER:
        raise Unreadable(M("“%(field)s”的数字太大，请核对", field=field.label))
    value = round(number, field.decimals) if field.decimals else int(number)
    if field.minimum is not None and value < field.minimum:
        raise Unreadable(
            M("“%(field)s”不能小于 %(least)s，请核对", field=field.label, least=_plain(field.minimum))
        )
    if field.maximum is not None and value > field.maximum:
        raise Unreadable(
            M("“%(field)s”不能大于 %(most)s，请核对", field=field.label, most=_plain(field.maximum))
        )
    return value


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _month(field: FieldSpec, text: str) -> PartialDate:
    value = _date_in(field, text)
    if value.month is None:
        raise Unreadable(M("“%(field)s”请至少填到月份，如 2023-05", field=field.label))
    return value


def _day(field: FieldSpec, text: str) -> PartialDate:
    value = _date_in(field, text)
    if value.day is None:
        raise Unreadable(M("“%(field)s”请填写完整日期，如 2023-05-17", field=field.label))
    return value


def _date_in(field: FieldSpec, text: str) -> PartialDate:
    try:
        value = PartialDate.parse(text.translate(_FULL_WIDTH))
    except ValueError:
        raise Unreadable(
            M("“%(field)s”无法识别为日期，请写成 2023-05 或 2023-05-17", field=field.label)
        ) from None
    if value.year < _EARLIEST_YEAR:
        raise Unreadable(M("“%(field)s”的年份不对，请核对", field=field.label))
    return value


def _choice(field: FieldSpec, text: str) -> str:
    if field.option(text):
        return text
    by_label = next((o.value for o in field.options if text in (o.label.zh, o.label.en)), None)
    if by_label is None:
        raise Unreadable(M("“%(field)s”只能从所列选项中选择", field=field.label))
    return by_label


def _choices(field: FieldSpec, raw: Any) -> list[str] | None:
    """Each chosen value once, in the order of the options, so that equal choices compare equal."""
    if isinstance(raw, str):
        raw = raw.splitlines()
    if not isinstance(raw, list | tuple) or not all(isinstance(item, str) for item in raw):
        raise Unreadable(M("“%(field)s”的内容无法识别，请重新选择", field=field.label))
    cleaned = [_clean(item, keep_lines=False) for item in raw]
    chosen = {_choice(field, item) for item in cleaned if item}
    return [option.value for option in field.options if option.value in chosen] or None


def _yes_no(field: FieldSpec, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise Unreadable(M("“%(field)s”请选择“是”或“否”", field=field.label))


def _phone(field: FieldSpec, text: str) -> str:
    plain = re.sub(r"[\s()]", "", text.translate(_FULL_WIDTH))
    if not _PHONE.match(plain):
        raise Unreadable(
            M("“%(field)s”请填写 11 位手机号，或带区号的座机号，如 027-87654321", field=field.label)
        )
    return plain


def _id_number(field: FieldSpec, text: str) -> str:
    try:
        return str(ric.validate(text.translate(_FULL_WIDTH)))
    except ValidationError:
        raise Unreadable(M("“%(field)s”不是有效的 18 位身份证号，请逐位核对", field=field.label)) from None


def _joined(items: list[Any]) -> Text:
    labels = [item.label if hasattr(item, "label") else Text(zh=item) for item in items]
    return Text(zh="、".join(t.zh for t in labels), en=", ".join(t.en or t.zh for t in labels))


_PARSERS: dict[FieldType, Callable[[FieldSpec, str], Any]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.DATE: _day,
    FieldType.MONTH: _month,
    FieldType.CHOICE: _choice,
    FieldType.YES_NO: _yes_no,
    FieldType.CLAUSE: _text,
    FieldType.PHONE: _phone,
    FieldType.ID_NUMBER: _id_number,
    FieldType.UNIT: _text,
}
