"""Notices leave as mail: to a real SMTP server on loopback, at least once, with a Message-ID of their own."""

import email
import logging
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from models.messages import M
from models.outbox import MailState, OutboxRow, packed
from panel import doctor
from panel.config import Settings
from panel.services import mail, posting
from panel.services.posting import Post, Rest
from tests.factories import NOW, make_person, make_user

pytestmark = pytest.mark.usefixtures("database")


class Postbox:
    """What the server took; `answers` gives recipients another answer than yes."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.answers: dict[str, str] = {}
        self.after_data = "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return self.after_data

    @property
    def letters(self) -> list[EmailMessage]:
        return [email.message_from_bytes(e.content, policy=default) for e in self.taken]  # type: ignore[misc]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def serve(postbox: Postbox) -> Iterator[Callable[..., Post]]:
    """Starts an SMTP server with the given options and says where it is."""
    running = []

    def start(url: str = "smtp://127.0.0.1:{port}", **options: Any) -> Post:
        controller = Controller(postbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        running.append(controller)
        made = posting.post_of(url.format(port=controller.port), "人力资源部 <hr@jcut.test>", "http://p.test")
        assert made is not None
        return made

    yield start
    for controller in running:
        controller.stop()


def notice(message: Any = None, address: str | None = "lin@jcut.test", **values: Any) -> OutboxRow:
    person = values.pop("person", None) or make_person(email=address)
    message = message or M("申报被退回补正，请在 %(day)s 前改好并重新提交。", day=date(2026, 9, 20))
    params = {key: packed(value) for key, value in message.params.items()}
    return OutboxRow(
        **({"person": person, "message": message.id, "params": params, "link": "/my/", "at": NOW} | values)
    ).save()


def test_a_notice_goes_out_with_its_words_and_the_way_to_its_page(
    serve: Callable[..., Post], postbox: Postbox
) -> None:
    row = notice()
    assert posting.deliver(serve(), NOW, Rest()) == 1
    (letter,) = postbox.letters
    assert letter["From"] == "人力资源部 <hr@jcut.test>"
    assert letter["To"] == "林晓静 <lin@jcut.test>"
    assert letter["Subject"] == "【职称评审】申报被退回补正，请在 2026年9月20日 前改好并重新提交。"
    assert letter["Message-ID"] == f"<{row.id}@jcut.test>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime == NOW
    assert letter.get_content() == (
        "林晓静，您好：\n\n"
        "申报被退回补正，请在 2026年9月20日 前改好并重新提交。\n\n"
        "请登录职称评审系统查看和办理：http://p.test/my/\n\n"
        "--\n本邮件由系统自动发出，请勿回复。不想再收到邮件，可在系统的“账号设置”中关闭："
        "http://p.test/account\n"
    )
    row.reload()
    assert (row.mail, row.tries, row.sent_at, row.error) == ("sent", 1, NOW, None)


def test_what_was_sent_is_not_sent_again(serve: Callable[..., Post], postbox: Postbox) -> None:
    notice()
    post = serve()
    posting.deliver(post, NOW, Rest())
    assert posting.deliver(post, NOW + timedelta(days=1), Rest()) == 0
    assert len(postbox.taken) == 1


def test_it_is_in_the_language_of_the_account(serve: Callable[..., Post], postbox: Postbox) -> None:
    person = make_person(email="lin@jcut.test")
    make_user(person=person, language="en")
    notice(M("评审结果已确认。"), person=person)
    posting.deliver(serve(), NOW, Rest())
    text = postbox.letters[0].get_content()
    assert "评审结果已确认" not in text
    assert "http://p.test/my/" in text


@pytest.mark.parametrize(
    ("address", "wants", "state"), [(None, True, "no_address"), ("a@b.cn", False, "declined")]
)
def test_who_has_no_address_or_wants_none_gets_none(
    serve: Callable[..., Post], postbox: Postbox, address: str | None, wants: bool, state: str
) -> None:
    person = make_person(email=address)
    make_user(person=person, wants_mail=wants)
    row = notice(person=person)
    posting.deliver(serve(), NOW, Rest())
    row.reload()
    assert (row.mail, postbox.taken) == (state, [])


def test_an_unknown_recipient_is_final_and_keeps_nobody_waiting(
    serve: Callable[..., Post], postbox: Postbox
) -> None:
    postbox.answers["gone@jcut.test"] = "550 5.1.1 no such user"
    bad, good = notice(address="gone@jcut.test"), notice(at=NOW)
    assert posting.deliver(serve(), NOW, Rest()) == 2
    bad.reload()
    good.reload()
    assert (bad.mail, bad.error, good.mail) == ("failed", "550 5.1.1 no such user", "sent")


def test_a_full_mailbox_is_tried_again_with_growing_pauses(
    serve: Callable[..., Post], postbox: Postbox
) -> None:
    postbox.answers["lin@jcut.test"] = "452 4.2.2 mailbox full"
    row, post = notice(), serve()
    for tries, minutes in ((1, 1), (2, 2), (3, 4)):
        moment = row.try_at
        posting.deliver(post, moment, Rest())
        row.reload()
        assert (row.mail, row.tries, row.error) == ("waiting", tries, "452 4.2.2 mailbox full")
        assert row.try_at == moment + timedelta(minutes=minutes)
        assert posting.deliver(post, row.try_at - timedelta(seconds=1), Rest()) == 0
    del postbox.answers["lin@jcut.test"]
    first_id = row.message_id
    posting.deliver(post, row.try_at, Rest())
    row.reload()
    assert (row.mail, row.message_id) == ("sent", first_id)


def test_a_server_that_is_away_is_left_alone_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    post = posting.post_of(f"smtp://127.0.0.1:{free_port()}", "hr@jcut.test", None)
    assert post is not None
    first, second = notice(), notice(address="second@jcut.test")
    rest = Rest()
    with caplog.at_level(logging.WARNING):
        assert posting.deliver(post, NOW, rest) == 0
    assert "ConnectionRefusedError" in caplog.text
    assert rest.until == NOW + timedelta(minutes=1)
    posting.deliver(post, NOW + timedelta(seconds=59), rest)
    tried = [row.tries for row in OutboxRow.objects(id__in=[first.id, second.id])]
    assert sorted(tried) == [0, 1]
    posting.deliver(post, NOW + timedelta(seconds=60), rest)
    assert rest.until == NOW + timedelta(minutes=3)


def test_the_double_after_a_crash_has_the_same_message_id(
    serve: Callable[..., Post], postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the server's yes and the note that it was sent."""

    def die(*arguments: Any) -> int:
        raise KeyboardInterrupt

    row, post = notice(), serve()
    with monkeypatch.context() as patch:
        patch.setattr(posting, "_mark", die)
        with pytest.raises(KeyboardInterrupt):
            posting.deliver(post, NOW, Rest())
    assert posting.deliver(post, NOW + timedelta(minutes=4), Rest()) == 0, "still claimed"
    assert posting.deliver(post, NOW + timedelta(minutes=5), Rest()) == 1
    ids = [letter["Message-ID"] for letter in postbox.letters]
    assert ids == [f"<{row.id}@jcut.test>"] * 2


def test_two_workers_never_send_the_same_row_at_once(serve: Callable[..., Post], postbox: Postbox) -> None:
    row, post = notice(), serve()
    assert posting._claim(post, NOW) is not None
    assert posting._claim(post, NOW) is None
    row.reload()
    assert row.try_at == NOW + timedelta(minutes=5)


def test_what_is_days_old_stays_in_the_inbox_alone(serve: Callable[..., Post], postbox: Postbox) -> None:
    row = notice(at=NOW - timedelta(days=3, seconds=1))
    young = notice(at=NOW - timedelta(days=3))
    posting.deliver(serve(), NOW, Rest())
    row.reload()
    young.reload()
    assert (row.mail, young.mail, len(postbox.taken)) == ("expired", "sent", 1)


def test_no_line_of_a_notice_becomes_a_header(serve: Callable[..., Post], postbox: Postbox) -> None:
    notice(M("%(text)s", text="第一行\nBcc: all@jcut.test\r\n\r\n正文"))
    posting.deliver(serve(), NOW, Rest())
    (letter,) = postbox.letters
    assert letter["Subject"] == "【职称评审】第一行 Bcc: all@jcut.test 正文"
    assert letter["Bcc"] is None
    assert postbox.taken[0].rcpt_tos == ["lin@jcut.test"]


def test_a_long_text_is_cut_in_the_subject_alone(serve: Callable[..., Post], postbox: Postbox) -> None:
    notice(M("%(text)s", text="请尽快提交" * 40))
    posting.deliver(serve(), NOW, Rest())
    (letter,) = postbox.letters
    assert letter["Subject"] == "【职称评审】" + ("请尽快提交" * 12)[:59] + "…"
    assert "请尽快提交" * 40 in letter.get_content()


# --- signing in and encryption ------------------------------------------------------------------------


def authenticator(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    fits = isinstance(data, LoginPassword) and (data.login, data.password) == (b"hr@jcut", b"p@ss word")
    return AuthResult(success=fits, handled=False)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and localhost that only who is told trusts."""
    folder = tmp_path_factory.mktemp("tls")
    key, chain = folder / "key.pem", folder / "cert.pem"
    options = "-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = "-addext subjectAltName=DNS:localhost,IP:127.0.0.1"
    command = f"openssl req {options} {names} -keyout {key} -out {chain}"
    subprocess.run(command.split(), check=True, capture_output=True)
    return chain, key


def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


def test_it_signs_in_over_starttls(
    serve: Callable[..., Post],
    postbox: Postbox,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    post = serve(
        "smtp://hr%40jcut:p%40ss%20word@127.0.0.1:{port}?starttls=yes",
        tls_context=tls(certificate),
        authenticator=authenticator,
        auth_required=True,
    )
    notice()
    assert posting.deliver(post, NOW, Rest()) == 1
    assert len(postbox.taken) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(
    serve: Callable[..., Post], postbox: Postbox, certificate: tuple[Path, Path]
) -> None:
    row = notice()
    post = serve("smtp://127.0.0.1:{port}?starttls=yes", tls_context=tls(certificate))
    assert posting.deliver(post, NOW, Rest()) == 0
    row.reload()
    assert row.mail == "waiting"
    assert "CERTIFICATE_VERIFY_FAILED" in row.error
    assert postbox.taken == []


def test_a_server_without_encryption_gets_no_password(serve: Callable[..., Post], postbox: Postbox) -> None:
    row = notice()
    post = serve("smtp://hr:secret-word@127.0.0.1:{port}?starttls=yes")
    assert posting.deliver(post, NOW, Rest()) == 0
    row.reload()
    assert "STARTTLS" in row.error
    assert postbox.taken == []


def test_a_wrong_password_is_in_no_log_and_on_no_row(
    serve: Callable[..., Post], caplog: pytest.LogCaptureFixture
) -> None:
    post = serve(
        "smtp://hr:secret-word@127.0.0.1:{port}",
        authenticator=authenticator,
        auth_required=True,
        auth_require_tls=False,
    )
    row = notice()
    with caplog.at_level(logging.DEBUG):
        assert posting.deliver(post, NOW, Rest()) == 0
    row.reload()
    assert row.mail == "waiting"
    assert row.error.startswith("535")
    assert "secret-word" not in caplog.text + row.error + repr(post)


@pytest.mark.parametrize(
    ("url", "host", "port", "implicit", "starttls"),
    [
        ("smtp://mail.jcut.edu.cn", "mail.jcut.edu.cn", 25, False, True),
        ("smtp://mail.jcut.edu.cn:587?starttls=no", "mail.jcut.edu.cn", 587, False, False),
        ("smtps://mail.jcut.edu.cn", "mail.jcut.edu.cn", 465, True, False),
        ("smtp://localhost", "localhost", 25, False, False),
    ],
)
def test_the_address_of_the_server_says_how_to_encrypt(
    url: str, host: str, port: int, implicit: bool, starttls: bool
) -> None:
    found = mail.Server.of(url)
    assert (found.host, found.port, found.implicit_tls, found.starttls) == (host, port, implicit, starttls)


def test_mail_states_have_words() -> None:
    assert [str(label) for _, label in MailState.options()] == [
        "待发送",
        "已发送",
        "发送失败",
        "过期未发",
        "没有邮箱",
        "本人不收邮件",
    ]


# --- panel doctor -------------------------------------------------------------------------------------


def test_the_doctor_tries_to_sign_in_and_sends_nothing(
    serve: Callable[..., Post], postbox: Postbox, settings: Settings
) -> None:
    post = serve(authenticator=authenticator, auth_required=True, auth_require_tls=False)
    port = post.server.port
    good = settings.model_copy(update={"smtp_url": f"smtp://hr%40jcut:p%40ss%20word@127.0.0.1:{port}"})
    bad = settings.model_copy(update={"smtp_url": f"smtp://hr:secret-word@127.0.0.1:{port}"})
    assert doctor.mail_server(good).is_ok
    found = doctor.mail_server(bad)
    assert (found.is_ok, found.fatal) == (False, False)
    assert "535" in found.text
    assert "secret-word" not in found.text + found.advice
    assert doctor.mail_server(settings).is_ok
    assert postbox.taken == []
