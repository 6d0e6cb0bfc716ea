"""The pieces of HR's page of a case: a field with its value and what changed in it, and a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from models.sections import Attachment
from panel.domain.content.changes import How


@dataclass(frozen=True)
class File:
    """An attachment beside the claim it proves."""

    record: Attachment
    slot_label: Any
    how: How | None = None
    is_closed: bool = False  # named by its slot alone: this reader may not open it


@dataclass(frozen=True)
class FieldLine:
    """One field with its value as people read it."""

    key: str
    label: Any
    value: Any
    is_sealed: bool = False
    is_unread: bool = False
    is_long: bool = False
    is_changed: bool = False
    before: Any = ""
    group: Any = ""
    opens_group: bool = False
    files: tuple[File, ...] = ()  # that a field of files names

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """A long text that changed, as (same | gone | new, part); [] where both versions are read whole."""
        if not (self.is_changed and self.is_long and self.before and self.value) or self.is_sealed:
            return []
        return text_pieces(str(self.before), str(self.value))


#: A clause of a sentence: a change is shown by whole clauses, which people read, not by letters.
_CLAUSE = re.compile(r"[^，。；：！？、,.;:!?\n]+[，。；：！？、,.;:!?\n]*|[，。；：！？、,.;:!?\n]+")


def text_pieces(before: str, after: str) -> list[tuple[str, str]]:
    """What is the same, gone and new between two texts, in reading order."""
    old, new = _CLAUSE.findall(before), _CLAUSE.findall(after)
    pieces: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("same", "".join(old[a:b])))
            continue
        pieces += [
            (kind, text) for kind, text in (("gone", "".join(old[a:b])), ("new", "".join(new[c:d]))) if text
        ]
    return pieces
