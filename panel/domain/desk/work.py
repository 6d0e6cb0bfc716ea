"""Today's work: what waits for whom, as named selections of applications.

Their counts and the lists behind them are one query. What each is called stands beside the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from mongoengine import Q

from models.application import Application
from models.choices import Action, MaterialState, Role, State
from models.material import MaterialEntry
from models.review_round import Extension, ReviewRound
from models.states import GIVEN_BACK, IN_PUBLICITY, REOPENED, stored_states
from models.together import BATCH
from models.values import ref_id
from panel.domain.access import policy
from panel.domain.access.who_sees import NOTHING
from panel.domain.actors import Actor
from panel.domain.calendar import end_of_day, local_date
from panel.domain.rounds.windows import Windows
from panel.domain.steps.guards.reviewing import count_opinions

HR, OFFICE, ENDORSER = Role.UNIT_HR, Role.OFFICE, Role.ENDORSER
NEAR = timedelta(days=3)


@dataclass(frozen=True)
class Desk:
    """Whose work at what time, with the rounds they see and, of any round, the extensions that run."""

    actor: Actor
    now: datetime
    rounds: Sequence[ReviewRound]
    extensions: Sequence[Extension]

    @cached_property
    def with_opinions(self) -> list[Any]:
        """Applications before the panel that have as many opinions as their round asks for (R13).

        Of those that the person sees, but their own; asked once.
        """
        asked = {round.id: round.spec.voting.minimum_opinions for round in self.rounds}
        seen = policy.visible(self.actor, Application, Role.OFFICE, Role.SUPERVISOR)
        seen = seen.filter(state=State.PANEL.value, person__ne=self.actor.person_id)
        rows = list(seen.only("round", "recusals").batch_size(BATCH).as_pymongo())
        recused = {row["_id"]: {one["user"] for one in row.get("recusals", ())} for row in rows}
        given = count_opinions(recused) if recused else {}
        return [row["_id"] for row in rows if given.get(row["_id"], 0) >= asked.get(row["round"], 0)]


@dataclass(frozen=True)
class WorkKind:
    """One kind of work: who does it, which applications, and the step it calls for."""

    key: str
    roles: tuple[Role, ...]
    query: Callable[[Desk], Q]
    step: Action | None = None
    is_urgent: bool = False


def _state(*states: State) -> Q:
    return Q(state__in=stored_states(states))


def _first_check(desk: Desk) -> Q:
    return _state(State.SUBMITTED) & Q(__raw__={"returns.0": {"$exists": False}})


def _resubmitted(desk: Desk) -> Q:
    return _state(State.SUBMITTED) & Q(__raw__={"returns.0": {"$exists": True}})


def _deadline_near(desk: Desk) -> Q:
    soon = end_of_day(local_date(desk.now + NEAR))
    return _state(*REOPENED) & Q(deadline__gte=desk.now, deadline__lte=soon)


def _overdue(desk: Desk) -> Q:
    # not "earlier": what lapsed may have no deadline any more
    return _state(*GIVEN_BACK) & Q(deadline__not__gte=desk.now)


def _unconfirmed(desk: Desk) -> Q:
    return Q(receipt__on_behalf=True, receipt__confirmed_at=None) & _state(State.SUBMITTED)


def late(desk: Desk) -> Q:
    """Drafts of people whose window is over (G30)."""
    query = NOTHING
    for round in desk.rounds:
        over = Windows(round, desk.extensions).late(desk.now)
        query = query if over is NOTHING else query | over
    return _state(State.DRAFT) & query


def late_among(rows: Iterable[Any], desk: Desk) -> set[Any]:
    """The ids of those of `rows` that `late` finds, without asking again."""
    windows = {round.id: Windows(round, desk.extensions) for round in desk.rounds}
    return {
        row.id
        for row in rows
        if row.state == State.DRAFT
        and (known := windows.get(ref_id(row, "round")))
        and known.is_over(ref_id(row, "unit"), row.department, ref_id(row, "person"), desk.now)
    }


def _endorsements(desk: Desk, role: Role) -> Iterable[tuple[Any, Q]]:
    """Every endorsement of every round with whom it concerns; for an endorser only those they give."""
    for round in desk.rounds:
        for row in round.spec.endorsements:
            concerned = Q(round=round.id)
            if row.when.kinds:
                concerned &= Q(kind__in=[kind.value for kind in row.when.kinds])
            if row.when.levels:
                concerned &= Q(level__in=row.when.levels)
            if row.when.exceptional is not None:
                concerned &= Q(exceptional=row.when.exceptional)
            if role != Role.ENDORSER:
                yield row, concerned
                continue
            for grant in desk.actor.as_(Role.ENDORSER):
                if row.own_department and grant.department:
                    yield row, concerned & Q(unit=grant.unit_id, department=grant.department)
                elif not row.own_department and grant.office == row.key:
                    yield row, concerned & Q(unit=grant.unit_id)


def _waiting(role: Role) -> Callable[[Desk], Q]:
    def query(desk: Desk) -> Q:
        found = NOTHING
        for row, concerned in _endorsements(desk, role):
            found |= concerned & Q(endorsements__office__ne=row.key)
        return _state(State.SUBMITTED) & found

    return query


def _publicity_over(state: State) -> Callable[[Desk], Q]:
    return lambda desk: _state(state) & Q(publicity_ends__lt=desk.now)


def _publicity_running(desk: Desk) -> Q:
    return _state(*IN_PUBLICITY) & Q(publicity_ends__gte=desk.now)


def _to_table(desk: Desk) -> Q:
    return _state(State.PANEL) & Q(id__in=desk.with_opinions)


def _opinions_missing(desk: Desk) -> Q:
    return _state(State.PANEL) & Q(id__nin=desk.with_opinions)


def _in(*states: State) -> Callable[[Desk], Q]:
    return lambda desk: _state(*states)


def _material_disputed(desk: Desk) -> Q:
    disputed = policy.visible(desk.actor, MaterialEntry, Role.UNIT_HR, Role.SUPERVISOR)
    return Q(id__in=disputed.filter(state=MaterialState.DISPUTED.value).distinct("application"))


A, S = Action, State
TO_ENDORSE = "to_endorse"
#: In the order of the way that a case goes.
KINDS: tuple[WorkKind, ...] = (
    WorkKind("material", (HR,), _material_disputed),
    WorkKind("to_check", (HR,), _first_check),
    WorkKind("resubmitted", (HR,), _resubmitted),
    WorkKind("unconfirmed", (HR,), _unconfirmed),
    WorkKind("deadline_near", (HR, OFFICE), _deadline_near, is_urgent=True),
    WorkKind("overdue", (HR, OFFICE), _overdue, A.REINSTATE, is_urgent=True),
    WorkKind(TO_ENDORSE, (ENDORSER,), _waiting(Role.ENDORSER)),
    WorkKind("endorsements", (HR,), _waiting(Role.UNIT_HR)),
    WorkKind("objections", (HR, OFFICE), _in(S.ON_HOLD), is_urgent=True),
    WorkKind("publicity", (HR, OFFICE), _publicity_running),
    WorkKind("to_recommend", (HR,), _publicity_over(S.UNIT_PUBLICITY), A.RECOMMEND),
    WorkKind("to_accept", (OFFICE,), _in(S.OFFICE_REVIEW), A.ACCEPT),
    WorkKind("opinions", (OFFICE,), _opinions_missing),
    WorkKind("to_table", (OFFICE,), _to_table, A.TABLE),
    WorkKind("ballot", (OFFICE,), _in(S.BALLOT)),
    WorkKind("to_publicise", (OFFICE,), _in(S.PASSED), A.PUBLICISE_RESULT),
    WorkKind("to_confirm", (OFFICE,), _publicity_over(S.RESULT_PUBLICITY), A.CONFIRM),
    WorkKind("to_issue", (OFFICE,), _in(S.CONFIRMED), A.ISSUE),
    WorkKind("late", (HR,), late),
)
BY_KEY = {kind.key: kind for kind in KINDS}


def kinds_of(actor: Actor) -> list[WorkKind]:
    """The kinds of work that the actor's roles do; a supervisor looks at all of them."""
    if actor.holds(Role.SUPERVISOR):
        return [kind for kind in KINDS if kind.key != TO_ENDORSE or actor.holds(Role.ENDORSER)]
    return [kind for kind in KINDS if actor.holds(*kind.roles)]
