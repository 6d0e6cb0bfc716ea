"""Importing the material table: both shapes, what is recognised in words, refusals, undo, what is gone."""

from __future__ import annotations

import pytest

from models.choices import Role
from models.imports import ImportBatch, ImportKind, ImportRow, ImportState, RowState
from models.material import MaterialEntry
from models.person import Person
from models.round_spec import RoundSpec
from models.values import PartialDate, reveal
from panel.domain.actors import Actor, actor_of
from panel.domain.importing import batches, material_columns
from panel.domain.importing.material_cells import MaterialCells
from panel.domain.importing.rows import RowContent, Source
from panel.domain.tables.sheet import Line
from panel.services import imports
from tests.factories import NOW, make_person, make_round, make_unit, make_user, shipped_spec
from tests.workbooks import make_xlsx

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def hr() -> Actor:
    make_round()
    make_unit()
    return actor_of(make_user(Role.UNIT_HR, name="林人事"))


@pytest.fixture
def lin(hr) -> Person:
    return make_person(staff_number="20160011", name="林晓雯")


@pytest.fixture
def chen(hr) -> Person:
    return make_person(staff_number="20160012", name="陈伟")


def upload(data: bytes, actor: Actor) -> ImportBatch:
    batch = imports.upload(ImportKind.MATERIAL, make_unit(), make_round(), data, "材料表.xlsx", actor, NOW)
    imports.run(batch.id)
    return fresh(batch)


def fresh(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.get(id=batch.id)


def apply(batch: ImportBatch, actor: Actor, **how: bool) -> ImportBatch:
    batches.ask_apply(batch, actor, NOW, batch.version, **how)
    imports.run(batch.id)
    return fresh(batch)


def contents(batch: ImportBatch, *what: RowState) -> list[RowContent]:
    found = ImportRow.objects(batch=batch.id, what__in=[w.value for w in what]).order_by("position")
    return [RowContent.of(row) for row in found]


def entries(person: Person) -> list[dict]:
    found = MaterialEntry.objects(person=person.id, is_live=True, section__ne="").order_by("title")
    return [
        {"kind": entry.kind} | {key: str(reveal(value)) for key, value in entry.values.items()}
        for entry in found
    ]


WORDS = [
    ["2026 年度申报人员材料表（副高）", None, None, None, None, None],
    ["序号", "工号", "姓 名", "申报专业", "获奖情况", "发表论文情况"],
    [
        1,
        20160011,
        "林 晓雯",
        "计算机科学与技术",
        "1.2022年5月获湖北省教学成果奖二等奖（排名第2）\n2.2023.6获校级教学优秀奖",
        "①《基于图的研究》，《计算机工程》，2023.5，第一作者，CSCD②《课堂观察》，《高教探索》，2021年3月，第2作者",
    ],
    [2, 20160012, "陈伟", "软件工程", "无", "《测试方法》，《软件学报》，2022-09，独著"],
    ["注：以证书为准。"],
]


def test_several_achievements_in_a_cell_become_entries_with_date_and_rank(hr, lin, chen):
    batch = upload(make_xlsx({"副高": WORDS}), hr)
    assert [content.problems for content in contents(batch, RowState.BAD)] == []
    assert batch.counts["create"] == 7  # five achievements and two specialities
    assert apply(batch, hr).state == ImportState.APPLIED
    assert Person.objects.get(id=lin.id).speciality == "computer_science"
    by_kind = {(row["kind"], row["name"]): row for row in entries(lin)}
    prize = by_kind["award", "湖北省教学成果奖二等奖"]
    assert (prize["start"], prize["rank"]) == ("2022-05", "2")
    paper = by_kind["paper", "基于图的研究"]
    assert (paper["journal"], paper["start"], paper["rank"]) == ("计算机工程", "2023-05", "1")
    assert paper["indexed"] == "['cscd']"
    assert by_kind["paper", "课堂观察"]["rank"] == "2"
    assert [row["name"] for row in entries(chen)] == ["测试方法"]


def test_what_is_not_recognised_is_named_and_left_to_the_applicant(hr, lin, chen):
    batch = upload(make_xlsx({"副高": WORDS}), hr)
    prize = next(c for c in contents(batch, RowState.CREATE) if c.values["kind"] == "award")
    assert [str(note) for note in prize.notes] == ["这些栏没有认出来，由申报人补填：颁奖单位"]


ROWS = [
    "工号 姓名 项目类别 项目名称 立项时间 结项时间 本人排序 项目状态 项目来源 经费".split(),  # noqa: SIM905
    "20160011 林晓雯 省教育厅科研项目 图神经网络研究 2020.9 2023年6月 第2 已结项 湖北省教育厅 3万元".split(),  # noqa: SIM905
    [None, None, "校级教改项目", "课程改革", "2021-03", "至今", "主持", "在研", "江城理工学院", None],
]


def test_one_achievement_per_row_with_merged_names_and_the_kind_of_the_sheet(hr, lin):
    batch = upload(make_xlsx({"科研项目": ROWS}, {"科研项目": ["A2:A3", "B2:B3"]}), hr)
    assert [content.problems for content in contents(batch, RowState.BAD)] == []
    apply(batch, hr)
    first, second = sorted(entries(lin), key=lambda row: row["start"])
    assert first["kind"] == "project"
    assert (first["name"], first["start"], first["end"]) == ("图神经网络研究", "2020-09", "2023-06")
    assert (first["rank"], first["status"], first["funds"]) == ("2", "finished", "3.0")
    assert (second["name"], second["rank"], second["status"]) == ("课程改革", "1", "ongoing")
    assert "end" not in second


def test_the_kind_comes_from_its_column_or_is_asked_for(hr, lin):
    head = ["工号", "姓名", "类别", "名称", "时间", "排名"]
    good = ["20160011", "林晓雯", "专著", "软件测试", "2021.3", 1]
    odd = ["20160011", "林晓雯", "其他", "什么", "2021.3", 1]
    none = ["20160011", "林晓雯", None, "什么", "2021.3", 1]
    batch = upload(make_xlsx([head, good, odd, none]), hr)
    assert [content.values["kind"] for content in contents(batch, RowState.CREATE)] == ["book"]
    wrong = [
        str(message) for content in contents(batch, RowState.BAD) for message in content.problems.values()
    ]
    assert "“其他”不在“类别”的选项里" in wrong[0]
    assert "不知道这一条是什么类别" in wrong[1]


def test_unreadable_cells_point_at_their_column(hr, lin):
    bad = ["20160011", "林晓雯", "项目", "甲项目", "2020年春", None, "若干", "做完了", "省厅", None]
    batch = upload(make_xlsx({"项目": [ROWS[0], bad]}), hr)
    ((content,),) = [contents(batch, RowState.BAD)]
    assert "f:status" in content.problems
    sent = ["20160011", "林晓雯", "项目", "甲项目", 2020.1, None, 1, "在研", "省厅", None]
    ((content,),) = [contents(upload(make_xlsx({"项目": [ROWS[0], sent]}), hr), RowState.BAD)]
    assert list(content.problems) == ["f:start"]
    assert content.columns["f:start"] == 4


def test_people_are_known_by_number_or_by_a_name_that_is_only_theirs(hr, lin):
    make_person(staff_number="T1", name="张伟")
    make_person(staff_number="T2", name="张伟")
    make_person(staff_number="X1", name="外人", unit=make_unit(code="other", name="西湖大学"))
    head = ["工号", "姓名", "论文"]
    rows = [
        [None, "林晓雯", "《甲》，2023.5"],
        [None, "张伟", "《乙》，2023.5"],
        ["X1", "外人", "《丙》，2023.5"],
        ["20160011", "李娜", "《丁》，2023.5"],
    ]
    batch = upload(make_xlsx([head, *rows]), hr)
    assert batch.counts["create"] == 1
    wrong = [next(iter(content.problems.values())) for content in contents(batch, RowState.BAD)]
    assert "2 位“张伟”" in str(wrong[0])
    assert "没有工号 X1" in str(wrong[1])
    assert "西湖" not in str(wrong[1])
    assert "不是同一人" in str(wrong[2])


def test_the_same_table_again_changes_nothing_and_a_corrected_one_only_what_differs(hr, lin, chen):
    apply(upload(make_xlsx({"副高": WORDS}), hr), hr)
    assert upload(make_xlsx({"副高": WORDS}), hr).counts["same"] == 7
    changed = [list(row) for row in WORDS]
    changed[3][5] = "《测试方法》，《软件学报》，2022-09，第2作者"
    batch = upload(make_xlsx({"副高": changed}), hr)
    assert (batch.counts["change"], batch.counts["same"]) == (1, 6)


def test_what_the_table_no_longer_has_goes_only_when_asked(hr, lin, chen):
    apply(upload(make_xlsx({"副高": WORDS}), hr), hr)
    less = [list(row) for row in WORDS]
    less[2][5] = "《基于图的研究》，《计算机工程》，2023.5，第一作者，CSCD"
    batch = upload(make_xlsx({"副高": less}), hr)
    assert batch.counts["gone"] == 1
    apply(batch, hr, with_gone=True)
    assert "课堂观察" not in [row["name"] for row in entries(lin)]


def test_an_unreadable_row_does_not_count_as_gone(hr, lin):
    head = ["工号", "姓名", "类别", "名称", "时间", "排名"]
    row = ["20160011", "林晓雯", "论文", "测试方法", "2022-09", 1]
    apply(upload(make_xlsx([head, row]), hr), hr)
    batch = upload(make_xlsx([head, [*row[:4], 2022.1, 1]]), hr)
    assert (batch.counts["bad"], batch.counts["gone"]) == (1, 0)


def test_undo_takes_the_entries_and_the_speciality_back(hr, lin, chen):
    batch = apply(upload(make_xlsx({"副高": WORDS}), hr), hr)
    batches.ask_undo(batch, hr, NOW, batch.version)
    imports.run(batch.id)
    assert fresh(batch).state == ImportState.UNDONE
    assert entries(lin) == []
    assert Person.objects.get(id=lin.id).speciality is None


def test_the_kinds_of_dates_of_one_column_are_all_read(hr, lin):
    head = ["工号", "姓名", "类别", "名称", "时间", "排名"]
    times = ["2023.5", 202305, "2023年5月", "2023-05-17", "２０２３．０５", 45047]
    rows = [["20160011", "林晓雯", "论文", f"题目{n}", when, 1] for n, when in enumerate(times)]
    apply(upload(make_xlsx([head, *rows]), hr), hr)
    found = MaterialEntry.objects(person=lin.id, is_live=True).order_by("title")
    assert {PartialDate.parse(entry.values["start"]).month for entry in found} == {5}
    assert len(found) == 6


def test_a_period_in_the_column_of_one_date_is_read_as_both(hr, lin):
    table = [
        ["工号", "姓名", "类别", "项目类别", "项目（课题）名称", "时间", "排名"],
        [20160011, "林晓雯", "课题", "校级教改课题", "助教系统", "2021年3月—2023年12月", 1],
        [20160011, "林晓雯", "课题", "校级教改课题", "题库建设", "2022.5至今", 1],
    ]
    batch = apply(upload(make_xlsx(table), hr), hr)
    assert batch.state == ImportState.APPLIED
    days = {entry.values["name"]: entry.values for entry in MaterialEntry.objects(person=lin.id)}
    assert (str(days["助教系统"]["start"]), str(days["助教系统"]["end"])) == ("2021-03", "2023-12")
    assert str(days["题库建设"]["start"]) == "2022-05"
    assert "end" not in days["题库建设"]


def engineering(*judged: str) -> RoundSpec:
    """The series that HR made in the editor: its lists have no kinds, those of `judged` are HR's."""
    round = shipped_spec("engineering")
    sections = [s.model_copy(update={"judged": s.label.zh in judged}) for s in round.sections]
    return round.model_copy(update={"sections": sections})


def test_a_round_without_judged_lists_takes_specialities_alone():
    keys = [column.key for column in material_columns.columns(engineering())]
    assert keys == ["staff_number", "name", "speciality"]


def test_a_judged_list_that_has_no_kinds_is_a_kind_of_its_own():
    round = engineering("专利")
    offered = {column.key: column for column in material_columns.columns(round)}
    assert offered["kind"].options == ("专利",)
    source = Source("专利", Line(3, ["20160011", "林晓雯", "一种夹具"]), {"staff_number": 0, "f:name": 2})
    (found,) = MaterialCells(round).achievements(source)
    assert (found.section, found.kind, found.values, found.problems) == (
        "zhuan_li",
        "",
        {"name": "一种夹具"},
        {},
    )
