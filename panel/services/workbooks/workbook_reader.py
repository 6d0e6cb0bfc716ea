"""Reads a workbook in a process of its own: bytes on stdin, JSON on stdout.

What a stranger sends may be a bomb, and the reader's native code aborts when memory runs out; here it takes
nobody along. The answer is `{"sheets": …}` or `{"refused": reason}`, a reason being one of
`panel.services.workbooks.opening.REFUSALS`. Imports only the bounds, so that it starts at once.
"""

from __future__ import annotations

import csv
import io
import json
import struct
import sys
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from panel.services.files.process_bounds import limit

MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 60
#: Of all sheets together; blank ones aren't counted.
MAX_ROWS_READ = 30_000
MAX_COLUMNS = 200
MAX_SHEETS = 60
MAX_MERGED = 20_000
MAX_CELL = 20_000
#: Letters of all cells together, since a file names a long text in few bytes; and cells of merged areas.
MAX_LETTERS = 30_000_000
MAX_MERGED_CELLS = 1_000_000
#: Unpacked XML: ten thousand rows of thirty columns need 20 MB.
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 500
_SMALL = 20 * 1024 * 1024

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_VBA = "_VBA_PROJECT".encode("utf-16-le")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: How the workbook in an .xls of Excel 97 and later begins, how much of that record follows, and the record
#: that says how it is encrypted, one of the first.
_BIFF8 = bytes.fromhex("0908100000060500")
_BIFF8_REST, _FILEPASS, _FIRST_RECORDS = 12, 0x2F, 8
_OTHER = ((b"%PDF", "pdf"), (b"\xff\xd8\xff", "picture"), (b"\x89PNG", "picture"))


class Refused(Exception):
    """The workbook can't be read; the text is the reason's key."""


def read(data: bytes) -> dict[str, Any]:
    """The sheets of a workbook, told by its content; raises Refused."""
    if data.startswith(_ZIP):
        _check_zip(data)
    elif data.startswith(_OLE):
        _check_ole(data)
    else:
        return {"sheets": [_csv(data)]}
    return {"sheets": _sheets(data)}


def _check_zip(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise Refused("broken") from error
    names = {member.filename for member in members}
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked / packed > MAX_RATIO):
        raise Refused("bomb")
    if any(member.flag_bits & 1 for member in members):
        raise Refused("encrypted")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("macro")
    if "xl/workbook.bin" in names:
        raise Refused("binary")
    if "xl/workbook.xml" not in names:
        raise Refused("word" if "word/document.xml" in names else "unknown")


def _check_ole(data: bytes) -> None:
    if _ENCRYPTED in data or _has_password(data):
        raise Refused("encrypted")
    if _VBA in data:
        raise Refused("macro")
    if "WordDocument".encode("utf-16-le") in data:
        raise Refused("word")


def _has_password(data: bytes) -> bool:
    """Whether an old .xls is encrypted: a record near its beginning says so, in clear."""
    start = data.find(_BIFF8)
    at = start + len(_BIFF8) + _BIFF8_REST
    for _ in range(_FIRST_RECORDS if start >= 0 else 0):
        if at + 4 > len(data):
            return False
        kind, size = struct.unpack_from("<HH", data, at)
        if kind == _FILEPASS:
            return True
        at += 4 + size
    return False


def _sheets(data: bytes) -> list[dict[str, Any]]:
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        metadata = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        if len(metadata) > MAX_SHEETS:
            raise Refused("sheets")
        left, letters = MAX_ROWS_READ, 0
        found = []
        for sheet in metadata:
            source = workbook.get_sheet_by_name(sheet.name)
            rows = _rows(source.iter_rows(), left)
            left -= len(rows)
            letters += sum(len(cell) for _number, cells in rows for cell in cells if isinstance(cell, str))
            merged = [area for area in source.merged_cell_ranges or [] if _is_small(area)][:MAX_MERGED]
            if letters > MAX_LETTERS or sum(map(_cells_of, merged)) > MAX_MERGED_CELLS:
                raise Refused("bomb")
            is_hidden = sheet.visible != SheetVisibleEnum.Visible
            indent = source.start[1] if source.start else 0
            found.append(_sheet(sheet.name, _indented(rows, indent), merged, is_hidden))
    except PasswordError as error:
        raise Refused("encrypted") from error
    except CalamineError as error:
        raise Refused("encrypted" if "assword" in str(error) else "broken") from error
    return found


def _sheet(name: str, rows: list[Any], merged: list[Any], is_hidden: bool) -> dict[str, Any]:
    areas = [[top + 1, bottom + 1, left, right] for (top, left), (bottom, right) in merged]
    return {"name": name, "rows": rows, "merged": areas, "is_hidden": is_hidden}


def _is_small(area: Any) -> bool:
    """Whole merged columns would be spread over a million rows."""
    (top, left), (bottom, right) = area
    return bool(bottom - top < MAX_ROWS_READ and right - left < MAX_COLUMNS)


def _cells_of(area: Any) -> int:
    (top, left), (bottom, right) = area
    return int((bottom - top + 1) * (right - left + 1))


def _indented(rows: list[Any], indent: int) -> list[Any]:
    """The reader leaves out empty columns before the first used one."""
    if any(indent + len(cells) > MAX_COLUMNS for _number, cells in rows):
        raise Refused("columns")
    return [[number, [""] * indent + cells] for number, cells in rows] if indent else rows


def _rows(source: Iterable[list[Any]], most: int) -> list[Any]:
    rows: list[Any] = []
    for number, row in enumerate(source, 1):
        cells = [_value(cell) for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise Refused("columns")
        if len(rows) >= most:
            raise Refused("rows")
        rows.append([number, cells])
    return rows


def _value(cell: Any) -> Any:
    if isinstance(cell, str):
        # a space typed by mistake a million rows down is no content
        return cell[:MAX_CELL] if cell.strip() else ""
    if isinstance(cell, bool | int | float):
        return cell
    if isinstance(cell, date):  # a datetime is one too
        return {"date": (cell.date() if isinstance(cell, datetime) else cell).isoformat()}
    return str(cell)


def _csv(data: bytes) -> dict[str, Any]:
    """Text with commas or tabs, in UTF-8 or the encoding of Chinese Excel."""
    kind = next((kind for start, kind in _OTHER if data.startswith(start)), None)
    if kind:
        raise Refused(kind)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise Refused("web")
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = "\t" if "\t" in first else ","
    if delimiter not in first or "\0" in text:
        raise Refused("unknown")
    try:
        rows = _rows(csv.reader(io.StringIO(text), delimiter=delimiter), MAX_ROWS_READ)
    except csv.Error as error:
        raise Refused("broken") from error
    return _sheet("CSV", rows, [], False)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("unknown")


def main() -> None:
    """Answer for one workbook."""
    limit(MEMORY_BYTES, CPU_SECONDS)
    try:
        answer = read(sys.stdin.buffer.read())
    except Refused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        answer = {"refused": "bomb"}
    json.dump(answer, sys.stdout, ensure_ascii=True, separators=(",", ":"))


if __name__ == "__main__":
    main()
