"""Photos and evidence of invented people, drawn by the program: nobody's likeness, nobody's document."""

from __future__ import annotations

import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
)
_SKINS = ("#f3d3b6", "#eec3a0", "#f7dcc4", "#e6b893")
_HAIRS = ("#1d1a19", "#2c2420", "#3a2f2a", "#4a4642")
_CLOTHES = ("#27364d", "#4a2f3c", "#2f4a3e", "#3c3c44", "#5a4a32", "#1f2d3d")
_PAGE = (1240, 1754)  # A4 at 150 dpi


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    for path in _FONTS:
        try:
            return ImageFont.truetype(path, size, index=2)
        except OSError:
            continue
    raise RuntimeError("没有找到中文字体，请安装 fonts-noto-cjk（make doctor 会检查）。")


def portrait(seed: str, woman: bool, width: int, height: int) -> bytes:
    """A drawn head-and-shoulders picture on light blue, JPEG; the same for the same `seed`."""
    dice = random.Random(seed)  # noqa: S311
    w, h = width * 2, height * 2
    image = Image.new("RGB", (w, h), "#dbe9f6")
    draw = ImageDraw.Draw(image)
    skin, hair, clothes = dice.choice(_SKINS), dice.choice(_HAIRS), dice.choice(_CLOTHES)
    cx, cy, r = w / 2, h * 0.42, w * (0.205 + dice.random() * 0.02)
    if woman:
        draw.rounded_rectangle((cx - r * 1.28, cy - r * 1.2, cx + r * 1.28, cy + r * 1.9), r, fill=hair)
    draw.ellipse((cx - w * 0.42, h * 0.72, cx + w * 0.42, h * 1.3), fill=clothes)
    draw.rectangle((cx - r * 0.42, cy + r * 0.8, cx + r * 0.42, h * 0.77), fill=skin)
    draw.polygon([(cx - r * 0.75, h * 0.735), (cx + r * 0.75, h * 0.735), (cx, h * 0.86)], fill="#ffffff")
    draw.ellipse((cx - r * 1.12, cy - r * 0.25, cx - r * 0.86, cy + r * 0.3), fill=skin)
    draw.ellipse((cx + r * 0.86, cy - r * 0.25, cx + r * 1.12, cy + r * 0.3), fill=skin)
    draw.ellipse((cx - r, cy - r * 1.2, cx + r, cy + r * 1.25), fill=skin)
    _hair(draw, cx, cy, r, hair, woman, dice)
    _face(draw, cx, cy, r, hair, dice)
    image = image.filter(ImageFilter.GaussianBlur(w / 400)).resize((width, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def _hair(
    draw: ImageDraw.ImageDraw, cx: float, cy: float, r: float, hair: str, woman: bool, dice: random.Random
) -> None:
    low = cy - r * (0.35 if woman else 0.5)
    draw.pieslice((cx - r * 1.06, cy - r * 1.34, cx + r * 1.06, low + r * 0.55), 180, 360, fill=hair)
    part = dice.choice((-0.15, 0.15)) if not woman else dice.choice((-0.4, 0.35))
    reach = 0.85 if woman else 0.7
    draw.pieslice(
        (cx + (part - reach) * r, low - r * 0.5, cx + (part + reach) * r, low + r * 0.4), 180, 350, fill=hair
    )


def _face(draw: ImageDraw.ImageDraw, cx: float, cy: float, r: float, hair: str, dice: random.Random) -> None:
    for side in (-1, 1):
        x = cx + side * r * 0.4
        draw.ellipse((x - r * 0.1, cy - r * 0.07, x + r * 0.1, cy + r * 0.09), fill="#2a2523")
        draw.line((x - r * 0.2, cy - r * 0.25, x + r * 0.2, cy - r * 0.27), fill=hair, width=int(r * 0.07))
    if dice.random() < 0.4:
        for side in (-1, 1):
            x = cx + side * r * 0.4
            draw.rounded_rectangle(
                (x - r * 0.3, cy - r * 0.18, x + r * 0.3, cy + r * 0.22), r * 0.1, outline="#3b3b3b", width=4
            )
        draw.line((cx - r * 0.1, cy, cx + r * 0.1, cy), fill="#3b3b3b", width=4)
    draw.line((cx, cy + r * 0.12, cx - r * 0.06, cy + r * 0.42), fill="#c99b78", width=int(r * 0.05))
    draw.arc(
        (cx - r * 0.3, cy + r * 0.45, cx + r * 0.3, cy + r * 0.8),
        20,
        160,
        fill="#b5645a",
        width=int(r * 0.07),
    )


def document(title: str, lines: list[str], issuer: str, day: str, pages: int = 1) -> bytes:
    """An invented document as PDF: title, lines, issuer and date, marked as a sample on every page."""
    sheets = [_sheet(title, lines, issuer, day, page + 1, pages) for page in range(pages)]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", resolution=150, save_all=True, append_images=sheets[1:], quality=60)
    return out.getvalue()


def scan(title: str, lines: list[str], issuer: str, day: str) -> bytes:
    """The same as a JPEG, as a phone or scanner would make it."""
    out = io.BytesIO()
    _sheet(title, lines, issuer, day, 1, 1).save(out, "JPEG", quality=70)
    return out.getvalue()


def _sheet(title: str, lines: list[str], issuer: str, day: str, page: int, pages: int) -> Image.Image:
    image = Image.new("L", _PAGE, 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, _PAGE[0] - 60, _PAGE[1] - 60), outline=120, width=3)
    draw.text((_PAGE[0] / 2, 220), title, font=_font(56), fill=20, anchor="mm")
    y = 380
    for line in lines:
        for start in range(0, len(line), 30):
            draw.text((140, y), line[start : start + 30], font=_font(34), fill=40)
            y += 62
        y += 14
    draw.text((_PAGE[0] - 160, _PAGE[1] - 330), issuer, font=_font(34), fill=40, anchor="rm")
    draw.text((_PAGE[0] - 160, _PAGE[1] - 260), day, font=_font(34), fill=40, anchor="rm")
    draw.text(
        (_PAGE[0] / 2, _PAGE[1] - 120),
        f"演示材料，纯属虚构　{page}/{pages}",
        font=_font(26),
        fill=130,
        anchor="mm",
    )
    return image
