"""Large files made in the background, kept for a week: ordered in the panel, made by the worker.

A job is claimed by one conditional update and shows signs of life while it runs; one that has shown none for
a while, because its worker was killed, is begun anew. Half a file is never offered: a job is ready only once
its file is wholly stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import IO, Any

from gridfs import GridFSBucket, GridOut
from gridfs.errors import NoFile
from mongoengine import Q

from models.choices import ExportState
from models.database import get_database, transaction
from models.export_job import ExportJob
from models.messages import PingshenError
from models.outbox import packed, unpacked
from models.user import User
from models.values import ref_id
from panel.domain.actors import Actor, actor_of
from panel.domain.errors import NotFound
from panel.domain.reports import exporting
from panel.domain.reports.exporting import LeftOut
from panel.services import case_files
from panel.services.case_files import CaseFileKind, Order

log = logging.getLogger("panel.exports")

BUCKET = "exports"
KEPT_FOR = timedelta(days=7)
#: Without a sign of life for so long, a job is taken for dead and begun anew.
SILENT_FOR = timedelta(minutes=2)
MAX_TRIES = 3
#: Signs of life are written no more often.
_BEAT_EVERY = timedelta(seconds=2)
Clock = Callable[[], datetime]


def order(what: Order, title: str, actor: Actor, now: datetime, reason: str = "") -> ExportJob:
    """Put a job in line; raises Refused for nobody or too many people."""
    case_files.refuse_too_many(what.kind, len(what.ids))
    left_out = [{"name": row.name, "why": packed(row.why)} for row in what.left_out]
    job: ExportJob = ExportJob(
        user=actor.user_id,
        kind=what.kind.value,
        key=what.key,
        title=title,
        applications=list(what.ids),
        rights=exporting.rights_of(actor),
        is_clear=what.is_clear,
        reason=reason,
        left_out=left_out,
        total=len(what.ids),
        at=now,
        expires_at=now + KEPT_FOR,
    ).save(force_insert=True)
    return job


def left_out_of(job: ExportJob) -> list[LeftOut]:
    """Who isn't in the file, and why."""
    return [LeftOut(row["name"], unpacked(row["why"])) for row in job.left_out]


def run_next(clock: Clock) -> int:
    """Make the file of the job that has waited longest; returns 1, or 0 when nothing waits."""
    sweep(clock())
    job = _claim(clock())
    if job is None:
        return 0
    try:
        _make(job, clock)
    except PingshenError as refusal:
        _fail(job, packed(refusal.message), clock())
    except Exception:
        if job.tries >= MAX_TRIES:
            _fail(job, None, clock())
        raise
    return 1


def open_file(job: ExportJob) -> GridOut:
    """The file of a job that is ready; raises NotFound when it is gone."""
    try:
        return _bucket().open_download_stream(job.id)
    except NoFile as error:
        raise NotFound from error


def cancel(job: ExportJob) -> None:
    """Take the job away with its file; one that is running ends at its next sign of life."""
    # the file first: what is left of a job without one expires with it
    _delete_file(job.id)
    ExportJob.objects(id=job.id).delete()


def sweep(now: datetime) -> int:
    """Take away what has expired; returns how many jobs."""
    gone = list(ExportJob.objects(expires_at__lt=now).only("id"))
    for job in gone:
        cancel(job)
    return len(gone)


def _claim(now: datetime) -> ExportJob | None:
    waiting = Q(state=ExportState.WAITING.value)
    silent = Q(state=ExportState.RUNNING.value, beat_at__lt=now - SILENT_FOR)
    job: ExportJob | None = (
        ExportJob.objects(waiting | silent)
        .order_by("at", "id")
        .modify(new=True, set__state=ExportState.RUNNING.value, set__beat_at=now, set__done=0, inc__tries=1)
    )
    if job is not None and job.tries > MAX_TRIES:
        _fail(job, None, now)
        return None
    return job


class _Cancelled(Exception):
    """The job is gone, or somebody else has it."""


def _make(job: ExportJob, clock: Clock) -> None:
    # as the person may read now, not as on the day of the order
    user = User.objects(id=ref_id(job, "user"), is_enabled=True).first()
    if user is None:
        cancel(job)
        return
    actor = actor_of(user)
    kept, late = exporting.sort_readable(job.applications, actor)
    what = Order(CaseFileKind(job.kind), kept, job.key, job.is_clear, [*left_out_of(job), *late])
    case_files.refuse_too_many(what.kind, len(kept))
    try:
        with case_files.make(what, actor, clock(), _heart(job, clock)) as file:
            _store(job, file)
            file.seek(0, 2)
            size = file.tell()
    except _Cancelled:
        log.info("export %s is no longer wanted, or made by another worker", job.id)
    else:
        _finish(job, what, size, actor, clock())


def _heart(job: ExportJob, clock: Clock) -> Callable[[int], None]:
    """Writes how far the job is, now and then; raises _Cancelled when it isn't this worker's any more."""
    last = [clock()]

    def beat(done: int) -> None:
        now = clock()
        if now - last[0] < _BEAT_EVERY and done < job.total:
            return
        last[0] = now
        if not _mine(job).update_one(set__done=done, set__beat_at=now):
            raise _Cancelled

    return beat


def _mine(job: ExportJob) -> Any:
    return ExportJob.objects(id=job.id, state=ExportState.RUNNING.value, tries=job.tries)


def _store(job: ExportJob, file: IO[bytes]) -> None:
    """Store the file under the job's id, in place of what an earlier try left."""
    _delete_file(job.id)
    file.seek(0)
    _bucket().upload_from_stream_with_id(job.id, str(job.id), file)


def _finish(job: ExportJob, what: Order, size: int, actor: Actor, now: datetime) -> None:
    values = {
        "state": ExportState.READY.value,
        "done": len(what.ids),
        "total": len(what.ids),
        "left_out": [{"name": row.name, "why": packed(row.why)} for row in what.left_out],
        "name": f"{job.title}.{case_files.ENDINGS[what.kind]}",
        "mime": case_files.MIMES[what.kind],
        "size": size,
        "finished_at": now,
        "expires_at": now + KEPT_FOR,
    }

    def body() -> bool:
        if not _mine(job).update_one(**{f"set__{name}": value for name, value in values.items()}):
            return False
        case_files.record(what, actor, now, job.reason)
        return True

    if transaction(body):
        log.info("export %s ready: %d people, %d bytes", job.id, len(what.ids), size)
    elif not ExportJob.objects(id=job.id):
        _delete_file(job.id)


def _fail(job: ExportJob, problem: Any, now: datetime) -> None:
    _mine(job).update_one(
        set__state=ExportState.FAILED.value, set__problem=problem or {}, set__finished_at=now
    )
    _delete_file(job.id)


def _delete_file(id: Any) -> None:
    try:
        _bucket().delete(id)
    except NoFile:
        return


def _bucket() -> GridFSBucket:
    return GridFSBucket(get_database(), BUCKET)
