"""Whatever HR could do to a round in the editor, drawn by Hypothesis: rows added, moved, removed, forms sent.

Everything goes through the editor's own ways of adding and reading, so that a round drawn here is one that
HR can save.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from models.checks import Check
from models.choices import Kind
from models.field_spec import FieldType
from panel.domain.errors import Invalid
from panel.domain.round_edit import defaults, tree
from panel.domain.round_edit.problems.contradictions import _rows
from panel.domain.round_edit.properties import arguments, check_words, places, shown, sources, typed_values
from panel.domain.round_edit.properties.describe import DESCRIBED, described
from panel.domain.round_edit.properties.kinds import Property, Widget
from panel.domain.round_edit.properties.named import ROSTER
from panel.domain.round_edit.tree import Clash, Data, Lost

TEXTS = (
    "",
    "新名称",
    "<b>&amp;{}%s%(n)s",
    "a" * 300,
    "第一行\r\n第二行",
    "名\x00称\u202e",
    "[[",
    "]",
    "{",
    "}",
)
NUMBERS = ("-3", "0", "1", "2", "7", "12", "200", "999999999", "一")
DECIMALS = ("", "-5", "0", "0.5", "3.25", "1e5", "NaN", "999999999999")
DAYS = ("", "2017-01-01", "2026-09-01", "2026-12-31", "2027-03-01", "0001-01-01", "9999-12-31", "2026-2-30")
LABELS = ("新名称", "甲", "乙", "name", "姓名", "合计", "类别", "{x}", "Check", "名称 2")
#: Lists that HR adds to; a list inside another is filled in from the data.
TOP = ("levels", "committees", "specialities", "editions", "sections", "slots", "requirements", "groups")


def lists_of(data: Data) -> list[str]:
    """Every list of rows that the round has now."""
    inner = [
        f"{path}/{name}"
        for path, row in _rows(data)
        for name in row
        if path and tree.is_list(f"{path}/{name}") and described(f"{path}/{name}/x", None) is not None
    ]
    return [*TOP, "endorsements", *inner]


def changed(draw: Any, data: Data) -> Data:
    """The draft after one thing that HR does; the same where it is refused."""
    do = draw(st.sampled_from((add, send, send, send, send, move, remove)))
    try:
        return do(draw, data)
    except (Invalid, Clash, Lost):
        return data


def add(draw: Any, data: Data) -> Data:
    path = draw(st.sampled_from(lists_of(data)))
    kinds: dict[str, tuple[str, ...]] = {
        "requirements": tuple(Check),
        "sections": tuple(defaults.SHAPES),
        "levels": tuple(defaults.GRADES),
    }
    kind = draw(st.sampled_from(kinds.get(path, tuple(FieldType))))
    row = defaults.new_row(path, data, draw(st.sampled_from(LABELS)), str(kind))
    key = tree.ROW_LISTS[tree.shape_of(path)]
    rows = tree.at(data, path)
    name = tree.unused(row[key], {str(one[tree.ID]) for one in rows} | {str(one[key]) for one in rows})
    if path in ("sections", "editions"):
        row = tree.with_ids({path: [row]})[path][0]
    last = draw(st.sampled_from(["", *(one[tree.ID] for one in rows)]))
    return tree.applied(data, [tree.adding(path, row | {key: name, tree.ID: name}, last)])


def a_row(draw: Any, data: Data) -> str:
    path = draw(st.sampled_from([path for path in lists_of(data) if tree.at(data, path)]))
    return f"{path}/{draw(st.sampled_from(tree.at(data, path)))[tree.ID]}"


def move(draw: Any, data: Data) -> Data:
    path = a_row(draw, data)
    above, own = tree.parent_of(path)
    others = [row[tree.ID] for row in tree.at(data, above) if row[tree.ID] != own]
    return tree.applied(data, [tree.moving(data, path, draw(st.sampled_from(["", *others])))])


def remove(draw: Any, data: Data) -> Data:
    return tree.applied(data, [tree.removing(data, a_row(draw, data))])


def send(draw: Any, data: Data) -> Data:
    """A properties form with some controls changed."""
    paths = ["", *(path for path in DESCRIBED_MAPPINGS)]
    path = draw(st.sampled_from(paths)) if draw(st.integers(0, 4)) == 0 else a_row(draw, data)
    known = described(path)
    assert known is not None
    row = tree.at(data, path)
    sent = shown.typed(known, data, path)
    for item in draw(st.lists(st.sampled_from(known.properties), min_size=1, max_size=4)):
        if item.types and row.get("type") not in item.types:
            continue
        sent |= _typed(draw, data, path, item)
    values = typed_values.read(known, typed_values.Form(data, path, sent, row))
    typed_values.check(known, row | values)
    items = [
        tree.setting(data, f"{path}/{name}" if path else name, value)
        for name, value in values.items()
        if row.get(name) != value
    ]
    return tree.applied(data, items)


DESCRIBED_MAPPINGS = tuple(shape[0] for shape in DESCRIBED if len(shape) == 1)


def _typed(draw: Any, data: Data, path: str, item: Property) -> dict[str, list[str]]:
    name, widget = item.name, item.widget
    if widget in (Widget.TEXT, Widget.LONG_TEXT, Widget.STRING):
        return {name: [draw(st.sampled_from(TEXTS))], f"{name}.en": [draw(st.sampled_from(TEXTS))]}
    if widget in (Widget.INTEGER, Widget.MEGABYTES):
        return {name: [draw(st.sampled_from(NUMBERS))]}
    if widget is Widget.DECIMAL:
        return {name: [draw(st.sampled_from(DECIMALS))]}
    if widget is Widget.DATE:
        return {name: [draw(st.sampled_from(DAYS))]}
    if widget is Widget.TICK:
        return {name: draw(st.sampled_from(([], ["1"])))}
    if widget in (Widget.CHOICE, Widget.BOXES):
        offered = item.choices or sources.choices(item.source, data, path)
        values = [str(value) for value, _label in offered]
        if widget is Widget.BOXES:
            return {name: some(draw, values)}
        return {name: [draw(st.sampled_from(["", *values]))]}
    if widget in (Widget.CONDITION, Widget.MAYBE_CONDITION):
        return _condition(draw, data, path, name)
    if widget is Widget.OPTIONS:
        return {f"{name}.zh": draw(st.lists(st.sampled_from(LABELS), max_size=4)), f"{name}.value": []}
    if widget is Widget.FRACTION:
        return {f"{name}.above": [draw(st.sampled_from(NUMBERS))], f"{name}.below": ["12"]}
    if widget is Widget.BY_LEVEL:
        return _by_level(draw, data, name)
    if widget in (Widget.TEMPLATE, Widget.MESSAGE):
        names = (
            places.of_messages()
            if widget is Widget.MESSAGE
            else places.of_section(sources.section_of(data, path))
        )
        return {name: [_template(draw, names)], f"{name}.en": [_template(draw, names)]}
    if widget is Widget.TEMPLATES:
        names = places.of_section(sources.section_of(data, path))
        columns = [key for key, _label in sources.choices(item.source, data, path)]
        return {f"{name}.{key}": [_template(draw, names)] for key in some(draw, columns)}
    if widget is Widget.PLACE:
        row = tree.at(data, path)
        offered = [
            value for _label, rows in arguments.place_groups(data, row["check"]) for value, _name in rows
        ]
        return {name: [draw(st.sampled_from(offered or [""]))]}
    if widget is Widget.ARGUMENTS:
        return _arguments(draw, data, tree.at(data, path))
    return {}


def some(draw: Any, values: list[str]) -> list[str]:
    return draw(st.lists(st.sampled_from(values), max_size=4)) if values else []


def _by_level(draw: Any, data: Data, name: str) -> dict[str, list[str]]:
    levels = [row["key"] for row in data["levels"]]
    return {f"{name}.{key}": [draw(st.sampled_from(["", *NUMBERS]))] for key in levels}


def _template(draw: Any, names: dict[str, str]) -> str:
    pieces = [*(f"{{{name}}}" for name in names.values()), *TEXTS[1:], "[", "]", "{", "}", "{}", "|", "%"]
    pieces += [f"{{{name}|无}}" for name in names.values()]
    return "".join(draw(st.lists(st.sampled_from(pieces), max_size=5)))


def _condition(draw: Any, data: Data, path: str, name: str) -> dict[str, list[str]]:
    section = sources.section_of(data, path)
    sent = {
        f"{name}.on": draw(st.sampled_from(([], ["1"]))),
        f"{name}.levels": some(draw, [row["key"] for row in data["levels"]]),
        f"{name}.kinds": some(draw, [kind.value for kind in Kind]),
        f"{name}.exceptional": [draw(st.sampled_from(("", "", "yes", "no")))],
        f"{name}.entry_kinds": some(draw, [row["key"] for row in section.get("kinds", [])]),
    }
    for key in some(draw, list(sources.distinct_fields(section))):
        values = [str(value) for value, _label in sources.value_choices(section, key)]
        sent[f"{name}.values.{key}"] = some(draw, values)
    sent[f"{name}.before.{draw(st.sampled_from(list(ROSTER)))}"] = [draw(st.sampled_from(DAYS))]
    return sent


def _arguments(draw: Any, data: Data, row: Data) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for name in arguments.names_of(row["check"]):
        control, widget = f"arguments.{name}", check_words.ARGUMENTS[name].widget
        if widget in ("integer", "number", "levels"):
            sent[control] = [draw(st.sampled_from(("", "0.5", *NUMBERS)))]
            if widget == "levels" and draw(st.booleans()):
                sent |= _by_level(draw, data, control)
        elif widget == "tick":
            sent[control] = draw(st.sampled_from(([], ["1"])))
        elif widget == "where":
            for key, _label, values in arguments.entry_choices(data, row):
                sent[f"{control}.{key}"] = some(draw, [str(value) for value, _name in values])
        elif widget == "between":
            section = sources.section_named(data, row["section"])
            for key, _label in sources.field_choices(section, frozenset({"number"})):
                sent[f"{control}.{key}.low"] = [draw(st.sampled_from(("", "0", "3")))]
                sent[f"{control}.{key}.high"] = [draw(st.sampled_from(("", "0", "5")))]
        elif widget == "values":
            offered = [str(value) for value, _label in arguments.value_choices(data, row)]
            sent[control] = some(draw, offered) if offered else [draw(st.sampled_from(TEXTS))]
        elif widget == "years_asked":
            for value, _label in arguments.degree_choices(data, row):
                sent[f"{control}.{value}"] = [draw(st.sampled_from(NUMBERS))]
        else:
            groups = arguments.argument_groups(data, row, name)
            sent[control] = [
                draw(st.sampled_from(["", *(value for _label, rows in groups for value, _n in rows)]))
            ]
    return sent
