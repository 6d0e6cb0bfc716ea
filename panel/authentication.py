"""Checks a name and password, and locks after too many failures (G01, R24).

Failures are counted before the password is looked at, per account name (whether or not there is such an
account, so that a lock tells nothing) and per address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from models.messages import M, PingshenError
from models.user import User
from models.values import lookup_hash
from models.web_session import SignInAttempts
from panel.config import Settings
from panel.domain import records
from panel.domain.actors import ANONYMOUS, actor_of
from panel.passwords import verify_password
from panel.security import attempts_key

#: A whole campus may share one address: it is locked much later than a name.
ADDRESS_FACTOR = 20
WRONG = M("用户名或密码不对，请检查后重新输入。忘记密码请联系单位人事部门重置。")


class SignInRefused(PingshenError):
    """Name and password were not accepted; the message says what to do."""

    status = 401


def authenticate(username: str, password: str, address: str, now: datetime, settings: Settings) -> User:
    """The account that `username` and `password` open; raises SignInRefused, never saying which is wrong."""
    user = User.objects(username=username, is_enabled=True).first()
    limits = {
        attempts_key(username): settings.sign_in_attempts,
        f"address:{lookup_hash(address)}": settings.sign_in_attempts * ADDRESS_FACTOR,
    }
    fits = _fits(user, password, limits, address, now, settings)
    if user is None or not fits:
        _audit("sign_in_failed", user, address, now)
        raise SignInRefused(WRONG)
    _welcome(user, limits, address, now)
    return user


def confirm_password(user: User, password: str, address: str, now: datetime, settings: Settings) -> bool:
    """Whether `password` is that of the signed-in `user`, asked again before a grave step.

    Failures count like those of signing in; raises SignInRefused once they lock the account.
    """
    key = attempts_key(user.username)
    fits = _fits(user, password, {key: settings.sign_in_attempts}, address, now, settings)
    if fits:
        SignInAttempts.objects(pk=key).delete()
    return fits


def _fits(
    user: User | None,
    password: str,
    limits: Mapping[str, int],
    address: str,
    now: datetime,
    settings: Settings,
) -> bool:
    """Whether the password fits, after counting the attempt under every key of `limits`.

    Raises SignInRefused while a key is locked, and when this attempt locks it.
    """
    for key in limits:
        if row := SignInAttempts.objects(pk=key, locked_until__gt=now).first():
            _audit("sign_in_refused", user, address, now)
            raise _locked(row.locked_until, now)
    lock = timedelta(minutes=settings.sign_in_lock_minutes)
    counts = {key: _count(key, now, lock) for key in limits}
    fits = verify_password(user.password_hash if user else None, password)
    for key, limit in limits.items():
        # Attempts that ran side by side count too: beyond the limit even the right one is too late.
        if counts[key] > limit or (counts[key] == limit and not fits):
            _lock(key, user, now + lock)
            _audit("sign_in_locked", user, address, now)
            raise _locked(now + lock, now)
    return fits


def _audit(action: str, user: User | None, address: str, now: datetime) -> None:
    # The name typed isn't kept: people type their password there.
    records.audit(ANONYMOUS, action, user or User(), now, address=address)


def _welcome(user: User, keys: Iterable[str], address: str, now: datetime) -> None:
    name_key, address_key = keys
    SignInAttempts.objects(pk=name_key).delete()
    SignInAttempts.objects(pk=address_key).update_one(dec__count=1)
    User.objects(pk=user.pk).update_one(
        set__last_sign_in=now, set__failed_attempts=0, unset__locked_until=True
    )
    records.audit(actor_of(user), "sign_in", user, now, address=address)


def _count(key: str, now: datetime, lock: timedelta) -> int:
    """Failures under `key` in the running period, this attempt included."""
    SignInAttempts.objects(pk=key, expires_at__lte=now).delete()
    row = SignInAttempts.objects(pk=key).modify(
        inc__count=1, set__expires_at=now + lock, upsert=True, new=True
    )
    return int(row.count)


def _lock(key: str, user: User | None, until: datetime) -> None:
    SignInAttempts.objects(pk=key).update_one(set__locked_until=until, set__count=0)
    if user is not None and key == attempts_key(user.username):
        User.objects(pk=user.pk).update_one(set__locked_until=until)


def _locked(until: datetime, now: datetime) -> SignInRefused:
    minutes = max(1, -(-int((until - now).total_seconds()) // 60))
    return SignInRefused(
        M("登录失败次数过多，已暂时锁定，请 %(n)s 分钟后再试，或请单位人事部门重置密码。", n=minutes)
    )
