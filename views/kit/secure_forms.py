"""Forms of model views: built from a whitelist of columns and of kinds of fields (traps 3, 6, 10, 11, 13).

Lists of embedded documents, mappings and files have no place in these forms: pairing rows by position
loses data, so that they get pages of their own, which address entries by uid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import mongoengine as me
from flask import flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import Choice as Option
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, ValidationError

from models.choices import Choice
from models.messages import PingshenError
from models.values import EncryptedTextField, PartialDate, PartialDateField, mask
from panel.domain.access import policy
from views.kit.access import current_actor
from views.kit.i18n import tr

#: Rows that a drop-down may show; beyond that the field asks for a search instead.
MAX_OPTIONS = 50
LONG_TEXT = 200
#: Of a field that can't be left empty.
NEEDED = [InputRequired(_l("请填写这一项。"))]


class PanelForm(FlaskForm):
    """A form whose CSRF token is checked by CSRFProtect alone."""

    class Meta:
        csrf = False


def show_errors(form: PanelForm, error: PingshenError) -> int:
    """Put the domain's refusal beside the fields, or above the form; returns the status."""
    for name, message in error.fields.items():
        if name in form._fields:
            form[name].errors = [*form[name].errors, tr(message)]
    if not error.fields or set(error.fields) - set(form._fields):
        flash(tr(error.message), "danger")
    return error.status


def refusal_of(form: PanelForm, work: Callable[[], object]) -> int | None:
    """Do `work` if `form` is valid; None once it is done, else the status of the page that says why not."""
    if not form.validate():
        return 422
    try:
        work()
    except PingshenError as error:
        return show_errors(form, error)
    return None


class MaskedField(StringField):
    """Personal data: the stored value is never sent; leaving the field empty keeps it."""

    def process_data(self, value: Any) -> None:
        self.masked = mask(value) if value else ""
        self.data = None

    def _value(self) -> str:
        return self.data or ""


class MonthField(StringField):
    """A date known to the year, month or day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.typed = text
        try:
            self.data = PartialDate.parse(text) if text else None
        except ValueError as error:
            self.data = None
            raise ValueError(_("请按“2023年5月”或“2023-05”的样子填写。")) from error

    def _value(self) -> str:
        return str(getattr(self, "typed", "") or (self.data.iso() if self.data else ""))


class ScopedSelectField(SelectField):
    """A reference: only what the person may see of `model`, at most MAX_OPTIONS rows (trap 6)."""

    def __init__(self, *args: Any, model: type, as_roles: tuple[Any, ...] = (), **kwargs: Any) -> None:
        self._model = model
        self._as_roles = as_roles
        super().__init__(*args, choices=[], validate_choice=False, **kwargs)

    def process_data(self, value: Any) -> None:
        self.data = value

    def process_formdata(self, valuelist: list[str]) -> None:
        wanted = valuelist[0] if valuelist else ""
        found = policy.get_many(current_actor(), self._model, [wanted], *self._as_roles) if wanted else []
        if wanted and not found:
            raise ValueError(_("请从列表里选择。"))
        self.data = found[0] if found else None

    def iter_choices(self) -> Iterator[Option]:
        yield Option("", "—", self.data is None, {})
        rows = list(policy.visible(current_actor(), self._model, *self._as_roles).limit(MAX_OPTIONS))
        if self.data is not None and self.data not in rows:
            rows.insert(0, self.data)
        for row in rows:
            yield Option(str(row.id), str(row), row == self.data, {})


class EnumField(SelectField):
    """One of a Choice, or nothing where it is optional."""

    def __init__(self, *args: Any, enum: type[Choice], **kwargs: Any) -> None:
        self._enum = enum
        super().__init__(*args, choices=[], validate_choice=False, coerce=str, **kwargs)

    def iter_choices(self) -> Iterator[Option]:
        if not self.flags.required:
            yield Option("", "—", not self.data, {})
        for value, label in self._enum.options():
            yield Option(value, tr(label), value == self.data, {})

    def process_data(self, value: Any) -> None:
        self.data = value or ""

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in {value for value, _label in self._enum.options()}:
            raise ValidationError(_("请从列表里选择。"))


Builder = Callable[[Any, str, list[Any]], Field]


def _text(column: Any, label: str, validators: list[Any]) -> Field:
    limit = column.max_length or 2000
    kind = TextAreaField if limit > LONG_TEXT else StringField
    return kind(label, [*validators, Length(max=limit)])


#: Kind of stored field -> kind of form field. What isn't here can't be in a form.
BUILDERS: dict[type, Builder] = {
    me.StringField: _text,
    me.EmailField: lambda column, label, validators: StringField(
        label, [*validators, Email(), Length(max=100)]
    ),
    me.IntField: lambda column, label, validators: IntegerField(
        label, [*validators, NumberRange(column.min_value, column.max_value)]
    ),
    me.BooleanField: lambda column, label, validators: BooleanField(label),
    me.DateField: lambda column, label, validators: DateField(label, validators),
    EncryptedTextField: lambda column, label, validators: MaskedField(label, [Optional()]),
    PartialDateField: lambda column, label, validators: MonthField(label, validators),
}


def build_form(
    model: type,
    columns: tuple[str, ...],
    labels: Mapping[str, Any],
    enums: Mapping[str, type[Choice]],
    roles: tuple[Any, ...],
    extra: Mapping[str, Any],
) -> type[PanelForm]:
    """The form class of `columns`; raises TypeError for one without label or of a kind not in BUILDERS."""
    fields: dict[str, Any] = {}
    for name in columns:
        if name in extra:
            fields[name] = extra[name]
            continue
        if name not in labels:
            raise TypeError(f"{model.__name__}.{name} has no label")
        fields[name] = _field(model._fields[name], labels[name], enums.get(name), roles)  # type: ignore[attr-defined]
    return type(f"{model.__name__}Form", (PanelForm,), fields)


def _field(column: Any, label: Any, enum: type[Choice] | None, roles: tuple[Any, ...]) -> Field:
    validators: list[Any] = [InputRequired() if column.required else Optional()]
    if enum is not None:
        return EnumField(label, validators, enum=enum)
    if isinstance(column, me.ReferenceField):
        return ScopedSelectField(label, validators, model=column.document_type, as_roles=roles)
    builder = BUILDERS.get(type(column))
    if builder is None:
        raise TypeError(f"{column.name}: a {type(column).__name__} may not be in a form")
    return builder(column, label, validators)


def populate(form: PanelForm, document: Any) -> None:
    """Put the form's values into `document`: blank is None, an empty masked field changes nothing."""
    for name, item in form._fields.items():
        if isinstance(item, MaskedField) and not item.data:
            continue
        value = item.data
        if isinstance(value, str):
            value = value.strip() or None
        if value is None and isinstance(document._fields[name], me.BooleanField):
            value = False
        setattr(document, name, value)
