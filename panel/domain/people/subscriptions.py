"""The secret address of a person's calendar: made, shown once, kept as a hash, revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from models.database import transaction
from models.user import User
from panel.domain.actors import Actor
from panel.domain.errors import NotFound
from panel.domain.records import audit

_BYTES = 32
#: Longer input is no secret of ours.
_LONGEST = 64


def make(actor: Actor, now: datetime) -> str:
    """A new secret for the actor's calendar, which ends the one before. Nobody can read it again."""
    secret = secrets.token_urlsafe(_BYTES)
    _set(actor, "calendar_make", now, set__calendar_hash=_hash(secret), set__calendar_at=now)
    return secret


def revoke(actor: Actor, now: datetime) -> None:
    """End the actor's calendar address."""
    _set(actor, "calendar_revoke", now, unset__calendar_hash=1, unset__calendar_at=1)


def set_mail(wanted: bool, actor: Actor, now: datetime) -> None:
    """Whether the actor's notices also go out by mail."""
    _set(actor, "mail_on" if wanted else "mail_off", now, set__wants_mail=wanted)


def _set(actor: Actor, action: str, now: datetime, **update: object) -> None:
    user = User.objects(id=actor.user_id).first() if actor.is_signed_in else None
    if user is None:
        raise NotFound

    def body() -> None:
        User.objects(id=user.id).update_one(**update)
        audit(actor, action, user, now)

    transaction(body)


def owner(secret: str) -> User:
    """The account whose calendar `secret` opens; raises NotFound, also for a disabled account."""
    found = None
    if len(secret) <= _LONGEST:
        found = User.objects(calendar_hash=_hash(secret), is_enabled=True).first()
    if found is None:
        raise NotFound
    return found


def _hash(secret: str) -> str:
    """A plain hash is enough for 256 random bits: there is nothing to guess from."""
    return hashlib.sha256(secret.encode()).hexdigest()
