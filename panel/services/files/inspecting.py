"""Inspect an upload by its content, never by its name: JPEG, PNG and PDF only.

What is kept:
- a PDF byte for byte, so that electronic seals stay valid; one with scripts, launch or send actions,
  embedded files, multimedia or XFA is refused, not repaired;
- a picture pixel for pixel, without the place where it was taken and without anything appended
  (`panel.services.files.image_scrub`).
`FileFacts.data` is what to store; `FileFacts.sha256` is the hash of just that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

import filetype

from models.field_spec import Text
from models.messages import M
from panel.services.files import image_scrub, images, pdf_check
from panel.services.files.limits import MEBIBYTE, FileRefused, Limits

THUMBNAIL_PIXELS = 240


class FileKind(StrEnum):
    """The three kinds of file that are taken, each with its one media type."""

    JPEG = "jpeg"
    PNG = "png"
    PDF = "pdf"

    @property
    def mime(self) -> str:
        """The media type to serve it with."""
        return _MIMES[self]

    @property
    def extension(self) -> str:
        """The ending of a file name, with its dot."""
        return _EXTENSIONS[self]


_MIMES = {FileKind.JPEG: "image/jpeg", FileKind.PNG: "image/png", FileKind.PDF: "application/pdf"}
_EXTENSIONS = {FileKind.JPEG: ".jpg", FileKind.PNG: ".png", FileKind.PDF: ".pdf"}
_KINDS = {mime: kind for kind, mime in _MIMES.items()}
_APPLE_PHOTOS = {"image/heic", "image/heif", "image/avif"}


@dataclass(frozen=True)
class FileFacts:
    """What is known of an accepted file; `width` and `height` (upright) are None for a PDF.

    `is_changed` when `data` is not what was sent, since a position or an appendix was removed.
    """

    kind: FileKind
    mime: str
    size: int
    width: int | None
    height: int | None
    pages: int
    sha256: str
    thumbnail: bytes = field(repr=False)
    data: bytes = field(repr=False)
    is_changed: bool = False


def inspect(source: bytes | BinaryIO, limits: Limits | None = None) -> FileFacts:
    """Tell what a file is and return what to store of it; `FileRefused` says what is wrong."""
    limits = limits or Limits()
    data = read_limited(source, limits.max_bytes)
    kind = kind_of(data)
    if kind is FileKind.PDF:
        return _inspect_pdf(data, limits)
    return _inspect_picture(data, kind, limits)


def read_limited(source: bytes | BinaryIO, max_bytes: int) -> bytes:
    """Read a source that may be endless; `FileRefused` when it is empty or longer than allowed."""
    data = source if isinstance(source, bytes) else source.read(max_bytes + 1)
    if not data:
        raise FileRefused(M("文件是空的。请重新选择文件。"))
    if len(data) > max_bytes:
        raise FileRefused(
            M(
                "文件超过 %(limit)s MB 的限制。请压缩，或拆成几个文件分别上传。",
                limit=f"{max_bytes / MEBIBYTE:g}",
            )
        )
    return data


def kind_of(data: bytes, allowed: frozenset[FileKind] = frozenset(FileKind)) -> FileKind:
    """Tell the kind of file by its first bytes; `FileRefused` for any that is not allowed."""
    guess = filetype.guess(data)
    kind = _KINDS.get(guess.mime) if guess else None
    if kind in allowed and kind is not None:
        return kind
    names = [member.name for member in FileKind if member in allowed]
    accepted = Text.listing(names)
    if guess is None:
        raise FileRefused(
            M("认不出这是什么文件。只能上传 %(accepted)s，请另存或导出后再上传。", accepted=accepted)
        )
    if guess.mime in _APPLE_PHOTOS:
        raise FileRefused(
            M(
                "这是 HEIC 或 AVIF 照片，只能上传 %(accepted)s。"
                "请在手机的相机设置里选“兼容性最佳”，或转成 JPEG 后再上传。",
                accepted=accepted,
            )
        )
    raise FileRefused(
        M(
            "这是 %(kind)s 文件，只能上传 %(accepted)s。请另存或导出后再上传，只改文件名不起作用。",
            kind=guess.extension.upper(),
            accepted=accepted,
        )
    )


def _inspect_pdf(data: bytes, limits: Limits) -> FileFacts:
    pdf_check.check_pdf(data, limits)
    pages, picture = pdf_check.look(data, limits, THUMBNAIL_PIXELS)
    return _facts(FileKind.PDF, data, data, None, pages, images.thumbnail(picture, THUMBNAIL_PIXELS))


def _inspect_picture(received: bytes, kind: FileKind, limits: Limits) -> FileFacts:
    # The header first: a bomb is refused before anything walks through it.
    images.open_picture(received, limits.max_pixels)
    scrub = image_scrub.scrub_jpeg if kind is FileKind.JPEG else image_scrub.scrub_png
    try:
        data = scrub(received)
    except image_scrub.BrokenImage as error:
        raise images.broken() from error
    image = images.open_picture(data, limits.max_pixels)
    size = images.seen_size(image)
    # Decodes a JPEG to its end, but straight to a small size.
    image.draft("RGB", (2 * THUMBNAIL_PIXELS, 2 * THUMBNAIL_PIXELS))
    small = images.thumbnail(images.upright(image, longest=2 * THUMBNAIL_PIXELS), THUMBNAIL_PIXELS)
    return _facts(kind, data, received, size, 1, small)


def _facts(
    kind: FileKind, data: bytes, received: bytes, size: tuple[int, int] | None, pages: int, small: bytes
) -> FileFacts:
    width, height = size or (None, None)
    return FileFacts(
        kind=kind,
        mime=kind.mime,
        size=len(data),
        width=width,
        height=height,
        pages=pages,
        sha256=hashlib.sha256(data).hexdigest(),
        thumbnail=small,
        data=data,
        is_changed=data != received,
    )
