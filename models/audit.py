"""Audit events: who did what to what, when. Written in the transaction of the deed, never changed."""

from __future__ import annotations

from mongoengine import DateTimeField, DictField, Document, ObjectIdField, StringField


class AuditEvent(Document):
    """One deed."""

    at = DateTimeField(required=True)
    actor = ObjectIdField()
    actor_name = StringField()
    role = StringField()
    action = StringField(required=True)
    thing = StringField(required=True)  # collection
    thing_id = StringField()
    unit = ObjectIdField()
    reason = StringField()
    detail = DictField()

    meta = {
        "collection": "audit_events",
        "auto_create_index": False,
        "indexes": [("thing", "thing_id", "at"), ("unit", "-at"), "-at"],
    }
