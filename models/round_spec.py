"""What a round is, as data: the validated shape of one YAML file in panel/rounds (DESIGN section 6).

The round's document stores this mapping; every form, check, list and print reads it through these
classes. Nothing here names a field of the guide.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from models.choices import Kind, Severity


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Spec):
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


class Condition(_Spec):
    """When a thing applies; an empty list means always. All given parts must hold."""

    kinds: list[Kind] = []
    levels: list[str] = []
    exceptional: bool | None = None
    entry_kinds: list[str] = []  # for a field of an entry: project, topic, award, book, paper, ...
    #: field of the same record or entry -> the values it may have ("无" tick: {"none": [False]})
    values: dict[str, list[Any]] = {}


class Option(_Spec):
    value: str
    label: LocalText


class FieldSpec(_Spec):
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
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 200
    encrypted: bool = False
    locked: bool = False  # comes from the roster; HR changes it there
    source: str = ""  # roster attribute that fills it in: name, gender, birth_date, ...
    in_list: bool = False  # a column of the section's summary table
    width: Literal[3, 4, 6, 8, 12] = 6  # of 12 columns on a wide screen
    group: LocalText = NO_TEXT  # a heading above the first field of a group


class EntryKind(_Spec):
    """A kind of entry of one list: a project, an award, a paper; with the columns it prints as."""

    key: str
    label: LocalText
    #: official column key -> template of field keys: "{category}{name}"; see panel.domain.columns
    columns: dict[str, str] = {}


class ColumnSpec(_Spec):
    key: str
    label: LocalText
    width: int = 10  # relative


class SectionShape(StrEnum):
    RECORD = "record"
    LIST = "list"
    ATTACHMENTS = "attachments"


class SectionSpec(_Spec):
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
    order_by: str = ""  # field, newest first by default; "" keeps the person's order
    none_label: LocalText = NO_TEXT  # G21: the 确无相应业绩 tick of a LIST; "" = no tick
    none_columns: list[str] = []  # the columns in which the tick prints 无
    evidence: bool = False  # entries name the attachments that prove them
    judged: bool = False  # HR judges each entry
    when: Condition = Condition()

    def field(self, key: str) -> FieldSpec:
        """The field named `key`; raises KeyError."""
        for spec in self.fields:
            if spec.key == key:
                return spec
        raise KeyError(key)


class SlotSpec(_Spec):
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


class RequirementSpec(_Spec):
    """A row of what must be there: check, target, for whom, and what is said when it is not."""

    id: str
    covers: list[str] = []  # guide and law rows: G15, R05
    check: str  # a member of panel.domain.requirements.Check
    section: str
    field: str = ""
    arguments: dict[str, Any] = {}  # of the check: minimum, values, other field, ...
    when: Condition = Condition()
    severity: Severity = Severity.BLOCKING
    message: LocalText


class LevelSpec(_Spec):
    key: str  # senior, associate, middle, junior
    label: LocalText  # 正高
    title: LocalText  # 教授
    digit: int  # in the certificate number
    rank: int  # 1 lowest


class ClauseSpec(_Spec):
    key: str
    text: LocalText
    sections: list[str] = ["performance", "publications"]
    levels: list[str] = []


class EditionSpec(_Spec):
    """An edition of the criteria; the last one whose `when` holds applies (G22)."""

    key: str
    label: LocalText
    when: Condition = Condition()
    clauses: list[ClauseSpec]


class CommitteeSpec(_Spec):
    key: str
    name: LocalText
    departments: list[str] = []  # served; empty = all
    specialities: list[str] = []  # keys; empty = all
    valid_until: date | None = None


class EndorsementSpec(_Spec):
    key: str
    label: LocalText
    ranks: bool = False  # 二级学院 also ranks
    blocks: bool = False  # a no means the case cannot go on (师德)
    own_department: bool = False  # given by the applicant's department; else by the office named
    when: Condition = Condition()


class PhotoSpec(_Spec):
    width: int = 295
    height: int = 413
    min_kb: int = 5
    max_kb: int = 200
    background: Literal["white", "blue", "red", "any"] = "any"


class VotingSpec(_Spec):
    quorum: tuple[int, int] = (2, 3)  # R10
    majority: tuple[int, int] = (2, 3)  # R11
    minimum_opinions: int = 3  # R13
    recused_count_as_present: bool = False


class PublicitySpec(_Spec):
    unit_days: int = 5  # R08
    result_days: int = 5  # R18
    telephone: str = ""
    receiving_office: LocalText = NO_TEXT
    email: str = ""


class NumberSpec(_Spec):
    """Certificate number: prefix + year + series digits + level digit + serial."""

    prefix: str = "P"
    series_digits: str
    serial_digits: int = 5


class DatesSpec(_Spec):
    opens: date
    closes: date
    achievements_until: date
    years_until: date


class TextsSpec(_Spec):
    pledge: LocalText
    pledge_version: str
    welcome: LocalText = NO_TEXT
    unit_opinion: LocalText = NO_TEXT  # offered to HR as a start


class RoundSpec(_Spec):
    """One round of one series."""

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    year: int
    title: LocalText
    series: str
    series_label: LocalText
    merged: bool = True  # unit and office are one
    second_person: bool = True
    second_person_reason: str = ""
    organisation: LocalText  # who issues
    dates: DatesSpec
    kinds: list[Kind] = [Kind.FIRST, Kind.PROMOTION, Kind.CHANGE]
    levels: list[LevelSpec]
    committees: list[CommitteeSpec]
    specialities: list[Option]
    editions: list[EditionSpec]
    sections: list[SectionSpec]
    slots: list[SlotSpec]
    requirements: list[RequirementSpec]
    endorsements: list[EndorsementSpec] = []
    quotas: dict[str, int] = {}  # level -> most recommended by the unit; absent = no quota
    photo: PhotoSpec = PhotoSpec()
    voting: VotingSpec = VotingSpec()
    publicity: PublicitySpec = PublicitySpec()
    number: NumberSpec
    texts: TextsSpec
    #: levels whose applications go through these; empty = none
    external_review_levels: list[str] = []
    defence_levels: list[str] = []
    vote: bool = True
    approval_date_from: Literal["vote", "document"] = "vote"

    @model_validator(mode="after")
    def _consistent(self) -> RoundSpec:
        for name, rows in (
            ("sections", [s.key for s in self.sections]),
            ("slots", [s.key for s in self.slots]),
            ("levels", [s.key for s in self.levels]),
            ("committees", [s.key for s in self.committees]),
            ("requirements", [s.id for s in self.requirements]),
        ):
            if len(set(rows)) != len(rows):
                raise ValueError(f"{name}: the same key twice")
        if self.dates.closes < self.dates.opens:
            raise ValueError("dates: closes before it opens")
        known = {s.key for s in self.sections}
        for row in self.requirements:
            if row.section not in known:
                raise ValueError(f"requirement {row.id}: no section {row.section}")
        return self

    def section(self, key: str) -> SectionSpec:
        """The section named `key`; raises KeyError."""
        return _by(self.sections, "key", key)

    def level(self, key: str) -> LevelSpec:
        """The level named `key`; raises KeyError."""
        return _by(self.levels, "key", key)

    def slot(self, key: str) -> SlotSpec:
        """The slot named `key`; raises KeyError."""
        return _by(self.slots, "key", key)

    def committee(self, key: str) -> CommitteeSpec:
        """The committee named `key`; raises KeyError."""
        return _by(self.committees, "key", key)

    def edition(self, key: str) -> EditionSpec:
        """The criteria edition named `key`; raises KeyError."""
        return _by(self.editions, "key", key)

    def speciality(self, key: str) -> Option:
        """The speciality named `key`; raises KeyError."""
        return _by(self.specialities, "value", key)


def _by(rows: list[Any], attribute: str, key: str) -> Any:
    for row in rows:
        if getattr(row, attribute) == key:
            return row
    raise KeyError(key)
