"""What phones and scanners make is compressed, converted and joined, and stays upright and legible."""

import io
from pathlib import Path

import img2pdf
import pikepdf
import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from models.choices import Preparation
from panel.services.files import inspecting, joining, pdf_shrinking, preparing, shrinking
from panel.services.files.limits import FileRefused, Limits
from panel.services.files.preparing import Prepared, SentPhoto
from tests.unit.services.test_files import pdf, picture

HEIC = Path(__file__).parents[2] / "files" / "photo.heic"
KINDS = ("jpeg", "png", "pdf")
MEGABYTE = 1024 * 1024
RED, BLUE = (255, 0, 0), (0, 0, 255)


def noise(width: int, height: int, kind: str = "JPEG", **options: object) -> bytes:
    """A picture that hardly compresses."""
    target = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(target, kind, **options)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def is_about(colour: object, expected: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(a - b) < 12 for a, b in zip(colour, expected, strict=True))


def prepare(
    data: bytes, limits: Limits, kinds: tuple[str, ...] = KINDS, sent: int = 50 * MEGABYTE
) -> Prepared:
    return preparing.prepare(io.BytesIO(data), limits, sent, kinds)


def refusal(data: bytes, limits: Limits, kinds: tuple[str, ...] = KINDS, sent: int = 50 * MEGABYTE) -> str:
    with pytest.raises(FileRefused) as refused:
        prepare(data, limits, kinds, sent)
    return str(refused.value.message)


# --- pictures --------------------------------------------------------------------------------------


def test_a_picture_within_the_limit_is_kept_pixel_for_pixel() -> None:
    data = picture()
    found = prepare(data, Limits())
    assert (found.what, found.facts.data) == (None, data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_over_the_limit_is_scaled_down_instead_of_refused(kind: str) -> None:
    data = noise(2700, 1800, kind)
    limits = Limits(max_bytes=MEGABYTE)
    found = prepare(data, limits)
    assert found.what is Preparation.COMPRESSED
    assert found.sent_bytes == len(data)
    assert found.facts.size <= limits.max_bytes
    assert found.facts.kind is inspecting.FileKind.JPEG
    width, height = found.facts.width, found.facts.height
    assert width is not None
    assert height is not None
    assert width >= 1754
    assert abs(width / height - 1.5) < 0.01


def test_the_finest_step_that_fits_is_taken() -> None:
    fitting = shrinking.shrink(picture(size=(4000, 3000)), "JPEG", 5 * MEGABYTE, 50_000_000)
    assert opened(fitting).size == (3508, 2631)


def test_a_compressed_picture_stands_upright_and_knows_when_and_with_what_it_was_taken() -> None:
    """The place is left out; the orientation is applied."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6  # the camera was held upright: its top is on the right
    exif[Base.Make], exif[Base.DateTime] = "Pingshen Phone", "2026:06:01 10:00:00"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:06:01 09:59:58"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
    made = opened(shrinking.shrink(picture(exif=exif), "JPEG", MEGABYTE, 50_000_000))
    assert made.size == (300, 400)
    assert is_about(made.getpixel((290, 200)), RED)
    assert is_about(made.getpixel((10, 200)), BLUE)
    kept = made.getexif()
    assert kept.get(Base.Orientation) in (None, 1)
    assert (kept[Base.Make], kept[Base.DateTime]) == ("Pingshen Phone", "2026:06:01 10:00:00")
    assert kept.get_ifd(IFD.Exif)[Base.DateTimeOriginal] == "2026:06:01 09:59:58"
    assert not kept.get_ifd(IFD.GPSInfo)


def test_a_photo_of_more_pixels_than_are_kept_is_scaled_down() -> None:
    """Phones make 50 million pixels; a baseline JPEG is decoded straight to a smaller size."""
    data = picture(size=(8192, 6144))
    found = prepare(data, Limits(max_pixels=50_000_000))
    assert found.what is Preparation.COMPRESSED
    assert (found.facts.width, found.facts.height) == (3508, 2631)


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {"progressive": True}), ("PNG", {})], ids=["progressive", "png"]
)
def test_what_has_to_be_decoded_as_a_whole_keeps_its_bound(kind: str, options: dict[str, bool]) -> None:
    data = picture(kind, (1200, 1000), **options)
    assert "像素超过 100 万" in refusal(data, Limits(max_pixels=1_000_000))


def test_a_picture_that_stays_too_large_is_refused_with_what_to_do() -> None:
    said = refusal(noise(2000, 2000), Limits(max_bytes=10_000))
    assert "压缩后仍超过" in said
    assert "请换一张" in said


def test_half_a_picture_is_refused_not_filled_with_grey() -> None:
    data = noise(3000, 3000)
    assert "损坏" in refusal(data[: len(data) // 2], Limits(max_bytes=1000))


def test_more_than_is_taken_at_all_is_not_read() -> None:
    assert "超过 1 MB" in refusal(noise(2000, 2000), Limits(max_bytes=1000), sent=MEGABYTE)


def test_a_slot_without_pictures_compresses_none() -> None:
    assert "超过" in refusal(noise(900, 900), Limits(max_bytes=100_000), kinds=("pdf",))


# --- photos of iPhones -----------------------------------------------------------------------------


def test_a_photo_of_an_iphone_becomes_a_jpeg() -> None:
    found = prepare(HEIC.read_bytes(), Limits())
    assert (found.what, found.facts.mime) == (Preparation.CONVERTED, "image/jpeg")
    assert opened(found.facts.data).size == (160, 120)
    assert is_about(opened(found.facts.data).getpixel((80, 20)), RED)


def test_half_a_photo_of_an_iphone_is_refused() -> None:
    data = HEIC.read_bytes()
    assert "损坏" in refusal(data[: len(data) - 200], Limits())


def test_a_slot_without_jpeg_says_what_it_takes() -> None:
    assert "HEIC" in refusal(HEIC.read_bytes(), Limits(), kinds=("pdf",))


# --- scans as PDF ----------------------------------------------------------------------------------


def scan(pages: int = 3) -> bytes:
    """Pages as a scanner makes them: large, and finer than needed."""
    made = []
    for number in range(pages):
        target = io.BytesIO()
        page = Image.effect_noise((500, 707), 60).resize((1654, 2339)).convert("RGB")
        page.save(target, "JPEG", quality=97 - number)
        made.append(target.getvalue())
    return bytes(img2pdf.convert(made, nodate=True))


def test_a_scan_over_the_limit_is_encoded_anew_page_by_page() -> None:
    data = scan()
    limits = Limits(max_bytes=len(data) // 2)
    found = prepare(data, limits)
    assert found.what is Preparation.COMPRESSED
    assert found.facts.size <= limits.max_bytes
    assert found.facts.pages == 3
    with pikepdf.open(io.BytesIO(data)) as before, pikepdf.open(io.BytesIO(found.facts.data)) as after:
        assert [page.mediabox for page in after.pages] == [page.mediabox for page in before.pages]


def test_a_grey_scan_stays_grey() -> None:
    target = io.BytesIO()
    Image.effect_noise((1654, 2339), 60).save(target, "JPEG", quality=95)
    data = bytes(img2pdf.convert([target.getvalue()], nodate=True))
    made = pdf_shrinking.shrink(data, Limits(max_bytes=len(data) // 2))
    with pikepdf.open(io.BytesIO(made)) as document:
        (picture_of_page,) = document.pages[0].get_images().values()
        assert str(picture_of_page.ColorSpace) == "/DeviceGray"


def test_a_pdf_within_the_limit_is_kept_byte_for_byte() -> None:
    data = scan(1)
    assert prepare(data, Limits()).facts.data == data


def test_a_pdf_of_text_is_not_touched_but_refused() -> None:
    data = pdf(300)
    said = refusal(data, Limits(max_bytes=len(data) - 1, max_pages=400))
    assert "没有可以再压缩的图片" in said
    assert "拆成几个文件" in said


def test_a_sealed_pdf_is_not_changed() -> None:
    data = scan(1)
    with pikepdf.open(io.BytesIO(data)) as document:
        seal = {"/Type": pikepdf.Name.Sig, "/ByteRange": [0, 10, 20, 30], "/Contents": b"0"}
        document.Root["/Seal"] = document.make_indirect(pikepdf.Dictionary(seal))
        target = io.BytesIO()
        document.save(target)
    assert "电子签章" in refusal(target.getvalue(), Limits(max_bytes=1000))


def test_a_pdf_with_a_script_is_refused_before_it_is_compressed() -> None:
    with pikepdf.open(io.BytesIO(scan(1))) as document:
        document.Root["/OpenAction"] = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        target = io.BytesIO()
        document.save(target)
    assert "脚本" in refusal(target.getvalue(), Limits(max_bytes=1000))


def test_half_a_scan_is_refused() -> None:
    data = scan(1)
    assert "损坏" in refusal(data[: len(data) // 2], Limits(max_bytes=1000))


# --- joining ---------------------------------------------------------------------------------------


def pages_of(data: bytes) -> list[Image.Image]:
    with pikepdf.open(io.BytesIO(data)) as document:
        return [
            pikepdf.PdfImage(next(iter(page.get_images().values()))).as_pil_image() for page in document.pages
        ]


def join(*photos: tuple[bytes, int], limits: Limits | None = None) -> Prepared:
    sent = [SentPhoto(io.BytesIO(data), turn) for data, turn in photos]
    return preparing.join(sent, limits or Limits(), 50 * MEGABYTE)


def test_photos_become_one_pdf_in_their_order_and_as_they_are_turned() -> None:
    red, blue = (picture(size=(400, 300)), picture("PNG", (300, 400), mode="L"))
    found = join((red, 0), (blue, 0), (red, 90), (HEIC.read_bytes(), 180))
    assert (found.what, found.facts.mime, found.facts.pages) == (Preparation.JOINED, "application/pdf", 4)
    assert found.sent_files == 4
    first, second, third, fourth = pages_of(found.facts.data)
    assert [page.size for page in (first, second, third, fourth)] == [
        (400, 300),
        (300, 400),
        (300, 400),
        (160, 120),
    ]
    assert is_about(first.getpixel((200, 20)), RED)
    assert is_about(third.getpixel((280, 200)), RED)  # turned clockwise, the top comes to the right
    assert is_about(fourth.getpixel((80, 110)), RED)


def test_each_page_lies_as_its_photo_does() -> None:
    found = join((picture(size=(400, 300)), 0), (picture(size=(300, 400)), 0))
    with pikepdf.open(io.BytesIO(found.facts.data)) as document:
        boxes = [[round(float(value)) for value in page.mediabox] for page in document.pages]
    assert boxes == [[0, 0, 842, 595], [0, 0, 595, 842]]


def test_joined_photos_share_the_room_there_is() -> None:
    photo = noise(1400, 1000, quality=95)
    limits = Limits(max_bytes=3 * len(photo) // 2)
    assert join(*[(photo, 0)] * 3, limits=limits).facts.size <= limits.max_bytes
    with pytest.raises(FileRefused) as refused:
        join(*[(photo, 0)] * 3, limits=Limits(max_bytes=100_000))
    assert "请分几次合成" in str(refused.value.message)


def test_a_photo_that_cannot_be_read_is_named_by_its_place() -> None:
    good, bad = picture(), noise(300, 300)[:2000]
    with pytest.raises(FileRefused) as refused:
        join((good, 0), (bad, 0))
    assert "第 2 张照片：图片已损坏" in str(refused.value.message)
    with pytest.raises(FileRefused) as refused:
        join((good, 0), (good, 0), (pdf(), 0))
    assert "第 3 个文件不是照片" in str(refused.value.message)


@pytest.mark.parametrize("number", [0, joining.MOST_PHOTOS + 1])
def test_none_and_too_many_photos_are_refused(number: int) -> None:
    with pytest.raises(FileRefused):
        join(*[(picture(size=(20, 20)), 0)] * number)


def test_photos_of_more_than_may_be_sent_are_not_read() -> None:
    sent = [SentPhoto(io.BytesIO(noise(1000, 1000))) for _ in range(3)]
    with pytest.raises(FileRefused):
        preparing.join(sent, Limits(), MEGABYTE)
