"""`panel run` as a person starts and stops it: real processes from the first line to the last."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from panel.process import free_port, is_free

READY = "评审系统已就绪"


class Running:
    """A `panel run` of its own: its process, what it printed, and where it listens."""

    def __init__(self, var: Path, port: int) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("PINGSHEN_")}
        env.pop("MONGODB_URI", None)
        env.update(PINGSHEN_VAR=str(var), PINGSHEN_MODE="test", PINGSHEN_WORKER_SECONDS="1")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "panel.cli", "run", "--port", str(port)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []

    def read_until(self, text: str) -> str:
        """Read its output up to the line that holds `text`; fails with all of it at the end."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if text in line:
                return line
        pytest.fail(f"没有出现“{text}”：\n{''.join(self.said)}")

    def finish(self) -> str:
        """Read the rest and wait; returns all it said."""
        assert self.process.stdout is not None
        self.said.extend(self.process.stdout)
        self.process.wait(60)
        return "".join(self.said)

    def children(self) -> dict[str, psutil.Process]:
        """Its processes by what they are: mongod, gunicorn, worker."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            command = " ".join(child.cmdline())
            for name in ("mongod", "gunicorn", "panel.worker"):
                if name in command:
                    found[name] = child
        return found


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[int], Running]]:
    """Start `panel run` on a port with the data of this test; what still runs at the end is stopped."""
    started: list[Running] = []

    def begin(port: int) -> Running:
        started.append(Running(tmp_path / "var", port))
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.process.terminate()
            running.finish()


Start = Callable[[int], Running]


def address(line: str) -> str:
    found = re.search(r"http://\S+", line)
    assert found is not None
    return found[0]


def status(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        return int(answer.status)


def test_run_serves_pages_refuses_a_second_owner_and_stops_all_it_started(start: Start) -> None:
    port = free_port()
    running = start(port)
    home = address(running.read_until(READY))
    assert home == f"http://127.0.0.1:{port}"
    assert status(f"{home}/healthz") == 200
    assert status(home) == 200
    children = running.children()
    assert set(children) == {"mongod", "gunicorn", "panel.worker"}

    second = start(free_port())
    said = second.finish()
    assert second.process.returncode == 1
    assert f"正由另一个进程（编号 {running.process.pid}）使用" in said
    assert "Traceback" not in said
    assert status(f"{home}/healthz") == 200

    os.kill(running.process.pid, signal.SIGINT)
    said = running.finish()
    assert "已全部停止" in said
    assert "Traceback" not in said
    assert running.process.returncode == 0
    assert [child for child in children.values() if child.is_running()] == []
    assert is_free(port)


def test_processes_that_die_are_started_again_and_sigterm_stops_all(start: Start) -> None:
    running = start(free_port())
    home = address(running.read_until(READY))
    for name, words in (("panel.worker", "后台任务"), ("mongod", "数据库")):
        running.children()[name].kill()
        assert "重新启动" in running.read_until(f"{words}意外退出")
        assert status(f"{home}/healthz") == 200
    running.children()["gunicorn"].kill()
    running.read_until("网站意外退出")
    running.process.terminate()
    running.finish()
    assert running.process.returncode == 0


def test_taken_port_gives_way_and_a_killed_supervisor_leaves_nothing(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        taken = squatter.getsockname()[1]
        running = start(taken)
        home = address(running.read_until(READY))
        assert taken < int(home.rsplit(":", 1)[1]) < taken + 50
        assert status(f"{home}/healthz") == 200
    children = list(running.children().values())
    assert len(children) == 3
    running.process.kill()
    running.process.wait(10)
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []


def test_missing_setting_is_said_in_a_sentence(tmp_path: Path) -> None:
    env = {**os.environ, "PINGSHEN_MODE": "production", "PINGSHEN_VAR": str(tmp_path)}
    for name in ("PINGSHEN_SECRET_KEY", "PINGSHEN_DATA_KEY", "MONGODB_URI"):
        env.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "panel.cli", "run"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "PINGSHEN_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr
