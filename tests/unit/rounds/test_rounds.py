"""What a round means for one person: what is shown, asked, offered, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from models.application import Application
from models.choices import Kind, RoundState, State
from models.field_spec import Condition, FieldSpec, Text
from models.review_round import Extension, ReviewRound, RoundVersion
from models.round_spec import RoundSpec
from models.sections import Entry, SectionRecord
from models.values import PartialDate
from panel.domain.rounds import conditions, offers, parts, roster_values, round_files
from tests.contents import make_complete, make_lecturer
from tests.factories import NOW, make_entry, make_person, make_record, make_round, make_unit, shipped_spec

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def teacher() -> RoundSpec:
    return shipped_spec("teacher")


@pytest.fixture(scope="module")
def lab() -> RoundSpec:
    return shipped_spec("lab")


def untitled(**values: Any) -> Any:
    return make_lecturer(title=None, title_level=None, title_series=None, title_approved_on=None, **values)


# --- conditions ---


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(), True),
        (Condition(kinds=[Kind.PROMOTION, Kind.CHANGE]), True),
        (Condition(kinds=[Kind.FIRST]), False),
        (Condition(levels=["associate"]), True),
        (Condition(levels=["senior", "middle"]), False),
        (Condition(exceptional=False), True),
        (Condition(exceptional=True), False),
        (Condition(kinds=[Kind.PROMOTION], levels=["senior"]), False),
        (Condition(roster_before={"joined_on": date(2018, 1, 1)}), True),
        (Condition(roster_before={"joined_on": date(2015, 7, 1)}), False),
        (Condition(roster_before={"work_start": date(2012, 7, 2)}), True),
    ],
)
def test_condition_looks_at_the_case(condition: Condition, holds: bool) -> None:
    assert conditions.applies(condition, make_complete()) is holds


def test_condition_on_a_roster_date_that_is_unknown_does_not_hold() -> None:
    condition = Condition(roster_before={"joined_on": date(2018, 1, 1)})
    application = make_complete(person=make_person(joined_on=None))
    assert conditions.applies(condition, application) is False


def test_condition_looks_at_the_entry_s_kind_and_values() -> None:
    application = make_complete()
    condition = Condition(entry_kinds=["project"], values={"status": ["finished"]})
    finished = make_entry("performance", "project", status="finished")
    assert conditions.applies(condition, application, finished)
    assert not conditions.applies(
        condition, application, make_entry("performance", "project", status="ongoing")
    )
    assert not conditions.applies(
        condition, application, make_entry("performance", "award", status="finished")
    )
    assert not conditions.applies(condition, application)


def test_condition_does_not_trust_a_value_that_can_not_be_read() -> None:
    entry = make_entry("performance", "project", status="finished")
    entry.unread = {"status": "差不多"}
    condition = Condition(values={"status": ["finished"]})
    assert not conditions.applies(condition, make_complete(), entry)


def test_unanswered_yes_or_no_counts_as_no_and_one_of_several_choices_is_enough() -> None:
    application = make_complete()
    assert conditions.applies(Condition(values={"some": [False]}), application, SectionRecord())
    assert conditions.applies(Condition(values={"some": ["a"]}), application, make_record(some=["b", "a"]))
    assert not conditions.applies(Condition(values={"some": ["a"]}), application, make_record(some=["b"]))


# --- what is shown and asked ---


def test_sections_come_in_the_guide_s_order() -> None:
    shown = [section.key for section in parts.visible_sections(make_complete())]
    assert shown == [
        "basic",
        "qualification",
        "education",
        "training",
        "work_history",
        "performance",
        "publications",
        "assessments",
        "attachments",
    ]


def keys(fields: list[FieldSpec]) -> list[str]:
    return [field.key for field in fields]


def test_present_title_is_hidden_from_a_first_application() -> None:  # G14
    first = make_complete(person=untitled(), kind="first", level="junior")
    assert keys(parts.visible_fields(first, "qualification")) == ["current_work", "years"]
    promotion = keys(parts.visible_fields(make_complete(), "qualification"))
    assert "title1_approved_on" in promotion
    assert "title2_name" in promotion
    assert "exceptional_reasons" not in promotion


def test_each_kind_of_entry_has_fields_of_its_own() -> None:  # G19, G20, G23
    application = make_complete()

    def labels(section: str, kind: str) -> list[str]:
        entry = Entry(section=section, kind=kind)
        return [str(field.label) for field in parts.visible_fields(application, section, entry)]

    assert labels("performance", "award") == [
        "获奖名称",
        "获奖时间",
        "结束时间",
        "本人排序",
        "总人数",
        "等次",
        "颁奖单位",
        "符合条款",
    ]
    assert labels("performance", "topic") == labels("performance", "project")
    assert labels("performance", "project")[:3] == ["项目类别", "项目（课题）名称", "立项时间"]
    assert "刊物名称" in labels("publications", "paper")
    assert "出版社名称" not in labels("publications", "paper")
    assert "出版社名称" in labels("publications", "book")


def test_end_of_a_project_is_required_once_it_is_finished() -> None:  # G20
    application = make_complete()
    for status, required in (("finished", True), ("ongoing", False)):
        entry = make_entry("performance", "project", status=status)
        end = next(f for f in parts.visible_fields(application, "performance", entry) if f.key == "end")
        assert parts.is_required(end, application, entry) is required


def test_slots_follow_series_and_kind() -> None:  # G25 to G28
    def slots(application: Application) -> list[str]:
        return [slot.key for slot in parts.visible_slots(application)]

    assert slots(make_complete()) == [
        "social_insurance",
        "title_certificate",
        "material_table",
        "achievement_evidence",
        "qualification_certificate",
    ]
    assert "title_certificate" not in slots(make_complete(person=untitled(), kind="first", level="junior"))
    assert "qualification_certificate" not in slots(make_complete(round=make_round("lab")))


def test_help_says_where_the_insurance_statement_comes_from(teacher: RoundSpec) -> None:  # G25
    help_text = teacher.slot("social_insurance").help.zh
    for words in ("市民中心", "社保", "综合服务", "个人社保参保证明查询打印", "政务服务中心"):
        assert words in help_text


# --- editions and clauses ---


@pytest.mark.parametrize(
    ("joined", "level", "edition"),
    [
        (PartialDate(2015, 7), "middle", "2017"),
        (PartialDate(2017, 12), "middle", "2017"),
        (PartialDate(2018, 1), "middle", "2025"),
        (PartialDate(2015, 7), "associate", "2025"),
        (None, "middle", "2025"),
    ],
)
def test_edition_is_the_one_that_applies_to_the_person(
    teacher: RoundSpec, joined: PartialDate | None, level: str, edition: str
) -> None:  # G22
    person = make_lecturer(joined_on=joined)
    assert offers.edition_for(teacher, Kind.PROMOTION, level, False, person).key == edition


def test_round_without_an_edition_that_applies_says_whom_to_ask(teacher: RoundSpec) -> None:  # G22
    edition = teacher.editions[1]
    spec = teacher.model_copy(update={"editions": [edition]})
    with pytest.raises(offers.NoEdition, match="请联系单位人事部门"):
        offers.edition_for(spec, Kind.PROMOTION, "senior", False, make_lecturer())


def test_clauses_are_those_of_edition_level_and_section() -> None:  # G18, G22
    application = make_complete()
    assert [c.key for c in offers.clauses_for(application, "performance")] == ["a1", "a2", "a3", "a4", "a5"]
    assert [c.key for c in offers.clauses_for(application, "publications")] == ["a6", "a7", "a8", "a9"]
    old = make_complete(level="middle", edition="2017")
    assert [c.key for c in offers.clauses_for(old, "performance")] == ["o1", "o2", "o3", "o4"]
    assert offers.clauses_for(make_complete(edition="gone"), "performance") == []


def test_clause_is_found_by_its_key() -> None:
    application = make_complete()
    found = offers.clause(application, "a2")
    assert found is not None
    assert str(found.text).startswith("第十一条（二）")
    assert offers.clause(application, "o1") is None
    assert offers.clause(application, None) is None


# --- what is offered ---


def test_committees_are_those_of_the_unit_and_series(teacher: RoundSpec, lab: RoundSpec) -> None:  # G07
    teacher_person, lab_person = make_lecturer(), make_lecturer(series="lab")
    assert [c.key for c in offers.committees_for(teacher, teacher_person)] == ["teacher-committee"]
    assert offers.committees_for(teacher, lab_person) == []
    assert [c.key for c in offers.committees_for(lab, lab_person)] == ["lab-committee"]
    stranger = make_lecturer(unit=make_unit(code="other", name="别的大学"))
    assert offers.committees_for(teacher, stranger) == []


def test_committee_of_some_departments_is_offered_to_them_alone(teacher: RoundSpec) -> None:  # G07
    committee = teacher.committees[0].model_copy(update={"departments": ["cs"]})
    spec = teacher.model_copy(update={"committees": [committee]})
    assert offers.committees_for(spec, make_lecturer(department="cs")) == [committee]
    assert offers.committees_for(spec, make_lecturer(department="me")) == []


def test_committee_offers_the_specialities_it_judges(teacher: RoundSpec) -> None:  # G07
    assert len(offers.specialities_for(teacher, "teacher-committee")) == len(teacher.specialities)
    committee = teacher.committees[0].model_copy(update={"specialities": ["english", "design"]})
    spec = teacher.model_copy(update={"committees": [committee]})
    offered = offers.specialities_for(spec, "teacher-committee")
    assert [option.value for option in offered] == ["english", "design"]


@pytest.mark.parametrize(
    ("title_level", "title_series", "kinds"),
    [
        (None, None, [Kind.FIRST]),
        ("middle", "teacher", [Kind.PROMOTION]),
        ("middle", "lab", [Kind.CHANGE]),
        ("middle", None, [Kind.PROMOTION, Kind.CHANGE]),
        ("senior", "teacher", []),
        ("senior", "lab", [Kind.CHANGE]),
    ],
)
def test_kinds_are_those_that_the_present_title_allows(
    teacher: RoundSpec, title_level: str | None, title_series: str | None, kinds: list[Kind]
) -> None:  # G07
    person = make_lecturer(title_level=title_level, title_series=title_series)
    assert offers.kinds_for(teacher, person) == kinds


@pytest.mark.parametrize(
    ("title_level", "kind", "exceptional", "levels"),
    [
        (None, Kind.FIRST, False, ["middle", "junior"]),
        (None, Kind.FIRST, True, ["senior", "associate", "middle", "junior"]),
        ("junior", Kind.PROMOTION, False, ["middle"]),
        ("middle", Kind.PROMOTION, False, ["associate"]),
        ("middle", Kind.PROMOTION, True, ["senior", "associate"]),
        ("associate", Kind.PROMOTION, True, ["senior"]),
        ("senior", Kind.PROMOTION, True, []),
        ("middle", Kind.CHANGE, False, ["middle"]),
        ("middle", Kind.CHANGE, True, ["middle"]),
    ],
)
def test_levels_go_one_by_one(
    teacher: RoundSpec, title_level: str | None, kind: Kind, exceptional: bool, levels: list[str]
) -> None:  # R06
    person = make_lecturer(title_level=title_level)
    assert [level.key for level in offers.levels_for(teacher, person, kind, exceptional)] == levels


def test_levels_without_a_kind_are_those_of_all_kinds_that_fit(teacher: RoundSpec) -> None:
    assert [level.key for level in offers.levels_for(teacher, make_lecturer())] == ["associate"]
    either = make_lecturer(title_series=None)
    assert [level.key for level in offers.levels_for(teacher, either)] == ["associate", "middle"]


def test_roster_fills_in_what_it_knows(teacher: RoundSpec) -> None:
    person = make_lecturer(phone=None, id_number="420106198603120021")
    assert roster_values.roster_values(teacher.section("basic"), person) == {
        "name": "林晓静",
        "gender": "female",
        "birth_date": PartialDate(1986, 3, 12),
        "id_number": "420106198603120021",
        "work_start": PartialDate(2012, 7),
    }
    assert roster_values.roster_values(teacher.section("qualification"), person) == {
        "title1_name": "讲师",
        "title1_approved_on": PartialDate(2018, 12, 20),
    }
    assert roster_values.roster_value("unit", person) == "江城理工学院"


# --- until when ---

FIRST_INSTANT = datetime(2026, 8, 31, 16, 0, tzinfo=UTC)
LAST_INSTANT = datetime(2026, 12, 31, 15, 59, 59, 999000, tzinfo=UTC)
AFTER = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (datetime(2026, 8, 31, 15, 59, 59, tzinfo=UTC), False),
        (FIRST_INSTANT, True),
        (LAST_INSTANT, True),
        (AFTER, False),
    ],
)
def test_window_counts_days_in_china_to_the_last_millisecond(now: datetime, is_open: bool) -> None:
    seen = offers.window(make_round(), make_lecturer(), now)
    assert (seen.opens, seen.closes) == (FIRST_INSTANT, LAST_INSTANT)
    assert (seen.is_open, seen.extended) == (is_open, False)


@pytest.mark.parametrize("group", [True, False])
def test_extension_of_a_person_or_group_moves_the_end_for_them_alone(group: bool) -> None:
    round_, person, other = make_round(), make_lecturer(department="cs"), make_lecturer(department="me")
    whom = {"departments": ["cs"]} if group else {"people": [person]}
    Extension(unit=make_unit(), round=round_, until=date(2027, 1, 5), reason="住院", at=NOW, **whom).save()
    seen = offers.window(round_, person, AFTER)
    assert (seen.is_open, seen.extended) == (True, True)
    assert seen.closes == datetime(2027, 1, 5, 15, 59, 59, 999000, tzinfo=UTC)
    assert offers.window(round_, other, AFTER).is_open is False


def test_extension_of_a_department_of_another_unit_moves_nothing_here() -> None:
    round_, person = make_round(), make_lecturer(department="cs")
    elsewhere = make_unit(code="elsewhere", name="外校")
    late = {"until": date(2027, 1, 5), "reason": "停电", "at": NOW}
    Extension(unit=elsewhere, round=round_, departments=["cs"], **late).save()
    assert offers.window(round_, person, AFTER).is_open is False


def test_earlier_extension_never_shortens_the_window() -> None:
    round_, person = make_round(), make_lecturer()
    Extension(
        unit=make_unit(), round=round_, people=[person], until=date(2026, 10, 1), reason="误填", at=NOW
    ).save()
    seen = offers.window(round_, person, LAST_INSTANT)
    assert (seen.is_open, seen.extended, seen.closes) == (True, False, LAST_INSTANT)


@pytest.mark.parametrize(("state", "is_open"), [(RoundState.PLANNED, False), (RoundState.CLOSED, False)])
def test_round_that_is_not_open_takes_nothing(state: RoundState, is_open: bool) -> None:
    round_ = make_round()
    ReviewRound.objects(id=round_.id).update(set__state=state.value)
    round_.reload()
    assert offers.window(round_, make_lecturer(), NOW).is_open is is_open


def test_round_closed_by_hand_stays_open_for_the_extended() -> None:
    round_, person = make_round(), make_lecturer()
    Extension(
        unit=make_unit(), round=round_, people=[person], until=date(2027, 1, 5), reason="住院", at=NOW
    ).save()
    for state, is_open in ((RoundState.CLOSED, True), (RoundState.PLANNED, False)):
        ReviewRound.objects(id=round_.id).update(set__state=state.value)
        round_.reload()
        assert offers.window(round_, person, NOW).is_open is is_open


def test_open_rounds_are_those_in_which_the_person_can_apply() -> None:  # G03
    teacher_round, lab_round = make_round("teacher"), make_round("lab")
    assert offers.open_rounds(make_lecturer(), NOW) == [teacher_round]
    assert offers.open_rounds(make_lecturer(series="lab", title_series="lab"), NOW) == [lab_round]
    assert offers.open_rounds(make_lecturer(title_level="senior"), NOW) == []
    assert offers.open_rounds(make_lecturer(), AFTER) == []


# --- files and versions ---


def test_import_again_changes_nothing(teacher: RoundSpec) -> None:
    first = round_files.import_round(teacher, NOW)
    again = round_files.import_round(teacher, NOW)
    assert (again.id, again.version, again.state) == (first.id, 1, RoundState.OPEN)
    assert again.spec == teacher
    assert RoundVersion.objects.count() == 1


def test_changed_round_becomes_a_new_version_and_keeps_the_old(teacher: RoundSpec) -> None:
    round_files.import_round(teacher, NOW)
    changed = teacher.model_copy(update={"title": Text(zh="改名的批次")})
    stored = round_files.import_round(changed, NOW)
    assert (stored.version, stored.title) == (2, "改名的批次")
    old = RoundVersion.objects.get(round=stored, version=1)
    assert old.spec.title == teacher.title
    assert RoundVersion.objects.get(round=stored, version=2).spec == changed


def test_new_version_leaves_the_state_that_hr_set(teacher: RoundSpec) -> None:
    round_ = round_files.import_round(teacher, NOW)
    ReviewRound.objects(id=round_.id).update(set__state=RoundState.CLOSED.value)
    changed = teacher.model_copy(update={"title": Text(zh="改名的批次")})
    assert round_files.import_round(changed, NOW).state == RoundState.CLOSED


def test_submitted_application_is_judged_by_its_version_and_a_draft_by_the_newest(
    teacher: RoundSpec,
) -> None:
    round_files.import_round(teacher, NOW)
    submitted, draft = make_complete(State.SUBMITTED), make_complete(State.DRAFT)
    changed = teacher.model_copy(update={"title": Text(zh="改名的批次")})
    round_files.import_round(changed, NOW)
    submitted, draft = (Application.objects.get(id=one.id) for one in (submitted, draft))
    assert (str(submitted.spec.title), str(draft.spec.title)) == (str(teacher.title), "改名的批次")
