"""What tests share: one real mongod per pytest process, emptied before each test that uses it."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from mongoengine import DEFAULT_CONNECTION_NAME, connection
from pymongo import MongoClient
from pymongo.database import Database

from models import values
from models.database import get_client, get_database
from panel import boot, clock, config, passwords
from panel.embedded import EmbeddedMongo
from panel.migrate import migrate
from tests.lengths import EXAMPLES
from tests.written import WRITTEN

#: Memory that looks like a folder: every journaled write of the tests' mongod is several times faster there.
MEMORY = Path("/dev/shm")
NEEDED = 2 * 1024**3
#: Before any client is made: a client knows the listeners of its making.
WRITTEN.listen()
# how fast an example runs says how busy the machine is, not whether it is right
hypothesis.settings.register_profile(
    "pingshen", max_examples=EXAMPLES, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("pingshen")


@pytest.fixture(scope="session")
def var() -> Iterator[Path]:
    """The folder that stands for ``var/``: a test never touches the real one."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED
    folder = Path(tempfile.mkdtemp(prefix="pingshen-", dir=MEMORY if roomy else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def mongo_uri(var: Path) -> Iterator[str]:
    """The address of a real replica set: an own one, or the one PINGSHEN_TEST_MONGODB_URI names."""
    given = os.environ.get("PINGSHEN_TEST_MONGODB_URI")
    if given:
        yield given
        return
    with EmbeddedMongo(var / "mongo", cache_gb=0.25) as mongo:
        yield mongo.uri


@pytest.fixture(scope="session")
def settings(var: Path, mongo_uri: str) -> config.Settings:
    """Settings in test mode with a database of this pytest process alone."""
    name = f"pingshen_test_{uuid.uuid4().hex[:12]}"
    return config.load(
        mode=config.Mode.TEST, var=var, mongodb_uri=mongo_uri, database=name, base_url="http://pingshen.test"
    )


@pytest.fixture(scope="session")
def _migrated(settings: config.Settings) -> Iterator[Database[dict[str, Any]]]:
    """The migrated database by a client of its own, whatever a test does to MongoEngine's."""
    boot.connect(settings)
    migrate()
    with MongoClient[dict[str, Any]](settings.mongodb_uri, tz_aware=True) as client:
        yield client[settings.database]
        client.drop_database(settings.database)


#: MongoEngine's client as the last test found it: a new one costs more than many a test.
_LEFT: dict[str, Any] = {}


@pytest.fixture
def database(_migrated: Database[dict[str, Any]], settings: config.Settings) -> Database[dict[str, Any]]:
    """The migrated and empty database, to which MongoEngine is connected."""
    WRITTEN.clear(_migrated)
    if connection._connections.get(DEFAULT_CONNECTION_NAME) is not _LEFT.get("client"):
        boot.connect(settings)
        _LEFT["client"] = get_client()
    # what a test may have set without connecting
    values.configure_key(settings.data_key_bytes)
    clock.configure(movable=settings.has_clock_control)
    passwords.configure(weak=settings.has_weak_passwords)
    return get_database()
