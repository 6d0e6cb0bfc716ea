"""The checks of content: one pure function per kind of check, each given a requirement row at work.

None names a field of the guide: section, field and arguments come from the row. A value that is missing
or can't be read is another finding, so checks pass over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from models.field_spec import FieldSpec, FieldType, Text
from models.sections import Entry
from panel.domain.checks.findings import (
    Finding,
    RequirementAtWork,
    can_be_chosen,
    choice_words,
    is_about_choice,
    number,
    shown,
    words_of,
)
from panel.domain.rounds import offers, roster_values
from panel.domain.rounds.conditions import Content, has_one_of, value_of
from panel.domain.rounds.fields import as_date, as_number, as_range
from panel.domain.rounds.texts import plain

_DATES = (FieldType.DATE, FieldType.MONTH, FieldType.RANGE)


def filled(row: RequirementAtWork) -> Iterator[Finding]:
    """The field has a value."""
    for content, field, value in row.values():
        if value is None and field.key not in content.unread:
            yield row.finding(content, field)


def empty(row: RequirementAtWork) -> Iterator[Finding]:
    """The field has none."""
    for content, field, value in row.values():
        if value is not None:
            yield row.finding(content, field, value=words_of(field, value))


def unique(row: RequirementAtWork) -> Iterator[Finding]:
    """No two entries share the field's value; the later one is reported."""
    seen: set[str] = set()
    for content, field, value in row.values():
        if value is None:
            continue
        if plain(value) in seen:
            yield row.finding(content, field, value=words_of(field, value))
        seen.add(plain(value))


def distinct(row: RequirementAtWork) -> Iterator[Finding]:
    """The field differs from the `other` of the same record or entry."""
    for content, field, value in row.values():
        other = value_of(content, row.spec.arguments["other"])
        if value is not None and other is not None and plain(value) == plain(other):
            yield row.finding(content, field, value=words_of(field, value))


def newest_equals(row: RequirementAtWork) -> Iterator[Finding]:
    """The newest entry's field equals the roster's `fact`."""
    expected = roster_values.roster_value(row.spec.arguments["fact"], row.case.application.person)
    for entry, field, value in _newest(row):
        if expected is not None and not same(value, expected):
            yield _differs(row, entry, field, value, expected)


def newest_one_of(row: RequirementAtWork) -> Iterator[Finding]:
    """The newest entry's field has one of `values`."""
    for entry, field, value in _newest(row):
        if not has_one_of(value, row.spec.arguments["values"]):
            yield row.finding(entry, field, value=words_of(field, value))


def one_of(row: RequirementAtWork) -> Iterator[Finding]:
    """The field has one of `values`, in every entry of a list."""
    for content, field, value in row.values():
        if value is not None and not has_one_of(value, row.spec.arguments["values"]):
            yield row.finding(content, field, value=words_of(field, value))


def number_within(row: RequirementAtWork) -> Iterator[Finding]:
    """The number lies between `minimum` (also by level) and `maximum`, both included."""
    least, most = row.minimum, row.spec.arguments.get("maximum")
    for content, field, value in row.values():
        have = as_number(value)
        if have is None:
            continue
        if (least is not None and have < least) or (most is not None and have > most):
            need = least if least is not None and have < least else most
            yield row.finding(
                content, field, value=words_of(field, value), have=number(have), need=number(need)
            )


def _newest(row: RequirementAtWork) -> Iterator[tuple[Content, FieldSpec, Any]]:
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


def equals_fact(row: RequirementAtWork) -> Iterator[Finding]:
    """The field, or what was chosen at the start, equals the roster's `fact` where there is one (G08)."""
    application = row.case.application
    expected = roster_values.roster_value(row.spec.arguments["fact"], application.person)
    if expected is None:
        return
    if is_about_choice(row.spec):
        # what only another round offers, of another series, is not asked of this one
        is_asked = can_be_chosen(application, row.spec.field, str(expected))
        if is_asked and not same(getattr(application, row.spec.field), expected):
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


def _differs(
    row: RequirementAtWork, content: Content, field: FieldSpec, value: Any, expected: Any
) -> Finding:
    return row.finding(content, field, value=words_of(field, value), expected=words_of(field, expected))


def not_earlier(row: RequirementAtWork) -> Iterator[Finding]:
    """The date isn't surely before `than`, of the same record or entry or of the record `than_section`."""
    arguments = row.spec.arguments
    for content, field, value in row.values():
        other_content = (
            row.case.application.record(arguments["than_section"]) if "than_section" in arguments else content
        )
        mine, other = as_date(value), as_date(value_of(other_content, arguments["than"]))
        if mine and other and mine.last_day() < other.first_day():
            yield row.finding(content, field, value=shown(mine), expected=shown(other))


def not_later(row: RequirementAtWork) -> Iterator[Finding]:
    """The date isn't surely after the round's `date`."""
    limit = row.day("date")
    for content, field, value in row.values():
        mine = as_date(value)
        if mine and mine.first_day() > limit:
            yield row.finding(content, field, value=shown(mine), expected=shown(as_date(limit)))


def not_future(row: RequirementAtWork) -> Iterator[Finding]:
    """The date, or every date of the section when the row names no field, has come."""
    for content in row.contents():
        for field in row.case.fields(row.section, content):
            if field.type not in _DATES or row.spec.field not in ("", field.key):
                continue
            value = value_of(content, field.key)
            for day in as_range(value) if field.type is FieldType.RANGE else (as_date(value),):
                if day and day.first_day() > row.case.today:
                    yield row.finding(content, field, value=shown(day))


def clause_of_edition(row: RequirementAtWork) -> Iterator[Finding]:
    """The clause is one of those that this application may choose there (G18, G22)."""
    application = row.case.application
    offered = {clause.key for clause in offers.clauses_for(application, row.spec.section)}
    label = next((e.label for e in row.case.spec.editions if e.key == application.edition), Text(zh=""))
    for content, field, value in row.values():
        if value is not None and value not in offered:
            yield row.finding(content, field, expected=label)


def evidence_named(row: RequirementAtWork) -> Iterator[Finding]:
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
