"""The private MongoDB server: real, durable, started and stopped by the program itself.

One folder holds everything: ``data/`` (the database), ``mongod.log``, ``owner.lock`` (held while somebody
runs it) and ``mongod.json`` (port and process of the last start).
"""

import contextlib
import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from panel.process import free_port, is_free, spawn, terminate

HOST = "127.0.0.1"
REPLICA_SET = "pingshen"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOG_BYTES = 16 * 1024 * 1024
ADDRESS_IN_USE = 48  # mongod's exit code
NOT_YET_INITIALISED = 94
NOT_A_MEMBER = 93  # the stored configuration names another port

INSTALL_HINT = (
    "安装方法：x86_64 的 Debian 12 / Ubuntu 22.04 上运行 pip install 'pingshen[embedded]'，"
    "并以 root 运行 apt-get install libcurl4 libldap-2.5-0；或自行安装 MongoDB，使 mongod 在 PATH 中；"
    "或设置 MONGODB_URI 使用已有的副本集。"
)


class EmbeddedMongoError(Exception):
    """The private server cannot run; the message says why and what to do."""


class AlreadyOwnedError(EmbeddedMongoError):
    """Another living process runs the private server of this folder."""


@dataclass(frozen=True)
class _Record:
    """What the last start left behind; `created` tells a process from a later one with the same pid."""

    port: int
    pid: int | None = None
    created: float | None = None


def find_mongod() -> Path | None:
    """The server's program: from the pinned wheel if it is installed, else from PATH, else None."""
    spec = importlib.util.find_spec("fiftyone")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        candidate = Path(folder) / "db" / "bin" / "mongod"
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    on_path = shutil.which("mongod")
    return Path(on_path) if on_path else None


def running_uri(folder: Path) -> str | None:
    """The address of the server that another process runs in `folder`, None if there is none."""
    record = _read_record(folder)
    return _uri(record.port) if record is not None and _living(record) else None


class EmbeddedMongo:
    """A single-node replica set on loopback whose data lives in `folder`; also a context manager.

    `port` asks for a fixed one; by default the last port is used again if it is free, else another. The
    server dies with the process that started it, even if that one is killed.
    """

    def __init__(self, folder: Path, *, port: int | None = None, cache_gb: float = 0.5) -> None:
        self.folder = folder
        self._wanted_port = port
        self._cache_gb = cache_gb
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self.port: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def uri(self) -> str:
        """The address for clients."""
        if self.port is None:
            raise EmbeddedMongoError("数据库尚未启动。")
        return _uri(self.port)

    @property
    def pid(self) -> int | None:
        """The server's process, None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def log(self) -> Path:
        return self.folder / "mongod.log"

    def start(self) -> str:
        """Start the server, wait until it takes writes, and return its `uri`.

        Raises `AlreadyOwnedError` if another process has it, `EmbeddedMongoError` if it cannot run. Call it
        from the main thread. Calling it again after the server died starts it on the same port.
        """
        if self.pid is not None:
            return self.uri
        self._acquire()
        try:
            record = _read_record(self.folder)
            self._take_over(record)
            self._launch(record)
        except BaseException:
            self.stop()
            raise
        return self.uri

    def stop(self) -> None:
        """Stop the server cleanly and give up the folder; nothing happens if it does not run."""
        self.port = None
        if self._process is not None:
            if not terminate(self._process, STOP_SECONDS):
                message = f"mongod 未能在 {STOP_SECONDS:.0f} 秒内停止，已强行结束；日志可恢复数据。"
                print(message, file=sys.stderr)
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _acquire(self) -> None:
        """Take the folder's lock, which the system releases when this process ends in any way."""
        if self._lock is not None:
            return
        (self.folder / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip() or "?"
            os.close(descriptor)
            raise AlreadyOwnedError(
                f"数据库 {self.folder} 正由另一个进程（编号 {owner}）使用。"
                "请先停止它（在它的窗口按 Ctrl-C），或用 PINGSHEN_VAR 指定另一个目录。"
            ) from None
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._lock = descriptor

    def _take_over(self, record: _Record | None) -> None:
        """Stop a server of this folder that outlived its owner.

        It is replaced rather than kept: it may be on its way out already, and only a child of this process
        dies with it.
        """
        survivor = _living(record)
        if survivor is None:
            return
        survivor.terminate()
        try:
            survivor.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            raise EmbeddedMongoError(
                f"上次留下的 mongod（进程 {survivor.pid}）没有停止。请运行 kill -9 {survivor.pid} 后重试。"
            ) from None

    def _launch(self, record: _Record | None) -> None:
        binary = find_mongod()
        if binary is None:
            raise EmbeddedMongoError("没有找到 mongod。" + INSTALL_HINT)
        # After a crash clients come back to the address they know.
        fixed = self.port or self._wanted_port
        port = fixed or (record.port if record and is_free(record.port) else free_port())
        for _ in range(5):
            self._spawn(binary, port)
            if self._wait_until_primary(port):
                self.port = port
                return
            if fixed is not None:
                raise EmbeddedMongoError(f"端口 {port} 已被占用。")
            port = free_port()
        raise EmbeddedMongoError("找不到空闲端口来启动数据库。")

    def _spawn(self, binary: Path, port: int) -> None:
        self._rotate_log()
        command = [
            str(binary),
            *("--dbpath", str(self.folder / "data"), "--port", str(port), "--bind_ip", HOST),
            *("--replSet", REPLICA_SET, "--oplogSize", "512", "--nounixsocket"),
            *("--logpath", str(self.log), "--logappend", "--quiet"),
            # CVE-2025-14847 is in the decompression of messages; on loopback nothing is gained by it anyway.
            *("--networkMessageCompressors", "disabled"),
            *("--wiredTigerCacheSizeGB", str(self._cache_gb)),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            # Nobody takes over from a single node: there is nothing to wait for.
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"),
        ]
        with (self.folder / "mongod.out").open("wb") as output:
            # An unknown locale would stop it.
            self._process = spawn(command, env={**os.environ, "LC_ALL": "C"}, output=output)
        created = None
        with contextlib.suppress(psutil.NoSuchProcess):  # it died at once: the wait reports why
            created = psutil.Process(self._process.pid).create_time()
        self._write_record(_Record(port, self._process.pid, created))

    def _wait_until_primary(self, port: int) -> bool:
        """Configure the replica set and wait until it takes writes; False if the port was taken meanwhile."""
        deadline = time.monotonic() + START_SECONDS
        # Closed at the end: a client from before the initiation would never see the primary.
        with MongoClient[dict[str, Any]](
            HOST, port, directConnection=True, serverSelectionTimeoutMS=200, connectTimeoutMS=1000
        ) as client:
            while time.monotonic() < deadline:
                code = self._process.poll() if self._process else None
                if code == ADDRESS_IN_USE:
                    return False
                if code is not None:
                    raise EmbeddedMongoError(self._explain_exit(code))
                with contextlib.suppress(PyMongoError):  # not listening yet, or in the middle of an election
                    if self._is_own(client) and _is_primary(client, port):
                        return True
                time.sleep(0.05)
        raise EmbeddedMongoError(f"数据库 {START_SECONDS:.0f} 秒内没有就绪，详见 {self.log}。")

    def _is_own(self, client: MongoClient[dict[str, Any]]) -> bool:
        """Whether the one that answers is not another server that was first to take the port."""
        return client.admin.command("serverStatus")["pid"] == self.pid

    def _explain_exit(self, code: int) -> str:
        said = (self.folder / "mongod.out").read_text("utf-8", "replace").strip()
        if "error while loading shared libraries" in said:
            return f"mongod 缺少系统库：{said.splitlines()[0]}\n{INSTALL_HINT}"
        last = _last_errors(self.log) or said[-500:]
        return f"mongod 启动失败（退出码 {code}），详见 {self.log}。\n{last}".strip()

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _write_record(self, record: _Record) -> None:
        draft = self.folder / "mongod.json.new"
        draft.write_text(json.dumps(record.__dict__), "utf-8")
        draft.replace(self.folder / "mongod.json")


def _uri(port: int) -> str:
    return f"mongodb://{HOST}:{port}/?replicaSet={REPLICA_SET}"


def _read_record(folder: Path) -> _Record | None:
    try:
        return _Record(**json.loads((folder / "mongod.json").read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None  # only a hint: without it a port is chosen anew


def _living(record: _Record | None) -> psutil.Process | None:
    """The recorded process if it still runs; a later process with the same pid is not it."""
    if record is None or record.pid is None:
        return None
    try:
        process = psutil.Process(record.pid)
        same = abs(process.create_time() - (record.created or 0)) < 1 and process.status() != "zombie"
    except psutil.NoSuchProcess:
        return None
    return process if same else None


def _is_primary(client: MongoClient[dict[str, Any]], port: int) -> bool:
    """Whether the server takes writes; configures its replica set first where that is missing or outdated."""
    member = {"_id": 0, "host": f"{HOST}:{port}"}
    try:
        client.admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code == NOT_YET_INITIALISED:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
        elif error.code == NOT_A_MEMBER:
            config = client.admin.command("replSetGetConfig")["config"]
            config.update(version=config["version"] + 1, members=[{**config["members"][0], **member}])
            client.admin.command("replSetReconfig", config, force=True)
        else:
            raise
    return bool(client.admin.command("hello").get("isWritablePrimary"))


def _last_errors(log: Path) -> str:
    """The last errors of mongod's log, which is one JSON object per line."""
    if not log.exists():
        return ""
    lines = log.read_text("utf-8", "replace").splitlines()[-200:]
    errors = [line for line in lines if '"s":"E"' in line or '"s":"F"' in line]
    return "\n".join(errors[-3:])
