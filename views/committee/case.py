"""A case as an expert sees it (R13, R17): content to read, an opinion to write, recusal to declare."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField

from models.application import Application
from models.choices import Kind, State
from models.meeting import Opinion
from models.messages import PingshenError
from panel import clock
from panel.addresses import wants_json
from panel.domain.access import policy
from panel.domain.access.who_may import JUDGES, Permission
from panel.domain.errors import NotFound, StaleWrite
from panel.domain.review import opinions
from panel.domain.rounds.parts import AskedForm
from views.admin.cases import addresses, content
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.i18n import date_time
from views.kit.secure_forms import NEEDED, PanelForm, show_errors
from views.shared.closed_files import close_files
from views.shared.round_words import RoundWords


class OpinionForm(PanelForm):
    """An expert's opinion; `version` is the one the page was made from."""

    recommends = RadioField(
        _l("是否同意推荐"), choices=[("1", _l("同意推荐")), ("0", _l("不同意推荐"))], validate_choice=False
    )
    text = TextAreaField(_l("评议意见"), render_kw={"rows": 9, "maxlength": opinions.MAX_LENGTH})
    version = HiddenField()

    @property
    def choice(self) -> bool | None:
        """The recommendation, None while there is none."""
        return {"1": True, "0": False}.get(self.recommends.data or "")

    @property
    def seen(self) -> int:
        """The version as a number; 0 for none yet."""
        text = self.version.data or "0"
        return int(text) if text.isdecimal() and len(text) < 9 else 0


class RecusalForm(PanelForm):
    """Why an expert steps back."""

    reason = TextAreaField(
        _l("回避理由"),
        NEEDED,
        render_kw={"rows": 4, "maxlength": opinions.LONGEST_RECUSAL_REASON},
    )


class CasePage(SecurePage):
    """The cases assigned to or tabled before an expert."""

    roles = JUDGES
    icon = "file-text"
    in_menu = False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list is on the area's front page."""
        return redirect(url_for("committee.index"))

    @expose("/<id>")
    def show(self, id: str) -> ResponseReturnValue:
        """The case to read, with the opinion beside it."""
        application = _case(id)
        opinion = opinions.mine(current_actor(), application)
        return self._page(application, opinion, _form_of(opinion))

    @expose("/<id>/opinion", methods=("POST",))
    def write(self, id: str) -> ResponseReturnValue:
        """Save the draft (as it is typed, answered in JSON) or hand the opinion in."""
        application, form = _case(id), OpinionForm()
        if not opinions.assigned(current_actor(), application):
            raise NotFound
        is_final = request.form.get("do") == "submit"
        try:
            saved = self._write(application, form, is_final)
        except StaleWrite as error:
            if wants_json():
                raise
            return self._page(application, error.current, form, error.status, stale=error)
        except PingshenError as error:
            if wants_json():
                raise
            status = show_errors(form, error)
            return self._page(application, opinions.mine(current_actor(), application), form, status)
        if wants_json():
            return jsonify(version=saved.version, saved_at=date_time(saved.at))
        flash(_("评议意见已提交。") if is_final else _("草稿已保存。"), "success")
        return redirect(url_for("committee.index") if is_final else url_for(".show", id=id))

    @staticmethod
    def _write(application: Application, form: OpinionForm, is_final: bool) -> Opinion:
        return opinions.write_opinion(
            application,
            form.text.data or "",
            form.choice,
            is_final,
            form.seen,
            current_actor(),
            clock.now(),
        )

    @expose("/<id>/recuse", methods=("GET", "POST"))
    def recuse(self, id: str) -> ResponseReturnValue:
        """Declare an interest; the case is closed to the expert from then on."""
        application, form, actor = _case(id), RecusalForm(), current_actor()
        status = 200
        if form.is_submitted():
            try:
                opinions.recuse(application, actor.user_id, form.reason.data or "", actor, clock.now())
            except PingshenError as error:
                status = show_errors(form, error)
            else:
                flash(_("已申请回避，这份申报不再由您评议。"), "success")
                return redirect(url_for("committee.index"))
        shown: str = self.render(
            "committee/recuse.html", application=application, words=RoundWords(application.spec), form=form
        )
        return shown, status

    def _page(
        self,
        application: Application,
        opinion: Opinion | None,
        form: OpinionForm,
        status: int = 200,
        stale: StaleWrite | None = None,
    ) -> ResponseReturnValue:
        if stale:
            # the person has both versions before them: the next write replaces the newer one
            form.version.data = str(opinion.version if opinion else 0)
        shown: str = self.render(
            "committee/case.html",
            application=application,
            state=State(application.state),
            kind=Kind(application.kind),
            words=RoundWords(application.spec),
            blocks=_blocks(application),
            opinion=opinion,
            form=form,
            stale=stale,
            may_write=policy.may(current_actor(), Permission.WRITE_OPINION, application),
            most=opinions.MAX_LENGTH,
            **ADDRESSES,
        )
        return shown, status


#: What the pieces of HR's page that are shown here too link to.
ADDRESSES = {
    "file_url": addresses.file_url,
    "thumb_url": addresses.thumb_url,
    "photo_url": addresses.photo_url,
    "form_url": addresses.form_url,
    "kilobytes": addresses.kilobytes,
}


def _case(id: str) -> Application:
    """A case that the person may open as a judge; raises NotFound."""
    actor = current_actor()
    application: Application = policy.one(actor, Application, id, *JUDGES)
    if not policy.may(actor, Permission.READ_CONTENT, application):
        raise NotFound
    return application


def _blocks(application: Application) -> list[Any]:
    """The content without anything sealed: experts judge work, not ID numbers and phones (R23)."""
    found = close_files(content.blocks(AskedForm(application), []), application, current_actor())
    for block in found:
        block.lines = [line for line in block.lines if not line.is_sealed]
        for row in block.rows:
            row.lines = [line for line in row.lines if not line.is_sealed]
    return found


def _form_of(opinion: Opinion | None) -> OpinionForm:
    """The form as stored."""
    chosen = {True: "1", False: "0"}.get(opinion.recommends) if opinion else None
    return OpinionForm(
        formdata=None,
        text=opinion.text if opinion else "",
        recommends=chosen,
        version=str(opinion.version if opinion else 0),
    )
