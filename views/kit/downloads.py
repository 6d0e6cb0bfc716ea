"""Files that were made for the person who asks: saved under a name in Chinese, kept by nobody on the way."""

from __future__ import annotations

import re
from typing import IO
from urllib.parse import quote

from flask import Response, send_file

from panel.services.workbooks import spreadsheets

_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST_NAME = 120


def file_name(text: str) -> str:
    """`text` without what Windows refuses in a file's name, and not too long."""
    return _NOT_IN_FILE_NAMES.sub("-", text).strip(" .-")[:_LONGEST_NAME].strip(" .-") or "download"


def attachment(file: IO[bytes], name: str, mime: str) -> Response:
    """`file`, open at its start, to be saved as `name`; it is closed, and so deleted, once it was sent."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    answer = send_file(file, mimetype=mime, as_attachment=True, download_name=name)
    answer.content_length = size
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def content_disposition(name: str) -> str:
    """The header that has a file saved as `name`, also with Chinese in it (RFC 6266)."""
    plain = name.encode("ascii", "ignore").decode().strip(" .-") or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def xlsx_response(sheets: list[spreadsheets.OutputSheet], name: str) -> Response:
    """The workbook of `sheets`, to be saved as `name`.xlsx."""
    return attachment(spreadsheets.write(sheets), f"{file_name(name)}.xlsx", spreadsheets.XLSX_MIME)
