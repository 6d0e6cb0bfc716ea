"""A correction by HR as pages show it: where, before and after, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.mend import OPEN_MENDS, Mend, MendState
from panel.domain.content import mending
from panel.domain.content.mending import MendPlace
from panel.domain.rounds import printed_columns
from panel.domain.rounds.parts import AskedForm


@dataclass(frozen=True)
class MendRow:
    """A correction with the words for its place."""

    row: Mend
    place: list[Any]

    @property
    def state(self) -> MendState:
        """What the applicant said."""
        return MendState(self.row.state)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a word."""
        return self.row.state in OPEN_MENDS


def rows(asked: AskedForm) -> list[MendRow]:
    """The corrections of the case, the newest first."""
    return [MendRow(row, place_words(asked, row)) for row in mending.of(asked.application)]


def place_words(asked: AskedForm, row: Mend) -> list[Any]:
    """Section, entry and field in words; what the form no longer has keeps its key."""
    application = asked.application
    spec = next((s for s in application.spec.sections if s.key == row.section), None)
    if spec is None:
        return [row.section, row.field]
    label = next((f.label for f in spec.fields if f.key == row.field), row.field)
    entry = None
    if row.entry:
        entry = next((e for e in application.entries(row.section) if e.uid == row.entry), None)
    return [spec.label, *([printed_columns.title(asked, entry)] if entry else []), label]


def title_of(asked: AskedForm, place: MendPlace) -> Any:
    """What the entry of a place is called; nothing for a record."""
    return printed_columns.title(asked, place.content) if place.entry else ""
