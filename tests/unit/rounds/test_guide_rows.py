"""Which rows of the guide and the law the shipped rounds hold as data; that code names no field of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from pydantic import BaseModel

from models import DOCUMENTS
from models.checks import TAKES, Check
from models.field_spec import FieldSpec, Text
from models.form_spec import CHOICE_FIELDS
from models.material import Decision, Deed, Dispute
from models.round_spec import RoundSpec
from models.sections import Entry
from panel.domain.checks.requirements import CHECKS
from tests.factories import shipped_spec

ROOT = Path(__file__).resolve().parents[3]
TEACHER, LAB = shipped_spec("teacher"), shipped_spec("lab")
BOTH = pytest.mark.parametrize("spec", [TEACHER, LAB], ids=["teacher", "lab"])


def covered(spec: RoundSpec) -> dict[str, set[str]]:
    """Guide or law row -> what of the round names it."""
    found: dict[str, set[str]] = {}
    for section in spec.sections:
        for row in section.covers:
            found.setdefault(row, set()).add(section.key)
        for field in section.fields:
            for row in field.covers:
                found.setdefault(row, set()).add(f"{section.key}.{field.key}")
    for slot in spec.slots:
        for row in slot.covers:
            found.setdefault(row, set()).add(slot.key)
    for requirement in spec.requirements:
        for row in requirement.covers:
            found.setdefault(row, set()).add(requirement.id)
    return found


#: Row -> some of what the teachers' round must hold for it. Written from the guide, not from the rounds.
GUIDE = {
    "G07": {"kind-fits", "committee-fits"},
    "G08": {"speciality-as-in-material-table"},
    "G09": {"basic", "qualification"},
    "G10": {"basic", "basic.duty_summary"},
    "G11": {"photo"},
    "G12": {"qualification.current_work"},
    "G13": {"qualification.years", "years-agree-with-work-history"},
    "G14": {"qualification.title1_name", "qualification.title1_approved_on", "qualification.title1_number"},
    "G15": {"basic-degree-marked", "applied-degree-marked"},
    "G16": {"performance-filled", "work-history-filled"},
    "G17": {"newest-work-at-own-unit", "newest-work-of-allowed-type"},
    "G18": {"award-after-title", "project-finished-after-title", "performance-clause"},
    "G19": {"performance.name", "performance.grade", "performance.awarder", "performance.rank"},
    "G20": {"performance.category", "performance.status", "performance.source", "unfinished-has-no-end"},
    "G21": {"performance-filled"},
    "G22": {"performance-clause", "publications-clause"},
    "G23": {"publications.publisher", "publications.journal", "publications.start", "publications.clause"},
    "G24": {"performance", "publications"},
    "G25": {"social_insurance"},
    "G26": {"title_certificate"},
    "G27": {"qualification_certificate"},
    "G28": {"material_table"},
    "R05": {"person-in-service", "person-not-sanctioned"},
    "R06": {"level-in-order", "qualification.exceptional_reasons", "two-recommenders"},
    "R07": {"performance-evidence", "publications-evidence"},
    "R20": {"person-not-barred"},
    "R21": {"person-not-barred"},
}


@pytest.mark.parametrize("row", GUIDE)
def test_the_teachers_round_holds_the_row(row: str) -> None:
    assert GUIDE[row] <= covered(TEACHER)[row]


def test_the_laboratory_round_holds_all_rows_but_the_professional_qualification() -> None:  # G27
    assert set(covered(TEACHER)) - set(covered(LAB)) == {"G27"}


def test_no_row_is_covered_that_this_table_does_not_name() -> None:
    assert set(covered(TEACHER)) == set(GUIDE)


# --- the rounds as the guide and the official form have them ---


def test_pledge_has_a_version() -> None:  # G06
    assert TEACHER.texts.pledge_version == "2026-1"
    assert str(TEACHER.texts.pledge).startswith("本人承诺")


@BOTH
def test_two_values_of_present_work(spec: RoundSpec) -> None:  # G12
    options = spec.section("qualification").field("current_work").options
    assert [str(option.label) for option in options] == ["高等学校教师", "高校实验技术人员"]


@BOTH
def test_labels_are_those_of_the_guide(spec: RoundSpec) -> None:
    labels = {
        "basic.duty_summary": "任职以来主要工作业绩和履行岗位职责情况",
        "qualification.current_work": "现从事专业技术工作",
        "qualification.years": "从事本专业技术工作年限",
        "qualification.title1_approved_on": "取得日期",
        "work_history.work_type": "从事何种专业技术工作",
        "performance.clause": "符合条款",
    }
    for place, label in labels.items():
        section, field = place.split(".")
        assert str(spec.section(section).field(field).label) == label
    assert str(spec.slot("social_insurance").label) == "社保缴费明细"
    assert str(spec.slot("title_certificate").label) == "现任专业技术职称任职资格证书"
    assert str(spec.slot("material_table").label) == "其他业绩成果相关证明材料"
    assert str(spec.section("performance").none_label) == "确无相应业绩"
    venue = next(c for c in spec.section("publications").columns if c.key == "venue")
    assert str(venue.label) == "出版、登载获奖或在学术会议上交流情况"


def test_professional_qualification_is_the_teachers_alone() -> None:  # G27
    assert str(TEACHER.slot("qualification_certificate").label) == "职业资格证书"
    assert "qualification_certificate" not in {slot.key for slot in LAB.slots}


@BOTH
def test_months_of_insurance(spec: RoundSpec) -> None:  # G25
    assert spec.slot("social_insurance").months == {"junior": 12, "middle": 36, "associate": 60, "senior": 60}


def test_eight_levels() -> None:
    assert [str(level.title) for level in TEACHER.levels] == ["教授", "副教授", "讲师", "助教"]
    assert [str(level.title) for level in LAB.levels] == [
        "正高级实验师",
        "高级实验师",
        "实验师",
        "助理实验师",
    ]
    for spec in (TEACHER, LAB):
        assert [str(level.label) for level in spec.levels] == ["正高", "副高", "中级", "初级"]
        assert [level.rank for level in spec.levels] == [4, 3, 2, 1]
        assert spec.first_levels == ["junior", "middle"]  # R06


@BOTH
def test_numbers_are_the_law_s(spec: RoundSpec) -> None:  # R08, R10, R11, R13, R18
    assert (spec.publicity.unit_days, spec.publicity.result_days) == (5, 5)
    assert (spec.voting.quorum, spec.voting.majority, spec.voting.minimum_opinions) == ((2, 3), (2, 3), 3)


@BOTH
def test_every_level_has_clauses_for_both_kinds_of_achievement_in_each_edition_that_applies(
    spec: RoundSpec,
) -> None:  # G22
    newest, old = spec.editions
    for level in spec.levels:
        for edition in (newest, old) if level.key in old.when.levels else (newest,):
            for section in ("performance", "publications"):
                fitting = [
                    c
                    for c in edition.clauses
                    if section in c.sections and (not c.levels or level.key in c.levels)
                ]
                assert len(fitting) >= 3, (level.key, edition.key, section)
    assert len(old.clauses) >= 8


@BOTH
def test_official_tables_have_their_columns(spec: RoundSpec) -> None:
    def labels(section: str) -> list[str]:
        return [str(column.label) for column in spec.section(section).columns]

    assert labels("education") == [
        "起止时间",
        "学校",
        "专业",
        "学历",
        "学位",
        "学习形式",
        "基础学历",
        "申报学历",
    ]
    assert labels("training") == ["起止时间", "专业或主要内容", "学习地点", "证明人"]
    assert labels("work_history") == ["起止时间", "单位", "从事何种专业技术工作", "职务"]
    assert labels("publications") == [
        "日期",
        "名称及内容提要",
        "出版、登载获奖或在学术会议上交流情况",
        "合（独）著、译",
        "符合条款",
    ]
    assert labels("assessments") == ["年度", "结果"]


# --- both languages ---


def texts(thing: object, place: str = "") -> list[tuple[str, Text]]:
    """Every text of a spec with its place."""
    if isinstance(thing, Text):
        return [(place, thing)]
    if isinstance(thing, list | tuple):
        return [found for i, item in enumerate(thing) for found in texts(item, f"{place}[{i}]")]
    if isinstance(thing, dict):
        return [found for key, item in thing.items() for found in texts(item, f"{place}.{key}")]
    if isinstance(thing, BaseModel):
        return [found for name, value in thing for found in texts(value, f"{place}.{name}")]
    return []


def is_chinese(text: str) -> bool:
    """Whether `text` has a Chinese character."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@BOTH
def test_every_text_is_there_in_english(spec: RoundSpec) -> None:
    found = texts(spec)
    assert len(found) > 300
    untranslated = [text.zh for _, text in found if is_chinese(text.zh) and not text.en]
    assert untranslated == ["年"]  # a year needs no unit in English


@BOTH
def test_no_english_text_is_a_copy_of_the_chinese(spec: RoundSpec) -> None:
    copied = [place for place, text in texts(spec) if text.en == text.zh and is_chinese(text.zh)]
    assert copied == []


@BOTH
def test_both_languages_of_a_message_have_the_same_places(spec: RoundSpec) -> None:
    def marks(text: str) -> set[str]:
        return {part.split("}")[0].split("|")[0] for part in text.split("{")[1:]}

    for requirement in spec.requirements:
        assert marks(requirement.message.zh) == marks(requirement.message.en), requirement.id


# --- the data and the code fit, and the code names no field ---


def test_each_check_has_a_function_and_its_arguments() -> None:
    assert set(CHECKS) == set(Check) == set(TAKES)


@BOTH
def test_each_template_names_fields_that_its_entries_have(spec: RoundSpec) -> None:
    def named(text: Text) -> set[str]:
        found = [part.split("}")[0].split("|")[0] for t in (text.zh, text.en) for part in t.split("{")[1:]]
        return set(found)

    for section in spec.sections:
        keys = {field.key for field in section.fields}
        templates = [column.template for column in section.columns] + [section.entry_title]
        for template in templates:
            assert named(template) <= keys, section.key
        for kind in section.kinds:
            own = {field.key for field in section.fields if _is_for(field, kind.key)}
            for template in [*kind.columns.values(), kind.title]:
                assert named(template) <= own, (section.key, kind.key)
        if not section.kinds:
            for column in section.columns:
                assert column.template or column.key in keys, (section.key, column.key)


def _is_for(field: FieldSpec, kind: str) -> bool:
    return not field.when.entry_kinds or kind in field.when.entry_kinds


#: The modules that hold the rules of the round: they read sections and fields from its rows.
RULES = [
    ROOT / "panel" / "domain" / f"{name}.py"
    for name in (
        "checks/case_checks",
        "checks/content_checks",
        "checks/findings",
        "checks/required",
        "checks/requirements",
        "checks/years",
        "rounds/printed_columns",
        "rounds/conditions",
        "rounds/fields",
        "rounds/offers",
        "rounds/parts",
        "rounds/roster_values",
        "rounds/texts",
    )
]


KEYS = {
    key
    for spec in (TEACHER, LAB)
    for section in spec.sections
    for key in [section.key, *(field.key for field in section.fields)]
} - {*Entry.TYPED, *CHOICE_FIELDS}


def literals(path: Path) -> set[str]:
    """The string constants of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_no_rule_names_a_field_or_section_of_the_guide() -> None:
    named = {path.name: found for path in RULES if (found := literals(path) & KEYS)}
    assert named == {}


def test_the_domain_names_none_that_is_not_an_attribute_of_a_document() -> None:
    stored = (*DOCUMENTS, Decision, Deed, Dispute)
    attributes = {name for document in stored for name in document._fields}
    attributes.add("result")  # of `Application.official`
    for path in (ROOT / "panel" / "domain").rglob("*.py"):
        # the editor speaks of a round's own properties, and puts data into a new round as a file does
        if "round_edit" not in path.parts:
            assert literals(path) & KEYS <= attributes, path.name
