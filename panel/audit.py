"""Writes audit events of deeds outside the workflow: sign-ins, accounts, settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models import AuditEvent


def record(
    action: str,
    thing: str,
    thing_id: object = "",
    *,
    at: datetime,
    actor: Any = None,
    actor_name: str = "",
    role: str = "",
    reason: str = "",
    unit: Any = None,
    **detail: Any,
) -> AuditEvent:
    """Store one deed; called inside the deed's transaction where there is one."""
    return AuditEvent(
        at=at,
        actor=actor,
        actor_name=actor_name,
        role=role,
        action=action,
        thing=thing,
        thing_id=str(thing_id),
        reason=reason,
        unit=getattr(unit, "id", unit),
        detail=detail,
    ).save(force_insert=True)
