"""HR corrects a slip of the pen in a submitted case, on its applicant's behalf."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.application import Application
from models.choices import Role
from models.field_spec import FieldType
from models.mend import Mend
from models.messages import PingshenError
from panel import clock
from panel.domain.access import policy
from panel.domain.content import mending
from panel.domain.content.mending import MendPlace
from panel.domain.errors import Invalid, StaleWrite
from panel.domain.rounds.parts import AskedForm
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.scoped import ScopedView
from views.shared.mend_words import title_of


class MendPages(Pages[ScopedView]):
    """`/admin/applications/<id>/mend`."""

    @expose("/<id>/mend", methods=("GET", "POST"))
    def mend_view(self, id: str) -> ResponseReturnValue:
        """What may be corrected; one of it with its form, as the address or the form names it."""
        application = self.view.get_one(id)
        mending.require(application, current_actor())
        sent = request.form if request.method == "POST" else request.args
        if not sent.get("field"):
            return self._list(application)
        place = mending.place_of(
            application, sent.get("section", ""), sent.get("entry", ""), sent.get("field", "")
        )
        if request.method == "GET":
            return self._form(application, place, place.typed, "")
        value, reason = request.form.get("value", ""), request.form.get("reason", "")
        value = value.replace("\r\n", "\n")
        seen = request.form.get("seen", "").replace("\r\n", "\n")
        try:
            mending.mend(application, place, value, reason, seen, current_actor(), clock.now())
        except StaleWrite:
            flash(_("这份申报刚有变动，更正没有保存。请看过现在的内容再更正。"), "warning")
            return redirect(url_for("hr_applications.mend_view", id=application.id))
        except PingshenError as error:
            return self._form(application, place, value, reason, error)
        flash(_("已更正，并通知了本人确认。"), "success")
        return redirect(url_for("hr_applications.case_view", id=application.id, _anchor="mends"))

    def _list(self, application: Application) -> str:
        asked = AskedForm(application)
        groups: dict[str, Any] = {}
        for place in mending.places(application):
            head = (place.section.key, place.entry)
            groups.setdefault("/".join(head), (place.section, title_of(asked, place), []))[2].append(place)
        return self.view.render(
            "admin/cases/mend.html", application=application, groups=list(groups.values()), place=None
        )

    def _form(
        self,
        application: Application,
        place: MendPlace,
        value: str,
        reason: str,
        error: PingshenError | None = None,
    ) -> ResponseReturnValue:
        page = self.view.render(
            "admin/cases/mend.html",
            application=application,
            groups=[],
            place=place,
            entry_title=title_of(AskedForm(application), place),
            value=value,
            reason=reason,
            is_long=place.field.type is FieldType.LONG_TEXT,
            longest=mending.LONGEST_MEND_REASON,
            error=error,
            errors=error.fields if isinstance(error, Invalid) else {},
        )
        return page, error.status if error else 200

    @expose("/<id>/mend/<mend_id>/restore", methods=("POST",))
    def mend_restore_view(self, id: str, mend_id: str) -> ResponseReturnValue:
        """Take a correction back."""
        application = self.view.get_one(id)
        row = policy.one(current_actor(), Mend, mend_id, Role.UNIT_HR)
        try:
            mending.restore(application, row, current_actor(), clock.now())
        except StaleWrite:
            flash(_("这份申报刚有变动，没有改回。请刷新后再试。"), "warning")
        else:
            flash(_("已改回原内容，并通知了本人。"), "success")
        return redirect(url_for("hr_applications.case_view", id=application.id, _anchor="mends"))
