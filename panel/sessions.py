"""Browser sessions kept in MongoDB: Flask-Session's logic over the project's own collection.

Its stock MongoDB store is not used: it keeps the cookie's identifier in clear, finds it without an index,
holds a client that a reconnect closes, and falls back to pickle.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Request
from flask.json.tag import TaggedJSONSerializer
from flask_session.base import Serializer, ServerSideSession, ServerSideSessionInterface

from models.web_session import WebSession

#: A session in use is written again only this often, to prolong it.
REFRESH = timedelta(minutes=1)
_SEEN = "_seen"
#: Answers also while the database is away.
HEALTH = "/healthz"


class StoredSession(ServerSideSession):
    """A session that knows whether the database holds it already."""

    def __init__(self, initial: Any = None, sid: str | None = None, permanent: bool | None = None) -> None:
        super().__init__(initial, sid, permanent)
        self.is_stored = initial is not None


class TaggedJson(Serializer):
    """Flask's own tagged JSON as text: tuples, dates and Markup survive, and nothing can be executed."""

    def __init__(self) -> None:
        self._json = TaggedJSONSerializer()

    def encode(self, session: ServerSideSession) -> str:
        return self._json.dumps(dict(session))

    def decode(self, serialized_data: str) -> dict[str, Any]:
        value: dict[str, Any] = self._json.loads(serialized_data)
        return value


class MongoSessions(ServerSideSessionInterface):
    """Sessions in `WebSession`, which end after the idle time of real (never of moved) time."""

    session_class = StoredSession

    def __init__(self, app: Flask) -> None:
        super().__init__(app, key_prefix="", permanent=False, sid_length=32)
        self.serializer = TaggedJson()

    def open_session(self, app: Flask, request: Request) -> StoredSession:
        """The session of the request's cookie; static files and health checks get an empty one."""
        if request.path.startswith(f"{app.static_url_path}/") or request.path == HEALTH:
            return StoredSession(sid=self._generate_sid(self.sid_length))
        session: StoredSession = super().open_session(app, request)
        return session

    def regenerate(self, session: StoredSession) -> None:
        """Give the session a new identifier and forget the old one."""
        super().regenerate(session)
        session.is_stored = False

    def should_set_storage(self, app: Flask, session: StoredSession) -> bool:
        """Whether to write: after a change, and now and then to prolong it."""
        now = datetime.now(UTC).timestamp()
        if session.modified or now - session.get(_SEEN, 0) > REFRESH.total_seconds():
            session[_SEEN] = int(now)
            return True
        return False

    def _get_store_id(self, sid: str) -> str:
        # Whoever reads the database must not be able to use its sessions.
        return hashlib.sha256(sid.encode()).hexdigest()

    def _retrieve_session_data(self, store_id: str) -> dict[str, Any] | None:
        row = WebSession.objects(pk=store_id, expires_at__gt=datetime.now(UTC)).first()
        return self.serializer.decode(row.data) if row else None

    def _delete_session(self, store_id: str) -> None:
        WebSession.objects(pk=store_id).delete()

    def _upsert_session(self, session_lifetime: timedelta, session: StoredSession, store_id: str) -> None:
        # A request that outlives the sign-out must not bring its session back.
        WebSession.objects(pk=store_id).update_one(
            set__data=self.serializer.encode(session),
            set__expires_at=datetime.now(UTC) + session_lifetime,
            upsert=not session.is_stored,
        )
