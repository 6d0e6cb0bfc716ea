"""Reminders: whom a group means, what each reads, and not twice within a day (G30)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from models.application import Application
from models.audit import AuditEvent
from models.choices import Role, State
from models.outbox import OutboxRow
from models.reminder import Reminder, ReminderGroup
from models.review_round import Extension, ReviewRound
from models.values import ref_id
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.desk import reminder_groups, reminders
from panel.domain.desk.reminder_groups import Addressees
from panel.domain.errors import Invalid, Refused
from tests.factories import NOW, make_actor, make_application, make_person, make_round, make_unit

pytestmark = pytest.mark.usefixtures("database")

NOT_STARTED, DRAFT, RETURNED = ReminderGroup.NOT_STARTED, ReminderGroup.DRAFT, ReminderGroup.RETURNED


@pytest.fixture
def hr() -> Actor:
    return make_actor(Role.UNIT_HR)


@pytest.fixture
def round() -> ReviewRound:
    return make_round()


def names(found: reminder_groups.Recipients) -> list[str]:
    return [one.name for one in found.recipients]


def test_who_could_apply_and_has_not_is_to_be_reminded(hr: Actor, round: ReviewRound) -> None:
    make_person(name="可以申报", staff_number="A1", department="cs")
    make_person(name="另一部门", staff_number="A2", department="me")
    make_person(name="不在职", in_service=False)
    make_person(name="已退休", retired=True)
    make_person(name="实验系列", series="lab")
    make_person(name="已是正高", title="教授", title_level="senior")
    make_person(name="外单位", unit=make_unit(code="other", name="外校"))
    make_application(State.DRAFT, person=make_person(name="已开始"), round=round)
    make_application(State.SUBMITTED, person=make_person(name="已提交"), round=round)
    make_application(State.WITHDRAWN, person=make_person(name="放弃后", department="me"), round=round)
    found = reminder_groups.find(Addressees(NOT_STARTED, round), hr, NOW)
    assert names(found) == ["可以申报", "另一部门", "放弃后"]
    only = reminder_groups.find(Addressees(NOT_STARTED, round, department="cs"), hr, NOW)
    assert names(only) == ["可以申报"]


def test_after_the_closing_day_only_those_extended_are_meant(hr: Actor, round: ReviewRound) -> None:
    late = datetime(2027, 1, 9, 2, tzinfo=UTC)
    make_person(name="没有延期")
    kept = make_person(name="延期的人")
    Extension(
        round=round, unit=kept.unit, people=[kept], until=date(2027, 1, 10), reason="出差", at=NOW
    ).save()
    found = reminder_groups.find(Addressees(NOT_STARTED, round), hr, late)
    assert names(found) == ["延期的人"]
    assert reminders.written("{截止日} {还剩天数}", found.recipients[0], None, late) == "2027年1月10日 1"


def test_chosen_people_who_need_none_are_named_with_the_reason(hr: Actor, round: ReviewRound) -> None:
    fits = make_person(name="可以申报")
    started = make_application(State.DRAFT, person=make_person(name="已开始"), round=round).person
    gone = make_person(name="已离职", in_service=False)
    foreign = make_person(name="外单位", unit=make_unit(code="other", name="外校"))
    ids = [str(person.id) for person in (fits, started, gone, foreign)]
    found = reminder_groups.find(Addressees(NOT_STARTED, round, ids=ids), hr, NOW)
    assert names(found) == ["可以申报"]
    assert {name: str(why) for name, why in found.left_out} == {"已开始": "今年已有申报", "已离职": "不在职"}


def test_drafts_and_returns_are_groups_of_their_own(hr: Actor, round: ReviewRound) -> None:
    deadline = NOW + timedelta(days=2)
    make_application(State.DRAFT, name="填报中", round=round)
    make_application(State.RETURNED, name="退回", round=round, deadline=deadline)
    make_application(State.SUBMITTED, name="已提交", round=round)
    make_application(State.DRAFT, name="别的批次", round=make_round(year=2025))
    assert names(reminder_groups.find(Addressees(DRAFT, round), hr, NOW)) == ["填报中"]
    found = reminder_groups.find(Addressees(RETURNED, round), hr, NOW)
    assert [(one.name, one.deadline) for one in found.recipients] == [("退回", deadline)]


def test_chosen_applications_in_another_state_are_left_out(hr: Actor, round: ReviewRound) -> None:
    draft = make_application(State.DRAFT, name="填报中", round=round)
    done = make_application(State.SUBMITTED, name="已提交", round=round)
    found = reminder_groups.find(Addressees(DRAFT, round, ids=[str(draft.id), str(done.id)]), hr, NOW)
    assert names(found) == ["填报中"]
    assert [(name, str(why)) for name, why in found.left_out] == [
        ("已提交", "现在是“待单位审核”，不需要这样提醒")
    ]


def sent_to(case_or_person: Any) -> list[str]:
    person = case_or_person.person if isinstance(case_or_person, Application) else case_or_person
    return [str(row.text) for row in OutboxRow.objects(person=person.id).order_by("at")]


def test_each_reads_their_own_name_day_and_count(hr: Actor, round: ReviewRound) -> None:
    case = make_application(State.DRAFT, name="周文博", round=round, person=make_person(name="周文博"))
    expected = reminder_groups.missing(
        reminder_groups.find(Addressees(DRAFT, round), hr, NOW).recipients, NOW
    )
    assert expected[case.id] > 10
    text = "{姓名}，{截止日}前，还缺{还缺几处}处。{name} {deadline} {still missing}"
    reminders.send(Addressees(DRAFT, round), text, False, hr, NOW)
    day, n = "2026年12月31日", expected[case.id]
    assert sent_to(case) == [f"周文博，{day}前，还缺{n}处。周文博 31 Dec 2026 {n}"]
    row = OutboxRow.objects.get()
    assert row.link == f"/my/application/{case.id}/"
    assert row.mail == "no_address"


def test_a_name_with_braces_is_no_place(hr: Actor, round: ReviewRound) -> None:
    case = make_application(State.DRAFT, name="{截止日}", round=round)
    reminders.send(Addressees(DRAFT, round), "{姓名}：请提交", False, hr, NOW)
    assert sent_to(case) == ["{截止日}：请提交"]


def test_what_was_sent_is_on_record(hr: Actor, round: ReviewRound) -> None:
    make_person(name="有邮箱", email="you@jcut.test", department="cs")
    make_person(name="没有邮箱", department="cs")
    make_person(name="别的部门", department="me")
    sent = reminders.send(Addressees(NOT_STARTED, round, department="cs"), "请填报", False, hr, NOW)
    (record,) = sent.reminders
    assert (record.people, record.by_name, record.at, record.text) == (2, hr.name, NOW, "请填报")
    assert (record.group, record.department, record.is_chosen) == ("not_started", "cs", False)
    rows = {row.person.name: row.mail for row in OutboxRow.objects(reminder=record.id)}
    assert rows == {"有邮箱": "waiting", "没有邮箱": "no_address"}
    event = AuditEvent.objects.get(action="remind")
    assert (event.unit, event.detail) == (
        ref_id(record, "unit"),
        {"group": "not_started", "people": 2},
    )


def test_nobody_is_reminded_twice_within_a_day_unless_hr_says_so(hr: Actor, round: ReviewRound) -> None:
    person = make_person()
    choice = Addressees(NOT_STARTED, round)
    reminders.send(choice, "第一次", False, hr, NOW)
    soon = NOW + timedelta(hours=23, minutes=59)
    again = reminders.send(choice, "第二次", False, hr, soon)
    assert (again.told, [one.name for one in again.rested], again.reminders) == ([], [person.name], [])
    reminders.send(choice, "明说再提醒", True, hr, soon)
    reminders.send(choice, "又过了一天", False, hr, soon + timedelta(hours=24))
    assert sent_to(person) == ["第一次", "明说再提醒", "又过了一天"]
    assert Reminder.objects.count() == 3


def test_a_notice_of_the_case_is_no_reminder(hr: Actor, round: ReviewRound) -> None:
    person = make_person()
    OutboxRow(person=person, unit=person.unit.id, message="申报已提交", at=NOW).save()
    assert reminders.reminded([person.id], NOW) == {}


def test_two_who_send_at_once_remind_each_person_once(round: ReviewRound) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for _ in range(5):
        make_person()
    actors = [make_actor(Role.UNIT_HR) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        sent = list(
            pool.map(
                lambda actor: reminders.send(Addressees(NOT_STARTED, round), "请填报", False, actor, NOW),
                actors,
            )
        )
    assert sorted(len(one.told) for one in sent) == [0, 0, 5]
    assert OutboxRow.objects.count() == 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("  ", "请写提醒的内容"),
        ("字" * 501, "最多 500 个字"),
        ("{工号}，请填报", "“{工号}”不能用在这里"),
        ("还缺 {还缺几处} 处", "“{还缺几处}”不能用在这里"),
    ],
    ids=["empty", "long", "unknown place", "place of an application"],
)
def test_a_text_that_cant_be_sent_is_refused(hr: Actor, round: ReviewRound, text: str, says: str) -> None:
    make_person()
    with pytest.raises(Invalid) as refusal:
        reminders.send(Addressees(NOT_STARTED, round), text, False, hr, NOW)
    assert says in str(refusal.value.fields["text"])
    assert OutboxRow.objects.count() == 0


def test_the_offered_texts_fit_their_groups() -> None:
    for group, text in reminders.DRAFTS.items():
        assert reminders.problem_of(str(text), group) is None


def test_nobody_else_reminds(round: ReviewRound) -> None:
    make_person()
    for role in (Role.OFFICE, Role.SUPERVISOR, Role.ENDORSER, Role.ADMIN, Role.EXPERT):
        with pytest.raises(Refused):
            reminders.send(Addressees(NOT_STARTED, round), "请填报", False, make_actor(role), NOW)


def test_an_empty_group_is_said_so(hr: Actor, round: ReviewRound) -> None:
    with pytest.raises(Refused, match="没有需要提醒的人"):
        reminders.send(Addressees(DRAFT, round), "请提交", False, hr, NOW)


def test_reminders_are_seen_by_the_units_staff_alone(hr: Actor, round: ReviewRound) -> None:
    make_person()
    reminders.send(Addressees(NOT_STARTED, round), "请填报", False, hr, NOW)
    other = make_actor(Role.UNIT_HR, unit=make_unit(code="other", name="外校"))
    seen = {
        "hr": policy.visible(hr, Reminder).count(),
        "supervisor": policy.visible(make_actor(Role.SUPERVISOR), Reminder).count(),
        "hr elsewhere": policy.visible(other, Reminder).count(),
        "office": policy.visible(make_actor(Role.OFFICE), Reminder).count(),
        "mails of hr": policy.visible(hr, OutboxRow, Role.UNIT_HR).count(),
        "mails of hr elsewhere": policy.visible(other, OutboxRow, Role.UNIT_HR).count(),
    }
    assert seen == {
        "hr": 1,
        "supervisor": 1,
        "hr elsewhere": 0,
        "office": 0,
        "mails of hr": 1,
        "mails of hr elsewhere": 0,
    }


def test_a_failed_mail_goes_out_again_and_a_sent_one_does_not(hr: Actor) -> None:
    person = make_person()
    rows = [
        OutboxRow(person=person, unit=person.unit.id, message="m", at=NOW, mail=state, tries=4).save()
        for state in ("failed", "expired", "no_address", "sent", "waiting", "declined")
    ]
    later = NOW + timedelta(days=9)
    assert reminders.resend(rows, hr, later) == 3
    states = [OutboxRow.objects.get(id=row.id) for row in rows]
    assert [row.mail for row in states] == ["waiting", "waiting", "waiting", "sent", "waiting", "declined"]
    assert [row.queued_at for row in states[:4]] == [later, later, later, NOW]
    with pytest.raises(Refused):
        reminders.resend(rows, make_actor(Role.SUPERVISOR), later)


def test_counting_what_is_missing_has_its_limit(
    hr: Actor, round: ReviewRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "MOST_COUNTED", 1)
    for _ in range(2):
        make_application(State.DRAFT, round=round)
    with pytest.raises(Refused, match="一次最多提醒 1 人"):
        reminders.send(Addressees(DRAFT, round), "还缺 {还缺几处} 处", False, hr, NOW)
    assert len(reminders.send(Addressees(DRAFT, round), "请提交", False, hr, NOW).told) == 2
