"""The controls of a round's fields: which WTForms field each type becomes, with its attributes.

A control never refuses what was typed: what it means is `panel.domain.rounds.fields`' business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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

from models.field_spec import FieldSpec, FieldType, Option, Text
from models.messages import M, Message
from models.round_spec import ClauseSpec
from panel.domain.rounds import fields
from views.kit.i18n import tr

#: Up to so many options are shown at once instead of in a drop-down.
FEW_OPTIONS = 4
#: Options shown at once have labels of at most so many characters.
SHORT = 12
#: From so many characters on a text gets a tall box.
LONG = 400
#: Of the second control of a pair, after the first one's.
SECOND = "-end"
#: Of an element's id, which findings link to.
PREFIX = "field-"
#: Of a control's name, so that no field of a round collides with what the page itself sends.
NAME = "f"
_YES_NO = [Option(value="1", label=Text(zh="是", en="Yes")), Option(value="0", label=Text(zh="否", en="No"))]


@dataclass(frozen=True)
class SlotFiles:
    """The attachments of a slot that a field may name: its label, where they are uploaded, uid and name."""

    label: Text
    url: str
    files: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Choices:
    """What a form needs beyond its specs: clauses that can be met, the own unit, files by slot."""

    clauses: Sequence[ClauseSpec] = ()
    own_unit: str = ""
    slots: Mapping[str, SlotFiles] = field(default_factory=dict)


def name_of(key: str) -> str:
    """The name under which field `key` is posted."""
    return f"{NAME}-{key}"


class Boxes(SelectMultipleField):
    """Several choices as a list of tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Pair(Field):
    """Two texts under one name: from and to."""

    def process_data(self, value: Any) -> None:
        parts = value if isinstance(value, list | tuple) else fields.range_parts(value)
        self.data = [*map(str, parts), "", ""][:2]

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [*valuelist, "", ""][:2] if valuelist else self.data

    @property
    def inputs(self) -> list[tuple[str, Message, str]]:
        """Id, words and value of both inputs."""
        start, end = self.data or ["", ""]
        return [(self.id, M("开始"), start), (self.id + SECOND, M("结束"), end)]


class Tick(BooleanField):
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
    return Tick(**names, render_kw=_attributes(spec) | {"class": "form-check-input", "value": "1"})


def _clause(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    options = [Option(value=row.key, label=row.text) for row in choices.clauses]
    return _select(spec.model_copy(update={"required": False}), options, value, names)


def _choices(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    rows = [SelectChoice(option.value, tr(option.label)) for option in spec.options]
    return Boxes(**names, choices=rows, validate_choice=False)


def _range(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    return Pair(**names)


def _files(spec: FieldSpec, choices: Choices, value: Any, names: dict[str, str]) -> UnboundField:
    offered = choices.slots[spec.slot].files if spec.slot in choices.slots else ()
    rows = [SelectChoice(uid, name) for uid, name in offered]
    return Boxes(**names, choices=rows, validate_choice=False)


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
    FieldType.RANGE: _range,
    FieldType.FILE: _files,
    FieldType.YES_NO: _yes_no,
    FieldType.CLAUSE: _clause,
}
