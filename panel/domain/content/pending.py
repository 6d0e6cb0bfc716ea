"""Files changed on their way in (compressed, converted, joined): they count once their owner looked.

Until then they are no part of the application; nothing is said of them to anybody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from models.application import Application
from models.choices import Preparation
from models.database import transaction
from models.messages import M
from models.pending_file import PendingFile
from models.sections import Attachment
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.content.files import add_attachment, require_room
from panel.domain.errors import NotFound, Refused

#: Less than a day, after which bytes that no record names are swept.
KEPT_FOR = timedelta(hours=12)
MOST_PENDING = 20


def keep_pending(
    application: Application,
    slot: str,
    record: Attachment,
    what: Preparation,
    sent: tuple[int, int],
    actor: Actor,
    now: datetime,
    replaces: str | None = None,
) -> PendingFile:
    """Keep a changed file for its owner to look at; `sent` is how many files of how many bytes in all it was.

    Raises NotFound, NotEditable, Refused (slot full, or too many wait already).
    """
    require_room(application, slot, actor, now, replaces)
    waiting = pending_files(application, now)
    if len(waiting) >= MOST_PENDING:
        raise Refused(M("已有 %(n)s 个处理过的文件等您核对，请先决定是否使用，再上传。", n=MOST_PENDING))
    # the same result sent again takes the other's place
    same = [row.id for row in waiting if (row.slot, row.record.sha256) == (slot, record.sha256)]
    PendingFile.objects(id__in=same).delete()
    record.slot, record.at = slot, now
    files, size = sent
    kept: PendingFile = PendingFile(
        application=application.id,
        slot=slot,
        replaces=replaces,
        record=record,
        what=what.value,
        sent_bytes=size,
        sent_files=files,
        at=now,
        expires_at=now + KEPT_FOR,
    ).save(force_insert=True)
    return kept


def pending_files(application: Application, now: datetime) -> list[PendingFile]:
    """What waits to be looked at, the oldest first."""
    found: Iterable[PendingFile] = PendingFile.objects(application=application.id, expires_at__gt=now)
    return sorted(found, key=lambda row: (row.at, row.id))


def pending_file(application: Application, uid: str, now: datetime) -> PendingFile:
    """One of them; raises NotFound."""
    found: PendingFile | None = PendingFile.objects(
        application=application.id, uid=uid, expires_at__gt=now
    ).first()
    if found is None:
        raise NotFound
    return found


def use_pending(application: Application, pending: PendingFile, actor: Actor, now: datetime) -> Attachment:
    """Make it an attachment, in the place it was sent for; raises as `add_attachment`."""

    def take() -> Attachment:
        if not PendingFile.objects(id=pending.id).delete():
            raise NotFound
        return add_attachment(application, pending.slot, pending.record, actor, now, pending.replaces)

    return transaction(take)


def forget_expired(now: datetime) -> int:
    """Forget the files that nobody decided about in time; returns how many."""
    gone: int = PendingFile.objects(expires_at__lte=now).delete()
    return gone


def discard_pending(application: Application, pending: PendingFile, actor: Actor) -> None:
    """Forget it; raises NotFound."""
    if not may(actor, Permission.EDIT_CONTENT, application):
        raise NotFound
    PendingFile.objects(id=pending.id).delete()
