"""Who still lacks what, as a text for a chat group: names and what is missing, nothing personal besides.

Of a draft HR may know how far it is, not what it says (G30): sections, fields and slots are named by the
round's own labels, never by what was typed. The text is Chinese, as those read it whom it is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from models.application import Application
from models.form_spec import CHOICE_SECTION, SectionShape
from models.round_spec import RoundSpec
from models.states import IN_HAND
from models.values import PartialDate
from panel.domain.calendar import local_date
from panel.domain.checks import requirements
from panel.domain.checks.findings import Finding

#: More fields of one section are counted, not named.
_MOST_NAMED = 4


@dataclass(frozen=True)
class Lacking:
    """One person and what is missing; nothing: only the submission itself."""

    name: str
    parts: tuple[str, ...]
    until: date | None = None  # of a return, which has a day of its own

    @property
    def line(self) -> str:
        """林晓雯：基本信息（民族、联系电话）；附件（社保证明）"""
        lacks = "；".join(self.parts) if self.parts else "已填完，还没有提交"
        return f"{self.name}：{lacks}" + (f"（补正，{_chinese(self.until)}前）" if self.until else "")


def lacking(applications: Iterable[Application], now: datetime) -> list[Lacking]:
    """What each of `applications` that its applicant has in hand still lacks, in their order."""
    return [
        Lacking(
            application.name,
            tuple(_parts(application, now)),
            local_date(application.deadline) if application.deadline else None,
        )
        for application in applications
        if application.state in IN_HAND
    ]


def text(title: str, closes: date, rows: Sequence[Lacking]) -> str:
    """The message for the group of one round: what it is about, until when, and a line per person."""
    head = f"【{title}】以下 {len(rows)} 位老师还没有提交，请在 {_chinese(closes)}前补齐并提交："
    return "\n".join([head, *(f"{number}. {row.line}" for number, row in enumerate(rows, start=1))])


def _chinese(day: date) -> str:
    return PartialDate(day.year, day.month, day.day).chinese()


def _parts(application: Application, now: datetime) -> list[str]:
    found: dict[str, list[Finding]] = {}
    for finding in requirements.blocking(requirements.unmet(application, now)):
        found.setdefault(finding.section, []).append(finding)
    return [_part(application.spec, section, rows) for section, rows in found.items()]


def _part(spec: RoundSpec, key: str, findings: list[Finding]) -> str:
    if key == CHOICE_SECTION:
        return "申报信息"
    section = spec.section(key)
    if section.shape is SectionShape.LIST:
        return f"{section.label}（{len(findings)} 处）"
    labels = list(dict.fromkeys(filter(None, (_label(spec, key, finding) for finding in findings))))
    if not labels:
        return str(section.label)
    named = "、".join(labels[:_MOST_NAMED])
    return f"{section.label}（{named}{f'等 {len(labels)} 项' if len(labels) > _MOST_NAMED else ''}）"


def _label(spec: RoundSpec, section: str, finding: Finding) -> str:
    try:
        if finding.slot:
            return str(spec.slot(finding.slot).label)
        if finding.field == "photo":
            return "照片"
        return str(spec.section(section).field(finding.field).label) if finding.field else ""
    except KeyError:
        return ""
