"""How a print writes dates, and which characters it takes."""

from __future__ import annotations

import re
from datetime import date, datetime

from markupsafe import Markup

from models.values import PartialDate
from panel.domain.calendar import local_date

#: Characters that no print may hold: controls, and those that turn the direction of writing around.
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


def day_of(value: date | datetime | str) -> date:
    """The day in China of an instant; a day, or ISO text, as it is."""
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return local_date(value) if isinstance(value, datetime) else value


def chinese_day(value: date | datetime | str) -> str:
    """2026年5月17日, of an instant the day in China."""
    day = day_of(value)
    return PartialDate(day.year, day.month, day.day).chinese()


def printable(value: object) -> object:
    """`value` as text to print: Chinese of a round's text, nothing for None, no control characters."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else _UNPRINTABLE.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
