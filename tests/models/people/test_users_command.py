"""`panel users`: what an operator may do to accounts, what is refused, and what the audit says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from models.audit import AuditEvent
from models.choices import Role
from models.meeting import Committee
from models.person import Person
from models.unit import Department, Unit
from models.user import User
from models.web_session import SignInAttempts
from panel import users
from panel.domain.errors import Invalid
from panel.passwords import verify_password
from panel.security import attempts_key
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
    slip = users.create("office", "评委会办公室", NOW)
    stored = User.objects.get(username="office")
    assert verify_password(stored.password_hash, slip.password)
    assert slip.password not in str(stored.to_mongo())
    assert stored.must_change_password
    assert stored.roles == []
    assert deeds() == [("account_make", "panel users")]


def test_account_of_a_person_takes_the_name_and_may_apply(unit: Unit) -> None:
    Person(staff_number="1001", name="李明", unit=unit, department="cs").save()
    slip = users.create("1001", "", NOW)
    assert slip.name == "李明"
    assert User.objects.get(username="1001").roles == [Role.APPLICANT]


def test_second_account_of_the_same_name_is_refused_and_leaves_nothing() -> None:
    users.create("office", "办公室", NOW)
    with pytest.raises(Invalid) as refused:
        users.create("office", "另一个", NOW)
    assert "已有人使用" in str(refused.value.fields["username"])
    assert User.objects.count() == 1
    assert deeds() == [("account_make", "panel users")]


def test_second_account_of_the_same_person_is_refused(unit: Unit) -> None:
    Person(staff_number="1001", name="李明", unit=unit, department="cs").save()
    users.create("1001", "", NOW)
    with pytest.raises(UserRefused, match="已有账号"):
        users.create("1001", "", NOW)


def test_staff_number_that_is_not_in_the_roster_is_refused() -> None:
    with pytest.raises(UserRefused, match=r"没有工号“9999”.*--name"):
        users.create("9999", "", NOW)


def test_reset_unlocks_and_ends_all_sessions() -> None:
    first = users.create("office", "办公室", NOW).password
    User.objects(username="office").update_one(
        set__failed_attempts=5, set__locked_until=NOW + timedelta(hours=1), set__must_change_password=False
    )
    SignInAttempts(key=attempts_key("office"), count=5, locked_until=NOW, expires_at=NOW).save()
    second = users.reset_password("office", NOW).password
    stored = User.objects.get(username="office")
    assert first != second
    assert verify_password(stored.password_hash, second)
    assert not verify_password(stored.password_hash, first)
    assert (stored.failed_attempts, stored.locked_until, stored.session_epoch) == (0, None, 1)
    assert stored.must_change_password
    assert SignInAttempts.objects.count() == 0


def test_reset_of_an_unknown_account_is_refused() -> None:
    with pytest.raises(UserRefused, match="没有账号“nobody”"):
        users.reset_password("nobody", NOW)


def test_role_is_granted_once_where_it_counts(unit: Unit) -> None:
    users.create("renshi", "人事处", NOW)
    users.grant("renshi", Role.UNIT_HR, Scope(unit="hust"), NOW)
    users.grant("renshi", Role.UNIT_HR, Scope(unit="hust"), NOW)
    user = User.objects.get(username="renshi")
    assert [(grant.role, grant.unit.code) for grant in user.grants] == [("unit_hr", "hust")]
    assert deeds() == [("account_make", "panel users"), ("grants_change", "panel users")]


def test_expert_is_granted_for_a_committee_beside_other_roles() -> None:
    Committee(code="science", name="理科评委会", series="teacher", valid_until=date(2028, 1, 1)).save()
    users.create("wang", "王教授", NOW)
    users.grant("wang", Role.ADMIN, Scope(), NOW)
    users.grant("wang", Role.EXPERT, Scope(committee="science"), NOW)
    stored = User.objects.get(username="wang")
    assert [(grant.role, grant.committee) for grant in stored.grants] == [
        ("admin", None),
        ("expert", "science"),
    ]


@pytest.mark.parametrize(
    ("role", "scope", "said"),
    [
        (Role.UNIT_HR, Scope(), "要选单位"),
        (Role.UNIT_HR, Scope(unit="nowhere"), "没有单位代码“nowhere”"),
        (Role.ENDORSER, Scope(unit="hust"), "部门或审核事项"),
        (Role.ENDORSER, Scope(unit="hust", department="law"), "没有部门代码“law”"),
        (Role.SUPERVISOR, Scope(), "要选单位"),
        (Role.EXPERT, Scope(), "要选评委会"),
        (Role.CHAIR, Scope(committee="nowhere"), "没有评委会代码“nowhere”"),
        (Role.APPLICANT, Scope(), "名册"),
        (Role.PUBLIC, Scope(), "不能授予"),
        (Role.SYSTEM, Scope(), "不能授予"),
    ],
)
@pytest.mark.usefixtures("unit")
def test_role_that_would_count_nowhere_is_refused(role: Role, scope: Scope, said: str) -> None:
    users.create("someone", "某人", NOW)
    with pytest.raises((UserRefused, Invalid)) as refused:
        users.grant("someone", role, scope, NOW)
    fields = getattr(refused.value, "fields", {})
    assert said in "".join([str(refused.value), *map(str, fields.values())])
    assert User.objects.get(username="someone").grants == []


def test_revoked_role_is_gone() -> None:
    users.create("root", "管理员", NOW)
    users.grant("root", Role.ADMIN, Scope(), NOW)
    users.revoke("root", Role.ADMIN, NOW)
    assert User.objects.get(username="root").roles == []
    with pytest.raises(UserRefused, match="没有角色“系统管理员”"):
        users.revoke("root", Role.ADMIN, NOW)
