"""Groups of requirement rows, of which so many must be met: 2 of these 5.

A row of a group reports nothing by itself. It is met when its check finds nothing wrong and there was
something to look at; of rows that don't apply to a case nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from models.checks import ASKS_FOR, Check
from models.field_spec import Text
from models.form_spec import CHOICE_SECTION, GroupSpec, RequirementSpec
from panel.domain.checks.findings import Case, CheckFunction, Finding, Parameter, RequirementAtWork
from panel.domain.checks.rule_words import rule_words
from panel.domain.rounds.conditions import applies_to_case
from panel.domain.rounds.texts import fill_text, in_language


@dataclass(frozen=True)
class Member:
    """A row of a group as it stands: met, or what its check says is missing."""

    row: RequirementAtWork
    findings: list[Finding]
    is_met: bool

    @property
    def label(self) -> Text:
        """What it asks for: its own words, else its message."""
        case = self.row.case
        return rule_words(self.row.spec, case.spec.sections, case.application.level)


def members(
    case: Case,
    rows: Iterable[RequirementSpec],
    group: GroupSpec,
    checks: Mapping[Check, CheckFunction],
) -> list[Member]:
    """The rows of `group` that apply, each judged."""
    found = []
    for spec in rows:
        if spec.group == group.key:
            row = RequirementAtWork(spec, case)
            findings = list(checks[spec.check](row))
            found.append(Member(row, findings, not findings and _looked_at_something(row)))
    return found


def _looked_at_something(row: RequirementAtWork) -> bool:
    if row.spec.check in ASKS_FOR or row.spec.section == CHOICE_SECTION:
        return True
    return any(value is not None for _, _, value in row.values())


def group_findings(
    case: Case, rows: Iterable[RequirementSpec], checks: Mapping[Check, CheckFunction]
) -> Iterator[Finding]:
    """One finding per group of which too few rows are met; it points where the first of the others does."""
    applying = list(rows)
    for group in case.spec.groups:
        if not applies_to_case(group.when, case.application):
            continue
        judged = members(case, applying, group, checks)
        need, have = min(group.minimum, len(judged)), sum(member.is_met for member in judged)
        if have < need:
            yield _finding(group, [member for member in judged if not member.is_met], have, need)


def _finding(group: GroupSpec, unmet: list[Member], have: int, need: int) -> Finding:
    first = unmet[0]
    place = first.findings[0] if first.findings else first.row.finding()
    value = Text(
        zh="；".join(member.label.zh.rstrip("。；") for member in unmet),
        en="; ".join(in_language(member.label, "en").rstrip(".;") for member in unmet),
    )
    words: dict[str, Parameter] = {"have": have, "need": need, "value": value}
    return replace(
        place,
        id=group.key,
        covers=tuple(group.covers),
        severity=group.severity,
        message=fill_text(group.message, words),
    )
