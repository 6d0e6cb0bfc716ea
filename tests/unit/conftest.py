"""Unit tests start no server: what some of them store, they store inside the process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mongoengine
import pytest

from models import values
from panel import clock
from tests.mock_mongo import MockClient


@pytest.fixture
def database() -> Iterator[Any]:
    """An empty database inside the process, to which MongoEngine is connected."""
    mongoengine.disconnect()
    mongoengine.connect(
        "unit",
        host="mongodb://nowhere",
        mongo_client_class=MockClient,
        tz_aware=True,
        uuidRepresentation="standard",
    )
    values.configure_key(b"k" * 32)
    clock.configure(movable=True)
    yield mongoengine.connection.get_db()
    mongoengine.disconnect()
