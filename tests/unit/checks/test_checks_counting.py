"""The checks that count and add up: each applies, passes, refuses, and is tried on its boundary."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.sections import Entry
from models.values import PartialDate
from tests.contents import attachments, award, book, job, paper, project, qualification
from tests.factories import make_entry
from tests.lengths import examples
from tests.rows import found, round_of, row, words

pytestmark = pytest.mark.usefixtures("database")

_ACHIEVEMENTS = [project(), award(), paper(), book()]


def _hours(year: int, hours: float | None, **values: Any) -> Entry:
    return make_entry("hours", course="师德研修", year=year, hours=hours, **values)


# --- count ---


@pytest.mark.parametrize(
    ("arguments", "have"),
    [
        ({"minimum": 3}, 2),
        ({"minimum": 3, "where": {"kind": ["paper", "book"]}}, 2),
        ({"minimum": 2, "where": {"kind": ["paper"]}}, 1),
        ({"minimum": 2, "where": {"clause": ["a6"]}}, 1),
        ({"minimum": 2, "between": {"rank": [1, 1]}}, 1),
        ({"minimum": 3, "between": {"rank": [None, 2]}}, 2),
        ({"minimum": 2, "dated": "start", "until": "achievements_until", "last_months": 60}, 1),
        ({"minimum": {"associate": 4, "senior": 9}}, 2),
    ],
)
def test_count_takes_only_what_its_row_chooses(arguments: dict[str, Any], have: int) -> None:  # G16, G18
    need = arguments["minimum"]
    need = need["associate"] if isinstance(need, dict) else need
    assert words(row("count", "publications", arguments=arguments)) == [f"||||{have}|{need}"]


def test_count_that_is_met_says_nothing() -> None:
    assert words(row("count", "publications", arguments={"minimum": 2, "maximum": 2})) == []


def test_count_that_asks_nothing_of_this_level_says_nothing() -> None:
    assert words(row("count", "publications", arguments={"minimum": {"senior": 9}})) == []


def test_count_says_what_is_too_many() -> None:
    assert words(row("count", "publications", arguments={"maximum": 1})) == ["||||2|1"]


@pytest.mark.parametrize(
    ("start", "counts"),
    [
        (PartialDate(2021, 12, 31), False),
        (PartialDate(2021, 12), False),
        (PartialDate(2022, 1, 1), True),
        (PartialDate(2022, 1), True),
        (PartialDate(2021), False),
        (PartialDate(2022), True),  # may lie inside
        (PartialDate(2026, 12, 31), True),
        (PartialDate(2027, 1, 1), False),
    ],
)
def test_window_of_five_years_begins_the_day_after(start: PartialDate, counts: bool) -> None:
    arguments = {"minimum": 1, "dated": "start", "until": "achievements_until", "last_months": 60}
    entry = paper(start=start)
    assert words(row("count", "publications", arguments=arguments), achievements=[project(), entry]) == (
        [] if counts else ["||||0|1"]
    )


@pytest.mark.parametrize(
    ("start", "counts"),
    [(PartialDate(2018, 12, 19), False), (PartialDate(2018, 12, 20), True), (PartialDate(2018, 12), True)],
)
def test_window_may_begin_with_the_present_title(start: PartialDate, counts: bool) -> None:  # G18
    arguments = {
        "minimum": 1,
        "dated": "start",
        "after": "title1_approved_on",
        "after_section": "qualification",
    }
    entry = paper(start=start)
    assert words(row("count", "publications", arguments=arguments), achievements=[project(), entry]) == (
        [] if counts else ["||||0|1"]
    )


# --- different values: 2 of these 5 clauses ---


def test_clauses_are_counted_once_each() -> None:
    asked = row(
        "count_distinct", "publications", "clause", arguments={"minimum": 2, "values": ["a6", "a7", "a8"]}
    )
    assert words(asked, achievements=[project(), paper(), paper()]) == ["||||1|2"]
    assert words(asked, achievements=[project(), paper(), book()]) == []
    assert words(asked, achievements=[project(), paper(), book(clause="a9")]) == ["||||1|2"]


# --- sums ---


@pytest.mark.parametrize(
    ("hours", "said"),
    [([60, 29.5], ["||||89.5|90"]), ([60, 30], []), ([60, None], ["||||60|90"]), ([], ["||||0|90"])],
)
def test_sum_of_a_column(hours: list[float | None], said: list[str]) -> None:
    entries = [_hours(2025, value) for value in hours]
    assert words(row("sum", "hours", "hours", arguments={"minimum": 90}), hours=entries) == said


def test_sum_may_be_too_much() -> None:
    assert words(row("sum", "hours", "hours", arguments={"maximum": 50}), hours=[_hours(2025, 50.5)]) == [
        "||||50.5|50"
    ]


def test_sum_counts_only_what_lies_in_the_window() -> None:
    arguments = {"minimum": 90, "dated": "year", "until": "years_until", "last_months": 24}
    entries = [_hours(2024, 80), _hours(2025, 50), _hours(2026, 39)]
    assert words(row("sum", "hours", "hours", arguments=arguments), hours=entries) == ["||||89|90"]


def test_sum_per_year_names_the_years_that_fall_short() -> None:
    arguments = {"minimum": 90, "year": "year", "until": "years_until", "last_years": 3}
    entries = [_hours(2024, 90), _hours(2025, 50), _hours(2025, 39.5), _hours(2023, 10)]
    asked = row("sum_per_year", "hours", "hours", arguments=arguments)
    assert words(asked, hours=entries) == ["||2025 年 89.5、2026 年 0||0|90"]
    assert words(asked, hours=[*entries, _hours(2025, 0.5), _hours(2026, 90)]) == []


def test_years_asked_are_those_over_on_the_day() -> None:
    arguments = {"minimum": 90, "year": "year", "until": "opens", "last_years": 2}  # 2026-09-01
    entries = [_hours(2024, 90), _hours(2025, 90)]
    assert words(row("sum_per_year", "hours", "hours", arguments=arguments), hours=entries) == []


def test_year_may_be_read_from_a_date() -> None:
    arguments = {"minimum": 90, "year": "taken_on", "until": "opens", "last_years": 1}
    entries = [_hours(0, 90, taken_on=PartialDate(2025, 7))]
    assert words(row("sum_per_year", "hours", "hours", arguments=arguments), hours=entries) == []


@given(
    hours=st.lists(
        st.tuples(st.integers(2020, 2027), st.floats(0, 200).map(lambda x: round(x, 1))), max_size=8
    )
)
@settings(
    max_examples=examples(5, 100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sum_per_year_agrees_with_adding_up_by_hand(hours: list[tuple[int, float]]) -> None:
    arguments = {"minimum": 90, "year": "year", "until": "years_until", "last_years": 3}
    entries = [_hours(year, value) for year, value in hours]
    short = [y for y in (2024, 2025, 2026) if round(sum(value for year, value in hours if year == y), 6) < 90]
    said = found(row("sum_per_year", "hours", "hours", arguments=arguments), hours=entries)
    assert bool(said) == bool(short)
    assert all(str(year) in str(said[0].message) for year in short)


# --- assessments ---


def _appraisals(**results: str) -> list[Entry]:
    return [make_entry("assessments", year=int(key[1:]), result=value) for key, value in results.items()]


def test_each_year_needs_an_appraisal_that_counts() -> None:
    arguments = {"until": "opens", "last_years": 3, "where": {"result": ["excellent", "qualified"]}}
    asked = row("each_year", "assessments", "year", arguments=arguments)
    good = _appraisals(y2023="qualified", y2024="excellent", y2025="qualified")
    assert words(asked, assessments=good) == []
    assert words(asked, assessments=good[1:]) == ["||2023||2|3"]
    assert words(asked, assessments=[*good[:2], *_appraisals(y2025="barely")]) == ["||2025||2|3"]


def test_years_before_the_present_title_are_not_asked() -> None:
    arguments = {
        "until": "opens",
        "last_years": 30,
        "after": "title1_approved_on",
        "after_section": "qualification",
    }
    asked = row("each_year", "assessments", "year", arguments=arguments)
    years = {f"y{year}": "qualified" for year in range(2019, 2026)}
    assert words(asked, assessments=_appraisals(**years)) == []
    del years["y2019"]
    assert words(asked, assessments=_appraisals(**years)) == ["||2019||6|7"]


# --- the others ---


@pytest.mark.parametrize(("months", "said"), [(59, ["||||59|60"]), (60, [])])
def test_months_of_social_insurance(months: int, said: list[str]) -> None:  # G25
    asked = row(
        "months_covered",
        "attachments",
        arguments={"slot": "social_insurance", "minimum": {"associate": 60}},
    )
    changes = {"slots": _slots_without_months()}
    assert words(asked, changes=changes, attachments=attachments(months=months)) == said
    finding = found(asked, changes=changes, attachments=attachments(months=3))[0]
    assert (finding.section, finding.slot) == ("attachments", "social_insurance")


def _slots_without_months() -> list[dict[str, Any]]:
    slots = round_of().data["slots"]
    return [slot | {"months": {}} for slot in slots]


@pytest.mark.parametrize(("years", "said"), [(1, ["从事本专业技术工作年限||1年||1|2"]), (2, []), (40, [])])
def test_number_has_a_least(years: int, said: list[str]) -> None:
    asked = row("number_within", "qualification", "years", arguments={"minimum": 2, "maximum": 40})
    assert words(asked, qualification=qualification(years=years)) == said


def test_number_has_a_most() -> None:
    asked = row("number_within", "qualification", "years", arguments={"maximum": 10})
    assert words(asked) == ["从事本专业技术工作年限||14年||14|10"]


def test_every_entry_has_one_of_the_values() -> None:  # G17
    asked = row("one_of", "work_history", "work_type", arguments={"values": ["teacher"]})
    before = job(
        start=PartialDate(2009, 1), end=PartialDate(2012, 6), work_type="other", organisation="某公司"
    )
    assert words(asked) == []
    finding = found(asked, work_history=[job(), before])[0]
    assert (finding.entry, finding.field) == (before.uid, "work_type")
