"""Comments for colleagues on an application's page."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.comment import Comment
from models.messages import PingshenError
from panel import clock
from panel.domain.access import policy
from panel.domain.desk import comments
from panel.domain.errors import NotFound
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.scoped import ScopedView


class CommentPages(Pages[ScopedView]):
    """Writing a comment on a case and taking it back; ids are resolved in scope alone."""

    def __init__(self, view: ScopedView, show: Callable[..., ResponseReturnValue]) -> None:
        """`show` is the case's page, with what couldn't be stored."""
        super().__init__(view)
        self._show = show

    @expose("/<id>/comment", methods=("POST",))
    def comment_view(self, id: str) -> ResponseReturnValue:
        """Write a comment; what can't be stored comes back with the page."""
        application, text = self.view.get_one(id), request.form.get("comment", "")
        try:
            comments.add(application, text, current_actor(), clock.now())
        except PingshenError as error:
            return self._show(application, error, "comment", {"comment": text})
        return redirect(url_for("hr_applications.case_view", id=id, _anchor="comments"))

    @expose("/<id>/comment/<comment_id>/remove", methods=("POST",))
    def comment_remove_view(self, id: str, comment_id: str) -> ResponseReturnValue:
        """Take back one's own fresh comment."""
        application, actor = self.view.get_one(id), current_actor()
        found: Comment = policy.one(actor, Comment, comment_id)
        if found.application.id != application.id:
            raise NotFound
        comments.take_back(found, application, actor, clock.now())
        flash(_("已删除备注。"), "success")
        return redirect(url_for("hr_applications.case_view", id=id, _anchor="comments"))
