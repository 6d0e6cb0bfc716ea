"""QR codes that a page holds itself: their modules are those of the standard's encoder."""

import base64
import io
import urllib.parse
from xml.etree import ElementTree

import pytest
import segno
from PIL import Image

from panel.services.prints.qr import png_data_uri, svg_data_uri

ADDRESS = "https://pingshen.example.edu.cn/verify/7K3M-Q2PX-94TD"


def modules(picture: Image.Image, scale: int) -> list[list[bool]]:
    """Whether each module is dark, read off its middle; the quiet zone is cut off."""
    side = picture.width // scale
    return [
        [picture.getpixel((int((x + 0.5) * scale), int((y + 0.5) * scale))) == 0 for x in range(4, side - 4)]
        for y in range(4, side - 4)
    ]


def test_the_png_shows_the_modules_of_the_text() -> None:
    uri = png_data_uri(ADDRESS, scale=6)
    assert uri.startswith("data:image/png;base64,")
    data = base64.b64decode(uri.partition(",")[2])
    picture = Image.open(io.BytesIO(data)).convert("L")
    expected = [[bool(module) for module in row] for row in segno.make_qr(ADDRESS, error="m").matrix]
    assert modules(picture, 6) == expected
    assert picture.width == picture.height == (len(expected) + 8) * 6


def test_around_the_code_four_modules_stay_white() -> None:
    data = base64.b64decode(png_data_uri(ADDRESS, scale=1).partition(",")[2])
    picture = Image.open(io.BytesIO(data)).convert("L")
    side = picture.width
    for edge in ((0, 0, side, 4), (0, side - 4, side, side), (0, 0, 4, side), (side - 4, 0, side, side)):
        assert picture.crop(edge).getextrema() == (255, 255)
    assert picture.getpixel((4, 4)) == 0


def test_the_svg_is_a_data_address_of_the_right_size_without_anything_from_outside() -> None:
    uri = svg_data_uri(ADDRESS, scale=4)
    assert uri.startswith("data:image/svg+xml")
    text = urllib.parse.unquote(uri.partition(",")[2])
    side = (len(segno.make_qr(ADDRESS, error="m").matrix) + 8) * 4
    root = ElementTree.fromstring(text)
    assert (root.get("width"), root.get("height")) == (f"{side}px", f"{side}px")
    assert root.get("viewBox") == f"0 0 {side} {side}"
    assert "href" not in text
    assert "<script" not in text


def test_a_short_text_is_a_normal_code_that_every_phone_reads() -> None:
    data = base64.b64decode(png_data_uri("1", scale=1).partition(",")[2])
    assert Image.open(io.BytesIO(data)).width == 21 + 8


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a text"):
        svg_data_uri("")
