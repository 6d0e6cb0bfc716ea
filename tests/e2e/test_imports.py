"""HR drops a messy table on the page, points at its columns, mends a cell, and thirty forms are filled in."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from models import ImportBatch, MaterialEntry
from models import Person as Staff
from models.imports import ImportState
from tests.e2e.people import Person
from tests.workbooks import make_xlsx

HR = "19980001"


def drop(page: Page, file: Path, kind: str) -> None:
    """Choose what the file is and the file, and send it."""
    page.get_by_role("radio", name=re.compile(kind)).check()
    if kind == "材料表":
        chosen = page.get_by_label("申报批次").locator("option").filter(has_text="教师").first
        page.get_by_label("申报批次").select_option(value=chosen.get_attribute("value"))
    page.locator("#import-file").set_input_files(str(file))
    page.get_by_role("button", name="上传并核对").click()


def confirm(page: Page, button: str) -> None:
    page.get_by_role("button", name=re.compile(button)).click()
    page.locator("#ps-confirm").get_by_role("button", name="确定").click()


def people(count: int) -> list[Staff]:
    unit = Staff.objects.get(staff_number=HR).unit
    return list(Staff.objects(unit=unit, staff_number__ne=HR).order_by("staff_number").limit(count))


def test_a_messy_material_table_is_mapped_mended_and_imported_for_thirty_people(
    institution: None, person: Callable[..., Person], tmp_path: Path
) -> None:
    staff = people(30)
    rows = [["江城理工学院 2026 年材料表", None, None, None], ["序号", "职工编码", "姓 名", "论文情况"]]
    for number, one in enumerate(staff, 1):
        words = (
            f"1.《课程研究{number}》，《高教探索》，2021年3月，第1作者\n"
            f"2.《教学札记{number}》，《教育评论》，2022.5，独著"
        )
        rows.append([number, one.staff_number, " ".join(one.name), words])
    rows[2][1] = "99999999"
    rows.append(["注：以上内容已经本人核对。"])
    file = tmp_path / "2025材料表.xlsx"
    file.write_bytes(make_xlsx({"正高": rows}, {"正高": ["A1:D1"]}))

    page = person(HR).go("/admin/imports/")
    drop(page, file, "材料表")
    # people are found by their names alone; with the number it is certain who is meant
    page.get_by_role("link", name=re.compile("栏目的对应")).click()
    page.get_by_label("职工编码").select_option(label="工号")
    page.get_by_role("button", name="保存并核对").click()
    expect(page.get_by_role("heading", name="2025材料表.xlsx")).to_be_visible()
    wrong = page.get_by_label(re.compile("B3 改为")).first
    expect(wrong).to_have_value("99999999")
    wrong.fill(staff[0].staff_number)
    page.get_by_role("button", name="保存改动并重新核对").click()
    expect(page.get_by_role("button", name=re.compile("全部导入（60 行）"))).to_be_visible()
    assert MaterialEntry.objects(person=staff[0].id, title__startswith="课程研究").count() == 0

    confirm(page, "全部导入")
    expect(page.get_by_role("button", name="撤销这次导入")).to_be_visible(timeout=60_000)
    for one in staff:
        found = MaterialEntry.objects(person=one.id, is_live=True, kind="paper")
        assert {"课程研究", "教学札记"} <= {entry.title[:4] for entry in found}, one.name

    confirm(page, "撤销这次导入")
    expect(page.get_by_text("已全部恢复原样")).to_be_visible(timeout=60_000)
    batch = ImportBatch.objects.get(file_name="2025材料表.xlsx")
    assert batch.state == ImportState.UNDONE
    assert MaterialEntry.objects(batch=batch.id, is_live=True).count() == 0


def test_a_column_is_dragged_to_where_it_belongs(
    institution: None, person: Callable[..., Person], tmp_path: Path
) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(make_xlsx([["编码", "姓名", "手机"], ["88880001", "周小舟", "13800000001"]]))
    page = person(HR).go("/admin/imports/")
    drop(page, file, "人员名册")
    expect(page.get_by_text("请指出哪一列是")).to_be_visible()
    chip = page.locator("[data-key=staff_number]")
    chip.drag_to(page.locator("[data-drop]").filter(has_text="编码"))
    expect(page.get_by_label("编码")).to_have_value("staff_number")
    expect(chip).to_have_class(re.compile("is-used"))
    page.get_by_role("button", name="保存并核对").click()
    expect(page.get_by_text("请填写“所在部门”")).to_be_visible()
