"""Take the place where a picture was taken out of its file, without touching one pixel.

Evidence keeps its bytes, since it is evidence: nothing is encoded again. Only what nobody sees on the
page and what tells where a person lives is removed: the GPS block of EXIF, XMP packets with a position,
and whatever follows the end of the picture (the video of a motion photo, an appended archive).
Other metadata, such as the camera and the time, stays.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

GPS_POINTER = 0x8825
MAX_SCANS = 100  # a progressive JPEG has about ten; thousands of passes are an attack
_MAX_DIRECTORIES = 8
_ENTRY = 12
_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_MULTI_PICTURE = b"MPF\0"
_APP1, _APP2 = 0xE1, 0xE2
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RAW_PROFILES = (b"Raw profile type exif", b"Raw profile type APP1", b"Raw profile type xmp")


class BrokenImage(ValueError):
    """The file does not hold a whole picture."""


def scrub_jpeg(data: bytes) -> bytes:
    """Return the JPEG up to its end, without a position; `BrokenImage` when it has no end."""
    parts = [data[:2]]
    scans = 0
    for marker, segment in _jpeg_segments(data):
        scans += marker == _START_OF_SCAN
        if scans > MAX_SCANS:
            raise BrokenImage("too many scans")
        parts.append(_without_position(marker, segment))
    return b"".join(parts)


def scrub_png(data: bytes) -> bytes:
    """Return the PNG up to its end, without a position; `BrokenImage` when it has no end."""
    parts = [_PNG_SIGNATURE]
    position = len(_PNG_SIGNATURE)
    while True:
        if position + 12 > len(data):
            raise BrokenImage("no end")
        length = int.from_bytes(data[position : position + 4], "big")
        end = position + 12 + length
        if end > len(data):
            raise BrokenImage("chunk runs over the end")
        name, content = data[position + 4 : position + 8], data[position + 8 : end - 4]
        parts.append(_png_chunk(name, content, data[position:end]))
        if name == b"IEND":
            return b"".join(parts)
        position = end


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, its bytes) to the end of the image; a scan comes with its coded data."""
    position = 2
    while True:
        start = position
        if data[position : position + 1] != b"\xff":
            raise BrokenImage("no marker")
        while data[position : position + 1] == b"\xff":
            position += 1
        if position + 2 >= len(data) and data[position : position + 1] != bytes([_END_OF_IMAGE]):
            raise BrokenImage("no end")
        marker = data[position]
        position += 1
        if marker not in _STANDALONE and marker != _END_OF_IMAGE:
            position += int.from_bytes(data[position : position + 2], "big")
            if marker == _START_OF_SCAN:
                position = _end_of_scan(data, position)
        yield marker, data[start:position]
        if marker == _END_OF_IMAGE:
            return


def _end_of_scan(data: bytes, position: int) -> int:
    """The next marker after coded data, where FF 00 is a plain byte and FF D0-D7 are restarts."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            raise BrokenImage("the scan has no end")
        following = data[position + 1]
        if following == 0xFF:
            position += 1
        elif following == 0 or following in _STANDALONE:
            position += 2
        else:
            return position


def _without_position(marker: int, segment: bytes) -> bytes:
    """The segment as it may stay: whole, changed, or empty."""
    if marker not in {_APP1, _APP2}:
        return segment
    content = segment[4:]
    if marker == _APP2:
        # The index of further pictures, which are cut off with everything behind the first.
        return b"" if content.startswith(_MULTI_PICTURE) else segment
    if content.startswith(_EXIF):
        cleaned = without_gps(content[len(_EXIF) :])
        return segment[:4] + _EXIF + cleaned if cleaned else b""
    # A packet's extension holds pieces that can't be judged one by one.
    if content.startswith(_XMP_EXTENSION) or (content.startswith(_XMP) and b"gps" in content.lower()):
        return b""
    return segment


def _png_chunk(name: bytes, content: bytes, whole: bytes) -> bytes:
    """The chunk as it may stay: whole, changed with its checksum, or empty."""
    if name == b"eXIf":
        cleaned = without_gps(content)
        if cleaned == content:
            return whole
        # Same length; the checksum has to follow.
        return whole[:8] + cleaned + _crc(name + cleaned) if cleaned else b""
    if name in {b"tEXt", b"zTXt", b"iTXt"} and content.startswith(_RAW_PROFILES):
        return b""
    if name == b"iTXt" and content.startswith(b"XML:com.adobe.xmp\0"):
        is_compressed = content[18:19] != b"\0"
        return b"" if is_compressed or b"gps" in content.lower() else whole
    return whole


def _crc(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "big")


def without_gps(tiff: bytes) -> bytes:
    """Return an EXIF block of the same length without its GPS directory; empty when it can't be read.

    The pointer is taken out and the directory with its values is blanked. No other byte moves, so that
    a camera maker's notes, which count from the start, stay readable.
    """
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return b""
    block = bytearray(tiff)
    try:
        (directory,) = struct.unpack_from(order + "I", block, 4)
        for _ in range(_MAX_DIRECTORIES):
            if not directory:
                break
            directory = _clean_directory(block, directory, order)
    except (struct.error, IndexError):
        return b""
    return bytes(block)


def _clean_directory(block: bytearray, directory: int, order: str) -> int:
    """Remove the GPS pointer from one directory, blank what it points at, return the next directory."""
    (count,) = struct.unpack_from(order + "H", block, directory)
    first = directory + 2
    index = 0
    while index < count:
        entry = first + index * _ENTRY
        tag, _, _, value = struct.unpack_from(order + "HHII", block, entry)
        if tag != GPS_POINTER:
            index += 1
            continue
        _blank_directory(block, value, order)
        # The later entries and the link to the next directory move up; the gap behind is blank.
        end = first + count * _ENTRY + 4
        if end > len(block):
            raise IndexError("directory runs over the end")
        block[entry:end] = block[entry + _ENTRY : end] + bytes(_ENTRY)
        count -= 1
        struct.pack_into(order + "H", block, directory, count)
    (following,) = struct.unpack_from(order + "I", block, first + count * _ENTRY)
    return int(following)


_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


def _blank_directory(block: bytearray, directory: int, order: str) -> None:
    """Overwrite a directory and the values it points at with zeros."""
    (count,) = struct.unpack_from(order + "H", block, directory)
    for index in range(count):
        entry = directory + 2 + index * _ENTRY
        _, kind, number, value = struct.unpack_from(order + "HHII", block, entry)
        size = _SIZES.get(kind, 1) * number
        if size > 4:
            if value + size > len(block):
                raise IndexError("value runs over the end")
            block[value : value + size] = bytes(size)
    size = 2 + count * _ENTRY
    block[directory : directory + size] = bytes(size)
