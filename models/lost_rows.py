"""Refuses requirement rows that point at nothing, or at what their check can't read.

The first would never report anything, the second would be wrong or stop a page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from models.checks import (
    ABOUT_BOTH,
    ABOUT_CHOICE,
    BY_LEVEL,
    DATE_ARGUMENTS,
    FIELD_ARGUMENTS,
    IN_GROUP,
    LIST_ARGUMENTS,
    RECORD_ARGUMENTS,
    SECTION_ARGUMENTS,
    TAKES,
    TOGETHER,
    Check,
)
from models.field_spec import ROSTER_SOURCES, FieldSpec, FieldType
from models.form_spec import (
    CHOICE_FIELDS,
    CHOICE_SECTION,
    KIND_FIELD,
    PHOTO_FIELD,
    RequirementSpec,
    SectionShape,
    SectionSpec,
)


@dataclass(frozen=True)
class Known:
    """What a round has, for rows to point at."""

    sections: dict[str, SectionSpec]
    slots: set[str]
    dates: set[str]
    levels: set[str] | None = None  # None = not looked at
    groups: set[str] | None = None

    def of_shape(self, *shapes: SectionShape) -> set[str]:
        """The keys of the sections of some shape."""
        return {key for key, section in self.sections.items() if section.shape in shapes}

    def fields(self, section: str) -> dict[str, list[FieldSpec]]:
        """The fields of `section` by key; a key may stand for several."""
        found: dict[str, list[FieldSpec]] = {}
        if section in self.sections:
            for field in self.sections[section].fields:
                found.setdefault(field.key, []).append(field)
        return found

    def keys(self, section: str) -> set[str]:
        """What a row may name in `section`."""
        return set(CHOICE_FIELDS) if section == CHOICE_SECTION else set(self.fields(section))


def refuse_lost_row(
    row: RequirementSpec,
    sections: Iterable[SectionSpec],
    slots: set[str],
    dates: set[str],
    levels: set[str] | None = None,
    groups: set[str] | None = None,
) -> None:
    """Raise ValueError, saying why, when `row` names what isn't there or what its check can't read."""
    known = Known({section.key: section for section in sections}, slots, dates, levels, groups)
    for problem in problems_of(row, known):
        raise ValueError(f"requirement {row.id}: {problem}")


def problems_of(row: RequirementSpec, known: Known) -> Iterator[str]:
    """Everything that is wrong with where `row` points; the first reasons are the gravest."""
    places = {*known.sections, CHOICE_SECTION}
    if row.section not in places:
        yield f"no section {row.section}"
        return
    if (row.section == CHOICE_SECTION) != (row.check in ABOUT_CHOICE) and row.check not in ABOUT_BOTH:
        yield f"{row.check.value} doesn't look at {row.section}"
        return
    if TAKES[row.check].needs_list and row.section not in known.of_shape(SectionShape.LIST):
        yield f"{row.check.value} needs a list, not {row.section}"
        return
    own = known.keys(row.section) | ({PHOTO_FIELD} if row.check is Check.PHOTO else set())
    yield from _missing("field", {row.field} - {""}, own)
    yield from _missing("field", set(row.when.values), own)
    yield from _lost_places(row, known)
    yield from _lost_fields(row, known)
    yield from _wrong_values(row, known)
    if row.group:
        yield from _missing("group", {row.group}, known.groups if known.groups is not None else {row.group})
        if row.check not in IN_GROUP:
            yield f"{row.check.value} can't be one of a group"


def _lost_places(row: RequirementSpec, known: Known) -> Iterator[str]:
    lists, records = known.of_shape(SectionShape.LIST), known.of_shape(SectionShape.RECORD)
    yield from _missing("section", _named(row, *RECORD_ARGUMENTS), records)
    yield from _missing("list", _named(row, *LIST_ARGUMENTS), lists)
    yield from _missing("section", _named(row, *SECTION_ARGUMENTS), lists | records)
    yield from _missing("slot", _named(row, "slot"), known.slots)
    yield from _missing("date", _named(row, *DATE_ARGUMENTS), known.dates)
    yield from _missing("fact", _named(row, "fact"), set(ROSTER_SOURCES))
    for argument, others in TOGETHER.items():
        if argument in row.arguments and (lost := set(others) - set(row.arguments)):
            yield f"{argument} needs {', '.join(sorted(lost))}"
    if "dated" in TAKES[row.check].optional and "after" in row.arguments and "dated" not in row.arguments:
        yield "after needs dated"


def _lost_fields(row: RequirementSpec, known: Known) -> Iterator[str]:
    """Fields that aren't there, or of a type that the check can't read."""
    for argument, (place, types) in FIELD_ARGUMENTS.items():
        if argument not in row.arguments:
            continue
        section = row.arguments.get(place, row.section) if place else row.section
        yield from _missing("field", _named(row, argument), known.keys(section))
        yield from _of_types(row.arguments[argument], known.fields(section), types)
    section = row.arguments.get("list", row.section)
    fields = known.fields(section)
    kinds = {KIND_FIELD} if section in known.sections and known.sections[section].kinds else set()
    yield from _missing("field", set(row.arguments.get("where", {})), set(fields) | kinds)
    for key in row.arguments.get("between", {}):
        yield from _missing("field", {key}, set(fields))
        yield from _of_types(key, fields, frozenset({"number"}))
    yield from _of_types(row.field, known.fields(row.section), TAKES[row.check].types)


def _of_types(key: str, fields: dict[str, list[FieldSpec]], types: Collection[str]) -> Iterator[str]:
    wrong = sorted({field.type.value for field in fields.get(key, []) if types and field.type not in types})
    if wrong:
        yield f"the field {key} is of the wrong type {', '.join(wrong)}"


def _wrong_values(row: RequirementSpec, known: Known) -> Iterator[str]:
    """Values of arguments that a check can't work with."""
    arguments = row.arguments
    if not all(isinstance(values, list) for values in arguments.get("where", {}).values()):
        yield "the argument where is of the wrong type"
    if not all(_is_span(span) for span in arguments.get("between", {}).values()):
        yield "the argument between is of the wrong type"
    minimum = arguments.get("minimum")
    if isinstance(minimum, dict):
        if row.check not in BY_LEVEL or not all(_is_number(value) for value in minimum.values()):
            yield "the argument minimum is of the wrong type"
        yield from _missing("level", set(minimum), known.levels if known.levels is not None else set(minimum))
    for name in ("last_months", "last_years", "months"):
        if name in arguments and not 0 < arguments[name] <= 1200:
            yield f"the argument {name} is out of range"
    if "years_asked" in arguments:
        yield from _unanswered_degrees(row, known)


def _unanswered_degrees(row: RequirementSpec, known: Known) -> Iterator[str]:
    """A degree without its years would let its holder pass or fail by chance."""
    years = row.arguments["years_asked"]
    if not all(_is_number(value) for value in years.values()):
        yield "the argument years is of the wrong type"
    for field in known.fields(row.arguments["degree_section"]).get(row.arguments["degree_field"], []):
        if field.type is FieldType.CHOICE:
            for option in field.options:
                if option.value not in years:
                    yield f"no years for {option.value}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_span(span: Any) -> bool:
    return isinstance(span, list) and len(span) == 2 and all(x is None or _is_number(x) for x in span)


def _named(row: RequirementSpec, *arguments: str) -> set[str]:
    return {row.arguments[name] for name in arguments if name in row.arguments}


def _missing(what: str, given: set[str], known: Collection[str]) -> Iterator[str]:
    if unknown := given - set(known):
        yield f"no {what} {', '.join(sorted(unknown))}"
