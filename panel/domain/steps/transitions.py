"""The transition table (DESIGN section 4), as data. Only `panel.domain.steps.workflow` acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.choices import Action, State


class Target(StrEnum):
    """Where a step leads when the table alone can't say."""

    SAME = "same"  # endorse
    HELD_FROM = "held_from"  # back to the publicity that the objection interrupted
    LAPSED_FROM = "lapsed_from"  # back to where it lapsed
    MERGED = "merged"  # office_review, or panel where unit and office are one
    OUTCOME = "outcome"  # passed or failed, by the vote
    REVIEW = "review"  # panel, or failed
    DECISION = "decision"  # the state that the decision names


@dataclass(frozen=True)
class Transition:
    """One row: `needs` are the data a person gives, `guards` the checks by name (in guards/)."""

    action: Action
    sources: frozenset[State]
    target: State | Target
    needs: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    built: bool = True

    @property
    def is_negative(self) -> bool:
        """Whether the step needs a reason."""
        return "reason" in self.needs


def _row(
    action: Action,
    sources: State | tuple[State, ...],
    target: State | Target,
    needs: tuple[str, ...] = (),
    guards: tuple[str, ...] = (),
    built: bool = True,
) -> Transition:
    group = sources if isinstance(sources, tuple) else (sources,)
    return Transition(action, frozenset(group), target, needs, guards, built)


A, S, T = Action, State, Target

TABLE: tuple[Transition, ...] = (
    _row(
        A.SUBMIT,
        S.DRAFT,
        S.SUBMITTED,
        needs=("pledge",),
        guards=("window_open", "not_barred", "no_blocking_finding", "previewed", "pledged"),
    ),
    _row(A.RECALL, S.SUBMITTED, S.DRAFT, guards=("hr_not_begun", "window_open")),
    _row(
        A.ENDORSE,
        S.SUBMITTED,
        T.SAME,
        needs=("office", "yes", "opinion", "rank"),
        guards=("office_named", "opinion_for_no", "rank_given"),
    ),
    _row(
        A.RETURN,
        S.SUBMITTED,
        S.RETURNED,
        needs=("items", "deadline"),
        guards=("items_pinned", "deadline_ahead"),
    ),
    _row(
        A.RESUBMIT,
        S.RETURNED,
        S.SUBMITTED,
        needs=("pledge",),
        guards=("in_time", "not_barred", "no_blocking_finding", "previewed", "pledged"),
    ),
    _row(A.REJECT, S.SUBMITTED, S.NOT_RECOMMENDED, needs=("reason",)),
    _row(
        A.PUBLICISE,
        S.SUBMITTED,
        S.UNIT_PUBLICITY,
        needs=("publicity",),
        guards=(
            "confirmed_by_applicant",
            "mends_answered",
            "complete",
            "all_judged",
            "endorsed",
            "publicity_fits",
        ),
    ),
    _row(
        A.RECOMMEND,
        S.UNIT_PUBLICITY,
        T.MERGED,
        guards=("period_over", "no_open_objection", "unit_opinion_written", "within_quota"),
    ),
    _row(
        A.OBJECT,
        (S.UNIT_PUBLICITY, S.RESULT_PUBLICITY),
        S.ON_HOLD,
        needs=("objection",),
        guards=("objection_open",),
    ),
    _row(
        A.DISMISS,
        S.ON_HOLD,
        T.HELD_FROM,
        needs=("objection", "reason"),
        guards=("objection_open", "findings_filed", "second_person", "last_open_objection"),
    ),
    _row(A.STRIKE, S.ON_HOLD, T.HELD_FROM, needs=("objection", "reason"), built=False),
    _row(
        A.UPHOLD,
        S.ON_HOLD,
        S.DISQUALIFIED,
        needs=("objection", "reason"),
        guards=("objection_open", "findings_filed", "second_person"),
    ),
    _row(A.CORRECT, S.OFFICE_REVIEW, S.CORRECTION, needs=("items", "deadline"), built=False),
    _row(
        A.RESUBMIT,
        S.CORRECTION,
        S.OFFICE_REVIEW,
        needs=("pledge",),
        guards=("in_time", "not_barred", "no_blocking_finding", "previewed", "pledged"),
    ),
    _row(A.LAPSE, (S.RETURNED, S.CORRECTION), S.LAPSED, guards=("deadline_passed",)),
    _row(
        A.REINSTATE,
        S.LAPSED,
        T.LAPSED_FROM,
        needs=("reason", "deadline"),
        guards=("deadline_ahead",),
    ),
    _row(A.REFUSE, S.OFFICE_REVIEW, S.INELIGIBLE, needs=("reason",), built=False),
    _row(A.RECOGNISE, S.OFFICE_REVIEW, S.PASSED, built=False),
    _row(A.SEND_OUT, S.OFFICE_REVIEW, S.EXTERNAL_REVIEW, built=False),
    _row(A.ACCEPT, S.OFFICE_REVIEW, S.PANEL, guards=("no_external_review",)),
    _row(A.CLOSE_EXTERNAL, S.EXTERNAL_REVIEW, T.REVIEW, built=False),
    _row(
        A.TABLE,
        S.PANEL,
        S.BALLOT,
        needs=("meeting",),
        guards=("opinions_in", "defence_recorded", "meeting_fits"),
    ),
    _row(A.CLOSE, S.BALLOT, T.OUTCOME, needs=("outcome",), guards=("tally_fits", "quorate")),
    _row(
        A.PUBLICISE_RESULT,
        S.PASSED,
        S.RESULT_PUBLICITY,
        needs=("publicity",),
        guards=("tally_signed", "publicity_fits"),
    ),
    _row(
        A.CONFIRM,
        S.RESULT_PUBLICITY,
        S.CONFIRMED,
        needs=("document_number", "approved_on", "filing"),
        guards=("period_over", "no_open_objection", "document_given"),
    ),
    _row(A.ISSUE, S.CONFIRMED, S.CERTIFIED, guards=("photo_valid",)),
    _row(
        A.WITHDRAW,
        (
            S.DRAFT,
            S.SUBMITTED,
            S.RETURNED,
            S.UNIT_PUBLICITY,
            S.OFFICE_REVIEW,
            S.CORRECTION,
            S.EXTERNAL_REVIEW,
            S.PANEL,
        ),
        S.WITHDRAWN,
        needs=("sure",),
        guards=("asked_twice",),
    ),
    _row(A.REVOKE, S.CERTIFIED, S.REVOKED, needs=("reason", "order_number"), built=False),
    _row(A.REOPEN, (S.FAILED, S.DISQUALIFIED), T.DECISION, needs=("reason",), built=False),
)


def transition(action: Action, state: State | str) -> Transition | None:
    """The row for `action` from `state`, or None."""
    return next((row for row in TABLE if row.action == action and State(state) in row.sources), None)


def not_built() -> list[Transition]:
    """The rows that are refused as not yet available, which the README lists."""
    return [row for row in TABLE if not row.built]


def from_state(state: State | str) -> list[Transition]:
    """All rows that leave `state`, in the order of the table."""
    return [row for row in TABLE if State(state) in row.sources]
