"""Work units with their departments."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    ListField,
    StringField,
)

from models.values import search_keys


class Department(EmbeddedDocument):
    """A department or office of a unit (二级学院, 教务处)."""

    code = StringField(required=True, max_length=40)
    name = StringField(required=True, max_length=100)
    is_office = BooleanField(default=False)  # gives endorsements, employs no applicants by itself


class Unit(Document):
    """A work unit (G04): bound to people by HR, found by name, pinyin or credit code."""

    code = StringField(required=True, unique=True, max_length=40)
    name = StringField(required=True, max_length=100)
    credit_code = StringField(max_length=18)
    departments = EmbeddedDocumentListField(Department)
    search = ListField(StringField())

    meta = {"collection": "units", "auto_create_index": False, "indexes": ["search"]}

    def clean(self) -> None:
        """Keep the search keys in step with the name."""
        self.search = search_keys(self.name, self.credit_code or "")

    def department_name(self, code: str) -> str:
        """The name of department `code`, or the code itself if it is gone."""
        return next((d.name for d in self.departments if d.code == code), code)

    def __str__(self) -> str:
        return str(self.name)
