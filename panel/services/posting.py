"""Notices that leave as mail: the outbox's rows, one by one, at least once each.

A row is claimed by moving its next try on, so that two workers never send it at once; one that dies in
between leaves it to be sent again, with the same Message-ID, by which a double can be recognised. A server
that is away is not the row's fault: it waits, with growing pauses, until it is too old to be of use.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from bson import ObjectId

from models.messages import M, Message
from models.outbox import MailState, OutboxRow
from models.person import Person
from models.user import User
from models.values import ref_id
from panel.services import mail
from panel.services.words import CHINESE, language_of, words

log = logging.getLogger(__name__)

#: A claimed row that nobody finished is tried again after this.
LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
#: A reminder that comes days late does harm: older ones stay in the inbox alone.
TOO_OLD = timedelta(days=3)
MOST_AT_ONCE = 200
LONGEST_SUBJECT = 60


@dataclass(frozen=True)
class Post:
    """Where mail goes out and what it says of itself; `base_url` may be empty: then no links."""

    server: mail.Server
    sender: str
    base_url: str = ""

    @property
    def domain(self) -> str:
        """The right side of every Message-ID."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


def post_of(smtp_url: str | None, mail_from: str | None, base_url: str | None) -> Post | None:
    """Where mail goes out by the settings; None while no server is named: then all of it waits."""
    if not smtp_url or not mail_from:
        return None
    return Post(mail.Server.of(smtp_url), mail_from, base_url or "")


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries: 1, 2, 4, … minutes, at most LONGEST_PAUSE."""
    return min(FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 12), LONGEST_PAUSE)


@dataclass
class Rest:
    """How long a server that was away is left alone; one per worker."""

    until: datetime | None = None
    failures: int = field(default=0)

    def is_over(self, now: datetime) -> bool:
        """Whether to knock again."""
        return self.until is None or now >= self.until

    def begin(self, now: datetime) -> None:
        """The server was away once more."""
        self.failures += 1
        self.until = now + pause(self.failures)

    def end(self) -> None:
        """The server is there."""
        self.until, self.failures = None, 0


def deliver(post: Post, now: datetime, rest: Rest, most: int = MOST_AT_ONCE) -> int:
    """Send what is due, oldest first, and return how many rows were settled; never raises for a mail."""
    expire(now)
    if not rest.is_over(now):
        return 0
    settled = 0
    try:
        row = _claim(post, now)
        if row is None:
            return 0
        with mail.connection(post.server) as link:
            rest.end()
            while row is not None:
                settled += _settle(row, post, link, now)
                row = _claim(post, now) if settled < most else None
    except mail.ServerAway as error:
        rest.begin(now)
        log.warning("mail server away: %s", error)
        if row is not None:
            _put_off(row, str(error), now)
    return settled


def expire(now: datetime) -> int:
    """Give up on mails that are too old; their notices stay in the inbox."""
    late = OutboxRow.objects(mail=MailState.WAITING.value, queued_at__lt=now - TOO_OLD)
    return int(late.update(set__mail=MailState.EXPIRED.value))


def _claim(post: Post, now: datetime) -> dict[str, Any] | None:
    """The next row that is due, with one more try and its Message-ID fixed for good."""
    made = {"$concat": ["<", {"$toString": "$_id"}, "@", {"$literal": post.domain}, ">"]}
    counted = {"$add": [{"$ifNull": ["$tries", 0]}, 1]}
    update = {
        "tries": counted,
        "try_at": {"$literal": now + LEASE},
        "message_id": {"$ifNull": ["$message_id", made]},
    }
    found: dict[str, Any] | None = OutboxRow._get_collection().find_one_and_update(
        {"mail": MailState.WAITING.value, "try_at": {"$lte": now}},
        [{"$set": update}],
        sort=[("try_at", 1)],
        return_document=True,
    )
    return found


def _settle(stored: Mapping[str, Any], post: Post, link: smtplib.SMTP, now: datetime) -> int:
    """Send one row, or find that it needs no mail. Raises ServerAway."""
    row = OutboxRow._from_son(dict(stored))
    person = Person.objects(id=ref_id(row, "person")).only("name", "email").first()
    user = User.objects(person=ref_id(row, "person")).only("language", "wants_mail").first()
    if person is None or not person.email:
        return _mark(row.id, {"mail": MailState.NO_ADDRESS.value})
    if user is not None and not user.wants_mail:
        return _mark(row.id, {"mail": MailState.DECLINED.value})
    language = language_of(user.language if user else None)
    try:
        mail.send(link, mail.compose(_letter(row, person, language, post), post.sender))
    except mail.MailRefused as error:
        if error.is_final:
            log.warning("mail %s refused for good", row.id)  # why is on the row: it names the address
            return _mark(row.id, {"mail": MailState.FAILED.value, "error": str(error)})
        _put_off(stored, str(error), now)
        return 0
    return _mark(row.id, {"mail": MailState.SENT.value, "sent_at": now, "error": None})


def _put_off(stored: Mapping[str, Any], why: str, now: datetime) -> None:
    _mark(stored["_id"], {"try_at": now + pause(stored["tries"]), "error": why})


def _mark(id: ObjectId, values: dict[str, Any]) -> int:
    return int(OutboxRow.objects(id=id, mail=MailState.WAITING.value).update_one(__raw__={"$set": values}))


def _letter(row: OutboxRow, person: Person, language: str, post: Post) -> mail.Letter:
    text = words(row.text, language)
    return mail.Letter(
        person.email,
        person.name,
        subject_of(text, language),
        body_of(person.name, text, row.link or "/", post.base_url, language),
        row.message_id,
        row.at,
    )


def subject_of(text: str, language: str = CHINESE) -> str:
    """【职称评审】 and the beginning of the text."""
    begin = " ".join(text.split())
    cut = begin if len(begin) <= LONGEST_SUBJECT else begin[: LONGEST_SUBJECT - 1] + "…"
    return words(M("【职称评审】%(text)s", text=cut), language)


def body_of(name: str, text: str, link: str, base_url: str, language: str = CHINESE) -> str:
    """Greeting, text, the way to the page, and how to get no more of these."""
    parts: list[Message | str] = [M("%(name)s，您好：", name=name), text]
    if base_url:
        foot = M(
            "本邮件由系统自动发出，请勿回复。不想再收到邮件，可在系统的“账号设置”中关闭：%(address)s",
            address=f"{base_url}/account",
        )
        more = M("请登录职称评审系统查看和办理：%(address)s", address=f"{base_url}{link}")
        parts += [more, "--\n" + words(foot, language)]
    return "\n\n".join(words(part, language) for part in parts) + "\n"
