"""Brings each invented application to its stage by the same steps, in the same order, as people would."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from models.application import Application
from models.choices import Action, PublicityKind, State, Verdict, Vote
from models.meeting import Committee, Meeting
from models.person import Person
from models.publicity import Objection
from models.review_round import ReviewRound
from panel.clock import ZONE
from panel.demo.fill import Filler
from panel.demo.people import Applicant
from panel.demo.texts import OPINIONS, SPECIALITIES
from panel.domain.actors import Actor
from panel.domain.content import files, section_records
from panel.domain.content.start import Selection, create
from panel.domain.publicity import lists, objections
from panel.domain.review import ballots, meetings, opinions
from panel.domain.steps import judging, workflow
from panel.services.prints import pdf


class DemoCase:
    """One application on its way; `at` moves forward with every step, never past `latest`."""

    def __init__(self, cast: dict[str, Actor], who: Applicant, round: ReviewRound, at: datetime) -> None:
        self.cast = cast
        self.who = who
        self.round = round
        self.at = at
        self.me = cast[who.staff_number]
        self.id: Any = None

    @property
    def application(self) -> Application:
        """As stored now."""
        return Application.objects.get(id=self.id)

    def later(self, days: int = 1) -> datetime:
        """Move on by `days` and return the time."""
        self.at += timedelta(days=days)
        return self.at

    def run(self, action: Action, actor: Actor, **data: Any) -> None:
        """Take a step as `actor`."""
        workflow.run(action, self.application, actor, self.at, **data)

    def start(self) -> Filler:
        """Start the application as its applicant."""
        person = Person.objects.get(staff_number=self.who.staff_number)
        selection = Selection(
            kind=self.who.kind,
            level=self.who.level,
            committee=f"{self.who.series}-committee",
            speciality=SPECIALITIES[self.who.series][self.who.speciality],
        )
        self.id = create(person, self.round, selection, True, self.me, self.at).id
        return Filler(self.application, self.who, self.me, self.at)

    def preview(self) -> None:
        """Look at the form, as the applicant must."""
        application = self.application
        printed = pdf.evaluation_form(application)
        files.record_preview(
            application, application.content_revision, hashlib.sha256(printed).hexdigest(), self.me, self.at
        )

    def submit(self, on_behalf: bool = False) -> None:
        """Fill in everything and submit."""
        self.start().everything()
        self.preview()
        if on_behalf:
            self.run(Action.SUBMIT, self.cast["hr"])
        else:
            self.run(Action.SUBMIT, self.me, pledge=True)

    def check(self) -> None:
        """HR accepts every entry, the offices endorse."""
        self.later(2)
        judging.accept_rest(self.application, self.cast["hr"], self.at)
        for row in self.application.spec.endorsements:
            actor = self.cast[f"college:{self.who.department}" if row.own_department else row.key]
            self.run(
                Action.ENDORSE,
                actor,
                office=row.key,
                yes=True,
                opinion="情况属实，同意申报。",
                rank=self.cast_rank() if row.ranks else None,
            )
        opinion = self.application.spec.texts.unit_opinion.zh
        judging.write_unit_opinion(self.application, opinion, self.cast["hr"], self.at)

    def cast_rank(self) -> int:
        """A rank in the college, by staff number."""
        return int(self.who.staff_number[-1]) % 3 + 1

    def post(self, kind: PublicityKind = PublicityKind.UNIT) -> None:
        """HR posts the list."""
        self.later(1)
        lists.post(kind, [self.application], self.cast["hr"], self.at)

    def pass_publicity(self) -> None:
        """The day after the period is over."""
        self.at = self.application.publicity_ends + timedelta(hours=11)

    def recommend(self) -> None:
        """Checked, publicised and recommended."""
        self.submit()
        self.check()
        self.post()
        self.pass_publicity()
        self.run(Action.RECOMMEND, self.cast["hr"])

    def to_panel(self) -> None:
        """Before the experts, accepted by the office where unit and office are two."""
        self.recommend()
        if self.application.state == State.OFFICE_REVIEW:
            self.later(1)
            self.run(Action.ACCEPT, self.cast["hr"])

    def opine(self, count: int = 3) -> None:
        """Three experts get the case; `count` of them write their opinions."""
        self.later(1)
        committee = Committee.objects.get(code=self.application.committee)
        experts = [member.user.id for member in committee.members[2:5]]
        opinions.assign_experts([self.application], experts, self.cast["hr"], self.at)
        for expert, text in zip(experts[:count], OPINIONS, strict=False):
            actor = self.cast[str(expert)]
            opinions.write_opinion(self.application, text, True, True, 0, actor, self.at)


def hold_meeting(
    cast: dict[str, Actor], cases: list[DemoCase], title: str, votes_for: Callable[[DemoCase], int]
) -> Meeting:
    """Table the cases, meet with seven of nine present, vote and close; `votes_for` gives the yes votes."""
    at = max(case.at for case in cases) + timedelta(days=2)
    for case in cases:
        case.at = at
    meeting = plan_meeting(cast, cases, title, at, at.date())
    committee = meeting.committee
    chair = cast[str(committee.members[0].user.id)]
    meetings.open_meeting(meeting, chair, at)
    present = [cast[str(member.user.id)] for member in committee.members[:7]]
    for actor in present:
        meetings.sign_in(meeting, actor, at)
    for number, actor in enumerate(present):
        _vote(meeting, actor, {str(case.id): votes_for(case) > number for case in cases}, at)
    return ballots.close(Meeting.objects.get(id=meeting.id), chair, True, at)


def plan_meeting(
    cast: dict[str, Actor], cases: list[DemoCase], title: str, at: datetime, held_on: date
) -> Meeting:
    """Plan a meeting of the cases' committee and put them on its sheets."""
    committee = Committee.objects.get(code=cases[0].application.committee)
    meeting = meetings.plan(committee, cases[0].round, title, held_on, "行政楼 201 会议室", cast["hr"], at)
    bulk = meetings.table(meeting, [case.application for case in cases], cast["hr"], at)
    if bulk.refused:
        raise RuntimeError(f"{bulk.refused[0][0]}: {bulk.refused[0][1]}")
    return Meeting.objects.get(id=meeting.id)


def _vote(meeting: Meeting, actor: Actor, choices: dict[str, bool], at: datetime) -> None:
    fresh = Meeting.objects.get(id=meeting.id)
    for paper in ballots.papers(fresh, actor):
        mine = {str(case.id): Vote.YES if choices[str(case.id)] else Vote.NO for case in paper.applications}
        ballots.cast(fresh, paper.sheet.uid, mine, actor, at)


# --- the stages ------------------------------------------------------------------------------------


def new(case: DemoCase) -> None:
    """Has not started."""


def draft_started(case: DemoCase) -> None:
    case.start().some()


def draft_ready(case: DemoCase) -> None:
    case.start().everything()


def submitted(case: DemoCase) -> None:
    case.submit()


def checked(case: DemoCase) -> None:
    case.submit()
    case.check()


def on_behalf(case: DemoCase) -> None:
    case.submit(on_behalf=True)


def returned(case: DemoCase, days: int = 10) -> None:
    case.submit()
    case.later(1)
    application = case.application
    entry = application.entries("publications")[0]
    hr = case.cast["hr"]
    judging.judge(application, [entry.uid], Verdict.DOUBT, "请补充论文的封面和目录页。", hr, case.at)
    items = [
        {"section": "publications", "entry": entry.uid, "field": "", "text": "请补充论文封面、目录和版权页的扫描件。"},
        {"section": "basic", "entry": "", "field": "duty_summary", "text": "请写明近三年的教学工作量。"},
        {"section": "attachments", "entry": "", "field": "social_insurance", "text": "社保明细缺最近两个月，请重新打印。"},
    ]  # fmt: skip
    deadline = case.at.astimezone(ZONE).date() + timedelta(days=days)
    case.run(Action.RETURN, hr, items=items, deadline=deadline)


def resubmitted(case: DemoCase) -> None:
    returned(case)
    case.later(2)
    application = case.application
    text = application.record("basic").get("duty_summary") + "近三年年均教学工作量 356 学时。"
    section_records.save_record(
        application, "basic", {"duty_summary": text}, application.record("basic").version, case.me, case.at
    )
    case.preview()
    case.run(Action.RESUBMIT, case.me, pledge=True)


def not_recommended(case: DemoCase) -> None:
    case.submit()
    case.later(2)
    case.run(
        Action.REJECT, case.cast["hr"], reason="任现职以来的科研业绩未达到本年度推荐条件，建议下一年度申报。"
    )


def unit_publicity(case: DemoCase) -> None:
    case.submit()
    case.check()
    case.post()


def publicity_over(case: DemoCase) -> None:
    unit_publicity(case)


def on_hold(case: DemoCase) -> None:
    unit_publicity(case)
    case.later(1)
    objections.register(
        case.application,
        "教师代表",
        "13900000000",
        "名单中所列获奖的本人排序与获奖证书不一致，请核查。",
        case.cast["hr"],
        case.at,
    )


def disqualified(case: DemoCase) -> None:
    on_hold(case)
    case.later(2)
    objection = Objection.objects.get(application=case.id)
    filed = objections.file_findings(
        objection, "经核对获奖证书原件，申报人不在获奖名单中。", case.cast["hr"], case.at
    )
    objections.settle(filed, True, "业绩材料不实，取消本次申报资格。", case.cast["hr2"], case.later(1))


def lapsed(case: DemoCase) -> None:
    returned(case, days=5)
    case.later(7)
    workflow.sweep_due(case.at)


def withdrawn(case: DemoCase) -> None:
    case.submit()
    case.later(1)
    case.run(Action.WITHDRAW, case.me, sure=True)


def panel(case: DemoCase) -> None:
    case.to_panel()


def panel_ready(case: DemoCase) -> None:
    case.to_panel()
    case.opine()


def office_review(case: DemoCase) -> None:
    case.recommend()


STAGES: dict[str, Callable[[DemoCase], None]] = {
    function.__name__: function
    for function in (
        new,
        draft_started,
        draft_ready,
        submitted,
        checked,
        on_behalf,
        returned,
        resubmitted,
        not_recommended,
        unit_publicity,
        publicity_over,
        on_hold,
        disqualified,
        lapsed,
        withdrawn,
        panel,
        panel_ready,
        office_review,
    )
}
#: How many days ago each story begins, so that what runs is running today; the others begin early.
BEGINS = {
    "draft_started": 20,
    "draft_ready": 8,
    "submitted": 3,
    "checked": 6,
    "on_behalf": 4,
    "returned": 4,
    "resubmitted": 6,
    "unit_publicity": 6,
    "on_hold": 9,
    "panel": 40,
    "panel_ready": 45,
}
EARLY = 95
