"""材料表核对: the applicant reads HR's table, confirms, disputes, reports what is missing (G24)."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from models.messages import M, PingshenError
from models.sections import Attachment, Entry
from panel.domain.errors import Invalid, NotFound, StaleWrite
from panel.domain.material import answers
from panel.domain.material.columns import title_of
from panel.services.files import uploads
from panel.services.files.limits import FileRefused, Limits
from views.kit.access import current_settings
from views.kit.i18n import tr
from views.my.case import MATERIAL as PAGE
from views.my.case import Case, load
from views.my.fields import seen_version
from views.my.material_table import MaterialRow, MaterialTable
from views.my.pages import Frame, PageGroup
from views.shared.files import serve
from views.shared.material_forms import MaterialForm, section_of

_CHANGED = M("材料表刚有更新，刚才的操作没有生效。请看过最新的内容再核对。")


class MaterialPages(PageGroup):
    """`/my/application/<id>/material/…`."""

    @expose("/<application_id>/material")
    def material(self, application_id: str) -> ResponseReturnValue:
        """The table with what is to be answered."""
        case = load(application_id)
        has_row = any(row.key == PAGE for row in case.rows)
        near = case.neighbours(PAGE) if has_row else {"before": None, "after": None}
        return str(
            self.render("my/material/material.html", case=case, page=PAGE, table=MaterialTable(case), **near)
        )

    @expose("/<application_id>/material/confirm", methods=("POST",))
    def confirm_material(self, application_id: str) -> ResponseReturnValue:
        """Confirm one entry, or all that were shown unanswered."""
        case = load(application_id)
        seen = dict(_seen(text) for text in request.form.getlist("entry"))
        if not seen:
            raise NotFound
        try:
            count = answers.confirm(case.application, seen, case.actor, case.now)
        except StaleWrite:
            return _back(case, tr(_CHANGED), "warning")
        return _back(case, _("已确认 %(n)s 条。提交前可以取消确认。", n=count))

    @expose("/<application_id>/material/<uid>/unconfirm", methods=("POST",))
    def unconfirm_material(self, application_id: str, uid: str) -> ResponseReturnValue:
        """Take a confirmation back."""
        case = load(application_id)
        try:
            answers.unconfirm(case.application, uid, seen_version(request.form), case.actor, case.now)
        except StaleWrite:
            return _back(case, tr(_CHANGED), "warning")
        return _back(case, _("已取消确认，请重新核对这一条。"))

    @expose("/<application_id>/material/<uid>/retract", methods=("POST",))
    def retract_material(self, application_id: str, uid: str) -> ResponseReturnValue:
        """Take a dispute or report back."""
        case = load(application_id)
        try:
            answers.retract(case.application, uid, seen_version(request.form), case.actor, case.now)
        except StaleWrite:
            return _back(case, tr(_CHANGED), "warning")
        return _back(case, _("已撤回异议。"))

    @expose("/<application_id>/material/<uid>/dispute", methods=("GET", "POST"))
    def dispute_material(self, application_id: str, uid: str) -> ResponseReturnValue:
        """Say what is wrong with an entry."""
        case = load(application_id)
        found = next((row for row in MaterialTable(case).rows if row.row.uid == uid), None)
        if found is None:
            raise NotFound
        if not found.can_dispute:
            return _back(case, _("这一条现在不能提出异议。"), "warning")
        section, _kind = section_of(case.application.round, found.row.section, found.row.kind)
        posted = request.form if request.method == "POST" else None
        form = MaterialForm(section, found.row.kind, found.row.as_entry(), posted)
        if posted is None:
            return _question(self, case, form, found)
        try:
            answers.dispute(
                case.application,
                uid,
                seen_version(request.form),
                request.form.get("reason", ""),
                form.changed,
                evidence_of(request.files.get("file")),
                case.actor,
                case.now,
            )
        except StaleWrite:
            return _back(case, tr(_CHANGED), "warning")
        except (Invalid, FileRefused) as error:
            return _question(self, case, form, found, error)
        return _back(case, _("异议已提交，人事部门处理后会通知您。"))

    @expose("/<application_id>/material/missing", methods=("GET", "POST"))
    def report_material(self, application_id: str) -> ResponseReturnValue:
        """Report an achievement that the table lacks; `section` and `kind` in the address."""
        case = load(application_id)
        if not MaterialTable(case).can_report:
            return _back(case, _("申报提交后不能再核对材料表。如有问题，请联系人事部门。"), "warning")
        kind = request.args.get("kind", "")
        section, row = section_of(case.application.round, request.args.get("section", ""), kind)
        posted = request.form if request.method == "POST" else None
        form = MaterialForm(section, kind, Entry(section=section.key, kind=kind or None), posted)
        if posted is None:
            return _question(self, case, form, None, label=row.label if row else section.label)
        try:
            answers.report(
                case.application,
                section.key,
                kind,
                request.form.get("reason", ""),
                form.raw,
                evidence_of(request.files.get("file")),
                case.actor,
                case.now,
            )
        except (Invalid, FileRefused) as error:
            return _question(self, case, form, None, error, row.label if row else section.label)
        return _back(case, _("已反映给人事部门，处理后会通知您。"))

    @expose("/<application_id>/material/<uid>/evidence")
    def material_evidence(self, application_id: str, uid: str) -> ResponseReturnValue:
        """The file that was given with a dispute."""
        case = load(application_id)
        known = [*answers.entries_of(case.application), *answers.closed_of(case.application)]
        found = next((row for row in known if row.uid == uid), None)
        if found is None or found.dispute is None or found.dispute.evidence is None:
            raise NotFound
        return serve_attachment(found.dispute.evidence)


def evidence_of(file: FileStorage | None) -> Attachment | None:
    """The stored file of an upload, if one was sent; raises FileRefused."""
    if file is None or not file.filename:
        return None
    settings = current_settings()
    most = max(settings.file_bytes, settings.upload_bytes)
    return uploads.receive_fitting(cast(BinaryIO, file.stream), file.filename, Limits.of(settings), most)


def serve_attachment(record: Attachment) -> ResponseReturnValue:
    """A stored file, to look at in the browser."""
    return serve(record.sha256, record.mime, record.name, inline=True)


def _question(
    frame: Frame,
    case: Case,
    form: MaterialForm,
    found: MaterialRow | None,
    error: PingshenError | None = None,
    label: Any = "",
) -> ResponseReturnValue:
    errors = error.fields if isinstance(error, Invalid) else {}
    about_file = error.message if isinstance(error, FileRefused) else None
    form.errors = errors
    html = frame.render(
        "my/material/material_question.html",
        case=case,
        page=PAGE,
        form=form,
        found=found,
        label=label,
        reason=request.form.get("reason", ""),
        errors=errors,
        about_file=about_file,
        error=error,
        has_lost_file=bool(error and request.files.get("file")),
        version=found.row.version if found and error is None else request.form.get("version", ""),
        title=title_of(form.section, form.kind, {}) if found is None else found.row.title,
    )
    return html, error.status if error else 200


def _seen(text: str) -> tuple[str, int]:
    """`uid:version`, as the page carries what it showed."""
    uid, _colon, version = text.partition(":")
    return uid, int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1


def _back(case: Case, message: str, kind: str = "success") -> ResponseReturnValue:
    """To where the answer was given: the entry's page, or the table."""
    flash(message, kind)
    section, uid = request.form.get("section", ""), request.form.get("uid", "")
    if section and case.section(section) and any(e.uid == uid for e in case.application.entries(section)):
        return redirect(case.entry_url(section, uid))
    return redirect(url_for(".material", application_id=case.application.id))
