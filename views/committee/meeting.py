"""A meeting as its members see it (R10-R16): sign in, vote on paper after paper, and the chair's part."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import InputRequired

from models.choices import MeetingState, Vote
from models.meeting import Meeting
from models.messages import PingshenError
from panel import clock
from panel.authentication import confirm_password
from panel.domain.access import policy, who_may
from panel.domain.access.who_may import JUDGES
from panel.domain.calendar import local_date
from panel.domain.errors import NotFound
from panel.domain.review import ballots, meetings
from panel.security import signed_in_user
from views.kit.access import current_actor, current_settings
from views.kit.base import SecurePage
from views.kit.secure_forms import PanelForm, show_errors
from views.shared.round_words import RoundWords

#: The form's field of a choice is this and the application's id.
PREFIX = "vote-"


class ClosingForm(PanelForm):
    """The chair signs the result with the password."""

    password = PasswordField(_l("您的登录密码"), [InputRequired(_l("请输入密码。"))])


class MeetingPage(SecurePage):
    """Meetings of the person's committees."""

    roles = JUDGES
    icon = "gavel"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """All of them, the newest on top."""
        found = policy.visible(current_actor(), Meeting, *JUDGES).order_by("-held_on", "-id")
        shown: str = self.render("committee/meetings.html", meetings=list(found.limit(100)), states=_states())
        return shown

    @expose("/<id>")
    def show(self, id: str) -> ResponseReturnValue:
        """One meeting: where it stands and what the person does next."""
        shown: str = self.render("committee/meeting.html", **_context(_meeting(id)))
        return shown

    @expose("/<id>/status")
    def status(self, id: str) -> ResponseReturnValue:
        """The part of the page that changes while the meeting runs."""
        shown: str = self.render("committee/_meeting_status.html", **_context(_meeting(id)))
        return shown

    @expose("/<id>/open", methods=("POST",))
    def open(self, id: str) -> ResponseReturnValue:
        """The chair opens the meeting."""
        meetings.open_meeting(_meeting(id), current_actor(), clock.now())
        flash(_("会议已开始，请各位委员签到。"), "success")
        return redirect(url_for(".show", id=id))

    @expose("/<id>/sign-in", methods=("POST",))
    def sign_in(self, id: str) -> ResponseReturnValue:
        """A member is there."""
        meetings.sign_in(_meeting(id), current_actor(), clock.now())
        flash(_("已签到。"), "success")
        return redirect(url_for(".show", id=id))

    @expose("/<id>/sheets/<uid>", methods=("GET", "POST"))
    def sheet(self, id: str, uid: str) -> ResponseReturnValue:
        """A ballot sheet: fill in, look over, cast."""
        meeting, actor = _meeting(id), current_actor()
        paper = next((row for row in ballots.papers(meeting, actor) if row.sheet.uid == uid), None)
        if paper is None:
            raise NotFound
        refusal = ballots.why_not_vote(meeting, actor)
        if refusal is not None or paper.is_cast or not paper.applications:
            return self._paper("committee/sheet.html", meeting, paper, {}, refusal=refusal)
        choices = {
            key.removeprefix(PREFIX): value for key, value in request.form.items() if key.startswith(PREFIX)
        }
        step = request.form.get("step", "fill")
        if step == "review":
            return self._review(meeting, paper, choices)
        if step == "cast":
            return self._cast(meeting, paper, choices)
        return self._paper("committee/sheet.html", meeting, paper, choices)

    def _review(self, meeting: Meeting, paper: ballots.Paper, choices: dict[str, str]) -> ResponseReturnValue:
        missing = {str(case.id) for case in paper.applications if choices.get(str(case.id)) not in list(Vote)}
        if missing:
            return self._paper("committee/sheet.html", meeting, paper, choices, missing=missing, status=422)
        return self._paper("committee/sheet_review.html", meeting, paper, choices)

    def _cast(self, meeting: Meeting, paper: ballots.Paper, choices: dict[str, str]) -> ResponseReturnValue:
        try:
            ballots.cast(meeting, paper.sheet.uid, choices, current_actor(), clock.now())
        except PingshenError as error:
            if error.status == 404:
                raise
            return self._paper(
                "committee/sheet.html", meeting, paper, choices, refused=error.message, status=409
            )
        flash(_("投票已完成，感谢您的评审。您的选择不会与您的姓名一起保存。"), "success")
        return redirect(url_for(".show", id=meeting.id))

    def _paper(
        self, template: str, meeting: Meeting, paper: ballots.Paper, choices: dict[str, str], **more: Any
    ) -> ResponseReturnValue:
        status = more.pop("status", 200)
        shown: str = self.render(
            template,
            meeting=meeting,
            paper=paper,
            words=RoundWords(meeting.round.spec),
            choices=choices,
            votes=list(Vote),
            counts=Counter(choices.get(str(case.id)) for case in paper.applications),
            prefix=PREFIX,
            **({"missing": set(), "refused": None, "refusal": None} | more),
        )
        return shown, status

    @expose("/<id>/close", methods=("GET", "POST"))
    def close(self, id: str) -> ResponseReturnValue:
        """The chair counts and signs; asks for the password."""
        meeting, actor, form = _meeting(id), current_actor(), ClosingForm()
        if not policy.may(actor, who_may.Permission.OPEN_MEETING, meeting):
            raise NotFound
        status = 200
        if form.validate_on_submit():
            try:
                ballots.close(meeting, actor, _password_ok(form), clock.now())
            except PingshenError as error:
                status = show_errors(form, error)
            else:
                flash(_("表决结果已确认，会议结束。"), "success")
                return redirect(url_for(".results", id=id))
        elif form.is_submitted():
            status = 422
        shown: str = self.render("committee/close.html", form=form, **_context(_meeting(id)))
        return shown, status

    @expose("/<id>/results")
    def results(self, id: str) -> ResponseReturnValue:
        """The figures, once the meeting is closed."""
        meeting = _meeting(id)
        if meeting.state != MeetingState.CLOSED:
            raise NotFound
        shown: str = self.render("committee/results.html", **results_context(meeting))
        return shown


def results_context(meeting: Meeting) -> dict[str, Any]:
    """What the table of figures needs; no voter in it."""
    chair = meeting.committee.member(meeting.closed_by)
    return {
        "meeting": meeting,
        "rows": ballots.results(meeting),
        "presence": meetings.presence(meeting),
        "words": RoundWords(meeting.round.spec),
        "chair": chair.name if chair else "",
    }


def _context(meeting: Meeting) -> dict[str, Any]:
    actor, now = current_actor(), clock.now()
    return {
        "meeting": meeting,
        "state": MeetingState(meeting.state),
        # on its day members wait for the opening and for each other: the page follows by itself
        "is_live": meeting.state == MeetingState.OPEN
        or (meeting.state == MeetingState.PLANNED and meeting.held_on == local_date(now)),
        "words": RoundWords(meeting.round.spec),
        "presence": meetings.presence(meeting),
        "is_present": meetings.is_present(meeting, actor),
        "is_member": meeting.committee.member(actor.user_id) is not None,
        "presides": meetings.presides(meeting.committee, actor),
        "open_refusal": meetings.why_not_open(meeting, actor, now),
        "vote_refusal": ballots.why_not_vote(meeting, actor),
        "close_refusal": ballots.why_not_close(meeting, actor),
        "papers": ballots.papers(meeting, actor),
        "progress": {row.sheet.uid: row for row in ballots.progress(meeting)},
    }


def _password_ok(form: ClosingForm) -> bool:
    user = signed_in_user()
    address = request.remote_addr or ""
    return user is not None and confirm_password(
        user, form.password.data or "", address, clock.now(), current_settings()
    )


def _meeting(id: str) -> Meeting:
    found: Meeting = policy.one(current_actor(), Meeting, id, *JUDGES)
    return found


def _states() -> dict[str, MeetingState]:
    return {state.value: state for state in MeetingState}
