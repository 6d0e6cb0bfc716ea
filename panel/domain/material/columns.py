"""What a material table can say: the sections, kinds and fields of a round's lists of achievements."""

from __future__ import annotations

from collections.abc import Mapping

from models.field_spec import FieldSpec, FieldType, Text
from models.form_spec import EntryKind, SectionShape, SectionSpec
from models.round_spec import RoundSpec
from panel.domain.rounds.fields import display
from panel.domain.rounds.texts import fill, plain

#: The person-level row's one value (G08).
SPECIALITY_KEY = "speciality"


def table_sections(spec: RoundSpec) -> list[SectionSpec]:
    """The sections that a material table fills: lists whose entries HR judges."""
    return [section for section in spec.sections if section.shape is SectionShape.LIST and section.judged]


def kinds_of(section: SectionSpec) -> list[EntryKind]:
    """The kinds of achievement in `section`; a list without kinds, as HR makes them, is one with key ""."""
    return list(section.kinds) or [EntryKind(key="", label=section.label)]


def columns_of(section: SectionSpec, kind: str) -> list[FieldSpec]:
    """The fields of an achievement of `kind` that the table may give, in the form's order.

    The clause is left out: which one an achievement meets is the applicant's to say (G18, G22).
    """
    return [
        field
        for field in section.fields
        if kind in (field.when.entry_kinds or [kind]) and field.type is not FieldType.CLAUSE
    ]


def texts_of(fields: list[FieldSpec], values: Mapping[str, object]) -> dict[str, str]:
    """Field key -> the value as people read it, in Chinese; empty ones left out. `values` are in clear."""
    found: dict[str, str] = {}
    for field in fields:
        shown = display(field, values.get(field.key))
        text = shown.in_language("zh") if isinstance(shown, Text) else str(shown)
        if text:
            found[field.key] = text
    return found


def title_of(section: SectionSpec, kind: str, texts: Mapping[str, str]) -> str:
    """What the achievement is called, as `columns.title` says it for an entry; "" while it has no name."""
    row = next((row for row in section.kinds if row.key == kind), None)
    template = row.title if row and row.title else section.entry_title
    return fill(template.zh, texts) if template else next(iter(texts.values()), "")


def speciality_of(spec: RoundSpec, text: str) -> str | None:
    """The key of the speciality that `text` names by key or label; None if there is none."""
    for option in spec.specialities:
        if plain(text) in {
            plain(option.value),
            plain(option.label.zh),
            plain(option.label.en or option.value),
        }:
            return option.value
    return None
