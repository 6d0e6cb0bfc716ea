"""Quorum, majority and tally of a secret vote, in integers only (R10-R12)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from models.choices import Vote
from models.round_spec import VotingSpec


@dataclass(frozen=True)
class VotingRule:
    """The two fractions of a vote; the defaults are the law's two thirds (R10, R11).

    `ValueError` for a fraction that is not within (0, 1].
    """

    quorum_num: int = 2
    quorum_den: int = 3
    pass_num: int = 2
    pass_den: int = 3

    def __post_init__(self) -> None:
        for numerator, denominator in ((self.quorum_num, self.quorum_den), (self.pass_num, self.pass_den)):
            if not 0 < numerator <= denominator:
                raise ValueError(f"{numerator}/{denominator} is not a share of the votes")

    @classmethod
    def of(cls, spec: VotingSpec) -> VotingRule:
        """The rule that a round's voting numbers spell out."""
        return cls(*spec.quorum, *spec.majority)

    @property
    def is_laxer_than_law(self) -> bool:
        """Whether either share is below two thirds: then a document number must allow it."""
        return 3 * self.quorum_num < 2 * self.quorum_den or 3 * self.pass_num < 2 * self.pass_den


LAW = VotingRule()


@dataclass(frozen=True)
class Tally:
    """The count of one application's ballots, without any voter.

    `present` are the experts who take part, out of `members`; `uncast` are present but gave no ballot.
    `absent` can vote neither by proxy nor later (R12).
    """

    members: int
    present: int
    yes: int
    no: int
    abstain: int
    spoilt: int
    is_quorate: bool
    is_passed: bool

    @property
    def absent(self) -> int:
        """Members who were not at the meeting."""
        return self.members - self.present

    @property
    def uncast(self) -> int:
        """Experts present of whom there is no ballot; like an abstention it is not a yes."""
        return self.present - self.yes - self.no - self.abstain - self.spoilt


def quorum(members: int, rule: VotingRule = LAW) -> int:
    """The least number of members present that lets a committee vote (R10): 25 -> 17, 11 -> 8."""
    return _least(members, rule.quorum_num, rule.quorum_den)


def has_quorum(present: int, members: int, rule: VotingRule = LAW) -> bool:
    """Tell whether enough of the members are present (R10); nobody present is never enough."""
    _check_present(present, members)
    return present > 0 and present * rule.quorum_den >= members * rule.quorum_num


def votes_needed(present: int, rule: VotingRule = LAW) -> int:
    """The least number of yes votes that passes with so many present (R11)."""
    return _least(present, rule.pass_num, rule.pass_den)


def passes(yes: int, present: int, rule: VotingRule = LAW) -> bool:
    """Tell whether the yes votes reach the rule's share of the experts present, voting or not (R11)."""
    if not 0 <= yes <= present:
        raise ValueError(f"{yes} yes votes of {present} present")
    return yes > 0 and yes * rule.pass_den >= present * rule.pass_num


def tally(choices: Iterable[str], members: int, present: int, rule: VotingRule = LAW) -> Tally:
    """Count the ballots of one application; a choice that is no `Vote` is spoilt (R10-R12).

    Passing needs a quorum too. `ValueError` when there are more ballots than experts present, or more
    present than members: then something is wrong that a count must not hide.
    """
    _check_present(present, members)
    counts = Counter(choices)
    cast = counts.total()
    if cast > present:
        raise ValueError(f"{cast} ballots of {present} experts present")
    yes, no, abstain = counts[Vote.YES], counts[Vote.NO], counts[Vote.ABSTAIN]
    quorate = has_quorum(present, members, rule)
    return Tally(
        members=members,
        present=present,
        yes=yes,
        no=no,
        abstain=abstain,
        spoilt=cast - yes - no - abstain,
        is_quorate=quorate,
        is_passed=quorate and passes(yes, present, rule),
    )


def tally_hash(meeting: str, tallies: Mapping[str, Tally], rule: VotingRule = LAW) -> str:
    """The SHA-256 (hex) of a meeting's result, which the chair confirms (R14).

    `tallies` maps an application's id to its count. The text hashed is JSON in UTF-8 with sorted keys
    and no spaces, so that anyone who has the minutes can compute it again, in any order of the rows.
    """
    content = {
        "meeting": meeting,
        "rule": asdict(rule),
        "tallies": {application: asdict(count) for application, count in tallies.items()},
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _least(whole: int, numerator: int, denominator: int) -> int:
    """The smallest integer that is at least the share of `whole`, and at least one."""
    if whole < 0:
        raise ValueError(f"a committee has no {whole} people")
    return max(1, -(-whole * numerator // denominator))


def _check_present(present: int, members: int) -> None:
    if not 0 <= present <= members:
        raise ValueError(f"{present} present of {members} members")
