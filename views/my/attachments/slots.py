"""The places for attachments as pages show them: files, conditions, months covered, proof (G25-G28)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext as _

from models.choices import Preparation, Severity
from models.field_spec import Text
from models.form_spec import SectionShape, SectionSpec, SlotSpec
from models.pending_file import PendingFile
from models.sections import Attachment, Entry
from panel.domain.content import writing
from panel.domain.content.files import can_add, can_change
from panel.domain.errors import NotFound
from panel.domain.rounds import parts
from panel.services.files import inspecting
from panel.services.files.limits import Limits
from views.admin.cases.addresses import kilobytes
from views.kit.access import current_settings
from views.kit.forms import Note
from views.kit.i18n import tr
from views.my.base import address
from views.my.case import Case
from views.my.returns import ReturnedItem


@dataclass
class FileView:
    """One attachment as its slot shows it."""

    record: Attachment
    can_edit: bool
    asks_months: bool
    edit_url: str
    remove_url: str
    items: list[ReturnedItem]
    used_by: int  # entries that name it

    @property
    def size(self) -> str:
        """Its size as people read it."""
        return kilobytes(self.record.size)


@dataclass
class PendingView:
    """A file that was changed on its way in, before its owner decided."""

    row: PendingFile
    section: str
    case: Case

    @classmethod
    def all_of(cls, case: Case) -> list[PendingView]:
        """All that wait, whatever their slot."""
        home = files_section(case).key
        return [cls(row, home, case) for row in case.pending]

    @property
    def record(self) -> Attachment:
        """What would be kept."""
        return self.row.record

    @property
    def what(self) -> Preparation:
        """What was done to it."""
        return Preparation(self.row.what)

    @property
    def is_joined(self) -> bool:
        """Whether it was made of several files."""
        return self.what is Preparation.JOINED

    @property
    def before(self) -> str:
        """The size of what was sent."""
        return kilobytes(self.row.sent_bytes)

    @property
    def after(self) -> str:
        """The size of what would be kept."""
        return kilobytes(self.record.size)

    @property
    def slot_label(self) -> Text:
        """The place it was sent to."""
        label: Text = self.case.spec.slot(self.row.slot).label
        return label

    def url(self, page: str = "pending") -> str:
        """An address of it: pending, pending_thumbnail, use_pending, discard_pending."""
        return address(page, self.case.application, section=self.section, uid=self.row.uid)


@dataclass
class SlotView:
    """A slot with its files, its condition and what is missing."""

    case: Case
    section: SectionSpec
    spec: SlotSpec

    @property
    def is_required(self) -> bool:
        """Whether a file must be there."""
        return parts.is_slot_required(self.spec, self.case.application)

    @property
    def months(self) -> int | None:
        """The months that the files must cover at this level (G25)."""
        return self.spec.months.get(self.case.application.level)

    @property
    def stated(self) -> int:
        """The months that the files cover, as stated."""
        return sum(a.months or 0 for a in self.case.application.files(self.spec.key))

    @cached_property
    def can_add(self) -> bool:
        """Whether another file may come now."""
        case = self.case
        is_full = len(case.application.files(self.spec.key)) >= self.spec.max_files
        return not is_full and can_add(case.asked, self.spec.key, case.actor, case.now)

    @property
    def upload_url(self) -> str:
        """Where its files are sent."""
        return address("upload", self.case.application, section=self.section.key, slot=self.spec.key)

    @property
    def join_url(self) -> str:
        """Where photos are sent to become one PDF; "" where none is taken now."""
        case = self.case
        is_open = can_add(case.asked, self.spec.key, case.actor, case.now)
        if "pdf" not in self.spec.kinds or not is_open:
            return ""
        return address("join", self.case.application, section=self.section.key, slot=self.spec.key)

    @property
    def pending(self) -> list[PendingView]:
        """What was changed on its way here and waits to be looked at."""
        rows = [row for row in self.case.pending if row.slot == self.spec.key]
        return [PendingView(row, self.section.key, self.case) for row in rows]

    @property
    def limits(self) -> Limits:
        """What a file kept here may be."""
        settings = current_settings()
        return Limits(self.max_bytes, settings.file_pages, settings.image_pixels)

    @property
    def most_sent(self) -> int:
        """The most bytes that are taken to be made smaller; the browser refuses more at once."""
        return max(self.max_bytes, current_settings().upload_bytes)

    @property
    def max_bytes(self) -> int:
        """The most bytes of one file."""
        return min(self.spec.max_bytes, current_settings().file_bytes)

    @property
    def accept(self) -> str:
        """The kinds of file as the browser's dialog takes them."""
        taken = [inspecting.FileKind(kind).mime for kind in self.spec.kinds]
        # photos of iPhones are converted
        return ",".join([*taken, "image/heic", ".heic"] if "jpeg" in self.spec.kinds else taken)

    @property
    def kinds(self) -> str:
        """The kinds in words: PDF、JPEG."""
        return _("、").join(kind.upper() for kind in self.spec.kinds)

    @cached_property
    def notes(self) -> list[Note]:
        """What the rules find about it, and what was returned."""
        # "please upload" is no reproach before the person has begun with this page
        is_quiet = self.case.row(self.section.key).status == "not_started"
        found = [f for f in self.case.findings if f.slot == self.spec.key and not is_quiet]
        notes = [Note(str(Severity(f.severity)), tr(f.message)) for f in found]
        pinned = [i for i in self.case.items_at(self.section.key, "") if i.field == self.spec.key]
        return [*(Note("return", item.text) for item in pinned), *notes]

    @cached_property
    def files(self) -> list[FileView]:
        """The attachments in their order."""
        case = self.case
        uses = [uid for entry in all_entries(case) for uid in entry.evidence]
        return [
            FileView(
                record,
                can_change(case.application, record, case.actor, case.now),
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
    spec = next((s for s in case.asked.slots if s.key == key), None)
    if home.key != section or spec is None:
        raise NotFound
    return SlotView(case, home, spec)


def attachment_of(case: Case, section: str, uid: str) -> Attachment:
    """The attachment; raises NotFound."""
    found = next((a for a in case.application.attachments if a.uid == uid), None)
    if found is None or files_section(case).key != section:
        raise NotFound
    return found


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
        return writing.is_editable(case.application, self.section.key, case.actor, case.now, uid=uid)

    @property
    def chosen(self) -> list[str]:
        """The uids named by the entry."""
        return list(self.entry.evidence)

    @property
    def files(self) -> list[tuple[Attachment, Any]]:
        """The attachments with their slot's label, those named first, then the slot for proof.

        What shows ID numbers proves no achievement and isn't offered.
        """
        labels = {slot.key: slot.label for slot in self.case.spec.slots}
        offered = {slot.key for slot in self.case.spec.slots if not slot.private}
        home, chosen = self.home, self.chosen
        held = [a for a in self.case.application.attachments if a.slot in labels]
        rows = [a for a in held if a.slot in offered or a.uid in chosen]
        rows.sort(key=lambda a: (a.uid not in chosen, a.slot != home))
        return [(a, labels[a.slot]) for a in rows]

    @cached_property
    def slots(self) -> list[SlotView]:
        """Where a new file may go."""
        try:
            home = files_section(self.case)
        except NotFound:
            return []
        views = [SlotView(self.case, home, slot) for slot in self.case.asked.slots]
        return [view for view in views if view.can_add and not view.spec.private]

    @property
    def pending(self) -> list[PendingView]:
        """What was changed on its way in and waits to be looked at."""
        return PendingView.all_of(self.case) if self.case.pending else []

    @property
    def home(self) -> str:
        """The slot offered first: the roomiest."""
        slots = self.case.asked.slots
        return max(slots, key=lambda slot: slot.max_files).key if slots else ""
