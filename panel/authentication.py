"""Checks a name and password, and locks after too many failures (G01, R24).

Failures are counted before the password is looked at, per account name (whether or not there is such an
account, so that a lock tells nothing) and per address.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from models import User
from models.messages import M, PingshenError
from models.values import lookup_hash
from models.web_session import SignInAttempts
from panel import audit
from panel.config import Settings
from panel.security import attempts_key, verify_password

#: A whole campus may share one address: it is locked much later than a name.
ADDRESS_FACTOR = 20


class SignInRefused(PingshenError):
    """Name and password were not accepted; the message says what to do."""

    status = 401


def authenticate(username: str, password: str, address: str, now: datetime, settings: Settings) -> User:
    """The account that `username` and `password` open; raises SignInRefused, never saying which is wrong."""
    limits = {
        attempts_key(username): settings.sign_in_attempts,
        f"address:{lookup_hash(address)}": settings.sign_in_attempts * ADDRESS_FACTOR,
    }
    lock = timedelta(minutes=settings.sign_in_lock_minutes)
    for key in limits:
        _refuse_locked(key, username, address, now)
    counts = {key: _count(key, now, lock) for key in limits}
    user = User.objects(username=username, is_enabled=True).first()
    fits = verify_password(user.password_hash if user else None, password)
    for key, limit in limits.items():
        # Attempts that ran side by side count too: beyond the limit even the right one is too late.
        if counts[key] > limit or (counts[key] == limit and not fits):
            _lock(key, username, address, now, lock)
    if user is None or not fits:
        audit.record(
            "sign_in_failed", "users", user.id if user else "", at=now, name=username, address=address
        )
        raise SignInRefused(M("用户名或密码不对，请检查后重新输入。忘记密码请联系单位人事部门重置。"))
    _welcome(user, limits, address, now)
    return user


def confirm_password(user: User, password: str, address: str, now: datetime, settings: Settings) -> bool:
    """Whether `password` is that of the signed-in `user`, asked again before a grave step.

    Failures count like those of signing in; raises SignInRefused once they lock the account.
    """
    key, lock = attempts_key(user.username), timedelta(minutes=settings.sign_in_lock_minutes)
    _refuse_locked(key, user.username, address, now)
    count = _count(key, now, lock)
    fits = verify_password(user.password_hash, password)
    if count > settings.sign_in_attempts or (count == settings.sign_in_attempts and not fits):
        _lock(key, user.username, address, now, lock)
    if fits:
        SignInAttempts.objects(pk=key).delete()
    return fits


def _welcome(user: User, keys: dict[str, int], address: str, now: datetime) -> None:
    name_key, address_key = keys
    SignInAttempts.objects(pk=name_key).delete()
    SignInAttempts.objects(pk=address_key).update_one(dec__count=1)
    User.objects(pk=user.pk).update_one(
        set__last_sign_in=now, set__failed_attempts=0, unset__locked_until=True
    )
    audit.record("sign_in", "users", user.id, at=now, actor=user.id, actor_name=user.name, address=address)


def _refuse_locked(key: str, username: str, address: str, now: datetime) -> None:
    row = SignInAttempts.objects(pk=key, locked_until__gt=now).first()
    if row:
        audit.record("sign_in_refused", "users", at=now, name=username, address=address)
        raise _locked(row.locked_until, now)


def _count(key: str, now: datetime, lock: timedelta) -> int:
    """Failures under `key` in the running period, this attempt included."""
    SignInAttempts.objects(pk=key, expires_at__lte=now).delete()
    row = SignInAttempts.objects(pk=key).modify(
        inc__count=1, set__expires_at=now + lock, upsert=True, new=True
    )
    return int(row.count)


def _lock(key: str, username: str, address: str, now: datetime, lock: timedelta) -> None:
    SignInAttempts.objects(pk=key).update_one(set__locked_until=now + lock, set__count=0)
    if key.startswith("name:"):
        User.objects(username=username).update_one(set__locked_until=now + lock)
    kind = key.partition(":")[0]
    audit.record("sign_in_locked", "users", at=now, name=username, address=address, locked=kind)
    raise _locked(now + lock, now)


def _locked(until: datetime, now: datetime) -> SignInRefused:
    minutes = max(1, -(-int((until - now).total_seconds()) // 60))
    return SignInRefused(
        M("登录失败次数过多，已暂时锁定，请 %(n)s 分钟后再试，或请单位人事部门重置密码。", n=minutes)
    )
