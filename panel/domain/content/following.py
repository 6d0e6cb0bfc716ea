"""Drafts follow their round: when its rules change, so do locked fields and the edition (G22)."""

from __future__ import annotations

from datetime import datetime

from models.application import Application
from models.choices import State
from models.review_round import ReviewRound
from models.values import put
from panel.domain.content.roster import refresh_from_roster
from panel.domain.content.writing import commit
from panel.domain.errors import NotEditable, StaleWrite
from panel.domain.rounds import offers


def follow_round(round: ReviewRound, now: datetime) -> int:
    """Bring each draft of `round` in line with its rules as stored; returns how many changed.

    What the roster fills in is filled in, also in fields that are new, and the edition is the one that the
    rules name now; a draft for which none applies keeps its own. What was submitted stays as it was. Joins
    the running transaction; a draft that moves on meanwhile is left alone.
    """
    drafts = Application.objects(round=round.id, is_live=True, state=State.DRAFT.value)
    return sum(_follow(draft, round, now) for draft in drafts.no_cache())


def _follow(draft: Application, round: ReviewRound, now: datetime) -> bool:
    put(draft, "round", round)
    try:
        return _take_edition(draft, now) | refresh_from_roster(draft, now)
    except (StaleWrite, NotEditable):
        return False


def _take_edition(draft: Application, now: datetime) -> bool:
    try:
        edition = offers.edition_for(
            draft.spec, draft.kind, draft.level, bool(draft.exceptional), draft.person
        )
    except offers.NoEdition:
        return False
    if edition.key == draft.edition:
        return False
    commit(draft, {"edition": draft.edition}, {"$set": {"edition": edition.key}}, now)
    return True
