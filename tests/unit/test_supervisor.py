"""The supervisor's parts: children that are revived, ports that are taken, a worker that goes on."""

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from panel import worker
from panel.config import Mode, load
from panel.console import table, width
from panel.process import free_port, is_free, spawn, terminate
from panel.supervisor import Child, Supervisor, SupervisorError, web_command

SLEEPS = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
DIES = [sys.executable, "-c", "raise SystemExit(7)"]
IGNORES_TERM = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()",
]


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def wait_for(child: Child) -> int:
    assert child.process is not None
    return child.process.wait(20)


def test_child_that_died_is_started_again_with_a_message(capfd: pytest.CaptureFixture[str]) -> None:
    child = Child("网站", SLEEPS, {}, stop_seconds=10)
    child.start()
    first = child.process
    assert first is not None
    first.kill()
    first.wait()
    child.revive()
    assert child.process is not None
    assert child.process.pid != first.pid
    assert child.exit_code is None
    assert "网站意外退出（退出码 -9），重新启动。" in capfd.readouterr().err
    child.stop()


def test_child_that_lives_is_left_alone() -> None:
    child = Child("网站", SLEEPS, {}, stop_seconds=10)
    child.start()
    before = child.process
    child.revive()
    assert child.process is before
    child.stop()


def test_child_that_keeps_dying_is_given_up_with_a_message() -> None:
    child = Child("后台任务", DIES, {}, stop_seconds=1)
    child.start()
    for _ in range(2):
        assert wait_for(child) == 7
        child.revive()
    wait_for(child)
    with pytest.raises(SupervisorError, match="后台任务接连退出 3 次（退出码 7）"):
        child.revive()


def test_stopped_child_is_gone_and_may_be_stopped_again() -> None:
    child = Child("网站", SLEEPS, {}, stop_seconds=10)
    child.start()
    assert child.process is not None
    running = psutil.Process(child.process.pid)
    child.stop()
    child.stop()
    assert not running.is_running()


def test_process_that_ignores_the_request_is_killed_in_the_end(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as output:
        stubborn = spawn(IGNORES_TERM, output=output)
    out = tmp_path / "out"
    while not out.read_text():  # until its handler is in place
        assert stubborn.poll() is None
    assert terminate(stubborn, 0.2) is False
    assert stubborn.poll() == -9


def test_spawn_is_refused_outside_the_main_thread() -> None:
    errors: list[RuntimeError] = []

    def attempt() -> None:
        try:
            spawn(SLEEPS)
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    assert len(errors) == 1


def test_port_is_free_until_somebody_listens(listener: int) -> None:
    assert not is_free(listener)
    assert is_free(free_port())


def test_taken_port_gives_way_to_the_next_free_one(
    listener: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = Supervisor(load(var=tmp_path, mode=Mode.TEST, port=listener))
    settings = supervisor._with_free_port(load(var=tmp_path, mode=Mode.TEST, port=listener))
    assert listener < settings.port < listener + 50
    assert f"端口 {listener} 已被占用，改用 {settings.port}" in capsys.readouterr().out


def test_no_free_port_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panel.supervisor.is_free", lambda port, host: False)
    settings = load(var=tmp_path, mode=Mode.TEST, port=65530)
    with pytest.raises(SupervisorError, match="PORT="):
        Supervisor(settings)._with_free_port(settings)


def test_web_server_is_one_process_with_threads_on_loopback(tmp_path: Path) -> None:
    command = " ".join(web_command(load(var=tmp_path, mode=Mode.TEST, port=8123, web_threads=6)))
    assert "--bind 127.0.0.1:8123" in command
    assert "--workers 1" in command
    assert "--threads 6" in command
    assert "--bind [::1]:8123" in " ".join(web_command(load(var=tmp_path, host="::1", port=8123)))


def test_worker_logs_a_failed_sweep_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    results: list[str] = []

    def job() -> int:
        results.append("called")
        if len(results) == 1:
            raise ValueError("broken application")
        stop.set()
        return 2

    with caplog.at_level(logging.INFO, logger="panel.worker"):
        worker.work(stop, 0.001, job)
    assert len(results) == 2
    assert "broken application" in caplog.text
    assert "2 steps taken" in caplog.text


def test_table_lines_up_with_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    table([("角色", "账号"), ("评委会办公室", "office"), ("HR", "hr")])
    lines = capsys.readouterr().out.splitlines()
    assert width("角色a") == 5
    assert [
        width(line[: line.index(word)]) for line, word in zip(lines, ("账号", "office", "hr"), strict=True)
    ] == [16] * 3


def test_the_worker_has_everything_imported_before_its_threads_start() -> None:
    """Two threads that import at once can leave a module half made; then neither does its work."""
    found = subprocess.run(
        [sys.executable, "-c", "import sys; import panel.worker; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = {"export_jobs", "imports", "posting", "sweeping", "prints.pdf"}
    assert {f"panel.services.{name}" for name in wanted} <= set(found.stdout.split())
