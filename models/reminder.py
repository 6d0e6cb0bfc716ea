"""A reminder that HR sent to a group of people; what each got is a row of the outbox."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    Document,
    IntField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from models.choices import Choice
from models.messages import M
from models.review_round import ReviewRound
from models.unit import Unit


class ReminderGroup(Choice):
    """Whom a reminder is for: how far they are with their application."""

    NOT_STARTED = "not_started", M("还没有开始")
    DRAFT = "draft", M("填报中，还没有提交")
    RETURNED = "returned", M("退回补正，还没有重新提交")


class Reminder(Document):
    """Who reminded whom of what, when. Never changed."""

    unit = ReferenceField(Unit, required=True)
    round = ReferenceField(ReviewRound, required=True)
    group = StringField(choices=[g.value for g in ReminderGroup], required=True)
    department = StringField(max_length=40)  # Department.code; empty: all
    is_chosen = BooleanField(default=False)  # people were chosen one by one
    text = StringField(required=True, max_length=1000)  # as typed, with its places
    people = IntField(required=True)  # how many got it
    by = ObjectIdField(required=True)
    by_name = StringField(required=True)
    at = DateTimeField(required=True)

    meta = {
        "collection": "reminders",
        "auto_create_index": False,
        "indexes": [("unit", "-at", "-_id")],
    }

    def __str__(self) -> str:
        return str(self.group)
