"""A row of the draft as a form would send it unchanged: what the editor's controls show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panel.domain.round_edit import tree
from panel.domain.round_edit.properties import arguments, places, sources
from panel.domain.round_edit.properties.check_words import ARGUMENTS
from panel.domain.round_edit.properties.kinds import Described, Property, Widget
from panel.domain.round_edit.tree import Data

Typed = dict[str, list[str]]


def typed(described: Described, data: Data, path: str) -> Typed:
    """The controls of the row or mapping at `path`, by name; reading them back gives the same values."""
    row = tree.at(data, path)
    found: Typed = {"drawn": [item.name for item in described.properties]}
    for item in described.properties:
        found |= _TYPED.get(item.widget, _plain)(data, path, row, item)
    return found


def _plain(data: Data, path: str, row: Data, item: Property) -> Typed:
    value = row.get(item.name)
    return {item.name: ["" if value is None else _number(value)]}


def _number(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _text(data: Data, path: str, row: Data, item: Property) -> Typed:
    text = sources.text_of(row.get(item.name))
    return {item.name: [text.zh], f"{item.name}.en": [text.en]}


def _tick(data: Data, path: str, row: Data, item: Property) -> Typed:
    return {item.name: ["1"] if row.get(item.name) else []}


def _boxes(data: Data, path: str, row: Data, item: Property) -> Typed:
    return {item.name: [str(value) for value in row.get(item.name) or []]}


def _megabytes(data: Data, path: str, row: Data, item: Property) -> Typed:
    return {item.name: [str(max(1, int(row[item.name]) // (1024 * 1024)))]}


def _condition(data: Data, path: str, row: Data, item: Property) -> Typed:
    value = row.get(item.name)
    return condition(item.name, value or {}) | {f"{item.name}.on": ["1"] if value is not None else []}


def condition(name: str, value: Data) -> Typed:
    """The controls of one condition."""
    held = "" if value.get("exceptional") is None else "yes" if value["exceptional"] else "no"
    found = {
        f"{name}.levels": list(value.get("levels") or []),
        f"{name}.kinds": list(value.get("kinds") or []),
        f"{name}.entry_kinds": list(value.get("entry_kinds") or []),
        f"{name}.exceptional": [held],
    }
    for key, values in (value.get("values") or {}).items():
        found[f"{name}.values.{key}"] = [str(one) for one in values]
    for source, day in (value.get("roster_before") or {}).items():
        found[f"{name}.before.{source}"] = [str(day)]
    return found


def _options(data: Data, path: str, row: Data, item: Property) -> Typed:
    rows = row.get(item.name) or []
    texts = [sources.text_of(one["label"]) for one in rows]
    return {
        f"{item.name}.value": [one["value"] for one in rows],
        f"{item.name}.zh": [text.zh for text in texts],
        f"{item.name}.en": [text.en for text in texts],
    }


def _fraction(data: Data, path: str, row: Data, item: Property) -> Typed:
    above, below = row[item.name]
    return {f"{item.name}.above": [str(above)], f"{item.name}.below": [str(below)]}


def _by_level(data: Data, path: str, row: Data, item: Property) -> Typed:
    return {f"{item.name}.{key}": [str(value)] for key, value in (row.get(item.name) or {}).items()}


def _placed(name: str, value: Any, names: dict[str, str]) -> Typed:
    text = sources.text_of(value)
    return {name: [places.shown(text.zh, names)], f"{name}.en": [places.shown(text.en, names)]}


def _template(data: Data, path: str, row: Data, item: Property) -> Typed:
    return _placed(item.name, row.get(item.name), places.of_section(sources.section_of(data, path)))


def _templates(data: Data, path: str, row: Data, item: Property) -> Typed:
    names = places.of_section(sources.section_of(data, path))
    found: Typed = {}
    for key, value in (row.get(item.name) or {}).items():
        found |= _placed(f"{item.name}.{key}", value, names)
    return found


def _message(data: Data, path: str, row: Data, item: Property) -> Typed:
    return _placed(item.name, row.get(item.name), places.of_messages())


def _place(data: Data, path: str, row: Data, item: Property) -> Typed:
    return {item.name: [arguments.place_of(row)]}


def _arguments(data: Data, path: str, row: Data, item: Property) -> Typed:
    found: Typed = {}
    for name in arguments.names_of(row["check"]):
        value = row["arguments"].get(name)
        if value is not None:
            control = f"arguments.{name}"
            found |= _ARGUMENT.get(ARGUMENTS[name].widget, _chosen)(control, row, name, value)
    return found


def _chosen(control: str, row: Data, name: str, value: Any) -> Typed:
    return {control: [arguments.chosen(row, name)]}


def _one(control: str, row: Data, name: str, value: Any) -> Typed:
    return {control: [_number(value)]}


def _levels(control: str, row: Data, name: str, value: Any) -> Typed:
    if isinstance(value, dict):
        return {f"{control}.{key}": [_number(one)] for key, one in value.items()}
    return {control: [_number(value)]}


def _argument_tick(control: str, row: Data, name: str, value: Any) -> Typed:
    return {control: ["1"] if value else []}


def _where(control: str, row: Data, name: str, value: Any) -> Typed:
    return {f"{control}.{key}": [str(one) for one in values] for key, values in value.items()}


def _between(control: str, row: Data, name: str, value: Any) -> Typed:
    found: Typed = {}
    for key, (low, high) in value.items():
        found[f"{control}.{key}.low"] = ["" if low is None else _number(low)]
        found[f"{control}.{key}.high"] = ["" if high is None else _number(high)]
    return found


def _years(control: str, row: Data, name: str, value: Any) -> Typed:
    return {f"{control}.{key}": [_number(years)] for key, years in value.items()}


def _values(control: str, row: Data, name: str, value: Any) -> Typed:
    return {control: [str(one) for one in value]}


_ARGUMENT: dict[str, Callable[[str, Data, str, Any], Typed]] = {
    "integer": _one,
    "number": _one,
    "levels": _levels,
    "tick": _argument_tick,
    "where": _where,
    "between": _between,
    "years_asked": _years,
    "values": _values,
}
_TYPED: dict[Widget, Callable[[Data, str, Data, Property], Typed]] = {
    Widget.TEXT: _text,
    Widget.LONG_TEXT: _text,
    Widget.TICK: _tick,
    Widget.BOXES: _boxes,
    Widget.MEGABYTES: _megabytes,
    Widget.CONDITION: _condition,
    Widget.MAYBE_CONDITION: _condition,
    Widget.OPTIONS: _options,
    Widget.FRACTION: _fraction,
    Widget.BY_LEVEL: _by_level,
    Widget.TEMPLATE: _template,
    Widget.TEMPLATES: _templates,
    Widget.MESSAGE: _message,
    Widget.CHECK: lambda data, path, row, item: {},
    Widget.PLACE: _place,
    Widget.ARGUMENTS: _arguments,
}
