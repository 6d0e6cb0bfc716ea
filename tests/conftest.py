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
from pymongo import MongoClient
from pymongo.database import Database

from panel import boot, config
from panel.embedded import EmbeddedMongo
from panel.migrate import migrate
from tests.factories import empty

#: Memory that looks like a folder: every journaled write of the tests' mongod is several times faster there.
MEMORY = Path("/dev/shm")
NEEDED = 2 * 1024**3
# how fast an example runs says how busy the machine is, not whether it is right
hypothesis.settings.register_profile(
    "pingshen", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
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


@pytest.fixture
def database(_migrated: Database[dict[str, Any]], settings: config.Settings) -> Database[dict[str, Any]]:
    """The migrated and empty database, to which MongoEngine is connected."""
    empty(_migrated)
    return boot.connect(settings)
