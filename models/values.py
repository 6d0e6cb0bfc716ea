"""Small value types: encrypted text, partial dates and search keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import total_ordering
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from mongoengine.errors import InvalidQueryError
from mongoengine.fields import BaseField, StringField
from pypinyin import Style, lazy_pinyin

_NONCE_BYTES = 12
#: What every ciphertext begins with, so that it can't be taken for clear text.
SEALED = "sealed:1:"


class KeyMissing(RuntimeError):
    """Personal data was touched before `configure_key` was called."""


class _Keys:
    data: bytes | None = None
    lookup: bytes | None = None


def configure_key(data_key: bytes) -> None:
    """Set the 32-byte key of personal data; the look-up key is derived from it."""
    if len(data_key) != 32:
        raise ValueError("data key must be 32 bytes")
    _Keys.data = data_key
    _Keys.lookup = hmac.new(data_key, b"pingshen-lookup", hashlib.sha256).digest()


def encrypt(text: str) -> str:
    """AES-256-GCM with a fresh nonce; returns SEALED and base64 of nonce and ciphertext."""
    if _Keys.data is None:
        raise KeyMissing
    nonce = os.urandom(_NONCE_BYTES)
    return SEALED + base64.b64encode(nonce + AESGCM(_Keys.data).encrypt(nonce, text.encode(), None)).decode()


def decrypt(stored: str) -> str:
    """The text that `encrypt` was given; raises InvalidTag when it was tampered with."""
    if _Keys.data is None:
        raise KeyMissing
    raw = base64.b64decode(stored.removeprefix(SEALED))
    return AESGCM(_Keys.data).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode()


def reveal(value: Any) -> Any:
    """The clear text of what `encrypt` made; anything else as it is."""
    return decrypt(value) if isinstance(value, str) and value.startswith(SEALED) else value


def lookup_hash(text: str) -> str:
    """A keyed hash of normalised `text`, equal for equal values, for unique indexes and search."""
    if _Keys.lookup is None:
        raise KeyMissing
    return hmac.new(_Keys.lookup, text.strip().upper().encode(), hashlib.sha256).hexdigest()


def mask(text: str) -> str:
    """`text` with its middle hidden: 420***********1234, 138****5678, 87****21; a short one wholly."""
    if len(text) >= 15:
        return text[:3] + "*" * (len(text) - 7) + text[-4:]
    if len(text) >= 11:
        return text[:3] + "****" + text[-4:]
    if len(text) >= 7:
        return text[:2] + "****" + text[-2:]
    return "*" * len(text)


def sealed(text: str, secret: bool = True) -> str:
    """How `text` is stored so that `reveal` gives it back: encrypted if `secret`, else as it is.

    Clear text that happens to look like a ciphertext is encrypted too, or reading it would fail.
    """
    return encrypt(text) if secret or text.startswith(SEALED) else text


class EncryptedTextField(StringField):
    """Text encrypted at rest; Python sees the clear text, MongoDB never does.

    It can't be searched: each sealing differs. Look-ups go by `lookup_hash`.
    """

    def to_mongo(self, value: Any) -> Any:
        return encrypt(value) if value else value

    def to_python(self, value: Any) -> Any:
        return reveal(value)

    def prepare_query_value(self, op: Any, value: Any) -> Any:
        """Seal what an update sets, which MongoEngine would store in clear; raises for a search."""
        if op in ("set", "setOnInsert"):
            self.validate(value)
            return encrypt(value) if value else value
        raise InvalidQueryError(f"{self.name} is encrypted: search by its look-up hash")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value.startswith(SEALED):
            self.error("reserved prefix")


@total_ordering
@dataclass(frozen=True)
class PartialDate:
    """A date known to the year, month or day; raises ValueError for one that doesn't exist.

    Ordered by its first day; of two with the same one, the less precise comes first, as their ISO texts do.
    """

    year: int
    month: int | None = None
    day: int | None = None

    _PATTERN = re.compile(
        r"^\s*(\d{4})\s*(?:[.\-/年]\s*(\d{1,2})\s*(?:[.\-/月]\s*(\d{1,2})\s*日?|月)?|年)?\s*$"
    )

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day without its month")
        date(self.year, *(1 if part is None else part for part in (self.month, self.day)))

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PartialDate):
            return NotImplemented
        return self._order() < other._order()

    def _order(self) -> tuple[int, int, int]:
        return (self.year, self.month or 0, self.day or 0)

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read 2023, 2023.5, 2023-05, 2023年5月, 2023-05-17; raises ValueError otherwise."""
        match = cls._PATTERN.match(text.translate(_FULL_WIDTH))
        if not match:
            raise ValueError(text)
        month, day = (int(part) if part else None for part in match.groups()[1:])
        return cls(int(match[1]), month, day)

    def first_day(self) -> date:
        """The earliest day it can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    def last_day(self) -> date:
        """The latest day it can mean."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    def iso(self) -> str:
        """2023, 2023-05 or 2023-05-17: what is stored and what forms carry."""
        parts = [f"{self.year:04d}"]
        if self.month:
            parts.append(f"{self.month:02d}")
            if self.day:
                parts.append(f"{self.day:02d}")
        return "-".join(parts)

    def chinese(self) -> str:
        """2023年5月, as the official form prints it."""
        text = f"{self.year}年"
        if self.month:
            text += f"{self.month}月"
            if self.day:
                text += f"{self.day}日"
        return text

    def __str__(self) -> str:
        return self.iso()


_FULL_WIDTH = {ord("０") + i: ord("0") + i for i in range(10)} | {ord("．"): ord("."), ord("－"): ord("-")}


class PartialDateField(BaseField):
    """Stores a PartialDate as its ISO text, which sorts as the dates do."""

    def to_mongo(self, value: Any) -> Any:
        return value.iso() if isinstance(value, PartialDate) else value

    def to_python(self, value: Any) -> Any:
        return PartialDate.parse(value) if isinstance(value, str) and value else value

    def validate(self, value: Any, clean: bool = True) -> None:
        if not isinstance(value, PartialDate):
            self.error("not a partial date")

    def prepare_query_value(self, op: Any, value: Any) -> Any:
        """The ISO text, in queries and updates alike; raises ValidationError for anything else."""
        if value is None:
            return None
        self.validate(value)
        return value.iso()


def search_keys(*texts: str) -> list[str]:
    """Lower-case keys for prefix search: each text, its full pinyin and its pinyin initials."""
    keys: list[str] = []
    for text in texts:
        plain = re.sub(r"\s+", "", text or "").lower()
        if not plain:
            continue
        if plain.isascii():  # nothing to romanise, which takes as long as for a name
            keys.append(plain)
            continue
        keys += [
            plain,
            "".join(lazy_pinyin(plain)).lower(),
            "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)).lower(),
        ]
    return list(dict.fromkeys(keys))


def search_query(text: str) -> str:
    """`text` as typed, in the form of `search_keys`; a null byte, which no pattern holds, is left out."""
    return re.sub(r"[\s\0]+", "", text).lower()


def as_read(document: Any, field: str) -> Any:
    """What `field` holds, past the descriptor, which would fetch what it refers to."""
    return document._data.get(field)


def ref_id(document: Any, field: str) -> Any:
    """The ObjectId in reference `field`, without fetching what it refers to."""
    value = as_read(document, field)
    return getattr(value, "id", value)


def ref_ids(document: Any, field: str) -> list[Any]:
    """The ObjectIds in the list of references `field`, without fetching what they refer to."""
    return [getattr(value, "id", value) for value in as_read(document, field) or ()]


def put(document: Any, field: str, value: Any) -> None:
    """Set `field` as if it had been read like that: it doesn't count as changed."""
    document._data[field] = value


def put_known(document: Any, field: str, known: Mapping[Any, Any]) -> None:
    """Put in what reference `field` means, when `known` holds it by id, so that nobody fetches it."""
    put(document, field, known.get(ref_id(document, field), as_read(document, field)))
