"""The background process: does what is due (``python -m panel.worker``)."""

from __future__ import annotations

import itertools
import logging
import signal
import threading
from collections.abc import Callable

# all of it here, before there are threads: modules imported by two of them at once came out half made
from panel import boot, clock, config
from panel.domain.content import pending
from panel.domain.publicity import periods
from panel.domain.steps import workflow
from panel.services import export_jobs, imports, posting, sweeping

log = logging.getLogger("panel.worker")


#: Unnamed file bytes are looked for this often, in sweeps: every few hours at the default pace.
BLOB_SWEEPS = 1000
#: Somebody waits for an export.
EXPORT_SECONDS = 3.0
_rounds = itertools.count()


def sweep() -> int:
    """Take every step whose time has come and return how many were taken."""
    now = clock.now()
    pending.forget_expired(now)
    if next(_rounds) % BLOB_SWEEPS == 0:
        gone = sweeping.sweep_blobs()
        log.info("%d unnamed files deleted", gone)
    return workflow.sweep_due(now) + periods.recompute_provisional(now) + imports.resume()


def postman(settings: config.Settings) -> Callable[[], int]:
    """The job that sends mail that is due and returns how many rows were settled.

    Without a mail server it only gives up on what is too old: else a server named months later would
    send it all.
    """
    post = posting.post_of(settings.smtp_url, settings.mail_from, settings.base_url)
    rest = posting.Rest()

    def send() -> int:
        now = clock.now()
        return posting.deliver(post, now, rest) if post else posting.expire(now)

    return send


def make_exports() -> int:
    """Make the file that has been waited for longest; returns how many were made."""
    return export_jobs.run_next(clock.now)


def work(stop: threading.Event, seconds: float, job: Callable[[], int] = sweep) -> None:
    """Do `job` every `seconds` until `stop` is set.

    One failure must not end all later work: it is logged with its trace and tried again next time.
    """
    while not stop.is_set():
        try:
            done = job()
        except Exception:
            log.exception("%s failed, next try in %s s", job.__name__, seconds)
        else:
            if done:
                log.info("%d steps taken", done)
        stop.wait(seconds)


def main() -> None:
    """Work with the settings of the environment until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("weasyprint").setLevel(logging.WARNING)  # it tells each of its steps
    settings = config.load()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    boot.connect(settings)
    # a thread of its own: a slow mail server must not keep deadlines waiting
    letters = threading.Thread(
        target=work, args=(stop, settings.worker_seconds, postman(settings)), name="postman"
    )
    # nor must an archive of hundreds of people
    pace = min(settings.worker_seconds, EXPORT_SECONDS)
    exporting = threading.Thread(target=work, args=(stop, pace, make_exports), name="exporter", daemon=True)
    for thread in (letters, exporting):
        thread.start()
    work(stop, settings.worker_seconds)
    # an archive half made is not waited for: whoever starts next begins it anew
    letters.join()


if __name__ == "__main__":
    main()
