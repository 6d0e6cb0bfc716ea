"""From received bytes to a stored file and its record: checked first, stored whole, or refused."""

from __future__ import annotations

from typing import BinaryIO

from models.messages import Message
from models.round_spec import PhotoSpec
from models.sections import Attachment, Photo
from panel.services import storage
from panel.services.files import inspecting, photo, preparing
from panel.services.files.limits import Limits

_THUMBNAIL = "image/jpeg"
_NAME_LENGTH = 200


def receive(source: bytes | BinaryIO, name: str, limits: Limits) -> Attachment:
    """Check and store an evidence file with its thumbnail; the record isn't part of anything yet.

    `name` is what the person called it; its ending is replaced by the content's own. Raises FileRefused
    with nothing stored.
    """
    return _stored(inspecting.inspect(source, limits), name)


def receive_fitting(source: BinaryIO, name: str, limits: Limits, max_sent: int) -> Attachment:
    """The same of a photo or scan that may be larger, up to `max_sent` bytes, and is made to fit."""
    kinds = [kind.value for kind in inspecting.FileKind]
    return _stored(preparing.prepare(source, limits, max_sent, kinds).facts, name)


def _stored(facts: inspecting.FileFacts, name: str) -> Attachment:
    storage.put(facts.data, facts.mime)
    return Attachment(
        slot="",
        name=_named(name, facts.kind.extension),
        mime=facts.mime,
        size=facts.size,
        sha256=facts.sha256,
        thumbnail_sha256=storage.put(facts.thumbnail, _THUMBNAIL),
        pages=facts.pages,
        width=facts.width,
        height=facts.height,
    )


def receive_photo(data: bytes, spec: PhotoSpec) -> tuple[Photo, tuple[Message, ...]]:
    """Check, re-encode and store a portrait (G11); returns its record and warnings. Raises FileRefused."""
    done = photo.process(data, photo.PhotoRule.of(spec))
    sha256 = storage.put(done.data, "image/jpeg")
    record = Photo(sha256=sha256, width=done.width, height=done.height, size=len(done.data))
    return record, done.warnings


def _named(name: str, extension: str) -> str:
    stem = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = "".join(c for c in stem if c.isprintable()).strip()
    head, dot, tail = stem.rpartition(".")
    if dot and len(tail) <= 5:
        stem = head
    return f"{stem[:_NAME_LENGTH] or 'file'}.{extension.lstrip('.')}"
