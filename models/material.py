"""The material table (材料表): HR's agreed achievements per person, and the stamped scans of it (G24, G28).

An entry of the table is placed in the person's application under the same `uid`; the application keeps
what the applicant fills in besides, this keeps what HR says, who answered it, and how a dispute ended.
"""

from __future__ import annotations

from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from models.choices import MaterialState, MaterialStep, ScanState, Settlement
from models.person import Person
from models.review_round import ReviewRound
from models.sections import Attachment, Entry, new_uid
from models.unit import Unit
from models.values import PartialDate, reveal

_DATES = frozenset({"start", "end"})


class Dispute(EmbeddedDocument):
    """What the applicant says against an entry, or that one is missing."""

    reason = StringField(required=True, max_length=1000)
    #: field key -> what it should be, stored like `MaterialEntry.values`
    proposed = DictField()
    evidence = EmbeddedDocumentField(Attachment)
    at = DateTimeField(required=True)

    meta = {"allow_inheritance": False}


class Decision(EmbeddedDocument):
    """How HR settled a dispute."""

    outcome = StringField(choices=[s.value for s in Settlement], required=True)
    words = StringField(max_length=1000)
    by = ObjectIdField()
    by_name = StringField()
    at = DateTimeField(required=True)

    meta = {"allow_inheritance": False}


class Deed(EmbeddedDocument):
    """One deed in an entry's history, with what it was before, so that it can be undone."""

    what = StringField(choices=[s.value for s in MaterialStep], required=True)
    at = DateTimeField(required=True)
    by = ObjectIdField()
    by_name = StringField()
    batch = ObjectIdField()
    words = StringField(max_length=1000)
    #: {values, title, identity, state, is_live, batch, place} as stored, of deeds that change them
    before = DictField()

    meta = {"allow_inheritance": False}


class MaterialEntry(Document):
    """One agreed achievement of one person in one round; with section "" the person's speciality (G08)."""

    round = ReferenceField(ReviewRound, required=True)
    person = ReferenceField(Person, required=True)
    unit = ReferenceField(Unit, required=True)
    # denormalised for lists
    name = StringField(required=True)
    staff_number = StringField(required=True)
    department = StringField(required=True)
    search = ListField(StringField())
    title = StringField(default="")
    section = StringField(default="")
    kind = StringField(default="")
    #: field key -> stored value, sealed like `Entry.values`; dates as ISO text
    values = DictField()
    uid = StringField(required=True, default=new_uid)  # of the entry placed in the application
    #: a keyed hash of kind, title and first date: the same achievement can't be in the table twice
    identity = StringField(required=True)
    state = StringField(choices=[s.value for s in MaterialState], default=MaterialState.WAITING.value)
    is_live = BooleanField(default=True)  # False once withdrawn
    is_missing = BooleanField(default=False)  # the applicant says it is missing; not part of the table yet
    differs = BooleanField(default=False)  # changed after the application was submitted
    application = ObjectIdField()  # where it is placed
    dispute = EmbeddedDocumentField(Dispute)
    decision = EmbeddedDocumentField(Decision)
    batch = ObjectIdField()  # of the import that brought it; none for one added by hand
    place = StringField(default="", max_length=200)  # in that file, in words
    history = EmbeddedDocumentListField(Deed)
    version = IntField(default=1)
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {
        "collection": "material_entries",
        "auto_create_index": False,
        "indexes": [
            {
                "fields": ["round", "person", "identity"],
                "unique": True,
                "partialFilterExpression": {"is_live": True},
                "name": "one_achievement_once",
            },
            ("unit", "state", "_id"),
            ("unit", "staff_number", "_id"),
            ("unit", "updated_at", "_id"),
            ("person", "round"),
            "history.batch",
            "search",
        ],
    }

    def as_entry(self) -> Entry:
        """The entry as a form's list would hold it."""
        return entry_from(self.section, self.kind, self.values, self.uid)

    def __str__(self) -> str:
        return f"{self.name} {self.title}"


class MaterialScan(Document):
    """A stamped material table that HR scanned (G28), matched to a person or waiting to be."""

    round = ReferenceField(ReviewRound, required=True)
    unit = ReferenceField(Unit, required=True)
    person = ReferenceField(Person)
    name = StringField(default="")
    staff_number = StringField(default="")
    file = EmbeddedDocumentField(Attachment, required=True)
    state = StringField(choices=[s.value for s in ScanState], default=ScanState.UNMATCHED.value)
    #: people whose number or name is in the file name, when there are several
    candidates = ListField(ObjectIdField())
    application = ObjectIdField()
    at = DateTimeField(required=True)
    by = ObjectIdField()
    by_name = StringField()
    version = IntField(default=1)

    meta = {
        "collection": "material_scans",
        "auto_create_index": False,
        "indexes": [("unit", "round", "state", "_id"), ("round", "person", "state"), ("unit", "file.sha256")],
    }

    def __str__(self) -> str:
        return str(self.file.name)


def entry_from(section: str, kind: str, values: dict[str, Any], uid: str = "") -> Entry:
    """An entry of a form's list with `values` as the material table stores them."""
    entry = Entry(section=section, kind=kind or None)
    if uid:
        entry.uid = uid
    for key, stored in values.items():
        if key in Entry.TYPED:
            value = reveal(stored)
            entry.put(key, PartialDate.parse(value) if key in _DATES and isinstance(value, str) else value)
        else:
            entry.values[key] = stored
    return entry
