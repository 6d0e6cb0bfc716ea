"""The web application in test mode, and browsers that are signed in as somebody."""

import hashlib
import io
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from pypdf import PdfWriter
from werkzeug.test import TestResponse

from models.choices import Role
from models.person import Person
from models.user import User
from panel import clock, config, create_app
from panel.config import Settings
from tests.factories import make_person, make_user


class Browser(FlaskClient):
    """A test client that can sign in without a password and posts forms with their token."""

    user: User | None = None

    def sign_in_as(self, who: Role | User, **values: Any) -> "Browser":
        """Make this browser's session that of `who`: an account, or a new one with that role.

        A new applicant gets a person of the roster; `values` go to `make_user`.
        """
        if isinstance(who, Role):
            if who is Role.APPLICANT:
                values.setdefault("person", make_person())
                who = make_user(**values)
            else:
                who = make_user(who, **values)
        self.user = who
        with self.session_transaction() as session:
            session.clear()
            session["_user_id"] = f"{who.id}:{who.session_epoch}"
            session["_fresh"] = True
        return self

    @property
    def person(self) -> Person:
        """The roster's person behind the account."""
        assert self.user is not None
        return self.user.person

    def token(self) -> str:
        """The CSRF token of this browser's session, as a page would carry it."""
        with self.session_transaction() as session:
            secret = session.setdefault("csrf_token", secrets.token_hex(20))
        serializer = URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token")
        return str(serializer.dumps(secret))

    def submit(self, address: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """POST a form with its token."""
        return self.post(address, data={"csrf_token": self.token()} | (data or {}), **options)


@pytest.fixture(scope="session")
def app(settings: Settings, _migrated: Any) -> Flask:
    """The application; the same one for all tests of a process."""
    made = create_app(settings)
    made.test_client_class = Browser
    made.config["PROPAGATE_EXCEPTIONS"] = True
    return made


@pytest.fixture
def production_app(settings: Settings, database: Any) -> Flask:
    """The application in production mode, on the same database."""
    made = create_app(settings.model_copy(update={"mode": config.Mode.PRODUCTION}))
    made.test_client_class = Browser
    return made


@pytest.fixture
def new_browser(app: Flask, database: Any) -> Callable[[], Browser]:
    """Makes browsers, each with cookies of its own."""
    return lambda: app.test_client()  # type: ignore[return-value]


@pytest.fixture
def client(new_browser: Callable[[], Browser]) -> Browser:
    """A browser that nobody is signed in with; `client.sign_in_as(Role.UNIT_HR)` changes that."""
    return new_browser()


@pytest.fixture
def sign_in_as(new_browser: Callable[[], Browser]) -> Callable[..., Browser]:
    """`sign_in_as(Role.UNIT_HR)` or `sign_in_as(user)`: a new browser, signed in."""
    return lambda who, **values: new_browser().sign_in_as(who, **values)


@pytest.fixture
def travel(database: Any) -> Callable[[datetime], None]:
    """`travel(instant)` moves the clock there, for this test."""
    return lambda instant: clock.set_offset(instant - datetime.now(UTC))


@pytest.fixture
def quickly_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms are filled in as ever, but come as one blank page: for tests that don't look into them.

    Setting a form in type takes seconds; as a printed one does, the page differs with its content.
    """

    def write(html: str, **options: Any) -> bytes:
        writer, target = PdfWriter(), io.BytesIO()
        writer.add_blank_page(595, 842)
        writer.add_metadata({"/Subject": hashlib.sha256(html.encode()).hexdigest()})
        writer.write(target)
        return target.getvalue()

    monkeypatch.setattr("panel.services.prints.pdf.write_pdf", write)
