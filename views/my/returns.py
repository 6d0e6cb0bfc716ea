"""What HR or the office sent back, pinned to its places, and what the person has done about it (R09)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from models.field_spec import Text
from models.form_spec import SectionShape
from models.messages import Message
from models.sections import Return, ReturnItem
from models.states import REOPENED
from panel.domain.content.changes import Changes, by_applicant, changes_since, is_answered
from views.my.places import PlacedCase


@dataclass(frozen=True)
class ReturnedItem:
    """One thing HR wants corrected, with the link to it."""

    text: str
    place: Message | Text
    url: str
    section: str
    entry: str
    field: str
    is_answered: bool  # something was changed there since


class ReturnedCase(PlacedCase):
    """A case that may have been returned."""

    @property
    def running_return(self) -> Return | None:
        """The return that is being corrected."""
        if self.state not in REOPENED or not self.application.returns:
            return None
        return self.application.returns[-1]

    @cached_property
    def changes(self) -> Changes | None:
        """What is different since the running return."""
        running = self.running_return
        return changes_since(self.application, running) if running else None

    @cached_property
    def items(self) -> list[ReturnedItem]:
        """What HR or the office wants corrected, pinned."""
        running = self.running_return
        return [self._item(item) for item in running.items] if running else []

    @property
    def open_items(self) -> list[ReturnedItem]:
        """Those of `items` where nothing was changed yet."""
        return [item for item in self.items if not item.is_answered]

    def _item(self, item: ReturnItem) -> ReturnedItem:
        slot = ""
        spec = self.section(item.section)
        if spec is not None and spec.shape is SectionShape.ATTACHMENTS:
            slot = item.field or self._slot_of(item.entry)
        return ReturnedItem(
            item.text,
            self.place(item.section, item.entry, item.field, slot),
            self.link(item.section, "" if slot else item.entry, item.field, slot),
            item.section,
            item.entry,
            item.field,
            self._is_answered(item),
        )

    def _is_answered(self, item: ReturnItem) -> bool:
        return self.changes is not None and is_answered(by_applicant(self.changes, self.application), item)

    def _slot_of(self, uid: str) -> str:
        return next((a.slot for a in self.application.attachments if a.uid == uid), "")

    def items_at(self, section: str, entry: str | None = None) -> list[ReturnedItem]:
        """The items pinned to `section` or, if given, to one entry of it."""
        return [i for i in self.items if i.section == section and entry in (None, i.entry)]
