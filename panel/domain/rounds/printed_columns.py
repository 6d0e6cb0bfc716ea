"""The official tables: an entry's columns composed from its fields by the round's templates.

Templates are those of panel.domain.rounds.texts; their values are fields as people read them (G19, G20, G23).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.application import Application
from models.field_spec import FieldType, Text
from models.form_spec import ColumnSpec, SectionSpec
from models.sections import Entry
from panel.domain.rounds import conditions, offers
from panel.domain.rounds.fields import as_number, display
from panel.domain.rounds.parts import AskedForm
from panel.domain.rounds.showing import shown
from panel.domain.rounds.texts import fill

#: What the tick "I have none" prints (G21).
NONE = Text(zh="无", en="None")
#: How a table shows a yes.
MARK = "√"
#: Left over at the front when the first field of a template is still empty.
_SEPARATORS = "，、；,; "


def compose(asked: AskedForm, entry: Entry, language: str = "zh") -> dict[str, str]:
    """The official columns of `entry`: column key to text, for every column of its section."""
    section = asked.application.spec.section(entry.section)
    values = _texts(asked, section, entry, language)
    templates = next((kind.columns for kind in section.kinds if kind.key == entry.kind), {})
    return {
        column.key: fill(_template(column, templates).in_language(language), values).lstrip(_SEPARATORS)
        for column in section.heads
    }


def rows(asked: AskedForm, section: str | SectionSpec, language: str = "zh") -> list[dict[str, str]]:
    """The table of list `section`: a row per entry in their printed order, or the one row of 无 (G21)."""
    application = asked.application
    spec = application.spec.section(section) if isinstance(section, str) else section
    entries = ordered(application, spec)
    if entries:
        return [compose(asked, entry, language) for entry in entries]
    if not application.record(spec.key).none:
        return []
    none = NONE.in_language(language)
    marked = spec.none_columns or [head.key for head in spec.heads[:1]]
    return [{head.key: none if head.key in marked else "" for head in spec.heads}]


def sums(asked: AskedForm, section: str | SectionSpec, language: str = "zh") -> dict[str, str]:
    """What stands under the table of list `section`: for each column that is summed, its total in words.

    Numbers that can't be read count for nothing; without entries there is nothing to sum.
    """
    application = asked.application
    spec = application.spec.section(section) if isinstance(section, str) else section
    found: dict[str, str] = {}
    for key in spec.sums if application.entries(spec.key) else []:
        numbers = [
            as_number(conditions.value_of(entry, key))
            for entry in application.entries(spec.key)
            if any(field.key == key for field in asked.fields(spec, entry))
        ]
        total = round(sum(value for value in numbers if value is not None), 6)
        words = display(spec.field(key), total)
        found[key] = words.in_language(language) if isinstance(words, Text) else str(words)
    return found


def ordered(application: Application, section: str | SectionSpec) -> list[Entry]:
    """The entries of list `section` newest first where the round orders them, else as the person did."""
    spec = application.spec.section(section) if isinstance(section, str) else section
    entries = application.entries(spec.key)
    if not spec.order_by:
        return entries
    # entries without the value come first: they are being written
    return sorted(entries, key=lambda entry: _sort_key(entry, spec.order_by), reverse=True)


def title(asked: AskedForm, entry: Entry) -> Text:
    """What `entry` is called in lists and messages; its kind's or section's label while it has no name."""
    section = asked.application.spec.section(entry.section)
    kind = next((kind for kind in section.kinds if kind.key == entry.kind), None)
    template = kind.title if kind and kind.title else section.entry_title
    fallback = kind.label if kind else section.label
    if not template:
        return fallback
    chinese = fill(template.zh, _texts(asked, section, entry, "zh"))
    english = fill(template.in_language("en"), _texts(asked, section, entry, "en"))
    return Text(zh=chinese or fallback.zh, en=english or fallback.in_language("en"))


def _template(column: ColumnSpec, templates: Mapping[str, Text]) -> Text:
    return templates.get(column.key) or column.template or Text(zh="{" + column.key + "}")


def _texts(asked: AskedForm, section: SectionSpec, entry: Entry, language: str) -> dict[str, str]:
    """Field key to what people read; what can't be read as its type is left out, never guessed at."""
    application = asked.application
    texts: dict[str, str] = {}
    for field in asked.fields(section, entry):
        value = conditions.value_of(entry, field.key)
        if value is None:
            continue
        if field.type is FieldType.YES_NO:
            texts[field.key] = MARK if value else ""
        elif field.type is FieldType.CLAUSE and offers.clause(application, value) is None:
            texts[field.key] = ""
        else:
            words = shown(application, field, value)
            texts[field.key] = words.in_language(language) if isinstance(words, Text) else str(words)
    return texts


def _sort_key(entry: Entry, key: str) -> tuple[bool, float, str]:
    value: Any = conditions.value_of(entry, key)
    if isinstance(value, int | float):
        return (False, value, "")
    return (value is None, 0, str(value or ""))
