"""What can be said of a property that HR edits: its name, how it is edited, and whom it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.field_spec import Spec
from models.messages import Message


class Widget(StrEnum):
    """How a property is edited."""

    TEXT = "text"  # Chinese, and English below
    LONG_TEXT = "long_text"
    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TICK = "tick"
    CHOICE = "choice"
    BOXES = "boxes"  # none ticked = empty list
    CONDITION = "condition"
    MAYBE_CONDITION = "maybe_condition"
    OPTIONS = "options"  # rows of a choice
    FRACTION = "fraction"
    BY_LEVEL = "by_level"  # a number per level
    TEMPLATE = "template"  # text with places for fields
    TEMPLATES = "templates"  # one per column
    MESSAGE = "message"  # text with places for what a check reports
    MEGABYTES = "megabytes"
    CHECK = "check"
    PLACE = "place"  # section and field that a requirement looks at
    ARGUMENTS = "arguments"


@dataclass(frozen=True)
class Property:
    """One property: its name in the specification, and how people see it."""

    name: str
    label: Message
    widget: Widget = Widget.TEXT
    help: Message | None = None
    source: str = ""  # of choices, see sources.py
    choices: tuple[tuple[Any, Message], ...] = ()
    optional: bool = True  # may be left empty
    types: frozenset[str] = frozenset()  # of a field: only these have it; empty = all
    fixed: bool = False  # can't change once it applies, since people's content depends on it
    lists_only: bool = False  # of a section, or of a section's field: only lists have it


@dataclass(frozen=True)
class Described:
    """One kind of row or mapping."""

    spec: type[Spec]
    name: Message
    properties: tuple[Property, ...]
    title: str = "label"  # the property that names a row

    def property(self, name: str) -> Property | None:
        """The property called `name`, or None if it isn't edited."""
        return next((row for row in self.properties if row.name == name), None)
