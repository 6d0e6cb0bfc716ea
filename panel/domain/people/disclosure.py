"""Who sees what identifies a person: sealed values in clear (DESIGN section 3), scans of cards (R23)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import Role
from models.messages import M
from models.person import Person
from models.sections import Entry, SectionRecord
from panel.domain.access.policy import allowed_role, may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.errors import NotFound, Refused
from panel.domain.people.roster import refuse_foreign
from panel.domain.people.roster_columns import COLUMNS
from panel.domain.records import audit


def application_value(
    application: Application, section: str, entry: str, field: str, actor: Actor, now: datetime
) -> Any:
    """The clear value of a sealed field of a record, or of the entry with uid `entry`.

    Raises Refused, and NotFound where there is no such sealed field.
    """
    role = allowed_role(actor, Permission.REVEAL, application)
    if role is None:
        raise Refused(M("您不能查看这项完整内容。"))
    try:
        spec = application.spec.section(section).field(field)
    except KeyError as error:
        raise NotFound from error
    holder: SectionRecord | Entry | None = application.record(section)
    if entry:
        holder = next((e for e in application.entries(section) if e.uid == entry), None)
    if holder is None or not spec.encrypted:
        raise NotFound
    audit(actor, "reveal", application, now, role=role, section=section, entry=entry, field=field)
    return holder.typed_text(field) or holder.get(field)


def roster_value(person: Person, field: str, actor: Actor, now: datetime) -> str:
    """The clear value of a secret column of the roster; raises Refused, NotFound."""
    refuse_foreign(actor, [person])
    if not any(column.key == field and column.secret for column in COLUMNS):
        raise NotFound
    audit(actor, "reveal", person, now, role=Role.UNIT_HR, field=field, staff_number=person.staff_number)
    return str(getattr(person, field) or "")


def may_open(application: Application, slot: str, actor: Actor) -> bool:
    """Whether a reader of the application may open the files of `slot`.

    A private one is for those who may see ID numbers (R23), and so is one that the round no longer has. A
    slot that HR closes later is closed also for the applications judged by an earlier version.
    """
    if may(actor, Permission.REVEAL, application):
        return True
    closed = {
        row.key for spec in (application.spec, application.round.spec) for row in spec.slots if row.private
    }
    return slot not in closed and any(row.key == slot for row in application.spec.slots)
