"""Bytes that nothing names go after a day; what was ever submitted stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.application import Application, Submission
from models.sections import Attachment, Photo
from panel import clock
from panel.services import storage, sweeping
from tests.factories import make_application

pytestmark = pytest.mark.usefixtures("database")


def put(text: str) -> str:
    return storage.put(text.encode(), "application/pdf")


def attachment(sha256: str, thumbnail: str | None = None) -> dict[str, Any]:
    record = Attachment(slot="a", name="a.pdf", mime="application/pdf", size=1, sha256=sha256)
    record.thumbnail_sha256 = thumbnail
    return dict(record.to_mongo())


def test_only_bytes_that_no_record_names_are_deleted() -> None:
    application = make_application()
    kept, thumbnail, portrait, submitted, orphan = (put(word) for word in "abcde")
    photo = Photo(sha256=portrait).to_mongo()
    Application.objects(id=application.id).update_one(
        __raw__={"$set": {"attachments": [attachment(kept, thumbnail)], "photo": photo}}
    )
    Submission(
        application=application,
        content_revision=1,
        content={"attachments": [attachment(submitted)]},
        sha256="0" * 64,
        at=clock.now(),
    ).save()
    assert sweeping.referenced() == {kept, thumbnail, portrait, submitted}
    storage.sweep(sweeping.referenced(), older_than=timedelta(seconds=-60))
    assert not storage.exists(orphan)
    assert all(storage.exists(one) for one in (kept, thumbnail, portrait, submitted))


def test_fresh_bytes_are_left_alone_though_nothing_names_them_yet() -> None:
    fresh = put("f")
    assert sweeping.sweep_blobs() == 0
    assert storage.exists(fresh)
