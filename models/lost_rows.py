"""Refuses requirement rows that point at nothing: they would never report anything."""

from __future__ import annotations

from collections.abc import Iterable

from models.checks import ABOUT_BOTH, ABOUT_CHOICE, TAKES, Check
from models.form_spec import (
    CHOICE_FIELDS,
    CHOICE_SECTION,
    PHOTO_FIELD,
    ROSTER_SOURCES,
    RequirementSpec,
    SectionShape,
    SectionSpec,
)


def refuse_lost_row(
    row: RequirementSpec, sections: Iterable[SectionSpec], slots: set[str], dates: set[str]
) -> None:
    """Raise ValueError when `row` names a section, field, slot, date or fact that isn't there."""
    known = {section.key: {field.key for field in section.fields} for section in sections}
    lists = {section.key for section in sections if section.shape is SectionShape.LIST}
    known[CHOICE_SECTION] = set(CHOICE_FIELDS)
    _one_of(row, "section", {row.section}, set(known))
    if (row.section == CHOICE_SECTION) != (row.check in ABOUT_CHOICE) and row.check not in ABOUT_BOTH:
        raise ValueError(f"requirement {row.id}: {row.check.value} doesn't look at {row.section}")
    if TAKES[row.check].needs_list and row.section not in lists:
        raise ValueError(f"requirement {row.id}: {row.check.value} needs a list, not {row.section}")
    if row.check is Check.PHOTO:
        known[row.section] = known[row.section] | {PHOTO_FIELD}
    _one_of(row, "field", {row.field} - {""}, known[row.section])
    _refuse_lost_arguments(row, known, lists)
    _one_of(row, "slot", _named(row, "slot"), slots)
    _one_of(row, "date", _named(row, "date", "until"), dates)
    _one_of(row, "fact", _named(row, "fact"), set(ROSTER_SOURCES))
    by_level = row.check is Check.YEARS_SINCE
    if "minimum" in row.arguments and isinstance(row.arguments["minimum"], dict) != by_level:
        raise ValueError(f"requirement {row.id}: the argument minimum is of the wrong type")


def _refuse_lost_arguments(row: RequirementSpec, known: dict[str, set[str]], lists: set[str]) -> None:
    """Refuse arguments that name sections or fields that aren't there."""
    arguments = row.arguments
    _one_of(row, "section", _named(row, "than_section"), set(known) - lists)
    _one_of(row, "list", _named(row, "list"), lists)
    _one_of(row, "field", _named(row, "other"), known[row.section])
    _one_of(row, "field", _named(row, "than"), known[arguments.get("than_section", row.section)])
    counted = known[arguments.get("list", row.section)]
    _one_of(row, "field", set(arguments.get("where", {})), counted)
    _one_of(row, "field", set(row.when.values), known[row.section])


def _named(row: RequirementSpec, *arguments: str) -> set[str]:
    return {row.arguments[name] for name in arguments if name in row.arguments}


def _one_of(row: RequirementSpec, what: str, given: set[str], known: set[str]) -> None:
    if unknown := given - known:
        raise ValueError(f"requirement {row.id}: no {what} {', '.join(sorted(unknown))}")
