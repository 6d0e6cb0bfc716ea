"""The roster's columns as files have them: what people call them, and their cells as the form takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from models.messages import M
from models.person import Person
from models.review_round import ReviewRound
from models.unit import Unit
from panel.domain.importing.choice_cells import Choices
from panel.domain.importing.roster_headings import EXAMPLES, IN_SERVICE, RETIRED, UNIT, WORDS, YES_NO
from panel.domain.importing.rows import Source, TargetColumn
from panel.domain.people.roster_columns import COLUMNS, GROUPS, Column, ColumnKind, Vocabulary, vocabulary
from panel.domain.rounds import id_numbers
from panel.domain.tables import cells
from panel.domain.tables.cells import Unusable


def _yes_no(key: str, words: str, label: Any) -> str:
    table = IN_SERVICE if key == "in_service" else YES_NO
    found = table.get(words.lower())
    if found is None:
        raise Unusable(M("“%(label)s”请填“是”或“否”，表里是“%(text)s”。", label=label, text=words[:20]))
    return found


_READERS: dict[ColumnKind, Callable[[Any], str]] = {
    ColumnKind.ID_NUMBER: lambda value: cells.identifier(value).upper(),
    ColumnKind.PHONE: cells.identifier,
    ColumnKind.EMAIL: lambda value: cells.narrow(cells.line(value)),
    ColumnKind.DATE: cells.full_day,
    ColumnKind.MONTH: cells.day,
}


class RosterCells:
    """The roster's columns with the choices of one unit."""

    def __init__(self, unit: Unit, words: Vocabulary, rounds: Sequence[ReviewRound]) -> None:
        self.unit = unit
        self.words = words
        self._columns = {column.key: column for column in COLUMNS}
        self._titles = {
            level.title.zh: (level.key, spec.series)
            for spec in (round.spec for round in rounds)
            for level in spec.levels
        }
        self._choices = {
            column.key: Choices(words.options(column.kind), self._also(column.kind))
            for column in COLUMNS
            if column.kind is ColumnKind.DEPARTMENT or words.options(column.kind)
        }

    def _also(self, kind: ColumnKind) -> dict[str, str]:
        """What people call a choice besides its label: 男性, 副高 for 副高级, 副教授 for its level."""
        if kind is ColumnKind.GENDER:
            return {"男性": "male", "女性": "female", "m": "male", "f": "female"}
        if kind is ColumnKind.SANCTION:
            return {"没有": "none", "无处分": "none"}
        if kind is not ColumnKind.LEVEL:
            return {}
        short = {label.zh.removesuffix("级"): key for key, label in self.words.levels.items()}
        long = {f"{label.zh}级": key for key, label in self.words.levels.items()}
        return short | long | {title: level for title, (level, _series) in self._titles.items()}

    def columns(self) -> list[TargetColumn]:
        """What a heading can be mapped to, in the order of the roster's form."""
        found = [self._column(column, group.label) for group in GROUPS for column in group.columns]
        return [
            *found,
            TargetColumn(UNIT, M("工作单位（只核对）"), M("其他"), WORDS[UNIT], is_in_template=False),
        ]

    def _column(self, column: Column, group: Any) -> TargetColumn:
        choices = self._choices.get(column.key)
        options = tuple(choices.labels) if choices else ()
        return TargetColumn(
            column.key,
            column.label,
            group,
            (str(column.label), *WORDS.get(column.key, ())),
            column.help,
            is_required=column.key in ("staff_number", "name"),
            example=EXAMPLES.get(column.key, options[0] if options else ""),
            options=("是", "否") if column.kind is ColumnKind.YES_NO else options,
            is_secret=column.secret,
        )

    def typed(self, source: Source) -> tuple[dict[str, str], dict[str, Any]]:
        """The cells as the roster's form would send them, and a message for each that can't be.

        An empty cell is left out: it changes nothing. 无 or — clears what is stored.
        """
        raw: dict[str, str] = {}
        problems: dict[str, Any] = {}
        for key in source.columns:
            column = self._columns.get(key)
            value = source.cell(key)
            if column is None or value == "":
                continue
            try:
                raw[key] = self._text(column, value)
            except Unusable as error:
                problems[key] = error.message
        if cells.line(source.cell("in_service")) in RETIRED and "retired" not in source.columns:
            raw["retired"] = "1"
        self._fill_title(raw)
        for column in COLUMNS:
            if column.secret and raw.get(column.key) == "":
                raw[f"clear_{column.key}"] = "1"
        return raw, problems

    def _text(self, column: Column, value: Any) -> str:
        words = cells.line(value)
        if words in cells.EMPTY_WORDS and not column.required:
            return "" if column.kind is not ColumnKind.SANCTION else "none"
        if column.kind is ColumnKind.YES_NO:
            return _yes_no(column.key, words, column.label)
        if column.key in self._choices:
            return self._choices[column.key].value(words, column.label)
        if column.key == "staff_number":
            return cells.identifier(value)
        if column.key == "name":
            return cells.person_name(value)
        return _READERS.get(column.kind, cells.line)(value)

    def _fill_title(self, raw: dict[str, str]) -> None:
        """A title that a round knows says its level and series, where the file doesn't."""
        level, series = self._titles.get(raw.get("title", ""), ("", ""))
        if level:
            raw.setdefault("title_level", level)
            raw.setdefault("title_series", series)
        elif raw.get("title") == "":
            raw.setdefault("title_level", "")
            raw.setdefault("title_series", "")

    def shown(self, key: str, value: str) -> Any:
        """How people read what the form takes: the choice's label, 是 or 否."""
        column = self._columns.get(key)
        if column is None:
            return value
        if column.kind is ColumnKind.YES_NO:
            return M("是") if value else M("否")
        return dict(self.words.options(column.kind)).get(value, value)

    def is_foreign(self, source: Source) -> bool:
        """Whether the row names another unit than the own one."""
        words = cells.line(source.cell(UNIT))
        return bool(words) and words not in (self.unit.name, self.unit.code)


def complete_birth(raw: dict[str, str], source: Source, person: Person | None) -> None:
    """A month of birth is the day that the ID number says, else that which is stored, of the same month.

    Rosters have 出生年月, and Excel keeps such a month as its first day.
    """
    typed = raw.get("birth_date", "")
    is_first = isinstance(source.cell("birth_date"), date) and typed.endswith("-01")
    if len(typed) != len("2023-05") and not is_first:
        return
    number = raw.get("id_number") or (person.id_number if person is not None else "")
    day = id_numbers.birth_date(number or "") or (person.birth_date if person is not None else None)
    if day is not None and day.isoformat()[:7] == typed[:7]:
        raw["birth_date"] = day.isoformat()


def for_unit(unit: Unit) -> RosterCells:
    """The roster's columns for people of `unit`, with the choices of all rounds."""
    rounds = list(ReviewRound.objects.order_by("-year", "code"))
    words = vocabulary(unit, Unit.objects.order_by("code"), [round.spec for round in rounds])
    return RosterCells(unit, words, rounds)
