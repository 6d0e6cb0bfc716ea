"""Passwords are hashed at full strength wherever people work; only tests hash quickly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from panel import boot, passwords
from panel.config import Mode, Settings


@pytest.fixture
def connected_in(settings: Settings, database: Any) -> Iterator[Any]:
    """`connected_in(mode)` starts as a process of that mode does."""
    yield lambda mode: boot.connect(settings.model_copy(update={"mode": mode}))
    boot.connect(settings)


@pytest.mark.parametrize("mode", [Mode.DEMO, Mode.PRODUCTION])
def test_people_have_hashes_of_full_strength(connected_in: Any, mode: Mode) -> None:
    """The second recommendation of RFC 9106: three passes over 64 MiB."""
    connected_in(mode)
    used = extract_parameters(passwords.hash_password("a-long-password"))
    assert used.type is Type.ID
    assert (used.memory_cost, used.time_cost, used.parallelism) == (65536, 3, 4)


def test_tests_have_quick_hashes_of_the_same_kind(connected_in: Any) -> None:
    connected_in(Mode.TEST)
    used = extract_parameters(passwords.hash_password("a-long-password"))
    assert used.type is Type.ID
    assert (used.memory_cost, used.time_cost) == (8, 1)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_hash_of_any_strength_is_verified_in_any_mode(connected_in: Any, mode: Mode) -> None:
    connected_in(Mode.TEST if mode is not Mode.TEST else Mode.DEMO)
    stored = passwords.hash_password("a-long-password")
    connected_in(mode)
    assert passwords.verify_password(stored, "a-long-password")
    assert not passwords.verify_password(stored, "another-password")
    assert not passwords.verify_password(None, "a-long-password")
