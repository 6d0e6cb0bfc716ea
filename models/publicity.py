"""Publicity lists and objections (R08, R18)."""

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
    ObjectIdField,
    ReferenceField,
    StringField,
)

from models.application import Application
from models.choices import ObjectionState, PublicityKind
from models.review_round import ReviewRound
from models.sections import new_uid
from models.unit import Unit
from models.user import User
from models.values import EncryptedTextField


class PublicityRow(EmbeddedDocument):
    """What is shown of one application: public columns only, as they were when posted (R23)."""

    application = ObjectIdField(required=True)
    name = StringField(required=True)
    department = StringField()
    level = StringField()  # LevelSpec.key
    title = StringField()  # the title applied for
    speciality = StringField()  # Option.value
    present_title = StringField()
    exceptional = BooleanField(default=False)  # 破格
    columns = DictField()  # section key -> list of lines, the achievements as printed


class Publicity(Document):
    """A dated list: inside the unit before the review, public for the results."""

    uid = StringField(required=True, unique=True, default=new_uid)
    kind = StringField(choices=[k.value for k in PublicityKind], required=True)
    title = StringField(required=True, max_length=200)
    round = ReferenceField(ReviewRound, required=True)
    unit = ReferenceField(Unit, required=True)
    posted_on = DateField(required=True)
    days = IntField(required=True, min_value=1)  # full working days
    starts = DateField(required=True)
    ends = DateField(required=True)
    ends_at = DateTimeField(required=True)  # its last instant
    is_provisional = BooleanField(default=False)
    telephone = StringField(required=True)
    receiving_office = StringField(required=True)
    email = StringField()
    rows = EmbeddedDocumentListField(PublicityRow)
    by = ReferenceField(User)
    at = DateTimeField(required=True)

    meta = {
        "collection": "publicities",
        "auto_create_index": False,
        "indexes": [("kind", "-posted_on"), ("unit", "kind")],
    }


#: Not settled yet: these hold the case.
OPEN_OBJECTIONS = (ObjectionState.OPEN.value, ObjectionState.FINDINGS.value)


class Objection(Document):
    """A remark received during publicity; open until a second person settles it."""

    application = ReferenceField(Application, required=True)
    publicity = ReferenceField(Publicity)
    from_name = StringField(required=True, max_length=60)
    contact = EncryptedTextField(max_length=100)
    text = StringField(required=True, max_length=4000)
    state = StringField(choices=[s.value for s in ObjectionState], default=ObjectionState.OPEN.value)
    registered_by = ReferenceField(User, required=True)
    registered_at = DateTimeField(required=True)
    findings = StringField(max_length=4000)
    findings_by = ReferenceField(User)
    findings_at = DateTimeField()
    decision = StringField(max_length=2000)
    decided_by = ReferenceField(User)
    decided_at = DateTimeField()

    meta = {"collection": "objections", "auto_create_index": False, "indexes": [("application", "state")]}
