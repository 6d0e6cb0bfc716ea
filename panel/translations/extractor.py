"""Finds the texts of the interface for the catalogue; named by babel.cfg, run by `make messages`.

Beside what Babel's own extractors do: a text with `%(n)s` counts something. Chinese has one form for it,
English two, so that its entry in the catalogue has a plural;
`views.kit.i18n.Catalogue` picks the form by `n`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

#: Line, function, message or messages, comments: as Babel wants them.
FoundText = tuple[int, str | None, Any, list[str]]
COUNT = "%(n)s"


def python(file: BinaryIO, keywords: Any, tags: Sequence[str], options: Any) -> Iterator[FoundText]:
    """The texts of a Python file."""
    yield from map(_with_plural, extract_python(file, keywords, tags, options))


def template(
    file: BinaryIO, keywords: Sequence[str], tags: Sequence[str], options: Any
) -> Iterator[FoundText]:
    """The texts of a Jinja template."""
    yield from map(_with_plural, babel_extract(file, keywords, tags, options))


def _with_plural(found: Any) -> FoundText:
    line, function, messages, comments = found
    text = messages[0] if isinstance(messages, tuple) else messages
    if isinstance(text, str) and COUNT in text:
        return line, "ngettext", (text, text), comments
    return line, function, messages, comments
