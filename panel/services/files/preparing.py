"""From what was sent to what would be kept: as it is, compressed when too large, converted, or joined.

Whatever was changed is for the person to look at before it counts (`panel.domain.content.pending`).
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import filetype

from models.choices import Preparation
from models.messages import M
from panel.services.files import inspecting, joining, pdf_shrinking, shrinking
from panel.services.files.inspecting import FileFacts, FileKind
from panel.services.files.limits import FileRefused, Limits

#: Pictures of fifty million pixels are decoded two at a time, whoever sends them.
_WORKERS = threading.BoundedSemaphore(2)
_PATIENCE = 30  # seconds; waiting requests hold a thread each
_PICTURES = {"image/jpeg": shrinking.JPEG, "image/png": shrinking.PNG}
_CONVERTED = {"image/heic": shrinking.HEIF, "image/heif": shrinking.HEIF}


@dataclass(frozen=True)
class Prepared:
    """A checked file and what was done to it: None when it is what was sent."""

    facts: FileFacts
    what: Preparation | None
    sent_bytes: int
    sent_files: int = 1


@dataclass(frozen=True)
class SentPhoto:
    """A photo as it was sent, and by how many degrees it is to be turned clockwise."""

    source: BinaryIO
    turn: int = 0


def prepare(source: BinaryIO, limits: Limits, max_sent: int, kinds: Collection[str]) -> Prepared:
    """Check what was sent and make it fit `limits`; raises FileRefused, with nothing stored.

    `kinds` are the FileKind values taken. At most `max_sent` bytes are read.
    """
    data = inspecting.read_limited(source, max_sent)
    mime = _mime(data)
    if mime in _CONVERTED and FileKind.JPEG in kinds:
        with _worker():
            made = shrinking.shrink(data, _CONVERTED[mime], limits.max_bytes, limits.max_pixels)
        return Prepared(inspecting.inspect(made, limits), Preparation.CONVERTED, len(data))
    if len(data) <= limits.max_bytes and not _is_too_fine(data, mime, limits, kinds):
        return Prepared(inspecting.inspect(data, limits), None, len(data))
    made = _smaller(data, mime, limits, kinds)
    return Prepared(inspecting.inspect(made, limits), Preparation.COMPRESSED, len(data))


def join(photos: Sequence[SentPhoto], limits: Limits, max_sent: int) -> Prepared:
    """Join photos to one PDF that fits `limits`; raises FileRefused, with nothing stored."""
    pages: list[joining.PhotoPage] = []
    left = max_sent
    for photo in photos:
        data = inspecting.read_limited(photo.source, left)
        left = max(0, left - len(data))
        kind = (_PICTURES | _CONVERTED).get(_mime(data))
        if kind is None:
            raise FileRefused(
                M("第 %(n)s 个文件不是照片。只能合成 JPEG、PNG 或 HEIC 照片。", n=len(pages) + 1)
            )
        pages.append(joining.PhotoPage(data, kind, photo.turn))
    with _worker():
        made = joining.join(pages, limits)
    return Prepared(inspecting.inspect(made, limits), Preparation.JOINED, max_sent - left, len(pages))


def _mime(data: bytes) -> str:
    guess = filetype.guess(data)
    return guess.mime if guess else ""


def _is_too_fine(data: bytes, mime: str, limits: Limits, kinds: Collection[str]) -> bool:
    """Whether a picture has more pixels than are kept, though not too many to be scaled down."""
    return mime in _PICTURES and FileKind.JPEG in kinds and shrinking.pixels(data) > limits.max_pixels


def _smaller(data: bytes, mime: str, limits: Limits, kinds: Collection[str]) -> bytes:
    if mime in _PICTURES and FileKind.JPEG in kinds:
        with _worker():
            return shrinking.shrink(data, _PICTURES[mime], limits.max_bytes, limits.max_pixels)
    if mime == FileKind.PDF.mime and FileKind.PDF in kinds:
        with _worker():
            return pdf_shrinking.shrink(data, limits)
    inspecting.kind_of(data)  # first of all it may be no file that is taken at all
    return inspecting.read_limited(data, limits.max_bytes)


@contextmanager
def _worker() -> Iterator[None]:
    if not _WORKERS.acquire(timeout=_PATIENCE):
        raise FileRefused(M("现在上传的人很多，没能处理这个文件。请过一会儿再试。"))
    try:
        yield
    finally:
        _WORKERS.release()
