"""The front end's scripts and styles: named, used, in the folders of the audiences, one of them sending."""

import re
from pathlib import Path

from tests.sources import ROOT

TEMPLATES = ROOT / "templates"
STATIC = ROOT / "panel/static"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if path.parent.name != "print")
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
STYLES = sorted((STATIC / "css").rglob("*.css"))
#: Static folders, in the words of the audiences.
FOLDERS = {"shared", "my", "admin", "committee"}


def source(page: Path) -> str:
    """The template without its comments."""
    return re.sub(r"{#.*?#}", "", page.read_text(encoding="utf-8"), flags=re.S)


def test_there_are_scripts_and_styles() -> None:
    assert len(SCRIPTS) > 20
    assert len(STYLES) > 5


def test_each_static_file_a_template_names_is_there_and_each_script_and_style_is_used() -> None:
    named = {name for page in PAGES for name in re.findall(r"'static', filename='([^']+)'", source(page))}
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
        (page.relative_to(TEMPLATES).as_posix(), folder)
        for page in PAGES
        for folder in re.findall(r"filename='(?:js|css)/(\w+)/", source(page))
        if folder != "shared"
    ]
    assert named, "no page names any"
    assert [(name, folder) for name, folder in named if name.split("/")[0] != folder] == []
