"""Steps of an application: what may be done, doing it, and what is due by itself.

Order in every step: load, state, permission, guards, one conditional write with history, audit and
outbox in one transaction. Only this module writes `state`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import ObjectId
from mongoengine import NotUniqueError

from models.application import Application
from models.choices import Action, Role, State
from models.database import transaction
from models.messages import M, Message, PingshenError
from models.sections import Step
from models.states import IN_HAND, REOPENED, stored_states
from panel.domain.access.policy import allowed_role
from panel.domain.actors import SYSTEM, Actor
from panel.domain.checks.case_content import CaseContent
from panel.domain.content.material import place_material
from panel.domain.errors import Invalid, NotFound, Refusal, Refused, StaleWrite
from panel.domain.records import audit, notify
from panel.domain.steps.effects import EFFECTS, NOTICES, Change
from panel.domain.steps.guards.context import GUARDS, NEED_DATA, Context, at
from panel.domain.steps.transitions import Target, Transition, from_state, transition

log = logging.getLogger(__name__)
LONGEST_REASON = 2000


@dataclass(frozen=True)
class Offer:
    """A step this person may take from here; `refusal` says why it won't go yet."""

    action: Action
    refusal: Message | None
    needs: tuple[str, ...]

    @property
    def goes(self) -> bool:
        """Whether the step will go once its data are given."""
        return self.refusal is None


@dataclass
class Bulk:
    """What went (or will go) and what didn't, each with the reason."""

    done: list[Application] = field(default_factory=list)
    refused: list[tuple[Application, Message]] = field(default_factory=list)

    @property
    def ready(self) -> list[Application]:
        """The same rows, before anything ran."""
        return self.done


def is_open(action: Action, application: Application, actor: Actor) -> bool:
    """Whether the state has the step and the actor may take it, whatever its guards say."""
    row = transition(action, application.state)
    return row is not None and row.built and allowed_role(actor, action, application) is not None


def available(content: CaseContent, actor: Actor) -> list[Offer]:
    """The steps that `actor` may take, in the table's order; steps not built yet are left out.

    Guards look at the same `content` as the page that offers the steps; `run` reads anew.
    """
    offers = []
    for row in from_state(content.application.state):
        role = allowed_role(actor, row.action, content.application) if row.built else None
        if role is not None and role != Role.SYSTEM:
            context = Context(row.action, content, actor, role)
            refusal = _first_refusal(row, context, only_state=True)
            offers.append(Offer(row.action, refusal, row.needs))
    return offers


def sort_ready(action: Action, applications: Iterable[Application], actor: Actor, now: datetime) -> Bulk:
    """Which of `applications` the step would take now, and why the others won't go. Changes nothing."""
    result = Bulk()
    for application in applications:
        ahead = frozenset(row.id for row in result.done)
        refusal = _why_not(action, application, actor, now, ahead)
        if refusal:
            result.refused.append((application, refusal))
        else:
            result.done.append(application)
    return result


def _why_not(
    action: Action, application: Application, actor: Actor, now: datetime, ahead: frozenset[ObjectId]
) -> Message | None:
    try:
        row, role = _permitted(action, application, actor)
    except PingshenError as error:
        return error.message
    context = Context(action, CaseContent(application, now), actor, role, ahead=ahead)
    return _first_refusal(row, context, only_state=True)


def check_given(
    action: Action, applications: Iterable[Application], actor: Actor, now: datetime, **data: Any
) -> None:
    """Raise Invalid with everything that is wrong in what is given, by field, before any row runs.

    Asked of the first of `applications` that the step would take; what is wrong with one is with all.
    """
    for application in applications:
        if _why_not(action, application, actor, now, frozenset()) is None:
            wrong = _wrong_fields(action, application, actor, now, data)
            if wrong:
                raise Invalid(wrong)
            return


def _wrong_fields(
    action: Action, application: Application, actor: Actor, now: datetime, data: Mapping[str, Any]
) -> dict[str, Message]:
    row, role = _permitted(action, application, actor)
    context = Context(action, CaseContent(application, now), actor, role, _given(data))
    said = [_reason_missing(row, context), *(GUARDS[n](context) for n in row.guards if n in NEED_DATA)]
    return {
        key: message
        for refusal in said
        if isinstance(refusal, Refusal)
        for key, message in refusal.fields.items()
    }


def run_many(
    action: Action, applications: Iterable[Application], actor: Actor, now: datetime, **data: Any
) -> Bulk:
    """Run the step for each by itself; one refused leaves the others alone."""
    result = Bulk()
    for application in applications:
        try:
            result.done.append(run(action, application, actor, now, **data))
        except PingshenError as error:
            result.refused.append((application, error.message))
    return result


def run(action: Action, application: Application, actor: Actor, now: datetime, **data: Any) -> Application:
    """Take the step and return the application as it is then.

    Raises Refused with what to do, NotFound when it is gone, StaleWrite when its state changed since
    `application` was read. Joins a running transaction.
    """
    try:
        return transaction(lambda: _step(action, application, actor, now, data))
    except NotUniqueError as error:
        raise Refused(M("同一人同一年度只能有一份有效申报。")) from error


def _step(
    action: Action, seen: Application, actor: Actor, now: datetime, data: Mapping[str, Any]
) -> Application:
    application = Application.objects(id=seen.id).first()
    if application is None:
        raise NotFound
    if application.state != seen.state:
        raise Refused(M("这份申报已变为“%(state)s”，请刷新页面再看。", state=State(application.state).label))
    row, role = _permitted(action, application, actor)
    context = Context(action, CaseContent(application, now), actor, role, _given(data))
    refusal = _reason_missing(row, context) or _first_refusal(row, context)
    if refusal:
        raise Refused(refusal)
    target = _target(row, context)
    effect = EFFECTS.get(action)
    change = effect(context) if effect else Change()
    steps = _history(row, context, target, change)
    _write(application, target, change, steps, now)
    for step in steps:
        audit(
            actor, step.action, application, now, role=role, reason=context.data["reason"], to=step.to_state
        )
    if target in IN_HAND and target != application.state:
        # what the material table says by now arrives with the case (G24)
        place_material(application.id, now)
    if action in NOTICES:
        notify(application, NOTICES[action](context), now)
    return Application.objects.get(id=application.id)


def _given(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, "reason": (data.get("reason") or "").strip()}


def _reason_missing(row: Transition, context: Context) -> Message | None:
    reason = context.data["reason"]
    if row.is_negative and not reason:
        return at("reason", M("请写明理由。"))
    if len(reason) > LONGEST_REASON:
        return at("reason", M("理由最多 %(n)s 个字。", n=LONGEST_REASON))
    return None


def _permitted(action: Action, application: Application, actor: Actor) -> tuple[Transition, Role]:
    row = transition(action, application.state)
    if row is None:
        raise Refused(
            M(
                "“%(state)s”状态下不能%(action)s。",
                state=State(application.state).label,
                action=action.label,
            )
        )
    if not row.built:
        raise Refused(M("本版本还不提供“%(action)s”。", action=action.label))
    role = allowed_role(actor, action, application)
    if role is None:
        raise Refused(M("您没有权限进行“%(action)s”，本人的申报也不能由本人办理。", action=action.label))
    return row, role


def _first_refusal(row: Transition, context: Context, only_state: bool = False) -> Message | None:
    for name in row.guards:
        if only_state and name in NEED_DATA:
            continue
        refusal = GUARDS[name](context)
        if refusal:
            return refusal
    return None


def _target(row: Transition, context: Context) -> State:
    application = context.application
    if isinstance(row.target, State):
        return row.target
    if row.target == Target.OUTCOME:
        return State.PASSED if context.data["outcome"].passed else State.FAILED
    if row.target == Target.MERGED:
        merged = context.spec.merged and application.level not in context.spec.external_review_levels
        return State.PANEL if merged else State.OFFICE_REVIEW
    places = {
        Target.SAME: application.state,
        Target.HELD_FROM: application.held_from,
        Target.LAPSED_FROM: application.lapsed_from,
    }
    return State(places[row.target])


def _history(row: Transition, context: Context, target: State, change: Change) -> list[Step]:
    """One step; two when a merged office recommends and accepts in one click."""
    stops = [State(context.application.state), target]
    actions = [row.action]
    if row.target == Target.MERGED and target == State.PANEL:
        stops.insert(1, State.OFFICE_REVIEW)
        actions.append(Action.ACCEPT)
    return [
        Step(
            action=action,
            from_state=stops[index],
            to_state=stops[index + 1],
            by=context.actor.user_id,
            by_name=context.actor.name,
            role=context.role,
            at=context.now,
            reason=context.data["reason"] or None,
            detail=change.detail,
        )
        for index, action in enumerate(actions)
    ]


def _write(application: Application, target: State, change: Change, steps: list[Step], now: datetime) -> None:
    """The one conditional write of a step."""
    update: dict[str, Any] = {
        "$set": {**change.set, "state": target.value, "updated_at": now},
        "$push": {"history": {"$each": [step.to_mongo() for step in steps]}} | change.push,
        "$inc": {"revision": 1},
    }
    if change.unset:
        update["$unset"] = dict.fromkeys(change.unset, "")
    result = Application._get_collection().update_one(
        {"_id": application.id, "state": application.state, "revision": application.revision}, update
    )
    if result.matched_count != 1:
        raise StaleWrite(Application.objects(id=application.id).first())


def due(now: datetime) -> list[tuple[Application, Action]]:
    """What the clock alone decides: returns and corrections whose deadline has passed (R09)."""
    late = Application.objects(state__in=stored_states(REOPENED), deadline__lt=now).order_by("deadline")
    return [(application, Action.LAPSE) for application in late]


def sweep_due(now: datetime) -> int:
    """Run what is due and return how many went; one that fails is logged and tried at the next sweep."""
    count = 0
    for application, action in due(now):
        try:
            run(action, application, SYSTEM, now)
            count += 1
        except Exception:  # one broken case must not keep the others from lapsing
            log.exception("due step %s of %s failed", action, application.id)
    return count
