"""The roster (人员名册) as HR edits it: one row per person, each write checked against its version.

Rules (R05, R06, R20) and forms read what is kept here, so that nothing unreadable gets in: a refused
row comes back whole, with a message per field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import datetime
from typing import Any

from mongoengine.errors import NotUniqueError
from pymongo.errors import DuplicateKeyError

from models.choices import Role
from models.database import transaction
from models.messages import M, Message
from models.person import Person
from models.unit import Unit
from models.values import ref_id
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.content.roster import refresh_drafts
from panel.domain.errors import Invalid, Refused, StaleWrite
from panel.domain.people.roster_columns import Vocabulary, read
from panel.domain.records import audit


def save(
    person: Person | None, unit: Unit, raw: Mapping[str, str], words: Vocabulary, actor: Actor, now: datetime
) -> Person:
    """Store one row of the roster and return it; `person` None makes a new one in `unit`.

    `raw` holds text by column key and `version` as shown when the form was opened. A secret that is not
    sent, or is sent empty and not marked in `clear_<key>`, stays as it is. Columns that are not the
    roster's are ignored. Raises Refused, Invalid, StaleWrite (`current` is the stored person).
    """
    row = copy(person) if person else Person(unit=unit)
    refuse_foreign(actor, [row])
    if person is not None and person.id == actor.person_id:
        raise Refused(M("本人的名册信息由其他人事人员修改。"))
    values, errors = read(raw, words, row)
    if errors:
        raise Invalid(errors)
    if person and raw.get("version") != str(person.version):
        raise StaleWrite(person, raw)
    changed = [key for key, value in values.items() if getattr(row, key) != value]
    if person and not changed:
        return person
    for key, value in values.items():
        setattr(row, key, value)
    row.updated_at = now
    try:
        return transaction(lambda: _write(person, row, changed, raw, actor))
    except (NotUniqueError, DuplicateKeyError) as error:
        raise Invalid(_taken(error)) from error


def refuse_foreign(actor: Actor, people: Iterable[Person]) -> None:
    """Raise Refused unless `actor` keeps the roster of everybody in `people`."""
    own = {grant.unit_id for grant in actor.as_(Role.UNIT_HR)}
    for person in people:
        if not may(actor, Permission.EDIT_ROSTER, person) or ref_id(person, "unit") not in own:
            raise Refused(M("这份人员名册由所在单位的人事部门维护，您不能修改。"))


def _write(
    person: Person | None, row: Person, changed: list[str], raw: Mapping[str, str], actor: Actor
) -> Person:
    if person is None:
        row.version = 1
        row.save(force_insert=True)
    elif not _update(person, row, [*changed, "search", "id_hash", "version", "updated_at"]):
        raise StaleWrite(Person.objects.get(id=person.id), raw)
    audit(
        actor,
        "roster_add" if person is None else "roster_edit",
        row,
        row.updated_at,
        role=Role.UNIT_HR,
        # names of columns only: their values are personal data
        columns=changed,
        staff_number=row.staff_number,
        name=row.name,
    )
    stored: Person = Person.objects.get(id=row.id)
    refresh_drafts(stored, row.updated_at)
    return stored


def _update(person: Person, row: Person, keys: list[str]) -> bool:
    """Write `keys` of `row` where the stored version is still that of `person`; False when it isn't."""
    row.version = person.version + 1
    row.validate(clean=True)
    # to_mongo seals the secrets; an update by MongoEngine's operators would store them in clear.
    stored = row.to_mongo()
    update: dict[str, Any] = {"$set": {key: stored[key] for key in keys if key in stored}}
    if gone := {key: "" for key in keys if key not in stored}:
        update["$unset"] = gone
    done = Person._get_collection().update_one({"_id": person.id, "version": person.version}, update)
    return bool(done.matched_count)


def _taken(error: Exception) -> dict[str, Message]:
    """Which unique value is taken; whose it is may be another unit's business."""
    if "id_hash" in str(error):
        return {"id_number": M("这个证件号码与名册中另一人重复，请核对。")}
    return {"staff_number": M("这个工号已有人使用，请核对。")}
