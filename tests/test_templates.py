"""Templates and the front end's own files: they compile, translate, and stay within the strict policy."""

import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
#: Read by WeasyPrint, never by a browser: it may carry a style element of its own.
PRINTED = "print/"
ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
PAGES = [name for name in ALL if not name.startswith(PRINTED)]
#: Written once per language, instead of through the catalogue.
BY_LANGUAGE = {"public/manual.zh.html", "public/manual.en.html", "errors/unavailable.html"}
STATIC = ROOT / "panel/static"
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
STYLES = sorted((STATIC / "css").rglob("*.css"))
#: Static folders, in the words of the audiences.
FOLDERS = {"shared", "my", "admin", "committee"}
CHINESE = re.compile(r"[\u3400-\u9fff]")


def source(name: str) -> str:
    """The template without its comments."""
    return re.sub(r"{#.*?#}", "", (TEMPLATES / name).read_text(encoding="utf-8"), flags=re.S)


def markup(name: str) -> str:
    """What is left of the template without expressions and statements."""
    return re.sub(r"{{.*?}}|{%.*?%}", "", source(name), flags=re.S)


def test_there_are_templates() -> None:
    assert len(PAGES) > 10


@pytest.mark.parametrize("name", PAGES)
def test_a_template_compiles(name: str) -> None:
    environment = Flask(__name__, template_folder=str(TEMPLATES)).jinja_env
    assert environment.get_template(name).name == name


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_inline_script_style_or_handler(name: str) -> None:
    text = markup(name)
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"\sstyle\s*=\s*[\"']", text) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", text) == []
    assert re.findall(r"javascript:", text) == []
    assert re.findall(r"\bhx-(?:on|vals=['\"]js:)", text) == []


@pytest.mark.parametrize("name", ALL)
def test_a_template_names_no_outside_address(name: str) -> None:
    # Namespaces of SVG and the like are names, not requests.
    text = re.sub(r"xmlns(:\w+)?=\"[^\"]*\"", "", source(name))
    assert re.findall(r"https?://[^\s\"'<]+|(?:src|href)=[\"']//", text) == []


@pytest.mark.parametrize("name", ALL)
def test_a_template_never_marks_text_as_safe(name: str) -> None:
    assert re.findall(r"\|\s*safe\b|autoescape\s+false", source(name)) == []


@pytest.mark.parametrize("name", [name for name in PAGES if name not in BY_LANGUAGE])
def test_visible_text_goes_through_the_catalogue(name: str) -> None:
    assert [line.strip() for line in markup(name).splitlines() if CHINESE.search(line)] == []


def test_both_languages_of_the_manual_have_the_same_chapters() -> None:
    chinese, english = (
        re.findall(r"<h[23] id=\"([\w-]+)\"", source(f"public/manual.{code}.html")) for code in ("zh", "en")
    )
    assert chinese == english
    assert len(chinese) > 15
    for code in ("zh", "en"):
        listed = re.findall(r"\(\"([\w-]+)\", \"", source(f"public/manual.{code}.html"))
        assert set(listed) <= set(chinese)


def test_every_help_link_leads_to_a_chapter() -> None:
    chapters = set(re.findall(r"id=\"([\w-]+)\"", source("public/manual.zh.html")))
    wanted = {
        anchor for name in PAGES for anchor in re.findall(r"ui\.help\(\s*[\"']([\w-]+)[\"']", source(name))
    }
    assert wanted - chapters == set()


@pytest.mark.parametrize("path", SCRIPTS + STYLES, ids=lambda path: path.name)
def test_the_front_end_asks_nobody_outside(path: Path) -> None:
    assert re.findall(r"https?://[^\s\"')]+|url\(\s*[\"']?//", path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_evaluates_nothing_and_speaks_through_the_page(path: Path) -> None:
    text = code(path)
    assert re.findall(r"\beval\(|new Function\(|document\.write|setAttribute\(\s*[\"']style", text) == []
    # Words come from the page, which is translated.
    assert CHINESE.findall(text) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_form_that_posts_carries_the_token(name: str) -> None:
    for form in re.findall(r"<form\b.*?</form>", source(name), flags=re.S):
        if re.search(r"method=[\"']post", form, flags=re.I):
            assert "csrf()" in form or "csrf_token" in form


def test_each_static_file_a_template_names_is_there_and_each_script_and_style_is_used() -> None:
    named = {name for page in ALL for name in re.findall(r"'static', filename='([^']+)'", source(page))}
    assert [
        name for name in sorted(named) if name.startswith(("js/", "css/")) and not (STATIC / name).is_file()
    ] == []
    used = {STATIC / name for name in named}
    waiting = [path for path in SCRIPTS if path in used]
    while waiting:
        found = {target for target in imported(waiting.pop()) if target not in used}
        used |= found
        waiting.extend(found)
    assert [path.name for path in SCRIPTS + STYLES if path not in used] == []


def imported(script: Path) -> list[Path]:
    """The scripts that `script` imports."""
    names = re.findall(
        r'^import (?:[^"]* from )?"(\.[^"]+)";$', script.read_text(encoding="utf-8"), flags=re.M
    )
    return [(script.parent / name).resolve() for name in names]


def test_static_folders_are_the_audiences_and_take_only_from_themselves_and_what_is_shared() -> None:
    assert {path.parent.name for path in SCRIPTS + STYLES} <= FOLDERS
    wrong = [
        f"{script.parent.name}/{script.name} imports {target.parent.name}/{target.name}"
        for script in SCRIPTS
        for target in imported(script)
        if target.parent.name not in (script.parent.name, "shared")
    ]
    assert wrong == []


def test_one_script_sends_and_one_asks_before_a_page_is_left() -> None:
    senders = [
        path.name for path in SCRIPTS if re.search(r"\bfetch\(|XMLHttpRequest\(|sendBeacon", code(path))
    ]
    askers = [path.name for path in SCRIPTS if "beforeunload" in code(path)]
    assert (senders, askers) == (["server.js"], ["leaving.js"])


def code(script: Path) -> str:
    """The script without its comments."""
    return re.sub(r"//.*|/\*[\s\S]*?\*/", "", script.read_text(encoding="utf-8"))


def test_each_script_begins_by_saying_what_it_does() -> None:
    assert [path.name for path in SCRIPTS if not path.read_text(encoding="utf-8").startswith("// ")] == []


def test_a_page_takes_styles_and_scripts_of_its_own_audience_or_of_all() -> None:
    named = [
        (name, folder)
        for name in PAGES
        for folder in re.findall(r"filename='(?:js|css)/(\w+)/", source(name))
        if folder != "shared"
    ]
    assert named, "no page names any"
    assert [(name, folder) for name, folder in named if name.split("/")[0] != folder] == []
