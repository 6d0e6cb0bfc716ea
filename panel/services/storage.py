"""File bytes in GridFS, found by their SHA-256.

The hash is the `_id`, so that the same bytes are stored once. A blob is written in a transaction of its
own, before and outside the one that commits the record naming it: an abort there leaves a blob that
nobody names, which `sweep` takes away after a day. The driver's uploader knows no transactions, and
without one a crash or two writers at once would leave half a file; hence the writing by hand, in
GridFS's format, which the driver reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Set
from datetime import timedelta
from typing import Any, TypeVar

from bson import Binary, Int64
from gridfs import GridFSBucket, GridOut
from gridfs.errors import NoFile
from pymongo import ASCENDING, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from models.database import get_client, get_database

BUCKET = "blobs"
FILES = f"{BUCKET}.files"
CHUNKS = f"{BUCKET}.chunks"
CHUNK_BYTES = 255 * 1024
UNREFERENCED_FOR = timedelta(days=1)
T = TypeVar("T")
_DURABLE = WriteConcern(w="majority", j=True)


class BlobMissing(LookupError):
    """No bytes are stored under this hash."""


def create_indexes() -> None:
    """Make both collections with the indexes for reading and sweeping; can be repeated."""
    database = get_database()
    database[CHUNKS].create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)
    database[FILES].create_index([("uploadDate", ASCENDING)])


def put(data: bytes, mime: str) -> str:
    """Store bytes durably and return their SHA-256; storing them again only renews their age.

    Safe when two put the same at once. The age is the server's real time, not the clock's: a clock moved
    by a demo must not make a blob look old before its record is written.
    """
    sha256 = hashlib.sha256(data).hexdigest()

    def store(session: ClientSession) -> None:
        if not _renew(sha256, session):
            _insert(sha256, data, mime, session)

    try:
        _in_own_transaction(store)
    except DuplicateKeyError:
        # Somebody else stored the same bytes between our look and our write.
        _in_own_transaction(store)
    return sha256


def open(sha256: str) -> GridOut:
    """Open stored bytes for reading in pieces; `content_type` is in `metadata`. `BlobMissing` if none."""
    try:
        return GridFSBucket(get_database(), BUCKET).open_download_stream(sha256)
    except NoFile as error:
        raise BlobMissing(sha256) from error


def read(sha256: str) -> bytes:
    """All bytes of a blob; `BlobMissing` if there is none."""
    with open(sha256) as blob:
        return bytes(blob.read())


def exists(sha256: str) -> bool:
    """Tell whether bytes are stored under this hash."""
    return get_database()[FILES].count_documents({"_id": sha256}, limit=1) == 1


def sweep(referenced: Set[str], older_than: timedelta = UNREFERENCED_FOR) -> int:
    """Delete the blobs that no record names and nobody put within `older_than`; return how many.

    A record may name a blob only if the blob was put within that time before the record was committed;
    then it is either among `referenced` or too young.
    """
    candidates = get_database()[FILES].find(_old(older_than), {"_id": 1})
    return sum(_delete(row["_id"], older_than) for row in candidates if row["_id"] not in referenced)


def _renew(sha256: str, session: ClientSession) -> bool:
    now = {"$currentDate": {"uploadDate": True}}
    return get_database()[FILES].update_one({"_id": sha256}, now, session=session).matched_count == 1


def _insert(sha256: str, data: bytes, mime: str, session: ClientSession) -> None:
    database = get_database()
    pieces = range(0, len(data), CHUNK_BYTES)
    chunks: list[dict[str, Any]] = [
        {"files_id": sha256, "n": number, "data": Binary(data[start : start + CHUNK_BYTES])}
        for number, start in enumerate(pieces)
    ]
    # One insert is one message; larger ones the driver would split anyway.
    if chunks:
        database[CHUNKS].insert_many(chunks, session=session)
    record = {
        "length": Int64(len(data)),
        "chunkSize": CHUNK_BYTES,
        "filename": sha256,
        "metadata": {"content_type": mime},
    }
    database[FILES].update_one(
        {"_id": sha256},
        {"$setOnInsert": record, "$currentDate": {"uploadDate": True}},
        upsert=True,
        session=session,
    )


def _delete(sha256: str, older_than: timedelta) -> bool:
    """Delete a blob with its chunks at once, unless somebody renewed it since it was found."""

    def remove(session: ClientSession) -> bool:
        database = get_database()
        gone = database[FILES].delete_one({"_id": sha256, **_old(older_than)}, session=session)
        if gone.deleted_count:
            database[CHUNKS].delete_many({"files_id": sha256}, session=session)
        return gone.deleted_count == 1

    return _in_own_transaction(remove)


def _old(age: timedelta) -> dict[str, Any]:
    milliseconds = int(age.total_seconds() * 1000)
    return {"$expr": {"$lt": ["$uploadDate", {"$subtract": ["$$NOW", milliseconds]}]}}


def _in_own_transaction(body: Callable[[ClientSession], T]) -> T:
    """Run `body` in a transaction that no transaction around it can abort."""
    with get_client().start_session() as session:
        return session.with_transaction(
            body,
            read_concern=ReadConcern("snapshot"),
            write_concern=_DURABLE,
            read_preference=ReadPreference.PRIMARY,
        )
