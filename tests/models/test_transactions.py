"""Whole or not at all, and one of several at the same moment: on the real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from mongoengine import NotUniqueError
from pymongo.errors import DuplicateKeyError, OperationFailure

from models.application import Application, Submission
from models.audit import AuditEvent
from models.certificate import Certificate, Counter
from models.choices import Action, State, Verdict
from models.database import get_database, transaction
from models.outbox import OutboxRow
from models.setting import Setting
from models.unit import Unit
from panel.domain import records
from panel.domain.content import files, section_records
from panel.domain.counters import next_serial
from panel.domain.errors import NotEditable, Refused, StaleWrite
from panel.domain.steps import judging, workflow
from panel.services import storage
from tests import contents, steps
from tests.factories import (
    NOW,
    applicant_of,
    fresh,
    make_application,
    make_certificate,
    make_person,
    make_round,
    own_collections,
    stored,
)
from tests.steps import READY

pytestmark = pytest.mark.usefixtures("database")


class Aborted(Exception):
    """Thrown to abort."""


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed returns or raises when all begin at the same moment."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return deed()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def documents() -> dict[str, list[Any]]:
    """Everything that is stored, but for the bytes of files."""
    database = get_database()
    names = sorted(name for name in own_collections(database) if not name.startswith("blobs"))
    return {name: list(database[name].find().sort("_id", 1)) for name in names}


# --- an abort leaves nothing -----------------------------------------------------------------------

ABORTED = (Action.SUBMIT, Action.RETURN, Action.RECOMMEND, Action.ISSUE)


@pytest.mark.parametrize("action", ABORTED, ids=str)
def test_a_step_that_fails_in_its_last_write_leaves_nothing(
    action: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    """State, history, audit, notice, submission, number and certificate come together or not at all."""
    ready = READY[action]()
    before = documents()

    def broken(*args: Any, **options: Any) -> None:
        raise Aborted

    monkeypatch.setattr(workflow, "notify", broken)
    with pytest.raises(Aborted):
        ready.run()
    assert documents() == before
    monkeypatch.undo()
    assert ready.run().revision == 1
    assert documents() != before


def test_a_step_that_joins_an_outer_transaction_goes_back_with_it() -> None:
    first, second = steps.reject(), steps.reject()
    before = documents()

    def body() -> None:
        first.run()
        second.run(reason="")

    with pytest.raises(Refused):
        transaction(body)
    assert documents() == before


def test_an_outer_transaction_commits_all_its_steps() -> None:
    ready = [steps.reject(), steps.reject()]
    transaction(lambda: [row.run() for row in ready])
    assert [fresh(row.case).state for row in ready] == ["not_recommended", "not_recommended"]
    assert (AuditEvent.objects.count(), OutboxRow.objects.count()) == (2, 2)


def test_a_file_put_before_stays_while_its_record_goes_back() -> None:
    case = make_application()
    actor = applicant_of(case)
    attachment = contents.attachment(
        "material_table", sha256=storage.put(b"%PDF-1.7 proof", "application/pdf")
    )

    def body() -> None:
        files.add_attachment(case, "material_table", attachment, actor, NOW)
        raise Aborted

    with pytest.raises(Aborted):
        transaction(body)
    assert fresh(case).attachments == []
    assert storage.read(attachment.sha256) == b"%PDF-1.7 proof"


def test_judging_without_its_audit_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_application(State.SUBMITTED, achievements=[contents.project()])

    def broken(*args: Any, **options: Any) -> None:
        raise Aborted

    monkeypatch.setattr(judging, "audit", broken)
    with pytest.raises(Aborted):
        judging.accept_rest(case, steps.hr(), NOW)
    assert fresh(case).achievements[0].judgement is None


# --- nested, retried, refused ----------------------------------------------------------------------


def test_a_nested_transaction_joins_the_outer_one() -> None:
    def body() -> None:
        transaction(lambda: Setting(key="inner", value=1).save())
        assert Setting.objects(key="inner").count() == 1
        raise Aborted

    with pytest.raises(Aborted):
        transaction(body)
    assert Setting.objects.count() == 0


def test_a_write_conflict_runs_the_whole_body_again() -> None:
    """MongoEngine hides the driver's label; a document saved by it must still be tried again."""
    Setting(key="shared", value=0).save()
    runs: list[int] = []

    def body() -> None:
        seen = Setting.objects.get(key="shared")
        runs.append(seen.value)
        if len(runs) == 1:
            with ThreadPoolExecutor(1) as pool:  # somebody else, past this transaction
                pool.submit(lambda: Setting.objects(key="shared").update_one(set__value=10)).result()
        seen.value += 1
        seen.save()

    transaction(body)
    assert runs == [0, 10]
    assert Setting.objects.get(key="shared").value == 11


def test_counting_at_the_same_moment_loses_no_count() -> None:
    Setting(key="count", value=0).save()

    def add() -> None:
        seen = Setting.objects.get(key="count")
        Setting.objects(key="count").update_one(set__value=seen.value + 1)

    assert at_once(*[lambda: transaction(add)] * 6) == [None] * 6
    assert Setting.objects.get(key="count").value == 6


@pytest.mark.parametrize("way", ["mongoengine", "driver", "nested driver"])
def test_what_a_unique_index_refuses_is_told_alike(way: str) -> None:
    """One kind of error, whether the write went through MongoEngine or the driver."""
    Unit(code="one", name="甲").save()

    def insert() -> None:
        if way == "mongoengine":
            Unit(code="one", name="乙").save()
        else:
            Unit._get_collection().insert_one({"code": "one", "name": "乙"})

    body = (lambda: transaction(insert)) if way == "nested driver" else insert
    with pytest.raises(NotUniqueError):
        transaction(body)
    assert [unit.name for unit in Unit.objects] == ["甲"]


def test_an_error_of_the_driver_that_is_no_conflict_stays_itself() -> None:
    with pytest.raises(OperationFailure) as failed:
        transaction(lambda: get_database().units.update_one({}, {"$nonsense": 1}))
    assert not isinstance(failed.value, DuplicateKeyError)


def test_after_an_abort_the_next_transaction_is_its_own() -> None:
    with pytest.raises(Aborted):
        transaction(_abort)
    transaction(lambda: Setting(key="next", value=1).save())
    assert Setting.objects.count() == 1


def _abort() -> None:
    Setting(key="lost", value=1).save()
    raise Aborted


# --- races -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [Action.SUBMIT, Action.REJECT, Action.ISSUE, Action.RESUBMIT], ids=str)
def test_of_four_racing_for_the_same_step_exactly_one_wins(action: Action) -> None:
    ready = READY[action]()
    outcomes = at_once(*[ready.run] * 4)
    won = [row for row in outcomes if isinstance(row, Application)]
    lost = [row for row in outcomes if isinstance(row, Refused | StaleWrite)]
    assert (len(won), len(lost)) == (1, 3)
    after = fresh(ready.case)
    assert len(after.history) == len(ready.case.history) + 1
    assert AuditEvent.objects(action=action.value).count() == 1
    assert (Submission.objects.count() <= 1, Certificate.objects.count() <= 1) == (True, True)


def test_of_two_different_steps_at_the_same_moment_one_wins() -> None:
    ready = steps.send_back()
    other = steps.hr()
    outcomes = at_once(
        ready.run, lambda: workflow.run(Action.REJECT, ready.case, other, NOW, reason="业绩不足")
    )
    assert len([row for row in outcomes if isinstance(row, Application)]) == 1
    assert len(fresh(ready.case).history) == 2


def test_recalling_and_beginning_to_check_exclude_each_other() -> None:
    ready = steps.recall()
    hr = steps.hr()
    outcomes = at_once(ready.run, lambda: judging.begin_check(ready.case, hr, NOW))
    after = fresh(ready.case)
    assert (after.state == "draft") is (after.hr_begun_at is None)
    assert len([row for row in outcomes if isinstance(row, Refused | NotEditable | StaleWrite)]) == 1


def test_submitting_and_saving_at_the_same_moment_freeze_one_content() -> None:
    ready = steps.submit()
    case, actor = ready.case, ready.actor
    at_once(
        ready.run, lambda: section_records.save_record(case, "basic", {"school": "武汉大学"}, 1, actor, NOW)
    )
    after = fresh(case)
    if after.state == "submitted":
        kept = Submission.objects.get()
        assert kept.content_revision == after.content_revision == 3
        assert after.record("basic").get("school") == "华中科技大学"
    else:
        assert after.record("basic").get("school") == "武汉大学"
        assert Submission.objects.count() == 0


def test_two_taking_the_last_place_of_a_quota_get_one() -> None:
    """Both see a free place; only one may take it."""
    for _ in range(3):
        round_ = make_round(quotas={"associate": 1}, endorsements=[])
        ready = [steps.recommend(round=round_) for _ in range(2)]
        outcomes = at_once(*[row.run for row in ready])
        assert len([row for row in outcomes if isinstance(row, Application)]) == 1
        assert sorted(fresh(row.case).state for row in ready) == ["panel", "unit_publicity"]


def test_one_live_application_per_person_and_year_whatever_races() -> None:
    person, round_ = make_person(), make_round()

    def insert() -> Application:
        return make_application(person=person, round=round_, photo=None)

    outcomes = at_once(*[insert] * 5)
    assert len([row for row in outcomes if isinstance(row, Application)]) == 1
    assert len([row for row in outcomes if isinstance(row, NotUniqueError)]) == 4
    assert Application.objects(person=person).count() == 1


def test_numbers_of_applications_are_unique_and_without_gaps_under_a_race() -> None:
    ready = [steps.submit() for _ in range(5)]
    outcomes = at_once(*[row.run for row in ready])
    assert sorted(row.number for row in outcomes) == [f"20260100{n:03d}" for n in range(1, 6)]


def test_certificates_issued_at_the_same_moment_have_numbers_of_their_own() -> None:
    """G32."""
    ready = [steps.issue() for _ in range(4)]
    at_once(*[row.run for row in ready])
    assert sorted(row.number for row in Certificate.objects) == [f"JCUT20260120000{n}" for n in range(1, 5)]


def test_a_serial_taken_in_an_aborted_transaction_is_given_out_again() -> None:
    def body() -> None:
        assert next_serial("x") == 1
        raise Aborted

    with pytest.raises(Aborted):
        transaction(body)
    assert Counter.objects.count() == 0
    assert [next_serial("x"), next_serial("x"), next_serial("y")] == [1, 2, 1]


def test_serials_taken_outside_a_transaction_at_the_same_moment_differ() -> None:
    assert sorted(at_once(*[lambda: next_serial("x")] * 8)) == list(range(1, 9))


def test_doubting_and_accepting_the_rest_at_the_same_moment_keep_the_doubt() -> None:
    case = make_application(
        State.SUBMITTED, achievements=[contents.project(uid="1" * 32), contents.award(uid="2" * 32)]
    )
    first, second = steps.hr(), steps.hr()
    judging.judge(case, ["1" * 32], Verdict.DOUBT, "排名待核", first, NOW)
    with pytest.raises(StaleWrite):
        judging.accept_rest(case, second, NOW)  # a page read before the doubt
    assert judging.accept_rest(fresh(case), second, NOW) == 1
    assert [entry.judgement.verdict for entry in fresh(case).achievements] == ["doubt", "accept"]


# --- what a repeated body must not double ----------------------------------------------------------


def test_a_repeated_step_writes_its_rows_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first attempt meets a conflict after all its writes."""
    ready = steps.submit()
    runs: list[int] = []
    real = records.notify

    def once_in_conflict(application: Application, *args: Any, **options: Any) -> None:
        real(application, *args, **options)
        runs.append(1)
        if len(runs) == 1:
            conflict = OperationFailure("conflict", 112)
            conflict._add_error_label("TransientTransactionError")
            raise conflict

    monkeypatch.setattr(workflow, "notify", once_in_conflict)
    after = ready.run()
    assert len(runs) == 2
    assert (after.revision, len(after.history), after.number) == (1, 1, "20260100001")
    assert [AuditEvent.objects.count(), OutboxRow.objects.count(), Submission.objects.count()] == [1, 1, 1]


def test_an_application_is_never_saved_whole() -> None:
    """Two saves of old copies would silently lose one."""
    case = make_application()
    with pytest.raises(RuntimeError):
        case.save()
    assert stored(case)["revision"] == 0


def test_one_certificate_per_application() -> None:
    ready = steps.issue()
    make_certificate(ready.case)
    with pytest.raises(Refused, match="已经发过证书"):
        ready.run()
    assert fresh(ready.case).state == "confirmed"
