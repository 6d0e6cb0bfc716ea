"""The roster as a file with ID and telephone numbers in clear: asked for with a reason, and recorded."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext as _l

from models.choices import Role
from models.messages import M
from models.person import Person
from panel.domain.errors import Invalid, NotFound
from views.admin.people.columns import roster_columns
from views.kit import list_export
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.secure_pages import ListPages

MAX_REASON = 200


class RosterExportPages(Pages[ListPages]):
    """The page that asks, and its file. Only for HR, and only of the units whose roster they keep."""

    def page_url(self) -> str:
        """The address of the page, for what the list shows."""
        return list_export.with_query(self.view.get_url(".export_clear_view"))

    @expose("/export", methods=("GET", "POST"))
    def export_clear_view(self) -> ResponseReturnValue:
        """Say what will be in the file and ask for the reason; send it once there is one."""
        kept = [grant.unit_id for grant in current_actor().as_(Role.UNIT_HR)]
        if not kept:
            raise NotFound
        people = self.view.list_query(self.view.list_args()).filter(unit__in=kept)
        reason = request.form.get("reason", "").strip()[:MAX_REASON]
        if request.method == "POST" and reason:
            columns = [column for column in roster_columns(is_clear=True) if column.file]
            rows = list_export.stored(people, columns)
            return list_export.send(_l("人员名册（含证件号）"), columns, rows, Person, reason)
        error = Invalid({"reason": M("请写明用途，会记入操作记录。")}) if request.method == "POST" else None
        page = self.view.render(
            "admin/exports/export_roster.html",
            count=people.limit(None).count(),
            masked_url=list_export.with_query(self.view.get_url(".export_view")),
            here=self.page_url(),
            back=list_export.with_query(self.view.get_url(".index_view")),
            errors=error.fields if error else {},
            longest=MAX_REASON,
        )
        return page, error.status if error else 200
