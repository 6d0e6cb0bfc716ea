"""A file that was changed on its way in and waits for its owner to look at it: not yet an attachment."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, EmbeddedDocumentField, IntField, ObjectIdField, StringField

from models.choices import Preparation
from models.sections import Attachment, new_uid


class PendingFile(Document):
    """What would be kept, and what was sent; gone a few hours later if nobody decides."""

    uid = StringField(required=True, unique=True, default=new_uid)
    application = ObjectIdField(required=True)
    slot = StringField(required=True)
    replaces = StringField()  # uid of the attachment whose place it would take
    record = EmbeddedDocumentField(Attachment, required=True)
    what = StringField(choices=[p.value for p in Preparation], required=True)
    sent_bytes = IntField(required=True)
    sent_files = IntField(default=1)
    at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)

    meta = {
        "collection": "pending_files",
        "auto_create_index": False,
        "indexes": [
            "uid",
            ("application", "at"),
            # no TTL: the server's clock knows nothing of a moved one
            "expires_at",
        ],
    }
