"""What is asked of states stands in one table, and no register has forgotten a state or an action."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bson import ObjectId

from models import states
from models.application import Application
from models.choices import Action, Role, State
from models.sections import Receipt
from panel.clock import UTC, datetime
from panel.domain.access.policy import allowed_role
from panel.domain.access.who_may import RULES
from panel.domain.actors import Actor, ActorGrant
from panel.domain.reports.statistics import PROGRESS, WORKLOAD
from panel.domain.steps.effects import EFFECTS, NOTICES
from panel.domain.steps.guards.context import GUARDS, NEED_DATA
from panel.domain.steps.transitions import TABLE, from_state, not_built
from views.admin.cases.steps import STEPS
from views.admin.desk import statistics
from views.my import next_step
from views.shared.deeds import OTHER, deed

ROOT = Path(__file__).resolve().parents[3]
#: Where states may stand side by side: the table, what leads from one to another, the invented stories.
LISTS = ("models/states.py", "panel/domain/steps/transitions.py", "panel/demo/")
#: Where it is said which objections are open.
OBJECTIONS = "models/publicity.py"

# --- the table ------------------------------------------------------------------------------------------

#: By hand from DESIGN section 4 and the guide's rows.
BY_HAND = {
    "in_hand": {"draft", "returned", "correction"},
    "reopened": {"returned", "correction"},
    "given_back": {"returned", "correction", "lapsed"},
    "takes_unit_opinion": {"submitted", "unit_publicity"},
    "open_to_rules": {
        "draft",
        "submitted",
        "returned",
        "unit_publicity",
        "on_hold",
        "office_review",
        "correction",
    },
    "reached_office": {
        "office_review",
        "correction",
        "ineligible",
        "external_review",
        "panel",
        "ballot",
        "passed",
        "failed",
        "result_publicity",
        "confirmed",
        "certified",
        "disqualified",
        "revoked",
    },
    "in_publicity": {"unit_publicity", "result_publicity"},
    "takes_objections": {"unit_publicity", "result_publicity", "on_hold"},
    "in_review": {"panel", "ballot"},
    "ended": {
        "not_recommended",
        "ineligible",
        "failed",
        "certified",
        "disqualified",
        "withdrawn",
        "revoked",
    },
    "left_behind": {"draft", "lapsed"},
    "frees_place": {"withdrawn", "not_recommended", "disqualified"},
}
TONES = {
    "act": {"draft", "returned", "correction"},
    "wait": {"submitted", "unit_publicity", "office_review", "external_review", "panel", "ballot"},
    "good": {"passed", "result_publicity", "confirmed", "certified"},
    "bad": {
        "not_recommended",
        "on_hold",
        "lapsed",
        "ineligible",
        "failed",
        "disqualified",
        "revoked",
    },
    "quiet": {"withdrawn"},
}


def test_every_state_has_its_row() -> None:
    assert set(State) - set(states.TABLE) == set()


@pytest.mark.parametrize("name", BY_HAND)
def test_a_property_holds_of_the_states_of_the_design(name: str) -> None:
    assert {state.value for state, row in states.TABLE.items() if getattr(row, name)} == BY_HAND[name]
    assert set(states.stored_states(getattr(states, name.upper()))) == BY_HAND[name]


def test_every_property_of_a_state_is_asked_here() -> None:
    fields = set(states.StateRow.__dataclass_fields__)
    assert fields == set(BY_HAND) | {"tone", "waits_for"}


def test_a_badge_has_the_tone_of_what_its_state_asks() -> None:
    found: dict[str, set[str]] = {}
    for state in State:
        found.setdefault(states.state_row(state.value).tone, set()).add(state.value)
    assert found == TONES


def test_a_word_that_is_no_state_has_no_row() -> None:
    with pytest.raises(ValueError, match="nothing"):
        states.state_row("nothing")


def case(state: State) -> Application:
    receipt = Receipt(number="1", at=datetime(2026, 10, 1, tzinfo=UTC), sha256="0" * 64, content_revision=1)
    found = Application(state=state.value, department="cs", committee="teachers", receipt=receipt)
    found._data["person"], found._data["unit"] = ObjectId(), ObjectId()
    return found


def holder(role: Role, application: Application) -> Actor:
    if role == Role.APPLICANT:
        return Actor(user_id=ObjectId(), person_id=application._data["person"])
    unit = application._data["unit"]
    grant = ActorGrant(role, unit_id=unit, department="cs", committee="teachers")
    return Actor(user_id=ObjectId(), person_id=ObjectId(), grants=(grant,))


@pytest.mark.parametrize("state", State, ids=str)
def test_whom_a_state_waits_for_may_take_a_step_from_it_and_an_ended_one_waits_for_nobody(
    state: State,
) -> None:
    role = states.state_row(state).waits_for
    assert (role is None) == states.state_row(state).ended
    if role is not None:
        application = case(state)
        actor = holder(role, application)
        assert [row.action for row in from_state(state) if allowed_role(actor, row.action, application)]


# --- no register forgets one ------------------------------------------------------------------------------

#: Steps that change the state alone.
STATE_ALONE = {
    "recall",
    "reject",
    "strike",
    "uphold",
    "correct",
    "refuse",
    "recognise",
    "send_out",
    "accept",
    "close_external",
    "revoke",
    "reopen",
}
#: Steps of which the applicant isn't told: their own, and those of which they hear with the next.
TELLS_NOTHING = {"recall", "endorse", "table"}
#: Steps that are taken on pages of their own, or by the clock.
ON_OWN_PAGES = {
    "recall",
    "endorse",
    "return",
    "resubmit",
    "object",
    "dismiss",
    "uphold",
    "lapse",
    "close",
    "withdraw",
}
UNBUILT = {row.action.value for row in not_built()}


def values(actions: Any) -> set[str]:
    return {Action(action).value for action in actions}


def test_every_action_has_a_row_in_the_table_of_steps() -> None:
    assert values(row.action for row in TABLE) == values(Action)


def test_every_action_has_a_rule_of_who_may() -> None:
    assert values(Action) - values(key for key in RULES if isinstance(key, Action)) == set()


def test_every_action_has_an_effect_or_changes_the_state_alone() -> None:
    assert values(EFFECTS) & STATE_ALONE == set()
    assert values(EFFECTS) | STATE_ALONE == values(Action)


def test_every_action_that_works_tells_the_applicant_or_is_known_to_tell_nothing() -> None:
    assert values(NOTICES) & TELLS_NOTHING == set()
    assert values(NOTICES) | TELLS_NOTHING | UNBUILT == values(Action)


def test_every_action_that_works_has_a_button_or_a_page_of_its_own() -> None:
    assert values(STEPS) & ON_OWN_PAGES == set()
    assert values(STEPS) | ON_OWN_PAGES | UNBUILT == values(Action)


@pytest.mark.parametrize("action", Action, ids=str)
def test_every_action_has_its_words_among_the_recorded_deeds(action: Action) -> None:
    assert deed(action.value) == action.label != OTHER


def test_every_step_that_is_counted_has_its_words_in_the_statistics() -> None:
    assert {*PROGRESS, *WORKLOAD} - set(statistics.FIGURE_LABELS) == set()


def test_a_state_without_words_of_its_own_is_told_by_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(next_step._STEPS, State.PANEL)
    step = next_step.next_step(SimpleNamespace(state=State.PANEL))
    assert str(step.title) == "您的申报现在是“专家评议”。"
    assert not step.button


# --- guards -----------------------------------------------------------------------------------------------


def test_guards_of_what_a_person_gives_say_so() -> None:
    assert {
        "pledged",
        "asked_twice",
        "items_pinned",
        "deadline_ahead",
        "office_named",
        "opinion_for_no",
        "rank_given",
        "publicity_fits",
        "objection_open",
        "findings_filed",
        "second_person",
        "last_open_objection",
        "meeting_fits",
        "tally_fits",
        "quorate",
        "document_given",
    } == NEED_DATA


def test_a_refusal_names_every_field_it_is_about_and_says_the_first() -> None:
    context = SimpleNamespace(
        data={"document_number": "长" * 61, "approved_on": None, "filing": "长" * 301},
        today=datetime(2026, 9, 15, tzinfo=UTC).date(),
    )
    refusal: Any = GUARDS["document_given"](context)  # type: ignore[arg-type]
    assert str(refusal) == "请填写批准文号（60 字以内）。"
    assert {key: str(message) for key, message in refusal.fields.items()} == {
        "document_number": "请填写批准文号（60 字以内）。",
        "approved_on": "请选择文件日期。",
        "filing": "请填写备案情况（300 字以内）。",
    }


def test_texts_as_long_as_the_document_has_room_for_are_taken() -> None:
    day = datetime(2026, 9, 15, tzinfo=UTC).date()
    data = {"document_number": "长" * 60, "approved_on": day, "filing": "长" * 300}
    assert GUARDS["document_given"](SimpleNamespace(data=data, today=day)) is None  # type: ignore[arg-type]


# --- sets of states stand nowhere else ------------------------------------------------------------------

WORDS = {state.value for state in State}


def said(node: ast.expr) -> str:
    """The state that an expression names, as State.X, its value, or its stored word; also of an objection."""
    if isinstance(node, ast.Attribute) and node.attr == "value":
        node = node.value
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("State", "S", "ObjectionState")
    ):
        return node.attr
    return str(node.value) if isinstance(node, ast.Constant) and node.value in WORDS else ""


def groups(text: str) -> Iterator[int]:
    """The lines where two states or more stand in a tuple, list, set, call or a chain of `or`."""
    for node in ast.walk(ast.parse(text)):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            parts = node.elts
        elif isinstance(node, ast.Call):
            parts = node.args
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            parts = [
                part for value in node.values if isinstance(value, ast.Compare) for part in value.comparators
            ]
        if sum(bool(said(part)) for part in parts) > 1:
            yield node.lineno  # type: ignore[attr-defined]


def test_no_module_lists_states_but_the_tables() -> None:
    found = [
        f"{name}:{line}"
        for folder in ("models", "panel", "views")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not (name := path.relative_to(ROOT).as_posix()).startswith((*LISTS, OBJECTIONS))
        for line in groups(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "X = (State.DRAFT, State.RETURNED)",
        "X = {State.DRAFT.value, State.RETURNED.value}",
        "X = ['withdrawn', 'disqualified']",
        "_state(S.PANEL, S.BALLOT)",
        "X = [ObjectionState.OPEN.value, ObjectionState.FINDINGS.value]",
        "if case.state == State.PANEL or case.state == State.BALLOT: pass",
    ],
)
def test_a_list_of_states_is_found_however_it_is_written(text: str) -> None:
    assert list(groups(text)) == [1]


WORD = rf"[\"'](?:{'|'.join(sorted(WORDS))})[\"']"
LISTED = re.compile(rf"[\[(]\s*{WORD}(?:\s*,\s*{WORD})+\s*,?\s*[\])]")


def test_no_template_lists_states() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if LISTED.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
    assert LISTED.search('{% if row.state in ("returned", "correction") %}')
