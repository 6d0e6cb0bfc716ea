"""A wrong choice of round, kind, level, committee or speciality changed; what was filled in stays (G07)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import Kind, Role, State
from models.database import transaction
from models.messages import M
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.sections import Step
from models.values import ref_id
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.content import moving
from panel.domain.content.choice_changes import CHANGE, CHOICES, named
from panel.domain.content.frozen import freeze
from panel.domain.content.material import place_material
from panel.domain.content.roster import refresh_from_roster
from panel.domain.content.start import Selection, foreign_units, misfits
from panel.domain.content.writing import commit, require
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.records import audit, notify
from panel.domain.rounds import offers
from panel.domain.rounds.versions import keep_version

LONGEST_CHOICE_REASON = 500


def may_change(application: Application, actor: Actor) -> bool:
    """Whether the actor changes what is applied for now: their own draft, or as HR what was submitted."""
    own = actor.person_id == ref_id(application, "person")
    state = State.DRAFT if own else State.SUBMITTED
    return application.state == state and may(actor, Permission.CHANGE_CHOICE, application)


def change_selection(
    application: Application, selection: Selection, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Change kind, level, committee, speciality, also the round, after a wrong choice; all content is kept.

    The applicant may in a draft, HR (with a reason) until publicity; what HR changes stands in the case's
    history, is frozen anew and the applicant told. Raises NotEditable, Invalid, Refused, StaleWrite.
    """
    own = actor.person_id == ref_id(application, "person")
    require(may_change(application, actor), application)
    kept = (application.unit, application.recommending_unit)
    target = _target(application, selection, own, now)
    spec = application.spec if target is None else target.spec
    wrong = misfits(spec, application.person, selection)
    wrong |= foreign_units(spec, application.person, selection, kept)
    if not own and not 0 < len(reason.strip()) <= LONGEST_CHOICE_REASON:
        wrong["reason"] = M("请写明理由（%(n)s 字以内）。", n=LONGEST_CHOICE_REASON)
    if wrong:
        raise Invalid(wrong)
    changes = _chosen(application, spec, selection, own)
    if not changes and target is None:
        return
    changed = sorted(changes) + (["round"] if target is not None else [])
    update: dict[str, Any] = {"$set": dict(changes)}
    filters: list[Mapping[str, Any]] = []
    if not own:
        update["$push"] = {
            "history": _step(application, target, spec, changes, actor, now, reason).to_mongo()
        }
        update["$set"]["hr_begun_at"] = application.hr_begun_at or now
    if target is not None:
        edition = changes.get("edition", application.edition)
        sets, unsets, filters = moving.moved(application, target, edition)
        update["$set"] |= sets
        update |= {"$unset": dict.fromkeys(unsets, "")} if unsets else {}

    def write() -> None:
        commit(application, {"revision": application.revision}, update, now, array_filters=filters or None)
        role = Role.APPLICANT if own else Role.UNIT_HR
        audit(actor, CHANGE, application, now, role=role, reason=reason.strip(), changed=changed)
        if target is not None:
            keep_version(target, now)
            refresh_from_roster(Application.objects.get(id=application.id), now)
            place_material(application.id, now)
        if not own:
            freeze(Application.objects.get(id=application.id), actor.user_id, now)
            notify(application, M("人事更改了您的申报信息：%(reason)s", reason=reason.strip()), now)

    transaction(write)


def _target(application: Application, selection: Selection, own: bool, now: datetime) -> ReviewRound | None:
    """The other round asked for, or None; raises NotFound for one that isn't offered, Refused."""
    if selection.round is None or selection.round.id == ref_id(application, "round"):
        return None
    if selection.round not in moving.targets(application, own, now):
        raise NotFound
    refusal = moving.why_not(application)
    if refusal:
        raise Refused(refusal)
    return selection.round


def _step(
    application: Application,
    target: ReviewRound | None,
    spec: RoundSpec,
    changes: dict[str, Any],
    actor: Actor,
    now: datetime,
    reason: str,
) -> Step:
    """The line in the case's history; whoever changes what was handed in has begun to check it."""
    shown = [key for key in CHOICES if key in changes]
    before = {key: named(application.spec, key, getattr(application, key)) for key in shown}
    after = {key: named(spec, key, changes[key]) for key in shown}
    if target is not None:
        before["round"], after["round"] = (row.title.model_dump() for row in (application.spec, target.spec))
    return Step(
        action=CHANGE,
        from_state=application.state,
        to_state=application.state,
        by=actor.user_id,
        by_name=actor.name,
        role=Role.UNIT_HR,
        at=now,
        reason=reason.strip(),
        detail={"before": before, "after": after},
    )


def _chosen(application: Application, spec: RoundSpec, selection: Selection, own: bool) -> dict[str, Any]:
    """What `selection` changes, as stored."""
    edition = offers.edition_for(
        spec, Kind(selection.kind), selection.level, selection.exceptional, application.person
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
