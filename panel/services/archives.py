"""A person's dossier, or many, as a ZIP: a folder per person with the form and the attachments by slot.

Made while it is sent: in memory are one form and pieces of one attachment. Photos, scans and PDFs are
compressed already and are stored as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from zipstream import ZIP_DEFLATED, ZipStream

from models.application import Application
from models.sections import Attachment
from panel.domain.actors import Actor
from panel.domain.people import disclosure
from panel.domain.reports.exporting import LeftOut, Readable
from panel.services import storage
from panel.services.prints import pdf
from panel.services.prints.print_text import printable

ZIP_MIME = "application/zip"
_PIECE = 256 * 1024
#: What Windows refuses in a name, and what would lead out of the folder.
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST = 60


def stream(
    cases: Iterable[Readable],
    actor: Actor,
    left_out: Sequence[LeftOut] = (),
    beat: Callable[[int], None] = lambda done: None,
) -> Iterator[bytes]:
    """The archive of `cases` piece by piece; `beat` is told how many people are done.

    What is missing or closed to `actor`, and who was left out, stands in 说明.txt at its end.
    """
    archive = ZipStream(sized=False)
    remarks = [f"{row.name}：{row.why}" for row in left_out]
    for done, case in enumerate(cases, start=1):
        for name, data in _files(case, actor, remarks):
            archive.add(data, name)
            yield from archive.all_files()
        beat(done)
    if remarks:
        text = "以下内容不在压缩包里：\r\n" + "\r\n".join(remarks) + "\r\n"
        archive.add(text.encode("utf-8-sig"), "说明.txt", compress_type=ZIP_DEFLATED)
    yield from archive.finalize()


def folder_name(application: Application) -> str:
    """林晓雯-20160011: names alone may be the same."""
    return f"{safe_name(application.name)}-{safe_name(application.staff_number)}"


def safe_name(text: str) -> str:
    """`text` as a part of a path on any system: never empty, no longer than names may be."""
    plain = _NOT_IN_NAMES.sub("_", str(printable(text))).strip(" .")
    return plain[:_LONGEST].strip(" .") or "_"


def _files(case: Readable, actor: Actor, remarks: list[str]) -> Iterator[tuple[str, bytes | Iterator[bytes]]]:
    application, folder = case.application, folder_name(case.application)
    try:
        form = pdf.evaluation_form(application, opinions=case.shows_process)
    except storage.BlobMissing:
        remarks.append(f"{folder}：照片文件缺失，评审表没有生成")
    else:
        yield f"{folder}/评审表.pdf", form
    if application.photo and storage.exists(application.photo.sha256):
        yield f"{folder}/照片.jpg", _pieces(application.photo.sha256)
    closed: set[str] = set()
    for name, attachment in _named(application):
        if not disclosure.may_open(application, attachment.slot, actor):
            closed.add(_slot_label(application, attachment.slot))
        elif storage.exists(attachment.sha256):
            yield f"{folder}/附件/{name}", _pieces(attachment.sha256)
        else:
            remarks.append(f"{folder}：文件缺失 {name}")
    remarks += [f"{folder}：“{label}”含证件号，您不能查看" for label in sorted(closed)]


def _named(application: Application) -> Iterator[tuple[str, Attachment]]:
    """Each attachment with its file's name, by the order of the round's slots: 学历证书-01-毕业证.pdf."""
    order = [slot.key for slot in application.spec.slots]
    order += sorted({a.slot for a in application.attachments} - set(order))
    for slot in order:
        label = safe_name(_slot_label(application, slot))[:30].strip(" .")
        for number, attachment in enumerate(application.files(slot), start=1):
            stem, dot, ending = attachment.name.rpartition(".")
            title = safe_name(stem or ending)
            yield (
                f"{label}-{number:02d}-{title}" + (f".{safe_name(ending)}" if stem and dot else ""),
                attachment,
            )


def _slot_label(application: Application, key: str) -> str:
    try:
        return str(application.spec.slot(key).label)
    except KeyError:
        return key


def _pieces(sha256: str) -> Iterator[bytes]:
    with storage.open(sha256) as blob:
        while piece := blob.read(_PIECE):
            yield piece
