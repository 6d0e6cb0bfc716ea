"""Committees, their meetings, experts' opinions."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateField,
    DateTimeField,
    DictField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from models.application import Application
from models.choices import MeetingState
from models.review_round import ReviewRound
from models.sections import new_uid
from models.user import User


class Member(EmbeddedDocument):
    """An expert of a committee (R03)."""

    user = ReferenceField(User, required=True)
    name = StringField(required=True)
    title = StringField()
    is_chair = BooleanField(default=False)
    is_vice_chair = BooleanField(default=False)
    term_until = DateField()


class Committee(Document):
    """A review committee (评委会); R01, R02."""

    code = StringField(required=True, unique=True, max_length=40)
    name = StringField(required=True, max_length=100)
    series = StringField(required=True)
    valid_until = DateField(required=True)
    members = EmbeddedDocumentListField(Member)
    consent_number = StringField(max_length=60)  # of the province, for a smaller committee (R02)

    meta = {"collection": "committees", "auto_create_index": False}

    def member(self, user_id: object) -> Member | None:
        """The member whose account is `user_id`, or None."""
        return next((m for m in self.members if m.user.id == user_id), None)

    def __str__(self) -> str:
        return str(self.name)


class BallotSheet(EmbeddedDocument):
    """A ballot sheet: the applications of one group and level."""

    uid = StringField(required=True, default=new_uid)
    level = StringField(required=True)
    group = StringField(default="")  # the speciality, Option.value
    applications = ListField(ObjectIdField())


class Attendance(EmbeddedDocument):
    """An expert who signed in to the meeting."""

    user = ObjectIdField(required=True)
    name = StringField()
    at = DateTimeField(required=True)


class Meeting(Document):
    """A review meeting (R10–R15)."""

    committee = ReferenceField(Committee, required=True)
    round = ReferenceField(ReviewRound, required=True)
    title = StringField(required=True, max_length=100)
    place = StringField(max_length=100)
    held_on = DateField(required=True)
    state = StringField(choices=[s.value for s in MeetingState], default=MeetingState.PLANNED.value)
    sheets = EmbeddedDocumentListField(BallotSheet)
    members = IntField()  # of the committee when opened
    attendance = EmbeddedDocumentListField(Attendance)
    opened_at = DateTimeField()
    opened_by = ObjectIdField()
    closed_at = DateTimeField()
    closed_by = ObjectIdField()
    tally = DictField()  # application id -> figures
    tally_sha256 = StringField()
    revision = IntField(default=0)

    meta = {
        "collection": "meetings",
        "auto_create_index": False,
        "indexes": [("committee", "state", "held_on")],
    }

    def __str__(self) -> str:
        return str(self.title)


class Opinion(Document):
    """An expert's written opinion on an application (R13); one per expert and application."""

    application = ReferenceField(Application, required=True)
    expert = ReferenceField(User, required=True, unique_with="application")
    text = StringField(required=True, max_length=4000)
    recommends = BooleanField()
    is_final = BooleanField(default=False)
    version = IntField(default=1)
    at = DateTimeField(required=True)

    meta = {"collection": "opinions", "auto_create_index": False}
