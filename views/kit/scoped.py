"""What every part of a model view builds on: what it names, and the only ways to documents (trap 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson import ObjectId
from flask import request
from flask_admin.contrib.mongoengine import ModelView

from models.choices import Choice, Role
from panel.addresses import local_path
from panel.domain.access import policy
from panel.domain.errors import NotFound
from views.kit.access import Gate, current_actor
from views.kit.columns import Cell, ListColumn, stored_fields
from views.kit.i18n import tr
from views.kit.secure_list import ListFilter


class ScopedView(Gate, ModelView):
    """A model view with its words and its scope; Flask-Admin's settings of columns are made of `columns`."""

    model: type[Any]

    #: Roles whose view of the data this is; empty means `roles`.
    visible_as: tuple[Role, ...] = ()
    #: The columns of the list, in their order.
    columns: Sequence[ListColumn] = ()
    #: Stored fields that a row needs besides those of `columns`; None reads whole documents.
    row_fields: Sequence[str] | None = None
    list_filters: Sequence[ListFilter] = ()
    #: The field with search keys; "" for a list without search.
    search_field = ""
    search_hint: Any = ""
    #: Whether what a search finds can be sorted; False where an index can't give both.
    sorts_search = True
    #: Labels of form fields that are no columns.
    form_labels: Mapping[str, Any] = {}
    #: Closed sets of values, by form field or column.
    enums: Mapping[str, type[Choice]] = {}
    empty_title: Any = ""
    empty_text: Any = ""

    def take_columns(self) -> None:
        """Tell Flask-Admin what `columns` say; before it starts."""
        self.column_list = [column.key for column in self.columns if column.is_shown]
        self.column_labels = {**self.form_labels, **{column.key: column.label for column in self.columns}}
        self.column_formatters = {
            column.key: _formatter(column.cell) for column in self.columns if column.cell is not None
        }
        self.column_sortable_list = [(column.key, column.sort) for column in self.columns if column.sort]
        self.list_only = () if self.row_fields is None else (*self.row_fields, *stored_fields(self.columns))

    @property
    def column_offer(self) -> tuple[str, ...]:
        """The columns that the person may choose and put in order; none where the list is always the same."""
        if all(column.is_shown for column in self.columns):
            return ()
        return tuple(column.key for column in self.columns if column.is_offered())

    # --- what the person sees: the only ways to documents -----------------------------------------

    def get_query(self) -> Any:
        """What `policy.visible` shows to the person in this view's roles."""
        return policy.visible(current_actor(), self.model, *(self.visible_as or self.roles))

    def get_many(self, ids: Sequence[Any]) -> list[Any]:
        """All documents with `ids`, in that order; raises NotFound if any is out of sight or malformed."""
        wanted = list(dict.fromkeys(str(key) for key in ids))
        if not all(ObjectId.is_valid(key) for key in wanted):
            raise NotFound
        found = {str(document.pk): document for document in self.get_query().filter(pk__in=wanted)}
        if set(found) != set(wanted):
            raise NotFound
        return [found[key] for key in wanted]

    def get_one(self, id: Any) -> Any:
        """The document with `id`; raises NotFound."""
        return self.get_many([id])[0]

    def return_url(self) -> str:
        """Where the person came from, if on this server; else the list."""
        url: str = local_path(request.values.get("url")) or self.get_url(".index_view")
        return url

    # --- words ------------------------------------------------------------------------------------

    def scaffold_list_columns(self) -> list[str]:
        """The list's columns are the details' too, unless `column_details_list` names others."""
        return list(self.column_list)

    def get_column_name(self, field: str) -> Any:
        """The label, which every shown column must have."""
        return self.column_labels[field]

    def _get_list_value(self, context: Any, model: Any, name: str, formatters: Any, types: Any) -> Any:
        formatter = formatters.get(name)
        if formatter is not None:
            return formatter(self, context, model, name)
        value = self._get_field_value(model, name)
        if name in self.enums and value:
            return tr(self.enums[name](value))
        return tr(value)


def _formatter(cell: Cell) -> Callable[[Any, Any, Any, str], Any]:
    """`cell` as Flask-Admin calls it."""
    return lambda view, context, row, name: cell(view, context, row)
