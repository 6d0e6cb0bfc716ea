"""Guards of the applicant's steps: submitting, recalling, correcting, withdrawing."""

from __future__ import annotations

from models.messages import M, Message
from models.person import Person
from panel.domain.rounds import offers
from panel.domain.steps.guards.context import Context, at, guard


@guard
def window_open(context: Context) -> Message | None:
    """G30: within the round's dates, or an extension for this person."""
    window = offers.window(context.application.round, context.application.person, context.now)
    if window.is_open:
        return None
    return M("现在不在申报时间内。如确有原因，请联系人事部门为您延期。")


@guard
def not_barred(context: Context) -> Message | None:
    """R05, R20, R21: in service, no lasting sanction, not barred."""
    person: Person = context.application.person
    if not person.in_service or person.retired:
        return M("人事名册显示您不是在职人员，不能申报。如有误，请联系人事部门更正。")
    if person.is_sanctioned(context.today):
        return M("处分期内不能申报。如有误，请联系人事部门更正。")
    if person.is_barred(context.today):
        return M("因此前申报材料不实，%(day)s 之前不能申报。", day=person.barred_until)
    return None


@guard
def no_blocking_finding(context: Context) -> Message | None:
    """G10, G29: the checklist's blocking lines are empty."""
    count = len(context.content.blocking)
    return M("还有 %(n)s 处必须处理，请打开“还缺什么”逐条处理。", n=count) if count else None


@guard
def previewed(context: Context) -> Message | None:
    """G29: the form was served for preview with exactly this content."""
    if (context.application.preview or {}).get("content_revision") == context.application.content_revision:
        return None
    if context.on_behalf:
        return M("申报人还没有预览当前内容的评审表，请申报人先预览。")
    return M("请先预览申报表册，再提交。预览之后又有改动的，需要重新预览。")


@guard(needs_data=True)
def pledged(context: Context) -> Message | None:
    """G06: the pledge is ticked; nobody can tick it for another, who confirms it afterwards instead."""
    if context.on_behalf or context.data.get("pledge"):
        return None
    return at("pledge", M("请阅读并勾选个人承诺，再提交。"))


@guard
def hr_not_begun(context: Context) -> Message | None:
    """Recall ends when HR has begun to check."""
    if context.application.hr_begun_at is None:
        return None
    return M("单位已开始审核，不能自行撤回。如需修改，请联系人事部门退回。")


@guard
def in_time(context: Context) -> Message | None:
    """R09: before the return's deadline."""
    deadline = context.application.deadline
    return M("补正期限已过，请联系人事部门。") if deadline and context.now > deadline else None


@guard
def deadline_passed(context: Context) -> Message | None:
    """R09: who does not correct in time has given up."""
    deadline = context.application.deadline
    return None if deadline and context.now > deadline else M("补正期限还没有到。")


@guard(needs_data=True)
def asked_twice(context: Context) -> Message | None:
    """Withdrawing is asked twice."""
    return None if context.data.get("sure") else at("sure", M("放弃申报后不能恢复，请再次确认。"))
