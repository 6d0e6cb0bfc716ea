"""Web forms made from a round's field specs, for the applicant's and HR's pages alike.

WTForms draws the controls and collects what was posted; what the text means is `panel.domain.fields`'
business, so that a form never refuses to keep what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import Field, UnboundField
from wtforms.form import BaseForm
from wtforms.widgets import CheckboxInput, ListWidget

from models.form_spec import FieldSpec, FieldType, Option, Text
from models.messages import M, Message
from models.round_spec import ClauseSpec
from panel.domain import fields
from views.i18n import ENGLISH, language, tr

#: Up to so many options are shown at once instead of in a drop-down.
FEW_OPTIONS = 4
#: Options shown at once have labels of at most so many characters.
SHORT = 12
#: From so many characters on a text gets a tall box.
LONG = 400
#: Of an element's id, which findings link to.
PREFIX = "field-"
#: Of a control's name, so that no field of a round collides with what the page itself sends.
NAME = "f"
_YES_NO = [Option(value="1", label=Text(zh="是", en="Yes")), Option(value="0", label=Text(zh="否", en="No"))]
_DATE_HINTS = {
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
        return isinstance(self.control, RadioField | _Boxes)

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


@dataclass(frozen=True)
class Choices:
    """What a form needs beyond its specs: the clauses that can be met and the own unit's name."""

    clauses: Sequence[ClauseSpec] = ()
    own_unit: str = ""


def name_of(key: str) -> str:
    """The name under which field `key` is posted."""
    return f"{NAME}-{key}"


class _Boxes(SelectMultipleField):
    """Several choices as a list of tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class _Tick(BooleanField):
    """A yes/no that need not be answered: ticked is yes."""

    def process_data(self, value: Any) -> None:
        self.data = value in (True, "1")


def build(
    specs: Iterable[FieldSpec],
    choices: Choices,
    values: Mapping[str, Any],
    posted: MultiDict[str, str] | None = None,
) -> BaseForm:
    """The form of `specs`, showing `posted` if given, else `values` (from `shown_values`)."""
    rows = {spec.key: _control(spec, choices, values.get(spec.key)) for spec in specs}
    form = BaseForm(rows, prefix=NAME)
    form.process(formdata=posted, data=dict(values))
    return form


def shown_values(content: Any, specs: Iterable[FieldSpec]) -> dict[str, Any]:
    """What the inputs show of a stored record or entry: what couldn't be read comes as it was typed."""
    shown: dict[str, Any] = {}
    for spec in specs:
        unread = content.typed_text(spec.key)
        value = content.get(spec.key)
        if unread is not None:
            shown[spec.key] = unread
        elif spec.type is FieldType.CHOICES:
            shown[spec.key] = list(value or [])
        else:
            shown[spec.key] = fields.to_form(spec, value)
    return shown


def raw_of(form: BaseForm) -> dict[str, Any]:
    """What was posted, as typed, by field key; a list for several choices."""
    return {name: control.data if control.data is not None else "" for name, control in form._fields.items()}


def words_of(spec: FieldSpec, value: Any, choices: Choices = Choices()) -> str:
    """A stored value in words of the page's language."""
    if spec.type is FieldType.CLAUSE:
        clause = next((row for row in choices.clauses if row.key == value), None)
        return tr(clause.text) if clause else str(value or "")
    return tr(fields.display(spec, value))


def typed_words(spec: FieldSpec, raw: Any, choices: Choices = Choices()) -> str:
    """What was typed, in words if it can be read, else as it is."""
    try:
        return words_of(spec, fields.parse(spec, raw), choices)
    except fields.Unreadable:
        return _("、").join(raw) if isinstance(raw, list) else str(raw)


def grouped(views: Iterable[FieldView]) -> list[tuple[Text, list[FieldView]]]:
    """The fields in their groups, in order: a field with a heading begins a new one."""
    groups: list[tuple[Text, list[FieldView]]] = []
    for view in views:
        if not groups or view.spec.group:
            groups.append((view.spec.group, []))
        groups[-1][1].append(view)
    return groups


def _control(spec: FieldSpec, choices: Choices, value: Any) -> UnboundField:
    make = _CONTROLS.get(spec.type, _text)
    # The label is translated here, since WTForms draws it.
    return make(spec, choices, value, {"label": tr(spec.label), "id": PREFIX + spec.key})


def _text(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    return StringField(**names, render_kw=_attributes(spec) | {"class": "form-control"})


def _long_text(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    tall = " is-tall" if spec.max_length >= LONG else ""
    more = {"class": f"form-control{tall}", "data-limit": str(spec.max_length), "rows": "6"}
    return TextAreaField(**names, render_kw=_attributes(spec) | more)


def _select(spec: FieldSpec, options: list[Option], value: Any, names: dict[str, str]) -> UnboundField:
    rows = [SelectChoice(option.value, tr(option.label)) for option in options]
    if value and value not in {row.value for row in rows}:
        # kept until the person chooses anew: a clause or option that the round no longer has
        rows.append(SelectChoice(value, tr(M("%(value)s（已不能选择，请重新选择）", value=value))))
    is_short = len(rows) <= FEW_OPTIONS and all(len(row.label or "") <= SHORT for row in rows)
    if is_short and spec.required:
        return RadioField(**names, choices=rows, validate_choice=False)
    rows.insert(0, SelectChoice("", tr(M("请选择"))))
    attributes = _attributes(spec) | {"class": "form-select"}
    return SelectField(**names, choices=rows, validate_choice=False, render_kw=attributes)


def _choice(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    return _select(spec, spec.options, value, names)


def _yes_no(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    if spec.required or spec.required_when:
        return _select(spec.model_copy(update={"required": True}), _YES_NO, value, names)
    return _Tick(**names, render_kw=_attributes(spec) | {"class": "form-check-input", "value": "1"})


def _clause(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    options = [Option(value=row.key, label=row.text) for row in choices.clauses]
    return _select(spec.model_copy(update={"required": False}), options, value, names)


def _choices(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    rows = [SelectChoice(option.value, tr(option.label)) for option in spec.options]
    return _Boxes(**names, choices=rows, validate_choice=False)


def _attributes(spec: FieldSpec) -> dict[str, str]:
    modes = {FieldType.NUMBER: "decimal" if spec.decimals else "numeric", FieldType.PHONE: "tel"}
    attributes = {
        "autocomplete": "off",
        "aria-describedby": f"{PREFIX}{spec.key}-help {PREFIX}{spec.key}-notes",
    }
    if spec.type in modes:
        attributes["inputmode"] = modes[spec.type]
    if spec.type is FieldType.UNIT:
        attributes["list"] = f"{PREFIX}{spec.key}-offers"
    return attributes


_CONTROLS: dict[FieldType, Callable[[FieldSpec, Choices, Any, dict[str, str]], UnboundField]] = {
    FieldType.LONG_TEXT: _long_text,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.YES_NO: _yes_no,
    FieldType.CLAUSE: _clause,
}
