"""Imports at work: files are kept, read, applied and undone in the background, also after a kill."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from bson import ObjectId

from models.imports import ImportBatch, ImportKind, ImportState
from models.messages import M, PingshenError
from models.review_round import ReviewRound
from models.unit import Unit
from models.user import User
from panel import clock
from panel.domain.actors import Actor, actor_of
from panel.domain.importing import batches, planning, running
from panel.domain.importing.rows import Progress
from panel.services import storage
from panel.services.workbooks import opening

log = logging.getLogger(__name__)
#: A page waits so long for a small file, so that it shows the result at once.
WAIT_SECONDS = 2.5
_NAME = 200
_FAILED = M("处理这个文件时出了意外，没有写入任何内容，已记录。请稍后重试；如仍有问题，请联系管理员。")


def upload(
    kind: ImportKind,
    unit: Unit,
    round: ReviewRound | None,
    source: bytes | BinaryIO,
    name: str,
    actor: Actor,
    now: datetime,
) -> ImportBatch:
    """Keep a file and record its import, to be `begin`ned; raises FileRefused, Refused, Invalid."""
    data = opening.receive(source)
    sha256 = storage.put(data, "application/octet-stream")
    file = {"file_name": _named(name), "sha256": sha256, "size": len(data)}
    return batches.start(kind, unit, round, file, actor, now)


def _named(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:_NAME] or "import.xlsx"


def begin(batch: ImportBatch, wait: float = WAIT_SECONDS) -> None:
    """Have the batch's work done by a thread and wait a little for it; the worker takes it over if we die."""
    thread = threading.Thread(target=run, args=(batch.id,), name=f"import-{batch.id}", daemon=True)
    thread.start()
    thread.join(wait)


def resume() -> int:
    """Take up the work of processes that died; returns how many batches."""
    found = running.left_over(clock.now())
    for batch_id in found:
        run(batch_id)
    return len(found)


def run(batch_id: ObjectId) -> None:
    """Do what the batch waits for, and what follows from it, until a person must decide."""
    while (batch := running.claim(batch_id, clock.now())) is not None:
        _step(batch)
    late = ImportBatch.objects(id=batch_id, is_followed=False, lease__lt=clock.now()).first()
    if late is not None:
        running.follow(late, _actor(late.applied_by), clock.now())


def _step(batch: ImportBatch) -> None:
    steps: dict[str, Callable[[ImportBatch], None]] = {
        ImportState.READING: _read,
        ImportState.APPLYING: lambda b: running.apply(b, _actor(b.applied_by), clock.now(), _progress(b)),
        ImportState.UNDOING: lambda b: running.undo(b, _actor(b.undone_by), clock.now(), _progress(b)),
    }
    try:
        steps[batch.state](batch)
    except PingshenError as error:
        running.give_up(batch, error.message, clock.now())
    except Exception:
        log.exception("import %s failed while %s", batch.id, batch.state)
        running.give_up(batch, _FAILED, clock.now())


def _read(batch: ImportBatch) -> None:
    sheets = opening.read(storage.read(batch.sha256))
    target = batches.target_of(batch, _actor(batch.by))
    planning.read(batch, sheets, target, batch.token, _progress(batch))


def _progress(batch: ImportBatch) -> Progress:
    return lambda done: running.renew(batch, done, clock.now())


def _actor(user_id: ObjectId) -> Actor:
    """Who asked for it, with the roles of now."""
    return actor_of(User.objects(id=user_id, is_enabled=True).first())
