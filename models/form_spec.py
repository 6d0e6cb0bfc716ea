"""The form as a round's data: texts, conditions, fields, sections, slots and requirement rows.

Nothing here names a field of the guide (DESIGN section 3).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from models.checks import ARGUMENT_TYPES, TAKES, Check
from models.choices import Kind, Severity

#: The reserved section of the choice made at the start (申报信息, G07), for rows and findings.
CHOICE_SECTION = "choice"
#: What no section may be called: an application's pages have these addresses beside its sections.
RESERVED_SECTIONS = frozenset(
    {CHOICE_SECTION, "photo", "check", "preview", "submit", "receipt", "recall", "withdraw", "confirm"}
)
#: What a row or finding of that section points at.
CHOICE_FIELDS = ("person", "kind", "exceptional", "committee", "level", "speciality")
#: The reserved field a finding about the photo points at (G11).
PHOTO_FIELD = "photo"
#: What a field may be filled in from (`FieldSpec.source`), and a row compared with: the roster.
ROSTER_SOURCES = frozenset(
    {
        "name",
        "gender",
        "birth_date",
        "id_number",
        "phone",
        "title",
        "title_approved_on",
        "work_start",
        "joined_on",
        "speciality",
        "unit",
    }
)


class Spec(BaseModel):
    """Data of a round: frozen, and nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Spec):
    """A round's text: Chinese and, optionally, English. YAML may give a plain string for Chinese only."""

    zh: str
    en: str = ""

    def __str__(self) -> str:
        return self.zh

    def __bool__(self) -> bool:
        return bool(self.zh)

    def in_language(self, language: str) -> str:
        """The English if `language` is English and there is one, else the Chinese."""
        return self.en if language.startswith("en") and self.en else self.zh


def _text(value: Any) -> Any:
    return {"zh": value} if isinstance(value, str) else value


LocalText = Annotated[Text, BeforeValidator(_text)]
NO_TEXT = Text(zh="")


class FieldType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"  # full day
    MONTH = "month"  # PartialDate: year and month, a day is welcome
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    CLAUSE = "clause"  # one clause of the application's criteria edition
    PHONE = "phone"
    ID_NUMBER = "id_number"
    UNIT = "unit"  # organisation's name, the own unit offered


class Condition(Spec):
    """When a thing applies; an empty list means always. All given parts must hold."""

    kinds: list[Kind] = []
    levels: list[str] = []
    exceptional: bool | None = None
    entry_kinds: list[str] = []  # for a field of an entry: project, topic, award, book, paper, ...
    #: field of the same record or entry -> the values it may have
    values: dict[str, list[Any]] = {}
    #: a date of the roster -> the day it must lie before: who joined before 2018 (G22)
    roster_before: dict[str, date] = {}


class Option(Spec):
    value: str
    label: LocalText


class FieldSpec(Spec):
    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: LocalText
    type: FieldType = FieldType.TEXT
    help: LocalText = NO_TEXT
    example: LocalText = NO_TEXT
    required: bool = False
    required_when: Condition | None = None
    when: Condition = Condition()  # shown at all
    options: list[Option] = []
    unit: LocalText = NO_TEXT  # of a number: 年, 万元
    decimals: int = Field(default=0, ge=0, le=6)  # of a number; 0 = whole numbers only
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 200
    encrypted: bool = False
    locked: bool = False  # comes from the roster; HR changes it there
    source: str = ""  # roster attribute that fills it in: name, gender, birth_date, ...
    in_list: bool = False  # a column of the section's summary table
    width: Literal[3, 4, 6, 8, 12] = 6  # of 12 columns on a wide screen
    group: LocalText = NO_TEXT  # a heading above the first field of a group
    covers: list[str] = []  # guide and law rows

    @model_validator(mode="after")
    def _is_usable(self) -> FieldSpec:
        if self.type in (FieldType.CHOICE, FieldType.CHOICES) and not self.options:
            raise ValueError(f"field {self.key}: a choice without options")
        if self.source and self.source not in ROSTER_SOURCES:
            raise ValueError(f"field {self.key}: the roster has no {self.source}")
        if self.locked and not self.source:
            raise ValueError(f"field {self.key}: locked, but without a source")
        return self

    def option(self, value: str) -> Option | None:
        """The option stored as `value`, or None."""
        return next((option for option in self.options if option.value == value), None)


class EntryKind(Spec):
    """A kind of entry of one list: a project, an award, a paper; with the columns it prints as."""

    key: str
    label: LocalText
    #: official column key -> template of field keys: "{category}{name}"; see panel.domain.columns
    columns: dict[str, LocalText] = {}
    title: LocalText = NO_TEXT  # template that names an entry in lists and findings


class ColumnSpec(Spec):
    key: str
    label: LocalText
    width: int = 10  # relative
    template: LocalText = NO_TEXT  # for entries whose kind has none; "" = the field of the same key


class SectionShape(StrEnum):
    RECORD = "record"
    LIST = "list"
    ATTACHMENTS = "attachments"


class SectionSpec(Spec):
    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: LocalText
    shape: SectionShape
    #: the document's list for a LIST: education, training, work_history, achievements, assessments;
    #: empty means the section's own table
    store: Literal["", "education", "training", "work_history", "achievements", "assessments"] = ""
    intro: LocalText = NO_TEXT
    fields: list[FieldSpec] = []
    kinds: list[EntryKind] = []  # of a LIST whose entries differ by kind
    columns: list[ColumnSpec] = []  # official columns of the printed table
    entry_title: LocalText = NO_TEXT  # template that names an entry whose kind has no title of its own
    order_by: str = ""  # field, newest first by default; "" keeps the person's order
    none_label: LocalText = NO_TEXT  # G21: the 确无相应业绩 tick of a LIST; "" = no tick
    none_columns: list[str] = []  # the columns in which the tick prints 无
    evidence: bool = False  # entries name the attachments that prove them
    judged: bool = False  # HR judges each entry
    when: Condition = Condition()
    covers: list[str] = []  # guide and law rows

    def field(self, key: str, entry_kind: str = "") -> FieldSpec:
        """The field named `key`, of entries of `entry_kind` if that is given; raises KeyError.

        A key may stand for several fields with labels of their own, each of other entry kinds.
        """
        for spec in self.fields:
            if spec.key == key and (not entry_kind or entry_kind in (spec.when.entry_kinds or [entry_kind])):
                return spec
        raise KeyError(key)

    def kind(self, key: str) -> EntryKind:
        """The kind of entry named `key`; raises KeyError."""
        for kind in self.kinds:
            if kind.key == key:
                return kind
        raise KeyError(key)

    @model_validator(mode="after")
    def _is_usable(self) -> SectionSpec:
        if self.key in RESERVED_SECTIONS:
            raise ValueError(f"section {self.key}: the name is taken by a page of the application")
        _no_field_twice(self)
        keys = {field.key for field in self.fields}
        kinds = {kind.key for kind in self.kinds}
        for field in self.fields:
            for condition in (field.when, field.required_when or field.when):
                _refuse(self, "field", set(condition.values) - keys)
                _refuse(self, "kind", set(condition.entry_kinds) - kinds)
        columns = {column.key for column in self.columns}
        _refuse(self, "column", set(self.none_columns) - columns)
        for kind in self.kinds:
            _refuse(self, "column", set(kind.columns) - columns)
        _refuse(self, "field", {self.order_by} - keys - {""})
        if self.shape is SectionShape.ATTACHMENTS and self.fields:
            raise ValueError(f"section {self.key}: attachments have slots, not fields")
        return self


def _refuse(section: SectionSpec, what: str, unknown: set[str]) -> None:
    if unknown:
        raise ValueError(f"section {section.key}: no {what} {', '.join(sorted(unknown))}")


def _no_field_twice(section: SectionSpec) -> None:
    """Refuse a key that an entry could find twice, or that is stored in two ways."""
    seen: dict[str, list[FieldSpec]] = {}
    for field in section.fields:
        for other in seen.setdefault(field.key, []):
            mine, theirs = set(field.when.entry_kinds), set(other.when.entry_kinds)
            if not mine or not theirs or mine & theirs:
                raise ValueError(f"section {section.key}: the field {field.key} twice")
            if (field.type, field.encrypted) != (other.type, other.encrypted):
                raise ValueError(f"section {section.key}: the field {field.key} is of two types")
        seen[field.key].append(field)


class SlotSpec(Spec):
    """A named place for attachments."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: LocalText
    help: LocalText = NO_TEXT
    when: Condition = Condition()
    required: bool = False
    required_when: Condition | None = None
    max_files: int = 5
    max_bytes: int = 20 * 1024 * 1024
    kinds: list[Literal["jpeg", "png", "pdf"]] = ["jpeg", "png", "pdf"]
    months: dict[str, int] = {}  # level -> months a statement must cover (G25)
    private: bool = False  # its files show ID numbers and the like: only who may see those opens them (R23)
    covers: list[str] = []  # guide and law rows


class RequirementSpec(Spec):
    """A row of what must be there: check, target, for whom, and what is said when it is not."""

    id: str
    covers: list[str] = []  # guide and law rows: G15, R05
    check: Check
    section: str  # a section's key, or CHOICE_SECTION
    field: str = ""
    arguments: dict[str, Any] = {}  # of the check: minimum, values, other field, ...
    when: Condition = Condition()
    severity: Severity = Severity.BLOCKING
    message: LocalText  # may hold {value} {expected} {field} {entry} {need} {have}, as the check gives

    @model_validator(mode="after")
    def _is_usable(self) -> RequirementSpec:
        takes = TAKES[self.check]
        if takes.needs_field and not self.field:
            raise ValueError(f"requirement {self.id}: {self.check.value} needs a field")
        given = set(self.arguments)
        if missing := takes.required - given:
            raise ValueError(f"requirement {self.id}: no argument {', '.join(sorted(missing))}")
        if unknown := given - takes.required - takes.optional:
            raise ValueError(f"requirement {self.id}: unknown argument {', '.join(sorted(unknown))}")
        for name, value in self.arguments.items():
            if not isinstance(value, ARGUMENT_TYPES[name]):
                raise ValueError(f"requirement {self.id}: the argument {name} is of the wrong type")
        return self
