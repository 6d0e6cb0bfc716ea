"""The base of all model views and pages: Flask-Admin with its holes closed (DESIGN section 8, traps 1-18).

A model view names its roles, its columns and, if anything can be written, its form's columns; nothing is
scaffolded. Ids are resolved by `get_one` and `get_many` alone, which see what `policy.visible` shows.
Addresses that a view doesn't use don't exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from flask_admin import Admin, BaseView, expose
from mongoengine import FileField, ReferenceField

from models.application import Application
from views.kit import secure_forms
from views.kit.access import Gate
from views.kit.list_export import ListFile
from views.kit.pages import Pages
from views.kit.secure_actions import bulk_actions
from views.kit.secure_pages import EditPages


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


class SecureView(EditPages):
    """A model view that shows and writes only what it names.

    Say in the subclass: `roles`; `columns`; `column_default_sort`; `list_filters`; `search_field`;
    `can_create`, `can_edit`, `can_delete` with `form_columns`, `form_labels` and `enums` (field -> Choice).
    Hooks: `may_create`, `may_edit`, `may_delete`, `prepare`, `shows_action`, `editable_columns`.
    Groups of more pages are given to `__init__`.
    """

    can_create = can_edit = can_delete = can_export = False
    can_view_details = True
    can_set_page_size = False
    page_size = 25
    icon = ""
    in_menu = True

    # Not exposed, so that the addresses don't exist (traps 1, 2, 5, 6, 8).
    api_file_view = ajax_lookup = ajax_update = export = action_delete = None

    def __init__(self, model: type, *, pages: Sequence[Pages[Any]] = (), **kwargs: Any) -> None:
        self.list_file = ListFile(self) if any(column.file for column in self.columns) else None
        self.pages = (*pages, self.list_file) if self.list_file else tuple(pages)
        self.bulk = {}
        for group in self.pages:
            self.bulk |= group.actions()
        self.bulk |= bulk_actions(self)
        _refuse_unsafe(self, model)
        self.take_columns()
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
        }
        return bool(switches.get(method, True))

    def create_blueprint(self, admin: Admin) -> Any:
        """The addresses of the view and of its groups of pages."""
        blueprint = super().create_blueprint(admin)
        for group in self.pages:
            group.register(blueprint)
        return blueprint

    def is_visible(self) -> bool:
        """Whether the menu names it."""
        return self.in_menu

    # --- forms ------------------------------------------------------------------------------------

    def scaffold_form(self) -> type:
        """The form of `form_columns` and nothing else."""
        return secure_forms.build_form(
            self.model,
            tuple(self.form_columns or ()),
            self.column_labels,
            self.enums,
            self.visible_as or self.roles,
            self.form_extra_fields or {},
        )


#: What `columns` say; a view that named it itself would say it twice.
_MADE_OF_COLUMNS = (
    "column_list",
    "column_labels",
    "column_formatters",
    "column_sortable_list",
    "list_only",
    "column_offer",
)


def _own_classes(view: SecureView) -> Iterator[type]:
    """The classes that the project's areas add to the base."""
    return takewhile(lambda base: base is not SecureView, type(view).__mro__)


def _refuse_unsafe(view: SecureView, model: type) -> None:
    """Raise TypeError for a view that would open one of the traps; at start, never at a request."""
    writes = view.can_create or view.can_edit
    fields: dict[str, Any] = model._fields  # type: ignore[attr-defined]
    search = fields.get(view.search_field)
    rules = {
        "needs roles": not view.roles,
        "needs columns": not view.columns,
        "columns are named by objects": any(
            vars(base).get(name) is not None for base in _own_classes(view) for name in _MADE_OF_COLUMNS
        ),
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
