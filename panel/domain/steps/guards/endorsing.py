"""Guards of the departments' and offices' endorsements."""

from __future__ import annotations

from typing import Any

from models.application import Application
from models.choices import Role
from models.messages import M, Message
from models.round_spec import EndorsementSpec
from models.values import ref_id
from panel.domain.actors import Actor
from panel.domain.rounds import conditions
from panel.domain.steps.guards.context import Context, at, guard

LONGEST_OPINION = 1000
UNRANKED = 10**6


def endorsement_specs(application: Application) -> list[EndorsementSpec]:
    """The endorsements that the round names for this application."""
    return [row for row in application.spec.endorsements if conditions.applies(row.when, application)]


def current_endorsement(application: Application, office: str) -> Any:
    """The newest endorsement by `office`, or None."""
    return next((e for e in reversed(application.endorsements) if e.office == office), None)


def is_endorser_of(actor: Actor, application: Application, row: EndorsementSpec) -> bool:
    """Whether `actor` gives this endorsement in the application's own unit."""
    unit = ref_id(application, "unit")
    return any(
        grant.department == application.department if row.own_department else grant.office == row.key
        for grant in actor.as_(Role.ENDORSER)
        if grant.unit_id == unit
    )


def best_rank(application: Application) -> int:
    """The best rank that an endorsement in force gives; a large number without one."""
    specs = endorsement_specs(application)
    given = [current_endorsement(application, row.key) for row in specs if row.ranks]
    return min((row.rank for row in given if row is not None and row.yes and row.rank), default=UNRANKED)


@guard(needs_data=True)
def office_named(context: Context) -> Message | None:
    """Only an office that the round names, and one of the actor's."""
    row = next(
        (r for r in endorsement_specs(context.application) if r.key == context.data.get("office")), None
    )
    if row is None:
        return M("本批次不需要这个部门的意见。")
    if is_endorser_of(context.actor, context.application, row):
        return None
    return M("您不负责这一项审核意见。")


@guard(needs_data=True)
def opinion_for_no(context: Context) -> Message | None:
    """A negative opinion needs its reason."""
    opinion = (context.data.get("opinion") or "").strip()
    if not isinstance(context.data.get("yes"), bool):
        return at("yes", M("请选择同意或不同意。"))
    if len(opinion) > LONGEST_OPINION:
        return at("opinion", M("意见最多 %(n)s 字。", n=LONGEST_OPINION))
    return None if context.data["yes"] or opinion else at("opinion", M("不同意时请写明理由。"))


@guard(needs_data=True)
def rank_given(context: Context) -> Message | None:
    """二级学院 also ranks."""
    row = next((r for r in endorsement_specs(context.application) if r.key == context.data["office"]), None)
    rank = context.data.get("rank")
    if row is None or not row.ranks or not context.data.get("yes"):
        return None
    if isinstance(rank, int) and not isinstance(rank, bool) and 1 <= rank < UNRANKED:
        return None
    return at("rank", M("请填写本部门的推荐排序（从 1 开始）。"))


@guard
def endorsed(context: Context) -> Message | None:
    """All endorsements are in, and none that blocks says no."""
    for row in endorsement_specs(context.application):
        given = current_endorsement(context.application, row.key)
        if given is None:
            return M("还缺“%(office)s”的意见。", office=row.label)
        if row.blocks and not given.yes:
            return M("“%(office)s”不同意，不能继续。", office=row.label)
    return None
