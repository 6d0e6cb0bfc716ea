"""The material table: planned, applied, placed in the form, answered, settled, undone (G08, G24)."""

from collections.abc import Mapping
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from bson import ObjectId

from models.application import Application
from models.audit import AuditEvent
from models.choices import Action, MaterialState, Role, Settlement, Severity, State
from models.material import MaterialEntry, MaterialScan
from models.messages import Message, PingshenError
from models.outbox import OutboxRow
from models.person import Person
from models.review_round import ReviewRound
from models.sections import Attachment
from models.unit import Unit
from models.values import PartialDate
from panel.domain import actors
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.checks import requirements
from panel.domain.content import files, section_records
from panel.domain.content.entries import can_remove, move_entry, remove_entry, save_entry
from panel.domain.content.material import differences, place_material, table_of
from panel.domain.content.start import Selection, create
from panel.domain.errors import Invalid, NotEditable, NotFound, Refused, StaleWrite
from panel.domain.material import answers, applying, planning, settling, undoing
from panel.domain.material.typed_rows import Change, TypedRow, What
from panel.domain.rounds.parts import AskedForm
from panel.domain.steps import workflow
from panel.services import sweeping
from tests.contents import award, make_complete, make_lecturer
from tests.factories import (
    NOW,
    applicant_of,
    fresh,
    make_actor,
    make_application,
    make_entry,
    make_person,
    make_round,
)

pytestmark = pytest.mark.usefixtures("database")

SCAN = Attachment(slot="", name="1.pdf", mime="application/pdf", size=9, sha256="ab")
AWARD = {
    "name": "校级教学优秀奖",
    "start": "2022.9",
    "rank": "3",
    "grade": "二等奖",
    "awarder": "江城理工学院",
}
PROJECT = {
    "category": "湖北省教育厅科学研究计划项目",
    "name": "面向新工科的课程体系研究",
    "start": "2021-03",
    "rank": "1",
    "status": "在研",
    "source": "湖北省教育厅",
}


def complete(person: Person) -> dict[str, Any]:
    """The content of an application with nothing missing."""
    made = make_complete(State.WITHDRAWN, person=person)
    names = ("sections", "education", "work_history", "achievements", "assessments", "attachments", "edition")
    return {name: getattr(made, name) for name in names}


class Desk:
    """A round, HR of the unit, and one lecturer."""

    def __init__(self) -> None:
        self.round: ReviewRound = make_round()
        self.hr: Actor = make_actor(Role.UNIT_HR)
        self.person: Person = make_lecturer(name="林晓静", staff_number="20160011")

    def row(
        self, section: str = "performance", kind: str = "award", place: str = "奖励 第3行", **values: str
    ) -> TypedRow:
        return TypedRow(self.person.staff_number, self.person.name, section, kind, values or AWARD, place)

    def plan(self, *rows: TypedRow) -> list[Change]:
        return planning.plan(self.round, rows, self.hr)

    def load(self, *rows: TypedRow, batch: ObjectId | None = None) -> ObjectId:
        """Plan and apply `rows`; returns the batch."""
        key = batch or ObjectId()
        applying.apply(self.round, self.plan(*rows), key, self.hr, NOW)
        return key

    def start(self, state: State = State.DRAFT, **values: Any) -> Application:
        """The lecturer's application, with the table in it."""
        made = make_application(state, person=self.person, round=self.round, **values)
        place_material(made.id, NOW)
        return fresh(made)

    def entry(self, **query: Any) -> MaterialEntry:
        found: MaterialEntry = MaterialEntry.objects.get(**({"is_live": True} | query))
        return found


@pytest.fixture
def desk(database: Any) -> Desk:
    return Desk()


def whats(changes: list[Change]) -> list[str]:
    return [change.what.value for change in changes]


def text(message: Message | None) -> str:
    return str(message)


def confirmed(application: Application, row: MaterialEntry) -> MaterialEntry:
    answers.confirm(application, {row.uid: row.version}, applicant_of(application), NOW)
    stored: MaterialEntry = MaterialEntry.objects.get(id=row.id)
    return stored


# --- planning --------------------------------------------------------------------------------------


def test_new_achievement_is_planned_as_created_and_the_same_file_again_as_same(desk: Desk) -> None:
    assert whats(desk.plan(desk.row())) == ["create"]
    desk.load(desk.row())
    assert whats(desk.plan(desk.row())) == ["same"]


def test_the_plan_shows_what_becomes_different_in_words(desk: Desk) -> None:
    desk.load(desk.row())
    (change,) = desk.plan(desk.row(**AWARD | {"rank": "2", "start": "2022年9月"}))
    assert (change.what, dict(change.before), dict(change.after)) == (
        What.CHANGE,
        {"rank": "3"},
        {"rank": "2"},
    )


def test_a_mended_spelling_changes_the_entry_instead_of_adding_one(desk: Desk) -> None:
    desk.load(desk.row())
    (change,) = desk.plan(desk.row(**AWARD | {"name": "校级教学质量优秀奖"}))
    assert change.what is What.CHANGE
    assert dict(change.after) == {"name": "校级教学质量优秀奖"}


def test_what_the_new_table_no_longer_has_is_named(desk: Desk) -> None:
    desk.load(desk.row(), desk.row(**AWARD | {"name": "省级科技进步奖"}))
    changes = desk.plan(desk.row())
    assert whats(changes) == ["same", "gone"]
    assert changes[1].before["name"] == "省级科技进步奖"


def test_kinds_that_the_file_does_not_hold_are_left_alone(desk: Desk) -> None:
    desk.load(desk.row(), desk.row(kind="project", **PROJECT))
    assert whats(desk.plan(desk.row())) == ["same"]


def test_an_empty_cell_clears_and_a_missing_column_keeps(desk: Desk) -> None:
    desk.load(desk.row())
    without = {key: value for key, value in AWARD.items() if key != "awarder"}
    assert whats(desk.plan(desk.row(**without))) == ["same"]
    (change,) = desk.plan(desk.row(**AWARD | {"awarder": ""}))
    assert (dict(change.before), dict(change.after)) == ({"awarder": "江城理工学院"}, {"awarder": ""})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rank": "三"}, "“本人排序”请填写数字，如 5"),
        ({"start": "去年"}, "“获奖时间”无法识别为日期，请写成 2023-05 或 2023-05-17"),
        ({"name": ""}, "这一行没有名称，请补上再导入。"),
        ({"clause": "a1"}, "这一类内容没有这一栏；“符合条款”由申报人本人选择，不从材料表导入。"),
    ],
)
def test_a_row_that_can_not_be_read_says_why(desk: Desk, values: dict[str, str], message: str) -> None:
    (change,) = desk.plan(desk.row(**AWARD | values))
    assert (change.what, text(change.message)) == (What.REFUSE, message)


def test_an_unknown_kind_is_refused(desk: Desk) -> None:
    (change,) = desk.plan(desk.row(kind="medal"))
    assert text(change.message) == "请为这一行选择类别（如项目、奖励、论文）。"


def test_the_same_achievement_twice_in_a_file_is_refused_the_second_time(desk: Desk) -> None:
    changes = desk.plan(desk.row(), desk.row(place="奖励 第9行"))
    assert whats(changes) == ["create", "refuse"]
    assert text(changes[1].message) == "与“奖励 第3行”是同一条，表中不要重复。"


def test_somebody_of_another_unit_is_refused_in_the_words_for_nobody(desk: Desk) -> None:
    other = Unit(code="other", name="江城大学").save()
    make_person(unit=other, staff_number="X1", name="赵六")
    known, unknown = (
        planning.plan(desk.round, [TypedRow(number, "赵六", "performance", "award", AWARD, "")], desk.hr)[0]
        for number in ("X1", "X2")
    )
    assert text(known.message) == "本单位的人员名册里没有工号 X1，请核对工号。"
    assert text(unknown.message) == "本单位的人员名册里没有工号 X2，请核对工号。"


def test_a_number_with_another_name_is_refused(desk: Desk) -> None:
    (change,) = desk.plan(TypedRow("20160011", "张三", "performance", "award", AWARD, ""))
    assert text(change.message) == "工号 20160011 在名册中是“林晓静”，与表中的“张三”不是同一人，请核对。"


def test_a_name_with_spaces_inside_is_the_same_name(desk: Desk) -> None:
    assert whats(desk.plan(TypedRow("20160011", "林 晓　静", "performance", "award", AWARD, ""))) == [
        "create"
    ]


def test_a_name_without_number_must_be_the_only_one(desk: Desk) -> None:
    row = TypedRow("", "林晓静", "performance", "award", AWARD, "")
    assert whats(desk.plan(row)) == ["create"]
    make_person(name="林晓静")
    assert text(desk.plan(row)[0].message) == "名册里有 2 位“林晓静”，请补上工号。"


def test_hr_does_not_import_their_own_material(desk: Desk) -> None:
    own = make_actor(Role.UNIT_HR, person=desk.person)
    (change,) = planning.plan(desk.round, [desk.row()], own)
    assert text(change.message) == "这是您本人的材料，由其他人事人员导入。"


# --- applying --------------------------------------------------------------------------------------


def test_applying_counts_what_it_did_and_writes_one_audit_event(desk: Desk) -> None:
    rows = [desk.row(), desk.row(kind="project", **PROJECT), desk.row(kind="medal")]
    done = applying.apply(desk.round, desk.plan(*rows), ObjectId(), desk.hr, NOW)
    assert done == {"create": 2, "change": 0, "same": 0, "gone": 0, "refuse": 1, "stale": 0}
    assert AuditEvent.objects(action="material_apply").count() == 1


def test_applying_a_batch_again_does_nothing_twice(desk: Desk) -> None:
    changes, batch = desk.plan(desk.row()), ObjectId()
    for _ in range(2):
        assert applying.apply(desk.round, changes, batch, desk.hr, NOW)["create"] == 1
    assert MaterialEntry.objects.count() == 1


def test_of_two_imports_at_once_the_later_is_stale(desk: Desk) -> None:
    desk.load(desk.row())
    first, second = desk.plan(desk.row(**AWARD | {"rank": "1"})), desk.plan(desk.row(**AWARD | {"rank": "2"}))
    assert applying.apply(desk.round, first, ObjectId(), desk.hr, NOW)["change"] == 1
    assert applying.apply(desk.round, second, ObjectId(), desk.hr, NOW)["stale"] == 1
    assert desk.entry().values["rank"] == 1


def test_two_imports_of_the_same_achievement_in_two_threads_leave_one(desk: Desk) -> None:
    plans = [desk.plan(desk.row()), desk.plan(desk.row())]
    gate, done = Barrier(2), []

    def run(changes: list[Change]) -> None:
        gate.wait()
        done.append(applying.apply(desk.round, changes, ObjectId(), desk.hr, NOW))

    threads = [Thread(target=run, args=(changes,)) for changes in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((counts["create"], counts["stale"]) for counts in done) == [(0, 1), (1, 0)]
    assert MaterialEntry.objects.count() == 1


def test_a_plan_made_by_hr_of_the_unit_can_not_be_applied_by_another_units(desk: Desk) -> None:
    other = Unit(code="other", name="江城大学").save()
    with pytest.raises(NotFound):
        applying.apply(
            desk.round, desk.plan(desk.row()), ObjectId(), make_actor(Role.UNIT_HR, unit=other), NOW
        )
    assert MaterialEntry.objects.count() == 0


def test_the_speciality_of_the_table_is_set_on_the_roster(desk: Desk) -> None:  # G08
    option = desk.round.spec.specialities[1]
    row = TypedRow("20160011", "林晓静", "", "", {"speciality": option.label.zh}, "汇总 第4行")
    batch = desk.load(row)
    assert Person.objects.get(id=desk.person.id).speciality == option.value
    assert AuditEvent.objects(action="roster_edit", thing_id=str(desk.person.id)).count() == 1
    assert whats(desk.plan(row)) == ["same"]
    assert undoing.undo(batch, desk.hr, NOW) == {"create": 1}
    assert Person.objects.get(id=desk.person.id).speciality is None


def test_an_unknown_speciality_is_refused(desk: Desk) -> None:  # G08
    (change,) = desk.plan(TypedRow("20160011", "", "", "", {"speciality": "炼金术"}, ""))
    assert text(change.message) == "本批次没有“炼金术”这个申报专业，请写成批次里的专业名称。"


# --- placing ---------------------------------------------------------------------------------------


def test_the_entries_arrive_filled_in_locked_and_accepted(desk: Desk) -> None:  # G24
    desk.load(desk.row())
    (entry,) = desk.start().entries("performance")
    assert (entry.get("name"), entry.start, entry.rank) == ("校级教学优秀奖", PartialDate(2022, 9), 3)
    assert (entry.origin, entry.agreement, entry.judgement.verdict) == ("hr", "placed", "accept")
    assert entry.judgement.by == desk.hr.user_id
    assert sorted(entry.given) == ["awarder", "grade", "name", "rank", "start"]
    assert desk.entry().state == MaterialState.PLACED


def test_starting_an_application_brings_the_table_with_it(desk: Desk) -> None:
    desk.load(desk.row())
    spec = desk.round.spec
    selection = Selection("promotion", "associate", spec.committees[0].key, spec.specialities[0].value)
    user = applicant_of(make_application(State.WITHDRAWN, person=desk.person, round=desk.round))
    made = create(desk.person, desk.round, selection, True, user, NOW)
    assert [entry.uid for entry in made.entries("performance")] == [desk.entry().uid]
    assert made.revision == fresh(made).revision


def test_given_fields_can_not_be_posted_over_but_the_others_are_open(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    (entry,) = case.entries("performance")
    raw = {"name": "国家级教学成果奖", "rank": "1", "team": "8", "clause": "a4"}
    save_entry(case, "performance", entry.uid, raw, entry.version, applicant_of(case), NOW)
    (after,) = fresh(case).entries("performance")
    assert (after.get("name"), after.rank) == ("校级教学优秀奖", 3)
    assert (after.get("team"), after.clause, after.judgement.verdict) == (8, "a4", "accept")


def test_an_entry_of_the_table_can_not_be_removed(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    (entry,) = case.entries("performance")
    with pytest.raises(Refused, match="不能删除"):
        remove_entry(case, "performance", entry.uid, entry.version, applicant_of(case), NOW)
    assert not can_remove(case, entry, applicant_of(case), NOW)


def test_moving_entries_leaves_the_table_s_as_they_are(desk: Desk) -> None:
    desk.load(desk.row(), desk.row(kind="project", **PROJECT))
    case = desk.start()
    first, second = case.entries("performance")
    move_entry(case, "performance", second.uid, first.uid, applicant_of(case), NOW)
    assert [e.given for e in fresh(case).entries("performance")] == [second.given, first.given]


def test_the_tick_for_none_goes_when_the_table_has_something(desk: Desk) -> None:  # G21
    case = make_application(person=desk.person, round=desk.round)
    section_records.set_none(case, "performance", True, 0, applicant_of(case), NOW)
    desk.load(desk.row())
    after = fresh(case)
    assert not after.record("performance").none
    assert len(after.entries("performance")) == 1


def test_what_the_applicant_typed_already_becomes_the_table_s_with_its_proof(desk: Desk) -> None:
    own = make_entry(
        "performance", "award", name="校级 教学优秀奖", start=PartialDate(2022, 9), rank=1, clause="a4"
    )
    case = make_application(person=desk.person, round=desk.round, achievements=[own])
    batch = desk.load(desk.row())
    (entry,) = fresh(case).entries("performance")
    assert (entry.uid, entry.rank, entry.clause, desk.entry().uid) == (own.uid, 3, "a4", own.uid)
    undoing.undo(batch, desk.hr, NOW)
    (entry,) = fresh(case).entries("performance")
    assert (entry.uid, list(entry.given), entry.origin) == (own.uid, [], "applicant")


def test_a_new_import_changes_the_draft_and_asks_anew(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    confirmed(case, desk.entry())
    (entry,) = fresh(case).entries("performance")
    assert entry.agreement == "confirmed"
    desk.load(desk.row(**AWARD | {"rank": "1"}))
    (entry,) = fresh(case).entries("performance")
    assert (entry.rank, entry.agreement) == (1, "placed")
    assert OutboxRow.objects(person=desk.person).count() == 1


def test_what_was_submitted_stays_and_the_difference_is_known(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    Application.objects(id=case.id).update_one(set__state=State.SUBMITTED.value)
    desk.load(desk.row(**AWARD | {"rank": "1"}))
    after = fresh(case)
    assert after.entries("performance")[0].rank == 3
    assert desk.entry().differs
    ((row, entry),) = differences(AskedForm(after), table_of(desk.round.id, [desk.person.id]))
    assert row is not None
    assert entry is not None
    assert (row.values["rank"], entry.rank) == (1, 3)


def test_a_recalled_application_takes_the_table_as_it_is_by_now(desk: Desk) -> None:
    case = make_application(State.SUBMITTED, person=desk.person, round=desk.round)
    desk.load(desk.row())
    assert fresh(case).entries("performance") == []
    workflow.run(Action.RECALL, case, applicant_of(case), NOW)
    assert [entry.rank for entry in fresh(case).entries("performance")] == [3]
    assert not desk.entry().differs


def test_an_entry_that_is_gone_leaves_the_draft(desk: Desk) -> None:
    desk.load(desk.row(), desk.row(**AWARD | {"name": "省级科技进步奖"}))
    case = desk.start()
    desk.load(desk.row())
    assert [entry.get("name") for entry in fresh(case).entries("performance")] == ["校级教学优秀奖"]


def test_submitting_and_importing_at_the_same_moment_never_submit_what_nobody_confirmed(
    desk: Desk,
) -> None:
    """The import comes first and submitting is refused, or it comes second and the difference is marked."""
    desk.load(desk.row())
    case = desk.start(**complete(desk.person))
    me = applicant_of(case)
    row = desk.entry()
    (entry,) = [e for e in case.entries("performance") if e.uid == row.uid]
    save_entry(case, "performance", row.uid, {"clause": "a4"}, entry.version, me, NOW)
    confirmed(fresh(case), row)
    files.record_preview(fresh(case), fresh(case).content_revision, "ab", me, NOW)
    assert requirements.blocking(requirements.unmet(fresh(case), NOW)) == []
    changes = desk.plan(desk.row(**AWARD | {"rank": "1"}))
    gate = Barrier(2)

    def hand_in() -> None:
        seen = fresh(case)
        gate.wait()
        try:
            workflow.run(Action.SUBMIT, seen, me, NOW, pledge=True)
        except PingshenError:
            return

    def load() -> None:
        gate.wait()
        applying.apply(desk.round, changes, ObjectId(), desk.hr, NOW)

    threads = [Thread(target=hand_in), Thread(target=load)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after, row = fresh(case), desk.entry()
    (entry,) = [e for e in after.entries("performance") if e.uid == row.uid]
    assert row.values["rank"] == 1
    assert (after.state, entry.rank, entry.agreement, row.differs) in {
        ("draft", 1, "placed", False),
        ("submitted", 3, "confirmed", True),
    }


# --- the applicant's answers -----------------------------------------------------------------------


def ids(case: Application) -> list[str]:
    found = requirements.blocking(requirements.unmet(fresh(case), NOW))
    return [finding.id for finding in found if finding.id.startswith("agreement.")]


def test_an_entry_not_answered_blocks_and_a_confirmed_one_does_not(desk: Desk) -> None:  # G24
    desk.load(desk.row())
    case = desk.start()
    assert ids(case) == ["agreement.performance"]
    confirmed(case, desk.entry())
    assert ids(case) == []


def test_what_stands_beside_the_table_is_for_hr_to_judge(desk: Desk) -> None:  # G24
    own = desk.start(achievements=[award(name="没有进材料表的奖")])
    assert beside(own) == []
    desk.load(desk.row())
    assert beside(own) == ["没有进材料表的奖"]
    confirmed(own, desk.entry())
    assert (beside(own), ids(own)) == (["没有进材料表的奖"], [])


def beside(case: Application) -> list[str]:
    found = requirements.unmet(fresh(case), NOW)
    own = [f for f in found if f.id == "agreement.performance" and f.severity == Severity.JUDGE]
    return [str(f.entry and fresh(case).entries("performance")[0].get("name")) for f in own]


def test_confirming_is_no_change_of_content(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    confirmed(case, desk.entry())
    assert fresh(case).content_revision == case.content_revision


def test_a_confirmation_can_be_taken_back_in_a_draft_only(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    row = confirmed(case, desk.entry())
    me = applicant_of(case)
    answers.unconfirm(fresh(case), row.uid, row.version, me, NOW)
    assert desk.entry().state == MaterialState.PLACED
    assert ids(case) == ["agreement.performance"]
    Application.objects(id=case.id).update_one(set__state=State.SUBMITTED.value)
    row = desk.entry()
    with pytest.raises(NotEditable):
        answers.confirm(fresh(case), {row.uid: row.version}, me, NOW)


def test_confirming_what_an_import_has_changed_meanwhile_is_refused(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    seen = desk.entry()
    desk.load(desk.row(**AWARD | {"rank": "1"}))
    with pytest.raises(StaleWrite):
        answers.confirm(fresh(case), {seen.uid: seen.version}, applicant_of(case), NOW)
    assert desk.entry().state == MaterialState.PLACED


def test_confirm_and_import_at_the_same_moment_never_leave_an_unread_entry_confirmed(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    seen, me = desk.entry(), applicant_of(case)
    changes = desk.plan(desk.row(**AWARD | {"rank": "1"}))
    gate = Barrier(2)

    def agree() -> None:
        gate.wait()
        try:
            answers.confirm(fresh(case), {seen.uid: seen.version}, me, NOW)
        except PingshenError:
            return

    def load() -> None:
        gate.wait()
        applying.apply(desk.round, changes, ObjectId(), desk.hr, NOW)

    threads = [Thread(target=agree), Thread(target=load)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row, (entry,) = desk.entry(), fresh(case).entries("performance")
    # either the import came second and was stale, or the confirmation was refused
    assert (row.state, row.values["rank"], entry.rank, entry.agreement) in {
        ("confirmed", 3, 3, "confirmed"),
        ("placed", 1, 1, "placed"),
    }


def test_nobody_else_can_answer(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    row = desk.entry()
    for actor in (desk.hr, make_actor(Role.APPLICANT, person=make_person())):
        with pytest.raises(NotFound):
            answers.confirm(case, {row.uid: row.version}, actor, NOW)


def disputed(desk: Desk, case: Application, proposed: Mapping[str, str] | None = None) -> MaterialEntry:
    row = desk.entry()
    me = applicant_of(case)
    answers.dispute(
        fresh(case), row.uid, row.version, "排名应为第一", proposed or {"rank": "1"}, None, me, NOW
    )
    return desk.entry()


def test_a_dispute_needs_a_reason_and_readable_values(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    row, me = desk.entry(), applicant_of(case)
    with pytest.raises(Invalid) as refusal:
        answers.dispute(case, row.uid, row.version, " ", {"rank": "一"}, None, me, NOW)
    assert {key: str(message) for key, message in refusal.value.fields.items()} == {
        "reason": "请写明哪里不对、应该是什么。",
        "rank": "“本人排序”请填写数字，如 5",
    }
    assert desk.entry().state == MaterialState.PLACED


def test_an_open_dispute_blocks_and_says_who_must_act(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    row = disputed(desk, case)
    assert (row.state, row.dispute.proposed) == ("disputed", {"rank": 1})
    found = [f for f in requirements.unmet(fresh(case), NOW) if f.id == "agreement.performance"]
    assert str(found[0].message) == "您对“校级教学优秀奖”提出了异议，等人事部门处理后才能提交"


def test_a_dispute_can_be_taken_back(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    row = disputed(desk, case)
    answers.retract(fresh(case), row.uid, row.version, applicant_of(case), NOW)
    assert (desk.entry().state, desk.entry().dispute) == ("placed", None)


def test_an_import_does_not_drop_an_open_dispute(desk: Desk) -> None:
    desk.load(desk.row(), desk.row(kind="project", **PROJECT))
    case = desk.start()
    row = desk.entry(kind="award")
    answers.dispute(case, row.uid, row.version, "不是我的奖", {}, None, applicant_of(case), NOW)
    changes = desk.plan(desk.row(**AWARD | {"rank": "1"}))
    assert "尚未处理" in text(changes[0].message)
    desk.load(desk.row(**AWARD | {"rank": "1"}))
    assert desk.entry(kind="award").state == MaterialState.DISPUTED
    assert whats(desk.plan(desk.row(**AWARD | {"name": "全新的一项"}))) == ["create"]


# --- HR settles ------------------------------------------------------------------------------------


def test_correcting_changes_table_and_draft_and_tells_the_applicant(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    row = disputed(desk, case)
    settling.settle(row, Settlement.CORRECTED, "", AWARD | {"rank": "1"}, row.version, desk.hr, NOW)
    (entry,) = fresh(case).entries("performance")
    assert (entry.rank, entry.agreement, ids(case)) == (1, "settled", [])
    told = OutboxRow.objects(person=desk.person).order_by("-id").first()
    assert str(told.text) == "您对材料表“校级教学优秀奖”的异议，人事部门已处理：已更正。"


def test_keeping_needs_words_and_ends_the_dispute(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    row = disputed(desk, case)
    with pytest.raises(Invalid):
        settling.settle(row, Settlement.KEPT, " ", {}, row.version, desk.hr, NOW)
    settling.settle(row, Settlement.KEPT, "以获奖证书原件为准。", {}, row.version, desk.hr, NOW)
    row = desk.entry()
    assert (row.state, row.decision.words, ids(case)) == ("settled", "以获奖证书原件为准。", [])
    with pytest.raises(Refused, match="维持原内容"):
        answers.dispute(fresh(case), row.uid, row.version, "还是不对", {}, None, applicant_of(case), NOW)


def test_removing_takes_the_entry_out_of_table_and_draft(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    row = disputed(desk, case)
    settling.settle(row, Settlement.REMOVED, "不是本人成果。", {}, row.version, desk.hr, NOW)
    assert fresh(case).entries("performance") == []
    assert table_of(desk.round.id, [desk.person.id]) == []


def test_a_correction_that_changes_nothing_is_refused(desk: Desk) -> None:
    desk.load(desk.row())
    row = disputed(desk, desk.start())
    with pytest.raises(Invalid):
        settling.settle(row, Settlement.CORRECTED, "", AWARD, row.version, desk.hr, NOW)


def test_two_people_of_hr_can_not_settle_the_same_dispute(desk: Desk) -> None:
    desk.load(desk.row())
    row = disputed(desk, desk.start())
    settling.settle(row, Settlement.KEPT, "以证书为准。", {}, row.version, desk.hr, NOW)
    with pytest.raises(StaleWrite):
        settling.settle(row, Settlement.REMOVED, "错的。", {}, row.version, make_actor(Role.UNIT_HR), NOW)


def test_a_missing_achievement_is_reported_added_and_placed(desk: Desk) -> None:
    case = desk.start()
    me = applicant_of(case)
    row = answers.report(case, "performance", "award", "漏了这个奖", {"name": "优秀教师"}, None, me, NOW)
    assert (ids(case), fresh(case).entries("performance")) == (["agreement.performance"], [])
    settling.settle(row, Settlement.CORRECTED, "", AWARD, row.version, desk.hr, NOW)
    (entry,) = fresh(case).entries("performance")
    assert (entry.get("name"), entry.agreement, ids(case)) == ("校级教学优秀奖", "settled", [])


def test_a_report_can_be_refused_with_words_or_taken_back(desk: Desk) -> None:
    case = desk.start()
    me = applicant_of(case)
    first = answers.report(case, "performance", "award", "漏了", {"name": "优秀教师"}, None, me, NOW)
    second = answers.report(fresh(case), "performance", "award", "漏了", {"name": "优秀党员"}, None, me, NOW)
    settling.settle(first, Settlement.KEPT, "不属于业绩。", {}, first.version, desk.hr, NOW)
    assert fresh(case).missing_reports == 1
    answers.retract(fresh(case), second.uid, second.version, me, NOW)
    assert (fresh(case).missing_reports, ids(case)) == (0, [])
    assert fresh(case).entries("performance") == []


def test_hr_adds_mends_and_withdraws_by_hand(desk: Desk) -> None:
    case = desk.start()
    made = settling.add(desk.round, desk.person, "performance", "award", AWARD, desk.hr, NOW)
    assert len(fresh(case).entries("performance")) == 1
    with pytest.raises(Invalid):
        settling.add(desk.round, desk.person, "performance", "award", AWARD, desk.hr, NOW)
    row = desk.entry(id=made.id)
    settling.change(row, AWARD | {"rank": "1"}, row.version, desk.hr, NOW)
    assert fresh(case).entries("performance")[0].rank == 1
    row = desk.entry(id=made.id)
    settling.withdraw(row, "重复列入。", row.version, desk.hr, NOW)
    assert fresh(case).entries("performance") == []
    row = MaterialEntry.objects.get(id=made.id)
    settling.put_back(row, row.version, desk.hr, NOW)
    assert len(fresh(case).entries("performance")) == 1


def test_hr_of_another_unit_and_oneself_can_not_keep_the_table(desk: Desk) -> None:
    other = make_actor(Role.UNIT_HR, unit=Unit(code="other", name="江城大学").save())
    with pytest.raises(NotFound):
        settling.add(desk.round, desk.person, "performance", "award", AWARD, other, NOW)
    own = make_actor(Role.UNIT_HR, person=desk.person)
    with pytest.raises(Refused, match="本人的材料"):
        settling.add(desk.round, desk.person, "performance", "award", AWARD, own, NOW)


# --- undoing ---------------------------------------------------------------------------------------


def test_undoing_puts_everything_back(desk: Desk) -> None:
    desk.load(desk.row(), desk.row(**AWARD | {"name": "省级科技进步奖"}))
    case = desk.start()
    rows = (desk.row(**AWARD | {"rank": "1"}), desk.row(kind="project", **PROJECT))
    batch = desk.load(*rows)
    assert sorted(e.get("name") for e in fresh(case).entries("performance")) == [
        "校级教学优秀奖",
        "面向新工科的课程体系研究",
    ]
    assert undoing.undo(batch, desk.hr, NOW) == {"create": 1, "change": 1, "gone": 1}
    assert sorted((e.get("name"), e.rank) for e in fresh(case).entries("performance")) == [
        ("校级教学优秀奖", 3),
        ("省级科技进步奖", 3),
    ]


def test_undoing_twice_is_refused(desk: Desk) -> None:
    batch = desk.load(desk.row())
    undoing.undo(batch, desk.hr, NOW)
    with pytest.raises(Refused, match="已经撤销过"):
        undoing.undo(batch, desk.hr, NOW)


def test_what_somebody_confirmed_or_disputed_can_not_be_undone(desk: Desk) -> None:
    batch = desk.load(desk.row())
    case = desk.start()
    row = confirmed(case, desk.entry())
    with pytest.raises(Refused, match="如 林晓静 20160011"):
        undoing.undo(batch, desk.hr, NOW)
    answers.dispute(fresh(case), row.uid, row.version, "排名不对", {}, None, applicant_of(case), NOW)
    with pytest.raises(Refused):
        undoing.undo(batch, desk.hr, NOW)
    assert len(fresh(case).entries("performance")) == 1


def test_what_was_changed_again_since_can_not_be_undone(desk: Desk) -> None:
    batch = desk.load(desk.row())
    desk.load(desk.row(**AWARD | {"rank": "1"}))
    with pytest.raises(Refused):
        undoing.undo(batch, desk.hr, NOW)


def test_what_was_submitted_can_not_be_undone(desk: Desk) -> None:
    batch = desk.load(desk.row())
    case = desk.start()
    Application.objects(id=case.id).update_one(set__state=State.SUBMITTED.value)
    with pytest.raises(Refused):
        undoing.undo(batch, desk.hr, NOW)


def test_another_unit_s_hr_can_not_undo(desk: Desk) -> None:
    batch = desk.load(desk.row())
    other = make_actor(Role.UNIT_HR, unit=Unit(code="other", name="江城大学").save())
    with pytest.raises(NotFound):
        undoing.undo(batch, other, NOW + timedelta(days=1))
    assert desk.entry().is_live


# --- who sees it -----------------------------------------------------------------------------------


def test_the_table_is_seen_by_hr_and_supervision_of_the_unit_and_by_its_owner_alone(desk: Desk) -> None:
    desk.load(desk.row())
    other = Unit(code="other", name="江城大学").save()
    MaterialScan(round=desk.round, unit=desk.person.unit, person=desk.person, file=SCAN, at=NOW).save()
    MaterialScan(round=desk.round, unit=desk.person.unit, file=SCAN, at=NOW).save()
    owner = make_actor(Role.UNIT_HR, person=desk.person)
    sees = {
        "hr": (desk.hr, 1, 2),
        "supervisor": (make_actor(Role.SUPERVISOR), 1, 0),
        "owner in hr": (owner, 1, 1),
        "owner in hr, as hr": (owner, 0, 1),
        "hr elsewhere": (make_actor(Role.UNIT_HR, unit=other), 0, 0),
        "colleague": (make_actor(person=make_person()), 0, 0),
        "office": (make_actor(Role.OFFICE), 0, 0),
        "endorser": (make_actor(Role.ENDORSER, department="cs"), 0, 0),
        "admin": (make_actor(Role.ADMIN), 0, 0),
        "nobody": (actors.ANONYMOUS, 0, 0),
    }
    for who, (actor, entries, scans) in sees.items():
        as_roles = (Role.UNIT_HR,) if "as hr" in who else ()
        assert policy.visible(actor, MaterialEntry, *as_roles).count() == entries, who
        assert policy.visible(actor, MaterialScan, *as_roles).count() == scans, who


def test_files_of_scans_and_disputes_are_kept(desk: Desk) -> None:
    desk.load(desk.row())
    case = desk.start()
    row = desk.entry()
    proof = Attachment(
        slot="", name="2.pdf", mime="application/pdf", size=9, sha256="cd", thumbnail_sha256="ef"
    )
    answers.dispute(case, row.uid, row.version, "排名不对", {}, proof, applicant_of(case), NOW)
    MaterialScan(round=desk.round, unit=desk.person.unit, file=SCAN, at=NOW).save()
    assert {"ab", "cd", "ef"} <= sweeping.referenced()
