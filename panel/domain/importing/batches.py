"""An import's way: uploaded, read, mapped, confirmed, applied, undone; each step a conditional update."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from bson import ObjectId
from mongoengine import Q

from models import ReviewRound, Unit
from models.choices import Role
from models.database import transaction
from models.imports import (
    UNDER_WAY,
    ImportBatch,
    ImportKind,
    ImportRow,
    ImportState,
    RowState,
    packed_text,
)
from models.messages import M, Message
from panel.domain.errors import Invalid, Refused, StaleWrite
from panel.domain.importing import reading
from panel.domain.importing.roster_target import RosterTarget
from panel.domain.importing.rows import Case, ChangedMeanwhile, Target
from panel.domain.policy import Actor, Permission, may
from panel.domain.records import audit

#: A process that says nothing for so long is dead.
LEASE = timedelta(seconds=60)
#: What was asked for just now is begun by the process that was asked.
GRACE = timedelta(seconds=15)
_TARGETS: dict[str, Any] = {
    ImportKind.ROSTER: RosterTarget,
}
#: States in which the choices of a file may still change.
OPEN = (ImportState.UNMAPPED, ImportState.READY)


def target_of(batch: ImportBatch, actor: Actor) -> Target:
    """What the batch's kind of import does with its rows."""
    target: Target = _TARGETS[batch.kind](Case(batch, batch.unit, actor))
    return target


def start(
    kind: ImportKind,
    unit: Unit,
    round: ReviewRound | None,
    file: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> ImportBatch:
    """Record an uploaded file, to be read next. `file`: file_name, sha256, size. Raises Refused, Invalid."""
    batch = ImportBatch(kind=kind.value, unit=unit, round=round, by=actor.user_id, by_name=actor.name, at=now)
    refuse_stranger(batch, actor)
    if kind is not ImportKind.ROSTER and round is None:
        raise Invalid({"round": M("请选择申报批次。")})
    for name in ("file_name", "sha256", "size"):
        setattr(batch, name, file[name])
    batch.lease = now
    saved: ImportBatch = batch.save(force_insert=True)
    return saved


def refuse_stranger(batch: ImportBatch, actor: Actor) -> None:
    """Raise Refused unless `actor` is HR of the batch's unit."""
    if not may(actor, Permission.IMPORT, batch):
        raise Refused(M("只有本单位的人事可以导入。"))


def same_file(batch: ImportBatch) -> ImportBatch | None:
    """The import of the same bytes that was applied last and not undone."""
    found: ImportBatch | None = (
        ImportBatch.objects(
            unit=batch.unit,
            sha256=batch.sha256,
            kind=batch.kind,
            round=batch.round,
            state=ImportState.APPLIED.value,
            id__ne=batch.id,
        )
        .order_by("-applied_at")
        .first()
    )
    return found


# --- what a person decides ----------------------------------------------------------------------------


def choose(
    batch: ImportBatch,
    sheets: Sequence[tuple[bool, int, int]],
    mapping: Mapping[str, str],
    actor: Actor,
    now: datetime,
    version: int,
) -> None:
    """Set which sheets are read, where their headings are, and what their columns mean; read again.

    `sheets`: per sheet whether it is used, the heading's first row and its number of rows. A heading that
    moved is recognised anew; then `mapping` counts for nothing. Raises Invalid, StaleWrite, Refused.
    """
    refuse_stranger(batch, actor)
    chosen = [(bool(used), max(top, 0), min(max(rows, 1), 3)) for used, top, rows in sheets]
    if len(chosen) != len(batch.sheets) or not any(used for used, _top, _rows in chosen):
        raise Invalid({"sheets": M("请至少选择一张工作表。")})
    is_moved = chosen != [(choice.used, choice.top, choice.rows) for choice in batch.sheets]
    for choice, (used, top, rows) in zip(batch.sheets, chosen, strict=True):
        choice.used, choice.top, choice.rows = used and top > 0, top, rows
    batch.is_mapped = not is_moved
    if not is_moved:
        batch.mapping = _checked(batch, mapping, actor)
        reading.remember(batch, now)
    kept = batch.to_mongo()
    changed = {"sheets": kept["sheets"], "mapping": kept.get("mapping", []), "is_mapped": batch.is_mapped}
    _move(batch, OPEN, ImportState.READING, version, now, **changed, message={}, stale=[], done=0, total=0)


def _checked(batch: ImportBatch, mapping: Mapping[str, str], actor: Actor) -> list[tuple[str, str]]:
    """Pairs of label and column of the posted mapping; raises Invalid."""
    columns = {column.key: column for column in target_of(batch, actor).columns}
    labels = {label for choice in batch.sheets if choice.used for label in choice.labels}
    pairs = [(label, key) for label, key in mapping.items() if label in labels and key in columns]
    errors: dict[str, Message] = {}
    for choice in batch.sheets:
        taken: dict[str, str] = {}
        for label, key in pairs:
            if not choice.used or label not in choice.labels:
                continue
            if key in taken:
                message = M(
                    "“%(column)s”只能对应一列，“%(other)s”已经选了它。",
                    column=columns[key].label,
                    other=taken[key],
                )
                errors[label] = message
            taken.setdefault(key, label)
    mapped = {key for _label, key in pairs}
    for column in columns.values():
        if column.is_required and column.key not in mapped:
            errors.setdefault("", M("还没有哪一列对应“%(column)s”。", column=column.label))
    if errors:
        raise Invalid(errors)
    return pairs


def ask_apply(
    batch: ImportBatch,
    actor: Actor,
    now: datetime,
    version: int,
    is_partial: bool = False,
    with_gone: bool = False,
) -> None:
    """Have the good rows written; raises Refused while there are bad ones, unless `is_partial`.

    `with_gone`: also take out what the table no longer has.
    """
    refuse_stranger(batch, actor)
    if batch.count(RowState.BAD) and not is_partial:
        raise Refused(
            M(
                "还有 %(n)s 行有问题。可以先导入没有问题的行，或改好文件后重新上传。",
                n=batch.count(RowState.BAD),
            )
        )
    gone = batch.count(RowState.GONE) if with_gone else 0
    if not batch.count(RowState.CREATE) + batch.count(RowState.CHANGE) + gone:
        raise Refused(M("没有需要导入的内容。"))
    more = {"partial": bool(batch.count(RowState.BAD)), "message": {}, "stale": [], "done": 0}
    more["with_gone"] = with_gone
    by = {"applied_by": actor.user_id, "applied_by_name": actor.name}
    _move(batch, (ImportState.READY,), ImportState.APPLYING, version, now, **more, **by)


def ask_undo(batch: ImportBatch, actor: Actor, now: datetime, version: int) -> None:
    """Have what was written taken back, if nobody has used it yet."""
    refuse_stranger(batch, actor)
    by = {"undone_by": actor.user_id, "undone_by_name": actor.name}
    _move(batch, (ImportState.APPLIED,), ImportState.UNDOING, version, now, **by, message={}, done=0)


def discard(batch: ImportBatch, actor: Actor, now: datetime, version: int) -> None:
    """Give the import up; nothing of it was written."""
    refuse_stranger(batch, actor)
    _move(batch, (*OPEN, ImportState.REFUSED), ImportState.DISCARDED, version, now, message={})
    ImportRow.objects(batch=batch.id).delete()


def _move(
    batch: ImportBatch,
    sources: Sequence[ImportState],
    state: ImportState,
    version: int,
    now: datetime,
    **changes: Any,
) -> None:
    """Bring the batch into `state`; raises Refused when it has left `sources`, StaleWrite when it changed."""
    query = {"_id": batch.id, "version": version, "state": {"$in": [source.value for source in sources]}}
    update = {"$set": changes | {"state": state.value, "token": "", "lease": now}, "$inc": {"version": 1}}
    if ImportBatch._get_collection().update_one(query, update).matched_count:
        return
    stored = ImportBatch.objects.get(id=batch.id)
    if stored.state not in {source.value for source in sources}:
        raise Refused(M("这次导入现在是“%(state)s”，请刷新页面。", state=ImportState(stored.state).label))
    raise StaleWrite(stored)


# --- what is done by itself -----------------------------------------------------------------------------


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
