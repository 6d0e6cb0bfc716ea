"""The one place that writes audit events and notices, inside the running transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from models.application import Application
from models.audit import AuditEvent
from models.messages import Message
from models.outbox import OutboxRow, packed
from models.values import ref_id
from panel.domain.actors import Actor


def audit(
    actor: Actor,
    action: str,
    thing: Any,
    now: datetime,
    role: str = "",
    reason: str = "",
    unit: Any = None,
    **detail: Any,
) -> None:
    """Record that `actor` did `action` to the document `thing`. `detail` must hold no personal data."""
    AuditEvent(
        at=now,
        actor=actor.user_id,
        actor_name=actor.name,
        role=role,
        action=action,
        thing=thing._get_collection_name(),
        thing_id=str(thing.pk) if thing.pk else "",
        unit=unit or (ref_id(thing, "unit") if "unit" in thing._fields else None),
        reason=reason or None,
        detail=detail,
    ).save()


def audit_many(
    actor: Actor, action: str, things: Iterable[tuple[Any, dict[str, Any]]], now: datetime, role: str = ""
) -> None:
    """The same for many documents that have a unit, each with its own detail, in one write."""
    shared = {"at": now, "actor": actor.user_id, "actor_name": actor.name, "role": role, "action": action}
    events = [
        {key: value for key, value in shared.items() if value is not None}
        | {"thing": thing._get_collection_name(), "thing_id": str(thing.pk), "unit": ref_id(thing, "unit")}
        | {"detail": dict(detail)}
        for thing, detail in things
    ]
    if events:  # ten thousand documents would take MongoEngine seconds
        AuditEvent._get_collection().insert_many(events)


def notify(application: Application, message: Message, now: datetime, link: str = "") -> None:
    """Put a notice to the applicant into the outbox."""
    OutboxRow(
        person=ref_id(application, "person"),
        unit=ref_id(application, "unit"),
        message=message.id,
        params={key: packed(value) for key, value in message.params.items()},
        link=link or f"/my/application/{application.id}/",
        at=now,
    ).save()
