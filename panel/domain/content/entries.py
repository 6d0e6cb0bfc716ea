"""Entries of list sections: degrees, jobs, projects, papers. Addressed by uid, never by position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import Origin, State, Verdict
from models.form_spec import ENTRY_LISTS, MOST_ROWS, SectionShape, SectionSpec
from models.messages import M
from models.sections import Entry
from panel.domain.actors import Actor
from panel.domain.content.writing import (
    Saved,
    commit,
    differences,
    is_editable,
    read_into,
    require,
    unchanged,
    write_into,
)
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.rounds import parts

MOST_ENTRIES = MOST_ROWS
_TRIES = 5
_UID = re.compile(r"[0-9a-f]{32}")


def list_spec(application: Application, section: str) -> SectionSpec:
    """The visible list section `section`; raises NotFound."""
    spec = next((s for s in parts.visible_sections(application) if s.key == section), None)
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
    new_uid: str = "",
) -> Saved:
    """Add (`uid` None) or change an entry; `evidence` are uids of attachments that prove it, None = as is.

    `new_uid` is the identity that a form made for a new entry, so that the same save sent twice adds it
    once. Changing an entry takes HR's judgement of it away, since it was of something else; what the
    applicant adds in a draft to an entry of HR's own table leaves it accepted. Raises
    NotFound, NotEditable, Invalid (unknown kind or evidence), Refused (too many), StaleWrite.
    """
    spec = list_spec(application, section)
    proof = evidence if spec.evidence else None
    _check_evidence(application, proof)
    wanted = uid or new_uid
    entry = next((e for e in application.entries(section) if e.uid == wanted), None)
    if entry is not None:
        # the form of a new entry that was stored already knows of no version, and only it wrote the first
        seen = version if uid else max(version, 1)
        return _change(application, spec, entry, raw, seen, actor, now, proof)
    if uid is not None:
        raise StaleWrite(None, raw)
    made = Entry(section=spec.key, kind=kind or None, evidence=proof or [], version=1, changed_at=now)
    if _UID.fullmatch(new_uid) and not any(new_uid == other for other in _uids(application)):
        made.uid = new_uid
    return _add(application, spec, made, raw, actor, now)


def _check_evidence(application: Application, evidence: list[str] | None) -> None:
    known = {attachment.uid for attachment in application.attachments}
    if evidence and not set(evidence) <= known:
        raise Invalid({"evidence": M("所选证明材料已不存在，请重新选择。")})


def _proved_by(evidence: list[str] | None) -> dict[str, Any]:
    """The condition that all of `evidence` is still there."""
    return {"attachments.uid": {"$all": evidence}} if evidence else {}


def _uids(application: Application) -> list[str]:
    lists = [getattr(application, name) for name in ENTRY_LISTS]
    lists += [record.entries for record in application.sections.values()]
    return [item.uid for items in (*lists, application.attachments) for item in items]


def _add(
    application: Application,
    spec: SectionSpec,
    entry: Entry,
    raw: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> Saved:
    require(is_editable(application, spec.key, actor, now), application)
    if (entry.kind or "") not in ({k.key for k in spec.kinds} or {""}):
        raise Invalid({"kind": M("请选择类别。")})
    if len(application.entries(spec.key)) >= spec.max_rows:
        raise Refused(M("这里最多填 %(n)s 条。", n=spec.max_rows))
    reading = read_into(application, spec, entry, raw, lambda key: True)
    write_into(entry, reading)
    update: dict[str, Any] = {"$push": {path_of(spec): entry.to_mongo()}}
    if spec.none_label:
        update["$set"] = {f"sections.{spec.key}.none": False}
    where = _proved_by(list(entry.evidence))
    try:
        counters = commit(application, where, update, now)
    except StaleWrite:
        _check_evidence(Application.objects.get(id=application.id), list(entry.evidence))
        raise
    return Saved(entry.uid, 1, *counters, reading.parsed.messages)


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
    def is_open(field: str) -> bool:
        return is_editable(application, spec.key, actor, now, uid=entry.uid, field=field)

    whole = is_open("")
    shown = parts.visible_fields(application, spec, entry)
    require(whole or any(is_open(field.key) for field in shown), application)
    reading = read_into(application, spec, entry, raw, is_open)
    sets, unsets = differences(entry, reading, Entry.TYPED)
    if whole and evidence is not None and evidence != list(entry.evidence):
        sets["evidence"] = evidence
    messages = reading.parsed.messages
    if not sets and not unsets:
        return unchanged(application, entry.uid, entry.version, messages)
    path = path_of(spec)
    gone = unsets if _stays_accepted(application, entry) else [*unsets, "judgement"]
    update = {
        "$set": {f"{path}.$[e].{key}": value for key, value in sets.items()}
        | {f"{path}.$[e].version": version + 1, f"{path}.$[e].changed_at": now},
    }
    if gone:
        update["$unset"] = {f"{path}.$[e].{key}": "" for key in gone}
    where = {path: {"$elemMatch": {"uid": entry.uid, "version": version}}}
    where |= _proved_by(sets.get("evidence"))
    try:
        counters = commit(application, where, update, now, array_filters=[{"e.uid": entry.uid}])
    except StaleWrite as error:
        fresh = Application.objects.get(id=application.id)
        _check_evidence(fresh, sets.get("evidence"))
        current = next((e for e in fresh.entries(spec.key) if e.uid == entry.uid), None)
        raise StaleWrite(current, raw) from error
    return Saved(entry.uid, version + 1, *counters, messages)


def _stays_accepted(application: Application, entry: Entry) -> bool:
    if entry.origin != Origin.HR or application.state != State.DRAFT or entry.judgement is None:
        return False
    return bool(entry.judgement.verdict == Verdict.ACCEPT)


def can_remove(application: Application, entry: Entry, actor: Actor, now: datetime) -> bool:
    """Whether the entry may be taken out now; one of HR's material table may not (G24)."""
    return not entry.given and is_editable(application, entry.section, actor, now, uid=entry.uid)


def remove_entry(
    application: Application, section: str, uid: str, version: int, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Take an entry out and return it as stored, so that it can be put back.

    What was submitted stays in its Submission. Raises NotFound, NotEditable, StaleWrite.
    """
    spec = list_spec(application, section)
    entry = find(application, section, uid)
    require(is_editable(application, section, actor, now, uid=uid), application)
    if entry.given:
        raise Refused(M("这一条来自人事部门的材料表，不能删除。内容有误的，请在“材料表核对”里提出异议。"))
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
    if entry.section != section:
        raise NotFound
    require(
        is_editable(application, section, actor, now, uid=entry.uid)
        or is_editable(application, section, actor, now),
        application,
    )
    if entry.uid in _uids(application):
        return
    if len(application.entries(section)) >= spec.max_rows:
        raise Refused(M("这里最多填 %(n)s 条。", n=spec.max_rows))
    known = {attachment.uid for attachment in application.attachments}
    entry.evidence = [uid for uid in entry.evidence if uid in known]
    path = path_of(spec)
    update: dict[str, Any] = {"$push": {path: entry.to_mongo()}}
    if spec.none_label:
        update["$set"] = {f"sections.{section}.none": False}
    where = {f"{path}.uid": {"$ne": entry.uid}} | _proved_by(list(entry.evidence))
    commit(application, where, update, now)


def move_entry(
    application: Application, section: str, uid: str, before: str | None, actor: Actor, now: datetime
) -> None:
    """Put an entry before another (None = at the end). A change in between is taken in, not undone."""
    spec = list_spec(application, section)
    require(is_editable(application, section, actor, now), application)
    path = path_of(spec)
    for _ in range(_TRIES):
        find(application, section, uid)
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
    moving = next(row for row in rows if row["uid"] == uid)
    rest = [row for row in rows if row["uid"] != uid]
    place = next((i for i, row in enumerate(rest) if row["uid"] == before), len(rest))
    return [*rest[:place], moving, *rest[place:]]
