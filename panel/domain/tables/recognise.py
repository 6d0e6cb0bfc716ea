"""Which column of ours a heading means: by its words, whatever brackets and spaces are around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

_NOISE = re.compile(r"[\s*＊:：、,，。.．\"“”'’_·]+")
_BRACKETS = re.compile(r"[（(\[【〔][^）)\]】〕]*[）)\]】〕]")
#: A longer heading is a sentence.
_LONG = 20
#: A name that merely contains one of these words is still somebody else's.
_FOREIGN = ("配偶", "联系人", "家属", "导师", "推荐人", "负责人", "拼音", "曾用")


def plain(label: str) -> str:
    """A label as it is compared: no spaces, marks or widths."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", label)).lower()


def _bare(label: str) -> str:
    """A label without what stands in brackets: 出生年月（如 1986.03）."""
    return plain(_BRACKETS.sub("", unicodedata.normalize("NFKC", label)))


class Vocabulary:
    """Column keys by the words that mean them."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        """`words`: column key -> what people call it, the surest name first."""
        self._keys: dict[str, list[tuple[int, str]]] = {}
        for key, names in words.items():
            for rank, name in enumerate(names):
                self._keys.setdefault(plain(name), []).append((rank, key))
        self._contained = sorted((name for name in self._keys if len(name) >= 2), key=len, reverse=True)

    def knows(self, words: tuple[str, ...]) -> bool:
        """Whether a heading's words (uppermost first) are a column of ours for certain."""
        return bool(self._exactly(words))

    def map(self, columns: Sequence[Sequence[str]], labels: Sequence[str]) -> dict[str, str]:
        """Label -> column key for a heading; each key once, exact words before contained ones."""
        found: dict[str, str] = {}
        for read in (self._exactly, self._loosely):
            offers = [
                (rank, index, key)
                for index, words in enumerate(columns)
                for rank, key in (read(words) if words else ())
            ]
            for _rank, index, key in sorted(offers):
                if labels[index] not in found and key not in found.values():
                    found[labels[index]] = key
        return found

    def _exactly(self, words: Sequence[str]) -> list[tuple[int, str]]:
        for label in ("".join(words), *reversed(words)):
            for form in (plain(label), _bare(label)):
                if form in self._keys:
                    return self._keys[form]
        return []

    def _loosely(self, words: Sequence[str]) -> list[tuple[int, str]]:
        label = _bare("".join(words))
        if len(label) > _LONG or any(word in label for word in _FOREIGN):
            return []
        return next((self._keys[name] for name in self._contained if name in label), [])
