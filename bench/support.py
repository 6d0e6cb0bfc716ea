"""What all parts of the bench share: a database of its own, accounts to sign in with, time and memory."""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from flask import Flask
from flask.testing import FlaskClient

from bench import many
from models.user import User
from panel import boot, config, console, create_app, demo
from panel.embedded import EmbeddedMongo
from panel.migrate import migrate

MB = 1024 * 1024


@dataclass
class Measured:
    """Seconds on the clock and of processors, and how much we grew at most meanwhile, in bytes.

    We are this process and those that it starts to read a file; the database is not counted.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    grown: int = 0

    def cells(self) -> tuple[str, ...]:
        """For the table."""
        return f"{self.seconds:.1f} s", f"{self.cpu:.1f} s", f"{self.grown / MB:.0f} MB"


@contextmanager
def measured() -> Iterator[Measured]:
    """Time what is inside, and look at our memory forty times a second."""
    found, over, process = Measured(), threading.Event(), psutil.Process()
    others = set(process.children(recursive=True))  # the database
    before = process.memory_info().rss

    def watch() -> None:
        while not over.wait(0.025):
            found.grown = max(found.grown, _memory(process, others) - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun, worked = time.perf_counter(), _worked()
    try:
        yield found
    finally:
        found.seconds, found.cpu = time.perf_counter() - begun, _worked() - worked
        over.set()
        watcher.join()


def _memory(process: psutil.Process, others: set[psutil.Process]) -> int:
    total = int(process.memory_info().rss)
    for child in set(process.children(recursive=True)) - others:
        try:
            total += int(child.memory_info().rss)
        except psutil.Error:  # it has just ended
            continue
    return total


def _worked() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def median(ask: Callable[[], Any], repeat: int) -> float:
    """Milliseconds; the first one, which fills caches, does not count."""
    ask()
    times = []
    for _ in range(repeat):
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def account(role: str) -> str:
    """The first account of the demo that holds `role`."""
    return str(User.objects(grants__role=role).order_by("username").first().username)


def browser(app: Flask, username: str) -> FlaskClient:
    """A client with a session of `username`."""
    client = app.test_client()
    if username:
        user = User.objects.get(username=username)
        with client.session_transaction() as session:
            session["_user_id"] = f"{user.id}:{user.session_epoch}"
            session["_fresh"] = True
    return client


@contextmanager
def prepared(applications: int, people: int) -> Iterator[Flask]:
    """The product on a database of its own that holds the demo and so many applications and people more."""
    with tempfile.TemporaryDirectory(prefix="pingshen-bench-") as folder:
        var = Path(folder)
        with EmbeddedMongo(var / "mongo") as mongo:
            settings = config.load(mode=config.Mode.TEST, var=var, mongodb_uri=mongo.uri)
            database = boot.connect(settings)
            migrate()
            console.step("demo")
            demo.seed(settings)
            console.step(f"{applications} applications of {people} people")
            many.seed(database, applications, people)
            yield create_app(settings)
