"""Nothing of a test is left for the next one: what any client of the process wrote is emptied."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pymongo import InsertOne, MongoClient

from models.database import transaction
from panel.config import Settings
from tests.factories import own_collections
from tests.written import WRITTEN, Written

pytestmark = pytest.mark.usefixtures("database")


class Refused(Exception):
    """The body of a transaction says no."""


def left(database: Any) -> list[str]:
    return [name for name in own_collections(database) if database[name].find_one()]


def _by_a_thread(database: Any) -> None:
    thread = threading.Thread(target=lambda: database.units.insert_one({"code": "a"}))
    thread.start()
    thread.join()


def _aborted(database: Any) -> None:
    def body() -> None:
        database.units.insert_one({"code": "a"})
        raise Refused

    database.people.insert_one({"name": "b"})
    with pytest.raises(Refused):
        transaction(body)


def _by_several(database: Any) -> None:
    database.units.insert_one({"code": "a"})
    database.people.bulk_write([InsertOne({"staff_number": "b"})])
    database["fs.chunks"].find_one_and_update({"n": 1}, {"$set": {"n": 1}}, upsert=True)
    database.rounds.update_one({"code": "c"}, {"$set": {"code": "c"}}, upsert=True)


def _by_stages(database: Any) -> None:
    database.units.insert_one({"code": "a"})
    database.units.aggregate([{"$out": "copies"}])
    database.units.aggregate([{"$merge": "further_copies"}])


WAYS: list[Callable[[Any], None]] = [_by_a_thread, _aborted, _by_several, _by_stages]


@pytest.mark.parametrize("write", WAYS)
def test_what_is_written_is_emptied(database: Any, write: Callable[[Any], None]) -> None:
    write(database)
    assert left(database) != []
    WRITTEN.clear(database)
    assert left(database) == []


def test_what_a_client_of_the_tests_own_writes_is_emptied(database: Any, settings: Settings) -> None:
    with MongoClient[dict[str, Any]](settings.mongodb_uri) as client:
        client[settings.database].units.insert_one({"code": "a"})
    WRITTEN.clear(database)
    assert left(database) == []


def test_what_another_process_writes_is_emptied(database: Any, settings: Settings) -> None:
    code = f"""
from pymongo import MongoClient
MongoClient({settings.mongodb_uri!r})[{settings.database!r}].units.insert_one({{"code": "a"}})
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert left(database) == ["units"]
    WRITTEN.clear(database)
    assert left(database) == []


def test_what_was_only_read_is_left_alone(database: Any, settings: Settings) -> None:
    """Else the sweep would be no shorter; and nothing but what is heard of is emptied."""
    listener = Written()
    listener.clear(database)
    database.units.insert_one({"code": "unheard by this listener"})
    with MongoClient[dict[str, Any]](settings.mongodb_uri, event_listeners=[listener]) as client:
        heard = client[settings.database]
        heard.people.insert_one({"staff_number": "heard"})
        assert heard.units.find_one() is not None
        listener.clear(heard)
    assert left(database) == ["units"]


def test_an_unknown_command_counts_as_writing_everywhere(database: Any, settings: Settings) -> None:
    listener = Written()
    listener.clear(database)
    database.units.insert_one({"code": "unheard by this listener"})
    with MongoClient[dict[str, Any]](settings.mongodb_uri, event_listeners=[listener]) as client:
        client[settings.database].command("dataSize", f"{settings.database}.units")
    listener.clear(database)
    assert left(database) == []
