"""Figures that people are asked for daily: where cases stand, progress by day, return reasons, workload.

Counted in the database over what the person sees: one pass for the states, one for everything with a day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bson import ObjectId

from models.application import Application
from models.choices import Action, Role, State
from models.form_spec import ITEM_LISTS
from panel.domain.access import policy
from panel.domain.access.who_may import CASE_READERS
from panel.domain.actors import Actor
from panel.domain.calendar import end_of_day, start_of_day

#: As many days as one table shows.
MOST_DAYS = 400
MOST_REASONS = 30
#: Steps that count as somebody's work; a recommendation is what is reported upwards.
WORK_STEPS = (Action.RETURN, Action.REJECT, Action.PUBLICISE, Action.RECOMMEND)
STARTED, JUDGED, CASES = "started", "judged", "cases"
#: The columns of progress, in order: begun, then steps.
PROGRESS = (
    STARTED,
    Action.SUBMIT.value,
    Action.RETURN.value,
    Action.RESUBMIT.value,
    Action.RECOMMEND.value,
)
#: The columns of the workload, in order.
WORKLOAD = (JUDGED, CASES, *(step.value for step in WORK_STEPS))


@dataclass(frozen=True)
class CountedDays:
    """The days counted, both included."""

    first: date
    last: date

    @property
    def instants(self) -> dict[str, datetime]:
        """As a condition on an instant."""
        return {"$gte": start_of_day(self.first), "$lte": end_of_day(self.last)}


@dataclass(frozen=True)
class StateLine:
    """One department and level of a round: how many in each state now."""

    department: str
    round: ObjectId
    level: str
    counts: Mapping[State, int]

    @property
    def total(self) -> int:
        """All states together."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class DayLine:
    """One day: how many of each of PROGRESS."""

    day: date
    counts: Mapping[str, int]


@dataclass(frozen=True)
class ReasonLine:
    """What returns asked for: how many items, in how many applications. `field` may be a slot."""

    round: ObjectId
    section: str
    field: str
    items: int
    applications: int


@dataclass(frozen=True)
class WorkLine:
    """What one person did on one day: how many of each of WORKLOAD."""

    day: date
    person: ObjectId | None
    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Days:
    """Everything with a day."""

    progress: Sequence[DayLine] = ()
    reasons: Sequence[ReasonLine] = ()
    workload: Sequence[WorkLine] = field(default=())


def states(rounds: Iterable[ObjectId], actor: Actor) -> list[StateLine]:
    """Department × level × state as it is now, in no particular order."""
    key = {"department": "$department", "round": "$round", "level": "$level", "state": "$state"}
    found: dict[tuple[str, ObjectId, str], dict[State, int]] = defaultdict(dict)
    for row in _cases(rounds, actor).aggregate([{"$group": {"_id": key, "n": {"$sum": 1}}}]):
        place = row["_id"]
        found[place["department"], place["round"], place["level"]][State(place["state"])] = row["n"]
    return [StateLine(*key, counts) for key, counts in found.items()]


def days(rounds: Iterable[ObjectId], period: CountedDays, actor: Actor) -> Days:
    """Progress, return reasons and workload within `period`, by one aggregation."""
    pipeline = [
        {"$project": _projection()},
        {
            "$facet": {
                "started": _started(period),
                "steps": _steps(period),
                "reasons": _reasons(period),
                "work": _work(period),
                "judged": _judgements(period),
            }
        },
    ]
    (found,) = _cases(rounds, actor).aggregate(pipeline, allowDiskUse=True)
    return Days(_progress(found, period), _reason_lines(found["reasons"]), _workload(found))


def _cases(rounds: Iterable[ObjectId], actor: Actor) -> Any:
    return policy.visible(actor, Application, *CASE_READERS).filter(round__in=list(rounds))


def _projection() -> dict[str, Any]:
    """Only what is counted: never the content."""
    # $map gives null for an entry without a judgement; those are left out when they are counted
    given = [
        {"$map": {"input": {"$ifNull": [f"${name}", []]}, "in": "$$this.judgement"}} for name in ITEM_LISTS
    ]
    own_tables = {
        "$reduce": {
            "input": {"$objectToArray": {"$ifNull": ["$sections", {}]}},
            "initialValue": [],
            "in": {
                "$concatArrays": [
                    "$$value",
                    {
                        "$map": {
                            "input": {"$ifNull": ["$$this.v.entries", []]},
                            "as": "e",
                            "in": "$$e.judgement",
                        }
                    },
                ]
            },
        }
    }
    return {
        "round": 1,
        "created_at": 1,
        "history.action": 1,
        "history.at": 1,
        "history.by": 1,
        "history.by_name": 1,
        "history.role": 1,
        "returns.at": 1,
        "returns.items.section": 1,
        "returns.items.field": 1,
        "judgements": {"$concatArrays": [*given, own_tables]},
    }


def _day(path: str) -> dict[str, Any]:
    return {"$dateToString": {"date": path, "format": "%Y-%m-%d", "timezone": "Asia/Shanghai"}}


def _or_none(path: str) -> dict[str, Any]:
    """A part of a group's key that is there also where the field is missing."""
    return {"$ifNull": [path, None]}


def _counted(**key: Any) -> dict[str, Any]:
    return {"$group": {"_id": key, "n": {"$sum": 1}}}


def _started(period: CountedDays) -> list[dict[str, Any]]:
    return [{"$match": {"created_at": period.instants}}, _counted(day=_day("$created_at"))]


def _steps(period: CountedDays) -> list[dict[str, Any]]:
    wanted = {"history.at": period.instants, "history.action": {"$in": list(PROGRESS)}}
    return [
        {"$match": wanted},  # cases without such a step aren't unfolded
        {"$unwind": "$history"},
        {"$match": wanted},
        _counted(day=_day("$history.at"), what="$history.action"),
    ]


def _reasons(period: CountedDays) -> list[dict[str, Any]]:
    key = {"round": "$round", "section": "$returns.items.section", "field": "$returns.items.field"}
    per_case = {"$group": {"_id": {**key, "case": "$_id"}, "n": {"$sum": 1}}}
    place = {name: f"$_id.{name}" for name in key}
    return [
        {"$match": {"returns.at": period.instants}},
        {"$unwind": "$returns"},
        {"$match": {"returns.at": period.instants}},
        {"$unwind": "$returns.items"},
        per_case,
        {"$group": {"_id": place, "items": {"$sum": "$n"}, "applications": {"$sum": 1}}},
        {"$sort": {"items": -1, "_id": 1}},
        {"$limit": MOST_REASONS},
    ]


def _work(period: CountedDays) -> list[dict[str, Any]]:
    wanted = {
        "history.at": period.instants,
        "history.action": {"$in": [step.value for step in WORK_STEPS]},
        "history.role": Role.UNIT_HR.value,
    }
    who = {"by": _or_none("$history.by"), "name": _or_none("$history.by_name")}
    return [
        {"$match": wanted},
        {"$unwind": "$history"},
        {"$match": wanted},
        _counted(day=_day("$history.at"), what="$history.action", **who),
    ]


def _judgements(period: CountedDays) -> list[dict[str, Any]]:
    """Entries judged, and in how many applications: what stands now, a changed mind counts once."""
    who = {
        "day": _day("$judgements.at"),
        "by": _or_none("$judgements.by"),
        "name": _or_none("$judgements.by_name"),
    }
    per_case = {"$group": {"_id": {**who, "case": "$_id"}, "n": {"$sum": 1}}}
    person = {name: f"$_id.{name}" for name in who}
    return [
        {"$match": {"judgements.at": period.instants}},
        {"$unwind": "$judgements"},
        {"$match": {"judgements.at": period.instants}},
        per_case,
        {"$group": {"_id": person, JUDGED: {"$sum": "$n"}, CASES: {"$sum": 1}}},
    ]


def _progress(found: Mapping[str, Any], period: CountedDays) -> list[DayLine]:
    """Every day between the first and the last on which something happened, also the quiet ones."""
    counts: dict[date, dict[str, int]] = defaultdict(dict)
    for row in found["started"]:
        counts[date.fromisoformat(row["_id"]["day"])][STARTED] = row["n"]
    for row in found["steps"]:
        counts[date.fromisoformat(row["_id"]["day"])][row["_id"]["what"]] = row["n"]
    if not counts:
        return []
    first = max(min(counts), max(counts) - timedelta(days=MOST_DAYS - 1))
    length = (max(counts) - first).days + 1
    listed = [first + timedelta(days=number) for number in range(length)]
    return [DayLine(day, {key: counts[day].get(key, 0) for key in PROGRESS}) for day in listed]


def _reason_lines(rows: Iterable[Mapping[str, Any]]) -> list[ReasonLine]:
    return [
        ReasonLine(
            row["_id"]["round"],
            row["_id"].get("section") or "",
            row["_id"].get("field") or "",
            row["items"],
            row["applications"],
        )
        for row in rows
    ]


def _workload(found: Mapping[str, Any]) -> list[WorkLine]:
    """The newest day first, on it whoever did most."""
    counts: dict[tuple[str, ObjectId | None], dict[str, int]] = defaultdict(dict)
    names: dict[ObjectId | None, str] = {}
    for row in found["work"]:
        key = row["_id"]
        counts[key["day"], key["by"]][key["what"]] = row["n"]
        names[key["by"]] = key["name"] or ""
    for row in found["judged"]:
        key = row["_id"]
        counts[key["day"], key["by"]] |= {JUDGED: row[JUDGED], CASES: row[CASES]}
        names[key["by"]] = key["name"] or ""
    lines = [
        WorkLine(date.fromisoformat(day), by, names[by], {key: done.get(key, 0) for key in WORKLOAD})
        for (day, by), done in counts.items()
    ]
    return sorted(lines, key=lambda line: (-line.day.toordinal(), -sum(line.counts.values()), line.name))
