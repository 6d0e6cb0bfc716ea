"""Committees as the office keeps them (R01-R03): filing, members, who presides."""

from datetime import date

import pytest

from models.choices import Role
from models.meeting import Committee
from models.user import User
from panel.domain.actors import Actor, actor_of
from panel.domain.errors import Invalid, NotFound
from panel.domain.review import committees
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("database")


def office() -> Actor:
    return actor_of(factories.make_user(Role.OFFICE))


def test_a_new_chair_replaces_the_old_one_with_the_role() -> None:
    """R10: one chair, who alone with the vice-chair presides."""
    committee = factories.make_committee()
    old, new = committee.members[0].user, committee.members[4].user
    committees.set_chair(committee, new.id, "chair", office(), NOW)
    committee.reload()
    assert [member.user.id for member in committee.members if member.is_chair] == [new.id]
    assert User.objects.get(id=old.id).roles == [Role.EXPERT]
    assert User.objects.get(id=new.id).roles == [Role.EXPERT, Role.CHAIR]


def test_roles_in_another_committee_stay() -> None:
    committee, lab = factories.make_committee(), factories.make_committee(code="lab-committee")
    both = committee.members[3].user
    committees.add_member(lab, both.username, "教授", date(2028, 6, 30), office_of_all(), NOW)
    committees.remove_member(committee, both.id, office(), NOW)
    grants = [(grant.role, grant.committee) for grant in User.objects.get(id=both.id).grants]
    assert grants == [("expert", "lab-committee")]


def office_of_all() -> Actor:
    return actor_of(factories.make_user(Role.OFFICE, committee=""))


@pytest.mark.parametrize(
    ("day", "allowed"),
    [(date(2029, 9, 15), True), (date(2029, 9, 16), False), (date(2026, 9, 14), False), (None, False)],
)
def test_a_filing_lasts_three_years_at_most(day: date | None, allowed: bool) -> None:
    """R01."""
    committee = factories.make_committee()
    if allowed:
        committees.save_details(committee, day, "", office(), NOW)
        assert Committee.objects.get().valid_until == day
        return
    with pytest.raises(Invalid) as refused:
        committees.save_details(committee, day, "", office(), NOW)
    assert set(refused.value.fields) == {"valid_until"}


def test_nobody_is_a_member_twice() -> None:
    committee = factories.make_committee()
    username = committee.members[3].user.username
    with pytest.raises(Invalid) as refused:
        committees.add_member(committee, username, "教授", date(2028, 6, 30), office(), NOW)
    assert set(refused.value.fields) == {"username"}


@pytest.mark.parametrize("role", [Role.UNIT_HR, Role.CHAIR, Role.ADMIN])
def test_only_the_office_keeps_a_committee(role: Role) -> None:
    committee = factories.make_committee()
    with pytest.raises(NotFound):
        committees.remove_member(
            committee, committee.members[3].user.id, actor_of(factories.make_user(role)), NOW
        )
