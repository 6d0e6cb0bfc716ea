"""Publicity lists (R08, R18, R23, G31)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from models.application import Application
from models.audit import AuditEvent
from models.choices import Action, PublicityKind, Role, State, Verdict
from models.publicity import Publicity
from models.sections import Entry, Judgement
from models.values import PartialDate
from panel.domain import actors
from panel.domain.access import policy
from panel.domain.actors import ANONYMOUS, actor_of
from panel.domain.errors import Refused
from panel.domain.publicity import lists, periods
from panel.domain.steps import workflow
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("database")
UNIT, RESULT = PublicityKind.UNIT, PublicityKind.RESULT


def entry(name: str, verdict: Verdict = Verdict.ACCEPT, **values: Any) -> Entry:
    values = {"category": "省教育厅科研项目"} | values
    made = factories.make_entry("performance", "project", name=name, **values)
    made.judgement = Judgement(verdict=verdict.value)
    return made


def plain_round() -> Any:
    return factories.make_round(endorsements=[])


def hr() -> actors.Actor:
    return actor_of(factories.make_user(Role.UNIT_HR))


def test_list_runs_five_working_days_from_the_next_day_and_counts_make_up_days() -> None:
    """R08: posted on Tuesday 15 September 2026; Sunday the 20th is a working day by the year's notice."""
    case = factories.make_application(State.SUBMITTED, round=plain_round())
    found = lists.post(UNIT, [case], hr(), NOW)
    assert (found.starts, found.ends) == (date(2026, 9, 16), date(2026, 9, 21))
    assert found.ends_at == datetime(2026, 9, 21, 15, 59, 59, 999000, tzinfo=UTC)
    assert found.is_provisional is False


def test_posting_takes_the_step_of_every_application() -> None:
    round_ = plain_round()
    cases = [factories.make_application(State.SUBMITTED, round=round_) for _ in range(2)]
    found = lists.post(UNIT, cases, hr(), NOW)
    for case in cases:
        case.reload()
        assert case.state == State.UNIT_PUBLICITY
        assert case.publicity == found.id
        assert case.publicity_ends == found.ends_at


def test_one_application_that_may_not_go_leaves_nothing_behind() -> None:
    round_ = plain_round()
    good = factories.make_application(State.SUBMITTED, round=round_)
    bad = factories.make_application(
        State.SUBMITTED, round=round_, achievements=[entry("课题", Verdict.DOUBT)]
    )
    with pytest.raises(Refused, match="存疑"):
        lists.post(UNIT, [good, bad], hr(), NOW)
    good.reload()
    assert good.state == State.SUBMITTED
    assert Publicity.objects.count() == 0
    assert AuditEvent.objects.count() == 0


def test_list_shows_achievements_as_printed_and_nothing_personal() -> None:
    """R08, R23: neither ID nor phone, also where somebody typed them into an achievement."""
    person = factories.make_person(id_number="420106198603120015", phone="13800001234", name="周文博")
    mine = entry(
        "面向边缘计算的资源调度研究，联系 13800001234，证件 420106198603120015",
        start=PartialDate(2021, 3),
    )
    case = factories.make_application(
        State.SUBMITTED, round=plain_round(), person=person, achievements=[mine], exceptional=True
    )
    lists.post(UNIT, [case], hr(), NOW)
    stored = str(Publicity._get_collection().find_one())
    assert "面向边缘计算的资源调度研究" in stored
    assert "省教育厅科研项目" in stored
    assert "周文博" in stored
    assert "信息工程学院" in stored
    for secret in ("420106198603120015", "13800001234"):
        assert secret not in stored
    row = Publicity.objects.first().rows[0]
    assert (row.level, row.title, row.present_title, row.exceptional) == ("associate", "副教授", "讲师", True)


def test_what_a_round_seals_is_on_no_list_also_where_its_columns_print_it() -> None:
    """R23: HR's own sealed field in the official column; not even a mask of it is public."""
    spec = plain_round().spec.model_dump(mode="json")
    sections = spec["sections"]
    fields = next(section for section in sections if section["key"] == "performance")["fields"]
    next(field for field in fields if field["key"] == "category")["encrypted"] = True
    case = factories.make_application(
        State.SUBMITTED,
        round=factories.make_round(endorsements=[], sections=sections),
        achievements=[entry("资源调度研究", category="护照 E12345678")],
    )
    lists.post(UNIT, [case], hr(), NOW)
    (line,) = Publicity.objects.first().rows[0].columns["performance"]
    assert "资源调度研究" in line
    assert "护照" not in line
    assert "678" not in line


def test_an_isbn_is_no_phone_number() -> None:
    case = factories.make_application(
        State.SUBMITTED, round=plain_round(), achievements=[entry("教材 ISBN 9787138000012 出版")]
    )
    found = lists.draft(UNIT, [case], NOW)
    assert "9787138000012" in found.rows[0].columns["performance"][0]


def test_what_hr_refused_is_not_published() -> None:
    case = factories.make_application(
        State.SUBMITTED,
        round=plain_round(),
        achievements=[entry("认可的项目"), entry("冒名的项目", Verdict.REFUSE)],
    )
    lines = lists.draft(UNIT, [case], NOW).rows[0].columns["performance"]
    assert len(lines) == 1
    assert "认可的项目" in lines[0]


def test_later_changes_of_the_application_leave_the_list_as_posted() -> None:
    case = factories.make_application(
        State.SUBMITTED, round=plain_round(), achievements=[entry("原来的名称")]
    )
    found = lists.post(UNIT, [case], hr(), NOW)
    Application.objects(id=case.id).update_one(set__achievements=[entry("后来的名称")])
    found.reload()
    assert "原来的名称" in found.rows[0].columns["performance"][0]


def test_higher_levels_come_first() -> None:
    round_ = plain_round()
    low = factories.make_application(State.SUBMITTED, round=round_, level="middle", name="甲")
    high = factories.make_application(State.SUBMITTED, round=round_, level="senior", name="乙")
    assert [row.name for row in lists.draft(UNIT, [low, high], NOW).rows] == ["乙", "甲"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"days": 4}, "不得少于 5"),
        ({"days": 31}, "最多 30"),
        ({"posted_on": date(2026, 9, 14)}, "不能早于今天"),
    ],
)
def test_bad_dates_are_refused(options: dict[str, Any], words: str) -> None:
    case = factories.make_application(State.SUBMITTED, round=plain_round())
    with pytest.raises(Refused, match=words):
        lists.post(UNIT, [case], hr(), NOW, **options)


def test_longer_period_than_the_round_demands_is_allowed() -> None:
    """Seven working days: 16, 17, 18, 20 (make-up), 21, 22, 23 September."""
    case = factories.make_application(State.SUBMITTED, round=plain_round())
    assert lists.post(UNIT, [case], hr(), NOW, days=7).ends == date(2026, 9, 23)


def test_empty_choice_and_mixed_rounds_are_refused() -> None:
    one = factories.make_application(State.SUBMITTED, round=plain_round())
    other = factories.make_application(State.SUBMITTED, round=plain_round())
    with pytest.raises(Refused, match="请先选择"):
        lists.draft(UNIT, [], NOW)
    with pytest.raises(Refused, match="不同批次"):
        lists.draft(UNIT, [one, other], NOW)


def test_round_without_telephone_cannot_publicise() -> None:
    """R08: the list names telephone and receiving office."""
    case = factories.make_application(
        State.SUBMITTED, round=factories.make_round(endorsements=[], publicity={"unit_days": 5})
    )
    with pytest.raises(Refused, match="监督电话"):
        lists.draft(UNIT, [case], NOW)


def test_result_list_needs_the_signed_tally() -> None:
    """R14, R18."""
    meeting = factories.make_meeting()
    case = factories.make_application(State.PASSED, outcome=factories.make_outcome(meeting.id))
    unsigned = factories.make_application(
        State.PASSED, outcome=factories.make_outcome(meeting.id, tally_sha256=None)
    )
    office = actor_of(factories.make_user(Role.OFFICE))
    lists.post(RESULT, [case], office, NOW)
    case.reload()
    assert case.state == State.RESULT_PUBLICITY
    with pytest.raises(Refused, match="主任委员"):
        lists.post(RESULT, [unsigned], office, NOW)


def test_case_goes_on_only_after_the_last_millisecond() -> None:
    case = factories.make_application(State.SUBMITTED, round=plain_round(), unit_opinion="同意推荐。")
    staff = hr()
    found = lists.post(UNIT, [case], staff, NOW)
    case.reload()
    with pytest.raises(Refused, match="公示还没有结束"):
        workflow.run(Action.RECOMMEND, case, staff, found.ends_at)
    after = workflow.run(Action.RECOMMEND, case, staff, found.ends_at + timedelta(milliseconds=1))
    assert after.state == State.PANEL


def test_unit_list_is_for_signed_in_people_of_the_unit_alone() -> None:
    case = factories.make_application(State.SUBMITTED, round=plain_round())
    lists.post(UNIT, [case], hr(), NOW)
    colleague = actor_of(factories.make_user(person=factories.make_person()))
    elsewhere = factories.make_unit(code="other", name="滨江师范学院")
    stranger = actor_of(factories.make_user(person=factories.make_person(unit=elsewhere)))
    assert policy.visible(colleague, Publicity).count() == 1
    assert policy.visible(stranger, Publicity).count() == 0
    assert policy.visible(ANONYMOUS, Publicity).count() == 0


def test_result_list_is_for_everybody() -> None:
    case = factories.make_application(
        State.PASSED, outcome=factories.make_outcome(factories.make_meeting().id)
    )
    lists.post(RESULT, [case], actor_of(factories.make_user(Role.OFFICE)), NOW)
    assert policy.visible(ANONYMOUS, Publicity).count() == 1


def test_remaining_working_days_count_today() -> None:
    case = factories.make_application(State.SUBMITTED, round=plain_round())
    found = lists.post(UNIT, [case], hr(), NOW)
    assert periods.remaining_days(found, NOW) == 5
    assert periods.remaining_days(found, datetime(2026, 9, 18, 2, tzinfo=UTC)) == 3  # 18, 20, 21
    assert periods.remaining_days(found, datetime(2026, 9, 19, 2, tzinfo=UTC)) == 2  # a free Saturday
    assert periods.remaining_days(found, datetime(2026, 9, 22, 2, tzinfo=UTC)) == 0
    assert periods.has_ended(found, found.ends_at) is False
    assert periods.has_ended(found, found.ends_at + timedelta(milliseconds=1)) is True


def provisional_list(case: Application, ends: date) -> Publicity:
    """A list over National Day 2026 as it was counted before that year's notice came out."""
    made = lists.draft(UNIT, [case], NOW)
    made.posted_on, made.starts, made.ends = date(2026, 9, 25), date(2026, 9, 28), ends
    made.ends_at, made.is_provisional, made.at = datetime(2026, 10, 8, 15, 59, 59, tzinfo=UTC), True, NOW
    made.save()
    Application.objects(id=case.id).update_one(set__publicity=made.id, set__publicity_ends=made.ends_at)
    return made


def test_provisional_end_is_counted_again_once_the_year_is_known() -> None:
    """28, 29, 30 September, then the holiday to 7 October, then 8 and 9 October."""
    case = factories.make_application(State.UNIT_PUBLICITY)
    made = provisional_list(case, date(2026, 10, 8))
    assert periods.recompute_provisional(NOW) == 1
    made.reload()
    case.reload()
    assert (made.starts, made.ends, made.is_provisional) == (date(2026, 9, 28), date(2026, 10, 9), False)
    assert case.publicity_ends == made.ends_at == datetime(2026, 10, 9, 15, 59, 59, 999000, tzinfo=UTC)
    assert periods.recompute_provisional(NOW) == 0


def test_recomputing_leaves_cases_alone_that_went_on() -> None:
    case = factories.make_application(State.PANEL)
    provisional_list(case, date(2026, 10, 8))
    periods.recompute_provisional(NOW)
    case.reload()
    assert case.publicity_ends == datetime(2026, 10, 8, 15, 59, 59, tzinfo=UTC)


def test_period_into_a_year_without_notice_is_provisional() -> None:
    case = factories.make_application(State.SUBMITTED, round=plain_round())
    late = datetime(2035, 12, 31, 2, tzinfo=UTC)
    assert lists.draft(UNIT, [case], late).is_provisional is True
