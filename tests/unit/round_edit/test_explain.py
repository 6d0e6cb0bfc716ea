"""What a round asks of one person, and why, in words: two editions side by side, kinds, levels, values."""

from __future__ import annotations

from typing import Any

import pytest

from models.application import Application
from models.field_spec import Text
from models.messages import Message
from models.person import Person
from models.sections import SectionRecord
from models.values import PartialDate
from panel.domain.round_edit.impact.explain import (
    Asked,
    ExplainedItem,
    ExplainedSection,
    Explanation,
    explain,
)
from panel.domain.round_edit.impact.stand_ins import stand_in
from panel.domain.rounds import offers
from tests.contents import (
    exceptional,
    make_complete,
    make_lecturer,
    paper,
    places,
    project,
    qualification,
)
from tests.factories import NOW, fresh, make_round
from tests.rows import case_of, row

pytestmark = pytest.mark.usefixtures("database")


def of(application: Application) -> Explanation:
    return explain(fresh(application), NOW)


def beginner(**values: Any) -> Person:
    """Somebody without a title."""
    nothing = {"title": None, "title_level": None, "title_series": None, "title_approved_on": None}
    return make_lecturer(**(nothing | values))


def before(person: Person, kind: str, level: str, is_exceptional: bool = False) -> Explanation:
    """What is asked of somebody who has not begun."""
    return explain(stand_in(make_round(), person, kind, level, is_exceptional, NOW), NOW)


def part(explanation: Explanation, key: str) -> ExplainedSection:
    return next(part for part in explanation.parts if part.key == key)


def line(explanation: Explanation, section: str, key: str) -> ExplainedItem:
    found = part(explanation, section)
    return next(one for one in (*found.fields, *found.slots, *found.requirements) if one.key == key)


def said(rows: Any) -> list[tuple[str, bool | None]]:
    return [(str(reason.words), reason.holds) for reason in rows]


# --- two editions side by side (G22) ---


def test_edition_is_named_with_its_reason() -> None:  # G22
    old = before(beginner(joined_on=PartialDate(2017, 7)), "first", "middle")
    new = before(beginner(joined_on=PartialDate(2018, 1)), "first", "middle")
    assert "2017 版" in str(old.edition)
    assert said(old.edition_why) == [
        ("申报级别是“讲师”，适用于：讲师", True),
        ("名册中的“到本单位工作的时间”是 2017年7月，适用于早于 2018年1月1日 的", True),
    ]
    assert "2025 版" in str(new.edition)
    assert new.edition_why == []


@pytest.mark.parametrize("section", ["performance", "publications"])
def test_people_of_two_editions_choose_from_clauses_of_their_own(section: str) -> None:  # G18, G22
    round_ = make_round()
    people = (beginner(joined_on=PartialDate(2017, 7)), beginner(joined_on=PartialDate(2019, 7)))
    old, new = (stand_in(round_, person, "first", "middle", False, NOW) for person in people)
    offered = [{clause.key[0] for clause in offers.clauses_for(case, section)} for case in (old, new)]
    assert offered == [{"o"}, {"m"}]


@pytest.mark.parametrize(
    ("edition", "mine", "theirs"),
    [("2017", ("o1", "o5"), ("m1", "m5")), ("2025", ("m1", "m5"), ("o1", "o5"))],
)
def test_clause_of_the_other_edition_is_refused(
    edition: str, mine: tuple[str, str], theirs: tuple[str, str]
) -> None:  # G22
    year = 2017 if edition == "2017" else 2019
    person = make_lecturer(title="助教", title_level="junior", joined_on=PartialDate(year, 7))
    given = {"person": person, "level": "middle", "edition": edition}
    record = qualification(title1_name="助教")
    good = [project(clause=mine[0]), paper(clause=mine[1])]
    bad = [project(clause=theirs[0]), paper(clause=theirs[1])]
    assert places(make_complete(achievements=good, qualification=record, **given)) == []
    Application.objects.delete()
    assert places(make_complete(achievements=bad, qualification=record, **given)) == [
        ("performance", "clause"),
        ("publications", "clause"),
    ]


# --- fields, slots and rules ---


def test_field_of_another_kind_is_not_asked_and_says_why() -> None:
    title = line(before(beginner(), "first", "middle"), "qualification", "title1_name")
    assert title.asked is Asked.NOT_ASKED
    assert said(title.why) == [("申报类别是“初次申报”，适用于：晋升、转评", False)]


def test_field_for_everybody_needs_no_reason() -> None:
    school = line(before(beginner(), "first", "middle"), "basic", "school")
    assert (school.asked, school.why) == (Asked.REQUIRED, [])


def test_field_of_the_roster_is_said_to_be_locked() -> None:
    assert line(before(beginner(), "first", "middle"), "basic", "name").asked is Asked.LOCKED


def test_exception_is_a_reason() -> None:
    usual = line(before(make_lecturer(), "promotion", "associate"), "qualification", "exceptional_reasons")
    assert said(usual.why) == [("本次是非破格申报，适用于：破格申报", False)]
    asked = line(before(make_lecturer(), "promotion", "senior", True), "qualification", "exceptional_reasons")
    assert (asked.asked, said(asked.why)) == (
        Asked.REQUIRED,
        [("本次是破格申报，适用于：破格申报", True)],
    )


def test_field_of_some_entries_says_of_which() -> None:
    end = line(before(make_lecturer(), "promotion", "associate"), "performance", "end")
    assert end.asked is Asked.SOMETIMES
    assert said(end.why) == [("适用于这些类别的条目：项目、课题", None)]
    assert said(end.why_required) == [("适用于“项目状态”为以下内容的条目：已结项", None)]


def test_hidden_field_says_that_the_round_hides_it() -> None:
    sections = [
        section | {"fields": [field | {"visible": field["key"] != "school"} for field in section["fields"]]}
        for section in make_round().data["sections"]
    ]
    rows = [r for r in make_round().data["requirements"] if r["section"] != "basic"]
    application = make_complete(round=make_round(sections=sections, requirements=rows))
    school = line(of(application), "basic", "school")
    assert (school.asked, said(school.why)) == (Asked.NOT_ASKED, [("本批次设为不显示", False)])


def test_attachment_that_is_not_needed_says_why() -> None:  # G26
    certificate = line(before(beginner(), "first", "middle"), "attachments", "title_certificate")
    assert certificate.asked is Asked.NOT_ASKED
    needed = line(before(make_lecturer(), "promotion", "associate"), "attachments", "title_certificate")
    assert (needed.asked, said(needed.why)) == (
        Asked.REQUIRED,
        [("申报类别是“晋升”，适用于：晋升、转评", True)],
    )


def test_requirement_says_whether_it_applies_and_what_it_finds() -> None:
    application = make_complete(qualification=qualification(title1_approved_on=PartialDate(2022, 1)))
    years = line(of(application), "qualification", "years-in-title")
    assert years.asked is Asked.REQUIRED
    assert said(years.why)[0] == ("申报类别是“晋升”，适用于：晋升", True)
    assert "满 4 年" in str(years.findings[0].message)
    two = line(of(application), "qualification", "two-recommenders")
    assert (two.asked, two.findings) == (Asked.NOT_ASKED, [])


def test_rules_about_the_person_come_first() -> None:
    explanation = of(make_complete())
    assert explanation.parts[0].key == "choice"
    assert line(explanation, "choice", "person-in-service").asked is Asked.REQUIRED


def test_value_that_decides_is_shown_but_never_a_sealed_one() -> None:  # R23
    sealed = {"key": "line", "label": "专线", "type": "phone"}
    fields = [
        {"key": "kind_of", "label": "类型", "type": "choice", "options": [{"value": "a", "label": "甲"}]},
        sealed,
        {"key": "more", "label": "补充", "when": {"values": {"kind_of": ["b"]}}},
        {"key": "secret", "label": "其他", "when": {"values": {"line": ["13900001111"]}}},
    ]
    data = make_round().data["sections"]
    own = {"key": "own", "label": "自定", "shape": "record", "fields": fields}
    record = SectionRecord(version=1)
    record.put("kind_of", "a")
    record.put("line", "13912345678", encrypted=True)
    explanation = of(make_complete(round=make_round(sections=[*data, own]), sections={"own": record}))
    assert said(line(explanation, "own", "more").why) == [("“类型”填的是“甲”，适用于：b", False)]
    assert "139" not in str(said(line(explanation, "own", "secret").why))


def test_group_lists_its_rows_and_which_are_met() -> None:
    rows = [
        row("count", "publications", id="two", group="own_group", label="论文两篇", arguments={"minimum": 2}),
        row("count", "education", id="six", group="own_group", label="学历六段", arguments={"minimum": 6}),
    ]
    group = {"key": "own_group", "label": "二选一", "message": "不够"}
    explanation = of(case_of(*rows, changes={"groups": [group]}))
    assert [(str(one.label), one.is_met) for one in explanation.groups[0].members] == [
        ("论文两篇", True),
        ("学历六段", False),
    ]


def test_everything_of_the_shipped_rounds_is_explained() -> None:
    """Of every series, kind and level, each field, slot and row has words."""
    for series, levels in (("teacher", ("middle", "associate")), ("lab", ("middle",))):
        round_ = make_round(series)
        person = make_lecturer(series=series, title_series=series)
        for kind, level, is_exceptional in (
            ("first", levels[0], False),
            ("promotion", levels[-1], True),
            ("change", levels[0], False),
        ):
            explanation = explain(stand_in(round_, person, kind, level, is_exceptional, NOW), NOW)
            assert len(explanation.parts) == len(round_.spec.sections) + 1
            entries = [
                entry for one in explanation.parts for entry in (*one.fields, *one.slots, *one.requirements)
            ]
            assert len(entries) > 50
            assert [entry for entry in entries if not str(entry.label)] == []
            said = [reason.words for entry in entries for reason in entry.why]
            assert said
            assert [words for words in said if not isinstance(words, Message | Text)] == []


def test_exceptional_case_is_explained_from_its_content() -> None:
    application = make_complete(
        level="senior", exceptional=True, qualification=exceptional(), speciality="computer_science"
    )
    two = line(of(application), "qualification", "two-recommenders")
    assert two.asked is Asked.REQUIRED
