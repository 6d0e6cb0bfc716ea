"""Content-addressed bytes on the real mongod: stored once, whole or not at all, swept when unnamed."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from gridfs import GridFSBucket
from pymongo.database import Database

from models.database import transaction
from panel.services import storage

Db = Database[dict[str, Any]]

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


def age(database: Db, sha256: str, by: timedelta) -> None:
    """Make a blob look as if it had been put so long ago."""
    when = datetime.now(UTC) - by
    database["blobs.files"].update_one({"_id": sha256}, {"$set": {"uploadDate": when}})


def counts(database: Db) -> tuple[int, int]:
    """How many files and chunks there are."""
    return database["blobs.files"].count_documents({}), database["blobs.chunks"].count_documents({})


def test_bytes_come_back_under_their_sha256(database: Db) -> None:
    assert storage.put(b"hello", "text/plain") == HELLO
    assert storage.exists(HELLO)
    assert storage.read(HELLO) == b"hello"
    with storage.open(HELLO) as blob:
        assert blob.length == 5
        assert blob.metadata == {"content_type": "text/plain"}


def test_the_drivers_own_reader_understands_what_is_stored(database: Db) -> None:
    data = bytes(range(256)) * 4096  # 1 MiB: five chunks
    sha256 = storage.put(data, "application/pdf")
    assert counts(database) == (1, 5)
    assert GridFSBucket(database, "blobs").open_download_stream(sha256).read() == data


@pytest.mark.parametrize("size", [0, 1, 255 * 1024, 255 * 1024 + 1])
def test_any_length_comes_back_whole(database: Db, size: int) -> None:
    data = b"\xff" * size
    assert storage.read(storage.put(data, "image/png")) == data


def test_a_file_over_sixteen_megabytes_is_stored_in_one_transaction(database: Db) -> None:
    data = hashlib.sha256(b"seed").digest() * (20 * 1024 * 1024 // 32)
    assert storage.read(storage.put(data, "application/pdf")) == data


def test_putting_the_same_again_stores_nothing_new(database: Db) -> None:
    storage.put(b"hello", "text/plain")
    assert storage.put(b"hello", "text/html") == HELLO
    assert counts(database) == (1, 1)
    with storage.open(HELLO) as blob:
        assert blob.metadata == {"content_type": "text/plain"}


def test_many_who_put_the_same_at_once_store_it_once(database: Db) -> None:
    data = b"the same evidence" * 50_000  # 850 kB: four chunks
    with ThreadPoolExecutor(8) as pool:
        hashes = list(pool.map(lambda _: storage.put(data, "application/pdf"), range(16)))
    assert set(hashes) == {hashlib.sha256(data).hexdigest()}
    assert counts(database) == (1, 4)
    assert storage.read(hashes[0]) == data


def test_unknown_bytes_are_missing(database: Db) -> None:
    assert not storage.exists("0" * 64)
    with pytest.raises(storage.BlobMissing):
        storage.open("0" * 64)
    with pytest.raises(storage.BlobMissing):
        storage.read("0" * 64)


def test_bytes_are_written_outside_the_transaction_around_them(database: Db) -> None:
    def put_and_fail() -> None:
        storage.put(b"hello", "text/plain")
        raise RuntimeError("the record could not be written")

    with pytest.raises(RuntimeError, match="the record"):
        transaction(put_and_fail)
    assert storage.read(HELLO) == b"hello"


def test_a_failing_write_leaves_no_half_file(database: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    real = storage._insert

    def fail_after_writing(*args: Any) -> None:
        real(*args)
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(storage, "_insert", fail_after_writing)
    with pytest.raises(RuntimeError, match="stops here"):
        storage.put(b"hello", "text/plain")
    assert counts(database) == (0, 0)


def test_sweep_deletes_what_nobody_names_for_a_day_and_nothing_else(database: Db) -> None:
    named, unnamed, young = (storage.put(text, "text/plain") for text in (b"named", b"unnamed", b"young"))
    age(database, named, timedelta(days=30))
    age(database, unnamed, timedelta(days=1, minutes=1))
    age(database, young, timedelta(hours=23))
    assert storage.sweep({named}) == 1
    assert storage.exists(named)
    assert storage.exists(young)
    assert not storage.exists(unnamed)
    assert counts(database) == (2, 2)


def test_sweep_takes_the_age_as_a_parameter(database: Db) -> None:
    old = storage.put(b"old", "text/plain")
    age(database, old, timedelta(hours=2))
    assert storage.sweep(set(), timedelta(hours=3)) == 0
    assert storage.sweep(set(), timedelta(hours=1)) == 1


def test_putting_again_renews_an_old_blob_so_that_it_is_not_swept(database: Db) -> None:
    sha256 = storage.put(b"hello", "text/plain")
    age(database, sha256, timedelta(days=2))
    storage.put(b"hello", "text/plain")
    assert storage.sweep(set()) == 0
    assert storage.read(sha256) == b"hello"


def test_a_blob_renewed_after_sweep_found_it_stays(database: Db) -> None:
    sha256 = storage.put(b"hello", "text/plain")
    age(database, sha256, timedelta(days=2))

    class PutMeanwhile(set[str]):
        """Somebody uploads the same bytes between the look and the deletion."""

        def __contains__(self, item: object) -> bool:
            storage.put(b"hello", "text/plain")
            return False

    assert storage.sweep(PutMeanwhile()) == 0
    assert storage.read(sha256) == b"hello"


def test_sweeping_and_putting_at_once_never_leaves_a_file_without_its_bytes(database: Db) -> None:
    data = b"contended" * 60_000  # three chunks
    sha256 = storage.put(data, "text/plain")

    def put_or_sweep(number: int) -> None:
        if number % 2:
            storage.put(data, "text/plain")
        else:
            age(database, sha256, timedelta(days=2))
            storage.sweep(set())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put_or_sweep, range(40)))
    files, chunks = counts(database)
    assert chunks == 3 * files
    storage.put(data, "text/plain")
    assert storage.read(sha256) == data


def test_swept_bytes_can_be_put_again(database: Db) -> None:
    sha256 = storage.put(b"hello", "text/plain")
    age(database, sha256, timedelta(days=2))
    storage.sweep(set())
    storage.put(b"hello", "text/plain")
    assert storage.read(sha256) == b"hello"


def test_chunks_are_found_by_a_unique_index(database: Db) -> None:
    keys = [
        index["key"] for index in database["blobs.chunks"].index_information().values() if "unique" in index
    ]
    assert keys == [[("files_id", 1), ("n", 1)]]
