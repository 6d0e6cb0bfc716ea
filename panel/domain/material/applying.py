"""Writing what was planned: in chunks of people, each chunk in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from bson import ObjectId
from mongoengine import NotUniqueError
from pymongo import InsertOne, UpdateOne

from models.choices import MaterialState, MaterialStep, Role
from models.database import transaction
from models.material import MaterialEntry
from models.person import Person
from models.review_round import ReviewRound
from panel.domain.actors import Actor
from panel.domain.material.columns import SPECIALITY_KEY
from panel.domain.material.typed_rows import Change, What
from panel.domain.material.writing import (
    after_change,
    deed,
    follow,
    new_entry,
    require_keeper,
    write_specialities,
)
from panel.domain.records import audit

#: People in one transaction: a conflict repeats that much work.
PEOPLE_AT_ONCE = 200
_WRITES = (What.CREATE, What.CHANGE, What.GONE)
Stored = dict[str, Any]


def apply(
    round: ReviewRound, changes: Iterable[Change], batch_id: ObjectId, actor: Actor, now: datetime
) -> dict[str, int]:
    """Do what `changes` say and return how many of each `What`; `stale` counts those that no longer fit.

    A change fits while the stored entry is the one that was planned against: of two imports at once, or
    of an import and an applicant's answer, the later one is stale and leaves the row alone. Running the
    same batch again does what is left. A person's rows are in one transaction; drafts in hand follow,
    and their owners are told. Raises NotFound for people of another unit, Refused for oneself.
    """
    done: Counter[str] = Counter({what.value: 0 for what in What} | {"stale": 0})
    wanted = list(changes)
    done.update(change.what.value for change in wanted if change.what not in _WRITES)
    for chunk in _chunks([change for change in wanted if change.what in _WRITES]):
        done.update(_in_transaction(round, chunk, batch_id, actor, now))
    return dict(done)


def _chunks(changes: list[Change]) -> Iterator[list[Change]]:
    by_person: dict[ObjectId | None, list[Change]] = {}
    for change in changes:
        by_person.setdefault(change.person, []).append(change)
    groups = list(by_person.values())
    for start in range(0, len(groups), PEOPLE_AT_ONCE):
        yield [change for group in groups[start : start + PEOPLE_AT_ONCE] for change in group]


def _in_transaction(
    round: ReviewRound, chunk: list[Change], batch: ObjectId, actor: Actor, now: datetime
) -> Counter[str]:
    def write() -> Counter[str]:
        return _Chunk(round, chunk, batch, actor, now).write()

    try:
        return transaction(write)
    except NotUniqueError:
        # another import put the same achievement in between our look and our write
        return transaction(write)


class _Chunk:
    """The changes of some people, as one transaction sees them."""

    def __init__(
        self, round: ReviewRound, changes: list[Change], batch: ObjectId, actor: Actor, now: datetime
    ) -> None:
        self.round, self.changes, self.batch, self.actor, self.now = round, changes, batch, actor, now
        ids = [change.person for change in changes]
        self.people = {
            row["_id"]: row for row in Person._get_collection().find({"_id": {"$in": ids}}, _PERSON)
        }
        stored = list(
            MaterialEntry._get_collection().find({"round": round.id, "person": {"$in": ids}}, _STORED)
        )
        self.by_id = {row["_id"]: row for row in stored}
        self.live = {(row["person"], row["identity"]): row for row in stored if row["is_live"]}

    def write(self) -> Counter[str]:
        """Write what still fits; returns counts."""
        done: Counter[str] = Counter()
        operations: list[Any] = []
        touched: set[ObjectId] = set()
        specialities: dict[ObjectId, str | None] = {}
        for change in self.changes:
            person = self.people.get(change.person)
            if person is None:
                done["stale"] += 1
                continue
            require_keeper(self.actor, person["unit"], person["_id"])
            made = self._operation(change, person)
            operations += made or []
            if made:
                touched.add(person["_id"])
                if not change.row.section:
                    specialities[person["_id"]] = change.stored.get(SPECIALITY_KEY)
            done[change.what.value if made is not None else "stale"] += 1
        if operations:
            MaterialEntry._get_collection().bulk_write(operations, ordered=True)
            write_specialities(specialities, self.actor, self.now)
            follow([self.round.id], touched, self.now)
            units = {self.people[key]["unit"] for key in touched}
            counts = {key: count for key, count in done.items() if count}
            for unit in units:
                audit(
                    self.actor, "material_apply", self.round, self.now, role=Role.UNIT_HR, unit=unit,
                    batch=str(self.batch), counts=counts,
                )  # fmt: skip
        return done

    def _operation(self, change: Change, person: Stored) -> list[Any] | None:
        """The writes of one change: none when it was done before, None when it no longer fits."""
        if change.what is What.CREATE:
            return self._create(change, person)
        stored = self.by_id.get(change.entry)
        if stored is not None and stored["history"] and stored["history"][-1].get("batch") == self.batch:
            return []
        if stored is None or not stored["is_live"] or stored["version"] != change.version:
            return None
        if change.what is What.GONE:
            return [self._update(stored, MaterialStep.WITHDRAW, {"is_live": False, "state": _WITHDRAWN})]
        other = self.live.get((stored["person"], change.identity))
        if other is not None and other["_id"] != stored["_id"]:
            return None
        fresh = {
            "values": dict(change.stored),
            "title": change.title[:300],
            "identity": change.identity,
            "place": change.row.place[:200],
            "state": after_change(stored["state"]),
            "batch": self.batch,
        }
        return [self._update(stored, MaterialStep.CHANGE, fresh)]

    def _create(self, change: Change, person: Stored) -> list[Any] | None:
        stored = self.live.get((person["_id"], change.identity))
        if stored is not None:
            return [] if stored.get("batch") == self.batch else None
        step = deed(MaterialStep.CREATE, self.actor, self.now, batch=self.batch)
        if not change.row.section:
            step["before"] = {"values": {SPECIALITY_KEY: person.get("speciality")}}
        content = {
            "section": change.row.section,
            "kind": change.row.kind,
            "values": dict(change.stored),
            "title": change.title[:300],
            "identity": change.identity,
            "place": change.row.place[:200],
            "batch": self.batch,
        }
        return [InsertOne(new_entry(self.round.id, person, content, step, self.now))]

    def _update(self, stored: Stored, step: MaterialStep, fresh: dict[str, Any]) -> UpdateOne:
        written = deed(step, self.actor, self.now, stored, self.batch)
        if not stored["section"]:
            written["before"]["values"] = {SPECIALITY_KEY: self.people[stored["person"]].get("speciality")}
        return UpdateOne(
            {"_id": stored["_id"], "version": stored["version"]},
            {
                "$set": fresh | {"updated_at": self.now},
                "$inc": {"version": 1},
                "$push": {"history": written},
            },
        )


_WITHDRAWN = MaterialState.WITHDRAWN.value
_PERSON = {"unit": 1, "name": 1, "staff_number": 1, "department": 1, "speciality": 1, "version": 1}
_STORED = {
    "person": 1,
    "section": 1,
    "values": 1,
    "title": 1,
    "identity": 1,
    "state": 1,
    "is_live": 1,
    "batch": 1,
    "place": 1,
    "version": 1,
    "history": {"$slice": -1},
}
