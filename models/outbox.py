"""Notices to people: rows written inside the transaction of the step they tell of."""

from __future__ import annotations

from datetime import date
from typing import Any

from mongoengine import (
    DateTimeField,
    DictField,
    Document,
    IntField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from models.choices import Choice
from models.field_spec import Text
from models.messages import M, Message
from models.person import Person

#: The message of a notice that somebody typed: its words are a parameter.
TYPED = "%(text)s"


class MailState(Choice):
    """How far the mail of a notice is; the notice itself is in the inbox in any case."""

    WAITING = "waiting", M("待发送")
    SENT = "sent", M("已发送")
    FAILED = "failed", M("发送失败")
    EXPIRED = "expired", M("过期未发")
    NO_ADDRESS = "no_address", M("没有邮箱")
    DECLINED = "declined", M("本人不收邮件")


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
    unit = ObjectIdField()  # whose HR looks after its mail; none: nobody but the worker
    reminder = ObjectIdField()  # the reminder that it belongs to
    message = StringField(required=True)  # gettext id
    params = DictField()
    link = StringField()  # path
    at = DateTimeField(required=True)
    read_at = DateTimeField()
    mail = StringField(choices=[s.value for s in MailState], default=MailState.WAITING.value)
    queued_at = DateTimeField()  # since when its mail is to go out: it doesn't go days later
    tries = IntField(default=0)
    try_at = DateTimeField()  # not before; moved on while a try runs
    error = StringField(max_length=300)  # of the last try
    message_id = StringField()  # of the mail, the same at every try
    sent_at = DateTimeField()

    def clean(self) -> None:
        """A new notice's mail may go at once."""
        self.queued_at = self.queued_at or self.at
        self.try_at = self.try_at or self.at

    @property
    def text(self) -> Message:
        """The notice, ready to be put into the reader's language."""
        return Message(self.message, {key: unpacked(part) for key, part in self.params.items()})

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"  # in no language, and without asking for the person

    meta = {
        "collection": "outbox",
        "auto_create_index": False,
        "indexes": [
            ("person", "-at"),
            ("mail", "try_at"),
            ("mail", "queued_at"),
            ("unit", "mail", "-at", "-_id"),
            ("unit", "-at", "-_id"),
            {"fields": ["reminder", "_id"], "partialFilterExpression": {"reminder": {"$exists": True}}},
        ],
    }
