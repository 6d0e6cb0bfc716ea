"""`panel run`: starts database, web server and worker, keeps them alive, stops them in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

from panel.config import Mode, Settings
from panel.console import say, step, table
from panel.embedded import EmbeddedMongo
from panel.process import is_free, spawn, terminate

READY_SECONDS = 60.0
LOOK_SECONDS = 0.5
DEATHS = 3  # so many of one process ...
WITHIN_SECONDS = 60.0  # ... within this time, and a restart does not help
PORTS_TO_TRY = 50


class SupervisorError(Exception):
    """The whole cannot run; the message says why."""


class Stopped(Exception):
    """Somebody asked us to stop: Ctrl-C, SIGTERM, or the terminal is gone."""


class Deaths:
    """How often something of the name `name` died lately."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._times: deque[float] = deque(maxlen=DEATHS)

    def note(self, code: int | None = None) -> None:
        """Tell the person that it is started again; `SupervisorError` if that happens too often."""
        self._times.append(time.monotonic())
        how = "" if code is None else f"（退出码 {code}）"
        if len(self._times) == DEATHS and self._times[-1] - self._times[0] < WITHIN_SECONDS:
            raise SupervisorError(f"{self._name}接连退出 {DEATHS} 次{how}，不再重启，原因见上面的输出。")
        say(f"{self._name}意外退出{how}，重新启动。", problem=True)


class Child:
    """One process that ought to run as long as we do; `name` is what messages call it."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], *, stop_seconds: float
    ) -> None:
        self.name = name
        self._command = command
        self._env = env
        self._stop_seconds = stop_seconds
        self._deaths = Deaths(name)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = spawn(self._command, env=self._env)

    @property
    def exit_code(self) -> int | None:
        """The code it ended with; None while it runs or before it started."""
        return self.process.poll() if self.process else None

    def revive(self) -> None:
        """Start it again if it died; `SupervisorError` if it keeps dying."""
        code = self.exit_code
        if code is not None:
            self._deaths.note(code)
            self.start()

    def stop(self) -> None:
        if self.process is None:
            return
        if not terminate(self.process, self._stop_seconds):
            say(f"{self.name}没有按时停止，已强行结束。", problem=True)
        self.process = None


class Supervisor:
    """Everything that `panel run` starts. `run` returns the exit code once all has stopped."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mongo: EmbeddedMongo | None = None
        self._children: list[Child] = []
        self._asked_to_stop = False

    def run(self) -> int:
        """Start all, watch until asked to stop, stop all; 0 if it was asked for, 1 after a failure.

        `EmbeddedMongoError` and `SupervisorError` go to the caller, after everything was stopped.
        """
        handlers = {number: signal.signal(number, self._on_signal) for number in _STOP_SIGNALS}
        try:
            self._start()
            self._announce()
            self._watch()
        except Stopped:
            say("")
            step("正在停止")
        finally:
            self._stop()
            for number, handler in handlers.items():
                signal.signal(number, handler)
        step("已全部停止")
        return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """Only remember it: an exception thrown from here could hit any line, even a destructor."""
        self._asked_to_stop = True

    def _pause(self, seconds: float) -> None:
        """Sleep, then raise `Stopped` if somebody asked for it meanwhile."""
        time.sleep(seconds)
        if self._asked_to_stop:
            raise Stopped

    def _start(self) -> None:
        self._settings = self._with_database(self._settings)
        self._settings = self._with_free_port(self._settings)
        env = {**os.environ, **self._settings.environment(), "PYTHONUNBUFFERED": "1"}
        self._prepare(env)
        step("启动网站与后台任务")
        web = Child("网站", web_command(self._settings), env, stop_seconds=20)
        worker = Child("后台任务", [sys.executable, "-m", "panel.worker"], env, stop_seconds=20)
        for child in (web, worker):
            self._children.append(child)
            child.start()
        self._wait_until_ready(web)

    def _with_database(self, settings: Settings) -> Settings:
        if settings.mongodb_uri is not None:
            step("数据库：使用 MONGODB_URI 指定的服务器")
            return settings
        folder = settings.var / "mongo"
        step(f"启动数据库（数据在 {folder}）")
        self._mongo = EmbeddedMongo(folder)
        return settings.model_copy(update={"mongodb_uri": self._mongo.start()})

    def _with_free_port(self, settings: Settings) -> Settings:
        wanted = settings.port
        for port in range(wanted, min(wanted + PORTS_TO_TRY, 65536)):
            if is_free(port, settings.host):
                if port != wanted:
                    step(f"端口 {wanted} 已被占用，改用 {port}")
                return settings.model_copy(update={"port": port})
        raise SupervisorError(f"从 {wanted} 起的 {PORTS_TO_TRY} 个端口都不能使用，请用 PORT=… 另选一个。")

    def _prepare(self, env: Mapping[str, str]) -> None:
        """Migrate and seed in a process of its own, so that this one never holds a connection."""
        step("更新数据结构" + ("，首次运行时写入演示数据" if self._settings.mode is Mode.DEMO else ""))
        preparation = Child("准备数据", [sys.executable, "-m", "panel.cli", "prepare"], env, stop_seconds=20)
        self._children.append(preparation)
        preparation.start()
        while preparation.exit_code is None:
            self._pause(LOOK_SECONDS / 5)
        if preparation.exit_code != 0:
            raise SupervisorError("准备数据失败，原因见上面的输出。")
        self._children.remove(preparation)

    def _wait_until_ready(self, web: Child) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(f"{self._address}/healthz"):
            if web.exit_code is not None:
                raise SupervisorError(f"网站没有启动成功（退出码 {web.exit_code}），原因见上面的输出。")
            if time.monotonic() > deadline:
                raise SupervisorError(f"网站 {READY_SECONDS:.0f} 秒内没有响应 {self._address}/healthz。")
            self._pause(LOOK_SECONDS / 5)

    @property
    def _address(self) -> str:
        host = self._settings.host
        if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            host = "127.0.0.1"
        return (
            f"http://[{host}]:{self._settings.port}"
            if ":" in host
            else f"http://{host}:{self._settings.port}"
        )

    def _announce(self) -> None:
        say("")
        say(f"评审系统已就绪：{self._address}")
        if self._settings.mode is Mode.DEMO:
            from panel.demo import accounts

            say("演示账号（也可以在首页一键登录）：")
            table([("角色", "账号", "密码"), *accounts()])
        say("按 Ctrl-C 停止。")

    def _watch(self) -> None:
        deaths = Deaths("数据库")
        while True:
            self._pause(LOOK_SECONDS)
            if self._mongo is not None and self._mongo.pid is None:
                deaths.note()
                self._mongo.start()
            for child in self._children:
                child.revive()

    def _stop(self) -> None:
        """The reverse of starting: who uses the database goes before it."""
        for child in self._children:
            child.stop()
        if self._mongo is not None:
            self._mongo.stop()


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def web_command(settings: Settings) -> list[str]:
    """One gunicorn process with threads: all state is in the database, so more can be added."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return [
        *(sys.executable, "-m", "gunicorn", "--bind", f"{host}:{settings.port}"),
        *("--workers", "1", "--worker-class", "gthread", "--threads", str(settings.web_threads)),
        *("--timeout", "120", "--graceful-timeout", "10", "--no-control-socket"),
        # only written where an access log is turned on: searches for names never go into it
        *("--access-logformat", '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(b)s %(L)s'),
        *("--log-level", "warning", "--name", "pingshen", "panel:create_app()"),
    ]


def run(settings: Settings) -> int:
    """Run everything until asked to stop; see `Supervisor.run`."""
    return Supervisor(settings).run()


def _answers(address: str) -> bool:
    request: Any = urllib.request.Request(address)  # noqa: S310 - our own http address
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
