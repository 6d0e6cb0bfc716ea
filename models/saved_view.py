"""A list as somebody likes to see it: filters, search, order and columns under a name."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, DictField, Document, ObjectIdField, StringField

LONGEST_NAME = 40


class SavedView(Document):
    """One person's view of one list. `query` are the arguments of its address, checked again when opened."""

    user = ObjectIdField(required=True)
    list = StringField(required=True, max_length=40)  # the endpoint of the list
    name = StringField(required=True, max_length=LONGEST_NAME)
    query = DictField()
    is_default = BooleanField(default=False)
    at = DateTimeField(required=True)

    meta = {
        "collection": "saved_views",
        "auto_create_index": False,
        "indexes": [{"fields": ["user", "list", "name"], "unique": True}],
    }

    def __str__(self) -> str:
        return str(self.name)
