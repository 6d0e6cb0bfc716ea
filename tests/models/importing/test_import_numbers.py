"""Importing official numbers: certificate numbers and results of the provincial system, onto the cases."""

from __future__ import annotations

import pytest

from models.application import Application
from models.choices import Role, State
from models.imports import ImportBatch, ImportKind, ImportRow, ImportState, RowState
from panel.domain.actors import Actor, actor_of
from panel.domain.importing import batches
from panel.domain.importing.rows import RowContent
from panel.services import imports
from tests.factories import NOW, make_application, make_person, make_round, make_unit, make_user
from tests.workbooks import make_xlsx

HEAD = ["申报编号", "工号", "姓名", "证书编号", "评审结果", "批准日期"]
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def hr() -> Actor:
    make_unit()
    return actor_of(make_user(Role.UNIT_HR, name="林人事"))


def make_case(number: str = "T001", name: str = "张伟", **values) -> Application:
    person = make_person(staff_number=number, name=name, **values)
    return make_application(State.CONFIRMED, person=person)


def upload(rows: list[list], actor: Actor) -> ImportBatch:
    data = make_xlsx([HEAD, *rows])
    batch = imports.upload(ImportKind.NUMBERS, make_unit(), make_round(), data, "编号.xlsx", actor, NOW)
    imports.run(batch.id)
    return ImportBatch.objects.get(id=batch.id)


def decide(decision, batch: ImportBatch, actor: Actor, **how) -> ImportBatch:
    decision(batch, actor, NOW, batch.version, **how)
    imports.run(batch.id)
    return ImportBatch.objects.get(id=batch.id)


def official(case: Application) -> dict:
    return dict(Application.objects.get(id=case.id).official)


def problems(batch: ImportBatch) -> list[str]:
    found = ImportRow.objects(batch=batch.id, what=RowState.BAD.value).order_by("position")
    return [str(message) for row in found for message in RowContent.of(row).problems.values()]


def test_numbers_reach_the_case_by_application_number_or_staff_number(hr):
    first, second = make_case(), make_case("T002", "李娜")
    rows = [
        [first.number, None, "张 伟", "G420000202600123", "通过", "2026.12"],
        [None, "T002", "李娜", None, "未通过", None],
    ]
    batch = decide(batches.ask_apply, upload(rows, hr), hr)
    assert (batch.state, batch.applied) == (ImportState.APPLIED, {"create": 2})
    assert official(first) == {
        "certificate_number": "G420000202600123",
        "result": "通过",
        "approved_on": "2026-12",
    }
    assert official(second) == {"result": "未通过"}
    assert Application.objects.get(id=first.id).revision == first.revision + 1


def test_a_changed_number_replaces_only_itself_and_can_be_undone(hr):
    case = make_case()
    row = [case.number, None, "张伟", "G1", "通过", None]
    decide(batches.ask_apply, upload([row], hr), hr)
    assert upload([row], hr).counts["same"] == 1
    batch = upload([[case.number, None, "张伟", "G2", None, None]], hr)
    assert batch.counts["change"] == 1
    batch = decide(batches.ask_apply, batch, hr)
    assert official(case) == {"certificate_number": "G2", "result": "通过"}
    assert decide(batches.ask_undo, batch, hr).state == ImportState.UNDONE
    assert official(case) == {"certificate_number": "G1", "result": "通过"}


def test_undo_is_refused_once_the_numbers_changed_again(hr):
    case = make_case()
    first = decide(batches.ask_apply, upload([[case.number, None, "张伟", "G1", None, None]], hr), hr)
    decide(batches.ask_apply, upload([[case.number, None, "张伟", "G2", None, None]], hr), hr)
    assert decide(batches.ask_undo, first, hr).state == ImportState.APPLIED
    assert official(case) == {"certificate_number": "G2"}


def test_rows_that_fit_nobody_are_refused_in_words(hr):
    case = make_case()
    stranger = make_case("X001", "外人", unit=make_unit(code="other", name="西湖大学"))
    rows = [
        [stranger.number, None, "外人", "G1", None, None],
        [case.number, None, "李娜", "G1", None, None],
        [None, None, "张伟", "G1", None, None],
        [case.number, None, "张伟", 420106198603121234, None, None],
    ]
    found = problems(upload(rows, hr))
    assert "没有这个申报" in found[0]
    assert "西湖" not in found[0]
    assert "申报人是“张伟”" in found[1]
    assert "没有申报编号和工号" in found[2]
    assert "后几位已经丢失" in found[3]


def test_one_case_twice_and_ones_own_case_are_refused():
    own = make_case("T009", "林人事")
    actor = actor_of(make_user(Role.UNIT_HR, name="林人事", person=own.person))
    case = make_case()
    rows = [
        [case.number, None, "张伟", "G1", None, None],
        [None, "T001", "张伟", "G2", None, None],
        [own.number, None, "林人事", "G3", None, None],
    ]
    found = problems(upload(rows, actor))
    assert "不止一次" in found[0]
    assert "本人" in found[1]


def test_who_loses_a_race_sees_what_is_there_now(hr):
    case = make_case()
    first, second = (upload([[case.number, None, "张伟", number, None, None]], hr) for number in ("G1", "G2"))
    decide(batches.ask_apply, first, hr)
    lost = decide(batches.ask_apply, second, hr)
    assert (lost.state, lost.stale, lost.counts["change"]) == (ImportState.READY, ["Sheet1!2"], 1)
    assert official(case) == {"certificate_number": "G1"}
