"""The applicant's photo, cut to the round's specification and made anew (G11).

The browser crops; this checks again and never trusts it. The result is a plain JPEG of exactly the
size the round asks for, without a trace of the file that was sent.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, ImageStat

from models.messages import M, Message
from models.round_spec import PhotoSpec
from panel.services.files import image_scrub, images
from panel.services.files.inspecting import FileKind, kind_of, read_limited
from panel.services.files.limits import MEBIBYTE, FileRefused

RATIO_TOLERANCE_PERCENT = 3
_QUALITIES = range(40, 101)
_FULL_COLOUR_FROM = 90  # above, the colours are stored as finely as the brightness
_PICTURES = frozenset({FileKind.JPEG, FileKind.PNG})

# Backgrounds as the eye takes them: (ranges of red, green, blue), each end included.
_BACKGROUNDS = {
    "white": ((215, 255), (215, 255), (215, 255)),
    "blue": ((0, 150), (60, 215), (150, 255)),
    "red": ((150, 255), (0, 90), (0, 90)),
}
_BACKGROUND_NAMES = {"white": M("白色"), "blue": M("蓝色"), "red": M("红色")}


@dataclass(frozen=True)
class PhotoRule:
    """What a photo must be: exact pixels, bytes of the result from and to, background.

    `background` is white, blue, red or any.
    """

    width: int = 295
    height: int = 413
    min_bytes: int = 5 * 1024
    max_bytes: int = 200 * 1024
    background: str = "any"

    @classmethod
    def of(cls, spec: PhotoSpec) -> PhotoRule:
        """The rule that a round's specification spells out."""
        return cls(spec.width, spec.height, spec.min_kb * 1024, spec.max_kb * 1024, spec.background)


@dataclass(frozen=True)
class FittedPhoto:
    """A photo that fits: JPEG bytes, pixels, and what a person should look at again."""

    data: bytes
    width: int
    height: int
    warnings: tuple[Message, ...] = ()


def process(
    data: bytes, rule: PhotoRule, *, max_upload: int = 10 * MEBIBYTE, max_pixels: int = 50_000_000
) -> FittedPhoto:
    """Turn an upload into the round's photo (G11); `FileRefused` says what is wrong and what to do.

    An unexpected background is only a warning: light and shadows are for a person to judge.
    """
    received = read_limited(data, max_upload)
    kind = kind_of(received, _PICTURES)
    image = images.open_picture(received, max_pixels)
    _check_whole(received, kind)
    _check_size(images.seen_size(image), rule)
    ground = rule.background if rule.background in _BACKGROUNDS else "white"
    # Twice the pixels are plenty; a JPEG is then decoded straight to about that.
    image.draft("RGB", (2 * max(rule.width, rule.height),) * 2)
    picture = ImageOps.fit(images.upright(image, ground), (rule.width, rule.height), Image.Resampling.LANCZOS)
    return FittedPhoto(_encode(picture, rule), rule.width, rule.height, _warnings(picture, rule))


def _check_whole(data: bytes, kind: FileKind) -> None:
    scrub = image_scrub.scrub_jpeg if kind is FileKind.JPEG else image_scrub.scrub_png
    try:
        scrub(data)
    except image_scrub.BrokenImage as error:
        raise images.broken() from error


def _check_size(size: tuple[int, int], rule: PhotoRule) -> None:
    width, height = size
    asked = {"width": rule.width, "height": rule.height, "has_width": width, "has_height": height}
    if width < rule.width or height < rule.height:
        raise FileRefused(
            M(
                "照片只有 %(has_width)s×%(has_height)s 像素，至少要 %(width)s×%(height)s 像素。"
                "请换一张更清晰的原图，不要用缩略图或截图。",
                **asked,
            )
        )
    # |w/h - W/H| in integers, as a share of W/H.
    if abs(width * rule.height - height * rule.width) * 100 > RATIO_TOLERANCE_PERCENT * height * rule.width:
        raise FileRefused(
            M(
                "照片的宽高比例不对：现在是 %(has_width)s×%(has_height)s，要按 %(width)s×%(height)s 的比例。"
                "请用页面上的裁剪框裁剪后再上传。",
                **asked,
            )
        )


def _encode(picture: Image.Image, rule: PhotoRule) -> bytes:
    """The JPEG of the best quality that fits into the rule's bytes, found by halving."""
    best: bytes | None = None
    low, high = 0, len(_QUALITIES) - 1
    while low <= high:
        middle = (low + high) // 2
        encoded = _jpeg(picture, _QUALITIES[middle])
        if len(encoded) <= rule.max_bytes:
            best, low = encoded, middle + 1
        else:
            high = middle - 1
    if best is None:
        raise FileRefused(
            M(
                "照片压缩后仍超过 %(limit)s KB。请换一张背景干净、没有杂点的照片。",
                limit=rule.max_bytes // 1024,
            )
        )
    if len(best) < rule.min_bytes:
        raise FileRefused(
            M(
                "照片细节太少，不到 %(limit)s KB，不像一张完整的证件照。请上传没有压缩过的原图。",
                limit=rule.min_bytes // 1024,
            )
        )
    return best


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    target = io.BytesIO()
    subsampling = "4:4:4" if quality >= _FULL_COLOUR_FROM else "4:2:0"
    # A new image carries no EXIF, XMP, profile or comment; nothing is passed on.
    clean = Image.frombytes("RGB", picture.size, picture.tobytes())
    clean.save(target, "JPEG", quality=quality, subsampling=subsampling, optimize=True)
    return target.getvalue()


def _warnings(picture: Image.Image, rule: PhotoRule) -> tuple[Message, ...]:
    """Compare the two upper corners, where there is neither hair nor shoulder."""
    expected = _BACKGROUNDS.get(rule.background)
    if expected is None:
        return ()
    side_x, side_y = max(1, rule.width // 10), max(1, rule.height // 10)
    corners = ((0, 0, side_x, side_y), (rule.width - side_x, 0, rule.width, side_y))
    for corner in corners:
        colour = ImageStat.Stat(picture.crop(corner)).median
        if not all(low <= value <= high for value, (low, high) in zip(colour, expected, strict=True)):
            name = _BACKGROUND_NAMES[rule.background]
            return (M("照片的背景看起来不是%(colour)s。请核对，不符合要求的照片会被退回。", colour=name),)
    return ()
