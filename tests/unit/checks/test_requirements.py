"""The list of what is missing as a whole: required marks, dates, order, progress (G09, G10, G29).

Each test starts from an application in which nothing is missing and changes one thing.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.application import Application
from models.choices import Severity
from models.field_spec import Text
from models.messages import M
from models.sections import SectionRecord
from models.values import PartialDate
from panel.domain.checks import requirements
from panel.domain.checks.case_content import CaseContent
from panel.domain.checks.findings import Finding
from panel.domain.checks.requirements import Status
from tests.contents import (
    attachments,
    award,
    basic,
    degree,
    job,
    make_complete,
    make_lecturer,
    only,
    paper,
    places,
    project,
    qualification,
    said,
    training,
    unmet,
    without,
)
from tests.factories import NOW, make_entry, make_record, make_round

pytestmark = pytest.mark.usefixtures("database")


# --- nothing missing ---


def test_complete_promotion_has_no_finding() -> None:
    assert unmet(make_complete()) == []


def test_complete_first_application_needs_no_present_title() -> None:  # G14
    person = make_lecturer(
        title=None, title_level=None, title_series=None, title_approved_on=None, joined_on=PartialDate(2024)
    )
    application = make_complete(
        person=person,
        kind="first",
        level="junior",
        qualification=make_record(current_work="teacher", years=2),
        work_history=[job(start=PartialDate(2024, 7))],
        achievements=[project(clause="j2")],
        attachments=[a for a in attachments(months=12) if a.slot != "title_certificate"],
    )
    assert unmet(application) == []


def test_empty_application_lists_everything_at_once() -> None:  # G10, G29
    application = make_complete(
        basic=make_record(),
        qualification=make_record(),
        education=[],
        work_history=[],
        achievements=[],
        assessments=[],
        attachments=[],
        photo=None,
    )
    assert places(application) == [
        ("basic", "name"),
        ("basic", "gender"),
        ("basic", "birth_date"),
        ("basic", "id_number"),
        ("basic", "ethnicity"),
        ("basic", "birth_place"),
        ("basic", "work_start"),
        ("basic", "health"),
        ("basic", "phone"),
        ("basic", "party"),
        ("basic", "graduated_on"),
        ("basic", "school"),
        ("basic", "major"),
        ("basic", "diploma"),
        ("basic", "degree"),
        ("basic", "duty_summary"),
        ("basic", "photo"),
        ("qualification", "current_work"),
        ("qualification", "years"),
        ("qualification", "title1_name"),
        ("qualification", "title1_approved_on"),
        ("qualification", "title1_authority"),
        ("qualification", "title1_number"),
        ("education", "is_basic"),
        ("education", "is_applied"),
        ("work_history", ""),
        ("performance", ""),
        ("attachments", "social_insurance"),
        ("attachments", "title_certificate"),
        ("attachments", "material_table"),
        ("attachments", "qualification_certificate"),
    ]


# --- G09, G10: what the form marks as required ---


def test_required_duty_summary_is_asked_for_though_the_old_form_has_no_star() -> None:  # G10
    finding = only(make_complete(basic=without(basic(), "duty_summary")))
    assert (finding.id, finding.covers) == ("required.basic.duty_summary", ("G10",))
    assert finding.severity is Severity.BLOCKING
    assert said(finding) == "请填写“任职以来主要工作业绩和履行岗位职责情况”"


def test_empty_choice_is_asked_for_as_a_choice() -> None:
    assert said(only(make_complete(basic=without(basic(), "health")))) == "请选择“身体状况”"


def test_locked_field_sends_the_person_to_hr() -> None:
    finding = only(make_complete(basic=without(basic(), "birth_date")))
    assert said(finding) == "人员名册中缺少“出生日期”，请联系单位人事部门补充"


def test_empty_field_of_an_entry_names_the_entry() -> None:
    entry = project(source=None)
    finding = only(make_complete(achievements=[entry]))
    assert (finding.section, finding.entry, finding.field) == ("performance", entry.uid, "source")
    assert said(finding) == "请为“湖北省教育厅科学研究计划项目 面向新工科的课程体系研究”填写“项目来源”"


def test_unread_value_is_a_finding_and_does_not_count_as_filled() -> None:
    record = basic()
    record.unread = {"phone": "12345"}
    finding = only(make_complete(basic=record))
    assert (finding.section, finding.field) == ("basic", "phone")
    assert said(finding).startswith("“联系电话”请填写 11 位手机号")


def test_unread_optional_value_blocks_too() -> None:
    entry = award()
    entry.unread = {"end": "去年"}
    finding = only(make_complete(achievements=[entry]))
    assert (finding.entry, finding.field, finding.severity) == (entry.uid, "end", Severity.BLOCKING)


def test_value_that_the_round_no_longer_offers_is_a_finding() -> None:
    finding = only(make_complete(basic=basic(health="splendid")))
    assert said(finding) == "“身体状况”只能从所列选项中选择"


def test_hidden_field_is_never_asked_for() -> None:
    application = make_complete()
    assert not application.exceptional
    assert all(f.field != "exceptional_reasons" for f in unmet(application))


def test_entry_without_kind_is_a_finding() -> None:
    entry = make_entry("performance", "", rank=1, clause="a1")
    entry.evidence = ["e" * 32]
    found = unmet(make_complete(achievements=[entry]))
    assert [(f.id, f.entry) for f in found] == [("kind.performance", entry.uid)]


# --- dates ---


@pytest.mark.parametrize(
    ("values", "section"),
    [
        ({"education": [degree(start=PartialDate(2012, 7), end=PartialDate(2012, 6))]}, "education"),
        ({"training": [training(PartialDate(2020, 5), PartialDate(2020, 4))]}, "training"),
        (
            {"work_history": [job(), job(start=PartialDate(2011, 5), end=PartialDate(2011, 4))]},
            "work_history",
        ),
        ({"achievements": [project(start=PartialDate(2024, 1))]}, "performance"),
    ],
)
def test_end_before_the_beginning_blocks(values: dict[str, Any], section: str) -> None:
    assert places(make_complete(**values)) == [(section, "end")]


def test_month_and_a_day_of_it_are_not_out_of_order() -> None:
    entry = training(PartialDate(2020, 5, 20), PartialDate(2020, 5))
    assert unmet(make_complete(training=[entry])) == []


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"basic": basic(graduated_on=PartialDate(2026, 10))}, ("basic", "graduated_on")),
        (
            {"qualification": qualification(current_post_since=PartialDate(2027, 1))},
            ("qualification", "current_post_since"),
        ),
        ({"education": [degree(end=PartialDate(2027, 6))]}, ("education", "end")),
        ({"training": [training(PartialDate(2026, 9), PartialDate(2026, 12))]}, ("training", "end")),
        ({"work_history": [job(end=PartialDate(2026, 10))]}, ("work_history", "end")),
        ({"achievements": [award(start=PartialDate(2026, 9, 16))]}, ("performance", "start")),
        ({"achievements": [project(), paper(start=PartialDate(2026, 11))]}, ("publications", "start")),
    ],
)
def test_date_that_has_not_come_blocks(values: dict[str, Any], place: tuple[str, str]) -> None:
    assert places(make_complete(**values)) == [place]


def test_today_and_the_running_month_have_come() -> None:
    entries = [award(start=PartialDate(2026, 9, 15)), project(end=PartialDate(2026, 9))]
    assert unmet(make_complete(achievements=entries)) == []


def test_year_of_appraisal_appears_once() -> None:
    rows = [make_entry("assessments", year=2025, result=result) for result in ("excellent", "qualified")]
    finding = only(make_complete(assessments=rows))
    assert (finding.entry, finding.field) == (rows[1].uid, "year")
    assert said(finding) == "考核结果中 2025年 年度填了两次，请删去一条。"


# --- the list as a whole ---


def test_only_blocking_findings_block() -> None:
    found = [
        Finding("a", (), severity, "basic", M("提示"))
        for severity in (Severity.BLOCKING, Severity.WARNING, Severity.JUDGE)
    ]
    assert requirements.blocking(found) == found[:1]


def test_findings_come_in_the_order_of_the_form() -> None:
    first, second = project(source=None), project(source=None)
    application = make_complete(
        level="senior",
        basic=without(basic(), "school"),
        achievements=[paper(journal=None), first, second],
        attachments=[],
    )
    found = [
        (f.section, f.entry)
        for f in unmet(application)
        if f.field in ("level", "school", "source", "journal")
    ]
    assert found == [
        ("choice", ""),
        ("basic", ""),
        ("performance", first.uid),
        ("performance", second.uid),
        ("publications", application.achievements[0].uid),
    ]


def test_row_for_other_kinds_levels_or_plain_applications_says_nothing() -> None:
    row = {
        "id": "languages-for-senior",
        "check": "filled",
        "section": "basic",
        "field": "languages",
        "when": {"levels": ["senior"]},
        "message": {"zh": "请填写外语", "en": "Fill in the languages"},
    }
    round_ = make_round(requirements=[row])
    assert unmet(make_complete(round=round_)) == []
    senior = make_complete(round=round_, level="senior", person=make_lecturer())
    assert [f.message for f in unmet(senior) if f.id == row["id"]] == [
        Text(zh="请填写外语", en="Fill in the languages")
    ]


def test_row_may_ask_for_a_slot() -> None:
    row = {
        "id": "evidence-there",
        "check": "attached",
        "section": "attachments",
        "arguments": {"slot": "achievement_evidence"},
        "message": {"zh": "请上传证明"},
    }
    files = [a for a in attachments() if a.slot != "achievement_evidence"]
    finding = only(make_complete(round=make_round(requirements=[row]), attachments=files))
    assert (finding.section, finding.slot) == ("attachments", "achievement_evidence")


def test_message_in_english_is_filled_in_english() -> None:
    message = only(make_complete(person=make_lecturer(speciality="english"))).message
    assert isinstance(message, Text)
    assert message.en.startswith(
        "The speciality “Computer science and technology” differs from “English language and literature”"
    )


def test_what_people_type_is_never_taken_for_a_template() -> None:
    entry = award(name="{value}[奖]{need}", start=PartialDate(2018, 1))
    assert said(only(make_complete(achievements=[entry]))).startswith("“{value}[奖]{need}”的获奖时间")


# --- progress ---


def progress(application: Application) -> dict[str, Status]:
    return CaseContent(application, NOW).progress


def test_complete_sections_are_done_and_untouched_ones_not_started() -> None:
    states = progress(make_complete())
    assert states.pop("training") is Status.NOT_STARTED
    assert set(states.values()) == {Status.DONE}


def test_section_with_something_missing_needs_attention() -> None:
    states = progress(make_complete(basic=without(basic(), "school")))
    assert states["basic"] is Status.ATTENTION


def test_section_with_only_the_roster_s_values_is_not_started() -> None:
    record = make_record(name="林晓静", gender="female", phone="13800001111")
    assert progress(make_complete(basic=record))["basic"] is Status.NOT_STARTED


def test_unreadable_text_is_a_start() -> None:
    record = make_record()
    record.unread = {"years": "很多"}
    assert progress(make_complete(qualification=record))["qualification"] is Status.ATTENTION


def test_tick_for_none_finishes_the_section() -> None:  # G21
    application = make_complete(achievements=[], sections={"performance": SectionRecord(none=True)})
    assert progress(application)["performance"] is Status.DONE


def test_what_hr_has_to_judge_does_not_keep_a_section_open() -> None:
    assert progress(make_complete(qualification=qualification(years=30)))["qualification"] is Status.DONE


def test_each_status_has_a_word() -> None:
    assert [str(status.label) for status in Status] == ["未开始", "需要处理", "已完成"]
