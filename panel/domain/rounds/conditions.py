"""When something of a round applies to a case: kind, level, exception, roster, and what was answered.

Everything is read from the round's data; nothing here names a field of the guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.application import Application
from models.field_spec import Condition
from models.person import Person
from models.sections import Entry, SectionRecord
from panel.domain.rounds.fields import as_date
from panel.domain.rounds.roster_values import roster_value

Content = Entry | SectionRecord


@dataclass(frozen=True)
class Circumstances:
    """What conditions look at: whose case it is, and what is applied for."""

    kind: str
    level: str
    exceptional: bool
    person: Person


def case_of(application: Application) -> Circumstances:
    """The case that `application` is."""
    return Circumstances(
        application.kind, application.level, bool(application.exceptional), application.person
    )


def value_of(content: Content, key: str) -> Any:
    """The value of `key`; None while what was typed there can't be read."""
    return None if key in content.unread else content.get(key)


def applies(condition: Condition, application: Application, entry: Content | None = None) -> bool:
    """Whether `condition` holds; `entry` is the entry or record whose values and kind it may ask for."""
    return holds(condition, case_of(application), entry)


def applies_to_case(condition: Condition, application: Application) -> bool:
    """Whether `condition` holds for some content, leaving out what it asks of entries and values."""
    return _holds_for_case(condition, case_of(application))


def holds(condition: Condition, case: Circumstances, content: Content | None) -> bool:
    """Whether `condition` holds for `case`, and for `content` where it asks for entries or values."""
    return _holds_for_case(condition, case) and _holds_for_content(condition, content)


def _holds_for_case(condition: Condition, case: Circumstances) -> bool:
    if condition.kinds and case.kind not in {kind.value for kind in condition.kinds}:
        return False
    if condition.levels and case.level not in condition.levels:
        return False
    if condition.exceptional is not None and condition.exceptional != case.exceptional:
        return False
    return all(_is_before(case.person, key, day) for key, day in condition.roster_before.items())


def _holds_for_content(condition: Condition, content: Content | None) -> bool:
    if condition.entry_kinds and getattr(content, "kind", None) not in condition.entry_kinds:
        return False
    return all(_has_one_of(content, key, values) for key, values in condition.values.items())


def _has_one_of(content: Content | None, key: str, values: list[Any]) -> bool:
    """A list of choices has a value when one of them is it; an unanswered yes/no counts as no."""
    held = value_of(content, key) if content is not None else None
    return has_one_of(held, values) or (held is None and False in values)


def has_one_of(held: Any, values: list[Any]) -> bool:
    """Whether `held` is one of `values`; of several choices, one of them is enough."""
    return any(item in values for item in held) if isinstance(held, list) else held in values


def _is_before(person: Person, source: str, day: Any) -> bool:
    known = as_date(roster_value(source, person))
    return known is not None and known.first_day() < day
