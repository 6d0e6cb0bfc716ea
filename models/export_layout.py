"""How HR wants a round's table of cases (一览表, 备案表), where that differs from what the round ships."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ReferenceField,
    StringField,
)

from models.review_round import ReviewRound


class ExportLayoutColumn(EmbeddedDocument):
    """A column: its heading, where its cells come from (models.export_spec), its width in Latin letters."""

    label = StringField(required=True, max_length=60)
    source = StringField(required=True, max_length=120)
    width = IntField(default=12)

    meta = {"allow_inheritance": False}


class ExportLayout(Document):
    """One table of one round; absent while it is as shipped. Presentation only: nobody is judged by it."""

    round = ReferenceField(ReviewRound, required=True)
    key = StringField(required=True, max_length=40, unique_with="round")
    columns = EmbeddedDocumentListField(ExportLayoutColumn)
    version = IntField(default=1)
    by_name = StringField()
    at = DateTimeField(required=True)

    meta = {"collection": "export_layouts", "auto_create_index": False}
