"""QR codes as pictures that a page or a print holds itself, without a request."""

from __future__ import annotations

import segno

ERROR_LEVEL = "m"  # 15 % may be dirt or a stamp
QUIET_ZONE = 4  # modules of white around, as the standard asks


def svg_data_uri(text: str, scale: int = 4) -> str:
    """The QR code of `text` as a `data:image/svg+xml` address, sharp at any size."""
    # Only with a unit it gets a viewBox, without which a style cannot resize it.
    return str(_code(text).svg_data_uri(scale=scale, unit="px", border=QUIET_ZONE, light="white"))


def png_data_uri(text: str, scale: int = 8) -> str:
    """The QR code of `text` as a `data:image/png` address, `scale` pixels a module."""
    return str(_code(text).png_data_uri(scale=scale, border=QUIET_ZONE, light="white"))


def _code(text: str) -> segno.QRCode:
    """A normal QR code, never a micro one, which many phones can't read."""
    if not text:
        raise ValueError("a QR code needs a text")
    return segno.make(text, error=ERROR_LEVEL, micro=False)
