"""Accounts made from the roster, reset, disabled, and the roles an administrator grants."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from models.audit import AuditEvent
from models.choices import Role
from models.person import Person
from models.unit import Department, Unit
from models.user import Grant, User
from panel.domain.actors import Actor, ActorGrant
from panel.domain.errors import Invalid, Refused
from panel.domain.people import accounts

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


class Maker:
    """One-time passwords that a test can know, and a hash that is none."""

    def __init__(self) -> None:
        self.given = 0
        self.forgiven: list[str] = []

    def passwords(self) -> accounts.Passwords:
        return accounts.Passwords(self.one_time, lambda text: f"hash of {text}", self.forgiven.append)

    def one_time(self) -> str:
        self.given += 1
        return f"once-{self.given}"


@pytest.fixture
def unit() -> Unit:
    return Unit(code="u1", name="东湖大学", departments=[Department(code="cs", name="计算机学院")]).save()


@pytest.fixture
def maker() -> Maker:
    return Maker()


def person(unit: Unit, number: str, **values: object) -> Person:
    return Person(staff_number=number, name=f"张{number}", unit=unit, department="cs", **values).save()


def hr_of(unit: Unit) -> Actor:
    return Actor(user_id=ObjectId(), name="林人事", grants=(ActorGrant(Role.UNIT_HR, unit_id=unit.id),))


ADMIN = Actor(user_id=ObjectId(), name="管理员", grants=(ActorGrant(Role.ADMIN),))


def test_accounts_are_made_and_existing_ones_are_named(unit, maker):
    first, second = person(unit, "T1"), person(unit, "T2")
    accounts.make([first], hr_of(unit), NOW, maker.passwords())
    made = accounts.make([first, second], hr_of(unit), NOW, maker.passwords())
    assert [(slip.username, slip.password, slip.department) for slip in made.slips] == [
        ("T2", "once-2", "计算机学院")
    ]
    assert [(skipped.staff_number, str(why)) for skipped, why in made.skipped] == [("T1", "已有账号")]
    user = User.objects.get(username="T2")
    assert user.must_change_password
    assert user.roles == [Role.APPLICANT]
    assert user.password_hash == "hash of once-2"
    assert AuditEvent.objects(action="account_make").count() == 2


def test_one_time_password_is_stored_nowhere_in_clear(unit, maker, database):
    accounts.make([person(unit, "T1")], hr_of(unit), NOW, maker.passwords())
    stored = [str(row) for name in ("audit_events", "people") for row in database[name].find()]
    assert len(stored) > 1
    assert [row for row in stored if "once-1" in row] == []
    assert User.objects.get().password_hash != "once-1"


def test_people_who_left_and_taken_names_are_skipped(unit, maker):
    User(username="T2", name="别人", created_at=NOW).save()
    made = accounts.make(
        [person(unit, "T1", in_service=False), person(unit, "T2")], hr_of(unit), NOW, maker.passwords()
    )
    assert made.slips == []
    assert [str(why) for _, why in made.skipped] == [
        "不在职，不开通账号",
        "账号名“T2”已被别的账号占用",
    ]
    assert User.objects.count() == 1


def test_one_foreign_person_stops_the_whole_batch(unit, maker):
    other = Unit(code="u2", name="西湖大学").save()
    with pytest.raises(Refused):
        accounts.make([person(unit, "T1"), person(other, "X1")], hr_of(unit), NOW, maker.passwords())
    assert User.objects.count() == 0


def test_reset_ends_sessions_and_lifts_the_lock(unit, maker):
    accounts.make([person(unit, "T1")], hr_of(unit), NOW, maker.passwords())
    user = User.objects.get()
    slip = accounts.reset(user, hr_of(unit), NOW, maker.passwords())
    assert (slip.username, slip.password) == ("T1", "once-2")
    assert user.session_epoch == 1
    assert user.must_change_password
    assert maker.forgiven == ["T1"]


def test_hr_cannot_reset_who_holds_a_further_role(unit, maker):
    """Whoever resets a chair's password could close the meeting as the chair."""
    chair = User(username="c", name="周主任", person=person(unit, "C1"), grants=[Grant(role="chair")]).save()
    with pytest.raises(Refused, match="主任委员"):
        accounts.reset(chair, hr_of(unit), NOW, maker.passwords())
    with pytest.raises(Refused):
        accounts.set_enabled(chair, False, "离职", hr_of(unit), NOW)
    assert accounts.reset(chair, ADMIN, NOW, maker.passwords()).username == "c"


def test_hr_cannot_reset_accounts_of_other_units_or_without_a_person(unit, maker):
    other = Unit(code="u2", name="西湖大学").save()
    foreign = User(
        username="x", name="外", person=person(other, "X1"), grants=[Grant(role="applicant")]
    ).save()
    admin = User(username="root", name="管", grants=[Grant(role="admin")]).save()
    for user in (foreign, admin):
        with pytest.raises(Refused):
            accounts.reset(user, hr_of(unit), NOW, maker.passwords())
    assert maker.given == 0


def test_disabling_needs_a_reason_and_ends_sessions(unit, maker):
    accounts.make([person(unit, "T1")], hr_of(unit), NOW, maker.passwords())
    user = User.objects.get()
    with pytest.raises(Invalid):
        accounts.set_enabled(user, False, " ", hr_of(unit), NOW)
    accounts.set_enabled(user, False, "离职", hr_of(unit), NOW)
    assert (user.is_enabled, user.session_epoch) == (False, 1)
    accounts.set_enabled(user, True, "", hr_of(unit), NOW)
    assert user.is_enabled
    assert AuditEvent.objects.get(action="account_disable").reason == "离职"


def test_administrator_grants_roles_and_both_lists_are_recorded(unit):
    user = User(username="e", name="陈专家").save()
    given = [Grant(role="expert", committee="c1"), Grant(role="unit_hr", unit=unit)]
    accounts.set_grants(user, given, [], ADMIN, NOW)
    assert user.roles == [Role.UNIT_HR, Role.EXPERT]
    event = AuditEvent.objects.get(action="grants_change")
    assert event.detail["before"] == []
    assert event.detail["after"][0] == {
        "role": "expert", "unit": "", "department": "", "office": "", "committee": "c1",
    }  # fmt: skip


def test_grant_without_its_place_is_refused(unit):
    user = User(username="e", name="陈专家").save()
    for grant in (
        Grant(role="unit_hr"),
        Grant(role="expert"),
        Grant(role="endorser", unit=unit),
        Grant(role="endorser", unit=unit, department="cs", office="ethics"),
        Grant(role="system"),
        Grant(role="public"),
    ):
        with pytest.raises(Invalid) as refused:
            accounts.set_grants(user, [grant], [], ADMIN, NOW)
        assert list(refused.value.fields) == ["grant-0"]
    assert User.objects.get().grants == []


def test_grants_changed_meanwhile_are_not_overwritten():
    user = User(username="e", name="陈专家", grants=[Grant(role="expert", committee="c1")]).save()
    with pytest.raises(Refused):
        accounts.set_grants(user, [], [], ADMIN, NOW)
    old = User.objects.get()
    accounts.set_grants(user, [Grant(role="chair", committee="c1")], user.grants, ADMIN, NOW)
    with pytest.raises(Refused):
        accounts.set_grants(old, [], old.grants, ADMIN, NOW)
    assert User.objects.get().roles == [Role.CHAIR]


def test_nobody_changes_own_roles_and_hr_grants_none(unit):
    own = User(id=ADMIN.user_id, username="root", name="管", grants=[Grant(role="admin")]).save()
    with pytest.raises(Refused):
        accounts.set_grants(own, [*own.grants, Grant(role="office")], own.grants, ADMIN, NOW)
    user = User(username="e", name="陈专家").save()
    with pytest.raises(Refused):
        accounts.set_grants(user, [Grant(role="office")], [], hr_of(unit), NOW)


def test_administrator_makes_an_account_for_an_outside_expert(maker):
    slip = accounts.create(
        "chen", "陈专家", [Grant(role="expert", committee="c1")], ADMIN, NOW, maker.passwords()
    )
    assert (slip.username, slip.password, slip.department) == ("chen", "once-1", "")
    with pytest.raises(Invalid) as refused:
        accounts.create("chen", "陈二", [], ADMIN, NOW, maker.passwords())
    assert list(refused.value.fields) == ["username"]
    with pytest.raises(Invalid) as refused:
        accounts.create("a b", "", [], ADMIN, NOW, maker.passwords())
    assert set(refused.value.fields) == {"username", "name"}
