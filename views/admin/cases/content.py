"""What HR's page shows of an application's content: each claim beside its evidence and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.application import Application, Submission
from models.choices import Origin
from models.field_spec import FieldSpec, FieldType
from models.form_spec import SectionShape, SectionSpec, SlotSpec
from models.sections import Attachment, Entry, Judgement, SectionRecord
from models.values import mask
from panel.domain.checks.findings import Finding
from panel.domain.content.changes import Changes, FieldChange, How, ItemChange, changes_since
from panel.domain.rounds import printed_columns
from panel.domain.rounds.parts import AskedForm, is_slot_required
from panel.domain.rounds.showing import files_named, shown
from views.admin.cases.lines import FieldLine, File
from views.kit.i18n import language

#: The section key under which a return pins attachments (panel.domain.content).
ATTACHMENTS = "attachments"


@dataclass
class ShownEntry:
    """An entry: its official columns, the fields behind them, its evidence and judgement."""

    uid: str
    title: Any
    kind: Any
    cells: list[tuple[Any, str]]
    lines: list[FieldLine]
    files: list[File] = field(default_factory=list)
    judgement: Judgement | None = None
    how: How | None = None
    findings: list[Finding] = field(default_factory=list)
    is_judged: bool = False
    is_given: bool = False  # from HR's material table


@dataclass
class Slot:
    """A place for attachments with its files, and the months they must cover beside those stated (G25)."""

    spec: SlotSpec
    files: list[File]
    is_required: bool
    months_required: int | None
    months_stated: int | None
    removed: list[str]
    findings: list[Finding]


@dataclass
class Block:
    """One section of the form."""

    spec: SectionSpec
    lines: list[FieldLine] = field(default_factory=list)
    rows: list[ShownEntry] = field(default_factory=list)
    removed: list[ShownEntry] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    sums: list[tuple[Any, str]] = field(default_factory=list)  # under a list: column and total
    none: bool = False
    none_change: FieldChange | None = None
    has_photo: bool = False
    photo_changed: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        """Whether anything in it differs from what was looked at before."""
        return (
            any(line.is_changed for line in self.lines)
            or any(row.how for row in self.rows)
            or bool(self.removed)
            or self.none_change is not None
            or self.photo_changed
            or any(slot.removed or any(file.how for file in slot.files) for slot in self.slots)
        )


def changes_since_return(application: Application) -> Changes | None:
    """What is different since the last return; None when nothing came back from one."""
    last = application.returns[-1] if application.returns else None
    if last is None or application.receipt is None or application.receipt.at <= last.at:
        return None
    return changes_since(application, last)


def blocks(asked: AskedForm, findings: Iterable[Finding], changes: Changes | None = None) -> list[Block]:
    """All sections that this application has, in the round's order."""
    found = list(findings)
    photo_section = _photo_section(asked)
    built = []
    for spec in asked.sections:
        own = [row for row in found if row.section == spec.key]
        block = Block(spec, has_photo=spec.key == photo_section)
        block.photo_changed = bool(block.has_photo and changes and changes.photo)
        if spec.shape is SectionShape.RECORD:
            block.lines = _record_lines(asked, spec, changes)
        elif spec.shape is SectionShape.LIST:
            _fill_list(block, asked, own, changes)
        else:
            block.slots = _slots(asked, own, changes)
        block.findings = [f for f in own if not f.entry and not (f.slot and block.slots)]
        built.append(block)
    return built


def _photo_section(asked: AskedForm) -> str:
    """Where the photo is shown: the section the round names, else the first record."""
    named = getattr(asked.application.spec.photo, "section", "")
    records = [s.key for s in asked.sections if s.shape is SectionShape.RECORD]
    return named or next(iter(records), "")


def _record_lines(asked: AskedForm, spec: SectionSpec, changes: Changes | None) -> list[FieldLine]:
    record = asked.record(spec.key)
    changed = changes.records.get(spec.key, {}) if changes else {}
    return _lines(asked.application, asked.fields(spec, record), record, changed)


def _lines(
    application: Application,
    specs: Iterable[FieldSpec],
    holder: SectionRecord | Entry,
    changed: Mapping[str, FieldChange],
) -> list[FieldLine]:
    """The fields in order; each belongs to the group that was opened last."""
    lines: list[FieldLine] = []
    group: Any = ""
    for spec in specs:
        group = spec.group or group
        lines.append(_line(application, spec, holder, changed.get(spec.key), group))
    return lines


def _line(
    application: Application,
    spec: FieldSpec,
    holder: SectionRecord | Entry,
    change: FieldChange | None,
    group: Any,
) -> FieldLine:
    unread = holder.typed_text(spec.key)
    files = _named_files(application, spec, holder) if spec.type is FieldType.FILE else ()
    value = unread if unread else shown(application, spec, holder.get(spec.key))
    before = shown(application, spec, change.before) if change else ""
    if spec.encrypted:
        value, before = mask(str(value)), mask(str(before))
    return FieldLine(
        spec.key,
        spec.label,
        value,
        is_sealed=spec.encrypted and bool(value),
        is_unread=bool(unread),
        is_long=spec.type is FieldType.LONG_TEXT,
        is_changed=change is not None,
        before=before,
        group=group,
        opens_group=bool(spec.group),
        files=files,
    )


def _named_files(
    application: Application, spec: FieldSpec, holder: SectionRecord | Entry
) -> tuple[File, ...]:
    return tuple(_files(application, files_named(application, holder.get(spec.key)), None))


def _fill_list(block: Block, asked: AskedForm, found: list[Finding], changes: Changes | None) -> None:
    application, spec = asked.application, block.spec
    files = {file.record.uid: file for file in _files(application, application.attachments, changes)}
    for entry in application.entries(spec.key):
        change = changes.entries.get(entry.uid) if changes else None
        row = _row(asked, spec, entry, change)
        row.files = [files[uid] for uid in entry.evidence if uid in files]
        row.findings = [f for f in found if f.entry == entry.uid]
        block.rows.append(row)
    totals = printed_columns.sums(asked, spec, language())
    block.sums = [(head.label, totals[head.key]) for head in spec.heads if head.key in totals]
    block.none = bool(asked.record(spec.key).none)
    if changes:
        block.none_change = changes.nones.get(spec.key)
        block.removed = [
            _row(asked, spec, Entry._from_son(dict(gone.before)), gone)
            for gone in changes.removed_from(spec.key)
        ]


def _row(asked: AskedForm, spec: SectionSpec, entry: Entry, change: ItemChange | None) -> ShownEntry:
    kind = next((k for k in spec.kinds if k.key == entry.kind), None)
    composed: Mapping[str, str] = printed_columns.compose(asked, entry, language())
    changed = change.fields if change else {}
    return ShownEntry(
        entry.uid,
        printed_columns.title(asked, entry),
        kind.label if kind else None,
        [(column.label, composed.get(column.key, "")) for column in spec.heads],
        _lines(asked.application, asked.fields(spec, entry), entry, changed),
        judgement=entry.judgement,
        how=change.how if change else None,
        is_judged=spec.judged,
        is_given=entry.origin == Origin.HR,
    )


def _files(
    application: Application, attachments: Iterable[Attachment], changes: Changes | None
) -> list[File]:
    labels = {slot.key: slot.label for slot in application.spec.slots}
    known = changes.attachments if changes else {}
    return [
        File(a, labels.get(a.slot, a.slot), known[a.uid].how if a.uid in known else None) for a in attachments
    ]


def _slots(asked: AskedForm, found: list[Finding], changes: Changes | None) -> list[Slot]:
    application, built = asked.application, []
    for spec in asked.slots:
        files = _files(application, application.files(spec.key), changes)
        stated = [f.record.months for f in files if f.record.months is not None]
        gone = changes.files_of(spec.key) if changes else []
        replaced = {f.record.replaces for f in files}
        built.append(
            Slot(
                spec,
                files,
                is_slot_required(spec, application),
                spec.months.get(application.level),
                max(stated) if stated else None,
                [str(c.before["name"]) for c in gone if c.how is How.REMOVED and c.uid not in replaced],
                [f for f in found if f.slot == spec.key],
            )
        )
    return built


def earlier_files(application: Application) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Per earlier submission its time and the attachments that are no longer in the application."""
    now = {attachment.uid for attachment in application.attachments}
    kept = []
    for submission in Submission.objects(application=application).order_by("-content_revision"):
        files = [dict(row) for row in submission.content.get("attachments", []) if row["uid"] not in now]
        if files:
            kept.append((submission.at, files))
    return kept
