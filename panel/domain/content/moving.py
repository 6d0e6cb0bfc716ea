"""A case goes to another round of its year, as it is: the wrong series was chosen, and with it the committee.

What was entered stays in the document. Clauses mean something else in the other round's criteria and are
chosen anew; what the other round doesn't ask for is kept, but not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import RoundState
from models.field_spec import FieldType
from models.form_spec import SectionShape, SectionSpec
from models.material import MaterialEntry
from models.messages import M, Message
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.sections import Entry, SectionRecord
from models.values import ref_id
from panel.domain.content.entries import path_of
from panel.domain.rounds import offers
from panel.domain.rounds.parts import visible_sections


@dataclass(frozen=True)
class Left:
    """What the other round takes away: clauses to be chosen anew, and parts that it doesn't ask for."""

    clauses: int
    parts: list[Any]  # labels


@dataclass
class Unset:
    """Paths to clear, with the array filters that they name."""

    paths: list[str] = field(default_factory=list)
    filters: list[Mapping[str, Any]] = field(default_factory=list)


def targets(application: Application, own: bool, now: datetime) -> list[ReviewRound]:
    """The other rounds of the year in which the person could have applied; for oneself, open ones alone."""
    person = application.person
    states = [RoundState.OPEN.value] if own else [RoundState.OPEN.value, RoundState.CLOSED.value]
    found = ReviewRound.objects(year=application.year, state__in=states, id__ne=ref_id(application, "round"))
    return [
        round
        for round in found.order_by("code")
        if offers.committees_for(round.spec, person)
        and offers.kinds_for(round.spec, person)
        and (not own or offers.window(round, person, now).is_open)
    ]


def why_not(application: Application) -> Message | None:
    """Why the case can't leave its round, or None: what the material table gave is this round's (G24)."""
    held = MaterialEntry.objects(
        round=ref_id(application, "round"), person=ref_id(application, "person"), is_live=True, section__ne=""
    ).count()
    if not held:
        return None
    return M(
        "材料表里有本人在这个批次的 %(n)s 条内容，不能换批次。请人事部门先在材料表中撤下，换好后再导入。",
        n=held,
    )


def left_behind(application: Application, target: RoundSpec, edition: str = "") -> Left:
    """What `target` would not show as it is; without `edition`, no clause counts as the same."""
    known = {section.key for section in target.sections}
    parts: list[Any] = [
        section.label
        for section in visible_sections(application)
        if section.key not in known and _holds(application, section)
    ]
    slots = {slot.key for slot in target.slots}
    parts += [s.label for s in application.spec.slots if s.key not in slots and application.files(s.key)]
    return Left(len(_unset(application, target, edition).paths), parts)


def moved(
    application: Application, target: ReviewRound, edition: str
) -> tuple[dict[str, Any], list[str], list[Mapping[str, Any]]]:
    """What is set and unset in the document, and the array filters of the paths."""
    sets = {"round": target.id, "round_version": target.version, "series": target.series}
    unset = _unset(application, target.spec, edition)
    return sets, unset.paths, unset.filters


def _holds(application: Application, section: SectionSpec) -> bool:
    if section.shape is SectionShape.LIST:
        return bool(application.entries(section.key))
    record = application.record(section.key)
    return bool(record.values or record.entries)


def _unset(application: Application, target: RoundSpec, edition: str) -> Unset:
    """Clauses that don't say the same in `target`; keys are alike, what they stand for isn't."""
    said = {row.key: row.text for e in target.editions if e.key == edition for row in e.clauses}
    unset = Unset()
    for section, content, path in _contents(application):
        for spec in section.fields:
            held = content.get(spec.key) if spec.type is FieldType.CLAUSE else None
            if held is None:
                continue
            row = offers.clause(application, str(held))
            if row is not None and said.get(row.key) == row.text:
                continue
            place = path
            if isinstance(content, Entry):
                name = f"e{len(unset.filters)}"
                unset.filters.append({f"{name}.uid": content.uid})
                place = f"{path}.$[{name}]"
            inner = spec.key if spec.key in content.TYPED else f"values.{spec.key}"
            unset.paths.append(f"{place}.{inner}")
    return unset


def _contents(application: Application) -> Iterator[tuple[SectionSpec, Entry | SectionRecord, str]]:
    for section in application.spec.sections:
        if section.shape is SectionShape.LIST:
            for entry in application.entries(section.key):
                yield section, entry, path_of(section)
        elif section.shape is SectionShape.RECORD and section.key in application.sections:
            yield section, application.record(section.key), f"sections.{section.key}"
