"""The only source of time: movable in demo and test alone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models.setting import Setting
from panel import boot, clock
from panel.clock import ClockRefused
from panel.config import Mode, Settings

pytestmark = pytest.mark.usefixtures("database")


def production(settings: Settings) -> Settings:
    return settings.model_copy(update={"mode": Mode.PRODUCTION})


def test_the_clock_tells_aware_time_to_the_millisecond() -> None:
    """MongoDB keeps milliseconds: a finer time would not compare equal after storing."""
    before = datetime.now(UTC)
    now = clock.now()
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert before - timedelta(milliseconds=1) <= now <= datetime.now(UTC)


def test_the_clock_is_moved_for_everybody_by_the_database() -> None:
    clock.set_offset(timedelta(days=9, hours=3))
    assert clock.offset() == timedelta(days=9, hours=3)
    assert clock.now() - datetime.now(UTC) == pytest.approx(
        timedelta(days=9, hours=3), abs=timedelta(seconds=5)
    )
    assert Setting.objects.get(key="clock_offset_seconds").value == 777_600 + 10_800
    clock.set_offset(timedelta())
    assert clock.offset() == timedelta()


def test_the_clock_can_be_moved_back_too() -> None:
    clock.set_offset(-timedelta(days=1))
    assert clock.now() < datetime.now(UTC)


def test_the_day_is_that_of_shanghai(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half past four in the afternoon of London's summer is the next day in China."""
    for instant, day in (
        (datetime(2026, 9, 15, 15, 59, 59, tzinfo=UTC), date(2026, 9, 15)),
        (datetime(2026, 9, 15, 16, 0, tzinfo=UTC), date(2026, 9, 16)),
    ):
        monkeypatch.setattr(clock, "now", lambda instant=instant: instant)
        assert clock.today() == day


@pytest.mark.parametrize("mode", [Mode.DEMO, Mode.TEST])
def test_demo_and_test_may_move_the_clock(settings: Settings, mode: Mode) -> None:
    boot.connect(settings.model_copy(update={"mode": mode}))
    clock.set_offset(timedelta(days=1))
    assert clock.offset() == timedelta(days=1)


def test_production_refuses_to_move_the_clock(settings: Settings) -> None:
    boot.connect(production(settings))
    with pytest.raises(ClockRefused, match="正式环境"):
        clock.set_offset(timedelta(days=1))
    assert clock.offset() == timedelta()
    assert Setting.objects.count() == 0


@pytest.mark.parametrize("days", [30, -1])
def test_production_refuses_to_start_with_a_moved_clock(settings: Settings, days: int) -> None:
    clock.set_offset(timedelta(days=days))
    with pytest.raises(ClockRefused, match="时钟"):
        boot.connect(production(settings))
    # even if somebody went on, time is real
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    boot.connect(settings)


def test_production_starts_where_the_clock_was_set_back_to_real_time(settings: Settings) -> None:
    clock.set_offset(timedelta(days=1))
    clock.set_offset(timedelta())
    boot.connect(production(settings))
    assert clock.offset() == timedelta()
