"""The checks of dates: years that passed or add up, periods, age, and how long something stays valid.

As those of content_checks, each names no field of the guide. A date known to the month is read in the
person's favour; one that is missing or can't be read is another finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.field_spec import FieldSpec, FieldType, Text
from models.messages import Message
from models.sections import Entry
from models.values import PartialDate
from panel.domain.checks.count_checks import chosen, fits
from panel.domain.checks.findings import Finding, RequirementAtWork, number, shown
from panel.domain.checks.years import full_years, months_after, months_covered, months_worked
from panel.domain.rounds import printed_columns
from panel.domain.rounds.conditions import value_of
from panel.domain.rounds.fields import as_date, as_number, as_range, display

#: Beginning and end of a period; without an end it lasts.
Span = tuple[PartialDate, PartialDate | None]


def years_match(row: RequirementAtWork) -> Iterator[Finding]:
    """The number is within `tolerance` of the years that the `list` adds up to (G13)."""
    worked = offered_years(row)
    for content, field, value in row.values():
        stated = as_number(value)
        if stated is None or worked is None:
            continue
        if abs(stated - worked) > row.spec.arguments.get("tolerance", 0):
            yield row.finding(content, field, value=str(value), expected=worked)


def offered_years(row: RequirementAtWork) -> int | None:
    """The full years that the entries of `list` that fit `where` add up to; None without such entries."""
    arguments = row.spec.arguments
    section = row.case.sections.get(arguments["list"])
    if section is None:
        return None
    entries = [e for e in row.case.entries(section) if fits(e, arguments.get("where", {}))]
    months = months_worked(entries, row.day("until"))
    return months // 12 if months else None


def years_since(row: RequirementAtWork) -> Iterator[Finding]:
    """From the date to `until` there are `minimum` full years, by the level applied for (R06)."""
    need, until = row.minimum, row.day("until")
    for content, field, value in row.values():
        known = as_date(value)
        if known is None or need is None:
            continue
        have = full_years(known.first_day(), until)
        if have < need:
            yield row.finding(content, field, have=have, need=number(need))


def years_by_degree(row: RequirementAtWork) -> Iterator[Finding]:
    """From the date to `until` there are the years that the best degree held asks for (R06).

    `years_asked` says how many by degree; the best is the one that asks for the fewest.
    """
    arguments, until = row.spec.arguments, row.day("until")
    section = row.case.sections.get(arguments["degree_section"])
    if section is None:
        return
    held: dict[str, Text | Message | str] = {}
    for content in row.case.contents(section):
        degree = value_of(content, arguments["degree_field"])
        if isinstance(degree, str) and degree in arguments["years_asked"]:
            held[degree] = display(section.field(arguments["degree_field"]), degree)
    if not held:
        return  # that the degree is missing is another finding
    best = min(held, key=lambda degree: arguments["years_asked"][degree])
    need = arguments["years_asked"][best]
    for content, field, value in row.values():
        known = as_date(value)
        if known is None:
            continue
        have = full_years(known.first_day(), until)
        if have < need:
            yield row.finding(content, field, value=held[best], have=have, need=number(need))


def years_covered(row: RequirementAtWork) -> Iterator[Finding]:
    """The periods of the entries add up to `minimum` full years until `until`, no month counted twice."""
    need, until = row.minimum, row.day("until")
    periods = [period_of(row, entry) for entry in chosen(row)]
    have = months_covered([period for period in periods if period], until) // 12
    if need is not None and have < need:
        yield row.finding(have=have, need=number(need))


def not_overlapping(row: RequirementAtWork) -> Iterator[Finding]:
    """No two entries surely hold at the same time; the one that began later is reported.

    Periods that only touch, on a day or in a month that both name, don't overlap.
    """
    known = [(entry, period) for entry in chosen(row) if (period := period_of(row, entry))]
    known.sort(key=lambda one: (one[1][0].first_day(), one[1][0].last_day()))
    for place, (entry, period) in enumerate(known):
        for other, other_period in known[:place]:
            if overlaps(period, other_period):
                until = other_period[1] or other_period[0]
                title = printed_columns.title(row.case.asked, other)
                yield row.finding(entry, _field_of(row, entry), value=title, expected=shown(until))
                break


def overlaps(one: Span, other: Span) -> bool:
    """Whether two periods surely have more in common than a day, or a month, that both only touch."""
    latest = max(one[0].last_day(), other[0].last_day())
    ends = [end.first_day() for _, end in (one, other) if end is not None]
    return not ends or latest < min(ends)


def period_of(row: RequirementAtWork, entry: Entry) -> Span | None:
    """When the entry began and ended (None: it lasts), from a range or from the row's two date fields.

    None where the beginning isn't known, or where what was typed as the end can't be read.
    """
    field, end_key = _field_of(row, entry), row.spec.arguments.get("end", "end")
    if field is None:
        return None
    value = value_of(entry, row.spec.field)
    if field.type is FieldType.RANGE:
        start, end = as_range(value)
    else:
        start, end = as_date(value), as_date(value_of(entry, end_key))
        if end_key in entry.unread:
            return None
    return (start, end) if start else None


def _field_of(row: RequirementAtWork, entry: Entry) -> FieldSpec | None:
    fields = row.case.fields(row.section, entry)
    return next((field for field in fields if field.key == row.spec.field), None)


def age(row: RequirementAtWork) -> Iterator[Finding]:
    """On `until` the person is `minimum` to `maximum` full years old, both included."""
    least, most = row.spec.arguments.get("minimum"), row.spec.arguments.get("maximum")
    for content, field, value in row.values():
        born = as_date(value)
        if born is None:
            continue
        youngest = full_years(born.last_day(), row.day("until"))
        oldest = full_years(born.first_day(), row.day("until"))
        # of a birthday known to the month the kinder reading counts
        if most is not None and youngest > most:
            yield row.finding(content, field, have=youngest, need=number(most), value=shown(born))
        elif least is not None and oldest < least:
            yield row.finding(content, field, have=oldest, need=number(least), value=shown(born))


def valid_for(row: RequirementAtWork) -> Iterator[Finding]:
    """What the date stands for, such as an exam, is valid for `months` and so still counts on `until`.

    The last day is the one of the same number: three years from 2023-12-31 include 2026-12-31.
    """
    until, months = row.day("until"), row.spec.arguments["months"]
    for content, field, value in row.values():
        known = as_date(value)
        if known is None:
            continue
        last = months_after(known.last_day(), months)
        if last < until:
            yield row.finding(
                content, field, value=shown(known), expected=shown(as_date(last)), need=_spell(months)
            )


def _spell(months: int) -> Text:
    """A length of time as people say it: 3 年, 18 个月."""
    if months % 12:
        return Text(zh=f"{months} 个月", en=f"{months} months")
    years = months // 12
    return Text(zh=f"{years} 年", en=f"{years} years" if years > 1 else "1 year")
