"""One field: from what was typed to a value, and back to what people and forms show.

Values: str, int or float, bool, list of str, PartialDate; a range is its text. Stored dates may come back as
ISO text.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from models.field_spec import FieldSpec, FieldType, Text
from models.messages import M, Message
from models.values import PartialDate
from panel.domain.rounds.field_parsers import RANGE_MARK


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
        items = value if isinstance(value, list | tuple) else [value]
        return _joined([field.option(str(item)) or str(item) for item in items])
    if field.type is FieldType.RANGE:
        return _range_words(field, value)
    if field.type is FieldType.FILE:  # their names are the application's: panel.domain.rounds.showing
        return M("%(n)s 份文件", n=len(value) if isinstance(value, list | tuple) else 1)
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


def as_range(value: Any) -> tuple[PartialDate | None, PartialDate | None]:
    """Beginning and end of a stored range such as 2020-03/2021-06; the end is None where it lasts.

    (None, None) for anything else.
    """
    if not isinstance(value, str) or RANGE_MARK not in value:
        return None, None
    start, _, end = value.partition(RANGE_MARK)
    return as_date(start), as_date(end)


def range_parts(value: Any) -> list[str]:
    """A stored range, or what was typed as one, as the two inputs show it."""
    text = value if isinstance(value, str) else ""
    mark = "\n" if "\n" in text else RANGE_MARK
    start, _, end = text.partition(mark)
    return [start, end]


def as_number(value: Any) -> int | float | None:
    """`value` if it is a number; None for anything else, also for yes and no."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def _range_words(field: FieldSpec, value: Any) -> str | Message | Text:
    start, end = as_range(value)
    if start is None:
        return to_form(field, value)
    return Text(
        zh=f"{start.chinese()}—{end.chinese() if end else '至今'}",
        en=f"{start.iso()} – {end.iso() if end else 'now'}",
    )


def _joined(items: list[Any]) -> Text:
    return Text.listing(item.label if hasattr(item, "label") else item for item in items)
