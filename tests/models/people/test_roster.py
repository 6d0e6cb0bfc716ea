"""The roster as HR edits it, on the real database: versions, secrets at rest, foreign units."""

import dataclasses
from datetime import UTC, date, datetime

import pytest
from bson import ObjectId

from models.application import Application
from models.audit import AuditEvent
from models.choices import Role, State
from models.field_spec import Text
from models.person import Person
from models.unit import Department, Unit
from models.values import SEALED, PartialDate
from panel.domain.actors import Actor, ActorGrant
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.people import disclosure, roster
from panel.domain.people.roster_columns import Vocabulary
from tests.factories import make_application

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
ID_NUMBER = "11010519491231002X"  # a valid checksum: born 1949-12-31, female

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def unit() -> Unit:
    return Unit(code="u1", name="东湖大学", departments=[Department(code="cs", name="计算机学院")]).save()


@pytest.fixture
def words(unit: Unit) -> Vocabulary:
    return Vocabulary(
        departments={"cs": "计算机学院"},
        units={"u1": unit},
        series={"teacher": Text(zh="高校教师")},
        levels={"middle": Text(zh="中级")},
        specialities={"cs": Text(zh="计算机")},
    )


def hr_of(unit: Unit) -> Actor:
    return Actor(user_id=ObjectId(), name="林人事", grants=(ActorGrant(Role.UNIT_HR, unit_id=unit.id),))


def row(**values: str) -> dict[str, str]:
    return {"staff_number": "T001", "name": "张伟", "department": "cs", "in_service": "1"} | values


def test_new_person_is_stored_with_search_keys_and_sealed_secrets(unit, words):
    sent = row(id_number=ID_NUMBER.lower(), phone="138 0000 0001", title_approved_on="2021年6月")
    person = roster.save(None, unit, sent, words, hr_of(unit), NOW)
    assert person.id_number == ID_NUMBER
    assert person.phone == "13800000001"
    assert person.title_approved_on == PartialDate(2021, 6)
    assert "zhangwei" in person.search
    stored = Person._get_collection().find_one({"_id": person.id})
    assert stored["id_number"].startswith(SEALED)
    assert stored["phone"].startswith(SEALED)


def test_edit_seals_the_changed_secret_and_raises_the_version(unit, words):
    person = roster.save(None, unit, row(), words, hr_of(unit), NOW)
    changed = roster.save(person, unit, row(id_number=ID_NUMBER, version="1"), words, hr_of(unit), NOW)
    stored = Person._get_collection().find_one({"_id": person.id})
    assert stored["id_number"].startswith(SEALED)
    assert stored["id_hash"] == changed.id_hash is not None
    assert changed.version == 2
    assert person.version == 1  # what was read stays as it was


def test_secret_that_is_not_typed_again_stays(unit, words):
    person = roster.save(None, unit, row(id_number=ID_NUMBER), words, hr_of(unit), NOW)
    changed = roster.save(person, unit, row(name="张玮", id_number="", version="1"), words, hr_of(unit), NOW)
    assert (changed.name, changed.id_number) == ("张玮", ID_NUMBER)
    cleared = roster.save(
        changed, unit, row(id_number="", clear_id_number="1", version="2"), words, hr_of(unit), NOW
    )
    assert cleared.id_number is None
    assert cleared.id_hash is None


def test_stale_write_is_refused_and_keeps_both_versions(unit, words):
    person = roster.save(None, unit, row(), words, hr_of(unit), NOW)
    roster.save(person, unit, row(name="张一", version="1"), words, hr_of(unit), NOW)
    late = row(name="张二", version="1")
    with pytest.raises(StaleWrite) as refused:
        roster.save(person, unit, late, words, hr_of(unit), NOW)  # an old copy in memory
    assert refused.value.current.name == "张一"
    assert refused.value.typed["name"] == "张二"
    with pytest.raises(StaleWrite):
        roster.save(Person.objects.get(id=person.id), unit, late, words, hr_of(unit), NOW)
    assert Person.objects.get(id=person.id).name == "张一"


def test_nothing_changed_writes_nothing(unit, words):
    person = roster.save(None, unit, row(), words, hr_of(unit), NOW)
    assert roster.save(person, unit, row(version="1"), words, hr_of(unit), NOW).version == 1
    assert AuditEvent.objects(action="roster_edit").count() == 0


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("staff_number", ""),
        ("name", "张" * 61),
        ("id_number", "110105194912310021"),  # wrong check digit
        ("phone", "call me"),
        ("email", "nobody"),
        ("birth_date", "1990-05"),
        ("work_start", "2019"),
        ("department", "physics"),
        ("series", "doctor"),
        ("gender", "x"),
        ("recommending_unit", "u9"),
    ],
)
def test_bad_input_is_refused_at_its_column(unit, words, column, text):
    with pytest.raises(Invalid) as refused:
        roster.save(None, unit, row(**{column: text}), words, hr_of(unit), NOW)
    assert list(refused.value.fields) == [column]
    assert Person.objects.count() == 0


def test_contradictions_are_refused(unit, words):
    sent = row(
        id_number=ID_NUMBER, birth_date="1950-01-01", gender="male", retired="1", title="讲师",
        barred_until="2027-01-01",
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        roster.save(None, unit, sent, words, hr_of(unit), NOW)
    assert set(refused.value.fields) == {"birth_date", "gender", "in_service", "title_level", "barred_reason"}


def test_staff_number_and_id_number_are_unique(unit, words):
    roster.save(None, unit, row(id_number=ID_NUMBER), words, hr_of(unit), NOW)
    with pytest.raises(Invalid) as refused:
        roster.save(None, unit, row(), words, hr_of(unit), NOW)
    assert list(refused.value.fields) == ["staff_number"]
    with pytest.raises(Invalid) as refused:
        roster.save(None, unit, row(staff_number="T002", id_number=ID_NUMBER), words, hr_of(unit), NOW)
    assert list(refused.value.fields) == ["id_number"]
    assert Person.objects.count() == 1


def test_hr_of_another_unit_cannot_write_here(unit, words):
    other = Unit(code="u2", name="西湖大学").save()
    person = roster.save(None, unit, row(), words, hr_of(unit), NOW)
    for target in (None, person):
        with pytest.raises(Refused):
            roster.save(target, unit, row(version="1", name="李四"), words, hr_of(other), NOW)
    assert Person.objects.get(id=person.id).name == "张伟"


def test_columns_that_are_not_the_rosters_are_ignored(unit, words):
    other = Unit(code="u2", name="西湖大学").save()
    sent = row(unit=str(other.id), search="x", id_hash="y", _id=str(ObjectId()), updated_at="2000")
    person = roster.save(None, unit, sent, words, hr_of(unit), NOW)
    assert person.unit.id == unit.id
    assert person.updated_at == NOW
    assert person.id_hash is None


def test_audit_names_the_changed_columns_but_not_their_values(unit, words):
    person = roster.save(None, unit, row(), words, hr_of(unit), NOW)
    roster.save(person, unit, row(phone="13800000001", version="1"), words, hr_of(unit), NOW)
    event = AuditEvent.objects.get(action="roster_edit")
    assert event.detail["columns"] == ["phone"]
    assert event.unit == unit.id
    assert "13800000001" not in str(event.to_mongo())


def test_sanction_with_its_last_day_is_stored(unit, words):
    sent = row(sanction="demerit", sanction_until="2026-12-31")
    person = roster.save(None, unit, sent, words, hr_of(unit), NOW)
    assert person.sanction_until == date(2026, 12, 31)
    assert person.is_sanctioned(date(2026, 12, 31))
    assert not person.is_sanctioned(date(2027, 1, 1))


def test_revealing_a_secret_is_recorded_and_scoped(unit, words):
    person = roster.save(None, unit, row(id_number=ID_NUMBER), words, hr_of(unit), NOW)
    assert disclosure.roster_value(person, "id_number", hr_of(unit), NOW) == ID_NUMBER
    event = AuditEvent.objects.get(action="reveal")
    assert (event.thing, event.thing_id) == ("people", str(person.id))
    assert ID_NUMBER not in str(event.to_mongo())
    with pytest.raises(NotFound):
        disclosure.roster_value(person, "name", hr_of(unit), NOW)
    with pytest.raises(Refused):
        disclosure.roster_value(person, "id_number", Actor(user_id=ObjectId()), NOW)
    assert AuditEvent.objects(action="reveal").count() == 1


def test_corrected_name_reaches_the_draft_but_not_what_was_submitted(unit, words):
    person = roster.save(None, unit, row(staff_number="T007", series="teacher"), words, hr_of(unit), NOW)
    draft = make_application(State.DRAFT, person=person)
    other = roster.save(None, unit, row(staff_number="T008"), words, hr_of(unit), NOW)
    frozen = make_application(State.SUBMITTED, person=other)
    for target in (person, other):
        sent = row(staff_number=target.staff_number, name="张新名", version="1")
        roster.save(target, unit, sent, words, hr_of(unit), NOW)
    assert Application.objects.get(id=draft.id).name == "张新名"
    assert "zhangxinming" in Application.objects.get(id=draft.id).search
    assert Application.objects.get(id=frozen.id).name == "张伟"


def test_nobody_keeps_their_own_entry(unit, words):
    person = roster.save(None, unit, row(), words, hr_of(unit), NOW)
    oneself = dataclasses.replace(hr_of(unit), person_id=person.id)
    with pytest.raises(Refused, match="本人"):
        roster.save(person, unit, row(name="张玮", version="1"), words, oneself, NOW)
    assert Person.objects.get(id=person.id).name == person.name
