"""Rounds, extensions and the audit list in the panel."""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from models.audit import AuditEvent
from models.choices import Action, Role, RoundState, State
from models.person import Person
from models.publicity import Objection
from models.review_round import Extension, ReviewRound
from panel.domain.access.policy import may_name
from panel.domain.actors import actor_of
from panel.domain.errors import Refused
from panel.domain.records import audit
from panel.domain.round_edit import schedule
from panel.domain.rounds import offers
from tests.factories import NOW, make_application, make_person, make_round, make_unit, make_user
from views.shared.deeds import DEEDS

PEOPLE = "/admin/people/"


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="林人事")


@pytest.fixture
def admin(sign_in_as):
    return sign_in_as(Role.ADMIN, name="管理员")


def foreign_person() -> Person:
    return make_person(name="外人", unit=make_unit(code="other", name="西湖大学", departments=[]))


# --- rounds and extensions -----------------------------------------------------------------------


def test_round_is_shown_as_data_and_opened_and_closed_with_a_reason(hr):
    round_ = make_round()
    page = hr.get(f"/admin/rounds/{round_.id}").text
    for text in (round_.spec.levels[0].title.zh, round_.spec.slots[0].label.zh, round_.spec.texts.pledge.zh):
        assert text in page
    address = f"/admin/rounds/{round_.id}/state"
    assert hr.submit(address, {"state": "closed"}).status_code == 422
    assert hr.submit(address, {"state": "planned", "reason": "x"}).status_code == 409
    assert hr.submit(address, {"state": "gone", "reason": "x"}).status_code == 404
    hr.submit(address, {"state": "closed", "reason": "提前结束"})
    assert ReviewRound.objects.get(id=round_.id).state == RoundState.CLOSED
    assert AuditEvent.objects.get(action="round_state").reason == "提前结束"


@pytest.mark.parametrize("place", ["rounds", "units"])
def test_list_that_names_no_columns_to_sort_by_offers_and_takes_none(hr, place):
    make_round()
    assert "sort=" not in hr.get(f"/admin/{place}/").text
    for column in ("title", "name", "state"):
        assert hr.get(f"/admin/{place}/?sort={column}").status_code == 200


def test_administrator_reads_rounds_but_does_not_open_them(admin):
    round_ = make_round()
    assert admin.get(f"/admin/rounds/{round_.id}").status_code == 200
    sent = {"state": "closed", "reason": "x"}
    assert admin.submit(f"/admin/rounds/{round_.id}/state", sent).status_code == 409
    assert ReviewRound.objects.get(id=round_.id).state == RoundState.OPEN


def extension(round_, **values) -> dict[str, object]:
    until = round_.spec.dates.closes + timedelta(days=10)
    return {"round": str(round_.id), "until": until.isoformat(), "reason": "住院"} | values


def test_person_or_department_is_extended(hr):
    round_, person = make_round(), make_person(name="张一鸣")
    found = hr.submit("/admin/extensions/new", {"search": "张一鸣", "search_people": "1"}).text
    assert str(person.id) in found
    hr.submit("/admin/extensions/new", extension(round_, person=str(person.id)))
    hr.submit("/admin/extensions/new", extension(round_, department=["cs", "me"]))
    assert [(len(e.people), list(e.departments)) for e in Extension.objects.order_by("id")] == [
        (1, []),
        (0, ["cs", "me"]),
    ]
    assert "张一鸣" in hr.get("/admin/extensions/").text


def test_refused_extension_keeps_what_was_typed(hr):
    round_, person = make_round(), make_person(name="张一鸣")
    early = extension(round_, person=str(person.id), until=round_.spec.dates.closes.isoformat())
    answer = hr.submit("/admin/extensions/new", early)
    assert answer.status_code == 422
    assert "要晚于批次的截止日" in answer.text
    assert "住院" in answer.text
    assert "张一鸣" in answer.text
    assert hr.submit("/admin/extensions/new", extension(round_)).status_code == 422
    assert (
        hr.submit("/admin/extensions/new", extension(round_, department="cs", reason="")).status_code == 422
    )
    assert Extension.objects.count() == 0


def test_foreign_people_and_unknown_departments_are_not_extended(hr):
    round_, foreign = make_round(), foreign_person()
    for values in ({"person": str(foreign.id)}, {"department": "nowhere"}, {"person": "x"}):
        assert hr.submit("/admin/extensions/new", extension(round_, **values)).status_code == 404
    assert Extension.objects.count() == 0
    found = hr.submit("/admin/extensions/new", {"search": "外人", "search_people": "1"}).text
    assert str(foreign.id) not in found


def test_extension_is_ended_with_a_reason_and_stays_on_record(hr):
    round_ = make_round()
    until = round_.spec.dates.closes + timedelta(days=30)
    stored = Extension(
        unit=make_unit(), round=round_, departments=["cs"], until=until, reason="停电", at=NOW
    ).save()
    hr.submit(f"/admin/extensions/{stored.id}/end", {"reason": " "})
    assert Extension.objects.get(id=stored.id).until == until
    hr.submit(f"/admin/extensions/{stored.id}/end", {"reason": "已办完"})
    assert Extension.objects.get(id=stored.id).until == date(2026, 9, 14)
    assert AuditEvent.objects.get(action="extension_end").reason == "已办完"
    assert hr.submit(f"/admin/extensions/{stored.id}/end", {"reason": "再来"}).status_code in (302, 409)


def test_office_reads_extensions_but_ends_none(sign_in_as):
    round_ = make_round()
    until = round_.spec.dates.closes + timedelta(days=30)
    stored = Extension(unit=make_unit(), round=round_, departments=["cs"], until=until, reason="停电", at=NOW)
    stored.save()
    office = sign_in_as(Role.OFFICE)
    assert "结束延期" not in office.get("/admin/extensions/").text
    assert office.submit(f"/admin/extensions/{stored.id}/end", {"reason": "已办完"}).status_code == 409
    assert Extension.objects.get(id=stored.id).until == until


def test_nobody_extends_for_themselves(sign_in_as):
    """Not by name, and not with the department: a colleague does it."""
    round_, oneself, other = make_round(), make_person(), make_person()
    hr = sign_in_as(Role.UNIT_HR, person=oneself)
    answer = hr.submit("/admin/extensions/new", extension(round_, person=str(oneself.id)))
    assert answer.status_code == 422
    assert "其他人事人员" in answer.text
    assert Extension.objects.count() == 0
    hr.submit("/admin/extensions/new", extension(round_, department=["cs"]))
    assert not offers.window(round_, oneself, NOW).extended
    assert offers.window(round_, other, NOW).extended


def test_ones_own_draft_is_late_although_one_extended_the_department(sign_in_as, travel):
    oneself, other = make_person(name="迟到者"), make_person(name="被延期者")
    hr = sign_in_as(Role.UNIT_HR, person=oneself)
    round_ = make_round()
    for person in (oneself, other):
        make_application(State.DRAFT, round=round_, person=person, name=person.name)
    hr.submit("/admin/extensions/new", extension(round_, department=["cs"]))
    travel(datetime.combine(round_.spec.dates.closes + timedelta(days=2), time(), UTC))
    late = hr.get("/admin/applications/?work=late").text
    assert "迟到者" in late
    assert "被延期者" not in late
    assert late.count("逾期未交") == 1


def test_hr_of_another_unit_extends_for_nobody_here(database):
    other = make_unit(code="other", name="西湖大学", departments=[])
    stranger = actor_of(make_user(Role.UNIT_HR, unit=other))
    round_ = make_round()
    until = round_.spec.dates.closes + timedelta(days=30)
    with pytest.raises(Refused):
        schedule.extend(round_, [make_person()], [], until, "住院", stranger, NOW)
    stored = Extension(unit=make_unit(), round=round_, departments=["cs"], until=until, reason="停电", at=NOW)
    stored.save()
    with pytest.raises(Refused):
        schedule.end_extension(stored, "已办完", stranger, NOW)
    assert [row.until for row in Extension.objects] == [until]


def test_the_office_of_a_committee_opens_and_closes_its_own_rounds_alone(sign_in_as):
    round_ = make_round()
    sent = {"state": "closed", "reason": "材料已收齐"}
    elsewhere = sign_in_as(Role.OFFICE, committee="lab-committee")
    assert elsewhere.submit(f"/admin/rounds/{round_.id}/state", sent).status_code == 409
    assert ReviewRound.objects.get(id=round_.id).state == RoundState.OPEN
    sign_in_as(Role.OFFICE).submit(f"/admin/rounds/{round_.id}/state", sent)
    assert ReviewRound.objects.get(id=round_.id).state == RoundState.CLOSED


# --- audit ---------------------------------------------------------------------------------------


def test_no_list_of_hr_names_who_chaired(hr, sign_in_as):
    """R16: what the chair did is there by role; the office and the supervision read the name."""
    case = make_application(State.PASSED, name="张一鸣")
    chair = actor_of(make_user(Role.CHAIR, name="钱主任"))
    audit(chair, "close", case, NOW, role=Role.CHAIR)
    page = hr.get("/admin/audit/").text
    assert "主任委员" in page
    assert "钱主任" not in page
    assert "没有符合条件的记录" in hr.get("/admin/audit/?search=钱主").text
    assert "钱主任" in sign_in_as(Role.SUPERVISOR).get("/admin/audit/").text


def test_the_office_of_one_committee_reads_no_chair_of_another():
    """R16."""
    office = actor_of(make_user(Role.OFFICE, committee="lab-committee"))
    assert may_name(office, "chair", "lab-committee")
    assert not may_name(office, "chair", "teacher-committee")
    assert not may_name(office, "chair")
    assert may_name(office, "unit_hr", "teacher-committee")


def test_nobody_reads_the_audit_of_an_objection_to_their_own_case(sign_in_as, hr):
    person = make_person()
    case = make_application(State.ON_HOLD, person=person, held_from="unit_publicity")
    objection = Objection(application=case, from_name="方知行", text="有疑问。", registered_at=NOW)
    objection.registered_by = hr.user
    objection.save()
    audit(actor_of(hr.user), "register_objection", objection, NOW, unit=make_unit().id)
    assert "登记异议" in hr.get("/admin/audit/?thing=objections").text
    own = sign_in_as(Role.UNIT_HR, person=person)
    assert "没有符合条件的记录" in own.get("/admin/audit/?thing=objections").text


def test_audit_shows_the_own_units_deeds_by_person_thing_and_day(hr, sign_in_as):
    person = make_person(name="张一鸣")
    hr.submit(f"{PEOPLE}{person.id}/reveal", {"field": "phone"})
    make_person(name="李小双")
    page = hr.get("/admin/audit/").text
    assert "查看完整的个人信息" in page
    assert "没有符合条件的记录" in hr.get("/admin/audit/?thing=users").text
    assert "查看完整的个人信息" in hr.get("/admin/audit/?search=林人事").text
    assert "查看完整的个人信息" in hr.get(f"/admin/audit/?search={person.staff_number}").text
    assert "查看完整的个人信息</td>" not in hr.get("/admin/audit/?from=2026-10-01").text
    other = make_unit(code="other", name="西湖大学", departments=[])
    stranger = sign_in_as(Role.UNIT_HR, unit=other)
    assert "张一鸣" not in stranger.get("/admin/audit/").text
    assert hr.submit("/admin/audit/", {}).status_code == 405


def test_every_deed_the_product_records_has_its_words():
    """A deed without words would show as 其他操作."""
    root = Path(__file__).parents[4]
    found: set[str] = set()
    files = [*root.glob("panel/**/*.py"), *root.glob("views/**/*.py")]
    for path in [path for path in files if path.parent.name != "demo"]:
        text = path.read_text()
        found |= set(re.findall(r'\b_?audit\(\s*(?:[\w.]+,\s*)?"(\w+)"', text))
        found |= set(re.findall(r'(?:audit\.|\b_)record\(\s*(?:user,\s*)?"(\w+)"', text))
    assert {"reveal", "account_make", "create"} <= found
    assert found - {action.value for action in Action} - set(DEEDS) == set()
