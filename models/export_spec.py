"""Tables of cases (一览表, 备案表) as a round's data: columns with a label and a source.

A source says what stands in the cell, in words joined by dots; sections and fields are the round's own:

- `row`, the running number; `empty`, a place to write in by hand
- `case.name` and the other CASE_SOURCES; `person.title` and the other members of ROSTER_SOURCES
- `field.<section>.<field>`: of a record, or of the newest entry of a list
- `lines.<section>`, `count.<section>`: all entries of a list as they print, and how many there are
- `endorsement.<key>`, `opinion.unit`, `vote.<figure>`, `approval.<part>`, `certificate.number`

A date may end in `@month`: the year and month alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from models.field_spec import ROSTER_SOURCES, FieldType, LocalText, Spec
from models.form_spec import SectionShape, SectionSpec

CASE_SOURCES = (
    "name",
    "staff_number",
    "number",
    "unit",
    "department",
    "recommending_unit",
    "kind",
    "exceptional",
    "level",
    "title",
    "speciality",
    "committee",
    "state",
    "submitted_on",
)
VOTE_SOURCES = ("members", "present", "yes", "no", "abstain", "result")
APPROVAL_SOURCES = ("document_number", "approved_on", "filing")
#: What of the roster and of a case is a date.
DATES = frozenset(
    {
        "person.birth_date",
        "person.title_approved_on",
        "person.work_start",
        "person.joined_on",
        "case.submitted_on",
        "approval.approved_on",
    }
)
MONTH = "@month"
MAX_COLUMNS = 60
_DATE_TYPES = (FieldType.DATE, FieldType.MONTH)


class ExportColumnSpec(Spec):
    label: LocalText
    source: str
    width: int = Field(default=12, ge=4, le=80)  # in Latin letters


class ExportSpec(Spec):
    """A table with one row per case, in the order of its columns."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: LocalText
    columns: list[ExportColumnSpec] = Field(max_length=MAX_COLUMNS)


def sources(sections: Iterable[SectionSpec], endorsements: Iterable[str]) -> list[str]:
    """Every source that a round with `sections` and the keys of its `endorsements` offers, in order."""
    found = ["row", *(f"case.{name}" for name in CASE_SOURCES)]
    found += [f"person.{name}" for name in sorted(ROSTER_SOURCES)]
    for section in sections:
        found += [f"field.{section.key}.{key}" for key in dict.fromkeys(f.key for f in section.fields)]
        if section.shape is SectionShape.LIST:
            found += [f"lines.{section.key}", f"count.{section.key}"]
    found += [f"endorsement.{key}" for key in endorsements]
    found += ["opinion.unit", *(f"vote.{name}" for name in VOTE_SOURCES)]
    found += [*(f"approval.{name}" for name in APPROVAL_SOURCES), "certificate.number", "empty"]
    return found


def is_date(source: str, sections: Iterable[SectionSpec]) -> bool:
    """Whether `source` may end in MONTH."""
    if source in DATES:
        return True
    kind, _, place = source.partition(".")
    section, _, key = place.partition(".")
    return kind == "field" and any(
        field.key == key and field.type in _DATE_TYPES
        for spec in sections
        if spec.key == section
        for field in spec.fields
    )


def refuse_unknown_sources(
    exports: Iterable[ExportSpec], sections: list[SectionSpec], endorsements: Iterable[str]
) -> None:
    """Raise ValueError for a column whose source the round doesn't have."""
    known = set(sources(sections, endorsements))
    for export in exports:
        for column in export.columns:
            plain = column.source.removesuffix(MONTH)
            if plain not in known or (plain != column.source and not is_date(plain, sections)):
                raise ValueError(f"export {export.key}: no source {column.source}")
