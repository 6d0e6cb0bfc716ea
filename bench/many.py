"""A database as a province's university has it after some years: 100,000 applications of 20,000 people.

The documents are those of the demo, of every state that it holds, with other people, departments, levels and
days, brought to the same size. The same numbers give the same database.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import BSON, ObjectId
from pymongo.database import Database

from models.choices import State
from models.values import search_keys

BATCH = 2000
#: The year of the running round; each person has one application in it and one in each year before.
YEAR = 2026
BYTES = 8_000
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = "子若思雨文明佳志晓海建国秀兰英华慧巧美娜静淑惠珠翠雅芝玉萍红娥玲芬芳燕彩春菊"
#: Where the applications of past years ended, and how the running year's are spread.
_PAST = ((State.CERTIFIED, 55), (State.FAILED, 20), (State.NOT_RECOMMENDED, 15), (State.WITHDRAWN, 10))
_NOW = (
    (State.DRAFT, 25),
    (State.SUBMITTED, 25),
    (State.RETURNED, 10),
    (State.LAPSED, 5),
    (State.UNIT_PUBLICITY, 10),
    (State.PANEL, 10),
    (State.BALLOT, 5),
    (State.PASSED, 5),
    (State.RESULT_PUBLICITY, 5),
)


def seed(database: Database[dict[str, Any]], applications: int, people: int) -> None:
    """Insert so many applications and people beside the demo's; the demo must be there."""
    source = _Source(database)
    staff = list(source.people(people))
    for start in range(0, people, BATCH):
        database.people.insert_many(staff[start : start + BATCH], ordered=False)
    years = [(YEAR - back, source.round_of(YEAR - back)) for back in range(-(-applications // people))]
    for place, (year, round_id) in enumerate(years):
        part = staff[: applications - place * people]
        for start in range(0, len(part), BATCH):
            rows = [source.application(person, year, round_id) for person in part[start : start + BATCH]]
            database.applications.insert_many(rows, ordered=False)


class _Source:
    """What the demo holds, as templates."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
        self._random = random.Random(20261124)
        self._person = _one(database.people.find_one({"series": "teacher"}))
        self._unit = _one(database.units.find_one({"_id": self._person["unit"]}))
        self._departments = [row for row in self._unit["departments"] if not row.get("is_office")]
        found = database.applications.find({"series": "teacher"})
        self._templates = {row["state"]: _sized(row) for row in found}
        self._any = next(row for row in self._templates.values() if row.get("receipt"))
        self._round = _one(database.rounds.find_one({"_id": self._any["round"]}))
        data = self._round["data"]
        self._levels = [row["key"] for row in data["levels"]]
        self._specialities = [row["value"] for row in data["specialities"]]

    def round_of(self, year: int) -> ObjectId:
        """The demo's round for the running year, a closed copy of it for another."""
        if year == YEAR:
            found: ObjectId = self._round["_id"]
            return found
        changed = {
            "_id": ObjectId(),
            "code": f"{self._round['code']}-{year}",
            "year": year,
            "state": "closed",
        }
        self._database.rounds.insert_one({**self._round, **changed})
        return changed["_id"]  # type: ignore[return-value]

    def people(self, wanted: int) -> Iterator[dict[str, Any]]:
        """Staff of the unit."""
        base = {key: value for key, value in self._person.items() if key != "id_hash"}
        for serial in range(wanted):
            name = self._random.choice(_FAMILY) + "".join(
                self._random.choices(_GIVEN, k=self._random.choice((1, 2, 2)))
            )
            number = f"9{serial:07d}"
            yield base | {
                "_id": ObjectId(),
                "name": name,
                "staff_number": number,
                "search": search_keys(name, number),
                "department": self._random.choice(self._departments)["code"],
            }

    def application(self, person: Mapping[str, Any], year: int, round_id: ObjectId) -> dict[str, Any]:
        """An application of that year."""
        states, weights = zip(*(_NOW if year == YEAR else _PAST), strict=True)
        state = self._random.choices(states, weights)[0].value
        made = dict(self._templates.get(state, self._any))
        made.pop("number", None)
        day = datetime(year, 3, 1, tzinfo=UTC) + timedelta(minutes=self._random.randrange(250_000))
        code = person["department"]
        made |= {
            "_id": ObjectId(),
            "round": round_id,
            "year": year,
            "person": person["_id"],
            "name": person["name"],
            "staff_number": person["staff_number"],
            "search": person["search"],
            "department": code,
            "department_name": next(row["name"] for row in self._departments if row["code"] == code),
            "level": self._random.choice(self._levels),
            "speciality": self._random.choice(self._specialities),
            "state": state,
            "created_at": day,
            "updated_at": day + timedelta(days=self._random.randrange(60)),
        }
        if state != State.DRAFT:
            made["submitted_at"] = day + timedelta(hours=5)
            made["number"] = f"{year}{person['staff_number']}"
        return made


def _sized(row: dict[str, Any]) -> dict[str, Any]:
    """The document with its longest section filled up to BYTES."""
    missing = BYTES - len(BSON.encode(row))
    return (
        row | {"unit_opinion": (row.get("unit_opinion") or "") + "优" * (missing // 3)}
        if missing > 3
        else row
    )


def _one(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        raise LookupError("the demo is not there")
    return row
