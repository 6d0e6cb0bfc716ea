"""What a requirement looks at and is told: what can be chosen for its check, and reading the choice.

Only places that the check can read are offered, so that a rule never points at nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from models.checks import ABOUT_BOTH, ABOUT_CHOICE, BY_LEVEL, FIELD_ARGUMENTS, TAKES, Check
from models.field_spec import Text
from models.form_spec import CHOICE_FIELDS, CHOICE_SECTION, KIND_FIELD, PHOTO_FIELD, SectionShape
from models.messages import M, Message
from panel.domain.round_edit.properties import sources
from panel.domain.round_edit.properties.check_words import ARGUMENTS, PAIRED
from panel.domain.round_edit.properties.named import DATES, ROSTER
from panel.domain.round_edit.properties.sources import OfferedValue
from panel.domain.round_edit.tree import Data

Group = tuple[Text | Message | str, list[OfferedValue]]
#: What can be chosen of the choice made at the start.
CHOICE_LABELS: dict[str, Message] = {
    "person": M("申报人"),
    "kind": M("申报类别"),
    "exceptional": M("破格"),
    "committee": M("评委会"),
    "level": M("申报级别"),
    "speciality": M("申报专业"),
}


class Wrong(ValueError):
    """One control that can't be read: what to do, and which control if not the property's own."""

    def __init__(self, message: Message, control: str = "") -> None:
        super().__init__(str(message))
        self.message, self.control = message, control


def names_of(check: str) -> list[str]:
    """The arguments that HR gives this check, in the order they are shown."""
    takes = TAKES[Check(check)]
    known = takes.required | takes.optional
    return [name for name in ARGUMENTS if name in known]


def is_needed(check: str, name: str) -> bool:
    """Whether the check can't do without the argument."""
    return name in TAKES[Check(check)].required


def place_groups(data: Data, check: str) -> list[Group]:
    """The places that the check can look at, by section: "section/field", "section/" for the whole."""
    kind = Check(check)
    takes = TAKES[kind]
    groups: list[Group] = []
    if kind in ABOUT_CHOICE | ABOUT_BOTH:
        rows: list[OfferedValue] = [(f"{CHOICE_SECTION}/{key}", CHOICE_LABELS[key]) for key in CHOICE_FIELDS]
        groups.append((M("申报信息"), rows))
    if kind in ABOUT_CHOICE:
        return groups
    for section in data.get("sections", []):
        if takes.needs_list and section["shape"] != SectionShape.LIST:
            continue
        if kind is Check.PHOTO and section["shape"] != SectionShape.RECORD:
            continue
        fields = [
            (f"{section['key']}/{key}", label) for key, label in sources.field_choices(section, takes.types)
        ]
        if kind is Check.PHOTO:
            fields = [(f"{section['key']}/{PHOTO_FIELD}", M("照片"))]
        if not takes.needs_field and kind is not Check.PHOTO:
            fields.insert(0, (f"{section['key']}/", M("整个部分")))
        if fields:
            groups.append((sources.text_of(section["label"]), fields))
    return groups


def place_of(row: Data) -> str:
    """Where a requirement looks, as chosen."""
    return f"{row.get('section', '')}/{row.get('field', '')}"


def read_place(data: Data, row: Data, sent: str | None) -> Data:
    """Section and field from the chosen place; raises Wrong."""
    if sent is None:
        return {"section": row["section"], "field": row["field"]}
    offered = {value for _label, rows in place_groups(data, row["check"]) for value, _name in rows}
    if sent not in offered and sent != place_of(row):
        raise Wrong(M("请选择检查哪里。"), "place")
    section, _, field = sent.partition("/")
    return {"section": section, "field": field}


def argument_groups(data: Data, row: Data, name: str) -> list[Group]:
    """What can be chosen for an argument that is one of a list, by section."""
    widget = ARGUMENTS[name].widget
    if widget == "date":
        return [("", list(DATES.items()))]
    if widget == "roster":
        return [("", list(ROSTER.items()))]
    if widget == "slot":
        return [("", sources.choices("slots", data))]
    if widget == "list":
        return [("", sources.choices("lists", data))]
    types = FIELD_ARGUMENTS[name][1]
    if name not in PAIRED:
        section = sources.section_named(data, row["section"])
        return [("", sources.field_choices(section, types))]
    shapes = {"record", "list"} if name == "degree_field" else {"record"}
    own = row["section"] if name == "than" else ""
    return [
        (
            sources.text_of(section["label"]),
            [(f"{section['key']}/{key}", label) for key, label in sources.field_choices(section, types)],
        )
        for section in data["sections"]
        if section["shape"] in shapes or section["key"] == own
    ]


def chosen(row: Data, name: str) -> str:
    """The argument as chosen in a form."""
    value = row.get("arguments", {}).get(name, "")
    if name in PAIRED and value:
        return f"{row['arguments'].get(PAIRED[name]) or row['section']}/{value}"
    return str(value)


def entry_choices(data: Data, row: Data) -> list[tuple[str, Text | Message | str, list[tuple[Any, Any]]]]:
    """By which fields entries can be picked ("where"): key, label and the values."""
    section = sources.section_named(data, row.get("arguments", {}).get("list") or row["section"])
    found: list[tuple[str, Text | Message | str, list[tuple[Any, Any]]]] = []
    if section.get("kinds"):
        kinds = [(kind["key"], sources.text_of(kind["label"])) for kind in section["kinds"]]
        found.append((KIND_FIELD, M("类别"), kinds))
    for key, field in sources.distinct_fields(section).items():
        if values := sources.value_choices(section, key):
            found.append((key, sources.text_of(field["label"]), values))
    return found


def value_choices(data: Data, row: Data) -> list[tuple[Any, Any]]:
    """The values that the row's own field can have, if they are known."""
    return sources.value_choices(sources.section_named(data, row["section"]), row["field"])


def degree_choices(data: Data, row: Data) -> list[tuple[Any, Any]]:
    """The degrees that need a number of years."""
    given = row.get("arguments", {})
    section = sources.section_named(data, given.get("degree_section", ""))
    return sources.value_choices(section, given.get("degree_field", ""))


def read_arguments(data: Data, row: Data, sent: Mapping[str, list[str]]) -> Data:
    """The arguments of the row's check from what was sent under `arguments.<name>`; raises Wrong."""
    found: Data = {}
    for name in names_of(row["check"]):
        _READ.get(ARGUMENTS[name].widget, _read_chosen)(_Asked(data, row, sent, name, found))
        if is_needed(row["check"], name) and name not in found:
            label = ARGUMENTS[name].label
            raise Wrong(M("请填写“%(what)s”。", what=label), f"arguments.{name}")
    return found


class _Asked:
    """One argument that is being read."""

    def __init__(self, data: Data, row: Data, sent: Mapping[str, list[str]], name: str, found: Data) -> None:
        self.data, self.row, self.name, self.found = data, row, name, found
        self.sent = sent
        self.control = f"arguments.{name}"

    def text(self, more: str = "") -> str:
        values = self.sent.get(self.control + more) or [""]
        return values[-1].strip()

    def texts(self, more: str = "") -> list[str]:
        return list(self.sent.get(self.control + more) or [])

    def number(self, more: str = "", whole: bool = False) -> int | float | None:
        text = self.text(more)
        if not text:
            return None
        if re.fullmatch(r"\d{1,9}", text):
            return int(text)
        if whole or not re.fullmatch(r"\d{1,9}\.\d{1,6}", text):
            raise Wrong(M("请填写整数。") if whole else M("请填写数字。"), self.control)
        return float(text)

    @property
    def partial(self) -> Data:
        """The row with the arguments read so far."""
        return self.row | {"arguments": self.found}


def _read_number(asked: _Asked) -> None:
    number = asked.number(whole=ARGUMENTS[asked.name].widget == "integer")
    if number is not None:
        asked.found[asked.name] = number


def _read_levels(asked: _Asked) -> None:
    """One number for all, unless levels have their own."""
    number = asked.number()
    own = {row["key"]: asked.number(f".{row['key']}") for row in asked.data["levels"]}
    by_level = {key: value for key, value in own.items() if value is not None}
    if by_level and Check(asked.row["check"]) in BY_LEVEL:
        if number is not None:
            by_level = {row["key"]: number for row in asked.data["levels"]} | by_level
        asked.found[asked.name] = by_level
    elif number is not None:
        asked.found[asked.name] = number


def _read_tick(asked: _Asked) -> None:
    if asked.text():
        asked.found[asked.name] = True


def _read_where(asked: _Asked) -> None:
    stored = (asked.row.get("arguments") or {}).get(asked.name) or {}
    offered = entry_choices(asked.data, asked.partial if "list" in asked.found else asked.row)
    kept = {key: values for key, values in stored.items() if key not in {key for key, *_rest in offered}}
    for key, _label, values in offered:
        sent = set(asked.texts(f".{key}"))
        if picked := [value for value, _name in values if str(value) in sent]:
            kept[key] = picked
    if kept:
        asked.found[asked.name] = kept


def _read_between(asked: _Asked) -> None:
    section = sources.section_named(asked.data, asked.row["section"])
    found: Data = {}
    for key, _label in sources.field_choices(section, frozenset({"number"})):
        low, high = asked.number(f".{key}.low"), asked.number(f".{key}.high")
        if low is not None or high is not None:
            found[key] = [low, high]
    if found:
        asked.found[asked.name] = found


def _read_years(asked: _Asked) -> None:
    degrees = degree_choices(asked.data, asked.partial)
    found = {str(value): asked.number(f".{value}") for value, _label in degrees}
    if missing := [key for key, years in found.items() if years is None]:
        if "degree_field" not in asked.found or not asked.row.get("arguments", {}).get("degree_field"):
            found = dict.fromkeys(missing, 5) | {k: v for k, v in found.items() if v is not None}
        else:
            raise Wrong(M("请为每种学位填写年数。"), asked.control)
    if found:
        asked.found[asked.name] = found


def _read_values(asked: _Asked) -> None:
    """Ticked values where they are known; else one a line."""
    offered = value_choices(asked.data, asked.row)
    sent = asked.texts()
    if offered:
        picked = [value for value, _label in offered if str(value) in sent]
    else:
        picked = [line.strip() for text in sent for line in text.splitlines() if line.strip()]
    if picked:
        asked.found[asked.name] = picked


def _read_chosen(asked: _Asked) -> None:
    text = asked.text()
    if not text:
        return
    offered = {
        value for _label, rows in argument_groups(asked.data, asked.row, asked.name) for value, _n in rows
    }
    if text not in offered and text != chosen(asked.row, asked.name):
        raise Wrong(M("请选择其中一项。"), asked.control)
    if asked.name in PAIRED:
        section, _, text = text.partition("/")
        if asked.name != "than" or section != asked.row["section"]:
            asked.found[PAIRED[asked.name]] = section
    asked.found[asked.name] = text


_READ = {
    "integer": _read_number,
    "number": _read_number,
    "levels": _read_levels,
    "tick": _read_tick,
    "where": _read_where,
    "between": _read_between,
    "years_asked": _read_years,
    "values": _read_values,
}
