"""The form as a round's data: entries, sections, slots and requirement rows, made of models.field_spec.

Nothing here names a field of the guide (DESIGN section 3).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from models.checks import ARGUMENT_TYPES, TAKES, Check
from models.choices import Severity
from models.field_spec import (
    NO_TEXT,
    Condition,
    FieldSpec,
    FieldType,
    LocalText,
    Spec,
)

#: The reserved section of the choice made at the start (申报信息, G07), for rows and findings.
CHOICE_SECTION = "choice"
#: What no section may be called: an application's pages have these addresses beside its sections.
RESERVED_SECTIONS = frozenset(
    {
        CHOICE_SECTION,
        "photo",
        "check",
        "preview",
        "submit",
        "receipt",
        "recall",
        "withdraw",
        "confirm",
        "material",
        "library",
    }
)
#: What a row or finding of that section points at.
CHOICE_FIELDS = ("person", "kind", "exceptional", "committee", "level", "speciality")
#: The reserved field a finding about the photo points at (G11).
PHOTO_FIELD = "photo"
#: Stands for the kind of an entry where rows name a field of entries.
KIND_FIELD = "kind"


class EntryKind(Spec):
    """A kind of entry of one list: a project, an award, a paper; with the columns it prints as."""

    key: str
    label: LocalText
    #: official column key -> template of field keys: "{category}{name}"; see rounds.printed_columns
    columns: dict[str, LocalText] = {}
    title: LocalText = NO_TEXT  # template that names an entry in lists and findings


class ColumnSpec(Spec):
    key: str
    label: LocalText
    width: int = Field(default=10, ge=1, le=100)  # relative
    template: LocalText = NO_TEXT  # for entries whose kind has none; "" = the field of the same key


#: The longest list that a form takes.
MOST_ROWS = 200


class SectionShape(StrEnum):
    RECORD = "record"
    LIST = "list"
    ATTACHMENTS = "attachments"


#: An application's own lists of entries; a table of HR's is inside its section.
EntryList = Literal["education", "training", "work_history", "achievements", "assessments"]
ENTRY_LISTS: tuple[str, ...] = get_args(EntryList)
#: All its lists whose items have a uid and are judged one by one.
ITEM_LISTS = (*ENTRY_LISTS, "attachments")


class SectionSpec(Spec):
    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: LocalText
    shape: SectionShape
    #: the document's list for a LIST; empty means the section's own table
    store: Literal["", EntryList] = ""
    intro: LocalText = NO_TEXT
    fields: list[FieldSpec] = []
    kinds: list[EntryKind] = []  # of a LIST whose entries differ by kind
    columns: list[ColumnSpec] = []  # official columns of the printed table
    entry_title: LocalText = NO_TEXT  # template that names an entry whose kind has no title of its own
    order_by: str = ""  # field, newest first by default; "" keeps the person's order
    none_label: LocalText = NO_TEXT  # G21: the 确无相应业绩 tick of a LIST; "" = no tick
    none_columns: list[str] = []  # the columns in which the tick prints 无
    min_rows: int = Field(default=0, ge=0, le=MOST_ROWS)  # of a LIST, unless the tick says there is nothing
    max_rows: int = Field(default=MOST_ROWS, ge=1, le=MOST_ROWS)
    sums: list[str] = []  # number fields whose sum stands under the table
    printed: bool = True  # on the official form
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

    @property
    def heads(self) -> list[ColumnSpec]:
        """The columns of the table: the official ones, else one for each field that anybody may see."""
        if self.columns:
            return self.columns
        heads = {f.key: f for f in reversed(self.fields) if f.visible and not f.encrypted}
        own = [heads[key] for key in dict.fromkeys(field.key for field in self.fields) if key in heads]
        return [ColumnSpec(key=field.key, label=field.label, width=field.width) for field in own]

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
        _refuse(self, "number", set(self.sums) - {f.key for f in self.fields if f.type is FieldType.NUMBER})
        if self.min_rows > self.max_rows:
            raise ValueError(
                f"section {self.key}: at least {self.min_rows} rows, but at most {self.max_rows}"
            )
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
    by_hr: bool = False  # HR puts the stamped material table here, scanned in bulk (G28)
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
    group: str = ""  # one of a group's rows: it reports nothing by itself
    label: LocalText = NO_TEXT  # what it asks for in a few words, as a group lists it
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
            is_tick = isinstance(value, bool) and name != "none_counts"  # a bool is an int to Python
            if is_tick or not isinstance(value, ARGUMENT_TYPES[name]):
                raise ValueError(f"requirement {self.id}: the argument {name} is of the wrong type")
        return self


class GroupSpec(Spec):
    """So many of a group of requirement rows must be met: 2 of these 5."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    label: LocalText
    minimum: int = Field(default=1, ge=1)
    severity: Severity = Severity.BLOCKING
    when: Condition = Condition()
    covers: list[str] = []  # guide and law rows
    message: LocalText  # may hold {have} {need} {value}: what is not met yet
