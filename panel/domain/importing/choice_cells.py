"""What a cell with a choice means: the choice's key by its key, its label, or what people call it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from models.field_spec import Text
from models.messages import M, Message
from panel.domain.tables.cells import Unusable
from panel.domain.tables.recognise import plain

#: So many choices are named when none fits.
_NAMED = 8


class Choices:
    """The choices of a column: value by every name it has."""

    def __init__(self, options: Iterable[tuple[str, Any]], also: Mapping[str, str] | None = None) -> None:
        """`options`: (value, label as str, Text or Message); `also`: another name -> value."""
        self._by_name: dict[str, str] = {}
        self.labels: list[str] = []
        for value, label in options:
            names = [value, label.zh, label.en] if isinstance(label, Text) else [value, str(label)]
            self.labels.append(label.zh if isinstance(label, Text) else str(label))
            for name in filter(None, names):
                self._by_name.setdefault(plain(name), value)
        for name, value in (also or {}).items():
            self._by_name.setdefault(plain(name), value)

    def value(self, text: str, label: Any) -> str:
        """The value that `text` names; raises Unusable with what could be meant."""
        found = self._by_name.get(plain(text))
        if found is None:
            raise Unusable(self._refusal(text, label))
        return found

    def _refusal(self, text: str, label: Any) -> Message:
        near = get_close_matches(text, self.labels, n=1, cutoff=0.5)
        if near:
            return M(
                "“%(text)s”不在“%(label)s”的选项里。是不是“%(near)s”？",
                text=text[:40],
                label=label,
                near=near[0],
            )
        if not self.labels:
            return M("“%(label)s”还没有可选的内容，请先在系统里添加。", label=label)
        return M(
            "“%(text)s”不在“%(label)s”的选项里。可以填：%(options)s。",
            text=text[:40],
            label=label,
            options=Text.listing(self.labels, _NAMED),
        )
