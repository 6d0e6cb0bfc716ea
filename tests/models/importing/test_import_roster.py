"""Importing the roster: what a messy file does, what is refused with which words, undo, two at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.application import Application
from models.audit import AuditEvent
from models.choices import Role, State
from models.imports import ImportBatch, ImportKind, ImportRow, ImportState, RowState
from models.person import Person
from models.unit import Unit
from models.values import SEALED, PartialDate, reveal
from panel.domain import records
from panel.domain.actors import Actor, actor_of
from panel.domain.errors import Invalid, Refused, StaleWrite
from panel.domain.importing import batches, roster_target, running
from panel.domain.importing.rows import RowContent
from panel.services import imports
from tests.factories import NOW, make_application, make_person, make_round, make_unit, make_user
from tests.workbooks import make_xlsx, messy_roster

HEAD = ["工号", "姓名", "所在部门"]
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def unit() -> Unit:
    make_round()
    return make_unit()


@pytest.fixture
def hr(unit: Unit) -> Actor:
    return actor_of(make_user(Role.UNIT_HR, name="林人事"))


def staff(**values) -> Person:
    """Somebody without an ID number, which the factory's would now and then contradict."""
    return make_person(**({"id_number": None} | values))


def upload(data: bytes, actor: Actor, name: str = "名册.xlsx") -> ImportBatch:
    batch = imports.upload(ImportKind.ROSTER, make_unit(), None, data, name, actor, NOW)
    imports.run(batch.id)
    return fresh(batch)


def fresh(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.get(id=batch.id)


def apply(batch: ImportBatch, actor: Actor, is_partial: bool = False) -> ImportBatch:
    batches.ask_apply(batch, actor, NOW, batch.version, is_partial)
    imports.run(batch.id)
    return fresh(batch)


def undo(batch: ImportBatch, actor: Actor) -> ImportBatch:
    batches.ask_undo(batch, actor, NOW, batch.version)
    imports.run(batch.id)
    return fresh(batch)


def rows(batch: ImportBatch, what: RowState) -> list[tuple[int, RowContent]]:
    found = ImportRow.objects(batch=batch.id, generation=batch.generation, what=what.value).order_by(
        "position"
    )
    return [(row.number, RowContent.of(row)) for row in found]


def problems(batch: ImportBatch) -> list[tuple[int, str, str]]:
    return [
        (number, key, str(message))
        for number, content in rows(batch, RowState.BAD)
        for key, message in content.problems.items()
    ]


def test_a_messy_roster_is_read_as_its_people_mean_it(unit, hr):
    batch = upload(messy_roster(), hr)
    assert problems(batch) == []
    assert batch.state == ImportState.READY
    assert (batch.sheets[0].top, batch.sheets[0].rows) == (2, 2)
    assert batch.counts == {"create": 4, "change": 0, "same": 0, "bad": 0, "gone": 0}
    assert apply(batch, hr).state == ImportState.APPLIED
    lin, chen, wang, mai = Person.objects.order_by("staff_number")
    assert (lin.staff_number, lin.name, lin.department) == ("20160011", "林晓雯", "cs")
    assert (chen.staff_number, chen.name, chen.birth_date) == ("20160012", "陈伟", date(1980, 5, 20))
    assert (chen.title_approved_on, chen.work_start) == (PartialDate(2019, 6), PartialDate(2005, 7))
    assert (wang.birth_date, wang.title_level, wang.title_series) == (
        date(1986, 4, 1),
        "associate",
        "teacher",
    )
    assert (mai.name, mai.title_approved_on, mai.in_service) == ("买买提·艾力", PartialDate(2020, 7), True)


def test_sum_and_note_below_the_rows_are_named_as_left_out(unit, hr):
    batch = upload(messy_roster(), hr)
    assert [number for number, _words in batch.sheets[0].skipped_rows] == [9, 10]


def test_only_what_differs_is_written_and_an_empty_cell_changes_nothing(unit, hr):
    person = staff(staff_number="T001", name="张伟", phone="13800000001", email="a@example.edu.cn")
    same = staff(staff_number="T002", name="李娜", title_level="middle")
    data = make_xlsx(
        [
            [*HEAD, "现职称", "邮箱"],
            ["T001", "张伟", "机械工程学院", None, None],
            ["T002", "李娜", "信息工程学院", None, "—"],
        ]
    )
    batch = upload(data, hr)
    assert batch.counts == {"create": 0, "change": 1, "same": 1, "bad": 0, "gone": 0}
    ((_, content),) = rows(batch, RowState.CHANGE)
    assert content.before == {"department": "cs"}
    apply(batch, hr)
    after = Person.objects.get(id=person.id)
    assert (after.department, after.phone, after.email) == ("me", "13800000001", "a@example.edu.cn")
    assert (after.title, after.version) == ("讲师", person.version + 1)
    assert Person.objects.get(id=same.id).version == same.version


def test_a_dash_clears_what_is_stored(unit, hr):
    person = staff(staff_number="T001", name="张伟", email="a@example.edu.cn")
    apply(upload(make_xlsx([[*HEAD, "邮箱", "手机"], ["T001", "张伟", None, "无", "—"]]), hr), hr)
    after = Person.objects.get(id=person.id)
    assert (after.email, after.phone) == (None, None)


def test_secrets_are_sealed_in_the_person_and_in_the_row(unit, hr):
    data = make_xlsx([[*HEAD, "身份证号"], ["T001", "张伟", "信息工程学院", "11010519491231002x"]])
    batch = apply(upload(data, hr), hr)
    stored = Person._get_collection().find_one({"staff_number": "T001"})
    assert stored["id_number"].startswith(SEALED)
    assert Person.objects.get(staff_number="T001").id_number == "11010519491231002X"
    row = ImportRow._get_collection().find_one({"batch": batch.id})
    assert row["content"].startswith(SEALED)
    assert "110105" not in str(row)
    assert "110105" not in str(list(AuditEvent._get_collection().find({})))


@pytest.mark.parametrize(
    ("cell", "column", "words"),
    [
        (420106198603121234, "身份证号", "后几位已经丢失"),
        ("4.20E+17", "身份证号", "后几位已经丢失"),
        ("110105194912310021", "身份证号", "身份证号不对"),
        (2025.10, "现职称批准日期", "2025-10"),
        ("2025年春", "现职称批准日期", "日期读不出来"),
        (2019, "现职称批准日期", "请写到月"),
        ("信息学院", "所在部门", "是不是“信息工程学院”"),
        ("未知", "性别", "可以填：男、女"),
        ("也许", "在职", "请填“是”或“否”"),
    ],
    ids=[
        "number",
        "exponent",
        "check-digit",
        "tenth",
        "spring",
        "year",
        "department",
        "gender",
        "in-service",
    ],
)
def test_a_bad_cell_is_refused_with_its_cure(unit, hr, cell, column, words):
    head = [*HEAD, column] if column != "所在部门" else HEAD
    row = ["T001", "张伟", "信息工程学院", cell] if column != "所在部门" else ["T001", "张伟", cell]
    batch = upload(make_xlsx([head, row]), hr)
    ((number, _key, message), *_rest) = problems(batch)
    assert number == 2
    assert words in message
    assert batch.counts["bad"] == 1


def test_two_people_with_one_number_are_both_refused(unit, hr):
    data = make_xlsx([HEAD, ["T001", "张伟", "信息工程学院"], ["T001", "李娜", "信息工程学院"]])
    batch = upload(data, hr)
    assert [(number, key) for number, key, _message in problems(batch)] == [
        (2, "staff_number"),
        (3, "staff_number"),
    ]


def test_another_name_under_a_known_number_is_refused(unit, hr):
    staff(staff_number="T001", name="张伟")
    batch = upload(make_xlsx([HEAD, ["T001", "李娜", "信息工程学院"]]), hr)
    ((_, key, message),) = problems(batch)
    assert key == "name"
    assert "张伟" in message


def test_a_person_of_another_unit_is_refused_without_a_word_about_them(unit, hr):
    other = make_unit(code="other", name="西湖大学")
    staff(staff_number="X001", name="外人甲", unit=other, department="physics")
    staff(staff_number="X002", name="外人乙", unit=other, id_number="11010519491231002X")
    data = make_xlsx(
        [
            [*HEAD, "身份证号", "工作单位"],
            ["X001", "张伟", "信息工程学院", None, None],
            ["T003", "李娜", "信息工程学院", "11010519491231002X", None],
            ["T004", "王芳", "信息工程学院", None, "西湖大学"],
        ]
    )
    batch = upload(data, hr)
    found = problems(batch)
    assert [(number, key) for number, key, _ in found] == [(2, "staff_number"), (3, "id_number"), (4, "unit")]
    assert not [words for words in ("外人", "西湖", "physics") if words in str(found)]
    with pytest.raises(Refused):
        batches.ask_apply(batch, hr, NOW, batch.version, is_partial=True)


def test_a_row_without_number_and_ones_own_row_are_refused(unit):
    own = staff(staff_number="T001", name="林人事")
    actor = actor_of(make_user(Role.UNIT_HR, name="林人事", person=own))
    batch = upload(
        make_xlsx([HEAD, ["T001", "林人事", "机械工程学院"], [None, "李娜", "信息工程学院"]]), actor
    )
    assert [(number, key) for number, key, _ in problems(batch)] == [(2, ""), (3, "staff_number")]


def test_good_rows_go_now_and_bad_ones_stay_out(unit, hr):
    batch = upload(make_xlsx([HEAD, ["T001", "张伟", "信息工程学院"], ["T002", "李娜", "没有这个"]]), hr)
    with pytest.raises(Refused):
        batches.ask_apply(batch, hr, NOW, batch.version)
    done = apply(batch, hr, is_partial=True)
    assert (done.state, done.partial, done.applied["create"]) == (ImportState.APPLIED, True, 1)
    assert [person.staff_number for person in Person.objects] == ["T001"]


def test_the_same_file_again_has_nothing_to_change(unit, hr):
    first = apply(upload(messy_roster(), hr), hr)
    again = upload(messy_roster(), hr)
    assert batches.same_file(again).id == first.id
    assert again.counts == {"create": 0, "change": 0, "same": 4, "bad": 0, "gone": 0}
    with pytest.raises(Refused, match="没有需要导入"):
        batches.ask_apply(again, hr, NOW, again.version)


def test_a_month_of_birth_is_the_day_that_the_id_number_or_the_roster_says(unit, hr):
    known = staff(staff_number="T004", name="王强", birth_date=date(1980, 7, 19))
    head = [*HEAD, "出生年月", "身份证号"]
    table = [
        ["T001", "张伟", "信息工程学院", "1949.12", "11010519491231002X"],
        ["T002", "李娜", "信息工程学院", date(1949, 12, 1), "11010519491231002X".lower()],
        ["T003", "王芳", "信息工程学院", "1949.11", None],
        ["T004", "王强", "信息工程学院", date(1980, 7, 1), None],
    ]
    first = upload(make_xlsx([head, table[0], table[2], table[3]]), hr)
    assert problems(first) == [(3, "birth_date", "请写到日，例如 2023-05-17。")]
    apply(first, hr, is_partial=True)
    assert Person.objects.get(staff_number="T001").birth_date == date(1949, 12, 31)
    assert Person.objects.get(id=known.id).birth_date == date(1980, 7, 19)
    Person.objects(staff_number="T001").delete()
    apply(upload(make_xlsx([head, table[1]]), hr), hr)
    assert Person.objects.get(staff_number="T002").birth_date == date(1949, 12, 31)


def test_undo_brings_back_what_was_there(unit, hr):
    person = staff(staff_number="T001", name="张伟", phone="13800000001", email=None)
    before = Person._get_collection().find_one({"_id": person.id})
    data = make_xlsx(
        [
            [*HEAD, "手机", "邮箱"],
            ["T001", "张伟", "机械工程学院", "13900000009", "a@b.cn"],
            ["T002", "李娜", "信息工程学院", None, None],
        ]
    )
    batch = apply(upload(data, hr), hr)
    assert Person.objects.count() == 2
    assert undo(batch, hr).state == ImportState.UNDONE
    after = Person._get_collection().find_one({"_id": person.id})
    changing = ("version", "updated_at")
    assert {k: reveal(v) for k, v in after.items() if k not in changing} == {
        k: reveal(v) for k, v in before.items() if k not in changing
    }
    assert Person.objects.count() == 1


def test_undo_is_refused_once_somebody_was_used(unit, hr):
    batch = apply(upload(messy_roster(), hr), hr)
    make_user(person=Person.objects.get(staff_number="20160011"))
    refused = undo(batch, hr)
    assert refused.state == ImportState.APPLIED
    assert "林晓雯" in str(refused.text)
    assert Person.objects.count() == 4


def test_nobody_takes_back_what_another_wrote_of_themselves(unit, hr):
    """R05: a sanction that a colleague imported would be gone by a click of whom it concerns."""
    oneself = staff(staff_number="T001", name="张伟")
    concerned = actor_of(make_user(Role.UNIT_HR, name="张伟", person=oneself))
    data = make_xlsx([[*HEAD, "处分"], ["T001", "张伟", "信息工程学院", "记过"]])
    batch = apply(upload(data, hr), hr)
    assert Person.objects.get(id=oneself.id).sanction == "demerit"
    refused = undo(batch, concerned)
    assert refused.state == ImportState.APPLIED
    assert "其他人事" in str(refused.text)
    assert Person.objects.get(id=oneself.id).sanction == "demerit"
    assert undo(refused, hr).state == ImportState.UNDONE


def test_undo_is_refused_where_a_row_changed_since(unit, hr):
    staff(staff_number="T001", name="张伟")
    batch = apply(upload(make_xlsx([HEAD, ["T001", "张伟", "机械工程学院"]]), hr), hr)
    Person.objects(staff_number="T001").update_one(set__title="副教授", inc__version=1)
    assert undo(batch, hr).state == ImportState.APPLIED
    assert Person.objects.get(staff_number="T001").department == "me"


def test_of_two_imports_at_once_the_loser_sees_what_changed_and_nothing_is_half_applied(unit, hr):
    staff(staff_number="T001", name="张伟")
    first = upload(make_xlsx([HEAD, ["T001", "张伟", "机械工程学院"]]), hr)
    colleague = actor_of(make_user(Role.UNIT_HR, name="吴人事"))
    second = upload(
        make_xlsx(
            [[*HEAD, "现职称"], ["T009", "周新", "信息工程学院", None], ["T001", "张伟", None, "副教授"]]
        ),
        colleague,
    )
    apply(first, hr)
    lost = apply(second, colleague)
    assert lost.state == ImportState.READY
    assert lost.stale == ["Sheet1!3"]
    assert "刚刚被别人改过" in str(lost.text)
    assert Person.objects(staff_number="T009").count() == 0
    won = apply(lost, colleague)
    assert won.state == ImportState.APPLIED
    person = Person.objects.get(staff_number="T001")
    assert (person.department, person.title) == ("me", "副教授")


def test_two_imports_of_one_new_person_make_one(unit, hr):
    data = make_xlsx([HEAD, ["T001", "张伟", "信息工程学院"]])
    first, second = upload(data, hr), upload(data, hr)
    apply(first, hr)
    lost = apply(second, hr)
    assert lost.counts["same"] == 1
    assert Person.objects(staff_number="T001").count() == 1


def test_a_decision_on_an_outdated_page_is_refused(unit, hr):
    batch = upload(messy_roster(), hr)
    batches.discard(batch, hr, NOW, batch.version)
    with pytest.raises(Refused):
        batches.ask_apply(batch, hr, NOW, batch.version)
    other = upload(messy_roster(), hr)
    with pytest.raises(StaleWrite):
        batches.ask_apply(other, hr, NOW, other.version - 1)


def test_hr_of_another_unit_decides_nothing(unit, hr):
    batch = upload(messy_roster(), hr)
    stranger = actor_of(make_user(Role.UNIT_HR, unit=make_unit(code="other", name="西湖大学")))
    for decide in (batches.ask_apply, batches.ask_undo, batches.discard):
        with pytest.raises(Refused):
            decide(batch, stranger, NOW, batch.version)


def test_drafts_follow_the_imported_roster_and_its_undoing(unit, hr):
    person = staff(staff_number="T001", name="张伟")
    draft = make_application(State.DRAFT, person=person)
    batch = apply(upload(make_xlsx([HEAD, ["T001", "张伟", "机械工程学院"]]), hr), hr)
    assert Application.objects.get(id=draft.id).department == "me"
    undo(batch, hr)
    assert Application.objects.get(id=draft.id).department == "cs"


def test_work_of_a_killed_process_is_taken_up_by_the_worker(unit, hr, monkeypatch):
    batch = upload(messy_roster(), hr)
    batches.ask_apply(batch, hr, NOW - timedelta(days=400), batch.version)
    claimed = running.claim(batch.id, NOW - timedelta(days=400))
    assert claimed is not None  # and then the process is killed
    assert running.claim(batch.id, NOW - timedelta(days=400)) is None
    assert imports.resume() == 1
    assert fresh(batch).state == ImportState.APPLIED
    assert Person.objects.count() == 4


def test_a_failure_while_writing_leaves_nothing_half_applied(unit, hr, monkeypatch):
    batch = upload(messy_roster(), hr)

    def explode(*_args, **_more):
        raise RuntimeError("power cut")

    monkeypatch.setattr(roster_target, "audit_many", explode)
    failed = apply(batch, hr)
    assert failed.state == ImportState.READY
    assert "没有写入任何内容" in str(failed.text)
    assert Person.objects.count() == 0


def test_a_failure_between_pieces_keeps_and_tells_what_is_written(unit, hr, monkeypatch):
    batch = upload(messy_roster(), hr)
    monkeypatch.setattr(roster_target.RosterTarget, "rows_at_once", 2)
    calls = []

    def explode_the_second_time(*args, **more):
        calls.append(args)
        if len(calls) > 1:
            raise RuntimeError("power cut")
        return records.audit_many(*args, **more)

    monkeypatch.setattr(roster_target, "audit_many", explode_the_second_time)
    failed = apply(batch, hr)
    assert (failed.state, failed.applied) == (ImportState.APPLIED, {"create": 2})
    assert "其余没有写入" in str(failed.text)
    assert Person.objects.count() == 2
    monkeypatch.undo()
    assert upload(messy_roster(), hr).counts["create"] == 2
    assert undo(failed, hr).state == ImportState.UNDONE
    assert Person.objects.count() == 0


def test_a_process_killed_between_pieces_goes_on_where_it_was(unit, hr, monkeypatch):
    batch = upload(messy_roster(), hr)
    monkeypatch.setattr(roster_target.RosterTarget, "rows_at_once", 2)
    long_ago = NOW - timedelta(days=400)
    batches.ask_apply(batch, hr, long_ago, batch.version)
    claimed = running.claim(batch.id, long_ago)

    def killed(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.apply(claimed, hr, NOW, killed)
    assert Person.objects.count() == 2
    assert imports.resume() == 1
    assert (fresh(batch).state, fresh(batch).applied) == (ImportState.APPLIED, {"create": 4})
    assert Person.objects.count() == 4


def test_a_row_changed_while_others_are_written_is_left_out_and_told(unit, hr, monkeypatch):
    people = [staff(staff_number=f"T{n}", name=f"张{n}") for n in range(3)]
    batch = upload(make_xlsx([HEAD, *([f"T{n}", f"张{n}", "机械工程学院"] for n in range(3))]), hr)
    monkeypatch.setattr(roster_target.RosterTarget, "rows_at_once", 1)
    batches.ask_apply(batch, hr, NOW, batch.version)
    claimed = running.claim(batch.id, NOW)

    def meanwhile(done: int) -> None:
        if done == 1:
            Person.objects(id=people[2].id).update_one(set__title="教授", inc__version=1)

    running.apply(claimed, hr, NOW, meanwhile)
    told = fresh(batch)
    assert (told.state, told.applied, told.stale) == (ImportState.APPLIED, {"change": 2}, ["Sheet1!4"])
    assert Person.objects.get(id=people[2].id).department == "cs"


def test_columns_chosen_by_hand_are_remembered_for_the_next_file(unit, hr):
    head = ["编码", "人员", "所在部门"]
    batch = upload(make_xlsx([head, ["T001", "张伟", "信息工程学院"]]), hr)
    assert batch.state == ImportState.UNMAPPED
    chosen = {"编码": "staff_number", "人员": "name", "所在部门": "department"}
    batches.choose(batch, [(True, 1, 1)], {}, hr, NOW, batch.version)
    imports.run(batch.id)
    batch = fresh(batch)
    batches.choose(batch, [(True, 1, 1)], chosen, hr, NOW, batch.version)
    imports.run(batch.id)
    assert fresh(batch).counts["create"] == 1
    again = upload(make_xlsx([head, ["T002", "李娜", "信息工程学院"]]), hr)
    assert (again.state, again.remembered) == (ImportState.READY, True)


def test_one_meaning_for_two_columns_is_refused(unit, hr):
    batch = upload(make_xlsx([[*HEAD, "电话", "手机"], ["T001", "张伟", "信息工程学院", "1", "2"]]), hr)
    chosen = {"工号": "staff_number", "姓名": "name", "电话": "phone", "手机": "phone"}
    with pytest.raises(Invalid) as refused:
        batches.choose(batch, [(True, 1, 1)], chosen, hr, NOW, batch.version)
    assert list(refused.value.fields) == ["手机"]


def test_audit_tells_of_the_batch_and_of_each_person(unit, hr):
    batch = apply(upload(messy_roster(), hr), hr)
    event = AuditEvent.objects.get(action="import_apply")
    assert (event.thing_id, event.unit, event.detail["create"]) == (str(batch.id), unit.id, 4)
    assert AuditEvent.objects(action="roster_import", unit=unit.id).count() == 4


def test_a_disabled_account_writes_nothing_more(unit):
    user = make_user(Role.UNIT_HR)
    actor = actor_of(user)
    batch = upload(messy_roster(), actor)
    batches.ask_apply(batch, actor, NOW, batch.version)
    user.update(set__is_enabled=False)
    imports.run(batch.id)
    assert fresh(batch).state == ImportState.READY
    assert Person.objects.count() == 0
