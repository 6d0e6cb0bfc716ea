"""The photo of the round's specification (G11): made anew, or refused with what to do."""

import io

import pytest
from PIL import Image, ImageCms, ImageDraw
from PIL.ExifTags import Base

from models.round_spec import PhotoSpec
from panel.services.files.limits import FileRefused
from panel.services.files.photo import PhotoRule, process

RULE = PhotoRule(width=295, height=413, min_bytes=3_000, max_bytes=60_000, background="white")


def portrait(size: tuple[int, int] = (590, 826), ground: str = "white") -> Image.Image:
    """A face-like picture with grain, on a plain ground."""
    image = Image.new("RGB", size, ground)
    width, height = size
    grain = Image.effect_noise(size, 60).convert("RGB")
    mask = Image.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((width * 0.3, height * 0.15, width * 0.7, height * 0.6), fill=255)
    draw.rectangle((width * 0.15, height * 0.65, width * 0.85, height), fill=255)
    image.paste(grain, (0, 0), mask)
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refusal(data: bytes, rule: PhotoRule = RULE) -> str:
    with pytest.raises(FileRefused) as caught:
        process(data, rule)
    return str(caught.value.message)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_g11_a_photo_becomes_a_jpeg_of_exactly_the_rounds_pixels_and_bytes(kind: str) -> None:
    photo = process(encoded(portrait(), kind), RULE)
    image = opened(photo.data)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (295, 413))
    assert (photo.width, photo.height) == (295, 413)
    assert 3_000 <= len(photo.data) <= 60_000
    assert photo.warnings == ()


def test_the_best_quality_that_fits_is_taken() -> None:
    data = encoded(portrait())
    small = process(data, PhotoRule(min_bytes=0, max_bytes=15_000))
    large = process(data, PhotoRule(min_bytes=0, max_bytes=90_000))
    assert 12_000 < len(small.data) <= 15_000
    assert 40_000 < len(large.data) <= 90_000


def test_nothing_of_the_file_that_was_sent_is_passed_on() -> None:
    exif = Image.Exif()
    exif[Base.Make] = "Pingshen Phone"
    exif.get_ifd(0x8825)[2] = (30.0, 16.0, 12.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    sent = encoded(portrait(), exif=exif, comment=b"a note", icc_profile=profile, xmp=b"<x/>")
    photo = process(sent + b"appended", RULE)
    image = opened(photo.data)
    assert len(image.getexif()) == 0
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for trace in (b"Pingshen", b"a note", b"appended", b"ICC_PROFILE", b"Exif"):
        assert trace not in photo.data


def test_a_photo_that_lies_on_its_side_is_turned_upright() -> None:
    image = portrait()
    ImageDraw.Draw(image).rectangle((200, 0, 390, 80), fill="green")
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    lying = image.transpose(Image.Transpose.ROTATE_90)
    photo = opened(process(encoded(lying, exif=exif), RULE).data)
    red, green, _ = photo.getpixel((147, 15))
    assert green > 100 > 60 > red


def test_transparent_parts_take_the_rounds_background() -> None:
    image = portrait().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 590, 100))
    photo = process(encoded(image, "PNG"), RULE)
    assert min(opened(photo.data).getpixel((5, 5))) > 245
    assert photo.warnings == ()


def test_a_print_ready_cmyk_photo_is_taken() -> None:
    photo = process(encoded(portrait().convert("CMYK")), RULE)
    assert min(opened(photo.data).getpixel((5, 5))) > 240


def test_a_photo_with_too_few_pixels_is_refused_with_both_sizes() -> None:
    words = refusal(encoded(portrait((294, 413))))
    assert "294×413" in words
    assert "295×413" in words
    assert opened(process(encoded(portrait((295, 413))), RULE).data).size == (295, 413)


@pytest.mark.parametrize("size", [(800, 826), (590, 1000), (826, 590)])
def test_a_photo_of_another_shape_is_refused_and_told_to_crop(size: tuple[int, int]) -> None:
    words = refusal(encoded(portrait(size)))
    assert "比例" in words
    assert "裁剪" in words


def test_a_few_pixels_beside_the_ratio_are_cropped() -> None:
    assert opened(process(encoded(portrait((600, 826))), RULE).data).size == (295, 413)
    assert "比例" in refusal(encoded(portrait((612, 826))))


def test_a_plain_picture_is_refused_as_too_poor() -> None:
    assert "3 KB" in refusal(encoded(Image.new("RGB", (590, 826), "white")), PhotoRule(min_bytes=3 * 1024))


def test_a_photo_that_cannot_be_made_small_enough_is_refused() -> None:
    noise = Image.effect_noise((590, 826), 100)
    assert "超过 4 KB" in refusal(encoded(noise), PhotoRule(min_bytes=0, max_bytes=4096))


@pytest.mark.parametrize(
    ("rule", "ground", "named"),
    [
        ("white", "white", None),
        ("white", "#f0f0ee", None),
        ("white", "#438edb", "白色"),
        ("white", "#808080", "白色"),
        ("blue", "#438edb", None),
        ("blue", "#00bff3", None),
        ("blue", "white", "蓝色"),
        ("red", "#d9001b", None),
        ("red", "#438edb", "红色"),
        ("any", "#123456", None),
    ],
)
def test_another_background_is_a_warning_and_no_refusal(rule: str, ground: str, named: str | None) -> None:
    photo = process(encoded(portrait(ground=ground)), PhotoRule(background=rule))
    words = [str(warning) for warning in photo.warnings]
    if named is None:
        assert words == []
    else:
        assert words == [f"照片的背景看起来不是{named}。请核对，不符合要求的照片会被退回。"]


def test_a_shadow_in_one_corner_is_warned_about() -> None:
    image = portrait()
    image.paste("#606060", (500, 0, 590, 120))
    assert len(process(encoded(image), RULE).warnings) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"%PDF-1.7\n%%EOF", "PDF"),
        (encoded(portrait(), "GIF"), "GIF"),
        (encoded(portrait())[:3000], "损坏"),
        (encoded(portrait(), "PNG")[:3000], "损坏"),
    ],
)
def test_what_is_no_whole_jpeg_or_png_is_refused(data: bytes, words: str) -> None:
    refused = refusal(data)
    assert words in refused


def test_a_pdf_is_not_offered_as_an_allowed_type() -> None:
    assert "只能上传 JPEG、PNG，" in refusal(b"%PDF-1.7\n%%EOF").replace("。", "，")


def test_limits_of_the_upload_hold_before_anything_is_decoded() -> None:
    data = encoded(portrait())
    with pytest.raises(FileRefused, match="限制"):
        process(data, RULE, max_upload=len(data) - 1)
    with pytest.raises(FileRefused, match="像素"):
        process(data, RULE, max_pixels=590 * 826 - 1)


def test_the_rule_is_read_from_the_round() -> None:
    spec = PhotoSpec(width=358, height=441, min_kb=10, max_kb=100, background="blue")
    assert PhotoRule.of(spec) == PhotoRule(358, 441, 10_240, 102_400, "blue")
