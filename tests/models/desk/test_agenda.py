"""What stands in somebody's calendar, the file it makes, and the secret address."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from models.audit import AuditEvent
from models.choices import PublicityKind, Role, RoundState, State
from models.publicity import Publicity
from models.review_round import Extension
from models.user import User
from panel.domain.actors import ANONYMOUS, Actor, actor_of
from panel.domain.desk import agenda
from panel.domain.desk.agenda import Event
from panel.domain.errors import NotFound
from panel.domain.people import subscriptions
from panel.domain.publicity import lists
from panel.services.calendar_file import calendar_file
from tests.factories import (
    NOW,
    applicant_of,
    make_actor,
    make_application,
    make_committee,
    make_meeting,
    make_person,
    make_round,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.usefixtures("database")


def listed(actor: Actor, now: datetime = NOW) -> list[tuple[date, str]]:
    return [(event.day, str(event.title)) for event in agenda.events(actor, now)]


OPENS = (date(2026, 9, 1), "职称申报开始：2026 年度高等学校教师系列职称评审")
CLOSES = (date(2026, 12, 31), "职称申报截止：2026 年度高等学校教师系列职称评审")


def test_who_has_not_begun_sees_when_the_fitting_rounds_open_and_close() -> None:
    round = make_round()
    make_round("lab")
    person = make_person()
    assert listed(actor_of(make_user(person=person))) == [(round.spec.dates.opens, OPENS[1]), CLOSES]


def test_an_extension_moves_ones_own_day_alone() -> None:
    round = make_round()
    extended, other = make_person(), make_person()
    Extension(
        round=round, unit=extended.unit, people=[extended], until=date(2027, 1, 5), reason="出差", at=NOW
    ).save()
    assert listed(actor_of(make_user(person=extended)))[-1][0] == date(2027, 1, 5)
    assert listed(actor_of(make_user(person=other)))[-1][0] == date(2026, 12, 31)


def test_a_draft_closes_with_its_round_and_a_submitted_one_has_no_closing_day() -> None:
    round = make_round()
    draft = make_application(State.DRAFT, round=round)
    assert listed(applicant_of(draft)) == [CLOSES]
    assert agenda.events(applicant_of(draft), NOW)[0].link == f"/my/application/{draft.id}/"
    done = make_application(State.SUBMITTED, round=round)
    assert listed(applicant_of(done)) == []


def test_a_return_and_a_publicity_of_ones_own_have_their_day() -> None:
    round = make_round()
    deadline = datetime(2026, 9, 20, 15, 59, 59, 999000, tzinfo=UTC)
    back = make_application(State.RETURNED, round=round, deadline=deadline)
    shown = make_application(State.UNIT_PUBLICITY, round=round, publicity_ends=deadline)
    assert listed(applicant_of(back)) == [(date(2026, 9, 20), "职称申报补正截止")]
    assert listed(applicant_of(shown)) == [(date(2026, 9, 20), "我的公示期满")]


def test_what_is_long_over_is_left_out() -> None:
    round = make_round()
    back = make_application(State.RETURNED, round=round, deadline=NOW)
    actor = applicant_of(back)
    assert len(listed(actor, NOW + timedelta(days=60))) == 1
    assert listed(actor, NOW + timedelta(days=61)) == []


def test_staff_see_counts_and_no_name() -> None:
    round = make_round(endorsements=[])
    deadline = datetime(2026, 9, 20, 15, 0, tzinfo=UTC)
    for number in range(2):
        make_application(
            State.RETURNED, round=round, person=make_person(name=f"秘密{number}"), deadline=deadline
        )
    elsewhere = make_person(unit=make_unit(code="other", name="外校"))
    make_application(State.RETURNED, round=round, person=elsewhere, deadline=deadline)
    hr = make_actor(Role.UNIT_HR)
    shown = make_application(State.SUBMITTED, round=round, person=make_person(name="秘密3"))
    posted = lists.post(PublicityKind.UNIT, [shown], hr, NOW)
    events = listed(hr)
    assert (date(2026, 9, 20), "补正到期 2 份") in events
    # five working days from the 16th; Sunday the 20th is one, for the National Day
    assert (date(2026, 9, 21), "公示期满：评审前公示") in events
    assert CLOSES[0] in [day for day, _ in events]
    file = calendar_file(agenda.events(hr, NOW), NOW).decode()
    assert "秘密" not in file
    other = make_actor(Role.UNIT_HR, unit=make_unit(code="other"))
    assert (date(2026, 9, 20), "补正到期 1 份") in listed(other)
    assert posted.ends == date(2026, 9, 21)
    assert not [title for _, title in listed(other) if "公示" in title]


def test_the_committee_sees_its_meetings_and_others_do_not() -> None:
    committee = make_committee()
    make_meeting(committee, held_on=date(2026, 11, 3), place="行政楼 201")
    expected = [(date(2026, 11, 3), "评审会议：2026 年度评审会议")]
    assert listed(actor_of(committee.members[3].user)) == expected
    assert expected[0] in listed(make_actor(Role.OFFICE))
    assert listed(make_actor(Role.EXPERT, committee="lab-committee")) == []
    assert listed(make_actor(Role.ADMIN)) == []
    assert listed(ANONYMOUS) == []


def test_a_planned_round_is_in_nobodys_calendar() -> None:
    round = make_round()
    round.update(set__state=RoundState.PLANNED.value)
    assert listed(make_actor(Role.UNIT_HR)) == []
    assert listed(actor_of(make_user(person=make_person()))) == []


# --- the file ----------------------------------------------------------------------------------------


def test_the_file_is_read_again_as_it_was_meant() -> None:
    round = make_round()
    draft = make_application(State.DRAFT, round=round)
    data = calendar_file(agenda.events(applicant_of(draft), NOW), NOW, base_url="https://p.test")
    read = Calendar.from_ical(data)
    assert read["X-WR-CALNAME"] == "职称评审"
    (entry,) = read.walk("VEVENT")
    assert entry["UID"] == f"round-{round.id}-closes@pingshen"
    assert entry["SUMMARY"] == CLOSES[1]
    assert (entry.decoded("DTSTART"), entry.decoded("DTEND")) == (date(2026, 12, 31), date(2027, 1, 1))
    assert entry["URL"] == f"https://p.test/my/application/{draft.id}/"
    assert entry["DESCRIPTION"] == f"请在当天 24 时前提交。\nhttps://p.test/my/application/{draft.id}/"
    assert [alarm.decoded("TRIGGER") for alarm in entry.walk("VALARM")] == [
        timedelta(days=-3),
        timedelta(hours=-15),
    ]
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


def test_text_with_commas_and_breaks_stays_one_property() -> None:
    from models.messages import M

    title = "会议；甲,乙\nDTSTART:20200101"
    event = Event("k", date(2026, 9, 1), M("评审会议：%(title)s", title=title), "/", "地点: 一, 二;三")
    (entry,) = Calendar.from_ical(calendar_file([event], NOW)).walk("VEVENT")
    assert entry["SUMMARY"] == f"评审会议：{title}"
    assert entry["DESCRIPTION"] == "地点: 一, 二;三"
    assert entry.decoded("DTSTART") == date(2026, 9, 1)


def test_an_empty_calendar_is_a_calendar() -> None:
    assert Calendar.from_ical(calendar_file([], NOW)).walk("VEVENT") == []


# --- the secret address ------------------------------------------------------------------------------


def test_a_secret_opens_one_calendar_until_it_is_replaced_or_revoked() -> None:
    user = make_user()
    actor = actor_of(user)
    first = subscriptions.make(actor, NOW)
    assert subscriptions.owner(first) == user
    second = subscriptions.make(actor, NOW)
    with pytest.raises(NotFound):
        subscriptions.owner(first)
    assert subscriptions.owner(second) == user
    subscriptions.revoke(actor, NOW)
    with pytest.raises(NotFound):
        subscriptions.owner(second)
    actions = [event.action for event in AuditEvent.objects.order_by("id")]
    assert actions == ["calendar_make", "calendar_make", "calendar_revoke"]


def test_the_secret_is_not_stored() -> None:
    user = make_user()
    secret = subscriptions.make(actor_of(user), NOW)
    stored = User._get_collection().find_one({"_id": user.id})
    assert secret not in str(stored)
    assert secret not in str(list(AuditEvent._get_collection().find()))
    assert len(secret) == 43


@pytest.mark.parametrize("secret", ["", "x" * 10_000, "None", "{'$ne': 1}"])
def test_a_made_up_secret_opens_nothing(secret: str) -> None:
    make_user()
    with pytest.raises(NotFound):
        subscriptions.owner(secret)


def test_a_disabled_accounts_calendar_is_closed() -> None:
    user = make_user()
    secret = subscriptions.make(actor_of(user), NOW)
    user.update(set__is_enabled=False)
    with pytest.raises(NotFound):
        subscriptions.owner(secret)


def test_nobody_has_no_address() -> None:
    with pytest.raises(NotFound):
        subscriptions.make(ANONYMOUS, NOW)
    assert Publicity.objects.count() == 0
