"""From the overview to the receipt: what is missing, the preview, handing in, taking back, giving up."""

from __future__ import annotations

import hashlib
import io

from flask import flash, redirect, request, send_file
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.certificate import Certificate
from models.choices import Action, Role
from models.messages import M
from models.publicity import Publicity
from panel.domain.access import policy
from panel.domain.content import files, start
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.steps import workflow
from panel.services.prints import pdf
from views.kit.i18n import tr
from views.my.case import Case, load
from views.my.next_step import next_step
from views.my.pages import Frame, PageGroup


class OverviewPages(PageGroup):
    """The task list and what is missing."""

    @expose("/<application_id>/")
    def overview(self, application_id: str) -> ResponseReturnValue:
        """The sections with their states, the next action, returned items, the steps so far."""
        case = load(application_id)
        return self.render(
            "my/overview.html",
            case=case,
            step=next_step(case),
            page="overview",
            publicity=_publicity(case),
            certificate=_certificate(case),
        )

    @expose("/<application_id>/check")
    def check(self, application_id: str) -> ResponseReturnValue:
        """Everything that isn't in order, each line a link to its field (G10, G29)."""
        return self.render("my/submit/check.html", case=load(application_id), page="check")

    @expose("/<application_id>/preview")
    def preview(self, application_id: str) -> ResponseReturnValue:
        """The form as it will be printed, with what is missing beside it (G29)."""
        return self.render("my/submit/preview.html", case=load(application_id), page="preview")

    @expose("/<application_id>/form.pdf")
    def form_pdf(self, application_id: str) -> ResponseReturnValue:
        """The form itself; serving it to its applicant is what counts as previewed."""
        case = load(application_id)
        application = case.application
        data = pdf.evaluation_form(application)
        if case.is_writable and request.method == "GET":
            digest = hashlib.sha256(data).hexdigest()
            files.record_preview(application, application.content_revision, digest, case.actor, case.now)
        name = f"评审表-{application.name}-{application.number or '预览'}.pdf"
        answer = send_file(
            io.BytesIO(data),
            mimetype="application/pdf",
            as_attachment=request.args.get("download") == "1",
            download_name=name,
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer


class SubmitPages(PageGroup):
    """Handing in and what can be done afterwards."""

    @expose("/<application_id>/submit", methods=("GET", "POST"))
    def submit(self, application_id: str) -> ResponseReturnValue:
        """The pledge once more, then submit or resubmit."""
        case = load(application_id)
        if not case.can_hand_in:
            return _not_now(case)
        if request.method == "GET":
            return _submit_page(self, case)
        try:
            workflow.run(
                case.hand_in, case.application, case.actor, case.now, pledge="pledge" in request.form
            )
        except Refused as error:
            return _submit_page(self, case.refresh(), error), error.status
        flash(_("提交成功。"), "success")
        return redirect(case.page_url("receipt"))

    @expose("/<application_id>/receipt")
    def receipt(self, application_id: str) -> ResponseReturnValue:
        """Number, time and hash of what was handed in."""
        case = load(application_id)
        if case.application.receipt is None:
            raise NotFound
        return self.render("my/submit/receipt.html", case=case, page="receipt")

    @expose("/<application_id>/recall", methods=("POST",))
    def recall(self, application_id: str) -> ResponseReturnValue:
        """Back to the draft, until HR has begun."""
        case = load(application_id)
        workflow.run(Action.RECALL, case.application, case.actor, case.now)
        flash(_("已撤回，可以修改。改好后请重新预览并提交。"), "success")
        return redirect(case.url)

    @expose("/<application_id>/withdraw", methods=("GET", "POST"))
    def withdraw(self, application_id: str) -> ResponseReturnValue:
        """Give up, asked twice: the person types their name."""
        case = load(application_id)
        if Action.WITHDRAW not in case.offers:
            return _not_now(case)
        typed = request.form.get("name", "").strip()
        if request.method == "POST" and typed == case.application.name:
            workflow.run(Action.WITHDRAW, case.application, case.actor, case.now, sure=True)
            flash(_("您已放弃本次申报。"), "success")
            return redirect(case.url)
        wrong = _("姓名不一致，没有放弃申报。请输入本人姓名“%(name)s”。", name=case.application.name)
        refusal = wrong if request.method == "POST" else ""
        html = self.render(
            "my/submit/withdraw.html", case=case, page="withdraw", typed=typed, refusal=refusal
        )
        return html, 422 if refusal else 200

    @expose("/<application_id>/confirm", methods=("GET", "POST"))
    def confirm(self, application_id: str) -> ResponseReturnValue:
        """Confirm, with the pledge, what HR handed in on the person's behalf."""
        case = load(application_id)
        if not case.needs_confirmation:
            return _not_now(case)
        if request.method == "GET":
            return self.render("my/submit/confirm.html", case=case, page="confirm")
        try:
            start.confirm_on_behalf(case.application, "pledge" in request.form, case.actor, case.now)
        except Invalid as error:
            refusal = tr(error.fields["pledge"])
            return self.render(
                "my/submit/confirm.html", case=case, page="confirm", refusal=refusal
            ), error.status
        flash(_("已确认。"), "success")
        return redirect(case.page_url("receipt"))


def _submit_page(frame: Frame, case: Case, error: Refused | None = None) -> str:
    offer = case.offers.get(case.hand_in)
    return frame.render(
        "my/submit/submit.html",
        case=case,
        page="submit",
        refusal=error.message if error else None,
        wrong=error.fields.get("pledge", "") if error else "",
        obstacle=offer.refusal if offer else M("现在不能提交。"),
    )


def _not_now(case: Case) -> ResponseReturnValue:
    """Back to the overview, which says where it stands."""
    flash(_("“%(state)s”状态下不需要这一步。", state=tr(case.state)), "info")
    return redirect(case.url)


def _publicity(case: Case) -> Publicity | None:
    """The list on which the application stands or stood, if the person may see it."""
    found = case.application.publicity
    if found is None:
        return None
    rows = policy.get_many(case.actor, Publicity, [found], Role.APPLICANT)
    return rows[0] if rows else None


def _certificate(case: Case) -> Certificate | None:
    found = case.application.certificate
    if found is None:
        return None
    rows = policy.get_many(case.actor, Certificate, [found], Role.APPLICANT)
    return rows[0] if rows else None
