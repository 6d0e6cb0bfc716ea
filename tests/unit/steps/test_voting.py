"""Quorum, majority and tally (R10-R12): a table by hand, and what must hold for every vote."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.round_spec import VotingSpec
from panel.domain.steps.voting import (
    LAW,
    Tally,
    VotingRule,
    has_quorum,
    passes,
    quorum,
    tally,
    tally_hash,
    votes_needed,
)

SIMPLE_MAJORITY = VotingRule(quorum_num=1, quorum_den=2, pass_num=1, pass_den=2)


@pytest.mark.parametrize(
    ("members", "needed"),
    [(25, 17), (11, 8), (9, 6), (10, 7), (7, 5), (5, 4), (3, 2), (1, 1), (27, 18), (26, 18)],
)
def test_r10_quorum_is_two_thirds_of_the_committee_rounded_up(members: int, needed: int) -> None:
    assert quorum(members) == needed
    assert has_quorum(needed, members)
    assert not has_quorum(needed - 1, members)


@pytest.mark.parametrize(
    ("yes", "present", "passed"),
    [
        (6, 9, True),
        (5, 9, False),
        (7, 10, True),
        (6, 10, False),
        (12, 17, True),
        (11, 17, False),
        (6, 8, True),
        (5, 8, False),
        (1, 1, True),
        (0, 1, False),
        (0, 0, False),
    ],
)
def test_r11_two_thirds_of_those_present_must_say_yes(yes: int, present: int, passed: bool) -> None:
    assert passes(yes, present) is passed


def test_r11_abstentions_spoilt_and_missing_ballots_count_as_present_but_not_as_yes() -> None:
    counted = tally(["yes"] * 5 + ["abstain", "spoilt", "no"], members=11, present=9)
    assert counted == Tally(
        members=11, present=9, yes=5, no=1, abstain=1, spoilt=1, is_quorate=True, is_passed=False
    )
    assert (counted.absent, counted.uncast) == (2, 1)


def test_six_yes_of_nine_present_pass() -> None:
    assert tally(["yes"] * 6 + ["no"] * 3, members=9, present=9).is_passed


def test_r10_without_a_quorum_nothing_passes_however_unanimous() -> None:
    counted = tally(["yes"] * 5, members=9, present=5)
    assert not counted.is_quorate
    assert not counted.is_passed


def test_a_choice_that_is_none_of_the_three_is_spoilt() -> None:
    counted = tally(["YES", "", "both"], members=3, present=3)
    assert (counted.yes, counted.spoilt) == (0, 3)


def test_a_round_may_set_its_own_shares() -> None:
    rule = VotingRule.of(VotingSpec(quorum=(3, 4), majority=(4, 5)))
    assert rule == VotingRule(3, 4, 4, 5)
    assert quorum(9, rule) == 7
    assert votes_needed(9, rule) == 8
    assert passes(5, 9, SIMPLE_MAJORITY)


def test_a_rule_below_two_thirds_is_laxer_than_the_law() -> None:
    assert SIMPLE_MAJORITY.is_laxer_than_law
    assert VotingRule(pass_num=65, pass_den=100).is_laxer_than_law
    assert not LAW.is_laxer_than_law
    assert not VotingRule(4, 6, 67, 100).is_laxer_than_law


@pytest.mark.parametrize("share", [(0, 3), (4, 3), (-1, 3), (1, 0)])
def test_a_share_outside_zero_to_one_is_refused(share: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="share"):
        VotingRule(pass_num=share[0], pass_den=share[1])
    with pytest.raises(ValueError, match="share"):
        VotingRule(quorum_num=share[0], quorum_den=share[1])


def test_r12_more_ballots_than_experts_present_is_an_error() -> None:
    with pytest.raises(ValueError, match="4 ballots of 3"):
        tally(["yes"] * 4, members=9, present=3)


def test_more_present_than_members_is_an_error() -> None:
    with pytest.raises(ValueError, match="10 present of 9"):
        tally([], members=9, present=10)
    with pytest.raises(ValueError, match="10 present of 9"):
        has_quorum(10, 9)
    with pytest.raises(ValueError, match="3 yes votes of 2"):
        passes(3, 2)
    with pytest.raises(ValueError, match="-1"):
        quorum(-1)


RESULT = {
    "b": tally(["yes"] * 6 + ["no"] * 3, members=9, present=9),
    "a": tally(["yes"] * 5 + ["no"] * 4, members=9, present=9),
}


def test_the_hash_is_that_of_the_canonical_text() -> None:
    text = (
        '{"meeting":"会议","rule":{"pass_den":3,"pass_num":2,"quorum_den":3,"quorum_num":2},"tallies":{'
        '"a":{"abstain":0,"is_passed":false,"is_quorate":true,"members":9,"no":4,"present":9,"spoilt":0,'
        '"yes":5},"b":{"abstain":0,"is_passed":true,"is_quorate":true,"members":9,"no":3,"present":9,'
        '"spoilt":0,"yes":6}}}'
    )
    assert tally_hash("会议", RESULT) == hashlib.sha256(text.encode()).hexdigest()


def test_the_hash_does_not_depend_on_the_order_of_rows() -> None:
    assert tally_hash("m", RESULT) == tally_hash("m", dict(reversed(RESULT.items())))


def test_the_hash_changes_with_any_number_the_meeting_and_the_rule() -> None:
    original = tally_hash("m", RESULT)
    changed = {**RESULT, "a": replace(RESULT["a"], yes=4, no=5)}
    assert tally_hash("m", changed) != original
    assert tally_hash("n", RESULT) != original
    assert tally_hash("m", RESULT, SIMPLE_MAJORITY) != original
    assert tally_hash("m", {"b": RESULT["b"]}) != original


shares = st.integers(1, 100).flatmap(lambda den: st.tuples(st.integers(1, den), st.just(den)))
rules = st.builds(lambda q, p: VotingRule(*q, *p), shares, shares)


@given(st.integers(1, 10_000), rules)
def test_quorum_is_the_smallest_number_that_suffices(members: int, rule: VotingRule) -> None:
    needed = quorum(members, rule)
    assert 1 <= needed <= members
    assert has_quorum(needed, members, rule)
    assert not has_quorum(needed - 1, members, rule)


@given(st.integers(1, 10_000), rules)
def test_votes_needed_is_the_smallest_number_that_passes(present: int, rule: VotingRule) -> None:
    needed = votes_needed(present, rule)
    assert passes(needed, present, rule)
    assert not passes(needed - 1, present, rule)


@given(st.integers(0, 200), st.data())
def test_one_more_yes_never_turns_a_pass_into_a_failure(present: int, data: st.DataObject) -> None:
    yes = data.draw(st.integers(0, present))
    more = data.draw(st.integers(yes, present))
    assert passes(more, present) >= passes(yes, present)


@given(st.lists(st.sampled_from(["yes", "no", "abstain", "spoilt"]), max_size=60), st.data())
def test_every_ballot_is_counted_once_and_the_order_does_not_matter(
    choices: list[str], data: st.DataObject
) -> None:
    present = data.draw(st.integers(len(choices), 70))
    members = data.draw(st.integers(present, 80))
    counted = tally(choices, members, present)
    assert counted.yes + counted.no + counted.abstain + counted.spoilt == len(choices)
    assert counted.uncast == present - len(choices)
    assert counted.absent + present == members
    assert counted == tally(data.draw(st.permutations(choices)), members, present)
    if counted.is_passed:
        assert 3 * counted.yes >= 2 * present
        assert 3 * present >= 2 * members
