"""An import's way: uploaded, read, mapped, confirmed, applied, undone; each step a conditional update."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from models.imports import (
    ImportBatch,
    ImportKind,
    ImportRow,
    ImportState,
    RowState,
)
from models.messages import M, Message
from models.review_round import ReviewRound
from models.unit import Unit
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.errors import Invalid, Refused, StaleWrite
from panel.domain.importing import planning
from panel.domain.importing.material_target import MaterialTarget
from panel.domain.importing.numbers_target import NumbersTarget
from panel.domain.importing.roster_target import RosterTarget
from panel.domain.importing.rows import ImportCase, RowContent, Target

_MENDED_LENGTH = 5000
_TARGETS: dict[ImportKind, Any] = {
    ImportKind.ROSTER: RosterTarget,
    ImportKind.MATERIAL: MaterialTarget,
    ImportKind.NUMBERS: NumbersTarget,
}
#: What can be imported, in the order it is offered.
KINDS: tuple[ImportKind, ...] = tuple(_TARGETS)
#: States in which the choices of a file may still change.
OPEN_IMPORTS = (ImportState.UNMAPPED, ImportState.READY)


def target_of(batch: ImportBatch, actor: Actor) -> Target:
    """What the batch's kind of import does with its rows."""
    target: Target = _TARGETS[ImportKind(batch.kind)](ImportCase(batch, batch.unit, actor))
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
        planning.remember(batch, now)
    kept = batch.to_mongo()
    changed = {"sheets": kept["sheets"], "mapping": kept.get("mapping", []), "is_mapped": batch.is_mapped}
    _move(
        batch,
        OPEN_IMPORTS,
        ImportState.READING,
        version,
        now,
        **changed,
        message={},
        stale=[],
        done=0,
        total=0,
    )


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


def mend(
    batch: ImportBatch, cells: Sequence[tuple[ObjectId, str, str]], actor: Actor, now: datetime, version: int
) -> None:
    """Take what HR typed instead of wrong cells, as (row, column key, text), and read the file again.

    Where there are choices, the same wrong words are mended in all rows. The file itself stays as it is.
    Raises Invalid where nothing was typed, StaleWrite, Refused.
    """
    refuse_stranger(batch, actor)
    found = ImportRow.objects(batch=batch.id, generation=batch.generation, what=RowState.BAD.value)
    rows = {row.id: (row, RowContent.of(row)) for row in found}
    offered = {column.key for column in target_of(batch, actor).columns if column.options}
    mended, changed, everywhere = batch.mended_cells, 0, {}
    for row_id, key, words in cells:
        row, content = rows.get(row_id, (None, None))
        text = words.strip()[:_MENDED_LENGTH]
        if row is None or content is None or key not in content.columns:
            continue
        typed = content.typed.get(key, "")
        if text == typed.strip():
            continue
        mended.setdefault((row.sheet, row.number), {})[key] = text
        changed += 1
        if key in offered:
            everywhere[key, typed] = text
    for row, content in rows.values():
        for key, typed in content.typed.items():
            if (key, typed) in everywhere and key in content.columns:
                mended.setdefault((row.sheet, row.number), {}).setdefault(key, everywhere[key, typed])
    if not changed:
        raise Invalid({"": M("还没有改动。请先在有问题的格子里填写正确的内容。")})
    kept = [[*place, key, words] for place, values in mended.items() for key, words in values.items()]
    stored = ImportBatch.mended.to_mongo(json.dumps(kept, ensure_ascii=False))
    _move(batch, OPEN_IMPORTS, ImportState.READING, version, now, mended=stored, message={}, stale=[], done=0)


def ask_undo(batch: ImportBatch, actor: Actor, now: datetime, version: int) -> None:
    """Have what was written taken back, if nobody has used it yet."""
    refuse_stranger(batch, actor)
    by = {"undone_by": actor.user_id, "undone_by_name": actor.name}
    _move(batch, (ImportState.APPLIED,), ImportState.UNDOING, version, now, **by, message={}, done=0)


def discard(batch: ImportBatch, actor: Actor, now: datetime, version: int) -> None:
    """Give the import up; nothing of it was written."""
    refuse_stranger(batch, actor)
    _move(batch, (*OPEN_IMPORTS, ImportState.REFUSED), ImportState.DISCARDED, version, now, message={})
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
