"""What of a round's form one application has: sections, fields, slots, and which must be filled in.

Everything is read from the round's data; nothing here names a field of the guide.
"""

from __future__ import annotations

from functools import cached_property

from models.application import Application
from models.field_spec import FieldSpec
from models.form_spec import SectionSpec, SlotSpec
from models.sections import SectionRecord
from panel.domain.rounds.conditions import Content, applies, case_of, holds


class AskedForm:
    """The round's form as it is asked of `application` now; each part is worked out once, at first need.

    It doesn't see what is changed later: after a write one makes a new one of the application as stored.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        # an entry of another version may come too, so that the uid alone doesn't tell; it is kept for its id
        self._fields: dict[tuple[str, int], tuple[Content, list[FieldSpec]]] = {}
        self._records: dict[str, SectionRecord] = {}

    @cached_property
    def sections(self) -> list[SectionSpec]:
        """The sections that the application has, in the round's order."""
        return visible_sections(self.application)

    @cached_property
    def slots(self) -> list[SlotSpec]:
        """The places for attachments that it has."""
        return visible_slots(self.application)

    def section(self, key: str) -> SectionSpec | None:
        """The section `key`, or None when the application doesn't have it."""
        return next((section for section in self.sections if section.key == key), None)

    def record(self, section: str) -> SectionRecord:
        """The record of `section`, the same one each time, also while nothing was entered."""
        if section not in self._records:
            self._records[section] = self.application.record(section)
        return self._records[section]

    def fields(self, section: SectionSpec, entry: Content | None = None) -> list[FieldSpec]:
        """The fields of `section` that are asked; for a list of `entry`, a record finds itself."""
        content = entry if entry is not None else self.record(section.key)
        known = (section.key, id(content))
        if known not in self._fields:
            self._fields[known] = (content, visible_fields(self.application, section, content))
        return self._fields[known][1]


def visible_sections(application: Application) -> list[SectionSpec]:
    """The sections that this application has, in the round's order."""
    case = case_of(application)
    return [section for section in application.spec.sections if holds(section.when, case, None)]


def visible_fields(
    application: Application, section: str | SectionSpec, entry: Content | None = None
) -> list[FieldSpec]:
    """The fields of `section` that are asked of this application, in the round's order.

    For a list, `entry` is the entry (or an unsaved one of the right kind); a record finds itself.
    """
    spec = application.spec.section(section) if isinstance(section, str) else section
    case = case_of(application)
    content = entry if entry is not None else application.record(spec.key)
    return [field for field in spec.fields if field.visible and holds(field.when, case, content)]


def is_required(field: FieldSpec, application: Application, entry: Content | None = None) -> bool:
    """Whether the visible `field` must be filled in; `entry` is the entry or record it belongs to."""
    if field.required:
        return True
    return field.required_when is not None and applies(field.required_when, application, entry)


def visible_slots(application: Application) -> list[SlotSpec]:
    """The places for attachments that this application has (G25-G28)."""
    case = case_of(application)
    return [slot for slot in application.spec.slots if holds(slot.when, case, None)]


def is_slot_required(slot: SlotSpec, application: Application) -> bool:
    """Whether the visible `slot` must hold a file."""
    if slot.required:
        return True
    return slot.required_when is not None and applies(slot.required_when, application)
