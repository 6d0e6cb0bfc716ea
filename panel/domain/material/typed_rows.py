"""One row of a material table: what was typed, read like a form's fields, and what it will change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bson import ObjectId

from models.field_spec import FieldSpec
from models.form_spec import SectionSpec
from models.messages import M, Message
from models.review_round import ReviewRound
from models.sections import stored_value
from models.values import PartialDate, lookup_hash
from panel.domain.material.columns import (
    SPECIALITY_KEY,
    columns_of,
    speciality_of,
    table_sections,
    texts_of,
    title_of,
)
from panel.domain.rounds import field_parsers
from panel.domain.rounds.texts import plain


@dataclass(frozen=True)
class TypedRow:
    """One achievement as typed; with section "" a person's own line, whose one value is `speciality`.

    `values` holds text by field key: a key that isn't there leaves what is stored, an empty text clears it.
    `place` says where in the file it is, for people.
    """

    staff_number: str
    name: str
    section: str
    kind: str
    values: Mapping[str, str]
    place: str


class What(StrEnum):
    """What an import does with a row; GONE is of an entry that the new table no longer has."""

    CREATE = "create"
    CHANGE = "change"
    SAME = "same"
    GONE = "gone"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Change:
    """What one row will do. `before` and `after` hold, by field key, the words of what becomes different.

    `message` says why it is refused, or what to know. `problems` names the cells that can't be read. The
    rest is what `apply` needs: the person, the stored entry with its version, and values as stored.
    """

    row: TypedRow
    what: What
    message: Message | None = None
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, Message] = field(default_factory=dict)
    person: ObjectId | None = None
    entry: ObjectId | None = None
    version: int = 0
    title: str = ""
    identity: str = ""
    stored: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A row that could be read: its values in clear and as stored, its title and identity."""

    row: TypedRow
    section: SectionSpec | None
    values: Mapping[str, Any]
    cleared: frozenset[str]
    problems: Mapping[str, Message]
    message: Message | None = None

    @property
    def fields(self) -> list[FieldSpec]:
        """The fields that the row's kind has."""
        return columns_of(self.section, self.row.kind) if self.section else []


class Reader:
    """Reads rows by the round's fields; one per plan, so that a field is looked up once."""

    def __init__(self, round: ReviewRound) -> None:
        self.spec = round.spec
        self.sections = {section.key: section for section in table_sections(self.spec)}
        self._columns: dict[tuple[str, str], dict[str, FieldSpec]] = {}

    def fields(self, section: str, kind: str) -> dict[str, FieldSpec]:
        """The fields of a kind, by key."""
        key = (section, kind)
        if key not in self._columns:
            self._columns[key] = {f.key: f for f in columns_of(self.sections[section], kind)}
        return self._columns[key]

    def read(self, row: TypedRow) -> Read:
        """The row's values, or what is wrong with it."""
        if not row.section:
            return self._speciality(row)
        section = self.sections.get(row.section)
        if section is None:
            return _bad(row, M("本批次没有可以导入这类内容的部分，请重新选择对应的栏目。"))
        if (row.kind or "") not in ({kind.key for kind in section.kinds} or {""}):
            return _bad(row, M("请为这一行选择类别（如项目、奖励、论文）。"))
        return self._values(row, section)

    def _values(self, row: TypedRow, section: SectionSpec) -> Read:
        known = self.fields(row.section, row.kind)
        values: dict[str, Any] = {}
        cleared: set[str] = set()
        problems: dict[str, Message] = {}
        for key, text in row.values.items():
            if key not in known:
                problems[key] = M("这一类内容没有这一栏；“符合条款”由申报人本人选择，不从材料表导入。")
                continue
            try:
                value = field_parsers.parse(known[key], text)
            except field_parsers.Unreadable as error:
                problems[key] = error.message
                continue
            if value is None:
                cleared.add(key)
            else:
                values[key] = value
        message = next(iter(problems.values()), None)
        if message is None and not self.title(row.section, row.kind, values):
            message = M("这一行没有名称，请补上再导入。")
        return Read(row, section, values, frozenset(cleared), problems, message)

    def _speciality(self, row: TypedRow) -> Read:
        text = str(row.values.get(SPECIALITY_KEY, "")).strip()
        key = speciality_of(self.spec, text) if text else None
        if key is None:
            message = M("本批次没有“%(text)s”这个申报专业，请写成批次里的专业名称。", text=text or "—")
            return Read(row, None, {}, frozenset(), {SPECIALITY_KEY: message}, message)
        return Read(row, None, {SPECIALITY_KEY: key}, frozenset(), {})

    def title(self, section: str, kind: str, values: Mapping[str, Any]) -> str:
        """What an achievement with these values is called."""
        known = list(self.fields(section, kind).values())
        return title_of(self.sections[section], kind, texts_of(known, values))

    def words(self, section: str, kind: str, values: Mapping[str, Any]) -> dict[str, str]:
        """The values as people read them."""
        if not section:
            option = next((o for o in self.spec.specialities if o.value == values.get(SPECIALITY_KEY)), None)
            shown = option.label.zh if option else str(values.get(SPECIALITY_KEY) or "")
            return {SPECIALITY_KEY: shown} if shown else {}
        return texts_of(list(self.fields(section, kind).values()), values)

    def stored(self, section: str, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as they are kept, secrets sealed."""
        if not section:
            return dict(values)
        known = self.fields(section, kind)
        return {key: stored_value(value, known[key].encrypted) for key, value in values.items()}


def identity_of(section: str, kind: str, title: str, start: Any) -> str:
    """What makes two rows the same achievement: kind, name and first date, whatever their spelling."""
    day = start.iso() if isinstance(start, PartialDate) else str(start or "")
    return lookup_hash("\n".join((section, kind, plain(title), day)))


def _bad(row: TypedRow, message: Message) -> Read:
    return Read(row, None, {}, frozenset(), {}, message)
