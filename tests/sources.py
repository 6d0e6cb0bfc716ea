"""The project's own files as tests read them: read and parsed once; a finding says where it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: The packages of the product.
PRODUCT = ("models", "panel", "views")


@dataclass(frozen=True)
class Import:
    """One name that a module imports, wherever in the file: `from origin import name`."""

    line: int
    origin: str  # of `import a.b`: a.b
    name: str = ""  # of `import a.b`: nothing
    relative: bool = False

    @property
    def full(self) -> str:
        """`origin.name`."""
        return f"{self.origin}.{self.name}" if self.name else self.origin


@dataclass(frozen=True)
class Source:
    """A file: where it lies below the root, and its text."""

    place: str
    text: str

    @property
    def name(self) -> str:
        """The module's dotted name."""
        parts = Path(self.place).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_package(self) -> bool:
        """Whether it is a package's `__init__.py`."""
        return Path(self.place).name == "__init__.py"

    @cached_property
    def tree(self) -> ast.Module:
        """The module, parsed."""
        return ast.parse(self.text, self.place)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def imports(self) -> list[Import]:
        """All that it imports: also inside functions and behind TYPE_CHECKING."""
        found = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found += [Import(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                origin, relative = node.module or "", node.level > 0
                found += [Import(node.lineno, origin, alias.name, relative) for alias in node.names]
        return found

    def at(self, line: int, what: str) -> str:
        """A finding: `file:line what`."""
        return f"{self.place}:{line} {what}"

    def matches(self, pattern: str, flags: int = 0, text: str | None = None) -> Iterator[str]:
        """A finding for each match in the text, or in a `text` with the same lines."""
        text = self.text if text is None else text
        for match in re.finditer(pattern, text, flags):
            found = match.group(0)
            start = match.start() + len(found) - len(found.lstrip())
            yield self.at(text.count("\n", 0, start) + 1, " ".join(found.split()))


@cache
def read(path: Path) -> Source:
    """The file, read once."""
    return Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


@cache
def files(folder: str, pattern: str) -> tuple[Source, ...]:
    """All files below a folder of the root; there is at least one, or a rule would hold of nothing."""
    found = tuple(read(path) for path in sorted((ROOT / folder).rglob(pattern)))
    assert found, f"no {pattern} in {folder}"
    return found


def modules(*packages: str) -> list[Source]:
    """All modules of `packages`, written as folders."""
    return [source for package in packages for source in files(package, "*.py")]


def blank(pattern: str, text: str) -> str:
    """`text` without what matches, but with the same lines."""
    return re.sub(pattern, lambda match: "\n" * match.group(0).count("\n"), text, flags=re.S)


def within(name: str, packages: Iterable[str]) -> bool:
    """Whether a dotted name is one of `packages` or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)
