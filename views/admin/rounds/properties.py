"""The editor's properties form: what it shows of one row or mapping of a round's draft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from models import messages
from models.choices import Kind
from models.messages import Message
from models.review_round import ReviewRound
from models.round_draft import RoundDraft
from panel.domain.round_edit import tree
from panel.domain.round_edit.editor_parts import PARTS, Block, Part, part_of
from panel.domain.round_edit.properties import arguments as asked_for
from panel.domain.round_edit.properties import conditions, places, sentences, sources
from panel.domain.round_edit.properties.check_words import ARGUMENTS, CHECKS, Argument
from panel.domain.round_edit.properties.describe import described
from panel.domain.round_edit.properties.kinds import Described, Property, Widget
from panel.domain.round_edit.properties.named import ROSTER
from panel.domain.round_edit.tree import Data

ENDPOINT = "hr_rounds"
_BLOCKS = tuple(block for part in PARTS for block in part.blocks if block.properties)


@dataclass
class PropertiesForm:
    """One properties form. `sent` is what its controls show, by name: as stored, or as typed."""

    round: ReviewRound
    draft: RoundDraft
    path: str
    sent: dict[str, list[str]]
    only: tuple[str, ...] = ()  # of a mapping that stands in several blocks
    errors: dict[str, Message] = field(default_factory=dict)
    contested: list[Any] = field(default_factory=list)

    @property
    def data(self) -> Data:
        """The draft as it is now."""
        return dict(self.draft.data)

    @property
    def described(self) -> Described:
        """What kind of row or mapping this is."""
        known = described(self.path)
        if known is None:
            raise LookupError(self.path)
        return known

    @property
    def row(self) -> Data:
        """The row or mapping as stored in the draft."""
        return dict(tree.at(self.data, self.path))

    @property
    def name(self) -> Any:
        """What the form is about."""
        if self.path:
            return sentences.place(self.data, self.path)
        return next((block.title for block in _BLOCKS if block.properties == self.only), self.described.name)

    @property
    def properties(self) -> list[Property]:
        """Those that this row has, given what it is."""
        return [item for item in self.described.properties if self._is_shown(item)]

    def _is_shown(self, item: Property) -> bool:
        if self.only:
            return item.name in self.only
        if item.types and (self.text("type") or self.row.get("type")) not in item.types:
            return False
        if item.lists_only and sources.section_of(self.data, self.path).get("shape") != "list":
            return False
        if item.widget is Widget.ARGUMENTS:
            return bool(self.arguments)
        if item.name == "label" and "check" in self.row:
            return bool(self.row["group"] or self.text("group") or self.text("label"))
        return item.widget is not Widget.TEMPLATES or bool(self.choices(item))

    def is_fixed(self, item: Property) -> bool:
        """Whether the property can't change any more, since what people entered depends on it."""
        return item.fixed and tree.get(tree.with_ids(self.round.data), self.path) is not None

    # --- what controls show ------------------------------------------------------------------------

    def text(self, name: str) -> str:
        """The control's text."""
        return (self.sent.get(name) or [""])[-1]

    def texts(self, name: str) -> list[str]:
        """All values of the control."""
        return self.sent.get(name) or []

    def choices(self, item: Property) -> list[tuple[Any, Any]]:
        """What can be chosen; a stored value that isn't offered any more is kept to choose."""
        offered = list(item.choices or sources.choices(item.source, self.data, self.path))
        if item.widget is Widget.TEMPLATES:
            return offered
        known = {str(value) for value, _label in offered}
        held = self.row.get(item.name)
        gone = [one for one in (held if isinstance(held, list) else [held]) if one and str(one) not in known]
        return [*offered, *((one, messages.M("（已移除）")) for one in gone)]

    @property
    def section(self) -> Data:
        """The section that the row belongs to or looks at."""
        return sources.section_of(self.data, self.path)

    @property
    def levels(self) -> list[tuple[str, Any]]:
        """The round's levels."""
        return sources.choices("levels", self.data)

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        """The kinds of application of the round, and others that a condition still names."""
        return [(kind.value, kind.label) for kind in Kind if kind.value in self.data["kinds"]]

    @property
    def asks_content(self) -> bool:
        """Whether conditions here may ask for what was entered."""
        shape = tree.shape_of(self.path)
        return shape in {("sections", "*", "fields", "*"), ("requirements", "*")}

    @property
    def entry_kinds(self) -> list[tuple[str, Any]]:
        """The kinds of entry that a condition may name."""
        rows = self.section.get("kinds", []) if self.asks_content else []
        return [(row["key"], sources.text_of(row["label"])) for row in rows]

    @property
    def closed_fields(self) -> list[tuple[str, Any, list[tuple[Any, Any]]]]:
        """The fields that a condition may ask for: key, label and values."""
        if not self.asks_content:
            return []
        own = self.row.get("key")
        return [
            (key, sources.text_of(one["label"]), values)
            for key, one in sources.distinct_fields(self.section).items()
            if key != own and (values := sources.value_choices(self.section, key))
        ]

    @property
    def roster_dates(self) -> list[tuple[str, Any]]:
        """The dates of the roster that a condition may ask for."""
        return [(key, ROSTER[key]) for key in ("joined_on", "work_start", "title_approved_on", "birth_date")]

    def sentence(self, name: str) -> Any:
        """The stored condition in words."""
        return conditions.sentence(self.data, self.row.get(name), self.section)

    # --- requirements ------------------------------------------------------------------------------

    @property
    def check(self) -> tuple[Message, Message]:
        """What the requirement's check is called and finds."""
        return CHECKS[self.row["check"]]

    @property
    def asked(self) -> Data:
        """The requirement, looking where the form says."""
        row = self.row
        place = self.text("place")
        if place.count("/") == 1:
            row["section"], row["field"] = place.split("/")
        return row

    @property
    def place_groups(self) -> list[asked_for.Group]:
        """Where the check can look."""
        return asked_for.place_groups(self.data, self.row["check"])

    @property
    def arguments(self) -> list[tuple[str, Argument, bool]]:
        """What the check is told: name, description and whether it is needed."""
        check = self.row.get("check", "")
        return [
            (name, ARGUMENTS[name], asked_for.is_needed(check, name)) for name in asked_for.names_of(check)
        ]

    def argument_groups(self, name: str) -> list[asked_for.Group]:
        """What can be chosen for an argument."""
        return asked_for.argument_groups(self.data, self.asked, name)

    @property
    def entry_choices(self) -> list[Any]:
        """By what entries can be picked."""
        return asked_for.entry_choices(self.data, self.asked)

    @property
    def value_choices(self) -> list[Any]:
        """The values of the field that is looked at."""
        return asked_for.value_choices(self.data, self.asked)

    @property
    def number_fields(self) -> list[Any]:
        """The numbers of the list that is looked at."""
        section = sources.section_named(self.data, self.asked["section"])
        return sources.field_choices(section, frozenset({"number"}))

    @property
    def degree_choices(self) -> list[Any]:
        """The degrees that need a number of years."""
        return asked_for.degree_choices(self.data, self.row)

    @property
    def places(self) -> list[str]:
        """The names that a text may hold in braces."""
        if "check" in self.row or tree.shape_of(self.path)[:1] == ("groups",):
            return list(places.of_messages().values())
        return list(places.of_section(self.section).values())


def blocks_of(part: Part) -> list[tuple[int, Block]]:
    """The part's blocks with their numbers."""
    return list(enumerate(part.blocks))


def target(round: ReviewRound, data: Data, path: str) -> str:
    """The address where `path` is edited: its part, the section it is in, its form opened."""
    part = part_of(path)
    arguments_of_url: dict[str, Any] = {"id": round.id, "part": part.key}
    if path.startswith("sections/"):
        arguments_of_url["section"] = path.split("/")[1]
    holder = path
    while holder and (described(holder) is None or tree.get(data, holder) is None):
        holder = tree.parent_of(holder)[0]
    if holder:
        arguments_of_url["open"] = holder
    else:
        for number, block in blocks_of(part):
            if not block.path and path in block.properties:
                arguments_of_url |= {"open": "", "block": number}
    return url_for(f"{ENDPOINT}.part_view", **arguments_of_url)


def part_named(key: str) -> Part | None:
    """The part called `key`."""
    return next((part for part in PARTS if part.key == key), None)
