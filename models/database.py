"""The connection, and transactions that MongoEngine's calls join (DESIGN section 3)."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

import mongoengine
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

T = TypeVar("T")
SELECTION_MS = 10_000  # how long a lost server is waited for
_WRITE_CONCERN = frozenset({"w", "journal", "j", "wtimeoutms", "wtimeout", "fsync"})
#: What the server marks an error with when the whole transaction should be run again.
_TRY_AGAIN = "TransientTransactionError"
_current: ContextVar[ClientSession | None] = ContextVar("current_session", default=None)


def connect(uri: str, name: str) -> Database[dict[str, Any]]:
    """Connect MongoEngine's default alias, timezone-aware; replaces an older one.

    Writes are acknowledged by the majority and its journal, which is the default of a replica set. It
    can't be asked for here, nor in `uri`: PyMongo 4.20 sends a client's write concern also inside a bound
    session's transaction, where the server refuses it.
    """
    mongoengine.disconnect()
    mongoengine.connect(
        name,
        host=_without_write_concern(uri),
        tz_aware=True,
        uuidRepresentation="standard",
        retryWrites=True,
        serverSelectionTimeoutMS=SELECTION_MS,
    )
    return get_database()


def _without_write_concern(uri: str) -> str:
    """`uri` without the options that set a write concern."""
    address, _, options = uri.partition("?")
    kept = [option for option in options.split("&") if option.partition("=")[0].lower() not in _WRITE_CONCERN]
    return f"{address}?{'&'.join(kept)}" if options else uri


def get_database() -> Database[dict[str, Any]]:
    """The pymongo database behind MongoEngine."""
    return mongoengine.connection.get_db()


def get_client() -> MongoClient[dict[str, Any]]:
    """The pymongo client behind MongoEngine."""
    return mongoengine.connection.get_connection()


def transaction(body: Callable[[], T]) -> T:
    """Run `body` in one transaction that commits wholly or not at all; may run it again on a conflict.

    All MongoEngine and pymongo calls inside `body` join; a nested call joins the outer transaction. Raises
    whatever `body` raises, after the abort; a value that a unique index refuses always as NotUniqueError.
    """
    current = _current.get()
    if current is not None and current.in_transaction:
        return _told(body)
    with get_client().start_session() as session, session.bind(end_session=False):
        token = _current.set(session)
        try:
            return session.with_transaction(
                lambda _: _told(body),
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern(w="majority", j=True),
                read_preference=ReadPreference.PRIMARY,
            )
        finally:
            _current.reset(token)


def _told(body: Callable[[], T]) -> T:
    """Run `body` with its errors told apart: what to try again, what isn't unique, anything else."""
    try:
        return body()
    except mongoengine.errors.OperationError as error:
        # MongoEngine hides the driver's error, whose label says "try again".
        hidden = error.__context__
        if isinstance(hidden, PyMongoError) and hidden.has_error_label(_TRY_AGAIN):
            raise hidden from error
        raise
    except DuplicateKeyError as error:
        if error.has_error_label(_TRY_AGAIN):
            raise
        # the same refusal, whether the write went through MongoEngine or the driver
        raise mongoengine.errors.NotUniqueError(str(error)) from error
