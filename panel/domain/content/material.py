"""The material table in the applicant's form (G24): its entries arrive filled in, and stay as HR says.

What the applicant has in hand follows the table; what was submitted stays as it was, and the table's entry
remembers that the two differ. `given` of an entry names the fields that are the table's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId

from models.application import Application
from models.choices import MaterialState, MaterialStep, Origin, Verdict
from models.database import transaction
from models.form_spec import ENTRY_LISTS, SectionShape, SectionSpec
from models.material import MaterialEntry, entry_from
from models.sections import Entry, Judgement
from models.states import IN_HAND
from models.values import ref_id
from panel.domain.content.entries import path_of
from panel.domain.content.scans import attach_waiting
from panel.domain.content.writing import commit, is_same
from panel.domain.rounds import printed_columns
from panel.domain.rounds.parts import AskedForm, visible_sections
from panel.domain.rounds.texts import plain

_BY_HR = (MaterialStep.CREATE, MaterialStep.CHANGE, MaterialStep.SETTLE)
#: Answers of the applicant that stay while the table's entry stays.
_ANSWERED = (MaterialState.CONFIRMED, MaterialState.DISPUTED, MaterialState.SETTLED)


def table_of(round_id: ObjectId, people: Iterable[ObjectId]) -> list[MaterialEntry]:
    """What is in the table of these people now, in the order it came; specialities and reports left out."""
    return list(
        MaterialEntry.objects(
            round=round_id, person__in=list(people), is_live=True, is_missing=False, section__ne=""
        ).order_by("created_at", "id")
    )


def place_material(application_id: ObjectId, now: datetime) -> bool:
    """Bring the application in line with the material table; tells whether its content changed.

    Joins the running transaction. Only while the applicant has it in hand; of one submitted the table's
    entries are marked where they differ. What is placed starts accepted by who put it into the table
    (DESIGN section 4). An entry that the applicant had typed already becomes the table's.
    """

    def write() -> bool:
        application = Application.objects.get(id=application_id)
        is_changed = _place(application, now)
        if application.state in IN_HAND:
            is_changed = attach_waiting(application, now) or is_changed
        return is_changed

    return transaction(write)


def _place(application: Application, now: datetime) -> bool:
    table = table_of(ref_id(application, "round"), [ref_id(application, "person")])
    if application.state not in IN_HAND:
        _mark(application, table)
        return False
    shown = {s.key: s for s in visible_sections(application) if s.shape is SectionShape.LIST}
    table = [row for row in table if row.section in shown]
    adopted = _adopt(application, table)
    sets: dict[str, Any] = {}
    for path, sections in _by_path(shown.values()).items():
        before = _stored(application, path)
        after = _merged(before, [row for row in table if row.section in sections], sections, adopted, now)
        if after != before:
            sets[path] = [entry.to_mongo() for entry in after]
            sets |= _unticked(application, sections, after)
    is_content = bool(sets)
    reports = MaterialEntry.objects(
        round=ref_id(application, "round"),
        person=ref_id(application, "person"),
        is_live=True,
        is_missing=True,
    ).count()
    if reports != application.missing_reports:
        sets["missing_reports"] = reports
    if sets:
        commit(application, {"revision": application.revision}, {"$set": sets}, now, is_content=is_content)
    _remember(application, table, now)
    return is_content


def _adopt(application: Application, table: list[MaterialEntry]) -> set[str]:
    """Give rows the uid of the applicant's own entry of the same achievement; returns those uids."""
    own = [entry for entry in all_entries(application) if not entry.given]
    placed = {entry.uid for entry in all_entries(application)}
    asked, adopted = AskedForm(application), set[str]()
    for row in table:
        if row.uid in placed:
            continue
        entry = next((e for e in own if e.uid not in adopted and _is_same_thing(asked, row, e)), None)
        if entry is not None:
            MaterialEntry.objects(id=row.id).update_one(set__uid=entry.uid)
            row.uid = entry.uid
            adopted.add(entry.uid)
    return adopted


def _is_same_thing(asked: AskedForm, row: MaterialEntry, entry: Entry) -> bool:
    if (entry.section, entry.kind or "") != (row.section, row.kind):
        return False
    named = plain(printed_columns.title(asked, entry).zh) == plain(row.title)
    return named and is_same(entry.start, row.as_entry().start)


def _by_path(sections: Iterable[SectionSpec]) -> dict[str, dict[str, SectionSpec]]:
    """Where the entries of list sections are stored; several sections may share a list."""
    found: dict[str, dict[str, SectionSpec]] = {}
    for section in sections:
        found.setdefault(path_of(section), {})[section.key] = section
    return found


def _stored(application: Application, path: str) -> list[Entry]:
    parts = path.split(".")
    if len(parts) == 1:
        return list(getattr(application, path))
    return list(application.record(parts[1]).entries)


def _unticked(application: Application, sections: Iterable[str], entries: list[Entry]) -> dict[str, Any]:
    """The ticks "I have none" that entries now stand against (G21)."""
    filled = {entry.section for entry in entries}
    return {
        f"sections.{key}.none": False for key in sections if key in filled and application.record(key).none
    }


def _merged(
    stored: list[Entry],
    table: list[MaterialEntry],
    sections: Mapping[str, SectionSpec],
    adopted: set[str],
    now: datetime,
) -> list[Entry]:
    """The list with the table's entries in it: in their places where they are there, else at the end."""
    rows = {row.uid: row for row in table}
    kept: list[Entry] = []
    for entry in stored:
        row = rows.pop(entry.uid, None)
        if row is not None:
            kept.append(_filled(entry, row, entry.uid in adopted, now))
        elif not entry.given or entry.section not in sections:
            kept.append(entry)
        elif entry.adopted:
            kept.append(_released(entry))
    return kept + [_filled(None, row, False, now) for row in rows.values()]


def _released(entry: Entry) -> Entry:
    """The applicant's own again: the table no longer has it, but they had typed it themselves."""
    made = Entry._from_son(entry.to_mongo())
    made.origin, made.given, made.agreement = Origin.APPLICANT.value, [], None
    made.adopted, made.judgement, made.version = None, None, entry.version + 1
    return made


def _filled(entry: Entry | None, row: MaterialEntry, is_adopted: bool, now: datetime) -> Entry:
    """The entry as the table has it, with what the applicant added besides; itself if nothing changes."""
    given = sorted(row.values)
    fresh = entry_from(row.section, row.kind, row.values, row.uid)
    state = agreement_of(row)
    if entry is not None and _says(entry, fresh, given) and entry.agreement == state:
        return entry
    made = fresh if entry is None else Entry._from_son(entry.to_mongo())
    if entry is not None and not _says(entry, fresh, given):
        for key in {*entry.given, *given}:
            made.unread.pop(key, None)
            if key in Entry.TYPED:
                setattr(made, key, getattr(fresh, key))
            elif key in fresh.values:
                made.values[key] = fresh.values[key]
            else:
                made.values.pop(key, None)
    if entry is None or not _says(entry, fresh, given):
        made.judgement = _accepted(row)
        made.version = (entry.version if entry else 0) + 1
        made.changed_at = now
    made.origin, made.given, made.agreement = Origin.HR.value, given, state
    made.adopted = made.adopted or is_adopted or None
    return made


def _accepted(row: MaterialEntry) -> Judgement:
    """The judgement by who last put or changed it in the table."""
    deed = next((d for d in reversed(row.history) if d.what in _BY_HR), None)
    who = (deed.by, deed.by_name, deed.at) if deed else (None, "", row.updated_at)
    return Judgement(verdict=Verdict.ACCEPT, by=who[0], by_name=who[1], at=who[2])


def _says(entry: Entry, fresh: Entry, given: list[str]) -> bool:
    """Whether the entry holds what the table gives, and nothing else as the table's."""
    return sorted(entry.given) == given and all(is_same(entry.get(key), fresh.get(key)) for key in given)


def agreement_of(row: MaterialEntry) -> str:
    """How far the applicant's answer is, once the entry is in the application."""
    return str(row.state if row.state in _ANSWERED else MaterialState.PLACED.value)


def _remember(application: Application, table: list[MaterialEntry], now: datetime) -> None:
    """The table's entries know where they are, and that the two say the same."""
    ids = [row.id for row in table]
    entries = MaterialEntry.objects(id__in=ids)
    entries.filter(state=MaterialState.WAITING.value).update(
        set__state=MaterialState.PLACED.value, set__updated_at=now, inc__version=1
    )
    stale = entries.filter(__raw__={"$or": [{"application": {"$ne": application.id}}, {"differs": True}]})
    stale.update(set__application=application.id, set__differs=False)
    MaterialEntry.objects(application=application.id, is_live=False, differs=True).update(set__differs=False)


def _mark(application: Application, table: list[MaterialEntry]) -> None:
    """Of an application already submitted: which entries of the table it doesn't hold as they are."""
    different = {row.id for row, _entry in differences(AskedForm(application), table) if row is not None}
    same = [row.id for row in table if row.id not in different]
    MaterialEntry.objects(id__in=list(different)).update(set__differs=True)
    MaterialEntry.objects(id__in=same).update(set__differs=False)
    held = {entry.uid for entry in all_entries(application) if entry.given}
    MaterialEntry.objects(
        round=ref_id(application, "round"), person=ref_id(application, "person"), is_live=False
    ).filter(uid__in=list(held)).update(set__differs=True)


def differences(
    asked: AskedForm, table: list[MaterialEntry]
) -> list[tuple[MaterialEntry | None, Entry | None]]:
    """Where table and application differ: (row, entry), None for what one of them lacks."""
    shown = {s.key for s in asked.sections if s.shape is SectionShape.LIST}
    entries = {entry.uid: entry for entry in all_entries(asked.application) if entry.given}
    found: list[tuple[MaterialEntry | None, Entry | None]] = []
    for row in table:
        if row.section not in shown:
            continue
        entry = entries.pop(row.uid, None)
        if entry is None or not _says(entry, row.as_entry(), sorted(row.values)):
            found.append((row, entry))
    return found + [(None, entry) for entry in entries.values()]


def all_entries(application: Application) -> list[Entry]:
    """The entries of all lists that the application stores."""
    found = [entry for name in ENTRY_LISTS for entry in getattr(application, name)]
    return found + [entry for record in application.sections.values() for entry in record.entries]


def answered(application: Application, uids: Iterable[str], state: MaterialState, now: datetime) -> None:
    """Note the applicant's or HR's answer on the placed entries; not a change of content.

    Raises StaleWrite when the application changed in between. Joins the running transaction.
    """
    wanted = set(uids)
    sets: dict[str, Any] = {}
    shown = [s for s in application.spec.sections if s.shape is SectionShape.LIST]
    for path in _by_path(shown):
        if any(entry.uid in wanted for entry in _stored(application, path)):
            sets[f"{path}.$[e].agreement"] = state.value
    if not sets:
        return
    commit(
        application,
        {"revision": application.revision},
        {"$set": sets},
        now,
        is_content=False,
        array_filters=[{"e.uid": {"$in": sorted(wanted)}}],
    )


def reported(application: Application, by: int, now: datetime) -> None:
    """Count a report that something is missing (1), or one that was settled (-1)."""
    commit(application, {}, {"$inc": {"missing_reports": by}}, now, is_content=False)
