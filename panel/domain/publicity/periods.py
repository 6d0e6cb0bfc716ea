"""How long a list hangs (R08, R18): when it has ended, what remains, and counting anew.

How many working days it hangs at least, its round says: `PublicitySpec.least_days`.
"""

from __future__ import annotations

from datetime import date, datetime

from models.application import Application
from models.database import transaction
from models.publicity import Publicity
from models.states import TAKES_OBJECTIONS, stored_states
from panel.domain.actors import SYSTEM
from panel.domain.calendar import end_of_day, is_over, is_working_day, local_date, period
from panel.domain.records import audit


def has_ended(publicity: Publicity, now: datetime) -> bool:
    """Whether the list's last day has wholly passed."""
    return is_over(publicity.ends_at, now)


def remaining_days(publicity: Publicity, now: datetime) -> int:
    """The list's working days that are still to pass, today's included; 0 once it has ended."""
    day = max(local_date(now), publicity.starts)
    left = range(day.toordinal(), publicity.ends.toordinal() + 1)
    return sum(1 for ordinal in left if is_working_day(date.fromordinal(ordinal)).value)


def recompute_provisional(now: datetime) -> int:
    """Count again the periods whose year's notice has come out since; returns how many changed."""
    return sum(_recompute(publicity, now) for publicity in Publicity.objects(is_provisional=True))


def _recompute(publicity: Publicity, now: datetime) -> bool:
    counted = period(publicity.posted_on, publicity.days)
    stored = (publicity.starts, publicity.ends, publicity.is_provisional)
    if (counted.starts, counted.ends, counted.provisional) == stored:
        return False
    ends_at = end_of_day(counted.ends)
    running = stored_states(TAKES_OBJECTIONS)

    def body() -> None:
        Publicity.objects(id=publicity.id).update_one(
            set__starts=counted.starts,
            set__ends=counted.ends,
            set__ends_at=ends_at,
            set__is_provisional=counted.provisional,
        )
        Application.objects(publicity=publicity.id, state__in=running).update(
            set__publicity_ends=ends_at, set__updated_at=now, inc__revision=1
        )
        audit(SYSTEM, "recompute_publicity", publicity, now, ends=counted.ends.isoformat())

    transaction(body)
    return True
