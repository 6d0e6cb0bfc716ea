"""Guards of publicity and of what follows it: recommending within the quota."""

from __future__ import annotations

from models.application import Application
from models.choices import Action, PublicityKind, State
from models.messages import M, Message
from models.states import FREES_PLACE, stored_states
from models.values import ref_id
from panel.domain.calendar import is_over, local_date
from panel.domain.steps.guards.context import Context, guard
from panel.domain.steps.guards.endorsing import best_rank


@guard(needs_data=True)
def publicity_fits(context: Context) -> Message | None:
    """R08, R18: a list of the right kind and length that holds this application."""
    publicity, application = context.data["publicity"], context.application
    kind = PublicityKind.UNIT if context.action == Action.PUBLICISE else PublicityKind.RESULT
    least = context.spec.publicity.least_days(kind)
    is_listed = application.id in {row.application for row in publicity.rows}
    is_same = all(ref_id(publicity, name) == ref_id(application, name) for name in ("round", "unit"))
    if publicity.kind != kind or not is_listed or not is_same:
        return M("公示名单里没有这份申报。")
    return M("公示不得少于 %(n)s 个工作日。", n=least) if publicity.days < least else None


@guard
def period_over(context: Context) -> Message | None:
    """R08, R18: the full working days have passed."""
    ends = context.application.publicity_ends
    if ends is None:
        return M("还没有公示。")
    if is_over(ends, context.now):
        return None
    return M("公示还没有结束，%(day)s 之后才能继续。", day=local_date(ends))


@guard
def unit_opinion_written(context: Context) -> Message | None:
    """The unit's opinion is printed on the form."""
    return None if (context.application.unit_opinion or "").strip() else M("请先填写基层单位意见。")


@guard
def within_quota(context: Context) -> Message | None:
    """Within the level's quota of recommendations, better ranks first.

    A case held by an objection keeps its place: it may still come back.
    """
    application = context.application
    quota = context.spec.quotas.get(application.level)
    if quota is None:
        return None
    rivals = _rivals(application)
    recommended = [r for r in rivals if _is_recommended(r) or r.id in context.ahead]
    if len(recommended) >= quota:
        return M("本级别推荐名额 %(quota)s 个已用完。", quota=quota)
    own = best_rank(application)
    better = [r for r in rivals if _is_waiting(r) and r not in recommended and best_rank(r) < own]
    if len(recommended) + len(better) >= quota:
        return M("推荐名额 %(quota)s 个，还有排序更靠前的申报没有推荐。", quota=quota)
    return None


def _rivals(application: Application) -> list[Application]:
    return list(
        Application.objects(
            round=ref_id(application, "round"),
            unit=ref_id(application, "unit"),
            level=application.level,
            id__ne=application.id,
            state__nin=stored_states(FREES_PLACE),
        )
    )


def _is_recommended(application: Application) -> bool:
    return any(step.action == Action.RECOMMEND for step in application.history)


def _is_waiting(application: Application) -> bool:
    held = application.state == State.ON_HOLD and application.held_from == State.UNIT_PUBLICITY
    return held or application.state == State.UNIT_PUBLICITY
