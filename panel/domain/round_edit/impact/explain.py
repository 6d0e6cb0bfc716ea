"""What a round asks of one person, and why: sections, fields, attachments and requirements, each in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.application import Application
from models.choices import Severity
from models.field_spec import FieldSpec, Text
from models.form_spec import CHOICE_SECTION, RequirementSpec, SectionSpec, SlotSpec
from models.messages import M, Message
from panel.domain.checks import requirements
from panel.domain.checks.case_content import CaseContent
from panel.domain.checks.findings import Case, Finding
from panel.domain.checks.groups import Member, members
from panel.domain.checks.reasons import Reason, reasons
from panel.domain.checks.rule_words import rule_words
from panel.domain.rounds.parts import is_slot_required

_HIDDEN = Reason(M("本批次设为不显示"), False)


class Asked(StrEnum):
    """What is asked of this person."""

    REQUIRED = "required"
    SOMETIMES = "sometimes"  # of some entries, or once other fields are filled in
    OPTIONAL = "optional"
    LOCKED = "locked"  # from the roster
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class ExplainedItem:
    """A field, an attachment or a requirement: whether it applies, and why."""

    key: str
    label: Text | Message
    asked: Asked
    why: list[Reason] = field(default_factory=list)  # it applies or not; [] = it is for everybody
    why_required: list[Reason] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)  # what is not in order there now
    severity: Severity | None = None  # of a requirement
    covers: list[str] = field(default_factory=list)  # guide and law rows
    members: list[Member] = field(default_factory=list)  # of a group
    heading: Text | None = None  # of a field that opens a group of fields


@dataclass(frozen=True)
class ExplainedSection:
    """A section with its fields, attachments and requirements."""

    key: str
    label: Text | Message
    applies: bool
    why: list[Reason]
    fields: list[ExplainedItem] = field(default_factory=list)
    slots: list[ExplainedItem] = field(default_factory=list)
    requirements: list[ExplainedItem] = field(default_factory=list)


@dataclass(frozen=True)
class Explanation:
    """What the round asks of one application: the edition it is judged by, then all parts in order."""

    application: Application
    edition: Text
    edition_why: list[Reason]
    parts: list[ExplainedSection]
    groups: list[ExplainedItem]


def explain(application: Application, now: datetime) -> Explanation:
    """What is asked of `application`, stored or a stand-in, and why; and what is not in order with it now."""
    spec = application.spec
    content = CaseContent(application, now)
    case, found = content.case, content.findings
    edition = next((row for row in spec.editions if row.key == application.edition), None)
    parts = [_choice(case, found)]
    parts += [_part(case, section, found) for section in spec.sections]
    return Explanation(
        application,
        edition.label if edition else Text(zh=str(application.edition)),
        reasons(application, edition.when) if edition else [],
        parts,
        [_group(case, group.key) for group in spec.groups],
    )


def _choice(case: Case, found: Iterable[Finding]) -> ExplainedSection:
    """What is looked at before the form: the person, and the choice made at the start."""
    rows = [_requirement(case, row, None, found) for row in _rows(case, CHOICE_SECTION)]
    return ExplainedSection(CHOICE_SECTION, M("申报信息"), True, [], requirements=rows)


def _part(case: Case, section: SectionSpec, found: list[Finding]) -> ExplainedSection:
    application = case.application
    slots = application.spec.slots if section.shape == "attachments" else []
    return ExplainedSection(
        section.key,
        section.label,
        section.key in case.sections,
        reasons(application, section.when),
        [_field(application, section, field) for field in section.fields],
        [_slot(application, slot, found) for slot in slots],
        [_requirement(case, row, section, found) for row in _rows(case, section.key)],
    )


def _rows(case: Case, section: str) -> Iterator[RequirementSpec]:
    return (row for row in case.spec.requirements if row.section == section and not row.group)


def _field(application: Application, section: SectionSpec, field: FieldSpec) -> ExplainedItem:
    why = reasons(application, field.when, section)
    if not field.visible:
        return ExplainedItem(
            field.key, field.label, Asked.NOT_ASKED, [_HIDDEN], covers=field.covers, heading=field.group
        )
    needed = reasons(application, field.required_when, section) if field.required_when else []
    return ExplainedItem(
        field.key,
        field.label,
        _asked(field, why, needed),
        why,
        needed,
        covers=field.covers,
        heading=field.group,
    )


def _asked(field: FieldSpec, why: list[Reason], needed: list[Reason]) -> Asked:
    if any(reason.holds is False for reason in why):
        return Asked.NOT_ASKED
    if field.locked:
        return Asked.LOCKED
    if field.required:
        return Asked.REQUIRED if _is_sure(why) else Asked.SOMETIMES
    if field.required_when is None or any(reason.holds is False for reason in needed):
        return Asked.OPTIONAL
    return Asked.REQUIRED if _is_sure([*why, *needed]) else Asked.SOMETIMES


def _is_sure(why: list[Reason]) -> bool:
    return all(reason.holds for reason in why)


def _slot(application: Application, slot: SlotSpec, found: Iterable[Finding]) -> ExplainedItem:
    why = reasons(application, slot.when)
    needed = reasons(application, slot.required_when) if slot.required_when else []
    asked = Asked.OPTIONAL
    if any(reason.holds is False for reason in why):
        asked = Asked.NOT_ASKED
    elif is_slot_required(slot, application):
        asked = Asked.REQUIRED
    mine = [finding for finding in found if finding.slot == slot.key]
    return ExplainedItem(slot.key, slot.label, asked, why, needed, mine, covers=slot.covers)


def _requirement(
    case: Case, row: RequirementSpec, section: SectionSpec | None, found: Iterable[Finding]
) -> ExplainedItem:
    why = reasons(case.application, row.when, section)
    is_there = section is None or section.key in case.sections
    return ExplainedItem(
        row.id,
        rule_words(row, case.spec.sections, case.application.level),
        _applying(why, is_there),
        why,
        findings=[finding for finding in found if finding.id == row.id],
        severity=row.severity,
        covers=row.covers,
    )


def _applying(why: list[Reason], is_there: bool) -> Asked:
    if not is_there or any(reason.holds is False for reason in why):
        return Asked.NOT_ASKED
    return Asked.REQUIRED if _is_sure(why) else Asked.SOMETIMES


def _group(case: Case, key: str) -> ExplainedItem:
    group = next(group for group in case.spec.groups if group.key == key)
    why = reasons(case.application, group.when)
    judged = members(case, requirements.applying(case), group, requirements.CHECKS)
    return ExplainedItem(
        group.key,
        group.label,
        _applying(why, True),
        why,
        severity=group.severity,
        covers=group.covers,
        members=judged,
    )
