"""What a round is, as data: the validated shape of one YAML file in panel/rounds (DESIGN section 6).

The round's document stores this mapping; every form, check, list and print reads it through these
classes and those of models.form_spec. Nothing here names a field of the guide.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeVar

from pydantic import Field, model_validator

from models.choices import Kind, PublicityKind
from models.export_spec import ExportSpec, refuse_unknown_sources
from models.field_spec import (
    NO_TEXT,
    Condition,
    LocalText,
    Option,
    Spec,
)
from models.form_spec import (
    GroupSpec,
    RequirementSpec,
    SectionSpec,
    SlotSpec,
)
from models.lost_rows import refuse_lost_row

T = TypeVar("T")


class LevelSpec(Spec):
    key: str  # senior, associate, middle, junior
    label: LocalText  # 正高
    title: LocalText  # 教授
    digit: int  # in the certificate number
    rank: int  # 1 lowest


class ClauseSpec(Spec):
    key: str
    text: LocalText
    sections: list[str] = ["performance", "publications"]
    levels: list[str] = []


class EditionSpec(Spec):
    """An edition of the criteria; the last one whose `when` holds applies (G22)."""

    key: str
    label: LocalText
    when: Condition = Condition()
    clauses: list[ClauseSpec]


class CommitteeSpec(Spec):
    key: str
    name: LocalText
    units: list[str] = []  # codes of the work units served; empty = all (G07)
    departments: list[str] = []  # served; empty = all
    specialities: list[str] = []  # keys; empty = all
    valid_until: date | None = None


class EndorsementSpec(Spec):
    key: str
    label: LocalText
    ranks: bool = False  # 二级学院 also ranks
    blocks: bool = False  # a no means the case cannot go on (师德)
    own_department: bool = False  # given by the applicant's department; else by the office named
    when: Condition = Condition()


class PhotoSpec(Spec):
    width: int = 295
    height: int = 413
    min_kb: int = 5
    max_kb: int = 200
    background: Literal["white", "blue", "red", "any"] = "any"

    def fits(self, width: int, height: int, size: int) -> bool:
        """Whether a portrait of so many pixels and bytes is as the round asks."""
        return (width, height) == (self.width, self.height) and (
            self.min_kb * 1024 <= size <= self.max_kb * 1024
        )


class VotingSpec(Spec):
    quorum: tuple[int, int] = (2, 3)  # R10
    majority: tuple[int, int] = (2, 3)  # R11
    minimum_opinions: int = 3  # R13
    recused_count_as_present: bool = False


class PublicitySpec(Spec):
    unit_days: int = 5  # R08
    result_days: int = 5  # R18
    telephone: str = ""
    receiving_office: LocalText = NO_TEXT
    email: str = ""

    def least_days(self, kind: PublicityKind) -> int:
        """The full working days that a list of `kind` hangs at least (R08, R18)."""
        return self.unit_days if kind == PublicityKind.UNIT else self.result_days


class NumberSpec(Spec):
    """Certificate number: prefix + year + series digits + level digit + serial."""

    prefix: str = "P"
    series_digits: str
    serial_digits: int = 5


class DatesSpec(Spec):
    opens: date
    closes: date
    achievements_until: date
    years_until: date


class TextsSpec(Spec):
    pledge: LocalText
    pledge_version: str
    welcome: LocalText = NO_TEXT
    unit_opinion: LocalText = NO_TEXT  # offered to HR as a start


class RoundSpec(Spec):
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
    first_levels: list[str] = []  # that a first application may ask for; empty = all (R06)
    committees: list[CommitteeSpec]
    other_units: list[str] = []  # codes of units that people may name instead of the roster's (G04)
    specialities: list[Option]
    editions: list[EditionSpec]
    sections: list[SectionSpec]
    slots: list[SlotSpec]
    requirements: list[RequirementSpec]
    groups: list[GroupSpec] = []  # of requirement rows, of which so many must be met
    endorsements: list[EndorsementSpec] = []
    exports: list[ExportSpec] = []  # tables of cases for print and for the authority
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
    certificate_masks_id: bool = True  # whether the certificate prints 420***********1234

    @model_validator(mode="after")
    def _is_consistent(self) -> RoundSpec:
        _no_key_twice(self)
        if self.dates.closes < self.dates.opens:
            raise ValueError("dates: closes before it opens")
        levels = {level.key for level in self.levels}
        sections = {section.key for section in self.sections}
        used = set(self.first_levels) | set(self.quotas)
        slots = {slot.key for slot in self.slots}
        for slot in self.slots:
            used |= set(slot.months)
        for section in self.sections:
            for field in section.fields:
                if field.slot and field.slot not in slots:
                    raise ValueError(f"field {field.key}: no slot {field.slot}")
        for edition in self.editions:
            for clause in edition.clauses:
                used |= set(clause.levels)
                if unknown := set(clause.sections) - sections:
                    raise ValueError(f"clause {clause.key}: no section {', '.join(sorted(unknown))}")
        if unknown := used - levels:
            raise ValueError(f"no level {', '.join(sorted(unknown))}")
        for row in self.requirements:
            refuse_lost_row(
                row,
                self.sections,
                slots,
                set(DatesSpec.model_fields),
                levels,
                {group.key for group in self.groups},
            )
        refuse_unknown_sources(self.exports, self.sections, [row.key for row in self.endorsements])
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


def _no_key_twice(spec: RoundSpec) -> None:
    for name, rows in (
        ("sections", [s.key for s in spec.sections]),
        ("slots", [s.key for s in spec.slots]),
        ("levels", [s.key for s in spec.levels]),
        ("committees", [s.key for s in spec.committees]),
        ("specialities", [s.value for s in spec.specialities]),
        ("editions", [s.key for s in spec.editions]),
        ("endorsements", [s.key for s in spec.endorsements]),
        ("exports", [s.key for s in spec.exports]),
        ("requirements", [s.id for s in spec.requirements]),
        ("groups", [s.key for s in spec.groups]),
        *((f"clauses of {e.key}", [c.key for c in e.clauses]) for e in spec.editions),
    ):
        if len(set(rows)) != len(rows):
            raise ValueError(f"{name}: the same key twice")


def _by(rows: list[T], attribute: str, key: str) -> T:
    for row in rows:
        if getattr(row, attribute) == key:
            return row
    raise KeyError(key)
