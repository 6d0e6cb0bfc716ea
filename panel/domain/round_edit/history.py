"""A draft's changes in plain words: what, where, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.field_spec import Words
from models.messages import M, Message
from models.round_draft import RoundChange
from panel.domain.round_edit import comparing, tree
from panel.domain.round_edit.properties import sentences
from panel.domain.round_edit.tree import Data, RoundRow


@dataclass(frozen=True)
class HistoryLine:
    """One thing that a change did."""

    what: Message
    where: Words
    before: Words | None = None
    after: Words | None = None


def lines(change: RoundChange, data: Data) -> list[HistoryLine]:
    """What `change` did; `data` is the draft, whose names are used as long as they are there."""
    return [line for item in change.items for line in _LINES[item["do"]](item, data)]


def _set(item: RoundRow, data: Data) -> Iterator[HistoryLine]:
    path = item["path"]
    if tree.parent_of(path)[1] == "section" and tree.shape_of(path)[:1] == ("requirements",):
        return  # said together with the field
    yield HistoryLine(
        M("修改"),
        sentences.place(data, path),
        sentences.value(data, path, item["before"]),
        sentences.value(data, path, item["after"]),
    )


def _row(what: Message) -> Any:
    def line(item: RoundRow, data: Data) -> Iterator[HistoryLine]:
        path = f"{item['path']}/{item['row'][tree.ID]}"
        content = comparing.row_words(data, path, item["row"])
        above = tree.parent_of(item["path"])[0]
        if above:
            content = M("%(outer)s › %(inner)s", outer=sentences.place(data, above), inner=content)
        yield HistoryLine(what, content)

    return line


def _move(item: RoundRow, data: Data) -> Iterator[HistoryLine]:
    yield HistoryLine(M("调整次序"), sentences.place(data, f"{item['path']}/{item['id']}"))


def _replace(item: RoundRow, data: Data) -> Iterator[HistoryLine]:
    differences = comparing.compare(item["before"], item["after"])
    yield HistoryLine(M("换成另一份内容"), M("%(n)s 处不同", n=len(differences)))


_LINES = {
    "set": _set,
    "add": _row(M("添加")),
    "remove": _row(M("移除")),
    "move": _move,
    "replace": _replace,
}
