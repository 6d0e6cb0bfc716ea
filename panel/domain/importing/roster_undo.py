"""Taking back an import of the roster, and drafts that follow it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo import DeleteOne, UpdateOne

from models import DOCUMENTS
from models.application import Application
from models.choices import Role
from models.database import get_database, transaction
from models.field_spec import Text
from models.imports import ImportRow, RowState
from models.messages import M
from models.person import Person
from models.states import IN_HAND, stored_states
from models.values import ref_id
from panel.domain.content.roster import refresh_drafts
from panel.domain.errors import Refused
from panel.domain.importing.rows import ImportCase, RowContent, chunks
from panel.domain.people.roster import refuse_foreign
from panel.domain.records import audit_many

#: So many names are told of those who stand in the way.
_NAMED = 5
_AT_ONCE = 1000


def kept(before: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """What brings back `keys` as they are stored in `before`."""
    present = {key: before[key] for key in keys if key in before}
    return {"set": present, "unset": [key for key in keys if key not in before]}


def check(rows: Sequence[ImportRow], case: ImportCase) -> None:
    """Raise Refused, with names, where somebody changed an entry since, or a new one is in use.

    Nobody takes back what the roster says of themselves.
    """
    refuse_foreign(case.actor, [Person(unit=case.unit)])
    oneself = case.actor.person_id
    if oneself is not None and oneself in {row.target for row in rows}:
        raise Refused(M("这次导入改动过您本人的名册信息，请由其他人事人员撤销。"))
    blocking = [row for piece in chunks(rows, _AT_ONCE) for row in _blocking(piece)]
    if blocking:
        names = [RowContent.of(row).name for row in blocking]
        raise Refused(
            M(
                "有 %(n)s 人在导入后又有改动，或已开通账号、已开始申报，不能整批撤销：%(names)s。",
                n=len(blocking),
                names=Text.listing(names, _NAMED),
            )
        )


def take_back(rows: Sequence[ImportRow], case: ImportCase, now: datetime) -> list[ImportRow]:
    """Bring back what was there before `rows`, inside the running transaction; returns those left out."""
    blocking = _blocking(rows)
    left = {row.id for row in blocking}
    good = [row for row in rows if row.id not in left]
    if good:
        Person._get_collection().bulk_write([_back(row, now) for row in good], ordered=False)
        ImportRow._get_collection().bulk_write([_unmark(row) for row in good], ordered=False)
        deeds = [(Person(id=row.target, unit=case.unit), {"name": RowContent.of(row).name}) for row in good]
        audit_many(case.actor, "roster_import_undo", deeds, now, role=Role.UNIT_HR)
    return blocking


def _blocking(rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Those of `rows` whose person changed since, or was new and is in use."""
    targets = [row.target for row in rows]
    found = Person._get_collection().find({"_id": {"$in": targets}}, {"version": 1})
    versions = {person["_id"]: person["version"] for person in found}
    in_use = _in_use([row.target for row in rows if row.what == RowState.CREATE])
    return [row for row in rows if versions.get(row.target) != row.version or row.target in in_use]


def _unmark(row: ImportRow) -> UpdateOne:
    return UpdateOne({"_id": row.id}, {"$set": {"done": False}})


def _back(row: ImportRow, now: datetime) -> DeleteOne | UpdateOne:
    same = {"_id": row.target, "version": row.version}
    if row.what == RowState.CREATE:
        return DeleteOne(same)
    update: dict[str, Any] = {
        "$set": {**row.undo.get("set", {}), "version": row.version + 1, "updated_at": now},
    }
    if gone := [key for key in row.undo.get("unset", []) if key != "updated_at"]:
        update["$unset"] = dict.fromkeys(gone, "")
    return UpdateOne(same, update)


def _in_use(people: Sequence[ObjectId]) -> set[ObjectId]:
    """Those of `people` that any record names."""
    found: set[ObjectId] = set()
    for document in DOCUMENTS:
        for name, field in document._fields.items():
            inner = getattr(field, "field", field)
            if getattr(inner, "document_type_obj", None) not in (Person, "Person"):
                continue
            rows = get_database()[document._get_collection_name()].distinct(
                name, {name: {"$in": list(people)}}
            )
            found.update(rows)
    return found & set(people)


def refresh(people: Sequence[ObjectId], now: datetime) -> None:
    """Bring what these people have in hand in line with the roster; can be repeated."""
    for piece in chunks(people, _AT_ONCE):
        in_hand = Application.objects(person__in=list(piece), state__in=stored_states(IN_HAND)).only("person")
        for key in {ref_id(application, "person") for application in in_hand.no_dereference()}:
            person = Person.objects(id=key).first()
            if person is not None:
                transaction(partial(refresh_drafts, person, now))
