"""The checks of content: one pure function per kind of check, each given a requirement row at work.

None names a field of the guide: section, field and arguments come from the row. A value that is missing
or can't be read is another finding, so checks pass over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from models.form_spec import FieldSpec, FieldType, Text
from models.sections import Entry
from models.values import PartialDate
from panel.domain import rounds
from panel.domain.fields import as_date
from panel.domain.findings import Finding, Row, choice_words, is_about_choice, words_of
from panel.domain.rounds import Content, value_of
from panel.domain.texts import plain
from panel.domain.years import full_years, months_worked

_DATES = (FieldType.DATE, FieldType.MONTH)


def filled(row: Row) -> Iterator[Finding]:
    """The field has a value."""
    for content, field, value in row.values():
        if value is None and field.key not in content.unread:
            yield row.finding(content, field)


def empty(row: Row) -> Iterator[Finding]:
    """The field has none."""
    for content, field, value in row.values():
        if value is not None:
            yield row.finding(content, field, value=words_of(field, value))


def count(row: Row) -> Iterator[Finding]:
    """The list has `minimum` to `maximum` entries (that fit `where`); the tick for none may count."""
    arguments = row.spec.arguments
    if arguments.get("none_counts") and row.case.application.record(row.spec.section).none:
        return
    have = sum(1 for entry in row.entries() if fits(entry, arguments.get("where", {})))
    least, most = arguments.get("minimum", 0), arguments.get("maximum")
    if have < least or (most is not None and have > most):
        yield row.finding(have=have, need=least)


def fits(content: Content, where: dict[str, list[Any]]) -> bool:
    """Whether each field of `where` has one of its values."""
    return all(value_of(content, key) in values for key, values in where.items())


def unique(row: Row) -> Iterator[Finding]:
    """No two entries share the field's value; the later one is reported."""
    seen: set[str] = set()
    for content, field, value in row.values():
        if value is None:
            continue
        if plain(value) in seen:
            yield row.finding(content, field, value=words_of(field, value))
        seen.add(plain(value))


def distinct(row: Row) -> Iterator[Finding]:
    """The field differs from the `other` of the same record or entry."""
    for content, field, value in row.values():
        other = value_of(content, row.spec.arguments["other"])
        if value is not None and other is not None and plain(value) == plain(other):
            yield row.finding(content, field, value=words_of(field, value))


def newest_equals(row: Row) -> Iterator[Finding]:
    """The newest entry's field equals the roster's `fact`."""
    expected = rounds.roster_value(row.spec.arguments["fact"], row.case.application.person)
    for entry, field, value in _newest(row):
        if expected is not None and not same(value, expected):
            yield _differs(row, entry, field, value, expected)


def newest_one_of(row: Row) -> Iterator[Finding]:
    """The newest entry's field has one of `values`."""
    for entry, field, value in _newest(row):
        if value not in row.spec.arguments["values"]:
            yield row.finding(entry, field, value=words_of(field, value))


def _newest(row: Row) -> Iterator[tuple[Content, FieldSpec, Any]]:
    """The field in the newest entry, if it has a value: one that still lasts, else the last to end."""
    entries = row.entries()
    if not entries:
        return
    newest = max(entries, key=_recency)
    for content, field, value in row.values():
        if content is newest and value is not None:
            yield content, field, value


def _recency(entry: Entry) -> tuple[bool, date, date]:
    start, end = as_date(value_of(entry, "start")), as_date(value_of(entry, "end"))
    return (
        end is None and "end" not in entry.unread,
        end.last_day() if end else date.min,
        start.last_day() if start else date.min,
    )


def equals_fact(row: Row) -> Iterator[Finding]:
    """The field, or what was chosen at the start, equals the roster's `fact` where there is one (G08)."""
    application = row.case.application
    expected = rounds.roster_value(row.spec.arguments["fact"], application.person)
    if expected is None:
        return
    if is_about_choice(row.spec):
        if not same(getattr(application, row.spec.field), expected):
            yield row.finding(
                value=choice_words(application, row.spec.field),
                expected=choice_words(application, row.spec.field, expected),
            )
        return
    for content, field, value in row.values():
        if value is not None and not same(value, expected):
            yield row.finding(
                content, field, value=words_of(field, value), expected=words_of(field, expected)
            )


def _differs(row: Row, content: Content, field: FieldSpec, value: Any, expected: Any) -> Finding:
    return row.finding(content, field, value=words_of(field, value), expected=words_of(field, expected))


def not_earlier(row: Row) -> Iterator[Finding]:
    """The date isn't surely before `than`, of the same record or entry or of the record `than_section`."""
    arguments = row.spec.arguments
    for content, field, value in row.values():
        other_content = (
            row.case.application.record(arguments["than_section"]) if "than_section" in arguments else content
        )
        mine, other = as_date(value), as_date(value_of(other_content, arguments["than"]))
        if mine and other and mine.last_day() < other.first_day():
            yield row.finding(content, field, value=shown(mine), expected=shown(other))


def not_later(row: Row) -> Iterator[Finding]:
    """The date isn't surely after the round's `date`."""
    limit: date = getattr(row.case.spec.dates, row.spec.arguments["date"])
    for content, field, value in row.values():
        mine = as_date(value)
        if mine and mine.first_day() > limit:
            yield row.finding(content, field, value=shown(mine), expected=shown(as_date(limit)))


def not_future(row: Row) -> Iterator[Finding]:
    """The date, or every date of the section when the row names no field, has come."""
    for content in row.contents():
        for field in row.case.fields(row.section, content):
            if field.type not in _DATES or row.spec.field not in ("", field.key):
                continue
            value = as_date(value_of(content, field.key))
            if value and value.first_day() > row.case.today:
                yield row.finding(content, field, value=shown(value))


def years_match(row: Row) -> Iterator[Finding]:
    """The number is within `tolerance` of the years that the `list` adds up to (G13)."""
    worked = offered_years(row)
    for content, field, value in row.values():
        if value is None or worked is None:
            continue
        if abs(value - worked) > row.spec.arguments.get("tolerance", 0):
            yield row.finding(content, field, value=str(value), expected=worked)


def offered_years(row: Row) -> int | None:
    """The full years that the entries of `list` that fit `where` add up to; None without such entries."""
    arguments = row.spec.arguments
    section = row.case.sections.get(arguments["list"])
    if section is None:
        return None
    until: date = getattr(row.case.spec.dates, arguments["until"])
    entries = [e for e in row.case.entries(section) if fits(e, arguments.get("where", {}))]
    months = months_worked(entries, until)
    return months // 12 if months else None


def years_since(row: Row) -> Iterator[Finding]:
    """From the date to `until` there are `minimum` full years, by the level applied for."""
    need = row.spec.arguments["minimum"].get(row.case.application.level)
    until: date = getattr(row.case.spec.dates, row.spec.arguments["until"])
    for content, field, value in row.values():
        known = as_date(value)
        if known is None or need is None:
            continue
        have = full_years(known.first_day(), until)
        if have < need:
            yield row.finding(content, field, have=have, need=need)


def clause_of_edition(row: Row) -> Iterator[Finding]:
    """The clause is one of those that this application may choose there (G18, G22)."""
    application = row.case.application
    offered = {clause.key for clause in rounds.clauses_for(application, row.spec.section)}
    label = next((e.label for e in row.case.spec.editions if e.key == application.edition), Text(zh=""))
    for content, field, value in row.values():
        if value is not None and value not in offered:
            yield row.finding(content, field, expected=label)


def evidence_named(row: Row) -> Iterator[Finding]:
    """Each entry names an attachment that is there."""
    stored = {attachment.uid for attachment in row.case.application.attachments}
    for entry in row.entries():
        if not stored & set(entry.evidence):
            yield row.finding(entry)


def same(value: Any, expected: Any) -> bool:
    """Whether two values mean the same; of two dates the coarser one decides."""
    mine, other = as_date(value), as_date(expected)
    if mine and other:
        return mine.first_day() <= other.last_day() and other.first_day() <= mine.last_day()
    return plain(value) == plain(expected)


def shown(value: PartialDate | None) -> Text:
    """A date for a message."""
    return Text(zh=value.chinese(), en=value.iso()) if value else Text(zh="")
