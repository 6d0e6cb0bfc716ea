"""HR drops a messy table, points at its columns, mends a cell; thirty forms fill, one entry is disputed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from models.application import Application
from models.imports import ImportBatch, ImportState
from models.material import MaterialEntry
from models.person import Person as Staff
from models.review_round import ReviewRound
from tests.e2e.people import Person
from tests.factories import make_application
from tests.workbooks import make_xlsx

HR, DISPUTES = "19980001", "20160011"


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
    """The one who disputes, then colleagues; each with a draft in the teachers' round."""
    unit = Staff.objects.get(staff_number=HR).unit
    others = Staff.objects(unit=unit, staff_number__nin=[HR, DISPUTES]).order_by("staff_number")
    return [Staff.objects.get(staff_number=DISPUTES), *others.limit(count - 1)]


def test_a_messy_table_is_mended_fills_thirty_forms_and_one_dispute_is_settled_and_printed(
    institution: None, person: Callable[..., Person], tmp_path: Path
) -> None:
    staff = people(30)
    round = ReviewRound.objects.get(code="teacher-2026")
    drafts = [make_application(person=one, round=round, photo=None) for one in staff]
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

    desk = person(HR).go("/admin/imports/")
    drop(desk, file, "材料表")
    # people are found by their names alone; with the number it is certain who is meant
    desk.get_by_role("link", name=re.compile("栏目的对应")).click()
    desk.get_by_label("职工编码").select_option(label="工号")
    desk.get_by_role("button", name="保存并核对").click()
    expect(desk.get_by_role("heading", name="2025材料表.xlsx")).to_be_visible()
    wrong = desk.get_by_label(re.compile("B3 改为")).first
    expect(wrong).to_have_value("99999999")
    wrong.fill(DISPUTES)
    desk.get_by_role("button", name="保存改动并重新核对").click()
    expect(desk.get_by_role("button", name=re.compile("全部导入（60 行）"))).to_be_visible()
    assert MaterialEntry.objects.count() == 0

    confirm(desk, "全部导入")
    expect(desk.get_by_role("button", name="撤销这次导入")).to_be_visible(timeout=60_000)
    imported = desk.url
    for draft in drafts:
        entries = Application.objects.get(id=draft.id).entries("publications")
        assert {entry.get("name")[:4] for entry in entries} == {"课程研究", "教学札记"}, draft.name
        assert {entry.origin for entry in entries} == {"hr"}

    # one disputes an entry, HR sees both versions and settles it, and the agreed sheet prints
    page = person(DISPUTES).go(f"/my/application/{drafts[0].id}/material")
    first, second = (page.locator(".material-entry", has_text=name) for name in ("课程研究1", "教学札记1"))
    first.get_by_role("button", name="确认无误").click()
    expect(first).to_contain_text("本人已确认")
    second.get_by_role("link", name="有异议").click()
    page.get_by_label("哪里不对，依据是什么").fill("刊物写错了，是《高教论坛》。")
    page.get_by_label("刊物名称").fill("高教论坛")
    page.get_by_role("button", name="提交异议").click()
    expect(second).to_contain_text("本人有异议")
    desk.goto("/admin/")
    desk.get_by_role("link", name="材料表异议").click()
    desk.get_by_role("link", name="教学札记1").click()
    desk.get_by_role("button", name="更正并通知本人").click()
    expect(desk.locator("main")).to_contain_text("已更正")
    printed = desk.context.request.get(
        f"/admin/material/people/{staff[0].id}/sheet.pdf?round={round.id}", fail_on_status_code=True
    )
    text = PdfReader(io.BytesIO(printed.body())).pages[0].extract_text().replace(" ", "")
    assert "课程研究1" in text
    assert "高教论坛" in text

    # what somebody has answered is used: the import stays
    desk.goto(imported)
    confirm(desk, "撤销这次导入")
    expect(desk.locator("main")).to_contain_text(staff[0].name, timeout=60_000)
    expect(desk.get_by_role("button", name="撤销这次导入")).to_be_visible()
    assert ImportBatch.objects.get(file_name="2025材料表.xlsx").state == ImportState.APPLIED
    assert MaterialEntry.objects(is_live=True, is_missing=False).count() == 60


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
