"""The panel's front page and list of applications: who sees what, filters, and steps on many rows."""

from datetime import date, timedelta

import pytest
from bson import ObjectId

from models.application import Application
from models.audit import AuditEvent
from models.certificate import Certificate
from models.choices import Kind, Role, RoundState, State, Verdict
from models.publicity import Publicity
from models.review_round import Extension, ReviewRound
from models.sections import Endorsement, Judgement, Receipt
from tests.contents import make_complete
from tests.factories import (
    NOW,
    make_application,
    make_meeting,
    make_opinions,
    make_person,
    make_round,
    make_unit,
    make_user,
)

LIST = "/admin/applications/"
ACTION = "/admin/applications/action/"


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="林人事")


@pytest.fixture
def office(sign_in_as):
    return sign_in_as(Role.OFFICE)


def named(name: str, state: State = State.SUBMITTED, **values):
    person = values.pop("person", None) or make_person(name=name)
    return make_application(state, person=person, **values)


def other_unit():
    return make_unit(code="other", name="西湖大学", departments=[])


def ready(name: str = "张可荐") -> Application:
    """Submitted, judged, endorsed: nothing stands against publicity."""
    application = make_complete(State.SUBMITTED, person=make_person(name=name))
    for entry in application.achievements:
        entry.judgement = Judgement(verdict=Verdict.ACCEPT.value, by_name="林人事", at=NOW)
    given = [
        Endorsement(office=row.key, yes=True, rank=1 if row.ranks else None, at=NOW, by_name="黄")
        for row in application.spec.endorsements
    ]
    Application.objects(id=application.id).update_one(
        set__achievements=application.achievements, set__endorsements=given
    )
    application.reload()
    return application


# --- the front page ------------------------------------------------------------------------------


def test_today_counts_the_work_and_links_to_its_list(hr):
    named("张一")
    named("李二")
    late = named("王三", State.LAPSED)
    page = hr.get("/admin/").text
    assert "待审核" in page
    assert f"{LIST}?work=to_check" in page
    listed = hr.get(f"{LIST}?work=to_check").text
    assert "张一" in listed
    assert "王三" not in listed
    assert late.name in hr.get(f"{LIST}?work=overdue").text


def test_table_of_department_level_and_state_links_its_cells(hr):
    application = named("张一")
    page = hr.get("/admin/").text
    expected = (
        f"{LIST}?round={application.round.id}&amp;department=cs&amp;level=associate&amp;state=submitted"
    )
    assert expected in page
    assert "信息工程学院 副教授 待单位审核 1 人" in page


def test_a_sum_of_the_table_leads_to_as_many_rows(hr):
    named("今年的人")
    named("往年的人", round=make_round(year=2024, code="teacher-2024"), year=2024)
    ReviewRound.objects(year=2024).update_one(set__state=RoundState.CLOSED.value)
    make_round("lab")
    page = hr.get("/admin/").text
    assert f"{LIST}?round=running&amp;state=submitted" in page
    listed = hr.get(f"{LIST}?round=running&state=submitted").text
    assert "今年的人" in listed
    assert "往年的人" not in listed
    assert "往年的人" in hr.get(f"{LIST}?state=submitted").text


def test_who_has_not_started_and_who_is_late_are_counted(hr, travel):
    make_person(name="没开始")
    named("迟到者", State.DRAFT)
    travel(NOW + timedelta(days=400))
    page = hr.get("/admin/").text
    assert "谁还没有开始" in page
    assert "department=cs&amp;started=no" in page
    assert "迟到者" in hr.get(f"{LIST}?work=late").text
    assert "没开始" in hr.get("/admin/people/?started=no").text
    assert "迟到者" not in hr.get("/admin/people/?started=no").text


def test_extended_draft_is_not_late(hr, travel):
    application = named("迟到者", State.DRAFT)
    after = NOW + timedelta(days=400)
    Extension(
        unit=make_unit(),
        round=application.round,
        people=[application.person],
        until=after.date(),
        reason="病假",
        at=NOW,
    ).save()
    travel(after)
    assert "迟到者" not in hr.get(f"{LIST}?work=late").text


def test_administrator_sees_no_application_anywhere(sign_in_as):
    application = named("张一")
    admin = sign_in_as(Role.ADMIN)
    assert "张一" not in admin.get("/admin/").text
    assert admin.get(LIST).status_code == 404
    assert admin.get(f"{LIST}{application.id}").status_code == 404


# --- the list ------------------------------------------------------------------------------------


def test_list_shows_own_unit_only(hr):
    named("张一")
    named("外人", person=make_person(name="外人", unit=other_unit()))
    page = hr.get(LIST).text
    assert "张一" in page
    assert "外人" not in page


@pytest.mark.parametrize("typed", ["张一鸣", "zhangyi", "zym", "T9001", "t9001", " 张 一 "])
def test_search_finds_by_name_pinyin_and_staff_number(hr, typed):
    named("张一鸣", person=make_person(name="张一鸣", staff_number="T9001"))
    named("李小双")
    page = hr.get(LIST, query_string={"search": typed}).text
    assert "张一鸣" in page
    assert "李小双" not in page


def test_search_finds_a_whole_application_number(hr):
    wanted = named("张一鸣")
    named("李小双")
    page = hr.get(LIST, query_string={"search": wanted.number}).text
    assert "张一鸣" in page
    assert "李小双" not in page


def test_search_text_is_no_pattern(hr):
    named("张一鸣")
    for typed in (".*", "(", "[$ne]", '{"$ne": ""}'):
        answer = hr.get(LIST, query_string={"search": typed})
        assert answer.status_code == 200
        assert "张一鸣" not in answer.text


def test_filters_narrow_and_unknown_values_are_ignored_with_a_word(hr):
    named("张一", kind=Kind.PROMOTION.value)
    named("李二", State.RETURNED, kind=Kind.CHANGE.value, level="middle")
    assert "李二" not in hr.get(f"{LIST}?state=submitted").text
    assert "李二" not in hr.get(f"{LIST}?kind=promotion").text
    assert "张一" not in hr.get(f"{LIST}?level=middle").text
    page = hr.get(f"{LIST}?state=hacked&department=nowhere").text
    assert "没有这个筛选条件" in page
    assert "张一" in page


def test_on_behalf_unconfirmed_has_its_filter(hr):
    receipt = Receipt(number="1", at=NOW, sha256="a" * 64, content_revision=3, on_behalf=True)
    named("代交者", receipt=receipt)
    named("自交者")
    page = hr.get(f"{LIST}?work=unconfirmed").text
    assert "代交者" in page
    assert "自交者" not in page


def test_list_sorts_by_name_both_ways(hr):
    named("甲")
    named("乙")
    down = hr.get(f"{LIST}?sort=name&desc=1").text
    up = hr.get(f"{LIST}?sort=name").text
    assert (up.index(">乙<") < up.index(">甲<")) != (down.index(">乙<") < down.index(">甲<"))


def test_empty_list_says_so(hr):
    assert "还没有申报" in hr.get(LIST).text
    assert "没有符合条件的记录" in hr.get(f"{LIST}?state=certified").text


def test_endorser_sees_own_department_and_submitted_cases_only(sign_in_as):
    named("本院")
    named("别院", person=make_person(name="别院", department="me"))
    named("草稿", State.DRAFT)
    page = sign_in_as(Role.ENDORSER, department="cs").get(LIST).text
    assert "本院" in page
    assert "别院" not in page
    assert "草稿" not in page


# --- steps on many rows --------------------------------------------------------------------------


def test_confirmation_names_who_goes_and_who_does_not_and_why_and_runs_nothing(hr):
    good, bad = ready("张可荐"), named("李未审")
    page = hr.submit(ACTION, {"action": "publicise", "rowid": [str(good.id), str(bad.id)]}).text
    going, staying = page.split("不会办理 1 人")
    assert "将办理 1 人" in going
    assert "张可荐" in going
    assert "李未审" not in going
    assert "李未审" in staying
    assert "还缺" in staying
    assert "公示期" in going
    assert Application.objects.get(id=good.id).state == State.SUBMITTED


def test_publicise_runs_after_the_confirmation(hr):
    good = ready()
    answer = hr.submit(
        "/admin/applications/run/publicise",
        {"rowid": str(good.id), "days": "5", "posted_on": NOW.date().isoformat()},
    )
    assert "已办理 1 人" in answer.text
    assert Application.objects.get(id=good.id).state == State.UNIT_PUBLICITY
    assert Publicity.objects.count() == 1


def test_publicise_with_too_few_days_is_refused_and_posts_nothing(hr):
    good = ready()
    answer = hr.submit(
        "/admin/applications/run/publicise",
        {"rowid": str(good.id), "days": "2", "posted_on": NOW.date().isoformat()},
    )
    assert answer.status_code == 409
    assert "不得少于 5 个工作日" in answer.text
    assert Publicity.objects.count() == 0


@pytest.mark.parametrize("address", [ACTION, "/admin/applications/run/recommend"])
def test_one_id_outside_the_scope_makes_the_whole_batch_not_found(hr, address):
    mine = named("张一", State.UNIT_PUBLICITY, publicity_ends=NOW - timedelta(days=1), unit_opinion="好")
    foreign = named("外人", State.UNIT_PUBLICITY, person=make_person(name="外人", unit=other_unit()))
    for id in (str(foreign.id), str(ObjectId()), "nonsense", ""):
        answer = hr.submit(address, {"action": "recommend", "rowid": [str(mine.id), id]})
        assert answer.status_code == 404
    assert Application.objects.get(id=mine.id).state == State.UNIT_PUBLICITY
    assert Application.objects.get(id=foreign.id).state == State.UNIT_PUBLICITY


def test_recommend_writes_the_opinion_for_those_without_one(hr):
    over = {"publicity_ends": NOW - timedelta(days=1)}
    written = named("有意见", State.UNIT_PUBLICITY, unit_opinion="原有意见", **over)
    bare = named("没意见", State.UNIT_PUBLICITY, **over)
    answer = hr.submit(
        "/admin/applications/run/recommend",
        {"rowid": [str(written.id), str(bare.id)], "unit_opinion": "同意推荐。"},
    )
    assert "已办理 2 人" in answer.text
    assert Application.objects.get(id=written.id).unit_opinion == "原有意见"
    assert Application.objects.get(id=bare.id).unit_opinion == "同意推荐。"
    assert Application.objects.get(id=bare.id).state in (State.PANEL, State.OFFICE_REVIEW)


def test_rows_beyond_the_quota_are_named_before_the_run(hr):
    round_ = make_round(quotas={"associate": 1})
    over = {"publicity_ends": NOW - timedelta(days=1), "unit_opinion": "好", "round": round_}
    rows = [named(name, State.UNIT_PUBLICITY, **over) for name in ("甲", "乙")]
    page = hr.submit(ACTION, {"action": "recommend", "rowid": [str(row.id) for row in rows]}).text
    assert "将办理 1 人" in page
    assert "推荐名额 1 个" in page


def test_running_publicity_cannot_be_recommended(hr):
    running = named("张一", State.UNIT_PUBLICITY, publicity_ends=NOW + timedelta(days=1), unit_opinion="好")
    answer = hr.submit("/admin/applications/run/recommend", {"rowid": str(running.id)})
    assert "有 1 人没有办理" in answer.text
    assert "公示还没有结束" in answer.text
    assert Application.objects.get(id=running.id).state == State.UNIT_PUBLICITY


def test_reinstate_asks_for_reason_and_deadline_and_keeps_what_was_typed(hr):
    lapsed = named("张一", State.LAPSED, lapsed_from=State.RETURNED.value)
    answer = hr.submit("/admin/applications/run/reinstate", {"rowid": str(lapsed.id), "reason": "住院"})
    assert answer.status_code == 422
    assert "住院" in answer.text
    assert "请选择截止日期" in answer.text
    day = (NOW.date() + timedelta(days=7)).isoformat()
    hr.submit(
        "/admin/applications/run/reinstate", {"rowid": str(lapsed.id), "reason": "住院", "deadline": day}
    )
    stored = Application.objects.get(id=lapsed.id)
    assert stored.state == State.RETURNED
    assert stored.history[-1].reason == "住院"


def test_reject_without_a_reason_is_refused(hr):
    application = named("张一")
    assert hr.submit("/admin/applications/run/reject", {"rowid": str(application.id)}).status_code == 422
    hr.submit("/admin/applications/run/reject", {"rowid": str(application.id), "reason": "材料不实"})
    assert Application.objects.get(id=application.id).state == State.NOT_RECOMMENDED


def test_what_a_guard_refuses_stands_beside_its_field_and_no_row_has_run(hr):
    rows = [named(name, State.LAPSED, lapsed_from=State.RETURNED.value) for name in ("甲", "乙")]
    sent = {"rowid": [str(row.id) for row in rows], "reason": "长" * 2001, "deadline": "2026-09-14"}
    answer = hr.submit("/admin/applications/run/reinstate", sent)
    assert answer.status_code == 422
    assert "理由最多 2000 个字。" in answer.text
    assert "截止日期必须在今天或以后。" in answer.text
    assert {row.state for row in Application.objects()} == {State.LAPSED}


def test_a_reason_missing_is_said_in_the_words_of_the_step(hr):
    answer = hr.submit("/admin/applications/run/reject", {"rowid": str(named("张一").id), "reason": " "})
    assert answer.status_code == 422
    assert "请写明理由。" in answer.text


def test_every_field_of_the_document_that_will_not_do_is_named_at_once(office):
    case = named("乙", State.RESULT_PUBLICITY, publicity_ends=NOW - timedelta(days=1))
    sent = {"rowid": str(case.id), "document_number": "长" * 61, "approved_on": "nothing", "filing": ""}
    answer = office.submit("/admin/applications/run/confirm", sent)
    assert answer.status_code == 422
    for words in ("请填写批准文号（60 字以内）。", "请选择文件日期。", "请填写备案情况（300 字以内）。"):
        assert words in answer.text


def test_office_accepts_tables_confirms_and_issues(office):
    to_accept = named("甲", State.OFFICE_REVIEW)
    office.submit("/admin/applications/run/accept", {"rowid": str(to_accept.id)})
    assert Application.objects.get(id=to_accept.id).state == State.PANEL

    meeting = make_meeting(round=to_accept.round)
    make_opinions(to_accept, [member.user for member in meeting.committee.members[:3]])
    offered = office.submit(ACTION, {"action": "table", "rowid": str(to_accept.id)}).text
    assert meeting.title in offered
    missing = office.submit("/admin/applications/run/table", {"rowid": str(to_accept.id)})
    assert missing.status_code == 422
    office.submit("/admin/applications/run/table", {"rowid": str(to_accept.id), "meeting": str(meeting.id)})
    assert Application.objects.get(id=to_accept.id).state == State.BALLOT

    to_confirm = named("乙", State.RESULT_PUBLICITY, publicity_ends=NOW - timedelta(days=1))
    document = {"document_number": "江理工人〔2026〕9号", "approved_on": "2026-09-10", "filing": "已备案"}
    asked = office.submit(ACTION, {"action": "confirm", "rowid": str(to_confirm.id)}).text
    assert "确认评审结果（1 人）" in asked
    assert "确认确认" not in asked
    late = document | {"rowid": str(to_confirm.id), "approved_on": "2027-01-01"}
    assert office.submit("/admin/applications/run/confirm", late).status_code == 422
    office.submit("/admin/applications/run/confirm", document | {"rowid": str(to_confirm.id)})
    stored = Application.objects.get(id=to_confirm.id)
    assert stored.state == State.CONFIRMED
    assert stored.approval["approved_on"] == date(2026, 9, 10).isoformat()


def test_hr_alone_cannot_take_a_step_of_the_office(hr):
    application = named("甲", State.OFFICE_REVIEW)
    assert hr.submit(ACTION, {"action": "accept", "rowid": str(application.id)}).status_code == 404
    answer = hr.submit("/admin/applications/run/accept", {"rowid": str(application.id)})
    assert "没有办理" in answer.text
    assert Application.objects.get(id=application.id).state == State.OFFICE_REVIEW


def test_nobody_steps_their_own_application(sign_in_as):
    person = make_person(name="人事本人")
    browser = sign_in_as(make_user(Role.UNIT_HR, person=person))
    own = named("人事本人", State.UNIT_PUBLICITY, person=person, publicity_ends=NOW - timedelta(days=1))
    answer = browser.submit(
        "/admin/applications/run/recommend", {"rowid": str(own.id), "unit_opinion": "同意"}
    )
    assert "没有办理" in answer.text
    assert Application.objects.get(id=own.id).state == State.UNIT_PUBLICITY
    assert Application.objects.get(id=own.id).unit_opinion is None


def test_steps_that_do_not_exist_or_are_not_for_lists_are_not_found(hr):
    application = named("甲")
    for action in ("withdraw", "lapse", "close", "revoke", "endorse", "nothing", "$set"):
        assert (
            hr.submit(f"/admin/applications/run/{action}", {"rowid": str(application.id)}).status_code == 404
        )
        assert hr.submit(ACTION, {"action": action, "rowid": str(application.id)}).status_code == 404


def test_posted_state_or_unit_changes_nothing(hr):
    application = named("甲", State.OFFICE_REVIEW)
    sent = {"rowid": str(application.id), "state": "certified", "unit": str(ObjectId()), "number": "1"}
    hr.submit("/admin/applications/run/submit", sent)
    stored = Application.objects.get(id=application.id)
    assert (stored.state, stored.number) == (State.OFFICE_REVIEW, application.number)
    assert Certificate.objects.count() == 0
    assert AuditEvent.objects(thing_id=str(application.id)).count() == 0
