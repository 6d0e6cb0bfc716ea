"""The committee's area: what an expert has to do, and the pages of experts, chair and office."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext as _l

from models.choices import MeetingState, Role
from models.meeting import Meeting, Opinion
from models.values import ref_id
from panel.domain.access import policy
from panel.domain.access.who_may import JUDGES
from panel.domain.actors import Actor
from panel.domain.review import ballots, opinions
from views.admin.review.committees import CommitteePage
from views.admin.review.experts import ExpertPage
from views.admin.review.meetings import MeetingOfficePage
from views.committee.case import CasePage
from views.committee.meeting import MeetingPage
from views.kit.access import current_actor
from views.kit.base import AreaIndex
from views.shared.round_words import RoundWords


class IndexPage(AreaIndex):
    """`/committee/`: meetings that run, opinions to write."""

    template = "committee/index.html"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What waits for this person, the most pressing first."""
        actor = current_actor()
        mine = _opinions(actor)
        cases, written = (
            list(opinions.cases_of(actor).order_by("updated_at", "id")),
            opinions.written_by(actor),
        )
        shown: str = self.render(
            self.template,
            open_meetings=_meetings(actor, MeetingState.OPEN),
            planned=_meetings(actor, MeetingState.PLANNED),
            to_write=[case for case in cases if case.id not in written],
            written=[case for case in cases if case.id in written],
            drafts={key for key, opinion in mine.items() if not opinion.is_final},
            words=lambda case: RoundWords(case.spec),
            papers=lambda meeting: ballots.papers(meeting, actor),
        )
        return shown


def _opinions(actor: Actor) -> dict[Any, Opinion]:
    """The person's own opinions by application."""
    found = policy.visible(actor, Opinion, Role.EXPERT)
    return {ref_id(opinion, "application"): opinion for opinion in found}


def _meetings(actor: Actor, state: MeetingState) -> list[Meeting]:
    found = policy.visible(actor, Meeting, *JUDGES).filter(state=state.value)
    return list(found.order_by("held_on", "id"))


def register(app: Flask, admins: dict[str, Any]) -> None:
    """Add the pages of experts and chair to their area, those of the office to the panel."""
    committee, admin = admins["committee"], admins["admin"]
    committee.add_view(CasePage(name=_l("评议"), endpoint="committee_cases", url="cases"))
    committee.add_view(MeetingPage(name=_l("会议"), endpoint="committee_meetings", url="meetings"))
    admin.add_view(ExpertPage(name=_l("专家评议"), endpoint="office_experts", url="experts"))
    admin.add_view(MeetingOfficePage(name=_l("评审会议"), endpoint="office_meetings", url="meetings"))
    admin.add_view(CommitteePage(name=_l("评委会"), endpoint="office_committees", url="committees"))
