"""The parts of the application document, and the one accessor that reads and writes their fields.

An entry has typed fields for what rules and queries need and `values` for whatever else the round
defines; `get` and `put` don't care which it is.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)

from models.choices import MaterialState, Origin, Verdict
from models.values import PartialDate, PartialDateField, reveal, sealed


def new_uid() -> str:
    """A fresh identity for an embedded item."""
    return uuid4().hex


def stored_value(value: Any, encrypted: bool = False) -> Any:
    """How `values` keeps a value: partial dates as ISO text, secrets sealed; None when empty."""
    if value is None or value == "" or value == []:
        return None
    plain = value.iso() if isinstance(value, PartialDate) else value
    if encrypted:
        return sealed(str(plain))
    return sealed(plain, secret=False) if isinstance(plain, str) else plain


class Judgement(EmbeddedDocument):
    """HR's judgement of an entry or an attachment."""

    verdict = StringField(choices=[v.value for v in Verdict], required=True)
    opinion = StringField(max_length=1000)
    by = ObjectIdField()
    by_name = StringField()
    at = DateTimeField()


class _Content(EmbeddedDocument):
    """What records and entries share: values, what couldn't be read, and a version for stale writes."""

    values = DictField()
    #: field key -> text as typed that couldn't be read as the field's type; kept, shown, never judged as
    #: filled; sealed like the field's values: read it with `typed_text`
    unread = DictField()
    version = IntField(default=0)
    changed_at = DateTimeField()

    meta = {"abstract": True}

    #: fields stored as attributes instead of in `values`
    TYPED: tuple[str, ...] = ()

    def get(self, key: str) -> Any:
        """The value of field `key`, decrypted, PartialDate for typed dates; None when empty."""
        if key in self.TYPED:
            return getattr(self, key)
        value = reveal(self.values.get(key))
        return None if value == "" else value

    def put(self, key: str, value: Any, encrypted: bool = False) -> None:
        """Set field `key`; None or "" clears it. `encrypted` seals it at rest."""
        if key in self.TYPED:
            setattr(self, key, None if value in ("", None, []) else value)
        else:
            stored = stored_value(value, encrypted)
            if stored is None:
                self.values.pop(key, None)
            else:
                self.values[key] = stored

    def typed_text(self, key: str) -> str | None:
        """What was typed into field `key` and couldn't be read, in clear; None when it was read."""
        text = reveal(self.unread.get(key))
        return None if text is None else str(text)


class SectionRecord(_Content):
    """A section that is one record, or HR's own table (`entries`)."""

    none = BooleanField(default=False)  # 确无相应业绩 (G21), also for list sections
    entries = EmbeddedDocumentListField("Entry")

    meta = {"allow_inheritance": False}


class Entry(_Content):
    """One row of a list: a degree, a job, a project, a paper."""

    TYPED = ("start", "end", "organisation", "kind", "rank", "clause")

    uid = StringField(required=True, default=new_uid)
    section = StringField(required=True)
    kind = StringField(max_length=40)
    start = PartialDateField()
    end = PartialDateField()
    organisation = StringField(max_length=200)
    rank = IntField()
    clause = StringField(max_length=60)
    evidence = ListField(StringField())  # attachment uids
    origin = StringField(choices=[o.value for o in Origin], default=Origin.APPLICANT.value)
    judgement = EmbeddedDocumentField(Judgement)
    #: fields that HR's material table gives: the applicant confirms or disputes them, never changes them
    given = ListField(StringField())
    #: how far the applicant's answer to the table is; empty for the applicant's own entries (G24)
    agreement = StringField(choices=[s.value for s in MaterialState])
    adopted = BooleanField()  # the applicant had entered it before the table gave it

    meta = {"allow_inheritance": False}


class Attachment(EmbeddedDocument):
    """The record of a file; its bytes are in GridFS under `sha256`."""

    uid = StringField(required=True, default=new_uid)
    slot = StringField(required=True)
    name = StringField(required=True, max_length=255)
    mime = StringField(required=True)
    size = IntField(required=True)
    sha256 = StringField(required=True)
    thumbnail_sha256 = StringField()
    pages = IntField()
    width = IntField()
    height = IntField()
    months = IntField()  # a statement's months covered, as the person states (G25)
    note = StringField(max_length=300)
    replaces = StringField()  # uid of the attachment it takes the place of
    origin = StringField(choices=[o.value for o in Origin])  # hr: put there by HR, who alone replaces it
    judgement = EmbeddedDocumentField(Judgement)
    version = IntField(default=0)
    at = DateTimeField()

    meta = {"allow_inheritance": False}


class Photo(EmbeddedDocument):
    """The portrait, already re-encoded to the round's specification (G11)."""

    sha256 = StringField(required=True)
    width = IntField()
    height = IntField()
    size = IntField()
    at = DateTimeField()

    meta = {"allow_inheritance": False}


class Pledge(EmbeddedDocument):
    """Who ticked which version of the pledge, when (G06)."""

    by = ObjectIdField(required=True)
    at = DateTimeField(required=True)
    text_version = StringField(required=True)
    purpose = StringField(required=True)  # start, submit
    content_revision = IntField()

    meta = {"allow_inheritance": False}


class Receipt(EmbeddedDocument):
    """What the applicant gets on submitting."""

    number = StringField(required=True)
    at = DateTimeField(required=True)
    sha256 = StringField(required=True)  # of the frozen content
    content_revision = IntField(required=True)
    on_behalf = BooleanField(default=False)
    confirmed_at = DateTimeField()  # by the applicant, when HR submitted on behalf

    meta = {"allow_inheritance": False}


class ReturnItem(EmbeddedDocument):
    """One thing to be corrected, pinned to a section, entry, field, slot or the whole (section empty)."""

    uid = StringField(required=True, default=new_uid)
    section = StringField(default="")
    entry = StringField(default="")
    field = StringField(default="")
    text = StringField(required=True, max_length=1000)

    meta = {"allow_inheritance": False}


class Return(EmbeddedDocument):
    """A return with everything to be corrected, at once, and its deadline (R09)."""

    uid = StringField(required=True, default=new_uid)
    items = EmbeddedDocumentListField(ReturnItem)
    deadline = DateTimeField(required=True)  # last instant that still counts
    by = ObjectIdField()
    by_name = StringField()
    at = DateTimeField(required=True)
    from_state = StringField(required=True)
    submission = ObjectIdField()  # what it was looked at
    repeated_reason = StringField(max_length=500)  # of a second correction

    meta = {"allow_inheritance": False}


class Endorsement(EmbeddedDocument):
    """A yes/no with opinion by a department or office."""

    office = StringField(required=True)  # EndorsementSpec.key
    yes = BooleanField(required=True)
    opinion = StringField(max_length=1000)
    rank = IntField()
    by = ObjectIdField()
    by_name = StringField()
    at = DateTimeField(required=True)

    meta = {"allow_inheritance": False}


class Recusal(EmbeddedDocument):
    """An expert who may neither open nor judge the case (R17)."""

    user = ObjectIdField(required=True)
    reason = StringField(required=True, max_length=300)
    by = ObjectIdField()
    at = DateTimeField(required=True)

    meta = {"allow_inheritance": False}


class Step(EmbeddedDocument):
    """One step of the history."""

    action = StringField(required=True)
    from_state = StringField(required=True)
    to_state = StringField(required=True)
    by = ObjectIdField()
    by_name = StringField()
    role = StringField()
    at = DateTimeField(required=True)
    reason = StringField(max_length=2000)
    detail = DictField()

    meta = {"allow_inheritance": False}


class Outcome(EmbeddedDocument):
    """The vote's figures, as the form prints them. No name of a voter."""

    meeting = ObjectIdField(required=True)
    members = IntField(required=True)
    present = IntField(required=True)
    yes = IntField(required=True)
    no = IntField(required=True)
    abstain = IntField(required=True)
    passed = BooleanField(required=True)
    voted_on = DateTimeField(required=True)
    tally_sha256 = StringField()
    panel_opinion = StringField(max_length=2000)

    meta = {"allow_inheritance": False}
