"""Reminders: whom, what, sent into inbox and mail; the log of those sent; and the mails themselves."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.choices import Role, RoundState
from models.messages import PingshenError
from models.outbox import MailState, OutboxRow
from models.reminder import Reminder, ReminderGroup
from models.review_round import ReviewRound
from models.values import ref_id
from panel import clock
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.desk import reminder_groups, reminders
from panel.domain.desk.reminder_groups import Addressees
from panel.domain.errors import Invalid, NotFound
from views.admin import list_words
from views.admin.desk import reminder_help
from views.admin.desk.mail import people_of
from views.admin.list_words import cell
from views.kit.access import current_actor, current_settings
from views.kit.base import SecureView
from views.kit.columns import ListColumn
from views.kit.pages import Pages
from views.kit.scoped import ScopedView
from views.kit.secure_actions import MAX_ROWS_NAMED, bulk_action
from views.kit.secure_list import ListFilter, Rows, fetch

KEEPERS = (Role.UNIT_HR, Role.SUPERVISOR)
RECIPIENTS_PER_PAGE = 50


REMINDER_COLUMNS = (
    ListColumn("at", _l("时间"), lambda view, context, row: cell("reminder_when", view, row)),
    ListColumn(
        "group",
        _l("提醒对象"),
        lambda view, context, row: cell(
            "reminder_group", row, ReminderGroup(row.group), context["departments"]
        ),
        fields=("group", "department", "is_chosen"),
    ),
    ListColumn("text", _l("内容")),
    ListColumn("people", _l("人数")),
    ListColumn("by_name", _l("发送人")),
)


class ReminderAdmin(SecureView):
    """What was sent, and the page that sends."""

    roles = KEEPERS
    icon = "bell-ringing"
    list_template = "admin/desk/reminders.html"
    can_view_details = False
    columns = REMINDER_COLUMNS
    column_default_sort = ("at", True)
    list_filters = (
        ListFilter("group", _l("提醒对象"), ReminderGroup),
        ListFilter("round", _l("批次"), list_words.round_options),
    )
    empty_title = _l("还没有发送过提醒")
    empty_text = _l("选一组人，写一句话，系统会发到每个人的消息和邮箱里，也可以复制到聊天群。")

    def __init__(self) -> None:
        super().__init__(Reminder, name=_l("申报提醒"), endpoint="hr_reminders", url="reminders")

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """Words for the cells, and the groups to begin with."""
        return {
            "departments": dict(list_words.department_options()),
            "groups": list(ReminderGroup) if may(current_actor(), Permission.REMIND) else [],
            "has_round": bool(running_rounds()),
        }

    @expose("/new", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """Choose the people, write the text, look at it, send it."""
        if not may(current_actor(), Permission.REMIND):
            raise NotFound
        choice = _choice()
        if choice is None:
            flash(_("现在没有进行中的批次，没有需要提醒的人。"), "info")
            return redirect(self.get_url(".index_view"))
        if request.method == "POST" and request.form.get("step") == "send":
            return self._send(choice)
        return compose_page(self, choice)

    def _send(self, choice: Addressees) -> ResponseReturnValue:
        again = request.form.get("again") == "1"
        try:
            sent = reminders.send(choice, request.form.get("text", ""), again, current_actor(), clock.now())
        except PingshenError as error:
            return compose_page(self, choice, error)
        if not sent.told:
            flash(_("这些人 24 小时内都已提醒过，没有再发。需要再发的，请勾选“也再次提醒”。"), "warning")
            return compose_page(self, choice)
        flash(_("已提醒 %(n)s 人。", n=len(sent.told)), "success")
        if sent.rested:
            flash(_("另有 %(n)s 人 24 小时内已提醒过，没有再发。", n=len(sent.rested)), "info")
        return redirect(self.get_url(".reminder_view", id=sent.reminders[0].id))

    @expose("/<id>")
    def reminder_view(self, id: str) -> ResponseReturnValue:
        """Who got a reminder, by mail or not, and who has read it."""
        reminder = self.get_one(id)
        rows = OutboxRow.objects(reminder=reminder.id).order_by("id").no_dereference()
        page = fetch(rows, max(0, request.args.get("page", 0, type=int)), RECIPIENTS_PER_PAGE)
        people = people_of(page.data)
        return self.render(
            "admin/desk/reminder.html",
            reminder=reminder,
            group=ReminderGroup(reminder.group),
            rows=page,
            people=people,
            person_of=lambda row: people.get(ref_id(row, "person")),
            departments=dict(list_words.department_options()),
            mail_states=MailState,
            summary=_summary(reminder),
        )


def _summary(reminder: Reminder) -> dict[str, int]:
    """How many have read it, and how many mails are in each state; one aggregation."""
    key = {"mail": "$mail", "is_read": {"$gt": ["$read_at", None]}}
    counted: dict[str, int] = {"read": 0}
    for row in OutboxRow.objects(reminder=reminder.id).aggregate(
        [{"$group": {"_id": key, "n": {"$sum": 1}}}]
    ):
        counted[row["_id"]["mail"]] = counted.get(row["_id"]["mail"], 0) + row["n"]
        counted["read"] += row["n"] if row["_id"]["is_read"] else 0
    return counted


# --- the page that sends ----------------------------------------------------------------------------


def running_rounds() -> list[ReviewRound]:
    """The rounds that people may still work in: open ones, and closed ones for extensions and returns."""
    known = list(list_words.rounds().values())
    return [round for round in known if round.state != RoundState.PLANNED]


def _choice() -> Addressees | None:
    """Whom the request means; None while there is no round."""
    rounds = running_rounds()
    if not rounds:
        return None
    sent = request.form if request.method == "POST" else request.args
    by_id = {str(round.id): round for round in rounds}
    asked = sent.get("group", "")
    known = {member.value for member in ReminderGroup}
    group = ReminderGroup(asked) if asked in known else ReminderGroup.NOT_STARTED
    department = sent.get("department", "")
    department = department if department in dict(list_words.department_options()) else ""
    ids = sent.getlist("rowid") or None
    if ids and len(ids) > MAX_ROWS_NAMED:
        raise NotFound
    round = by_id.get(sent.get("round", "")) or _fullest(group, rounds)
    return Addressees(group, round, department, ids)


def _fullest(group: ReminderGroup, rounds: list[ReviewRound]) -> ReviewRound:
    """The round to begin with: the one with most people of the group, open ones before others."""
    actor, now = current_actor(), clock.now()
    opened = [round for round in rounds if round.state == RoundState.OPEN] or rounds
    return max(opened, key=lambda round: reminder_groups.count(group, round, actor, now))


def compose_page(view: Any, choice: Addressees, error: PingshenError | None = None) -> ResponseReturnValue:
    """Whom the reminder would reach, its text with an example, and the list for a chat group."""
    actor, now = current_actor(), clock.now()
    found = reminder_groups.find(choice, actor, now)
    last = reminders.reminded([one.person for one in found.recipients], now)
    text = request.form.get("text") if request.form.get("for_group") == choice.group.value else None
    text = reminder_help.draft(choice.group) if text is None else text
    problem = reminders.problem_of(text, choice.group)
    departments = dict(list_words.department_options())
    is_too_many = len(found.recipients) > reminders.MOST_PEOPLE
    named = [] if is_too_many else found.recipients
    page = view.render(
        "admin/desk/reminder_new.html",
        choice=choice,
        groups=list(ReminderGroup),
        rounds=running_rounds(),
        department_options=list_words.employing_departments(),
        departments=departments,
        recipients=found.recipients,
        by_department=_by_department(named),
        is_too_many=is_too_many,
        left_out=found.left_out,
        last=last,
        with_address=sum(one.has_address for one in found.recipients),
        text=text,
        places=reminder_help.places(choice.group),
        example=reminder_help.example(text, found.recipients[0], now)
        if found.recipients and not problem
        else "",
        chat=reminder_help.for_chat(choice.group, named, departments),
        again=request.form.get("again") == "1",
        most=reminders.MOST_PEOPLE,
        longest=reminders.LONGEST_TEXT,
        has_mail_server=bool(current_settings().smtp_url),
        error=error,
        errors=error.fields if isinstance(error, Invalid) else {},
    )
    return page, error.status if error else 200


def _by_department(recipients: list[reminder_groups.Recipient]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for one in recipients:
        grouped.setdefault(one.department, []).append(one)
    return grouped


class RemindApplications(Pages[ScopedView]):
    """For the list of applications: remind the applicants of the rows chosen."""

    @bulk_action("remind", _l("申报提醒"), icon="bell-ringing")
    def remind_action(self, applications: list[Any]) -> ResponseReturnValue:
        """The page that sends, for these; drafts first, since a text fits one group."""
        drafts = any(row.state == "draft" for row in applications)
        group = ReminderGroup.DRAFT if drafts else ReminderGroup.RETURNED
        round = applications[0].round
        ids = [str(row.id) for row in applications]
        return compose_page(self.view, Addressees(group, round, ids=ids))


class RemindPeople(Pages[ScopedView]):
    """For the roster: remind people chosen who have not started."""

    @bulk_action("remind", _l("提醒申报"), icon="bell-ringing")
    def remind_action(self, people: list[Any]) -> ResponseReturnValue:
        """The page that sends, for these, in the open round of their series."""
        rounds = running_rounds()
        if not rounds:
            flash(_("现在没有进行中的批次，没有需要提醒的人。"), "info")
            return redirect(self.view.return_url())
        opened = [round for round in rounds if round.state == RoundState.OPEN] or rounds
        fitting = [round for round in opened if round.series == people[0].series]
        ids = [str(person.id) for person in people]
        return compose_page(self.view, Addressees(ReminderGroup.NOT_STARTED, (fitting or opened)[0], ids=ids))
