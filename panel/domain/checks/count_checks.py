"""The checks that count and add up: entries, different values, sums, and what each year must show.

Which entries count, a row says by values (`where`), numbers (`between`) and a window: `dated` names the date
looked at, `until` one of the round's dates, `last_months` how far back, `after` a date of the form. An entry
without the date or number counts for nothing; a date known to the month counts if it may lie inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from models.field_spec import Text
from models.sections import Entry
from models.values import PartialDate
from panel.domain.checks.findings import Finding, RequirementAtWork, number
from panel.domain.checks.years import months_before
from panel.domain.rounds.conditions import Content, has_one_of, value_of
from panel.domain.rounds.fields import as_date, as_number
from panel.domain.rounds.texts import plain

#: Years that a number may stand for.
_YEARS = range(1900, 10000)


def count(row: RequirementAtWork) -> Iterator[Finding]:
    """The list has `minimum` to `maximum` entries of those chosen; the tick for none may count (G15, G21)."""
    arguments = row.spec.arguments
    if arguments.get("none_counts") and row.case.application.record(row.spec.section).none:
        return
    yield from _unless_within(row, len(chosen(row)))


def count_distinct(row: RequirementAtWork) -> Iterator[Finding]:
    """The entries chosen show `minimum` different values of the field, of `values` if given: 2 of 5."""
    counted = row.spec.arguments.get("values")
    seen = {
        plain(item)
        for entry in chosen(row)
        for item in _items(value_of(entry, row.spec.field))
        if counted is None or item in counted
    }
    yield from _unless_within(row, len(seen))


def total(row: RequirementAtWork) -> Iterator[Finding]:
    """The field's numbers add up to `minimum` to `maximum` over the entries chosen."""
    yield from _unless_within(row, _sum(row, chosen(row)))


def total_per_year(row: RequirementAtWork) -> Iterator[Finding]:
    """In each of the years asked, the field's numbers add up to `minimum`; the short years are named."""
    need = row.minimum
    if need is None:
        return
    entries = chosen(row)
    sums = {
        year: _sum(row, [entry for entry in entries if _year(entry, row.spec.arguments["year"]) == year])
        for year in years_asked(row)
    }
    short = {year: have for year, have in sums.items() if have < need}
    if short:
        named = Text(
            zh="、".join(f"{year} 年 {number(have)}" for year, have in short.items()),
            en=", ".join(f"{year}: {number(have)}" for year, have in short.items()),
        )
        yield row.finding(value=named, need=number(need), have=number(min(short.values())))


def each_year(row: RequirementAtWork) -> Iterator[Finding]:
    """Each of the years asked has an entry among those chosen; the years without one are named."""
    there = {_year(entry, row.spec.field) for entry in chosen(row)}
    asked = years_asked(row)
    missing = [str(year) for year in asked if year not in there]
    if missing:
        named = Text.listing(missing)
        yield row.finding(value=named, need=len(asked), have=len(asked) - len(missing))


def years_asked(row: RequirementAtWork) -> list[int]:
    """The `last_years` calendar years that were over on `until`, of those the ones wholly after `after`."""
    until = row.day("until")
    last = until.year if (until.month, until.day) == (12, 31) else until.year - 1
    first = last - int(row.spec.arguments["last_years"]) + 1
    since = row.after
    if since is not None:
        first = max(first, since.last_day().year + 1)
    return list(range(first, last + 1))


def chosen(row: RequirementAtWork) -> list[Entry]:
    """The entries for which the row's condition holds and that its arguments choose."""
    arguments = row.spec.arguments
    window = _Window(row)
    return [
        entry
        for entry in row.entries()
        if fits(entry, arguments.get("where", {}))
        and _within(entry, arguments.get("between", {}))
        and window.holds(entry)
    ]


def fits(content: Content, where: dict[str, list[Any]]) -> bool:
    """Whether each field of `where` has one of its values."""
    return all(has_one_of(value_of(content, key), values) for key, values in where.items())


def _within(content: Content, between: dict[str, list[Any]]) -> bool:
    for key, (least, most) in between.items():
        value = as_number(value_of(content, key))
        if value is None or (least is not None and value < least) or (most is not None and value > most):
            return False
    return True


class _Window:
    """The days in which what `dated` names must lie; open on a side that the row leaves open."""

    def __init__(self, row: RequirementAtWork) -> None:
        arguments = row.spec.arguments
        self.dated: str = arguments.get("dated", "")
        self.last: date | None = row.day("until") if self.dated and "until" in arguments else None
        starts = []
        if self.last and "last_months" in arguments:
            starts.append(months_before(self.last, arguments["last_months"]) + timedelta(days=1))
        since = row.after if self.dated else None
        if since is not None:
            starts.append(since.first_day())
        self.first: date | None = max(starts, default=None)

    def holds(self, entry: Entry) -> bool:
        """Whether the entry may lie inside."""
        if not self.dated:
            return True
        day = date_of(value_of(entry, self.dated))
        if day is None:
            return False
        return not (self.first and day.last_day() < self.first) and not (
            self.last and day.first_day() > self.last
        )


def date_of(value: Any) -> PartialDate | None:
    """A date, or a number that is a year, as a date; None for anything else."""
    plain_number = as_number(value)
    if plain_number is not None:
        return PartialDate(int(plain_number)) if int(plain_number) in _YEARS else None
    return as_date(value)


def _year(entry: Entry, key: str) -> int | None:
    known = date_of(value_of(entry, key))
    return known.year if known else None


def _sum(row: RequirementAtWork, entries: list[Entry]) -> float:
    """Rounded, so that hundreds of cents add up to what people add up."""
    numbers = [as_number(value_of(entry, row.spec.field)) for entry in entries]
    return round(sum(value for value in numbers if value is not None), 6)


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _unless_within(row: RequirementAtWork, have: float) -> Iterator[Finding]:
    """The row's finding when `have` is too little or too much; need is the bound that is missed."""
    least, most = row.minimum, row.spec.arguments.get("maximum")
    if least is not None and have < least:
        yield row.finding(have=number(have), need=number(least))
    elif most is not None and have > most:
        yield row.finding(have=number(have), need=number(most))
