"""Certificates (G32): numbered, verifiable, revocable."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateField,
    DateTimeField,
    Document,
    IntField,
    ReferenceField,
    StringField,
)

from models.application import Application
from models.user import User
from models.values import EncryptedTextField


class Counter(Document):
    """The last serial given out under a key; raised in the transaction that uses it."""

    key = StringField(primary_key=True)
    value = IntField(default=0)

    meta = {"collection": "counters", "auto_create_index": False}


class Certificate(Document):
    """What was certified, as it was on the day of issue."""

    number = StringField(required=True, unique=True)
    code = StringField(required=True, unique=True)  # unguessable, in the QR code
    application = ReferenceField(Application, required=True, unique=True)
    name = StringField(required=True)
    gender = StringField()
    birth_date = DateField()
    id_number = EncryptedTextField()
    photo_sha256 = StringField(required=True)
    series = StringField(required=True)
    speciality = StringField(required=True)
    title = StringField(required=True)
    level = StringField(required=True)
    committee = StringField(required=True)
    organisation = StringField(required=True)
    document_number = StringField(required=True)
    approved_on = DateField(required=True)
    issued_on = DateField(required=True)
    issued_at = DateTimeField(required=True)
    issued_by = ReferenceField(User)
    pdf_sha256 = StringField()
    is_revoked = BooleanField(default=False)
    revoked_at = DateTimeField()

    meta = {"collection": "certificates", "auto_create_index": False}
