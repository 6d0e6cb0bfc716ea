"""Guards of objections: open ones hold a case, a second person settles them."""

from __future__ import annotations

from models.choices import ObjectionState
from models.messages import M, Message
from models.publicity import OPEN_OBJECTIONS, Objection
from models.values import ref_id
from panel.domain.steps.guards.context import Context, guard


@guard
def no_open_objection(context: Context) -> Message | None:
    """An open objection holds the case."""
    if Objection.objects(application=context.application.id, state__in=list(OPEN_OBJECTIONS)).first():
        return M("有异议还没有处理完。")
    return None


@guard(needs_data=True)
def objection_open(context: Context) -> Message | None:
    """The objection given is this application's and not settled."""
    objection = context.data["objection"]
    settled = objection.state not in OPEN_OBJECTIONS
    if ref_id(objection, "application") != context.application.id or settled:
        return M("这条异议已经处理，或不属于这份申报。")
    return None


@guard(needs_data=True)
def findings_filed(context: Context) -> Message | None:
    """Findings come before the decision."""
    return None if context.data["objection"].state == ObjectionState.FINDINGS else M("请先提交核查结论。")


@guard(needs_data=True)
def second_person(context: Context) -> Message | None:
    """Whoever registered the objection or filed the findings doesn't decide on it."""
    objection = context.data["objection"]
    if not context.spec.second_person:
        return None
    involved = {ref_id(objection, "registered_by"), ref_id(objection, "findings_by")}
    return M("须由另一位工作人员作出处理决定。") if context.actor.user_id in involved else None


@guard(needs_data=True)
def last_open_objection(context: Context) -> Message | None:
    """The case goes on only when no other objection is open."""
    others = Objection.objects(
        application=context.application.id,
        id__ne=context.data["objection"].id,
        state__in=list(OPEN_OBJECTIONS),
    ).count()
    return M("还有其他异议没有处理完。") if others else None
