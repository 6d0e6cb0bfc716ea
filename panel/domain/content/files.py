"""Attachments, the photo, and the record of a preview. Bytes are stored before, by the storage service."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import Origin
from models.form_spec import ENTRY_LISTS, SlotSpec
from models.messages import M, Message
from models.sections import Attachment, Photo, ReturnItem
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.content.writing import (
    ATTACHMENTS,
    commit,
    is_editable,
    is_whole_open,
    reopened,
    require,
)
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.rounds.parts import AskedForm

#: Months beyond this are a typing error.
MOST_MONTHS = 720
LONGEST_NOTE = 300
MOST_NAME = 120
_TRIES = 5
#: Endings that say what a content is: a wrong one is replaced, anything else after a dot is part of a name.
_ENDINGS = {".jpg", ".jpeg", ".png", ".pdf", ".heic", ".heif"}


def slot_spec(application: Application, slot: str) -> SlotSpec:
    """The slot, if this application has it; raises NotFound."""
    spec = next((s for s in AskedForm(application).slots if s.key == slot), None)
    if spec is None:
        raise NotFound
    return spec


def can_add(asked: AskedForm, slot: str, actor: Actor, now: datetime) -> bool:
    """Whether a file may be added to `slot` now; while an entry is reopened its proof may be added.

    Proof goes where proof is kept, not to what shows ID numbers or what HR puts there.
    """
    application = asked.application
    if is_editable(application, ATTACHMENTS, actor, now, field=slot):
        return True
    spec = next((s for s in asked.slots if s.key == slot), None)
    if spec is None or spec.private or spec.by_hr:
        return False
    return is_whole_open(application, actor, now) and any(
        _asks_for_proof(asked, item) for item in reopened(application)
    )


def _asks_for_proof(asked: AskedForm, item: ReturnItem) -> bool:
    section = asked.section(item.section)
    return section is not None and section.evidence and not item.field


def can_change(application: Application, attachment: Attachment, actor: Actor, now: datetime) -> bool:
    """Whether the file may be replaced, described or removed now: reopened, or added since the return.

    What HR put there, such as the stamped material table, is HR's to replace (G28).
    """
    if attachment.origin == Origin.HR:
        return False
    if is_editable(application, ATTACHMENTS, actor, now, uid=attachment.uid, field=attachment.slot):
        return True
    if not is_whole_open(application, actor, now) or not application.returns:
        return False
    return attachment.at is not None and attachment.at > application.returns[-1].at


def require_room(
    application: Application, slot: str, actor: Actor, now: datetime, replaces: str | None = None
) -> None:
    """Refuse before anybody looks at the file: raises NotFound, NotEditable, Refused (slot full)."""
    spec = slot_spec(application, slot)
    if replaces:
        old = _find(application, replaces)
        if old.slot != slot:
            raise NotFound
        require(can_change(application, old, actor, now), application)
        return
    require(can_add(AskedForm(application), slot, actor, now), application)
    if len(application.files(slot)) >= spec.max_files:
        raise _full(spec)


def _full(spec: SlotSpec) -> Refused:
    return Refused(M("“%(slot)s”最多上传 %(n)s 个文件。", slot=spec.label, n=spec.max_files))


def add_attachment(
    application: Application,
    slot: str,
    attachment: Attachment,
    actor: Actor,
    now: datetime,
    replaces: str | None = None,
) -> Attachment:
    """Record a stored file in its slot; `replaces` takes another's place, evidence links included.

    The replaced file stays in the submissions that held it. Raises NotFound, NotEditable, Refused
    (slot full), StaleWrite.
    """
    spec = slot_spec(application, slot)
    attachment.slot, attachment.at, attachment.version = slot, now, 1
    require_room(application, slot, actor, now, replaces)
    if replaces:
        old = _find(application, replaces)
        attachment.replaces = old.uid
        return replace_file(application, old, attachment, now)
    # the count is checked once more by the database: two uploads at once can't overfill a slot
    where = {"$expr": {"$lt": [_count_in(slot), spec.max_files]}}
    try:
        commit(application, where, {"$push": {"attachments": attachment.to_mongo()}}, now)
    except StaleWrite as error:
        raise _full(spec) from error
    return attachment


def _count_in(slot: str) -> dict[str, Any]:
    return {
        "$size": {
            "$filter": {
                "input": {"$ifNull": ["$attachments", []]},
                "as": "a",
                "cond": {"$eq": ["$$a.slot", {"$literal": slot}]},
            }
        }
    }


def replace_file(application: Application, old: Attachment, new: Attachment, now: datetime) -> Attachment:
    """Put `new` in the place of `old`, in entries that name it too; raises StaleWrite."""
    for fresh in _attempts(application):
        if _find(fresh, old.uid).version != old.version:
            break
        update: dict[str, Any] = {"$set": {"attachments.$[a]": new.to_mongo()}}
        filters: list[Any] = [{"a.uid": old.uid}]
        for path in _lists_naming(fresh, old.uid):
            update["$set"][f"{path}.$[e].evidence.$[x]"] = new.uid
        if len(update["$set"]) > 1:
            filters += [{"e.evidence": old.uid}, {"x": old.uid}]
        try:
            commit(fresh, {"revision": fresh.revision}, update, now, array_filters=filters)
            return new
        except StaleWrite:
            continue
    raise StaleWrite(
        next((a for a in Application.objects.get(id=application.id).attachments if a.uid == old.uid), None)
    )


def _attempts(application: Application) -> Iterator[Application]:
    """The application, then as it is stored now, a few times: for writes that take changes in between in."""
    yield application
    for _ in range(_TRIES):
        yield Application.objects.get(id=application.id)


def _lists_naming(application: Application, uid: str) -> list[str]:
    """Where entries name the attachment, tables of HR's included."""
    lists = {name: getattr(application, name) for name in ENTRY_LISTS}
    lists |= {f"sections.{key}.entries": record.entries for key, record in application.sections.items()}
    return [path for path, entries in lists.items() if any(uid in entry.evidence for entry in entries)]


def _find(application: Application, uid: str | None) -> Attachment:
    found = next((a for a in application.attachments if a.uid == uid), None)
    if found is None:
        raise NotFound
    return found


def edit_attachment(
    application: Application,
    uid: str,
    months: int | None,
    note: str,
    version: int,
    actor: Actor,
    now: datetime,
    name: str | None = None,
) -> int:
    """State the months a statement covers (G25), a note, and what the file is called (None = as it is).

    Returns the version that is stored then. A new name alone leaves HR's judgement. Raises Invalid, NotFound,
    NotEditable, StaleWrite.
    """
    found = _find(application, uid)
    require(can_change(application, found, actor, now), application)
    note = note.strip()
    called = found.name if name is None else file_name(name, os.path.splitext(found.name)[1])
    wrong: dict[str, Message] = {}
    if not called:
        wrong["name"] = M("请填写文件名称。")
    if months is not None and not 0 <= months <= MOST_MONTHS:
        wrong["months"] = M("请填写 0 到 %(n)s 之间的月数。", n=MOST_MONTHS)
    if len(note) > LONGEST_NOTE:
        wrong["note"] = M("最多 %(n)s 个字。", n=LONGEST_NOTE)
    if wrong:
        raise Invalid(wrong)
    is_same = (months, note) == (found.months, found.note or "")
    if is_same and called == found.name:
        return int(found.version)
    update: dict[str, Any] = {
        "$set": {
            "attachments.$[a].name": called,
            "attachments.$[a].months": months,
            "attachments.$[a].note": note or None,
            "attachments.$[a].version": version + 1,
        },
    }
    if not is_same:
        update["$unset"] = {"attachments.$[a].judgement": ""}
    where = {"attachments": {"$elemMatch": {"uid": uid, "version": version}}}
    try:
        commit(application, where, update, now, array_filters=[{"a.uid": uid}])
    except StaleWrite as error:
        fresh = Application.objects.get(id=application.id)
        current = next((a for a in fresh.attachments if a.uid == uid), None)
        typed = {"months": months, "note": note} | ({} if name is None else {"name": called})
        raise StaleWrite(current, typed) from error
    return version + 1


def file_name(typed: str, ending: str = "") -> str:
    """A file's name as it is kept: no folders, nothing invisible, at most MOST_NAME letters.

    `ending` (with its dot) is that of the content and stays; without it the name's own does. "" for nothing.
    """
    name = typed.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip()
    stem, own = os.path.splitext(name)
    if ending and own.lower() != ending.lower():
        stem, own = (name if own.lower() not in _ENDINGS else stem), ending
    stem = stem.strip(" .")
    return f"{stem[: MOST_NAME - len(own)]}{own}" if stem else ""


def remove_attachment(application: Application, uid: str, actor: Actor, now: datetime) -> None:
    """Take a file out of its slot and out of the entries that name it. Raises NotFound, NotEditable."""
    require(can_change(application, _find(application, uid), actor, now), application)
    for fresh in _attempts(application):
        _find(fresh, uid)
        paths = _lists_naming(fresh, uid)
        pull = {"attachments": {"uid": uid}} | {f"{path}.$[e].evidence": uid for path in paths}
        filters: list[Mapping[str, Any]] | None = [{"e.evidence": uid}] if paths else None
        try:
            commit(fresh, {"revision": fresh.revision}, {"$pull": pull}, now, array_filters=filters)
            return
        except StaleWrite:
            continue
    raise StaleWrite


def set_photo(application: Application, photo: Photo, section: str, actor: Actor, now: datetime) -> None:
    """Record the re-encoded portrait (G11); `section` is where the round shows it."""
    require(is_editable(application, section, actor, now, field="photo"), application)
    photo.at = now
    commit(application, {}, {"$set": {"photo": photo.to_mongo()}}, now)


def record_preview(
    application: Application, content_revision: int, sha256: str, actor: Actor, now: datetime
) -> None:
    """Record that the form was served to its applicant with exactly this content (G29).

    Not a change of content. Nothing is recorded for content that has changed since.
    """
    if not may(actor, Permission.EDIT_CONTENT, application):
        raise NotFound
    Application._get_collection().update_one(
        {"_id": application.id, "content_revision": content_revision},
        {
            "$set": {"preview": {"content_revision": content_revision, "at": now, "sha256": sha256}},
            "$inc": {"revision": 1},
        },
    )
