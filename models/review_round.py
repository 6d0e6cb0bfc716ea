"""A round (申报批次) as stored: the validated mapping of models.round_spec, and its extensions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from mongoengine import (
    DateField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    ReferenceField,
    StringField,
)

from models.choices import RoundState
from models.person import Person
from models.round_spec import RoundSpec
from models.user import User


class ReviewRound(Document):
    """One year's plan for one series. `spec` is the working version; RoundVersion keeps each one used."""

    code = StringField(required=True, unique=True, max_length=60)
    title = StringField(required=True, max_length=100)
    year = IntField(required=True)
    series = StringField(required=True, max_length=40)
    state = StringField(choices=[s.value for s in RoundState], default=RoundState.PLANNED.value)
    version = IntField(default=1)
    data = DictField(required=True)
    updated_at = DateTimeField()

    meta = {"collection": "rounds", "auto_create_index": False, "indexes": [("state", "year", "series")]}

    @property
    def spec(self) -> RoundSpec:
        """The round's rules; the same object for the same version."""
        return _parse(self.code, self.version, _Data(self.to_mongo()["data"]))

    def __str__(self) -> str:
        return str(self.title)


class RoundVersion(Document):
    """A version of a round as it was when somebody was first judged by it; never changed."""

    round = ReferenceField(ReviewRound, required=True)
    version = IntField(required=True, unique_with="round")
    data = DictField(required=True)
    at = DateTimeField(required=True)

    meta = {"collection": "round_versions", "auto_create_index": False}

    @property
    def spec(self) -> RoundSpec:
        """The rules of that version."""
        return RoundSpec.model_validate(self.to_mongo()["data"])


class Extension(Document):
    """A later closing day for one person or a group (DESIGN section 4)."""

    round = ReferenceField(ReviewRound, required=True)
    people = ListField(ReferenceField(Person))
    departments = ListField(StringField())
    until = DateField(required=True)
    reason = StringField(required=True, max_length=300)
    by = ReferenceField(User)
    at = DateTimeField(required=True)

    meta = {"collection": "extensions", "auto_create_index": False, "indexes": [("round", "until")]}


class _Data(dict):  # type: ignore[type-arg]
    """A mapping that the cache may take as key by (code, version) alone."""

    def __hash__(self) -> int:  # type: ignore[override]
        return 0

    def __eq__(self, other: Any) -> bool:
        return dict.__eq__(self, other)


@lru_cache(maxsize=64)
def _parse(code: str, version: int, data: _Data) -> RoundSpec:
    return RoundSpec.model_validate(dict(data))
