"""One entry: its form, the columns it will print, and the attachments that prove it (G17-G23)."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.field_spec import Text
from models.form_spec import SectionSpec
from models.sections import Entry, new_uid
from panel.addresses import wants_json
from panel.domain.content import entries, writing
from panel.domain.errors import NotFound, StaleWrite
from panel.domain.rounds import printed_columns
from views.kit.i18n import tr
from views.my import stale
from views.my.attachments.slots import Evidence
from views.my.base import address
from views.my.case import Case, load
from views.my.entries import entry_of, list_section
from views.my.fields import FieldsForm, seen_version
from views.my.form import saved_answer
from views.my.material_table import row_of
from views.my.pages import Frame, PageGroup

#: What a form makes up for the entry it is about to add.
TOKEN = re.compile(r"[0-9a-f]{32}")


class EntryFormPages(PageGroup):
    """A new entry and the page of one that is there."""

    @expose("/<application_id>/<section>/new", methods=("GET", "POST"))
    def new_entry(self, application_id: str, section: str) -> ResponseReturnValue:
        """An entry of the kind that `kind` names; stored at the first save."""
        case = load(application_id)
        spec = list_section(case, section)
        kind = request.args.get("kind", "")
        if kind not in ({row.key for row in spec.kinds} or {""}):
            raise NotFound
        if not writing.is_editable(case.application, section, case.actor, case.now):
            return redirect(case.section_url(section))
        entry = Entry(section=section, kind=kind or None)
        return (
            _save(case, spec, entry, True)
            if request.method == "POST"
            else entry_page(self, case, spec, entry, True)
        )

    @expose("/<application_id>/<section>/<uid>", methods=("GET", "POST"))
    def entry(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """An entry's form."""
        case = load(application_id)
        spec = list_section(case, section)
        if request.method == "POST":
            found = next((e for e in case.application.entries(section) if e.uid == uid), None)
            # removed in another window: what was typed is shown, not thrown away
            kind = request.args.get("kind", "")
            return _save(case, spec, found or Entry(section=section, uid=uid, kind=kind or None), False)
        return entry_page(self, case, spec, entry_of(case, section, uid), False)


def entry_page(frame: Frame, case: Case, spec: SectionSpec, entry: Entry, is_new: bool) -> str:
    """The form of one entry, with what it will print and what proves it."""
    sheet = FieldsForm(case, spec, entry, is_new)
    kind = next((row for row in spec.kinds if row.key == entry.kind), None)
    return frame.render(
        "my/form/entry.html",
        case=case,
        page=spec.key,
        section=spec,
        sheet=sheet,
        groups=sheet.groups(quiet=is_new),
        entry=entry,
        is_new=is_new,
        token=new_uid() if is_new else "",
        kind=kind,
        title=_title(case, spec, entry, is_new),
        action=_address(case, spec, entry, is_new),
        evidence=Evidence(case, spec, entry, is_new) if spec.evidence else None,
        printed=printed(case, spec, entry),
        items=[] if is_new else case.items_at(spec.key, entry.uid),
        agreed=None if case.is_looking else row_of(case, entry),
    )


def _title(case: Case, spec: SectionSpec, entry: Entry, is_new: bool) -> Any:
    if not is_new:
        return printed_columns.title(case.asked, entry)
    kind = next((row for row in spec.kinds if row.key == entry.kind), None)
    return kind.label if kind else spec.label


def _address(case: Case, spec: SectionSpec, entry: Entry, is_new: bool) -> str:
    if is_new:
        return address("new_entry", case.application, section=spec.key, kind=entry.kind)
    return address("entry", case.application, section=spec.key, uid=entry.uid, kind=entry.kind)


def printed(case: Case, spec: SectionSpec, entry: Entry) -> list[tuple[Text, str]]:
    """The official columns of the entry, as the form will print them."""
    cells = printed_columns.compose(case.asked, entry)
    return [(column.label, cells.get(column.key, "")) for column in spec.heads]


def _save(case: Case, spec: SectionSpec, entry: Entry, is_new: bool) -> ResponseReturnValue:
    sheet = FieldsForm(case, spec, entry, is_new, posted=request.form)
    is_choice = stale.is_resolution()
    raw = stale.resolved(sheet.raw) if is_choice else sheet.raw
    evidence = _evidence(spec, is_choice)
    if is_new and not any(raw.values()) and not evidence:
        return _nothing(case, spec)
    try:
        saved = entries.save_entry(
            case.application,
            spec.key,
            None if is_new else entry.uid,
            raw,
            seen_version(request.form),
            case.actor,
            case.now,
            kind=entry.kind or "",
            evidence=evidence,
            new_uid=_identity(case) if is_new else "",
        )
    except StaleWrite as error:
        if wants_json():
            return jsonify(stale.current_answer(case, spec, error)), 409
        title = _title(case, spec, entry, is_new)
        return stale.page(case.refresh(), spec, error, title, evidence)
    return _saved(case.refresh(), spec, saved, is_new, {row.key for row in sheet.visible})


def _identity(case: Case) -> str:
    """The uid that the form's token stands for, so that a save sent twice adds one entry; "" without one.

    Hashed with the application: nobody chooses a uid, least of all one that something else has.
    """
    token = request.form.get("new_uid", "")
    if not TOKEN.fullmatch(token):
        return ""
    return hashlib.sha256(f"{case.application.id}:{token}".encode()).hexdigest()[:32]


def _evidence(spec: SectionSpec, is_choice: bool) -> list[str] | None:
    """The attachments ticked; None to leave them as they are."""
    if not spec.evidence:
        return None
    if is_choice and request.form.get(stale.KEEP + stale.EVIDENCE) != stale.MINE:
        return None
    return list(dict.fromkeys(request.form.getlist(stale.EVIDENCE)))


def _nothing(case: Case, spec: SectionSpec) -> ResponseReturnValue:
    """Nothing was typed: nothing is stored."""
    if wants_json():
        return jsonify(version=0, saved_at=case.clock)
    flash(_("没有填写内容，没有添加。"), "info")
    return redirect(case.section_url(spec.key))


def _saved(
    case: Case, spec: SectionSpec, saved: writing.Saved, is_new: bool, asked: set[str]
) -> ResponseReturnValue:
    """JSON, or on to the list; back to the form while something is unread or newly asked for."""
    entry = entry_of(case, spec.key, saved.uid)
    if wants_json():
        answer = saved_answer(case, spec, saved, entry)
        cells = render_template("my/form/_printed.html", printed=printed(case, spec, entry))
        answer["html"] |= {"#as-printed": cells}
        if is_new:
            answer["url"] = _address(case, spec, entry, False)
        return jsonify(answer)
    if not saved.unread:
        name = tr(printed_columns.title(case.asked, entry))
        flash(_("已保存“%(title)s”。", title=name), "success")
    appeared = {row.key for row in case.asked.fields(spec, entry)} - asked
    if saved.unread or appeared or request.form.get("next") == "stay":
        return redirect(case.entry_url(spec.key, entry.uid, "unread" if saved.unread else None))
    return redirect(case.section_url(spec.key, "entries"))
