"""The only source of time.

In demo and test mode an offset stored in the database moves it, so that a person can walk through a
publicity in minutes; in production it is refused.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.messages import M, PingshenError
from models.setting import Setting

ZONE = ZoneInfo("Asia/Shanghai")
_KEY = "clock_offset_seconds"
#: The offset as this request read it; None where each look at the clock reads it again.
_held: ContextVar[list[timedelta] | None] = ContextVar("held_offset", default=None)


class _Mode:
    movable = False


class ClockRefused(PingshenError):
    """The clock can't be moved here."""


def configure(movable: bool) -> None:
    """Allow (demo, test) or forbid (production) a moved clock; forbidding refuses a stored offset.

    Raises ClockRefused when a production database carries a moved clock.
    """
    _Mode.movable = movable
    if not movable and Setting.objects(key=_KEY, value__ne=0).first():
        raise ClockRefused(M("数据库里的时钟曾被调快，不能用于正式环境。请换用正式数据库。"))


def offset() -> timedelta:
    """How far the clock is moved; zero in production."""
    if not _Mode.movable:
        return timedelta()
    held = _held.get()
    if held is None:
        return _stored()
    if not held:
        held.append(_stored())
    return held[0]


def hold() -> None:
    """Read the offset at most once until `release`: a page looks at the clock many times."""
    _held.set([])


def release() -> None:
    """Read the offset at each look again."""
    _held.set(None)


def _stored() -> timedelta:
    stored = Setting.objects(key=_KEY).first()
    return timedelta(seconds=stored.value if stored else 0)


def set_offset(value: timedelta) -> None:
    """Move the clock by `value` from real time; raises ClockRefused in production."""
    if not _Mode.movable:
        raise ClockRefused(M("正式环境不能调时钟。"))
    Setting.objects(key=_KEY).update_one(set__value=int(value.total_seconds()), upsert=True)
    if _held.get() is not None:
        hold()


def now() -> datetime:
    """The present instant, aware, in UTC, to the millisecond as MongoDB keeps it."""
    instant = datetime.now(UTC) + offset()
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def today() -> date:
    """The present day in Asia/Shanghai."""
    return now().astimezone(ZONE).date()
