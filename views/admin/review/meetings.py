"""Meetings as the office prepares them: planned, cases tabled, followed, minuted (R10, R13, R15)."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField

from models.application import Application
from models.choices import Action, MeetingState, Role, State
from models.meeting import Committee, Meeting
from models.messages import PingshenError
from models.review_round import ReviewRound
from panel import clock
from panel.domain.access import policy
from panel.domain.access.who_may import Permission
from panel.domain.calendar import local_date
from panel.domain.errors import NotFound
from panel.domain.review import ballots, meetings
from panel.domain.steps import workflow
from panel.domain.steps.workflow import Bulk
from views.committee.meeting import results_context
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.i18n import tr
from views.kit.secure_actions import MAX_ROWS_NAMED
from views.kit.secure_forms import NEEDED, PanelForm, refusal_of, show_errors
from views.shared.round_words import RoundWords


class PlanForm(PanelForm):
    """When and where."""

    title = StringField(_l("会议名称"), NEEDED)
    held_on = DateField(_l("会议日期"), NEEDED)
    place = StringField(_l("地点"))


class NewMeetingForm(PlanForm):
    """A new meeting: of which committee, on which round."""

    committee = SelectField(_l("评委会"), NEEDED, validate_choice=False)
    round = SelectField(_l("申报批次"), NEEDED, validate_choice=False)


#: Who prepares meetings, and who reads how it is done (DESIGN section 5).
READERS = (Role.OFFICE, Role.SUPERVISOR)


class MeetingOfficePage(SecurePage):
    """The meetings of the office's committees; the supervision reads them."""

    roles = READERS
    icon = "gavel"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """All meetings, the newest on top."""
        found = policy.visible(current_actor(), Meeting, *READERS).order_by("-held_on", "-id")
        shown: str = self.render(
            "admin/review/office_meetings.html",
            meetings=list(found.limit(MAX_ROWS_NAMED)),
            may_manage=policy.is_for(current_actor(), Permission.MANAGE_MEETING),
            states={state.value: state for state in MeetingState},
        )
        return shown

    @expose("/new", methods=("GET", "POST"))
    def create(self) -> ResponseReturnValue:
        """Plan a meeting."""
        actor, form = current_actor(), NewMeetingForm()
        if not policy.is_for(actor, Permission.MANAGE_MEETING):
            raise NotFound
        committees = list(policy.visible(actor, Committee, Role.OFFICE).order_by("code"))
        rounds = list(policy.visible(actor, ReviewRound, Role.OFFICE).order_by("-year", "code"))
        form.committee.choices = [("", _("请选择")), *((str(row.id), row.name) for row in committees)]
        form.round.choices = [("", _("请选择")), *((str(row.id), tr(row.spec.title)) for row in rounds)]
        status = 200
        if form.is_submitted():
            status = 422
            if form.validate():
                try:
                    return self._plan(form)
                except PingshenError as error:
                    if error.status == 404:
                        raise
                    status = show_errors(form, error)
        shown: str = self.render(
            "admin/review/meeting_form.html", form=form, meeting=None, today=local_date(clock.now())
        )
        return shown, status

    def _plan(self, form: NewMeetingForm) -> ResponseReturnValue:
        actor = current_actor()
        made = meetings.plan(
            policy.one(actor, Committee, form.committee.data, Role.OFFICE),
            policy.one(actor, ReviewRound, form.round.data, Role.OFFICE),
            form.title.data or "",
            form.held_on.data,
            form.place.data or "",
            actor,
            clock.now(),
        )
        flash(_("会议已安排，接下来把申报列入会议。"), "success")
        return redirect(url_for(".show", id=made.id))

    @expose("/<id>")
    def show(self, id: str) -> ResponseReturnValue:
        """One meeting: what is tabled, what can be, who is there, how it ended."""
        return self._page(_meeting(id, *READERS))

    @expose("/<id>/edit", methods=("GET", "POST"))
    def edit(self, id: str) -> ResponseReturnValue:
        """Change name, day or place while it is planned."""
        meeting = _meeting(id)
        form = PlanForm(obj=meeting)
        status: int | None = 200
        if form.is_submitted():
            status = refusal_of(
                form,
                lambda: meetings.replan(
                    meeting,
                    form.title.data or "",
                    form.held_on.data,
                    form.place.data or "",
                    current_actor(),
                    clock.now(),
                ),
            )
        if status is None:
            flash(_("已保存。"), "success")
            return redirect(url_for(".show", id=id))
        shown: str = self.render(
            "admin/review/meeting_form.html", form=form, meeting=meeting, today=local_date(clock.now())
        )
        return shown, status

    @expose("/<id>/table", methods=("POST",))
    def table(self, id: str) -> ResponseReturnValue:
        """Put the cases ticked on the meeting's ballot sheets."""
        meeting, actor = _meeting(id), current_actor()
        ids = request.form.getlist("rowid")
        if not ids:
            flash(_("请先勾选要列入会议的申报。"), "warning")
            return redirect(url_for(".show", id=id))
        cases = policy.get_many(actor, Application, ids, Role.OFFICE)
        if len(ids) > MAX_ROWS_NAMED or len(cases) != len(set(ids)):
            raise NotFound
        bulk = meetings.table(meeting, cases, actor, clock.now())
        if bulk.done:
            flash(_("%(n)s 份申报已列入表决票。", n=len(bulk.done)), "success")
        return self._page(_meeting(id), bulk) if bulk.refused else redirect(url_for(".show", id=id))

    @expose("/<id>/minutes")
    def minutes(self, id: str) -> ResponseReturnValue:
        """Who was present, who was judged, opinions and votes (R15), for reading and printing."""
        meeting = _meeting(id, *READERS)
        if meeting.state != MeetingState.CLOSED:
            raise NotFound
        shown: str = self.render(
            "admin/review/minutes.html", absent=ballots.absent_members(meeting), **results_context(meeting)
        )
        return shown

    def _page(self, meeting: Meeting, bulk: Bulk | None = None) -> ResponseReturnValue:
        actor, now = current_actor(), clock.now()
        candidates = policy.visible(actor, Application, Role.OFFICE).filter(
            state=State.PANEL.value, committee=meeting.committee.code, round=meeting.round.id
        )
        is_planned = meeting.state == MeetingState.PLANNED
        may_plan = is_planned and policy.may(actor, Permission.MANAGE_MEETING, meeting)
        shown: str = self.render(
            "admin/review/office_meeting.html",
            meeting=meeting,
            state=MeetingState(meeting.state),
            is_planned=is_planned,
            may_plan=may_plan,
            words=RoundWords(meeting.round.spec),
            presence=meetings.presence(meeting),
            absent=ballots.absent_members(meeting),
            rows=ballots.results(meeting),
            progress={row.sheet.uid: row for row in ballots.progress(meeting)},
            candidates=workflow.sort_ready(Action.TABLE, candidates, actor, now) if may_plan else Bulk(),
            formation_refusal=meetings.formation_refusal(meeting.committee, local_date(now)),
            bulk=bulk,
        )
        return shown


def _meeting(id: str, *roles: Role) -> Meeting:
    """The meeting as those `roles` see it; as the office when none are given."""
    found: Meeting = policy.one(current_actor(), Meeting, id, *(roles or (Role.OFFICE,)))
    return found
