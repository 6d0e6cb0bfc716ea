"""Passwords, the signed-in account of a request, sessions and CSRF."""

from __future__ import annotations

import secrets
from datetime import timedelta

from bson import ObjectId
from bson.errors import InvalidId
from flask import Flask, current_app, g, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect

from models.messages import M, Message
from models.person import Person
from models.user import User
from models.values import lookup_hash, put
from models.web_session import SignInAttempts
from panel import passwords
from panel.config import Mode, Settings
from panel.passwords import hash_password, verify_password
from panel.sessions import MongoSessions

MIN_PASSWORD = 8
#: Without letters and digits that look alike, because people type it from paper.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"

#: Where the look-up of an account puts its person.
_OWN = "own_person"


class SignedIn(UserMixin):
    """Flask-Login's view of an account; `user` is the document."""

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        """The account and its session epoch: raising the epoch ends all sessions."""
        return f"{self.user.id}:{self.user.session_epoch}"


def one_time_password() -> str:
    """Ten readable characters (49 bits) to hand to a person, who must change it at once."""
    return "".join(secrets.choice(_READABLE) for _ in range(10))


def password_refusal(user: User, password: str, repeated: str) -> Message | None:
    """Why `password` can't be the new password of `user`, or None."""
    if password != repeated:
        return M("两次输入的新密码不一致，请重新输入。")
    if len(password) < MIN_PASSWORD:
        return M("新密码至少 %(n)s 位。", n=MIN_PASSWORD)
    known = {user.username.lower(), (user.person.staff_number if user.person else "").lower()}
    if password.lower() in known:
        return M("新密码不能与工号或用户名相同。")
    if verify_password(user.password_hash, password):
        return M("新密码不能与现在的密码相同。")
    return None


def sign_in(user: User) -> None:
    """Make `user` the account of this browser, under a new session identifier."""
    session.clear()
    # The interface forgets the old identifier only of a session that holds something.
    session["_fresh_from"] = "sign-in"
    current_app.session_interface.regenerate(session)  # type: ignore[attr-defined]
    login_user(SignedIn(user))
    g.pop("actor", None)


def sign_out() -> None:
    """Forget the account of this browser and its session."""
    logout_user()
    session.clear()
    g.pop("actor", None)


def set_password(user: User, password: str, *, one_time: bool = False) -> None:
    """Store a new password, end the sessions, lift locks; `one_time` must be changed at sign-in."""
    User.objects(pk=user.pk).update_one(
        set__password_hash=hash_password(password),
        set__must_change_password=one_time,
        set__failed_attempts=0,
        unset__locked_until=True,
        inc__session_epoch=1,
    )
    SignInAttempts.objects(pk=attempts_key(user.username)).delete()
    user.reload()


def attempts_key(username: str) -> str:
    """The key of `SignInAttempts` for an account name: hashed, since people type passwords there too."""
    return f"name:{lookup_hash(username)}"


def end_sessions(user: User) -> None:
    """Sign the account out everywhere."""
    User.objects(pk=user.pk).update_one(inc__session_epoch=1)
    user.reload()


def signed_in_user() -> User | None:
    """The account of this request."""
    return current_user.user if current_user.is_authenticated else None


def _load(identity: str) -> SignedIn | None:
    pk, _, epoch = identity.partition(":")
    try:
        user = _with_person(ObjectId(pk))
    except InvalidId:
        return None
    if user is None or str(user.session_epoch) != epoch:
        return None
    return SignedIn(user)


def _with_person(pk: ObjectId) -> User | None:
    """The enabled account and its person, by one command: every request asks for them."""
    own = {"from": Person._get_collection_name(), "localField": "person", "foreignField": "_id", "as": _OWN}
    found = list(User.objects(pk=pk, is_enabled=True).aggregate([{"$lookup": own}]))
    if not found:
        return None
    people = found[0].pop(_OWN)
    user: User = User._from_son(found[0])
    if people:
        put(user, "person", Person._from_son(people[0]))
    return user


def register(app: Flask, settings: Settings) -> None:
    """Set up sessions, sign-in and CSRF protection of `app`."""
    passwords.prepare()
    is_production = settings.mode is Mode.PRODUCTION
    app.config.update(
        SECRET_KEY=settings.secret_key,
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.session_idle_minutes),
        SESSION_COOKIE_NAME="pingshen",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_production,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session
        WTF_CSRF_SSL_STRICT=is_production,
    )
    app.session_interface = MongoSessions(app)
    manager = LoginManager(app)
    manager.session_protection = None  # a phone changes networks; the cookie is bound to nothing else
    manager.user_loader(_load)
    CSRFProtect(app)
