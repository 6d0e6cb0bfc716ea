"""Serial numbers that are never given out twice, whoever asks at the same moment."""

from __future__ import annotations

from models.certificate import Counter
from models.database import transaction


def next_serial(key: str) -> int:
    """The next number under `key`, from 1. Joins the running transaction: an abort takes it back.

    Two transactions that ask for the same key exclude each other, so that it also serves as a lock.
    """
    return transaction(
        lambda: int(Counter.objects(key=key).modify(upsert=True, new=True, inc__value=1).value)
    )
