"""The mails to the unit's people: which went, which wait, which failed and why."""

from __future__ import annotations

from typing import Any

from flask import flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.choices import Role
from models.outbox import MailState, OutboxRow
from models.person import Person
from models.values import ref_id
from panel import clock
from panel.domain.desk import reminders
from views.admin.list_words import cell, when
from views.kit.access import current_actor, current_settings
from views.kit.base import SecureView
from views.kit.columns import ListColumn
from views.kit.i18n import tr
from views.kit.secure_actions import bulk_action
from views.kit.secure_list import ListFilter, Rows


def people_of(rows: list[Any]) -> dict[Any, Person]:
    """The people of outbox rows that were resolved in scope, by id."""
    found = Person.objects(id__in=[ref_id(row, "person") for row in rows])
    return {
        p.id: p for p in found.only("name", "staff_number", "department", "email", "unit").no_dereference()
    }


MAIL_COLUMNS = (
    ListColumn("at", _l("时间"), when("at")),
    ListColumn(
        "person",
        _l("收件人"),
        lambda view, context, row: cell("mail_person", context["people"].get(ref_id(row, "person"))),
    ),
    ListColumn("text", _l("内容"), lambda view, context, row: tr(row.text), fields=("message", "params")),
    ListColumn(
        "mail",
        _l("邮件"),
        lambda view, context, row: cell("mail_state", row, MailState(row.mail), context["has_mail_server"]),
        fields=("mail", "tries", "error", "sent_at", "try_at"),
    ),
)


class MailAdmin(SecureView):
    """What became of the mails to the unit's people."""

    roles = (Role.UNIT_HR,)
    icon = "mail"
    in_menu = False
    list_template = "admin/desk/mail.html"
    can_view_details = False
    page_size = 50
    columns = MAIL_COLUMNS
    row_fields = ()
    column_default_sort = ("at", True)
    list_filters = (ListFilter("mail", _l("邮件"), MailState),)
    empty_title = _l("还没有邮件")
    empty_text = _l("给申报人的通知和提醒会同时发到邮箱，在这里可以看到是否发出。")

    def __init__(self) -> None:
        super().__init__(OutboxRow, name=_l("发件箱"), endpoint="hr_mail", url="mail")

    def list_query(self, args: Any) -> Any:
        """The order that the index has."""
        return super().list_query(args).order_by("-at", "-id").no_dereference()

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """The page's people, and whether any mail leaves at all."""
        settings = current_settings()
        return {"people": people_of(rows.data), "has_mail_server": bool(settings.smtp_url)}

    @bulk_action("resend", _l("重新发送"), icon="send")
    def resend_action(self, rows: list[OutboxRow]) -> None:
        """Queue what failed, got too old or had no address then."""
        count = reminders.resend(rows, current_actor(), clock.now())
        if count:
            flash(_("已重新排队发送 %(n)s 封。", n=count), "success")
        else:
            flash(_("所选的邮件已发送或正在等待，不用重新发送。"), "info")
