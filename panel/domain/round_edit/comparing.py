"""What differs between two rounds, or between a draft and what applies, in plain words by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.field_spec import Words
from models.messages import M
from panel.domain.round_edit import tree
from panel.domain.round_edit.editor_parts import PARTS, Part, part_of
from panel.domain.round_edit.properties import sentences, sources
from panel.domain.round_edit.properties.describe import described
from panel.domain.round_edit.tree import Data


@dataclass(frozen=True)
class Difference:
    """One place that differs: `before` is None for what is new, `after` for what is gone."""

    path: str
    where: Words
    before: Words | None
    after: Words | None
    is_moved: bool = False


def compare(before: Data, after: Data) -> list[Difference]:
    """All differences between two data with identities, in the order of the second."""
    return list(_mapping(before, after, "", before, after))


def by_part(differences: list[Difference]) -> list[tuple[Part, list[Difference]]]:
    """The differences in the editor's parts, those without any left out."""
    found: dict[str, list[Difference]] = {part.key: [] for part in PARTS}
    for difference in differences:
        found[part_of(difference.path).key].append(difference)
    return [(part, found[part.key]) for part in PARTS if found[part.key]]


def _mapping(old: Data, new: Data, path: str, before: Data, after: Data) -> Iterator[Difference]:
    known = described(path)
    names = [name for name in {**old, **new} if name != tree.ID]
    if {"section", "field"} <= set(names) and (old.get("section"), old.get("field")) != (
        new.get("section"),
        new.get("field"),
    ):
        place = f"{path}/place"
        yield Difference(
            place,
            sentences.place(after, place),
            sentences.requirement(before, old),
            sentences.requirement(after, new),
        )
    for name in names:
        here = f"{path}/{name}" if path else name
        if tree.is_list(here):
            yield from _rows(old.get(name, []), new.get(name, []), here, before, after)
        elif described(here) and isinstance(new.get(name), dict):
            yield from _mapping(old.get(name) or {}, new[name], here, before, after)
        elif old.get(name) != new.get(name) and known and known.property(name):
            yield Difference(
                here,
                sentences.place(after, here),
                sentences.value(before, here, old.get(name)),
                sentences.value(after, here, new.get(name)),
            )


def _rows(old: list[Data], new: list[Data], path: str, before: Data, after: Data) -> Iterator[Difference]:
    earlier = {row[tree.ID]: row for row in old}
    later = {row[tree.ID]: row for row in new}
    for identity, row in later.items():
        here = f"{path}/{identity}"
        if identity not in earlier:
            yield Difference(here, sentences.place(after, here), None, row_words(after, here, row))
        else:
            yield from _mapping(earlier[identity], row, here, before, after)
    for identity, row in earlier.items():
        if identity not in later:
            here = f"{path}/{identity}"
            yield Difference(here, sentences.place(before, here), row_words(before, here, row), None)
    shared = [identity for identity in earlier if identity in later]
    if shared != [identity for identity in later if identity in earlier]:
        yield Difference(path, _list_name(after, path), None, None, is_moved=True)


def _list_name(data: Data, path: str) -> Words:
    above, name = tree.parent_of(path)[0], sentences.list_name(path)
    if not above:
        return name
    return M("%(outer)s › %(inner)s", outer=sentences.place(data, above), inner=name)


def row_words(data: Data, path: str, row: Any) -> Words:
    """A whole row in a few words."""
    if tree.shape_of(path) == ("requirements", "*"):
        return sentences.requirement(data, row)
    inside = row.get("fields") or row.get("clauses")
    if inside:
        return M("%(name)s（%(n)s 项）", name=sentences.row_name(path, row), n=len(inside))
    return sentences.row_name(path, row) if described(path) else sources.text_of(row.get("label"))
