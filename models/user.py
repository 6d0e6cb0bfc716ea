"""Accounts. An account belongs to a person and may hold several roles."""

from __future__ import annotations

from datetime import datetime

from mongoengine import (
    BooleanField,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ReferenceField,
    StringField,
)

from models.choices import Role
from models.person import Person
from models.unit import Unit


class Grant(EmbeddedDocument):
    """One role of an account and where it counts."""

    role = StringField(required=True, choices=[r.value for r in Role])
    unit = ReferenceField(Unit)  # unit_hr, endorser, supervisor
    department = StringField(max_length=40)  # endorser of a department
    office = StringField(max_length=40)  # endorser: EndorsementSpec.key
    committee = StringField(
        max_length=40
    )  # office, expert, chair, teller: Committee.code; empty = all (office)


class User(Document):
    """An account that can sign in."""

    username = StringField(required=True, unique=True, max_length=60)
    name = StringField(required=True, max_length=60)
    password_hash = StringField()
    person = ReferenceField(Person)
    grants = EmbeddedDocumentListField(Grant)
    must_change_password = BooleanField(default=False)
    is_enabled = BooleanField(default=True)
    failed_attempts = IntField(default=0)
    locked_until = DateTimeField()
    session_epoch = IntField(default=0)  # raised to end all sessions
    language = StringField(max_length=10)
    wants_mail = BooleanField(default=True)  # of notices; the inbox has them in any case
    calendar_hash = StringField()  # SHA-256 of the secret in the calendar's address
    calendar_at = DateTimeField()  # when that address was made
    last_sign_in = DateTimeField()
    created_at = DateTimeField()

    meta = {
        "collection": "users",
        "auto_create_index": False,
        "indexes": [
            {
                "fields": ["person"],
                "unique": True,
                "partialFilterExpression": {"person": {"$type": "objectId"}},
            },
            ("grants.role", "grants.committee"),
            {
                "fields": ["calendar_hash"],
                "unique": True,
                "partialFilterExpression": {"calendar_hash": {"$exists": True}},
            },
        ],
    }

    @property
    def roles(self) -> list[Role]:
        """The roles held, in the order of Role, each once."""
        held = {grant.role for grant in self.grants}
        return [role for role in Role if role.value in held]

    def is_locked(self, now: datetime) -> bool:
        """Whether too many failed sign-ins lock the account at `now` (R24)."""
        return self.locked_until is not None and now < self.locked_until

    def __str__(self) -> str:
        return str(self.name)
