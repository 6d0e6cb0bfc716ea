"""Plain factory functions for tests: each stores a document that is complete by itself and returns it.

They write states directly, past the workflow: a test of the workflow starts from them, never the product.
Names are invented. Every keyword that isn't given has a plain value.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from PIL import Image, ImageDraw
from pymongo.database import Database

from models.application import Application
from models.certificate import Certificate
from models.choices import Gender, Kind, Role, RoundState, State
from models.meeting import Committee, Meeting, Member, Opinion
from models.person import Person
from models.review_round import ReviewRound, RoundVersion, digest_of
from models.round_spec import RoundSpec
from models.sections import Entry, Outcome, Photo, Pledge, Receipt, SectionRecord, Step
from models.unit import Department, Unit
from models.user import Grant, User
from models.values import PartialDate, search_keys
from panel.domain.actors import Actor, actor_of
from panel.domain.rounds import round_files
from panel.services import storage

#: Within the window of the shipped rounds.
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
_serial = count(1)


def own_collections(database: Database[dict[str, Any]]) -> list[str]:
    """The collections of the program; the server's own, as of its profiler, can't be written."""
    return sorted(database.list_collection_names(filter={"name": {"$not": {"$regex": "^system\\."}}}))


def empty(database: Database[dict[str, Any]], but: Iterable[str] = ()) -> None:
    """Delete every document, except in the collections `but`."""
    for name in set(own_collections(database)) - set(but):
        database[name].delete_many({})


def make_unit(**values: Any) -> Unit:
    """The invented university with a college and two offices; the same one for the same code."""
    given = {"code": "jcut", "name": "江城理工学院"} | values
    found = Unit.objects(code=given["code"]).first()
    if found:
        return found
    departments = [
        Department(code="cs", name="信息工程学院"),
        Department(code="me", name="机械工程学院"),
        Department(code="hr", name="人力资源部", is_office=True),
    ]
    return Unit(**({"departments": departments} | given)).save()


def make_person(**values: Any) -> Person:
    """A lecturer who may apply for associate professor."""
    serial = next(_serial)
    given = {
        "staff_number": f"T{serial:05d}",
        "name": "林晓静",
        "gender": Gender.FEMALE.value,
        "birth_date": date(1986, 3, 12),
        # of a woman: the last digit but one is even
        "id_number": f"42010619860312{serial // 50 % 100:02d}{serial % 50 // 10 * 2}{serial % 10}",
        "phone": f"1380000{serial:04d}",
        "department": "cs",
        "series": "teacher",
        "title": "讲师",
        "title_level": "middle",
        "title_series": "teacher",
        "title_approved_on": PartialDate(2018, 12, 20),
        "work_start": PartialDate(2012, 7),
    } | values
    if "unit" not in given:
        given["unit"] = make_unit()
    return Person(**given).save()


def make_user(*roles: Role, **values: Any) -> User:
    """An account with `roles`: over the unit for its staff, over `committee` for the others."""
    serial = next(_serial)
    unit, committee = values.pop("unit", None) or make_unit(), values.pop("committee", "teacher-committee")
    department, office = values.pop("department", None), values.pop("office", None)
    of_unit = {Role.UNIT_HR, Role.ENDORSER, Role.SUPERVISOR}
    grants = [
        Grant(role=role.value, unit=unit, department=department, office=office)
        if role in of_unit
        else Grant(role=role.value, committee=committee)
        for role in roles
    ]
    given = {"username": f"user{serial}", "name": f"职工{serial}", "grants": grants} | values
    return User(**given).save()


def make_actor(*roles: Role, **values: Any) -> Actor:
    """Somebody with `roles`, as `make_user` grants them."""
    return actor_of(make_user(*roles, **values))


def applicant_of(application: Application) -> Actor:
    """The applicant of `application`, signed in."""
    found = User.objects(person=application.person.id).first()
    return actor_of(found or make_user(person=application.person, name=application.name))


def fresh(application: Application) -> Application:
    """The application as it is stored now."""
    stored: Application = Application.objects.get(id=application.id)
    return stored


def stored(application: Application) -> dict[str, Any]:
    """The raw document, past MongoEngine."""
    found: dict[str, Any] | None = Application._get_collection().find_one({"_id": application.id})
    assert found is not None
    return found


@cache
def shipped_spec(series: str = "teacher") -> RoundSpec:
    """The shipped round of `series`, read and validated once a process; don't change it, but a copy."""
    return round_files.load_file(next(path for path in round_files.shipped() if path.stem == series))


def shipped_data(series: str = "teacher") -> dict[str, Any]:
    """The shipped round of `series` as plain data, which is the caller's own."""
    return shipped_spec(series).model_dump(mode="json")


@cache
def _as_stored(series: str) -> tuple[dict[str, Any], str]:
    """The data of the shipped round, never to be changed, and its digest: each takes long to make."""
    data = shipped_data(series)
    return data, digest_of(data)


def make_round(series: str = "teacher", **changes: Any) -> ReviewRound:
    """The shipped round of `series`, open; `changes` replace parts of its data under a code of its own."""
    spec = shipped_spec(series)
    if changes:
        data = shipped_data(series) | {"code": f"{spec.code}-{next(_serial)}"} | changes
        spec = type(spec).model_validate(data)
        data = spec.model_dump(mode="json")
        return _store(spec, data, digest_of(data))
    found: ReviewRound | None = ReviewRound.objects(code=spec.code).first()
    if found is None:
        return _store(spec, *_as_stored(series))
    if found.digest == _as_stored(series)[1]:
        return found
    return round_files.import_round(spec, NOW, RoundState.OPEN)


def _store(spec: RoundSpec, data: dict[str, Any], digest: str) -> ReviewRound:
    """What `import_round` stores for a round that isn't there yet; a test of these factories compares."""
    common = {"version": 1, "data": data, "digest": digest}
    described = {"code": spec.code, "title": spec.title.zh, "year": spec.year, "series": spec.series}
    state = {"state": RoundState.OPEN.value, "updated_at": NOW}
    made = ReviewRound._get_collection().insert_one(described | common | state)
    RoundVersion._get_collection().insert_one({"round": made.inserted_id, "at": NOW} | common)
    stored: ReviewRound = ReviewRound.objects.get(id=made.inserted_id)
    return stored


def make_photo(colour: str = "#4a7fb5", width: int = 295, height: int = 413) -> Photo:
    """A stored portrait of the default specification."""
    data = _portrait(colour, width, height)
    return Photo(sha256=storage.put(data, "image/jpeg"), width=width, height=height, size=len(data), at=NOW)


@cache
def _portrait(colour: str, width: int, height: int) -> bytes:
    picture = Image.new("RGB", (width, height), colour)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((87, 80, 207, 230), fill="#e8c4a0")
    draw.rectangle((50, 270, 245, height), fill="#2b2b3d")
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=92)
    return target.getvalue()


def make_application(state: State = State.DRAFT, **values: Any) -> Application:
    """An application of a lecturer for associate professor in `state`; `commit`s nothing else.

    Whatever comes with a submitted state (number, receipt, pledge) is there; content is what `values`
    give: `sections`, `education`, `achievements`, ...
    """
    person = values.pop("person", None) or make_person()
    round_ = values.pop("round", None) or make_round()
    given: dict[str, Any] = {
        "round": round_,
        "round_version": round_.version,
        "year": round_.year,
        "series": round_.series,
        "person": person,
        "unit": person.unit,
        "recommending_unit": person.recommending_unit or person.unit,
        "department": person.department,
        "name": person.name,
        "staff_number": person.staff_number,
        "department_name": person.unit.department_name(person.department),
        "kind": Kind.PROMOTION.value,
        "committee": round_.spec.committees[0].key,
        "level": "associate",
        "speciality": round_.spec.specialities[0].value,
        "edition": round_.spec.editions[-1].key,
        "state": state.value,
        "is_live": state is not State.WITHDRAWN,
        "content_revision": 3,
        "photo": values.pop("photo") if "photo" in values else make_photo(),
        "created_at": NOW - timedelta(days=3),
        "updated_at": NOW,
    }
    if state not in (State.DRAFT, State.WITHDRAWN):
        given |= _submitted(person)
    made = given | values
    made.setdefault("search", search_keys(made["name"], made["staff_number"], made.get("number") or ""))
    return Application(**made).insert()


def _submitted(person: Person) -> dict[str, Any]:
    number = f"202601{next(_serial):05d}"
    receipt = Receipt(number=number, at=NOW, sha256="9f2ab33c1d5e7788" * 4, content_revision=3)
    pledge = Pledge(by=person.id, at=NOW, text_version="2026-1", purpose="submit", content_revision=3)
    step = Step(action="submit", from_state="draft", to_state="submitted", by_name=person.name, at=NOW)
    return {
        "number": number,
        "receipt": receipt,
        "pledges": [pledge],
        "history": [step],
        "submitted_at": NOW,
    }


def make_record(**values: Any) -> SectionRecord:
    """A section's record with the values given by field key."""
    record = SectionRecord(changed_at=NOW, version=1)
    for key, value in values.items():
        record.put(key, value)
    return record


def make_entry(section: str, kind: str = "", **values: Any) -> Entry:
    """An entry of list `section` with the values given by field key; `uid` and `evidence` are its own."""
    own = {name: values.pop(name) for name in ("uid", "evidence") if name in values}
    entry = Entry(section=section, kind=kind or None, changed_at=NOW, version=1, **own)
    for key, value in values.items():
        entry.put(key, value)
    return entry


def make_committee(size: int = 9, **values: Any) -> Committee:
    """A committee of `size` experts with accounts; the first is chair, the second vice-chair.

    Smaller than eleven, it sits by the province's consent (R02).
    """
    given: dict[str, Any] = {
        "code": "teacher-committee",
        "name": "江城理工学院高校教师人员评委会",
        "series": "teacher",
        "valid_until": date(2028, 12, 31),
        "consent_number": "职改函〔2026〕8号",
    } | values
    members = []
    for number in range(size):
        roles = [Role.EXPERT, Role.CHAIR] if number < 2 else [Role.EXPERT]
        user = make_user(*roles, committee=given["code"], name=f"专家{number + 1}")
        members.append(
            Member(user=user, name=user.name, title="教授", is_chair=number == 0, is_vice_chair=number == 1)
        )
    return Committee(**({"members": members} | given)).save()


def make_meeting(committee: Committee | None = None, **values: Any) -> Meeting:
    """A planned meeting of the committee on the shipped round, nothing tabled."""
    given: dict[str, Any] = {
        "title": "2026 年度评审会议",
        "held_on": NOW.date(),
        "place": "行政楼 201",
    } | values
    round_ = given.pop("round", None) or make_round()
    return Meeting(committee=committee or make_committee(), round=round_, **given).save()


def make_opinions(application: Application, users: Iterable[User], recommends: bool = True) -> list[Opinion]:
    """Final opinions on `application` by `users`, who become its experts."""
    experts = list(users)
    Application.objects(id=application.id).update_one(set__experts=[user.id for user in experts])
    application.reload()
    return [
        Opinion(
            application=application,
            expert=user,
            text="业绩突出，同意推荐。",
            recommends=recommends,
            is_final=True,
            at=NOW,
        ).save()
        for user in experts
    ]


def make_outcome(meeting: Any, **values: Any) -> Outcome:
    """A vote of nine members, all present: eight yes, one no."""
    given = {
        "meeting": meeting,
        "members": 9,
        "present": 9,
        "yes": 8,
        "no": 1,
        "abstain": 0,
        "passed": True,
        "voted_on": NOW + timedelta(days=40),
        "tally_sha256": "ab" * 32,
    }
    return Outcome(**(given | values))


def make_certificate(application: Application | None = None, **values: Any) -> Certificate:
    """The certificate of a certified application."""
    case = application or make_application(State.CERTIFIED)
    serial = next(_serial)
    given: dict[str, Any] = {
        "number": f"JCUT2026012{serial:05d}",
        "code": f"Xa9_k2LmPq7RstUv{serial:04d}",
        "application": case,
        "name": case.name,
        "gender": case.person.gender,
        "birth_date": case.person.birth_date,
        "id_number": case.person.id_number,
        "photo_sha256": case.photo.sha256,
        "series": "高等学校教师",
        "speciality": "计算机科学与技术",
        "title": "副教授",
        "level": "副高",
        "committee": "江城理工学院高校教师评委会",
        "organisation": "江城理工学院",
        "document_number": "江理工职改〔2026〕12号",
        "approved_on": date(2026, 10, 25),
        "issued_on": date(2026, 11, 8),
        "issued_at": datetime(2026, 11, 8, 2, 0, tzinfo=UTC),
    } | values
    certificate = Certificate(**given).save()
    Application.objects(id=case.id).update_one(set__certificate=certificate.id)
    return certificate
