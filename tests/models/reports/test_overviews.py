"""Tables of cases: what each source says of a case, and the layout that HR gives a table."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from models.audit import AuditEvent
from models.choices import Kind, Role, State
from models.database import get_database
from models.export_layout import ExportLayout
from models.values import PartialDate
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.reports.overviews import cells, layouts, sources
from panel.domain.reports.overviews.cells import Reading
from panel.domain.reports.overviews.layouts import LayoutColumn
from tests import contents
from tests.factories import NOW, make_actor, make_application, make_certificate, make_outcome, make_round

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def case():
    return contents.make_complete(
        State.CERTIFIED,
        person=contents.make_lecturer(name="王芳", staff_number="20180042", id_number="420106198603120021"),
        unit_opinion="同意推荐。",
        number="2026000017",
        exceptional=False,
        outcome=make_outcome("5f0000000000000000000001"),
        approval={
            "document_number": "江理工职改〔2026〕12号",
            "approved_on": datetime(2026, 9, 13, 17, tzinfo=UTC),
        },
    )


def said(application, source, **changes):
    """What the source says to somebody of HR."""
    given = {"number": 3, "shows_process": True} | changes
    return cells.cell(source, Reading(application, **given))


EXPECTED = {
    "row": 3,
    "empty": "",
    "case.name": "王芳",
    "case.staff_number": "20180042",
    "case.number": "2026000017",
    "case.unit": "江城理工学院",
    "case.department": "信息工程学院",
    "case.recommending_unit": "江城理工学院",
    "case.kind": "晋升",
    "case.exceptional": "否",
    "case.level": "副高",
    "case.title": "副教授",
    "case.speciality": "计算机科学与技术",
    "case.committee": "江城理工学院高校教师人员评委会",
    "case.state": "已发证",
    "case.submitted_on": "2026-09-15",
    "case.submitted_on@month": "2026-09",
    "person.gender": "女",
    "person.birth_date": "1986-03-12",
    "person.birth_date@month": "1986-03",
    "person.title": "讲师",
    "person.title_approved_on@month": "2018-12",
    "person.unit": "江城理工学院",
    "person.id_number": "420***********0021",
    "field.basic.ethnicity": "汉族",
    "field.basic.degree": "硕士",
    "field.basic.diploma": "硕士研究生",
    "field.basic.phone": "138****1111",
    "field.basic.graduated_on": "2012-06",
    "field.basic.former_name": "",
    "field.qualification.years": 14,
    "field.education.organisation": "华中科技大学",
    "field.education.is_applied": "是",
    "count.performance": 2,
    "count.training": 0,
    "lines.assessments": "2025年；优秀",
    "lines.training": "",
    "opinion.unit": "同意推荐。",
    "vote.members": 9,
    "vote.yes": 8,
    "vote.no": 1,
    "vote.result": "通过",
    "approval.document_number": "江理工职改〔2026〕12号",
    # 17:00 UTC is the next day in China
    "approval.approved_on": "2026-09-14",
    "certificate.number": "",
    "nonsense.of": "",
    "field.gone.name": "",
}


def test_each_source_says_what_the_form_holds(case):
    assert {source: said(case, source) for source in EXPECTED} == EXPECTED


def test_several_entries_are_numbered_lines(case):
    lines = said(case, "lines.publications").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("1. 2022年4月；《一种自适应采样方法》；《计算机学报》")
    assert lines[1].startswith("2. 2020年8月；《程序设计基础》（教材）；高等教育出版社")


def test_a_refused_entry_is_no_line(case):
    from models.choices import Verdict
    from models.sections import Judgement

    for entry in case.achievements:
        if entry.get("name") == "程序设计基础":
            entry.judgement = Judgement(verdict=Verdict.REFUSE.value)
    assert said(case, "lines.publications").startswith("2022年4月；《一种自适应采样方法》")


def test_secrets_are_whole_only_where_asked_for(case):
    assert said(case, "person.id_number", is_clear=True) == "420106198603120021"
    assert said(case, "field.basic.id_number", is_clear=True) == "420106198603120021"
    assert said(case, "field.basic.id_number") == "420***********0021"


def test_opinions_and_votes_stay_from_whom_they_are_not_for(case):
    from models.sections import Endorsement

    case.endorsements = [Endorsement(office="college", yes=True, rank=2, opinion="业绩突出", at=NOW)]
    assert said(case, "endorsement.college") == "同意，排序第 2：业绩突出"
    for source in ("endorsement.college", "opinion.unit", "vote.yes", "vote.result"):
        assert said(case, source, shows_process=False) == ""


def test_the_certificate_has_its_number(case):
    certificate = make_certificate(case)
    assert said(case, "certificate.number", certificate=certificate) == certificate.number


def test_a_first_application_without_title_leaves_cells_empty():
    person = contents.make_lecturer(title=None, title_level=None, title_approved_on=None, birth_date=None)
    application = make_application(State.SUBMITTED, person=person, kind=Kind.FIRST.value, level="middle")
    assert said(application, "person.title") == ""
    assert said(application, "person.title_approved_on@month") == ""
    assert said(application, "person.birth_date@month") == ""
    assert said(application, "vote.yes") == ""
    assert said(application, "field.qualification.title1_name") == ""


def test_every_source_on_offer_has_words_and_says_something_of_a_full_case(case):
    offered = sources.offered(case.spec)
    assert len({source.key for source in offered}) == len(offered) > 100
    for source in offered:
        assert str(source.group), source.key
        assert str(source.label), source.key
        assert isinstance(said(case, source.key), str | int | float), source.key


def test_sources_called_the_same_are_told_apart(case):
    labels = {source.key: str(source.label) for source in sources.offered(case.spec)}
    assert labels["field.qualification.title1_name"] == "现职称 1：名称".replace(" ", "")
    assert labels["field.qualification.title2_name"] == "现职称2（没有可不填）：名称"
    assert labels["person.birth_date@month"] == "出生日期（年月）"


# --- layouts -----------------------------------------------------------------------------------------


@pytest.fixture
def round():
    return make_round()


@pytest.fixture
def hr():
    return make_actor(Role.UNIT_HR, name="陈国栋")


TWO = [LayoutColumn("编号", "row", 6), LayoutColumn("姓名", "case.name", 10)]


def test_a_table_is_as_the_round_ships_it_until_somebody_changes_it(round):
    layout = layouts.layout_of(round, "overview")
    assert (str(layout.label), layout.version) == ("申报人员一览表", 0)
    assert [column.label for column in layout.columns][:3] == ["序号", "姓名", "性别"]


def test_hr_changes_a_table_and_takes_it_back(round, hr):
    changed = layouts.save(round, "filing", TWO, 0, hr, NOW)
    assert [(c.label, c.source, c.width) for c in changed.columns] == [
        ("编号", "row", 6),
        ("姓名", "case.name", 10),
    ]
    assert (changed.version, changed.changed_by) == (1, "陈国栋")
    assert len(layouts.layout_of(round, "overview").columns) == 27
    again = layouts.save(round, "filing", TWO[:1], 1, hr, NOW)
    assert (len(again.columns), again.version) == (1, 2)
    shipped = layouts.reset(round, "filing", hr, NOW)
    assert (len(shipped.columns), shipped.version) == (21, 0)
    actions = [event.action for event in AuditEvent.objects.order_by("id")]
    assert actions == ["edit_export_layout", "edit_export_layout", "reset_export_layout"]


def test_of_two_who_change_a_table_the_later_sees_the_others(round, hr):
    layouts.save(round, "filing", TWO, 0, hr, NOW)
    for version in (0, 2):
        with pytest.raises(StaleWrite):
            layouts.save(round, "filing", TWO[:1], version, hr, NOW)
    assert len(layouts.layout_of(round, "filing").columns) == 2


def test_what_cannot_be_used_is_said_column_by_column(round, hr):
    bad = [
        LayoutColumn(" ", "row", 6),
        LayoutColumn("甲", "field.basic.nothing", 3),
        LayoutColumn("长" * 61, "row", 81),
    ]
    with pytest.raises(Invalid) as refusal:
        layouts.save(round, "filing", bad, 0, hr, NOW)
    assert {place: str(message) for place, message in refusal.value.fields.items()} == {
        "label-0": "请填写列名。",
        "source-1": "本批次没有这项内容，请另选一项。",
        "width-1": "列宽请填 4 到 80。",
        "label-2": "列名最多 60 个字。",
        "width-2": "列宽请填 4 到 80。",
    }
    for columns in ([], [LayoutColumn("甲", "row")] * 61):
        with pytest.raises(Invalid):
            layouts.save(round, "filing", columns, 0, hr, NOW)
    assert not ExportLayout.objects


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ENDORSER, Role.EXPERT])
def test_others_change_no_table(round, role):
    actor = make_actor(role)
    with pytest.raises(Refused):
        layouts.save(round, "filing", TWO, 0, actor, NOW)
    with pytest.raises(Refused):
        layouts.reset(round, "filing", actor, NOW)


def test_a_table_that_the_round_does_not_have_is_not_found(round, hr):
    with pytest.raises(NotFound):
        layouts.layout_of(round, "nothing")
    with pytest.raises(NotFound):
        layouts.save(round, "nothing", TWO, 0, hr, NOW)


def test_one_layout_per_round_and_table_is_a_unique_index():
    found = get_database().export_layouts.index_information().values()
    assert {"round", "key"} in [{name for name, _ in index["key"]} for index in found if index.get("unique")]


def test_birthdays_known_to_the_month_stay_so():
    person = contents.make_lecturer(joined_on=PartialDate(2015), birth_date=date(1986, 3, 1))
    application = make_application(State.SUBMITTED, person=person)
    assert said(application, "person.joined_on") == "2015"
    assert said(application, "person.joined_on@month") == "2015"
