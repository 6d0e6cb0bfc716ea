"""What all writers of the material table share: whose it is, and deeds in the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from models.application import Application
from models.choices import MaterialState, MaterialStep, Role
from models.material import Deed, MaterialEntry
from models.messages import M, Message
from models.person import Person
from models.states import IN_HAND, stored_states
from models.values import ref_id, search_keys
from panel.domain.actors import Actor
from panel.domain.content.material import place_material
from panel.domain.content.roster import refresh_drafts
from panel.domain.errors import NotFound, Refused, StaleWrite
from panel.domain.material.columns import SPECIALITY_KEY
from panel.domain.records import audit_many, notify

TABLE_CHANGED = M("人事部门更新了您的材料表，请打开“材料表核对”逐条核对。")
#: What a deed keeps of an entry before it, so that it can be put back.
KEPT = ("values", "title", "identity", "state", "is_live", "batch", "place")


def require_keeper(actor: Actor, unit: ObjectId, person: ObjectId) -> None:
    """Raise unless the actor is HR of `unit`, and not about their own material: NotFound, Refused."""
    if unit not in {grant.unit_id for grant in actor.as_(Role.UNIT_HR)}:
        raise NotFound
    if person == actor.person_id:
        raise Refused(M("本人的材料由其他人事人员处理。"))


def deed(
    what: MaterialStep,
    actor: Actor,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    batch: ObjectId | None = None,
    words: str = "",
) -> dict[str, Any]:
    """A line of the history as it is stored; `before` is the stored entry that it changes."""
    made = Deed(
        what=what.value,
        at=now,
        by=actor.user_id,
        by_name=actor.name,
        batch=batch,
        words=words or None,
        before={key: before[key] for key in KEPT if key in before} if before else {},
    )
    return dict(made.to_mongo())


def new_entry(
    round_id: ObjectId,
    person: Mapping[str, Any],
    content: Mapping[str, Any],
    step: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """A new entry as it is stored; `person` is the stored person, `content` what the caller knows of it."""
    made = MaterialEntry(
        round=round_id,
        person=person["_id"],
        unit=person["unit"],
        name=person["name"],
        staff_number=person["staff_number"],
        department=person["department"],
        search=search_keys(person["name"], person["staff_number"]),
        created_at=now,
        updated_at=now,
        **content,
    ).to_mongo()
    made["history"] = [step]
    return dict(made)


def after_change(state: str) -> str:
    """The state of an entry whose content changed: to be answered anew, unless a dispute is open."""
    return state if state == MaterialState.DISPUTED else MaterialState.WAITING.value


def update(
    entry: MaterialEntry, version: int, sets: Mapping[str, Any], step: Mapping[str, Any], now: datetime
) -> None:
    """One conditional write of an entry by its version; raises StaleWrite with what is stored now."""
    done = MaterialEntry._get_collection().update_one(
        {"_id": entry.id, "version": version},
        {"$set": {**sets, "updated_at": now}, "$inc": {"version": 1}, "$push": {"history": step}},
    )
    if not done.matched_count:
        raise StaleWrite(MaterialEntry.objects(id=entry.id).first())


def person_of(entry: MaterialEntry) -> ObjectId:
    """Whose entry it is."""
    found: ObjectId = ref_id(entry, "person")
    return found


def follow(
    rounds: Iterable[ObjectId], people: Iterable[ObjectId], now: datetime, message: Message = TABLE_CHANGED
) -> None:
    """What these people have in hand follows the table, and they are told; what was submitted is marked."""
    cases = Application.objects(round__in=list(rounds), person__in=list(people), is_live=True)
    for case in cases:
        place_material(case.id, now)
        if case.state in IN_HAND:
            notify(case, message, now, link=f"/my/application/{case.id}/material")


def write_specialities(keys: Mapping[ObjectId, str | None], actor: Actor, now: datetime) -> None:
    """Set or clear the speciality of people on the roster (G08), each as one edit of it; drafts follow."""
    if not keys:
        return
    edits = [
        UpdateOne(
            {"_id": person},
            {"$set": {"updated_at": now} | ({"speciality": key} if key else {}), "$inc": {"version": 1}}
            | ({} if key else {"$unset": {"speciality": ""}}),
        )
        for person, key in keys.items()
    ]
    Person._get_collection().bulk_write(edits, ordered=False)
    people = {person.id: person for person in Person.objects(id__in=list(keys)).only("unit", *_NAMED)}
    details = [
        (person, {"columns": [SPECIALITY_KEY], "staff_number": person.staff_number, "name": person.name})
        for person in people.values()
    ]
    audit_many(actor, "roster_edit", details, now, role=Role.UNIT_HR)
    in_hand = Application.objects(person__in=list(keys), state__in=stored_states(IN_HAND)).distinct("person")
    for person in Person.objects(id__in=[getattr(row, "id", row) for row in in_hand]):
        refresh_drafts(person, now)


_NAMED = ("name", "staff_number")
