"""HR's desk in the browser: a reminder written with places, the text for a chat group, a chart as picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from models.choices import State
from models.outbox import OutboxRow
from models.person import Person as RosterPerson
from models.review_round import ReviewRound
from models.user import User
from panel import clock
from panel.domain.actors import actor_of
from panel.domain.content import start
from panel.domain.rounds import offers
from tests.e2e.people import Person

pytestmark = pytest.mark.usefixtures("institution")
Opens = Callable[..., Person]
HR, APPLICANT = "19980001", "20160011"


def begin() -> Any:
    """A draft of the demo's first applicant."""
    person = RosterPerson.objects.get(staff_number=APPLICANT)
    round = ReviewRound.objects.get(series="teacher")
    kind = offers.kinds_for(round.spec, person)[0]
    committee = offers.committees_for(round.spec, person)[0].key
    selection = start.Selection(
        kind=kind.value,
        exceptional=False,
        committee=committee,
        level=offers.levels_for(round.spec, person, kind)[0].key,
        speciality=offers.specialities_for(round.spec, committee)[0].value,
    )
    actor = actor_of(User.objects.get(username=APPLICANT))
    return start.create(person, round, selection, True, actor, clock.now())


def test_a_reminder_is_written_looked_at_sent_and_read(person: Opens) -> None:
    draft = begin()
    assert draft.state == State.DRAFT
    hr = person(HR, permissions=["clipboard-read", "clipboard-write"])
    page = hr.page
    page.goto("/admin/reminders/")
    page.get_by_role("link", name="填报中，还没有提交").click()
    text = page.get_by_label("提醒内容")
    text.fill("请")
    page.get_by_role("button", name="{姓名}").click()
    expect(text).to_have_value("请{姓名}")
    text.press_sequentially("尽快提交")
    page.get_by_role("button", name="更新预览").click()
    expect(page.get_by_text("请林晓雯尽快提交")).to_be_visible()
    page.get_by_role("button", name="复制").click()
    expect(page.get_by_text("已复制，可以粘贴到聊天群。")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "林晓雯" in copied
    assert APPLICANT not in copied
    page.get_by_role("button", name="发送提醒").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已提醒 1 人。")).to_be_visible()
    applicant = person(APPLICANT)
    applicant.page.goto("/inbox")
    applicant.page.get_by_role("button", name="查看").first.click()
    expect(applicant.page).to_have_url(f"{applicant.address}/my/application/{draft.id}/")
    page.reload()
    expect(page.get_by_text("共 1 人，已读 1 人")).to_be_visible()
    assert OutboxRow.objects(reminder__exists=True).count() == 1


def test_a_chart_is_drawn_from_its_table_and_saved(person: Opens, tmp_path: Path) -> None:
    begin()
    page = person(HR).page
    page.goto("/admin/statistics/")
    section = page.get_by_role("region", name="部门 × 级别 × 状态").first
    expect(section).to_be_visible()
    chart = page.locator('[data-chart-of="states"]')
    chart.get_by_text("图表").click()
    with page.expect_download() as started:
        chart.get_by_role("button", name="下载图片").click()
    assert started.value.suggested_filename == "部门 × 级别 × 状态.png"
    path = tmp_path / "chart.png"
    started.value.save_as(path)
    with Image.open(path) as picture:
        assert picture.width > 500
        colours = picture.convert("RGB").getcolors(1_000_000)
        assert colours is not None
        found = {colour for count, colour in colours if count > 200}
    assert (255, 255, 255) in found, "on white ground"
    assert (11, 90, 168) in found, "the bar of the only state"
