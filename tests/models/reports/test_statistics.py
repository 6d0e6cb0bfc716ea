"""Figures against cases counted by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from models.application import Application
from models.choices import Role, State, Verdict
from models.sections import Judgement, Return, ReturnItem, Step
from panel.domain.actors import Actor
from panel.domain.reports import statistics
from panel.domain.reports.statistics import CountedDays
from tests.factories import NOW, make_actor, make_application, make_entry, make_person, make_round, make_unit

pytestmark = pytest.mark.usefixtures("database")

PERIOD = CountedDays(date(2026, 9, 10), date(2026, 9, 20))
ANNA, BELA = ObjectId(), ObjectId()


@pytest.fixture
def hr() -> Actor:
    return make_actor(Role.UNIT_HR)


def at(day: int, hour: int = 2) -> datetime:
    """That hour (UTC) of September 2026."""
    return datetime(2026, 9, day, hour, tzinfo=UTC)


def step(action: str, when: datetime, by: ObjectId = ANNA, name: str = "安娜", role: str = "unit_hr") -> Step:
    return Step(action=action, from_state="x", to_state="y", at=when, by=by, by_name=name, role=role)


def judged(when: datetime, by: ObjectId = ANNA, name: str = "安娜") -> Judgement:
    return Judgement(verdict=Verdict.ACCEPT.value, by=by, by_name=name, at=when)


def make(state: State = State.SUBMITTED, **values: Any) -> Application:
    return make_application(state, **({"history": [], "created_at": at(1)} | values))


def test_states_are_counted_by_department_level_and_state(hr: Actor) -> None:
    round, other = make_round(), make_round("lab")
    for department, level, state in (
        ("cs", "associate", State.DRAFT),
        ("cs", "associate", State.DRAFT),
        ("cs", "associate", State.SUBMITTED),
        ("cs", "senior", State.DRAFT),
        ("me", "associate", State.CERTIFIED),
    ):
        make(state, round=round, person=make_person(department=department), level=level)
    make(State.DRAFT, round=round, person=make_person(unit=make_unit(code="other", name="外校")))
    make(State.DRAFT, round=other)
    found = {
        (line.department, line.level): (dict(line.counts), line.total)
        for line in statistics.states([round.id], hr)
    }
    assert found == {
        ("cs", "associate"): ({State.DRAFT: 2, State.SUBMITTED: 1}, 3),
        ("cs", "senior"): ({State.DRAFT: 1}, 1),
        ("me", "associate"): ({State.CERTIFIED: 1}, 1),
    }


def test_each_role_counts_what_it_sees(hr: Actor) -> None:
    round = make_round()
    for state in (State.DRAFT, State.SUBMITTED, State.PANEL):
        make(state, round=round)
    total = {
        role: sum(line.total for line in statistics.states([round.id], make_actor(role)))
        for role in (Role.UNIT_HR, Role.SUPERVISOR, Role.OFFICE, Role.ENDORSER, Role.EXPERT, Role.ADMIN)
    }
    assert total == {
        Role.UNIT_HR: 3,
        Role.SUPERVISOR: 2,
        Role.OFFICE: 1,
        Role.ENDORSER: 0,
        Role.EXPERT: 0,
        Role.ADMIN: 0,
    }


def test_progress_counts_each_day_in_china_and_fills_the_quiet_ones(hr: Actor) -> None:
    round = make_round()
    make(created_at=at(11), history=[step("submit", at(12)), step("return", at(14))], round=round)
    # 17:00 UTC is one in the morning of the next day in China
    make(
        created_at=at(11, 17), history=[step("submit", at(12, 17)), step("recommend", at(14, 1))], round=round
    )
    make(created_at=at(1), history=[step("submit", at(9)), step("resubmit", at(21))], round=round)
    lines = statistics.days([round.id], PERIOD, hr).progress
    assert [(line.day.day, tuple(line.counts.values())) for line in lines] == [
        (11, (1, 0, 0, 0, 0)),
        (12, (1, 1, 0, 0, 0)),
        (13, (0, 1, 0, 0, 0)),
        (14, (0, 0, 1, 0, 1)),
    ]
    assert statistics.PROGRESS == ("started", "submit", "return", "resubmit", "recommend")


def test_the_first_and_last_instant_of_the_period_count(hr: Actor) -> None:
    round = make_round()
    first = datetime(2026, 9, 9, 16, tzinfo=UTC)
    last = datetime(2026, 9, 20, 15, 59, 59, 999000, tzinfo=UTC)
    tick = timedelta(milliseconds=1)
    for moment in (first - tick, first, last, last + tick):
        make(created_at=moment, round=round)
    lines = statistics.days([round.id], PERIOD, hr).progress
    assert (lines[0].day, lines[-1].day) == (PERIOD.first, PERIOD.last)
    assert sum(line.counts["started"] for line in lines) == 2


def returned(when: datetime, *places: tuple[str, str]) -> Return:
    items = [ReturnItem(section=section, field=field, text="请改") for section, field in places]
    return Return(items=items, deadline=NOW, at=when, from_state="submitted")


def test_return_reasons_are_counted_by_field_most_frequent_first(hr: Actor) -> None:
    round = make_round()
    make(round=round, returns=[returned(at(12), ("basic", "school"), ("basic", "school"), ("", ""))])
    make(
        round=round,
        returns=[
            returned(at(11), ("basic", "school")),
            returned(at(15), ("attachments", "degree")),
            returned(at(25), ("basic", "school")),
        ],
    )
    found = statistics.days([round.id], PERIOD, hr).reasons
    assert [(line.section, line.field, line.items, line.applications) for line in found] == [
        ("basic", "school", 3, 2),
        ("", "", 1, 1),
        ("attachments", "degree", 1, 1),
    ]


def test_workload_is_who_judged_and_returned_what_on_which_day(hr: Actor) -> None:
    round = make_round()
    first = make_entry("performance", "project")
    first.judgement = judged(at(12))
    second = make_entry("publication", "paper")
    second.judgement = judged(at(12))
    third = make_entry("education")
    third.judgement = judged(at(13), BELA, "贝拉")
    unjudged = make_entry("performance", "award")
    make(round=round, achievements=[first, second, unjudged], education=[third])
    again = make_entry("performance", "project")
    again.judgement = judged(at(12))
    make(
        round=round,
        achievements=[again],
        history=[
            step("return", at(12)),
            step("recommend", at(13), BELA, "贝拉"),
            step("submit", at(12), ObjectId(), "申报人", "applicant"),
            step("close", at(12), ObjectId(), "主任委员", "chair"),
            step("recommend", at(21)),
        ],
    )
    found = statistics.days([round.id], PERIOD, hr).workload
    assert statistics.WORKLOAD == ("judged", "cases", "return", "reject", "publicise", "recommend")
    assert [(line.day.day, line.name, tuple(line.counts.values())) for line in found] == [
        (13, "贝拉", (1, 1, 0, 0, 0, 1)),
        (12, "安娜", (3, 2, 1, 0, 0, 0)),
    ]


def test_judgements_in_hrs_own_tables_count(hr: Actor) -> None:
    from models.sections import SectionRecord

    round = make_round()
    row = make_entry("extra")
    row.judgement = judged(at(12))
    make(round=round, sections={"extra": SectionRecord(entries=[row]), "basic": SectionRecord()})
    (line,) = statistics.days([round.id], PERIOD, hr).workload
    assert (line.name, line.counts["judged"], line.counts["cases"]) == ("安娜", 1, 1)


def test_a_round_without_cases_has_empty_tables(hr: Actor) -> None:
    round = make_round()
    found = statistics.days([round.id], PERIOD, hr)
    assert (list(found.progress), list(found.reasons), list(found.workload)) == ([], [], [])
    assert statistics.states([round.id], hr) == []
    assert statistics.states([], hr) == []
