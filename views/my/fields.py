"""What the form of one record or entry shows: its fields with values, marks and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, SelectMultipleField
from wtforms.form import BaseForm

from models.choices import Severity
from models.field_spec import Condition, FieldSpec, Text
from models.form_spec import SectionShape, SectionSpec
from panel.domain.checks.findings import Finding
from panel.domain.content import writing
from panel.domain.rounds import conditions, field_parsers, offers, parts
from panel.domain.rounds.conditions import Content
from views.kit.form_controls import Choices, SlotFiles, build, name_of
from views.kit.forms import FieldView, Note, grouped, raw_of, shown_values, words_of
from views.kit.i18n import tr
from views.my.case import Case


@dataclass
class FieldsForm:
    """The form of one record or entry: `specs` are all fields that its values could call up."""

    case: Case
    section: SectionSpec
    stored: Content
    is_new: bool = False
    posted: MultiDict[str, str] | None = None

    def __post_init__(self) -> None:
        application = self.case.application
        self.specs: list[FieldSpec] = [
            spec
            for spec in self.section.fields
            if spec.visible and conditions.applies(_without_values(spec.when), application, self.stored)
        ]
        self.choices = Choices(
            offers.clauses_for(application, self.section.key), str(application.unit.name), self._slots()
        )
        self.values = shown_values(self.stored, self.specs)
        self.form: BaseForm = build(self.open_specs, self.choices, self.values, self.posted)

    def _slots(self) -> dict[str, SlotFiles]:
        """The files that fields of the form may name, by slot."""
        named = {spec.slot for spec in self.specs if spec.slot}
        home = next((s.key for s in self.case.sections if s.shape is SectionShape.ATTACHMENTS), "")
        return {
            slot.key: SlotFiles(
                slot.label,
                self.case.section_url(home, f"slot-{slot.key}"),
                [(file.uid, file.name) for file in self.case.application.files(slot.key)],
            )
            for slot in (self.case.asked.slots if home else [])
            if slot.key in named
        }

    @property
    def uid(self) -> str:
        """The entry's identity; "" for a record or a new entry."""
        return "" if self.is_new else getattr(self.stored, "uid", "")

    @cached_property
    def open_specs(self) -> list[FieldSpec]:
        """The fields that can be changed now."""
        return [spec for spec in self.specs if self._is_open(spec)]

    def _is_open(self, spec: FieldSpec) -> bool:
        if spec.locked:
            return False
        case, uid = self.case, self.uid
        key = "" if self.is_new else spec.key
        return writing.is_editable(
            case.application, self.section.key, case.actor, case.now, uid=uid, field=key
        )

    @property
    def is_open(self) -> bool:
        """Whether anything here can be changed now."""
        return bool(self.open_specs)

    @property
    def raw(self) -> dict[str, Any]:
        """What was posted, as typed, by field key."""
        return raw_of(self.form)

    @property
    def visible(self) -> list[FieldSpec]:
        """The fields asked for, given the values as stored."""
        return self.case.asked.fields(self.section, self.stored)

    @cached_property
    def required(self) -> list[str]:
        """The keys of the visible fields that must be filled in (G10)."""
        application = self.case.application
        return [spec.key for spec in self.visible if parts.is_required(spec, application, self.stored)]

    @property
    def sensitive(self) -> str:
        """The controls whose text never goes into the browser's lasting store."""
        return " ".join(name_of(spec.key) for spec in self.open_specs if spec.encrypted)

    def views(self, quiet: bool = False) -> list[FieldView]:
        """The fields as the page shows them; `quiet` leaves out what is merely not filled in yet."""
        visible = {spec.key for spec in self.visible}
        required = set(self.required)
        notes = self.notes(quiet)
        given = set(getattr(self.stored, "given", ()))
        return [
            FieldView(
                spec,
                self.form._fields.get(spec.key),
                spec.key in visible,
                spec.key in required,
                self._shown(spec),
                notes.get(spec.key, []),
                spec.key in given,
                slot=self.choices.slots.get(spec.slot),
            )
            for spec in self.specs
        ]

    @property
    def unread(self) -> list[tuple[str, str]]:
        """What was typed and can't be read: the id of its control and why."""
        return [(view.id, view.wrong) for view in self.views(quiet=True) if view.wrong]

    def groups(self, quiet: bool = False) -> list[tuple[Text, list[FieldView]]]:
        """The same in their groups."""
        return grouped(self.views(quiet))

    def _shown(self, spec: FieldSpec) -> str:
        unread = self.stored.typed_text(spec.key)
        return str(unread) if unread else words_of(spec, self.stored.get(spec.key), self.choices)

    def _is_text(self, name: str) -> bool:
        """Whether the control holds what was typed, which the server may have read as something tidier."""
        control = next((c for c in self.form._fields.values() if c.name == name), None)
        return not isinstance(control, SelectMultipleField | BooleanField)

    def notes(self, quiet: bool = False) -> dict[str, list[Note]]:
        """What is to be said at each field: what can't be read, what was returned, what the rules find."""
        notes: dict[str, list[Note]] = {}
        for item in self.case.items_at(self.section.key, self.uid or None):
            if item.field and item.entry == self.uid:
                notes.setdefault(item.field, []).append(Note("return", item.text))
        unread = unread_notes(self.specs, self.stored)
        for key, note in unread.items():
            notes.setdefault(key, []).append(note)
        if not quiet:
            for finding in self._findings():
                if finding.field not in unread:
                    severity = str(Severity(finding.severity))
                    notes.setdefault(finding.field, []).append(Note(severity, tr(finding.message)))
        return notes

    def _findings(self) -> list[Finding]:
        mine = [f for f in self.case.findings if f.section == self.section.key and f.field]
        return [f for f in mine if (f.entry or "") == self.uid] if not self.is_new else []

    def answer(self) -> dict[str, Any]:
        """What the script is told after a save: marks, messages, values as they are read."""
        notes = self.notes()
        return {
            "visible": [spec.key for spec in self.visible],
            "required": self.required,
            "messages": {
                key: [{"severity": note.severity, "text": note.text} for note in rows]
                for key, rows in notes.items()
            },
            "values": {name: values for name, values in posted_values(self).items() if self._is_text(name)},
        }


def unread_notes(specs: Sequence[FieldSpec], stored: Content) -> dict[str, Note]:
    """Why what was typed can't be read, by field key."""
    notes = {}
    for spec in specs:
        text = stored.typed_text(spec.key)
        if text is None:
            continue
        try:
            field_parsers.parse(spec, text)
        except field_parsers.Unreadable as error:
            notes[spec.key] = Note("error", tr(error.message))
    return notes


def posted_values(sheet: FieldsForm) -> dict[str, list[str]]:
    """A stored record or entry as a form would post it, by control name."""
    found = {}
    for spec in sheet.open_specs:
        value = sheet.values[spec.key]
        found[name_of(spec.key)] = value if isinstance(value, list) else _as_posted(sheet, spec, value)
    return found


def _as_posted(sheet: FieldsForm, spec: FieldSpec, value: str) -> list[str]:
    """A text control posts its text with the browser's line ends; a box or radio not chosen, nothing."""
    control = sheet.form._fields[spec.key]
    if isinstance(control, BooleanField):
        return ["1"] if value == "1" else []
    if not value and isinstance(control, RadioField):
        return []
    return [value.replace("\r\n", "\n").replace("\n", "\r\n")]


def _without_values(condition: Condition) -> Condition:
    return condition.model_copy(update={"values": {}})


def seen_version(values: Mapping[str, str]) -> int:
    """The version the form was made of; one that can't be true when it isn't a number."""
    text = values.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
