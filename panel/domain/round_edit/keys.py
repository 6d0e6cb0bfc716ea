"""Keys for new rows, made from their Chinese names and never shown."""

from __future__ import annotations

import re

from pypinyin import lazy_pinyin

from models.form_spec import RESERVED_SECTIONS


def key_of(label: str, fallback: str) -> str:
    """A key of lower-case letters, digits and underscores from the pinyin of `label`."""
    words = "_".join(lazy_pinyin(label.strip()))
    key = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:40].strip("_")
    if not key or not key[0].isalpha():
        key = f"{fallback}_{key}".strip("_")
    return f"{key}_1" if key in RESERVED_SECTIONS else key
