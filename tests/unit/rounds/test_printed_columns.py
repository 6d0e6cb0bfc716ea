"""The official columns, composed from the fields (G19, G20, G21, G23)."""

from __future__ import annotations

import pytest

from models.application import Application
from models.field_spec import Text
from models.sections import SectionRecord
from models.values import PartialDate
from panel.domain.rounds import printed_columns
from panel.domain.rounds.parts import AskedForm
from panel.domain.rounds.texts import fill, fill_text
from tests.contents import award, book, degree, job, make_complete, paper, project
from tests.factories import make_entry

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def application() -> Application:
    return make_complete()


def test_award_prints_the_four_columns_of_the_guide(application: Application) -> None:  # G18, G19
    assert printed_columns.compose(AskedForm(application), award()) == {
        "period": "2022年9月",
        "phase": "任现职后",
        "name": "湖北省高等学校教学成果奖",
        "role": "排名第3（共8人）",
        "result": "二等奖，湖北省人民政府",
        "clause": "第十一条（四）获省部级教学或科研成果奖（前五名）",
    }


@pytest.mark.parametrize("kind", ["project", "topic"])
def test_project_and_topic_print_the_columns_of_the_guide(application: Application, kind: str) -> None:  # G20
    entry = project(funds=3.5)
    entry.kind = kind
    assert printed_columns.compose(AskedForm(application), entry) == {
        "period": "2021年3月—2023年5月17日",
        "phase": "任现职后",
        "name": "湖北省教育厅科学研究计划项目“面向新工科的课程体系研究”",
        "role": "排名第1（共5人），主持",
        "result": "已结项，来源：湖北省教育厅，经费3.50万元",
        "clause": "第十一条（一）主持省部级科研或教学改革项目 1 项以上",
    }


def test_unfinished_project_has_an_open_period(application: Application) -> None:  # G20
    printed = printed_columns.compose(
        AskedForm(application), project(end=None, status="ongoing", team=None, part=None)
    )
    assert (printed["period"], printed["role"], printed["result"]) == (
        "2021年3月—",
        "排名第1",
        "在研，来源：湖北省教育厅",
    )


def test_paper_prints_journal_and_month(application: Application) -> None:  # G23
    printed = printed_columns.compose(
        AskedForm(application), paper(indexed=["ei", "pku"], issue="45(4): 1–12")
    )
    assert printed == {
        "date": "2022年4月",
        "name": "《一种自适应采样方法》",
        "venue": "《计算机学报》，2022年4月，45(4): 1–12，EI、北大中文核心",
        "authorship": "合著（合作完成），第1作者",
        "clause": "第十二条（一）以第一作者在核心期刊发表论文 3 篇以上",
    }


def test_book_prints_publisher_and_month(application: Application) -> None:  # G23
    printed = printed_columns.compose(AskedForm(application), book(words=8.5, abstract="面向初学者"))
    assert printed == {
        "date": "2020年8月",
        "name": "《程序设计基础》（教材）：面向初学者",
        "venue": "高等教育出版社，2020年8月",
        "authorship": "合著（合作完成），第2作者，本人8.5万字",
        "clause": "第十二条（二）主编或副主编公开出版教材 1 部",
    }


def test_patent_and_report_print_where_they_were_granted_or_adopted(application: Application) -> None:
    patent = make_entry(
        "publications",
        "patent",
        name="一种采样装置",
        start=PartialDate(2021, 6, 1),
        patent_type="invention",
        number="ZL202010000001.2",
        authority="国家知识产权局",
        authorship="joint",
        rank=1,
    )
    printed = printed_columns.compose(AskedForm(application), patent)
    assert printed["name"] == "一种采样装置（发明专利）"
    assert printed["venue"] == "国家知识产权局授权，专利号ZL202010000001.2，2021年6月1日"
    report = make_entry(
        "publications", "report", name="评估报告", start=PartialDate(2021, 6), adopter="江城市政府"
    )
    assert printed_columns.compose(AskedForm(application), report)["venue"] == "江城市政府采纳，2021年6月"


def test_degree_prints_marks_for_the_two_degrees(application: Application) -> None:  # G15
    printed = printed_columns.compose(AskedForm(application), degree(is_applied=False))
    assert printed == {
        "period": "2009年9月—2012年6月",
        "organisation": "华中科技大学",
        "major": "计算机应用技术",
        "diploma": "硕士研究生",
        "degree": "硕士",
        "study_mode": "全日制",
        "is_basic": "√",
        "is_applied": "",
    }


def test_present_post_lasts_until_now(application: Application) -> None:
    assert printed_columns.compose(AskedForm(application), job()) == {
        "period": "2012年7月—至今",
        "organisation": "江城理工学院",
        "work_type": "高等学校教师",
        "post": "讲师",
    }
    assert printed_columns.compose(AskedForm(application), job(), "en")["period"] == "2012-07—now"


def test_columns_can_be_composed_in_english(application: Application) -> None:
    printed = printed_columns.compose(AskedForm(application), award(), "en")
    assert printed["role"] == "No. 3 of 8"
    assert printed["phase"] == "Since the present title"
    assert printed["clause"].startswith("11 (4) prize of province or ministry")


def test_what_can_not_be_read_is_left_out(application: Application) -> None:
    entry = award()
    entry.unread = {"rank": "第三"}
    assert printed_columns.compose(AskedForm(application), entry)["role"] == "（共8人）"


def test_empty_entry_prints_empty_columns_without_dangling_marks(application: Application) -> None:
    for kind in ("book", "paper", "patent", "report"):
        printed = printed_columns.compose(AskedForm(application), make_entry("publications", kind))
        assert printed == dict.fromkeys(["date", "name", "venue", "authorship", "clause"], "")


def test_column_never_begins_with_a_separator(application: Application) -> None:
    entry = make_entry("performance", "project", source="湖北省教育厅")
    assert printed_columns.compose(AskedForm(application), entry)["result"] == "来源：湖北省教育厅"


def test_entry_of_a_kind_that_the_round_lost_still_prints(application: Application) -> None:
    printed = printed_columns.compose(AskedForm(application), make_entry("performance", "gone", rank=2))
    assert set(printed) == {"period", "phase", "name", "role", "result", "clause"}


def test_one_who_has_none_prints_none_in_the_three_columns() -> None:  # G21
    application = make_complete(achievements=[], sections={"performance": SectionRecord(none=True)})
    assert printed_columns.rows(AskedForm(application), "performance") == [
        {"period": "", "phase": "", "name": "无", "role": "无", "result": "无", "clause": ""}
    ]
    assert printed_columns.rows(AskedForm(application), "publications") == []


def test_rows_are_newest_first_where_the_round_orders_them() -> None:
    first, second = job(start=PartialDate(2008, 1), end=PartialDate(2012, 6)), job()
    application = make_complete(work_history=[first, second])
    assert [row["period"] for row in printed_columns.rows(AskedForm(application), "work_history")] == [
        "2012年7月—至今",
        "2008年1月—2012年6月",
    ]


def test_numbers_are_ordered_as_numbers() -> None:
    rows = [make_entry("assessments", year=year, result="qualified") for year in (2024, 2026, 2025)]
    application = make_complete(assessments=rows)
    assert [entry.get("year") for entry in printed_columns.ordered(application, "assessments")] == [
        2026,
        2025,
        2024,
    ]


def test_achievements_keep_the_order_that_the_person_gave_them() -> None:
    entries = [award(), project(), award(name="校级教学优秀奖")]
    application = make_complete(achievements=entries)
    assert [entry.uid for entry in printed_columns.ordered(application, "performance")] == [
        e.uid for e in entries
    ]


def test_entry_is_called_by_its_name_or_else_by_its_kind(application: Application) -> None:
    assert str(printed_columns.title(AskedForm(application), award())) == "湖北省高等学校教学成果奖"
    assert str(printed_columns.title(AskedForm(application), job())) == "江城理工学院 讲师"
    empty = printed_columns.title(AskedForm(application), make_entry("performance", "award"))
    assert empty == Text(zh="奖励", en="Award")
    kindless = printed_columns.title(AskedForm(application), make_entry("education"))
    assert kindless == Text(zh="教育经历", en="Education")


# --- templates ---


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{a}{b}", {"a": "1", "b": "2"}, "12"),
        ("{a}[，{b}]", {"a": "1"}, "1"),
        ("{a}[，{b}]", {"a": "1", "b": "2"}, "1，2"),
        ("{a|至今}", {}, "至今"),
        ("{a|至今}", {"a": "1"}, "1"),
        ("[无字段]{a}", {"a": "1"}, "[无字段]1"),
        ("{a}", {"a": "{b}[{c}]", "b": "x"}, "{b}[{c}]"),
        ("{a.__class__}{a!r}", {"a": "1"}, "{a.__class__}{a!r}"),
    ],
)
def test_template_is_filled(template: str, values: dict[str, str], text: str) -> None:
    assert fill(template, values) == text


def test_text_is_filled_in_both_languages() -> None:
    template = Text(zh="{x}不对", en="{x} is wrong")
    assert fill_text(template, {"x": Text(zh="级别", en="Level")}) == Text(zh="级别不对", en="Level is wrong")
    assert fill_text(Text(zh="{x}不对"), {"x": 3}) == Text(zh="3不对")
