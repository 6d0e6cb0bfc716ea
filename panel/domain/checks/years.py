"""Years between dates and years that periods add up to (G13, R06)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from models.sections import Entry
from models.values import PartialDate
from panel.domain.rounds.conditions import value_of
from panel.domain.rounds.fields import as_date


def full_years(since: date, until: date) -> int:
    """The full years from `since` to `until`, as birthdays count; never less than 0."""
    years = until.year - since.year - ((until.month, until.day) < (since.month, since.day))
    return max(years, 0)


def months_worked(entries: Iterable[Entry], until: date) -> int:
    """The calendar months that `entries` cover up to `until`, first and last included, none twice.

    An entry without an end lasts; one without a readable start counts for nothing.
    """
    periods = [(as_date(value_of(entry, "start")), as_date(value_of(entry, "end"))) for entry in entries]
    return months_covered([(start, end) for start, end in periods if start], until)


def months_covered(periods: Iterable[tuple[PartialDate, PartialDate | None]], until: date) -> int:
    """The calendar months that `periods` cover up to `until`, first and last included, none twice.

    A period without an end lasts.
    """
    covered: set[int] = set()
    for start, end in periods:
        last = min(end.last_day(), until) if end else until
        covered.update(range(_month(start.first_day()), _month(last) + 1))
    return len(covered)


def months_after(day: date, months: int) -> date:
    """The same day `months` later, or the month's last where it has no such day; 9999-12-31 at the latest."""
    place = _month(day) - 1 + months
    year, month = divmod(place, 12)
    if year > date.max.year:
        return date.max
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, or the month's last where it has no such day."""
    return months_after(day, -months)


def _month(day: date) -> int:
    return day.year * 12 + day.month
