"""All forms of a selection as one PDF for double-sided print: each begins on the front of a sheet."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable
from typing import IO

from pypdf import PdfReader, PdfWriter

from models.messages import M
from panel.domain.errors import Refused
from panel.domain.reports.exporting import Readable
from panel.services import storage
from panel.services.prints import pdf

PDF_MIME = "application/pdf"


def forms(cases: Iterable[Readable], beat: Callable[[int], None] = lambda done: None) -> IO[bytes]:
    """The evaluation forms of `cases` as one open temporary file at its start; closing it deletes it.

    A form with an odd number of pages is followed by an empty one. Each has a bookmark. Raises Refused when a
    photo's bytes are gone: a booklet without somebody would be noticed too late.
    """
    writer = PdfWriter()
    for done, case in enumerate(cases, start=1):
        application = case.application
        try:
            form = pdf.evaluation_form(application, opinions=case.shows_process)
        except storage.BlobMissing as error:
            raise Refused(
                M("%(name)s的照片文件缺失，无法生成评审表，请先去掉此人。", name=application.name)
            ) from error
        append(writer, form, f"{application.name} {application.number or application.staff_number}")
        beat(done)
    writer.compress_identical_objects(remove_unreferenced=False)
    file: IO[bytes] = tempfile.TemporaryFile(prefix="pingshen-")  # noqa: SIM115 - handed out open
    writer.write(file)
    file.seek(0)
    return file


def append(writer: PdfWriter, data: bytes, title: str) -> None:
    """Put the PDF `data` at the end of `writer` under the bookmark `title`, on the front of a sheet."""
    reader = PdfReader(io.BytesIO(data))
    writer.append(reader, outline_item=title, import_outline=False)
    if len(writer.pages) % 2:
        writer.add_blank_page()
