"""Stamped material tables that HR scanned: matched to people by file name, put in their place (G28)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bson import ObjectId

from models.application import Application
from models.choices import Role, ScanState
from models.database import transaction
from models.material import MaterialScan
from models.messages import M
from models.person import Person
from models.review_round import ReviewRound
from models.sections import Attachment
from models.states import IN_HAND
from models.values import ref_id
from panel.domain.actors import Actor
from panel.domain.content.scans import attach_scan, detach_scan
from panel.domain.errors import NotFound, Refused, StaleWrite
from panel.domain.material.writing import require_keeper
from panel.domain.records import audit, notify

_TOKEN = re.compile(r"[0-9A-Za-z_-]{3,30}")
_HAN = re.compile(r"[\u3400-\u9fff·]{2,}")
_LONGEST_NAME = 8


def matches(file_name: str, units: Iterable[ObjectId]) -> list[ObjectId]:
    """The people of `units` whom the name of a file means: by staff number, else by name.

    One: matched. Several: people of the same name, or a number and a name that contradict each other.
    """
    stem = unicodedata.normalize("NFKC", file_name.rsplit("/", 1)[-1])
    stem = stem.rpartition(".")[0] or stem
    tokens = {part for token in _TOKEN.findall(stem) for part in {token, *re.split(r"[_-]", token)}}
    own = {"unit": {"$in": list(units)}}
    fields = {"name": 1, "staff_number": 1}
    numbered = list(Person._get_collection().find(own | {"staff_number": {"$in": sorted(tokens)}}, fields))
    named = _named(re.sub(r"\s+", "", stem), own, fields)
    if not numbered:
        return [row["_id"] for row in named]
    agreeing = [row for row in numbered if not named or row["_id"] in {one["_id"] for one in named}]
    found = agreeing or [*numbered, *named]
    return [row["_id"] for row in found]


def _named(stem: str, own: dict[str, Any], fields: dict[str, int]) -> list[dict[str, Any]]:
    """The people whose whole name is in `stem`; of 张伟 and 张伟民 in 张伟民.pdf only the longer."""
    parts = {
        run[start : start + length]
        for run in _HAN.findall(stem)
        for start in range(len(run))
        for length in range(2, min(_LONGEST_NAME, len(run) - start) + 1)
    }
    if not parts:
        return []
    # `search` holds the name itself in small letters, and has the index
    chosen = own | {"search": {"$in": sorted(part.lower() for part in parts)}}
    found = [row for row in Person._get_collection().find(chosen, fields) if row["name"] in parts]
    names = {row["name"] for row in found}
    longest = {name for name in names if not any(name != other and name in other for other in names)}
    return [row for row in found if row["name"] in longest]


def receive(
    round: ReviewRound, unit: ObjectId, file: Attachment, actor: Actor, now: datetime
) -> MaterialScan:
    """Keep a stored scan and put it in its place if its name says whose it is.

    Raises Refused when the same file is there already.
    """
    _require_unit(actor, unit)
    twin = MaterialScan.objects(
        unit=unit, round=round.id, file__sha256=file.sha256, state__nin=_PUT_AWAY
    ).first()
    if twin is not None:
        raise Refused(
            M(
                "这份文件已经上传过，名为“%(name)s”，在“%(state)s”里。",
                name=twin.file.name,
                state=ScanState(twin.state).label,
            )
        )
    found = [key for key in matches(str(file.name), [unit]) if key != actor.person_id]
    made = MaterialScan(
        round=round,
        unit=unit,
        file=file,
        candidates=found if len(found) > 1 else [],
        at=now,
        by=actor.user_id,
        by_name=actor.name,
    ).save()
    if len(found) == 1:
        return assign(made, Person.objects.get(id=found[0]), made.version, actor, now)
    return made


_PUT_AWAY = (ScanState.DROPPED.value, ScanState.REPLACED.value)


def assign(scan: MaterialScan, person: Person, version: int, actor: Actor, now: datetime) -> MaterialScan:
    """Say whose a scan is; it goes into the application in hand, or waits for one.

    Raises NotFound for another unit's, Refused for one already submitted, StaleWrite.
    """
    require_keeper(actor, ref_id(person, "unit"), person.id)
    if ref_id(person, "unit") != ref_id(scan, "unit"):
        raise NotFound

    def write() -> MaterialScan:
        fresh = _take(scan, version, now)
        _set(fresh, person=person.id, name=person.name, staff_number=person.staff_number,
             candidates=[], state=ScanState.WAITING.value, application=None)  # fmt: skip
        fresh = MaterialScan.objects.get(id=scan.id)
        case = Application.objects(round=ref_id(scan, "round"), person=person.id, is_live=True).first()
        if case is not None and case.state in IN_HAND and attach_scan(case, fresh, now):
            notify(case, M("人事部门已放入您盖章的材料表，请核对。"), now)
        audit(actor, "material_scan", person, now, role=Role.UNIT_HR, name=person.name)
        return MaterialScan.objects.get(id=scan.id)

    return transaction(write)


def drop(scan: MaterialScan, version: int, actor: Actor, now: datetime) -> None:
    """Put a scan away, out of the application where it is in one. Raises Refused, StaleWrite, NotFound."""
    _require_unit(actor, ref_id(scan, "unit"))

    def write() -> None:
        fresh = _take(scan, version, now)
        _set(fresh, state=ScanState.DROPPED.value)
        audit(actor, "material_scan_drop", fresh, now, role=Role.UNIT_HR, name=fresh.name or fresh.file.name)

    transaction(write)


def _take(scan: MaterialScan, version: int, now: datetime) -> MaterialScan:
    """The scan as stored, out of where it was; raises StaleWrite, Refused."""
    fresh: MaterialScan = MaterialScan.objects.get(id=scan.id)
    if fresh.version != version or fresh.state in _PUT_AWAY:
        raise StaleWrite(fresh)
    if fresh.state == ScanState.ATTACHED:
        case = Application.objects.get(id=fresh.application)
        if case.state not in IN_HAND:
            raise Refused(M("本人的申报已提交，里面的材料表不能再换。需要更换的，请先退回补正。"))
        detach_scan(case, fresh, now)
    return fresh


def _set(scan: MaterialScan, **values: Any) -> None:
    changes = {f"set__{key}": value for key, value in values.items()}
    done = MaterialScan.objects(id=scan.id, version=scan.version).update_one(inc__version=1, **changes)
    if not done:
        raise StaleWrite(MaterialScan.objects(id=scan.id).first())


def _require_unit(actor: Actor, unit: ObjectId) -> None:
    if unit not in {grant.unit_id for grant in actor.as_(Role.UNIT_HR)}:
        raise NotFound
