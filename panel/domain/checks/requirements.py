"""What is missing or not in order: one list, from the same rules everywhere (G10, G29, R05).

Three sources: what the round marks as required on fields and slots, what HR's material table still asks,
and the round's requirement rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from models.application import Application
from models.checks import Check
from models.choices import Choice, Severity
from models.form_spec import CHOICE_SECTION, RequirementSpec, SectionShape, SectionSpec
from models.messages import M
from panel.domain.calendar import local_date
from panel.domain.checks import case_checks, content_checks, count_checks, date_checks
from panel.domain.checks.agreement import agreement_findings
from panel.domain.checks.findings import Case, CheckFunction, Finding, RequirementAtWork
from panel.domain.checks.groups import group_findings
from panel.domain.checks.required import content_findings, slot_findings
from panel.domain.rounds.conditions import Content, applies_to_case
from panel.domain.rounds.parts import AskedForm

CHECKS: dict[Check, CheckFunction] = {
    Check.FILLED: content_checks.filled,
    Check.EMPTY: content_checks.empty,
    Check.COUNT: count_checks.count,
    Check.COUNT_DISTINCT: count_checks.count_distinct,
    Check.SUM: count_checks.total,
    Check.SUM_PER_YEAR: count_checks.total_per_year,
    Check.EACH_YEAR: count_checks.each_year,
    Check.UNIQUE: content_checks.unique,
    Check.DISTINCT: content_checks.distinct,
    Check.NEWEST_EQUALS: content_checks.newest_equals,
    Check.NEWEST_ONE_OF: content_checks.newest_one_of,
    Check.ONE_OF: content_checks.one_of,
    Check.NUMBER_WITHIN: content_checks.number_within,
    Check.EQUALS_FACT: content_checks.equals_fact,
    Check.NOT_EARLIER: content_checks.not_earlier,
    Check.NOT_LATER: content_checks.not_later,
    Check.NOT_FUTURE: content_checks.not_future,
    Check.YEARS_MATCH: date_checks.years_match,
    Check.YEARS_SINCE: date_checks.years_since,
    Check.YEARS_BY_DEGREE: date_checks.years_by_degree,
    Check.YEARS_COVERED: date_checks.years_covered,
    Check.NOT_OVERLAPPING: date_checks.not_overlapping,
    Check.AGE: date_checks.age,
    Check.VALID_FOR: date_checks.valid_for,
    Check.CLAUSE_OF_EDITION: content_checks.clause_of_edition,
    Check.EVIDENCE_NAMED: content_checks.evidence_named,
    Check.PHOTO: case_checks.photo,
    Check.ATTACHED: case_checks.attached,
    Check.MONTHS_COVERED: case_checks.months_covered,
    Check.IN_SERVICE: case_checks.in_service,
    Check.NOT_SANCTIONED: case_checks.not_sanctioned,
    Check.NOT_BARRED: case_checks.not_barred,
    Check.KIND_FITS: case_checks.kind_fits,
    Check.LEVEL_FITS: case_checks.level_fits,
    Check.COMMITTEE_FITS: case_checks.committee_fits,
}


class Status(Choice):
    """How far a section is."""

    NOT_STARTED = "not_started", M("未开始")
    ATTENTION = "attention", M("需要处理")
    DONE = "done", M("已完成")


def unmet(application: Application, now: datetime) -> list[Finding]:
    """Everything that isn't in order, in the order of the form; what was chosen at the start comes first."""
    return unmet_in(Case(AskedForm(application), local_date(now)))


def unmet_in(case: Case) -> list[Finding]:
    """The same of a case that was looked at already; who asks more than once keeps a `CaseContent`."""
    found = [*content_findings(case), *agreement_findings(case), *slot_findings(case), *_of_rows(case)]
    order = {key: place for place, key in enumerate([CHOICE_SECTION, *case.sections])}
    entries = {
        entry.uid: place
        for section in case.sections.values()
        if section.shape is SectionShape.LIST
        for place, entry in enumerate(case.entries(section))
    }
    # sorted() is stable: inside an entry or record, findings keep the order of fields, then of rows
    return sorted(found, key=lambda one: (order.get(one.section, 0), entries.get(one.entry, -1)))


def _of_rows(case: Case) -> Iterator[Finding]:
    for spec in applying(case):
        if not spec.group:
            yield from CHECKS[spec.check](RequirementAtWork(spec, case))
    yield from group_findings(case, applying(case), CHECKS)


def applying(case: Case) -> Iterator[RequirementSpec]:
    """The requirement rows that apply to the case, those of groups included."""
    for spec in case.spec.requirements:
        if spec.section != CHOICE_SECTION and spec.section not in case.sections:
            continue
        if applies_to_case(spec.when, case.application):
            yield spec


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those of `findings` that stand in the way of submitting."""
    return [finding for finding in findings if finding.severity is Severity.BLOCKING]


def progress(asked: AskedForm, findings: Iterable[Finding]) -> dict[str, Status]:
    """How far each visible section is: untouched, with something to see to, or done.

    What is left for HR to judge doesn't keep a section from being done.
    """
    attention = {finding.section for finding in findings if finding.severity is not Severity.JUDGE}
    found: dict[str, Status] = {}
    for section in asked.sections:
        if not _is_started(asked.application, section):
            found[section.key] = Status.NOT_STARTED
        else:
            found[section.key] = Status.ATTENTION if section.key in attention else Status.DONE
    return found


def _is_started(application: Application, section: SectionSpec) -> bool:
    if section.shape is SectionShape.ATTACHMENTS:
        return bool(application.attachments)
    record = application.record(section.key)
    if section.shape is SectionShape.LIST:
        return bool(record.none or application.entries(section.key))
    return any(_is_typed(record, field.key) for field in section.fields if not field.source)


def _is_typed(content: Content, key: str) -> bool:
    return key in content.unread or content.get(key) is not None


def offered_value(case: Case, section: str, field: str) -> Any:
    """What a field could hold by the rest of the form: the years that the work history adds up to (G13)."""
    for spec in case.spec.requirements:
        if (spec.check, spec.section, spec.field) == (Check.YEARS_MATCH, section, field):
            return date_checks.offered_years(RequirementAtWork(spec, case))
    return None
