"""Every guard refused and passed, through the step that asks for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from models.application import Application
from models.choices import Action, MeetingState, ObjectionState, PublicityKind, Role, Sanction, State, Verdict
from models.meeting import Meeting
from models.mend import Mend
from models.person import Person
from models.review_round import Extension
from models.sections import Endorsement, Judgement, Receipt, Recusal, Step
from models.unit import Unit
from panel.domain.checks.case_content import CaseContent
from panel.domain.content import choosing, start
from panel.domain.errors import Refused
from panel.domain.steps.guards.context import GUARDS, Context
from panel.domain.steps.transitions import TABLE
from tests import contents, steps
from tests.factories import (
    NOW,
    make_actor,
    make_application,
    make_committee,
    make_entry,
    make_outcome,
    make_person,
    make_photo,
    make_round,
)
from tests.steps import Ready

pytestmark = pytest.mark.usefixtures("database")
CLOSED_DATES = {
    "opens": "2026-06-01",
    "closes": "2026-09-14",
    "achievements_until": "2026-06-30",
    "years_until": "2026-12-31",
}


def endorsement(office: str, yes: bool = True, rank: int | None = None) -> Endorsement:
    return Endorsement(office=office, yes=yes, rank=rank, at=NOW)


def all_endorsed(**yes: bool) -> list[Endorsement]:
    given = {"college": True, "research": True, "ethics": True} | yes
    return [endorsement(office, said, 1 if office == "college" else None) for office, said in given.items()]


def changed(ready: Ready) -> Ready:
    """Of another level, by HR, after it was handed in; the clauses named are the old level's."""
    case = contents.make_complete(State.SUBMITTED, round=ready.case.round, receipt=ready.case.receipt)
    wanted = replace(start.selection_of(case), level="senior", exceptional=True)
    choosing.change_selection(case, wanted, steps.hr(), NOW, "级别选错")
    return replace(ready, case=Application.objects.get(id=case.id))


def corrected(ready: Ready) -> Ready:
    """With a slip of the pen that HR corrected after it was handed in, of which nobody has said a word."""
    case = ready.case
    Mend(
        application=case.id,
        person=case.person.id,
        unit=case.unit.id,
        section="basic",
        field="school",
        reason="笔误",
        content_revision=4,
        by=ObjectId(),
        by_name="人事",
        at=NOW + timedelta(minutes=1),
    ).save()
    case.update(set__content_revision=4)
    case.reload()
    return ready


def judged(name: str, verdict: Verdict | None) -> Any:
    entry = make_entry("performance", "award", name=name)
    if verdict:
        entry.judgement = Judgement(verdict=verdict.value)
    return entry


def submit_of(**person: Any) -> Ready:
    return steps.submit(person=contents.make_lecturer(**person))


def with_data(make: Callable[[], Ready], **changes: Any) -> Callable[[], Ready]:
    def build() -> Ready:
        ready = make()
        ready.data |= changes
        return ready

    return build


def without_data(make: Callable[[], Ready], *names: str) -> Callable[[], Ready]:
    def build() -> Ready:
        ready = make()
        for name in names:
            ready.data.pop(name)
        return ready

    return build


def item(**values: Any) -> Callable[[], Ready]:
    given = {"section": "basic", "entry": "", "field": "", "text": "请核对"} | values
    return with_data(steps.send_back, items=[given])


def by_endorser(office: str = "", department: str = "", data: Any = None) -> Callable[[], Ready]:
    def build() -> Ready:
        ready = steps.endorse()
        ready.actor = make_actor(Role.ENDORSER, office=office, department=department)
        ready.data |= data or {}
        return ready

    return build


def changed_list(**changes: Any) -> Callable[[], Ready]:
    """Publicising by a list that doesn't fit."""

    def build() -> Ready:
        ready = steps.publicise()
        for name, value in changes.items():
            setattr(ready.data["publicity"], name, value)
        return ready

    return build


def settled_by(who: str) -> Callable[[], Ready]:
    def build() -> Ready:
        ready = steps.settle(Action.DISMISS)
        user = ready.data["objection"][who]
        ready.actor = replace(make_actor(Role.UNIT_HR), user_id=user.id)
        return ready

    return build


def objection_in(action: Action, **values: Any) -> Callable[[], Ready]:
    def build() -> Ready:
        ready = steps.settle(action)
        objection = ready.data["objection"]
        for name, value in values.items():
            setattr(objection, name, value)
        objection.save()
        return ready

    return build


def another_objection() -> Ready:
    ready = steps.settle(Action.DISMISS)
    steps.objection_to(ready.case, state=ObjectionState.OPEN.value)
    return ready


def foreign_objection() -> Ready:
    ready = steps.hold()
    ready.data["objection"] = steps.hold().data["objection"]
    return ready


def open_objection_at(make: Callable[[], Ready], state: ObjectionState) -> Callable[[], Ready]:
    def build() -> Ready:
        ready = make()
        steps.objection_to(ready.case, state=state.value)
        return ready

    return build


def recused_experts(count: int) -> Callable[[], Ready]:
    """Three opinions are in, but `count` of their authors are recused since."""

    def build() -> Ready:
        ready = steps.table()
        recusals = [Recusal(user=user, reason="合作者", at=NOW) for user in ready.case.experts[:count]]
        Application.objects(id=ready.case.id).update_one(set__recusals=recusals)
        return ready

    return build


def meeting_of(**values: Any) -> Callable[[], Ready]:
    def build() -> Ready:
        ready = steps.table()
        for name, value in values.items():
            setattr(ready.data["meeting"], name, value() if callable(value) else value)
        return ready

    return build


def tallied(**changes: Any) -> Callable[[], Ready]:
    """Closing with an outcome that differs from the signed tally."""

    def build() -> Ready:
        ready = steps.close()
        for name, value in changes.items():
            setattr(ready.data["outcome"], name, value)
        return ready

    return build


def signed(**changes: Any) -> Callable[[], Ready]:
    """Closing by a meeting in another condition."""

    def build() -> Ready:
        ready = steps.close()
        meeting = Meeting.objects.get(id=ready.case.meeting)
        for name, value in changes.items():
            setattr(meeting, name, value)
        meeting.save()
        return ready

    return build


def few_present() -> Ready:
    """Five of nine: R10 asks for six."""
    ready = steps.close()
    figures = {"members": 9, "present": 5, "yes": 5, "no": 0, "abstain": 0, "is_passed": True}
    meeting = Meeting.objects.get(id=ready.case.meeting)
    meeting.tally = {str(ready.case.id): figures}
    meeting.save()
    ready.data["outcome"] = make_outcome(meeting.id, present=5, yes=5, no=0)
    return ready


def recommended(state: State = State.PANEL, **values: Any) -> Application:
    step = Step(action="recommend", from_state="unit_publicity", to_state="panel", at=NOW)
    return make_application(state, history=[step], **values)


def one_place(**values: Any) -> Any:
    return make_round(quotas={"associate": 1}, **values)


RANKS = {"endorsements": [{"key": "college", "label": "二级学院", "ranks": True, "own_department": True}]}


def ranked(rank: int, round_: Any, state: State = State.UNIT_PUBLICITY, **values: Any) -> Application:
    return make_application(state, round=round_, endorsements=[endorsement("college", rank=rank)], **values)


def against(*rivals: Callable[[Any], Application], rank: int = 2, **round_values: Any) -> Callable[[], Ready]:
    """Recommending the one of `rank` for the only place, beside `rivals`."""

    def build() -> Ready:
        round_ = one_place(**(RANKS | round_values))
        for rival in rivals:
            rival(round_)
        return steps.recommend(round=round_, endorsements=[endorsement("college", rank=rank)])

    return build


#: guard -> (what it says, how to run into it)
REFUSED: list[tuple[str, str, Callable[[], Ready]]] = [
    # submitting
    ("window_open", "申报时间", lambda: steps.submit(round=make_round(dates=CLOSED_DATES))),
    ("window_open", "申报时间", lambda: steps.recall(round=make_round(dates=CLOSED_DATES))),
    ("not_barred", "不是在职", lambda: submit_of(in_service=False)),
    ("not_barred", "不是在职", lambda: submit_of(retired=True)),
    (
        "not_barred",
        "处分期",
        lambda: submit_of(sanction=Sanction.DEMERIT.value, sanction_until=date(2026, 9, 15)),
    ),
    ("not_barred", "处分期", lambda: submit_of(sanction=Sanction.DEMOTION.value)),
    ("not_barred", "2027-01-01", lambda: submit_of(barred_until=date(2027, 1, 1))),
    ("no_blocking_finding", "还有 1 处", lambda: steps.submit(education=[contents.degree(is_basic=None)])),
    ("previewed", "请先预览", lambda: steps.submit(preview={})),
    ("previewed", "请先预览", lambda: steps.submit(preview={"content_revision": 2})),
    ("pledged", "个人承诺", with_data(steps.submit, pledge=False)),
    ("pledged", "个人承诺", without_data(steps.resubmit, "pledge")),
    ("hr_not_begun", "已开始审核", lambda: steps.recall(hr_begun_at=NOW)),
    ("in_time", "期限已过", lambda: steps.resubmit(deadline=steps.OVER)),
    ("deadline_passed", "还没有到", lambda: steps.lapse(deadline=NOW)),
    ("asked_twice", "再次确认", without_data(steps.withdraw, "sure")),
    # the unit's check
    ("items_pinned", "至少列出一条", with_data(steps.send_back, items=[])),
    ("items_pinned", "一次最多", with_data(steps.send_back, items=[{"text": "改"}] * 101)),
    ("items_pinned", "写明需要改什么", item(text="  ")),
    ("items_pinned", "最多 1000", item(text="长" * 1001)),
    ("items_pinned", "不存在", item(section="nothing")),
    ("items_pinned", "不存在", item(field="nothing")),
    ("items_pinned", "不存在", item(entry="1" * 32)),
    ("items_pinned", "不存在", item(section="performance", entry="1" * 32)),
    ("items_pinned", "不存在", item(section="attachments", field="nothing")),
    ("items_pinned", "不存在", item(section="attachments", entry="1" * 32)),
    ("items_pinned", "不存在", item(section="", field="school")),
    ("deadline_ahead", "选择截止日期", with_data(steps.send_back, deadline=None)),
    ("deadline_ahead", "选择截止日期", with_data(steps.reinstate, deadline="2026-09-25")),
    ("deadline_ahead", "今天或以后", with_data(steps.send_back, deadline=date(2026, 9, 14))),
    ("office_named", "不需要这个部门", by_endorser(department="cs", data={"office": "library"})),
    ("office_named", "不负责", by_endorser(department="cs", data={"office": "ethics"})),
    ("office_named", "不负责", by_endorser(office="ethics", data={"office": "research"})),
    ("office_named", "不负责", by_endorser(office="college")),
    ("opinion_for_no", "同意或不同意", with_data(steps.endorse, yes=None)),
    ("opinion_for_no", "同意或不同意", with_data(steps.endorse, yes="no")),
    ("opinion_for_no", "写明理由", with_data(steps.endorse, yes=False, opinion=" ")),
    ("opinion_for_no", "最多 1000", with_data(steps.endorse, opinion="长" * 1001)),
    ("rank_given", "推荐排序", with_data(steps.endorse, rank=None)),
    ("rank_given", "推荐排序", with_data(steps.endorse, rank=0)),
    ("rank_given", "推荐排序", with_data(steps.endorse, rank="1")),
    ("rank_given", "推荐排序", with_data(steps.endorse, rank=True)),
    (
        "confirmed_by_applicant",
        "尚未确认",
        lambda: steps.publicise(
            receipt=Receipt(number="1", at=NOW, sha256="0", content_revision=3, on_behalf=True)
        ),
    ),
    ("mends_answered", "1 处代为更正还没有得到申报人确认", lambda: corrected(steps.publicise())),
    ("complete", "还有 11 处必须处理", lambda: changed(steps.publicise())),
    (
        "all_judged",
        "1 条业绩存疑",
        lambda: steps.publicise(achievements=[judged("甲", Verdict.DOUBT), judged("乙", Verdict.ACCEPT)]),
    ),
    (
        "all_judged",
        "2 条业绩没有审核",
        lambda: steps.publicise(achievements=[judged("甲", None), judged("乙", None)]),
    ),
    ("endorsed", "还缺“二级学院”", lambda: steps.publicise(round=make_round())),
    (
        "endorsed",
        "还缺“师德考核”",
        lambda: steps.publicise(round=make_round(), endorsements=all_endorsed()[:2]),
    ),
    (
        "endorsed",
        "“师德考核”不同意",
        lambda: steps.publicise(round=make_round(), endorsements=all_endorsed(ethics=False)),
    ),
    ("publicity_fits", "没有这份申报", changed_list(rows=[])),
    ("publicity_fits", "没有这份申报", changed_list(kind=PublicityKind.RESULT.value)),
    ("publicity_fits", "没有这份申报", changed_list(round=ObjectId())),
    ("publicity_fits", "没有这份申报", changed_list(unit=ObjectId())),
    ("publicity_fits", "不得少于 5", changed_list(days=4)),
    ("period_over", "还没有公示", lambda: steps.recommend(publicity_ends=None)),
    ("period_over", "2026-09-15 之后", lambda: steps.recommend(publicity_ends=NOW)),
    ("period_over", "公示还没有结束", lambda: steps.confirm(publicity_ends=NOW + timedelta(days=1))),
    ("unit_opinion_written", "基层单位意见", lambda: steps.recommend(unit_opinion=" ")),
    # quota
    ("within_quota", "1 个已用完", against(lambda r: recommended(round=r))),
    ("within_quota", "1 个已用完", against(lambda r: recommended(State.CERTIFIED, round=r))),
    ("within_quota", "1 个已用完", against(lambda r: recommended(State.FAILED, round=r))),
    ("within_quota", "排序更靠前", against(lambda r: ranked(1, r))),
    (
        "within_quota",
        "排序更靠前",
        against(lambda r: ranked(1, r, State.ON_HOLD, held_from="unit_publicity")),
    ),
    # objections
    ("no_open_objection", "还没有处理完", open_objection_at(steps.recommend, ObjectionState.OPEN)),
    ("no_open_objection", "还没有处理完", open_objection_at(steps.confirm, ObjectionState.FINDINGS)),
    ("objection_open", "不属于这份申报", foreign_objection),
    ("objection_open", "已经处理", objection_in(Action.DISMISS, state=ObjectionState.DISMISSED.value)),
    ("objection_open", "已经处理", objection_in(Action.UPHOLD, state=ObjectionState.UPHELD.value)),
    ("findings_filed", "核查结论", objection_in(Action.DISMISS, state=ObjectionState.OPEN.value)),
    ("findings_filed", "核查结论", objection_in(Action.UPHOLD, state=ObjectionState.OPEN.value)),
    ("second_person", "另一位工作人员", settled_by("registered_by")),
    ("second_person", "另一位工作人员", settled_by("findings_by")),
    ("last_open_objection", "其他异议", another_objection),
    # review
    (
        "no_external_review",
        "送审",
        lambda: steps.accept(round=make_round(external_review_levels=["associate"])),
    ),
    ("opinions_in", "至少 3 位专家的评议意见，现有 2 份", lambda: steps.table(opinions=2)),
    ("opinions_in", "现有 2 份", recused_experts(1)),
    ("defence_recorded", "答辩", lambda: steps.table(round=make_round(defence_levels=["associate"]))),
    ("meeting_fits", "评委会或批次", meeting_of(round=lambda: make_round("lab"))),
    (
        "meeting_fits",
        "评委会或批次",
        meeting_of(committee=lambda: make_committee(3, code="lab-committee")),
    ),
    ("meeting_fits", "已经开始或结束", meeting_of(state=MeetingState.OPEN.value)),
    ("tally_fits", "不属于这份申报", tallied(meeting=ObjectId())),
    ("tally_fits", "不一致", tallied(yes=9, no=0)),
    ("tally_fits", "不一致", tallied(passed=False)),
    ("tally_fits", "不一致", tallied(tally_sha256="00" * 32)),
    ("tally_fits", "不一致", tallied(tally_sha256=None)),
    ("tally_fits", "不一致", signed(tally={})),
    ("tally_fits", "没有由主任委员确认", signed(state=MeetingState.OPEN.value)),
    ("tally_fits", "没有由主任委员确认", signed(tally_sha256=None)),
    ("quorate", "到会人数不足", few_present),
    (
        "tally_signed",
        "没有由主任委员确认",
        lambda: steps.publicise_result(outcome=make_outcome(ObjectId(), tally_sha256=None)),
    ),
    ("tally_signed", "没有由主任委员确认", lambda: steps.publicise_result(outcome=None)),
    # the certificate
    ("document_given", "批准文号", with_data(steps.confirm, document_number=" ")),
    ("document_given", "文件日期", with_data(steps.confirm, approved_on=None)),
    ("document_given", "不能晚于今天", with_data(steps.confirm, approved_on=date(2026, 9, 16))),
    ("document_given", "备案", with_data(steps.confirm, filing="")),
    ("photo_valid", "照片", lambda: steps.issue(photo=None)),
    ("photo_valid", "照片", lambda: steps.issue(photo=make_photo(width=300))),
]


@pytest.mark.parametrize(
    ("guard", "words", "make"), REFUSED, ids=[f"{name}-{number}" for number, (name, *_) in enumerate(REFUSED)]
)
def test_a_guard_refuses_in_words_and_changes_nothing(
    guard: str, words: str, make: Callable[[], Ready]
) -> None:
    ready = make()
    row = next(r for r in TABLE if r.action == ready.action and State(ready.case.state) in r.sources)
    assert guard in row.guards
    with pytest.raises(Refused, match=words):
        ready.run()
    assert Application.objects.get(id=ready.case.id).state == ready.case.state


def test_every_guard_is_refused_here() -> None:
    assert {name for name, *_ in REFUSED} == set(GUARDS)


#: What stands close to a refusal and yet goes.
PASSED: dict[str, Callable[[], Ready]] = {
    "a warning does not bar": lambda: submit_of(
        sanction=Sanction.WARNING.value, sanction_until=date(2027, 1, 1)
    ),
    "a sanction is over": lambda: submit_of(
        sanction=Sanction.DEMERIT.value, sanction_until=date(2026, 9, 14)
    ),
    "a bar is over": lambda: submit_of(barred_until=date(2026, 9, 14)),
    "resubmitting at the last instant": lambda: steps.resubmit(deadline=NOW),
    "resubmitting a correction": lambda: steps.resubmit(State.CORRECTION),
    "returning the whole": item(section=""),
    "returning the photo": item(field="photo"),
    "returning a slot": item(section="attachments", field="social_insurance"),
    "returning until today": with_data(steps.send_back, deadline=date(2026, 9, 15)),
    "an office's own endorsement": by_endorser(office="ethics", data={"office": "ethics", "rank": None}),
    "a no with its reason needs no rank": with_data(steps.endorse, yes=False, opinion="师资紧张", rank=None),
    "an entry that HR refused is judged": lambda: steps.publicise(
        achievements=[judged("甲", Verdict.REFUSE)]
    ),
    "all endorsements are in": lambda: steps.publicise(round=make_round(), endorsements=all_endorsed()),
    "a no of the college doesn't block": lambda: steps.publicise(
        round=make_round(), endorsements=all_endorsed(college=False)
    ),
    "the newest endorsement counts": lambda: steps.publicise(
        round=make_round(), endorsements=[*all_endorsed(ethics=False), endorsement("ethics")]
    ),
    "a settled objection does not hold": open_objection_at(steps.recommend, ObjectionState.DISMISSED),
    "a second person can be turned off": lambda: settled_without_second_person(),
    "upholding needs no other to be settled": lambda: upheld_beside_another(),
    "the first place of the quota": against(lambda r: ranked(3, r)),
    "an equal rank": against(lambda r: ranked(2, r)),
    "a better one who gave up": against(lambda r: ranked(1, r, State.WITHDRAWN)),
    "a better one who was rejected": against(lambda r: ranked(1, r, State.NOT_RECOMMENDED)),
    "a recommended one who gave up frees the place": against(lambda r: recommended(State.WITHDRAWN, round=r)),
    "a recommended one who is disqualified frees it": against(
        lambda r: recommended(State.DISQUALIFIED, round=r)
    ),
    "another level has its own quota": against(lambda r: recommended(round=r, level="senior")),
    "another round has its own quota": against(lambda r: recommended(round=one_place(**RANKS))),
    "a rank given first and bettered since": lambda: bettered_rank(),
    "two of three opinions can't be outdone by a recused one": lambda: steps.table(opinions=4),
    "a document of today": with_data(steps.confirm, approved_on=date(2026, 9, 15)),
}


@pytest.mark.parametrize("name", PASSED)
def test_what_is_close_to_a_refusal_and_yet_in_order_goes(name: str) -> None:
    ready = PASSED[name]()
    assert ready.run().history[-1].at == NOW


def settled_without_second_person() -> Ready:
    ready = steps.settle(
        Action.DISMISS, round=make_round(second_person=False, second_person_reason="只有一名工作人员")
    )
    ready.actor = replace(ready.actor, user_id=ready.data["objection"].findings_by.id)
    return ready


def upheld_beside_another() -> Ready:
    ready = steps.settle(Action.UPHOLD)
    steps.objection_to(ready.case, state=ObjectionState.OPEN.value)
    return ready


def bettered_rank() -> Ready:
    """The rival's rank 1 was given first and replaced by 3 since."""
    round_ = one_place(**RANKS)
    given = [endorsement("college", rank=1), endorsement("college", rank=3)]
    make_application(State.UNIT_PUBLICITY, round=round_, endorsements=given)
    return steps.recommend(round=round_, endorsements=[endorsement("college", rank=2)])


def test_a_closed_round_is_open_for_those_extended() -> None:
    round_ = make_round(dates=CLOSED_DATES)
    ready = steps.submit(round=round_)
    Extension(
        unit=ready.case.person.unit,
        round=round_,
        people=[ready.case.person],
        until=date(2026, 9, 15),
        reason="出差",
        at=NOW,
    ).save()
    assert ready.run().state == "submitted"


def test_the_window_closes_with_the_last_millisecond_of_the_day_in_china() -> None:
    dates = CLOSED_DATES | {"closes": "2026-09-15"}
    last = datetime(2026, 9, 15, 15, 59, 59, 999000, tzinfo=UTC)
    for moment, is_refused in ((last, False), (last + timedelta(milliseconds=1), True)):
        ready = steps.submit(round=make_round(dates=dates))
        context = Context(Action.SUBMIT, CaseContent(ready.case, moment), ready.actor, Role.APPLICANT)
        assert (GUARDS["window_open"](context) is not None) is is_refused


def test_hr_cannot_submit_what_the_applicant_did_not_preview() -> None:
    ready = steps.submit(preview={})
    ready.actor = steps.hr()
    with pytest.raises(Refused, match="请申报人先预览"):
        ready.run()


def test_an_endorser_of_another_unit_is_none_here() -> None:
    """A role in one unit and an office in another don't add up."""
    other = other_unit()
    ready = steps.endorse()
    here = make_actor(Role.ENDORSER, department="cs")
    there = make_actor(Role.ENDORSER, office="ethics", unit=other)
    ready.actor = replace(here, grants=(*here.grants, *there.grants))
    with pytest.raises(Refused, match="不负责"):
        ready.run(office="ethics", rank=None)
    assert ready.run().endorsements[0].office == "college"


def other_unit() -> Unit:
    return Unit(code="other", name="江城大学").save()


def test_the_roster_as_it_is_today_counts_not_as_it_was_when_starting() -> None:
    ready = steps.submit()
    Person.objects(id=ready.case.person.id).update_one(set__in_service=False)
    with pytest.raises(Refused, match="不是在职"):
        ready.run()


def test_a_quota_counts_the_own_unit_alone() -> None:
    round_ = one_place(**RANKS)
    other = other_unit()
    recommended(round=round_, person=make_person(unit=other))
    assert steps.recommend(round=round_).run().state == "panel"
