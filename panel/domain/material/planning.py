"""What an import of the material table would do, row by row; nothing is written here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from bson import ObjectId

from models.application import Application
from models.choices import MaterialState, Role
from models.material import MaterialEntry
from models.messages import M, Message
from models.person import Person
from models.review_round import ReviewRound
from models.states import IN_HAND, stored_states
from models.values import reveal
from panel.domain.actors import Actor
from panel.domain.content.entries import MOST_ENTRIES
from panel.domain.material.columns import SPECIALITY_KEY
from panel.domain.material.typed_rows import Change, Read, Reader, TypedRow, What, identity_of
from panel.domain.rounds.texts import plain

#: Of two names this alike, in the same list of the same person, one is a mended spelling of the other.
ALIKE = 0.75
Stored = Mapping[str, Any]
_NEEDED = {
    "person": 1,
    "section": 1,
    "kind": 1,
    "values": 1,
    "title": 1,
    "identity": 1,
    "state": 1,
    "batch": 1,
    "version": 1,
    "place": 1,
}


def plan(round: ReviewRound, rows: Iterable[TypedRow], actor: Actor) -> list[Change]:
    """What each row would do, in their order, then what the table no longer has (`What.GONE`).

    People are those of the actor's own units; somebody of another unit is refused in the same words as
    somebody who doesn't exist. GONE is reported for people in the table and kinds that it holds, of what
    an earlier import brought; `apply` does it only if it is among the changes handed over.
    """
    asked = list(rows)
    reader = Reader(round)
    people = _People(asked, actor)
    reads = [reader.read(row) for row in asked]
    owners = [people.find(row) for row in asked]
    named = list({found["_id"] for found, _ in owners if found})
    planner = _Planner(reader, _held(round.id, named), _frozen(round.id, named), people)
    return planner.run(reads, owners)


class _People:
    """The people of the actor's units whom the rows name."""

    def __init__(self, rows: list[TypedRow], actor: Actor) -> None:
        self.actor = actor
        units = [grant.unit_id for grant in actor.as_(Role.UNIT_HR) if grant.unit_id]
        numbers = {row.staff_number for row in rows if row.staff_number}
        names = {row.name for row in rows if row.name and not row.staff_number}
        chosen = {"unit": {"$in": units}, "$or": [{"staff_number": {"$in": sorted(numbers)}}]}
        chosen["$or"].append({"name": {"$in": sorted(names)}})  # type: ignore[attr-defined]
        wanted = {"staff_number": 1, "name": 1, "unit": 1, "department": 1, "speciality": 1, "version": 1}
        found = list(Person._get_collection().find(chosen, wanted))
        self.by_number = {person["staff_number"]: person for person in found}
        self.by_id = {person["_id"]: person for person in found}
        self.by_name: dict[str, list[Stored]] = defaultdict(list)
        for person in found:
            self.by_name[person["name"]].append(person)

    def find(self, row: TypedRow) -> tuple[Stored | None, Message | None]:
        """The person of the row, or why there is none."""
        if row.staff_number:
            person = self.by_number.get(row.staff_number)
            if person is None:
                return None, M("本单位的人员名册里没有工号 %(number)s，请核对工号。", number=row.staff_number)
            if row.name and plain(row.name) != plain(person["name"]):
                return None, M(
                    "工号 %(number)s 在名册中是“%(name)s”，与表中的“%(typed)s”不是同一人，请核对。",
                    number=row.staff_number,
                    name=person["name"],
                    typed=row.name,
                )
        else:
            same = self.by_name.get(row.name, [])
            if len(same) != 1:
                return None, _unclear(row.name, len(same))
            person = same[0]
        if person["_id"] == self.actor.person_id:
            return None, M("这是您本人的材料，由其他人事人员导入。")
        return person, None


def _unclear(name: str, found: int) -> Message:
    if not name:
        return M("这一行没有工号和姓名，请补上工号。")
    if found:
        return M("名册里有 %(n)s 位“%(name)s”，请补上工号。", n=found, name=name)
    return M("本单位的人员名册里没有“%(name)s”，请补上工号。", name=name)


def _held(round_id: ObjectId, people: list[ObjectId]) -> list[Stored]:
    chosen = {"round": round_id, "person": {"$in": people}, "is_live": True, "is_missing": False}
    return list(MaterialEntry._get_collection().find(chosen, _NEEDED).sort("_id", 1))


def _frozen(round_id: ObjectId, people: list[ObjectId]) -> frozenset[ObjectId]:
    """The people whose application is past their hands."""
    chosen = {"person": {"$in": people}, "round": round_id, "is_live": True}
    chosen["state"] = {"$nin": stored_states(IN_HAND)}
    return frozenset(row["person"] for row in Application._get_collection().find(chosen, {"person": 1}))


class _Planner:
    """Matches rows with what is stored: by identity, then by the same name, then by a name much alike."""

    def __init__(
        self,
        reader: Reader,
        held: list[Stored],
        frozen: frozenset[ObjectId],
        people: _People,
    ) -> None:
        self.reader, self.held, self.frozen, self.people = reader, held, frozen, people
        self.counts = Counter((stored["person"], stored["section"]) for stored in held)
        self.by_identity = {(row["person"], row["identity"]): row for row in held}
        self.seen: dict[tuple[ObjectId, str], TypedRow] = {}
        self.used: set[ObjectId] = set()

    def run(self, reads: list[Read], owners: list[tuple[Stored | None, Message | None]]) -> list[Change]:
        changes: list[Change | None] = [
            self._first(read, *owner) for read, owner in zip(reads, owners, strict=True)
        ]
        left = [place for place, change in enumerate(changes) if change is None]
        for place, match in self._alike([(place, reads[place], owners[place][0]) for place in left]).items():
            changes[place] = self._against(reads[place], owners[place][0], match)
        for place in left:
            if changes[place] is None:
                changes[place] = self._new(reads[place], owners[place][0])
        return [change for change in changes if change is not None] + self._gone(reads, owners)

    def _first(self, read: Read, person: Stored | None, why: Message | None) -> Change | None:
        """The change of a row that is wrong or stored as it is named; None for one to look further at."""
        message = why or read.message
        if person is None or message is not None:
            return Change(read.row, What.REFUSE, message, problems=read.problems)
        identity = self._identity(read)
        twice = self.seen.setdefault((person["_id"], identity), read.row)
        if twice is not read.row:
            message = M("与“%(place)s”是同一条，表中不要重复。", place=twice.place)
            return Change(read.row, What.REFUSE, message)
        stored = self.by_identity.get((person["_id"], identity))
        if stored is None:
            return None
        self.used.add(stored["_id"])
        return self._against(read, person, stored)

    def _identity(self, read: Read) -> str:
        row = read.row
        if not row.section:
            return SPECIALITY_KEY
        title = self.reader.title(row.section, row.kind, read.values)
        return identity_of(row.section, row.kind, title, read.values.get("start"))

    def _alike(self, left: list[tuple[int, Read, Stored | None]]) -> dict[int, Stored]:
        """Rows whose achievement is stored under another date or a name spelled a little otherwise."""
        free: dict[tuple[ObjectId, str, str], list[Stored]] = defaultdict(list)
        for stored in self.held:
            if stored["_id"] not in self.used and stored["section"]:
                free[stored["person"], stored["section"], stored["kind"]].append(stored)
        found: dict[int, Stored] = {}
        for place, read, person in left:
            row = read.row
            others = free.get((person["_id"], row.section, row.kind), []) if person else []
            title = plain(self.reader.title(row.section, row.kind, read.values)) if others else ""
            match = max(others, key=lambda stored: _likeness(title, stored), default=None)
            if match is not None and _likeness(title, match) >= ALIKE:
                others.remove(match)
                self.used.add(match["_id"])
                found[place] = match
        return found

    def _against(self, read: Read, person: Stored | None, stored: Stored) -> Change:
        row = read.row
        before = {key: reveal(value) for key, value in stored["values"].items()}
        if not row.section and person is not None:
            before = {SPECIALITY_KEY: person.get("speciality")}  # the roster is what counts
        after = {key: value for key, value in before.items() if key not in read.cleared} | dict(read.values)
        old, new = (self.reader.words(row.section, row.kind, values) for values in (before, after))
        different = {key for key in {*old, *new} if old.get(key) != new.get(key)}
        what = What.CHANGE if different else What.SAME
        return self._change(
            read, what, person, after, stored, self._note(person, stored) if different else None,
            {key: old.get(key, "") for key in different}, {key: new.get(key, "") for key in different},
        )  # fmt: skip

    def _note(self, person: Stored | None, stored: Stored | None) -> Message | None:
        if stored is not None and stored["state"] == MaterialState.DISPUTED:
            return M("本人对这一条有异议，尚未处理；内容更新后仍请到“材料表”里答复本人。")
        if person is not None and person["_id"] in self.frozen:
            return M("本人已提交申报，已提交的内容不会改变；两者的不同会在审核页面标出。")
        if stored is not None and stored["state"] in (MaterialState.CONFIRMED, MaterialState.SETTLED):
            return M("本人已确认过原来的内容，更新后要请本人重新核对。")
        return None

    def _new(self, read: Read, person: Stored | None) -> Change:
        row = read.row
        if person is None:
            return Change(row, What.REFUSE, read.message)
        if row.section:
            key = (person["_id"], row.section)
            self.counts[key] += 1
            if self.counts[key] > MOST_ENTRIES:
                return Change(row, What.REFUSE, M("每人每部分最多 %(n)s 条。", n=MOST_ENTRIES))
        elif person.get("speciality") == read.values[SPECIALITY_KEY]:
            return self._change(read, What.SAME, person, dict(read.values), None, None, {}, {})
        after = self.reader.words(row.section, row.kind, read.values)
        before = {} if row.section else self.reader.words("", "", {SPECIALITY_KEY: person.get("speciality")})
        note = self._note(person, None)
        return self._change(read, What.CREATE, person, dict(read.values), None, note, before, after)

    def _change(
        self,
        read: Read,
        what: What,
        person: Stored | None,
        values: dict[str, Any],
        stored: Stored | None,
        message: Message | None,
        before: Mapping[str, str],
        after: Mapping[str, str],
    ) -> Change:
        row = read.row
        title = self.reader.title(row.section, row.kind, values) if row.section else ""
        identity = (
            identity_of(row.section, row.kind, title, values.get("start")) if row.section else SPECIALITY_KEY
        )
        return Change(
            row, what, message, before, after, {}, person["_id"] if person else None,
            stored["_id"] if stored else None, stored["version"] if stored else 0, title, identity,
            self.reader.stored(row.section, row.kind, values),
        )  # fmt: skip

    def _gone(self, reads: list[Read], owners: list[tuple[Stored | None, Message | None]]) -> list[Change]:
        kinds = {(read.row.section, read.row.kind) for read in reads if read.row.section}
        people = {found["_id"] for found, _ in owners if found}
        broken = {
            found["_id"] for read, (found, _) in zip(reads, owners, strict=True) if found and read.message
        }
        gone = []
        for stored in self.held:
            if stored["_id"] in self.used or not stored.get("batch") or stored["person"] not in people:
                continue
            if stored["state"] == MaterialState.DISPUTED:
                continue  # HR answers the person first
            # a row that can't be read may be just this entry
            if (stored["section"], stored["kind"]) in kinds and stored["person"] not in broken:
                gone.append(self._withdrawal(stored))
        return gone

    def _withdrawal(self, stored: Stored) -> Change:
        person = self.people.by_id[stored["person"]]
        values = {key: reveal(value) for key, value in stored["values"].items()}
        words = self.reader.words(stored["section"], stored["kind"], values)
        row = TypedRow(
            person["staff_number"],
            person["name"],
            stored["section"],
            stored["kind"],
            {},
            stored.get("place", ""),
        )
        return Change(
            row, What.GONE, M("以前的材料表里有，这次的表里没有。"), words, {}, {}, stored["person"],
            stored["_id"], stored["version"], stored["title"], stored["identity"],
        )  # fmt: skip


def _likeness(title: str, stored: Stored) -> float:
    other = plain(stored["title"])
    return 1.0 if title == other else SequenceMatcher(None, title, other).ratio()
