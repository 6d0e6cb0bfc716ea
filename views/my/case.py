"""One application as its applicant's pages show it: the way through, what it is for, the next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import url_for

from models.application import Application
from models.choices import Action, Kind, MaterialState, Role, Severity, State
from models.field_spec import Text
from models.form_spec import PHOTO_FIELD, SectionSpec
from models.messages import M, Message
from models.pending_file import PendingFile
from models.round_spec import LevelSpec
from panel import clock
from panel.domain.access import policy
from panel.domain.checks import requirements
from panel.domain.content import library
from panel.domain.content.choice_changes import changed_words
from panel.domain.content.pending import pending_files
from panel.domain.steps import workflow
from views.kit.access import current_actor
from views.my.base import address
from views.my.returns import ReturnedCase
from views.shared import mend_words
from views.shared.deeds import deed
from views.shared.mend_words import MendRow

#: The page of the portrait, which is no section of the form.
PHOTO_PAGE = "photo"
#: The page where HR's material table is answered.
MATERIAL = "material"


@dataclass(frozen=True)
class Task:
    """A line of the task list."""

    key: str
    label: Text | Message
    url: str
    status: str  # not_started, attention, done; optional: nothing there and nothing missing
    missing: int = 0
    returned: bool = False


@dataclass(frozen=True)
class Done:
    """A step of the history in words."""

    label: Message
    who: Message
    at: datetime
    reason: str
    lines: tuple[Message, ...] = ()


def load(application_id: str) -> Case:
    """The person's own application; raises NotFound for any other."""
    actor = current_actor()
    return Case(policy.one(actor, Application, application_id, Role.APPLICANT), actor, clock.now())


class Case(ReturnedCase):
    """Everything a page of one application needs."""

    def refresh(self, application: Application | None = None) -> Case:
        """The case as stored now."""
        fresh = application or Application.objects.get(id=self.application.id)
        return Case(fresh, self.actor, self.now)

    @property
    def certificate_url(self) -> str:
        """The download of the certificate, once there is one."""
        return url_for("documents.certificate", certificate_id=self.application.certificate, download=1)

    @cached_property
    def library_url(self) -> str:
        """Where entries and files of earlier applications come along; "" while there is nothing to take."""
        is_there = self.is_writable and library.has_sources(self.application)
        return address("library", self.application) if is_there else ""

    @cached_property
    def pending(self) -> list[PendingFile]:
        """Files that were changed on their way in and wait to be looked at."""
        return pending_files(self.application, self.now) if self.is_writable else []

    @cached_property
    def mends(self) -> list[MendRow]:
        """What HR corrected on the person's behalf."""
        return mend_words.rows(self.asked)

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

    # --- the task list -----------------------------------------------------------------------------

    @cached_property
    def rows(self) -> list[Task]:
        """The sections, the portrait after the one that asks for it."""
        progress = requirements.progress(self.asked, self.findings)
        home = self.photo_section
        rows = []
        table = self._material_row()
        for spec in self.sections:
            if spec.judged and table:
                rows.append(table)
                table = None
            rows.append(self._row(spec, str(progress[spec.key])))
            if spec.key == home:
                rows.append(self._photo_row())
        return rows

    def _row(self, spec: SectionSpec, status: str) -> Task:
        found = [f for f in self.findings if f.section == spec.key and f.field != PHOTO_FIELD]
        missing = len(requirements.blocking(found))
        returned = any(item.section == spec.key and item.field != PHOTO_FIELD for item in self.open_items)
        if status == "attention" and not [f for f in found if f.severity != Severity.JUDGE]:
            status = "done"  # only the photo is missing, which has a line of its own
        if status == "not_started" and not found:
            status = "optional"
        if returned and self.is_writable:
            status = "attention"
        return Task(spec.key, spec.label, self.section_url(spec.key), status, missing, returned)

    @cached_property
    def photo_section(self) -> str:
        """The section whose rule asks for the photo, else the first one."""
        asked = [r.section for r in self.spec.requirements if r.check == "photo" and self.section(r.section)]
        return asked[0] if asked else self.sections[0].key

    def _material_row(self) -> Task | None:
        """HR's material table, once something of it is to be answered (G24)."""
        given = [entry for spec in self.sections for entry in self.entries_of(spec) if entry.given]
        reports = self.application.missing_reports
        if not given and not reports:
            return None
        waiting = sum(1 for e in given if e.agreement in (MaterialState.PLACED, MaterialState.DISPUTED))
        status = "attention" if waiting + reports else "done"
        return Task(MATERIAL, M("材料表核对"), self.page_url(MATERIAL), status, waiting + reports)

    def _photo_row(self) -> Task:
        missing = [f for f in self.findings if f.field == PHOTO_FIELD]
        status = "attention" if self.application.photo else "not_started"
        if self.application.photo and not missing:
            status = "done"
        returned = any(item.field == PHOTO_FIELD for item in self.open_items)
        status = "attention" if returned else status
        return Task(PHOTO_PAGE, M("照片"), self.photo_url, status, len(missing), returned)

    @property
    def done(self) -> int:
        """How many rows of the task list are done."""
        return sum(1 for row in self.rows if row.status == "done")

    @property
    def total(self) -> int:
        """How many rows there are to do."""
        return sum(1 for row in self.rows if row.status != "optional")

    def row(self, key: str) -> Task:
        """The row of section `key`, or of the photo."""
        return next(row for row in self.rows if row.key == key)

    def neighbours(self, key: str) -> dict[str, Task | None]:
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
    def left_off(self) -> Task:
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
            stored = [self.application.record(spec.key), *self.entries_of(spec)]
            changed = [content.changed_at for content in stored if content.changed_at]
            if changed:
                times[spec.key] = max(changed)
        return max(times, key=lambda key: times[key]) if times else ""

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
                deed(step.action),
                M("本人") if step.by == self.actor.user_id else Role(step.role or Role.SYSTEM).label,
                step.at,
                step.reason or "",
                tuple(changed_words(step)),
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
