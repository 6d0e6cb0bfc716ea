"""One word, one meaning: a name stands for one thing, and so does a module's last name (DESIGN section 1)."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.choices import Choice
from models.messages import M

ROOT = Path(__file__).resolve().parents[2]
#: A class or constant may have its name in so many modules: a model and what shows it, say.
MOST = 2
#: Name -> why more modules may use it.
MANY_TIMES = {
    "IndexPage": "the first page of each area, which its blueprint is named after",
    "P": "short for Property, in the tables of the editor's rows",
    "W": "short for Widget, in the tables of the editor's rows",
    "T": "a type variable, as everybody writes it",
}
#: The last names of modules that meant several things once.
ONE_MODULE = ("words", "records", "reading", "bounds", "wrong")


def modules() -> Iterator[Path]:
    for folder in ("models", "panel", "views"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def names_of(code: str) -> set[str]:
    """The public classes and constants that a module defines."""
    found = set()
    for node in ast.parse(code).body:
        match node:
            case ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return {name for name in found if name[0].isupper()}


def shared(sources: dict[str, str]) -> dict[str, list[str]]:
    """Name -> the modules that define it, where they are more than a name may have."""
    homes: dict[str, list[str]] = defaultdict(list)
    for home, code in sources.items():
        for name in names_of(code):
            homes[name].append(home)
    return {name: found for name, found in homes.items() if len(found) > MOST}


def test_a_name_means_one_thing() -> None:
    found = shared({str(path.relative_to(ROOT)): path.read_text() for path in modules()})
    assert {name: homes for name, homes in found.items() if name not in MANY_TIMES} == {}


def test_every_exception_is_still_one() -> None:
    found = shared({str(path.relative_to(ROOT)): path.read_text() for path in modules()})
    assert sorted(set(MANY_TIMES) - set(found)) == []


def test_a_third_module_with_the_same_name_is_found() -> None:
    code = "class Sheet:\n    pass\nMOST: int = 3\n_Own = lower = 1\n"
    assert shared({"a": code, "b": code}) == {}
    assert shared({"a": code, "b": code, "c": code}) == {"Sheet": ["a", "b", "c"], "MOST": ["a", "b", "c"]}


@pytest.mark.parametrize("name", ONE_MODULE)
def test_a_modules_last_name_means_one_thing(name: str) -> None:
    assert len([path for path in modules() if path.stem == name]) <= 1


def test_a_choice_without_its_word_is_refused() -> None:
    with pytest.raises((TypeError, RuntimeError), match="has no label"):

        class Colour(Choice):
            RED = "red"

    class Fruit(Choice):
        PEAR = "pear", M("梨")

    assert (Fruit.PEAR.value, Fruit.PEAR.label, Fruit("pear") is Fruit.PEAR) == ("pear", M("梨"), True)
    assert Fruit.options() == [("pear", M("梨"))]
