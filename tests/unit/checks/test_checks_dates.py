"""The checks of dates: each applies, passes, refuses, and is tried on its boundary day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.sections import Entry
from models.values import PartialDate
from panel.domain.checks.date_checks import overlaps
from panel.domain.checks.years import full_years, months_after, months_before, months_covered
from tests.contents import degree, job, qualification
from tests.factories import make_entry
from tests.rows import found, row, words

pytestmark = pytest.mark.usefixtures("database")

_DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))


# --- reckoning ---


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2023, 12, 31), 36, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2026, 1, 1), 0, date(2026, 1, 1)),
        (date(9999, 1, 1), 36, date.max),
    ],
)
def test_months_later_is_the_same_day_or_the_months_last(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later


@given(day=_DAYS, months=st.integers(0, 600))
def test_months_there_and_back_lose_at_most_three_days(day: date, months: int) -> None:
    back = months_before(months_after(day, months), months)
    assert timedelta(0) <= day - back <= timedelta(days=3)


@given(day=_DAYS, years=st.integers(0, 60))
def test_years_are_full_on_the_anniversary_and_not_the_day_before(day: date, years: int) -> None:
    anniversary = months_after(day, 12 * years)
    assume((anniversary.month, anniversary.day) == (day.month, day.day))
    assert full_years(day, anniversary) == years
    assert full_years(day, anniversary - timedelta(days=1)) == max(years - 1, 0)


@given(
    spans=st.lists(st.tuples(_DAYS, st.integers(0, 2000)).map(lambda one: (one[0], one[1])), max_size=5),
    until=_DAYS,
)
def test_months_covered_never_exceed_the_months_there_are(spans: list[tuple[date, int]], until: date) -> None:
    periods = []
    for start, days in spans:
        end = start + timedelta(days=days)
        first = PartialDate(start.year, start.month, start.day)
        periods.append((first, PartialDate(end.year, end.month, end.day)))
    have = months_covered(periods, until)
    earliest = min((start for start, _ in spans), default=until)
    assert 0 <= have <= max((until.year - earliest.year) * 12 + until.month - earliest.month + 1, 0)
    assert have == months_covered([*periods, *periods], until)


# --- years in the title, also by degree ---


def _title(approved: PartialDate) -> dict[str, Any]:
    return {"qualification": qualification(title1_approved_on=approved)}


@pytest.mark.parametrize(
    ("approved", "said"),
    [
        (PartialDate(2021, 12, 31), []),
        (PartialDate(2022, 1, 1), ["取得日期||||4|5"]),
        (PartialDate(2021, 12), []),
    ],
)
def test_years_in_the_title_end_on_the_cut_off(approved: PartialDate, said: list[str]) -> None:  # R06
    arguments = {"until": "years_until", "minimum": {"associate": 5}}
    asked = row("years_since", "qualification", "title1_approved_on", arguments=arguments)
    assert words(asked, **_title(approved)) == said


_YEARS = {"doctor": 2, "master": 5, "bachelor": 6, "none": 8}


def _by_degree(**values: Any) -> dict[str, Any]:
    arguments = {
        "until": "years_until",
        "degree_section": "education",
        "degree_field": "degree",
        "years_asked": _YEARS,
    }
    return row("years_by_degree", "qualification", "title1_approved_on", arguments=arguments | values)


@pytest.mark.parametrize(
    ("degrees", "approved", "said"),
    [
        (["doctor"], PartialDate(2024, 12, 31), []),
        (["doctor"], PartialDate(2025, 1, 1), ["取得日期||博士||1|2"]),
        (["master"], PartialDate(2022, 1, 1), ["取得日期||硕士||4|5"]),
        (["bachelor", "doctor"], PartialDate(2024, 12, 31), []),
        (["bachelor"], PartialDate(2021, 1, 1), ["取得日期||学士||5|6"]),
    ],
)
def test_best_degree_decides_how_many_years(
    degrees: list[str], approved: PartialDate, said: list[str]
) -> None:  # R06
    entries = [degree(degree=key) for key in degrees]
    assert words(_by_degree(), education=entries, **_title(approved)) == said


def test_degree_may_stand_in_a_record() -> None:
    asked = _by_degree(degree_section="basic")
    assert words(asked, **_title(PartialDate(2022, 1, 1))) == ["取得日期||硕士||4|5"]


def test_years_by_degree_of_whom_no_degree_is_known_is_another_finding() -> None:
    assert words(_by_degree(), education=[], **_title(PartialDate(2026, 1, 1))) == []


# --- periods ---


def _site(period: str | None) -> Entry:
    return make_entry("hours", course="现场", year=2025, hours=1, period=period)


@pytest.mark.parametrize(
    ("periods", "said"),
    [
        (["2024-01/2025-12"], []),
        (["2024-02/2025-12"], ["||||1|2"]),
        (["2020-01/2020-12", "2020-06/2020-12"], ["||||1|2"]),  # no month counts twice
        (["2025-01/"], []),  # lasts: until the cut-off 2026-12-31
        (["2025-02/"], ["||||1|2"]),
        ([None], ["||||0|2"]),
        ([], ["||||0|2"]),
    ],
)
def test_years_on_site_add_up(periods: list[str | None], said: list[str]) -> None:
    asked = row("years_covered", "hours", "period", arguments={"minimum": 2, "until": "years_until"})
    assert words(asked, hours=[_site(period) for period in periods]) == said


def test_years_of_two_date_fields_add_up_for_the_kinds_chosen() -> None:
    arguments = {"minimum": 3, "until": "years_until", "where": {"work_type": ["lab"]}}
    asked = row("years_covered", "work_history", "start", arguments=arguments)
    jobs = [job(), job(start=PartialDate(2009, 1), end=PartialDate(2011, 12), work_type="lab")]
    assert words(asked, work_history=jobs) == []
    assert words(asked, work_history=jobs[:1]) == ["||||0|3"]


@pytest.mark.parametrize(
    ("first", "second", "overlaps"),
    [
        ((PartialDate(2012, 7), PartialDate(2015, 6)), (PartialDate(2015, 6), None), False),
        ((PartialDate(2012, 7), PartialDate(2015, 7)), (PartialDate(2015, 6), None), True),
        ((PartialDate(2012, 7), None), (PartialDate(2015, 6), None), True),
        ((PartialDate(2012, 7, 1), PartialDate(2015, 6, 5)), (PartialDate(2015, 6, 5), None), False),
        ((PartialDate(2012, 7, 1), PartialDate(2015, 6, 6)), (PartialDate(2015, 6, 5), None), True),
        ((PartialDate(2012), PartialDate(2015)), (PartialDate(2015), None), False),
    ],
)
def test_posts_may_touch_but_not_overlap(first: Any, second: Any, overlaps: bool) -> None:
    jobs = [job(start=start, end=end, post=str(start)) for start, end in (first, second)]
    said = found(row("not_overlapping", "work_history", "start"), work_history=jobs)
    assert [finding.entry for finding in said] == ([jobs[1].uid] if overlaps else [])
    if overlaps:
        assert (said[0].section, said[0].field) == ("work_history", "start")
        assert "江城理工学院" in str(said[0].message)


@given(
    months=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), min_size=2, max_size=4),
)
def test_overlap_is_found_whatever_the_order(months: list[tuple[int, int]]) -> None:
    """Said of the pure function: full days leave no doubt, so a day in common is an overlap."""
    start = date(2015, 1, 1)
    days = [(months_after(start, a), months_after(start, a + length)) for a, length in months]
    periods = [(_full(a), _full(b)) for a, b in days]
    expected = any(
        max(days[i][0], days[j][0]) < min(days[i][1], days[j][1]) for i in range(len(days)) for j in range(i)
    )
    pairs = [(periods[i], periods[j]) for i in range(len(days)) for j in range(i)]
    assert any(overlaps(one, other) for one, other in pairs) == expected
    assert any(overlaps(other, one) for one, other in pairs) == expected


def _full(day: date) -> PartialDate:
    return PartialDate(day.year, day.month, day.day)


# --- age and validity ---


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (PartialDate(1976, 12, 31), ["日期|x|1976年12月31日||50|49"]),
        (PartialDate(1977, 1, 1), []),
        (PartialDate(1976, 12), ["日期|x|1976年12月||50|49"]),
        (PartialDate(1977, 1), []),
        (PartialDate(2000, 12, 31), []),
        (PartialDate(2001, 1, 1), ["日期|x|2001年1月1日||25|26"]),
    ],
)
def test_age_is_that_on_the_cut_off(born: PartialDate, said: list[str]) -> None:
    arguments = {"until": "years_until", "minimum": 26, "maximum": 49}
    entry = make_entry("hours", course="x", year=2025, hours=1, taken_on=born)
    assert words(row("age", "hours", "taken_on", arguments=arguments), hours=[entry]) == said


@pytest.mark.parametrize(
    ("taken_on", "said"),
    [
        (PartialDate(2023, 12, 31), []),
        (PartialDate(2023, 12), []),
        (PartialDate(2023, 12, 30), ["日期|x|2023年12月30日|2026年12月30日||3 年"]),
        (PartialDate(2023, 11), ["日期|x|2023年11月|2026年11月30日||3 年"]),
        (None, []),
    ],
)
def test_exam_score_is_valid_for_three_years(taken_on: PartialDate | None, said: list[str]) -> None:
    asked = row("valid_for", "hours", "taken_on", arguments={"months": 36, "until": "years_until"})
    entry = make_entry("hours", course="x", year=2025, hours=1, taken_on=taken_on)
    assert words(asked, hours=[entry]) == said


def test_range_in_the_future_is_found_at_its_field() -> None:
    entry = make_entry("hours", course="x", year=2025, hours=1, period="2025-01/2027-01")
    finding = found(row("not_future", "hours"), hours=[entry])[0]
    assert (finding.entry, finding.field) == (entry.uid, "period")
    assert "2027年1月" in str(finding.message)
