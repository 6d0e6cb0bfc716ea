"""A table's columns as HR changed them, else as the round ships them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mongoengine.errors import NotUniqueError

from models.database import transaction
from models.export_layout import ExportLayout, ExportLayoutColumn
from models.export_spec import MAX_COLUMNS, ExportSpec
from models.messages import M, Message
from models.review_round import ReviewRound
from panel.domain.access.policy import allowed_role
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.records import audit
from panel.domain.reports.overviews.sources import offered

MAX_LABEL = 60
NARROWEST, WIDEST = 4, 80


@dataclass(frozen=True)
class LayoutColumn:
    """A column of a table: heading, source, width in Latin letters."""

    label: str
    source: str
    width: int = 12


@dataclass(frozen=True)
class Layout:
    """A round's table. `version` 0: as the round ships it."""

    key: str
    label: Any
    columns: tuple[LayoutColumn, ...]
    version: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


def layout_of(round: ReviewRound, key: str) -> Layout:
    """The table `key` of `round`; raises NotFound where the round has none."""
    shipped = _shipped(round, key)
    stored = ExportLayout.objects(round=round.id, key=key).first()
    if stored is None:
        columns = tuple(LayoutColumn(str(c.label), c.source, c.width) for c in shipped.columns)
        return Layout(key, shipped.label, columns)
    columns = tuple(LayoutColumn(c.label, c.source, c.width) for c in stored.columns)
    return Layout(key, shipped.label, columns, stored.version, stored.by_name or "", stored.at)


def save(
    round: ReviewRound,
    key: str,
    columns: Sequence[LayoutColumn],
    version: int,
    actor: Actor,
    now: datetime,
) -> Layout:
    """Store `columns` as the table's, if it still is of `version`.

    Raises NotFound, Refused for who doesn't manage the round, Invalid with messages by `label-0`, `source-0`,
    …, and StaleWrite when somebody else changed it meanwhile.
    """
    shipped = _shipped(round, key)
    _refuse_stranger(round, actor)
    errors = _problems(round, columns)
    if errors:
        raise Invalid(errors)
    rows = [ExportLayoutColumn(label=c.label.strip(), source=c.source, width=c.width) for c in columns]

    def body() -> None:
        values = {"columns": rows, "by_name": actor.name, "at": now}
        if version == 0:
            stored = ExportLayout(round=round, key=key, version=1, **values)
            stored.save(force_insert=True)
        else:
            found = ExportLayout.objects(round=round.id, key=key, version=version)
            changes = {f"set__{name}": value for name, value in values.items()}
            if not found.update_one(**changes, inc__version=1):
                raise StaleWrite(layout_of(round, key))
        audit(actor, "edit_export_layout", round, now, table=key, name=str(shipped.label), columns=len(rows))

    try:
        transaction(body)
    except NotUniqueError as error:
        raise StaleWrite(layout_of(round, key)) from error
    return layout_of(round, key)


def reset(round: ReviewRound, key: str, actor: Actor, now: datetime) -> Layout:
    """Take the table back to what the round ships; raises NotFound, Refused."""
    shipped = _shipped(round, key)
    _refuse_stranger(round, actor)

    def body() -> None:
        if ExportLayout.objects(round=round.id, key=key).delete():
            audit(actor, "reset_export_layout", round, now, table=key, name=str(shipped.label))

    transaction(body)
    return layout_of(round, key)


def _shipped(round: ReviewRound, key: str) -> ExportSpec:
    found = next((row for row in round.spec.exports if row.key == key), None)
    if found is None:
        raise NotFound
    return found


def _refuse_stranger(round: ReviewRound, actor: Actor) -> None:
    if allowed_role(actor, Permission.MANAGE_ROUNDS, round) is None:
        raise Refused(M("只有单位人事和评委会办公室可以调整表格的列。"))


def _problems(round: ReviewRound, columns: Sequence[LayoutColumn]) -> dict[str, Message]:
    if not columns:
        return {"columns": M("表格至少要有一列。")}
    if len(columns) > MAX_COLUMNS:
        return {"columns": M("表格最多 %(n)s 列，请移除一些。", n=MAX_COLUMNS)}
    known = {source.key for source in offered(round.spec)}
    found: dict[str, Message] = {}
    for place, column in enumerate(columns):
        label = column.label.strip()
        if not label:
            found[f"label-{place}"] = M("请填写列名。")
        elif len(label) > MAX_LABEL:
            found[f"label-{place}"] = M("列名最多 %(n)s 个字。", n=MAX_LABEL)
        if column.source not in known:
            found[f"source-{place}"] = M("本批次没有这项内容，请另选一项。")
        if not NARROWEST <= column.width <= WIDEST:
            found[f"width-{place}"] = M("列宽请填 %(least)s 到 %(most)s。", least=NARROWEST, most=WIDEST)
    return found
