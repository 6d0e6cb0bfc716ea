"""What each step asks for on its confirmation page, and how it runs for the rows confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from models.application import Application
from models.choices import Action, MeetingState, PublicityKind, Role
from models.database import transaction
from models.meeting import Meeting
from models.messages import M, Message, PingshenError
from models.publicity import Publicity
from models.values import ref_id
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.calendar import local_date, period
from panel.domain.errors import Invalid
from panel.domain.publicity import lists
from panel.domain.review import meetings
from panel.domain.steps import judging, workflow
from panel.domain.steps.guards import reviewing
from panel.domain.steps.workflow import Bulk

#: Working days that a return gives by default.
RETURN_DAYS = 5


def default_deadline(now: datetime) -> date:
    """The last of RETURN_DAYS full working days from now."""
    return period(local_date(now), RETURN_DAYS).ends


def day_of(text: str) -> date | None:
    """The day that a date control sent; None for what is no day, which the step's guard refuses."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def read_day(text: str, field: str, missing: Message) -> date:
    """The day that a date control sent; raises Invalid at `field`."""
    found = day_of(text)
    if found is None:
        raise Invalid({field: missing})
    return found


def step_label(action: Action) -> Message:
    """What the step is called on buttons, where several steps share a word."""
    special = {
        Action.SUBMIT: M("代提交"),
        Action.PUBLICISE: M("评审前公示"),
        Action.CONFIRM: M("确认结果"),
    }
    return special.get(action, action.label)


def step_noun(action: Action) -> Message:
    """What the step is called where the page says 确认 before it."""
    return M("评审结果") if action == Action.CONFIRM else step_label(action)


class StepForm:
    """A step that needs nothing more than the confirmation."""

    fields = ""  # the template with its controls
    most: Mapping[str, int] = {}  # characters that a text may have, by its control
    is_blocked = False  # nothing can be sent before something else is done
    notes: Mapping[Action, Message] = {
        Action.ACCEPT: M("受理后进入专家评议，申报人会收到通知。"),
        Action.ISSUE: M("将为每人分配唯一的证书编号并生成电子证书，编号不能收回。"),
        Action.SUBMIT: M("代提交后，申报人会收到通知，本人确认并勾选承诺后才能公示。"),
        Action.REJECT: M("不予推荐后，本次申报终止，申报人能看到您写的理由。"),
        Action.RECOMMEND: M("推荐后进入评审，单位意见会印在评审表上。"),
        Action.REINSTATE: M("恢复到逾期前的状态，申报人在新的期限内补正。"),
        Action.TABLE: M("列入会议后按级别和专业编成表决票。"),
        Action.CONFIRM: M("确认后即可发证。文号印在证书上；批准日期按批次的设置，取表决当天或文件日期。"),
    }

    def __init__(
        self,
        action: Action,
        applications: Sequence[Application],
        actor: Actor,
        now: datetime,
        sent: Mapping[str, str],
    ) -> None:
        self.action, self.applications, self.actor, self.now = action, list(applications), actor, now
        self.sent = sent

    @property
    def note(self) -> Message | None:
        """What the step leads to."""
        return self.notes.get(self.action)

    def value(self, name: str, default: str = "") -> str:
        """What was typed into `name`, else `default`."""
        return self.sent.get(name, default)

    def sort_ready(self) -> Bulk:
        """Which rows will go, and why the others won't."""
        return workflow.sort_ready(self.action, self.applications, self.actor, self.now)

    def data(self) -> dict[str, Any]:
        """What the step needs, as sent; whether it will do is the guards' to say."""
        return {}

    def run(self) -> Bulk:
        """Take the step for each row by itself; raises Invalid by field, before any ran."""
        data = self.data()
        workflow.check_given(self.action, self.applications, self.actor, self.now, **data)
        return workflow.run_many(self.action, self.applications, self.actor, self.now, **data)


class ReasonForm(StepForm):
    """A negative step."""

    fields = "admin/cases/steps/_reason.html"
    most = {"reason": workflow.LONGEST_REASON}

    def data(self) -> dict[str, Any]:
        return {"reason": self.value("reason")}


class ReinstateForm(ReasonForm):
    """A reason and a new deadline, for one or a group."""

    fields = "admin/cases/steps/_reinstate.html"

    @property
    def deadline(self) -> str:
        """The deadline shown: as typed, else some working days from now."""
        return self.value("deadline", default_deadline(self.now).isoformat())

    def data(self) -> dict[str, Any]:
        return {**super().data(), "deadline": day_of(self.value("deadline"))}


class RecommendForm(StepForm):
    """The unit's opinion for those who have none yet."""

    fields = "admin/cases/steps/_recommend.html"
    most = {"unit_opinion": judging.LONGEST_UNIT_OPINION}

    @property
    def opinion(self) -> str:
        """The opinion offered: as typed, else the round's text."""
        offered = self.applications[0].round.spec.texts.unit_opinion.zh if self.applications else ""
        return self.value("unit_opinion", offered)

    @property
    def without_opinion(self) -> list[Application]:
        """Those whose opinion wasn't written before."""
        return [a for a in self.applications if not (a.unit_opinion or "").strip()]

    def sort_ready(self) -> Bulk:
        lacking = self.without_opinion
        for application in lacking:
            application.unit_opinion = self.opinion
        result = super().sort_ready()
        for application in lacking:
            application.unit_opinion = None
        return result

    def run(self) -> Bulk:
        opinion = self.opinion.strip()
        if len(opinion) > judging.LONGEST_UNIT_OPINION:
            raise Invalid({"unit_opinion": M("单位意见最多 %(n)s 字。", n=judging.LONGEST_UNIT_OPINION)})
        lacking = {a.id for a in self.without_opinion}
        result = Bulk()
        for application in self.applications:
            try:
                result.done.append(self._run_one(application, opinion if application.id in lacking else ""))
            except PingshenError as error:
                result.refused.append((application, error.message))
        return result

    def _run_one(self, application: Application, opinion: str) -> Application:
        def body() -> Application:
            if opinion:
                judging.write_unit_opinion(application, opinion, self.actor, self.now)
            return workflow.run(self.action, application, self.actor, self.now)

        return transaction(body)


class PublicityForm(StepForm):
    """A list to be posted: all rows confirmed, or none."""

    fields = "admin/cases/steps/_publicity.html"

    @property
    def kind(self) -> PublicityKind:
        """Which of the two publicities."""
        return PublicityKind.UNIT if self.action == Action.PUBLICISE else PublicityKind.RESULT

    @cached_property
    def draft(self) -> Publicity | None:
        """The list as it would be posted; None when nothing can go."""
        ready = self.sort_ready().ready
        if not ready:
            return None
        try:
            return lists.draft(self.kind, ready, self.now, self._days(), self._posted_on())
        except PingshenError as error:
            self.draft_refusal = error.message
            return None

    draft_refusal: Message | None = None

    @property
    def least_days(self) -> int:
        """The fewest working days that the round allows."""
        if not self.applications:
            return 5
        return self.applications[0].round.spec.publicity.least_days(self.kind)

    @property
    def posted_on(self) -> str:
        """The day of posting shown: as typed, else today."""
        return self.value("posted_on", local_date(self.now).isoformat())

    def _days(self) -> int:
        text = self.value("days", str(self.least_days)).strip()
        if not text.isdigit() or len(text) > 3:
            raise Invalid({"days": M("请填写工作日天数，例如 5。")})
        return int(text)

    def _posted_on(self) -> date:
        return read_day(self.posted_on, "posted_on", M("请选择公示开始张贴的日期。"))

    def run(self) -> Bulk:
        days, posted_on = self._days(), self._posted_on()
        lists.post(self.kind, self.applications, self.actor, self.now, days, posted_on)
        return Bulk(done=self.applications)


class TableForm(StepForm):
    """A planned meeting of the rows' committee and round."""

    fields = "admin/cases/steps/_table.html"

    @property
    def is_blocked(self) -> bool:  # type: ignore[override]
        """Without a meeting there is nothing to put the rows into."""
        return not self.meetings

    @cached_property
    def meetings(self) -> list[Meeting]:
        """The meetings not opened yet that some row fits into, the nearest first."""
        rounds = {ref_id(a, "round") for a in self.applications}
        committees = {a.committee for a in self.applications}
        planned = policy.visible(self.actor, Meeting, Role.OFFICE).filter(
            state=MeetingState.PLANNED.value, round__in=list(rounds)
        )
        return [m for m in planned.order_by("held_on") if m.committee.code in committees]

    def run(self) -> Bulk:
        chosen = self.value("meeting")
        meeting = next((m for m in self.meetings if str(m.id) == chosen), None)
        if meeting is None:
            raise Invalid({"meeting": M("请选择会议；还没有会议的，请先安排。")})
        return meetings.table(meeting, self.applications, self.actor, self.now)


class ConfirmForm(StepForm):
    """The numbered document that confirms the batch (R18)."""

    fields = "admin/cases/steps/_confirm.html"
    most = {
        "document_number": reviewing.LONGEST_DOCUMENT_NUMBER,
        "filing": reviewing.LONGEST_FILING,
    }

    def data(self) -> dict[str, Any]:
        given = {name: self.value(name) for name in ("document_number", "filing")}
        return {**given, "approved_on": day_of(self.value("approved_on"))}


@dataclass(frozen=True)
class StepButton:
    """How the list and the case page offer a step: what its confirmation asks for, and how it looks."""

    form: type[StepForm]
    icon: str
    is_danger: bool = False
    in_bulk: bool = True


#: The steps that have a confirmation page, for one or many rows, in the list's order.
STEPS: dict[Action, StepButton] = {
    Action.SUBMIT: StepButton(StepForm, "send"),
    Action.PUBLICISE: StepButton(PublicityForm, "speakerphone"),
    Action.RECOMMEND: StepButton(RecommendForm, "thumb-up"),
    Action.REJECT: StepButton(ReasonForm, "thumb-down", is_danger=True, in_bulk=False),
    Action.ACCEPT: StepButton(StepForm, "inbox"),
    Action.TABLE: StepButton(TableForm, "gavel"),
    Action.PUBLICISE_RESULT: StepButton(PublicityForm, "speakerphone"),
    Action.CONFIRM: StepButton(ConfirmForm, "file-certificate"),
    Action.ISSUE: StepButton(StepForm, "certificate"),
    Action.REINSTATE: StepButton(ReinstateForm, "history"),
}
