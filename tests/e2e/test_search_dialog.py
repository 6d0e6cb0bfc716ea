"""Quick search by keyboard, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person


@pytest.mark.usefixtures("institution")
def test_ctrl_k_finds_somebody_and_enter_opens_the_page(person: Callable[..., Person]) -> None:
    page = person("19980001").go("/admin/")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="姓名、拼音、工号或申报编号")
    expect(box).to_be_focused()
    box.press_sequentially("linxiaow")
    first = page.get_by_role("listbox", name="搜索结果").get_by_role("option").first
    expect(first).to_contain_text("林晓雯")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#ps-search-note")).to_have_text("找到 1 条")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("林晓雯")
    page.wait_for_load_state("domcontentloaded")  # scripts run then, a little after the heading is there
    page.keyboard.press("/")
    expect(page.get_by_role("dialog", name="快速搜索")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="快速搜索")).to_be_hidden()
