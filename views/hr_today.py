"""The panel's front page: today's work first, then how the round stands (G30)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from models import Application, Person, ReviewRound
from models.choices import Role, RoundState, State
from panel import clock
from panel.domain import policy
from panel.domain.calendar import local_date
from views import hr_words as words
from views import hr_work
from views.access import current_actor
from views.base import AreaIndex


@dataclass(frozen=True)
class Tile:
    """A piece of work with its number and the list behind it."""

    work: hr_work.Work
    count: int
    url: str


@dataclass(frozen=True)
class Line:
    """One department and level of the table: how many in each state."""

    department: str
    department_name: str
    level: str
    level_label: Any
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All states together."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Start:
    """How far a department's people are with applying."""

    department: str
    name: str
    people: int
    drafting: int
    late: int
    submitted: int

    @property
    def not_started(self) -> int:
        """Those in service who have no application this year; people who need none are among them."""
        return max(0, self.people - self.drafting - self.submitted)


class IndexPage(AreaIndex):
    """Today's work of whoever opens the panel."""

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Tiles, the table department × level × state, and who hasn't started."""
        actor, now = current_actor(), clock.now()
        if not actor.holds(*hr_work.STAFF):
            return self.render("hr/welcome.html")
        round = _chosen_round()
        counted = [(work, hr_work.count(work, actor, now)) for work in hr_work.of(actor)]
        tiles = [
            Tile(work, count, url_for("hr_applications.index_view", work=work.key)) for work, count in counted
        ]
        lines = _table(round) if round else []
        used = {state for line in lines for state in line.counts}
        return self.render(
            "hr/today.html",
            busy=[tile for tile in tiles if tile.count],
            idle=[tile for tile in tiles if not tile.count],
            round=round,
            rounds=list(words.rounds().values()),
            lines=lines,
            states=[state for state in State if state.value in used],
            starts=_starts(round) if round and actor.holds(Role.UNIT_HR, Role.SUPERVISOR) else [],
            today=local_date(now),
            list_url=lambda **chosen: url_for("hr_applications.index_view", **chosen),
        )


def _chosen_round() -> ReviewRound | None:
    """The round asked for, else the newest open one, else the newest."""
    known = words.rounds()
    asked = known.get(request.args.get("round", ""))
    if asked:
        return asked
    opened = [round for round in known.values() if round.state == RoundState.OPEN]
    return next(iter(opened or known.values()), None)


def _table(round: ReviewRound) -> list[Line]:
    """One aggregation over what the person sees: department, level, state."""
    group = {"_id": {"department": "$department", "level": "$level", "state": "$state"}, "n": {"$sum": 1}}
    name = {"name": {"$first": "$department_name"}}
    found = hr_work.cases(current_actor()).filter(round=round.id).aggregate([{"$group": group | name}])
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    names: dict[str, str] = {}
    for row in found:
        key = row["_id"]
        counts[key["department"], key["level"]][key["state"]] = row["n"]
        names[key["department"]] = row["name"] or key["department"]
    levels = {level.key: level for level in round.spec.levels}
    return [
        Line(
            department,
            names[department],
            level,
            levels[level].title if level in levels else level,
            counts[department, level],
        )
        for department, level in sorted(
            counts, key=lambda key: (names[key[0]], -levels[key[1]].rank if key[1] in levels else 0)
        )
    ]


def _starts(round: ReviewRound) -> list[Start]:
    """Per department: people in service, drafts, late drafts, submitted."""
    actor, now = current_actor(), clock.now()
    staff = policy.visible(actor, Person, Role.UNIT_HR, Role.SUPERVISOR).filter(
        in_service=True, retired__ne=True, series__in=[round.series, None]
    )
    people = {row["_id"]: row["n"] for row in staff.aggregate([_count("$department")])}
    cases = policy.visible(actor, Application, Role.UNIT_HR, Role.SUPERVISOR).filter(
        round=round.id, state__ne=State.WITHDRAWN.value
    )
    drafts = _by_department(cases.filter(state=State.DRAFT.value))
    late = _by_department(cases.filter(hr_work.late(actor, now)))
    submitted = _by_department(cases.filter(state__ne=State.DRAFT.value))
    names = dict(words.department_options())
    return [
        Start(
            code,
            names.get(code, code),
            people.get(code, 0),
            drafts.get(code, 0),
            late.get(code, 0),
            submitted.get(code, 0),
        )
        for code in names
        if people.get(code) or drafts.get(code) or submitted.get(code)
    ]


def _by_department(query: Any) -> dict[str, int]:
    return {row["_id"]: row["n"] for row in query.aggregate([_count("$department")])}


def _count(field: str) -> dict[str, Any]:
    return {"$group": {"_id": field, "n": {"$sum": 1}}}
