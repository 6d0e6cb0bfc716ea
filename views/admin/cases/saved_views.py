"""Saved views of the list of applications: keep, open, share, rename, set as first sight, delete."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.messages import PingshenError
from models.saved_view import SavedView
from panel import clock
from panel.domain.access import policy
from panel.domain.desk import saved_views
from views.admin import list_words
from views.kit.access import current_actor
from views.kit.i18n import tr
from views.kit.pages import Pages
from views.kit.secure_list import ListArgs
from views.kit.secure_pages import ListPages


class SavedViewPages(Pages[ListPages]):
    """The views of a list that each person keeps; the list asks it what its first sight is."""

    def own_views(self) -> list[SavedView]:
        """The person's views of this list, by name."""
        return [view for view in list_words.saved_views() if view.list == self.view.endpoint]

    def first_sight(self) -> ResponseReturnValue | None:
        """The person's default view, where the address asks for nothing."""
        if request.args:
            return None
        default = next((view for view in self.own_views() if view.is_default), None)
        return redirect(self.view_url(default)) if default is not None else None

    def view_url(self, view: SavedView) -> str:
        """The list as `view` has it; whoever may see the list can open it, in their own scope."""
        return self.view.get_url(".index_view", **(view.query or {"all": 1}))

    def clear_url(self, args: ListArgs) -> str:
        """The whole list in the same columns and order, also where a default view is set."""
        return self.view.get_url(".index_view", **(args.query(filters={}, search="", page=0) or {"all": 1}))

    def view_context(self, args: ListArgs) -> dict[str, Any]:
        """What the list's menus of views and columns show."""
        query: dict[str, Any] = {key: str(value) for key, value in args.query(page=0).items()}
        offered = list(self.view.column_offer)
        shown = [column.key for column in self.view.shown(args)]
        return {
            "views": [(view, self.view_url(view)) for view in self.own_views()],
            "view_query": query,
            "current_view": next((view for view in self.own_views() if view.query == query), None),
            "share_url": self.view.get_url(".index_view", _external=True, **(query or {"all": 1})),
            "column_choice": [
                (name, self.view.get_column_name(name), name in shown)
                for name in [*shown, *(name for name in offered if name not in shown)]
            ],
        }

    @expose("/views/", methods=("GET", "POST"))
    def views_view(self) -> ResponseReturnValue:
        """The person's views; a post keeps what the list shows as a new one."""
        if request.method == "GET":
            return self._views()
        args, _wrong = self.view.read_args(request.form)
        query: dict[str, Any] = {key: str(value) for key, value in args.query(page=0).items()}
        name, is_default = request.form.get("name", ""), request.form.get("is_default") == "1"
        try:
            view = saved_views.save(current_actor(), self.view.endpoint, name, query, clock.now(), is_default)
        except PingshenError as error:
            return self._views(error, "new", {"name": name, "is_default": is_default, "query": query})
        flash(_("已保存视图“%(name)s”。", name=view.name), "success")
        return redirect(self.view_url(view))

    @expose("/views/<view_id>/rename", methods=("POST",))
    def rename_view(self, view_id: str) -> ResponseReturnValue:
        """Another name for the person's own view."""
        view, name = self._own_view(view_id), request.form.get("name", "")
        try:
            saved_views.rename(current_actor(), view, name)
        except PingshenError as error:
            return self._views(error, view_id, {"name": name})
        return self._done(_("已改名。"))

    @expose("/views/<view_id>/default", methods=("POST",))
    def default_view(self, view_id: str) -> ResponseReturnValue:
        """Open the list with this view from now on, or no longer."""
        view = self._own_view(view_id)
        is_set = request.form.get("is_default") == "1"
        saved_views.set_default(current_actor(), view if is_set else None, self.view.endpoint)
        return self._done(_("以后打开列表时先显示这个视图。") if is_set else _("已取消默认视图。"))

    @expose("/views/<view_id>/delete", methods=("POST",))
    def delete_saved_view(self, view_id: str) -> ResponseReturnValue:
        """Forget the person's own view."""
        view = self._own_view(view_id)
        saved_views.delete(current_actor(), view)
        return self._done(_("已删除视图“%(name)s”。", name=view.name))

    def _own_view(self, view_id: str) -> SavedView:
        found: SavedView = policy.one(current_actor(), SavedView, view_id)
        return found

    def _done(self, text: str) -> ResponseReturnValue:
        flash(text, "success")
        return redirect(self.view.get_url(".views_view"))

    def _views(
        self, error: PingshenError | None = None, where: str = "", typed: dict[str, Any] | None = None
    ) -> ResponseReturnValue:
        message = tr(next(iter(getattr(error, "fields", {}).values()), error.message)) if error else ""
        page = self.view.render(
            "admin/cases/saved_views.html",
            views=[(view, self.view_url(view)) for view in self.own_views()],
            message=message,
            where=where,
            typed=typed or {},
        )
        return page, error.status if error else 200
