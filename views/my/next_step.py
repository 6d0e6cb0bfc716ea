"""Where an application stands and the one thing its applicant can do about it (G03, G09)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models.choices import Action, State
from models.field_spec import Text
from models.messages import M, Message
from panel.domain.calendar import is_over, local_date
from views.my.case import Case


@dataclass(frozen=True)
class NextStep:
    """A sentence on where it stands and, unless one can only wait, a button."""

    title: Message
    text: Message | Text
    button: Message | None = None
    url: str = ""


def next_step(case: Case) -> NextStep:
    """The one obvious next action, or what is being waited for; of a state without words here, its label."""
    found = _STEPS.get(case.state)
    stands = M("您的申报现在是“%(state)s”。", state=case.state.label)
    return found(case) if found else NextStep(stands, _NOTHING_TO_DO)


def _draft(case: Case) -> NextStep:
    if not case.window.is_open:
        closed = case.now > case.window.closes
        text = (
            M(
                "申报时间已于 %(day)s 截止。如确有原因，请联系人事部门为您延期。",
                day=local_date(case.window.closes),
            )
            if closed
            else M("%(day)s 起可以提交，现在可以先填写。", day=local_date(case.window.opens))
        )
        return NextStep(M("现在不能提交"), text, M("编辑"), case.left_off.url)
    missing = len(case.blocking_findings)
    until = local_date(case.window.closes)
    if missing:
        text = M("还有 %(n)s 处必须处理，请在 %(day)s 前提交。", n=missing, day=until)
        return NextStep(
            M("继续填报：%(section)s", section=case.left_off.label), text, M("编辑"), case.left_off.url
        )
    return _hand_in(case, M("提交申报"), M("请在 %(day)s 前提交。", day=until))


def _hand_in(case: Case, title: Message, text: Message) -> NextStep:
    if not case.is_previewed:
        return NextStep(
            M("核对申报表册"),
            M("内容已齐全。提交前请预览评审表，逐项核对。"),
            M("申报表册预览"),
            case.page_url("preview"),
        )
    return NextStep(title, text, M("去提交"), case.page_url("submit"))


def _returned(case: Case) -> NextStep:
    if not case.open_items and not case.blocking_findings:
        text = M("按要求改好后，请在 %(day)s 前重新提交。", day=_deadline(case))
        return _hand_in(case, M("重新提交"), text)
    first = next((item.url for item in case.open_items if item.url), case.left_off.url)
    return NextStep(
        M("按退回意见修改"),
        M(
            "共 %(n)s 条意见，还有 %(left)s 条没有改。请在 %(day)s 前改好并重新提交，逾期申报失效。",
            n=len(case.items),
            left=len(case.open_items),
            day=_deadline(case),
        ),
        M("去修改"),
        first,
    )


def _deadline(case: Case) -> object:
    return local_date(case.application.deadline) if case.application.deadline else ""


def _submitted(case: Case) -> NextStep:
    if case.needs_confirmation:
        return NextStep(
            M("请核对并确认"),
            M("人事部门已代您提交申报。请核对内容，确认后才会继续办理。"),
            M("去核对"),
            case.page_url("confirm"),
        )
    offer = case.offers.get(Action.RECALL)
    text = (
        M("单位还没有开始审核，需要修改时可以撤回。")
        if offer and offer.goes
        else M("单位正在审核。需要补正时会退回给您，并写明原因和期限。")
    )
    return NextStep(M("已提交，等待单位审核"), text, M("查看回执"), case.page_url("receipt"))


def _in_publicity(title: Message, over: Message) -> Callable[[Case], NextStep]:
    def step(case: Case) -> NextStep:
        ends = case.application.publicity_ends
        if ends and is_over(ends, case.now):
            return NextStep(over, _NOTHING_TO_DO)
        text = (
            M("公示到 %(day)s 为止，您不需要做什么。", day=local_date(ends))
            if ends
            else M("您不需要做什么。")
        )
        return NextStep(title, text)

    return step


def _ended(action: Action, title: Message) -> Callable[[Case], NextStep]:
    """An end with the reason given for it."""

    def step(case: Case) -> NextStep:
        reasons = [s.reason for s in case.application.history if s.action == action and s.reason]
        ask = M("如有疑问，请联系人事部门。")
        return NextStep(title, M("原因：%(reason)s", reason=reasons[-1]) if reasons else ask)

    return step


def _waiting(title: Message, text: Message) -> Callable[[Case], NextStep]:
    return lambda case: NextStep(title, text)


def _certified(case: Case) -> NextStep:
    text = M("电子证书可以下载、打印，任何人都可以凭二维码验证。")
    return NextStep(M("电子证书已生成"), text, M("下载证书"), case.certificate_url)


_NOTHING_TO_DO = M("您不需要做什么，有进展会通知您。")

_STEPS: dict[State, Callable[[Case], NextStep]] = {
    State.DRAFT: _draft,
    State.SUBMITTED: _submitted,
    State.RETURNED: _returned,
    State.CORRECTION: _returned,
    State.NOT_RECOMMENDED: _ended(Action.REJECT, M("单位决定不予推荐")),
    State.UNIT_PUBLICITY: _in_publicity(M("正在单位内公示"), M("单位内公示已结束，等待单位推荐")),
    State.ON_HOLD: _waiting(
        M("公示期间收到异议，正在核查"), M("核查结束后会通知您。如需说明情况，请联系人事部门。")
    ),
    State.OFFICE_REVIEW: _waiting(M("单位已推荐，等待评委会办公室受理"), _NOTHING_TO_DO),
    State.LAPSED: _waiting(
        M("未在期限内补正，申报已逾期失效"),
        M("如有特殊情况，请尽快联系人事部门说明，由人事部门决定是否恢复。"),
    ),
    State.INELIGIBLE: _ended(Action.REFUSE, M("评委会办公室未予受理")),
    State.EXTERNAL_REVIEW: _waiting(M("代表作正在送审"), _NOTHING_TO_DO),
    State.PANEL: _waiting(M("专家正在评议"), _NOTHING_TO_DO),
    State.BALLOT: _waiting(M("等待评审会议表决"), _NOTHING_TO_DO),
    State.PASSED: _waiting(M("评审通过，等待结果公示"), _NOTHING_TO_DO),
    State.FAILED: _waiting(M("本次评审未通过"), M("如有疑问，请联系评委会办公室或人事部门。")),
    State.RESULT_PUBLICITY: _in_publicity(M("评审结果正在公示"), M("结果公示已结束，等待确认")),
    State.CONFIRMED: _waiting(M("评审结果已确认，等待发证"), _NOTHING_TO_DO),
    State.CERTIFIED: _certified,
    State.DISQUALIFIED: _ended(Action.UPHOLD, M("异议成立，申报资格已取消")),
    State.WITHDRAWN: _waiting(M("您已放弃本次申报"), M("内容仍可查看，但不能再提交。")),
    State.REVOKED: _ended(Action.REVOKE, M("证书已撤销")),
}
