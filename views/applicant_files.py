"""Uploading, describing, replacing and removing attachments, each in its named slot (G25-G28)."""

from __future__ import annotations

import os
import unicodedata
from typing import Any, BinaryIO, cast

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from models.form_spec import SectionSpec
from models.messages import M, PingshenError
from models.sections import Attachment, Entry
from panel.addresses import wants_json
from panel.domain import content, rounds
from panel.domain.errors import Refused, StaleWrite
from panel.services import files, storage
from panel.services.file_rules import FileRefused, Limits
from views.access import current_settings
from views.applicant_case import Case, load
from views.applicant_fields import seen_version
from views.applicant_slots import SlotView, all_entries, attachment_of, slot_of
from views.i18n import tr

#: Months beyond this are a typing error.
MOST_MONTHS = 720
MOST_NAME = 120
THUMBNAIL_MIME = "image/jpeg"


def page(view: Any, case: Case, spec: SectionSpec) -> str:
    """The page of all slots."""
    slots = [SlotView(case, spec, slot) for slot in rounds.visible_slots(case.application)]
    html: str = view.render(
        "my/attachments.html",
        case=case,
        page=spec.key,
        section=spec,
        slots=slots,
        items=case.items_at(spec.key),
        **case.neighbours(spec.key),
    )
    return html


class FilePages:
    """Uploading, describing, replacing and removing attachments."""

    @expose("/<application_id>/<section>/slot/<slot>", methods=("POST",))
    def upload(self: Any, application_id: str, section: str, slot: str) -> ResponseReturnValue:
        """Take files into a slot; `replaces` names the one whose place the first takes."""
        case = load(application_id)
        # in the form of an entry the person chooses the slot
        view = slot_of(case, section, request.form.get("slot") or slot)
        sent = [file for file in request.files.getlist("file") if file.filename]
        if not sent:
            raise FileRefused(M("没有选择文件。请先选择要上传的文件。"))
        replaces = request.form.get("replaces") or None
        stored: list[Attachment] = []
        refused: list[str] = []
        for file in sent:
            try:
                stored.append(take(view, file, replaces))
            except PingshenError as error:
                if wants_json():
                    raise
                refused.append(_("%(name)s：%(reason)s", name=file_name(file), reason=tr(error.message)))
            view = SlotView(view.case.refresh(), view.section, view.spec)
            replaces = None
        return _uploaded(view, stored, refused)

    @expose("/<application_id>/<section>/file/<uid>", methods=("POST",))
    def edit_file(self: Any, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """State the months a file covers and a note."""
        case = load(application_id)
        record = attachment_of(case, section, uid)
        months, wrong = _months(request.form.get("months", ""), record)
        note = " ".join(request.form.get("note", "").split())[:300]
        version = seen_version(request.form)
        try:
            content.edit_attachment(case.application, uid, months, note, version, case.actor, case.now)
        except StaleWrite as error:
            if wants_json() and error.current is not None:
                current = {"months": [str(error.current.months or "")], "note": [error.current.note or ""]}
                return jsonify(
                    error="stale-write",
                    message=tr(error.message),
                    version=error.current.version,
                    current=current,
                ), 409
            raise
        fresh = case.refresh()
        if not wants_json():
            flash(wrong or _("已保存。"), "warning" if wrong else "success")
            return redirect(fresh.section_url(section, f"slot-{record.slot}"))
        messages = {"months": [{"severity": "error", "text": wrong}]} if wrong else {}
        answer = _parts(slot_of(fresh, section, record.slot))
        return jsonify(version=version + 1, saved_at=fresh.clock, messages=messages, html=answer)

    @expose("/<application_id>/<section>/file/<uid>/remove", methods=("POST",))
    def remove_file(self: Any, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """Take a file out of its slot and out of the entries that name it."""
        case = load(application_id)
        record = attachment_of(case, section, uid)
        content.remove_attachment(case.application, uid, case.actor, case.now)
        message = _("已删除“%(name)s”。", name=record.name)
        fresh = case.refresh()
        if not wants_json():
            flash(message, "success")
            return redirect(fresh.section_url(section, f"slot-{record.slot}"))
        view = slot_of(fresh, section, record.slot)
        return jsonify(html=slot_html(view), message=message, parts=_nav(view))


def take(view: SlotView, file: FileStorage, replaces: str | None = None) -> Attachment:
    """Check a file, store its bytes and its record; a refused one leaves nothing behind."""
    case, spec = view.case, view.spec
    content.require_room(case.application, spec.key, case.actor, case.now, replaces)
    settings = current_settings()
    limits = Limits(view.max_bytes, settings.file_pages, settings.image_pixels)
    facts = files.inspect(cast(BinaryIO, file.stream), limits)
    if facts.kind.value not in spec.kinds:
        raise FileRefused(
            M("这里只能上传 %(kinds)s，这是 %(kind)s 文件。", kinds=view.kinds, kind=facts.kind.name)
        )
    same = next((a for a in case.application.files(spec.key) if a.sha256 == facts.sha256), None)
    if same is not None:
        raise Refused(M("这份文件已经上传过，名为“%(name)s”。", name=same.name))
    record = Attachment(
        slot=spec.key,
        name=file_name(file),
        mime=facts.mime,
        size=facts.size,
        sha256=storage.put(facts.data, facts.mime),
        thumbnail_sha256=storage.put(facts.thumbnail, THUMBNAIL_MIME),
        pages=facts.pages,
        width=facts.width,
        height=facts.height,
    )
    if replaces:
        record.months = attachment_of(case, view.section.key, replaces).months
    return content.add_attachment(case.application, spec.key, record, case.actor, case.now, replaces)


def file_name(file: FileStorage) -> str:
    """The sender's name for the file without folders and control characters, shortened from the middle."""
    name = os.path.basename((file.filename or "").replace("\\", "/"))
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip()
    stem, ending = os.path.splitext(name)
    return (stem[: MOST_NAME - len(ending)] + ending) or "文件"


def _uploaded(view: SlotView, stored: list[Attachment], refused: list[str]) -> ResponseReturnValue:
    entry = _entry_asked_for(view.case)
    if wants_json():
        message = _("已上传“%(name)s”。", name=stored[0].name)
        if request.form.get("as") == "evidence":
            html = render_template(
                "my/_evidence_item.html",
                file=stored[0],
                label=view.spec.label,
                is_chosen=True,
                case=view.case,
            )
            return jsonify(html=html, message=message, parts=_nav(view))
        return jsonify(html=slot_html(view), message=message, parts=_nav(view))
    for line in refused:
        flash(line, "danger")
    if stored:
        flash(_("已上传 %(n)s 个文件。", n=len(stored)), "success")
    if entry is None:
        return redirect(view.case.section_url(view.section.key, f"slot-{view.spec.key}"))
    named = [*entry.evidence, *(a.uid for a in stored)]
    case = view.case
    content.save_entry(
        case.application, entry.section, entry.uid, {}, entry.version, case.actor, case.now, evidence=named
    )
    return redirect(case.entry_url(entry.section, entry.uid, "evidence"))


def _entry_asked_for(case: Case) -> Entry | None:
    """The entry from whose page the file was sent, to be named as its proof."""
    uid = request.form.get("entry", "")
    return next((entry for entry in all_entries(case) if entry.uid == uid), None)


def _months(text: str, record: Attachment) -> tuple[int | None, str]:
    """The months typed; those stored and what is wrong when they can't be read."""
    plain = text.strip()
    if not plain:
        return None, ""
    if len(plain) <= 3 and plain.isascii() and plain.isdigit() and int(plain) <= MOST_MONTHS:
        return int(plain), ""
    return record.months, _("覆盖月数请填整数，如 36。")


def slot_html(view: SlotView) -> str:
    """The slot's files and messages anew."""
    return render_template("my/_slot.html", case=view.case, slot=view, section=view.section)


def _nav(view: SlotView) -> dict[str, str]:
    nav = render_template("my/_nav_rows.html", case=view.case, page=view.section.key)
    return {"#case-nav": nav}


def _parts(view: SlotView) -> dict[str, str]:
    """What changes beside a file whose months were stated; the file's own form stays as it is typed."""
    notes = render_template("my/_slot_notes.html", slot=view)
    return {f"#slot-{view.spec.key}-notes": notes, **_nav(view)}
