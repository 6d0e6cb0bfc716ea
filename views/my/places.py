"""What is not in order, each line with its place in words and the link to its field (G10, G29)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.choices import Severity
from models.field_spec import Text
from models.form_spec import CHOICE_SECTION, PHOTO_FIELD, SectionShape, SectionSpec
from models.messages import M, Message
from panel.domain.checks import requirements
from panel.domain.checks.findings import Finding
from panel.domain.rounds import printed_columns
from panel.domain.rounds.naming import field_name
from views.kit.form_controls import PREFIX
from views.my.base import BaseCase, address


@dataclass(frozen=True)
class FindingLine:
    """A finding with the link to its field."""

    severity: str
    severity_label: Message
    message: Message | Text
    place: Message | Text
    url: str
    home: Message | Text  # the part of the form it is in


class PlacedCase(BaseCase):
    """A case that knows what is missing in it and where that is."""

    @cached_property
    def findings(self) -> list[Finding]:
        """What is not in order, from the round's rows."""
        return self.content.findings

    @cached_property
    def blocking_findings(self) -> list[Finding]:
        """What must be dealt with before handing in."""
        return requirements.blocking(self.findings)

    @cached_property
    def blocking(self) -> list[FindingLine]:
        """The blocking lines of the checklist."""
        return self.lines(self.blocking_findings)

    @property
    def warnings(self) -> list[FindingLine]:
        """What should be looked at once more."""
        return self.lines(f for f in self.findings if f.severity == Severity.WARNING)

    @property
    def to_judge(self) -> list[FindingLine]:
        """What HR will decide."""
        return self.lines(f for f in self.findings if f.severity == Severity.JUDGE)

    def lines_at(self, section: str) -> list[FindingLine]:
        """The lines about one section, or CHOICE_SECTION."""
        return self.lines(f for f in self.findings if f.section == section)

    def lines(self, findings: Iterable[Finding]) -> list[FindingLine]:
        """Findings with the place they are about and the link to it."""
        return [
            FindingLine(
                str(f.severity),
                Severity(f.severity).label,
                f.message,
                self.place(f.section, f.entry, f.field, f.slot),
                self.link(f.section, f.entry, f.field, f.slot),
                self._home(f.section, f.field),
            )
            for f in findings
        ]

    def by_place(self, lines: Iterable[FindingLine]) -> list[tuple[Message | Text, list[FindingLine]]]:
        """Lines grouped by the part of the form they are in, in order."""
        groups: dict[str, tuple[Message | Text, list[FindingLine]]] = {}
        for line in lines:
            groups.setdefault(str(line.home), (line.home, []))[1].append(line)
        return list(groups.values())

    def _home(self, section: str, field_key: str) -> Message | Text:
        return self.place(section, field_key=PHOTO_FIELD if field_key == PHOTO_FIELD else "")

    def link(self, section: str, entry: str = "", field_key: str = "", slot: str = "") -> str:
        """The address of the field, entry, slot or section; the overview for the whole."""
        if field_key == PHOTO_FIELD:
            return self.photo_url
        if section == CHOICE_SECTION:
            return address("choice", self.application, _anchor=PREFIX + field_key if field_key else None)
        spec = self.section(section)
        if spec is None:
            return self.url
        if slot:
            return self.section_url(section, f"slot-{slot}")
        if spec.shape is SectionShape.ATTACHMENTS:
            return self.section_url(section, f"slot-{field_key}" if field_key else None)
        if entry:
            return self.entry_url(section, entry, PREFIX + field_key if field_key else None)
        if spec.shape is SectionShape.LIST:
            return self.section_url(section, "entries")
        return self.section_url(section, PREFIX + field_key if field_key else None)

    def place(self, section: str, entry: str = "", field_key: str = "", slot: str = "") -> Message | Text:
        """The place in words: section and field, entry or slot."""
        if field_key == PHOTO_FIELD:
            return M("照片")
        if section == CHOICE_SECTION:
            return M("申报信息")
        spec = self.section(section)
        if spec is None:
            return M("整份申报")
        inner = self._inner_place(spec, entry, field_key, slot)
        return M("%(section)s：%(part)s", section=spec.label, part=inner) if inner else spec.label

    def _inner_place(self, spec: SectionSpec, entry: str, field_key: str, slot: str) -> Any:
        if spec.shape is SectionShape.ATTACHMENTS:
            key = slot or field_key
            return next((row.label for row in self.spec.slots if row.key == key), None)
        found = next((e for e in self.entries_of(spec) if e.uid == entry), None) if entry else None
        if found is not None:
            return printed_columns.title(self.asked, found)
        return next((field_name(spec, row) for row in spec.fields if row.key == field_key), None)
