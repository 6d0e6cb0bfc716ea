"""Today's work: which applications wait for whom, and that what is listed is what the steps take."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models.application import Application
from models.choices import Role, RoundState, State
from models.review_round import Extension, ReviewRound
from models.sections import Recusal
from panel.domain.access.who_may import RULES, STAFF
from panel.domain.actors import Actor
from panel.domain.calendar import end_of_day
from panel.domain.desk.work import BY_KEY, KINDS, Desk, late_among
from panel.domain.rounds import offers
from tests.factories import (
    NOW,
    make_actor,
    make_application,
    make_committee,
    make_opinions,
    make_person,
    make_round,
    make_unit,
)

pytestmark = pytest.mark.usefixtures("database")


def desk(actor: Actor, now: datetime = NOW) -> Desk:
    running = Extension.objects(until__gte=now.date())
    return Desk(actor, now, list(ReviewRound.objects), list(running))


def found(key: str, at: Desk) -> set[str]:
    return {row.name for row in Application.objects(BY_KEY[key].query(at))}


def draft(name: str, **person: object) -> Application:
    return make_application(State.DRAFT, person=make_person(name=name, **person))


def extend(round: ReviewRound, days: int, **whom: object) -> None:
    until = round.spec.dates.closes + timedelta(days=days)
    Extension(round=round, unit=make_unit(), until=until, reason="病假", at=NOW, **whom).save()


def marked(at: Desk) -> set[str]:
    """Those that the list marks, of the rows that it has read."""
    return {row.name for row in Application.objects if row.id in late_among(Application.objects, at)}


def test_a_draft_is_late_from_the_moment_its_window_is_over() -> None:
    draft("迟到者")
    closes = end_of_day(make_round().spec.dates.closes)
    for now, expected in ((closes, set()), (closes + timedelta(seconds=1), {"迟到者"})):
        at = desk(make_actor(Role.UNIT_HR), now)
        assert found("late", at) == marked(at) == expected


def test_an_extension_that_the_closing_day_has_overtaken_keeps_nobody_from_being_late() -> None:
    """Closed by hand before its day: nobody can submit but those extended beyond that day."""
    kept, overtaken = draft("延到以后"), draft("延得不够")
    round_ = make_round()
    extend(round_, 5, people=[kept.person])
    extend(round_, -1, people=[overtaken.person])
    ReviewRound.objects(id=round_.id).update_one(set__state=RoundState.CLOSED.value)
    now = end_of_day(round_.spec.dates.closes) - timedelta(days=3)
    closed = ReviewRound.objects.get(id=round_.id)
    assert offers.window(closed, kept.person, now).is_open
    assert not offers.window(closed, overtaken.person, now).is_open
    at = desk(make_actor(Role.UNIT_HR), now)
    assert found("late", at) == marked(at) == {"延得不够"}


def test_departments_extended_are_not_late_but_for_who_extended_them() -> None:
    oneself = draft("办理人")
    draft("同事")
    extend(make_round(), 5, departments=["cs"], not_for=oneself.person.id)
    now = end_of_day(make_round().spec.dates.closes) + timedelta(days=2)
    at = desk(make_actor(Role.UNIT_HR), now)
    assert found("late", at) == marked(at) == {"办理人"}


def test_an_opinion_of_a_recused_expert_counts_as_little_as_the_step_counts_it() -> None:
    case = make_application(State.PANEL, person=make_person(name="张评议"))
    experts = [member.user for member in make_committee().members[:3]]
    make_opinions(case, experts)
    office = make_actor(Role.OFFICE)
    assert found("to_table", desk(office)) == {"张评议"}
    recusal = Recusal(user=experts[0].id, reason="亲属", at=NOW)
    Application.objects(id=case.id).update_one(push__recusals=recusal)
    assert found("to_table", desk(office)) == set()
    assert found("opinions", desk(office)) == {"张评议"}


def test_work_with_a_step_is_for_those_who_may_take_it() -> None:
    wrong = {
        kind.key: kind.roles
        for kind in KINDS
        if kind.step and set(kind.roles) != RULES[kind.step].roles & set(STAFF)
    }
    assert wrong == {}
    assert sum(1 for kind in KINDS if kind.step) == 7
