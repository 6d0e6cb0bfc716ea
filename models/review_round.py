"""A round (申报批次) as stored: the validated mapping of models.round_spec, and its extensions."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from typing import Any

from mongoengine import (
    DateField,
    DateTimeField,
    Document,
    IntField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)
from mongoengine.fields import BaseField

from models.choices import RoundState
from models.person import Person
from models.round_spec import RoundSpec
from models.unit import Unit
from models.user import User


class RawDictField(BaseField):
    """A mapping kept as it is: a round has thousands of values, and MongoEngine's own walk over them
    takes a hundred times as long as reading them."""

    def validate(self, value: Any, clean: bool = True) -> None:
        if not isinstance(value, dict):
            self.error("not a mapping")


def digest_of(data: dict[str, Any]) -> str:
    """SHA-256 of the data in canonical JSON."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


_SPECS: OrderedDict[str, RoundSpec] = OrderedDict()
_MOST_SPECS = 64


def _spec(round: Any) -> RoundSpec:
    """The validated rules of a round or of its version, read once for the same data.

    A list's rounds come without `data`, a hundred kilobytes each, which is fetched when it wasn't read yet.
    """
    key = round.digest
    if key is None or key not in _SPECS:
        data = round.data or type(round).objects.only("data").get(pk=round.pk).data
        key = key or digest_of(data)
        _SPECS[key] = RoundSpec.model_validate(data)
        while len(_SPECS) > _MOST_SPECS:
            _SPECS.popitem(last=False)
    return _SPECS[key]


class ReviewRound(Document):
    """One year's plan for one series. `spec` is the working version; RoundVersion keeps each one used."""

    code = StringField(required=True, unique=True, max_length=60)
    title = StringField(required=True, max_length=100)
    year = IntField(required=True)
    series = StringField(required=True, max_length=40)
    state = StringField(choices=[s.value for s in RoundState], default=RoundState.PLANNED.value)
    version = IntField(default=1)
    data = RawDictField(required=True)
    digest = StringField()
    updated_at = DateTimeField()

    meta = {"collection": "rounds", "auto_create_index": False, "indexes": [("state", "year", "series")]}

    def clean(self) -> None:
        """Keep the digest in step with the data."""
        self.digest = digest_of(self.data)

    @property
    def spec(self) -> RoundSpec:
        """The round's rules; the same object for the same data."""
        return _spec(self)

    def __str__(self) -> str:
        return str(self.title)


class RoundVersion(Document):
    """A version of a round as it was when somebody was first judged by it; never changed."""

    round = ReferenceField(ReviewRound, required=True)
    version = IntField(required=True, unique_with="round")
    data = RawDictField(required=True)
    digest = StringField()
    at = DateTimeField(required=True)

    meta = {"collection": "round_versions", "auto_create_index": False}

    def clean(self) -> None:
        """Keep the digest in step with the data."""
        self.digest = digest_of(self.data)

    @property
    def spec(self) -> RoundSpec:
        """The rules of that version."""
        return _spec(self)


class Extension(Document):
    """A later closing day for one person or a group (DESIGN section 4)."""

    round = ReferenceField(ReviewRound, required=True)
    unit = ReferenceField(Unit, required=True)  # whose people and department codes these are
    people = ListField(ReferenceField(Person))
    departments = ListField(StringField())
    not_for = ObjectIdField()  # the person who gave it, for whom their own departments' doesn't count
    until = DateField(required=True)
    reason = StringField(required=True, max_length=300)
    by = ReferenceField(User)
    at = DateTimeField(required=True)

    meta = {"collection": "extensions", "auto_create_index": False, "indexes": [("round", "until")]}
