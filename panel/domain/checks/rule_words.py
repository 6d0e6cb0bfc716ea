"""What a requirement row asks, in words without anybody's values: its label, else its message."""

from __future__ import annotations

from collections.abc import Iterable

from models.field_spec import Text
from models.form_spec import RequirementSpec, SectionSpec
from models.messages import Message
from panel.domain.checks.findings import number
from panel.domain.rounds.texts import fill_text

#: Stands where a message would show what somebody entered.
_OPEN = "…"
#: Of a row that looks at all fields of its section.
_SOME_FIELD = Text(zh="某一项", en="An item")
_PLACES = ("value", "expected", "entry", "field", "have", "need")


def rule_words(row: RequirementSpec, sections: Iterable[SectionSpec], level: str = "") -> Text:
    """The words of `row`; its field is named, and what it needs of `level` said where that is a number."""
    if row.label:
        return row.label
    words: dict[str, Text | Message | str | int] = dict.fromkeys(_PLACES, _OPEN)
    fields = (field for section in sections if section.key == row.section for field in section.fields)
    words["field"] = next((field.label for field in fields if field.key == row.field), _SOME_FIELD)
    least = row.arguments.get("minimum")
    need = least.get(level) if isinstance(least, dict) else least
    if isinstance(need, int | float):
        words["need"] = number(need)
    return fill_text(row.message, words)
