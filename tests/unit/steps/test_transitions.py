"""Every state × action × role against a table written by hand (DESIGN section 4)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from bson import ObjectId

from models.application import Application
from models.choices import Action, Role, State
from models.sections import Receipt
from panel.clock import UTC, datetime
from panel.domain.access.policy import allowed_role
from panel.domain.actors import SYSTEM, Actor, ActorGrant
from panel.domain.steps.guards.context import GUARDS
from panel.domain.steps.transitions import TABLE, Target, not_built, transition

#: (state, action) -> target, by hand from DESIGN; what isn't here is refused in that state.
BY_HAND: dict[tuple[str, str], str] = {
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "recall"): "draft",
    ("submitted", "endorse"): "same",
    ("submitted", "return"): "returned",
    ("submitted", "reject"): "not_recommended",
    ("submitted", "publicise"): "unit_publicity",
    ("submitted", "withdraw"): "withdrawn",
    ("returned", "resubmit"): "submitted",
    ("returned", "lapse"): "lapsed",
    ("returned", "withdraw"): "withdrawn",
    ("unit_publicity", "recommend"): "merged",
    ("unit_publicity", "object"): "on_hold",
    ("unit_publicity", "withdraw"): "withdrawn",
    ("on_hold", "dismiss"): "held_from",
    ("on_hold", "strike"): "held_from",
    ("on_hold", "uphold"): "disqualified",
    ("office_review", "correct"): "correction",
    ("office_review", "refuse"): "ineligible",
    ("office_review", "recognise"): "passed",
    ("office_review", "send_out"): "external_review",
    ("office_review", "accept"): "panel",
    ("office_review", "withdraw"): "withdrawn",
    ("correction", "resubmit"): "office_review",
    ("correction", "lapse"): "lapsed",
    ("correction", "withdraw"): "withdrawn",
    ("lapsed", "reinstate"): "lapsed_from",
    ("external_review", "close_external"): "review",
    ("external_review", "withdraw"): "withdrawn",
    ("panel", "table"): "ballot",
    ("panel", "withdraw"): "withdrawn",
    ("ballot", "close"): "outcome",
    ("passed", "publicise_result"): "result_publicity",
    ("result_publicity", "object"): "on_hold",
    ("result_publicity", "confirm"): "confirmed",
    ("confirmed", "issue"): "certified",
    ("certified", "revoke"): "revoked",
    ("failed", "reopen"): "decision",
    ("disqualified", "reopen"): "decision",
}

#: Who may take the step on somebody else's case of their own scope, by hand.
WHO: dict[str, set[str]] = {
    "submit": {"unit_hr"},
    "recall": set(),
    "endorse": {"endorser"},
    "return": {"unit_hr"},
    "resubmit": set(),
    "reject": {"unit_hr"},
    "publicise": {"unit_hr"},
    "recommend": {"unit_hr"},
    "object": {"unit_hr", "office", "supervisor"},
    "dismiss": {"unit_hr", "office"},
    "strike": {"unit_hr", "office"},
    "uphold": {"unit_hr", "office"},
    "correct": {"office"},
    "lapse": {"system"},
    "reinstate": {"unit_hr", "office"},
    "refuse": {"office"},
    "recognise": {"office"},
    "send_out": {"office"},
    "accept": {"office"},
    "close_external": {"office"},
    "table": {"office"},
    "close": {"chair"},
    "publicise_result": {"office"},
    "confirm": {"office"},
    "issue": {"office"},
    "withdraw": set(),
    "revoke": {"office"},
    "reopen": {"office"},
}
OWN = {"submit", "recall", "resubmit", "withdraw"}
NOT_BUILT = {
    "strike",
    "correct",
    "refuse",
    "recognise",
    "send_out",
    "close_external",
    "revoke",
    "reopen",
}

UNIT, OTHER_UNIT, PERSON = ObjectId(), ObjectId(), ObjectId()


def case(state: str) -> Application:
    application = Application(
        state=state,
        department="cs",
        committee="teacher-committee",
        # what an office sees of held and lapsed cases depends on where they came from
        held_from="result_publicity",
        lapsed_from="correction",
        receipt=Receipt(
            number="1", at=datetime(2026, 10, 1, tzinfo=UTC), sha256="0" * 64, content_revision=1
        ),
    )
    application._data["person"] = PERSON
    application._data["unit"] = UNIT
    return application


def somebody(role: Role, unit: ObjectId = UNIT, person: ObjectId | None = None) -> Actor:
    if role == Role.SYSTEM:
        return SYSTEM
    grant = ActorGrant(role, unit_id=unit, department="cs", committee="teacher-committee")
    return Actor(user_id=ObjectId(), person_id=person or ObjectId(), name="某人", grants=(grant,))


def first_state(action: str) -> str:
    """A state in which the step exists."""
    return next(state for (state, name) in BY_HAND if name == action)


@pytest.mark.parametrize("state", State, ids=str)
def test_the_steps_of_a_state_lead_where_the_design_says_and_there_are_no_others(state: State) -> None:
    rows = {action.value: transition(action, state) for action in Action}
    by_hand = {action: target for (name, action), target in BY_HAND.items() if name == state.value}
    assert {action: row.target.value for action, row in rows.items() if row} == by_hand


@pytest.mark.parametrize(("state", "action"), BY_HAND)
def test_only_the_roles_of_the_design_may_act(state: str, action: str) -> None:
    """A case reaches the office with its unit's recommendation."""
    unreached = {"draft", "submitted", "returned", "unit_publicity"}
    by_hand = WHO[action] - ({"office"} if state in unreached else set())
    granted = {role.value: allowed_role(somebody(role), Action(action), case(state)) for role in Role}
    assert granted == {role.value: role if role.value in by_hand else None for role in Role}


@pytest.mark.parametrize("action", WHO)
def test_nobody_acts_on_their_own_application_but_as_its_applicant(action: str) -> None:
    thing = case(first_state(action))
    roles = [role for role in Role if role != Role.SYSTEM]
    granted = {role: allowed_role(somebody(role, person=PERSON), Action(action), thing) for role in roles}
    assert granted == dict.fromkeys(roles, Role.APPLICANT if action in OWN else None)


def test_hr_of_another_unit_may_do_nothing() -> None:
    stranger = somebody(Role.UNIT_HR, unit=OTHER_UNIT)
    granted = {action: allowed_role(stranger, Action(action), case(first_state(action))) for action in WHO}
    assert granted == dict.fromkeys(WHO)


def test_the_tables_by_hand_name_every_action() -> None:
    assert set(WHO) == {action for _, action in BY_HAND} == {action.value for action in Action}


def test_steps_not_built_yet_are_the_ones_the_readme_lists() -> None:
    assert {row.action.value for row in not_built()} == NOT_BUILT
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    for row in not_built():
        assert row.action.value in readme
        assert all(state.value in readme for state in row.sources), row.action


def test_every_guard_of_the_table_exists_and_every_guard_is_used() -> None:
    assert {name for row in TABLE for name in row.guards} == set(GUARDS)


def test_every_built_step_that_advances_a_case_has_a_guard() -> None:
    free = {row.action.value for row in TABLE if row.built and not row.guards}
    assert free == {"reject"}  # its reason is asked by the table


def test_every_negative_step_needs_a_reason() -> None:
    negative = {"reject", "dismiss", "strike", "uphold", "reinstate", "refuse", "revoke", "reopen"}
    assert {row.action.value for row in TABLE if row.is_negative} == negative


def test_one_action_has_one_row_per_state() -> None:
    pairs = [(row.action, state) for row in TABLE for state in row.sources]
    assert len(pairs) == len(set(pairs))


def test_targets_that_depend_are_named() -> None:
    assert {row.target for row in TABLE if isinstance(row.target, Target)} == set(Target)


def test_a_stranger_may_do_nothing() -> None:
    nobody = SimpleNamespace(roles=frozenset())
    actor = Actor()
    assert nobody.roles == actor.roles
    assert all(allowed_role(actor, Action(a), case(s)) is None for (s, a) in BY_HAND)
