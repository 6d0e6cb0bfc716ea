"""What is asked of a state of an application anywhere, as one table; every set of states comes from it.

It lies beside `State` and not in the domain, since queries, rules and pages of every package ask it. Where a
state leads to is said in `panel/domain/steps/transitions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from models.choices import Role, State


@dataclass(frozen=True, kw_only=True)
class StateRow:
    """One state. What isn't said of it is not so."""

    #: what its badge says beside the word: quiet, wait, act, good or bad
    tone: str
    #: who takes the next step; None where nothing is waited for, or only a decision from outside
    waits_for: Role | None = None
    #: the applicant may write, and what the material table or the roster say arrives
    in_hand: bool = False
    #: in hand again after it was submitted, as far as it was reopened, until a deadline
    reopened: bool = False
    #: given back to the applicant and not handed in again since: it may differ from what was submitted
    given_back: bool = False
    #: the unit may write its opinion
    takes_unit_opinion: bool = False
    #: a change of the round's rules can still concern it
    open_to_rules: bool = False
    #: its committee's office sees it, wherever it came from
    reached_office: bool = False
    #: the days of a publicity are counted
    in_publicity: bool = False
    #: it stands on a list that is public, also while an objection holds it: objections are taken
    takes_objections: bool = False
    #: experts judge, and may declare themselves recused
    in_review: bool = False
    #: nothing more happens, except by revoke or reopen
    ended: bool = False
    #: of an earlier year nobody goes on with it, though it has not ended
    left_behind: bool = False
    #: its place among the unit's recommendations is free for others
    frees_place: bool = False


TABLE: dict[State, StateRow] = {
    State.DRAFT: StateRow(
        tone="act", waits_for=Role.APPLICANT, in_hand=True, open_to_rules=True, left_behind=True
    ),
    State.SUBMITTED: StateRow(
        tone="wait", waits_for=Role.UNIT_HR, takes_unit_opinion=True, open_to_rules=True
    ),
    State.RETURNED: StateRow(
        tone="act",
        waits_for=Role.APPLICANT,
        in_hand=True,
        reopened=True,
        given_back=True,
        open_to_rules=True,
    ),
    State.NOT_RECOMMENDED: StateRow(tone="bad", ended=True, frees_place=True),
    State.UNIT_PUBLICITY: StateRow(
        tone="wait",
        waits_for=Role.UNIT_HR,
        takes_unit_opinion=True,
        open_to_rules=True,
        in_publicity=True,
        takes_objections=True,
    ),
    State.ON_HOLD: StateRow(tone="bad", waits_for=Role.UNIT_HR, open_to_rules=True, takes_objections=True),
    State.OFFICE_REVIEW: StateRow(
        tone="wait", waits_for=Role.OFFICE, open_to_rules=True, reached_office=True
    ),
    State.CORRECTION: StateRow(
        tone="act",
        waits_for=Role.APPLICANT,
        in_hand=True,
        reopened=True,
        given_back=True,
        open_to_rules=True,
        reached_office=True,
    ),
    State.LAPSED: StateRow(tone="bad", waits_for=Role.UNIT_HR, given_back=True, left_behind=True),
    State.INELIGIBLE: StateRow(tone="bad", reached_office=True, ended=True),
    State.EXTERNAL_REVIEW: StateRow(tone="wait", waits_for=Role.OFFICE, reached_office=True),
    State.PANEL: StateRow(tone="wait", waits_for=Role.OFFICE, reached_office=True, in_review=True),
    State.BALLOT: StateRow(tone="wait", waits_for=Role.CHAIR, reached_office=True, in_review=True),
    State.PASSED: StateRow(tone="good", waits_for=Role.OFFICE, reached_office=True),
    State.FAILED: StateRow(tone="bad", reached_office=True, ended=True),
    State.RESULT_PUBLICITY: StateRow(
        tone="good", waits_for=Role.OFFICE, reached_office=True, in_publicity=True, takes_objections=True
    ),
    State.CONFIRMED: StateRow(tone="good", waits_for=Role.OFFICE, reached_office=True),
    State.CERTIFIED: StateRow(tone="good", reached_office=True, ended=True),
    State.DISQUALIFIED: StateRow(tone="bad", reached_office=True, ended=True, frees_place=True),
    State.WITHDRAWN: StateRow(tone="quiet", ended=True, frees_place=True),
    State.REVOKED: StateRow(tone="bad", reached_office=True, ended=True),
}


def _all(is_so: Callable[[StateRow], bool]) -> tuple[State, ...]:
    """In the table's order."""
    return tuple(state for state, row in TABLE.items() if is_so(row))


IN_HAND = _all(lambda row: row.in_hand)
REOPENED = _all(lambda row: row.reopened)
GIVEN_BACK = _all(lambda row: row.given_back)
TAKES_UNIT_OPINION = _all(lambda row: row.takes_unit_opinion)
OPEN_TO_RULES = _all(lambda row: row.open_to_rules)
REACHED_OFFICE = _all(lambda row: row.reached_office)
IN_PUBLICITY = _all(lambda row: row.in_publicity)
TAKES_OBJECTIONS = _all(lambda row: row.takes_objections)
IN_REVIEW = _all(lambda row: row.in_review)
ENDED = _all(lambda row: row.ended)
LEFT_BEHIND = _all(lambda row: row.left_behind)
FREES_PLACE = _all(lambda row: row.frees_place)


def stored_states(states: Iterable[State]) -> list[str]:
    """`states` as they are stored, for a query."""
    return [state.value for state in states]


def state_row(state: State | str) -> StateRow:
    """What is said of `state`; ValueError for what is no state."""
    return TABLE[State(state)]
