"""What a round means for one person and one application: what is shown, asked, offered, and until when.

Everything is read from the round's data; nothing here names a field of the guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import Kind, RoundState
from models.form_spec import Condition, FieldSpec, SectionSpec, SlotSpec
from models.messages import M, PingshenError
from models.person import Person
from models.review_round import ReviewRound
from models.round_spec import ClauseSpec, CommitteeSpec, EditionSpec, LevelSpec, Option, RoundSpec
from models.sections import Entry, SectionRecord
from models.values import ref_id
from panel.domain.calendar import local_date
from panel.domain.fields import as_date
from panel.domain.round_files import import_round, load_file, shipped
from panel.domain.windows import Window, Windows

__all__ = [
    "NoEdition",
    "Window",
    "Windows",
    "applies",
    "applies_to_case",
    "clause",
    "clauses_for",
    "committees_for",
    "edition_for",
    "has_one_of",
    "import_round",
    "is_required",
    "is_slot_required",
    "kinds_for",
    "levels_for",
    "load_file",
    "open_rounds",
    "roster_value",
    "roster_values",
    "shipped",
    "specialities_for",
    "value_of",
    "visible_fields",
    "visible_sections",
    "visible_slots",
    "window",
]

Content = Entry | SectionRecord


class NoEdition(PingshenError):
    """No edition of the criteria applies; the message says whom to ask."""


@dataclass(frozen=True)
class Case:
    """What conditions look at: whose case it is, and what is applied for."""

    kind: str
    level: str
    exceptional: bool
    person: Person


def case_of(application: Application) -> Case:
    """The case that `application` is."""
    return Case(application.kind, application.level, bool(application.exceptional), application.person)


def value_of(content: Content, key: str) -> Any:
    """The value of `key`; None while what was typed there can't be read."""
    return None if key in content.unread else content.get(key)


def applies(condition: Condition, application: Application, entry: Content | None = None) -> bool:
    """Whether `condition` holds; `entry` is the entry or record whose values and kind it may ask for."""
    return _holds(condition, case_of(application), entry)


def applies_to_case(condition: Condition, application: Application) -> bool:
    """Whether `condition` holds for some content, leaving out what it asks of entries and values."""
    return _holds_for_case(condition, case_of(application))


def _holds(condition: Condition, case: Case, content: Content | None) -> bool:
    return _holds_for_case(condition, case) and _holds_for_content(condition, content)


def _holds_for_case(condition: Condition, case: Case) -> bool:
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


def visible_sections(application: Application) -> list[SectionSpec]:
    """The sections that this application has, in the round's order."""
    case = case_of(application)
    return [section for section in application.spec.sections if _holds(section.when, case, None)]


def visible_fields(
    application: Application, section: str | SectionSpec, entry: Content | None = None
) -> list[FieldSpec]:
    """The fields of `section` that are asked of this application, in the round's order.

    For a list, `entry` is the entry (or an unsaved one of the right kind); a record finds itself.
    """
    spec = application.spec.section(section) if isinstance(section, str) else section
    case = case_of(application)
    content = entry if entry is not None else application.record(spec.key)
    return [field for field in spec.fields if field.visible and _holds(field.when, case, content)]


def is_required(field: FieldSpec, application: Application, entry: Content | None = None) -> bool:
    """Whether the visible `field` must be filled in; `entry` is the entry or record it belongs to."""
    if field.required:
        return True
    return field.required_when is not None and applies(field.required_when, application, entry)


def visible_slots(application: Application) -> list[SlotSpec]:
    """The places for attachments that this application has (G25-G28)."""
    case = case_of(application)
    return [slot for slot in application.spec.slots if _holds(slot.when, case, None)]


def is_slot_required(slot: SlotSpec, application: Application) -> bool:
    """Whether the visible `slot` must hold a file."""
    if slot.required:
        return True
    return slot.required_when is not None and applies(slot.required_when, application)


def edition_for(spec: RoundSpec, kind: str, level: str, exceptional: bool, person: Person) -> EditionSpec:
    """The edition of the criteria by which such an application is judged (G22); raises NoEdition."""
    case = Case(str(kind), level, exceptional, person)
    fitting = [edition for edition in spec.editions if _holds(edition.when, case, None)]
    if not fitting:
        raise NoEdition(M("本批次没有适用于您的评审标准，请联系单位人事部门。"))
    return fitting[-1]


def clauses_for(application: Application, section: str) -> list[ClauseSpec]:
    """The clauses that an entry of `section` may be filed under (G18, G22)."""
    editions = [e for e in application.spec.editions if e.key == application.edition]
    return [
        row
        for edition in editions
        for row in edition.clauses
        if section in row.sections and (not row.levels or application.level in row.levels)
    ]


def clause(application: Application, key: str | None) -> ClauseSpec | None:
    """The clause stored as `key` in the application's edition, of whatever level; None if it has none."""
    for edition in application.spec.editions:
        if edition.key == application.edition:
            return next((row for row in edition.clauses if row.key == key), None)
    return None


def committees_for(spec: RoundSpec, person: Person) -> list[CommitteeSpec]:
    """The committees that fit the person's unit, department and series (G07)."""
    if person.series and person.series != spec.series:
        return []
    return [
        committee
        for committee in spec.committees
        if (not committee.units or person.unit.code in committee.units)
        and (not committee.departments or person.department in committee.departments)
    ]


def specialities_for(spec: RoundSpec, committee: str) -> list[Option]:
    """The specialities that `committee` judges, in the round's order; raises KeyError."""
    judged = spec.committee(committee).specialities
    return [option for option in spec.specialities if not judged or option.value in judged]


def kinds_for(spec: RoundSpec, person: Person) -> list[Kind]:
    """The kinds of application that fit the person's present title, none without a level to ask for.

    Nobody without a title is promoted; nobody with one applies for the first time (G07, G14).
    """
    if not person.title_level:
        fitting = {Kind.FIRST, Kind.RECOGNITION}
    elif not person.title_series:
        fitting = {Kind.PROMOTION, Kind.CHANGE}
    else:
        fitting = {Kind.PROMOTION} if person.title_series == spec.series else {Kind.CHANGE}
    return [
        kind
        for kind in spec.kinds
        if kind in fitting
        and (levels_for(spec, person, kind) or levels_for(spec, person, kind, exceptional=True))
    ]


def levels_for(
    spec: RoundSpec, person: Person, kind: Kind | str | None = None, exceptional: bool = False
) -> list[LevelSpec]:
    """The levels that the person may apply for, highest first (R06).

    A first application: the round's first levels; promotion: one above the present one; change of
    series: the present one. With `exceptional`, any level above. Without `kind`: all that some kind allows.
    """
    if kind is None:
        kinds = kinds_for(spec, person)
        allowed = {row.key for k in kinds for row in levels_for(spec, person, k, exceptional)}
    else:
        present = next((row.rank for row in spec.levels if row.key == person.title_level), 0)
        allowed = {row.key for row in spec.levels if _level_fits(spec, row, Kind(kind), present, exceptional)}
    return sorted((row for row in spec.levels if row.key in allowed), key=lambda row: -row.rank)


def _level_fits(spec: RoundSpec, level: LevelSpec, kind: Kind, present: int, exceptional: bool) -> bool:
    if kind is Kind.CHANGE:
        return level.rank == present
    if kind is Kind.PROMOTION:
        return present > 0 and (level.rank > present if exceptional else level.rank == present + 1)
    return exceptional or not spec.first_levels or level.key in spec.first_levels


def roster_value(source: str, person: Person) -> Any:
    """What the roster says for `source` (a member of ROSTER_SOURCES), as a field's value; None if nothing."""
    value = getattr(person, source)
    if source == "unit":
        return value.name if value is not None else None
    day = None if isinstance(value, str) else as_date(value)
    return day or value or None


def roster_values(section: SectionSpec, person: Person) -> dict[str, Any]:
    """What the roster fills in of `section`: field key to value, for every field with a source."""
    found = {field.key: roster_value(field.source, person) for field in section.fields if field.source}
    return {key: value for key, value in found.items() if value is not None}


def window(round: ReviewRound, person: Person, now: datetime) -> Window:
    """The round's window for `person`; for many people ask `Windows`."""
    return Windows(round).of(ref_id(person, "unit"), person.department, person.id, now)


def open_rounds(person: Person, now: datetime) -> list[ReviewRound]:
    """The rounds in which `person` can apply for something at `now`, the newest year first (G03)."""
    candidates: Iterable[ReviewRound] = ReviewRound.objects(
        state__in=[RoundState.OPEN.value, RoundState.CLOSED.value], year__gte=local_date(now).year - 1
    ).order_by("-year", "code")
    return [
        round
        for round in candidates
        if committees_for(round.spec, person)
        and kinds_for(round.spec, person)
        and window(round, person, now).is_open
    ]
