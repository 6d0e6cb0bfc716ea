"""The pages of a model view: list with filters and actions, details, create, edit, delete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from models.messages import M
from panel.domain.errors import Invalid, NotFound, StaleWrite
from views.kit import secure_edit, secure_list
from views.kit.access import current_actor
from views.kit.columns import ListColumn, StoredRow
from views.kit.i18n import tr
from views.kit.scoped import ScopedView
from views.kit.secure_actions import MAX_ROWS_NAMED, BulkAction
from views.kit.secure_list import ListArgs, Rows


class ListPages(ScopedView):
    """List, details and actions on rows."""

    #: The actions on rows, by name, each with what runs it.
    bulk: dict[str, tuple[BulkAction, Callable[..., Any]]]

    @property
    def has_default_view(self) -> bool:
        """Whether an address that asks for nothing shows something else than the whole list."""
        return False

    def read_args(self, sent: MultiDict[str, str]) -> tuple[ListArgs, list[str]]:
        """What `sent` says of the list, and the filters whose value isn't offered."""
        return secure_list.read_args(sent, self.list_filters, self._sortable_columns, self.column_offer)

    def list_args(self) -> ListArgs:
        """What the query string asks for."""
        args, wrong = self.read_args(request.args)
        for item in self.list_filters:
            if item.name in wrong:
                flash(_("没有这个筛选条件，已忽略：%(name)s", name=tr(item.label)), "warning")
        return args

    def shown(self, args: ListArgs) -> list[ListColumn]:
        """The columns shown: those chosen, else the list's own."""
        known = {column.key: column for column in self.columns}
        return [known[key] for key in args.columns or self.column_list]

    def list_rows(self, args: ListArgs) -> Rows:
        """The rows of the page asked for."""
        return secure_list.fetch(self.list_query(args), args.page, self.page_size, self.most(args))

    def most(self, args: ListArgs) -> int:
        """How many rows are counted at most."""
        return secure_list.COUNT_LIMIT

    def sortable(self, args: ListArgs) -> set[str]:
        """The columns by which the list can be sorted as it is now."""
        return set(self._sortable_columns) if self.sorts_search or not args.search else set()

    def list_query(self, args: ListArgs) -> Any:
        """The scoped query of the list, filtered, searched and sorted; `_id` decides between equals."""
        query = self.get_query()
        for item in self.list_filters:
            if item.name in args.filters:
                query = item.apply(query, args.filters[item.name])
        if args.search and self.search_field:
            query = secure_list.search_by_keys(query, args.search, self.search_field)
        if args.sort:
            order = [("-" if args.descending else "") + self._sortable_columns[args.sort]]
        else:
            order = [("-" if down else "") + column for column, down in self._get_default_order() or []]
        query = query.order_by(*order, "id")
        return query.only(*self.list_only) if self.list_only else query

    def file_rows(self, rows: Iterable[StoredRow]) -> Iterable[StoredRow]:
        """The stored `rows` of the list's file, with what its cells need besides; for subclasses."""
        return rows

    def first_sight(self) -> ResponseReturnValue | None:
        """What answers instead of the list; for subclasses."""
        return None

    def clear_url(self, args: ListArgs) -> str:
        """The list without filters and search, in the same columns and order."""
        url: str = self.get_url(".index_view", **args.query(filters={}, search="", page=0))
        return url

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """More values for the list's template; for subclasses."""
        return {}

    def shows_action(self, action: BulkAction, document: Any) -> bool:
        """Whether the row of `document` offers `action`."""
        return True

    def may_act(self, action: BulkAction) -> bool:
        """Whether the person may use `action` in this list at all."""
        return True

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The list."""
        if (instead := self.first_sight()) is not None:
            return instead
        args = self.list_args()
        rows = self.list_rows(args)
        actions = [action for action, _method in self.bulk.values() if self.may_act(action)]
        page: str = self.render(
            self.list_template,
            args=args,
            rows=rows,
            data=rows.data,
            list_columns=[(column.key, column.label) for column in self.shown(args)],
            sortable=self.sortable(args),
            get_value=self.get_list_value,
            get_pk_value=self.get_pk_value,
            list_url=lambda **changes: self.get_url(".index_view", **args.query(**changes)),
            clear_url=self.clear_url(args),
            most_rows=MAX_ROWS_NAMED,
            here=self.get_url(".index_view", **args.query(page=rows.page)),
            bulk=[action for action in actions if action.in_bulk],
            row_actions=[action for action in actions if action.in_rows],
            can_create=self.can_create and self.may_create(),
            **self.list_context(rows),
        )
        return page

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        """One document."""
        document = self.get_one(request.args.get("id", ""))
        page: str = self.render(
            self.details_template,
            model=document,
            details_columns=self._details_columns,
            get_value=self.get_detail_value,
            return_url=self.return_url(),
            can_edit=self.can_edit and self.may_edit(document),
            can_delete=self.can_delete and self.may_delete(document),
        )
        return page

    @expose("/action/", methods=("POST",))
    def action_view(self) -> ResponseReturnValue:
        """Run an action on the chosen rows, each of which the person must see."""
        asked = request.form.get("action", "")
        if asked not in self.bulk:
            raise NotFound
        action, method = self.bulk[asked]
        if not self.may_act(action):
            raise NotFound
        ids = self.all_ids() if request.form.get("all") == "1" else request.form.getlist("rowid")
        if not ids:
            flash(_("请先勾选要处理的记录。"), "warning")
            return redirect(self.return_url())
        if len(ids) > MAX_ROWS_NAMED:
            flash(_("一次最多处理 %(n)s 条，请用筛选分几次进行。", n=MAX_ROWS_NAMED), "warning")
            return redirect(self.return_url())
        response: ResponseReturnValue | None = method(self.get_many(ids))
        return redirect(self.return_url()) if response is None else response

    def all_ids(self) -> list[Any]:
        """Of all that the list sent along finds, one more than an action takes; in the list's order."""
        args, _wrong = self.read_args(request.form)
        query = self.list_query(args).limit(MAX_ROWS_NAMED + 1)
        return [row["_id"] for row in query.all_fields().only("id").as_pymongo()]


# One line of classes: Flask-Admin copies what a class inherits into it, so that the stock pages of one branch
# would hide those of another.
class EditPages(ListPages):
    """Create, edit and delete, each only where the view allows it."""

    def may_create(self) -> bool:
        """Whether the person may add a document."""
        return True

    def may_edit(self, document: Any) -> bool:
        """Whether the person may change `document`."""
        return True

    def may_delete(self, document: Any) -> bool:
        """Whether the person may remove `document`."""
        return True

    def editable_columns(self, document: Any | None) -> Sequence[str]:
        """The form's columns for `document` (None: a new one); the others are deleted from the form."""
        return tuple(self.form_columns or ())

    def prepare(self, document: Any, is_new: bool) -> None:
        """Set what the form doesn't hold, before the document is stored; may raise Invalid."""

    def form_for(self, document: Any | None) -> Any:
        """The form with only those fields that may be written."""
        form = self._edit_form_class(obj=document) if document else self._create_form_class()
        allowed = set(self.editable_columns(document))
        for name in list(form._fields):
            if name not in allowed:
                del form[name]
        return form

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Add a document."""
        if not self.may_create():
            raise NotFound
        form = self.form_for(None)
        if form.validate_on_submit():
            try:
                document = secure_edit.insert(
                    self.model, form, current_actor(), lambda new: self.prepare(new, True)
                )
            except Invalid as error:
                _show(form, error)
            else:
                flash(_("已保存：%(name)s", name=tr(document)), "success")
                return redirect(self.return_url())
        status = 422 if form.is_submitted() else 200
        return self.render(self.create_template, form=form, return_url=self.return_url()), status

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Change a document, unless somebody else changed it since the form was made."""
        document = self.get_one(request.args.get("id", ""))
        if not self.may_edit(document):
            raise NotFound
        form = self.form_for(document)
        seen = request.form.get("seen", "")
        stale: StaleWrite | None = None
        if form.validate_on_submit():
            try:
                secure_edit.update(
                    document, form, seen, current_actor(), lambda changed: self.prepare(changed, False)
                )
            except Invalid as error:
                _show(form, error)
            except StaleWrite as error:
                stale = error
            else:
                flash(_("已保存：%(name)s", name=tr(document)), "success")
                return redirect(self.return_url())
        status = 409 if stale else 422 if form.is_submitted() else 200
        page = self.render(
            self.edit_template,
            model=document,
            form=form,
            # A refused form keeps its version; after a conflict the person has seen the newer one.
            seen=seen if form.is_submitted() and not stale else secure_edit.fingerprint(document),
            stale=stale,
            stored=self._stored_values(document, form) if stale else [],
            return_url=self.return_url(),
        )
        return page, status

    def _stored_values(self, document: Any, form: Any) -> list[tuple[Any, Any]]:
        """What is stored now where it differs from what was typed: (label, value)."""
        return [
            (item.label.text, self.get_detail_value(None, document, item.name))
            for item in form
            if getattr(document, item.name, None) != item.data and not hasattr(item, "masked")
        ]

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> ResponseReturnValue:
        """Remove a document."""
        document = self.get_one(request.form.get("id", ""))
        if not self.may_delete(document):
            raise NotFound
        secure_edit.delete(document, current_actor())
        flash(_("已删除：%(name)s", name=tr(document)), "success")
        return redirect(self.return_url())


def _show(form: Any, error: Invalid) -> None:
    """Put the domain's messages beside the form's fields; those without a field to the top."""
    for name, message in error.fields.items():
        if name in form._fields:
            form[name].errors = [*form[name].errors, tr(message)]
        else:
            flash(tr(message or M("有内容不符合要求，请检查。")), "danger")
