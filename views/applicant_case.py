"""One application as its applicant's pages show it: the way through, what is missing, the next step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import url_for

from models import Application
from models.choices import Action, Kind, Role, Severity, State
from models.form_spec import CHOICE_SECTION, PHOTO_FIELD, SectionShape, SectionSpec, Text
from models.messages import M, Message
from models.round_spec import LevelSpec, RoundSpec
from models.sections import Entry, Return, ReturnItem
from panel import clock
from panel.domain import columns, policy, requirements, rounds, workflow
from panel.domain.policy import Actor
from panel.domain.requirements import Finding
from views.applicant_next import NextStep, next_step
from views.base import current_actor
from views.forms import PREFIX

#: States in which the applicant writes.
WRITABLE = frozenset({State.DRAFT, State.RETURNED, State.CORRECTION})
#: The Flask-Admin view that holds all pages of one application.
ENDPOINT = "my_application"
#: The page of the portrait, which is no section of the form.
PHOTO = "photo"


@dataclass(frozen=True)
class Row:
    """A line of the task list."""

    key: str
    label: Text | Message
    url: str
    status: str  # not_started, attention, done; optional: nothing there and nothing missing
    missing: int = 0
    returned: bool = False


@dataclass(frozen=True)
class Line:
    """A finding with the link to its field."""

    severity: str
    severity_label: Message
    message: Message | Text
    place: Message | Text
    url: str
    home: Message | Text  # the part of the form it is in


@dataclass(frozen=True)
class Item:
    """One thing HR wants corrected, with the link to it."""

    text: str
    place: Message | Text
    url: str
    section: str
    entry: str
    field: str


@dataclass(frozen=True)
class Done:
    """A step of the history in words."""

    label: Message
    who: Message
    at: datetime
    reason: str


def load(application_id: str) -> Case:
    """The person's own application; raises NotFound for any other."""
    actor = current_actor()
    return Case(policy.one(actor, Application, application_id, Role.APPLICANT), actor, clock.now())


def address(page: str, application: Application, **values: Any) -> str:
    """The address of a page of `application`, by its method in the view."""
    return url_for(f"{ENDPOINT}.{page}", application_id=application.id, **values)


@dataclass
class Case:
    """Everything a page of one application needs; computed once per request."""

    application: Application
    actor: Actor
    now: datetime
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def spec(self) -> RoundSpec:
        """The rules it is judged by."""
        return self.application.spec

    @property
    def url(self) -> str:
        """The overview."""
        return address("overview", self.application)

    def page_url(self, page: str) -> str:
        """A fixed page: check, preview, submit, receipt, ..."""
        return address(page, self.application)

    def section_url(self, key: str, anchor: str | None = None) -> str:
        """A section's page; `anchor` is an element's id."""
        return address("section", self.application, section=key, _anchor=anchor)

    def entry_url(self, section: str, uid: str, anchor: str | None = None) -> str:
        """An entry's page."""
        return address("entry", self.application, section=section, uid=uid, _anchor=anchor)

    @property
    def certificate_url(self) -> str:
        """The download of the certificate, once there is one."""
        return url_for("documents.certificate", certificate_id=self.application.certificate, download=1)

    @property
    def next_step(self) -> NextStep:
        """The one thing to do now."""
        return next_step(self)

    @property
    def photo_url(self) -> str:
        """The page of the portrait."""
        return address("photo", self.application)

    @property
    def state(self) -> State:
        """The state as an enum."""
        return State(self.application.state)

    @property
    def is_writable(self) -> bool:
        """Whether the applicant may change content at all now."""
        return self.state in WRITABLE

    @cached_property
    def sections(self) -> list[SectionSpec]:
        """The sections this application has."""
        return rounds.visible_sections(self.application)

    def section(self, key: str) -> SectionSpec | None:
        """The visible section named `key`, or None."""
        return next((spec for spec in self.sections if spec.key == key), None)

    @cached_property
    def window(self) -> rounds.Window:
        """When the person may submit."""
        return rounds.window(self.application.round, self.application.person, self.now)

    @cached_property
    def findings(self) -> list[Finding]:
        """What is not in order, from the round's rows."""
        return requirements.unmet(self.application, self.now)

    @cached_property
    def offers(self) -> dict[Action, workflow.Offer]:
        """The steps the applicant may take from here."""
        return {o.action: o for o in workflow.available(self.application, self.actor, self.now)}

    def refresh(self, application: Application | None = None) -> Case:
        """The case as stored now."""
        fresh = application or Application.objects.get(id=self.application.id)
        return Case(fresh, self.actor, self.now)

    # --- what is applied for -----------------------------------------------------------------------

    @property
    def level(self) -> LevelSpec:
        """The level applied for."""
        return self.spec.level(self.application.level)

    @property
    def kind_label(self) -> Message:
        """初次申报, 晋升, ..."""
        return Kind(self.application.kind).label

    @property
    def committee_label(self) -> Text:
        """The committee's name."""
        return self.spec.committee(self.application.committee).name

    @property
    def speciality_label(self) -> Text | str:
        """The speciality, or its key if the round no longer has it."""
        found = next((o for o in self.spec.specialities if o.value == self.application.speciality), None)
        return found.label if found else str(self.application.speciality)

    @property
    def edition_label(self) -> Text:
        """The edition of the criteria by which it is judged (G22)."""
        return self.spec.edition(self.application.edition).label

    @property
    def choice_url(self) -> str:
        """The page of what is applied for."""
        return address("choice", self.application)

    def new_entry_url(self, section: str, kind: str = "") -> str:
        """The page of a new entry."""
        return address("new_entry", self.application, section=section, kind=kind or None)

    # --- the task list -----------------------------------------------------------------------------

    @cached_property
    def rows(self) -> list[Row]:
        """The sections, the portrait after the one that asks for it."""
        progress = requirements.progress(self.application, self.findings)
        home = self.photo_section
        rows = []
        for spec in self.sections:
            rows.append(self._row(spec, str(progress[spec.key])))
            if spec.key == home:
                rows.append(self._photo_row())
        return rows

    def _row(self, spec: SectionSpec, status: str) -> Row:
        found = [f for f in self.findings if f.section == spec.key and f.field != PHOTO_FIELD]
        missing = len(requirements.blocking(found))
        returned = any(item.section == spec.key and item.field != PHOTO_FIELD for item in self.items)
        if status == "attention" and not [f for f in found if f.severity != Severity.JUDGE]:
            status = "done"  # only the photo is missing, which has a line of its own
        if status == "not_started" and not found:
            status = "optional"
        if returned and self.is_writable:
            status = "attention"
        return Row(spec.key, spec.label, self.section_url(spec.key), status, missing, returned)

    @cached_property
    def photo_section(self) -> str:
        """The section whose rule asks for the photo, else the first one."""
        asked = [r.section for r in self.spec.requirements if r.check == "photo" and self.section(r.section)]
        return asked[0] if asked else self.sections[0].key

    def _photo_row(self) -> Row:
        missing = [f for f in self.findings if f.field == PHOTO_FIELD]
        status = "attention" if self.application.photo else "not_started"
        if self.application.photo and not missing:
            status = "done"
        returned = any(item.field == PHOTO_FIELD for item in self.items)
        return Row(PHOTO, M("照片"), self.photo_url, status, len(missing), returned)

    @property
    def done(self) -> int:
        """How many rows of the task list are done."""
        return sum(1 for row in self.rows if row.status == "done")

    @property
    def total(self) -> int:
        """How many rows there are to do."""
        return sum(1 for row in self.rows if row.status != "optional")

    def row(self, key: str) -> Row:
        """The row of section `key`, or of the photo."""
        return next(row for row in self.rows if row.key == key)

    def neighbours(self, key: str) -> dict[str, Row | None]:
        """The rows before and after `key`, for the buttons at the foot of its page."""
        keys = [row.key for row in self.rows]
        place = keys.index(key)
        after = self.rows[place + 1] if place + 1 < len(keys) else None
        return {"before": self.rows[place - 1] if place else None, "after": after}

    @property
    def clock(self) -> str:
        """The time as people read it on a save: 12:03."""
        return self.now.astimezone(clock.ZONE).strftime("%H:%M")

    @property
    def left_off(self) -> Row:
        """Where to go on (G09): the row last worked at if it isn't done, else the next one that isn't."""
        last = self._last_worked_at()
        keys = [row.key for row in self.rows]
        start = keys.index(last) if last in keys else 0
        for row in [*self.rows[start:], *self.rows[:start]]:
            if row.status not in ("done", "optional"):
                return row
        return self.rows[start]

    def _last_worked_at(self) -> str:
        times: dict[str, datetime] = {}
        for spec in self.sections:
            stored = [self.application.record(spec.key), *self._entries(spec)]
            changed = [content.changed_at for content in stored if content.changed_at]
            if changed:
                times[spec.key] = max(changed)
        return max(times, key=lambda key: times[key]) if times else ""

    def _entries(self, spec: SectionSpec) -> list[Entry]:
        return self.application.entries(spec.key) if spec.shape is SectionShape.LIST else []

    # --- findings ----------------------------------------------------------------------------------

    @cached_property
    def blocking_findings(self) -> list[Finding]:
        """What must be dealt with before handing in."""
        return requirements.blocking(self.findings)

    @property
    def blocking(self) -> list[Line]:
        """The blocking lines of the checklist."""
        return self.lines(self.blocking_findings)

    @property
    def warnings(self) -> list[Line]:
        """What should be looked at once more."""
        return self.lines(f for f in self.findings if f.severity == Severity.WARNING)

    @property
    def to_judge(self) -> list[Line]:
        """What HR will decide."""
        return self.lines(f for f in self.findings if f.severity == Severity.JUDGE)

    def lines_at(self, section: str) -> list[Line]:
        """The lines about one section, or CHOICE_SECTION."""
        return self.lines(f for f in self.findings if f.section == section)

    def lines(self, findings: Iterable[Finding]) -> list[Line]:
        """Findings with the place they are about and the link to it."""
        return [
            Line(
                str(f.severity),
                Severity(f.severity).label,
                f.message,
                self.place(f.section, f.entry, f.field, f.slot),
                self.link(f.section, f.entry, f.field, f.slot),
                self._home(f.section, f.field),
            )
            for f in findings
        ]

    def by_place(self, lines: Iterable[Line]) -> list[tuple[Message | Text, list[Line]]]:
        """Lines grouped by the part of the form they are in, in order."""
        groups: dict[str, tuple[Message | Text, list[Line]]] = {}
        for line in lines:
            groups.setdefault(str(line.home), (line.home, []))[1].append(line)
        return list(groups.values())

    def _home(self, section: str, field_key: str) -> Message | Text:
        return self.place(section, field_key=PHOTO_FIELD if field_key == PHOTO_FIELD else "")

    def link(self, section: str, entry: str = "", field_key: str = "", slot: str = "") -> str:
        """The address of the field, entry, slot or section; the overview for the whole."""
        if field_key == PHOTO_FIELD:
            return self.photo_url
        if section == CHOICE_SECTION:
            return address("choice", self.application, _anchor=PREFIX + field_key if field_key else None)
        spec = self.section(section)
        if spec is None:
            return self.url
        if slot:
            return self.section_url(section, f"slot-{slot}")
        if spec.shape is SectionShape.ATTACHMENTS:
            return self.section_url(section, f"slot-{field_key}" if field_key else None)
        if entry:
            return self.entry_url(section, entry, PREFIX + field_key if field_key else None)
        if spec.shape is SectionShape.LIST:
            return self.section_url(section, "entries")
        return self.section_url(section, PREFIX + field_key if field_key else None)

    def place(self, section: str, entry: str = "", field_key: str = "", slot: str = "") -> Message | Text:
        """The place in words: section and field, entry or slot."""
        if field_key == PHOTO_FIELD:
            return M("照片")
        if section == CHOICE_SECTION:
            return M("申报信息")
        spec = self.section(section)
        if spec is None:
            return M("整份申报")
        inner = self._inner_place(spec, entry, field_key, slot)
        return M("%(section)s：%(part)s", section=spec.label, part=inner) if inner else spec.label

    def _inner_place(self, spec: SectionSpec, entry: str, field_key: str, slot: str) -> Any:
        if spec.shape is SectionShape.ATTACHMENTS:
            key = slot or field_key
            return next((row.label for row in self.spec.slots if row.key == key), None)
        found = next((e for e in self._entries(spec) if e.uid == entry), None) if entry else None
        if found is not None:
            return columns.title(self.application, found)
        return next((row.label for row in spec.fields if row.key == field_key), None)

    # --- what was returned -------------------------------------------------------------------------

    @property
    def running_return(self) -> Return | None:
        """The return that is being corrected."""
        if self.state not in (State.RETURNED, State.CORRECTION) or not self.application.returns:
            return None
        return self.application.returns[-1]

    @cached_property
    def items(self) -> list[Item]:
        """What HR or the office wants corrected, pinned."""
        running = self.running_return
        return [self._item(item) for item in running.items] if running else []

    def _item(self, item: ReturnItem) -> Item:
        slot = ""
        spec = self.section(item.section)
        if spec is not None and spec.shape is SectionShape.ATTACHMENTS:
            slot = item.field or self._slot_of(item.entry)
        return Item(
            item.text,
            self.place(item.section, item.entry, item.field, slot),
            self.link(item.section, "" if slot else item.entry, item.field, slot),
            item.section,
            item.entry,
            item.field,
        )

    def _slot_of(self, uid: str) -> str:
        return next((a.slot for a in self.application.attachments if a.uid == uid), "")

    def items_at(self, section: str, entry: str | None = None) -> list[Item]:
        """The items pinned to `section` or, if given, to one entry of it."""
        return [i for i in self.items if i.section == section and entry in (None, i.entry)]

    # --- where it stands ---------------------------------------------------------------------------

    @property
    def can_hand_in(self) -> bool:
        """Whether submitting or resubmitting is the step ahead."""
        return Action.SUBMIT in self.offers or Action.RESUBMIT in self.offers

    @property
    def hand_in(self) -> Action:
        """Submit, or resubmit what was returned."""
        return Action.RESUBMIT if Action.RESUBMIT in self.offers else Action.SUBMIT

    @property
    def deadline(self) -> datetime | None:
        """The last instant that counts for what the applicant has to do."""
        if self.state == State.DRAFT:
            return self.window.closes
        return self.application.deadline if self.is_writable else None

    @property
    def recall_offer(self) -> workflow.Offer | None:
        """Taking back what was submitted, or why it can't be taken back any more."""
        return self.offers.get(Action.RECALL)

    @property
    def can_withdraw(self) -> bool:
        """Whether the person may give up."""
        return Action.WITHDRAW in self.offers

    @property
    def steps(self) -> list[Done]:
        """The steps so far, the newest first; staff are named by their role."""
        return [
            Done(
                Action(step.action).label,
                M("本人") if step.by == self.actor.user_id else Role(step.role or Role.SYSTEM).label,
                step.at,
                step.reason or "",
            )
            for step in reversed(self.application.history)
        ]

    @property
    def is_previewed(self) -> bool:
        """Whether the form was previewed with exactly this content (G29)."""
        preview = self.application.preview or {}
        return preview.get("content_revision") == self.application.content_revision

    @property
    def needs_confirmation(self) -> bool:
        """Whether HR submitted on behalf and the applicant hasn't confirmed yet."""
        receipt = self.application.receipt
        return bool(
            receipt and receipt.on_behalf and receipt.confirmed_at is None and self.state == State.SUBMITTED
        )
