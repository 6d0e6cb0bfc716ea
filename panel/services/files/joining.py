"""Join photos of the pages of one document to one PDF, each on a sheet of A4 that lies as the photo does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import img2pdf

from models.messages import M, PingshenError
from panel.services.files import shrinking
from panel.services.files.limits import MEBIBYTE, FileRefused, Limits

MOST_PHOTOS = 40
#: A photo of a page needs no more.
_MOST_BYTES_EACH = 3 * MEBIBYTE
_A4 = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))
_BORDER = (img2pdf.mm_to_pt(5), img2pdf.mm_to_pt(5))


@dataclass(frozen=True)
class PhotoPage:
    """A photo to be joined: its bytes, what Pillow calls its kind, and degrees to turn it clockwise."""

    data: bytes
    kind: str
    turn: int = 0


def join(photos: Sequence[PhotoPage], limits: Limits) -> bytes:
    """A PDF of the photos in their order, at most `limits.max_bytes`; raises FileRefused naming a bad one."""
    if not photos:
        raise FileRefused(M("没有选择照片。请先选择要合成的照片。"))
    if len(photos) > MOST_PHOTOS:
        raise FileRefused(M("一次最多合成 %(n)s 张照片。请分几次合成。", n=MOST_PHOTOS))
    share = min(_MOST_BYTES_EACH, limits.max_bytes * 95 // 100 // len(photos))
    pages = [_page(number, photo, share, limits) for number, photo in enumerate(photos, 1)]
    return bytes(
        img2pdf.convert(
            pages,
            layout_fun=img2pdf.get_layout_fun(
                _A4, border=_BORDER, fit=img2pdf.FitMode.into, auto_orient=True
            ),
            nodate=True,
            producer="Pingshen",
        )
    )


def _page(number: int, photo: PhotoPage, share: int, limits: Limits) -> bytes:
    try:
        return shrinking.shrink(photo.data, photo.kind, share, limits.max_pixels, photo.turn)
    except shrinking.StaysTooLarge as error:
        most = f"{limits.max_bytes / MEBIBYTE:g}"
        raise FileRefused(
            M("这些照片合成后超过 %(limit)s MB。请分几次合成，每次少选几张。", limit=most)
        ) from error
    except PingshenError as error:
        raise FileRefused(M("第 %(n)s 张照片：%(reason)s", n=number, reason=error.message)) from error
