"""Sections that are one record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models import Application
from models.messages import M
from models.round_spec import SectionShape
from panel.domain import rounds
from panel.domain.content.writing import Saved, commit, is_editable, parse, require, same, stored
from panel.domain.errors import NotFound, Refused, StaleWrite
from panel.domain.policy import Actor


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
    spec = next((s for s in rounds.visible_sections(application) if s.key == section), None)
    if spec is None or spec.shape != SectionShape.RECORD:
        raise NotFound
    record = application.record(section)
    open_specs = [
        field
        for field in rounds.visible_fields(application, spec)
        if is_editable(application, section, actor, now, field=field.key)
    ]
    require(bool(open_specs), application)
    parsed = parse(open_specs, raw)
    sets: dict[str, Any] = {}
    unsets: dict[str, Any] = {}
    for field in open_specs:
        if field.key not in parsed.values:
            continue
        value = stored(field, parsed.values[field.key])
        text = parsed.unread.get(field.key)
        if same(field, record.values.get(field.key), value) and record.unread.get(field.key) == text:
            continue
        _place(sets, unsets, f"sections.{section}.values.{field.key}", value)
        _place(sets, unsets, f"sections.{section}.unread.{field.key}", text)
    if not sets and not unsets:
        if version != record.version:
            _raise_stale(application, section, raw)
        return Saved(
            "", version, application.revision, application.content_revision, parsed.messages, changed=False
        )
    counters = _write(application, section, version, sets, unsets, raw, now)
    return Saved("", version + 1, counters["revision"], counters["content_revision"], parsed.messages)


def set_none(
    application: Application, section: str, none: bool, version: int, actor: Actor, now: datetime
) -> Saved:
    """Tick or untick 确无相应业绩 (G21). Raises Refused while entries stand against it."""
    spec = next((s for s in rounds.visible_sections(application) if s.key == section), None)
    if spec is None or not spec.none_label:
        raise NotFound
    require(is_editable(application, section, actor, now), application)
    if none and application.entries(section):
        raise Refused(M("这里已有条目。确无业绩的，请先删除条目，再勾选。"))
    counters = _write(application, section, version, {f"sections.{section}.none": none}, {}, {}, now)
    return Saved("", version + 1, counters["revision"], counters["content_revision"])


def _place(sets: dict[str, Any], unsets: dict[str, Any], path: str, value: Any) -> None:
    if value is None:
        unsets[path] = ""
    else:
        sets[path] = value


def _write(
    application: Application,
    section: str,
    version: int,
    sets: dict[str, Any],
    unsets: dict[str, Any],
    raw: Mapping[str, Any],
    now: datetime,
) -> Mapping[str, Any]:
    path = f"sections.{section}"
    update: dict[str, Any] = {
        "$set": {**sets, f"{path}.version": version + 1, f"{path}.changed_at": now},
    }
    if unsets:
        update["$unset"] = unsets
    where = {f"{path}.version": version if version else None}
    try:
        return commit(application, where, update, now)
    except StaleWrite:
        _raise_stale(application, section, raw)
        raise


def _raise_stale(application: Application, section: str, raw: Mapping[str, Any]) -> None:
    fresh = Application.objects.get(id=application.id)
    raise StaleWrite(fresh.record(section), raw)
