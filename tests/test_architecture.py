"""The project's shape (DESIGN sections 2, 3): what may lie where, and who may import whom."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {
    # fixed
    "pyproject.toml",
    "panel",
    "models",
    "views",
    "templates",
    "tests",
    "README.md",
    # what tools expect
    "Makefile",
    ".ci",
    "bench",
    "docs",
    "CHANGELOG.md",
    "LICENSE",
    "MANIFEST.in",
    "package.json",
    "package-lock.json",
    ".npmrc",
    ".gitignore",
    ".gitattributes",
    ".git",
    ".python-version",
    ".editorconfig",
    ".pre-commit-config.yaml",
}
#: What Flask and its extensions are called.
WEB = {
    "flask",
    "flask_admin",
    "flask_babel",
    "flask_login",
    "flask_session",
    "flask_wtf",
    "werkzeug",
    "wtforms",
}
#: Packages that only the named modules may touch.
RESERVED = {
    "weasyprint": ("panel.services.",),
    "PIL": ("panel.services.", "panel.demo"),
    "gridfs": ("panel.services.",),
}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[str]:
    """Full names of all that `path` imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def own(path: Path) -> set[str]:
    return {name for name in imported(path) if within(name, "models", "panel", "views", "tests")}


def ignored() -> list[str]:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return [line.strip().strip("/") for line in lines if line.strip() and not line.startswith("#")]


def test_the_top_level_holds_only_what_the_design_names() -> None:
    patterns = [re.escape(line).replace(r"\*", ".*") + "$" for line in ignored()]
    found = {
        entry.name
        for entry in ROOT.iterdir()
        if not any(re.match(pattern, entry.name) for pattern in patterns)
    }
    assert found - TOP_LEVEL == set()
    assert {"models", "panel", "views", "templates", "tests", "pyproject.toml"} <= found


@pytest.mark.parametrize("path", modules("models"), ids=name_of)
def test_models_import_nothing_of_the_project_but_models(path: Path) -> None:
    assert {name for name in own(path) if not within(name, "models")} == set()


@pytest.mark.parametrize("path", modules("panel/domain"), ids=name_of)
def test_the_domain_imports_only_models_and_itself(path: Path) -> None:
    """Not even the clock: time and actor are passed in."""
    assert {name for name in own(path) if not within(name, "models", "panel.domain")} == set()


@pytest.mark.parametrize("path", modules("panel/services"), ids=name_of)
def test_services_import_no_views(path: Path) -> None:
    assert {name for name in own(path) if within(name, "views", "panel.security", "panel.errors")} == set()


@pytest.mark.parametrize(
    "path", modules("models") + modules("panel/domain") + modules("panel/services"), ids=name_of
)
def test_below_the_views_nothing_knows_the_web(path: Path) -> None:
    assert {name.split(".")[0] for name in imported(path)} & WEB == set()


@pytest.mark.parametrize("path", modules("panel"), ids=name_of)
def test_only_create_app_imports_views_and_only_in_its_body(path: Path) -> None:
    views = {name for name in own(path) if within(name, "views")}
    if name_of(path) != "panel":
        assert views == set()
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            assert "views" not in ast.unparse(statement)


@pytest.mark.parametrize("path", modules("models") + modules("panel") + modules("views"), ids=name_of)
def test_the_product_imports_no_tests(path: Path) -> None:
    assert {name for name in own(path) if within(name, "tests")} == set()


@pytest.mark.parametrize("path", modules("models") + modules("panel") + modules("views"), ids=name_of)
def test_the_outside_world_is_touched_in_its_place_alone(path: Path) -> None:
    """WeasyPrint fetches what it is told to (trap 9): its one door has a fetcher for own assets only."""
    module = name_of(path)
    for package, places in RESERVED.items():
        if any(within(name, package) for name in imported(path)):
            assert module.startswith(places), f"{module} imports {package}"


@pytest.mark.parametrize("path", modules("models") + modules("panel/domain") + modules("views"), ids=name_of)
def test_time_comes_from_the_clock_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    calls = re.findall(r"\b(?:datetime|date)\.(?:now|today|utcnow)\(", text)
    # The demo's clock control is set against real time.
    assert calls == [] or (name_of(path) == "views.public.demo" and len(calls) == 1)


@pytest.mark.parametrize("path", modules("models") + modules("panel") + modules("views"), ids=name_of)
def test_no_error_is_swallowed(path: Path) -> None:
    """`except …: pass` hides failures, unless the line says why nothing is to be done."""
    text = path.read_text(encoding="utf-8")
    silent = re.findall(r"^\s*except[^\n]*:\n\s*(?:pass|\.\.\.)\s*\n", text, flags=re.M)
    bare = re.findall(r"^\s*except\s*:", text, flags=re.M)
    assert silent + bare == []


@pytest.mark.parametrize("path", modules("models") + modules("panel") + modules("views"), ids=name_of)
def test_code_is_finished(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b", text) == []
