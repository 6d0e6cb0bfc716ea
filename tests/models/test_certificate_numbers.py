"""A certificate's number is given out once, whatever happens at the same time (G32); on the real mongod."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from pymongo.database import Database

from models import Counter
from models.database import transaction
from panel.domain.certificates import allocate_serial

pytestmark = pytest.mark.usefixtures("database")
THREADS = 20


class Aborted(Exception):
    """What a test raises to make a transaction fail."""


def test_serials_of_twenty_threads_are_all_different_and_without_gaps() -> None:
    together = Barrier(THREADS)

    def three_at_once(_: int) -> list[int]:
        together.wait(timeout=30)
        return [transaction(lambda: allocate_serial("certificate:P2026012")) for _ in range(3)]

    with ThreadPoolExecutor(THREADS) as pool:
        given = [serial for some in pool.map(three_at_once, range(THREADS)) for serial in some]

    assert sorted(given) == list(range(1, 61))


def test_an_aborted_issue_gives_its_number_back() -> None:
    assert transaction(lambda: allocate_serial("certificate:P2026012")) == 1

    def fails() -> None:
        assert allocate_serial("certificate:P2026012") == 2
        raise Aborted

    with pytest.raises(Aborted):
        transaction(fails)
    assert Counter.objects.get(key="certificate:P2026012").value == 1
    assert transaction(lambda: allocate_serial("certificate:P2026012")) == 2


def test_an_aborted_first_issue_leaves_no_counter(database: Database[dict[str, Any]]) -> None:
    def fails() -> None:
        allocate_serial("certificate:P2026019")
        raise Aborted

    with pytest.raises(Aborted):
        transaction(fails)
    assert database["counters"].count_documents({}) == 0


def test_each_stem_counts_for_itself() -> None:
    assert allocate_serial("certificate:P2026011") == 1
    assert allocate_serial("certificate:P2026012") == 1
    assert allocate_serial("certificate:P2026011") == 2
