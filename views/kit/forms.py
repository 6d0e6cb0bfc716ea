"""Web forms made from a round's field specs, for the applicant's and HR's pages alike.

WTForms draws the controls and collects what was posted; what the text means is `panel.domain.rounds.fields`'
business, so that a form never refuses to keep what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, RadioField
from wtforms.fields.core import Field
from wtforms.form import BaseForm

from models.field_spec import FieldSpec, FieldType, Text
from models.messages import M, Message
from panel.domain.rounds import field_parsers, fields
from views.kit.form_controls import NAME, PREFIX, Boxes, Choices, Pair, SlotFiles, build, name_of
from views.kit.i18n import ENGLISH, language, tr

__all__ = [
    "NAME",
    "PREFIX",
    "Choices",
    "FieldView",
    "Note",
    "SlotFiles",
    "build",
    "grouped",
    "name_of",
    "raw_of",
    "shown_values",
    "typed_words",
    "words_of",
]

NO_CHOICES = Choices()
_DATE_HINTS = {
    FieldType.RANGE: M("年月，如 2023-05 或 2023.5"),
    FieldType.MONTH: M("年月，如 2023-05 或 2023.5"),
    FieldType.DATE: M("年月日，如 2023-05-17"),
}


@dataclass(frozen=True)
class Note:
    """A sentence beside a field: severity is error, blocking, warning, judge or return."""

    severity: str
    text: str


@dataclass
class FieldView:
    """One field as a page shows it."""

    spec: FieldSpec
    control: Field | None  # None when it can't be changed here
    is_visible: bool = True
    is_required: bool = False
    shown: str = ""  # the value in words, for a field that can't be changed
    notes: list[Note] = field(default_factory=list)
    is_given: bool = False  # by HR's material table
    slot: SlotFiles | None = None  # of a field that names attachments

    def __post_init__(self) -> None:
        """Mark the control of what can't be read, as the script does after a save."""
        if self.control is None or not self.control.render_kw or not self.wrong:
            return
        marks = {"class": f"{self.control.render_kw['class']} is-invalid", "aria-invalid": "true"}
        if "aria-invalid" not in self.control.render_kw:
            self.control.render_kw = self.control.render_kw | marks

    @property
    def wrong(self) -> str:
        """Why what was typed can't be read; "" if it can."""
        return next((note.text for note in self.notes if note.severity == "error"), "")

    @property
    def id(self) -> str:
        """The anchor that findings link to."""
        return PREFIX + self.spec.key

    @property
    def name(self) -> str:
        """The control's name in a POST."""
        return name_of(self.spec.key)

    @property
    def is_group(self) -> bool:
        """Whether the control is several inputs under one legend."""
        return isinstance(self.control, RadioField | Boxes)

    @property
    def is_pair(self) -> bool:
        """Whether the control is two inputs, from and to."""
        return isinstance(self.control, Pair)

    @property
    def has_no_options(self) -> bool:
        """Whether there is nothing to tick yet."""
        return isinstance(self.control, Boxes) and not list(self.control)

    @property
    def is_tick(self) -> bool:
        """Whether the control is one box to tick."""
        return isinstance(self.control, BooleanField)

    @property
    def unit(self) -> str:
        """What stands beside a number; a unit that only Chinese writes (2023年) has no English."""
        unit = self.spec.unit
        return unit.en if language() == ENGLISH else unit.zh

    @property
    def hint(self) -> Message | None:
        """How to type a date."""
        return _DATE_HINTS.get(self.spec.type)

    @property
    def describes(self) -> str:
        """The ids of help and messages, for aria-describedby."""
        return f"{self.id}-help {self.id}-notes"


def shown_values(content: Any, specs: Iterable[FieldSpec]) -> dict[str, Any]:
    """What the inputs show of a stored record or entry: what couldn't be read comes as it was typed."""
    shown: dict[str, Any] = {}
    for spec in specs:
        unread = content.typed_text(spec.key)
        value = content.get(spec.key)
        if unread is not None:
            shown[spec.key] = fields.range_parts(unread) if spec.type is FieldType.RANGE else unread
        elif spec.type in (FieldType.CHOICES, FieldType.FILE):
            shown[spec.key] = list(value or [])
        elif spec.type is FieldType.RANGE:
            shown[spec.key] = fields.range_parts(value)
        else:
            shown[spec.key] = fields.to_form(spec, value)
    return shown


def raw_of(form: BaseForm) -> dict[str, Any]:
    """What was posted, as typed, by field key; a list for several choices."""
    return {name: _typed(control) for name, control in form._fields.items()}


def _typed(control: Field) -> Any:
    if control.data is None or (isinstance(control, Pair) and not any(control.data)):
        return ""
    return control.data


def words_of(spec: FieldSpec, value: Any, choices: Choices = NO_CHOICES) -> str:
    """A stored value in words of the page's language."""
    if spec.type is FieldType.CLAUSE:
        clause = next((row for row in choices.clauses if row.key == value), None)
        return tr(clause.text) if clause else str(value or "")
    if spec.type is FieldType.FILE and spec.slot in choices.slots:
        names = dict(choices.slots[spec.slot].files)
        return _("、").join(names[uid] for uid in value or [] if uid in names)
    return tr(fields.display(spec, value))


def typed_words(spec: FieldSpec, raw: Any, choices: Choices = NO_CHOICES) -> str:
    """What was typed, in words if it can be read, else as it is."""
    try:
        return words_of(spec, field_parsers.parse(spec, raw), choices)
    except field_parsers.Unreadable:
        return _("、").join(raw) if isinstance(raw, list) else str(raw)


def grouped(views: Iterable[FieldView]) -> list[tuple[Text, list[FieldView]]]:
    """The fields in their groups, in order: a field with a heading begins a new one."""
    groups: list[tuple[Text, list[FieldView]]] = []
    for view in views:
        if not groups or view.spec.group:
            groups.append((view.spec.group, []))
        groups[-1][1].append(view)
    return groups
