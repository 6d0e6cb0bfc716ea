"""From a file sent to its record: checked, made to fit, stored; and what the page is told of it."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from models.choices import Preparation
from models.messages import M
from models.pending_file import PendingFile
from models.sections import Attachment, Entry
from panel.addresses import wants_json
from panel.domain.content import entries, files, pending
from panel.domain.content.files import file_name
from panel.domain.errors import Refused
from panel.services import storage
from panel.services.files import preparing
from panel.services.files.inspecting import FileFacts
from panel.services.files.limits import FileRefused
from panel.services.files.preparing import Prepared
from views.admin.cases.addresses import kilobytes
from views.kit.access import current_settings
from views.kit.i18n import tr
from views.my.attachments.slots import PendingView, SlotView, all_entries, attachment_of
from views.my.case import Case

THUMBNAIL_MIME = "image/jpeg"


def most_bytes() -> int:
    """The most bytes of a file that is made smaller on its way in, and of all photos joined at once."""
    return current_settings().upload_bytes


def take(view: SlotView, file: FileStorage, replaces: str | None = None) -> Attachment | PendingFile:
    """Check a file, store its bytes and its record; a refused one leaves nothing behind.

    What had to be changed, here or in the browser (`sent_bytes`), waits for its owner to look at it.
    """
    case, spec = view.case, view.spec
    files.require_room(case.application, spec.key, case.actor, case.now, replaces)
    prepared = preparing.prepare(cast(BinaryIO, file.stream), view.limits, most_bytes(), spec.kinds)
    facts = prepared.facts
    if facts.kind.value not in spec.kinds:
        raise FileRefused(
            M("这里只能上传 %(kinds)s，这是 %(kind)s 文件。", kinds=view.kinds, kind=facts.kind.name)
        )
    same = next((a for a in case.application.files(spec.key) if a.sha256 == facts.sha256), None)
    if same is not None:
        raise Refused(M("这份文件已经上传过，名为“%(name)s”。", name=same.name))
    prepared = _also_in_browser(prepared)
    ending = facts.kind.extension if prepared.what else ""
    record = record_of(facts, spec.key, file_name(file.filename or "", ending) or f"{_('文件')}{ending}")
    if replaces:
        record.months = attachment_of(case, view.section.key, replaces).months
    if prepared.what:
        return keep(view, prepared, record, replaces)
    return files.add_attachment(case.application, spec.key, record, case.actor, case.now, replaces)


def _also_in_browser(prepared: Prepared) -> Prepared:
    """The same, said to be compressed when the browser says that it did so."""
    said = request.form.get("sent_bytes", "")
    if prepared.what or not (said.isascii() and said.isdigit() and len(said) < 12):
        return prepared
    if int(said) <= prepared.facts.size:
        return prepared
    return Prepared(prepared.facts, Preparation.COMPRESSED, int(said))


def record_of(facts: FileFacts, slot: str, name: str) -> Attachment:
    """Store the bytes; the record isn't part of anything yet."""
    return Attachment(
        slot=slot,
        name=name,
        mime=facts.mime,
        size=facts.size,
        sha256=storage.put(facts.data, facts.mime),
        thumbnail_sha256=storage.put(facts.thumbnail, THUMBNAIL_MIME),
        pages=facts.pages,
        width=facts.width,
        height=facts.height,
    )


def keep(view: SlotView, prepared: Prepared, record: Attachment, replaces: str | None = None) -> PendingFile:
    """Keep what was made of the files sent, for their owner to look at."""
    case, what = view.case, Preparation(prepared.what or Preparation.COMPRESSED)
    sent = (prepared.sent_files, prepared.sent_bytes)
    return pending.keep_pending(
        case.application, view.spec.key, record, what, sent, case.actor, case.now, replaces
    )


# --- what the page is told -------------------------------------------------------------------------


def answer(
    view: SlotView, stored: list[Attachment], waiting: list[PendingFile], refused: list[str]
) -> ResponseReturnValue:
    """The slot anew for the script, or back to the page the files were sent from."""
    if wants_json():
        message = _waiting_words(waiting[0]) if waiting else _("已上传“%(name)s”。", name=stored[0].name)
        if request.form.get("as") == "evidence":
            html = "".join(_evidence_html(view, record) for record in stored)
            return jsonify(html=html, pending=pending_html(view.case), message=message, parts=nav(view))
        return jsonify(html=slot_html(view), message=message, parts=nav(view))
    for line in refused:
        flash(line, "danger")
    if stored:
        flash(_("已上传 %(n)s 个文件。", n=len(stored)), "success")
    for row in waiting:
        flash(_waiting_words(row), "info")
    return redirect(back(view, stored))


def _waiting_words(row: PendingFile) -> str:
    if row.what == Preparation.JOINED:
        return _(
            "%(n)s 张照片已合成“%(name)s”，%(size)s。请打开看看是否清楚，再决定是否使用。",
            n=row.sent_files,
            name=row.record.name,
            size=kilobytes(row.record.size),
        )
    return _(
        "“%(name)s”%(what)s：%(before)s → %(after)s。请打开看看是否清楚，再决定是否使用。",
        name=row.record.name,
        what=tr(Preparation(row.what)),
        before=kilobytes(row.sent_bytes),
        after=kilobytes(row.record.size),
    )


def back(view: SlotView, stored: list[Attachment] | None = None) -> str:
    """The page the files were sent from; of an entry's page, with `stored` named as its proof."""
    entry = _entry_asked_for(view.case)
    case = view.case
    if entry is None:
        return case.section_url(view.section.key, f"slot-{view.spec.key}")
    if stored:
        named = [*entry.evidence, *(a.uid for a in stored)]
        entries.save_entry(
            case.application,
            entry.section,
            entry.uid,
            {},
            entry.version,
            case.actor,
            case.now,
            evidence=named,
        )
    return case.entry_url(entry.section, entry.uid, "evidence")


def _entry_asked_for(case: Case) -> Entry | None:
    """The entry from whose page the file was sent, to be named as its proof."""
    uid = request.form.get("entry", "")
    return next((entry for entry in all_entries(case) if entry.uid == uid), None)


def _evidence_html(view: SlotView, record: Attachment) -> str:
    return render_template(
        "my/attachments/_evidence_item.html",
        file=record,
        label=view.spec.label,
        is_chosen=True,
        case=view.case,
    )


def slot_html(view: SlotView) -> str:
    """The slot's files and messages anew."""
    return render_template("my/attachments/_slot.html", case=view.case, slot=view, section=view.section)


def pending_html(case: Case) -> str:
    """What waits to be looked at, as an entry's page shows it."""
    entry = request.form.get("entry", "")
    return render_template(
        "my/attachments/_pending.html", case=case, pending=PendingView.all_of(case), entry=entry
    )


def nav(view: SlotView) -> dict[str, str]:
    """The task list anew."""
    rows = render_template("my/_nav_rows.html", case=view.case, page=view.section.key)
    return {"#case-nav": rows}
