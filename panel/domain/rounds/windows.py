"""When people may submit to a round: its dates, and later closing days for one person or a department."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bson import ObjectId
from mongoengine import Q

from models.choices import RoundState
from models.review_round import Extension, ReviewRound
from models.values import ref_id, ref_ids
from panel.domain.access.who_sees import NOTHING
from panel.domain.calendar import end_of_day, start_of_day


@dataclass(frozen=True)
class Window:
    """When a person may submit to a round: aware UTC times, `closes` being the last instant that counts."""

    opens: datetime
    closes: datetime
    is_open: bool
    extended: bool


class Windows:
    """The windows of a round for any number of people; its extensions are read once.

    `extensions` are those of any round that the caller has read already, at least all that run.
    """

    def __init__(self, round: ReviewRound, extensions: Iterable[Extension] | None = None) -> None:
        self._round = round
        closes = round.spec.dates.closes
        if extensions is None:
            extensions = Extension.objects(round=round, until__gt=closes).no_dereference()
        self._later = [row for row in extensions if ref_id(row, "round") == round.id and row.until > closes]
        self._until: dict[tuple[Any, ...], list[tuple[date, ObjectId | None]]] = {}
        for row in self._later:
            unit = ref_id(row, "unit")
            people = ref_ids(row, "people")
            for meant in (*people, *row.departments):
                self._until.setdefault((unit, meant), []).append((row.until, row.not_for))

    def of(self, unit: ObjectId, department: str, person: ObjectId, now: datetime) -> Window:
        """The window of somebody, with the latest extension that names the person or department.

        One that they gave themselves doesn't count. A planned round is open to nobody; one that was closed by
        hand only to those extended.
        """
        dates, state = self._round.spec.dates, self._round.state
        keys = ((unit, person), (unit, department))
        named = [row for key in keys for row in self._until.get(key, ())]
        granted = [until for until, not_for in named if not_for != person]
        opens, closes = start_of_day(dates.opens), end_of_day(max([dates.closes, *granted]))
        allowed = state == RoundState.OPEN or (state == RoundState.CLOSED and bool(granted))
        return Window(opens, closes, allowed and opens <= now <= closes, extended=bool(granted))

    def is_over(self, unit: ObjectId, department: str, person: ObjectId, now: datetime) -> bool:
        """Whether somebody's window is over: what they haven't submitted is late. `late` asks the same."""
        window = self.of(unit, department, person, now)
        return window.closes < now or (self._round.state == RoundState.CLOSED and not window.extended)

    def late(self, now: datetime) -> Q:
        """`is_over` as a query, of what belongs to the round and has unit, department and person."""
        if now <= end_of_day(self._round.spec.dates.closes) and self._round.state != RoundState.CLOSED:
            return NOTHING
        query = Q(round=self._round.id)
        for row in self._later:
            if end_of_day(row.until) < now:
                continue
            elsewhere = Q(unit__ne=ref_id(row, "unit"))
            missed = elsewhere | Q(person__nin=ref_ids(row, "people"), department__nin=list(row.departments))
            query &= missed | Q(person=row.not_for) if row.not_for else missed
        return query
