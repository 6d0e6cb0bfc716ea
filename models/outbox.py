"""Notices to people: rows written inside the transaction of the step they tell of."""

from __future__ import annotations

from datetime import date
from typing import Any

from mongoengine import DateTimeField, DictField, Document, ReferenceField, StringField

from models.form_spec import Text
from models.messages import Message
from models.person import Person


def packed(value: Any) -> Any:
    """A message's parameter as it is stored, so that it can still be put into any language when read."""
    if isinstance(value, Message):
        return {"message": value.id, "params": {key: packed(part) for key, part in value.params.items()}}
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, date):
        return {"day": value.isoformat()[:10]}
    return value if isinstance(value, bool | int | float) or value is None else str(value)


def unpacked(value: Any) -> Any:
    """What `packed` was given."""
    if not isinstance(value, dict):
        return value
    if "message" in value:
        return Message(value["message"], {key: unpacked(part) for key, part in value["params"].items()})
    return date.fromisoformat(value["day"]) if "day" in value else Text(zh=value["zh"], en=value["en"])


class OutboxRow(Document):
    """A notice to a person, shown in the panel; mail is sent from the same rows."""

    person = ReferenceField(Person, required=True)
    message = StringField(required=True)  # gettext id
    params = DictField()
    link = StringField()  # path
    at = DateTimeField(required=True)
    read_at = DateTimeField()
    sent_at = DateTimeField()

    @property
    def text(self) -> Message:
        """The notice, ready to be put into the reader's language."""
        return Message(self.message, {key: unpacked(part) for key, part in self.params.items()})

    meta = {
        "collection": "outbox",
        "auto_create_index": False,
        "indexes": [("person", "-at"), ("sent_at", "at")],
    }
