"""HR's work on single entries of the material table: settle disputes, add, mend, withdraw by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mongoengine import NotUniqueError

from models.choices import MaterialState, MaterialStep, Role, Settlement
from models.database import transaction
from models.material import Decision, MaterialEntry
from models.messages import M, Message
from models.person import Person
from models.review_round import ReviewRound
from models.values import ref_id, reveal
from panel.domain.actors import Actor
from panel.domain.errors import Invalid, Refused
from panel.domain.material.typed_rows import Reader, TypedRow, identity_of
from panel.domain.material.writing import (
    after_change,
    deed,
    follow,
    new_entry,
    person_of,
    require_keeper,
    update,
)
from panel.domain.records import audit

LONGEST_WORDS = 1000
_TAKEN = M("材料表里已有同类、同名、同一时间的一条，请核对。")


def settle(
    entry: MaterialEntry,
    outcome: Settlement,
    words: str,
    raw: Mapping[str, str],
    version: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Answer a dispute: correct the entry to `raw`, keep it, or remove it; the applicant is told.

    Of a report of something missing, CORRECTED adds it and KEPT answers that it stays out. Keeping and
    removing need words. Raises Invalid by field, Refused, StaleWrite, NotFound.
    """
    _require(entry, actor)
    if entry.state != MaterialState.DISPUTED:
        raise Refused(M("这一条现在没有待处理的异议，请刷新页面再看。"))
    words = words.strip()
    wrong = _wrong_words(words, is_needed=outcome is not Settlement.CORRECTED)
    sets: dict[str, Any] = {"state": MaterialState.SETTLED.value}
    if outcome is Settlement.CORRECTED:
        sets |= _corrected(entry, raw, wrong)
    elif outcome is Settlement.REMOVED and not entry.is_missing:
        sets = {"state": MaterialState.WITHDRAWN.value, "is_live": False}
    elif entry.is_missing:
        sets |= {"is_live": False}
    if wrong:
        raise Invalid(wrong)
    made = Decision(outcome=outcome.value, words=words or None, by=actor.user_id, by_name=actor.name, at=now)
    sets["decision"] = made.to_mongo()
    title = sets.get("title") or entry.title
    told = M("您对材料表“%(title)s”的异议，人事部门已处理：%(outcome)s。", title=title, outcome=outcome.label)
    _write(entry, version, sets, MaterialStep.SETTLE, words, "material_settle", actor, now, told)


def _corrected(entry: MaterialEntry, raw: Mapping[str, str], wrong: dict[str, Message]) -> dict[str, Any]:
    sets = _read(entry.round, entry.section, entry.kind, raw, wrong)
    if not wrong and not entry.is_missing and _same(entry.values, sets["values"]):
        wrong["values"] = M("内容还没有改动。原内容正确的，请选择“维持原内容”并答复本人。")
    return sets | {"is_missing": False}


def _same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    def clear(values: Mapping[str, Any]) -> dict[str, Any]:
        return {key: reveal(value) for key, value in values.items()}

    return clear(before) == clear(after)


def add(
    round: ReviewRound,
    person: Person,
    section: str,
    kind: str,
    raw: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> MaterialEntry:
    """Put one achievement into a person's table by hand. Raises Invalid by field, Refused, NotFound."""
    require_keeper(actor, ref_id(person, "unit"), person.id)
    wrong: dict[str, Message] = {}
    content = _read(round, section, kind, raw, wrong)
    if wrong:
        raise Invalid(wrong)

    def write() -> MaterialEntry:
        step = deed(MaterialStep.CREATE, actor, now)
        stored = new_entry(
            round.id, person.to_mongo(), content | {"section": section, "kind": kind}, step, now
        )
        stored["_id"] = MaterialEntry._get_collection().insert_one(stored).inserted_id
        made: MaterialEntry = MaterialEntry.objects.get(id=stored["_id"])
        follow([round.id], [person.id], now)
        audit(actor, "material_add", made, now, role=Role.UNIT_HR, name=person.name)
        return made

    return _unique(write)


def change(entry: MaterialEntry, raw: Mapping[str, str], version: int, actor: Actor, now: datetime) -> None:
    """Mend an entry by hand; who confirmed it has to read it anew. Raises Invalid, StaleWrite, Refused."""
    _require(entry, actor)
    if not entry.is_live or entry.is_missing:
        raise Refused(M("这一条已不在材料表里，不能修改。"))
    wrong: dict[str, Message] = {}
    sets = _read(entry.round, entry.section, entry.kind, raw, wrong)
    if wrong:
        raise Invalid(wrong)
    if _same(entry.values, sets["values"]):
        return
    sets["state"] = after_change(entry.state)
    _write(entry, version, sets, MaterialStep.CHANGE, "", "material_edit", actor, now)


def withdraw(entry: MaterialEntry, words: str, version: int, actor: Actor, now: datetime) -> None:
    """Take an entry out of the table, with the reason. Raises Invalid, Refused, StaleWrite."""
    _require(entry, actor)
    if not entry.is_live or entry.is_missing:
        raise Refused(M("这一条已不在材料表里。"))
    if entry.state == MaterialState.DISPUTED:
        raise Refused(M("本人对这一条有异议，请在异议处理中选择“移除”并答复本人。"))
    words = words.strip()
    wrong = _wrong_words(words, is_needed=True)
    if wrong:
        raise Invalid(wrong)
    sets = {"is_live": False, "state": MaterialState.WITHDRAWN.value}
    told = M("人事部门从您的材料表撤下了“%(title)s”：%(words)s", title=entry.title, words=words)
    _write(entry, version, sets, MaterialStep.WITHDRAW, words, "material_withdraw", actor, now, told)


def put_back(entry: MaterialEntry, version: int, actor: Actor, now: datetime) -> None:
    """Take a withdrawal back: the entry is in the table again, to be answered anew. Raises Refused."""
    _require(entry, actor)
    if entry.is_live or entry.is_missing or not entry.section:
        raise Refused(M("这一条不需要恢复。"))
    sets = {"is_live": True, "state": MaterialState.WAITING.value}
    _write(entry, version, sets, MaterialStep.CREATE, "", "material_add", actor, now)


def _require(entry: MaterialEntry, actor: Actor) -> None:
    require_keeper(actor, ref_id(entry, "unit"), person_of(entry))


def _read(
    round: ReviewRound, section: str, kind: str, raw: Mapping[str, str], wrong: dict[str, Message]
) -> dict[str, Any]:
    """Values, title and identity as typed; what can't be read goes into `wrong`."""
    reader = Reader(round)
    read = reader.read(TypedRow("", "", section, kind, raw, ""))
    wrong.update(read.problems)
    if read.message is not None and not read.problems:
        wrong["values"] = read.message
    if wrong:
        return {}
    title = reader.title(section, kind, read.values)
    return {
        "values": reader.stored(section, kind, read.values),
        "title": title[:300],
        "identity": identity_of(section, kind, title, read.values.get("start")),
    }


def _write(
    entry: MaterialEntry,
    version: int,
    sets: dict[str, Any],
    step: MaterialStep,
    words: str,
    action: str,
    actor: Actor,
    now: datetime,
    told: Message | None = None,
) -> None:
    """The entry, its place in the application and the notice to its owner, in one transaction."""

    def write() -> None:
        written = deed(step, actor, now, entry.to_mongo(), words=words)
        update(entry, version, sets, written, now)
        place = {"message": told} if told is not None else {}
        follow([ref_id(entry, "round")], [person_of(entry)], now, **place)
        audit(actor, action, entry, now, role=Role.UNIT_HR, reason=words, name=entry.name)

    _unique(write)


def _unique(write: Callable[[], Any]) -> Any:
    try:
        return transaction(write)
    except NotUniqueError as error:
        raise Invalid({"values": _TAKEN}) from error


def _wrong_words(words: str, is_needed: bool) -> dict[str, Message]:
    if is_needed and not words:
        return {"words": M("请写明理由，本人会看到。")}
    if len(words) > LONGEST_WORDS:
        return {"words": M("最多 %(n)s 个字，请删减。", n=LONGEST_WORDS)}
    return {}
