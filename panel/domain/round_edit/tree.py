"""A round's data as a tree whose rows have an identity, and the few changes it knows.

A path is words joined by "/": names of properties, and identities of rows, never positions:
`sections/basic/fields/name/label`. A change is a list of items, each a plain mapping that can be applied,
turned round and stored.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

Data = dict[str, Any]
RoundRow = dict[str, Any]

#: Where a row's identity is kept while it is edited; never part of a round.
ID = "_id"
#: The lists whose rows are addressed by identity -> what names such a row in the round's own terms.
ROW_LISTS: dict[tuple[str, ...], str] = {
    ("levels",): "key",
    ("committees",): "key",
    ("specialities",): "value",
    ("editions",): "key",
    ("editions", "*", "clauses"): "key",
    ("sections",): "key",
    ("sections", "*", "fields"): "key",
    ("sections", "*", "kinds"): "key",
    ("sections", "*", "columns"): "key",
    ("slots",): "key",
    ("requirements",): "id",
    ("groups",): "key",
    ("endorsements",): "key",
    ("exports",): "key",
}


class Lost(LookupError):
    """There is nothing (any more) at this path."""


class Clash(Exception):
    """Somebody else changed the same place: `path`, what is there now, and what was to come."""

    def __init__(self, path: str, current: Any, wanted: Any) -> None:
        super().__init__(path)
        self.path, self.current, self.wanted = path, current, wanted


def shape_of(path: str) -> tuple[str, ...]:
    """The path with its identities left out: ("sections", "*", "fields", "*", "label")."""
    shape: list[str] = []
    for part in path.split("/") if path else []:
        shape.append("*" if tuple(shape) in ROW_LISTS else part)
    return tuple(shape)


def is_list(path: str) -> bool:
    """Whether `path` is that of a list of rows."""
    return shape_of(path) in ROW_LISTS


def parent_of(path: str) -> tuple[str, str]:
    """The list or mapping that holds `path`, and the last word."""
    above, _, last = path.rpartition("/")
    return above, last


def with_ids(data: Data) -> Data:
    """A copy of `data` whose rows have identities: their key, with a number if it occurs before."""
    copied = copy.deepcopy(data)
    for shape, key in ROW_LISTS.items():
        for rows in _lists(copied, shape):
            seen: set[str] = set()
            for row in rows:
                row[ID] = unused(re.sub(r"[^\w.-]", "_", str(row.get(key) or "row")), seen)
                seen.add(row[ID])
    return copied


def without_ids(value: Any) -> Any:
    """A copy of `value` as a round stores it."""
    if isinstance(value, dict):
        return {key: without_ids(part) for key, part in value.items() if key != ID}
    if isinstance(value, list):
        return [without_ids(part) for part in value]
    return value


def unused(name: str, taken: set[str]) -> str:
    """`name`, with the first number that makes it differ from all of `taken`."""
    if name not in taken:
        return name
    return next(f"{name}_{n}" for n in range(2, len(taken) + 3) if f"{name}_{n}" not in taken)


def at(data: Data, path: str) -> Any:
    """What is at `path`; raises Lost."""
    found: Any = data
    for part in path.split("/") if path else []:
        found = _step(found, part, path)
    return found


def get(data: Data, path: str, default: Any = None) -> Any:
    """What is at `path`, or `default`."""
    try:
        return at(data, path)
    except Lost:
        return default


def neighbour(data: Data, path: str) -> str:
    """The identity of the row before the row at `path`; "" for the first."""
    above, identity = parent_of(path)
    rows = at(data, above)
    place = _place(rows, identity, path)
    return str(rows[place - 1][ID]) if place else ""


# --- items ----------------------------------------------------------------------------------------


def setting(data: Data, path: str, value: Any) -> RoundRow:
    """Give the property at `path` a value."""
    return {"do": "set", "path": path, "before": get(data, path), "after": value}


def adding(path: str, row: Data, after: str) -> RoundRow:
    """Put `row` into the list at `path`, behind the row `after` ("" = first)."""
    return {"do": "add", "path": path, "row": row, "behind": after}


def removing(data: Data, path: str) -> RoundRow:
    """Take the row at `path` out of its list."""
    return {
        "do": "remove",
        "path": parent_of(path)[0],
        "row": at(data, path),
        "behind": neighbour(data, path),
    }


def moving(data: Data, path: str, behind: str) -> RoundRow:
    """Put the row at `path` behind the row `behind` of the same list ("" = first)."""
    above, identity = parent_of(path)
    return {"do": "move", "path": above, "id": identity, "before": neighbour(data, path), "after": behind}


def replacing(before: Data, after: Data) -> RoundRow:
    """Put another round's data in the place of this one's."""
    return {"do": "replace", "path": "", "before": before, "after": after}


def applied(data: Data, items: list[RoundRow]) -> Data:
    """A copy of `data` with `items` done in order; raises Clash and Lost when they don't fit any more."""
    copied = copy.deepcopy(data)
    for item in items:
        copied = _DO[item["do"]](copied, copy.deepcopy(item))
    return copied


def turned(items: list[RoundRow]) -> list[RoundRow]:
    """What takes `items` back."""
    return [_turned(item) for item in reversed(items)]


def _turned(item: RoundRow) -> RoundRow:
    if item["do"] in ("add", "remove"):
        return item | {"do": "remove" if item["do"] == "add" else "add"}
    return item | {"before": item["after"], "after": item["before"]}


def _set(data: Data, item: RoundRow) -> Data:
    above, name = parent_of(item["path"])
    holder = at(data, above)
    if not isinstance(holder, dict):
        raise Lost(item["path"])
    current = holder.get(name)
    if current not in (item["before"], item["after"]):
        raise Clash(item["path"], current, item["after"])
    holder[name] = item["after"]
    return data


def _add(data: Data, item: RoundRow) -> Data:
    rows = at(data, item["path"])
    identity = item["row"][ID]
    if any(row[ID] == identity for row in rows):
        raise Clash(f"{item['path']}/{identity}", None, item["row"])
    rows.insert(_behind(rows, item["behind"]), item["row"])
    return data


def _remove(data: Data, item: RoundRow) -> Data:
    rows = at(data, item["path"])
    identity = item["row"][ID]
    place = _place(rows, identity, item["path"])
    if rows[place] != item["row"]:
        raise Clash(f"{item['path']}/{identity}", rows[place], None)
    del rows[place]
    return data


def _move(data: Data, item: RoundRow) -> Data:
    rows = at(data, item["path"])
    row = rows.pop(_place(rows, item["id"], item["path"]))
    rows.insert(_behind(rows, item["after"]), row)
    return data


def _replace(data: Data, item: RoundRow) -> Data:
    if data != item["before"]:
        raise Clash("", data, item["after"])
    after: Data = item["after"]
    return after


_DO = {"set": _set, "add": _add, "remove": _remove, "move": _move, "replace": _replace}


def _behind(rows: list[Data], identity: str) -> int:
    """The place behind a row; the end when that row is gone."""
    if not identity:
        return 0
    return next((place + 1 for place, row in enumerate(rows) if row[ID] == identity), len(rows))


def _place(rows: list[Data], identity: str, path: str) -> int:
    for place, row in enumerate(rows):
        if row[ID] == identity:
            return place
    raise Lost(path)


def _step(found: Any, part: str, path: str) -> Any:
    if isinstance(found, list):
        for row in found:
            if isinstance(row, dict) and row.get(ID) == part:
                return row
    elif isinstance(found, dict) and part in found and part != ID:
        return found[part]
    raise Lost(path)


def _lists(data: Any, shape: tuple[str, ...]) -> Iterator[list[Data]]:
    if not shape:
        yield data
    elif shape[0] == "*":
        for row in data:
            yield from _lists(row, shape[1:])
    elif shape[0] in data:
        yield from _lists(data[shape[0]], shape[1:])
