"""What the applicant answers to the material table: confirm, dispute, report what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import MaterialState, MaterialStep
from models.database import transaction
from models.material import Dispute, MaterialEntry
from models.messages import M, Message
from models.sections import Attachment, new_uid
from models.states import IN_HAND
from models.values import ref_id
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.content.material import answered, reported
from panel.domain.errors import Invalid, NotEditable, NotFound, Refused, StaleWrite
from panel.domain.material.typed_rows import Read, Reader, TypedRow
from panel.domain.material.writing import deed, update
from panel.domain.records import audit

LONGEST_ANSWER = 1000
#: Reports of something missing that may be open at once.
MOST_REPORTS = 20
_SURE = (MaterialState.PLACED, MaterialState.CONFIRMED, MaterialState.SETTLED)


def entries_of(application: Application) -> list[MaterialEntry]:
    """The person's table in this round with their reports, in its order; withdrawn ones left out."""
    return list(
        MaterialEntry.objects(
            round=ref_id(application, "round"),
            person=ref_id(application, "person"),
            is_live=True,
            section__ne="",
        ).order_by("created_at", "id")
    )


def closed_of(application: Application) -> list[MaterialEntry]:
    """What the person disputed or reported and HR decided to leave out, the newest first."""
    return list(
        MaterialEntry.objects(
            round=ref_id(application, "round"),
            person=ref_id(application, "person"),
            is_live=False,
            decision__exists=True,
        ).order_by("-updated_at")
    )


def confirm(application: Application, seen: Mapping[str, int], actor: Actor, now: datetime) -> int:
    """Agree to the entries `seen` (uid -> the version shown); returns how many were confirmed.

    Entries that were answered already are left alone. Raises StaleWrite where the table changed since it
    was shown: one confirms only what one has read. NotEditable outside one's hands.
    """
    _require(application, actor)

    def write() -> int:
        rows = [row for row in _rows(application, seen) if row.state == MaterialState.PLACED]
        for row in rows:
            _write(row, seen[row.uid], MaterialState.CONFIRMED, MaterialStep.CONFIRM, actor, now)
        if rows:
            answered(_fresh(application), [row.uid for row in rows], MaterialState.CONFIRMED, now)
            audit(actor, "material_confirm", application, now, entries=len(rows))
        return len(rows)

    return transaction(write)


def unconfirm(application: Application, uid: str, version: int, actor: Actor, now: datetime) -> None:
    """Take a confirmation back while the application is in hand."""
    confirmed, step = (MaterialState.CONFIRMED,), MaterialStep.UNCONFIRM
    _answer(application, uid, version, confirmed, MaterialState.PLACED, step, actor, now)


def dispute(
    application: Application,
    uid: str,
    version: int,
    reason: str,
    proposed: Mapping[str, str],
    evidence: Attachment | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Say what is wrong with an entry; `proposed` is what its fields should be, as typed.

    Raises Invalid by field, Refused where HR has decided to keep it, StaleWrite, NotEditable, NotFound.
    """
    _require(application, actor)
    row = _rows(application, {uid: version})[0]
    if row.decision is not None and row.decision.outcome == "kept" and row.state == MaterialState.SETTLED:
        raise Refused(M("人事部门已答复过您的异议并维持原内容。仍有不同意见的，请直接联系人事部门。"))
    read = _read(application, row.section, row.kind, proposed)
    wrong = _wrong(reason) | dict(read.problems)
    if wrong:
        raise Invalid(wrong)
    words = Reader(application.round).stored(row.section, row.kind, read.values)
    made = Dispute(reason=reason.strip(), proposed=words, evidence=evidence, at=now)

    def more(entry: MaterialEntry) -> dict[str, Any]:
        return {"dispute": made.to_mongo()}

    step = MaterialStep.DISPUTE
    _answer(application, uid, version, _SURE, MaterialState.DISPUTED, step, actor, now, more, reason)


def report(
    application: Application,
    section: str,
    kind: str,
    reason: str,
    proposed: Mapping[str, str],
    evidence: Attachment | None,
    actor: Actor,
    now: datetime,
) -> MaterialEntry:
    """Say that the table lacks an achievement; HR adds it or answers.

    Raises Invalid by field, Refused (too many), NotEditable, NotFound.
    """
    _require(application, actor)
    read = _read(application, section, kind, proposed)
    wrong = _wrong(reason) | dict(read.problems)
    if read.message is not None and not wrong:
        wrong["values"] = M("请写明遗漏的是哪一类、叫什么名称。")
    if wrong:
        raise Invalid(wrong)
    reader = Reader(application.round)
    person = application.person
    made = MaterialEntry(
        round=application.round,
        person=person,
        unit=person.unit,
        name=person.name,
        staff_number=person.staff_number,
        department=person.department,
        search=person.search,
        title=reader.title(section, kind, read.values),
        section=section,
        kind=kind,
        identity=f"missing:{new_uid()}",
        state=MaterialState.DISPUTED.value,
        is_missing=True,
        application=application.id,
        dispute=Dispute(
            reason=reason.strip(),
            proposed=reader.stored(section, kind, read.values),
            evidence=evidence,
            at=now,
        ),
        created_at=now,
        updated_at=now,
    )

    def write() -> MaterialEntry:
        fresh = _fresh(application)
        if fresh.missing_reports >= MOST_REPORTS:
            raise Refused(M("您反映的遗漏已有 %(n)s 条，请等人事部门处理。", n=MOST_REPORTS))
        made.id = None
        stored = made.to_mongo()
        stored["history"] = [deed(MaterialStep.REPORT, actor, now, words=reason.strip())]
        made.id = MaterialEntry._get_collection().insert_one(stored).inserted_id
        reported(fresh, 1, now)
        audit(actor, "material_dispute", application, now)
        return MaterialEntry.objects.get(id=made.id)

    return transaction(write)


def retract(application: Application, uid: str, version: int, actor: Actor, now: datetime) -> None:
    """Take a dispute or a report back while HR hasn't settled it."""
    _require(application, actor)
    row = _rows(application, {uid: version})[0]
    if not row.is_missing:
        gone: dict[str, Any] = {"dispute": None}
        _answer(
            application, uid, version, (MaterialState.DISPUTED,), MaterialState.PLACED, MaterialStep.RETRACT,
            actor, now, lambda entry: gone,
        )  # fmt: skip
        return

    def write() -> None:
        withdrawn = {"is_live": False, "state": MaterialState.WITHDRAWN.value}
        update(row, version, withdrawn, deed(MaterialStep.RETRACT, actor, now), now)
        reported(_fresh(application), -1, now)
        audit(actor, "material_retract", application, now)

    transaction(write)


_AUDIT = {
    MaterialStep.UNCONFIRM: "material_unconfirm",
    MaterialStep.DISPUTE: "material_dispute",
    MaterialStep.RETRACT: "material_retract",
}


def _answer(
    application: Application,
    uid: str,
    version: int,
    from_states: tuple[MaterialState, ...],
    state: MaterialState,
    step: MaterialStep,
    actor: Actor,
    now: datetime,
    more: Callable[[MaterialEntry], dict[str, Any]] = lambda entry: {},
    words: str = "",
) -> None:
    _require(application, actor)

    def write() -> None:
        row = _rows(application, {uid: version})[0]
        if row.state not in from_states:
            raise StaleWrite(row)
        _write(row, version, state, step, actor, now, more(row), words.strip())
        answered(_fresh(application), [uid], state, now)
        audit(actor, _AUDIT[step], application, now)

    transaction(write)


def _write(
    row: MaterialEntry,
    version: int,
    state: MaterialState,
    step: MaterialStep,
    actor: Actor,
    now: datetime,
    more: Mapping[str, Any] | None = None,
    words: str = "",
) -> None:
    before = {"state": row.state}
    update(
        row,
        version,
        {"state": state.value} | dict(more or {}),
        deed(step, actor, now, before, words=words),
        now,
    )


def _rows(application: Application, seen: Mapping[str, int]) -> list[MaterialEntry]:
    """The entries named by uid, as they were seen; raises NotFound, StaleWrite."""
    found = {row.uid: row for row in entries_of(application) if row.uid in seen}
    if not seen:
        raise NotFound
    for uid, version in seen.items():
        if uid not in found:
            gone = MaterialEntry.objects(person=ref_id(application, "person"), uid=uid).first()
            raise StaleWrite(gone) if gone else NotFound
        if found[uid].version != version:
            raise StaleWrite(found[uid])
    return [found[uid] for uid in seen]


def _fresh(application: Application) -> Application:
    fresh: Application = Application.objects.get(id=application.id)
    return fresh


def _require(application: Application, actor: Actor) -> None:
    if not may(actor, Permission.EDIT_CONTENT, application):
        raise NotFound
    if application.state not in IN_HAND:
        raise NotEditable(M("申报提交后不能再核对材料表。如有问题，请联系人事部门。"))


def _read(application: Application, section: str, kind: str, proposed: Mapping[str, str]) -> Read:
    filled = {key: text for key, text in proposed.items() if text.strip()}
    return Reader(application.round).read(TypedRow("", "", section, kind, filled, ""))


def _wrong(reason: str) -> dict[str, Message]:
    if not reason.strip():
        return {"reason": M("请写明哪里不对、应该是什么。")}
    if len(reason.strip()) > LONGEST_ANSWER:
        return {"reason": M("最多 %(n)s 个字，请删减。", n=LONGEST_ANSWER)}
    return {}
