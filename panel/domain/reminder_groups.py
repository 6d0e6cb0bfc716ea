"""Whom a reminder is for: people who haven't started, drafts, returns that wait (G30)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import ObjectId

from models import Application, Person, ReviewRound, Unit
from models.choices import Role, State
from models.database import get_database
from models.messages import M, Message
from models.reminder import ReminderGroup
from models.review_round import Extension
from models.values import ref_id
from panel.domain import policy, requirements, rounds
from panel.domain.calendar import local_date
from panel.domain.policy import Actor

#: The states that each group of applications is in.
STATES = {ReminderGroup.DRAFT: (State.DRAFT,), ReminderGroup.RETURNED: (State.RETURNED, State.CORRECTION)}
_PERSON = (
    "staff_number",
    "name",
    "department",
    "unit",
    "series",
    "title_level",
    "title_series",
    "email",
    "in_service",
    "retired",
)
_CASE = ("person", "name", "staff_number", "department", "unit", "state", "deadline", "round", "year")


@dataclass(frozen=True)
class Recipient:
    """Somebody to be reminded: of which application, until when."""

    person: ObjectId
    unit: ObjectId
    name: str
    staff_number: str
    department: str
    has_address: bool
    deadline: datetime
    application: ObjectId | None = None

    @property
    def link(self) -> str:
        """Where the person goes on."""
        return f"/my/application/{self.application}/" if self.application else "/my/"


@dataclass
class Found:
    """Those to be reminded, and those chosen who aren't, each with the reason."""

    recipients: list[Recipient] = field(default_factory=list)
    left_out: list[tuple[str, Message]] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    """What HR chose: a group of a round, of one department or all, or single people or applications."""

    group: ReminderGroup
    round: ReviewRound
    department: str = ""
    ids: Sequence[str] | None = None  # people for NOT_STARTED, else applications; None: all of the group


def find(choice: Choice, actor: Actor, now: datetime) -> Found:
    """Whom `choice` means among the people of the actor's units, by department and staff number."""
    if choice.group is ReminderGroup.NOT_STARTED:
        found = _not_started(choice, actor, now)
    else:
        found = _of_applications(choice, actor, now)
    found.recipients.sort(key=lambda one: (one.department, one.staff_number))
    return found


def count(group: ReminderGroup, round: ReviewRound, actor: Actor, now: datetime) -> int:
    """How many people a group has now."""
    return len(find(Choice(group, round), actor, now).recipients)


# --- people without an application -----------------------------------------------------------------


def _not_started(choice: Choice, actor: Actor, now: datetime) -> Found:
    people = policy.visible(actor, Person, Role.UNIT_HR)
    if choice.ids is not None:
        chosen = policy.get_many(actor, Person, choice.ids, Role.UNIT_HR)
        people = people.filter(id__in=[person.id for person in chosen])
    else:
        people = people.filter(in_service=True, retired__ne=True, series__in=[choice.round.series, "", None])
    if choice.department:
        people = people.filter(department=choice.department)
    listed = list(people.only(*_PERSON).no_dereference())
    _fill_units(listed)
    applied = _with_application([person.id for person in listed], choice.round.year)
    extensions = rounds.extensions_of(choice.round)
    entitled = _Entitlement(choice.round, extensions, now)
    found = Found()
    for person in listed:
        refusal = M("今年已有申报") if person.id in applied else entitled.refusal(person)
        if refusal is None:
            closes = rounds.window_among(choice.round, person, now, extensions).closes
            found.recipients.append(_of_person(person, closes))
        elif choice.ids is not None:
            found.left_out.append((person.name, refusal))
    return found


def _fill_units(people: Iterable[Person]) -> None:
    """Give all people their unit by one query: asking each for it would be one query each."""
    units = {unit.id: unit for unit in Unit.objects(id__in={ref_id(person, "unit") for person in people})}
    for person in people:
        person._data["unit"] = units[ref_id(person, "unit")]


def _with_application(people: list[ObjectId], year: int) -> set[ObjectId]:
    rows = get_database().applications.find(
        {"person": {"$in": people}, "year": year, "is_live": True}, {"person": 1, "_id": 0}
    )
    return {row["person"] for row in rows}


class _Entitlement:
    """Whether somebody could apply in a round now; what the round offers is worked out once per kind."""

    def __init__(self, round: ReviewRound, extensions: list[Extension], now: datetime) -> None:
        self._round, self._extensions, self._now = round, extensions, now
        self._fits: dict[tuple[Any, ...], bool] = {}

    def refusal(self, person: Person) -> Message | None:
        """Why the person can't apply in the round now, or None."""
        if not person.in_service or person.retired:
            return M("不在职")
        if not self._has_offer(person):
            return M("这个批次没有适合本人的申报")
        if not rounds.window_among(self._round, person, self._now, self._extensions).is_open:
            return M("现在不在申报时间内")
        return None

    def _has_offer(self, person: Person) -> bool:
        unit = ref_id(person, "unit")
        key = (unit, person.department, person.series, person.title_level, person.title_series)
        if key not in self._fits:
            spec = self._round.spec
            self._fits[key] = bool(rounds.committees_for(spec, person) and rounds.kinds_for(spec, person))
        return self._fits[key]


def _of_person(person: Person, closes: datetime) -> Recipient:
    return Recipient(
        person.id,
        ref_id(person, "unit"),
        person.name,
        person.staff_number,
        person.department,
        bool(person.email),
        closes,
    )


# --- applications in the applicant's hands ----------------------------------------------------------


def _of_applications(choice: Choice, actor: Actor, now: datetime) -> Found:
    cases = policy.visible(actor, Application, Role.UNIT_HR).filter(round=choice.round.id)
    if choice.ids is not None:
        chosen = policy.get_many(actor, Application, choice.ids, Role.UNIT_HR)
        cases = policy.visible(actor, Application, Role.UNIT_HR).filter(id__in=[row.id for row in chosen])
    else:
        cases = cases.filter(state__in=[state.value for state in STATES[choice.group]])
    if choice.department:
        cases = cases.filter(department=choice.department)
    listed = list(cases.only(*_CASE).no_dereference())
    people = {p.id: p for p in _people_of(listed)}
    extensions = rounds.extensions_of(choice.round)
    found = Found()
    for case in listed:
        person = people.get(ref_id(case, "person"))
        refusal = _not_in_hand(case, choice)
        if person is None or refusal:
            found.left_out.append((case.name, refusal or M("人员名册中没有此人")))
            continue
        closes = case.deadline or rounds.window_among(choice.round, person, now, extensions).closes
        found.recipients.append(
            Recipient(
                person.id,
                ref_id(case, "unit"),
                case.name,
                case.staff_number,
                case.department,
                bool(person.email),
                closes,
                case.id,
            )
        )
    return found


def _people_of(cases: list[Application]) -> list[Person]:
    ids = {ref_id(case, "person") for case in cases}
    people = list(Person.objects(id__in=ids).only("name", "email", "department", "unit").no_dereference())
    _fill_units(people)
    return people


def _not_in_hand(case: Application, choice: Choice) -> Message | None:
    if ref_id(case, "round") != choice.round.id:
        return M("不属于这个批次，请分批次提醒")
    if case.state not in {state.value for state in STATES[choice.group]}:
        return M("现在是“%(state)s”，不需要这样提醒", state=State(case.state).label)
    return None


def missing(recipients: Iterable[Recipient], now: datetime) -> dict[ObjectId, int]:
    """How many things still stand in the way of submitting, by application."""
    ids = [one.application for one in recipients if one.application]
    return {
        case.id: len(requirements.blocking(requirements.unmet(case, now)))
        for case in Application.objects(id__in=ids)
    }


def days_left(recipient: Recipient, now: datetime) -> int:
    """Whole days until the deadline; 0 on the last day, negative after it."""
    return (local_date(recipient.deadline) - local_date(now)).days
