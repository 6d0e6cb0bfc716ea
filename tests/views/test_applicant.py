"""The applicant's area: what is offered, what may be opened, what may be written."""

from collections.abc import Callable
from datetime import datetime

import pytest

from models import Application
from models.choices import Role
from tests.contents import make_complete, make_lecturer
from tests.factories import NOW
from tests.views.conftest import Browser


@pytest.fixture
def applicant(client: Browser, travel: Callable[[datetime], None]) -> Browser:
    """A lecturer at the browser, within the round's window."""
    travel(NOW)
    return client.sign_in_as(Role.APPLICANT, person=make_lecturer())


def url(application: Application, page: str = "") -> str:
    return f"/my/application/{application.id}/{page}"


PAGES = [
    "", "choice", "basic", "qualification", "education", "education/new", "training", "work_history",
    "performance", "performance/new?kind=project", "publications", "publications/new?kind=paper",
    "assessments", "attachments", "photo", "check", "preview", "form.pdf", "submit", "withdraw",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_a_draft_opens(applicant: Browser, page: str) -> None:
    application = make_complete(person=applicant.person)
    assert applicant.get(url(application, page)).status_code == 200
