"""Every page for everybody: axe finds nothing serious, nothing is wider than the window, keys do all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.user import User
from panel import boot, clock, create_app
from panel.config import Settings
from tests.e2e.pages import HR, NEW, NO_PAGES, PAGES, READY, World, address
from tests.e2e.people import Person
from tests.factories import empty

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text()
PHONE, DESK, WIDE = 390, 1440, 1920
BAD = ("serious", "critical")
#: Pages that everybody in the role meets daily; in English words are longer than in Chinese.
MAIN = (
    "GET /",
    "GET /sign-in",
    "GET /notices/<uid>",
    "GET /verify/<code>",
    "GET /my/application/<application_id>/",
    "GET /my/application/<application_id>/check",
    "GET /my/application/<application_id>/<section>",
    "GET /my/application/<application_id>/<section> attachments",
    "GET /my/application/<application_id>/submit",
    "GET /admin/",
    "GET /admin/applications/",
    "GET /admin/applications/<id>",
    "GET /admin/people/",
    "GET /committee/",
    "GET /committee/cases/<id>",
    "GET /committee/meetings/<id>/sheets/<uid>",
)
#: Sends a form of the page's own origin, with the session's token.
POST = """async ([path, data]) => {
  const session = await (await fetch("/session")).json();
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  for (const [name, value] of Object.entries({csrf_token: session.csrf, ...data})) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}"""
#: Chooses the language, which the account remembers.
CHOOSE = """async language => {
  const session = await (await fetch("/session")).json();
  const form = new URLSearchParams({csrf_token: session.csrf, language});
  await fetch("/language", {method: "POST", body: form, redirect: "manual"});
}"""
#: How wide the page became, once laid out anew for its window, and what sticks out on the right.
REACHED = """async width => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
  const reached = document.documentElement.scrollWidth;
  if (reached <= width) return [reached, ""];
  const scrolls = node => {
    for (let box = node.parentElement; box; box = box.parentElement)
      if (box !== document.body && getComputedStyle(box).overflowX !== "visible") return true;
    return false;
  };
  const beyond = [...document.querySelectorAll("body *")]
    .filter(node => node.getBoundingClientRect().right > width + 1 && !scrolls(node))
    .map(node => `${node.tagName.toLowerCase()}.${node.className} ${node.getBoundingClientRect().right}`);
  return [reached, beyond.slice(0, 9).join("; ")];
}"""
Opens = Callable[..., Person]


@pytest.fixture(scope="module")
def world(_migrated: Any, settings: Settings) -> World:
    """One world for all pages: the tests only look."""
    empty(_migrated)
    boot.connect(settings)
    clock.set_offset(clock.timedelta())
    return World(clock.now())


def show(someone: Person, world: World, key: str) -> Page:
    """Open a page of PAGES."""
    wanted = PAGES[key]
    path = address(world, key, wanted)
    if key.startswith("GET"):
        return someone.go(path)
    if someone.page.url == "about:blank":
        someone.go("/")
    data = {name: world.value(source) for name, source in wanted.data.items()}
    with someone.page.expect_navigation():
        someone.page.evaluate(POST, [path, data])
    return someone.page


def broken(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false})")
    return [
        f"{rule['impact']} {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in BAD
        for node in rule["nodes"]
    ]


def too_wide(page: Page, width: int) -> list[str]:
    """Whether the page scrolls sideways in a window of `width` pixels, and because of what."""
    page.set_viewport_size({"width": width, "height": 900})
    reached, beyond = page.evaluate(REACHED, width)
    return [f"{reached} px wide at {width}: {beyond}"] if reached > width else []


def nameless(page: Page, language: str) -> list[str]:
    """Whether language, title and the one heading are there."""
    facts = page.evaluate(
        "[document.documentElement.lang, document.title.trim(), document.querySelectorAll('h1').length]"
    )
    wanted = [facts[0].lower().startswith(language), len(facts[1]) > 1, facts[2] == 1]
    return [] if all(wanted) else [f"language, title, number of main headings: {facts}"]


def test_the_list_of_pages_names_every_address(settings: Settings, world: World) -> None:
    served = {
        f"GET {rule.rule}"
        for rule in create_app(settings).url_map.iter_rules()
        if "GET" in (rule.methods or set())
    }
    listed = {" ".join(key.split()[:2]) for key in PAGES if key.startswith("GET") and "<missing>" not in key}
    assert served - listed - set(NO_PAGES) == set(), "addresses that nobody looks at"
    assert (listed | set(NO_PAGES)) - served == set(), "pages that are gone"
    assert listed & set(NO_PAGES) == set()


@pytest.mark.parametrize("who", sorted({page.who for page in PAGES.values()}))
def test_every_page_is_accessible_and_fits_phone_and_wide_screen(
    who: str, person: Opens, world: World
) -> None:
    someone = person(who, width=DESK, reduced_motion="reduce")
    found = {}
    for key, page in PAGES.items():
        if page.who != who:
            continue
        shown = show(someone, world, key)
        shown.set_viewport_size({"width": DESK, "height": 900})
        wrong = nameless(shown, "zh") + broken(shown) + too_wide(shown, PHONE) + too_wide(shown, WIDE)
        if wrong:
            found[key] = wrong
    assert found == {}, "\n".join(f"{key}: {wrong}" for key, wrong in found.items())


def test_main_pages_fit_a_phone_in_english(person: Opens, world: World) -> None:
    found = {}
    by_person: dict[str, list[str]] = {}
    for key in MAIN:
        by_person.setdefault(PAGES[key].who, []).append(key)
    for who, keys in by_person.items():
        someone = person(who, width=PHONE)
        someone.go("/")
        someone.page.evaluate(CHOOSE, "en")
        for key in keys:
            page = show(someone, world, key)
            wrong = nameless(page, "en") + too_wide(page, PHONE)
            if wrong:
                found[key] = wrong
    User.objects.update(unset__language=True)  # the accounts remember it
    assert found == {}, "\n".join(f"{key}: {wrong}" for key, wrong in found.items())


def test_keyboard_alone_skips_the_menu_and_shows_where_it_is(person: Opens, world: World) -> None:
    page = show(person(READY), world, "GET /my/application/<application_id>/<section>")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    seen = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        name, ring, inside = page.evaluate(
            """() => {
              const node = document.activeElement;
              const style = getComputedStyle(node);
              const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
              const name = node.name || node.textContent.trim();
              return [name, ring || style.boxShadow !== "none", !!node.closest("main")];
            }"""
        )
        assert ring, f"no ring around {name}"
        assert inside, f"{name} is outside the page's content"
        seen.add(name)
    assert {"f-former_name", "f-birth_place", "f-party"} <= seen


def test_menus_open_and_close_by_keyboard(person: Opens, world: World) -> None:
    someone = person(NEW, width=PHONE)
    page = show(someone, world, "GET /my/ before")
    language = page.get_by_role("button", name=re.compile("语言"))
    language.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="English")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".dropdown-menu.show .dropdown-item:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="English")).to_be_hidden()
    expect(language).to_be_focused()
    page.get_by_role("button", name="菜单").press("Enter")
    expect(page.get_by_role("link", name="证书核验").first).to_be_visible()


def test_question_before_a_step_takes_the_focus_and_gives_it_back(person: Opens, world: World) -> None:
    page = show(person(HR), world, "GET /admin/applications/<id>")
    begin = page.get_by_role("button", name="开始审核")
    begin.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(begin).to_be_focused()


def test_first_wrong_field_is_announced(person: Opens, world: World) -> None:
    page = show(person(HR), world, "POST /admin/objections/new")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.press("Enter")
    field = page.locator("main form :focus")
    expect(field).to_have_attribute("aria-invalid", "true")
    described = field.get_attribute("aria-describedby") or ""
    assert described
    expect(page.locator(f"#{described.split()[-1]}")).not_to_be_empty()
