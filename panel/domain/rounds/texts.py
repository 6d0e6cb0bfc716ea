"""A round's templates: texts with places that the program fills.

`{key}` is a value, `{key|text}` gives the text when the value is empty, and `[...]` around values is left
out when none of them is filled. Values are put in as they are: nothing typed by people is ever a template.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from models.field_spec import Text
from models.messages import Message

_PART = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{(\w+)(?:\|([^{}]*))?\}")


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with `values` in its places, trimmed; a missing value is empty."""
    chosen = _PART.sub(lambda part: _if_any_filled(part, values), template)
    return _FIELD.sub(_put(values), chosen).strip()


def fill_text(template: Text, values: Mapping[str, Text | Message | str | int]) -> Text:
    """Both languages of `template`, each filled with `values` in that language."""
    chinese = {key: in_language(value, "zh") for key, value in values.items()}
    if not template.en:
        return Text(zh=fill(template.zh, chinese))
    english = {key: in_language(value, "en") for key, value in values.items()}
    return Text(zh=fill(template.zh, chinese), en=fill(template.en, english))


def plain(value: Any) -> str:
    """`value` as text without differences of width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", str(value)).lower().split())


def in_language(value: Text | Message | str | int, language: str) -> str:
    """`value` as text; what has no English stays Chinese."""
    return value.in_language(language) if isinstance(value, Text) else str(value)


def _if_any_filled(part: re.Match[str], values: Mapping[str, str]) -> str:
    inner = part.group(1)
    keys = [match.group(1) for match in _FIELD.finditer(inner)]
    if not keys:
        return part.group(0)  # brackets that are meant as brackets
    return inner if any(values.get(key) for key in keys) else ""


def _put(values: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda match: values.get(match.group(1)) or match.group(2) or ""
