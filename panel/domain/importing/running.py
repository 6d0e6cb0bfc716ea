"""An import's work that is done by itself: claimed by one process, finished or given up, followed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from bson import ObjectId
from mongoengine import NotUniqueError, Q

from models.choices import Role
from models.database import transaction
from models.imports import UNDER_WAY, ImportBatch, ImportRow, ImportState, RowState, packed_text
from models.messages import M, Message
from panel.domain.actors import Actor
from panel.domain.errors import Refused
from panel.domain.importing.batches import target_of
from panel.domain.importing.rows import ChangedMeanwhile, chunks
from panel.domain.records import audit

#: A process that says nothing for so long is dead.
LEASE = timedelta(seconds=60)
#: What was asked for just now is begun by the process that was asked.
GRACE = timedelta(seconds=15)
#: So many places are kept of rows that somebody changed.
_TOLD = 50
Renew = Callable[[int], None]
Deed = Callable[[Sequence[ImportRow], datetime], list[ImportRow]]


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


def give_up(batch: ImportBatch, message: Message, now: datetime) -> None:
    """The work can't be done; `message` says why and what to do. What is written already stays."""
    back = {
        ImportState.READING.value: ImportState.REFUSED,
        ImportState.APPLYING.value: ImportState.READY,
        ImportState.UNDOING.value: ImportState.APPLIED,
    }
    changes: dict[str, Any] = {"state": back[batch.state].value, "message": packed_text(message)}
    written = _written(batch)
    if batch.state == ImportState.APPLYING and written:
        told = M("写入到一半时出了意外：已写入的见下面的数字，其余没有写入，请重新上传同一个文件。")
        changes = {"state": ImportState.APPLIED.value, "applied": dict(written), "applied_at": now}
        changes |= {"message": packed_text(told), "is_followed": False, "lease": now}
    _ours(batch, changes)


def _ours(batch: ImportBatch, changes: Mapping[str, Any]) -> bool:
    """Store `changes` and end the work, if it is still ours."""
    query = {"_id": batch.id, "token": batch.token}
    update = {"$set": dict(changes) | {"token": ""}, "$inc": {"version": 1}}
    return bool(ImportBatch._get_collection().update_one(query, update).matched_count)


def good_rows(batch: ImportBatch, **query: Any) -> list[ImportRow]:
    """The rows that are written, or were, in their order."""
    found = ImportRow.objects(batch=batch.id, generation=batch.generation, what__in=_good(batch), **query)
    return list(found.order_by("position"))


def _good(batch: ImportBatch) -> list[str]:
    """What is written of the batch."""
    gone = [RowState.GONE.value] if batch.with_gone else []
    return [RowState.CREATE.value, RowState.CHANGE.value, *gone]


def _written(batch: ImportBatch) -> Counter[str]:
    """How many rows of each kind are written; their words stay where they are."""
    chosen = {"batch": batch.id, "generation": batch.generation, "done": True}
    found = ImportRow._get_collection().aggregate(
        [{"$match": chosen}, {"$group": {"_id": "$what", "rows": {"$sum": 1}}}]
    )
    return Counter({group["_id"]: group["rows"] for group in found})


def apply(batch: ImportBatch, actor: Actor, now: datetime, renew: Renew) -> None:
    """Write the good rows, some at a time; after a crash, those that aren't done.

    Where somebody changed one since it was shown, nothing is written and the file is read again. Of those
    changed at the last moment, while others are written already, the batch tells.
    """
    target, rows = target_of(batch, actor), good_rows(batch, done=False)
    try:
        if not _written(batch):
            target.check(rows)
        left = _in_pieces(target.write, target.rows_at_once, rows, now, renew)
    except ChangedMeanwhile as error:
        again = {"state": ImportState.READING.value, "message": packed_text(error.message)}
        _ours(batch, again | {"stale": _places(error.rows)})
        return
    except Refused as error:
        _ours(batch, {"state": ImportState.READY.value, "message": packed_text(error.message)})
        return
    counts = _written(batch)
    changes = {"state": ImportState.APPLIED.value, "applied": dict(counts), "applied_at": now}
    if left:
        told = M("有 %(n)s 行在写入时刚好被别人改动，没有导入：请看过后重新上传。", n=len(left))
        changes |= {"message": packed_text(told), "stale": _places(left)}
    _finish(batch, changes, "import_apply", actor, now, counts)


def undo(batch: ImportBatch, actor: Actor, now: datetime, renew: Renew) -> None:
    """Take back what was written; where any of it was used since, all stays and the batch says why."""
    target, rows = target_of(batch, actor), good_rows(batch, done=True)
    try:
        target.check_undo(rows)
        left = _in_pieces(target.take_back, target.rows_at_once, rows, now, renew)
    except Refused as error:
        _ours(batch, {"state": ImportState.APPLIED.value, "message": packed_text(error.message)})
        return
    changes: dict[str, Any] = {"state": ImportState.UNDONE.value, "undone_at": now}
    if left:
        told = M("有 %(n)s 行在撤销时刚好被别人改动，没有撤销。请看过后再试。", n=len(left))
        changes = {"state": ImportState.APPLIED.value, "message": packed_text(told), "stale": _places(left)}
    _finish(batch, changes, "import_undo", actor, now, Counter(row.what for row in rows))


def _in_pieces(
    deed: Deed, size: int, rows: Sequence[ImportRow], now: datetime, renew: Renew
) -> list[ImportRow]:
    """Do `deed` to `rows`, each piece in one transaction; returns the rows that it left out."""
    if not size:
        return deed(rows, now) if rows else []
    left: list[ImportRow] = []
    done = 0
    for piece in chunks(rows, size):
        try:
            left += transaction(partial(deed, piece, now))
        except NotUniqueError:
            # somebody made the same between our look and our write: the second look finds it
            left += transaction(partial(deed, piece, now))
        done += len(piece)
        renew(done)
    return left


def _finish(
    batch: ImportBatch,
    changes: Mapping[str, Any],
    action: str,
    actor: Actor,
    now: datetime,
    counts: Mapping[str, int],
) -> None:
    """Store the end of the work with its audit event, then what follows from it."""

    def write() -> bool:
        ours = _ours(batch, {**changes, "is_followed": False, "lease": now + LEASE})
        if ours:
            detail = {"kind": batch.kind, "name": batch.file_name, "sha256": batch.sha256, **counts}
            audit(actor, action, batch, now, role=Role.UNIT_HR, **detail)
        return ours

    if transaction(write):
        follow(batch, actor, now)


def _places(rows: Sequence[ImportRow]) -> list[str]:
    return [f"{row.sheet}!{row.number}" for row in rows[:_TOLD]]


def follow(batch: ImportBatch, actor: Actor, now: datetime) -> None:
    """Do what follows a finished import; can be repeated, and is when its process was killed."""
    rows = ImportRow.objects(batch=batch.id, generation=batch.generation, what__in=_good(batch))
    target_of(batch, actor).after(list(rows.only("what", "target", "done")), now)
    ImportBatch.objects(id=batch.id).update_one(set__is_followed=True)
