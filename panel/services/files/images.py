"""Open pictures that strangers sent: bounded before decoding, upright, on a plain ground."""

from __future__ import annotations

import io
import logging
import struct
import threading

import weasyprint.images  # noqa: F401 (see below: it has to come first)
from PIL import Image, ImageCms, ImageFile, ImageOps

from models.messages import M, Message
from panel.services.files.limits import FileRefused

# WeasyPrint tells Pillow, for the whole process, to fill broken pictures with grey. Evidence that is broken
# has to be noticed; and what is printed has been checked here.
ImageFile.LOAD_TRUNCATED_IMAGES = False

ORIENTATION = 0x0112
_SRGB = ImageCms.createProfile("sRGB")
#: A picture of fifty million pixels takes up to 900 MB while it is decoded.
_DECODERS = threading.BoundedSemaphore(2)
_PATIENCE = 30  # seconds; waiting requests hold a thread each
_RESIZABLE = frozenset({"L", "RGB", "RGBA", "CMYK"})
_log = logging.getLogger(__name__)

# What Pillow raises on data that is no picture or half of one.
DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    IndexError,
    KeyError,
    MemoryError,
)


def broken() -> FileRefused:
    """The refusal of a picture that can't be decoded to its end."""
    return FileRefused(M("图片已损坏或不完整，打不开。请重新拍照、扫描或另存后再上传。"))


def open_picture(data: bytes, max_pixels: int, formats: tuple[str, ...] = ("JPEG", "PNG")) -> Image.Image:
    """Read the header of a picture of one of `formats`; refuse too many pixels before any is decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
    except Image.DecompressionBombError as error:
        raise FileRefused(_too_many_pixels(max_pixels)) from error
    except DECODING_ERRORS as error:
        raise broken() from error
    if image.width * image.height > max_pixels:
        raise FileRefused(_too_many_pixels(max_pixels))
    return image


def seen_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as a person sees the picture, turned upright."""
    width, height = image.size
    try:
        orientation = image.getexif().get(ORIENTATION, 1)
    except DECODING_ERRORS as error:
        raise broken() from error
    return (height, width) if orientation in {5, 6, 7, 8} else (width, height)


def upright(image: Image.Image, ground: str = "white", longest: int = 0) -> Image.Image:
    """Decode the whole picture and return it in sRGB, turned upright, transparent parts on `ground`.

    With `longest` its longer side has at most so many pixels: most of the memory goes into what follows the
    decoding. Two are decoded at a time, whoever sends them.
    """
    if not _DECODERS.acquire(timeout=_PATIENCE):
        raise FileRefused(M("现在上传的人很多，没能处理这个文件。请过一会儿再试。"))
    try:
        image.load()
        if longest and image.mode in _RESIZABLE:
            image.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
        # In place: a copy of fifty million pixels is 150 MB.
        ImageOps.exif_transpose(image, in_place=True)
        return _to_rgb(image, ground)
    except DECODING_ERRORS as error:
        raise broken() from error
    finally:
        _DECODERS.release()


def thumbnail(image: Image.Image, longest: int) -> bytes:
    """A JPEG of the picture whose longer side has at most `longest` pixels."""
    scale = min(1, longest / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    target = io.BytesIO()
    small.save(target, "JPEG", quality=80, optimize=True)
    return target.getvalue()


def _to_rgb(image: Image.Image, ground: str) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits of grey: the plain conversion clips all but the darkest to white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        with_alpha = image.convert("RGBA")
        plain = Image.new("RGBA", image.size, ground)
        return _in_srgb(Image.alpha_composite(plain, with_alpha), image.info).convert("RGB")
    return _in_srgb(image, image.info).convert("RGB")


def _in_srgb(image: Image.Image, info: dict[str | tuple[int, int], object]) -> Image.Image:
    """Apply the embedded colour profile, since it is lost afterwards; without a usable one, as it is."""
    profile = info.get("icc_profile")
    if not isinstance(profile, bytes) or image.mode not in {"RGB", "CMYK", "L"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError) as error:
        _log.info("colour profile not usable: %s", error)
        return image


def _too_many_pixels(max_pixels: int) -> Message:
    return M(
        "图片的像素超过 %(limit)s 万，太大了。请缩小尺寸或降低扫描分辨率后再上传。",
        limit=max_pixels // 10_000,
    )
