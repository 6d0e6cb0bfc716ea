"""材料表 in the browser: confirm, dispute, settle, print, and take the stamped scan back (G24, G28)."""

from __future__ import annotations

import io
from collections.abc import Callable

from bson import ObjectId
from playwright.sync_api import expect
from pypdf import PdfReader

from models.application import Application
from models.material import MaterialEntry
from models.review_round import ReviewRound
from panel import clock, demo
from panel.demo import pictures
from panel.domain.material import applying, planning, typed_rows
from tests.e2e.people import Person
from tests.e2e.test_applicant_saving import STAFF_NUMBER, start

HR = "19980001"
AWARD = {"start": "2022.9", "grade": "二等奖", "awarder": "江城理工学院"}
ROWS = [
    typed_rows.TypedRow(
        STAFF_NUMBER, "林晓雯", "performance", "award", AWARD | {"name": name, "rank": rank}, ""
    )
    for name, rank in (("青年教师教学竞赛", "1"), ("优秀教学成果", "3"))
]


def test_the_table_is_answered_settled_printed_and_comes_back_stamped(
    institution: None, person: Callable[..., Person]
) -> None:
    hr_actor = demo.cast_of()["hr"]
    application = start()
    round = ReviewRound.objects.get(id=application.round.id)
    changes = planning.plan(round, ROWS, hr_actor)
    assert applying.apply(round, changes, ObjectId(), hr_actor, clock.now())["create"] == 2

    # the applicant confirms one and disputes the other
    page = person(STAFF_NUMBER).go(f"/my/application/{application.id}/")
    page.locator("#case-nav").get_by_role("link", name="材料表核对").first.click()
    first, second = (page.locator(".material-entry", has_text=name) for name in ("青年教师", "优秀教学"))
    first.get_by_role("button", name="确认无误").click()
    expect(first).to_contain_text("本人已确认")
    second.get_by_role("link", name="有异议").click()
    page.get_by_label("哪里不对，依据是什么").fill("证书上本人排名第一。")
    page.get_by_label("本人排序").fill("1")
    page.get_by_role("button", name="提交异议").click()
    expect(second).to_contain_text("本人有异议")
    page.goto(f"/my/application/{application.id}/check")
    expect(page.locator("main")).to_contain_text("等人事部门处理后才能提交")

    # HR finds it as work, sees both versions, and corrects
    desk = person(HR).go("/admin/")
    desk.get_by_role("link", name="材料表异议").click()
    desk.get_by_role("link", name="优秀教学成果").click()
    expect(desk.locator(".hr-compare .is-different")).to_contain_text("本人排序")
    desk.get_by_role("button", name="更正并通知本人").click()
    expect(desk.locator("main")).to_contain_text("已更正")
    page.goto(f"/my/application/{application.id}/material")
    expect(second).to_contain_text("人事部门的答复")
    entries = Application.objects.get(id=application.id).entries("performance")
    assert [(entry.rank, entry.agreement) for entry in entries] == [(1, "confirmed"), (1, "settled")]

    # the agreed sheet prints
    row = MaterialEntry.objects.first()
    address = f"/admin/material/people/{row.person.id}/sheet.pdf?round={round.id}"
    printed = desk.context.request.get(address)
    text = PdfReader(io.BytesIO(printed.body())).pages[0].extract_text().replace(" ", "")
    assert "优秀教学成果" in text
    assert "本人已逐条核对" in text

    # stamped, scanned and dropped: one finds its place by its name, the other is asked about
    desk.goto("/admin/scans/")
    scans = [
        {"name": name, "mimeType": "application/pdf", "buffer": _scan(name)}
        for name in (f"{STAFF_NUMBER}.pdf", "扫描0001.pdf")
    ]
    desk.locator("input[type=file]").set_input_files(scans)  # type: ignore[arg-type]
    expect(desk.locator("#scan-lists")).to_contain_text("已放入申报")
    expect(desk.locator("#scan-lists")).to_contain_text("请选择是谁的（1 份）")
    page.goto(f"/my/application/{application.id}/attachments")
    expect(page.locator("#slot-material_table")).to_contain_text(f"{STAFF_NUMBER}.pdf")


def _scan(name: str) -> bytes:
    return pictures.document("申报材料表", [name], "江城理工学院", "2026年9月15日", 1)
