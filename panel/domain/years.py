"""Years between dates and years that periods add up to (G13, R06)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from models.sections import Entry
from panel.domain.fields import as_date
from panel.domain.rounds import value_of


def full_years(since: date, until: date) -> int:
    """The full years from `since` to `until`, as birthdays count; never less than 0."""
    years = until.year - since.year - ((until.month, until.day) < (since.month, since.day))
    return max(years, 0)


def months_worked(entries: Iterable[Entry], until: date) -> int:
    """The calendar months that `entries` cover up to `until`, first and last included, none twice.

    An entry without an end lasts; one without a readable start counts for nothing.
    """
    covered: set[int] = set()
    for entry in entries:
        start, end = as_date(value_of(entry, "start")), as_date(value_of(entry, "end"))
        if start is None:
            continue
        last = min(end.last_day(), until) if end else until
        covered.update(range(_month(start.first_day()), _month(last) + 1))
    return len(covered)


def _month(day: date) -> int:
    return day.year * 12 + day.month
