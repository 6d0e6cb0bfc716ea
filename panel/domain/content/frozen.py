"""The content of an application in a canonical form: what is frozen, hashed, compared and shown to HR."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bson import ObjectId

from models.application import Application, Submission
from models.form_spec import ITEM_LISTS
from models.values import PartialDate, as_read, put
from panel.domain.errors import NotFound

#: What was applied for, and from where; judgements and the case itself are not content.
_CHOICE = (
    "kind",
    "exceptional",
    "committee",
    "level",
    "speciality",
    "edition",
    "unit",
    "recommending_unit",
)
#: Everything the applicant answers for.
CONTENT = (*_CHOICE, "sections", *ITEM_LISTS, "photo")
#: Of a record, entry or attachment: kept beside the content, not part of it.
_BESIDE = frozenset({"judgement", "version", "changed_at", "given", "agreement", "adopted"})


def content_of(application: Application) -> dict[str, Any]:
    """The content as plain data, personal fields still sealed."""
    stored = application.to_mongo()
    content: dict[str, Any] = {key: stored[key] for key in (*_CHOICE, "photo") if key in stored}
    content |= {key: [_item(item) for item in stored[key]] for key in ITEM_LISTS if key in stored}
    content["sections"] = {key: _record(record) for key, record in stored.get("sections", {}).items()}
    return content


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of `content_of`, in hexadecimal."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def freeze(application: Application, by: ObjectId | None, now: datetime) -> str:
    """Keep the content as it is now for good, once per content_revision; returns its hash.

    `application` is as stored. Joins the running transaction.
    """
    content = content_of(application)
    digest = content_hash(content)
    if not Submission.objects(application=application, content_revision=application.content_revision):
        Submission(
            application=application,
            content_revision=application.content_revision,
            content=content,
            sha256=digest,
            form_sha256=(application.preview or {}).get("sha256"),
            at=now,
            by=by,
        ).save(force_insert=True)
    return digest


def as_submitted(application: Application) -> Application:
    """The application with the content that was submitted last: what everybody but its applicant reads.

    It is `application` itself unless corrections are half made; then a copy that is never stored, in which
    judgements stay with their entries. Raises NotFound when nothing was submitted yet (G30).
    """
    receipt = application.receipt
    if receipt is None:
        raise NotFound
    if receipt.content_revision == application.content_revision:
        return application
    last = Submission.objects(application=application.id).order_by("-content_revision").first()
    if last is None:
        raise NotFound
    if last.content_revision == application.content_revision:
        return application
    stored = application.to_mongo()
    judged = {item["uid"]: item["judgement"] for item in _items(stored) if item.get("judgement")}
    son = {key: value for key, value in stored.items() if key not in CONTENT} | last.to_mongo()["content"]
    for item in _items(son):
        if item["uid"] in judged:
            item["judgement"] = judged[item["uid"]]
    shown = Application._from_son(son)
    for name in ("round", "person"):
        put(shown, name, as_read(application, name))
    return shown


def _items(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All entries and attachments of a stored application."""
    found = [item for key in ITEM_LISTS for item in stored.get(key) or []]
    for record in (stored.get("sections") or {}).values():
        found += record.get("entries") or []
    return found


def _item(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in stored.items() if key not in _BESIDE}


def _record(stored: Mapping[str, Any]) -> dict[str, Any]:
    return _item(stored) | {"entries": [_item(entry) for entry in stored.get("entries", [])]}


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, PartialDate):
        return value.iso()
    return str(value)
