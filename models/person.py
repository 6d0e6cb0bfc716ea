"""The roster (人员名册): HR's list of staff (R05, R20)."""

from __future__ import annotations

from datetime import date

from mongoengine import (
    BooleanField,
    DateField,
    DateTimeField,
    Document,
    EmailField,
    IntField,
    ListField,
    ReferenceField,
    StringField,
)

from models.choices import Gender, Sanction
from models.unit import Unit
from models.values import EncryptedTextField, PartialDateField, lookup_hash, mask, search_keys


class Person(Document):
    """One member of staff; an account and applications belong to a person."""

    staff_number = StringField(required=True, unique=True, max_length=30)
    name = StringField(required=True, max_length=60)
    search = ListField(StringField())
    id_number = EncryptedTextField(max_length=30)
    id_hash = StringField()
    gender = StringField(choices=[g.value for g in Gender])
    birth_date = DateField()
    phone = EncryptedTextField(max_length=30)
    email = EmailField()
    unit = ReferenceField(Unit, required=True)
    recommending_unit = ReferenceField(Unit)  # G05; empty = the work unit
    department = StringField(required=True, max_length=40)  # Department.code
    series = StringField(max_length=40)  # series of the post held: teacher, lab
    title = StringField(max_length=60)  # present title, 讲师
    title_level = StringField(max_length=20)  # its level key
    title_series = StringField(max_length=40)
    title_approved_on = PartialDateField()  # 批准日期
    work_start = PartialDateField()
    joined_on = PartialDateField()
    speciality = StringField(max_length=60)  # key of the round's, from HR's material table (G08)
    in_service = BooleanField(default=True)
    retired = BooleanField(default=False)
    sanction = StringField(choices=[s.value for s in Sanction], default=Sanction.NONE.value)
    sanction_until = DateField()
    barred_until = DateField()
    barred_reason = StringField(max_length=300)
    version = IntField(default=1)
    updated_at = DateTimeField()

    meta = {
        "collection": "people",
        "auto_create_index": False,
        "indexes": [
            "search",
            {
                "fields": ["id_hash"],
                "unique": True,
                "partialFilterExpression": {"id_hash": {"$type": "string"}},
            },
            ("unit", "department", "staff_number"),
        ],
    }

    def clean(self) -> None:
        """Keep search keys and the ID's look-up hash in step."""
        self.search = search_keys(self.name, self.staff_number)
        self.id_hash = lookup_hash(self.id_number) if self.id_number else None

    @property
    def masked_id(self) -> str:
        """The ID number with its middle hidden."""
        return mask(self.id_number) if self.id_number else ""

    @property
    def masked_phone(self) -> str:
        """The phone with its middle hidden."""
        return mask(self.phone) if self.phone else ""

    def is_sanctioned(self, today: date) -> bool:
        """Whether a sanction of 记过 or worse lasts on `today` (R05)."""
        if self.sanction not in (Sanction.DEMERIT, Sanction.DEMOTION):
            return False
        return self.sanction_until is None or today <= self.sanction_until

    def is_barred(self, today: date) -> bool:
        """Whether the person is barred for false material on `today` (R20, R21)."""
        return self.barred_until is not None and today <= self.barred_until

    def __str__(self) -> str:
        return f"{self.name} {self.staff_number}"
