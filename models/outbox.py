"""Notices to people: rows written inside the transaction of the step they tell of."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, Document, ReferenceField, StringField

from models.person import Person


class OutboxRow(Document):
    """A notice to a person, shown in the panel; mail is sent from the same rows."""

    person = ReferenceField(Person, required=True)
    message = StringField(required=True)  # gettext id
    params = DictField()
    link = StringField()  # path
    at = DateTimeField(required=True)
    read_at = DateTimeField()
    sent_at = DateTimeField()

    meta = {
        "collection": "outbox",
        "auto_create_index": False,
        "indexes": [("person", "-at"), ("sent_at", "at")],
    }
