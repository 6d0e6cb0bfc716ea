"""Guards of the review, of its vote, and of what certifies its result."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from bson import ObjectId

from models.choices import MeetingState
from models.meeting import Meeting, Opinion
from models.messages import M, Message
from models.round_spec import RoundSpec
from models.values import ref_id
from panel.domain.errors import refusal_at
from panel.domain.steps import certificates, voting
from panel.domain.steps.guards.context import Context, at, guard

#: As the certificate and the official table have room for them.
LONGEST_DOCUMENT_NUMBER = 60
LONGEST_FILING = 300


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
    count = count_opinions({context.application.id: recused}).get(context.application.id, 0)
    if count >= needed:
        return None
    return M("需要至少 %(needed)s 位专家的评议意见，现有 %(count)s 份。", needed=needed, count=count)


def count_opinions(recused: Mapping[ObjectId, Collection[ObjectId]]) -> dict[ObjectId, int]:
    """How many opinions count of each application: final, by experts who aren't `recused` from it."""
    given = Opinion.objects(is_final=True, application__in=list(recused))
    found = given.aggregate([{"$group": {"_id": "$application", "experts": {"$push": "$expert"}}}])
    return {row["_id"]: sum(expert not in recused[row["_id"]] for expert in row["experts"]) for row in found}


@guard
def defence_recorded(context: Context) -> Message | None:
    """A level that asks for a defence needs its record."""
    if context.application.level in context.spec.defence_levels:
        return M("这个级别需要答辩记录，本版本还不提供答辩登记。")
    return None


@guard(needs_data=True)
def meeting_fits(context: Context) -> Message | None:
    """A meeting of this committee and round that hasn't been opened."""
    meeting: Meeting = context.data["meeting"]
    fits = meeting.committee.code == context.application.committee and ref_id(meeting, "round") == ref_id(
        context.application, "round"
    )
    if not fits:
        return at("meeting", M("这次会议不属于这份申报的评委会或批次。"))
    if meeting.state == MeetingState.PLANNED:
        return None
    return at("meeting", M("会议已经开始或结束，不能再列入。"))


@guard(needs_data=True)
def tally_fits(context: Context) -> Message | None:
    """R14: the outcome is what the chair signed of this application in the meeting it is tabled in."""
    outcome, application = context.data["outcome"], context.application
    meeting = Meeting.objects(id=outcome.meeting).first() if outcome.meeting == application.meeting else None
    if meeting is None:
        return M("表决结果不属于这份申报。")
    if meeting.state != MeetingState.CLOSED or not meeting.tally_sha256:
        return M("计票结果还没有由主任委员确认。")
    signed = meeting.tally.get(str(application.id), {})
    figures = {name: getattr(outcome, name) for name in ("members", "present", "yes", "no", "abstain")}
    figures |= {"is_passed": outcome.passed}
    is_same = all(signed.get(name) == value for name, value in figures.items())
    if is_same and outcome.tally_sha256 == meeting.tally_sha256:
        return None
    return M("表决结果与主任委员确认的计票结果不一致。")


@guard(needs_data=True)
def quorate(context: Context) -> Message | None:
    """R10: at least two thirds of the committee were present."""
    outcome = context.data["outcome"]
    if voting.has_quorum(outcome.present, outcome.members, voting_rule(context.spec)):
        return None
    return M("到会人数不足，表决无效。")


def voting_rule(spec: RoundSpec) -> voting.VotingRule:
    """The round's numbers for quorum and majority (R10, R11)."""
    return voting.VotingRule.of(spec.voting)


@guard
def tally_signed(context: Context) -> Message | None:
    """R14: results go public from a closed meeting's tally only."""
    outcome = context.application.outcome
    return None if outcome and outcome.tally_sha256 else M("表决结果还没有由主任委员确认。")


@guard(needs_data=True)
def document_given(context: Context) -> Message | None:
    """R18: confirmed by a numbered document of a date."""
    wrong: dict[str, Message] = {}
    number, filing = ((context.data.get(name) or "").strip() for name in ("document_number", "filing"))
    if not 0 < len(number) <= LONGEST_DOCUMENT_NUMBER:
        wrong["document_number"] = M("请填写批准文号（60 字以内）。")
    approved_on = context.data.get("approved_on")
    if not isinstance(approved_on, date):
        wrong["approved_on"] = M("请选择文件日期。")
    elif approved_on > context.today:
        wrong["approved_on"] = M("文件日期不能晚于今天。")
    if not 0 < len(filing) <= LONGEST_FILING:
        wrong["filing"] = M("请填写备案情况（300 字以内）。")
    return refusal_at(wrong)


@guard
def photo_valid(context: Context) -> Message | None:
    """G11, G32: the photo goes onto the certificate."""
    if certificates.photo_is_valid(context.application):
        return None
    return M("没有符合规格的照片，不能发证。")
