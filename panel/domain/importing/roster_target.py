"""Importing the roster (人员名册): each row by the roster's own rules, all of a file in a few commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from mongoengine import NotUniqueError
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from models.choices import Role
from models.imports import ImportRow, RowState
from models.messages import M, Message
from models.person import Person
from models.values import lookup_hash, put_known, ref_id
from panel.domain.errors import Refused
from panel.domain.importing import roster_undo
from panel.domain.importing.roster_cells import RosterCells, complete_birth, for_unit
from panel.domain.importing.rows import (
    ChangedMeanwhile,
    ImportCase,
    Planned,
    Progress,
    RowContent,
    Source,
    chunks,
)
from panel.domain.people.roster import refuse_foreign
from panel.domain.people.roster_columns import COLUMNS, read, shown
from panel.domain.records import audit_many

_COLUMNS = {column.key: column for column in COLUMNS}
_AT_ONCE = 1000
#: Kept in step with what is stored by `Person.clean`.
_DERIVED = ("search", "id_hash")
_DUPLICATE = 11000


class RosterTarget:
    """The roster of one unit."""

    rows_at_once = 500

    def __init__(self, case: ImportCase) -> None:
        self.case = case
        self.cells: RosterCells = for_unit(case.unit)
        self.columns = self.cells.columns()
        self._nobody = Person(unit=case.unit)

    def load(self, **query: Any) -> list[Person]:
        """People with the units they refer to, in one query."""
        units = {unit.id: unit for unit in self.cells.words.units.values()}
        # references are set below, before anybody asks for one
        people = list(Person.objects(**query))
        for person in people:
            for name in ("unit", "recommending_unit"):
                put_known(person, name, units)
        return people

    # --- what each row would do -------------------------------------------------------------------

    def plan(self, sources: Sequence[Source], progress: Progress) -> list[Planned]:
        """What each row would do; reads in bulk, writes nothing."""
        planned = [self._read(source) for source in sources]
        self._refuse_twice(
            planned, "staff_number", M("这个工号在表里出现了不止一次（另见 %(place)s），请核对。")
        )
        self._refuse_twice(
            planned, "id_number", M("这个证件号码在表里出现了不止一次（另见 %(place)s），请核对。")
        )
        done = 0
        for piece in chunks(planned, _AT_ONCE):
            known = _Known(self, piece)
            for row in piece:
                self._compare(row, known)
            done += len(piece)
            progress(done)
        return planned

    def _read(self, source: Source) -> Planned:
        raw, problems = self.cells.typed(source)
        row = Planned(source, RowState.BAD, raw.get("staff_number", ""), raw.get("name", ""), raw)
        row.problems = problems
        if self.cells.is_foreign(source):
            row.problems["unit"] = M("这一行是别的单位的人，这里只能导入本单位的人员。请删去这一行。")
        if not row.key and "staff_number" not in problems:
            row.problems["staff_number"] = M("没有工号。请补上工号；说明、合计之类的行可以删去。")
        return row

    def _refuse_twice(self, rows: Sequence[Planned], key: str, message: Message) -> None:
        seen: dict[str, Planned] = {}
        for row in rows:
            value = row.values.get(key, "").upper()
            if not value:
                continue
            first = seen.setdefault(value, row)
            if first is row:
                continue
            if first.values == row.values:
                row.problems.setdefault(
                    "", M("与第 %(row)s 行完全相同，可以删去。", row=first.source.line.number)
                )
                continue
            row.problems.setdefault(key, Message(message.id, {"place": _place(first)}))
            first.problems.setdefault(key, Message(message.id, {"place": _place(row)}))

    def _compare(self, row: Planned, known: _Known) -> None:
        person = known.people.get(row.key)
        if row.key in known.foreign:
            row.problems["staff_number"] = M("这个工号已有人使用，请核对。")
        if self._is_taken(row, known, person):
            row.problems["id_number"] = M("这个证件号码与名册中另一人重复，请核对。")
        if person is not None and not self._is_same_person(row, person):
            row.problems.setdefault(
                "name",
                M(
                    "工号 %(number)s 在名册里是“%(name)s”。是同一个人改了名，请先在名册里修改；"
                    "不是，请核对工号。",
                    number=row.key,
                    name=person.name,
                ),
            )
        complete_birth(row.values, row.source, person)
        self._difference(row, person)
        if row.problems:
            row.what = RowState.BAD

    def _is_taken(self, row: Planned, known: _Known, person: Person | None) -> bool:
        number = row.values.get("id_number")
        holder = known.holders.get(lookup_hash(number)) if number else None
        return holder is not None and (person is None or holder != person.id)

    def _is_same_person(self, row: Planned, person: Person) -> bool:
        number = row.values.get("id_number")
        return not row.name or row.name == person.name or (bool(number) and number == person.id_number)

    def _difference(self, row: Planned, person: Person | None) -> None:
        stored = person if person is not None else self._nobody
        values, errors = read(_whole(row.values, person), self.cells.words, stored)
        for key, message in errors.items():
            row.problems.setdefault(key, message)
        if person is None:
            row.what = RowState.CREATE
            return
        row.target, row.version = person.id, person.version
        changed = [key for key, value in values.items() if getattr(person, key) != value]
        row.before = {key: shown(person, _COLUMNS[key]) for key in changed}
        row.what = RowState.CHANGE if changed else RowState.SAME
        if changed and person.id == self.case.actor.person_id:
            row.problems[""] = M("本人的名册信息由其他人事人员修改。")

    def facts(self, content: RowContent) -> list[tuple[Any, Any, bool]]:
        """What to show of a row as (label, words, whether to mask them)."""
        return [
            (column.label, self.cells.shown(key, value), column.secret)
            for key, value in content.values.items()
            if value and (column := _COLUMNS.get(key)) and key not in ("staff_number", "name")
        ]

    def changes(self, content: RowContent) -> list[tuple[Any, Any, Any, bool]]:
        """What becomes different as (label, before, after, whether to mask them)."""
        return [
            (column.label, self.cells.shown(key, before), self.cells.shown(key, after), column.secret)
            for key, before in content.before.items()
            for column, after in [(_COLUMNS[key], content.values.get(key, ""))]
        ]

    # --- writing ----------------------------------------------------------------------------------

    def check(self, rows: Sequence[ImportRow]) -> None:
        """Raise ChangedMeanwhile or Refused unless all `rows` can be written as they were shown."""
        refuse_foreign(self.case.actor, [Person(unit=self.case.unit)])
        oneself = self.case.actor.person_id
        if oneself is not None and oneself in {row.target for row in rows}:
            raise Refused(M("表里改动了您本人的名册信息，请由其他人事人员导入。"))
        stale = [row for piece in chunks(rows, _AT_ONCE) for row in self._stale(piece)]
        if stale:
            raise ChangedMeanwhile(stale)

    def _stale(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        """Those of `rows` whose person changed since, or whose number somebody has taken."""
        collection, unit = Person._get_collection(), self.case.unit.id
        targets = [row.target for row in rows if row.target]
        wanted = {"unit": unit, "_id": {"$in": targets}}
        versions = {found["_id"]: found["version"] for found in collection.find(wanted, {"version": 1})}
        new = [(row, RowContent.of(row)) for row in rows if not row.target]
        numbers = [content.key for _row, content in new]
        taken = set(collection.distinct("staff_number", {"staff_number": {"$in": numbers}}))
        stale = [row for row in rows if row.target and versions.get(row.target) != row.version]
        return stale + [row for row, content in new if content.key in taken]

    def write(self, rows: Sequence[ImportRow], now: datetime) -> list[ImportRow]:
        """Write `rows` and mark them done, inside the running transaction; returns those left out."""
        refuse_foreign(self.case.actor, [Person(unit=self.case.unit)])
        stale = self._stale(rows)
        left = {row.id for row in stale}
        good = [row for row in rows if row.id not in left]
        people = {
            person.id: person for person in self.load(id__in=[row.target for row in good if row.target])
        }
        deeds: list[tuple[Person, dict[str, Any]]] = []
        writes: list[Any] = []
        notes: list[UpdateOne] = []
        for row in good:
            fresh, changed, write, note = self._one(row, people.get(row.target), now)
            writes.append(write)
            notes.append(note)
            detail = {"columns": changed, "staff_number": fresh.staff_number, "name": fresh.name}
            deeds.append((fresh, detail))
        if writes:
            _bulk(Person, writes)
            _bulk(ImportRow, notes)
            audit_many(self.case.actor, "roster_import", deeds, now, role=Role.UNIT_HR)
        return stale

    def _one(
        self, row: ImportRow, person: Person | None, now: datetime
    ) -> tuple[Person, list[str], InsertOne[dict[str, Any]] | UpdateOne, UpdateOne]:
        """What writing a row comes to: the person, the columns that change, the write, and its note."""
        was = person.to_mongo() if person is not None else {}
        fresh, changed = self._changed(row, person, now)
        stored = fresh.to_mongo()
        if person is None:
            fresh.id = stored["_id"] = ObjectId()
            return fresh, changed, InsertOne(stored), _note(row, fresh.id, fresh.version, {})
        keys = [*changed, *_DERIVED, "updated_at"]
        write = _update(fresh.id, was["version"], stored, [*keys, "version"])
        return fresh, changed, write, _note(row, fresh.id, fresh.version, roster_undo.kept(was, keys))

    def _changed(self, row: ImportRow, person: Person | None, now: datetime) -> tuple[Person, list[str]]:
        """The person made what `row` says, and the names of the columns that differed."""
        # loaded for this alone: a copy would cost as much as all the rest
        fresh = person if person is not None else Person(unit=self.case.unit)
        values, errors = read(_whole(RowContent.of(row).values, person), self.cells.words, fresh)
        if errors:  # a choice was removed since the row was read
            raise ChangedMeanwhile([row])
        changed = [key for key, value in values.items() if person is None or getattr(person, key) != value]
        for key in changed:
            setattr(fresh, key, values[key])
        fresh.version = fresh.version + 1 if person is not None else 1
        fresh.updated_at = now
        fresh.clean()
        return fresh, changed

    def check_undo(self, rows: Sequence[ImportRow]) -> None:
        """Raise Refused, with names, where what `rows` wrote was used since."""
        roster_undo.check(rows, self.case)

    def take_back(self, rows: Sequence[ImportRow], now: datetime) -> list[ImportRow]:
        """Bring back what was there before `rows`; returns those left out, since they changed."""
        return roster_undo.take_back(rows, self.case, now)

    def after(self, rows: Sequence[ImportRow], now: datetime) -> None:
        """Bring drafts in hand in line with the roster; can be repeated."""
        roster_undo.refresh([row.target for row in rows if row.target], now)


class _Known:
    """What is stored of the people of some rows, in three queries."""

    def __init__(self, target: RosterTarget, rows: Sequence[Planned]) -> None:
        numbers = [row.key for row in rows if row.key]
        self.people: dict[str, Person] = {}
        self.foreign: set[str] = set()
        for person in target.load(staff_number__in=numbers):
            if ref_id(person, "unit") == target.case.unit.id:
                self.people[person.staff_number] = person
            else:
                self.foreign.add(person.staff_number)
        hashes = [lookup_hash(number) for row in rows if (number := row.values.get("id_number"))]
        holders = Person._get_collection().find({"id_hash": {"$in": hashes}}, {"id_hash": 1})
        self.holders = {found["id_hash"]: found["_id"] for found in holders}


def _whole(raw: Mapping[str, str], person: Person | None) -> dict[str, str]:
    """`raw` with the boxes that a file without such a column leaves as they are."""
    stored = {
        column.key: shown(person, column) if person else "1" if column.key == "in_service" else ""
        for column in COLUMNS
        if column.kind == "yes_no"
    }
    if raw.get("retired") == "1" and "in_service" not in raw:
        stored["in_service"] = ""
    return stored | dict(raw)


def _bulk(model: Any, writes: list[Any]) -> None:
    """Write all or raise: NotUniqueError for a value that somebody took meanwhile."""
    try:
        model._get_collection().bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        if any(item.get("code") == _DUPLICATE for item in error.details["writeErrors"]):
            raise NotUniqueError(str(error)) from error
        raise


def _update(key: ObjectId, version: int, stored: Mapping[str, Any], names: Iterable[str]) -> UpdateOne:
    update: dict[str, Any] = {"$set": {name: stored[name] for name in names if name in stored}}
    if gone := {name: "" for name in names if name not in stored}:
        update["$unset"] = gone
    return UpdateOne({"_id": key, "version": version}, update)


def _note(row: ImportRow, target: ObjectId, version: int, undo: dict[str, Any]) -> UpdateOne:
    return UpdateOne(
        {"_id": row.id}, {"$set": {"target": target, "version": version, "undo": undo, "done": True}}
    )


def _place(row: Planned) -> Message:
    return M("%(sheet)s 第 %(row)s 行", sheet=row.source.sheet, row=row.source.line.number)
