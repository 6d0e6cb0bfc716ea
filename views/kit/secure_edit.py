"""Writing documents from a form without losing anybody's change (trap 12)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import bson
import mongoengine as me
from pymongo.errors import DuplicateKeyError

from models.database import transaction
from models.messages import M, Message
from panel import clock
from panel.domain import records
from panel.domain.actors import Actor
from panel.domain.errors import Invalid, NotFound, StaleWrite
from views.kit.secure_forms import PanelForm, populate


def fingerprint(document: Any) -> str:
    """What a form carries to say which stored version it was made from."""
    raw = type(document)._get_collection().find_one({"_id": document.pk})
    return _fingerprint(raw)


def _fingerprint(raw: dict[str, Any] | None) -> str:
    if raw is None:
        return "gone"
    return hashlib.sha256(bson.encode(dict(sorted(raw.items())))).hexdigest()[:32]


def insert(model: type, form: PanelForm, actor: Actor, prepare: Callable[[Any], None]) -> Any:
    """Store and return a new document with the form's values; raises Invalid with messages by field.

    `prepare` sets what the form doesn't hold.
    """

    # Each run of the transaction starts from a fresh document: what a failed run saved isn't saved.
    def body() -> Any:
        document: Any = model()
        populate(form, document)
        prepare(document)
        _stamp(document, 1)
        document.save(force_insert=True)
        records.audit(actor, "create", document, clock.now(), fields=sorted(form._fields))
        return document

    return _checked(body)


def update(document: Any, form: PanelForm, seen: str, actor: Actor, prepare: Callable[[Any], None]) -> Any:
    """Write and return the document with the changed fields if the stored version is still the one `seen`.

    Raises StaleWrite with the stored document as `current`, NotFound when it is gone, Invalid by field.
    """
    model = type(document)

    def body() -> Any:
        raw = model._get_collection().find_one({"_id": document.pk})
        fresh = model.objects(pk=document.pk).first()
        if raw is None or fresh is None:
            raise NotFound
        if _fingerprint(raw) != seen:
            raise StaleWrite(fresh, form.data)
        populate(form, fresh)
        prepare(fresh)
        changed = sorted(set(fresh._get_changed_fields()))
        if changed:
            _stamp(fresh, raw.get("version", 0) + 1)
            # The condition keeps MongoEngine from inserting a stub where the document was deleted.
            fresh.save(save_condition={"pk": fresh.pk})
            records.audit(actor, "update", fresh, clock.now(), fields=changed)
        return fresh

    return _checked(body)


def delete(document: Any, actor: Actor) -> None:
    """Remove `document`, with an audit event."""

    def body() -> None:
        document.delete()
        records.audit(actor, "delete", document, clock.now())

    transaction(body)


def _stamp(document: Any, version: int) -> None:
    if "version" in document._fields:
        document.version = version
    now = clock.now()
    if "updated_at" in document._fields:
        document.updated_at = now
    if "created_at" in document._fields and not document.created_at:
        document.created_at = now


def _checked(body: Callable[[], Any]) -> Any:
    try:
        return transaction(body)
    except me.ValidationError as error:
        names = error.to_dict() or {"": ""}
        raise Invalid({name: M("这一项的内容不符合要求，请检查。") for name in names}) from error
    except (me.NotUniqueError, DuplicateKeyError) as error:
        raise Invalid({name: _taken() for name in _unique_fields(error)}) from error


def _taken() -> Message:
    return M("已有相同的记录，请检查。")


def _unique_fields(error: Exception) -> list[str]:
    # In a transaction the driver's own error comes through; MongoEngine hides it in the context.
    cause: Any = error if isinstance(error, DuplicateKeyError) else error.__context__
    pattern = (getattr(cause, "details", None) or {}).get("keyPattern", {})
    return list(pattern) or [""]
