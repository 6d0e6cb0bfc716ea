"""The personal library: what of a person's earlier applications can come along into a new one.

Earlier applications are read by the rules they were made under; what comes along is read anew by the new
round's. What HR's material table once gave comes along as the person's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mongoengine import Q

from models.application import Application
from models.field_spec import FieldSpec, FieldType, Text
from models.form_spec import SectionShape, SectionSpec, SlotSpec
from models.messages import M, Message
from models.sections import Attachment, Entry, Photo
from models.states import ENDED, LEFT_BEHIND, stored_states
from models.values import ref_id
from panel.domain.actors import Actor
from panel.domain.content.files import can_add
from panel.domain.content.library_records import RecordOffer, photo_offer, record_offers, typed_again
from panel.domain.content.writing import Reading, is_editable, is_same, read_into, write_into
from panel.domain.errors import NotFound
from panel.domain.rounds import offers, parts, printed_columns, showing

MOST_SOURCES = 20
#: A slot for proof of all sorts, as opposed to one for a certain document, takes so many files at least.
_ROOMY = 10


@dataclass(frozen=True)
class Left:
    """A field that can't come along: what it is called, what it says, why."""

    label: Text
    value: Any
    reason: Message


@dataclass
class EntryOffer:
    """An earlier entry as it would be here; `refusal` says why it can't be taken."""

    uid: str
    title: Text
    section: Text
    made: Entry | None = None
    left: list[Left] = field(default_factory=list)
    proof: list[Attachment] = field(default_factory=list)
    is_there: bool = False
    refusal: Message | None = None

    @property
    def can_take(self) -> bool:
        """Whether it is offered."""
        return not self.is_there and self.refusal is None


@dataclass
class FileOffer:
    """An earlier file; `slot` is where it would go."""

    record: Attachment
    label: Text | str
    slot: SlotSpec | None = None
    is_there: bool = False
    refusal: Message | None = None

    @property
    def uid(self) -> str:
        """The file's identity in the earlier application."""
        return str(self.record.uid)

    @property
    def can_take(self) -> bool:
        """Whether it is offered."""
        return not self.is_there and self.refusal is None


@dataclass
class Shelf:
    """What one earlier application holds: what its records could fill in, entries by section, files."""

    source: Application
    records: list[RecordOffer]
    photo: Photo | None
    entries: dict[str, list[EntryOffer]]
    files: list[FileOffer]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.records or self.photo or self.entries or self.files)

    @property
    def takeable(self) -> int:
        """How many records, entries and files are offered."""
        entries = sum(row.can_take for rows in self.entries.values() for row in rows)
        whole = len(self.records) + bool(self.photo)
        return whole + entries + sum(row.can_take for row in self.files)


def has_sources(application: Application) -> bool:
    """Whether there is anything to take along from."""
    return _ended(application).limit(1).count(with_limit_and_skip=True) == 1


def sources(application: Application) -> list[Application]:
    """The person's earlier applications that have ended, also those given up or failed; the newest first."""
    return list(_ended(application).order_by("-year", "-created_at").limit(MOST_SOURCES))


def _ended(application: Application) -> Any:
    ended = Q(state__in=stored_states(ENDED))
    given_up = Q(state__in=stored_states(LEFT_BEHIND), year__lt=application.year)
    own = Q(person=ref_id(application, "person"), id__ne=application.id)
    return Application.objects((ended | given_up) & own)


def source_of(application: Application, id: str) -> Application:
    """One of them; raises NotFound."""
    found = next((row for row in sources(application) if str(row.id) == id), None)
    if found is None:
        raise NotFound
    return found


def shelf(application: Application, source: Application, actor: Actor, now: datetime) -> Shelf:
    """What `source` holds and how it would be in `application`."""
    entries: dict[str, list[EntryOffer]] = {}
    for section in parts.visible_sections(source):
        if section.shape is not SectionShape.LIST:
            continue
        held = source.entries(section.key)
        if held:
            entries[section.key] = [_entry_offer(application, source, section, e, actor, now) for e in held]
    files = [_file_offer(application, source, record, actor, now) for record in source.attachments]
    records = list(record_offers(application, source, actor, now))
    return Shelf(source, records, photo_offer(application, source, actor, now), entries, files)


# --- entries ---------------------------------------------------------------------------------------


def _entry_offer(
    application: Application, source: Application, old: SectionSpec, entry: Entry, actor: Actor, now: datetime
) -> EntryOffer:
    offer = EntryOffer(str(entry.uid), printed_columns.title(parts.AskedForm(source), entry), old.label)
    by_uid = {record.uid: record for record in source.attachments}
    new = next((s for s in parts.visible_sections(application) if s.key == old.key), None)
    if new is None or new.shape is not SectionShape.LIST:
        offer.refusal = M("本次申报没有“%(section)s”这一部分。", section=old.label)
        return offer
    kinds = {kind.key for kind in new.kinds} or {""}
    if (entry.kind or "") not in kinds:
        offer.refusal = M("本次申报的“%(section)s”没有这一类别。", section=new.label)
        return offer
    if not is_editable(application, new.key, actor, now):
        offer.refusal = M("“%(section)s”现在不能添加。", section=new.label)
    offer.made, offer.left = _made(application, new, source, old, entry, now)
    if not any(offer.made.get(spec.key) for spec in new.fields):
        offer.refusal = M("这一条没有能带入的内容。")
    offer.proof = [by_uid[uid] for uid in entry.evidence if uid in by_uid] if new.evidence else []
    offer.is_there = any(_says_the_same(offer.made, there, new) for there in application.entries(new.key))
    return offer


def _made(
    application: Application,
    new: SectionSpec,
    source: Application,
    old: SectionSpec,
    entry: Entry,
    now: datetime,
) -> tuple[Entry, list[Left]]:
    """The entry by the new round's rules, as the person's own, and what it leaves behind."""
    made = Entry(section=new.key, kind=entry.kind, version=1, changed_at=now)
    specs = {spec.key: spec for spec in parts.visible_fields(source, old, entry)}
    raw = {key: text for key, spec in specs.items() if (text := typed_again(spec, entry)) is not None}
    why = {
        key: reason
        for key in raw
        if (reason := _stays_behind(application, source, new, specs[key], entry)) is not None
    }
    typed = {key: text for key, text in raw.items() if key not in why}
    reading = read_into(application, new, made, typed, lambda key: True)
    parsed = reading.parsed
    read = {key: value for key, value in parsed.values.items() if key not in parsed.unread}
    write_into(made, Reading(reading.specs, type(parsed)(values=read)))
    for key in typed.keys() - read.keys():
        why[key] = parsed.messages.get(key) or M("本次申报没有这一栏")
    left = [
        Left(spec.label, showing.shown(source, spec, entry.get(key)) or raw[key], why[key])
        for key, spec in specs.items()
        if key in why
    ]
    return made, left


def _stays_behind(
    application: Application, source: Application, new: SectionSpec, spec: FieldSpec, entry: Entry
) -> Message | None:
    """Why a field isn't even read anew: a clause of other criteria, or files that it names."""
    target = next((row for row in new.fields if row.key == spec.key), None)
    if target is None:
        return M("本次申报没有这一栏")
    if FieldType.FILE in (spec.type, target.type):
        return M("文件请在本次申报里重新选择")
    if FieldType.CLAUSE not in (spec.type, target.type):
        return None
    before = offers.clause(source, str(entry.get(spec.key)))
    after = {row.key: row.text for row in offers.clauses_for(application, new.key)}
    is_same_clause = before is not None and after.get(before.key) == before.text
    return None if is_same_clause else M("评审标准不同，请重新选择")


def _says_the_same(made: Entry, there: Entry, section: SectionSpec) -> bool:
    """Whether an entry here says already what would come along; clauses may differ."""
    if (made.kind or "") != (there.kind or ""):
        return False
    told = [spec.key for spec in section.fields if spec.type is not FieldType.CLAUSE and made.get(spec.key)]
    return bool(told) and all(is_same(made.get(key), there.get(key)) for key in told)


# --- files -----------------------------------------------------------------------------------------


def _file_offer(
    application: Application, source: Application, record: Attachment, actor: Actor, now: datetime
) -> FileOffer:
    labels: Mapping[str, Text] = {slot.key: slot.label for slot in source.spec.slots}
    offer = FileOffer(record, labels.get(record.slot, record.slot))
    offer.is_there = any(there.sha256 == record.sha256 for there in application.attachments)
    offer.slot = slot_for(application, source, record, actor, now)
    if offer.slot is None:
        offer.refusal = M("本次申报没有能放这份文件的附件项，或那里已满。")
    return offer


def slot_for(
    application: Application,
    source: Application,
    record: Attachment,
    actor: Actor,
    now: datetime,
    taken: Mapping[str, int] | None = None,
) -> SlotSpec | None:
    """Where an earlier file goes: the slot of the same name, else the roomiest; None where none takes it.

    `taken` counts what goes to each slot in the same step. What shows ID numbers goes to its own slot alone.
    """
    open_slots = {slot.key for slot in source.spec.slots if not slot.private}
    asked = parts.AskedForm(application)
    slots = sorted(asked.slots, key=lambda s: (s.key != record.slot, -s.max_files))
    for slot in slots:
        is_other = slot.key != record.slot
        if is_other and (slot.private or record.slot not in open_slots or slot.max_files < _ROOMY):
            continue
        count = len(application.files(slot.key)) + (taken or {}).get(slot.key, 0)
        fits = count < slot.max_files and record.size <= slot.max_bytes and _kind(record) in slot.kinds
        if fits and can_add(asked, slot.key, actor, now):
            return slot
    return None


def _kind(record: Attachment) -> str:
    return str(record.mime).rsplit("/", 1)[-1]
