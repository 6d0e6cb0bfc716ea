"""Hashes of passwords: argon2id with a salt of its own for each."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_STRONG = PasswordHasher()
#: For tests alone, which sign in thousands of times: the least that argon2 does.
_WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class _Chosen:
    hasher = _STRONG


def configure(weak: bool) -> None:
    """Hash from now on with full strength, or (`weak`, in test mode alone) with next to none."""
    _Chosen.hasher = _WEAK if weak else _STRONG


def hash_password(password: str) -> str:
    """An argon2id hash with a salt of its own."""
    return _Chosen.hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether `password` fits; takes as long when there is no hash, and is then False."""
    hasher = _Chosen.hasher
    try:
        return hasher.verify(password_hash or _nobody(hasher), password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def prepare() -> None:
    """Make ready what an unknown account's password is verified against: the first takes no longer."""
    _nobody(_Chosen.hasher)


@cache
def _nobody(hasher: PasswordHasher) -> str:
    """Verified when there is no such account, so that the answer takes as long."""
    return hasher.hash(secrets.token_urlsafe(16))
