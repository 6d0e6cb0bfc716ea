"""Working days, publicity periods and the ends of days (R08, R18).

The law counts full working days by the State Council's yearly notice with its make-up days (调休).
`chinesecalendar` holds the notices that are out; every other year is computed from weekdays and the
statutory holidays, and says so: `provisional`. Such a period is computed again once the notice is out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar import constants as notices

CHINA = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)
_LAST_MILLISECOND = time(23, 59, 59, 999_000)

# National Day stands in every yearly notice, while a notice's first or last days can lie in the
# neighbouring year: only a year with its October is known as a whole.
_KNOWN_YEARS = frozenset(day.year for day in notices.holidays if day.month == 10)

# Spring Festival (1.1), Dragon Boat (5.5) and Mid-Autumn (8.15) of the lunar calendar. Not computed:
# new moons within minutes of midnight (2027, 2030) make common calendar libraries err by a day.
_LUNAR = {
    2027: ((2, 6), (6, 9), (9, 15)),
    2028: ((1, 26), (5, 28), (10, 3)),
    2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)),
    2031: ((1, 23), (6, 24), (10, 1)),
    2032: ((2, 11), (6, 12), (9, 19)),
    2033: ((1, 31), (6, 1), (9, 8)),
    2034: ((2, 19), (6, 20), (9, 27)),
    2035: ((2, 8), (6, 10), (9, 16)),
    2036: ((1, 28), (5, 30), (10, 4)),
    2037: ((2, 15), (6, 18), (9, 24)),
    2038: ((2, 4), (6, 7), (9, 13)),
    2039: ((1, 24), (5, 27), (10, 2)),
    2040: ((2, 12), (6, 14), (9, 20)),
    2041: ((2, 1), (6, 3), (9, 10)),
    2042: ((1, 22), (6, 22), (9, 28)),
    2043: ((2, 10), (6, 11), (9, 17)),
    2044: ((1, 30), (5, 31), (10, 5)),
    2045: ((2, 17), (6, 19), (9, 25)),
    2046: ((2, 6), (6, 8), (9, 15)),
    2047: ((1, 26), (5, 29), (10, 4)),
    2048: ((2, 14), (6, 15), (9, 22)),
    2049: ((2, 2), (6, 4), (9, 11)),
    2050: ((1, 23), (6, 23), (9, 30)),
}


@dataclass(frozen=True)
class WorkingDay:
    """Whether a day is a working day, and whether that is only provisional (暂定)."""

    value: bool
    provisional: bool


@dataclass(frozen=True)
class Period:
    """A publicity period: its first and last counted working day, both included.

    `provisional` when a day that was counted or passed over belongs to a year without a notice.
    """

    starts: date
    ends: date
    provisional: bool


def is_working_day(day: date) -> WorkingDay:
    """Tell whether people work on `day`, by the year's notice or else provisionally (R08)."""
    if day.year in _KNOWN_YEARS:
        return WorkingDay(bool(chinese_calendar.is_workday(day)), provisional=False)
    return WorkingDay(_is_weekday(day) and day not in _statutory_holidays(day.year), provisional=True)


def period(posted: date, working_days: int) -> Period:
    """Count `working_days` full working days from the day after `posted` (R08, R18).

    The period is over at the end of its last day. `ValueError` for less than one day.
    """
    if working_days < 1:
        raise ValueError(f"a period has at least one working day, not {working_days}")
    counted: list[date] = []
    provisional = False
    day = posted
    while len(counted) < working_days:
        day += _DAY
        working = is_working_day(day)
        provisional = provisional or working.provisional
        if working.value:
            counted.append(day)
    return Period(counted[0], counted[-1], provisional)


def is_over(end: datetime, now: datetime) -> bool:
    """Tell whether the last instant of a period has passed: it still counts at `end` itself."""
    return now > end


def end_of_day(day: date) -> datetime:
    """The last millisecond of `day` in China, as an aware UTC time: a deadline still counts at it."""
    return datetime.combine(day, _LAST_MILLISECOND, CHINA).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """The first instant of `day` in China, as an aware UTC time."""
    return datetime.combine(day, time.min, CHINA).astimezone(UTC)


def local_date(now: datetime) -> date:
    """The date in China at `now`; `ValueError` for a naive time, which could mean two dates."""
    if now.tzinfo is None:
        raise ValueError("a time without its zone has no date")
    return now.astimezone(CHINA).date()


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5


@lru_cache(maxsize=64)
def _statutory_holidays(year: int) -> frozenset[date]:
    """The statutory holidays of a year, with a weekday off for each that falls on a weekend.

    The law (全国年节及纪念日放假办法, as of 2025) promises that weekday; which one it is, only the
    notice says. The next free one is taken, so that a provisional period is never too short.
    """
    holidays = _named_holidays(year)
    for day in sorted(holidays):
        substitute = day
        while not _is_weekday(day) and (not _is_weekday(substitute) or substitute in holidays):
            substitute += _DAY
        holidays.add(substitute)
    return frozenset(holidays)


def _named_holidays(year: int) -> set[date]:
    """New Year, Labour Day (2), National Day (3), Qingming; Spring Festival (4 from its eve),
    Dragon Boat and Mid-Autumn as far as the lunar table goes."""
    fixed = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)]
    days = {date(year, month, day) for month, day in fixed}
    days.add(_qingming(year))
    if year in _LUNAR:
        spring, dragon_boat, mid_autumn = (date(year, month, day) for month, day in _LUNAR[year])
        days |= {spring + offset * _DAY for offset in (-1, 0, 1, 2)} | {dragon_boat, mid_autumn}
    return days


def _qingming(year: int) -> date:
    """The day of Pure Brightness by the common formula, right for 2000 to 2099."""
    short = year % 100
    return date(year, 4, int(short * 0.2422 + 4.81) - short // 4)
