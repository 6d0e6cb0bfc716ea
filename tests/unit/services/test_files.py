"""Uploads are judged by content: what is taken, what is refused with a reason, what is taken out."""

import hashlib
import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from panel.services.files import images, pdf_check
from panel.services.files.inspecting import FileKind, inspect
from panel.services.files.limits import FileRefused, Limits

RED = (200, 30, 40)


def picture(kind: str = "JPEG", size: tuple[int, int] = (400, 300), **options: object) -> bytes:
    """A two-coloured picture, red above blue."""
    image = Image.new(options.pop("mode", "RGB"), size, "blue")  # type: ignore[arg-type]
    image.paste("red", (0, 0, size[0], size[1] // 2))
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def exif_with_place() -> Image.Exif:
    """EXIF of a phone: camera, time, orientation and place."""
    exif = Image.Exif()
    exif[Base.Make] = "Pingshen Phone"
    exif[Base.Orientation] = 1
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:06:01 10:00:00"
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef] = "N"
    place[GPS.GPSLatitude] = (30.0, 16.0, 12.25)
    place[GPS.GPSLongitudeRef] = "E"
    place[GPS.GPSLongitude] = (120.0, 9.0, 7.5)
    return exif


def pdf(pages: int = 2, change: Callable[[PdfWriter], object] = lambda writer: None) -> bytes:
    """A PDF of blank A4 pages, changed by `change` before it is written."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def refusal(data: bytes, limits: Limits | None = None) -> str:
    """The words with which a file is refused."""
    with pytest.raises(FileRefused) as caught:
        inspect(data, limits)
    return str(caught.value.message)


# What is taken


@pytest.mark.parametrize(
    ("kind", "mime", "extension"), [("JPEG", "image/jpeg", ".jpg"), ("PNG", "image/png", ".png")]
)
def test_a_picture_is_taken_with_its_facts(kind: str, mime: str, extension: str) -> None:
    data = picture(kind)
    facts = inspect(data)
    assert (facts.kind.name, facts.mime, facts.kind.extension) == (kind, mime, extension)
    assert (facts.width, facts.height, facts.pages) == (400, 300, 1)
    assert facts.data == data
    assert facts.size == len(data)
    assert facts.sha256 == hashlib.sha256(data).hexdigest()
    assert not facts.is_changed


def test_a_thumbnail_is_a_jpeg_of_at_most_240_pixels_that_shows_the_picture() -> None:
    with Image.open(io.BytesIO(inspect(picture("PNG", (1200, 600))).thumbnail)) as small:
        assert small.format == "JPEG"
        assert small.size == (240, 120)
        top, bottom = small.getpixel((120, 20)), small.getpixel((120, 100))
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


def test_a_small_picture_is_not_enlarged_and_a_narrow_one_has_a_thumbnail() -> None:
    with Image.open(io.BytesIO(inspect(picture("PNG", (20, 10))).thumbnail)) as small:
        assert small.size == (20, 10)
    with Image.open(io.BytesIO(inspect(picture("PNG", (2, 5000))).thumbnail)) as small:
        assert small.size == (1, 240)


def test_a_turned_picture_is_measured_and_shown_upright() -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    facts = inspect(picture("JPEG", (400, 200), exif=exif))
    assert (facts.width, facts.height) == (200, 400)
    with Image.open(io.BytesIO(facts.thumbnail)) as small:
        assert small.size == (120, 240)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "L"), ("PNG", "1"), ("PNG", "P"), ("PNG", "RGBA"), ("JPEG", "L"), ("JPEG", "CMYK")],
)
def test_every_usual_colour_mode_gets_a_thumbnail(kind: str, mode: str) -> None:
    image = Image.new("RGB", (300, 300), "white").convert(mode)
    target = io.BytesIO()
    image.save(target, kind)
    with Image.open(io.BytesIO(inspect(target.getvalue()).thumbnail)) as small:
        assert small.mode == "RGB"
        assert min(small.getpixel((100, 100))) > 240


def test_sixteen_bits_of_grey_do_not_turn_white() -> None:
    image = Image.new("I;16", (300, 300), 0x4000)
    target = io.BytesIO()
    image.save(target, "PNG")
    with Image.open(io.BytesIO(inspect(target.getvalue()).thumbnail)) as small:
        assert all(0x38 <= value <= 0x48 for value in small.getpixel((100, 100)))


def test_transparent_parts_show_white() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(target, "PNG")
    with Image.open(io.BytesIO(inspect(target.getvalue()).thumbnail)) as small:
        assert small.getpixel((25, 25)) == (255, 255, 255)


def test_a_pdf_is_taken_byte_for_byte_with_its_pages_and_a_picture_of_the_first() -> None:
    def draw(writer: PdfWriter) -> None:
        content = DecodedStreamObject()
        content.set_data(b"1 0 0 rg 0 0 595 842 re f")
        writer.pages[0][NameObject("/Contents")] = writer._add_object(content)

    data = pdf(3, draw)
    facts = inspect(data)
    assert (facts.kind, facts.mime, facts.pages) == (FileKind.PDF, "application/pdf", 3)
    assert (facts.width, facts.height) == (None, None)
    assert facts.data == data
    with Image.open(io.BytesIO(facts.thumbnail)) as small:
        assert small.height == 240
        assert small.getpixel((80, 120))[0] > 240 > 20 > small.getpixel((80, 120))[1]


def test_a_compressed_pdf_with_links_bookmarks_and_form_fields_is_taken() -> None:
    def furnish(writer: PdfWriter) -> None:
        writer.add_outline_item(title="第一页", page_number=0)
        writer.add_annotation(0, Link(rect=(0, 0, 50, 50), url="https://example.edu.cn/"))
        writer.add_metadata({"/Title": "论文"})
        form = DictionaryObject({NameObject("/Fields"): ArrayObject()})
        writer._root_object[NameObject("/AcroForm")] = form
        writer.compress_identical_objects()

    assert inspect(pdf(2, furnish)).pages == 2


def test_a_font_that_is_called_like_a_dangerous_key_is_no_reason_to_refuse() -> None:
    def name_fonts(writer: PdfWriter) -> None:
        font = DictionaryObject({NameObject("/Type"): NameObject("/Font")})
        fonts = DictionaryObject({NameObject("/JS"): font, NameObject("/EF"): font})
        writer.pages[0][NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})

    assert inspect(pdf(1, name_fonts)).pages == 1


def test_a_stream_is_read_only_as_far_as_the_limit() -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            assert size >= 0, "somebody tried to read it all"
            self.taken += size
            return b"\0" * size

    source = Endless()
    with pytest.raises(FileRefused):
        inspect(source, Limits(max_bytes=1000))  # type: ignore[arg-type]
    assert source.taken == 1001
    assert inspect(io.BytesIO(picture())).kind is FileKind.JPEG


# What is refused


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "文件是空的。请重新选择文件。"


def test_a_file_over_the_limit_is_refused_with_the_limit() -> None:
    data = picture()
    assert inspect(data, Limits(max_bytes=len(data))).size == len(data)
    assert "1.5 MB" in refusal(bytes(1_572_865), Limits(max_bytes=1_572_864))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (picture("GIF"), "GIF"),
        (picture("WEBP"), "WEBP"),
        (picture("TIFF"), "TIF"),
        (picture("BMP"), "BMP"),
        (b"PK\x03\x04" + bytes(60), "ZIP"),
        (b"MZ" + bytes(60), "EXE"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    ],
)
def test_another_type_is_refused_by_its_name_with_what_to_do(data: bytes, named: str) -> None:
    words = refusal(data)
    assert named in words
    assert "JPEG、PNG、PDF" in words


@pytest.mark.parametrize(
    "data",
    [b"<script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "评审".encode(), b"\0"],
)
def test_what_nobody_recognises_is_refused(data: bytes) -> None:
    assert refusal(data).startswith("认不出这是什么文件。")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_picture_is_refused(kind: str, share: float) -> None:
    noise = Image.effect_noise((200, 200), 90)
    target = io.BytesIO()
    noise.save(target, kind)
    data = target.getvalue()
    assert refusal(data[: int(len(data) * share)]).startswith("图片已损坏")


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff" + b"\xff" * 50])
def test_a_picture_of_a_header_alone_is_refused(data: bytes) -> None:
    assert refusal(data).startswith("图片已损坏")


def test_a_png_with_a_wrong_checksum_is_refused() -> None:
    data = bytearray(picture("PNG"))
    data[data.index(b"IDAT") + 8] ^= 0xFF
    assert refusal(bytes(data)).startswith("图片已损坏")


@pytest.mark.parametrize("first", ["weasyprint", "panel.services.files.inspecting"])
def test_broken_pictures_are_noticed_whether_or_not_printing_was_loaded_first(first: str) -> None:
    second = {
        "weasyprint": "panel.services.files.inspecting",
        "panel.services.files.inspecting": "weasyprint",
    }[first]
    code = f"import {first}, {second}; from PIL import ImageFile; print(ImageFile.LOAD_TRUNCATED_IMAGES)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def png_bomb(width: int, height: int) -> bytes:
    """A PNG that claims so many pixels and holds none."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return b"".join(
            [struct.pack(">I", len(content)), name, content, struct.pack(">I", zlib.crc32(name + content))]
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(10_000, 5_001), (60_000, 60_000)])
def test_an_image_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    words = refusal(png_bomb(*size))
    assert "5000 万" in words
    assert "缩小尺寸" in words


def test_a_large_picture_is_made_small_before_it_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty million pixels with transparency took 900 MB, four at once more than three gigabytes."""
    copied: list[tuple[int, int]] = []
    plain = images._to_rgb

    def watch(image: Image.Image, ground: str) -> Image.Image:
        copied.append(image.size)
        return plain(image, ground)

    monkeypatch.setattr(images, "_to_rgb", watch)
    inspect(picture("PNG", (3000, 2000), mode="RGBA"))
    assert max(copied[0]) <= 480


def test_the_limit_of_pixels_is_exact() -> None:
    data = picture("PNG", (100, 100))
    assert inspect(data, Limits(max_pixels=10_000)).width == 100
    assert "像素" in refusal(data, Limits(max_pixels=9_999))


def test_a_jpeg_of_thousands_of_scans_is_refused() -> None:
    data = picture(progressive=True)
    scan = data.rindex(b"\xff\xda")
    end = len(data) - 2
    assert refusal(data[:end] + data[scan:end] * 200 + data[end:]).startswith("图片已损坏")


def test_a_truncated_pdf_is_refused() -> None:
    data = pdf(20)
    assert refusal(data[: len(data) // 2]).startswith("PDF 已损坏")
    assert refusal(data.removesuffix(b"%%EOF\n")).startswith("PDF 已损坏")


def test_a_pdf_of_nonsense_or_without_pages_is_refused() -> None:
    assert refusal(b"%PDF-1.7\n" + b"nonsense " * 100 + b"\n%%EOF\n").startswith("PDF 已损坏")
    assert refusal(pdf(0)).startswith("PDF 已损坏")


@pytest.mark.parametrize("password", ["secret", ""])
@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_an_encrypted_pdf_is_refused_with_what_to_do(password: str, algorithm: str) -> None:
    words = refusal(pdf(1, lambda writer: writer.encrypt(password, "owner", algorithm=algorithm)))
    assert "密码" in words
    assert "打印为 PDF" in words


def test_a_pdf_with_too_many_pages_is_refused_with_both_numbers() -> None:
    assert inspect(pdf(5), Limits(max_pages=5)).pages == 5
    words = refusal(pdf(6), Limits(max_pages=5))
    assert "6 页" in words
    assert "5 页" in words


def with_script(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("alert(1)")}
    names = ArrayObject([TextStringObject("start"), writer._add_object(DictionaryObject(action))])
    tree = DictionaryObject({NameObject("/Names"): names})
    writer._root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): tree})


def with_launch(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")}
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def with_submit(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/SubmitForm"), NameObject("/F"): TextStringObject("http://x/")}
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): DictionaryObject(action)})


def with_unreachable_script(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x()")}
    writer._add_object(DictionaryObject({NameObject("/Deep"): ArrayObject([DictionaryObject(action)])}))


def with_sound(writer: PdfWriter) -> None:
    note = {NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/RichMedia")}
    writer.pages[0][NameObject("/Annots")] = ArrayObject([DictionaryObject(note)])


def with_xfa(writer: PdfWriter) -> None:
    form = DictionaryObject({NameObject("/XFA"): ArrayObject(), NameObject("/Fields"): ArrayObject()})
    writer._root_object[NameObject("/AcroForm")] = writer._add_object(form)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (with_script, "脚本"),
        (with_unreachable_script, "脚本"),
        (with_launch, "启动程序的动作"),
        (with_submit, "自动发送数据的动作"),
        (lambda writer: writer.add_attachment("a.exe", b"MZ"), "嵌入的文件"),
        (with_sound, "多媒体"),
        (with_xfa, "动态表单"),
    ],
)
def test_a_pdf_that_does_more_than_show_pages_is_refused(
    change: Callable[[PdfWriter], object], named: str
) -> None:
    words = refusal(pdf(1, change))
    assert named in words
    assert "打印为 PDF" in words


def test_a_script_is_found_under_an_escaped_name() -> None:
    plain = pdf(1, with_unreachable_script)
    hidden = plain.replace(b"/JavaScript", b"/J#61vaScript")
    assert hidden != plain
    assert "脚本" in refusal(hidden)


def test_a_script_is_found_within_a_compressed_object_stream() -> None:
    content = b"4 0 << /S /JavaScript /JS (x) >>"
    packed = zlib.compress(content)
    parts = [
        b"%PDF-1.5\n",
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>\nendobj\n",
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n",
        b"5 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
        + packed
        + b"\nendstream\nendobj\n",
    ]
    offsets = [sum(map(len, parts[:index])) for index in range(len(parts) + 1)]
    rows = [(0, 0, 0), (1, offsets[1], 0), (1, offsets[2], 0), (1, offsets[3], 0), (2, 5, 0)]
    rows += [(1, offsets[4], 0), (1, offsets[5], 0)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    parts.append(
        b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R /Length %d >>\nstream\n" % len(table)
        + table
        + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % offsets[5]
    )
    data = b"".join(parts)
    assert isinstance(PdfReader(io.BytesIO(data)).root_object["/OpenAction"], DictionaryObject)
    assert "脚本" in refusal(data)


def test_a_pdf_with_a_picture_of_too_many_pixels_is_refused() -> None:
    def add_picture(writer: PdfWriter) -> None:
        image = DecodedStreamObject()
        image.set_data(b"")
        image[NameObject("/Subtype")] = NameObject("/Image")
        image[NameObject("/Width")] = writer._add_object(NumberObject(30_000))
        image[NameObject("/Height")] = NumberObject(30_000)
        writer._add_object(image)

    assert "降低扫描分辨率" in refusal(pdf(1, add_picture))


def test_a_pdf_that_unpacks_to_too_much_is_refused_before_anyone_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def add_zeros(writer: PdfWriter) -> None:
        content = DecodedStreamObject()
        content.set_data(bytes(3_000_000))
        writer._add_object(content.flate_encode())

    data = pdf(1, add_zeros)
    assert len(data) < 10_000
    assert inspect(data).pages == 1
    monkeypatch.setattr(pdf_check, "MAX_STREAM_BYTES", 2_000_000)
    assert "展开后过大" in refusal(data)
    monkeypatch.setattr(pdf_check, "MAX_STREAM_BYTES", 4_000_000)
    monkeypatch.setattr(pdf_check, "MAX_DECODED_BYTES", 2_000_000)
    assert "展开后过大" in refusal(data)


def test_a_pdf_packed_twice_is_refused() -> None:
    """Nothing that makes PDFs does it; unpacked once, what makes gigabytes still looks small."""

    def add_twice(writer: PdfWriter) -> None:
        content = DecodedStreamObject()
        content._data = zlib.compress(zlib.compress(bytes(1_000_000)))
        names = [NameObject("/FlateDecode")] * 2
        content[NameObject("/Filter")] = ArrayObject(names)
        writer._add_object(content)

    assert "展开后过大" in refusal(pdf(1, add_twice))


def pages_of_forms(levels: int) -> bytes:
    """A page of a form that shows ten forms, each of which shows ten forms, and so on."""

    def nest(writer: PdfWriter) -> None:
        inner = None
        for _ in range(levels):
            form = DecodedStreamObject()
            form.set_data(b"/F Do " * 10 if inner else b"0 0 90 90 re f")
            form[NameObject("/Subtype")] = NameObject("/Form")
            form[NameObject("/BBox")] = ArrayObject([NumberObject(n) for n in (0, 0, 99, 99)])
            form[NameObject("/Resources")] = resources(inner)
            inner = writer._add_object(form)
        content = DecodedStreamObject()
        content.set_data(b"/F Do")
        writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
        writer.pages[0][NameObject("/Resources")] = resources(inner)

    return pdf(1, nest)


def resources(inner: object) -> DictionaryObject:
    objects = DictionaryObject({NameObject("/F"): inner} if inner else {})
    return DictionaryObject({NameObject("/XObject"): objects})


def test_a_pdf_that_would_be_drawn_for_hours_is_refused_and_stops_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two kilobytes kept a thread, and with it every other upload of a PDF."""
    assert inspect(pages_of_forms(3)).pages == 1
    monkeypatch.setattr(pdf_check, "DRAWING_SECONDS", 1)
    assert "结构过于复杂" in refusal(pages_of_forms(12))


# What is taken out


def test_the_place_is_taken_out_of_a_jpeg_and_nothing_else_changes() -> None:
    sent = picture(exif=exif_with_place(), size=(640, 480))
    facts = inspect(sent)
    assert facts.is_changed
    assert facts.sha256 == hashlib.sha256(facts.data).hexdigest()
    with Image.open(io.BytesIO(facts.data)) as kept, Image.open(io.BytesIO(sent)) as original:
        exif = kept.getexif()
        assert IFD.GPSInfo not in exif
        assert exif.get_ifd(IFD.GPSInfo) == {}
        assert exif[Base.Make] == "Pingshen Phone"
        assert exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] == "2026:06:01 10:00:00"
        assert kept.tobytes() == original.tobytes()
    # 12.25 seconds of latitude as the file writes it: no trace in the bytes.
    assert struct.pack("<II", 49, 4) in sent or struct.pack(">II", 49, 4) in sent
    assert struct.pack("<II", 49, 4) not in facts.data
    assert struct.pack(">II", 49, 4) not in facts.data
    assert len(facts.data) == len(sent)


def test_the_place_is_taken_out_of_a_png() -> None:
    facts = inspect(picture("PNG", exif=exif_with_place()))
    assert facts.is_changed
    with Image.open(io.BytesIO(facts.data)) as kept:
        kept.load()
        assert IFD.GPSInfo not in kept.getexif()
        assert kept.getexif()[Base.Make] == "Pingshen Phone"


def test_exif_without_a_place_stays_as_it_is() -> None:
    exif = Image.Exif()
    exif[Base.Make] = "Scanner"
    for kind in ("JPEG", "PNG"):
        sent = picture(kind, exif=exif)
        assert inspect(sent).data == sent


def test_exif_that_cannot_be_read_is_taken_out_whole() -> None:
    sent = picture(exif=exif_with_place())
    start = sent.index(b"Exif\0\0") + 6
    torn = sent[: start + 4] + b"\xff\xff\xff\x7f" + sent[start + 8 :]
    assert b"Pingshen Phone" not in inspect(torn).data


@pytest.mark.parametrize(("packet", "stays"), [(b"<exif:GPSLatitude>30", False), (b"<dc:title>x", True)])
def test_an_xmp_packet_goes_only_with_a_place(packet: bytes, stays: bool) -> None:
    facts = inspect(picture(xmp=packet))
    assert (packet in facts.data) is stays
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode())
    assert (packet in inspect(picture("PNG", pnginfo=info)).data) is stays


def test_an_old_style_exif_text_of_a_png_is_taken_out() -> None:
    info = PngInfo()
    info.add_text("Raw profile type exif", "\nexif\n 4\n4d4d002a")
    info.add_text("Comment", "stays")
    data = inspect(picture("PNG", pnginfo=info)).data
    assert b"Raw profile" not in data
    assert b"stays" in data


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_follows_the_end_of_a_picture_is_cut_off(kind: str) -> None:
    sent = picture(kind)
    facts = inspect(sent + b"PK\x03\x04 an archive, or the video of a motion photo")
    assert facts.data == sent
    assert facts.is_changed


def test_a_progressive_jpeg_with_restarts_stays_whole() -> None:
    noise = Image.effect_noise((300, 200), 90)
    target = io.BytesIO()
    noise.save(target, "JPEG", progressive=True, restart_marker_blocks=4)
    assert inspect(target.getvalue()).data == target.getvalue()


def test_of_a_multi_picture_photo_the_first_is_kept() -> None:
    first, second = Image.new("RGB", (80, 60), RED), Image.new("RGB", (80, 60), "green")
    target = io.BytesIO()
    first.save(target, "MPO", save_all=True, append_images=[second])
    facts = inspect(target.getvalue())
    assert (facts.width, facts.height) == (80, 60)
    with Image.open(io.BytesIO(facts.data)) as kept:
        assert kept.format == "JPEG"
        kept.load()
        assert kept.getpixel((10, 10))[0] > 180
