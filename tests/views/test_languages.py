"""Every page in both languages: what people entered stays as it is, all else is in the page's language."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

from models.outbox import TYPED
from models.user import User
from panel import clock
from tests.e2e.pages import PAGES, ROSTER, World, address
from tests.factories import own_collections
from tests.views.conftest import Browser
from views.kit.i18n import CHINESE as CHINESE_PAGES
from views.kit.i18n import COOKIE, ENGLISH

CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff65]")
LATIN = re.compile(r"[A-Za-z]{3,}")
#: Latin words of Chinese pages beside abbreviations: the system's own name, a key, the switch of languages.
LATIN_WORDS = {
    "Pingshen",
    "Shift",
    "Language",
    "Excel",
    "Word",
    "Ctrl",
    "xlsx",
    "xls",
    "csv",
    "ics",
    "pinyin",
    "Esc",
    "yaml",
}
#: Attributes that people see or hear; in `data-` ones scripts find their words.
SPOKEN = re.compile(r"^(?:alt|aria-label|aria-description|placeholder|title)$")
FOR_SCRIPTS = re.compile(r"^data-")
#: What the database holds beside what people entered: the rounds' own texts and the texts of notices.
NO_DATA = {"rounds", "round_versions", "outbox"}
#: The way through a Chinese app, which has no English names.
QUOTED = re.compile(r"市民中心(?: → [\u3400-\u9fff]+)+")
SILENT = {"script", "style", "svg"}
ADDRESS = re.compile(r"https?://\S+")
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Words(HTMLParser):
    """The texts of a page that are in its language; an element with a `lang` of its own isn't."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.for_scripts: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # A password shown once is no word.
        foreign = (tag != "html" and "lang" in given) or given.get("class") == "hr-password"
        if tag not in VOID:
            self.open.append((tag, foreign or tag in SILENT))
        if foreign or any(skipped for _, skipped in self.open):
            return
        names = [name for name in given if SPOKEN.match(name)]
        if tag == "input" and given.get("type") in ("submit", "button"):
            names.append("value")
        self.texts += [given[name] or "" for name in names]
        self.for_scripts += [given[name] or "" for name in given if FOR_SCRIPTS.match(name)]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(skipped for _, skipped in self.open):
            self.texts.append(" ".join(data.split()))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def entered(database: Any) -> list[str]:
    """All that people entered, longest first."""
    found = {
        " ".join(text.split())
        for name in own_collections(database)
        if name not in NO_DATA and "." not in name
        for document in database[name].find()
        for text in strings(document)
    }
    found |= {text for row in database["outbox"].find({"message": TYPED}) for text in strings(row["params"])}
    names = [row["name"] for row in (*database["people"].find(), *database["users"].find())]
    # An initial stands for a portrait, a family name with asterisks in public.
    found |= {f"{name[0]}{stars}" for name in names for stars in ("*", "**")}
    return sorted(
        (text for text in found if len(text) > 1 and (CHINESE.search(text) or LATIN.search(text))),
        key=len,
        reverse=True,
    )


def show(browser: Browser, world: World, key: str) -> str:
    """The HTML of a page of PAGES."""
    page = PAGES[key]
    path = address(world, key, page)
    if key.startswith("GET"):
        response = browser.get(path, follow_redirects=True)
    else:
        data = {name: world.value(source) for name, source in page.data.items()}
        response = browser.submit(path, data, follow_redirects=True)
    assert response.mimetype == "text/html", key
    return response.get_data(as_text=True)


def rest_of(text: str, known: list[str]) -> str:
    """What of `text` nobody entered."""
    if len(text) == 1:
        return ""
    text = ADDRESS.sub("", QUOTED.sub("", text))
    for part in known:
        text = text.replace(part, " ")
    return text


def is_word(latin: str) -> bool:
    return not latin.isupper() and latin not in LATIN_WORDS


def leaks(html: str, language: str, known: list[str]) -> list[str]:
    """The texts of a page that are in the other language."""
    words = Words(html)
    if language == ENGLISH:
        texts = [*words.texts, *words.for_scripts]
        return [text for text in texts if CHINESE.search(text) and CHINESE.search(rest_of(text, known))]
    found = [text for text in words.texts if LATIN.search(text)]
    return [text for text in found if any(is_word(word) for word in LATIN.findall(rest_of(text, known)))]


def test_words_of_the_other_language_are_found_wherever_people_meet_them() -> None:
    page = """<html lang="x"><body data-sure="%s"><p>%s</p><img alt="%s"><button title="%s">+</button>
        <span lang="y">%s</span><script>%s</script></body></html>"""
    assert leaks(page % (("提交",) * 6), ENGLISH, []) == ["提交"] * 4
    assert leaks(page % (("Submit",) * 6), CHINESE_PAGES, []) == ["Submit"] * 3
    assert leaks(page % (("林晓雯",) * 6), ENGLISH, ["林晓雯"]) == []


def test_no_page_mixes_languages(new_browser: Callable[[], Browser], database: Any) -> None:
    """Chinese first, then English: nothing may be kept from the one for the other."""
    clock.set_offset(clock.timedelta())
    world = World(clock.now())
    cells = [cell for row in ROSTER for cell in row]
    shown: dict[str, str] = {}
    found: list[str] = []
    for language in (CHINESE_PAGES, ENGLISH):
        for key, page in PAGES.items():
            browser = new_browser()
            if page.who:
                browser.sign_in_as(User.objects.get(username=page.who))
            browser.set_cookie(COOKIE, language, domain="localhost")
            shown[f"{language} {key}"] = show(browser, world, key)
    # looking at a page enters next to nothing: what is known at the end was known on each
    known = entered(database) + cells
    for at, html in shown.items():
        language, key = at.split(" ", 1)
        typed = [world.value(source) for source in PAGES[key].data.values()]
        found += [f"{at}: {text}" for text in leaks(html, language, known + typed)]
    assert found == [], "\n".join(found)
