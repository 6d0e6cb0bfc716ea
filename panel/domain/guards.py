"""Guards of the steps, by the names the table uses. Each returns why a step won't go, or None.

A guard reads; it never writes. Times are aware UTC; a deadline is the last instant that still counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from models import Application, Meeting, Objection, Opinion, Person
from models.choices import Action, MeetingState, ObjectionState, PublicityKind, Role, State, Verdict
from models.messages import M, Message
from models.round_spec import EndorsementSpec, RoundSpec
from models.sections import Entry
from models.values import ref_id
from panel.domain import certificates, requirements, rounds, voting
from panel.domain.calendar import end_of_day, local_date
from panel.domain.policy import Actor


@dataclass(frozen=True)
class Context:
    """Everything a guard or an effect may look at."""

    action: Action
    application: Application
    actor: Actor
    role: Role
    now: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def spec(self) -> RoundSpec:
        """The rules the application is judged by."""
        return self.application.spec

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return local_date(self.now)

    @property
    def on_behalf(self) -> bool:
        """Whether HR does this in the applicant's place."""
        return self.role != Role.APPLICANT


Guard = Callable[[Context], Message | None]
GUARDS: dict[str, Guard] = {}


def guard(check: Guard) -> Guard:
    """Register `check` under its name."""
    GUARDS[check.__name__] = check
    return check


# --- submitting ------------------------------------------------------------------------------------


@guard
def window_open(context: Context) -> Message | None:
    """G30: within the round's dates, or an extension for this person."""
    window = rounds.window(context.application.round, context.application.person, context.now)
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
    count = len(requirements.blocking(requirements.unmet(context.application, context.now)))
    return M("还有 %(n)s 处必须处理，请打开“还缺什么”逐条处理。", n=count) if count else None


@guard
def previewed(context: Context) -> Message | None:
    """G29: the form was served for preview with exactly this content."""
    if (context.application.preview or {}).get("content_revision") == context.application.content_revision:
        return None
    if context.on_behalf:
        return M("申报人还没有预览当前内容的评审表，请申报人先预览。")
    return M("请先预览申报表册，再提交。预览之后又有改动的，需要重新预览。")


@guard
def pledged(context: Context) -> Message | None:
    """G06: the pledge is ticked; nobody can tick it for another, who confirms it afterwards instead."""
    if context.on_behalf or context.data.get("pledge"):
        return None
    return M("请阅读并勾选个人承诺，再提交。")


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


@guard
def asked_twice(context: Context) -> Message | None:
    """Withdrawing is asked twice."""
    return None if context.data.get("sure") else M("放弃申报后不能恢复，请再次确认。")


# --- unit HR ---------------------------------------------------------------------------------------


@guard
def items_pinned(context: Context) -> Message | None:
    """R09: a complete list, each item pinned to a part of the application."""
    items = context.data.get("items") or []
    if not items:
        return M("请至少列出一条需要补正的内容。")
    if any(not (item.get("text") or "").strip() for item in items):
        return M("每条补正要求都要写明需要改什么。")
    known = {section.key for section in context.spec.sections} | {""}
    if any(item.get("section", "") not in known for item in items):
        return M("补正要求指向了不存在的部分，请重新选择。")
    return None


@guard
def deadline_ahead(context: Context) -> Message | None:
    """The new deadline is a day from today on."""
    deadline = context.data.get("deadline")
    if not isinstance(deadline, date):
        return M("请选择截止日期。")
    return None if end_of_day(deadline) > context.now else M("截止日期必须在今天或以后。")


def endorsement_specs(application: Application) -> list[EndorsementSpec]:
    """The endorsements that the round names for this application."""
    return [row for row in application.spec.endorsements if rounds.applies(row.when, application)]


def current_endorsement(application: Application, office: str) -> Any:
    """The newest endorsement by `office`, or None."""
    return next((e for e in reversed(application.endorsements) if e.office == office), None)


@guard
def office_named(context: Context) -> Message | None:
    """Only an office that the round names, and one of the actor's."""
    row = next(
        (r for r in endorsement_specs(context.application) if r.key == context.data.get("office")), None
    )
    if row is None:
        return M("本批次不需要这个部门的意见。")
    for grant in context.actor.as_(Role.ENDORSER):
        if row.own_department and grant.department == context.application.department:
            return None
        if not row.own_department and grant.office == row.key:
            return None
    return M("您不负责这一项审核意见。")


@guard
def opinion_for_no(context: Context) -> Message | None:
    """A negative opinion needs its reason."""
    if context.data.get("yes") is None:
        return M("请选择同意或不同意。")
    if context.data["yes"] or (context.data.get("opinion") or "").strip():
        return None
    return M("不同意时请写明理由。")


@guard
def rank_given(context: Context) -> Message | None:
    """二级学院 also ranks."""
    row = next((r for r in endorsement_specs(context.application) if r.key == context.data["office"]), None)
    rank = context.data.get("rank")
    if row is None or not row.ranks or not context.data.get("yes"):
        return None
    return None if isinstance(rank, int) and rank >= 1 else M("请填写本部门的推荐排序（从 1 开始）。")


@guard
def confirmed_by_applicant(context: Context) -> Message | None:
    """What HR submitted on behalf counts once the applicant confirmed it."""
    receipt = context.application.receipt
    if receipt and receipt.on_behalf and receipt.confirmed_at is None:
        return M("这是人事代提交的申报，申报人尚未确认。")
    return None


def judged_entries(application: Application) -> list[Entry]:
    """The entries of sections that HR judges."""
    return [
        entry
        for section in rounds.visible_sections(application)
        if section.judged
        for entry in application.entries(section.key)
    ]


@guard
def all_judged(context: Context) -> Message | None:
    """No entry is left in doubt or unjudged."""
    entries = judged_entries(context.application)
    doubtful = sum(1 for e in entries if e.judgement and e.judgement.verdict == Verdict.DOUBT)
    unjudged = sum(1 for e in entries if e.judgement is None)
    if doubtful:
        return M("还有 %(n)s 条业绩存疑，请先核实。", n=doubtful)
    return M("还有 %(n)s 条业绩没有审核，可以“其余全部认可”。", n=unjudged) if unjudged else None


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


@guard
def publicity_fits(context: Context) -> Message | None:
    """R08, R18: a list of the right kind that holds this application."""
    publicity = context.data["publicity"]
    kind = PublicityKind.UNIT if context.action == Action.PUBLICISE else PublicityKind.RESULT
    listed = {row.application for row in publicity.rows}
    if publicity.kind != kind or context.application.id not in listed:
        return M("公示名单里没有这份申报。")
    return None


@guard
def period_over(context: Context) -> Message | None:
    """R08, R18: the full working days have passed."""
    ends = context.application.publicity_ends
    if ends is None:
        return M("还没有公示。")
    return M("公示还没有结束，%(day)s 之后才能继续。", day=local_date(ends)) if context.now <= ends else None


@guard
def no_open_objection(context: Context) -> Message | None:
    """An open objection holds the case."""
    unsettled = [ObjectionState.OPEN.value, ObjectionState.FINDINGS.value]
    if Objection.objects(application=context.application.id, state__in=unsettled).first():
        return M("有异议还没有处理完。")
    return None


@guard
def unit_opinion_written(context: Context) -> Message | None:
    """The unit's opinion is printed on the form."""
    return None if (context.application.unit_opinion or "").strip() else M("请先填写基层单位意见。")


def _rank(application: Application) -> int:
    ranks = [e.rank for e in application.endorsements if e.rank]
    return min(ranks) if ranks else 10**6


@guard
def within_quota(context: Context) -> Message | None:
    """Within the level's quota of recommendations, better ranks first."""
    application = context.application
    quota = context.spec.quotas.get(application.level)
    if quota is None:
        return None
    rivals = Application.objects(
        round=ref_id(application, "round"),
        unit=ref_id(application, "unit"),
        level=application.level,
        id__ne=application.id,
        state__nin=[State.WITHDRAWN.value, State.NOT_RECOMMENDED.value, State.DISQUALIFIED.value],
    ).only("id", "state", "endorsements", "history")
    recommended = sum(1 for r in rivals if any(s.action == Action.RECOMMEND for s in r.history))
    if recommended >= quota:
        return M("本级别推荐名额 %(quota)s 个已用完。", quota=quota)
    better = sum(1 for r in rivals if r.state == State.UNIT_PUBLICITY and _rank(r) < _rank(application))
    if recommended + better >= quota:
        return M("推荐名额 %(quota)s 个，还有排序更靠前的申报没有推荐。", quota=quota)
    return None


# --- objections ------------------------------------------------------------------------------------


@guard
def objection_open(context: Context) -> Message | None:
    """The objection given is this application's and not settled."""
    objection = context.data["objection"]
    settled = objection.state in (ObjectionState.DISMISSED, ObjectionState.UPHELD)
    if ref_id(objection, "application") != context.application.id or settled:
        return M("这条异议已经处理，或不属于这份申报。")
    return None


@guard
def findings_filed(context: Context) -> Message | None:
    """Findings come before the decision."""
    return None if context.data["objection"].state == ObjectionState.FINDINGS else M("请先提交核查结论。")


@guard
def second_person(context: Context) -> Message | None:
    """Whoever registered the objection or filed the findings doesn't decide on it."""
    objection = context.data["objection"]
    if not context.spec.second_person:
        return None
    involved = {ref_id(objection, "registered_by"), ref_id(objection, "findings_by")}
    return M("须由另一位工作人员作出处理决定。") if context.actor.user_id in involved else None


@guard
def last_open_objection(context: Context) -> Message | None:
    """The case goes on only when no other objection is open."""
    others = Objection.objects(
        application=context.application.id,
        id__ne=context.data["objection"].id,
        state__in=[ObjectionState.OPEN.value, ObjectionState.FINDINGS.value],
    ).count()
    return M("还有其他异议没有处理完。") if others else None


# --- review ----------------------------------------------------------------------------------------


@guard
def no_external_review(context: Context) -> Message | None:
    """A level that asks for external review can't skip it."""
    if context.application.level in context.spec.external_review_levels:
        return M("这个级别需要先送审代表作，本版本还不提供送审。")
    return None


@guard
def opinions_in(context: Context) -> Message | None:
    """R13, R17: enough experts, none of them recused, have written their opinions."""
    needed = context.spec.voting.minimum_opinions
    recused = [recusal.user for recusal in context.application.recusals]
    given = Opinion.objects(application=context.application.id, is_final=True, expert__nin=recused)
    count = given.count()
    if count >= needed:
        return None
    return M("需要至少 %(needed)s 位专家的评议意见，现有 %(count)s 份。", needed=needed, count=count)


@guard
def defence_recorded(context: Context) -> Message | None:
    """A level that asks for a defence needs its record."""
    if context.application.level in context.spec.defence_levels:
        return M("这个级别需要答辩记录，本版本还不提供答辩登记。")
    return None


@guard
def meeting_fits(context: Context) -> Message | None:
    """A meeting of this committee and round that hasn't been opened."""
    meeting: Meeting = context.data["meeting"]
    fits = meeting.committee.code == context.application.committee and ref_id(meeting, "round") == ref_id(
        context.application, "round"
    )
    if not fits:
        return M("这次会议不属于这份申报的评委会或批次。")
    return None if meeting.state == MeetingState.PLANNED else M("会议已经开始或结束，不能再列入。")


@guard
def tally_fits(context: Context) -> Message | None:
    """The outcome is of the meeting that this application is tabled in."""
    outcome = context.data["outcome"]
    return None if outcome.meeting == context.application.meeting else M("表决结果不属于这份申报。")


@guard
def quorate(context: Context) -> Message | None:
    """R10: at least two thirds of the committee were present; R14: the tally's hash is stored."""
    outcome = context.data["outcome"]
    if not voting.has_quorum(outcome.present, outcome.members, voting_rule(context.spec)):
        return M("到会人数不足，表决无效。")
    return None if outcome.tally_sha256 else M("计票结果还没有由主任委员确认。")


def voting_rule(spec: RoundSpec) -> voting.VotingRule:
    """The round's numbers for quorum and majority (R10, R11)."""
    return voting.VotingRule.of(spec.voting)


@guard
def tally_signed(context: Context) -> Message | None:
    """R14: results go public from a closed meeting's tally only."""
    outcome = context.application.outcome
    return None if outcome and outcome.tally_sha256 else M("表决结果还没有由主任委员确认。")


# --- certificate -----------------------------------------------------------------------------------


@guard
def document_given(context: Context) -> Message | None:
    """R18: confirmed by a numbered document of a date."""
    if not (context.data.get("document_number") or "").strip():
        return M("请填写批准文号。")
    approved_on = context.data.get("approved_on")
    if not isinstance(approved_on, date):
        return M("请填写文件日期。")
    if approved_on > context.today:
        return M("文件日期不能晚于今天。")
    return None if (context.data.get("filing") or "").strip() else M("请填写备案情况。")


@guard
def photo_valid(context: Context) -> Message | None:
    """G11, G32: the photo goes onto the certificate."""
    if certificates.photo_is_valid(context.application):
        return None
    return M("没有符合规格的照片，不能发证。")
