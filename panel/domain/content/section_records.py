"""Sections that are one record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.application import Application
from models.form_spec import SectionShape
from models.messages import M
from panel.domain.actors import Actor
from panel.domain.content.entries import path_of
from panel.domain.content.writing import (
    Counters,
    Saved,
    commit,
    differences,
    is_editable,
    read_into,
    require,
    unchanged,
)
from panel.domain.errors import NotFound, Refused, StaleWrite
from panel.domain.rounds import parts

_HAS_ENTRIES = M("这里已有条目。确无业绩的，请先删除条目，再勾选。")


def save_record(
    application: Application,
    section: str,
    raw: Mapping[str, Any],
    version: int,
    actor: Actor,
    now: datetime,
) -> Saved:
    """Save the typed fields of a record section; fields not in `raw` stay as they are.

    `version` is the record's as it was shown (0 = nothing stored yet). Raises NotFound for a section
    that isn't a record of this application, NotEditable, StaleWrite.
    """
    spec = next((s for s in parts.visible_sections(application) if s.key == section), None)
    if spec is None or spec.shape != SectionShape.RECORD:
        raise NotFound
    record = application.record(section)

    def is_open(field: str) -> bool:
        return is_editable(application, section, actor, now, field=field)

    require(any(is_open(field.key) for field in parts.visible_fields(application, spec)), application)
    reading = read_into(application, spec, record, raw, is_open)
    sets, unsets = differences(record, reading)
    messages = reading.parsed.messages
    if not sets and not unsets:
        return unchanged(application, "", record.version, messages)
    path = f"sections.{section}"
    counters = _write(
        application,
        section,
        version,
        {f"{path}.{key}": value for key, value in sets.items()},
        {f"{path}.{key}": "" for key in unsets},
        raw,
        now,
    )
    return Saved("", version + 1, *counters, messages)


def set_none(
    application: Application, section: str, none: bool, version: int, actor: Actor, now: datetime
) -> Saved:
    """Tick or untick 确无相应业绩 (G21). Raises Refused while entries stand against it."""
    spec = next((s for s in parts.visible_sections(application) if s.key == section), None)
    if spec is None or not spec.none_label:
        raise NotFound
    require(is_editable(application, section, actor, now), application)
    record = application.record(section)
    if none and application.entries(section):
        raise Refused(_HAS_ENTRIES)
    if none == record.none:
        return unchanged(application, "", record.version, {})
    where: dict[str, Any] = {}
    if none:
        # an entry added at the same moment, in another tab, wins
        where = {path_of(spec): {"$not": {"$elemMatch": {"section": section}}}}
    sets = {f"sections.{section}.none": none}
    counters = _write(application, section, version, sets, {}, {}, now, where)
    return Saved("", version + 1, *counters)


def _write(
    application: Application,
    section: str,
    version: int,
    sets: dict[str, Any],
    unsets: dict[str, Any],
    raw: Mapping[str, Any],
    now: datetime,
    where: Mapping[str, Any] | None = None,
) -> Counters:
    path = f"sections.{section}"
    update: dict[str, Any] = {
        "$set": {**sets, f"{path}.version": version + 1, f"{path}.changed_at": now},
    }
    if unsets:
        update["$unset"] = unsets
    # a record that isn't there yet has no version
    at_version = {f"{path}.version": version or {"$in": [None, 0]}}
    try:
        return commit(application, {**at_version, **(where or {})}, update, now)
    except StaleWrite:
        _raise_stale(application, section, raw)
        raise


def _raise_stale(application: Application, section: str, raw: Mapping[str, Any]) -> None:
    fresh = Application.objects.get(id=application.id)
    raise StaleWrite(fresh.record(section), raw)
