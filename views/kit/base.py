"""The base of all model views and pages: Flask-Admin with its holes closed (DESIGN section 8, traps 1-18).

A model view names its roles, its columns and, if anything can be written, its form's columns; nothing is
scaffolded. Ids are resolved by `get_one` and `get_many` alone, which see what `policy.visible` shows.
Addresses that a view doesn't use don't exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId
from flask_admin import Admin, BaseView, expose
from flask_admin.contrib.mongoengine import ModelView
from mongoengine import FileField, ReferenceField

from models.application import Application
from models.choices import Choice, Role
from panel.domain.access import policy
from panel.domain.errors import NotFound
from views.kit import secure_forms
from views.kit.access import Gate, current_actor, current_settings, holds, require
from views.kit.i18n import tr
from views.kit.list_export import ExportPages
from views.kit.secure_actions import BulkAction, bulk_action, bulk_actions
from views.kit.secure_list import FlagFilter, ListArgs, ListFilter
from views.kit.secure_pages import EditPages, ListPages

__all__ = [
    "AreaIndex",
    "BulkAction",
    "FlagFilter",
    "ListArgs",
    "ListFilter",
    "SecurePage",
    "SecureView",
    "bulk_action",
    "current_actor",
    "current_settings",
    "holds",
    "require",
]


class SecurePage(Gate, BaseView):
    """A page or group of pages of an area, open to `roles` alone; exposes "/" at least.

    `icon` is a Tabler icon's name for the menu; `in_menu` False keeps it out of the menu.
    """

    icon = ""
    in_menu = True

    def is_visible(self) -> bool:
        """Whether the menu names it."""
        return self.in_menu


class AreaIndex(SecurePage):
    """The front page of an area (/my/, /admin/, /committee/). Its static files are never served."""

    template = "admin/index.html"

    def __init__(self, name: Any, endpoint: str, url: str) -> None:
        super().__init__(name=name, endpoint=endpoint, url=url)

    @expose("/")
    def index(self) -> Any:
        """The area's pages."""
        return self.render(self.template)


class SecureView(ListPages, EditPages, ExportPages, Gate, ModelView):
    """A model view that shows and writes only what it names.

    Say in the subclass: `roles`; `column_list` with `column_labels`; `column_sortable_list`,
    `column_default_sort`; `list_filters`; `search_field`; `enums` (column -> Choice); `can_create`,
    `can_edit`, `can_delete` with `form_columns`. Hooks: `may_create`, `may_edit`, `may_delete`,
    `prepare`, `shows_action`, `editable_columns`, `export_columns`.
    """

    can_create = can_edit = can_delete = can_export = False
    can_view_details = True
    can_set_page_size = False
    page_size = 25
    icon = ""
    in_menu = True

    #: Roles whose view of the data this is; empty means `roles`.
    visible_as: tuple[Role, ...] = ()
    list_filters: Sequence[ListFilter] = ()
    #: The field with search keys; "" for a list without search.
    search_field = ""
    search_hint: Any = ""
    enums: Mapping[str, type[Choice]] = {}
    #: Each needs an index; left alone, Flask-Admin would take all columns, as fields instead of names.
    column_sortable_list: Sequence[str] = ()
    #: Whether what a search finds can be sorted; False where an index can't give both.
    sorts_search = True
    #: Whether an address that asks for nothing shows something else than the whole list.
    has_default_view = False
    #: Columns that a person may choose and put in order; empty for a list that is always the same.
    column_offer: Sequence[str] = ()
    #: Stored fields that a list row reads; empty means whole documents.
    list_only: Sequence[str] = ()
    empty_title: Any = ""
    empty_text: Any = ""

    # Not exposed, so that the addresses don't exist (traps 1, 2, 5, 6, 8).
    api_file_view = ajax_lookup = ajax_update = export = action_delete = None

    def __init__(self, model: type, **kwargs: Any) -> None:
        self.bulk = bulk_actions(self)
        _refuse_unsafe(self, model)
        super().__init__(model, **kwargs)
        all_urls: list[Any] = getattr(type(self), "_urls")  # noqa: B009 - the metaclass makes it
        self._urls = [address for address in all_urls if self._uses(address[1])]

    def _uses(self, method: str) -> bool:
        switches = {
            "create_view": self.can_create,
            "edit_view": self.can_edit,
            "delete_view": self.can_delete,
            "details_view": self.can_view_details,
            "action_view": bool(self.bulk),
            "export_view": self.can_export_list,
        }
        return bool(switches.get(method, True))

    def is_visible(self) -> bool:
        """Whether the menu names it."""
        return self.in_menu

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

    def scaffold_list_columns(self) -> list[str]:
        """The list's columns are the details' too, unless `column_details_list` names others."""
        return list(self.column_list)

    # --- words ------------------------------------------------------------------------------------

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

    # --- forms ------------------------------------------------------------------------------------

    def scaffold_form(self) -> type:
        """The form of `form_columns` and nothing else."""
        return secure_forms.build_form(
            self.model,
            tuple(self.form_columns or ()),
            self.column_labels or {},
            self.enums,
            self.visible_as or self.roles,
            self.form_extra_fields or {},
        )


def _refuse_unsafe(view: SecureView, model: type) -> None:
    """Raise TypeError for a view that would open one of the traps; at start, never at a request."""
    writes = view.can_create or view.can_edit
    fields: dict[str, Any] = model._fields  # type: ignore[attr-defined]
    search = fields.get(view.search_field)
    rules = {
        "needs roles": not view.roles,
        "needs column_list with column_labels": not view.column_list or not view.column_labels,
        "needs form_columns": bool(writes and not view.form_columns),
        "applications are written by the domain alone": bool(
            issubclass(model, Application) and (writes or view.can_delete)
        ),
        "use list_filters": bool(view.column_filters),
        "use search_field": bool(view.column_searchable_list),
        "column_editable_list writes without asking": bool(view.column_editable_list),
        "form_ajax_refs are unscoped": bool(view.form_ajax_refs),
        "export has its own stream": view.can_export,
        "a reference can't be searched": isinstance(search, ReferenceField),
        "files are served by their own view": any(
            isinstance(fields.get(name), FileField) for name in view.form_columns or ()
        ),
    }
    for why, is_broken in rules.items():
        if is_broken:
            raise TypeError(f"{type(view).__name__}: {why}")


def make_area(app: Any, index: AreaIndex, name: Any) -> Admin:
    """A Flask-Admin instance whose front page is `index`."""
    return Admin(app, name=name, index_view=index, endpoint=index.endpoint, url=index.url)
