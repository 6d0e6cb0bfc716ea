"""Whom a reminder is for: people who haven't started, drafts, returns that wait (G30)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from bson import ObjectId

from models.application import Application
from models.choices import Role, State
from models.database import get_database
from models.messages import M, Message
from models.person import Person
from models.reminder import ReminderGroup
from models.review_round import ReviewRound
from models.states import REOPENED, stored_states
from models.unit import Unit
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.checks import requirements
from panel.domain.rounds import offers
from panel.domain.rounds.windows import Windows

#: The states that each group of applications is in.
STATES = {ReminderGroup.DRAFT: (State.DRAFT,), ReminderGroup.RETURNED: REOPENED}
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
#: What decides on what a person may apply for, beside the unit.
_DECIDES = ("department", "series", "title_level", "title_series")
_CASE = ("person", "name", "staff_number", "department", "unit", "state", "deadline", "round", "year")

#: A document as stored.
StoredDocument: TypeAlias = dict[str, Any]


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
class Recipients:
    """Those to be reminded, and those chosen who aren't, each with the reason."""

    recipients: list[Recipient] = field(default_factory=list)
    left_out: list[tuple[str, Message]] = field(default_factory=list)


@dataclass(frozen=True)
class Addressees:
    """What HR chose: a group of a round, of one department or all, or single people or applications."""

    group: ReminderGroup
    round: ReviewRound
    department: str = ""
    ids: Sequence[str] | None = None  # people for NOT_STARTED, else applications; None: all of the group


def find(choice: Addressees, actor: Actor, now: datetime) -> Recipients:
    """Whom `choice` means among the people of the actor's units, by department and staff number."""
    if choice.group is ReminderGroup.NOT_STARTED:
        found = _not_started(choice, actor, now)
    else:
        found = _of_applications(choice, actor, now)
    found.recipients.sort(key=lambda one: (one.department, one.staff_number))
    return found


def count(group: ReminderGroup, round: ReviewRound, actor: Actor, now: datetime) -> int:
    """How many people a group has now."""
    return len(find(Addressees(group, round), actor, now).recipients)


# --- people without an application -----------------------------------------------------------------


def _not_started(choice: Addressees, actor: Actor, now: datetime) -> Recipients:
    """Raw rows, since a roster has tens of thousands: whole documents would take a minute."""
    people = policy.visible(actor, Person, Role.UNIT_HR)
    if choice.ids is not None:
        chosen = policy.get_many(actor, Person, choice.ids, Role.UNIT_HR)
        people = people.filter(id__in=[person.id for person in chosen])
    else:
        people = people.filter(in_service=True, retired__ne=True, series__in=[choice.round.series, "", None])
    if choice.department:
        people = people.filter(department=choice.department)
    rows = list(people.only(*_PERSON).as_pymongo())
    applied = _with_application(rows, choice)
    entitled, windows = _Entitlement(choice.round, rows), Windows(choice.round)
    found = Recipients()
    for row in rows:
        window = windows.of(row["unit"], row["department"], row["_id"], now)
        refusal = M("今年已有申报") if row["_id"] in applied else entitled.refusal(row)
        if refusal is None and not window.is_open:
            refusal = M("现在不在申报时间内")
        if refusal is None:
            found.recipients.append(_of_person(row, window.closes))
        elif choice.ids is not None:
            found.left_out.append((row["name"], refusal))
    return found


def _with_application(people: list[StoredDocument], choice: Addressees) -> set[ObjectId]:
    """Who has a live application this year; a group's are read by their unit, not by thousands of ids."""
    which: dict[str, Any] = {"unit": {"$in": list({row["unit"] for row in people})}}
    if choice.ids is not None:
        which = {"person": {"$in": [row["_id"] for row in people]}}
    wanted = {**which, "year": choice.round.year, "is_live": True}
    rows = get_database().applications.find(wanted, {"person": 1, "_id": 0})
    return {row["person"] for row in rows}


class _Entitlement:
    """Whether somebody could apply in a round; what it offers is worked out once for all who are alike."""

    def __init__(self, round: ReviewRound, people: list[StoredDocument]) -> None:
        self._spec = round.spec
        self._units = {unit.id: unit for unit in Unit.objects(id__in={row["unit"] for row in people})}
        self._fits: dict[tuple[Any, ...], bool] = {}

    def refusal(self, row: StoredDocument) -> Message | None:
        """Why the person can't apply in the round, or None."""
        if not row.get("in_service", True) or row.get("retired"):
            return M("不在职")
        key = tuple(row.get(name) for name in ("unit", *_DECIDES))
        if key not in self._fits:
            alike = Person(unit=self._units[row["unit"]], **{name: row.get(name) for name in _DECIDES})
            self._fits[key] = bool(
                offers.committees_for(self._spec, alike) and offers.kinds_for(self._spec, alike)
            )
        return None if self._fits[key] else M("这个批次没有适合本人的申报")


def _of_person(row: StoredDocument, closes: datetime) -> Recipient:
    return Recipient(
        row["_id"],
        row["unit"],
        row["name"],
        row["staff_number"],
        row["department"],
        bool(row.get("email")),
        closes,
    )


# --- applications in the applicant's hands ----------------------------------------------------------


def _of_applications(choice: Addressees, actor: Actor, now: datetime) -> Recipients:
    cases = policy.visible(actor, Application, Role.UNIT_HR).filter(round=choice.round.id)
    if choice.ids is not None:
        chosen = policy.get_many(actor, Application, choice.ids, Role.UNIT_HR)
        cases = policy.visible(actor, Application, Role.UNIT_HR).filter(id__in=[row.id for row in chosen])
    else:
        cases = cases.filter(state__in=stored_states(STATES[choice.group]))
    if choice.department:
        cases = cases.filter(department=choice.department)
    rows = list(cases.only(*_CASE).as_pymongo())
    with_address = _with_address([row["person"] for row in rows])
    windows = Windows(choice.round)
    found = Recipients()
    for row in rows:
        if refusal := _not_in_hand(row, choice):
            found.left_out.append((row["name"], refusal))
            continue
        window = windows.of(row["unit"], row["department"], row["person"], now)
        found.recipients.append(
            Recipient(
                row["person"],
                row["unit"],
                row["name"],
                row["staff_number"],
                row["department"],
                row["person"] in with_address,
                row.get("deadline") or window.closes,
                row["_id"],
            )
        )
    return found


def _with_address(people: list[ObjectId]) -> set[ObjectId]:
    rows = get_database().people.find({"_id": {"$in": people}, "email": {"$nin": [None, ""]}}, {"_id": 1})
    return {row["_id"] for row in rows}


def _not_in_hand(row: StoredDocument, choice: Addressees) -> Message | None:
    if row["round"] != choice.round.id:
        return M("不属于这个批次，请分批次提醒")
    if row["state"] not in STATES[choice.group]:
        return M("现在是“%(state)s”，不需要这样提醒", state=State(row["state"]).label)
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
