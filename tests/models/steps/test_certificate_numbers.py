"""A certificate's number is given out once, whatever happens at the same time (G32); on the real mongod."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from models.application import Application
from models.certificate import Certificate, Counter
from models.choices import Role, State
from models.database import transaction
from panel.domain.actors import actor_of
from panel.domain.counters import next_serial
from panel.domain.steps.certificates import CertificateRefused, by_code, prepare
from tests.factories import NOW, make_application, make_outcome, make_person, make_user

pytestmark = pytest.mark.usefixtures("database")
THREADS = 20


class Aborted(Exception):
    """What a test raises to make a transaction fail."""


def test_serials_of_twenty_threads_are_all_different_and_without_gaps() -> None:
    together = Barrier(THREADS)

    def three_at_once(_: int) -> list[int]:
        together.wait(timeout=30)
        return [transaction(lambda: next_serial("certificate:P2026012")) for _ in range(3)]

    with ThreadPoolExecutor(THREADS) as pool:
        given = [serial for some in pool.map(three_at_once, range(THREADS)) for serial in some]

    assert sorted(given) == list(range(1, 61))


def test_an_aborted_issue_gives_its_number_back() -> None:
    assert transaction(lambda: next_serial("certificate:P2026012")) == 1

    def fails() -> None:
        assert next_serial("certificate:P2026012") == 2
        raise Aborted

    with pytest.raises(Aborted):
        transaction(fails)
    assert Counter.objects.get(key="certificate:P2026012").value == 1
    assert transaction(lambda: next_serial("certificate:P2026012")) == 2


def test_an_aborted_first_issue_leaves_no_counter(database: Database[dict[str, Any]]) -> None:
    def fails() -> None:
        next_serial("certificate:P2026019")
        raise Aborted

    with pytest.raises(Aborted):
        transaction(fails)
    assert database["counters"].count_documents({}) == 0


def test_each_stem_counts_for_itself() -> None:
    assert next_serial("certificate:P2026011") == 1
    assert next_serial("certificate:P2026012") == 1
    assert next_serial("certificate:P2026011") == 2


def confirmed(**values: Any) -> Application:
    """A case that can be certified; the vote was on 25 October 2026."""
    approval = {"document_number": "江理工职改〔2026〕12号", "approved_on": "2026-11-02", "filing": "已备案"}
    given = {"outcome": make_outcome(ObjectId()), "approval": approval} | values
    return make_application(State.CONFIRMED, **given)


def test_certificate_says_what_was_true_on_the_day_of_issue() -> None:
    person = make_person(name="欧阳明月", id_number="420106198603120021")
    office = make_user(Role.OFFICE)
    made = prepare(confirmed(person=person), actor_of(office), NOW)
    stored = Certificate.objects.get(id=made.id)
    assert stored.number == "JCUT202601200001"
    assert (stored.name, stored.gender, stored.birth_date) == ("欧阳明月", "female", date(1986, 3, 12))
    assert stored.id_number == "420106198603120021"
    assert (stored.title, stored.level, stored.series) == ("副教授", "副高", "高等学校教师")
    assert stored.organisation == "江城理工学院"
    assert stored.document_number == "江理工职改〔2026〕12号"
    assert stored.approved_on == date(2026, 10, 25)  # the vote, as the round says
    assert stored.issued_on == date(2026, 9, 15)
    assert stored.issued_by == office
    assert not stored.is_revoked


def test_id_number_of_a_certificate_is_sealed_at_rest(database: Database[dict[str, Any]]) -> None:
    person = make_person(id_number="420106198603120021")
    prepare(confirmed(person=person), actor_of(make_user(Role.OFFICE)), NOW)
    row = database["certificates"].find_one({})
    assert row is not None
    assert row["id_number"].startswith("sealed:")
    assert "420106198603120021" not in str(row)


def test_code_is_long_random_and_finds_its_certificate() -> None:
    actor = actor_of(make_user(Role.OFFICE))
    first, second = prepare(confirmed(), actor, NOW), prepare(confirmed(), actor, NOW)
    assert len(first.code) >= 22  # 128 bits
    assert first.code != second.code
    assert by_code(first.code) == first
    assert by_code(first.code[:-1]) is None


def test_one_application_gets_one_certificate_and_the_second_wastes_no_number() -> None:
    case, actor = confirmed(), actor_of(make_user(Role.OFFICE))
    prepare(case, actor, NOW)
    with pytest.raises(CertificateRefused, match="已经发过证书"):
        prepare(case, actor, NOW)
    assert Certificate.objects.count() == 1
    assert Counter.objects.get(key="certificate:JCUT2026012").value == 1


def test_failure_after_the_certificate_leaves_neither_certificate_nor_number() -> None:
    case, actor = confirmed(), actor_of(make_user(Role.OFFICE))

    def fails() -> None:
        prepare(case, actor, NOW)
        raise Aborted

    with pytest.raises(Aborted):
        transaction(fails)
    assert Certificate.objects.count() == 0
    assert prepare(case, actor, NOW).number == "JCUT202601200001"


@pytest.mark.parametrize(("missing", "words"), [({"photo": None}, "照片"), ({"approval": {}}, "批准文号")])
def test_certificate_without_its_grounds_is_refused(missing: dict[str, Any], words: str) -> None:
    case, actor = confirmed(**missing), actor_of(make_user(Role.OFFICE))
    with pytest.raises(CertificateRefused, match=words):
        prepare(case, actor, NOW)
    assert Certificate.objects.count() == 0
    assert Counter.objects(key__startswith="certificate:").count() == 0


def test_without_a_vote_the_documents_date_counts() -> None:
    made = prepare(confirmed(outcome=None), actor_of(make_user(Role.OFFICE)), NOW)
    assert made.approved_on == date(2026, 11, 2)
