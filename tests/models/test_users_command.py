"""`panel users`: what an operator may do to accounts, what is refused, and what the audit says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from models import AuditEvent, Committee, Person, Unit, User
from models.choices import Role
from models.unit import Department
from panel import users
from panel.security import verify_password
from panel.users import Scope, UserRefused

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def unit(database: Database[Any]) -> Unit:
    return Unit(
        code="hust", name="江城理工大学", departments=[Department(code="cs", name="计算机学院")]
    ).save()


def deeds() -> list[tuple[str, str]]:
    return [(event.action, event.actor_name) for event in AuditEvent.objects.order_by("_id")]


def test_new_account_has_a_one_time_password_and_is_recorded() -> None:
    user, password = users.create("office", "评委会办公室", "", NOW)
    stored = User.objects.get(username="office")
    assert verify_password(stored.password_hash, password)
    assert password not in str(stored.to_mongo())
    assert stored.must_change_password
    assert stored.roles == []
    assert deeds() == [("create_user", "panel users")]
    assert user.pk == stored.pk


def test_account_of_a_person_takes_the_name_and_may_apply(unit: Unit) -> None:
    Person(staff_number="1001", name="李明", unit=unit, department="cs").save()
    user, _ = users.create("1001", "", "1001", NOW)
    assert user.name == "李明"
    assert user.roles == [Role.APPLICANT]


def test_name_is_asked_for() -> None:
    with pytest.raises(UserRefused, match="--name"):
        users.create("office", "", "", NOW)


def test_second_account_of_the_same_name_is_refused_and_leaves_nothing(database: Database[Any]) -> None:
    users.create("office", "办公室", "", NOW)
    with pytest.raises(UserRefused, match="“office”已存在"):
        users.create("office", "另一个", "", NOW)
    assert database.users.count_documents({}) == 1
    assert deeds() == [("create_user", "panel users")]


def test_second_account_of_the_same_person_is_refused(unit: Unit) -> None:
    Person(staff_number="1001", name="李明", unit=unit, department="cs").save()
    users.create("1001", "", "1001", NOW)
    with pytest.raises(UserRefused, match="此人已有账号"):
        users.create("liming", "", "1001", NOW)


def test_staff_number_that_is_not_in_the_roster_is_refused() -> None:
    with pytest.raises(UserRefused, match="没有工号“9999”"):
        users.create("x", "", "9999", NOW)


def test_reset_unlocks_and_ends_all_sessions() -> None:
    _, first = users.create("office", "办公室", "", NOW)
    User.objects(username="office").update_one(
        set__failed_attempts=5, set__locked_until=NOW + timedelta(hours=1), set__must_change_password=False
    )
    second = users.reset_password("office", NOW)
    stored = User.objects.get(username="office")
    assert first != second
    assert verify_password(stored.password_hash, second)
    assert not verify_password(stored.password_hash, first)
    assert (stored.failed_attempts, stored.locked_until, stored.session_epoch) == (0, None, 1)
    assert stored.must_change_password


def test_reset_of_an_unknown_account_is_refused() -> None:
    with pytest.raises(UserRefused, match="没有账号“nobody”"):
        users.reset_password("nobody", NOW)


def test_role_is_granted_once_where_it_counts(unit: Unit) -> None:
    users.create("hr", "人事处", "", NOW)
    users.grant("hr", Role.UNIT_HR, Scope(unit="hust"), NOW)
    user = users.grant("hr", Role.UNIT_HR, Scope(unit="hust"), NOW)
    assert [(grant.role, grant.unit.code) for grant in user.grants] == [("unit_hr", "hust")]
    assert deeds() == [("create_user", "panel users"), ("grant_role", "panel users")]


def test_expert_is_granted_for_a_committee() -> None:
    Committee(code="science", name="理科评委会", series="teacher", valid_until=date(2028, 1, 1)).save()
    users.create("expert", "王教授", "", NOW)
    user = users.grant("expert", Role.EXPERT, Scope(committee="science"), NOW)
    assert [(grant.role, grant.committee) for grant in user.grants] == [("expert", "science")]


@pytest.mark.parametrize(
    ("role", "scope", "said"),
    [
        (Role.UNIT_HR, Scope(), "--unit"),
        (Role.UNIT_HR, Scope(unit="nowhere"), "没有单位代码“nowhere”"),
        (Role.ENDORSER, Scope(unit="hust"), "--department 或 --office"),
        (Role.ENDORSER, Scope(unit="hust", department="law"), "没有部门代码“law”"),
        (Role.SUPERVISOR, Scope(), "--unit"),
        (Role.EXPERT, Scope(), "--committee"),
        (Role.CHAIR, Scope(committee="nowhere"), "没有评委会代码“nowhere”"),
        (Role.APPLICANT, Scope(), "--staff-number"),
        (Role.PUBLIC, Scope(), "不能授予"),
        (Role.SYSTEM, Scope(), "不能授予"),
    ],
)
@pytest.mark.usefixtures("unit")
def test_role_that_would_count_nowhere_is_refused(role: Role, scope: Scope, said: str) -> None:
    users.create("someone", "某人", "", NOW)
    with pytest.raises(UserRefused, match=said):
        users.grant("someone", role, scope, NOW)
    assert User.objects.get(username="someone").grants == []


def test_revoked_role_is_gone_and_sessions_end() -> None:
    users.create("root", "管理员", "", NOW)
    users.grant("root", Role.ADMIN, Scope(), NOW)
    user = users.revoke("root", Role.ADMIN, NOW)
    assert user.roles == []
    assert user.session_epoch == 1
    with pytest.raises(UserRefused, match="没有角色“系统管理员”"):
        users.revoke("root", Role.ADMIN, NOW)
