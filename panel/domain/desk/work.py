"""Today's work: named selections of applications. Their counts and the lists behind them are one query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import g
from mongoengine import Q

from models.application import Application
from models.choices import Action, MaterialState, Role, RoundState, State
from models.material import MaterialEntry
from models.meeting import Opinion
from models.messages import M, Message
from models.review_round import Extension, ReviewRound
from models.states import GIVEN_BACK, IN_PUBLICITY, REOPENED, stored_states
from models.together import BATCH, Question, counted
from models.values import ref_id, ref_ids
from panel.domain.access import policy
from panel.domain.access.visibility import NOTHING
from panel.domain.actors import Actor
from panel.domain.calendar import end_of_day, local_date
from views.admin import list_words

HR, OFFICE, ENDORSER = Role.UNIT_HR, Role.OFFICE, Role.ENDORSER
NEAR = timedelta(days=3)
#: More are not counted: a tile says "10000+".
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Work:
    """One kind of work: what it is called, who does it, which applications, and the step it calls for."""

    key: str
    label: Message
    hint: Message
    roles: tuple[Role, ...]
    query: Callable[[Actor, datetime], Q]
    icon: str
    step: Action | None = None
    is_urgent: bool = False
    #: the page that does it, where that isn't the list of applications
    page: str = ""


def cases(actor: Actor) -> Any:
    """The applications that `actor` sees in the panel."""
    return policy.visible(actor, Application, *list_words.case_roles(actor))


def _state(*states: State) -> Q:
    return Q(state__in=stored_states(states))


def _first_check(actor: Actor, now: datetime) -> Q:
    return _state(State.SUBMITTED) & Q(__raw__={"returns.0": {"$exists": False}})


def _resubmitted(actor: Actor, now: datetime) -> Q:
    return _state(State.SUBMITTED) & Q(__raw__={"returns.0": {"$exists": True}})


def _deadline_near(actor: Actor, now: datetime) -> Q:
    soon = end_of_day(local_date(now + NEAR))
    return _state(*REOPENED) & Q(deadline__gte=now, deadline__lte=soon)


def _overdue(actor: Actor, now: datetime) -> Q:
    # not "earlier": what lapsed may have no deadline any more
    return _state(*GIVEN_BACK) & Q(deadline__not__gte=now)


def _unconfirmed(actor: Actor, now: datetime) -> Q:
    return Q(receipt__on_behalf=True, receipt__confirmed_at=None) & _state(State.SUBMITTED)


def late(actor: Actor, now: datetime) -> Q:
    """Drafts of rounds whose closing day has passed, but for those whose extension still runs (G30)."""
    query = NOTHING
    for round in _closed_rounds(local_date(now)):
        part = Q(round=round.id)
        for extension in _extensions(round):
            elsewhere = Q(unit__ne=ref_id(extension, "unit"))
            others = Q(person__nin=ref_ids(extension, "people"), department__nin=list(extension.departments))
            missed = elsewhere | others
            part &= missed | Q(person=extension.not_for) if extension.not_for else missed
        query |= part
    return _state(State.DRAFT) & query


def late_among(rows: Iterable[Any], now: datetime) -> set[Any]:
    """The ids of those of `rows` that `late` finds, without asking again."""
    closed = {round.id: _extensions(round) for round in _closed_rounds(local_date(now))}
    drafts = [row for row in rows if row.state == State.DRAFT and ref_id(row, "round") in closed]
    return {row.id for row in drafts if not any(_covers(e, row) for e in closed[ref_id(row, "round")])}


def _covers(extension: Extension, row: Any) -> bool:
    is_named = ref_id(row, "person") in ref_ids(extension, "people")
    is_meant = is_named or row.department in extension.departments
    is_meant = is_meant and ref_id(row, "person") != extension.not_for
    return is_meant and ref_id(row, "unit") == ref_id(extension, "unit")


def _closed_rounds(today: date) -> list[ReviewRound]:
    """The rounds that take no more applications but by extension."""
    found = list_words.rounds().values()
    return [r for r in found if r.spec.dates.closes < today or r.state == RoundState.CLOSED]


def _extensions(round: ReviewRound) -> list[Extension]:
    return [extension for extension in list_words.extensions() if ref_id(extension, "round") == round.id]


def _rows_of(actor: Actor, role: Role) -> Iterable[tuple[ReviewRound, Any, Q]]:
    """Every endorsement of every round with whom it concerns; for an endorser only those they give."""
    for round in list_words.rounds().values():
        for row in round.spec.endorsements:
            concerned = Q(round=round.id)
            if row.when.kinds:
                concerned &= Q(kind__in=[kind.value for kind in row.when.kinds])
            if row.when.levels:
                concerned &= Q(level__in=row.when.levels)
            if row.when.exceptional is not None:
                concerned &= Q(exceptional=row.when.exceptional)
            if role != Role.ENDORSER:
                yield round, row, concerned
                continue
            for grant in actor.as_(Role.ENDORSER):
                if row.own_department and grant.department:
                    yield round, row, concerned & Q(unit=grant.unit_id, department=grant.department)
                elif not row.own_department and grant.office == row.key:
                    yield round, row, concerned & Q(unit=grant.unit_id)


def _waiting(actor: Actor, role: Role) -> Q:
    query = NOTHING
    for _round, row, concerned in _rows_of(actor, role):
        query |= concerned & Q(endorsements__office__ne=row.key)
    return _state(State.SUBMITTED) & query


def _mine_to_endorse(actor: Actor, now: datetime) -> Q:
    return _waiting(actor, Role.ENDORSER)


def _endorsements_missing(actor: Actor, now: datetime) -> Q:
    return _waiting(actor, Role.UNIT_HR)


def _publicity_over(state: State) -> Callable[[Actor, datetime], Q]:
    return lambda actor, now: _state(state) & Q(publicity_ends__lt=now)


def _publicity_running(actor: Actor, now: datetime) -> Q:
    return _state(*IN_PUBLICITY) & Q(publicity_ends__gte=now)


def _with_opinions(actor: Actor) -> list[Any]:
    """Applications before the panel that have as many final opinions as their round asks for (R13).

    Of those that the person sees, but their own; asked once per page.
    """
    if "with_opinions" not in g:
        asked = {round.id: round.spec.voting.minimum_opinions for round in list_words.rounds().values()}
        seen = policy.visible(actor, Application, Role.OFFICE, Role.SUPERVISOR)
        seen = seen.filter(state=State.PANEL.value, person__ne=actor.person_id)
        rows = seen.only("round").batch_size(BATCH).as_pymongo()
        waiting = {row["_id"]: asked.get(row["round"], 0) for row in rows}
        g.with_opinions = _enough(waiting) if waiting else []
    found: list[Any] = g.with_opinions
    return found


def _enough(waiting: dict[Any, int]) -> list[Any]:
    """Those of the applications `waiting` that have so many final opinions."""
    given = Opinion.objects(is_final=True, application__in=list(waiting))
    found = given.aggregate([{"$group": {"_id": "$application", "count": {"$sum": 1}}}])
    return [row["_id"] for row in found if row["count"] >= waiting[row["_id"]]]


def _to_table(actor: Actor, now: datetime) -> Q:
    return _state(State.PANEL) & Q(id__in=_with_opinions(actor))


def _opinions_missing(actor: Actor, now: datetime) -> Q:
    return _state(State.PANEL) & Q(id__nin=_with_opinions(actor))


def _in(*states: State) -> Callable[[Actor, datetime], Q]:
    return lambda actor, now: _state(*states)


def _material_disputed(actor: Actor, now: datetime) -> Q:
    disputed = policy.visible(actor, MaterialEntry, Role.UNIT_HR, Role.SUPERVISOR)
    return Q(id__in=disputed.filter(state=MaterialState.DISPUTED.value).distinct("application"))


A, S = Action, State
WORK: tuple[Work, ...] = (
    Work(
        "material",
        M("材料表异议"),
        M("处理后本人才能提交"),
        (HR,),
        _material_disputed,
        "table-alias",
        page="hr_material.index_view",
    ),
    Work("to_check", M("待审核"), M("新提交，还没有审核完"), (HR,), _first_check, "clipboard-check"),
    Work("resubmitted", M("补正后待复核"), M("只需看改动之处"), (HR,), _resubmitted, "refresh"),
    Work("unconfirmed", M("代提交待本人确认"), M("本人确认后才能公示"), (HR,), _unconfirmed, "user-question"),
    Work(
        "deadline_near",
        M("补正即将到期"),
        M("三天内到期，可提醒本人"),
        (HR, OFFICE),
        _deadline_near,
        "clock-exclamation",
        is_urgent=True,
    ),
    Work(
        "overdue",
        M("补正已逾期"),
        M("有正当理由的可以恢复"),
        (HR, OFFICE),
        _overdue,
        "alarm",
        A.REINSTATE,
        is_urgent=True,
    ),
    Work("to_endorse", M("待我审核"), M("请给出意见"), (ENDORSER,), _mine_to_endorse, "checkbox"),
    Work("endorsements", M("待部门意见"), M("意见齐了才能公示"), (HR,), _endorsements_missing, "checkbox"),
    Work(
        "objections",
        M("异议核查中"),
        M("处理完才能继续"),
        (HR, OFFICE),
        _in(S.ON_HOLD),
        "message-report",
        is_urgent=True,
    ),
    Work("publicity", M("公示进行中"), M("留意收到的异议"), (HR, OFFICE), _publicity_running, "speakerphone"),
    Work(
        "to_recommend",
        M("公示期满待推荐"),
        M("写好单位意见后推荐"),
        (HR,),
        _publicity_over(S.UNIT_PUBLICITY),
        "thumb-up",
        A.RECOMMEND,
    ),
    Work(
        "to_accept", M("待受理"), M("受理后进入专家评议"), (OFFICE,), _in(S.OFFICE_REVIEW), "inbox", A.ACCEPT
    ),
    Work("opinions", M("待专家意见"), M("指定专家或催办"), (OFFICE,), _opinions_missing, "messages"),
    Work("to_table", M("可提交表决"), M("专家意见已齐"), (OFFICE,), _to_table, "gavel", A.TABLE),
    Work("ballot", M("待表决"), M("已列入会议"), (OFFICE,), _in(S.BALLOT), "checks"),
    Work(
        "to_publicise",
        M("评审通过待公示"),
        M("公示评审结果"),
        (OFFICE,),
        _in(S.PASSED),
        "speakerphone",
        A.PUBLICISE_RESULT,
    ),
    Work(
        "to_confirm",
        M("公示期满待确认"),
        M("填写文号和备案情况"),
        (OFFICE,),
        _publicity_over(S.RESULT_PUBLICITY),
        "file-certificate",
        A.CONFIRM,
    ),
    Work("to_issue", M("待发证"), M("生成电子证书"), (OFFICE,), _in(S.CONFIRMED), "certificate", A.ISSUE),
    Work("late", M("逾期未提交"), M("申报已截止，仍在填报"), (HR,), late, "hourglass-off"),
)
BY_KEY = {work.key: work for work in WORK}


def of(actor: Actor) -> list[Work]:
    """The kinds of work that the actor's roles do; a supervisor looks at all of them."""
    if actor.holds(Role.SUPERVISOR):
        return [work for work in WORK if work.key != "to_endorse" or actor.holds(Role.ENDORSER)]
    return [work for work in WORK if actor.holds(*work.roles)]


def counts(works: Iterable[Work], actor: Actor, now: datetime) -> list[Question]:
    """The questions how many applications wait for each of `works`, for `models.together.ask`."""
    return [counted(cases(actor).filter(work.query(actor, now)), MOST_COUNTED) for work in works]
