"""Which blobs are still named by a record, and taking away those that are not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.application import Application, Submission
from models.certificate import Certificate
from models.imports import ImportBatch, ImportState
from models.material import MaterialEntry, MaterialScan
from models.pending_file import PendingFile
from panel.services import storage

_FILES = {"attachments.sha256": 1, "attachments.thumbnail_sha256": 1, "photo.sha256": 1}
_FROZEN = {f"content.{path}": 1 for path in _FILES}


def referenced() -> set[str]:
    """The hashes of all bytes that an application, a submission, a certificate or an import names.

    What was submitted stays readable for good, also when the application has replaced it since.
    """
    found: set[str] = set()
    for row in Application._get_collection().find({}, _FILES):
        found.update(_named(row))
    for row in Submission._get_collection().find({}, _FROZEN):
        found.update(_named(row.get("content", {})))
    for row in MaterialScan._get_collection().find({}, {"file": 1}):
        found.update(_named({"attachments": [row["file"]]}))
    disputed = {"dispute.evidence": {"$exists": True}}
    for row in MaterialEntry._get_collection().find(disputed, {"dispute.evidence": 1}):
        if row["dispute"].get("evidence"):
            found.update(_named({"attachments": [row["dispute"]["evidence"]]}))
    for row in Certificate._get_collection().find({}, {"photo_sha256": 1, "pdf_sha256": 1}):
        found.update(filter(None, (row.get("photo_sha256"), row.get("pdf_sha256"))))
    given_up = [ImportState.DISCARDED.value, ImportState.REFUSED.value]
    found.update(ImportBatch.objects(state__nin=given_up).distinct("sha256"))
    for row in PendingFile._get_collection().find({}, {"record": 1}):
        found.update(filter(None, (row["record"]["sha256"], row["record"].get("thumbnail_sha256"))))
    return found


def sweep_blobs() -> int:
    """Delete the blobs that nothing names and that are older than a day; returns how many."""
    return storage.sweep(referenced())


def _named(row: dict[str, Any]) -> Iterator[str]:
    for attachment in row.get("attachments", []):
        yield attachment["sha256"]
        if attachment.get("thumbnail_sha256"):
            yield attachment["thumbnail_sha256"]
    if row.get("photo"):
        yield row["photo"]["sha256"]
