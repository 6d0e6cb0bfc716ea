"""Attachments, the photo, and the record of a preview. Bytes are stored before, by the storage service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models import Application
from models.messages import M
from models.round_spec import SlotSpec
from models.sections import Attachment, Photo
from models.values import ref_id
from panel.domain import rounds
from panel.domain.content.writing import (
    ATTACHMENTS,
    commit,
    is_editable,
    is_whole_open,
    reopened,
    require,
)
from panel.domain.errors import NotFound, Refused, StaleWrite
from panel.domain.policy import Actor, Permission, may

_LISTS = ("education", "training", "work_history", "achievements", "assessments")


def slot_spec(application: Application, slot: str) -> SlotSpec:
    """The slot, if this application has it; raises NotFound."""
    spec = next((s for s in rounds.visible_slots(application) if s.key == slot), None)
    if spec is None:
        raise NotFound
    return spec


def can_add(application: Application, slot: str, actor: Actor, now: datetime) -> bool:
    """Whether a file may be added to `slot` now; while an entry is reopened its proof may be added."""
    if is_editable(application, ATTACHMENTS, actor, now, field=slot):
        return True
    return is_whole_open(application, actor, now) and any(item.entry for item in reopened(application))


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
    old = _find(application, replaces) if replaces else None
    allowed = (
        is_editable(application, ATTACHMENTS, actor, now, uid=old.uid, field=slot)
        if old
        else can_add(application, slot, actor, now)
    )
    require(allowed, application)
    if old is None and len(application.files(slot)) >= spec.max_files:
        raise Refused(M("“%(slot)s”最多上传 %(n)s 个文件。", slot=spec.label, n=spec.max_files))
    attachment.slot, attachment.at, attachment.version = slot, now, 1
    if old is None:
        # the count is checked once more by the database: two uploads at once can't overfill a slot
        where = {"$expr": {"$lt": [_count_in(slot), spec.max_files]}}
        commit(application, where, {"$push": {"attachments": attachment.to_mongo()}}, now)
        return attachment
    attachment.replaces = old.uid
    _swap(application, old, attachment, now)
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


def _swap(application: Application, old: Attachment, new: Attachment, now: datetime) -> None:
    update: dict[str, Any] = {"$set": {"attachments.$[a]": new.to_mongo()}}
    filters: list[Any] = [{"a.uid": old.uid}]
    for name in _lists_naming(application, old.uid):
        update["$set"][f"{name}.$[].evidence.$[x]"] = new.uid
    if len(update["$set"]) > 1:
        filters.append({"x": old.uid})
    where = {"attachments": {"$elemMatch": {"uid": old.uid, "version": old.version}}}
    commit(application, where, update, now, array_filters=filters)


def _lists_naming(application: Application, uid: str) -> list[str]:
    return [name for name in _LISTS if any(uid in entry.evidence for entry in getattr(application, name))]


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
) -> None:
    """State the months a statement covers (G25) and a note. Raises NotFound, NotEditable, StaleWrite."""
    found = _find(application, uid)
    require(is_editable(application, ATTACHMENTS, actor, now, uid=uid, field=found.slot), application)
    update = {
        "$set": {
            "attachments.$[a].months": months,
            "attachments.$[a].note": note or None,
            "attachments.$[a].version": version + 1,
        },
        "$unset": {"attachments.$[a].judgement": ""},
    }
    where = {"attachments": {"$elemMatch": {"uid": uid, "version": version}}}
    try:
        commit(application, where, update, now, array_filters=[{"a.uid": uid}])
    except StaleWrite as error:
        fresh = Application.objects.get(id=application.id)
        current = next((a for a in fresh.attachments if a.uid == uid), None)
        raise StaleWrite(current, {"months": months, "note": note}) from error


def remove_attachment(application: Application, uid: str, actor: Actor, now: datetime) -> None:
    """Take a file out of its slot and out of the entries that name it. Raises NotFound, NotEditable."""
    found = _find(application, uid)
    require(is_editable(application, ATTACHMENTS, actor, now, uid=uid, field=found.slot), application)
    pull: dict[str, Any] = {"attachments": {"uid": uid}}
    for name in _lists_naming(application, uid):
        pull[f"{name}.$[].evidence"] = uid
    commit(application, {"attachments.uid": uid}, {"$pull": pull}, now)


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
        {"_id": ref_id(application, "id") or application.id, "content_revision": content_revision},
        {
            "$set": {"preview": {"content_revision": content_revision, "at": now, "sha256": sha256}},
            "$inc": {"revision": 1},
        },
    )
