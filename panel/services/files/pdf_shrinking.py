"""Make a scanned PDF small enough to be kept: its large pictures are encoded anew, all else stays as it is.

A PDF with text alone, or with an electronic seal that any change would break, isn't touched but refused. The
work is done in a process of its own: what it unpacks to is known only once it is unpacked.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pikepdf
from PIL import Image

from models.messages import M
from models.outbox import packed, unpacked
from panel.services.files import images, own_process, pdf_check
from panel.services.files.limits import MEBIBYTE, FileRefused, Limits
from panel.services.files.process_bounds import limit
from panel.services.files.shrinking import REDUCTIONS, Step

#: Smaller pictures (seals, logos) and pictures of one bit (fax) gain nothing.
_LEAST_BYTES = 60 * 1024
#: About the bytes of a scanned page of A4 after each of STEPS: where to start, so that one pass mostly does.
_PAGE_BYTES = (1_300_000, 650_000, 450_000, 250_000, 190_000)
_COLOURS = {"/DeviceRGB", "/DeviceGray", "/CalRGB", "/CalGray"}
#: What a file raises that names things it doesn't hold, or kinds of picture that nobody has met yet.
_ODD = (pikepdf.PikepdfError, RuntimeError, TypeError, AttributeError)
_NOT_TOUCHED = {"/JBIG2Decode", "/CCITTFaxDecode", "/JPXDecode"}


#: What making one PDF smaller may take: a hundred scanned pages take a minute and 600 MB.
_MEMORY_BYTES = 1536 * 1024 * 1024
_CPU_SECONDS = 240
_PATIENCE_SECONDS = 300
_DONE, _REFUSED = b"done", b"refused"


def shrink(data: bytes, limits: Limits) -> bytes:
    """The PDF with at most `limits.max_bytes`; raises FileRefused for one that can't be made so small."""
    pdf_check.check_pdf(data, limits)
    numbers = (str(number) for number in (limits.max_bytes, limits.max_pages, limits.max_pixels))
    answer = own_process.run("panel.services.files.pdf_shrinking", data, *numbers, seconds=_PATIENCE_SECONDS)
    if answer is None:
        raise pdf_check.too_complex()
    head, _end, rest = answer.partition(b"\n")
    if head == _REFUSED:
        raise FileRefused(unpacked(json.loads(rest)))
    return rest


def main() -> None:
    """Answer for one PDF on stdin: the smaller one, or why it is refused."""
    limit(_MEMORY_BYTES, _CPU_SECONDS)
    limits = Limits(*(int(argument) for argument in sys.argv[1:4]))
    try:
        answer = _DONE + b"\n" + _made(sys.stdin.buffer.read(), limits)
    except FileRefused as refusal:
        answer = _REFUSED + b"\n" + json.dumps(packed(refusal.message)).encode()
    sys.stdout.buffer.write(answer)


def _made(data: bytes, limits: Limits) -> bytes:
    try:
        return _shrunk(data, limits)
    except (*_ODD, ValueError, KeyError, MemoryError) as error:
        raise pdf_check.broken() from error


def _shrunk(data: bytes, limits: Limits) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as document:
        if _is_signed(document):
            raise FileRefused(
                M(
                    "PDF 超过 %(limit)s MB，又带有电子签章，压缩会使签章失效。"
                    "请向出具单位要一份小一些的，或拆开上传。",
                    limit=_megabytes(limits),
                )
            )
        pictures = sum(1 for _ in _pictures(document))
    if not pictures:
        raise FileRefused(
            M(
                "PDF 超过 %(limit)s MB，里面没有可以再压缩的图片。请只保留需要的页，或拆成几个文件分别上传。",
                limit=_megabytes(limits),
            )
        )
    for step in _steps(limits.max_bytes, pictures):
        # each step starts from what was sent: encoding twice would blur twice
        made = _with_smaller_pictures(data, step, limits)
        if len(made) <= limits.max_bytes:
            return made
    raise FileRefused(
        M(
            "PDF 压缩后仍超过 %(limit)s MB。请只保留需要的页，或拆成几个文件分别上传。",
            limit=_megabytes(limits),
        )
    )


def _steps(max_bytes: int, pictures: int) -> tuple[Step, ...]:
    share = max_bytes / pictures
    first = next((i for i, size in enumerate(_PAGE_BYTES) if size <= share), len(REDUCTIONS) - 1)
    return REDUCTIONS[first:]


def _with_smaller_pictures(data: bytes, step: Step, limits: Limits) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as document:
        for picture in _pictures(document):
            _replace(picture, step, limits)
        document.remove_unreferenced_resources()
        target = io.BytesIO()
        document.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
            linearize=False,
        )
        return target.getvalue()


def _is_signed(document: pikepdf.Pdf) -> bool:
    """Whether any object is an electronic signature, which covers the file byte by byte."""
    return any(isinstance(item, pikepdf.Dictionary) and "/ByteRange" in item for item in document.objects)


def _pictures(document: pikepdf.Pdf) -> Iterator[pikepdf.Stream]:
    for item in document.objects:
        if isinstance(item, pikepdf.Stream) and _is_shrinkable(item):
            yield item


def _is_shrinkable(item: pikepdf.Stream) -> bool:
    if item.get("/Subtype") != pikepdf.Name.Image or len(item.read_raw_bytes()) < _LEAST_BYTES:
        return False
    if item.get("/ImageMask") or "/Decode" in item or isinstance(item.get("/Mask"), pikepdf.Array):
        return False
    if int(item.get("/BitsPerComponent", 8)) != 8:
        return False
    return not set(_filters(item)) & _NOT_TOUCHED and _components(item) in (1, 3)


def _filters(item: pikepdf.Stream) -> list[str]:
    found: Any = item.get("/Filter", [])
    return [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]


def _components(item: pikepdf.Stream) -> int:
    """How many colours a pixel has; 0 for a colour space that isn't understood here."""
    space = item.get("/ColorSpace")
    if isinstance(space, pikepdf.Array) and len(space) > 1 and str(space[0]) == "/ICCBased":
        return int(space[1].get("/N", 0))
    name = str(space[0] if isinstance(space, pikepdf.Array) and len(space) else space)
    return 0 if name not in _COLOURS else 1 if name.endswith("Gray") else 3


def _replace(item: pikepdf.Stream, step: Step, limits: Limits) -> None:
    """Encode one picture anew, if that makes it smaller; a picture that can't be read stays as it is."""
    picture = _opened(item, step, limits)
    if picture is None or picture.mode not in ("L", "RGB"):
        return
    if (picture.mode == "L") != (_components(item) == 1):
        return
    picture.thumbnail((step.longest, step.longest), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=step.quality, optimize=True)
    encoded = target.getvalue()
    if len(encoded) >= len(item.read_raw_bytes()):
        return
    item.write(encoded, filter=pikepdf.Name.DCTDecode)
    item.Width, item.Height = picture.size
    item.BitsPerComponent = 8
    for key in ("/DecodeParms", "/Interpolate"):
        if key in item:
            del item[key]


def _opened(item: pikepdf.Stream, step: Step, limits: Limits) -> Image.Image | None:
    try:
        if _filters(item) == ["/DCTDecode"]:
            image = images.open_picture(item.read_raw_bytes(), limits.max_pixels, formats=("JPEG",))
            image.draft(None, (step.longest, step.longest))
            image.load()
            return image
        return pikepdf.PdfImage(item).as_pil_image()
    except (FileRefused, *_ODD, *images.DECODING_ERRORS):
        return None


def _megabytes(limits: Limits) -> str:
    return f"{limits.max_bytes / MEBIBYTE:g}"


if __name__ == "__main__":
    main()
