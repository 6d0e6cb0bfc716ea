"""Rounds with one requirement row, or one group, for tests of a check: nothing else is wrong in them."""

from __future__ import annotations

from typing import Any

from models.application import Application
from models.choices import State
from models.review_round import ReviewRound
from models.sections import SectionRecord
from panel.domain.checks.findings import Finding
from tests.contents import make_complete, unmet
from tests.factories import make_round, shipped_data

#: A table of HR's own, with a column of every type that can be added up or compared.
HOURS: dict[str, Any] = {
    "key": "hours",
    "label": {"zh": "继续教育学时", "en": "Continuing education"},
    "shape": "list",
    "entry_title": "{course}",
    "fields": [
        {"key": "course", "label": "课程"},
        {"key": "year", "label": "年度", "type": "number"},
        {"key": "hours", "label": "学时", "type": "number", "decimals": 1},
        {"key": "period", "label": "起止时间", "type": "range", "open_end": True},
        {"key": "taken_on", "label": "日期", "type": "month"},
    ],
}


def row(check: str, section: str, field: str = "", **values: Any) -> dict[str, Any]:
    """A requirement row whose message shows all that its check says."""
    given = {
        "id": "own",
        "check": check,
        "section": section,
        "field": field,
        "message": "{field}|{entry}|{value}|{expected}|{have}|{need}",
    }
    return given | values


def round_of(*rows: dict[str, Any], **changes: Any) -> ReviewRound:
    """The teachers' round with these requirement rows alone, and HR's own table."""
    sections = shipped_data()["sections"]
    return make_round(requirements=list(rows), **({"sections": [*sections, HOURS]} | changes))


def case_of(*rows: dict[str, Any], changes: dict[str, Any] | None = None, **values: Any) -> Application:
    """A complete application in that round; `hours` are the entries of HR's own table."""
    hours = values.pop("hours", None)
    sections = values.pop("sections", {})
    if hours is not None:
        sections |= {"hours": SectionRecord(entries=hours, version=1)}
    round_ = round_of(*rows, **(changes or {}))
    return make_complete(State.DRAFT, round=round_, sections=sections, **values)


def found(*rows: dict[str, Any], changes: dict[str, Any] | None = None, **values: Any) -> list[Finding]:
    """What the row, or the group, finds in that application."""
    findings = unmet(case_of(*rows, changes=changes, **values))
    return [finding for finding in findings if finding.id in ("own", "own_group")]


def words(*rows: dict[str, Any], changes: dict[str, Any] | None = None, **values: Any) -> list[str]:
    """The Chinese messages of what is found."""
    return [str(finding.message) for finding in found(*rows, changes=changes, **values)]
