"""The project's shape (DESIGN sections 2, 3): what may lie where, and who may import whom.

A rule takes modules and lists what breaks it, `file:line what`; `BREACHES` shows each rule one breach.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.sources import PRODUCT, ROOT, Import, Source, modules, within

OWN = (*PRODUCT, "bench", "tests")
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
#: The only modules of the domain outside a package: everything may use them.
LOOSE = ("errors", "calendar", "counters", "actors", "records")
#: The domain's packages: each imports only itself, those before it, and LOOSE.
ORDER = (
    "access",
    "rounds",
    "checks",
    "content",
    "steps",
    "review",
    "publicity",
    "people",
    "material",
    "tables",
    "importing",
    "round_edit",
    "reports",
    "desk",
)
#: How many files of a kind a folder may hold, and which may hold more.
LIMIT = 24
FLAT = {"models": "one file per thing that is stored, found by its name (DESIGN section 2)"}
#: Modules set against real time, and how often each asks for it.
REAL_TIME = {"views.public.demo": 1}

Rule = Callable[[list[Source]], list[str]]


def imports(sources: list[Source], wrong: Callable[[Source, Import], bool]) -> list[str]:
    """The imports of which `wrong` holds."""
    return [
        source.at(found.line, found.full)
        for source in sources
        for found in source.imports
        if wrong(source, found)
    ]


def own(found: Import) -> bool:
    return within(found.full, OWN)


# --- folders ----------------------------------------------------------------------------------------------


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


def test_no_folder_holds_more_files_than_one_takes_in() -> None:
    """Some twenty (DESIGN section 2), of one kind."""
    kinds = {"py", "html", "js"}
    counts = Counter(
        (path.parent.relative_to(ROOT).as_posix(), path.suffix)
        for folder in (*OWN, "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix.lstrip(".") in kinds and "vendor" not in path.parts
    )
    full = {folder for (folder, _), number in counts.items() if number > LIMIT}
    assert sorted(full) == sorted(FLAT), {place: number for place, number in counts.items() if number > LIMIT}


def test_the_domain_holds_the_packages_of_the_order_and_few_loose_modules() -> None:
    domain = ROOT / "panel/domain"
    assert {path.stem for path in domain.glob("*.py")} == {"__init__", *LOOSE}
    assert {path.parent.name for path in domain.glob("*/__init__.py")} == set(ORDER)


# --- layers -----------------------------------------------------------------------------------------------


def relative(sources: list[Source]) -> list[str]:
    """Relative imports: the rules below read full names."""
    return imports(sources, lambda _, found: found.relative)


def above_models(sources: list[Source]) -> list[str]:
    """Imports of the project's own, but of models."""
    return imports(sources, lambda _, found: own(found) and not within(found.full, ["models"]))


def above_the_domain(sources: list[Source]) -> list[str]:
    """The same, but of models and the domain. Not even the clock: time and actor are passed in."""
    return imports(
        sources, lambda _, found: own(found) and not within(found.full, ["models", "panel.domain"])
    )


def above_services(sources: list[Source]) -> list[str]:
    return imports(sources, lambda _, found: within(found.full, ["views", "panel.security", "panel.errors"]))


def web(sources: list[Source]) -> list[str]:
    return imports(sources, lambda _, found: found.full.split(".")[0] in WEB)


def views_below_them(sources: list[Source]) -> list[str]:
    """Imports of views in panel, but within a function of `create_app`'s module."""
    found = imports(sources, lambda source, it: within(it.full, ["views"]) and source.name != "panel")
    for source in sources:
        if source.name == "panel":
            top = [node for node in source.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
            found += [source.at(node.lineno, "views") for node in top if "views" in ast.unparse(node)]
    return found


def known_tests(sources: list[Source]) -> list[str]:
    return imports(sources, lambda _, found: within(found.full, ["tests"]))


def the_outside_world(sources: list[Source]) -> list[str]:
    """WeasyPrint fetches what it is told to (trap 9): its one door has a fetcher for own assets only."""
    return [
        line
        for package, places in RESERVED.items()
        for line in imports(
            sources,
            lambda source, it, package=package, places=places: (  # type: ignore[misc]
                within(it.full, [package]) and not source.name.startswith(places)
            ),
        )
    ]


def package_of(name: str) -> str:
    """The package of the domain that a full name lies in; nothing for a loose module."""
    part = name.removeprefix("panel.domain.").split(".")[0]
    return "" if part in LOOSE else part


def against_the_order(sources: list[Source]) -> list[str]:
    """Imports of a package of the domain that comes later in ORDER."""
    ranks = Counter({name: rank for rank, name in enumerate(ORDER, 1)})  # what is no package: 0
    return imports(
        sources,
        lambda source, found: (
            within(found.full, ["panel.domain"])
            and ranks[package_of(found.full)] > ranks[package_of(source.name)]
        ),
    )


def imported_modules(sources: list[Source]) -> dict[str, set[str]]:
    """Module -> the modules of `sources` it imports, also in functions and behind TYPE_CHECKING."""
    names = {source.name for source in sources}
    return {
        source.name: {
            found.full if found.full in names else found.origin
            for found in source.imports
            if found.full in names or found.origin in names
        }
        for source in sources
    }


def cycles(sources: list[Source]) -> list[str]:
    """Modules that import each other in a ring: `a <- b <- a`."""
    found, graph = [], imported_modules(sources)
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            ring = error.args[1]
            found.append(" <- ".join(ring))
            graph[ring[1]].discard(ring[0])  # to see the next one
        else:
            return found


# --- one path for a name ----------------------------------------------------------------------------------


def bound(body: list[ast.stmt]) -> Iterator[str]:
    """The names that a module sets itself, other than by an import."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id


def borrowed(source: Source) -> dict[str, str]:
    """The names of the project's own that a module has by an import at its top, each with its origin."""
    names = {
        alias.asname or alias.name: node.module or ""
        for node in source.tree.body
        if isinstance(node, ast.ImportFrom) and within(node.module or "", OWN)
        for alias in node.names
    }
    return {name: origin for name, origin in names.items() if name not in set(bound(source.tree.body))}


def module_names(source: Source, known: dict[str, Source]) -> dict[str, str]:
    """What a module calls other modules of the project: name -> module."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in source.nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if f"{node.module}.{alias.name}" in known
    }


def uses(source: Source, known: dict[str, Source]) -> Iterator[tuple[int, str, str]]:
    """(line, module, name) of all that a module has from others: `from m import name`, and `m.name`."""
    for found in source.imports:
        if found.origin in known and found.name and found.full not in known:
            yield found.line, found.origin, found.name
    names = module_names(source, known)
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            yield node.lineno, names[node.value.id], node.attr


def second_paths(sources: list[Source]) -> list[str]:
    """Names that are taken from a module which has them from another: `module.name (of origin)`."""
    known = {source.name: source for source in sources}
    has = {name: borrowed(source) for name, source in known.items()}
    return [
        source.at(line, f"{module}.{name} (of {has[module][name]})")
        for source in sources
        for line, module, name in uses(source, known)
        if name in has[module] and f"{module}.{name}" not in known
    ]


def facades(sources: list[Source]) -> list[str]:
    """Packages that offer what their modules define."""
    return [
        source.at(node.lineno, "__all__")
        for source in sources
        if source.is_package
        for node in source.tree.body
        if isinstance(node, ast.Assign) and "__all__" in ast.unparse(node.targets[0])
    ]


def private(sources: list[Source]) -> list[str]:
    """Names with an underscore that another module takes."""
    known = {source.name: source for source in sources}
    return [
        source.at(line, f"{module}.{name}")
        for source in sources
        for line, module, name in uses(source, known)
        if name.startswith("_") and not name.endswith("__")
    ]


# --- within a file ----------------------------------------------------------------------------------------


def own_time(sources: list[Source]) -> list[str]:
    """Calls that ask for the time past the clock."""
    pattern = r"\b(?:datetime|date)\.(?:now|today|utcnow)\("
    return [
        line
        for source in sources
        for number, line in enumerate(source.matches(pattern), 1)
        if number > REAL_TIME.get(source.name, 0)
    ]


def swallowed(sources: list[Source]) -> list[str]:
    """`except …: pass` hides failures, unless the line says why nothing is to be done."""
    silent = r"^[ \t]*except[^\n]*:\n\s*(?:pass|\.\.\.)[ \t]*\n"
    bare = r"^[ \t]*except\s*:"
    return [
        line for source in sources for pattern in (silent, bare) for line in source.matches(pattern, re.M)
    ]


def unfinished(sources: list[Source]) -> list[str]:
    pattern = r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b"
    return [line for source in sources for line in source.matches(pattern)]


def untyped_selves(sources: list[Source]) -> list[str]:
    """Methods whose `self` could be anything: a base class or an object says what they need instead."""
    return [line for source in sources for line in source.matches(r"\bself: Any\b")]


# --- the rules --------------------------------------------------------------------------------------------

EVERYTHING = (*PRODUCT, "bench", "tests")
#: Folders whose methods all know what their `self` is.
KNOWN_SELVES = ("views",)
#: Rule -> where it holds.
RULES: dict[Rule, tuple[str, ...]] = {
    relative: EVERYTHING,
    above_models: ("models",),
    above_the_domain: ("panel/domain",),
    above_services: ("panel/services",),
    web: ("models", "panel/domain", "panel/services"),
    views_below_them: ("panel",),
    known_tests: PRODUCT,
    the_outside_world: PRODUCT,
    against_the_order: ("panel/domain",),
    cycles: PRODUCT,
    second_paths: EVERYTHING,
    facades: PRODUCT,
    private: (*PRODUCT, "bench"),
    own_time: ("models", "panel/domain", "views"),
    swallowed: PRODUCT,
    unfinished: PRODUCT,
    untyped_selves: KNOWN_SELVES,
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_breaks_the_rule(rule: Rule) -> None:
    found = rule(modules(*RULES[rule]))
    assert found == [], "\n".join(map(str, found))


#: Rule -> a small tree that breaks it, and what the rule says of it.
BREACHES: dict[Rule, tuple[dict[str, str], list[str]]] = {
    relative: ({"models/a.py": "from . import b"}, ["models/a.py:1 .b"]),
    above_models: (
        {"models/a.py": "from models import b\n\ndef f():\n    from panel import clock"},
        ["models/a.py:4 panel.clock"],
    ),
    above_the_domain: (
        {"panel/domain/a.py": "from models import b\nfrom panel.domain import c\nimport panel.clock"},
        ["panel/domain/a.py:3 panel.clock"],
    ),
    above_services: (
        {"panel/services/a.py": "from panel.errors import b"},
        ["panel/services/a.py:1 panel.errors.b"],
    ),
    web: ({"panel/domain/a.py": "import json\nfrom flask import g"}, ["panel/domain/a.py:2 flask.g"]),
    views_below_them: (
        {"panel/__init__.py": "def f():\n    import views\n", "panel/a.py": "def f():\n    import views"},
        ["panel/a.py:2 views"],
    ),
    known_tests: (
        {"views/a.py": "from tests.factories import NOW"},
        ["views/a.py:1 tests.factories.NOW"],
    ),
    the_outside_world: (
        {"views/a.py": "import weasyprint", "panel/services/a.py": "import weasyprint"},
        ["views/a.py:1 weasyprint"],
    ),
    against_the_order: (
        {
            "panel/domain/access/a.py": "from panel.domain import errors\nfrom panel.domain.rounds import b",
            "panel/domain/calendar.py": "def f():\n    from panel.domain.access import a",
            "panel/domain/rounds/b.py": "from panel.domain.access import a",
        },
        [
            "panel/domain/access/a.py:2 panel.domain.rounds.b",
            "panel/domain/calendar.py:2 panel.domain.access.a",
        ],
    ),
    cycles: (
        {
            "models/a.py": "from models.b import B",
            "models/b.py": "def f():\n    from models import c",
            "models/c.py": "if TYPE_CHECKING:\n    from models.a import A",
        },
        ["models.a <- models.c <- models.b <- models.a"],
    ),
    second_paths: (
        {
            "models/__init__.py": "from models.a import A",
            "models/a.py": "class A: ...",
            "models/b.py": "from models import a\nfrom models import A\na.A",
            "models/c.py": "from models.b import A\nfrom models import b\nb.A",
        },
        [
            "models/b.py:2 models.A (of models.a)",
            "models/c.py:1 models.b.A (of models)",
            "models/c.py:3 models.b.A (of models)",
        ],
    ),
    facades: ({"models/__init__.py": "__all__ = ['A']"}, ["models/__init__.py:1 __all__"]),
    private: (
        {"models/a.py": "_A = 1\nB = _A", "models/b.py": "from models.a import _A, B\nimport models.a as a"},
        ["models/b.py:1 models.a._A"],
    ),
    own_time: ({"views/a.py": "clock.now()\ndate.today()"}, ["views/a.py:2 date.today("]),
    swallowed: (
        {"views/a.py": "try:\n    f()\nexcept ValueError:\n    pass\n\n\ntry:\n    f()\nexcept:\n    g()\n"},
        ["views/a.py:3 except ValueError: pass", "views/a.py:9 except:"],
    ),
    unfinished: ({"views/a.py": "\n# TODO: more"}, ["views/a.py:2 TODO"]),
    untyped_selves: (
        {"views/a.py": "class A:\n    def f(self: Any) -> Any: ...\n    def g(self, that: Any) -> Any: ..."},
        ["views/a.py:2 self: Any"],
    ),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_breach_is_found_where_it_is(rule: Rule) -> None:
    tree, found = BREACHES[rule]
    assert rule([Source(place, text) for place, text in tree.items()]) == found
