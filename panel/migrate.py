"""Numbered, repeatable data changes, and the indexes of every collection (`panel migrate`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models import DOCUMENTS
from models.application import Application
from models.database import get_database
from models.pending_file import PendingFile
from models.setting import Setting
from panel.services import storage

_KEY = "migration"
#: Indexes that wider ones replace.
_NARROW = {
    "unit_1_submitted_at_1__id_1",
    "unit_1_name_1__id_1",
    "unit_1_department_name_1__id_1",
    "unit_1_updated_at_1__id_1",
    "search_1",
    "round_1_state_1_department_1_level_1__id_1",
}


def _search_by_number() -> None:
    """An application's number joins its search keys; the lists' old indexes make room for wider ones."""
    applications = get_database()[Application._get_collection_name()]
    key = {"$setDifference": [["$number"], "$search"]}
    applications.update_many(
        {"number": {"$type": "string"}}, [{"$set": {"search": {"$concatArrays": ["$search", key]}}}]
    )
    for name in set(applications.index_information()) & _NARROW:
        applications.drop_index(name)


def _no_ttl_by_the_servers_clock() -> None:
    """Files that wait to be looked at expire by the program's clock, which may be moved, not the server's."""
    waiting = get_database()[PendingFile._get_collection_name()]
    if "expireAfterSeconds" in waiting.index_information().get("expires_at_1", {}):
        waiting.drop_index("expires_at_1")


#: Number -> change. Each must be safe to run twice. Start at 1 when the first stored field changes.
MIGRATIONS: dict[int, Callable[[], None]] = {1: _search_by_number, 2: _no_ttl_by_the_servers_clock}


def migrate(report: Callable[[str], None] = lambda line: None) -> int:
    """Run the changes not yet run, then create missing collections and indexes; returns the version."""
    row = Setting.objects(key=_KEY).first()
    version = row.value if row else 0
    for number in sorted(n for n in MIGRATIONS if n > version):
        report(f"migration {number}")
        MIGRATIONS[number]()
        Setting.objects(key=_KEY).update_one(set__value=number, upsert=True)
        version = number
    existing = set(get_database().list_collection_names())
    for document in DOCUMENTS:
        name = document._get_collection_name()
        if name not in existing:
            # a transaction can't wait for a collection to be made
            get_database().create_collection(name, **_options(document))
        document.ensure_indexes()
    storage.create_indexes()
    return version


def _options(document: Any) -> dict[str, Any]:
    """A clustered collection keeps its records in the order of `_id`, not of their making."""
    if not document._meta.get("clustered"):
        return {}
    return {"clusteredIndex": {"key": {"_id": 1}, "unique": True}}
