"""Importing the material table (材料表, G24): `panel.domain.material` keeps its achievements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from models.imports import ImportRow, RowState
from models.messages import M
from panel.domain.importing import material_columns as columns
from panel.domain.importing.material_cells import Achievement, MaterialCells
from panel.domain.importing.rows import (
    ChangedMeanwhile,
    ImportCase,
    Planned,
    Progress,
    RowContent,
    Source,
)
from panel.domain.material import applying, planning, undoing
from panel.domain.material.columns import columns_of
from panel.domain.material.typed_rows import Change, TypedRow, What
from panel.domain.rounds import field_parsers, fields
from panel.domain.tables import cells
from panel.domain.tables.cells import Unusable
from panel.domain.tables.sheet import Line

_STATES = {
    What.CREATE: RowState.CREATE,
    What.CHANGE: RowState.CHANGE,
    What.SAME: RowState.SAME,
    What.GONE: RowState.GONE,
    What.REFUSE: RowState.BAD,
}
#: Of a stored row's values: what the material's own row needs besides the fields.
_ROW = ("section", "kind", "place")


class MaterialTarget:
    """The material table of one round."""

    rows_at_once = 0

    def __init__(self, case: ImportCase) -> None:
        self.case = case
        self.round = case.batch.round
        self.cells = MaterialCells(self.round.spec)
        self.columns = columns.columns(self.round.spec)
        self._checked: tuple[list[Change], list[ImportRow]] | None = None
        self._labels = {(section.key, kind.key): kind.label for section, kind in self.cells.kinds}
        self._fields = {
            columns.FIELD + spec.key: spec
            for section, kind in self.cells.kinds
            for spec in columns_of(section, kind.key)
        }

    def plan(self, sources: Sequence[Source], progress: Progress) -> list[Planned]:
        """What each achievement would do; reads in bulk, writes nothing."""
        planned: list[Planned] = []
        asked: list[tuple[Planned, TypedRow, Achievement | None]] = []
        for source in sources:
            for row, wanted, achievement in self._read(source):
                planned.append(row)
                if wanted is not None:
                    asked.append((row, wanted, achievement))
        changes = planning.plan(self.round, [wanted for _row, wanted, _a in asked], self.case.actor)
        for (row, _wanted, achievement), change in zip(asked, changes, strict=False):
            self._tell(row, change, achievement)
        progress(len(sources))
        # what can't be read of somebody may be just what seems to be missing
        unclear = {name for row in planned if row.what is RowState.BAD for name in (row.key, row.name)} - {""}
        left = changes[len(asked) :]
        gone = [change for change in left if not {change.row.staff_number, change.row.name} & unclear]
        return planned + [self._gone(change) for change in gone]

    def _read(self, source: Source) -> list[tuple[Planned, TypedRow | None, Achievement | None]]:
        """The achievements of a row, and its speciality, each with what is asked of the material table."""
        name = cells.person_name(source.cell(columns.NAME))
        try:
            number = cells.identifier(source.cell(columns.STAFF_NUMBER))
        except Unusable as error:
            bad = Planned(source, RowState.BAD, "", name, problems={columns.STAFF_NUMBER: error.message})
            return [(bad, None, None)]
        found: list[tuple[Planned, TypedRow | None, Achievement | None]] = []
        speciality = cells.line(source.cell(columns.SPECIALITY))
        if speciality and speciality not in cells.EMPTY_WORDS:
            found.append(
                self._ask(source, number, name, Achievement("", "", {columns.SPECIALITY: speciality}))
            )
        found += [self._ask(source, number, name, item) for item in self.cells.achievements(source)]
        return found

    def _ask(
        self, source: Source, number: str, name: str, item: Achievement
    ) -> tuple[Planned, TypedRow | None, Achievement]:
        place = f"{source.sheet}!{source.line.number}"
        values = {"section": item.section, "kind": item.kind, "place": place, "fields": item.values}
        row = Planned(source, RowState.BAD, number, name, values, problems=dict(item.problems))
        row.notes = list(item.notes)
        if item.problems:
            return row, None, item
        return row, TypedRow(number, name, item.section, item.kind, item.values, place), item

    def _tell(self, row: Planned, change: Change, item: Achievement | None) -> None:
        """What the material table said of a row, in terms of the file's columns."""
        row.what = _STATES[change.what]
        row.target = change.entry
        row.version = change.version
        row.before = dict(change.before)
        row.values["after"] = dict(change.after)
        row.values["title"] = change.title
        if change.what is not What.REFUSE:
            if change.message is not None:
                row.notes.append(change.message)
            return
        from_column: Mapping[str, str] = item.columns if item else {}
        for key, message in change.problems.items():
            row.problems[from_column.get(key, key if key in row.source.columns else "")] = message
        if not row.problems:
            row.problems[self._blamed(row.source)] = change.message or M("这一行不能导入。")

    def _blamed(self, source: Source) -> str:
        """The column of what is wrong with a row as a whole: whose it is."""
        return columns.STAFF_NUMBER if columns.STAFF_NUMBER in source.columns else columns.NAME

    def _gone(self, change: Change) -> Planned:
        row = Planned(Source("", Line(0, ()), {}), RowState.GONE, change.row.staff_number, change.row.name)
        row.values = {"section": change.row.section, "kind": change.row.kind, "place": change.row.place}
        row.values |= {"fields": {}, "title": change.title}
        row.before = dict(change.before)
        row.target, row.version = change.entry, change.version
        return row

    def _words(self, key: str, value: Any) -> Any:
        """How people read what was typed into field `key`."""
        spec = self._fields.get(columns.FIELD + key)
        if spec is None or not isinstance(value, str):
            return value
        try:
            return fields.display(spec, field_parsers.parse(spec, value))
        except field_parsers.Unreadable:
            return value

    def facts(self, content: RowContent) -> list[tuple[Any, Any, bool]]:
        """What to show of a row: its kind, then its fields, as (label, words, whether to mask them)."""
        kind = self._labels.get((content.values.get("section", ""), content.values.get("kind", "")))
        shown: list[tuple[Any, Any, bool]] = [(M("类别"), kind, False)] if kind else []
        for key, value in content.values.get("fields", {}).items():
            if key == columns.SPECIALITY:
                shown.append((M("申报专业"), value, False))
            elif columns.FIELD + key in self._fields:
                shown.append((self._label(content, key), self._words(key, value), False))
        return shown

    def changes(self, content: RowContent) -> list[tuple[Any, Any, Any, bool]]:
        """What becomes different as (label, before, after, False), in the words of the material table."""
        after = content.values.get("after", {})
        keys = dict.fromkeys([*content.before, *after])
        return [
            (self._label(content, key), content.before.get(key, ""), after.get(key, ""), False)
            for key in keys
        ]

    def _label(self, content: RowContent, key: str) -> Any:
        if key == columns.SPECIALITY:
            return M("申报专业")
        section, kind = content.values.get("section", ""), content.values.get("kind", "")
        for known_section, known_kind in self.cells.kinds:
            if (known_section.key, known_kind.key) == (section, kind):
                found = [spec.label for spec in columns_of(known_section, kind) if spec.key == key]
                return found[0] if found else key
        return key

    # --- writing ----------------------------------------------------------------------------------

    def check(self, rows: Sequence[ImportRow]) -> None:
        """Raise ChangedMeanwhile unless all `rows` would still do what was shown."""
        self._checked = self._planned_anew(rows)
        if self._checked[1]:
            raise ChangedMeanwhile(self._checked[1])

    def write(self, rows: Sequence[ImportRow], now: datetime) -> list[ImportRow]:
        """Write `rows`, a chunk of people at a time, and mark them done; returns those left out."""
        # just checked: each change is written by the version of its entry, so what is stale since shows below
        wanted, stale = self._checked or self._planned_anew(rows)
        self._checked = None
        told = applying.apply(self.round, wanted, self.case.batch.id, self.case.actor, now)
        late = self._planned_anew(rows, after=True)[1] if told["stale"] else []
        left = {row.id: row for row in (*stale, *late)}
        done = [row.id for row in rows if row.id not in left]
        ImportRow.objects(id__in=done).update(set__done=True)
        return list(left.values())

    def _planned_anew(
        self, rows: Sequence[ImportRow], after: bool = False
    ) -> tuple[list[Change], list[ImportRow]]:
        """The changes that `rows` would make now, and the rows that would do something else than shown.

        `after` the writing nothing is left to be done.
        """
        batch = self.case.batch
        # all that the table says, or what stays the same would seem to be gone
        same = ImportRow.objects(batch=batch.id, generation=batch.generation, what=RowState.SAME.value)
        said = sorted([*same, *(row for row in rows if row.what != RowState.GONE)], key=_position)
        asked = [(row, RowContent.of(row)) for row in said]
        changes = planning.plan(self.round, [_row(content) for _row_, content in asked], self.case.actor)
        gone = {row.target for row in rows if row.what == RowState.GONE}
        wanted: list[Change] = []
        stale: list[ImportRow] = []
        for (row, content), change in zip(asked, changes, strict=False):
            if change.what is What.SAME or (not after and _is_as_read(row, content, change)):
                wanted.append(change)
            elif row.what != RowState.SAME:
                stale.append(row)
        return wanted + [change for change in changes[len(asked) :] if change.entry in gone], stale

    def check_undo(self, rows: Sequence[ImportRow]) -> None:
        """Nothing: undoing is one transaction, which refuses by itself."""

    def take_back(self, rows: Sequence[ImportRow], now: datetime) -> list[ImportRow]:
        """Take the whole batch back; raises Refused where somebody has used an entry."""
        undoing.undo(self.case.batch.id, self.case.actor, now)
        ImportRow.objects(id__in=[row.id for row in rows]).update(set__done=False)
        return []

    def after(self, rows: Sequence[ImportRow], now: datetime) -> None:
        """Nothing: drafts follow the material table by themselves."""


def _position(row: ImportRow) -> int:
    return int(row.position)


def _row(content: RowContent) -> TypedRow:
    section, kind, place = (content.values[name] for name in _ROW)
    return TypedRow(content.key, content.name, section, kind, content.values["fields"], place)


def _is_as_read(row: ImportRow, content: RowContent, change: Change) -> bool:
    """Whether the change is the one that was shown."""
    same = (change.entry, change.version) == (row.target, row.version)
    return _STATES[change.what] == row.what and same and dict(change.before) == content.before
