"""Objections (R08, R18): registered with name and text, looked into, settled by a second person."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField

from models.application import Application
from models.choices import Action, ObjectionState, Role, State
from models.messages import PingshenError
from models.publicity import OPEN_OBJECTIONS, Objection
from models.states import TAKES_OBJECTIONS, stored_states
from models.values import mask
from panel import clock
from panel.domain.access import policy, who_sees
from panel.domain.access.who_may import CASE_READERS, Permission
from panel.domain.publicity import objections
from panel.domain.steps.workflow import LONGEST_REASON
from views.admin.publicity.files import ObjectionExports
from views.kit import secure_list
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.i18n import tr
from views.kit.secure_forms import NEEDED, PanelForm, show_errors
from views.shared.deeds import deed

OBJECTIONS_PER_PAGE = 20


class RegisterForm(PanelForm):
    """A new objection."""

    application = SelectField(_l("被反映的申报"), NEEDED, validate_choice=False)
    from_name = StringField(_l("反映人姓名"), NEEDED)
    contact = StringField(_l("联系方式"), description=_l("电话或邮箱，加密保存，只供核查联系使用。"))
    text = TextAreaField(_l("异议内容"), NEEDED, render_kw={"rows": 6, "maxlength": objections.LONGEST_TEXT})


class FindingsForm(PanelForm):
    """What the investigation found."""

    findings = TextAreaField(
        _l("核查结论"), NEEDED, render_kw={"rows": 5, "maxlength": objections.LONGEST_TEXT}
    )


class DecisionForm(PanelForm):
    """The second person's decision."""

    reason = TextAreaField(_l("处理理由"), NEEDED, render_kw={"rows": 4, "maxlength": LONGEST_REASON})


class ObjectionPage(ObjectionExports, SecurePage):
    """The register of objections."""

    roles = CASE_READERS
    icon = "message-report"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Unsettled ones first, oldest on top; then the settled, newest on top."""
        found = policy.visible(current_actor(), Objection, *CASE_READERS)
        page = max(0, request.args.get("page", 0, type=int))
        settled = found.filter(state__nin=OPEN_OBJECTIONS).order_by("-decided_at", "-id")
        shown: str = self.render(
            "admin/publicity/objections.html",
            unsettled=list(found.filter(state__in=OPEN_OBJECTIONS).order_by("registered_at", "id")),
            settled=secure_list.fetch(settled, page, OBJECTIONS_PER_PAGE),
            states={state.value: state for state in ObjectionState},
            case_states={state.value: state for state in State},
            may_register=self._objectable().first() is not None,
            page_url=lambda page: url_for(".index", page=page),
        )
        return shown

    @expose("/new", methods=("GET", "POST"))
    def create(self) -> ResponseReturnValue:
        """Register an objection; `application` in the address preselects the case."""
        form = RegisterForm(application=request.args.get("application", ""))
        cases = list(self._objectable().order_by("name"))
        form.application.choices = [("", _("请选择")), *((str(case.id), _case_label(case)) for case in cases)]
        status = 200
        if form.is_submitted():
            status = 422
            if form.validate():
                try:
                    return self._register(form)
                except PingshenError as error:
                    if error.status == 404:
                        raise
                    status = show_errors(form, error)
        page: str = self.render("admin/publicity/objection_new.html", form=form, cases=cases)
        return page, status

    def _register(self, form: RegisterForm) -> ResponseReturnValue:
        actor = current_actor()
        application = policy.one(actor, Application, form.application.data, *CASE_READERS)
        objection = objections.register(
            application,
            form.from_name.data or "",
            form.contact.data or "",
            form.text.data or "",
            actor,
            clock.now(),
        )
        flash(_("异议已登记，申报已进入异议核查，处理完之前不会往下走。"), "success")
        return redirect(url_for(".show", id=objection.id))

    @expose("/<id>")
    def show(self, id: str) -> ResponseReturnValue:
        """One objection with its history and what can be done now."""
        return self._page(self._one(id))

    @expose("/<id>/contact", methods=("POST",))
    def contact(self, id: str) -> ResponseReturnValue:
        """The same page with the contact in clear; recorded."""
        objection = self._one(id)
        return self._page(objection, contact=objections.contact_of(objection, current_actor(), clock.now()))

    @expose("/<id>/findings", methods=("POST",))
    def findings(self, id: str) -> ResponseReturnValue:
        """File the findings."""
        objection, form = self._one(id), FindingsForm()
        try:
            objections.file_findings(objection, form.findings.data or "", current_actor(), clock.now())
        except PingshenError as error:
            return self._page(self._one(id), show_errors(form, error), findings_form=form)
        flash(_("核查结论已提交，请另一位工作人员作出处理决定。"), "success")
        return redirect(url_for(".show", id=id))

    @expose("/<id>/settle", methods=("POST",))
    def settle(self, id: str) -> ResponseReturnValue:
        """Dismiss or uphold."""
        objection, form = self._one(id), DecisionForm()
        decision = request.form.get("decision", "")
        if decision not in ("dismiss", "uphold"):
            flash(_("请选择异议成立或不成立。"), "danger")
            return self._page(objection, 422, decision_form=form)
        try:
            objections.settle(
                objection, decision == "uphold", form.reason.data or "", current_actor(), clock.now()
            )
        except PingshenError as error:
            return self._page(self._one(id), show_errors(form, error), decision_form=form)
        flash(_("处理决定已记录。"), "success")
        return redirect(url_for(".show", id=id))

    def _page(
        self,
        objection: Objection,
        status: int = 200,
        contact: str = "",
        findings_form: FindingsForm | None = None,
        decision_form: DecisionForm | None = None,
    ) -> ResponseReturnValue:
        actor = current_actor()
        application = objection.application
        page: str = self.render(
            "admin/publicity/objection.html",
            objection=objection,
            application=application,
            state=ObjectionState(objection.state),
            case_state=State(application.state),
            contact=contact or mask(objection.contact or ""),
            is_revealed=bool(contact),
            others=policy.visible(
                actor, Objection, *CASE_READERS, about=who_sees.About([application.id])
            ).filter(id__ne=objection.id),
            states={row.value: row for row in ObjectionState},
            may_file=objection.state == ObjectionState.OPEN
            and policy.may(actor, Permission.FILE_FINDINGS, application),
            settle_refusal=self._settle_refusal(objection, application),
            findings_form=findings_form or FindingsForm(formdata=None),
            decision_form=decision_form or DecisionForm(formdata=None),
            history=list(reversed(application.history)),
            deed=deed,
            roles={role.value: role for role in Role},
        )
        return page, status

    @staticmethod
    def _settle_refusal(objection: Objection, application: Application) -> Any:
        """Why the person can't decide now; None when they can, "" when there is nothing to decide."""
        if objection.state != ObjectionState.FINDINGS:
            return ""
        try:
            objections.refuse_settling(objection, application, Action.DISMISS, current_actor(), clock.now())
        except PingshenError as error:
            return error.message
        return None

    @staticmethod
    def _one(id: str) -> Objection:
        found: Objection = policy.one(current_actor(), Objection, id, *CASE_READERS)
        return found

    @staticmethod
    def _objectable() -> Any:
        actor = current_actor()
        objectable = stored_states(TAKES_OBJECTIONS)
        cases = policy.visible(actor, Application, *CASE_READERS).filter(state__in=objectable)
        return cases.filter(person__ne=actor.person_id) if actor.person_id else cases


def _case_label(case: Application) -> str:
    level = case.spec.level(case.level)
    return _(
        "%(name)s · %(department)s · %(title)s",
        name=case.name,
        department=case.department_name,
        title=tr(level.title),
    )
