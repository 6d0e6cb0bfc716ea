"""What signing in leaves behind: browser sessions and counters of failed attempts."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, IntField, StringField


class WebSession(Document):
    """A browser's session, found by the hash of the identifier in its cookie; gone after idle time."""

    key = StringField(primary_key=True)
    data = StringField(required=True)
    expires_at = DateTimeField(required=True)

    meta = {
        "collection": "web_sessions",
        "auto_create_index": False,
        "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }


class SignInAttempts(Document):
    """Failed sign-ins under one account name or from one address (R24)."""

    key = StringField(primary_key=True)
    count = IntField(default=0)
    locked_until = DateTimeField()
    expires_at = DateTimeField(required=True)

    meta = {
        "collection": "sign_in_attempts",
        "auto_create_index": False,
        "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }
