"""What a step changes besides the state: the update of the document, and rows in other collections.

Runs inside the step's transaction, which may be repeated on a conflict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from models.application import Application, Submission
from models.choices import Action
from models.messages import M, Message
from models.sections import Endorsement, Pledge, Receipt, Return, ReturnItem
from models.values import ref_id
from panel.domain.calendar import end_of_day
from panel.domain.content.frozen import freeze
from panel.domain.counters import next_serial
from panel.domain.rounds.versions import keep_version
from panel.domain.steps import certificates
from panel.domain.steps.guards.context import Context


@dataclass
class Change:
    """MongoDB update parts, keyed by field path."""

    set: dict[str, Any] = field(default_factory=dict)
    push: dict[str, Any] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)  # into the history


Effect = Callable[[Context], Change]


def _receipt(context: Context) -> Receipt:
    application = context.application
    return Receipt(
        number=application.number or _application_number(context),
        at=context.now,
        sha256=freeze(application, context.actor.user_id, context.now),
        content_revision=application.content_revision,
        on_behalf=context.on_behalf,
    )


def _application_number(context: Context) -> str:
    stem = f"{context.spec.year}{context.spec.number.series_digits}"
    return f"{stem}{next_serial(f'application:{stem}'):05d}"


def _pledges(context: Context) -> dict[str, Any]:
    if context.on_behalf:
        return {}
    pledge = Pledge(
        by=context.actor.user_id,
        at=context.now,
        text_version=context.spec.texts.pledge_version,
        purpose="submit",
        content_revision=context.application.content_revision,
    )
    return {"pledges": pledge.to_mongo()}


def _number_as_key(application: Application, number: str) -> dict[str, Any]:
    """The number among the keys that a search looks at, once."""
    return {} if number in application.search else {"search": number}


def submit(context: Context) -> Change:
    receipt = _receipt(context)
    return Change(
        set={
            "receipt": receipt.to_mongo(),
            "number": receipt.number,
            "submitted_at": context.now,
            "round_version": keep_version(context.application.round, context.now),
        },
        push=_pledges(context) | _number_as_key(context.application, receipt.number),
        unset=("deadline",),
        detail={"sha256": receipt.sha256, "content_revision": receipt.content_revision},
    )


def resubmit(context: Context) -> Change:
    change = submit(context)
    del change.set["round_version"]  # judged on by the version of the first submission
    return change


def endorse(context: Context) -> Change:
    data = context.data
    given = Endorsement(
        office=data["office"],
        yes=data["yes"],
        opinion=(data.get("opinion") or "").strip() or None,
        rank=data.get("rank"),
        by=context.actor.user_id,
        by_name=context.actor.name,
        at=context.now,
    )
    begun = context.application.hr_begun_at or context.now
    return Change(
        set={"hr_begun_at": begun},
        push={"endorsements": given.to_mongo()},
        detail={"office": given.office},
    )


def send_back(context: Context) -> Change:
    deadline = end_of_day(context.data["deadline"])
    last = Submission.objects(application=context.application).order_by("-content_revision").first()
    row = Return(
        items=[
            ReturnItem(**{k: (item.get(k) or "").strip() for k in ("section", "entry", "field", "text")})
            for item in context.data["items"]
        ],
        deadline=deadline,
        by=context.actor.user_id,
        by_name=context.actor.name,
        at=context.now,
        from_state=context.application.state,
        submission=last.id if last else None,
    )
    return Change(
        set={"deadline": deadline, "hr_begun_at": context.application.hr_begun_at or context.now},
        push={"returns": row.to_mongo()},
        detail={"items": len(row.items)},
    )


def lapse(context: Context) -> Change:
    return Change(set={"lapsed_from": context.application.state})


def reinstate(context: Context) -> Change:
    return Change(set={"deadline": end_of_day(context.data["deadline"])}, unset=("lapsed_from",))


def publicise(context: Context) -> Change:
    publicity = context.data["publicity"]
    return Change(
        set={"publicity": publicity.id, "publicity_ends": publicity.ends_at},
        detail={"publicity": str(publicity.id)},
    )


def hold(context: Context) -> Change:
    return Change(
        set={"held_from": context.application.state}, detail={"objection": str(context.data["objection"].id)}
    )


def release(context: Context) -> Change:
    return Change(unset=("held_from",), detail={"objection": str(context.data["objection"].id)})


def recommend(context: Context) -> Change:
    # a write everybody's recommendation shares: two at once can't both take the last place of a quota
    next_serial(
        f"recommended:{ref_id(context.application, 'round')}:{ref_id(context.application, 'unit')}"
        f":{context.application.level}"
    )
    return Change()


def table(context: Context) -> Change:
    return Change(set={"meeting": context.data["meeting"].id})


def close(context: Context) -> Change:
    outcome = context.data["outcome"]
    return Change(set={"outcome": outcome.to_mongo()}, detail={"passed": outcome.passed})


def confirm(context: Context) -> Change:
    data = context.data
    approval = {
        "document_number": data["document_number"].strip(),
        "approved_on": data["approved_on"].isoformat(),
        "filing": data["filing"].strip(),
        "at": context.now,
    }
    return Change(set={"approval": approval})


def issue(context: Context) -> Change:
    certificate = certificates.prepare(context.application, context.actor, context.now)
    return Change(set={"certificate": certificate.id}, detail={"number": certificate.number})


def withdraw(context: Context) -> Change:
    return Change(set={"is_live": False})


EFFECTS: dict[Action, Effect] = {
    Action.SUBMIT: submit,
    Action.RESUBMIT: resubmit,
    Action.ENDORSE: endorse,
    Action.RETURN: send_back,
    Action.LAPSE: lapse,
    Action.REINSTATE: reinstate,
    Action.PUBLICISE: publicise,
    Action.PUBLICISE_RESULT: publicise,
    Action.OBJECT: hold,
    Action.DISMISS: release,
    Action.RECOMMEND: recommend,
    Action.TABLE: table,
    Action.CLOSE: close,
    Action.CONFIRM: confirm,
    Action.ISSUE: issue,
    Action.WITHDRAW: withdraw,
}


#: What the applicant is told; a step that isn't here tells nothing.
NOTICES: dict[Action, Callable[[Context], Message]] = {
    Action.SUBMIT: lambda c: (
        M("人事已代您提交申报，请核对后确认。") if c.on_behalf else M("申报已提交，请留意单位审核。")
    ),
    Action.RETURN: lambda c: M("申报被退回补正，请在 %(day)s 前改好并重新提交。", day=c.data["deadline"]),
    Action.RESUBMIT: lambda c: M("补正后的申报已重新提交。"),
    Action.REJECT: lambda c: M("单位决定不予推荐，原因见申报页面。"),
    Action.PUBLICISE: lambda c: M("您的申报已进入评审前公示。"),
    Action.RECOMMEND: lambda c: M("单位已推荐您的申报。"),
    Action.OBJECT: lambda c: M("公示期间收到异议，正在核查。"),
    Action.DISMISS: lambda c: M("异议核查结束，异议不成立。"),
    Action.UPHOLD: lambda c: M("异议核查结束，异议成立，申报资格已取消。"),
    Action.LAPSE: lambda c: M("未在期限内补正，申报已逾期失效。如有特殊情况，请联系人事部门。"),
    Action.REINSTATE: lambda c: M("申报已恢复，请在 %(day)s 前完成补正。", day=c.data["deadline"]),
    Action.ACCEPT: lambda c: M("评委会办公室已受理您的申报。"),
    Action.CLOSE: lambda c: (
        M("评审会议已表决，您通过了评审，等待结果公示。")
        if c.data["outcome"].passed
        else M("评审会议已表决，您本次未通过评审。如有疑问，请联系评委会办公室或人事部门。")
    ),
    Action.PUBLICISE_RESULT: lambda c: M("您已通过评审，结果正在公示。"),
    Action.CONFIRM: lambda c: M("评审结果已确认。"),
    Action.ISSUE: lambda c: M("电子证书已生成，可以下载。"),
    Action.WITHDRAW: lambda c: M("您已放弃本次申报。"),
}
