"""Lists of entries: the table as it will print, adding by kind, ordering, removing with undo (G15-G23)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bson import json_util
from flask import flash, jsonify, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.choices import MaterialState, Severity
from models.field_spec import Text
from models.form_spec import SectionShape, SectionSpec
from models.sections import Attachment, Entry
from panel.addresses import wants_json
from panel.domain.content import entries, section_records, writing
from panel.domain.errors import NotFound, StaleWrite
from panel.domain.rounds import printed_columns
from views.kit.forms import Note
from views.kit.i18n import tr
from views.my.base import address
from views.my.case import Case, load
from views.my.fields import seen_version
from views.my.pages import Frame, PageGroup
from views.my.places import FindingLine
from views.my.returns import ReturnedItem

#: Removed entries that can be put back, kept in the session.
REMOVED = "removed_entries"
MOST_REMOVED = 10


@dataclass
class EntryRow:
    """An entry in the list: its official columns and what is to be said about it."""

    entry: Entry
    title: str
    kind: Text | None
    cells: list[tuple[Text, str]]
    notes: list[Note]
    items: list[ReturnedItem]
    files: list[Attachment]
    url: str
    can_edit: bool
    can_remove: bool

    @property
    def agreement(self) -> MaterialState | None:
        """How far the answer to HR's material table is; None for the applicant's own entry."""
        return MaterialState(self.entry.agreement) if self.entry.given else None

    @property
    def uid(self) -> str:
        """The entry's identity."""
        return str(self.entry.uid)


@dataclass
class EntryList:
    """A list section as its page shows it."""

    case: Case
    section: SectionSpec

    @property
    def record(self) -> Any:
        """The section's own record: the 无 tick and its version."""
        return self.case.asked.record(self.section.key)

    @cached_property
    def rows(self) -> list[EntryRow]:
        """The entries in their order."""
        application = self.case.application
        return [self._row(entry) for entry in printed_columns.ordered(application, self.section.key)]

    def _row(self, entry: Entry) -> EntryRow:
        case, key = self.case, self.section.key
        cells = printed_columns.compose(case.asked, entry)
        kind = next((k.label for k in self.section.kinds if k.key == entry.kind), None)
        by_uid = {a.uid: a for a in case.application.attachments}
        return EntryRow(
            entry,
            tr(printed_columns.title(case.asked, entry)),
            kind,
            [(column.label, cells.get(column.key, "")) for column in self.section.heads],
            self._notes(entry),
            case.items_at(key, entry.uid),
            [by_uid[uid] for uid in entry.evidence if uid in by_uid],
            case.entry_url(key, entry.uid),
            can_edit_entry(case, self.section, entry),
            entries.can_remove(case.application, entry, case.actor, case.now),
        )

    def _notes(self, entry: Entry) -> list[Note]:
        found = [f for f in self.case.findings if f.section == self.section.key and f.entry == entry.uid]
        return [Note(str(Severity(f.severity)), tr(f.message)) for f in found]

    @property
    def lines(self) -> list[FindingLine]:
        """What the rules find about the list as a whole."""
        found = [f for f in self.case.findings if f.section == self.section.key and not f.entry]
        return self.case.lines(found)

    @property
    def is_open(self) -> bool:
        """Whether the list as a whole can be changed now."""
        case = self.case
        return writing.is_editable(case.application, self.section.key, case.actor, case.now)

    @property
    def is_full(self) -> bool:
        """Whether the round takes no more entries here."""
        return len(self.case.application.entries(self.section.key)) >= self.section.max_rows

    @property
    def can_add(self) -> bool:
        """Whether entries can be added now."""
        return self.is_open and not self.is_full

    @property
    def can_move(self) -> bool:
        """Whether the person decides on the order."""
        return self.is_open and not self.section.order_by

    @property
    def sums(self) -> dict[str, str]:
        """What stands under the table, by column."""
        return printed_columns.sums(self.case.asked, self.section)

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        """What can be added, as (key, label)."""
        return [(kind.key, kind.label) for kind in self.section.kinds]

    def add_url(self, kind: str = "") -> str:
        """The page of a new entry."""
        return self.case.new_entry_url(self.section.key, kind)

    def step_url(self, method: str, uid: str) -> str:
        """The address of an action on one entry."""
        return address(method, self.case.application, section=self.section.key, uid=uid)

    @property
    def none_url(self) -> str:
        """The address of the 无 tick."""
        return address("none", self.case.application, section=self.section.key)


def can_edit_entry(case: Case, spec: SectionSpec, entry: Entry) -> bool:
    """Whether any field of the entry can be changed now."""
    application, actor, now = case.application, case.actor, case.now
    return any(
        writing.is_editable(application, spec.key, actor, now, uid=entry.uid, field=row.key)
        for row in case.asked.fields(spec, entry)
    )


def list_section(case: Case, key: str) -> SectionSpec:
    """The list section of this application; raises NotFound."""
    spec = case.section(key)
    if spec is None or spec.shape is not SectionShape.LIST:
        raise NotFound
    return spec


def entry_of(case: Case, key: str, uid: str) -> Entry:
    """The entry; raises NotFound."""
    entry = next((e for e in case.application.entries(key) if e.uid == uid), None)
    if entry is None:
        raise NotFound
    return entry


def page(frame: Frame, case: Case, spec: SectionSpec) -> str:
    """The list's page."""
    return frame.render(
        "my/form/list.html",
        case=case,
        page=spec.key,
        section=spec,
        list=EntryList(case, spec),
        undo=undo_of(case, spec),
        items=case.items_at(spec.key, ""),
        **case.neighbours(spec.key),
    )


def undo_of(case: Case, spec: SectionSpec) -> dict[str, str] | None:
    """The entry removed last from this section, if it can be put back."""
    mine = (str(case.application.id), spec.key)
    rows = [row for row in session.get(REMOVED, []) if (row["application"], row["section"]) == mine]
    return rows[-1] if rows else None


class EntryPages(PageGroup):
    """Actions on the entries of a list; each answers the script with the list's new content."""

    @expose("/<application_id>/<section>/<uid>/remove", methods=("POST",))
    def remove_entry(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """Take an entry out; it can be put back."""
        case = load(application_id)
        spec = list_section(case, section)
        entry = entry_of(case, section, uid)
        title = tr(printed_columns.title(case.asked, entry))
        after = _next_uid(case, section, uid)
        try:
            removed = entries.remove_entry(
                case.application, section, uid, seen_version(request.form), case.actor, case.now
            )
        except StaleWrite:
            return _answer(
                case, spec, _("“%(title)s”刚在另一窗口改过，没有删除。请看过再决定。", title=title), 409
            )
        kept = {
            "application": str(case.application.id),
            "section": section,
            "uid": uid,
            "title": title,
            "after": after,
            "entry": json_util.dumps(removed),
        }
        session[REMOVED] = [*session.get(REMOVED, []), kept][-MOST_REMOVED:]
        return _answer(case, spec, _("已删除“%(title)s”。", title=title), undo=True)

    @expose("/<application_id>/<section>/<uid>/restore", methods=("POST",))
    def restore_entry(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """Put back what was removed, in its place."""
        case = load(application_id)
        spec = list_section(case, section)
        rows = session.get(REMOVED, [])
        mine = (application_id, section, uid)
        kept = next((r for r in rows if (r["application"], r["section"], r["uid"]) == mine), None)
        if kept is None:
            raise NotFound
        entries.restore_entry(case.application, section, json_util.loads(kept["entry"]), case.actor, case.now)
        fresh = case.refresh()
        if kept["after"] and writing.is_editable(fresh.application, section, case.actor, case.now):
            entries.move_entry(fresh.application, section, uid, kept["after"], case.actor, case.now)
        session[REMOVED] = [row for row in rows if row is not kept]
        return _answer(case, spec, _("已恢复“%(title)s”。", title=kept["title"]))

    @expose("/<application_id>/<section>/<uid>/move", methods=("POST",))
    def move_entry(self, application_id: str, section: str, uid: str) -> ResponseReturnValue:
        """Move an entry one place up or down, or before another one."""
        case = load(application_id)
        spec = list_section(case, section)
        entry_of(case, section, uid)
        if spec.order_by:
            raise NotFound
        uids = [entry.uid for entry in case.application.entries(section)]
        entries.move_entry(case.application, section, uid, _target(uids, uid), case.actor, case.now)
        return _answer(case, spec, _("顺序已保存。"))

    @expose("/<application_id>/<section>/none", methods=("POST",))
    def none(self, application_id: str, section: str) -> ResponseReturnValue:
        """Tick or untick that there is nothing to enter (G21)."""
        case = load(application_id)
        spec = list_section(case, section)
        is_none = "none" in request.form
        try:
            section_records.set_none(
                case.application, section, is_none, seen_version(request.form), case.actor, case.now
            )
        except StaleWrite:
            return _answer(case, spec, _("另一窗口刚改过这里，请看过再勾选。"), 409)
        return _answer(case, spec, _("已保存。"))


def _target(uids: list[str], uid: str) -> str | None:
    """The uid before which the moved entry goes; None for the end."""
    place = uids.index(uid)
    rest = [other for other in uids if other != uid]
    direction = request.form.get("direction")
    if direction == "up":
        return rest[max(place - 1, 0)] if rest else None
    if direction == "down":
        return rest[place + 1] if place + 1 < len(rest) else None
    before = request.form.get("before", "")
    return before if before in rest else None


def _next_uid(case: Case, section: str, uid: str) -> str:
    uids = [entry.uid for entry in case.application.entries(section)]
    place = uids.index(uid)
    return uids[place + 1] if place + 1 < len(uids) else ""


def _answer(
    case: Case, spec: SectionSpec, message: str, status: int = 200, undo: bool = False
) -> ResponseReturnValue:
    """The list anew for the script, or back to its page."""
    if not wants_json():
        flash(message, "success" if status == 200 else "warning")
        return redirect(case.section_url(spec.key, "entries"))
    fresh = case.refresh()
    html = render_template(
        "my/form/_entries.html",
        case=fresh,
        section=spec,
        list=EntryList(fresh, spec),
        undo=undo_of(fresh, spec) if undo else None,
        message=message,
        is_refused=status != 200,
    )
    nav = render_template("my/_nav_rows.html", case=fresh, page=spec.key)
    # The list is shown anew also when the change was refused; hence a success to the script.
    return jsonify(html=html, message=message, parts={"#case-nav": nav})
