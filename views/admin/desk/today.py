"""The panel's front page: today's work first, then how the round stands (G30)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from models.choices import MaterialState, Role, State
from models.person import Person
from models.review_round import ReviewRound
from models.together import Question, ask, number
from panel import clock
from panel.domain.access import policy, who_may
from panel.domain.access.who_may import STAFF
from panel.domain.calendar import local_date
from panel.domain.desk.work import WorkKind, kinds_of, late
from views.admin import list_words
from views.admin.desk import work
from views.admin.desk.work import MOST_COUNTED, WORDS, WorkWords
from views.kit.access import current_actor
from views.kit.base import AreaIndex

#: Holds all that the table groups by.
TABLE_INDEX = "by_round"


@dataclass(frozen=True)
class Tile:
    """A piece of work with its number and the list behind it."""

    words: WorkWords
    count: int
    url: str
    is_urgent: bool


@dataclass(frozen=True)
class DepartmentLine:
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
        if not actor.holds(*STAFF):
            return self.render("admin/desk/welcome.html")
        rounds = _chosen_rounds()
        kinds = kinds_of(actor)
        with_starts = bool(rounds) and actor.holds(Role.UNIT_HR, Role.SUPERVISOR)
        counts = work.counts(kinds)
        # one command for the whole page, each number by its own index
        table, people, late, *waiting = ask(
            _grouped(rounds), _staff(rounds), _late(rounds), *counts, hint=TABLE_INDEX
        )
        tiles = [_tile(kind, number(n)) for kind, n in zip(kinds, waiting, strict=True)]
        lines = _lines(table, rounds)
        used = {state for line in lines for state in line.counts}
        return self.render(
            "admin/desk/today.html",
            busy=[tile for tile in tiles if tile.count],
            idle=[tile for tile in tiles if not tile.count],
            chosen=request.args.get("round", "") if len(rounds) == 1 else "",
            listed=_listed(rounds),
            rounds=list(list_words.rounds().values()),
            lines=lines,
            states=[state for state in State if state.value in used],
            starts=_starts(table, people, late) if with_starts else [],
            may_remind=policy.may(actor, who_may.Permission.REMIND),
            most=MOST_COUNTED,
            today=local_date(now),
            list_url=lambda **chosen: url_for("hr_applications.index_view", **chosen),
        )


def _tile(kind: WorkKind, count: int) -> Tile:
    """The tile that leads to the page that does the work: its own, or the list of applications."""
    words = WORDS[kind.key]
    if words.page:
        url = url_for(words.page, state=MaterialState.DISPUTED.value)
    else:
        url = url_for("hr_applications.index_view", work=kind.key)
    return Tile(words, count, url, kind.is_urgent)


def _chosen_rounds() -> list[ReviewRound]:
    """The round asked for, else those that run."""
    asked = list_words.rounds().get(request.args.get("round", ""))
    return [asked] if asked else list_words.running_rounds()


def _listed(rounds: list[ReviewRound]) -> str:
    """The list's filter for just these rounds, so that a sum leads to as many rows."""
    return str(rounds[0].id) if len(rounds) == 1 else list_words.RUNNING


def _grouped(rounds: list[ReviewRound]) -> Question:
    """How many the person sees of each department, round, level and state; read from an index alone."""
    names = ("unit", "department", "round", "level", "state")
    group = {"_id": {name: f"${name}" for name in names}, "n": {"$sum": 1}}
    chosen = work.cases(current_actor()).filter(round__in=[round.id for round in rounds])
    return Question(chosen, ({"$group": group},))


def _lines(table: list[dict[str, Any]], rounds: list[ReviewRound]) -> list[DepartmentLine]:
    """The table's rows: department, then level, the highest first."""
    counts: dict[tuple[str, Any, str], dict[str, int]] = defaultdict(dict)
    for row in table:
        key = row["_id"]
        states = counts[key["department"], key["round"], key["level"]]
        states[key["state"]] = states.get(key["state"], 0) + row["n"]
    known = dict(list_words.department_options())
    names = {department: known.get(department, department) for department, _round, _level in counts}
    levels = {(round.id, level.key): level for round in rounds for level in round.spec.levels}

    def order(key: tuple[str, Any, str]) -> tuple[str, str, int]:
        level = levels.get(key[1:])
        return names[key[0]], str(key[1]), -level.rank if level else 0

    return [
        DepartmentLine(
            department,
            names[department],
            str(round),
            level,
            levels[round, level].title if (round, level) in levels else level,
            counts[department, round, level],
        )
        for department, round, level in sorted(counts, key=order)
    ]


def _staff(rounds: list[ReviewRound]) -> Question:
    """How many people in service each department has, of the rounds' series."""
    staff = policy.visible(current_actor(), Person, Role.UNIT_HR, Role.SUPERVISOR).filter(
        in_service=True, retired__ne=True, series__in=[*{round.series for round in rounds}, None]
    )
    return Question(staff, (_count("$department"),))


def _late(rounds: list[ReviewRound]) -> Question:
    """How many drafts of each department are past their closing day."""
    cases = work.cases(current_actor()).filter(round__in=[round.id for round in rounds])
    return Question(cases.filter(late(work.desk())), (_count("$department"),))


def _starts(
    table: list[dict[str, Any]], people: list[dict[str, Any]], late: list[dict[str, Any]]
) -> list[Start]:
    """Per department: people in service, drafts, late drafts, submitted."""
    actor = current_actor()
    own = {grant.unit_id for role in (Role.UNIT_HR, Role.SUPERVISOR) for grant in actor.as_(role)}
    drafts: Counter[str] = Counter()
    submitted: Counter[str] = Counter()
    for row in table:
        key = row["_id"]
        if key["unit"] in own and key["state"] != State.WITHDRAWN:
            (drafts if key["state"] == State.DRAFT else submitted)[key["department"]] += row["n"]
    in_service, overdue = ({row["_id"]: row["n"] for row in rows} for rows in (people, late))
    return [
        Start(code, name, *(found.get(code, 0) for found in (in_service, drafts, overdue, submitted)))
        for code, name in list_words.department_options()
        if in_service.get(code) or drafts.get(code) or submitted.get(code)
    ]


def _count(field: str) -> dict[str, Any]:
    return {"$group": {"_id": field, "n": {"$sum": 1}}}
