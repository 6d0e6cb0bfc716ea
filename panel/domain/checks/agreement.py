"""What the applicant has yet to answer about HR's material table, as findings (G24).

Unanswered entries are the applicant's to see to, open disputes HR's: both stand in the way of submitting.
What the applicant added beside the table is HR's to judge, so that both never silently differ.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.choices import MaterialState, Severity
from models.form_spec import SectionShape, SectionSpec
from models.messages import M, Message
from panel.domain.checks.findings import Case, Finding
from panel.domain.rounds import printed_columns

_COVERS = ("G24",)


def agreement_findings(case: Case) -> Iterator[Finding]:
    """Entries of the material table not answered yet or under dispute, what is beside it or missing in it."""
    lists = [section for section in case.sections.values() if section.shape is SectionShape.LIST]
    has_table = any(entry.given for section in lists for entry in case.entries(section))
    for section in lists:
        for entry in case.entries(section):
            title = printed_columns.title(case.asked, entry) if entry.given else ""
            if entry.given and entry.agreement == MaterialState.PLACED:
                message = M("“%(entry)s”来自人事部门的材料表，请核对后确认，或提出异议", entry=title)
                yield _finding(section, message, entry.uid)
            elif entry.given and entry.agreement == MaterialState.DISPUTED:
                message = M("您对“%(entry)s”提出了异议，等人事部门处理后才能提交", entry=title)
                yield _finding(section, message, entry.uid)
            elif has_table and section.judged and not entry.given:
                title = printed_columns.title(case.asked, entry)
                yield _finding(section, _beside(title), entry.uid, Severity.JUDGE)
    if case.application.missing_reports and lists:
        home = next((section for section in lists if section.judged), lists[0])
        message = M("您反映材料表有遗漏，等人事部门处理后才能提交；也可以在“材料表核对”里撤回")
        yield _finding(home, message)


def _beside(title: object) -> Message:
    return M(
        "“%(entry)s”不在人事部门的材料表里，由人事部门判断；属于遗漏的，请在“材料表核对”里反映",
        entry=title,
    )


def _finding(
    section: SectionSpec, message: Message, entry: str = "", severity: Severity = Severity.BLOCKING
) -> Finding:
    return Finding(
        id=f"agreement.{section.key}",
        covers=_COVERS,
        severity=severity,
        section=section.key,
        message=message,
        entry=entry,
    )
