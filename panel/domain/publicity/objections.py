"""Objections received during publicity (R08, R18): registered, looked into, settled by a second person.

An open objection holds the case. Every write is conditional on the objection's state, in one
transaction with the step it causes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import Action, ObjectionState, State
from models.database import transaction
from models.messages import M
from models.publicity import OPEN_OBJECTIONS, Objection
from models.states import TAKES_OBJECTIONS
from models.values import ref_id
from panel.domain.access.policy import allowed_role
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.checks.case_content import CaseContent
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.records import audit
from panel.domain.steps import workflow
from panel.domain.steps.guards.context import GUARDS, Context

#: Characters of an objection, and of its findings.
LONGEST_TEXT = 4000
LONGEST_NAME, LONGEST_CONTACT = 60, 100
_SETTLED_BY_HAND = ("objection_open", "findings_filed", "second_person")


def may_register(application: Application, actor: Actor) -> bool:
    """Whether the actor registers objections to the application now."""
    role = allowed_role(actor, Permission.REGISTER_OBJECTION, application)
    return role is not None and application.state in TAKES_OBJECTIONS


def register(
    application: Application, from_name: str, contact: str, text: str, actor: Actor, now: datetime
) -> Objection:
    """Register what somebody objects to; the case is on hold from then on.

    A further objection to a case on hold is added to the first. Raises Invalid for missing fields,
    Refused when the application is in no publicity or the actor may not.
    """
    role = allowed_role(actor, Permission.REGISTER_OBJECTION, application)
    if role is None:
        raise Refused(M("您不能登记这份申报的异议，本人的申报由其他工作人员登记。"))
    _require(
        from_name=(from_name, LONGEST_NAME),
        contact=(contact, LONGEST_CONTACT, False),
        text=(text, LONGEST_TEXT),
    )

    def body() -> Objection:
        case = Application.objects(id=application.id).first()
        if case is None:
            raise NotFound
        if case.state not in TAKES_OBJECTIONS:
            raise Refused(
                M("只有公示中的申报才能登记异议，这份申报现在是“%(s)s”。", s=State(case.state).label)
            )
        objection = Objection(
            application=case,
            publicity=case.publicity,
            from_name=from_name.strip(),
            contact=contact.strip() or None,
            text=text.strip(),
            registered_by=actor.user_id,
            registered_at=now,
        ).save(force_insert=True)
        if case.state != State.ON_HOLD:
            workflow.run(Action.OBJECT, case, actor, now, objection=objection)
        audit(actor, "register_objection", objection, now, role=role, application=str(case.id))
        return objection

    return transaction(body)


def file_findings(objection: Objection, text: str, actor: Actor, now: datetime) -> Objection:
    """Put down what the investigation found; raises Invalid without text, Refused when it is settled."""
    role = allowed_role(actor, Permission.FILE_FINDINGS, objection.application)
    if role is None:
        raise Refused(M("您不能填写这条异议的核查结论。"))
    _require(findings=(text, LONGEST_TEXT))
    change = {
        "state": ObjectionState.FINDINGS.value,
        "findings": text.strip(),
        "findings_by": actor.user_id,
        "findings_at": now,
    }

    def body() -> None:
        _change(objection, (ObjectionState.OPEN.value,), change)
        audit(actor, "file_findings", objection, now, role=role, unit=_unit(objection))

    transaction(body)
    return _fresh(objection)


def settle(objection: Objection, uphold: bool, reason: str, actor: Actor, now: datetime) -> Objection:
    """Decide: upheld disqualifies the case, dismissed lets it go on once no other objection is open.

    Needs findings, a reason and, unless the round turns it off, a person who neither registered the
    objection nor filed the findings. Raises Invalid or Refused.
    """
    _require(reason=(reason, workflow.LONGEST_REASON))
    change = {
        "state": (ObjectionState.UPHELD if uphold else ObjectionState.DISMISSED).value,
        "decision": reason.strip(),
        "decided_by": actor.user_id,
        "decided_at": now,
    }

    def body() -> None:
        seen = _fresh(objection)
        case = Application.objects.get(id=ref_id(seen, "application"))
        action = Action.UPHOLD if uphold else Action.DISMISS
        refuse_settling(seen, case, action, actor, now)
        if case.state == State.ON_HOLD and (uphold or not _others(seen)):
            workflow.run(action, case, actor, now, objection=seen, reason=reason.strip())
        _change(seen, (ObjectionState.FINDINGS.value,), change)
        audit(actor, action.value + "_objection", seen, now, unit=_unit(seen), **_waived(case))

    transaction(body)
    return _fresh(objection)


def refuse_settling(
    objection: Objection, application: Application, action: Action, actor: Actor, now: datetime
) -> None:
    """Raise Refused with the reason why `actor` can't settle `objection` now, if there is one."""
    role = allowed_role(actor, action, application)
    if role is None:
        raise Refused(M("您不能处理这条异议，本人的申报由其他工作人员处理。"))
    context = Context(action, CaseContent(application, now), actor, role, {"objection": objection})
    for name in _SETTLED_BY_HAND:
        refusal = GUARDS[name](context)
        if refusal:
            raise Refused(refusal)


def _waived(application: Application) -> dict[str, Any]:
    """What the audit says when the round does without a second person."""
    spec = application.spec
    return {} if spec.second_person else {"second_person_waived": spec.second_person_reason}


def _others(objection: Objection) -> int:
    return int(
        Objection.objects(
            application=ref_id(objection, "application"), id__ne=objection.id, state__in=OPEN_OBJECTIONS
        ).count()
    )


def _unit(objection: Objection) -> Any:
    return ref_id(objection.application, "unit")


def _fresh(objection: Objection) -> Objection:
    return Objection.objects.get(id=objection.id)


def _change(objection: Objection, states: tuple[str, ...], change: dict[str, Any]) -> None:
    """The one conditional write; refuses when somebody else was quicker."""
    result = Objection._get_collection().update_one(
        {"_id": objection.id, "state": {"$in": list(states)}}, {"$set": change}
    )
    if result.matched_count != 1:
        raise Refused(M("这条异议已有新的进展，请刷新页面再看。"))


def _require(**given: tuple[Any, ...]) -> None:
    """Raise Invalid for texts that are missing or too long; (text, most[, needed])."""
    wrong = {}
    for name, (text, most, *needed) in given.items():
        if not (text or "").strip() and needed != [False]:
            wrong[name] = M("请填写这一项。")
        elif len((text or "").strip()) > most:
            wrong[name] = M("最多 %(n)s 个字。", n=most)
    if wrong:
        raise Invalid(wrong)


def contact_of(objection: Objection, actor: Actor, now: datetime) -> str:
    """The contact in clear, for whoever works on the objection; silently recorded. Raises Refused."""
    role = allowed_role(actor, Permission.FILE_FINDINGS, objection.application)
    if role is None:
        raise Refused(M("您不能查看这项完整内容。"))
    audit(actor, "reveal", objection, now, role=role, unit=_unit(objection), field="contact")
    return str(objection.contact or "")
