"""Files that were compressed, converted or joined: looked at by their owner, then used or thrown away."""

from __future__ import annotations

from typing import Any, cast

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.messages import M
from models.pending_file import PendingFile
from panel.addresses import wants_json
from panel.domain.content import files, pending
from panel.domain.content.files import file_name
from panel.domain.content.pending import pending_file
from panel.domain.errors import NotFound, Refused
from panel.services import storage
from panel.services.files import preparing
from views.kit.i18n import tr
from views.my.attachments import uploads as uploads
from views.my.attachments.slots import SlotView, files_section, slot_of
from views.my.case import Case, load
from views.my.pages import PageGroup
from views.shared.files import serve

#: Turns that the page offers, in degrees clockwise.
TURNS = {"0": 0, "90": 90, "180": 180, "270": 270}


class PendingPages(PageGroup):
    """Joining photos, and deciding on what was changed."""

    @expose("/<application_id>/<section>/slot/<slot>/join", methods=("POST",))
    def join(self, application_id: str, section: str, slot: str) -> ResponseReturnValue:
        """Join photos to one PDF in the order sent; `turn` says for each how it is turned."""
        view = slot_of(load(application_id), section, slot)
        case, spec = view.case, view.spec
        files.require_room(case.application, spec.key, case.actor, case.now)
        if "pdf" not in spec.kinds:
            raise NotFound
        sent = [file for file in request.files.getlist("photo") if file.filename]
        turns = request.form.getlist("turn")
        photos = [
            preparing.SentPhoto(cast(Any, file.stream), TURNS.get(turns[i] if i < len(turns) else "", 0))
            for i, file in enumerate(sent)
        ]
        prepared = preparing.join(photos, view.limits, uploads.most_bytes())
        name = file_name(request.form.get("name", ""), ".pdf") or tr(
            M("%(slot)s（照片合成）.pdf", slot=spec.label)
        )
        kept = uploads.keep(view, prepared, uploads.record_of(prepared.facts, spec.key, name))
        return uploads.answer(SlotView(case.refresh(), view.section, spec), [], [kept], [])

    @expose("/<application_id>/<section>/pending/<uid>")
    def pending(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """The file as it would be kept, to look at."""
        record = _pending(load(application_id), section, uid).record
        return serve(record.sha256, record.mime, record.name, inline=True)

    @expose("/<application_id>/<section>/pending/<uid>/thumbnail")
    def pending_thumbnail(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """Its small picture."""
        record = _pending(load(application_id), section, uid).record
        return serve(record.thumbnail_sha256, uploads.THUMBNAIL_MIME, "thumbnail.jpg", inline=True)

    @expose("/<application_id>/<section>/pending/<uid>/use", methods=("POST",))
    def use_pending(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """Make it an attachment; sent from an entry's page, its proof too."""
        case = load(application_id)
        found = _pending(case, section, uid)
        if not storage.exists(found.record.sha256):
            pending.discard_pending(case.application, found, case.actor)
            raise Refused(M("处理过的文件已过期，请重新上传。"))
        record = pending.use_pending(case.application, found, case.actor, case.now)
        return uploads.answer(slot_of(case.refresh(), section, found.slot), [record], [], [])

    @expose("/<application_id>/<section>/pending/<uid>/discard", methods=("POST",))
    def discard_pending(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """Throw it away; nothing else changes."""
        case = load(application_id)
        found = _pending(case, section, uid)
        pending.discard_pending(case.application, found, case.actor)
        message = _("没有使用“%(name)s”，已丢弃。", name=found.record.name)
        view = slot_of(case.refresh(), section, found.slot)
        if wants_json():
            if request.form.get("as") == "evidence":
                return jsonify(html="", pending=uploads.pending_html(view.case), message=message)
            return jsonify(html=uploads.slot_html(view), message=message, parts=uploads.nav(view))
        flash(message, "info")
        return redirect(uploads.back(view))


def _pending(case: Case, section: str, uid: str) -> PendingFile:
    if files_section(case).key != section:
        raise NotFound
    return pending_file(case.application, uid, case.now)
