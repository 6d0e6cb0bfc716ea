"""A roster and a material table of 10,000 rows: read and checked, written, taken back."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from bench.support import account, measured
from models.choices import RoundState
from models.imports import ImportBatch, ImportKind, ImportState
from models.review_round import ReviewRound
from models.unit import Unit
from models.user import User
from panel import clock
from panel.domain.actors import actor_of
from panel.domain.importing import batches
from panel.services import imports

ROWS = 10_000
HEAD = (f"{ROWS} rows", "clock", "processors", "memory")
_PEOPLE = 3000
_FAMILY, _GIVEN = "赵钱孙李周吴郑王冯陈", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
_TITLES = ("讲师", "副教授", "教授", "助教")


def rows() -> Iterator[tuple[str, ...]]:
    """A row per step of each file."""
    roster = _roster()
    yield from _steps("roster, new people", ImportKind.ROSTER, roster, is_undone=False)
    changed = [roster[0], *([*row[:-1], "2011-08"] for row in roster[1:])]
    yield from _steps("roster, one cell of each changed", ImportKind.ROSTER, changed, is_undone=True)
    yield from _steps("material table", ImportKind.MATERIAL, _material(roster[1:]), is_undone=True)


def _steps(title: str, kind: ImportKind, rows: list[list[str]], is_undone: bool) -> Iterator[tuple[str, ...]]:
    data, actor = _workbook(rows), actor_of(User.objects.get(username=account("unit_hr")))
    unit = Unit.objects.get(code="jcut")
    round = ReviewRound.objects(state=RoundState.OPEN.value, code__startswith="teacher").first()

    def upload() -> ImportBatch:
        batch = imports.upload(kind, unit, round, data, "bench.xlsx", actor, clock.now())
        imports.run(batch.id)
        return _now(batch, ImportState.READY)

    def apply() -> ImportBatch:
        batches.ask_apply(batch, actor, clock.now(), batch.version)
        imports.run(batch.id)
        return _now(batch, ImportState.APPLIED)

    def undo() -> ImportBatch:
        batches.ask_undo(batch, actor, clock.now(), batch.version)
        imports.run(batch.id)
        return _now(batch, ImportState.UNDONE)

    yield _timed(f"{title}: cells alone (calamine)", lambda: _cells(data))[1]
    batch, row = _timed(f"{title}: uploaded, read, checked", upload)
    yield row
    batch, row = _timed(f"{title}: written", apply)
    yield row
    if is_undone:
        yield _timed(f"{title}: taken back", undo)[1]


def _timed(title: str, deed: Callable[[], Any]) -> tuple[Any, tuple[str, ...]]:
    with measured() as found:
        result = deed()
    return result, (title, *found.cells())


def _now(batch: ImportBatch, state: ImportState) -> ImportBatch:
    found: ImportBatch = ImportBatch.objects.get(id=batch.id)
    if found.state != state or found.counts.get("bad"):
        raise SystemExit(f"import is {found.state} with {found.counts}: {found.text}")
    return found


def _cells(data: bytes) -> int:
    return sum(
        1 for _row in CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).iter_rows()
    )


def _roster() -> list[list[str]]:
    """People whom nobody knows yet, ten columns each."""
    chance = random.Random(20261129)
    departments = [row.name for row in Unit.objects.get(code="jcut").departments if not row.is_office]
    head = "工号 姓名 性别 出生日期 所在部门 手机 现职称 现职称批准日期 来本单位时间 参加工作时间"
    made = [head.split()]
    for serial in range(ROWS):
        name = chance.choice(_FAMILY) + "".join(chance.choices(_GIVEN, k=2))
        born = f"{1965 + serial % 33}-{1 + serial % 12:02d}-{1 + serial % 28:02d}"
        place, title = departments[serial % len(departments)], _TITLES[serial % len(_TITLES)]
        phone = f"138{serial:08d}"
        cells = [f"7{serial:07d}", name, "男女"[serial % 2], born, place, phone, title]
        made.append([*cells, "2018-12", "2012-09", "2012-07"])
    return made


def _material(people: list[list[str]]) -> list[list[str]]:
    """Some achievements of each of a part of these people."""
    made = [["工号", "姓名", "类别", "名称", "时间", "排名", "等次", "颁奖单位"]]
    for serial in range(ROWS):
        number, name = people[serial % _PEOPLE][:2]
        title = f"第{serial}届青年教师教学竞赛"
        made.append([number, name, "奖励", title, "2022-05", "1", "一等奖", "湖北省教育厅"])
    return made


def _workbook(rows: list[list[str]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return target.getvalue()
