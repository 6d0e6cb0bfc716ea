"""The private mongod is durable, has one owner, and never outlives it. Real processes throughout."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient

from panel import embedded
from panel.embedded import AlreadyOwnedError, EmbeddedMongo, EmbeddedMongoError, running_uri
from panel.process import free_port, is_free

OWNER = """
import sys
from pathlib import Path
from panel.embedded import EmbeddedMongo
mongo = EmbeddedMongo(Path(sys.argv[1]), cache_gb=0.25)
print(mongo.start(), mongo.pid, flush=True)
sys.stdin.read()
mongo.stop()
"""


def make(folder: Path, port: int | None = None) -> EmbeddedMongo:
    return EmbeddedMongo(folder, port=port, cache_gb=0.25)


def put(uri: str, text: str) -> None:
    with MongoClient[dict[str, Any]](uri) as client:
        client.trial.notes.insert_one({"text": text})


def notes(uri: str) -> list[str]:
    with MongoClient[dict[str, Any]](uri) as client:
        return [note["text"] for note in client.trial.notes.find().sort("_id")]


@contextlib.contextmanager
def owner_process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str, psutil.Process]]:
    """Another process that owns the server of `folder`: (process, uri, mongod)."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdin is not None
    assert owner.stdout is not None
    try:
        uri, pid = owner.stdout.readline().split()
        yield owner, uri, psutil.Process(int(pid))
    finally:
        with contextlib.suppress(BrokenPipeError):
            owner.stdin.close()
        owner.stdout.close()
        owner.wait(60)


def test_data_survive_a_restart_on_the_same_port(tmp_path: Path) -> None:
    with make(tmp_path) as mongo:
        first_port = mongo.port
        put(mongo.uri, "第一次")
    with make(tmp_path) as mongo:
        assert mongo.port == first_port
        put(mongo.uri, "第二次")
        assert notes(mongo.uri) == ["第一次", "第二次"]


def test_data_survive_a_change_of_port(tmp_path: Path) -> None:
    with make(tmp_path) as mongo:
        put(mongo.uri, "旧端口")
    other = free_port()
    with make(tmp_path, port=other) as mongo:
        assert f":{other}/" in mongo.uri
        put(mongo.uri, "新端口")
        assert notes(mongo.uri) == ["旧端口", "新端口"]


def test_taken_port_of_last_time_is_left_to_its_new_owner(tmp_path: Path) -> None:
    with make(tmp_path / "one") as mongo:
        put(mongo.uri, "一")
        port = mongo.port
    with make(tmp_path / "two", port=port) as squatter:
        put(squatter.uri, "别人的")
        with make(tmp_path / "one") as mongo:
            assert mongo.port != port
            assert notes(mongo.uri) == ["一"]


def test_wanted_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with make(tmp_path / "one") as mongo, pytest.raises(EmbeddedMongoError, match="已被占用"):
        make(tmp_path / "two", port=mongo.port).start()


def test_second_owner_in_another_process_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    with owner_process(tmp_path) as (owner, uri, _):
        with pytest.raises(AlreadyOwnedError, match=rf"编号 {owner.pid}）.*请先停止"):
            make(tmp_path).start()
        put(uri, "仍在运行")
        assert notes(uri) == ["仍在运行"]


def test_second_owner_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with make(tmp_path) as mongo:
        second = make(tmp_path)
        with pytest.raises(AlreadyOwnedError):
            second.start()
        second.stop()
        assert mongo.pid is not None
        with pytest.raises(AlreadyOwnedError):
            second.start()


def test_stop_is_clean_frees_port_and_folder_and_may_be_repeated(tmp_path: Path) -> None:
    mongo = make(tmp_path)
    mongo.start()
    process, port = psutil.Process(mongo.pid), mongo.port
    assert port is not None
    mongo.stop()
    mongo.stop()
    assert not process.is_running()
    assert is_free(port)
    # mongod empties its own lock file only when it was shut down in order.
    assert (tmp_path / "data" / "mongod.lock").stat().st_size == 0
    with make(tmp_path):
        pass


def test_killed_owner_takes_the_server_along_and_loses_nothing(tmp_path: Path) -> None:
    with owner_process(tmp_path) as (owner, uri, mongod):
        put(uri, "已确认的写入")
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait(10)
        psutil.wait_procs([mongod], timeout=30)
        assert not mongod.is_running()
    with make(tmp_path) as mongo:
        assert notes(mongo.uri) == ["已确认的写入"]


def test_next_owner_need_not_wait_for_the_last_one_to_vanish(tmp_path: Path) -> None:
    with owner_process(tmp_path) as (owner, uri, _):
        put(uri, "一")
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait(10)
        with make(tmp_path) as mongo:
            put(mongo.uri, "二")
            assert notes(mongo.uri) == ["一", "二"]


def test_server_that_outlived_its_owner_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owner_process(tmp_path) as (owner, uri, mongod):
        put(uri, "一")
        # Stopped, it cannot follow the signal that its owner's death sends: it is still there.
        mongod.suspend()
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait(10)
        assert mongod.is_running()
        monkeypatch.setattr(embedded, "STOP_SECONDS", 0.2)
        with pytest.raises(EmbeddedMongoError, match=f"kill -9 {mongod.pid}"):
            make(tmp_path).start()
        monkeypatch.setattr(embedded, "STOP_SECONDS", 30)
        mongod.resume()
        with make(tmp_path) as mongo:
            assert not mongod.is_running()
            assert notes(mongo.uri) == ["一"]


def test_server_that_died_is_started_again_on_its_port(tmp_path: Path) -> None:
    with make(tmp_path) as mongo:
        uri = mongo.uri
        put(uri, "一")
        with MongoClient[dict[str, Any]](uri) as client:
            assert client.trial.notes.count_documents({}) == 1
            process = psutil.Process(mongo.pid)
            process.kill()
            process.wait(10)
            assert mongo.pid is None
            assert mongo.start() == uri
            assert client.trial.notes.count_documents({}) == 1


def test_running_server_can_be_found_by_other_commands(tmp_path: Path) -> None:
    assert running_uri(tmp_path) is None
    with owner_process(tmp_path) as (_, uri, _mongod):
        assert running_uri(tmp_path) == uri
    assert running_uri(tmp_path) is None


def test_only_the_main_thread_may_start_it(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            make(tmp_path).start()
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    assert "main thread" in str(errors[0])
    with make(tmp_path):
        pass


def test_missing_program_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_mongod", lambda: None)
    with pytest.raises(EmbeddedMongoError, match="MONGODB_URI"):
        make(tmp_path).start()


def test_missing_system_library_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "mongod"
    program.write_text(
        "#!/bin/sh\necho 'mongod: error while loading shared libraries: libldap-2.5.so.0: cannot open' >&2\n"
        "exit 127\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(embedded, "find_mongod", lambda: program)
    with pytest.raises(EmbeddedMongoError, match=r"libldap-2\.5.*\n.*apt-get install"):
        make(tmp_path / "mongo").start()


def test_damaged_data_are_reported_with_the_log(tmp_path: Path) -> None:
    with make(tmp_path) as mongo:
        put(mongo.uri, "一")
    (tmp_path / "data" / "WiredTiger.turtle").write_text("damaged")
    (tmp_path / "data" / "WiredTiger.turtle.set").unlink(missing_ok=True)
    with pytest.raises(EmbeddedMongoError, match=r"启动失败.*mongod\.log"):
        make(tmp_path).start()


def test_folder_is_private_and_server_listens_on_loopback_alone(tmp_path: Path) -> None:
    with make(tmp_path) as mongo:
        listening = [c for c in psutil.Process(mongo.pid).net_connections() if c.status == "LISTEN"]
        assert {c.laddr.ip for c in listening} == {"127.0.0.1"}
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0
        assert not Path(f"/tmp/mongodb-{mongo.port}.sock").exists()


def test_server_takes_no_compressed_messages(tmp_path: Path) -> None:
    """CVE-2025-14847 of the bundled version is in their decompression."""
    with make(tmp_path) as mongo, MongoClient[dict[str, Any]](mongo.uri, compressors="zlib") as client:
        hello = client.admin.command("hello", compression=["zlib", "snappy", "zstd"])
        assert "compression" not in hello
