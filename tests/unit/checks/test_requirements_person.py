"""Who may apply for what, and with which photo, title, degrees and work (G07-G17, R05, R06, R20, R21).

Each test starts from an application in which nothing is missing and changes one thing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from models.application import Application
from models.choices import Sanction, Severity
from models.sections import Photo
from models.values import PartialDate
from panel.domain.checks import requirements
from panel.domain.checks.case_content import CaseContent
from tests.contents import (
    award,
    degree,
    exceptional,
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
from tests.factories import NOW, make_photo, make_record, make_round

pytestmark = pytest.mark.usefixtures("database")


# --- G07, G08, R06: what is applied for ---


def test_speciality_that_differs_from_the_material_table_names_both() -> None:  # G08
    finding = only(make_complete(person=make_lecturer(speciality="english")))
    assert (finding.section, finding.field) == ("choice", "speciality")
    assert finding.severity is Severity.BLOCKING
    assert said(finding).startswith("申报专业“计算机科学与技术”与人力资源部材料表中的“英语语言文学”不一致")


def test_speciality_as_in_the_material_table_is_fine() -> None:  # G08
    assert unmet(make_complete(person=make_lecturer(speciality="computer_science"))) == []


def test_speciality_of_another_series_is_not_asked_of_this_one() -> None:  # G08
    assert unmet(make_complete(person=make_lecturer(speciality="computer_lab"))) == []


def test_committee_of_other_units_is_refused() -> None:  # G07
    committee = {"key": "others", "name": {"zh": "外校评委会"}, "units": ["elsewhere"]}
    round_ = make_round(committees=[committee])
    assert places(make_complete(round=round_)) == [("choice", "committee")]


def test_speciality_that_the_committee_does_not_judge_is_refused() -> None:  # G07
    committee = {"key": "arts", "name": {"zh": "文科评委会"}, "specialities": ["english"]}
    assert places(make_complete(round=make_round(committees=[committee]))) == [("choice", "committee")]


def test_level_two_above_the_present_one_is_refused() -> None:  # R06
    application = make_complete(level="senior", achievements=[project(clause="s2")])
    finding = only(application)
    assert (finding.section, finding.field, finding.covers) == ("choice", "level", ("R06",))
    assert said(finding).startswith("不能申报“教授”：职称须逐级申报，您可以申报副教授。")


def test_exceptional_application_may_skip_a_level() -> None:  # R06
    application = make_complete(
        level="senior", exceptional=True, achievements=[project(clause="s2")], qualification=exceptional()
    )
    assert unmet(application) == []


def test_exceptional_application_needs_reasons_and_two_recommenders() -> None:  # R06
    application = make_complete(level="senior", exceptional=True, achievements=[project(clause="s2")])
    assert places(application) == [
        ("qualification", "exceptional_reasons"),
        ("qualification", "recommender1_name"),
        ("qualification", "recommender1_title"),
        ("qualification", "recommender1_unit"),
        ("qualification", "recommender2_name"),
        ("qualification", "recommender2_title"),
        ("qualification", "recommender2_unit"),
    ]


def test_recommender_can_not_count_twice() -> None:  # R06
    application = make_complete(
        level="senior",
        exceptional=True,
        achievements=[project(clause="s2")],
        qualification=exceptional(recommender2_name="张 为民"),
    )
    finding = only(application)
    assert (finding.id, finding.field) == ("two-recommenders", "recommender2_name")


def test_kind_that_the_present_title_does_not_allow_is_refused() -> None:  # G07, R06
    person = make_lecturer(title_series="lab", title="实验师")
    application = make_complete(person=person, qualification=qualification(title1_name="实验师"))
    assert places(application) == [("choice", "kind")]


@pytest.mark.parametrize("level", ["senior", "associate"])
def test_first_application_is_for_junior_or_middle(level: str) -> None:  # R06
    person = make_lecturer(title=None, title_level=None, title_series=None, title_approved_on=None)
    application = make_complete(person=person, kind="first", level=level, achievements=[])
    assert ("choice", "level") in places(application)


def test_short_time_in_the_present_title_is_for_hr_to_judge() -> None:  # R06
    approved = PartialDate(2022, 12)
    application = make_complete(
        person=make_lecturer(title_approved_on=approved),
        qualification=qualification(title1_approved_on=approved),
        achievements=[award(start=PartialDate(2023, 9))],
    )
    finding = only(application)
    assert finding.severity is Severity.JUDGE
    assert said(finding).startswith("取得现职称满 4 年，一般须满 5 年才能晋升")


# --- R05, R20, R21: the person ---


@pytest.mark.parametrize("change", [{"in_service": False}, {"retired": True}])
def test_only_staff_in_service_can_apply(change: dict[str, bool]) -> None:  # R05
    finding = only(make_complete(person=make_lecturer(**change)))
    assert (finding.section, finding.field, finding.covers) == ("choice", "person", ("R05",))
    assert finding.severity is Severity.BLOCKING


@pytest.mark.parametrize("sanction", [Sanction.DEMERIT, Sanction.DEMOTION])
def test_sanction_of_demerit_or_worse_bars_while_it_lasts(sanction: Sanction) -> None:  # R05
    person = make_lecturer(sanction=sanction.value, sanction_until=date(2026, 9, 15))
    finding = only(make_complete(person=person))
    assert said(finding).startswith("受记过以上处分期间不能申报，处分期至2026年9月15日")


def test_sanction_without_end_reads_without_a_date() -> None:  # R05
    finding = only(make_complete(person=make_lecturer(sanction=Sanction.DEMERIT.value)))
    assert said(finding).startswith("受记过以上处分期间不能申报；")


def test_mere_warning_or_a_past_sanction_does_not_bar() -> None:  # R05
    for values in (
        {"sanction": Sanction.WARNING.value, "sanction_until": date(2027, 1, 1)},
        {"sanction": Sanction.DEMERIT.value, "sanction_until": date(2026, 9, 14)},
    ):
        assert unmet(make_complete(person=make_lecturer(**values))) == []


def test_person_barred_for_false_material_can_not_apply() -> None:  # R20, R21
    finding = only(make_complete(person=make_lecturer(barred_until=date(2026, 9, 15))))
    assert finding.covers == ("R20", "R21")
    assert "2026年9月15日" in said(finding)


def test_bar_ends_with_its_day() -> None:  # R20, R21
    application = make_complete(person=make_lecturer(barred_until=date(2026, 9, 15)))
    assert unmet(application, datetime(2026, 9, 15, 15, 59, tzinfo=UTC)) != []  # 23:59 in China
    assert unmet(application, datetime(2026, 9, 15, 16, 0, tzinfo=UTC)) == []


# --- G11: the photo ---


def test_photo_is_required() -> None:  # G11
    finding = only(make_complete(photo=None))
    assert (finding.section, finding.field, finding.covers) == ("basic", "photo", ("G11",))
    assert "295×413" in said(finding)


@pytest.mark.parametrize("change", [{"width": 413}, {"size": 4 * 1024}, {"size": 201 * 1024}])
def test_photo_of_another_specification_is_refused(change: dict[str, int]) -> None:  # G11
    given = {"sha256": "ab" * 32, "width": 295, "height": 413, "size": 50 * 1024, "at": NOW}
    assert places(make_complete(photo=Photo(**(given | change)))) == [("basic", "photo")]


def test_photo_of_the_specification_is_accepted() -> None:  # G11
    assert unmet(make_complete(photo=make_photo())) == []


# --- G12 to G14: qualification ---


@pytest.mark.parametrize("value", ["teacher", "lab"])
def test_present_work_takes_the_two_values(value: str) -> None:  # G12
    assert unmet(make_complete(qualification=qualification(current_work=value))) == []


def test_present_work_is_never_the_name_of_a_post() -> None:  # G12
    assert places(make_complete(qualification=qualification(current_work="辅导员"))) == [
        ("qualification", "current_work")
    ]


def test_years_that_contradict_the_work_history_are_for_a_person_to_judge() -> None:  # G13
    finding = only(make_complete(qualification=qualification(years=17)))
    assert (finding.severity, finding.field) == (Severity.JUDGE, "years")
    assert "17 年，按工作经历推算约 14 年" in said(finding)


@pytest.mark.parametrize("years", [13, 14, 15])
def test_years_within_one_of_the_work_history_agree(years: int) -> None:  # G13
    assert unmet(make_complete(qualification=qualification(years=years))) == []


def test_overlapping_posts_count_once_and_other_work_not_at_all() -> None:  # G13
    application = make_complete(
        work_history=[
            job(start=PartialDate(2016, 1)),
            job(start=PartialDate(2015, 1), end=PartialDate(2017, 12), organisation="江城大学"),
            job(start=PartialDate(2000, 1), end=PartialDate(2014, 12), work_type="other", organisation="厂"),
        ],
        qualification=qualification(years=12),
    )
    assert offered(application, "qualification", "years") == 12
    assert unmet(application) == []


def offered(application: Application, section: str, field: str) -> object:
    """What the rest of the form suggests for a field."""
    return requirements.offered_value(CaseContent(application, NOW).case, section, field)


def test_years_are_not_offered_without_a_work_history_or_for_other_fields() -> None:  # G13
    assert offered(make_complete(work_history=[]), "qualification", "years") is None
    assert offered(make_complete(), "basic", "school") is None


@pytest.mark.parametrize("field", ["title1_name", "title1_approved_on", "title1_authority", "title1_number"])
def test_promotion_needs_the_present_title(field: str) -> None:  # G14
    assert (("qualification", field)) in places(make_complete(qualification=qualification(**{field: None})))


def test_change_of_series_needs_the_present_title_too() -> None:  # G14
    person = make_lecturer(title_series="lab", title="实验师", title_level="middle")
    record = make_record(current_work="teacher", years=14)
    application = make_complete(person=person, kind="change", level="middle", qualification=record)
    assert [field for section, field in places(application) if section == "qualification"] == [
        "title1_name",
        "title1_approved_on",
        "title1_authority",
        "title1_number",
    ]


def test_title_and_approval_date_that_differ_from_the_roster_are_warnings() -> None:  # G14
    record = qualification(title1_name="工程师", title1_approved_on=PartialDate(2019, 3, 1))
    found = unmet(make_complete(qualification=record))
    assert [(f.id, f.severity) for f in found] == [
        ("title-as-in-roster", Severity.WARNING),
        ("approval-date-as-in-roster", Severity.WARNING),
    ]
    assert "2019年3月1日" in said(found[1])
    assert "2018年12月20日" in said(found[1])


def test_approval_month_agrees_with_the_roster_s_day() -> None:  # G14
    assert unmet(make_complete(qualification=qualification(title1_approved_on=PartialDate(2018, 12)))) == []


# --- G15: education ---


def test_both_degrees_may_be_one_entry_or_two() -> None:  # G15
    two = [degree(is_applied=None), degree(is_basic=None)]
    assert unmet(make_complete(education=two)) == []


@pytest.mark.parametrize(("mark", "row"), [("is_basic", "basic-degree"), ("is_applied", "applied-degree")])
def test_each_degree_is_marked_exactly_once(mark: str, row: str) -> None:  # G15
    none = only(make_complete(education=[degree(**{mark: False})]))
    assert (none.id, none.section, none.field) == (f"{row}-marked", "education", mark)
    assert none.severity is Severity.BLOCKING
    both = [degree(is_basic=mark == "is_basic", is_applied=mark == "is_applied"), degree()]
    assert only(make_complete(education=both)).id == f"{row}-marked"


# --- G16, G17: work history ---


def test_work_history_is_required() -> None:  # G16
    finding = only(make_complete(work_history=[]))
    assert (finding.section, finding.covers) == ("work_history", ("G16",))


def test_performance_is_required() -> None:  # G16
    finding = only(make_complete(achievements=[paper()]))
    assert (finding.section, finding.covers) == ("performance", ("G16", "G21"))


def test_newest_work_is_at_the_own_unit() -> None:  # G17
    entry = job(start=PartialDate(2020, 1), organisation="江城大学")
    history = [job(start=PartialDate(2012, 7), end=PartialDate(2019, 12)), entry]
    finding = only(make_complete(work_history=history))
    assert (finding.entry, finding.field) == (entry.uid, "organisation")
    assert said(finding).startswith("最近一条工作经历的单位是“江城大学”，必须是本单位“江城理工学院”")


def test_newest_work_is_the_one_that_lasts_whatever_the_order() -> None:  # G17
    old = job(start=PartialDate(2011, 7), end=PartialDate(2012, 6), organisation="江城大学")
    for history in ([old, job()], [job(), old]):
        assert unmet(make_complete(work_history=history, qualification=qualification(years=15))) == []


def test_blanks_and_full_width_letters_in_the_unit_do_not_matter() -> None:  # G17
    assert unmet(make_complete(work_history=[job(organisation="江城 理工学院　")])) == []


def test_newest_work_is_of_the_two_kinds() -> None:  # G17
    entry = job(work_type="other")
    found = unmet(make_complete(work_history=[entry]))
    assert [(f.id, f.entry, f.field) for f in found] == [
        ("newest-work-of-allowed-type", entry.uid, "work_type")
    ]


def test_earlier_work_may_be_of_another_kind() -> None:  # G17
    old = job(start=PartialDate(2010, 1), end=PartialDate(2012, 6), organisation="工厂", work_type="other")
    assert unmet(make_complete(work_history=[job(), old])) == []
