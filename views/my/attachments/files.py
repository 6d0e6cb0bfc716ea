"""Uploading, describing, replacing and removing attachments, each in its named slot (G25-G28)."""

from __future__ import annotations

import unicodedata

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from markupsafe import escape

from models.form_spec import SectionSpec
from models.messages import M, PingshenError
from models.pending_file import PendingFile
from models.sections import Attachment
from panel.addresses import wants_json
from panel.domain.content import files
from panel.domain.content.files import MOST_MONTHS, file_name
from panel.domain.errors import Invalid, StaleWrite
from panel.services.files.limits import FileRefused
from views.kit.i18n import tr
from views.my.attachments import uploads as uploads
from views.my.attachments.slots import SlotView, attachment_of, slot_of
from views.my.case import Case, load
from views.my.fields import seen_version
from views.my.pages import Frame, PageGroup


def page(frame: Frame, case: Case, spec: SectionSpec) -> str:
    """The page of all slots."""
    slots = [SlotView(case, spec, slot) for slot in case.asked.slots]
    return frame.render(
        "my/attachments/attachments.html",
        case=case,
        page=spec.key,
        section=spec,
        slots=slots,
        items=case.items_at(spec.key),
        **case.neighbours(spec.key),
    )


class FilePages(PageGroup):
    """Uploading, describing, replacing and removing attachments."""

    @expose("/<application_id>/<section>/slot/<slot>", methods=("POST",))
    def upload(self, application_id: str, section: str, slot: str) -> ResponseReturnValue:
        """Take files into a slot; `replaces` names the one whose place the first takes."""
        case = load(application_id)
        # in the form of an entry the person chooses the slot
        view = slot_of(case, section, request.form.get("slot") or slot)
        sent = [file for file in request.files.getlist("file") if file.filename]
        if not sent:
            raise FileRefused(M("没有选择文件。请先选择要上传的文件。"))
        replaces = request.form.get("replaces") or None
        taken: list[Attachment | PendingFile] = []
        refused: list[str] = []
        for file in sent:
            try:
                taken.append(uploads.take(view, file, replaces))
            except PingshenError as error:
                if wants_json():
                    raise
                name = file_name(file.filename or "")
                refused.append(_("%(name)s：%(reason)s", name=name, reason=tr(error.message)))
            view = SlotView(view.case.refresh(), view.section, view.spec)
            replaces = None
        stored = [row for row in taken if isinstance(row, Attachment)]
        waiting = [row for row in taken if isinstance(row, PendingFile)]
        return uploads.answer(view, stored, waiting, refused)

    @expose("/<application_id>/<section>/file/<uid>", methods=("POST",))
    def edit_file(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """State the months a file covers, a note, and what it is called."""
        case = load(application_id)
        record = attachment_of(case, section, uid)
        months, unread = _months(request.form.get("months", ""), record)
        kept = record.version
        wrong = {"months": unread} if unread else {}
        note = " ".join(request.form.get("note", "").split())
        version = seen_version(request.form)
        try:
            kept = files.edit_attachment(
                case.application, uid, months, note, version, case.actor, case.now, request.form.get("name")
            )
        except Invalid as error:
            wrong |= {key: tr(message) for key, message in error.fields.items()}
        except StaleWrite as error:
            if wants_json() and error.current is not None:
                current = {
                    "months": [str(error.current.months or "")],
                    "note": [error.current.note or ""],
                    "name": [error.current.name],
                }
                return jsonify(
                    error="stale-write",
                    message=tr(error.message),
                    version=error.current.version,
                    current=current,
                ), 409
            raise
        fresh = case.refresh()
        if not wants_json():
            flash(" ".join(wrong.values()) or _("已保存。"), "warning" if wrong else "success")
            return redirect(fresh.section_url(section, f"slot-{record.slot}"))
        stored = attachment_of(fresh, section, uid)
        messages = {key: [{"severity": "error", "text": text}] for key, text in wrong.items()}
        values = {} if "name" in wrong else {"name": [stored.name]}
        answer = _parts(slot_of(fresh, section, record.slot)) | {f"#name-{uid}": str(escape(stored.name))}
        return jsonify(
            version=kept,
            saved_at=fresh.clock,
            messages=messages,
            values=values,
            html=answer,
        )

    @expose("/<application_id>/<section>/file/<uid>/remove", methods=("POST",))
    def remove_file(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """Take a file out of its slot and out of the entries that name it."""
        case = load(application_id)
        record = attachment_of(case, section, uid)
        files.remove_attachment(case.application, uid, case.actor, case.now)
        message = _("已删除“%(name)s”。", name=record.name)
        fresh = case.refresh()
        if not wants_json():
            flash(message, "success")
            return redirect(fresh.section_url(section, f"slot-{record.slot}"))
        view = slot_of(fresh, section, record.slot)
        return jsonify(html=uploads.slot_html(view), message=message, parts=uploads.nav(view))


def _months(text: str, record: Attachment) -> tuple[int | None, str]:
    """The months typed; those stored and what is wrong when they can't be read."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None, ""
    if len(plain) <= 3 and plain.isascii() and plain.isdigit() and int(plain) <= MOST_MONTHS:
        return int(plain), ""
    return record.months, _("覆盖月数请填 0 到 %(most)s 的整数，如 36。", most=MOST_MONTHS)


def _parts(view: SlotView) -> dict[str, str]:
    """What changes beside a file whose months were stated; the file's own form stays as it is typed."""
    notes = render_template("my/attachments/_slot_notes.html", slot=view)
    return {f"#slot-{view.spec.key}-notes": notes, **uploads.nav(view)}
