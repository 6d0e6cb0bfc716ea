"""Rounds, extensions and the audit list in the panel."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from models import AuditEvent, Extension, Person, ReviewRound
from models.choices import Action, Role, RoundState
from tests.factories import NOW, make_person, make_round, make_unit
from views.hr_deeds import DEEDS

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


# --- audit ---------------------------------------------------------------------------------------


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
    root = Path(__file__).parents[2]
    found: set[str] = set()
    files = [*root.glob("panel/**/*.py"), *root.glob("views/*.py")]
    for path in [path for path in files if path.parent.name != "demo"]:
        text = path.read_text()
        found |= set(re.findall(r'\b_?audit\(\s*(?:[\w.]+,\s*)?"(\w+)"', text))
        found |= set(re.findall(r'(?:audit\.|\b_)record\(\s*(?:user,\s*)?"(\w+)"', text))
    assert {"reveal", "account_make", "create"} <= found
    assert found - {action.value for action in Action} - set(DEEDS) == set()
