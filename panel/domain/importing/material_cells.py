"""A row of a material table as achievements: one in columns, several in each cell of free text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.field_spec import FieldSpec, FieldType, Text
from models.form_spec import EntryKind, SectionSpec
from models.messages import M, Message
from models.round_spec import RoundSpec
from panel.domain.importing import material_columns as columns
from panel.domain.importing import material_headings as known
from panel.domain.importing import material_text
from panel.domain.importing.choice_cells import Choices
from panel.domain.importing.rows import Source
from panel.domain.material.columns import columns_of, kinds_of, table_sections
from panel.domain.tables import cells, split
from panel.domain.tables.cells import Unusable
from panel.domain.tables.recognise import plain


@dataclass
class Achievement:
    """One achievement: values as forms take them by field key, and the column that each came from."""

    section: str
    kind: str
    values: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)  # field key -> column key
    problems: dict[str, Message] = field(default_factory=dict)  # by column key
    notes: list[Message] = field(default_factory=list)


class MaterialCells:
    """Reads rows by a round's lists."""

    def __init__(self, spec: RoundSpec) -> None:
        self.kinds = [(section, kind) for section in table_sections(spec) for kind in kinds_of(section)]
        self.by_text = {columns.text_key(section, kind): (section, kind) for section, kind in self.kinds}
        names = {
            name: kind.label.zh
            for _section, kind in self.kinds
            for name in (kind.label.zh, *known.SAME.get(kind.label.zh, ()))
        }
        pairs = [(kind.label.zh, kind.label.zh) for _section, kind in self.kinds]
        self._names = Choices(pairs, names)
        self._longest = sorted(names.items(), key=lambda item: -len(item[0]))
        self._fields = {
            (section.key, kind.key): {f.key: f for f in columns_of(section, kind.key)}
            for section, kind in self.kinds
        }

    def achievements(self, source: Source) -> Iterator[Achievement]:
        """All achievements of a row, those in columns first."""
        used = [
            key
            for key in source.columns
            if (key.startswith(columns.FIELD) or key == columns.PERIOD) and source.cell(key) != ""
        ]
        if used:
            yield self._in_columns(source, used)
        for key in source.columns:
            if key in self.by_text:
                for item in split.items(cells.text(source.cell(key))):
                    yield self._in_words(item, key)

    # --- one achievement per row ------------------------------------------------------------------

    def _in_columns(self, source: Source, used: list[str]) -> Achievement:
        try:
            section, kind = self._kind_of(source)
        except Unusable as error:
            key = columns.KIND if columns.KIND in source.columns else ""
            return Achievement("", "", problems={key: error.message})
        found = Achievement(section.key, kind.key)
        fields = self._fields[section.key, kind.key]
        for key in used:
            name = key.removeprefix(columns.FIELD)
            if name not in fields and key != columns.PERIOD:
                words = cells.line(source.cell(key))
                if words not in cells.EMPTY_WORDS:
                    found.notes.append(
                        M("“%(kind)s”没有这一栏，没有读取：%(words)s", kind=kind.label, words=words[:40])
                    )
                continue
            try:
                self._take(found, fields, name, key, source.cell(key))
            except Unusable as error:
                found.problems[key] = error.message
        return found

    def _take(
        self, found: Achievement, fields: Mapping[str, FieldSpec], name: str, key: str, value: Any
    ) -> None:
        # people write 2021.3—2023.12 also where a column asks for one date
        both = cells.period(value) if key == columns.PERIOD or _is_period(name, value, fields) else None
        if both is not None:
            pairs = list(zip(("start", "end"), both, strict=True))
        else:
            pairs = [(name, _text(fields[name], value))]
        for field_key, words in pairs:
            if words and field_key in fields:
                found.values[field_key] = words
                found.columns[field_key] = key

    def _kind_of(self, source: Source) -> tuple[SectionSpec, EntryKind]:
        """By the column 类别, else by the name of the sheet; raises Unusable."""
        words = cells.line(source.cell(columns.KIND))
        if words:
            label = self._names.value(words, M("类别"))
            return next(pair for pair in self.kinds if pair[1].label.zh == label)
        sheet = plain(source.sheet)
        label = next((label for name, label in self._longest if plain(name) in sheet), "")
        if label:
            return next(pair for pair in self.kinds if pair[1].label.zh == label)
        raise Unusable(
            M(
                "不知道这一条是什么类别。请加一列“类别”，填 %(names)s 之一。",
                names=Text.listing(self._names.labels),
            )
        )

    # --- several in one cell ----------------------------------------------------------------------

    def _in_words(self, item: str, key: str) -> Achievement:
        section, kind = self.by_text[key]
        found = Achievement(section.key, kind.key)
        fields = self._fields[section.key, kind.key]
        read = split.read(item)
        for name, value in {
            "start": read.start,
            "end": read.end,
            "rank": read.rank,
        }.items():
            if value and name in fields:
                found.values[name] = str(value)
        people = next((key for key, spec in fields.items() if known.TEAM in spec.label.zh), "")
        if read.team and people:
            found.values[people] = str(read.team)
        found.values |= material_text.fields_of(read, fields, columns.title_field(section, kind))
        found.columns = dict.fromkeys(found.values, key)
        left = [spec.label for spec in fields.values() if spec.required and spec.key not in found.values]
        if left:
            found.notes.append(M("这些栏没有认出来，由申报人补填：%(names)s", names=Text.listing(left)))
        return found


def _is_period(name: str, value: Any, fields: Mapping[str, FieldSpec]) -> bool:
    """Whether a cell of the first date holds both dates."""
    if name != "start" or "end" not in fields or not isinstance(value, str):
        return False
    return bool(cells.period(value)[1]) or cells.narrow(cells.line(value)).endswith("至今")


def _text(spec: FieldSpec, value: Any) -> str:
    """A cell as the form's field takes it; "" for what says that there is nothing."""
    words = cells.text(value)
    if words in cells.EMPTY_WORDS:
        return ""
    if spec.type is FieldType.MONTH:
        return cells.day(value)
    if spec.type is FieldType.DATE:
        return cells.full_day(value)
    if spec.type is FieldType.NUMBER and spec.key == "rank":
        return _rank(words)
    if spec.type is FieldType.NUMBER:
        return cells.narrow(words).removesuffix(spec.unit.zh).strip()
    if spec.type is FieldType.CHOICE:
        return Choices([(option.value, option.label) for option in spec.options]).value(words, spec.label)
    if spec.type is FieldType.CHOICES:
        return "\n".join(split.named(words, [(o.value, o.label.zh) for o in spec.options]))
    return words if spec.type is FieldType.LONG_TEXT else cells.line(value)


def _rank(words: str) -> str:
    """第2、2/5, 第一作者 and 主持 as a number."""
    plain_words = cells.narrow(words)
    if plain_words.isdigit():
        return plain_words
    found = split.read(f"（{plain_words}）" if "/" in plain_words else plain_words).rank
    if not found:
        found = split.read(f"排名{plain_words}").rank
    return str(found) if found else plain_words
