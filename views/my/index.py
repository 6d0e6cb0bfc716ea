"""The applicant's area: what is open, what runs, and the one next action (G03, G09)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import Admin, expose

from models.application import Application
from models.choices import Role, State
from models.outbox import OutboxRow
from models.person import Person
from models.review_round import ReviewRound
from models.states import ENDED
from panel import clock
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.rounds import offers, windows
from views.kit.access import current_actor
from views.kit.base import AreaIndex, SecurePage
from views.my.apply import ApplyPage, ChoicePages, own_person
from views.my.attachments.files import FilePages
from views.my.attachments.pending import PendingPages
from views.my.attachments.photo import PhotoPages
from views.my.base import ENDPOINT
from views.my.case import Case
from views.my.entries import EntryPages
from views.my.entry import EntryFormPages
from views.my.form import SectionPages
from views.my.library import LibraryPages
from views.my.material import MaterialPages
from views.my.mends import MendAnswerPage
from views.my.next_step import next_step
from views.my.pages import PageGroup
from views.my.submit import OverviewPages, SubmitPages

MOST_NOTICES = 5


@dataclass(frozen=True)
class Open:
    """A round that fits, with the window for this person."""

    round: ReviewRound
    window: windows.Window


class IndexPage(AreaIndex):
    """`/my/`."""

    template = "my/index.html"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Running and past applications, open rounds, notices."""
        actor, now = current_actor(), clock.now()
        person = own_person(actor)
        mine = policy.visible(actor, Application, Role.APPLICANT).order_by("-created_at")
        cases = [Case(application, actor, now) for application in mine]
        running = [case for case in cases if _runs(case)]
        years = {case.application.year for case in cases if case.application.is_live}
        fitting = offers.open_rounds(person, now)
        opened = [
            Open(round, offers.window(round, person, now)) for round in fitting if round.year not in years
        ]
        notices = policy.visible(actor, OutboxRow, Role.APPLICANT).order_by("-at").limit(MOST_NOTICES)
        html: str = self.render(
            self.template,
            person=person,
            running=[(case, next_step(case)) for case in running],
            past=[case for case in cases if not _runs(case)],
            opened=opened,
            upcoming=[] if opened or running else _other_rounds(person, actor),
            has_had_turn=bool(fitting),
            today=local_date(now),
            notices=[(row, row.text) for row in notices],
        )
        return html


def _runs(case: Case) -> bool:
    """Whether anything may still happen; a certificate stays in front in its year."""
    if case.state == State.CERTIFIED:
        return bool(case.application.year >= local_date(case.now).year)
    return case.state not in ENDED


def _other_rounds(person: Person, actor: Actor) -> list[ReviewRound]:
    """Rounds of the person's series that aren't open now, to say when they are or were."""
    seen = policy.visible(actor, ReviewRound, Role.APPLICANT).order_by("-year", "code").limit(20)
    return [round for round in seen if offers.committees_for(round.spec, person)]


class ApplicationPages(SecurePage):
    """`/my/application/<id>/…`: all pages of one application, for its own applicant."""

    roles = (Role.APPLICANT,)
    in_menu = False
    groups: tuple[type[PageGroup], ...] = (
        OverviewPages,
        ChoicePages,
        SectionPages,
        EntryFormPages,
        EntryPages,
        FilePages,
        MaterialPages,
        LibraryPages,
        PendingPages,
        PhotoPages,
        SubmitPages,
    )

    def create_blueprint(self, admin: Admin) -> Blueprint:
        """The addresses of all groups are endpoints of this one view."""
        blueprint: Blueprint = super().create_blueprint(admin)
        for group in self.groups:
            group(self).register(blueprint)
        return blueprint

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list is the area's first page."""
        return redirect(url_for("my.index"))


def register(app: Flask, admins: dict[str, Any]) -> None:
    """Add the applicant's pages to the area /my/."""
    my = admins["my"]
    my.add_view(ApplyPage(name="apply", endpoint="my_apply", url="/my/apply"))
    my.add_view(MendAnswerPage(name="mends", endpoint="my_mends", url="/my/mends"))
    my.add_view(ApplicationPages(name="application", endpoint=ENDPOINT, url="/my/application"))
