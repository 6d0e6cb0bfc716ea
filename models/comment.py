"""What colleagues write to each other about a case; its applicant and the experts never see it."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, ObjectIdField, ReferenceField, StringField

from models.application import Application

LONGEST_COMMENT = 1000


class Comment(Document):
    """One remark, as it was written."""

    application = ReferenceField(Application, required=True)
    by = ObjectIdField(required=True)
    by_name = StringField(required=True)
    text = StringField(required=True, max_length=LONGEST_COMMENT)
    at = DateTimeField(required=True)

    meta = {
        "collection": "comments",
        "auto_create_index": False,
        "indexes": [("application", "at", "_id")],
    }
