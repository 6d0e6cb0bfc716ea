"""Before a change to a round is saved: whom it affects, and how; afterwards they are told (DESIGN section 6).

A draft is judged by the round as it is now, so a change is felt at once. What was submitted keeps the version
that it was submitted under, also after a return; it is counted, and on demand compared all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from bson import ObjectId

from models.application import Application
from models.choices import Role, State
from models.field_spec import Words
from models.messages import M
from models.outbox import OutboxRow, packed
from models.person import Person
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.states import OPEN_TO_RULES
from models.unit import Unit
from models.values import put, put_known, ref_id
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.round_edit.impact.rule_changes import Affected, affected
from panel.domain.round_edit.impact.stand_ins import with_rules

#: So many affected people are named; all are counted.
MOST_NAMED = 200
_BATCH = 50
_UNITS = ("unit", "recommending_unit")


@dataclass
class WhatIf:
    """What a change of the rules means for the cases in hand."""

    round: ReviewRound
    in_hand: Counter[State] = field(default_factory=Counter)
    affected: Counter[State] = field(default_factory=Counter)
    named: list[Affected] = field(default_factory=list)  # whom the person may see, at most MOST_NAMED
    #: for how many people each rule newly reports, and no longer does, by its id; and its words
    new: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    words: dict[str, Words] = field(default_factory=dict)
    #: the drafts to be told: new things to do, and things that fell away
    told: list[tuple[ObjectId, int, int]] = field(default_factory=list)

    @property
    def drafts_affected(self) -> int:
        """How many people feel the change at once."""
        return self.affected[State.DRAFT]

    @property
    def bound(self) -> int:
        """How many cases in hand keep the rules they were submitted under."""
        return sum(count for state, count in self.in_hand.items() if state is not State.DRAFT)

    def add(self, one: Affected) -> None:
        """Count one case in hand."""
        self.in_hand[one.state] += 1
        if not one:
            return
        self.affected[one.state] += 1
        for counter, differences in ((self.new, one.new), (self.gone, one.gone)):
            by_id = {difference.id: difference.words for difference in reversed(differences)}
            counter.update(by_id.keys())  # people, however many of their entries a rule reports
            self.words = by_id | self.words
        if not one.is_bound:
            self.told.append((one.id, len(one.new) + len(one.lost), len(one.gone) + len(one.hidden)))


def what_if(
    round: ReviewRound, spec: RoundSpec, actor: Actor, now: datetime, also_submitted: bool = False
) -> WhatIf:
    """What the rules `spec` in the place of `round`'s would change for the cases in hand.

    All are counted; of the affected those are named whom `actor` may see as staff. With `also_submitted`
    what was handed in is compared too, as if the new rules judged it; without it those cases are only
    counted. Reads batch by batch and stores nothing.
    """
    result = WhatIf(round)
    rules = None if round.spec == spec else with_rules(round, spec)
    for state in OPEN_TO_RULES:
        if rules is None or (state is not State.DRAFT and not also_submitted):
            result.in_hand[state] = _query(round, state).count()
            continue
        for application in _in_state(round, state):
            one = affected(application, rules, now)
            result.add(one)
            if one and len(result.named) < MOST_NAMED and _is_seen(actor, one.id):
                result.named.append(one)
    result.in_hand = +result.in_hand
    return result


def _is_seen(actor: Actor, id: ObjectId) -> bool:
    found = policy.visible(actor, Application, Role.UNIT_HR, Role.OFFICE).filter(id=id)
    return bool(found.limit(1).count(with_limit_and_skip=True))


def _query(round: ReviewRound, state: State) -> Any:
    return Application.objects(round=round.id, is_live=True, state=state.value)


def _in_state(round: ReviewRound, state: State) -> Iterator[Application]:
    """The cases one after the other, each batch with its people and units read at once."""
    found = _query(round, state).order_by("department", "staff_number").no_cache().batch_size(_BATCH)
    for batch in batched(found, _BATCH):
        people = Person.objects.in_bulk([ref_id(application, "person") for application in batch])
        ids = {ref_id(one, name) for one in batch for name in _UNITS}
        units = Unit.objects.in_bulk(list(ids | {ref_id(person, "unit") for person in people.values()}))
        for person in people.values():
            put_known(person, "unit", units)
        for application in batch:
            put(application, "round", round)
            put_known(application, "person", people)
            for name in _UNITS:
                put_known(application, name, units)
            yield application


def batched(rows: Iterable[Application], size: int) -> Iterator[list[Application]]:
    """`rows` in lists of at most `size`."""
    # a query that islice iterates anew each time would begin anew each time
    iterator = (row for row in rows)
    while batch := list(islice(iterator, size)):
        yield batch


def tell(result: WhatIf, now: datetime, note: str = "") -> int:
    """Put a notice to everyone whose draft the change affects into the outbox; returns how many.

    Joins the running transaction, in which the new rules were stored; drafts follow them by
    `content.follow_round`. `note` is what HR adds.
    """
    title = result.round.spec.title
    by_id = {key: (more, less) for key, more, less in result.told}
    rows = []
    for application in Application.objects(id__in=list(by_id)).only("person", "unit").no_cache():
        more, less = by_id[application.id]
        message = M(
            "“%(round)s”的申报要求有调整：您的申报新增 %(more)s 项要处理的内容，%(less)s 项不再需要。"
            "%(note)s请打开“还缺什么”核对。",
            round=title,
            more=more,
            less=less,
            note=note.strip(),
        )
        rows.append(
            OutboxRow(
                person=ref_id(application, "person"),
                unit=ref_id(application, "unit"),
                message=message.id,
                params={key: packed(value) for key, value in message.params.items()},
                link=f"/my/application/{application.id}/check",
                at=now,
                queued_at=now,
                try_at=now,
            )
        )
    if rows:
        OutboxRow.objects.insert(rows, load_bulk=False)
    return len(rows)
