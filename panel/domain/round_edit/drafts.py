"""A round's draft: read it, change it by path, take changes back; two people at once lose nothing.

Each write is conditional on the draft's revision. A change that meets a newer draft is made anew on it when
it touches another place; where it touches the same, Contested shows both values and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mongoengine import NotUniqueError

from models.database import transaction
from models.messages import M
from models.review_round import ReviewRound
from models.round_draft import RoundChange, RoundDraft
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.errors import NotFound, Refused
from panel.domain.round_edit import tree
from panel.domain.round_edit.tree import Clash, Data, Lost, RoundRow

#: So often is a change made anew on a draft that somebody else was faster to change.
TRIES = 20


@dataclass(frozen=True)
class ContestedValue:
    """A value that two people changed: where, what is stored now, what the slower one wanted."""

    path: str
    current: Any
    wanted: Any


class Contested(Refused):
    """Somebody else changed the same place; `places` has both values, and nothing was written."""

    def __init__(self, places: list[ContestedValue]) -> None:
        super().__init__(M("别人刚刚也改了同一处内容，您的修改还没有保存。请对照两个内容后再保存。"))
        self.places = places


def draft_of(round: ReviewRound) -> RoundDraft:
    """The round's draft as stored, or a fresh one of what applies now (not stored before the first change).

    A draft without changes of its own follows the round when that was renewed from a file.
    """
    stored: RoundDraft | None = RoundDraft.objects(round=round.id).first()
    if stored is None:
        return RoundDraft(
            round=round, data=tree.with_ids(round.data), base_version=round.version, at=round.updated_at
        )
    if stored.base_version != round.version and stored.revision == stored.published:
        stored.base_version = round.version
        setattr(stored, "data", tree.with_ids(round.data))  # noqa: B010 (its field has no types)
    return stored


def is_changed(round: ReviewRound, draft: RoundDraft) -> bool:
    """Whether the draft says anything else than what applies now."""
    return bool(tree.without_ids(draft.data) != round.data)


def is_outdated(round: ReviewRound, draft: RoundDraft) -> bool:
    """Whether the round was renewed from a file after the draft was begun."""
    return bool(draft.base_version != round.version)


def changes(round: ReviewRound, limit: int = 200) -> list[RoundChange]:
    """The changes so far, the newest first."""
    return list(RoundChange.objects(round=round.id).order_by("-revision").limit(limit))


def as_of(round: ReviewRound, draft: RoundDraft, revision: int) -> Data:
    """The draft's data as it was at `revision`, by taking back what came later; Refused when that is gone."""
    if revision == draft.revision:
        return dict(draft.data)
    since = {"revision__gt": revision, "revision__lte": draft.revision}
    later = list(RoundChange.objects(round=round.id, **since).order_by("-revision"))
    if not 0 <= revision <= draft.revision or len(later) != draft.revision - revision:
        raise NotFound
    data: Data = dict(draft.data)
    for change in later:
        try:
            data = tree.applied(data, tree.turned(list(change.items)))
        except (Clash, Lost) as error:
            raise Refused(M("页面太旧了，批次已换成新的内容，请重新打开再改。")) from error
    return dict(data)


def change(
    round: ReviewRound, make: Callable[[Data], list[RoundRow]], actor: Actor, now: datetime
) -> RoundDraft:
    """Do what `make` says of the newest data, which it is given; without items nothing is written.

    Raises Refused, Contested, NotFound, and whatever `make` raises.
    """
    return _write(round, lambda draft: ("change", None, make(draft.data)), actor, now)


def set_values(
    round: ReviewRound, path: str, values: Data, seen: int, actor: Actor, now: datetime
) -> RoundDraft:
    """Set properties of the row or mapping at `path` ("" = the round) that differ from revision `seen`.

    What another person changed meanwhile stays, unless it is the same property: then Contested.
    """

    def make(data: Data) -> list[RoundRow]:
        before = _then(round, seen)
        items, contested = [], []
        for name, wanted in values.items():
            place = f"{path}/{name}" if path else name
            then, current = tree.get(before, place), _current(data, path, name)
            if wanted in (then, current):
                continue
            if current != then:
                contested.append(ContestedValue(place, current, wanted))
            items.append(tree.setting(data, place, wanted))
        if contested:
            raise Contested(contested)
        return items

    return change(round, make, actor, now)


def add(round: ReviewRound, path: str, row: Data, behind: str | None, actor: Actor, now: datetime) -> str:
    """Put `row` into the list at `path`, behind row `behind` (None = last); returns its path.

    The row's key is kept if it is free, else numbered; it becomes the row's identity.
    """
    key = tree.ROW_LISTS[tree.shape_of(path)]
    made: list[str] = []

    def make(data: Data) -> list[RoundRow]:
        rows = _current_rows(data, path)
        taken = {str(other[tree.ID]) for other in rows} | {str(other.get(key)) for other in rows}
        name = tree.unused(str(row[key]), taken)
        last = str(rows[-1][tree.ID]) if rows else ""
        new = tree.with_ids({"sections": [row]})["sections"][0] if path == "sections" else dict(row)
        if path == "editions":
            new = tree.with_ids({"editions": [row]})["editions"][0]
        made[:] = [f"{path}/{name}"]
        return [tree.adding(path, new | {key: name, tree.ID: name}, last if behind is None else behind)]

    change(round, make, actor, now)
    return made[0]


def remove(round: ReviewRound, path: str, seen: int, actor: Actor, now: datetime) -> RoundDraft:
    """Take the row at `path` away, unless somebody changed it since revision `seen` (Contested)."""

    def make(data: Data) -> list[RoundRow]:
        try:
            row = tree.at(data, path)
        except Lost:
            return []  # somebody else removed it
        if row != tree.get(_then(round, seen), path):
            raise Contested([ContestedValue(path, row, None)])
        return [tree.removing(data, path)]

    return change(round, make, actor, now)


def move(round: ReviewRound, path: str, behind: str, actor: Actor, now: datetime) -> RoundDraft:
    """Put the row at `path` behind row `behind` of its list ("" = first)."""

    def make(data: Data) -> list[RoundRow]:
        _current_rows(data, tree.parent_of(path)[0])
        if tree.get(data, path) is None:
            raise NotFound
        same = behind in (tree.parent_of(path)[1], tree.neighbour(data, path))
        return [] if same else [tree.moving(data, path, behind)]

    return change(round, make, actor, now)


def replace(round: ReviewRound, data: Data, actor: Actor, now: datetime) -> RoundDraft:
    """Put `data` (a round's, without identities) in place of everything, as one change."""
    new = tree.with_ids(data)
    return change(
        round,
        lambda current: [] if tree.without_ids(current) == data else [tree.replacing(current, new)],
        actor,
        now,
    )


def discard(round: ReviewRound, actor: Actor, now: datetime) -> RoundDraft:
    """Go back to what applies now, as one change, which can be undone."""
    return _write(round, lambda draft: ("change", None, _back(round, draft)), actor, now, rebase=True)


def _back(round: ReviewRound, draft: RoundDraft) -> list[RoundRow]:
    new = tree.with_ids(round.data)
    return [] if new == draft.data else [tree.replacing(draft.data, new)]


# --- undo -----------------------------------------------------------------------------------------


def undoable(draft: RoundDraft, history: list[RoundChange]) -> RoundChange | None:
    """The change that undo takes back: the newest that isn't taken back and doesn't apply yet."""
    open_ones = [row for row in history if row.revision > draft.published and not row.undone_by]
    return next((row for row in open_ones if row.kind != "undo"), None)


def redoable(draft: RoundDraft, history: list[RoundChange]) -> RoundChange | None:
    """The undo that redo takes back: the newest, as long as nothing new was changed since."""
    for row in history:
        if row.revision <= draft.published or row.kind == "change":
            return None
        if row.kind == "undo" and not row.undone_by:
            return row
    return None


@dataclass(frozen=True)
class Undoing:
    """What undo and redo would take next: revisions, None where there is nothing."""

    undo: int | None = None
    redo: int | None = None


def undoing(round: ReviewRound, draft: RoundDraft) -> Undoing:
    """The same two without the changes' contents, for a page that only offers them."""
    found = RoundChange.objects(round=round.id, revision__gt=draft.published).only(
        "revision", "kind", "undone_by"
    )
    log = list(found.order_by("-revision").limit(200))
    back, again = undoable(draft, log), redoable(draft, log)
    return Undoing(back.revision if back else None, again.revision if again else None)


def change_of(round: ReviewRound, revision: int) -> RoundChange:
    """The change that made `revision`; raises NotFound."""
    found: RoundChange | None = RoundChange.objects(round=round.id, revision=revision).first()
    if found is None:
        raise NotFound
    return found


def undo(round: ReviewRound, revision: int, actor: Actor, now: datetime) -> RoundDraft:
    """Take back the change of `revision`, or bring back what an undo took; later changes stay.

    Raises Contested when the same place was changed again, Refused when it applies already.
    """

    def make(draft: RoundDraft) -> tuple[str, int | None, list[RoundRow]]:
        row = change_of(round, revision)
        if revision <= draft.published:
            raise Refused(M("这一步已经生效，不能撤销；请直接修改。"))
        if row.undone_by:
            raise Refused(M("这一步已经撤销过了。"))
        return ("redo" if row.kind == "undo" else "undo"), revision, tree.turned(list(row.items))

    return _write(round, make, actor, now)


# --- writing --------------------------------------------------------------------------------------


def require(round: ReviewRound, actor: Actor) -> None:
    """Refuse whoever may not manage the round."""
    if not may(actor, Permission.MANAGE_ROUNDS, round):
        raise Refused(M("您不能修改申报批次。"))


Made = tuple[str, int | None, list[RoundRow]]


def _write(
    round: ReviewRound, make: Callable[[RoundDraft], Made], actor: Actor, now: datetime, rebase: bool = False
) -> RoundDraft:
    require(round, actor)
    for _attempt in range(TRIES):
        fresh: ReviewRound = ReviewRound.objects.get(id=round.id)
        draft = draft_of(fresh)
        kind, undoes, items = make(draft)
        if not items:
            return draft
        try:
            data = tree.applied(draft.data, items)
        except Clash as clash:
            raise Contested([ContestedValue(clash.path, clash.current, clash.wanted)]) from clash
        except Lost as lost:
            raise Refused(M("这一项已被别人移除。请重新打开页面。")) from lost
        base = fresh.version if rebase else draft.base_version
        if _stored(fresh, draft, data, base, RoundChange(kind=kind, undoes=undoes, items=items), actor, now):
            return draft_of(fresh)
    raise Refused(M("有人正在同时修改，请稍后再试。"))


def _stored(
    round: ReviewRound,
    draft: RoundDraft,
    data: Data,
    base: int,
    row: RoundChange,
    actor: Actor,
    now: datetime,
) -> bool:
    """Whether this write came first: the draft and its change in one step."""
    who = {"by": actor.user_id, "by_name": actor.name, "at": now}
    values = {"data": data, "base_version": base, "revision": draft.revision + 1} | who
    row.round, row.revision = round, draft.revision + 1
    row.by, row.by_name, row.at = actor.user_id, actor.name, now

    def body() -> bool:
        if draft.id is None:
            RoundDraft(round=round, published=0, **values).save(force_insert=True)
        else:
            wanted = RoundDraft.objects(id=draft.id, revision=draft.revision)
            if not wanted.update_one(**{f"set__{name}": value for name, value in values.items()}):
                return False
        row.save(force_insert=True)
        _note_undone(round, row)
        return True

    try:
        return transaction(body)
    except NotUniqueError:
        return False


def _note_undone(round: ReviewRound, row: RoundChange) -> None:
    """Mark what this change takes back, and what a redo brings back to life."""
    if row.undoes is None:
        return
    RoundChange.objects(round=round.id, revision=row.undoes).update_one(set__undone_by=row.revision)
    if row.kind == "redo":
        undone = RoundChange.objects(round=round.id, revision=row.undoes).first()
        RoundChange.objects(round=round.id, revision=undone.undoes).update_one(unset__undone_by=1)


def _then(round: ReviewRound, seen: int) -> Data:
    fresh = ReviewRound.objects.get(id=round.id)
    return as_of(fresh, draft_of(fresh), seen)


def _current(data: Data, path: str, name: str) -> Any:
    """The property as it is now; raises Refused when its row was removed."""
    try:
        holder = tree.at(data, path)
    except Lost as lost:
        raise Refused(M("这一项已被别人移除。请重新打开页面。")) from lost
    return holder.get(name)


def _current_rows(data: Data, path: str) -> list[Data]:
    try:
        rows: list[Data] = tree.at(data, path)
    except Lost as lost:
        raise NotFound from lost
    return rows
