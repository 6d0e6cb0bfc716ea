"""Files that were made for the person who asks: saved under a name in Chinese, kept by nobody on the way."""

from __future__ import annotations

import re
from typing import IO

from flask import Response, send_file

from panel.services import spreadsheets

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


def xlsx_response(sheets: list[spreadsheets.Sheet], name: str) -> Response:
    """The workbook of `sheets`, to be saved as `name`.xlsx."""
    return attachment(spreadsheets.write(sheets), f"{file_name(name)}.xlsx", spreadsheets.MIME)
