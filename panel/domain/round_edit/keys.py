"""Keys for new rows, made from their Chinese names and never shown."""

from __future__ import annotations

import re
import unicodedata

from pypinyin import lazy_pinyin

from models.form_spec import RESERVED_SECTIONS

#: Controls, line and paragraph separators, unpaired surrogates.
_UNSHOWN = ("Cc", "Zl", "Zp", "Cs")


def key_of(label: str, fallback: str) -> str:
    """A key of lower-case letters, digits and underscores from the pinyin of `label`."""
    words = "_".join(lazy_pinyin(label.strip()))
    key = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:40].strip("_")
    if not key or not key[0].isalpha():
        key = f"{fallback}_{key}".strip("_")
    return f"{key}_1" if key in RESERVED_SECTIONS else key


def cleaned(text: str) -> str:
    """What was typed without control characters, which no form or print can show; line ends stay."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in _UNSHOWN).strip()
