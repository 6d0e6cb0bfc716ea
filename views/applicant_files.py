"""Attachments: each in its named slot, with the months covered and what is missing (G25-G28)."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from models.choices import Severity
from models.form_spec import SectionShape, SectionSpec, SlotSpec
from models.messages import M, PingshenError
from models.sections import Attachment, Entry
from panel.addresses import wants_json
from panel.domain import content, rounds
from panel.domain.content.files import can_add
from panel.domain.errors import NotFound, Refused, StaleWrite
from panel.services import files, storage
from panel.services.file_rules import FileRefused, Limits
from views.access import current_settings
from views.applicant_case import Case, Item, address, load
from views.applicant_fields import seen_version
from views.forms import Note
from views.i18n import tr

#: Months beyond this are a typing error.
MOST_MONTHS = 720
MOST_NAME = 120
THUMBNAIL_MIME = "image/jpeg"


@dataclass
class FileView:
    """One attachment as its slot shows it."""

    record: Attachment
    can_edit: bool
    asks_months: bool
    edit_url: str
    remove_url: str
    items: list[Item]
    used_by: int  # entries that name it

    @property
    def is_picture(self) -> bool:
        """Whether it is an image."""
        return str(self.record.mime).startswith("image/")


@dataclass
class SlotView:
    """A slot with its files, its condition and what is missing."""

    case: Case
    section: SectionSpec
    spec: SlotSpec

    @property
    def is_required(self) -> bool:
        """Whether a file must be there."""
        return rounds.is_slot_required(self.spec, self.case.application)

    @property
    def months(self) -> int | None:
        """The months that the files must cover at this level (G25)."""
        return self.spec.months.get(self.case.application.level)

    @property
    def stated(self) -> int:
        """The months that the files cover, as stated."""
        return sum(a.months or 0 for a in self.case.application.files(self.spec.key))

    @property
    def can_add(self) -> bool:
        """Whether another file may come now."""
        case = self.case
        is_full = len(case.application.files(self.spec.key)) >= self.spec.max_files
        return not is_full and can_add(case.application, self.spec.key, case.actor, case.now)

    @property
    def upload_url(self) -> str:
        """Where its files are sent."""
        return address("upload", self.case.application, section=self.section.key, slot=self.spec.key)

    @property
    def max_bytes(self) -> int:
        """The most bytes of one file."""
        return min(self.spec.max_bytes, current_settings().file_bytes)

    @property
    def accept(self) -> str:
        """The kinds of file as the browser's dialog takes them."""
        return ",".join(files.FileKind(kind).mime for kind in self.spec.kinds)

    @property
    def kinds(self) -> str:
        """The kinds in words: PDF、JPEG."""
        return _("、").join(kind.upper() for kind in self.spec.kinds)

    @property
    def notes(self) -> list[Note]:
        """What the rules find about it, and what was returned."""
        # "please upload" is no reproach before the person has begun with this page
        is_quiet = self.case.row(self.section.key).status == "not_started"
        found = [f for f in self.case.findings if f.slot == self.spec.key and not is_quiet]
        notes = [Note(str(Severity(f.severity)), tr(f.message)) for f in found]
        pinned = [i for i in self.case.items_at(self.section.key, "") if i.field == self.spec.key]
        return [*(Note("return", item.text) for item in pinned), *notes]

    @property
    def files(self) -> list[FileView]:
        """The attachments in their order."""
        case = self.case
        uses = [uid for entry in all_entries(case) for uid in entry.evidence]
        return [
            FileView(
                record,
                content.is_editable(
                    case.application,
                    self.section.key,
                    case.actor,
                    case.now,
                    uid=record.uid,
                    field=record.slot,
                ),
                self.months is not None,
                address("edit_file", case.application, section=self.section.key, uid=record.uid),
                address("remove_file", case.application, section=self.section.key, uid=record.uid),
                case.items_at(self.section.key, record.uid),
                uses.count(record.uid),
            )
            for record in case.application.files(self.spec.key)
        ]


def all_entries(case: Case) -> Iterable[Entry]:
    """The entries of all lists."""
    for spec in case.sections:
        if spec.shape is SectionShape.LIST:
            yield from case.application.entries(spec.key)


def files_section(case: Case) -> SectionSpec:
    """The section that holds the attachments; raises NotFound if the round has none."""
    spec = next((s for s in case.sections if s.shape is SectionShape.ATTACHMENTS), None)
    if spec is None:
        raise NotFound
    return spec


def slot_of(case: Case, section: str, key: str) -> SlotView:
    """The visible slot of the attachments section; raises NotFound."""
    home = files_section(case)
    spec = next((s for s in rounds.visible_slots(case.application) if s.key == key), None)
    if home.key != section or spec is None:
        raise NotFound
    return SlotView(case, home, spec)


def attachment_of(case: Case, section: str, uid: str) -> Attachment:
    """The attachment; raises NotFound."""
    found = next((a for a in case.application.attachments if a.uid == uid), None)
    if found is None or files_section(case).key != section:
        raise NotFound
    return found


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


@dataclass
class Evidence:
    """The attachments that can prove an entry, and where new ones go."""

    case: Case
    section: SectionSpec
    entry: Entry
    is_new: bool

    @property
    def can_change(self) -> bool:
        """Whether the proof can be chosen anew."""
        case, uid = self.case, "" if self.is_new else self.entry.uid
        return content.is_editable(case.application, self.section.key, case.actor, case.now, uid=uid)

    @property
    def chosen(self) -> list[str]:
        """The uids named by the entry."""
        return list(self.entry.evidence)

    @property
    def files(self) -> list[tuple[Attachment, Any]]:
        """All attachments with their slot's label, those named first, then the slot for proof."""
        labels = {slot.key: slot.label for slot in self.case.spec.slots}
        home = self.home
        rows = [a for a in self.case.application.attachments if a.slot in labels]
        rows.sort(key=lambda a: (a.uid not in self.chosen, a.slot != home))
        return [(a, labels[a.slot]) for a in rows]

    @property
    def slots(self) -> list[SlotView]:
        """Where a new file may go."""
        try:
            home = files_section(self.case)
        except NotFound:
            return []
        views = [SlotView(self.case, home, slot) for slot in rounds.visible_slots(self.case.application)]
        return [view for view in views if view.can_add]

    @property
    def home(self) -> str:
        """The slot offered first: the roomiest."""
        slots = rounds.visible_slots(self.case.application)
        return max(slots, key=lambda slot: slot.max_files).key if slots else ""


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
    if not replaces and len(case.application.files(spec.key)) >= spec.max_files:
        raise Refused(M("“%(slot)s”最多上传 %(n)s 个文件。", slot=spec.label, n=spec.max_files))
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
    if plain.isascii() and plain.isdigit() and int(plain) <= MOST_MONTHS:
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
