"""Working days, publicity periods and ends of days (R08, R18); expectations from the wall calendar."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from panel.domain.calendar import (
    Period,
    WorkingDay,
    end_of_day,
    is_over,
    is_working_day,
    local_date,
    period,
    start_of_day,
)

NOTICE_2026 = [
    (date(2026, 1, 2), False),  # New Year: 1-3 January
    (date(2026, 1, 4), True),  # a Sunday, made up
    (date(2026, 2, 13), True),
    (date(2026, 2, 14), True),  # a Saturday, made up before Spring Festival
    (date(2026, 2, 15), False),  # Spring Festival: 15-23 February
    (date(2026, 2, 17), False),
    (date(2026, 2, 23), False),
    (date(2026, 2, 24), True),
    (date(2026, 2, 28), True),  # a Saturday, made up
    (date(2026, 4, 6), False),  # Qingming
    (date(2026, 5, 5), False),  # Labour Day: 1-5 May
    (date(2026, 5, 9), True),  # a Saturday, made up
    (date(2026, 6, 19), False),  # Dragon Boat
    (date(2026, 9, 20), True),  # a Sunday, made up before National Day
    (date(2026, 9, 25), False),  # Mid-Autumn
    (date(2026, 10, 7), False),  # National Day: 1-7 October
    (date(2026, 10, 8), True),
    (date(2026, 10, 10), True),  # a Saturday, made up
    (date(2026, 10, 11), False),  # a plain Sunday
    (date(2026, 12, 31), True),
]


@pytest.mark.parametrize(("day", "works"), NOTICE_2026)
def test_2026_follows_the_state_councils_notice(day: date, works: bool) -> None:
    assert is_working_day(day) == WorkingDay(works, provisional=False)


HOLIDAYS_2027 = [
    date(2027, 1, 1),
    date(2027, 2, 5),  # the eve of Spring Festival, a Friday
    date(2027, 2, 6),
    date(2027, 2, 7),
    date(2027, 2, 8),
    date(2027, 2, 9),  # for the Saturday and the Sunday
    date(2027, 2, 10),
    date(2027, 4, 5),
    date(2027, 5, 1),  # a Saturday
    date(2027, 5, 2),
    date(2027, 5, 3),  # for 1 and 2 May
    date(2027, 5, 4),
    date(2027, 6, 9),
    date(2027, 9, 15),
    date(2027, 10, 1),  # a Friday
    date(2027, 10, 3),
    date(2027, 10, 4),  # for 2 and 3 October
    date(2027, 10, 5),
]


@pytest.mark.parametrize("day", HOLIDAYS_2027)
def test_2027_knows_the_statutory_holidays_provisionally(day: date) -> None:
    assert is_working_day(day) == WorkingDay(False, provisional=True)


def test_2027_has_no_other_weekday_off() -> None:
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    off = {day for day in days if day.weekday() < 5 and not is_working_day(day).value}
    assert off == {day for day in HOLIDAYS_2027 if day.weekday() < 5}


@pytest.mark.parametrize(
    "day",
    [
        date(2028, 1, 26),  # Spring Festival
        date(2028, 4, 4),  # Qingming
        date(2028, 5, 29),  # Dragon Boat on Sunday the 28th
        date(2030, 2, 4),  # Spring Festival on 3 February, minutes after a new moon at midnight
        date(2031, 10, 2),  # Mid-Autumn on National Day: still 1-3 October
        date(2050, 9, 30),
    ],
)
def test_later_years_have_their_lunar_holidays(day: date) -> None:
    assert is_working_day(day) == WorkingDay(False, provisional=True)


def test_a_year_beyond_the_lunar_table_still_has_its_fixed_holidays() -> None:
    assert is_working_day(date(2060, 10, 1)) == WorkingDay(False, provisional=True)
    assert is_working_day(date(2060, 10, 12)) == WorkingDay(True, provisional=True)


@pytest.mark.parametrize(
    ("posted", "starts", "ends"),
    [
        # Monday: Tuesday to Monday, the day of posting does not count.
        (date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 8)),
        # Friday: Monday to Friday.
        (date(2026, 6, 5), date(2026, 6, 8), date(2026, 6, 12)),
        # Saturday, the same.
        (date(2026, 6, 6), date(2026, 6, 8), date(2026, 6, 12)),
        # Thursday 12 February: 13, 14 (made up), then 24, 25, 26.
        (date(2026, 2, 12), date(2026, 2, 13), date(2026, 2, 26)),
        # Wednesday 23 September: 24, then Mid-Autumn, 28, 29, 30 September and 8 October.
        (date(2026, 9, 23), date(2026, 9, 24), date(2026, 10, 8)),
        # 30 September: 8, 9, 10 (made up), 12, 13 October.
        (date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 13)),
    ],
)
def test_r08_five_full_working_days_are_counted_from_the_day_after_posting(
    posted: date, starts: date, ends: date
) -> None:
    assert period(posted, 5) == Period(starts, ends, provisional=False)


def test_r18_a_period_of_one_day_ends_on_the_next_working_day() -> None:
    assert period(date(2026, 6, 1), 1) == Period(date(2026, 6, 2), date(2026, 6, 2), provisional=False)


def test_a_period_in_2027_is_provisional() -> None:
    # Posted on Wednesday 3 February: 4, then Spring Festival, 11, 12, 15, 16.
    assert period(date(2027, 2, 3), 5) == Period(date(2027, 2, 4), date(2027, 2, 16), provisional=True)


def test_a_period_that_runs_into_an_unknown_year_is_provisional() -> None:
    # Posted on Monday 28 December 2026: 29, 30, 31, then 4 and 5 January.
    assert period(date(2026, 12, 28), 5) == Period(date(2026, 12, 29), date(2027, 1, 5), provisional=True)
    assert not period(date(2026, 12, 24), 5).provisional


@pytest.mark.parametrize("days", [0, -1])
def test_a_period_without_a_day_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        period(date(2026, 6, 1), days)


def test_a_period_is_over_at_midnight_in_china_and_not_before() -> None:
    end = end_of_day(date(2026, 6, 8))
    assert not is_over(end, datetime(2026, 6, 8, 15, 59, 59, 999_000, tzinfo=UTC))
    assert is_over(end, datetime(2026, 6, 8, 16, 0, tzinfo=UTC))


def test_a_deadline_counts_to_the_last_millisecond_of_the_day_in_china() -> None:
    assert end_of_day(date(2026, 6, 8)) == datetime(2026, 6, 8, 15, 59, 59, 999_000, tzinfo=UTC)
    assert start_of_day(date(2026, 6, 8)) == datetime(2026, 6, 7, 16, 0, tzinfo=UTC)
    assert end_of_day(date(2026, 6, 8)).utcoffset() == timedelta(0)


def test_the_local_date_is_chinas_wherever_the_clock_stands() -> None:
    assert local_date(datetime(2026, 6, 8, 16, 0, tzinfo=UTC)) == date(2026, 6, 9)
    new_york = timezone(timedelta(hours=-4))
    assert local_date(datetime(2026, 6, 8, 11, 59, tzinfo=new_york)) == date(2026, 6, 8)
    assert local_date(datetime(2026, 6, 8, 12, 0, tzinfo=new_york)) == date(2026, 6, 9)


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        local_date(datetime(2026, 6, 8, 16, 0))  # noqa: DTZ001
