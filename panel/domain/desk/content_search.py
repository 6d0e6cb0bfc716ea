"""Finding the cases of a round by what was filled in, in any field of its form, also in one of HR's own.

The database narrows, the words that people read decide. Sealed fields can't be searched (R23), and nobody
finds what they may not read: a draft, their own case, one from which they are recused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.application import Application
from models.field_spec import FieldSpec, FieldType, Text
from models.form_spec import SectionShape, SectionSpec
from models.messages import Message
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.states import GIVEN_BACK, stored_states
from panel.domain.access import policy
from panel.domain.access.who_may import STAFF
from panel.domain.actors import Actor
from panel.domain.reports import exporting
from panel.domain.rounds import fields
from panel.domain.rounds.naming import field_name
from panel.domain.rounds.showing import shown

#: So many cases are found at most, and so many looked at.
MOST, MOST_LOOKED_AT = 200, 1000
_DATES = frozenset({FieldType.DATE, FieldType.MONTH})
_TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.PERSON, FieldType.UNIT}) | _DATES


@dataclass(frozen=True)
class SearchableField:
    """A field that can be searched, with the section it is in."""

    section: SectionSpec
    field: FieldSpec

    @property
    def key(self) -> str:
        """How an address names it."""
        return f"{self.section.key}.{self.field.key}"

    @property
    def name(self) -> Text | Message:
        """How people tell it from the others of its section."""
        return field_name(self.section, self.field)


@dataclass(frozen=True)
class CaseHit:
    """A case with what it says in the field, in words."""

    application: Application
    said: list[Any]


@dataclass(frozen=True)
class SearchAnswer:
    """The hits, and whether they are all: no more than so many are looked at and told."""

    hits: list[CaseHit]
    is_all: bool


def places(spec: RoundSpec) -> list[SearchableField]:
    """Every field that can be searched, each once, in the form's order."""
    found: dict[str, SearchableField] = {}
    for section in spec.sections:
        for field in section.fields:
            place = SearchableField(section, field)
            if field.visible and not field.encrypted:
                found.setdefault(place.key, place)
    return list(found.values())


def find(round: ReviewRound, place: SearchableField, typed: str, actor: Actor) -> SearchAnswer:
    """The cases that say `typed` in the field, by name; none when nothing was typed."""
    wanted = _wanted(place.field, typed)
    if not wanted:
        return SearchAnswer([], True)
    seen = policy.visible(actor, Application, *STAFF).filter(round=round.id)
    narrowed = seen.filter(
        __raw__={"$or": [_narrowing(place, typed.strip()), {"state": {"$in": stored_states(GIVEN_BACK)}}]}
    )
    by_name = narrowed.only("id").order_by("name", "id").limit(MOST_LOOKED_AT + 1)
    ids = [row.id for row in by_name.no_dereference()]
    readable, _left_out = exporting.sort_readable(ids[:MOST_LOOKED_AT], actor)
    hits: list[CaseHit] = []
    for case in exporting.read(readable, actor):
        said = [words for words in _said(case.application, place) if _says(words, wanted)]
        if said:
            hits.append(CaseHit(case.application, said))
        if len(hits) > MOST:
            break
    return SearchAnswer(hits[:MOST], len(hits) <= MOST and len(ids) <= MOST_LOOKED_AT)


def _said(application: Application, place: SearchableField) -> Iterator[Any]:
    """What the case says in the field, of every entry."""
    section = next((row for row in application.spec.sections if row.key == place.section.key), None)
    if section is None:
        return
    is_list = section.shape is SectionShape.LIST
    for content in application.entries(section.key) if is_list else [application.record(section.key)]:
        value = content.get(place.field.key)
        if value not in (None, "", []):
            yield shown(application, place.field, value)


def _wanted(field: FieldSpec, typed: str) -> list[str]:
    """What the words may hold: as typed, and a date as it is stored."""
    day = fields.as_date(typed.strip()) if field.type in _DATES else None
    return [text for text in dict.fromkeys((_plain(typed), day.iso() if day else "")) if text]


def _says(words: Any, wanted: list[str]) -> bool:
    texts = (words.zh, words.en) if isinstance(words, Text) else (str(words),)
    return any(text in _plain(said) for text in wanted for said in texts)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


# --- what the database is asked ----------------------------------------------------------------------


def _narrowing(place: SearchableField, typed: str) -> dict[str, Any]:
    """A condition that whatever says `typed` in the field meets."""
    return _holding(place, _value(place.field, typed))


def _value(field: FieldSpec, typed: str) -> Any:
    if field.type in _TEXTS:
        known = fields.as_date(typed) if field.type in _DATES else None
        return {"$regex": _pattern(known.iso() if known else typed), "$options": "i"}
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        wanted = [_plain(typed)]
        return {"$in": [option.value for option in field.options if _says(option.label, wanted)]}
    return {"$nin": [None, "", []]}


def _pattern(typed: str) -> str:
    """Blanks between the letters don't matter."""
    return r"\s*".join(re.escape(letter) for letter in re.sub(r"\s+", "", typed))


def _holding(place: SearchableField, value: Any) -> dict[str, Any]:
    section, key = place.section, place.field.key
    if section.shape is not SectionShape.LIST:
        return {f"sections.{section.key}.values.{key}": value}
    store = section.store or f"sections.{section.key}.entries"
    own = {"section": section.key} if section.store else {}
    return {store: {"$elemMatch": own | {"$or": [{f"values.{key}": value}, {key: value}]}}}
