"""The roster and accounts in the panel: forms, versions, one-time passwords, roles; refusals."""

import pytest
from bson import ObjectId

from models.audit import AuditEvent
from models.choices import Role
from models.person import Person
from models.user import Grant, User
from tests.factories import NOW, make_person, make_unit, make_user

PEOPLE = "/admin/people/"
USERS = "/admin/users/"


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


def account_of(person: Person, *roles: Role, **values) -> User:
    return make_user(*(roles or (Role.APPLICANT,)), person=person, username=person.staff_number, **values)


def row(**values: str) -> dict[str, str]:
    return {"staff_number": "T9009", "name": "张新来", "department": "cs", "in_service": "1"} | values


# --- the roster ----------------------------------------------------------------------------------


def test_roster_lists_and_finds_own_people(hr):
    make_person(name="张一鸣")
    make_person(name="李小双", in_service=False)
    foreign_person()
    page = hr.get(PEOPLE).text
    assert "张一鸣" in page
    assert "外人" not in page
    assert "李小双" not in hr.get(f"{PEOPLE}?search=zhangyi").text
    assert "张一鸣" not in hr.get(f"{PEOPLE}?in_service=0").text


def test_person_is_added_and_edited(hr):
    answer = hr.submit(f"{PEOPLE}new", row())
    person = Person.objects.get(staff_number="T9009")
    assert answer.headers["Location"].endswith(f"{PEOPLE}{person.id}")
    sent = row(version="1", title="讲师", title_level="middle", title_approved_on="2020年6月")
    hr.submit(f"{PEOPLE}{person.id}/edit", sent)
    assert Person.objects.get(id=person.id).title == "讲师"


def test_bad_input_is_shown_at_its_field_and_everything_typed_stays(hr):
    sent = row(name="", id_number="110105194912310021", email="nobody", phone="13800000001")
    answer = hr.submit(f"{PEOPLE}new", sent)
    assert answer.status_code == 422
    assert "请填写“姓名”" in answer.text
    assert "身份证号不对" in answer.text
    for typed in ("T9009", "110105194912310021", "nobody", "13800000001"):
        assert f'value="{typed}"' in answer.text
    assert Person.objects(staff_number="T9009").count() == 0


def test_stale_roster_write_shows_both_versions_and_loses_nothing(hr):
    person = make_person(name="张原名")
    sent = row(staff_number=person.staff_number, version=str(person.version))
    hr.submit(f"{PEOPLE}{person.id}/edit", sent | {"name": "张先改"})
    answer = hr.submit(f"{PEOPLE}{person.id}/edit", sent | {"name": "张后改"})
    assert answer.status_code == 409
    assert "张先改" in answer.text
    assert 'value="张后改"' in answer.text
    assert Person.objects.get(id=person.id).name == "张先改"
    again = sent | {"name": "张后改", "version": str(person.version + 1)}
    assert hr.submit(f"{PEOPLE}{person.id}/edit", again).status_code == 302


def test_posted_columns_that_are_not_the_rosters_change_nothing(hr):
    person = make_person(name="张原名")
    other = make_unit(code="other", name="西湖大学", departments=[])
    sent = row(staff_number=person.staff_number, version=str(person.version), unit=str(other.id))
    hr.submit(f"{PEOPLE}{person.id}/edit", sent | {"id_hash": "x", "search": "y", "_id": str(ObjectId())})
    after = Person.objects.get(id=person.id)
    assert after.unit.id == person.unit.id
    assert after.id_hash == person.id_hash


def test_secrets_are_masked_and_revealed_on_demand(hr):
    person = make_person(phone="13812345678")
    page = hr.get(f"{PEOPLE}{person.id}").text
    assert "13812345678" not in page
    assert "138****5678" in page
    assert "13812345678" not in hr.get(f"{PEOPLE}{person.id}/edit").text
    assert "13812345678" in hr.submit(f"{PEOPLE}{person.id}/reveal", {"field": "phone"}).text
    assert AuditEvent.objects.get(action="reveal").actor_name == "林人事"
    assert hr.submit(f"{PEOPLE}{person.id}/reveal", {"field": "password_hash"}).status_code == 404


def test_foreign_people_do_not_exist(hr):
    person = foreign_person()
    for page in ("", "/edit"):
        assert hr.get(f"{PEOPLE}{person.id}{page}").status_code == 404
    for deed in ("edit", "reveal", "reset", "enabled"):
        assert hr.submit(f"{PEOPLE}{person.id}/{deed}", row()).status_code == 404
    assert Person.objects.get(id=person.id).name == "外人"


def test_supervisor_reads_the_roster_and_writes_nothing(sign_in_as):
    person = make_person(name="张一鸣")
    supervisor = sign_in_as(Role.SUPERVISOR)
    page = supervisor.get(f"{PEOPLE}{person.id}").text
    assert "张一鸣" in page
    assert "/edit" not in page
    assert supervisor.get(f"{PEOPLE}{person.id}/edit").status_code == 404
    assert supervisor.get(f"{PEOPLE}new").status_code == 404
    assert supervisor.submit(f"{PEOPLE}new", row()).status_code == 404
    assert supervisor.submit(f"{PEOPLE}{person.id}/reveal", {"field": "phone"}).status_code == 409
    assert supervisor.submit(f"{PEOPLE}accounts", {"rowid": str(person.id)}).status_code == 409


# --- accounts ------------------------------------------------------------------------------------


def test_accounts_are_made_in_bulk_and_the_slips_shown_once(hr):
    new, old = make_person(name="张新来"), make_person(name="李已有")
    account_of(old)
    ids = [str(new.id), str(old.id)]
    question = hr.submit(f"{PEOPLE}action/", {"action": "accounts", "rowid": ids}).text
    assert "将为 1 人开通" in question
    assert "已有账号" in question
    assert User.objects(person=new.id).count() == 0
    answer = hr.submit(f"{PEOPLE}accounts", {"rowid": ids})
    assert answer.headers["Cache-Control"] == "no-store"
    assert new.staff_number in answer.text
    assert "李已有" in answer.text
    user = User.objects.get(person=new.id)
    assert user.must_change_password
    assert "hr-password" not in hr.get(f"{PEOPLE}{new.id}").text


def test_one_time_password_opens_the_account(hr, new_browser):
    person = make_person()
    page = hr.submit(f"{PEOPLE}accounts", {"rowid": str(person.id)}).text
    password = page.split('class="hr-password">')[1].split("<")[0]
    browser = new_browser()
    sent = {"username": person.staff_number, "password": password}
    assert browser.submit("/sign-in", sent).status_code == 302
    assert "/password" in browser.get("/my/").headers.get("Location", "")


def test_one_foreign_id_stops_the_whole_batch_of_accounts(hr):
    mine, foreign = make_person(), foreign_person()
    sent = {"rowid": [str(mine.id), str(foreign.id)]}
    assert hr.submit(f"{PEOPLE}accounts", sent).status_code == 404
    assert hr.submit(f"{PEOPLE}action/", sent | {"action": "accounts"}).status_code == 404
    assert User.objects(person__in=[mine.id, foreign.id]).count() == 0


def test_reset_shows_a_new_password_and_ends_sessions(hr, new_browser):
    person = make_person()
    user = account_of(person)
    theirs = new_browser().sign_in_as(user)
    assert theirs.get("/my/").status_code == 200
    page = hr.submit(f"{PEOPLE}{person.id}/reset").text
    assert person.staff_number in page
    assert theirs.get("/my/").status_code == 302


def test_hr_cannot_reset_a_chair_or_an_administrator(hr):
    for role in (Role.CHAIR, Role.ADMIN, Role.OFFICE):
        person = make_person()
        user = account_of(person, role)
        answer = hr.submit(f"{PEOPLE}{person.id}/reset")
        assert "hr-password" not in answer.text
        assert User.objects.get(id=user.id).session_epoch == 0


def test_disabling_asks_for_a_reason(hr):
    person = make_person()
    user = account_of(person)
    assert hr.submit(f"{PEOPLE}{person.id}/enabled", {"enabled": "0"}).status_code == 422
    hr.submit(f"{PEOPLE}{person.id}/enabled", {"enabled": "0", "reason": "调离"})
    assert not User.objects.get(id=user.id).is_enabled
    hr.submit(f"{PEOPLE}{person.id}/enabled", {"enabled": "1"})
    assert User.objects.get(id=user.id).is_enabled


# --- roles ---------------------------------------------------------------------------------------


def grants(*rows: tuple[str, str, str, str, str], prefix: str = "grant") -> dict[str, list[str]]:
    names = ("role", "unit", "department", "office", "committee")
    return {f"{prefix}_{name}": [row[place] for row in rows] for place, name in enumerate(names)}


def test_administrator_grants_and_takes_roles(admin):
    unit = make_unit()
    user = make_user(username="chen", name="陈专家")
    given = grants(("expert", "", "", "", "teacher-committee"), ("unit_hr", str(unit.id), "", "", ""))
    assert admin.submit(f"{USERS}{user.id}/grants", given).status_code == 302
    assert User.objects.get(id=user.id).roles == [Role.UNIT_HR, Role.EXPERT]
    stale = admin.submit(f"{USERS}{user.id}/grants", {})
    assert stale.status_code == 409
    seen = grants(
        ("expert", "", "", "", "teacher-committee"), ("unit_hr", str(unit.id), "", "", ""), prefix="seen"
    )
    assert admin.submit(f"{USERS}{user.id}/grants", seen).status_code == 302
    assert User.objects.get(id=user.id).grants == []


def test_incomplete_role_is_refused_and_stays_on_the_page(admin):
    user = make_user(username="chen", name="陈专家")
    answer = admin.submit(f"{USERS}{user.id}/grants", grants(("unit_hr", "", "", "", "")))
    assert answer.status_code == 422
    assert "要选单位" in answer.text
    assert '<option value="unit_hr" selected>' in answer.text
    for role, unit in (("owner", ""), ("unit_hr", str(ObjectId()))):
        assert admin.submit(f"{USERS}{user.id}/grants", grants((role, unit, "", "", ""))).status_code == 404
    assert User.objects.get(id=user.id).grants == []


def test_administrator_does_not_change_own_roles(admin):
    seen = grants(("admin", "", "", "", "teacher-committee"), prefix="seen")
    more = grants(("admin", "", "", "", ""), ("office", "", "", "", ""))
    assert admin.submit(f"{USERS}{admin.user.id}/grants", seen | more).status_code == 409
    assert User.objects.get(id=admin.user.id).roles == [Role.ADMIN]


def test_accounts_and_roles_are_the_administrators_alone(hr, sign_in_as):
    user = make_user(username="chen", name="陈专家")
    for browser in (hr, sign_in_as(Role.OFFICE), sign_in_as(Role.SUPERVISOR), sign_in_as(Role.CHAIR)):
        assert browser.get(USERS).status_code == 404
        assert browser.get(f"{USERS}{user.id}").status_code == 404
        office = grants(("office", "", "", "", ""))
        assert browser.submit(f"{USERS}{user.id}/grants", office).status_code == 404
        assert browser.submit(f"{USERS}new", {"username": "x1x", "name": "x"}).status_code == 404
    assert User.objects.get(id=user.id).grants == []


def test_outside_expert_gets_an_account(admin):
    sent = {"username": "waizhuan", "name": "外专家"} | grants(("expert", "", "", "", "teacher-committee"))
    page = admin.submit(f"{USERS}new", sent).text
    assert "waizhuan" in page
    assert User.objects.get(username="waizhuan").grants == [
        Grant(role="expert", committee="teacher-committee")
    ]
    again = admin.submit(f"{USERS}new", sent)
    assert again.status_code == 422
    assert 'value="外专家"' in again.text
