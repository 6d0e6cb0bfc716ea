"""What every process does before it touches data: keys, connection, clock. Never Flask."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from models import database, values
from panel import clock
from panel.config import Settings


def connect(settings: Settings) -> Database[dict[str, Any]]:
    """Make the models usable with `settings` from `config.load`; may be called again.

    Raises `ClockRefused` where production finds a moved clock, and pymongo's errors if the server is away.
    """
    if settings.mongodb_uri is None:
        raise ValueError("settings name no database: start the embedded one first")
    values.configure_key(settings.data_key_bytes)
    connection = database.connect(settings.mongodb_uri, settings.database)
    clock.configure(movable=settings.has_clock_control)
    return connection
