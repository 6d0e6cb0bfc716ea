"""An import's work that is done by itself: claimed by one process, finished or given up, followed up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from bson import ObjectId
from mongoengine import Q

from models.choices import Role
from models.database import transaction
from models.imports import UNDER_WAY, ImportBatch, ImportRow, ImportState, RowState, packed_text
from models.messages import M, Message
from panel.domain.errors import Refused
from panel.domain.importing.batches import target_of
from panel.domain.importing.rows import ChangedMeanwhile, Target
from panel.domain.policy import Actor
from panel.domain.records import audit

#: A process that says nothing for so long is dead.
LEASE = timedelta(seconds=60)
#: What was asked for just now is begun by the process that was asked.
GRACE = timedelta(seconds=15)


def claim(batch_id: ObjectId, now: datetime) -> ImportBatch | None:
    """Take the batch's work, unless there is none or somebody living does it; its `token` is ours then."""
    query = {
        "_id": batch_id,
        "state": {"$in": [state.value for state in UNDER_WAY]},
        "$or": [{"token": ""}, {"lease": {"$lt": now}}],
    }
    update = {"$set": {"token": uuid4().hex, "lease": now + LEASE}}
    if not ImportBatch._get_collection().update_one(query, update).matched_count:
        return None
    found: ImportBatch = ImportBatch.objects.get(id=batch_id)
    return found


def left_over(now: datetime) -> list[ObjectId]:
    """Batches whose work nobody living does: a process was killed."""
    states = [state.value for state in UNDER_WAY]
    unfinished = Q(state__in=states, lease__lt=now - GRACE) | Q(is_followed=False, lease__lt=now)
    return list(ImportBatch.objects(unfinished).scalar("id"))


def renew(batch: ImportBatch, done: int, now: datetime) -> None:
    """Say that the work goes on and how far it is."""
    ImportBatch.objects(id=batch.id, token=batch.token).update_one(set__done=done, set__lease=now + LEASE)


def give_up(batch: ImportBatch, message: Message) -> None:
    """The work can't be done; `message` says why and what to do. What was there before stays."""
    back = {
        ImportState.READING.value: ImportState.REFUSED,
        ImportState.APPLYING.value: ImportState.READY,
        ImportState.UNDOING.value: ImportState.APPLIED,
    }
    _ours(batch, {"state": back[batch.state].value, "message": packed_text(message)})


def _ours(batch: ImportBatch, changes: Mapping[str, Any]) -> bool:
    """Store `changes` and end the work, if it is still ours."""
    query = {"_id": batch.id, "token": batch.token}
    update = {"$set": dict(changes) | {"token": ""}, "$inc": {"version": 1}}
    return bool(ImportBatch._get_collection().update_one(query, update).matched_count)


def good_rows(batch: ImportBatch) -> list[ImportRow]:
    """The rows that are written, or were."""
    what = [RowState.CREATE.value, RowState.CHANGE.value]
    if batch.with_gone:
        what.append(RowState.GONE.value)
    found = ImportRow.objects(batch=batch.id, generation=batch.generation, what__in=what)
    return list(found.order_by("position"))


def apply(batch: ImportBatch, actor: Actor, now: datetime) -> None:
    """Write the good rows, all or none; where somebody changed them meanwhile, have them read again."""
    target, rows = target_of(batch, actor), good_rows(batch)

    def write() -> None:
        done = target.apply(rows, now)
        changes = {"state": ImportState.APPLIED.value, "applied": done, "applied_at": now}
        if not _ours(batch, changes | {"is_followed": False, "lease": now + LEASE}):
            raise Refused(M("这次导入已由别的进程完成。"))
        _record(batch, "import_apply", actor, now, done)

    try:
        _run(target, write)
    except ChangedMeanwhile as error:
        places = [f"{row.sheet}!{row.number}" for row in error.rows[:50]]
        again = {"state": ImportState.READING.value, "message": packed_text(error.message), "stale": places}
        _ours(batch, again)
    except Refused as error:
        _ours(batch, {"state": ImportState.READY.value, "message": packed_text(error.message)})
    else:
        follow(batch, actor, now)


def undo(batch: ImportBatch, actor: Actor, now: datetime) -> None:
    """Take back what was written, all or nothing; where it was used since, it stays and says why."""
    target, rows = target_of(batch, actor), good_rows(batch)

    def write() -> None:
        done = target.undo(rows, now)
        changes = {"state": ImportState.UNDONE.value, "undone_at": now}
        if not _ours(batch, changes | {"is_followed": False, "lease": now + LEASE}):
            raise Refused(M("这次导入已由别的进程完成。"))
        _record(batch, "import_undo", actor, now, done)

    try:
        _run(target, write)
    except Refused as error:
        _ours(batch, {"state": ImportState.APPLIED.value, "message": packed_text(error.message)})
    else:
        follow(batch, actor, now)


def _run(target: Target, write: Callable[[], None]) -> None:
    """Write in one transaction, or in those that the target itself makes."""
    transaction(write) if target.is_whole else write()


def follow(batch: ImportBatch, actor: Actor, now: datetime) -> None:
    """Do what follows a finished import; can be repeated, and is when its process was killed."""
    target_of(batch, actor).after(good_rows(batch), now)
    ImportBatch.objects(id=batch.id).update_one(set__is_followed=True)


def _record(batch: ImportBatch, action: str, actor: Actor, now: datetime, done: Mapping[str, int]) -> None:
    detail = {"kind": batch.kind, "name": batch.file_name, "sha256": batch.sha256, **done}
    audit(actor, action, batch, now, role=Role.UNIT_HR, **detail)
