"""A section's page: the form of a record, the list of entries, or the attachments (G09-G21)."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.form_spec import SectionShape, SectionSpec
from panel.addresses import wants_json
from panel.domain.checks import requirements
from panel.domain.content import section_records, writing
from panel.domain.errors import NotFound, StaleWrite
from panel.domain.rounds import fields
from views.kit.forms import words_of
from views.my import entries, stale
from views.my.attachments import files
from views.my.case import Case, load
from views.my.fields import FieldsForm, seen_version
from views.my.pages import Frame, PageGroup


class SectionPages(PageGroup):
    """`/my/application/<id>/<section>`, whatever the section's shape."""

    @expose("/<application_id>/<section>", methods=("GET", "POST"))
    def section(self, application_id: str, section: str) -> ResponseReturnValue:
        """The section's page; a POST saves a record."""
        case = load(application_id)
        spec = visible_section(case, section)
        if spec.shape is SectionShape.RECORD:
            return save(case, spec) if request.method == "POST" else record_page(self, case, spec)
        if request.method == "POST":
            raise NotFound
        show = entries.page if spec.shape is SectionShape.LIST else files.page
        return show(self, case, spec)


def visible_section(case: Case, key: str) -> SectionSpec:
    """The section of this application; raises NotFound."""
    spec = case.section(key)
    if spec is None:
        raise NotFound
    return spec


def record_page(frame: Frame, case: Case, spec: SectionSpec) -> str:
    """The form of a record section."""
    sheet = FieldsForm(case, spec, case.asked.record(spec.key))
    quiet = case.row(spec.key).status == "not_started" and not request.args.get("check")
    return frame.render(
        "my/form/record.html",
        case=case,
        page=spec.key,
        section=spec,
        sheet=sheet,
        groups=sheet.groups(quiet),
        items=case.items_at(spec.key),
        offers=offers(case, spec, sheet),
        **case.neighbours(spec.key),
    )


def offers(case: Case, spec: SectionSpec, sheet: FieldsForm) -> dict[str, tuple[str, str]]:
    """By field key, what the rest of the form suggests, as words and as typed (G13)."""
    found = {}
    for field in sheet.open_specs:
        value = requirements.offered_value(case.content.case, spec.key, field.key)
        if value is not None and value != sheet.stored.get(field.key):
            found[field.key] = (words_of(field, value, sheet.choices), fields.to_form(field, value))
    return found


def save(case: Case, spec: SectionSpec) -> ResponseReturnValue:
    """Keep what was typed, whatever is missing; JSON for the script, else on to the next page."""
    sheet = FieldsForm(case, spec, case.asked.record(spec.key), posted=request.form)
    raw = stale.resolved(sheet.raw) if stale.is_resolution() else sheet.raw
    try:
        saved = section_records.save_record(
            case.application, spec.key, raw, seen_version(request.form), case.actor, case.now
        )
    except StaleWrite as error:
        if wants_json():
            return jsonify(stale.current_answer(case, spec, error)), 409
        return stale.page(case.refresh(), spec, error, spec.label)
    fresh = case.refresh()
    if wants_json():
        return jsonify(saved_answer(fresh, spec, saved, fresh.asked.record(spec.key)))
    return go_on(fresh, spec.key, bool(saved.unread))


def saved_answer(case: Case, spec: SectionSpec, saved: writing.Saved, stored: Any) -> dict[str, Any]:
    """The JSON after a save: version, time, marks and messages, and the task list anew."""
    return {
        "version": saved.version,
        "uid": saved.uid,
        "saved_at": case.clock,
        "html": {"#case-nav": render_template("my/_nav_rows.html", case=case, page=spec.key)},
        **FieldsForm(case, spec, stored).answer(),
    }


def go_on(case: Case, key: str, has_errors: bool) -> ResponseReturnValue:
    """Where the pressed button leads; stays where something couldn't be read, which the page says."""
    if has_errors:
        return redirect(case.section_url(key, "unread"))
    flash(_("已保存 %(time)s", time=case.clock), "success")
    rows = {row.key: row.url for row in case.rows}
    target = request.form.get("next", "")
    return redirect(rows.get(target) or (case.url if target == "overview" else case.section_url(key)))
