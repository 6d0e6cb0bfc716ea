"""What every process does before it touches data: keys, connection, clock. Never Flask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from pymongo.database import Database

from models import database, values
from panel import clock, passwords
from panel.config import Settings
from panel.embedded import AlreadyOwnedError, EmbeddedMongo, running_uri


def connect(settings: Settings) -> Database[dict[str, Any]]:
    """Make the models usable with `settings` from `config.load`; may be called again.

    Raises `ClockRefused` where production finds a moved clock, and pymongo's errors if the server is away.
    """
    if settings.mongodb_uri is None:
        raise ValueError("settings name no database: start the embedded one first")
    values.configure_key(settings.data_key_bytes)
    passwords.configure(weak=settings.has_weak_passwords)
    connection = database.connect(settings.mongodb_uri, settings.database)
    clock.configure(movable=settings.has_clock_control)
    return connection


@contextmanager
def running_database(settings: Settings) -> Iterator[Settings]:
    """Settings whose `mongodb_uri` answers, for one command, and the models connected to it.

    That is MONGODB_URI, else the private server that a running `panel run` has, else one started for the
    time of the command. Raises `EmbeddedMongoError`.
    """
    with ExitStack() as stack:
        if settings.mongodb_uri is None:
            folder = settings.var / "mongo"
            try:
                uri = stack.enter_context(EmbeddedMongo(folder)).uri
            except AlreadyOwnedError:
                running = running_uri(folder)
                if running is None:
                    raise
                uri = running
            settings = settings.model_copy(update={"mongodb_uri": uri})
        connect(settings)
        yield settings
