"""Performance, publications and attachments (G18-G28).

Each test starts from an application in which nothing is missing and changes one thing.
"""

from __future__ import annotations

import pytest

from models.choices import Severity
from models.sections import SectionRecord
from models.values import PartialDate
from panel.domain.checks.findings import Finding
from tests.contents import (
    attachment,
    attachments,
    award,
    book,
    job,
    make_complete,
    make_lecturer,
    only,
    paper,
    places,
    project,
    qualification,
    said,
    unmet,
)
from tests.factories import make_round

pytestmark = pytest.mark.usefixtures("database")


# --- G18 to G24: performance and publications ---


def test_award_before_the_present_title_blocks() -> None:  # G18
    entry = award(start=PartialDate(2018, 11))
    finding = only(make_complete(achievements=[entry]))
    assert (finding.entry, finding.field, finding.severity) == (entry.uid, "start", Severity.BLOCKING)
    assert "获奖时间 2018年11月 早于现职称的批准日期 2018年12月20日" in said(finding)


def test_award_in_the_month_of_the_approval_counts() -> None:  # G18
    assert unmet(make_complete(achievements=[award(start=PartialDate(2018, 12))])) == []


def test_project_begun_before_and_finished_after_is_for_hr_to_judge() -> None:  # G18
    entry = project(start=PartialDate(2017, 1))
    finding = only(make_complete(achievements=[entry]))
    assert (finding.severity, finding.field) == (Severity.JUDGE, "start")


def test_project_finished_before_the_present_title_blocks() -> None:  # G18
    entry = project(start=PartialDate(2016, 1), end=PartialDate(2018, 6))
    assert places(make_complete(achievements=[entry])) == [("performance", "end")]


def test_paper_before_the_present_title_blocks() -> None:  # G18, G23
    entry = paper(start=PartialDate(2018, 5))
    assert places(make_complete(achievements=[project(), entry])) == [("publications", "start")]


@pytest.mark.parametrize("field", ["name", "start", "rank", "grade", "awarder", "clause"])
def test_award_asks_for_what_the_guide_says(field: str) -> None:  # G19
    assert places(make_complete(achievements=[award(**{field: None})])) == [("performance", field)]


@pytest.mark.parametrize("field", ["category", "name", "start", "rank", "status", "source", "clause"])
@pytest.mark.parametrize("kind", ["project", "topic"])
def test_project_and_topic_ask_for_what_the_guide_says(field: str, kind: str) -> None:  # G20
    entry = project(**{field: None})
    entry.kind = kind
    assert places(make_complete(achievements=[entry])) == [("performance", field)]


def test_finished_project_needs_its_end() -> None:  # G20
    assert places(make_complete(achievements=[project(end=None)])) == [("performance", "end")]


def test_unfinished_project_has_no_end() -> None:  # G20
    entry = project(status="ongoing")
    finding = only(make_complete(achievements=[entry]))
    assert (finding.id, finding.field) == ("unfinished-has-no-end", "end")
    assert unmet(make_complete(achievements=[project(status="ongoing", end=None)])) == []


def test_award_may_end_or_not() -> None:  # G19
    assert unmet(make_complete(achievements=[award(end=PartialDate(2022, 10))])) == []


def test_tick_for_none_stands_in_for_performance() -> None:  # G21
    application = make_complete(achievements=[], sections={"performance": SectionRecord(none=True)})
    assert unmet(application) == []


def test_tick_for_none_contradicts_entries() -> None:  # G21
    application = make_complete(sections={"performance": SectionRecord(none=True)})
    finding = only(application)
    assert (finding.id, finding.section) == ("contradiction.performance", "performance")
    assert "“确无相应业绩”，却还有 2 条内容" in said(finding)


@pytest.mark.parametrize("clause", ["m1", "o1", "gone", "a6"])
def test_clause_of_another_level_edition_or_section_is_refused(clause: str) -> None:  # G18, G22
    finding = only(make_complete(achievements=[project(clause=clause)]))
    assert (finding.id, finding.field) == ("performance-clause", "clause")
    assert "江城理工学院教师职称评审标准（2025 版）" in said(finding)


def test_clause_of_the_edition_that_applies_is_accepted() -> None:  # G22
    person = make_lecturer(
        title="助教",
        title_level="junior",
        joined_on=PartialDate(2015, 7),
    )
    application = make_complete(
        person=person,
        level="middle",
        edition="2017",
        qualification=qualification(title1_name="助教"),
        achievements=[project(clause="o2"), paper(clause="o5")],
        attachments=attachments(months=36),
    )
    assert unmet(application) == []


@pytest.mark.parametrize("field", ["journal", "start", "clause", "authorship"])
def test_paper_asks_for_what_the_guide_says(field: str) -> None:  # G23
    entry = paper(**{field: None})
    assert places(make_complete(achievements=[project(), entry])) == [("publications", field)]


@pytest.mark.parametrize("field", ["publisher", "start", "clause"])
def test_book_asks_for_what_the_guide_says(field: str) -> None:  # G23
    entry = book(**{field: None})
    assert places(make_complete(achievements=[project(), entry])) == [("publications", field)]


def test_having_no_publication_does_not_block() -> None:  # G23
    assert unmet(make_complete(achievements=[project()])) == []


def test_entry_without_evidence_is_a_warning() -> None:  # R07
    entry = project()
    entry.evidence = []
    finding = only(make_complete(achievements=[entry]))
    assert (finding.severity, finding.entry) == (Severity.WARNING, entry.uid)


def test_evidence_that_was_removed_does_not_count() -> None:  # R07
    files = [a for a in attachments() if a.slot != "achievement_evidence"]
    found = unmet(make_complete(achievements=[paper(), project()], attachments=files))
    assert [f.id for f in found] == ["performance-evidence", "publications-evidence"]


def test_achievement_after_the_cut_off_blocks() -> None:
    dates = {
        "opens": "2026-09-01",
        "closes": "2026-12-31",
        "achievements_until": "2023-05-16",
        "years_until": "2026-12-31",
    }
    application = make_complete(
        round=make_round(dates=dates), achievements=[project(), paper(start=PartialDate(2023, 6))]
    )
    assert places(application) == [("performance", "end"), ("publications", "start")]


# --- G25 to G28: attachments ---


@pytest.mark.parametrize(
    ("level", "months"), [("junior", 12), ("middle", 36), ("associate", 60), ("senior", 60)]
)
def test_insurance_statement_covers_the_months_of_the_level(level: str, months: int) -> None:  # G25
    def insured(covered: int) -> list[Finding]:
        application = make_complete(level=level, attachments=attachments(months=covered))
        return [f for f in unmet(application) if f.slot == "social_insurance"]

    assert insured(months) == []
    (finding,) = insured(months - 1)
    assert finding.covers == ("G25",)
    assert finding.severity is Severity.BLOCKING
    assert said(finding) == (f"“社保缴费明细”须覆盖近 {months} 个月，现有的只覆盖 {months - 1} 个月，请补充")


def test_several_insurance_statements_add_up() -> None:  # G25
    files = [*attachments(months=36), attachment("social_insurance", months=24)]
    assert unmet(make_complete(attachments=files)) == []


def test_insurance_statement_without_its_months_is_asked_for_them() -> None:  # G25
    finding = only(make_complete(attachments=attachments(months=None)))
    assert (finding.section, finding.slot) == ("attachments", "social_insurance")
    assert said(finding) == "请填写“社保缴费明细”每份文件覆盖的月数"


@pytest.mark.parametrize(
    ("slot", "row"),
    [
        ("social_insurance", "G25"),
        ("title_certificate", "G26"),
        ("qualification_certificate", "G27"),
        ("material_table", "G28"),
    ],
)
def test_attachment_is_required(slot: str, row: str) -> None:  # G25 to G28
    finding = only(make_complete(attachments=[a for a in attachments() if a.slot != slot]))
    assert (finding.section, finding.slot, finding.covers) == ("attachments", slot, (row,))
    assert said(finding).startswith("请上传“")


def test_laboratory_series_needs_no_professional_qualification() -> None:  # G27
    person = make_lecturer(series="lab", title_series="lab", title="实验师")
    application = make_complete(
        person=person,
        round=make_round("lab"),
        qualification=qualification(current_work="lab", title1_name="实验师"),
        work_history=[job(work_type="lab")],
        achievements=[project(clause="a1"), paper(clause="a5")],
        attachments=[a for a in attachments() if a.slot != "qualification_certificate"],
    )
    assert unmet(application) == []


def test_too_many_files_in_a_slot_are_a_finding() -> None:
    files = [*attachments(), *(attachment("material_table") for _ in range(5))]
    finding = only(make_complete(attachments=files))
    assert finding.slot == "material_table"
    assert "最多 5 份，现有 6 份" in said(finding)
