"""Finding anything in a round by what it says, also by pinyin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.field_spec import Text, Words
from models.values import search_keys, search_query
from panel.domain.round_edit import tree
from panel.domain.round_edit.properties import sentences, sources
from panel.domain.round_edit.properties.describe import DESCRIBED, described
from panel.domain.round_edit.properties.kinds import Widget
from panel.domain.round_edit.tree import Data

MOST_ROWS_FOUND = 60
_TEXTS = (Widget.TEXT, Widget.LONG_TEXT, Widget.TEMPLATE, Widget.MESSAGE)


@dataclass(frozen=True)
class RowHit:
    """A row whose texts hold what was searched for."""

    path: str
    where: Words
    text: Text


def find(data: Data, typed: str) -> list[RowHit]:
    """The rows and mappings that say `typed`, at most MOST."""
    query = search_query(typed)
    hits: list[RowHit] = []
    for path, text in _texts(data, data, ""):
        if query in text.zh.lower() or query in text.en.lower() or _sounds(text.zh, query):
            hits.append(RowHit(path, sentences.place(data, path), text))
            if len(hits) == MOST_ROWS_FOUND:
                break
    return hits


def _sounds(text: str, query: str) -> bool:
    return query.isascii() and len(text) <= 60 and any(query in key for key in search_keys(text))


def _texts(data: Data, row: Data, path: str) -> Iterator[tuple[str, Text]]:
    known = described(path)
    for item in known.properties if known else ():
        if item.widget in _TEXTS and sources.text_of(row.get(item.name)):
            at = f"{path}/{item.name}" if path else item.name
            said = sentences.value(data, at, row[item.name])
            yield path or item.name, said if isinstance(said, Text) else Text(zh=str(said))
    for name, value in row.items():
        place = f"{path}/{name}" if path else name
        if tree.is_list(place):
            for one in value:
                yield from _texts(data, one, f"{place}/{one[tree.ID]}")
        elif isinstance(value, dict) and tree.shape_of(place) in DESCRIBED:
            yield from _texts(data, value, place)
