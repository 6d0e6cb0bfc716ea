"""The factories' short cuts store what the program itself stores."""

from __future__ import annotations

from typing import Any

import pytest

from models.choices import RoundState
from models.review_round import ReviewRound, RoundVersion
from panel.domain.rounds import round_files
from tests.factories import NOW, make_round, shipped_data, shipped_spec


def everything(database: Any) -> dict[str, list[dict[str, Any]]]:
    """The round and its version as stored, without their identifiers."""
    names = (ReviewRound._get_collection_name(), RoundVersion._get_collection_name())
    own = {"_id", "round"}
    return {
        name: [{k: v for k, v in row.items() if k not in own} for row in database[name].find()]
        for name in names
    }


@pytest.mark.parametrize("series", ["engineering", "lab", "teacher"])
def test_a_shipped_round_is_stored_as_an_import_stores_it(database: Any, series: str) -> None:
    made = make_round(series)
    short = everything(database)
    assert RoundVersion.objects.get().round.id == made.id
    ReviewRound.objects.delete()
    RoundVersion.objects.delete()
    imported = round_files.import_round(shipped_spec(series), NOW, RoundState.OPEN)
    assert everything(database) == short
    assert made.to_mongo().to_dict() | {"_id": imported.id} == imported.to_mongo().to_dict()


def test_a_shipped_round_is_made_once_and_what_a_test_changes_is_its_own(database: Any) -> None:
    first, again = make_round(), make_round()
    assert first.id == again.id
    first.data["title"] = shipped_data()["title"] = "changed"
    assert again.data["title"] == make_round().data["title"] == shipped_data()["title"] != "changed"
