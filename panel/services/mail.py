"""Mail: one notice as a message, and the server that takes it (smtplib).

Nothing here knows the outbox; `panel.services.posting` decides what goes when. What a server answers is
told in `MailRefused` and `ServerAway`, never with a password in it.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

#: A server that doesn't answer for so long is away.
SECONDS = 20
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS = {"smtp": 25, "smtps": 465}


class MailRefused(Exception):
    """The server won't take this mail; `is_final` when another try is no use."""

    def __init__(self, text: str, is_final: bool) -> None:
        super().__init__(text)
        self.is_final = is_final


class ServerAway(Exception):
    """The server can't be reached, won't encrypt, or doesn't let us in: no mail goes now."""


@dataclass(frozen=True)
class Server:
    """Where mail goes out, read from `smtp://user:password@host:port?starttls=no` or `smtps://…`."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    implicit_tls: bool = False
    starttls: bool = True  # False: plain, which is for a server on this machine or network

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"

    @classmethod
    def of(cls, url: str) -> Server:
        """The server that `url` (checked by the settings) names."""
        parts = urlsplit(url)
        wanted = parse_qs(parts.query).get("starttls", [""])[-1].lower()
        host = parts.hostname or ""
        plain = wanted in ("no", "0", "false") or (not wanted and host in _LOOPBACK)
        return cls(
            host,
            parts.port or _PORTS[parts.scheme],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            implicit_tls=parts.scheme == "smtps",
            starttls=parts.scheme == "smtp" and not plain,
        )


@dataclass(frozen=True)
class Letter:
    """A mail to one person."""

    to: str
    name: str
    subject: str
    text: str
    message_id: str
    at: datetime


def compose(letter: Letter, sender: str) -> EmailMessage:
    """`letter` from `sender` (an address, or Name <address>) as it goes over the wire.

    Raises MailRefused for an address that can't be one.
    """
    message = EmailMessage()
    name, address = parseaddr(sender)
    try:
        message["From"] = Address(_one_line(name), addr_spec=address)
        message["To"] = Address(_one_line(letter.name), addr_spec=letter.to)
    except (ValueError, IndexError) as error:  # what the standard library's parser raises
        raise MailRefused("bad address", is_final=True) from error
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="base64")  # also for servers that take seven bits only
    return message


def _one_line(text: str) -> str:
    """Text for a header: a line break would begin another header."""
    return " ".join(text.split())


@contextmanager
def connection(server: Server) -> Iterator[smtplib.SMTP]:
    """A signed-in connection to `server`; raises ServerAway."""
    try:
        link = _open(server)
    except (OSError, smtplib.SMTPException) as error:
        raise ServerAway(_why(error)) from error
    try:
        yield link
    finally:
        try:
            link.quit()
        except (OSError, smtplib.SMTPException):
            link.close()


def _open(server: Server) -> smtplib.SMTP:
    secure: Any = ssl.create_default_context()
    if server.implicit_tls:
        link: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=secure)
    else:
        link = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        if server.starttls:
            # a server that offers none is refused: the password and names would go in clear
            link.starttls(context=secure)
        if server.user:
            link.login(server.user, server.password)
    except BaseException:
        link.close()
        raise
    return link


def send(link: smtplib.SMTP, message: EmailMessage) -> None:
    """Hand `message` over. Raises MailRefused when the server won't have it, ServerAway when it went away."""
    try:
        link.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise MailRefused(_answer(code, answer), is_final=code >= 500) from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == 421:  # closing down: not this mail's fault
            raise ServerAway(_why(error)) from error
        is_final = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPSenderRefused)
        raise MailRefused(_why(error), is_final) from error
    except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
        raise MailRefused("bad address", is_final=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ServerAway(_why(error)) from error


def _why(error: Exception) -> str:
    """What happened, in one line; an answer of the server, else the kind of error."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return _one_line(f"{type(error).__name__}: {error}")[:300]


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return _one_line(f"{code} {text}")[:300]
