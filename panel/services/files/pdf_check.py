"""Look into a PDF that a stranger sent: whole, open, of pages only, not too many, safe to draw."""

from __future__ import annotations

import contextlib
import io
import json
import re
import threading
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from models.messages import M, Message
from panel.services.files import own_process
from panel.services.files.limits import FileRefused, Limits

#: What drawing a page may take, and how long it is waited for: a fine scan takes a second and 300 MB.
DRAWING_BYTES = 1024 * 1024 * 1024
DRAWING_SECONDS = 10
PATIENCE_SECONDS = 60
#: Two are drawn at a time, whoever sends them.
_DRAWERS = threading.BoundedSemaphore(2)
MAX_OBJECTS = 100_000
MAX_STREAM_BYTES = 256 * 1024 * 1024  # one decoded stream
MAX_DECODED_BYTES = 512 * 1024 * 1024  # all of them; eight uploads at once still fit into memory and minutes
_PIECE = 64 * 1024
_TAIL = 4096

# Refused, not cut out: evidence often bears an electronic seal, which any change would break.
_ACTIONS = {
    "/JavaScript": M("脚本"),
    "/Launch": M("启动程序的动作"),
    "/SubmitForm": M("自动发送数据的动作"),
    "/ImportData": M("自动读取数据的动作"),
    "/GoToE": M("嵌入的文件"),
    "/Rendition": M("多媒体"),
    "/Movie": M("多媒体"),
    "/Sound": M("多媒体"),
    "/RichMediaExecute": M("多媒体"),
}
_SUBTYPES = {
    "/FileAttachment": M("嵌入的文件"),
    "/RichMedia": M("多媒体"),
    "/Movie": M("多媒体"),
    "/Sound": M("多媒体"),
    "/Screen": M("多媒体"),
    "/3D": M("多媒体"),
}
#: What makes more of less; once over is usual, twice is a bomb.
_PACKED = {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}


def check_pdf(data: bytes, limits: Limits) -> None:
    """Raise `FileRefused` when the file is broken, locked, active or too much."""
    if b"%%EOF" not in data[-_TAIL:]:
        raise broken()
    _check_expansion(data)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise FileRefused(M("PDF 设有密码或权限限制。请用“打印为 PDF”另存一份不加密的，再上传。"))
        _check_objects(reader, limits)
        _check_form(reader)
    except FileRefused:
        raise
    except Exception as error:  # pypdf has no common base for what broken files make it raise
        raise broken() from error


def look(data: bytes, limits: Limits, longest: int) -> tuple[int, Image.Image]:
    """The number of pages, and the first as a picture whose longer side has about `longest` pixels.

    Drawn in a process of its own, which is stopped when it takes too much; raises FileRefused.
    """
    asked = [str(number) for number in (longest, DRAWING_BYTES, DRAWING_SECONDS)]
    if not _DRAWERS.acquire(timeout=PATIENCE_SECONDS):
        raise FileRefused(M("现在上传的人很多，没能处理这个文件。请过一会儿再试。"))
    try:
        answer = own_process.run("panel.services.files.pdf_drawer", data, *asked, seconds=PATIENCE_SECONDS)
    finally:
        _DRAWERS.release()
    if answer is None:
        raise too_complex()
    line, _end, picture = answer.partition(b"\n")
    found = json.loads(line)
    if not found["pages"]:
        raise broken()
    _check_pages(found["pages"], limits)
    return found["pages"], Image.frombytes("RGB", tuple(found["size"]), picture)


def broken() -> FileRefused:
    """The refusal of a PDF that can't be read to its end."""
    return FileRefused(M("PDF 已损坏或不完整，打不开。请重新生成或用“打印为 PDF”另存后再上传。"))


def too_complex() -> FileRefused:
    """The refusal of a PDF that unpacks to too much or takes too long."""
    return FileRefused(M("PDF 展开后过大或结构过于复杂。请用“打印为 PDF”另存，或拆成几个文件再上传。"))


def _check_pages(pages: int, limits: Limits) -> None:
    if pages > limits.max_pages:
        raise FileRefused(
            M(
                "PDF 有 %(pages)s 页，超过 %(limit)s 页的限制。请只保留需要的页，或拆成几个文件分别上传。",
                pages=pages,
                limit=limits.max_pages,
            )
        )


def _check_objects(reader: PdfReader, limits: Limits) -> None:
    """Look at every object of the file, whether the pages lead to it or not."""
    ids = {(number, generation) for generation, table in reader.xref.items() for number in table}
    ids |= {(number, 0) for number in reader.xref_objStm}
    if len(ids) > MAX_OBJECTS:
        raise too_complex()
    for number, generation in ids:
        for found in _dictionaries(reader.get_object(IndirectObject(number, generation, reader))):
            _check_dictionary(found, limits)


def _dictionaries(start: Any) -> Iterator[DictionaryObject]:
    """All dictionaries written inside one object; what it refers to is visited by itself."""
    waiting = [start]
    while waiting:
        item = waiting.pop()
        if isinstance(item, DictionaryObject):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, ArrayObject):
            waiting.extend(item)


def _check_dictionary(item: DictionaryObject, limits: Limits) -> None:
    active = _ACTIONS.get(_name(item, "/S")) or _SUBTYPES.get(_name(item, "/Subtype"))
    if active is None and _is_embedded_file(item):
        active = M("嵌入的文件")
    if active is not None:
        raise _active(active)
    if sum(name in _PACKED for name in _filters(item)) > 1:
        raise too_complex()
    if _name(item, "/Subtype") == "/Image":
        width, height = item.get("/Width", 0), item.get("/Height", 0)
        if _number(width) * _number(height) > limits.max_pixels:
            raise FileRefused(
                M(
                    "PDF 里有一张图片的像素超过 %(limit)s 万，太大了。请降低扫描分辨率后再上传。",
                    limit=limits.max_pixels // 10_000,
                )
            )


def _filters(item: DictionaryObject) -> list[str]:
    """How a stream is packed, from the outside in."""
    found = item.get("/Filter", [])
    found = found.get_object() if isinstance(found, IndirectObject) else found
    names = found if isinstance(found, ArrayObject) else [found]
    return [str(name.get_object() if isinstance(name, IndirectObject) else name) for name in names]


def _is_embedded_file(item: DictionaryObject) -> bool:
    """Whether this is the description of a file carried along; a font may be called /EF, too."""
    return "/EF" in item and (_name(item, "/Type") == "/Filespec" or bool({"/F", "/UF"} & item.keys()))


def _check_form(reader: PdfReader) -> None:
    """Refuse a form of the XFA kind, which is a program and shows other content elsewhere."""
    form = reader.root_object.get("/AcroForm")
    form = form.get_object() if form is not None else None
    if isinstance(form, DictionaryObject) and "/XFA" in form:
        raise _active(M("动态表单（XFA）"))


def _check_expansion(data: bytes) -> None:
    """Decode each compressed stream in pieces and throw the pieces away, before anyone keeps one.

    Streams are found by their keyword, not by the file's own table, which may lie.
    """
    total = 0
    for start in re.finditer(rb"stream\r?\n", data):
        total += _effort(memoryview(data)[start.end() :])
        if total > MAX_DECODED_BYTES:
            raise too_complex()


def _effort(rest: memoryview) -> int:
    """Bytes read and made by decoding the stream that starts here; 0 when it is not Flate-coded."""
    if len(rest) < 2 or rest[0] & 0x0F != 8 or (rest[0] * 256 + rest[1]) % 31:
        return 0
    decoder = zlib.decompressobj()
    size, position, waiting = 0, 0, b""
    with contextlib.suppress(zlib.error):  # readers take what comes before a fault, and so it counts
        while not decoder.eof and (waiting or position < len(rest)):
            if not waiting:
                waiting = bytes(rest[position : position + _PIECE])
                position += _PIECE
            size += len(decoder.decompress(waiting, _PIECE))
            waiting = decoder.unconsumed_tail
            if size > MAX_STREAM_BYTES:
                raise too_complex()
    return size + position - len(waiting) - len(decoder.unused_data)


def _name(item: DictionaryObject, key: str) -> str:
    value = item.get(key)
    if isinstance(value, IndirectObject):
        value = value.get_object()
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    if isinstance(value, IndirectObject):
        value = value.get_object()
    return int(value) if isinstance(value, int | float) else 0


def _active(what: Message) -> FileRefused:
    return FileRefused(
        M("PDF 里含有%(what)s，出于安全不能接收。请用“打印为 PDF”另存一份只含页面的，再上传。", what=what)
    )
