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
    round: str
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
        rounds = _chosen_rounds()
        counted = [(work, hr_work.count(work, actor, now)) for work in hr_work.of(actor)]
        tiles = [
            Tile(work, count, url_for("hr_applications.index_view", work=work.key)) for work, count in counted
        ]
        lines = _table(rounds)
        used = {state for line in lines for state in line.counts}
        return self.render(
            "hr/today.html",
            busy=[tile for tile in tiles if tile.count],
            idle=[tile for tile in tiles if not tile.count],
            chosen=request.args.get("round", "") if len(rounds) == 1 else "",
            rounds=list(words.rounds().values()),
            lines=lines,
            states=[state for state in State if state.value in used],
            starts=_starts(rounds) if rounds and actor.holds(Role.UNIT_HR, Role.SUPERVISOR) else [],
            today=local_date(now),
            list_url=lambda **chosen: url_for("hr_applications.index_view", **chosen),
        )


def _chosen_rounds() -> list[ReviewRound]:
    """The round asked for, else all that are open, else those of the newest year."""
    known = words.rounds()
    asked = known.get(request.args.get("round", ""))
    if asked:
        return [asked]
    opened = [round for round in known.values() if round.state == RoundState.OPEN]
    newest = max((round.year for round in known.values()), default=0)
    return opened or [round for round in known.values() if round.year == newest]


def _table(rounds: list[ReviewRound]) -> list[Line]:
    """One aggregation over what the person sees: department, round and level, state."""
    parts = {"department": "$department", "round": "$round", "level": "$level", "state": "$state"}
    group = {"_id": parts, "n": {"$sum": 1}, "name": {"$first": "$department_name"}}
    chosen = hr_work.cases(current_actor()).filter(round__in=[round.id for round in rounds])
    counts: dict[tuple[str, Any, str], dict[str, int]] = defaultdict(dict)
    names: dict[str, str] = {}
    for row in chosen.aggregate([{"$group": group}]):
        key = row["_id"]
        counts[key["department"], key["round"], key["level"]][key["state"]] = row["n"]
        names[key["department"]] = row["name"] or key["department"]
    levels = {(round.id, level.key): level for round in rounds for level in round.spec.levels}

    def order(key: tuple[str, Any, str]) -> tuple[str, str, int]:
        level = levels.get(key[1:])
        return names[key[0]], str(key[1]), -level.rank if level else 0

    return [
        Line(
            department,
            names[department],
            str(round),
            level,
            levels[round, level].title if (round, level) in levels else level,
            counts[department, round, level],
        )
        for department, round, level in sorted(counts, key=order)
    ]


def _starts(rounds: list[ReviewRound]) -> list[Start]:
    """Per department: people in service, drafts, late drafts, submitted."""
    actor, now = current_actor(), clock.now()
    staff = policy.visible(actor, Person, Role.UNIT_HR, Role.SUPERVISOR).filter(
        in_service=True, retired__ne=True, series__in=[*{round.series for round in rounds}, None]
    )
    people = {row["_id"]: row["n"] for row in staff.aggregate([_count("$department")])}
    cases = policy.visible(actor, Application, Role.UNIT_HR, Role.SUPERVISOR).filter(
        round__in=[round.id for round in rounds], state__ne=State.WITHDRAWN.value
    )
    drafts = _by_department(cases.filter(state=State.DRAFT.value))
    late = _by_department(cases.filter(hr_work.late(actor, now)))
    submitted = _by_department(cases.filter(state__ne=State.DRAFT.value))
    names = dict(words.department_options())
    return [
        Start(code, name, *(found.get(code, 0) for found in (people, drafts, late, submitted)))
        for code, name in names.items()
        if people.get(code) or drafts.get(code) or submitted.get(code)
    ]


def _by_department(query: Any) -> dict[str, int]:
    return {row["_id"]: row["n"] for row in query.aggregate([_count("$department")])}


def _count(field: str) -> dict[str, Any]:
    return {"$group": {"_id": field, "n": {"$sum": 1}}}
