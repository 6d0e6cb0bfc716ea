"""The applicant's word on what HR corrected for them: yes, or no with the reason."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.choices import Role
from models.mend import Mend
from models.messages import PingshenError
from panel import clock
from panel.domain.access import policy
from panel.domain.content import mending
from panel.domain.errors import Invalid, NotFound
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.i18n import tr

#: Where an application's overview shows its corrections.
ANCHOR = "mends"


class MendAnswerPage(SecurePage):
    """`/my/mends/<id>`: answers only; the corrections stand on the application's overview."""

    roles = (Role.APPLICANT,)
    in_menu = False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list is the area's first page."""
        return redirect(url_for("my.index"))

    @expose("/<id>", methods=("POST",))
    def answer_view(self, id: str) -> ResponseReturnValue:
        """Confirm or object."""
        actor = current_actor()
        row = policy.one(actor, Mend, id, Role.APPLICANT)
        step = request.form.get("step")
        if step not in ("confirm", "object"):
            raise NotFound
        try:
            mending.answer(row, step == "confirm", request.form.get("objection", ""), actor, clock.now())
        except Invalid as error:
            flash(tr(error.fields["objection"]), "danger")
        except PingshenError as error:
            flash(tr(error.message), "warning")
        else:
            flash(
                _("已确认这处更正。")
                if step == "confirm"
                else _("已提出异议，人事部门会看到。他们改回原内容，或与您商量后由您确认。"),
                "success",
            )
        return redirect(url_for("my_application.overview", application_id=row.application, _anchor=ANCHOR))
