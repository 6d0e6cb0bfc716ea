"""The own account: whether notices come by mail, and the calendar with its secret address."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.person import Person
from models.user import User
from panel import clock, security
from panel.domain.actors import actor_of
from panel.domain.desk import agenda
from panel.domain.errors import NotFound
from panel.domain.people import subscriptions
from panel.errors import SignedOut
from panel.services import calendar_file
from panel.services.words import language_of
from views.kit.access import current_actor, current_settings, require
from views.kit.i18n import language


def account_page() -> ResponseReturnValue:
    """Mail, calendar, password."""
    return _page()


def _page(secret: str = "") -> ResponseReturnValue:
    require()
    user = security.signed_in_user()
    if user is None:
        raise SignedOut
    person = Person.objects(id=current_actor().person_id).first() if current_actor().person_id else None
    address = _address(secret) if secret else ""
    page = make_response(
        render_template(
            "public/account.html",
            user=user,
            person=person,
            address=address,
            webcal=address.replace("https://", "webcal://").replace("http://", "webcal://"),
            has_mail_server=bool(current_settings().smtp_url),
        )
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def _base_url() -> str:
    return current_settings().base_url or request.url_root.rstrip("/")


def _address(secret: str) -> str:
    return _base_url() + url_for("public.calendar_feed", secret=secret)


def mail_switch() -> ResponseReturnValue:
    """Turn mails on or off."""
    actor = require()
    wanted = request.form.get("wanted") == "1"
    subscriptions.set_mail(wanted, actor, clock.now())
    flash(
        _("以后的通知会同时发到您的邮箱。") if wanted else _("以后的通知只在系统的消息里，不再发邮件。"),
        "success",
    )
    return redirect(url_for("public.account"))


def calendar_address() -> ResponseReturnValue:
    """Make a new secret address, shown on this page alone, or revoke the present one."""
    actor = require()
    step = request.form.get("step")
    if step == "make":
        return _page(subscriptions.make(actor, clock.now()))
    if step != "revoke":
        raise NotFound
    subscriptions.revoke(actor, clock.now())
    flash(_("订阅地址已作废，用它的日历不再更新。"), "success")
    return redirect(url_for("public.account", _anchor="calendar"))


def calendar_download() -> ResponseReturnValue:
    """The own calendar as a file, as of now."""
    require()
    user = security.signed_in_user()
    if user is None:
        raise SignedOut
    answer = _calendar(user, language())
    answer.headers.set("Content-Disposition", "attachment", filename="pingshen.ics")
    return answer


def calendar_feed(secret: str) -> ResponseReturnValue:
    """The calendar behind a secret address, for programs; nobody is signed in by it."""
    user = subscriptions.owner(secret)
    answer = _calendar(user, language_of(user.language))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _calendar(user: User, chosen: str) -> Response:
    now = clock.now()
    data = calendar_file.calendar_file(agenda.events(actor_of(user), now), now, chosen, _base_url())
    return Response(data, content_type=calendar_file.CALENDAR_MIME)


def register(blueprint: Blueprint) -> None:
    """Add the pages to `blueprint`."""
    blueprint.add_url_rule("/account", "account", account_page)
    blueprint.add_url_rule("/account/mail", "mail_switch", mail_switch, methods=["POST"])
    blueprint.add_url_rule("/account/calendar", "calendar_address", calendar_address, methods=["POST"])
    blueprint.add_url_rule("/account/calendar.ics", "calendar_download", calendar_download)
    blueprint.add_url_rule("/calendar/<secret>.ics", "calendar_feed", calendar_feed)
