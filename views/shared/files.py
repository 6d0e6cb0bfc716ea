"""Files of an application: downloads, thumbnails and the portrait, for whoever may read its content.

Bytes are found by their hash and never change, hence the ETag. What a replacement took the place of stays
readable to staff, from the submissions that held it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, request, send_file
from flask.typing import ResponseReturnValue

from models.application import Application, Submission
from models.choices import Role
from panel.domain.access import policy
from panel.domain.access.who_may import CASE_READERS, Permission
from panel.domain.content.frozen import as_submitted
from panel.domain.errors import NotFound
from panel.domain.people import disclosure
from panel.services import storage
from views.kit.access import require

pages = Blueprint("files", __name__, url_prefix="/files")

#: What a browser may show instead of saving it.
INLINE = frozenset({"image/jpeg", "image/png", "application/pdf"})
#: A shown file runs nothing and reaches nothing, whatever is in it.
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'"
#: Chromium's PDF viewer doesn't start in a sandbox; a PDF runs no script of ours in it.
PDF_POLICY = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"


@dataclass(frozen=True)
class StoredFile:
    """What is served: the bytes' hash, their type and the name they are saved under."""

    sha256: str
    mime: str
    name: str
    slot: str
    thumbnail_sha256: str = ""


def register(app: Flask, admins: dict[str, Any]) -> None:
    """Register the addresses of files with `app`."""
    app.register_blueprint(pages)


@pages.get("/<application_id>/<uid>")
def download(application_id: str, uid: str) -> ResponseReturnValue:
    """An attachment, to save; with ?inline=1 to look at."""
    found = _find(application_id, uid)
    return serve(found.sha256, found.mime, found.name, inline=request.args.get("inline") == "1")


@pages.get("/<application_id>/<uid>/thumbnail")
def thumbnail(application_id: str, uid: str) -> ResponseReturnValue:
    """An attachment's small picture."""
    found = _find(application_id, uid)
    if not found.thumbnail_sha256:
        raise NotFound
    return serve(found.thumbnail_sha256, "image/jpeg", "thumbnail.jpg", inline=True)


@pages.get("/<application_id>/photo")
def photo(application_id: str) -> ResponseReturnValue:
    """The portrait, as it will be on the certificate."""
    application, _role = _readable(application_id)
    if application.photo is None:
        raise NotFound
    return serve(application.photo.sha256, "image/jpeg", f"{application.name}.jpg", inline=True)


def _readable(application_id: str) -> tuple[Application, Role]:
    """The application and the role by which its content may be read; raises NotFound."""
    actor = require()
    application: Application = policy.one(actor, Application, application_id)
    role = policy.allowed_role(actor, Permission.READ_CONTENT, application)
    if role is None:
        raise NotFound
    return application if role == Role.APPLICANT else as_submitted(application), role


def _find(application_id: str, uid: str) -> StoredFile:
    """The attachment, if this person may open files of its slot; raises NotFound."""
    application, role = _readable(application_id)
    found = _stored_in(application, role, uid)
    if not disclosure.may_open(application, found.slot, require()):
        raise NotFound
    return found


def _stored_in(application: Application, role: Role, uid: str) -> StoredFile:
    """The attachment, or for staff one that a submission held; raises NotFound."""
    for record in application.attachments:
        if record.uid == uid:
            return StoredFile(
                record.sha256, record.mime, record.name, record.slot, record.thumbnail_sha256 or ""
            )
    if role in CASE_READERS:
        for submission in Submission.objects(application=application, content__attachments__uid=uid):
            for row in submission.content.get("attachments", []):
                if row.get("uid") == uid:
                    return _stored(row)
    raise NotFound


def _stored(row: Mapping[str, Any]) -> StoredFile:
    return StoredFile(row["sha256"], row["mime"], row["name"], row["slot"], row.get("thumbnail_sha256") or "")


def serve(sha256: str, mime: str, name: str, inline: bool) -> Response:
    """Stored bytes as an answer that a browser may keep and never run; raises NotFound when they are gone."""
    try:
        blob = storage.open(sha256)
    except storage.BlobMissing as error:
        raise NotFound from error
    shown = inline and mime in INLINE
    answer = send_file(
        blob,
        mimetype=mime,
        as_attachment=not shown,
        download_name=name,
        etag=sha256,
        conditional=True,
    )
    if answer.status_code == 200:
        answer.content_length = blob.length
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = PDF_POLICY if mime == "application/pdf" else SANDBOX
    return answer
