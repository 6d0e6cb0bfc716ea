"""Files that leave the product: who takes what away is recorded, and may take only what they may read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from models.choices import Role
from panel.domain.policy import Actor
from panel.domain.records import audit


def record_list(
    actor: Actor, model: Any, rows: int, columns: Sequence[str], now: datetime, reason: str = ""
) -> None:
    """Record that `actor` took away a list of `rows` documents of `model` with these columns.

    What was searched for isn't recorded: it may be a name.
    """
    audit(
        actor,
        "export_list",
        model(),
        now,
        reason=reason,
        unit=unit_of(actor),
        list=model._get_collection_name(),
        rows=rows,
        columns=list(columns),
    )


def unit_of(actor: Actor) -> ObjectId | None:
    """The unit whose supervisor reads of it: that of the actor's work, else of the person."""
    for role in (Role.UNIT_HR, Role.SUPERVISOR, Role.ENDORSER):
        for grant in actor.as_(role):
            if grant.unit_id:
                return grant.unit_id
    return actor.unit_id
