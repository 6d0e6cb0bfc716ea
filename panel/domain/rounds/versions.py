"""A round's rules are kept as they are when somebody is first judged by them."""

from __future__ import annotations

from datetime import datetime

from models.review_round import ReviewRound, RoundVersion


def keep_version(round: ReviewRound, now: datetime) -> int:
    """Store the round's rules once per version and return the version; joins the running transaction."""
    RoundVersion.objects(round=round, version=round.version).update_one(
        set_on_insert__data=round.data,
        set_on_insert__digest=round.digest,
        set_on_insert__at=now,
        upsert=True,
    )
    return int(round.version)
