"""Demo and test mode: one-click sign-in and the clock control; elsewhere these addresses don't exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.user import User
from panel import clock, security
from panel.config import Mode
from panel.domain import records
from panel.domain.actors import actor_of
from panel.domain.errors import NotFound
from views.kit.access import current_settings
from views.kit.i18n import date_time
from views.kit.layout import areas_of

CLOCK_STEPS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}
#: As far as the clock goes from real time.
FARTHEST = timedelta(days=3660)


def accounts() -> Sequence[Any]:
    """The demo's accounts for the home page's cards; none outside demo mode."""
    if current_settings().mode is Mode.PRODUCTION or not find_spec("panel.demo"):
        return ()
    offered: Sequence[Any] = getattr(import_module("panel.demo"), "ACCOUNTS", ())
    made = set(User.objects(username__in=[a.username for a in offered]).scalar("username"))
    return [account for account in offered if account.username in made]


def _refuse_production() -> None:
    if not current_settings().has_clock_control:
        raise NotFound


def sign_in() -> ResponseReturnValue:
    """Sign in as one of the demo's accounts."""
    _refuse_production()
    username = request.form.get("username", "")
    if username not in {account.username for account in accounts()}:
        raise NotFound
    user = User.objects(username=username, is_enabled=True).first()
    if user is None:
        raise NotFound
    security.sign_in(user)
    records.audit(actor_of(user), "sign_in", user, clock.now(), demo=True)
    areas = areas_of(actor_of(user))
    return redirect(areas[0].url if len(areas) == 1 else url_for("public.home"))


def move_clock() -> ResponseReturnValue:
    """Move the demo's time forward by a day or a week, to a date, or back to real time."""
    _refuse_production()
    step = request.form.get("step", "")
    if step == "reset":
        clock.set_offset(timedelta())
    elif step in CLOCK_STEPS:
        _set(clock.offset() + CLOCK_STEPS[step])
    elif step == "date":
        chosen = _day(request.form.get("date", ""))
        if chosen is None:
            flash(_("请选择一个日期。"), "danger")
            return redirect(url_for("public.home", _anchor="clock"))
        morning = datetime.combine(chosen, time(9), clock.ZONE).astimezone(UTC)
        _set(morning - datetime.now(UTC))
    else:
        raise NotFound
    flash(_("系统时间现在是 %(now)s。", now=date_time(clock.now())), "success")
    return redirect(url_for("public.home", _anchor="clock"))


def _set(offset: timedelta) -> None:
    clock.set_offset(max(-FARTHEST, min(FARTHEST, offset)))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def register(blueprint: Blueprint) -> None:
    """Add the demo's addresses to `blueprint`."""
    blueprint.add_url_rule("/demo/sign-in", "demo_sign_in", sign_in, methods=["POST"])
    blueprint.add_url_rule("/demo/clock", "demo_clock", move_clock, methods=["POST"])
