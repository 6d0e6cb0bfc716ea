"""Entries of list sections: degrees, jobs, projects, papers. Addressed by uid, never by position."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models import Application
from models.messages import M
from models.round_spec import FieldSpec, SectionShape, SectionSpec
from models.sections import Entry
from panel.domain import rounds
from panel.domain.content.writing import Parsed, Saved, commit, is_editable, parse, require, same, stored
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.policy import Actor

MOST_ENTRIES = 200
_TRIES = 5


def list_spec(application: Application, section: str) -> SectionSpec:
    """The visible list section `section`; raises NotFound."""
    spec = next((s for s in rounds.visible_sections(application) if s.key == section), None)
    if spec is None or spec.shape != SectionShape.LIST:
        raise NotFound
    return spec


def path_of(spec: SectionSpec) -> str:
    """Where the section's entries are in the document."""
    return spec.store or f"sections.{spec.key}.entries"


def find(application: Application, section: str, uid: str) -> Entry:
    """The entry; raises NotFound."""
    entry = next((e for e in application.entries(section) if e.uid == uid), None)
    if entry is None:
        raise NotFound
    return entry


def save_entry(
    application: Application,
    section: str,
    uid: str | None,
    raw: Mapping[str, Any],
    version: int,
    actor: Actor,
    now: datetime,
    kind: str = "",
    evidence: list[str] | None = None,
) -> Saved:
    """Add (`uid` None) or change an entry; `evidence` are uids of attachments that prove it, None = as is.

    Changing an entry takes HR's judgement of it away, since it was of something else. Raises NotFound,
    NotEditable, Invalid (unknown kind or evidence), Refused (too many), StaleWrite.
    """
    spec = list_spec(application, section)
    _check_evidence(application, evidence)
    if uid is None:
        return _add(application, spec, raw, actor, now, kind, evidence)
    entry = next((e for e in application.entries(section) if e.uid == uid), None)
    if entry is None:
        raise StaleWrite(None, raw)
    return _change(application, spec, entry, raw, version, actor, now, evidence)


def _check_evidence(application: Application, evidence: list[str] | None) -> None:
    known = {attachment.uid for attachment in application.attachments}
    if evidence and not set(evidence) <= known:
        raise Invalid({"evidence": M("所选证明材料已不存在，请重新选择。")})


def _add(
    application: Application,
    spec: SectionSpec,
    raw: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    kind: str,
    evidence: list[str] | None,
) -> Saved:
    require(is_editable(application, spec.key, actor, now), application)
    if kind not in ({k.key for k in spec.kinds} or {""}):
        raise Invalid({"kind": M("请选择类别。")})
    if len(application.entries(spec.key)) >= MOST_ENTRIES:
        raise Refused(M("这里最多填 %(n)s 条。", n=MOST_ENTRIES))
    entry = Entry(section=spec.key, kind=kind or None, evidence=evidence or [], version=1, changed_at=now)
    specs = rounds.visible_fields(application, spec, entry)
    parsed = parse(specs, raw)
    for field in specs:
        if field.key in parsed.values:
            entry.put(field.key, parsed.values[field.key], encrypted=field.encrypted)
    entry.unread = parsed.unread
    update: dict[str, Any] = {"$push": {path_of(spec): entry.to_mongo()}}
    where: dict[str, Any] = {}
    if spec.none_label:
        update["$set"] = {f"sections.{spec.key}.none": False}
    counters = commit(application, where, update, now)
    return Saved(entry.uid, 1, counters["revision"], counters["content_revision"], parsed.messages)


def _change(
    application: Application,
    spec: SectionSpec,
    entry: Entry,
    raw: Mapping[str, Any],
    version: int,
    actor: Actor,
    now: datetime,
    evidence: list[str] | None,
) -> Saved:
    open_specs = [
        field
        for field in rounds.visible_fields(application, spec, entry)
        if is_editable(application, spec.key, actor, now, uid=entry.uid, field=field.key)
    ]
    whole = is_editable(application, spec.key, actor, now, uid=entry.uid)
    require(bool(open_specs) or whole, application)
    parsed = parse(open_specs, raw)
    sets, unsets = _differences(entry, open_specs, parsed)
    if whole and evidence is not None and evidence != list(entry.evidence):
        sets["evidence"] = evidence
    if not sets and not unsets:
        if version != entry.version:
            raise StaleWrite(entry, raw)
        return Saved(
            entry.uid,
            version,
            application.revision,
            application.content_revision,
            parsed.messages,
            changed=False,
        )
    path = path_of(spec)
    update = {
        "$set": {f"{path}.$[e].{key}": value for key, value in sets.items()}
        | {f"{path}.$[e].version": version + 1, f"{path}.$[e].changed_at": now},
        "$unset": {f"{path}.$[e].{key}": "" for key in (*unsets, "judgement")},
    }
    try:
        counters = commit(
            application,
            {path: {"$elemMatch": {"uid": entry.uid, "version": version}}},
            update,
            now,
            array_filters=[{"e.uid": entry.uid}],
        )
    except StaleWrite as error:
        fresh = Application.objects.get(id=application.id)
        current = next((e for e in fresh.entries(spec.key) if e.uid == entry.uid), None)
        raise StaleWrite(current, raw) from error
    return Saved(entry.uid, version + 1, counters["revision"], counters["content_revision"], parsed.messages)


def _differences(entry: Entry, specs: list[FieldSpec], parsed: Parsed) -> tuple[dict[str, Any], list[str]]:
    """What to set and unset inside the entry, by path relative to it."""
    before = entry.to_mongo()
    sets: dict[str, Any] = {}
    unsets: list[str] = []
    for spec in specs:
        if spec.key not in parsed.values:
            continue
        typed = spec.key in Entry.TYPED
        old = before.get(spec.key) if typed else before.get("values", {}).get(spec.key)
        new = stored(spec, parsed.values[spec.key])
        text = parsed.unread.get(spec.key)
        if same(spec, old, new) and entry.unread.get(spec.key) == text:
            continue
        for path, value in ((spec.key if typed else f"values.{spec.key}", new), (f"unread.{spec.key}", text)):
            if value is None:
                unsets.append(path)
            else:
                sets[path] = value
    return sets, unsets


def remove_entry(
    application: Application, section: str, uid: str, version: int, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Take an entry out and return it as stored, so that it can be put back.

    What was submitted stays in its Submission. Raises NotFound, NotEditable, StaleWrite.
    """
    spec = list_spec(application, section)
    entry = find(application, section, uid)
    require(is_editable(application, section, actor, now, uid=uid), application)
    path = path_of(spec)
    try:
        commit(
            application,
            {path: {"$elemMatch": {"uid": uid, "version": version}}},
            {"$pull": {path: {"uid": uid}}},
            now,
        )
    except StaleWrite as error:
        fresh = Application.objects.get(id=application.id)
        current = next((e for e in fresh.entries(section) if e.uid == uid), None)
        raise StaleWrite(current) from error
    return dict(entry.to_mongo())


def restore_entry(
    application: Application, section: str, removed: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Put back what `remove_entry` returned, at the end; nothing happens when it is there already."""
    spec = list_spec(application, section)
    entry = Entry._from_son(dict(removed))
    require(
        is_editable(application, section, actor, now, uid=entry.uid)
        or is_editable(application, section, actor, now),
        application,
    )
    if any(e.uid == entry.uid for e in application.entries(section)):
        return
    path = path_of(spec)
    commit(
        application,
        {f"{path}.uid": {"$ne": entry.uid}},
        {"$push": {path: entry.to_mongo()}},
        now,
    )


def move_entry(
    application: Application, section: str, uid: str, before: str | None, actor: Actor, now: datetime
) -> None:
    """Put an entry before another (None = at the end). A change in between is taken in, not undone."""
    spec = list_spec(application, section)
    require(is_editable(application, section, actor, now), application)
    path = path_of(spec)
    for _ in range(_TRIES):
        stored_list = list(_stored_list(application, path))
        rows = _moved(stored_list, uid, before)
        if rows == stored_list:
            return
        try:
            commit(application, {"revision": application.revision}, {"$set": {path: rows}}, now)
            return
        except StaleWrite:
            application = Application.objects.get(id=application.id)
    raise StaleWrite


def _stored_list(application: Application, path: str) -> list[Any]:
    value: Any = application.to_mongo()
    for part in path.split("."):
        value = value.get(part, {})
    return value or []


def _moved(rows: list[Any], uid: str, before: str | None) -> list[Any]:
    moving = next((row for row in rows if row["uid"] == uid), None)
    if moving is None:
        raise NotFound
    rest = [row for row in rows if row["uid"] != uid]
    place = next((i for i, row in enumerate(rest) if row["uid"] == before), len(rest))
    return [*rest[:place], moving, *rest[place:]]
