"""Words of the panel's lists that come from rounds and units, not from code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, get_template_attribute

from models.choices import Role, RoundState
from models.field_spec import Text
from models.person import Person
from models.review_round import Extension, ReviewRound
from models.round_spec import RoundSpec
from models.saved_view import SavedView
from models.together import Question, ask, number
from models.unit import Unit
from models.values import put, put_known, ref_id
from panel import clock
from panel.domain.access import policy
from panel.domain.access.who_may import STAFF
from panel.domain.actors import Actor
from views.kit.access import current_actor
from views.kit.columns import Cell
from views.kit.i18n import tr
from views.kit.layout import unread_part


def cell(name: str, *values: Any) -> Any:
    """The cell that macro `name` of admin/kit/_cells.html makes of `values`."""
    return get_template_attribute("admin/kit/_cells.html", name)(*values)


def when(key: str) -> Cell:
    """The cell with the time stored at `key`."""
    return lambda view, context, row: cell("when", getattr(row, key))


def rounds() -> dict[str, ReviewRound]:
    """The rounds that the person sees, newest first, by id; asked once per page, without their data."""
    return _known().rounds


#: Instead of a round's id: all that run.
RUNNING = "running"


def running_rounds() -> list[ReviewRound]:
    """All rounds that are open, else those of the newest year."""
    known = rounds().values()
    opened = [round for round in known if round.state == RoundState.OPEN]
    newest = max((round.year for round in known), default=0)
    return opened or [round for round in known if round.year == newest]


def own_units() -> list[Unit]:
    """The units whose staff the person looks after, by the order of their code; all for office and admin."""
    return _known().units


def case_roles(actor: Actor) -> tuple[Role, ...]:
    """The roles whose view of applications shows `actor` all that they see: fewer make a simpler query.

    HR of every unit there is sees all; HR of a unit sees what its endorsers and supervisors see.
    """
    own = {grant.unit_id for grant in actor.as_(Role.UNIT_HR)}
    if own and all(unit.id in own for unit in own_units()):
        return (Role.UNIT_HR,)
    covered = {
        role
        for role in (Role.ENDORSER, Role.SUPERVISOR)
        if own.issuperset(grant.unit_id for grant in actor.as_(role))
    }
    return tuple(role for role in STAFF if role not in covered)


def saved_views() -> list[SavedView]:
    """The person's saved views of all lists, by name."""
    return _known().views


def extensions() -> list[Extension]:
    """The extensions of any unit that run today: they decide which drafts are late."""
    return _known().extensions


@dataclass(frozen=True)
class _Known:
    """What the words of a page come from."""

    rounds: dict[str, ReviewRound]
    units: list[Unit]
    extensions: list[Extension]
    views: list[SavedView]


def _known() -> _Known:
    """Rounds, units and running extensions, by one command per page; the frame's bell comes along."""
    if "hr_known" not in g:
        actor = current_actor()
        seen = policy.visible(actor, ReviewRound, *STAFF, Role.ADMIN).order_by("-year", "code")
        running = Extension.objects(until__gte=clock.today())
        views = policy.visible(actor, SavedView).order_by("name")
        found, units, extended, views, unread = ask(
            Question(seen.exclude("data")),
            Question(_units(actor)),
            Question(running),
            Question(views),
            unread_part(),
        )
        g.hr_known = _Known({str(round.id): round for round in found}, units, extended, views)
        g.unread = number(unread)
    known: _Known = g.hr_known
    return known


def _units(actor: Actor) -> Any:
    found = policy.visible(actor, Unit).order_by("code")
    if actor.holds(Role.OFFICE, Role.ADMIN):
        return found
    scoped = (Role.UNIT_HR, Role.SUPERVISOR, Role.ENDORSER)
    return found.filter(
        id__in=[grant.unit_id for role in scoped for grant in actor.as_(role) if grant.unit_id]
    )


def take_known(application: Any) -> Any:
    """`application` with the round and the units that the page knows already, which aren't fetched again."""
    round = rounds().get(str(ref_id(application, "round")))
    if round is not None:
        put(application, "round", round)
    units = {unit.id: unit for unit in own_units()}
    for name in ("unit", "recommending_unit"):
        put_known(application, name, units)
    put_known(application.person, "unit", units)
    return application


def take_known_of_all(applications: list[Any]) -> list[Any]:
    """`applications` with rounds, units and people, by one command instead of three for each."""
    people = {p.id: p for p in Person.objects(id__in=[ref_id(row, "person") for row in applications])}
    for row in applications:
        put_known(row, "person", people)
        take_known(row)
    return applications


def _collected(pick: Callable[[RoundSpec], list[tuple[str, Text]]]) -> list[tuple[str, Any]]:
    """Each key once, with the label of the newest round that has it."""
    found: dict[str, Any] = {}
    for round in rounds().values():
        for key, label in pick(round.spec):
            found.setdefault(key, label)
    return list(found.items())


def round_options() -> list[tuple[str, Any]]:
    """Rounds as (id, title)."""
    return [(key, tr(round.spec.title)) for key, round in rounds().items()]


def level_options() -> list[tuple[str, Any]]:
    """Levels of all rounds, highest first."""
    return _collected(lambda spec: [(r.key, r.label) for r in sorted(spec.levels, key=lambda r: -r.rank)])


def series_options() -> list[tuple[str, Any]]:
    """Series of all rounds."""
    return _collected(lambda spec: [(spec.series, spec.series_label)])


def committee_options() -> list[tuple[str, Any]]:
    """Committees of all rounds."""
    return _collected(lambda spec: [(row.key, row.name) for row in spec.committees])


def speciality_options() -> list[tuple[str, Any]]:
    """Specialities of all rounds."""
    return _collected(lambda spec: [(row.value, row.label) for row in spec.specialities])


def department_options() -> list[tuple[str, Any]]:
    """Departments of the person's units."""
    return [(d.code, d.name) for unit in own_units() for d in unit.departments]


def employing_departments() -> list[tuple[str, Any]]:
    """Departments that employ applicants: not the offices that only give endorsements."""
    return [(d.code, d.name) for unit in own_units() for d in unit.departments if not d.is_office]


def spec_of(row: Any) -> RoundSpec | None:
    """The rules of a list row's round, without fetching anything more."""
    round = rounds().get(str(ref_id(row, "round")))
    return round.spec if round else None


def unit_name(row: Any) -> str:
    """The name of a list row's unit, without fetching anything more; "" for a unit out of sight."""
    unit = ref_id(row, "unit")
    return next((known.name for known in own_units() if known.id == unit), "")


def round_title(row: Any) -> Any:
    """The title of a list row's round; "" for one out of sight."""
    spec = spec_of(row)
    return spec.title if spec else ""


def level_title(row: Any) -> Any:
    """副教授, or the level's key when the round is gone."""
    spec = spec_of(row)
    try:
        return spec.level(row.level).title if spec else row.level
    except KeyError:
        return row.level


def speciality_label(row: Any) -> Any:
    """The speciality's name, or its key when the round doesn't know it."""
    spec = spec_of(row)
    try:
        return spec.speciality(row.speciality).label if spec else row.speciality
    except KeyError:
        return row.speciality or ""


def committee_name(row: Any) -> Any:
    """The committee's name, or its key when the round doesn't know it."""
    spec = spec_of(row)
    try:
        return spec.committee(row.committee).name if spec else row.committee
    except KeyError:
        return row.committee
