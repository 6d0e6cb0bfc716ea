"""Texts with places for values: shown with the fields' own names, stored with their keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count

from models.field_spec import Text
from models.messages import M
from panel.domain.round_edit.properties.check_words import PLACES, PLACES_IN_ENGLISH
from panel.domain.round_edit.properties.sources import distinct_fields, text_of
from panel.domain.round_edit.tree import Data

_PLACE = re.compile(r"\{([^{}|]+)(\|[^{}]*)?\}")


class UnknownPlace(ValueError):
    """The text names a place that isn't there; the argument is what was typed."""


def of_section(section: Data) -> dict[str, str]:
    """The names of a section's fields by key, each name once; 类别 stands for the kind of entry."""
    names: dict[str, str] = {}
    for key, field in distinct_fields(section).items():
        name = re.sub(r"[{}|\[\]]", "", text_of(field["label"]).zh) or key
        names[key] = name if name not in names.values() else _numbered(name, names)
    if section.get("kinds"):
        names.setdefault("kind", str(M("类别")))
    return names


def _numbered(name: str, names: Mapping[str, str]) -> str:
    """`name` of a second field of that name: 名称·2."""
    taken = set(names.values())
    return next(text for n in count(2) if (text := f"{name}·{n}") not in taken)


def of_messages() -> dict[str, str]:
    """The places of messages, by stored name."""
    return {key: str(name) for key, name in PLACES.items()}


def message_shown(text: Text) -> Text:
    """A message as people read it in either language, for lists, the history and comparisons."""
    return Text(zh=shown(text.zh, of_messages()), en=shown(text.en, PLACES_IN_ENGLISH))


def shown(text: str, names: Mapping[str, str]) -> str:
    """`text` as HR reads it: {name} becomes {名称}; what has no name stays as it is."""
    return _PLACE.sub(lambda m: "{" + names.get(m[1], m[1]) + (m[2] or "") + "}", text)


def stored(text: str, names: Mapping[str, str]) -> str:
    """`text` as a round stores it; raises UnknownPlace for a name that is none of `names`."""
    keys = {name: key for key, name in names.items()}

    def back(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name not in keys and name not in names:
            raise UnknownPlace(name)
        return "{" + keys.get(name, name) + (match[2] or "") + "}"

    return _PLACE.sub(back, text)
