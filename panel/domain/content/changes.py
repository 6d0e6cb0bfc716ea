"""What is different between two submissions of one application, so that HR looks only at that.

Contents are the frozen mappings of `Submission.content`: the parts of the application document as
stored. Sealed values are opened before they are compared: the same text sealed twice differs at rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from models.application import Application, Submission
from models.form_spec import ENTRY_LISTS, PHOTO_FIELD
from models.sections import Entry, Return, ReturnItem
from models.values import reveal
from panel.domain.content.frozen import content_of
from panel.domain.content.writing import ATTACHMENTS

FrozenContent = Mapping[str, Any]

#: What was chosen before the form (G07).
CHOICES = ("kind", "exceptional", "committee", "level", "speciality", "edition", "unit", "recommending_unit")
#: What of an attachment's record a person can change; its bytes are their hash.
FILE_PARTS = ("slot", "name", "sha256", "months", "note")


class How(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class FieldChange:
    """One field: the value before and after, opened; None where there was none."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ItemChange:
    """An entry or an attachment that came, went or changed, with its stored mapping before and after."""

    uid: str
    section: str  # of an attachment: its slot
    how: How
    fields: Mapping[str, FieldChange] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Changes:
    """All differences; empty when both contents say the same."""

    choice: Mapping[str, FieldChange] = field(default_factory=dict)
    records: Mapping[str, Mapping[str, FieldChange]] = field(default_factory=dict)  # section -> field
    nones: Mapping[str, FieldChange] = field(default_factory=dict)  # section -> the 无 tick (G21)
    entries: Mapping[str, ItemChange] = field(default_factory=dict)
    attachments: Mapping[str, ItemChange] = field(default_factory=dict)
    photo: bool = False

    def __bool__(self) -> bool:
        return any(
            (self.choice, self.records, self.nones, self.entries, self.attachments, self.photo),
        )

    @property
    def count(self) -> int:
        """How many things changed: fields, ticks, entries, files."""
        fields = sum(len(changed) for changed in self.records.values())
        items = len(self.entries) + len(self.attachments)
        return len(self.choice) + fields + len(self.nones) + items + int(self.photo)

    def record_field(self, section: str, key: str) -> FieldChange | None:
        """The change of one field of a record, or None."""
        return self.records.get(section, {}).get(key)

    def field_of(self, section: str, key: str) -> bool:
        """Whether the field changed: in the record, or in any entry of a list, where one came or went too."""
        entries = [change for change in self.entries.values() if change.section == section]
        return self.record_field(section, key) is not None or any(
            change.how is not How.CHANGED or key in change.fields for change in entries
        )

    def removed_from(self, section: str) -> list[ItemChange]:
        """The entries of `section` that are gone."""
        return [c for c in self.entries.values() if c.section == section and c.how is How.REMOVED]

    def touches(self, section: str) -> bool:
        """Whether anything of list or record `section` changed."""
        if section in self.records or section in self.nones:
            return True
        return any(change.section == section for change in self.entries.values())

    def files_of(self, slot: str) -> list[ItemChange]:
        """The attachments of `slot` that came, went or changed."""
        return [c for c in self.attachments.values() if c.section == slot]


def changes_since(application: Application, returned: Return) -> Changes | None:
    """What is different now from what was looked at when it was returned; None when that isn't kept."""
    looked_at = Submission.objects(id=returned.submission).first() if returned.submission else None
    return compare(looked_at.content, content_of(application)) if looked_at else None


def by_applicant(changes: Changes, application: Application) -> Changes:
    """`changes` without what follows others: locked fields the roster, given ones HR's material table."""
    locked = {
        (section.key, field.key)
        for section in application.spec.sections
        for field in section.fields
        if field.locked
    }
    typed = {
        section: {key: change for key, change in fields.items() if (section, key) not in locked}
        for section, fields in changes.records.items()
    }
    return replace(
        changes,
        records={section: fields for section, fields in typed.items() if fields},
        entries={uid: change for uid, change in changes.entries.items() if not _is_given(change)},
    )


def _is_given(change: ItemChange) -> bool:
    given = set(change.after.get("given") or ())
    if change.how is How.CHANGED:
        return bool(given) and set(change.fields) <= given
    return change.how is How.ADDED and bool(given)


def is_answered(changes: Changes, item: ReturnItem) -> bool:
    """Whether something changed where an item of a return is pinned: its section, entry, field or slot.

    `changes` are those of `by_applicant`.
    """
    section, entry, field = item.section or "", item.entry or "", item.field or ""
    if not section:
        return bool(changes)
    if entry:
        return entry in changes.entries or entry in changes.attachments or _replaced(changes, entry)
    if not field:
        return changes.touches(section) or (section == ATTACHMENTS and bool(changes.attachments))
    if field == PHOTO_FIELD:
        return changes.photo
    return changes.field_of(section, field) or bool(changes.files_of(field))


def _replaced(changes: Changes, uid: str) -> bool:
    return any(change.after.get("replaces") == uid for change in changes.attachments.values())


def compare(before: FrozenContent, after: FrozenContent) -> Changes:
    """What became different from content `before` to content `after`; never raises on a missing part."""
    old_records, new_records = before.get("sections") or {}, after.get("sections") or {}
    records: dict[str, dict[str, FieldChange]] = {}
    nones: dict[str, FieldChange] = {}
    for section in dict.fromkeys([*old_records, *new_records]):
        old, new = old_records.get(section) or {}, new_records.get(section) or {}
        if changed := _differences(_values(old), _values(new)):
            records[section] = changed
        if bool(old.get("none")) != bool(new.get("none")):
            nones[section] = FieldChange("none", bool(old.get("none")), bool(new.get("none")))
    return Changes(
        choice=_differences(_picked(before, CHOICES), _picked(after, CHOICES)),
        records=records,
        nones=nones,
        entries=_items(_entries(before), _entries(after), _entry_parts, "section"),
        attachments=_items(
            before.get("attachments") or [], after.get("attachments") or [], _file_parts, "slot"
        ),
        photo=_photo(before) != _photo(after),
    )


def _values(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record or entry; what could not be read counts as its text."""
    values = {**(content.get("values") or {}), **(content.get("unread") or {})}
    return {key: reveal(value) for key, value in values.items()}


def _picked(content: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: content.get(key) for key in keys}


def _entry_parts(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_picked(entry, Entry.TYPED),
        **_values(entry),
        "evidence": list(entry.get("evidence") or []),
    }


def _file_parts(attachment: Mapping[str, Any]) -> dict[str, Any]:
    return _picked(attachment, FILE_PARTS)


def _photo(content: FrozenContent) -> Any:
    return (content.get("photo") or {}).get("sha256")


def _entries(content: FrozenContent) -> list[Mapping[str, Any]]:
    """All entries, wherever the round stores them."""
    found: list[Mapping[str, Any]] = []
    for name in ENTRY_LISTS:
        found += content.get(name) or []
    for record in (content.get("sections") or {}).values():
        found += (record or {}).get("entries") or []
    return found


def _items(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]], parts: Any, place: str
) -> dict[str, ItemChange]:
    """Pair the items by uid: a position says nothing."""
    old = {item["uid"]: item for item in before}
    new = {item["uid"]: item for item in after}
    changes: dict[str, ItemChange] = {}
    for uid in dict.fromkeys([*old, *new]):
        if uid not in new:
            changes[uid] = ItemChange(uid, old[uid][place], How.REMOVED, before=old[uid])
        elif uid not in old:
            changes[uid] = ItemChange(uid, new[uid][place], How.ADDED, after=new[uid])
        elif fields := _differences(parts(old[uid]), parts(new[uid])):
            changes[uid] = ItemChange(uid, new[uid][place], How.CHANGED, fields, old[uid], new[uid])
    return changes


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, FieldChange]:
    """The keys whose values differ; a missing, an empty and a blank value are the same."""
    changed = {}
    for key in dict.fromkeys([*old, *new]):
        before, after = _blank_is_none(old.get(key)), _blank_is_none(new.get(key))
        if before != after:
            changed[key] = FieldChange(key, before, after)
    return changed


def _blank_is_none(value: Any) -> Any:
    return None if value in ("", []) else value
