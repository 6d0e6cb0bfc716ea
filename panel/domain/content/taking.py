"""Taking records, entries and files of earlier applications along in one write, and putting them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.application import Application
from models.form_spec import ENTRY_LISTS, PHOTO_FIELD
from models.messages import M
from models.sections import Attachment, Entry, Photo, new_uid
from panel.domain.actors import Actor
from panel.domain.content.entries import path_of
from panel.domain.content.files import can_change
from panel.domain.content.library import EntryOffer, FileOffer, shelf, slot_for, source_of
from panel.domain.content.library_records import PHOTO, RecordOffer, is_record, photo_section
from panel.domain.content.writing import commit, is_editable
from panel.domain.errors import NotFound, Refused, StaleWrite
from panel.domain.rounds import parts

_TRIES = 5
#: What stays with a file; months covered and notes were of another year.
_KEPT = ("name", "mime", "size", "sha256", "thumbnail_sha256", "pages", "width", "height")


@dataclass
class Taken:
    """What came along: entries as (section, uid), uids of files, and names of files that found no place."""

    entries: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    homeless: list[str] = field(default_factory=list)
    clauses: int = 0  # entries whose clause is to be chosen anew
    records: dict[str, dict[str, Any]] = field(default_factory=dict)  # section -> version, fields filled in
    photo: str = ""  # the portrait's hash


def take_along(
    application: Application, source_id: str, uids: Collection[str], actor: Actor, now: datetime
) -> Taken:
    """Copy the records, entries and files `uids` of an earlier application; what is there is left out.

    Bytes are shared, not copied; proof comes along with its entry. Raises NotFound for what isn't the
    person's or isn't there, Refused for what doesn't fit, NotEditable.
    """
    for _ in range(_TRIES):
        step = _Step(application, actor, now)
        step.add(source_id, set(uids))
        if not step.update:
            return step.taken
        try:
            commit(application, {"revision": application.revision}, step.update, now)
            return step.taken
        except StaleWrite:
            application = Application.objects.get(id=application.id)
    raise StaleWrite


class _Step:
    """One write in the making: what it adds, and what it says was added."""

    def __init__(self, application: Application, actor: Actor, now: datetime) -> None:
        self.application, self.actor, self.now = application, actor, now
        self.taken = Taken()
        self._entries: dict[str, list[Entry]] = {}
        self._files: list[Attachment] = []
        self._sets: dict[str, Any] = {}
        self._by_hash = {record.sha256: str(record.uid) for record in application.attachments}

    @property
    def update(self) -> dict[str, Any]:
        """The update; empty when there is nothing to add."""
        pushed: dict[str, list[Any]] = {}
        sets = dict(self._sets)
        for key, entries in self._entries.items():
            spec = self.application.spec.section(key)
            pushed.setdefault(path_of(spec), []).extend(entry.to_mongo() for entry in entries)
            if spec.none_label:
                sets[f"sections.{key}.none"] = False
        if self._files:
            pushed["attachments"] = [record.to_mongo() for record in self._files]
        pushes = {path: {"$each": rows} for path, rows in pushed.items()}
        return {name: part for name, part in (("$push", pushes), ("$set", sets)) if part}

    def add(self, source_id: str, uids: set[str]) -> None:
        """Gather what is asked for of one earlier application."""
        self._source = source_of(self.application, source_id)
        held = shelf(self.application, self._source, self.actor, self.now)
        entries = {row.uid: row for rows in held.entries.values() for row in rows}
        files = {row.uid: row for row in held.files}
        records = {row.uid: row for row in held.records}
        asked = {uid for uid in uids if uid != PHOTO and not is_record(uid)}
        if not asked <= entries.keys() | files.keys():
            raise NotFound
        for uid in sorted(uids & records.keys()):
            self._take_record(records[uid])
        if PHOTO in uids and held.photo is not None:
            self._take_photo(held.photo)
        for uid, entry in entries.items():
            if uid in uids and not entry.is_there:
                self._take_entry(entry)
        for uid, file in files.items():
            if uid in uids and not file.is_there:
                self._take_file(file)

    def _take_record(self, offer: RecordOffer) -> None:
        key = offer.section.key
        version = self.application.record(key).version + 1
        self._sets |= {f"sections.{key}.{path}": value for path, value in offer.sets.items()}
        self._sets |= {f"sections.{key}.version": version, f"sections.{key}.changed_at": self.now}
        self.taken.records[key] = {"version": version, "fields": [spec.key for spec, _ in offer.fields]}

    def _take_photo(self, photo: Photo) -> None:
        kept = {name: getattr(photo, name) for name in ("sha256", "width", "height", "size")}
        self._sets["photo"] = Photo(**kept, at=self.now).to_mongo()
        self.taken.photo = str(photo.sha256)

    def _take_entry(self, offer: EntryOffer) -> None:
        if offer.refusal is not None or offer.made is None:
            raise Refused(offer.refusal or M("这一条不能带入。"))
        entry = offer.made
        entry.uid = new_uid()
        found = [self._file(record) for record in offer.proof]
        entry.evidence = list(dict.fromkeys(uid for uid in found if uid))
        rows = self._entries.setdefault(entry.section, [])
        spec = self.application.spec.section(entry.section)
        if len(self.application.entries(spec.key)) + len(rows) >= spec.max_rows:
            raise Refused(
                M("“%(section)s”最多填 %(n)s 条，请少选一些。", section=spec.label, n=spec.max_rows)
            )
        rows.append(entry)
        self.taken.entries.append((spec.key, entry.uid))
        if any(clause and not entry.get(clause) for clause in _clause_fields(self.application, entry)):
            self.taken.clauses += 1

    def _take_file(self, offer: FileOffer) -> None:
        if offer.refusal is not None:
            raise Refused(offer.refusal)
        self._file(offer.record)

    def _file(self, record: Attachment) -> str:
        """The uid here of an earlier file, which is added unless it is there; "" where no slot takes it."""
        if record.sha256 in self._by_hash:
            return self._by_hash[record.sha256]
        going = Counter(file.slot for file in self._files)
        slot = slot_for(self.application, self._source, record, self.actor, self.now, going)
        if slot is None:
            self.taken.homeless.append(record.name)
            return ""
        kept = {name: getattr(record, name) for name in _KEPT}
        made = Attachment(**kept, slot=slot.key, version=1, at=self.now)
        self._files.append(made)
        self._by_hash[record.sha256] = str(made.uid)
        self.taken.files.append(str(made.uid))
        return str(made.uid)


def _clause_fields(application: Application, entry: Entry) -> list[str]:
    fields = parts.visible_fields(application, entry.section, entry)
    return [row.key for row in fields if row.type == "clause"]


def put_back(
    application: Application,
    entries: Collection[str],
    files: Collection[str],
    actor: Actor,
    now: datetime,
    records: Mapping[str, Mapping[str, Any]] | None = None,
    photo: str = "",
) -> int:
    """Take out again what came along and wasn't touched since; returns how many things that were.

    What can't be changed now stays, and so does a file that something else names by now.
    """
    for _ in range(_TRIES):
        pulled, count = _pulled(application, set(entries), set(files), actor, now)
        emptied, more = _emptied(application, records or {}, photo, actor, now)
        update, count = {name: part for name, part in (pulled | emptied).items() if part}, count + more
        if not count:
            return 0
        try:
            commit(application, {"revision": application.revision}, update, now)
            return count
        except StaleWrite:
            application = Application.objects.get(id=application.id)
    raise StaleWrite


def _emptied(
    application: Application,
    records: Mapping[str, Mapping[str, Any]],
    photo: str,
    actor: Actor,
    now: datetime,
) -> tuple[dict[str, Any], int]:
    """Fields that were filled in go, if the record is as it was left; and the portrait, if it is the same."""
    sets: dict[str, Any] = {}
    unsets: dict[str, str] = {}
    for key, kept in records.items():
        record = application.record(key)
        if record.version != kept["version"] or not is_editable(application, key, actor, now):
            continue
        unsets |= {f"sections.{key}.values.{field}": "" for field in kept["fields"]}
        sets |= {f"sections.{key}.version": record.version + 1, f"sections.{key}.changed_at": now}
    count = len(sets) // 2
    is_same = photo and application.photo is not None and application.photo.sha256 == photo
    if is_same and is_editable(application, photo_section(application), actor, now, field=PHOTO_FIELD):
        unsets["photo"] = ""
        count += 1
    return {"$set": sets, "$unset": unsets}, count


def _pulled(
    application: Application, entries: set[str], files: set[str], actor: Actor, now: datetime
) -> tuple[dict[str, Any], int]:
    lists: dict[str, list[Entry]] = {name: list(getattr(application, name)) for name in ENTRY_LISTS}
    lists |= {f"sections.{key}.entries": list(row.entries) for key, row in application.sections.items()}
    untouched = [row for rows in lists.values() for row in rows if row.uid in entries and row.version == 1]
    going = {row.uid for row in untouched if is_editable(application, row.section, actor, now, uid=row.uid)}
    named = {uid for rows in lists.values() for row in rows if row.uid not in going for uid in row.evidence}
    loose = {
        record.uid
        for record in application.attachments
        if record.uid in files - named and record.version == 1 and can_change(application, record, actor, now)
    }
    pulled: dict[str, Any] = {
        path: {"uid": {"$in": sorted(going)}}
        for path, rows in lists.items()
        if any(row.uid in going for row in rows)
    }
    if loose:
        pulled["attachments"] = {"uid": {"$in": sorted(loose)}}
    return {"$pull": pulled}, len(going) + len(loose)
