"""When people may submit to a round: its dates, and later closing days for one person or a department."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bson import ObjectId

from models.choices import RoundState
from models.review_round import Extension, ReviewRound
from models.values import ref_id, ref_ids
from panel.domain.calendar import end_of_day, start_of_day


@dataclass(frozen=True)
class Window:
    """When a person may submit to a round: aware UTC times, `closes` being the last instant that counts."""

    opens: datetime
    closes: datetime
    is_open: bool
    extended: bool


class Windows:
    """The windows of a round for any number of people; its extensions are read once."""

    def __init__(self, round: ReviewRound) -> None:
        self._round = round
        self._until: dict[tuple[Any, ...], list[tuple[date, ObjectId | None]]] = {}
        for row in Extension.objects(round=round, until__gt=round.spec.dates.closes).no_dereference():
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
