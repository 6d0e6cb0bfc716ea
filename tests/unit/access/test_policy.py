"""Permissions that are no steps: who, in which state, by a table written by hand (DESIGN section 5)."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from bson import ObjectId

from models.application import Application
from models.choices import Action, Role
from models.sections import Receipt, Recusal
from panel.domain.access.policy import allowed_role, is_for, may
from panel.domain.access.who_may import RULES, Permission
from panel.domain.actors import ANONYMOUS, SYSTEM, Actor, ActorGrant

UNIT, OTHER_UNIT, PERSON, USER = ObjectId(), ObjectId(), ObjectId(), ObjectId()
COMMITTEE = "teacher-committee"
NOW = datetime(2026, 9, 15, tzinfo=UTC)

STAFF = {"unit_hr", "endorser", "supervisor"}
JUDGES = {"expert", "chair"}
#: permission -> state -> the roles that have it on a case of their own scope. The expert is assigned to it.
ON_A_CASE: dict[Permission, dict[str, set[str]]] = {
    Permission.EDIT_CONTENT: {},
    Permission.CHANGE_CHOICE: {
        "submitted": {"unit_hr"},
        "office_review": {"unit_hr"},
        "panel": {"unit_hr"},
        "ballot": {"unit_hr"},
    },
    Permission.READ_CONTENT: {
        "submitted": STAFF,
        "office_review": STAFF | {"office"},
        "panel": STAFF | {"office"} | JUDGES,
        "ballot": STAFF | {"office"} | JUDGES,
    },
    Permission.JUDGE: {
        "submitted": {"unit_hr"},
        "office_review": {"unit_hr"},
        "panel": {"unit_hr"},
        "ballot": {"unit_hr"},
    },
    Permission.COMMENT: {
        "draft": {"unit_hr"},
        "submitted": {"unit_hr"},
        "office_review": {"unit_hr", "office"},
        "panel": {"unit_hr", "office"},
        "ballot": {"unit_hr", "office"},
    },
    Permission.REVEAL: {
        "submitted": {"unit_hr"},
        "office_review": {"unit_hr", "office"},
        "panel": {"unit_hr", "office"},
        "ballot": {"unit_hr", "office"},
    },
    Permission.MEND: {state: {"unit_hr"} for state in ("submitted", "office_review", "panel", "ballot")},
    Permission.WRITE_UNIT_OPINION: {
        state: {"unit_hr"} for state in ("draft", "submitted", "office_review", "panel", "ballot")
    },
    Permission.IMPORT: {
        state: {"unit_hr"} for state in ("draft", "submitted", "office_review", "panel", "ballot")
    },
    Permission.REGISTER_OBJECTION: {
        "draft": {"unit_hr", "supervisor"},
        "submitted": {"unit_hr", "supervisor"},
        "office_review": {"unit_hr", "supervisor", "office"},
        "panel": {"unit_hr", "supervisor", "office"},
        "ballot": {"unit_hr", "supervisor", "office"},
    },
    Permission.FILE_FINDINGS: {
        "draft": {"unit_hr", "supervisor"},
        "submitted": {"unit_hr", "supervisor"},
        "office_review": {"unit_hr", "supervisor", "office"},
        "panel": {"unit_hr", "supervisor", "office"},
        "ballot": {"unit_hr", "supervisor", "office"},
    },
    Permission.ASSIGN_EXPERTS: {
        "office_review": {"office"},
        "panel": {"office"},
        "ballot": {"office"},
    },
    Permission.WRITE_OPINION: {"panel": JUDGES},
    Permission.DECLARE_RECUSAL: {"panel": JUDGES, "ballot": JUDGES},
    Permission.READ_OPINIONS: {
        "draft": {"supervisor"},
        "submitted": {"supervisor"},
        "office_review": {"supervisor", "office"},
        "panel": {"supervisor", "office"},
        "ballot": {"supervisor", "office"},
    },
}
#: Of no single case.
ANYWHERE: dict[Permission, set[str]] = {
    Permission.EXTEND: {"unit_hr"},
    Permission.EDIT_ROSTER: {"unit_hr"},
    Permission.MANAGE_ACCOUNTS: {"unit_hr", "admin"},
    Permission.MANAGE_USERS: {"admin"},
    Permission.MANAGE_ROUNDS: {"unit_hr"},
    Permission.READ_AUDIT: {"supervisor", "admin", "unit_hr"},
    Permission.REMIND: {"unit_hr"},
}
#: Of one committee.
OF_A_COMMITTEE: dict[Permission, set[str]] = {
    Permission.MANAGE_COMMITTEES: {"office"},
    Permission.MANAGE_MEETING: {"office"},
    Permission.OPEN_MEETING: {"chair"},
    Permission.ATTEND_MEETING: {"expert", "chair"},
}
STATES = ("draft", "submitted", "office_review", "panel", "ballot")


def case(state: str, **values: Any) -> Application:
    receipt = Receipt(number="1", at=NOW, sha256="0" * 64, content_revision=1)
    given = {
        "state": state,
        "department": "cs",
        "committee": COMMITTEE,
        "experts": [USER],
        "receipt": None if state == "draft" else receipt,
    }
    application = Application(**(given | values))
    application._data["person"] = PERSON
    application._data["unit"] = UNIT
    return application


def somebody(*roles: Role, person: ObjectId | None = None, **grant: Any) -> Actor:
    given = {"unit_id": UNIT, "department": "cs", "committee": COMMITTEE} | grant
    grants = tuple(ActorGrant(role, **given) for role in roles)
    return Actor(user_id=USER, person_id=person or ObjectId(), name="某人", grants=grants)


def test_every_permission_is_in_one_of_the_tables() -> None:
    tables = [*ON_A_CASE, *ANYWHERE, *OF_A_COMMITTEE]
    assert sorted(tables) == sorted(Permission)


@pytest.mark.parametrize("permission", ON_A_CASE, ids=str)
@pytest.mark.parametrize("state", STATES)
def test_only_these_roles_may_do_it_to_a_case(permission: Permission, state: str) -> None:
    others = [role for role in Role if role is not Role.SYSTEM]
    having = {role.value for role in others if may(somebody(role), permission, case(state))}
    assert having == ON_A_CASE[permission].get(state, set())


@pytest.mark.parametrize("permission", ON_A_CASE, ids=str)
@pytest.mark.parametrize("state", STATES)
def test_on_ones_own_case_every_role_is_only_the_applicant(permission: Permission, state: str) -> None:
    actor = somebody(*[role for role in Role if role is not Role.SYSTEM], person=PERSON)
    own = {
        Permission.EDIT_CONTENT,
        Permission.CHANGE_CHOICE,
        Permission.READ_CONTENT,
        Permission.REVEAL,
    }
    assert allowed_role(actor, permission, case(state)) == (Role.APPLICANT if permission in own else None)


@pytest.mark.parametrize("permission", ON_A_CASE, ids=str)
@pytest.mark.parametrize("state", STATES)
def test_roles_elsewhere_count_for_nothing_here(permission: Permission, state: str) -> None:
    roles = [role for role in Role if role is not Role.SYSTEM]
    elsewhere = somebody(*roles, unit_id=OTHER_UNIT, department="me", committee="lab-committee")
    for actor in (elsewhere, ANONYMOUS, SYSTEM):
        assert not may(actor, permission, case(state))


@pytest.mark.parametrize("permission", ON_A_CASE, ids=str)
def test_a_recused_expert_may_do_nothing(permission: Permission) -> None:
    """R17: a recused expert can't open the case."""
    recusal = Recusal(user=USER, reason="合作者", at=NOW)
    for state in ("panel", "ballot"):
        thing = case(state, recusals=[recusal])
        assert not may(somebody(Role.EXPERT, Role.CHAIR), permission, thing)


def test_an_expert_who_is_not_assigned_sees_the_case_only_once_it_is_tabled() -> None:
    actor = somebody(Role.EXPERT)
    assert not may(actor, Permission.READ_CONTENT, case("panel", experts=[]))
    assert not may(actor, Permission.WRITE_OPINION, case("panel", experts=[]))
    assert may(actor, Permission.READ_CONTENT, case("ballot", experts=[]))


def test_hr_reads_no_content_of_a_draft_not_even_of_a_recalled_one() -> None:
    """G30."""
    receipt = Receipt(number="1", at=NOW, sha256="0" * 64, content_revision=1)
    hr = somebody(Role.UNIT_HR)
    assert not may(hr, Permission.READ_CONTENT, case("draft"))
    assert not may(hr, Permission.READ_CONTENT, case("draft", receipt=receipt))
    assert not may(hr, Permission.READ_CONTENT, case("withdrawn", receipt=None))


def test_an_endorser_of_all_departments_reads_every_department() -> None:
    assert may(somebody(Role.ENDORSER, department=""), Permission.READ_CONTENT, case("submitted"))
    assert not may(somebody(Role.ENDORSER, department="me"), Permission.READ_CONTENT, case("submitted"))


@pytest.mark.parametrize(
    ("state", "more", "reads"),
    [
        ("on_hold", {"held_from": "unit_publicity"}, False),
        ("on_hold", {"held_from": "result_publicity"}, True),
        ("lapsed", {"lapsed_from": "returned"}, False),
        ("lapsed", {"lapsed_from": "correction"}, True),
        ("unit_publicity", {}, False),
        ("failed", {}, True),
        ("withdrawn", {}, False),
    ],
)
def test_the_office_reads_what_was_reported_to_it(state: str, more: dict[str, str], reads: bool) -> None:
    for committee in (COMMITTEE, ""):
        actor = somebody(Role.OFFICE, committee=committee)
        assert may(actor, Permission.READ_CONTENT, case(state, **more)) is reads


@pytest.mark.parametrize("permission", ANYWHERE, ids=str)
def test_only_these_roles_may_do_it_at_all(permission: Permission) -> None:
    others = [role for role in Role if role is not Role.SYSTEM]
    assert {role.value for role in others if may(somebody(role), permission)} == ANYWHERE[permission]
    assert not may(ANONYMOUS, permission)


@pytest.mark.parametrize("permission", OF_A_COMMITTEE, ids=str)
def test_only_these_roles_of_the_committee_may_do_it(permission: Permission) -> None:
    meeting = SimpleNamespace(committee=SimpleNamespace(code=COMMITTEE))
    others = [role for role in Role if role is not Role.SYSTEM]
    assert {role.value for role in others if may(somebody(role), permission, meeting)} == OF_A_COMMITTEE[
        permission
    ]
    elsewhere = somebody(*others, committee="lab-committee")
    assert not may(elsewhere, permission, meeting)


def test_all_roles_held_count_at_once() -> None:
    both = somebody(Role.UNIT_HR, Role.OFFICE)
    assert both.roles == {Role.UNIT_HR, Role.OFFICE}
    assert allowed_role(both, Permission.READ_CONTENT, case("panel")) == Role.UNIT_HR
    assert both.holds(Role.OFFICE, Role.ADMIN)
    assert not both.holds(Role.ADMIN)


def test_a_rule_says_no_role_that_it_does_not_name() -> None:
    """What lists offer comes from the roles named."""
    cases = [case(state) for state in ("draft", "submitted", "office_review", "panel", "ballot", "passed")]
    said = {
        what: {
            found for role in Role for thing in cases if (found := allowed_role(somebody(role), what, thing))
        }
        for what in Action
    }
    assert {what for what, roles in said.items() if not roles <= RULES[what].roles} == set()
    assert said[Action.TABLE] == {Role.OFFICE}


def test_lists_offer_staff_the_steps_of_their_roles() -> None:
    hr, office, both = somebody(Role.UNIT_HR), somebody(Role.OFFICE), somebody(Role.UNIT_HR, Role.OFFICE)
    of_hr = {Action.SUBMIT, Action.RETURN, Action.REJECT, Action.PUBLICISE, Action.RECOMMEND}
    of_office = {Action.ACCEPT, Action.CORRECT, Action.REFUSE, Action.TABLE, Action.CONFIRM, Action.ISSUE}
    asked = of_hr | of_office | {Action.REINSTATE}
    assert {what for what in asked if is_for(hr, what)} == of_hr | {Action.REINSTATE}
    assert {what for what in asked if is_for(office, what)} == of_office | {Action.REINSTATE}
    assert {what for what in asked if is_for(both, what)} == asked


def test_no_list_offers_a_step_to_an_applicant() -> None:
    assert not any(is_for(somebody(Role.APPLICANT), what) for what in (*Action, *Permission))
