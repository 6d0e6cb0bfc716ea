"""What a round offers to a person: committees, kinds, levels, clauses and editions, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from models.application import Application
from models.choices import Kind, RoundState
from models.field_spec import Option
from models.messages import M, PingshenError
from models.person import Person
from models.review_round import ReviewRound
from models.round_spec import ClauseSpec, CommitteeSpec, EditionSpec, LevelSpec, RoundSpec
from models.values import ref_id
from panel.domain.calendar import local_date
from panel.domain.rounds.conditions import Circumstances, holds
from panel.domain.rounds.windows import Window, Windows


class NoEdition(PingshenError):
    """No edition of the criteria applies; the message says whom to ask."""


def edition_for(spec: RoundSpec, kind: str, level: str, exceptional: bool, person: Person) -> EditionSpec:
    """The edition of the criteria by which such an application is judged (G22); raises NoEdition."""
    case = Circumstances(str(kind), level, exceptional, person)
    fitting = [edition for edition in spec.editions if holds(edition.when, case, None)]
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
