"""One field: from what was typed to a value, or why not. See panel.domain.rounds.fields for the way back."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from stdnum.exceptions import ValidationError

from models.choices import Choice
from models.field_spec import FieldSpec, FieldType
from models.messages import M, PingshenError
from models.values import PartialDate
from panel.domain.rounds import id_numbers

#: Between beginning and end of a stored range, as ISO 8601 writes an interval.
RANGE_MARK = "/"
#: Larger numbers are typing errors; the database's integers end soon after.
LARGEST_NUMBER = 10**12
_EARLIEST_YEAR = 1900
_PHONE = re.compile(r"^(?:\+?86)?1\d{10}$|^0\d{2,3}-?\d{7,8}(?:-\d{1,6})?$")
_NUMBER = re.compile(r"^[+-]?\d{1,18}(?:\.\d{1,18})?$")
_UID = re.compile(r"[0-9a-f]{32}")
#: What people write between two dates.
_BETWEEN = re.compile(r"\s*(?:/|\n|至(?!今)|到|~|～|—+|–| - |－)\s*")
_STILL = frozenset({"至今", "今", "now", "present"})
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
    if field.type in _PARSERS_OF_SEVERAL:
        return _PARSERS_OF_SEVERAL[field.type](field, raw)
    if field.type is FieldType.YES_NO and isinstance(raw, bool):
        return raw
    if isinstance(raw, bool | dict | list | tuple | set):
        raise Unreadable(M("“%(field)s”的内容无法识别，请重新填写", field=field.label))
    text = _clean(_text_of(raw), keep_lines=field.type is FieldType.LONG_TEXT)
    return _PARSERS[field.type](field, text) if text else None


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
        return id_numbers.validate(text.translate(_FULL_WIDTH))
    except ValidationError:
        raise Unreadable(M("“%(field)s”不是有效的 18 位身份证号，请逐位核对", field=field.label)) from None


def _range(field: FieldSpec, raw: Any) -> str | None:
    """Two dates, or one text with a mark between them, as 2020-03/2021-06; the end may be open."""
    parts = raw if isinstance(raw, list | tuple) else _BETWEEN.split(str(raw), maxsplit=1)
    if not all(isinstance(part, str) for part in parts) or len(parts) > 2:
        raise Unreadable(M("“%(field)s”的内容无法识别，请重新填写", field=field.label))
    start, end = (_clean(part, keep_lines=False) for part in [*parts, "", ""][:2])
    if not start and not end:
        return None
    if not start:
        raise Unreadable(M("请填写“%(field)s”的开始时间，如 2023-05", field=field.label))
    begun = _month(field, start)
    if not end or end in _STILL:
        if not field.open_end:
            raise Unreadable(M("请填写“%(field)s”的结束时间，如 2023-05", field=field.label))
        return f"{begun.iso()}{RANGE_MARK}"
    ended = _month(field, end)
    if ended.last_day() < begun.first_day():
        raise Unreadable(M("“%(field)s”的结束时间早于开始时间，请核对", field=field.label))
    return f"{begun.iso()}{RANGE_MARK}{ended.iso()}"


def _files(field: FieldSpec, raw: Any) -> list[str] | None:
    """Each attachment once, in the order given."""
    items = raw.split() if isinstance(raw, str) else raw
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise Unreadable(M("“%(field)s”的内容无法识别，请重新选择", field=field.label))
    named = [item.strip() for item in items if item.strip()]
    if not all(_UID.fullmatch(item) for item in named):
        raise Unreadable(M("“%(field)s”的内容无法识别，请重新选择", field=field.label))
    return list(dict.fromkeys(named)) or None


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
    FieldType.PERSON: _text,
}
#: Of the types of which a form sends several values under one name.
_PARSERS_OF_SEVERAL: dict[FieldType, Callable[[FieldSpec, Any], Any]] = {
    FieldType.CHOICES: _choices,
    FieldType.RANGE: _range,
    FieldType.FILE: _files,
}
