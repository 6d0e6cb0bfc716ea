"""HR's material table as its owner's pages show it: each entry with what can be answered (G24)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.choices import MaterialState, MaterialStep, Settlement
from models.field_spec import Text
from models.material import MaterialEntry
from models.messages import Message
from models.sections import Entry
from models.states import IN_HAND
from panel.domain.material import answers
from panel.domain.material.columns import table_sections
from views.my.base import address
from views.my.case import Case
from views.shared.material_forms import facts_of, kind_words

#: The badge of a state.
TONES = {
    "waiting": "wait",
    "placed": "act",
    "confirmed": "good",
    "disputed": "wait",
    "settled": "good",
    "withdrawn": "quiet",
}


@dataclass
class MaterialRow:
    """One entry of the table as its owner sees it."""

    case: Case
    row: MaterialEntry

    @property
    def state(self) -> MaterialState:
        """How far it is."""
        return MaterialState(self.row.state)

    @property
    def tone(self) -> str:
        """The badge's colour."""
        return TONES[self.row.state]

    @property
    def kind(self) -> Any:
        """项目, 奖励, 论文."""
        return kind_words(self.case.application.round, self.row)

    @property
    def facts(self) -> list[tuple[Text, str]]:
        """What the table says."""
        values = self.row.dispute.proposed if self.row.is_missing else self.row.values
        return facts_of(self.case.application.round, self.row, values)

    @property
    def proposed(self) -> list[tuple[Text, str]]:
        """What the applicant says it should be."""
        if self.row.dispute is None or self.row.is_missing:
            return []
        return facts_of(self.case.application.round, self.row, self.row.dispute.proposed)

    @property
    def can_answer(self) -> bool:
        """Whether answers are taken now."""
        return self.case.application.state in IN_HAND

    @property
    def can_confirm(self) -> bool:
        """Whether it waits for an answer."""
        return self.can_answer and self.state is MaterialState.PLACED

    @property
    def can_unconfirm(self) -> bool:
        """Whether the confirmation can be taken back."""
        return self.can_answer and self.state is MaterialState.CONFIRMED

    @property
    def can_dispute(self) -> bool:
        """Whether it can be questioned; not again once HR has decided to keep it."""
        answered = self.row.decision is not None and self.row.decision.outcome == Settlement.KEPT
        return (
            self.can_answer
            and not self.row.is_missing
            and self.state in (MaterialState.PLACED, MaterialState.CONFIRMED, MaterialState.SETTLED)
            and not (self.state is MaterialState.SETTLED and answered)
        )

    @property
    def can_retract(self) -> bool:
        """Whether the dispute or report can be taken back."""
        return self.can_answer and self.state is MaterialState.DISPUTED

    @property
    def outcome(self) -> Message | None:
        """How HR settled it."""
        return Settlement(self.row.decision.outcome).label if self.row.decision else None

    @property
    def changed_by_hr(self) -> bool:
        """Whether HR changed it after it first came, so that it is to be read anew."""
        steps = [deed for deed in self.row.history if deed.what == MaterialStep.CHANGE]
        return self.can_confirm and bool(steps)

    def url(self, page: str) -> str:
        """The address of one of its pages."""
        return address(page, self.case.application, uid=self.row.uid)

    @property
    def form_url(self) -> str:
        """Its place in the form, where the rest is filled in."""
        return self.case.entry_url(self.row.section, self.row.uid)


@dataclass
class MaterialTable:
    """The whole table of one person with what is to be answered."""

    case: Case

    @cached_property
    def rows(self) -> list[MaterialRow]:
        """What is in the table now, then what was reported missing."""
        found = answers.entries_of(self.case.application)
        return [MaterialRow(self.case, row) for row in sorted(found, key=lambda row: row.is_missing)]

    @cached_property
    def closed(self) -> list[MaterialRow]:
        """Disputes that ended with the entry staying out, with HR's words."""
        return [MaterialRow(self.case, row) for row in answers.closed_of(self.case.application)]

    @property
    def open(self) -> list[MaterialRow]:
        """What waits for the applicant."""
        return [row for row in self.rows if row.can_confirm]

    @property
    def disputed(self) -> list[MaterialRow]:
        """What waits for HR."""
        return [row for row in self.rows if row.state is MaterialState.DISPUTED]

    @property
    def kinds(self) -> list[tuple[str, str, Any]]:
        """What can be reported missing: (section, kind, label)."""
        return [
            (section.key, kind.key, kind.label)
            for section in table_sections(self.case.spec)
            if self.case.section(section.key)
            for kind in section.kinds
        ]

    @property
    def can_report(self) -> bool:
        """Whether something missing can be reported now."""
        return self.case.application.state in IN_HAND


def row_of(case: Case, entry: Entry) -> MaterialRow | None:
    """The table's row of an entry in the form; None for the applicant's own."""
    if not entry.given:
        return None
    found = next((row for row in answers.entries_of(case.application) if row.uid == entry.uid), None)
    return MaterialRow(case, found) if found else None
