"""A wrong choice of kind, level, committee or speciality changed; what was filled in stays (G07)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models import Application
from models.choices import Kind, Role, State
from models.database import transaction
from models.messages import M
from models.sections import Step
from models.values import ref_id
from panel.domain import rounds
from panel.domain.choice_changes import CHANGE, CHOICES
from panel.domain.content.start import Selection, foreign_units, misfits
from panel.domain.content.writing import commit, require
from panel.domain.errors import Invalid
from panel.domain.frozen import freeze
from panel.domain.policy import Actor, Permission, may
from panel.domain.records import audit, notify

LONGEST_REASON = 500


def change_selection(
    application: Application, selection: Selection, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Change kind, level, committee or speciality after a wrong choice; all content is kept.

    The applicant may in a draft, HR (with a reason) until publicity; what HR changes stands in the case's
    history, is frozen anew and the applicant told. Raises NotEditable, Invalid, StaleWrite.
    """
    own = actor.person_id == ref_id(application, "person")
    states = (State.DRAFT,) if own else (State.SUBMITTED,)
    require(
        may(actor, Permission.CHANGE_CHOICE, application) and application.state in states,
        application,
    )
    kept = (application.unit, application.recommending_unit)
    wrong = misfits(application.spec, application.person, selection)
    wrong |= foreign_units(application.spec, application.person, selection, kept)
    if not own and not 0 < len(reason.strip()) <= LONGEST_REASON:
        wrong["reason"] = M("请写明理由（%(n)s 字以内）。", n=LONGEST_REASON)
    if wrong:
        raise Invalid(wrong)
    changes = _chosen(application, selection, own)
    if not changes:
        return
    changed = sorted(changes)
    update: dict[str, Any] = {"$set": changes}
    if not own:
        update = _openly(application, changes, actor, now, reason)

    def write() -> None:
        commit(application, {"revision": application.revision}, update, now)
        role = Role.APPLICANT if own else Role.UNIT_HR
        audit(actor, CHANGE, application, now, role=role, reason=reason.strip(), changed=changed)
        if not own:
            freeze(Application.objects.get(id=application.id), actor.user_id, now)
            notify(application, M("人事更改了您的申报信息：%(reason)s", reason=reason.strip()), now)

    transaction(write)


def _openly(
    application: Application, changes: dict[str, Any], actor: Actor, now: datetime, reason: str
) -> dict[str, Any]:
    """The update with its line in the history; who changes what was handed in has begun to check it."""
    shown = [key for key in CHOICES if key in changes]
    step = Step(
        action=CHANGE,
        from_state=application.state,
        to_state=application.state,
        by=actor.user_id,
        by_name=actor.name,
        role=Role.UNIT_HR,
        at=now,
        reason=reason.strip(),
        detail={
            "before": {key: getattr(application, key) for key in shown},
            "after": {key: changes[key] for key in shown},
        },
    )
    begun = application.hr_begun_at or now
    return {"$set": changes | {"hr_begun_at": begun}, "$push": {"history": step.to_mongo()}}


def _chosen(application: Application, selection: Selection, own: bool) -> dict[str, Any]:
    """What `selection` changes, as stored."""
    edition = rounds.edition_for(
        application.spec, Kind(selection.kind), selection.level, selection.exceptional, application.person
    )
    wanted: dict[str, Any] = {
        "kind": selection.kind,
        "exceptional": selection.exceptional,
        "committee": selection.committee,
        "level": selection.level,
        "speciality": selection.speciality,
        "edition": edition.key,
    }
    if own and selection.unit:
        wanted["unit"] = selection.unit.id
    if own and selection.recommending_unit:
        wanted["recommending_unit"] = selection.recommending_unit.id
    return {key: value for key, value in wanted.items() if ref_id(application, key) != value}
