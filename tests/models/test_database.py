"""The connection and its transactions: whole or not at all, whatever the address asks for."""

from typing import Any

import pytest
from pymongo.database import Database

from models.database import connect, get_database, transaction
from models.setting import Setting
from models.unit import Unit
from panel.config import Settings


class Failed(Exception):
    """Thrown to abort."""


@pytest.fixture(params=["", "&w=majority&journal=true", "&w=1&wtimeoutMS=1000"])
def connected(request: pytest.FixtureRequest, settings: Settings, database: Database[Any]) -> Database[Any]:
    """MongoEngine connected by an address that may ask for a write concern of its own."""
    return connect(f"{settings.mongodb_uri}{request.param}", settings.database)


def test_inserts_updates_and_deletes_are_kept_together(connected: Database[Any]) -> None:
    Setting(key="old", value=1).save()

    def body() -> None:
        Unit(code="one", name="甲").save()
        Unit.objects(code="one").update_one(set__name="乙")
        get_database().plain.insert_one({"n": 1})
        Setting.objects(key="old").delete()

    transaction(body)
    assert [unit.name for unit in Unit.objects] == ["乙"]
    assert get_database().plain.count_documents({}) == 1
    assert Setting.objects.count() == 0


def test_abort_leaves_nothing(connected: Database[Any]) -> None:
    Setting(key="old", value=1).save()

    def body() -> None:
        Unit(code="one", name="甲").save()
        get_database().plain.insert_one({"n": 1})
        Setting.objects(key="old").delete()
        raise Failed

    with pytest.raises(Failed):
        transaction(body)
    assert Unit.objects.count() == 0
    assert get_database().plain.count_documents({}) == 0
    assert Setting.objects.count() == 1


def test_server_acknowledges_by_majority_without_being_asked(connected: Database[Any]) -> None:
    default = connected.client.admin.command("getDefaultRWConcern")
    assert default["defaultWriteConcern"]["w"] == "majority"
    assert connected.client.admin.command("replSetGetConfig")["config"]["writeConcernMajorityJournalDefault"]
