"""`panel migrate`: numbered changes once each, collections and indexes, again and again."""

import pytest
from pymongo.errors import DuplicateKeyError

from models import DOCUMENTS
from models.application import Application
from models.database import get_database
from models.setting import Setting
from panel import migrate as module
from panel.migrate import migrate

pytestmark = pytest.mark.usefixtures("database")


def indexes() -> dict[str, list[str]]:
    database = get_database()
    return {name: sorted(database[name].index_information()) for name in database.list_collection_names()}


def test_migrating_again_changes_nothing() -> None:
    before = indexes()
    newest = max(module.MIGRATIONS, default=0)
    assert migrate() == newest
    assert migrate() == newest
    assert indexes() == before


def test_every_collection_is_there_before_the_first_transaction() -> None:
    """A transaction can't wait for a collection to be made."""
    names = set(get_database().list_collection_names())
    assert {document._get_collection_name() for document in DOCUMENTS} <= names
    assert {"blobs.files", "blobs.chunks"} <= names


def test_what_was_dropped_is_made_anew() -> None:
    database = get_database()
    before = indexes()
    database.outbox.drop()
    database.applications.drop_indexes()
    migrate()
    assert indexes() == before


@pytest.mark.parametrize(
    ("collection", "row"),
    [
        ("applications", {"person": 1, "year": 2026, "is_live": True}),
        ("applications", {"number": "20260100001"}),
        ("submissions", {"application": 1, "content_revision": 3}),
        ("round_versions", {"round": 1, "version": 1}),
        ("certificates", {"number": "J1", "code": "x", "application": 1}),
        ("certificates", {"number": "J2", "code": "c", "application": 2}),
        ("voter_marks", {"meeting": 1, "application": 1, "voter": 1}),
        ("opinions", {"application": 1, "expert": 1}),
        ("people", {"staff_number": "T1", "id_hash": "h"}),
        ("users", {"username": "a"}),
        ("rounds", {"code": "r"}),
        ("committees", {"code": "c"}),
        ("units", {"code": "u"}),
        ("publicities", {"uid": "p"}),
    ],
)
def test_uniqueness_is_an_index_and_never_a_look_before(collection: str, row: dict[str, object]) -> None:
    rows = get_database()[collection]
    rows.insert_one({"_id": "one", **row})
    with pytest.raises(DuplicateKeyError):
        rows.insert_one({"_id": "two", **row})


def test_only_live_applications_are_one_per_person_and_year() -> None:
    rows = get_database().applications
    for number in range(3):
        rows.insert_one({"_id": number, "person": 1, "year": 2026, "is_live": False})
    rows.insert_one({"_id": 3, "person": 1, "year": 2026, "is_live": True})
    rows.insert_one({"_id": 4, "person": 1, "year": 2027, "is_live": True})
    assert Application.objects.count() == 5


@pytest.mark.parametrize(
    ("query", "sort"),
    [
        ({"unit": 1, "state": "submitted"}, [("_id", 1)]),
        ({"unit": 1}, [("submitted_at", 1), ("_id", 1)]),
        ({"unit": 1}, [("name", 1), ("_id", 1)]),
        ({"committee": "c", "state": "panel"}, [("_id", 1)]),
        ({"state": "returned", "deadline": {"$lt": 5}}, [("deadline", 1)]),
        ({"search": "linxiaojing"}, []),
    ],
)
def test_the_lists_of_the_panel_are_read_by_an_index(
    query: dict[str, object], sort: list[tuple[str, int]]
) -> None:
    """Neither a scan of the collection nor a sort in memory."""
    cursor = get_database().applications.find(query)
    plan = str((cursor.sort(sort) if sort else cursor).explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
    assert "COLLSCAN" not in plan
    assert "'SORT'" not in plan


def test_a_numbered_change_runs_once_and_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    monkeypatch.setattr(module, "MIGRATIONS", {2: lambda: ran.append(2), 1: lambda: ran.append(1)})
    told: list[str] = []
    assert migrate(told.append) == 2
    assert migrate() == 2
    assert (ran, told) == ([1, 2], ["migration 1", "migration 2"])
    assert Setting.objects.get(key="migration").value == 2


def test_a_database_of_the_first_version_stops_deleting_waiting_files_by_the_servers_clock() -> None:
    waiting = get_database().pending_files
    waiting.drop_index("expires_at_1")
    waiting.create_index("expires_at", expireAfterSeconds=0)
    Setting.objects(key="migration").update_one(set__value=1, upsert=True)
    assert migrate() == max(module.MIGRATIONS)
    assert "expireAfterSeconds" not in waiting.index_information()["expires_at_1"]


def test_a_change_that_fails_is_tried_again_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def fails() -> None:
        ran.append("failed")
        raise RuntimeError

    changes = {1: lambda: ran.append("first"), 2: fails}
    monkeypatch.setattr(module, "MIGRATIONS", changes)
    with pytest.raises(RuntimeError):
        migrate()
    changes[2] = lambda: ran.append("second")
    assert migrate() == 2
    assert ran == ["first", "failed", "second"]
