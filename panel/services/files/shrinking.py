"""Make a picture small enough to be kept, still legible: what a phone sends is often larger than it need be.

A picture is turned upright and scaled down to what a sheet of A4 needs; time and camera stay with it, the
place doesn't. Decoding stays bounded: a JPEG is decoded straight to about the size that is kept.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pi_heif
from PIL import Image
from PIL.ExifTags import IFD, Base

from models.messages import M
from panel.services.files import images
from panel.services.files.limits import MEBIBYTE, FileRefused

pi_heif.register_heif_opener(thumbnails=False)

#: What Pillow calls the kinds of picture that can be made smaller.
JPEG, PNG, HEIF = "JPEG", "PNG", "HEIF"
#: A baseline JPEG takes memory only for the size it is decoded to, hence so many times the pixels.
BASELINE_FACTOR = 3
_KEPT = (Base.Make, Base.Model, Base.DateTime)


class StaysTooLarge(FileRefused):
    """A picture that can't be made small enough and still be read."""


@dataclass(frozen=True)
class Step:
    """How far a picture is reduced: pixels of its longer side, and JPEG quality."""

    longest: int
    quality: int


#: From A4 at 300 dpi to the least at which print is still read with ease; the first that fits is taken.
REDUCTIONS = (Step(3508, 85), Step(2480, 82), Step(2480, 70), Step(1754, 70), Step(1754, 55))


def shrink(data: bytes, kind: str, max_bytes: int, max_pixels: int, turn: int = 0) -> bytes:
    """A JPEG of the picture of at most `max_bytes`, turned clockwise by `turn` degrees (a multiple of 90).

    Raises FileRefused for a broken picture, too many pixels, or one that stays too large.
    """
    picture, exif = _decoded(data, kind, max_pixels, turn)
    for encoded in _encodings(picture, exif):
        if len(encoded) <= max_bytes:
            return encoded
    raise StaysTooLarge(
        M(
            "图片压缩后仍超过 %(limit)s MB。请换一张，或降低分辨率后再上传。",
            limit=f"{max_bytes / MEBIBYTE:g}",
        )
    )


def pixels(data: bytes) -> int:
    """How many pixels the header of a JPEG or PNG announces; 0 where it can't be read."""
    try:
        with Image.open(io.BytesIO(data), formats=(JPEG, PNG)) as image:
            return image.width * image.height
    except (Image.DecompressionBombError, *images.DECODING_ERRORS):
        return 0


def _decoded(data: bytes, kind: str, max_pixels: int, turn: int) -> tuple[Image.Image, Image.Exif]:
    most = max_pixels * (BASELINE_FACTOR if kind == JPEG and _is_baseline(data) else 1)
    image = images.open_picture(data, most, formats=(kind,))
    exif = _kept_exif(image)
    # has an effect on JPEG alone, and never goes below what is asked for
    image.draft("RGB", (REDUCTIONS[0].longest, REDUCTIONS[0].longest))
    picture = images.upright(image)
    picture.thumbnail((REDUCTIONS[0].longest, REDUCTIONS[0].longest), Image.Resampling.LANCZOS)
    return (picture.rotate(-turn, expand=True) if turn % 360 else picture), exif


def _is_baseline(data: bytes) -> bool:
    """Whether a JPEG can be decoded piece by piece; a progressive one is held in memory as a whole."""
    try:
        with Image.open(io.BytesIO(data), formats=(JPEG,)) as image:
            return not image.info.get("progressive")
    except (Image.DecompressionBombError, *images.DECODING_ERRORS):
        return False


def _kept_exif(image: Image.Image) -> Image.Exif:
    """When and with what the picture was taken; not where, and no orientation, which is applied."""
    kept = Image.Exif()
    try:
        found = image.getexif()
        taken = found.get_ifd(IFD.Exif).get(Base.DateTimeOriginal)
    except images.DECODING_ERRORS:
        return kept
    for tag in _KEPT:
        if isinstance(found.get(tag), str):
            kept[tag] = found[tag]
    if isinstance(taken, str):
        kept.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = taken
    return kept


def _encodings(picture: Image.Image, exif: Image.Exif) -> Iterator[bytes]:
    for step in REDUCTIONS:
        if max(picture.size) > step.longest:
            picture.thumbnail((step.longest, step.longest), Image.Resampling.LANCZOS)
        target = io.BytesIO()
        picture.save(target, JPEG, quality=step.quality, optimize=True, exif=exif)
        yield target.getvalue()
