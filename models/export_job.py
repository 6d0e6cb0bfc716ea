"""A large file made for a person in the background: what was asked for, how far it is, where it lies."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from models.choices import ExportState
from models.user import User


class ExportJob(Document):
    """One file. Its bytes lie in GridFS bucket `exports` under the job's id until `expires_at`."""

    user = ReferenceField(User, required=True)
    kind = StringField(required=True, max_length=20)  # panel.services.case_files.Kind
    key = StringField(default="", max_length=40)  # the table's, of a table
    title = StringField(required=True, max_length=200)
    applications = ListField(ObjectIdField())
    rights = ListField(
        StringField()
    )  # with which it was asked for, as panel.domain.reports.exporting.rights_of
    is_clear = BooleanField(default=False)  # ID numbers whole
    reason = StringField(default="", max_length=200)  # what they are needed for
    state = StringField(choices=[s.value for s in ExportState], default=ExportState.WAITING.value)
    total = IntField(required=True)
    done = IntField(default=0)
    left_out = ListField(DictField())  # {name, why}: why as models.outbox.packed
    problem = DictField()  # of a failed one, as packed; empty: unknown
    name = StringField(default="", max_length=220)
    mime = StringField(default="", max_length=100)
    size = IntField(default=0)
    tries = IntField(default=0)
    at = DateTimeField(required=True)
    beat_at = DateTimeField()  # last sign of life of who makes it
    finished_at = DateTimeField()
    expires_at = DateTimeField()

    meta = {
        "collection": "export_jobs",
        "auto_create_index": False,
        "indexes": [("user", "-at"), ("state", "at"), "expires_at"],
    }
