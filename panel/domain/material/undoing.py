"""Taking a whole import of the material table back, until somebody has used it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from bson import ObjectId
from mongoengine import NotUniqueError
from pymongo import UpdateOne

from models.application import Application
from models.choices import MaterialState, MaterialStep, Role
from models.database import transaction
from models.field_spec import Text
from models.material import MaterialEntry
from models.messages import M
from models.person import Person
from models.states import IN_HAND, stored_states
from panel.domain.actors import Actor
from panel.domain.errors import Refused
from panel.domain.material.columns import SPECIALITY_KEY
from panel.domain.material.writing import deed, follow, require_keeper, write_specialities
from panel.domain.records import audit

_UNUSED = {MaterialState.WAITING, MaterialState.PLACED, MaterialState.WITHDRAWN}
_NAMES_SHOWN = 5


def undo(batch_id: ObjectId, actor: Actor, now: datetime) -> dict[str, int]:
    """Put everything back as it was before the import; returns how many were taken back, by `What`.

    All of it in one transaction. Raises Refused, with the names, where somebody has confirmed, disputed
    or submitted, or where the entry was changed once more since; NotFound for another unit's.
    """
    try:
        return dict(transaction(lambda: _undo(batch_id, actor, now)))
    except NotUniqueError as error:
        raise Refused(
            M("撤销后会有两条相同的内容：后来又导入或添加过同一条。请在“材料表”里逐条修改或撤下。")
        ) from error


def _undo(batch: ObjectId, actor: Actor, now: datetime) -> Counter[str]:
    found = list(MaterialEntry._get_collection().find({"history.batch": batch}))
    rows = [row for row in found if not _is_undone(row, batch)]
    if not rows:
        raise Refused(M("这次导入没有写入内容，或已经撤销过。"))
    for row in rows:
        require_keeper(actor, row["unit"], row["person"])
    _refuse_used(rows, batch)
    done: Counter[str] = Counter()
    operations = []
    specialities: dict[ObjectId, str | None] = {}
    for row in rows:
        step = row["history"][-1]
        done[_WHAT[step["what"]]] += 1
        operations.append(_back(row, step, actor, now))
        if not row["section"]:
            specialities[row["person"]] = step["before"].get("values", {}).get(SPECIALITY_KEY)
    MaterialEntry._get_collection().bulk_write(operations)
    write_specialities(specialities, actor, now)
    follow({row["round"] for row in rows}, {row["person"] for row in rows}, now)
    for unit in {row["unit"] for row in rows}:
        first = MaterialEntry.objects.get(id=rows[0]["_id"])
        audit(
            actor,
            "material_undo",
            first.round,
            now,
            role=Role.UNIT_HR,
            unit=unit,
            batch=str(batch),
            counts=dict(done),
        )
    return done


_WHAT = {
    MaterialStep.CREATE.value: "create",
    MaterialStep.CHANGE.value: "change",
    MaterialStep.WITHDRAW.value: "gone",
}


def _is_undone(row: dict[str, Any], batch: ObjectId) -> bool:
    last = [step for step in row["history"] if step.get("batch") == batch][-1]
    return bool(last["what"] == MaterialStep.UNDO)


def _refuse_used(rows: list[dict[str, Any]], batch: ObjectId) -> None:
    used = [row for row in rows if row["state"] not in _UNUSED or row["history"][-1].get("batch") != batch]
    used += _submitted([row for row in rows if row not in used])
    used += _changed_roster([row for row in rows if not row["section"]])
    if not used:
        return
    names = list(dict.fromkeys(f"{row['name']} {row['staff_number']}" for row in used))
    shown = names[:_NAMES_SHOWN]
    raise Refused(
        M(
            "已有 %(n)s 人核对、提交过或另行修改过这次导入的内容（如 %(names)s），不能整批撤销。"
            "请在“材料表”里逐条修改或撤下。",
            n=len(names),
            names=Text.listing(shown),
        )
    )


def _submitted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that an application past its applicant's hands holds as they are."""
    placed = [row["application"] for row in rows if row.get("application") and not row.get("differs")]
    in_hand = stored_states(IN_HAND)
    found = set(Application.objects(id__in=placed, is_live=True, state__nin=in_hand).scalar("id"))
    return [row for row in rows if row.get("application") in found and not row.get("differs")]


def _changed_roster(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those whose speciality HR has changed on the roster since."""
    now = dict(Person.objects(id__in=[row["person"] for row in rows]).scalar("id", "speciality"))
    return [
        row for row in rows if row["is_live"] and now.get(row["person"]) != row["values"].get(SPECIALITY_KEY)
    ]


def _back(row: dict[str, Any], step: dict[str, Any], actor: Actor, now: datetime) -> UpdateOne:
    written = deed(MaterialStep.UNDO, actor, now, row, step["batch"])
    if step["what"] == MaterialStep.CREATE:
        fresh: dict[str, Any] = {"is_live": False, "state": MaterialState.WITHDRAWN.value}
    else:
        fresh = dict(step["before"])
        if fresh.get("state") not in (MaterialState.CONFIRMED, MaterialState.SETTLED, MaterialState.DISPUTED):
            fresh["state"] = MaterialState.WAITING.value
        if not row["section"]:
            fresh["state"] = MaterialState.WAITING.value
    return UpdateOne(
        {"_id": row["_id"], "version": row["version"]},
        {"$set": fresh | {"updated_at": now}, "$inc": {"version": 1}, "$push": {"history": written}},
    )
