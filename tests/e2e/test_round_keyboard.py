"""The editor of rounds by keyboard, and what was typed there, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from models.review_round import ReviewRound
from tests.e2e.people import Person

HR = "19980001"

pytestmark = pytest.mark.usefixtures("institution")


@pytest.fixture
def levels(person: Callable[..., Person]) -> Page:
    """HR looks at the levels of the teachers' round."""
    round_ = ReviewRound.objects.get(series="teacher", year=2026)
    return person(HR).go(f"/admin/rounds/{round_.id}/edit/part/levels")


def order(page: Page) -> list[str]:
    """The levels as they stand on the page."""
    rows = page.locator("[data-sort] > [data-path^='levels/']")
    paths = rows.evaluate_all("rows => rows.map(row => row.dataset.path)")
    return [path.removeprefix("levels/") for path in paths]


def test_a_row_moves_by_arrow_keys_and_ctrl_z_takes_it_back(levels: Page) -> None:
    before = order(levels)
    assert len(before) > 2
    handle = levels.locator(f"[data-path='levels/{before[0]}'] [data-handle]")
    handle.focus()
    levels.keyboard.press("ArrowDown")
    expect(levels.locator("[data-moved]")).to_contain_text("2")
    expect(handle).to_be_focused()
    moved = [before[1], before[0], *before[2:]]
    levels.reload()
    assert order(levels) == moved
    levels.wait_for_load_state("domcontentloaded")
    with levels.expect_navigation():
        levels.keyboard.press("Control+z")
    assert order(levels) == before


def test_what_was_typed_is_asked_about_before_another_row_opens(levels: Page) -> None:
    first, second = order(levels)[:2]
    levels.locator(f"[data-path='levels/{first}']").get_by_role("link", name="修改").click()
    sheet = levels.locator("[data-sheet]")
    box = sheet.locator("input[type=text]").first
    box.fill("还没有保存的名称")
    levels.locator(f"[data-path='levels/{second}']").get_by_role("link", name="修改").click()
    dialog = levels.get_by_role("dialog")
    expect(dialog).to_contain_text("没有保存")
    dialog.get_by_role("button", name="取消").click()
    expect(box).to_have_value("还没有保存的名称")
