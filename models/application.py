"""The application: one person's case in one round, one nested document."""

from __future__ import annotations

from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    MapField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from models.choices import Kind, State
from models.person import Person
from models.review_round import ReviewRound, RoundVersion
from models.round_spec import RoundSpec
from models.sections import (
    Attachment,
    Endorsement,
    Entry,
    Outcome,
    Photo,
    Pledge,
    Receipt,
    Recusal,
    Return,
    SectionRecord,
    Step,
)
from models.unit import Unit

#: Every order of the list of applications, which ends in `_id`.
LIST_ORDERS = ("updated_at", "submitted_at", "name", "department_name")
#: What the list filters by, and what decides who sees a row: looked at in the index, so that only the
#: rows shown are fetched.
_FILTERED = ("round", "department", "level", "kind", "committee", "submitted_at")
#: For each order one index by unit and one by state, and one for the search.
LIST_INDEXES: tuple[dict[str, Any], ...] = (
    *(
        {
            "name": f"list_{order}",
            "fields": ["unit", order, "_id", "state", *(name for name in _FILTERED if name != order)],
        }
        for order in LIST_ORDERS
    ),
    *(
        {
            "name": f"state_{order}",
            "fields": [
                "state",
                order,
                "_id",
                "unit",
                *(name for name in _FILTERED if name != order),
                "held_from",
                "lapsed_from",
            ],
        }
        for order in LIST_ORDERS
    ),
    {"name": "list_search", "fields": ["search", "unit", "state", "_id"]},
)


class Application(Document):
    """One nested document. Written by `panel.domain.content` and `panel.domain.steps.workflow` alone."""

    # whose and where
    round = ReferenceField(ReviewRound, required=True)
    round_version = IntField(required=True)
    year = IntField(required=True)
    series = StringField(required=True)
    person = ReferenceField(Person, required=True)
    unit = ReferenceField(Unit, required=True)
    recommending_unit = ReferenceField(Unit, required=True)
    department = StringField(required=True)
    # denormalised for lists
    name = StringField(required=True)
    staff_number = StringField(required=True)
    department_name = StringField(default="")
    search = ListField(StringField())
    # what is applied for (G07)
    kind = StringField(choices=[k.value for k in Kind], required=True)
    exceptional = BooleanField(default=False)
    committee = StringField(required=True)
    level = StringField(required=True)
    speciality = StringField(default="")
    edition = StringField(required=True)
    # content
    sections = MapField(EmbeddedDocumentField(SectionRecord))
    education = EmbeddedDocumentListField(Entry)
    training = EmbeddedDocumentListField(Entry)
    work_history = EmbeddedDocumentListField(Entry)
    achievements = EmbeddedDocumentListField(Entry)
    assessments = EmbeddedDocumentListField(Entry)
    attachments = EmbeddedDocumentListField(Attachment)
    photo = EmbeddedDocumentField(Photo)
    missing_reports = IntField(default=0)  # open disputes that the material table lacks something (G24)
    # the case
    number = StringField()
    state = StringField(choices=[s.value for s in State], default=State.DRAFT.value)
    held_from = StringField()  # the publicity state an objection interrupts
    lapsed_from = StringField()
    is_live = BooleanField(default=True)  # one per person and year, by unique index
    revision = IntField(default=0)
    content_revision = IntField(default=0)
    pledges = EmbeddedDocumentListField(Pledge)
    preview = DictField()  # {content_revision, at, sha256}
    receipt = EmbeddedDocumentField(Receipt)
    hr_begun_at = DateTimeField()  # first look by HR closes recall
    returns = EmbeddedDocumentListField(Return)
    deadline = DateTimeField()  # of the running return; what lapse looks at
    endorsements = EmbeddedDocumentListField(Endorsement)
    unit_opinion = StringField(max_length=2000)
    publicity_ends = DateTimeField()  # last instant of the running publicity
    publicity = ObjectIdField()
    experts = ListField(ObjectIdField())  # users who write opinions
    recusals = EmbeddedDocumentListField(Recusal)
    meeting = ObjectIdField()
    outcome = EmbeddedDocumentField(Outcome)
    approval = DictField()  # {document_number, approved_on, filing}
    certificate = ObjectIdField()
    official = DictField()  # what the provincial system says: models.official
    history = EmbeddedDocumentListField(Step)
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)
    submitted_at = DateTimeField()

    meta = {
        "collection": "applications",
        "auto_create_index": False,
        "indexes": [
            {
                "fields": ["person", "year"],
                "unique": True,
                "partialFilterExpression": {"is_live": True},
                "name": "one_live_per_person_and_year",
            },
            {
                "fields": ["number"],
                "unique": True,
                "partialFilterExpression": {"number": {"$type": "string"}},
            },
            "person",
            ("unit", "state", "_id"),
            {"name": "by_round", "fields": ["round", "unit", "state", "department", "level", "_id"]},
            ("committee", "state", "_id"),
            ("state", "deadline"),
            ("state", "publicity_ends"),
            *LIST_INDEXES,
        ],
    }

    #: the rules of an older version with its number: forms and checks ask for them hundreds of times
    _version_spec: tuple[int, RoundSpec] | None = None

    def save(self, *args: Any, **kwargs: Any) -> Application:
        """Only `insert` may save: two saves of old copies silently lose one."""
        if not kwargs.pop("inserting", False):
            raise RuntimeError("an application is written by conditional updates, never by save()")
        return super().save(*args, force_insert=True, **kwargs)

    def insert(self) -> Application:
        """Store a new application; raises NotUniqueError when the person has a live one this year."""
        return self.save(inserting=True)

    @property
    def spec(self) -> RoundSpec:
        """The rules this application is judged by: the round's, or the version it was submitted under."""
        if self.round.version == self.round_version or self.state == State.DRAFT:
            return self.round.spec
        if self._version_spec is None or self._version_spec[0] != self.round_version:
            stored = RoundVersion.objects.exclude("data").get(round=self.round, version=self.round_version)
            self._version_spec = (self.round_version, stored.spec)
        return self._version_spec[1]

    def record(self, section: str) -> SectionRecord:
        """The record of `section`; an empty one when nothing was entered yet."""
        return self.sections.get(section) or SectionRecord()

    def entries(self, section: str) -> list[Entry]:
        """The entries of list section `section`, in their stored order."""
        store = self.spec.section(section).store
        if not store:
            return list(self.record(section).entries)
        return [entry for entry in getattr(self, store) if entry.section == section]

    def files(self, slot: str) -> list[Attachment]:
        """The attachments of `slot`, in their stored order."""
        return [a for a in self.attachments if a.slot == slot]

    def __str__(self) -> str:
        return f"{self.number or self.name}"


class Submission(Document):
    """The content as it was submitted, frozen for good; `sha256` is on the receipt."""

    application = ReferenceField(Application, required=True)
    content_revision = IntField(required=True, unique_with="application")
    content = DictField(required=True)
    sha256 = StringField(required=True)
    form_sha256 = StringField()  # the PDF that the applicant previewed
    at = DateTimeField(required=True)
    by = ObjectIdField()

    meta = {"collection": "submissions", "auto_create_index": False}
