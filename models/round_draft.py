"""Changes to a round that don't apply yet: the draft, and each change to it, with before and after."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    Document,
    IntField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)
from mongoengine.fields import BaseField

from models.review_round import RawDictField, ReviewRound


class _RawField(BaseField):
    """A value kept as it is; see RawDictField."""


class RoundDraft(Document):
    """The working copy of one round. Its rows carry an identity that stays when they move or are renamed."""

    round = ReferenceField(ReviewRound, required=True, unique=True)
    data = RawDictField(required=True)
    base_version = IntField(required=True)  # of the round, that the draft was made from
    revision = IntField(required=True, default=0)  # one more with each change; what conditional writes ask
    published = IntField(required=True, default=0)  # the revision that applies now
    by = ObjectIdField()
    by_name = StringField(default="")
    at = DateTimeField()

    meta = {"collection": "round_drafts", "auto_create_index": False}


class RoundChange(Document):
    """One change to a draft, never altered but for `undone_by`. `revision` is the draft's after it."""

    round = ReferenceField(ReviewRound, required=True)
    revision = IntField(required=True, unique_with="round")
    kind = StringField(choices=["change", "undo", "redo"], default="change")
    undoes = IntField()  # the revision of the change that this one takes back or brings back
    undone_by = IntField()
    items = ListField(_RawField(), required=True)  # of panel.domain.round_edit.tree
    by = ObjectIdField()
    by_name = StringField(default="")
    at = DateTimeField(required=True)

    meta = {"collection": "round_changes", "auto_create_index": False}
