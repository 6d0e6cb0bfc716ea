"""Files that a reader of a case may not open are named by their slot alone (R23)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from models.application import Application
from panel.domain.actors import Actor
from panel.domain.people import disclosure
from views.admin.cases.content import Block
from views.admin.cases.lines import FieldLine, File


def close_files(blocks: list[Block], application: Application, actor: Actor) -> list[Block]:
    """`blocks` with the files marked closed that `actor` may not open."""

    def marked(files: Iterable[File]) -> list[File]:
        return [replace(file, is_closed=not may_open(file.record.slot)) for file in files]

    def may_open(slot: str) -> bool:
        return disclosure.may_open(application, slot, actor)

    def named(lines: Iterable[FieldLine]) -> list[FieldLine]:
        return [replace(line, files=tuple(marked(line.files))) if line.files else line for line in lines]

    for block in blocks:
        block.lines = named(block.lines)
        for row in (*block.rows, *block.removed):
            row.lines = named(row.lines)
            row.files = marked(row.files)
        for place in block.slots:
            place.files = marked(place.files)
        for slot in block.slots:
            if not may_open(slot.spec.key):
                slot.removed = []
    return blocks


def open_earlier_files(
    earlier: list[tuple[Any, list[dict[str, Any]]]], application: Application, actor: Actor
) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Of the files of earlier submissions those that `actor` may open."""
    kept = [
        (at, [row for row in files if disclosure.may_open(application, row["slot"], actor)])
        for at, files in earlier
    ]
    return [(at, files) for at, files in kept if files]
