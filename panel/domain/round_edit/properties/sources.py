"""What can be chosen in the editor's forms, by the name of the source: keys with their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from models.field_spec import Text
from models.form_spec import CHOICE_SECTION, SectionShape
from models.messages import M, Message
from models.unit import Unit
from panel.domain.round_edit import tree
from panel.domain.round_edit.properties.named import ROSTER
from panel.domain.round_edit.tree import Data

OfferedValue = tuple[str, Text | Message | str]
#: Fields whose stored values are a few known ones, so that a condition can name them.
CLOSED = ("choice", "choices", "yes_no")


def text_of(value: Any) -> Text:
    """A round's text as stored, as a Text."""
    if isinstance(value, dict):
        return Text(zh=str(value.get("zh") or ""), en=str(value.get("en") or ""))
    return Text(zh=str(value or ""))


def choices(source: str, data: Data, path: str = "") -> list[OfferedValue]:
    """What `source` offers in the draft `data`; `path` is the row that asks, for what its section has."""
    return _SOURCES[source](data, path)


def section_of(data: Data, path: str) -> Data:
    """The section that the row at `path` belongs to: by its place, or the one a requirement names."""
    parts = path.split("/")
    if parts[0] == "sections" and len(parts) > 1:
        return dict(tree.get(data, "/".join(parts[:2])) or {})
    if parts[0] == "requirements":
        row = tree.get(data, path) or {}
        return section_named(data, row.get("section", ""))
    return {}


def section_named(data: Data, key: str) -> Data:
    """The section with that key; {} if there is none."""
    return next((row for row in data.get("sections", []) if row["key"] == key), {})


def distinct_fields(section: Data) -> dict[str, Data]:
    """The section's fields by key; of several with one key, the first."""
    found: dict[str, Data] = {}
    for field in section.get("fields", []):
        found.setdefault(field["key"], field)
    return found


def field_choices(section: Data, types: frozenset[str] = frozenset()) -> list[OfferedValue]:
    """The section's fields of some types (empty = any); of those with one name, also what stands above."""
    fields = distinct_fields(section)
    names = Counter(text_of(field["label"]).zh for field in fields.values())
    found: list[OfferedValue] = []
    above = Text(zh="")
    for key, field in fields.items():
        above = text_of(field.get("group")) or above
        label = text_of(field["label"])
        if types and field["type"] not in types:
            continue
        is_same = names[label.zh] > 1 and above
        found.append((key, M("%(outer)s › %(inner)s", outer=above, inner=label) if is_same else label))
    return found


def value_choices(section: Data, key: str) -> list[tuple[Any, Text | Message | str]]:
    """The values that the field `key` of `section` can have, if they are known."""
    options: list[tuple[Any, Text | Message | str]] = []
    for field in section.get("fields", []):
        if field["key"] != key:
            continue
        if field["type"] == "yes_no":
            options += [(True, M("是")), (False, M("否"))]
        options += [(row["value"], text_of(row["label"])) for row in field.get("options", [])]
    return list(dict(reversed(options)).items())[::-1] if options else []


def _rows(name: str, key: str = "key", label: str = "label") -> Callable[[Data, str], list[OfferedValue]]:
    return lambda data, path: [(row[key], text_of(row[label])) for row in data.get(name, [])]


def _lists(data: Data, path: str) -> list[OfferedValue]:
    return [
        (row["key"], text_of(row["label"]))
        for row in data.get("sections", [])
        if row["shape"] == SectionShape.LIST
    ]


def _units(data: Data, path: str) -> list[OfferedValue]:
    return [(unit.code, str(unit.name)) for unit in Unit.objects.only("code", "name").order_by("code")]


def _departments(data: Data, path: str) -> list[OfferedValue]:
    found: dict[str, str] = {}
    for unit in Unit.objects.only("departments").order_by("code"):
        found |= {row.code: row.name for row in unit.departments if row.code not in found}
    return list(found.items())


_SOURCES: dict[str, Callable[[Data, str], list[OfferedValue]]] = {
    "levels": _rows("levels", label="title"),
    "specialities": _rows("specialities", key="value"),
    "slots": _rows("slots"),
    "groups": _rows("groups"),
    "lists": _lists,
    "units": _units,
    "departments": _departments,
    "roster": lambda data, path: list(ROSTER.items()),
    "fields": lambda data, path: field_choices(section_of(data, path)),
    "numbers": lambda data, path: field_choices(section_of(data, path), frozenset({"number"})),
    "entry_kinds": lambda data, path: [
        (row["key"], text_of(row["label"])) for row in section_of(data, path).get("kinds", [])
    ],
    "columns": lambda data, path: [
        (row["key"], text_of(row["label"])) for row in section_of(data, path).get("columns", [])
    ],
}


def section_label(data: Data, key: str) -> Text | Message | str:
    """The name of a section, the reserved one included."""
    if key == CHOICE_SECTION:
        return M("申报信息")
    found = section_named(data, key)
    return text_of(found["label"]) if found else key
