"""Conditions in plain words: whom a thing is for, as HR would say it."""

from __future__ import annotations

from typing import Any

from models.choices import Kind
from models.field_spec import Words
from models.messages import M
from panel.domain.round_edit.properties.named import ROSTER
from panel.domain.round_edit.properties.sources import choices, text_of, value_choices
from panel.domain.round_edit.tree import Data

#: A condition that always holds, as stored.
ALWAYS: Data = {
    "kinds": [],
    "levels": [],
    "exceptional": None,
    "entry_kinds": [],
    "values": {},
    "roster_before": {},
}


def is_always(condition: Data | None) -> bool:
    """Whether the condition asks for nothing."""
    return (
        not any(value or value is False for key, value in (condition or {}).items() if key != "exceptional")
        and (condition or {}).get("exceptional") is None
    )


def words(data: Data, condition: Data | None, section: Data | None = None) -> list[Words]:
    """The parts of the condition, all of which must hold; [] for everybody: "讲师及以上", "初次申报除外"."""
    if condition is None or is_always(condition):
        return []
    found = _levels(data, condition.get("levels") or []) + _kinds(data, condition.get("kinds") or [])
    if condition.get("exceptional") is not None:
        found.append(M("破格申报") if condition["exceptional"] else M("非破格申报"))
    labels: dict[str, Words] = {row["key"]: text_of(row["label"]) for row in (section or {}).get("kinds", [])}
    if condition.get("entry_kinds"):
        found.append(joined([labels.get(key, M("（已移除）")) for key in condition["entry_kinds"]]))
    for key, values in (condition.get("values") or {}).items():
        found.append(_values(section or {}, key, values))
    for source, day in (condition.get("roster_before") or {}).items():
        found.append(M("%(what)s早于 %(day)s", what=ROSTER.get(source, source), day=str(day)))
    return found


def sentence(data: Data, condition: Data | None, section: Data | None = None) -> Words:
    """The same in one text; "所有人" when it is for everybody."""
    parts = words(data, condition, section)
    return comma(parts) if parts else M("所有人")


def joined(parts: list[Words]) -> Words:
    """The parts as alternatives: A、B."""
    found = parts[0] if parts else ""
    for part in parts[1:]:
        found = M("%(first)s、%(second)s", first=found, second=part)
    return found


def comma(parts: list[Words]) -> Words:
    """The parts one after the other: A，B."""
    found = parts[0] if parts else ""
    for part in parts[1:]:
        found = M("%(first)s，%(second)s", first=found, second=part)
    return found


def _levels(data: Data, chosen: list[str]) -> list[Words]:
    """A run from some level to the highest is "X及以上", one from the lowest "X及以下"."""
    if not chosen:
        return []
    rows = sorted(data.get("levels", []), key=lambda row: row.get("rank") or 0)
    titles = dict(choices("levels", data))
    keys = [row["key"] for row in rows]
    picked = [key for key in keys if key in chosen]
    unknown = [key for key in chosen if key not in keys]
    if not unknown and len(picked) > 1:
        if picked == keys:
            return []
        if picked == keys[-len(picked) :]:
            return [M("%(level)s及以上", level=titles[picked[0]])]
        if picked == keys[: len(picked)]:
            return [M("%(level)s及以下", level=titles[picked[-1]])]
    return [joined([*(titles[key] for key in picked), *(M("（已不存在的级别）") for _key in unknown)])]


def _kinds(data: Data, chosen: list[str]) -> list[Words]:
    """All of the round's kinds but one is "X除外"."""
    if not chosen:
        return []
    offered = [kind for kind in data.get("kinds", []) if kind not in chosen]
    if len(offered) == 1 and len(chosen) > 1:
        return [M("%(kind)s除外", kind=Kind(offered[0]).label)]
    return [joined([Kind(kind).label for kind in chosen if kind in set(Kind)])]


def _values(section: Data, key: str, values: list[Any]) -> Words:
    gone = M("（已移除）")
    label = next((text_of(row["label"]) for row in section.get("fields", []) if row["key"] == key), gone)
    known = dict(value_choices(section, key))
    picked = joined([known.get(value, str(value) if not known else gone) for value in values])
    return M("“%(field)s”是%(values)s", field=label, values=picked)
