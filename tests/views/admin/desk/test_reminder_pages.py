"""The pages of reminders and mails: whom, what, sent, and what became of it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from models.choices import Role, State
from models.outbox import OutboxRow
from models.reminder import Reminder
from tests.factories import NOW, make_application, make_person, make_round, make_unit
from tests.views.conftest import Browser


@pytest.fixture(autouse=True)
def at_now(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


@pytest.fixture
def hr(sign_in_as: Callable[..., Browser]) -> Browser:
    return sign_in_as(Role.UNIT_HR)


def test_without_a_round_there_is_nobody_to_remind(hr: Browser) -> None:
    answer = hr.get("/admin/reminders/new", follow_redirects=True)
    assert "现在没有进行中的批次" in answer.text
    assert "还没有发送过提醒" in answer.text


def test_the_page_names_who_would_get_what_before_anything_is_sent(hr: Browser) -> None:
    round = make_round()
    make_person(name="周文博", email="zhou@jcut.test", department="cs")
    make_person(name="沈佳宁", department="me")
    make_person(name="外校的人", unit=make_unit(code="other", name="外校"))
    page = hr.get(f"/admin/reminders/new?group=not_started&round={round.id}").text
    assert "发到消息和邮箱：2 人" in page
    assert "周文博老师：今年的职称申报已经开始，您还没有填报。准备申报的，请在2026年12月31日前" in page
    assert "1 人在名册里有邮箱" in page
    assert "1 人没有邮箱" in page
    assert "外校的人" not in page
    chat = re.search(r'<textarea[^>]*id="chat"[^>]*>(.*?)</textarea>', page, re.S)
    assert chat is not None
    assert chat[1] == (
        "以下老师可以申报、还没有开始填报，准备申报的请登录系统填写：\n"
        "信息工程学院（1 人）：周文博\n机械工程学院（1 人）：沈佳宁\n截止日期：2026年12月31日。"
    )
    assert OutboxRow.objects.count() == 0


def test_a_department_narrows_the_group_and_an_unknown_one_does_not_reach_the_query(hr: Browser) -> None:
    make_round()
    make_person(name="周文博", department="cs")
    make_person(name="沈佳宁", department="me")
    page = hr.get("/admin/reminders/new?department=me").text
    assert "沈佳宁" in page
    assert "周文博" not in page
    assert "发到消息和邮箱：2 人" in hr.get("/admin/reminders/new?department[$ne]=me&department=xx").text


def test_sending_fills_the_inboxes_and_leads_to_the_record(hr: Browser) -> None:
    make_round()
    reader = make_person(name="周文博", email="zhou@jcut.test")
    make_person(name="沈佳宁")
    answer = hr.submit(
        "/admin/reminders/new",
        {"group": "not_started", "text": "{姓名}：请填报", "step": "send"},
        follow_redirects=True,
    )
    assert "已提醒 2 人" in answer.text
    assert "共 2 人，已读 0 人，邮件待发送 1，没有邮箱 1" in answer.text
    assert "{姓名}：请填报" in answer.text
    OutboxRow.objects(person=reader).update(set__read_at=NOW)
    assert "已读 1 人" in hr.get(answer.request.path).text
    assert "周文博：请填报" in hr.get("/admin/mail/").text
    assert "{姓名}：请填报" in hr.get("/admin/reminders/").text


def test_the_applicant_reads_it_in_the_inbox(hr: Browser, sign_in_as: Callable[..., Browser]) -> None:
    make_round()
    applicant = sign_in_as(Role.APPLICANT)
    hr.submit("/admin/reminders/new", {"group": "not_started", "text": "{姓名}：请填报", "step": "send"})
    assert "林晓静：请填报" in applicant.get("/inbox").text
    assert "1 条未读" in applicant.get("/my/").text


def test_hr_does_not_find_the_peoples_notices_in_their_own_inbox(hr: Browser) -> None:
    make_round()
    make_person()
    hr.submit("/admin/reminders/new", {"group": "not_started", "text": "请填报", "step": "send"})
    assert "还没有消息" in hr.get("/inbox").text
    row = OutboxRow.objects.get()
    assert hr.submit("/inbox/read", {"id": str(row.id)}).status_code == 404
    hr.submit("/inbox/read")
    row.reload()
    assert row.read_at is None


def test_a_wrong_text_keeps_what_was_typed(hr: Browser) -> None:
    make_round()
    make_person()
    answer = hr.submit(
        "/admin/reminders/new",
        {"group": "not_started", "for_group": "not_started", "text": "{工号}请填报", "step": "send"},
    )
    assert answer.status_code == 422
    assert "“{工号}”不能用在这里" in answer.text
    assert ">{工号}请填报</textarea>" in answer.text
    assert OutboxRow.objects.count() == 0


def test_who_was_reminded_today_is_said_and_skipped(hr: Browser, travel: Callable[[datetime], None]) -> None:
    make_round()
    make_person(name="周文博")
    send = {"group": "not_started", "text": "请填报", "step": "send", "for_group": "not_started"}
    hr.submit("/admin/reminders/new", send)
    make_person(name="新来的人")
    travel(NOW + timedelta(hours=20))
    page = hr.get("/admin/reminders/new?group=not_started").text
    assert "1 人 24 小时内已提醒过，这次跳过" in page
    again = hr.submit("/admin/reminders/new", send, follow_redirects=True).text
    assert "已提醒 1 人" in again
    assert "另有 1 人 24 小时内已提醒过，没有再发" in again
    nobody = hr.submit("/admin/reminders/new", send).text
    assert "这些人 24 小时内都已提醒过，没有再发" in nobody
    hr.submit("/admin/reminders/new", send | {"again": "1"})
    assert OutboxRow.objects.count() == 4


def test_chosen_applications_are_reminded_from_the_list(hr: Browser) -> None:
    round = make_round()
    draft = make_application(State.DRAFT, name="填报中的人", round=round)
    done = make_application(State.SUBMITTED, name="已提交的人", round=round)
    page = hr.submit(
        "/admin/applications/action/", {"action": "remind", "rowid": [str(draft.id), str(done.id)]}
    ).text
    assert "发到消息和邮箱：1 人" in page
    assert "不会提醒 1 人" in page
    assert "不需要这样提醒" in page
    hr.submit(
        "/admin/reminders/new",
        {
            "group": "draft",
            "round": str(round.id),
            "rowid": [str(draft.id), str(done.id)],
            "text": "请提交",
            "step": "send",
        },
    )
    (row,) = OutboxRow.objects
    assert row.person.id == draft.person.id
    assert Reminder.objects.get().is_chosen


def test_chosen_people_are_reminded_from_the_roster(hr: Browser) -> None:
    make_round()
    person = make_person(name="周文博")
    page = hr.submit("/admin/people/action/", {"action": "remind", "rowid": [str(person.id)]}).text
    assert "发到消息和邮箱：1 人" in page
    assert "周文博老师：今年的职称申报已经开始" in page


def test_foreign_people_are_never_reminded(hr: Browser) -> None:
    make_round()
    foreign = make_person(unit=make_unit(code="other", name="外校"))
    hr.submit(
        "/admin/reminders/new",
        {"group": "not_started", "rowid": [str(foreign.id)], "text": "请填报", "step": "send"},
    )
    assert OutboxRow.objects.count() == 0


def test_supervision_looks_but_does_not_send(sign_in_as: Callable[..., Browser]) -> None:
    make_round()
    make_person()
    browser = sign_in_as(Role.SUPERVISOR)
    assert "/admin/reminders/new" not in browser.get("/admin/reminders/").text
    send = {"group": "not_started", "text": "请填报", "step": "send"}
    assert browser.submit("/admin/reminders/new", send).status_code == 404
    assert "提醒申报" not in browser.get("/admin/people/").text


def test_a_mail_that_failed_is_queued_again(hr: Browser) -> None:
    person = make_person(name="周文博")
    row = OutboxRow(
        person=person, unit=person.unit.id, message="评审结果已确认。", at=NOW, mail="failed", error="550 no"
    ).save()
    page = hr.get("/admin/mail/").text
    assert "发送失败" in page
    assert "邮件服务器说：550 no" in page
    assert "没有配置邮件服务器" in page
    answer = hr.submit(
        "/admin/mail/action/", {"action": "resend", "rowid": str(row.id)}, follow_redirects=True
    )
    assert "已重新排队发送 1 封" in answer.text
    row.reload()
    assert (row.mail, row.error) == ("waiting", None)


def test_mails_are_filtered_by_state(hr: Browser) -> None:
    person = make_person()
    for state, text in (("failed", "甲通知"), ("sent", "乙通知")):
        OutboxRow(person=person, unit=person.unit.id, message=text, at=NOW, mail=state).save()
    page = hr.get("/admin/mail/?mail=failed").text
    assert "甲通知" in page
    assert "乙通知" not in page


def test_too_many_at_once_are_not_listed_but_sent_to_departments(
    hr: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panel.domain.desk import reminders

    monkeypatch.setattr(reminders, "MOST_PEOPLE", 1)
    make_round()
    make_person(name="周文博", department="cs")
    make_person(name="沈佳宁", department="me")
    page = hr.get("/admin/reminders/new").text
    assert "一次最多提醒 1 人，请按部门分次提醒" in page
    assert "沈佳宁" not in page
    sent = hr.submit("/admin/reminders/new", {"group": "not_started", "text": "请填报", "step": "send"})
    assert sent.status_code == 409
    assert OutboxRow.objects.count() == 0
    assert "沈佳宁" in hr.get("/admin/reminders/new?department=me").text
