"""The fields of one achievement of the material table as a form, for the applicant's and HR's pages alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from models.field_spec import FieldSpec, Text
from models.form_spec import EntryKind, SectionSpec
from models.material import MaterialEntry, entry_from
from models.messages import Message
from models.review_round import ReviewRound
from models.sections import Entry, stored_value
from panel.domain.content.writing import is_same
from panel.domain.errors import NotFound
from panel.domain.material.columns import columns_of, table_sections
from panel.domain.rounds import field_parsers
from views.kit.form_controls import Choices, build
from views.kit.forms import FieldView, Note, grouped, raw_of, shown_values, words_of
from views.kit.i18n import tr


@dataclass
class MaterialForm:
    """The form of one achievement: `entry` holds what it shows, `posted` what was sent, `errors` by field."""

    section: SectionSpec
    kind: str
    entry: Entry
    posted: MultiDict[str, str] | None = None
    errors: Mapping[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.specs: list[FieldSpec] = columns_of(self.section, self.kind)
        self.values = shown_values(self.entry, self.specs)
        self.form = build(self.specs, Choices(), self.values, self.posted)

    @property
    def raw(self) -> dict[str, str]:
        """What was posted, as typed, by field key; several choices one per line."""
        return {
            key: "\n".join(value) if isinstance(value, list) else "1" if value is True else str(value or "")
            for key, value in raw_of(self.form).items()
        }

    @property
    def changed(self) -> dict[str, str]:
        """Those of `raw` that mean something else than what the form showed."""
        return {spec.key: self.raw[spec.key] for spec in self.specs if not self._is_unchanged(spec)}

    def _is_unchanged(self, spec: FieldSpec) -> bool:
        try:
            return is_same(field_parsers.parse(spec, self.raw[spec.key]), self.entry.get(spec.key))
        except field_parsers.Unreadable:
            return False

    @property
    def groups(self) -> list[tuple[Text, list[FieldView]]]:
        """The fields as the page shows them."""
        return grouped(
            FieldView(
                spec.model_copy(update={"locked": False}),
                self.form._fields[spec.key],
                True,
                False,
                "",
                [Note("error", tr(self.errors[spec.key]))] if spec.key in self.errors else [],
            )
            for spec in self.specs
        )


def section_of(round: ReviewRound, key: str, kind: str) -> tuple[SectionSpec, EntryKind | None]:
    """The section and kind of an achievement; raises NotFound for one that the round's table lacks."""
    section = next((s for s in table_sections(round.spec) if s.key == key), None)
    if section is None or (kind not in ({k.key for k in section.kinds} or {""})):
        raise NotFound
    return section, next((k for k in section.kinds if k.key == kind), None)


def kind_words(round: ReviewRound, row: MaterialEntry) -> Any:
    """What kind of achievement it is: the kind's label, else the section's."""
    section = next((s for s in round.spec.sections if s.key == row.section), None)
    if section is None:
        return row.section
    return next((k.label for k in section.kinds if k.key == row.kind), section.label)


def facts_of(round: ReviewRound, row: MaterialEntry, values: Mapping[str, Any]) -> list[tuple[Text, str]]:
    """The fields with a value, as (label, words); `values` as the table stores them."""
    return [(spec.label, words) for spec, words in _words(round, row, values) if words]


def compared(
    round: ReviewRound, row: MaterialEntry, first: Mapping[str, Any], second: Mapping[str, Any]
) -> list[tuple[Text, str, str, bool]]:
    """Two versions beside each other: (label, first, second, whether they differ), of fields with a value."""
    other = {spec.key: words for spec, words in _words(round, row, second)}
    return [
        (spec.label, words, other[spec.key], words != other[spec.key])
        for spec, words in _words(round, row, first)
        if words or other[spec.key]
    ]


def stored_of(entry: Entry) -> dict[str, Any]:
    """The values of an entry of the form, as the material table stores them."""
    typed = {key: stored_value(entry.get(key)) for key in Entry.TYPED if entry.get(key) is not None}
    return {**typed, **entry.values}


def _words(round: ReviewRound, row: MaterialEntry, values: Mapping[str, Any]) -> list[tuple[FieldSpec, str]]:
    section = next((s for s in round.spec.sections if s.key == row.section), None)
    if section is None:
        return []
    entry = entry_from(row.section, row.kind, dict(values))
    return [(spec, words_of(spec, entry.get(spec.key))) for spec in columns_of(section, row.kind)]
