"""Settings kept in the database: the demo clock's offset, the version of the last migration."""

from __future__ import annotations

from mongoengine import Document, DynamicField, StringField


class Setting(Document):
    """One named value."""

    key = StringField(primary_key=True)
    value = DynamicField()

    meta = {"collection": "settings", "auto_create_index": False}
