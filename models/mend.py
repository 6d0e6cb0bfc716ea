"""A slip of the pen that HR corrected in a submitted case, and what its applicant said to it."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, IntField, ObjectIdField, StringField

from models.choices import Choice
from models.messages import M


class MendState(Choice):
    """What the applicant says; only an answered one lets the case go on."""

    WAITING = "waiting", M("待本人确认")
    CONFIRMED = "confirmed", M("本人已确认")
    OBJECTED = "objected", M("本人有异议")
    RESTORED = "restored", M("已改回原内容")


#: Not settled yet.
OPEN_MENDS = (MendState.WAITING.value, MendState.OBJECTED.value)


class Mend(Document):
    """One field before and after. The content as submitted stays in its Submission."""

    application = ObjectIdField(required=True)
    person = ObjectIdField(required=True)
    unit = ObjectIdField(required=True)
    section = StringField(required=True)
    entry = StringField(default="")  # uid; empty for a record
    field = StringField(required=True)
    before = StringField(default="")  # as the form shows it; never of a secret field
    after = StringField(default="")
    reason = StringField(required=True, max_length=300)
    state = StringField(choices=[s.value for s in MendState], default=MendState.WAITING.value)
    objection = StringField(max_length=500)
    content_revision = IntField(required=True)  # of the application with it
    by = ObjectIdField(required=True)
    by_name = StringField(required=True)
    at = DateTimeField(required=True)
    answered_at = DateTimeField()

    meta = {
        "collection": "mends",
        "auto_create_index": False,
        "indexes": [("application", "at"), ("person", "state")],
    }
