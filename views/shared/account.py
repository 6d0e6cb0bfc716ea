"""Signing in and out, passwords, notices of the signed-in person (G01, R24)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from models.choices import Role
from models.outbox import OutboxRow
from models.user import User
from panel import clock, security
from panel.addresses import local_path, wants_json
from panel.authentication import SignInRefused, authenticate, confirm_password
from panel.domain import records
from panel.domain.access import policy
from panel.domain.actors import Actor, actor_of
from panel.errors import SignedOut
from views.kit.access import current_actor, current_settings, require
from views.kit.i18n import tr
from views.kit.layout import areas_of
from views.kit.secure_list import fetch
from views.shared import account_settings

#: What a person with a one-time password may still open.
OPEN_BEFORE_CHANGE = {
    "static",
    "public.password",
    "public.sign_out",
    "public.set_language",
    "public.manual",
    "public.session_state",
    "public.health",
}
NOTICES_PER_PAGE = 20


def sign_in() -> ResponseReturnValue:
    """One page for all roles; where to go follows from the roles."""
    target = local_path(request.values.get("next"))
    username = request.form.get("username", "").strip()
    if request.method == "GET":
        if current_actor().is_signed_in:
            return redirect(target or url_for("public.home"))
        return render_template("public/sign_in.html", username="", next=target, problem=None)
    password = request.form.get("password", "")
    problem = None
    if not username or not password:
        problem, status = _("请填写用户名（工号）和密码。"), 422
    else:
        try:
            user = authenticate(
                username, password, request.remote_addr or "", clock.now(), current_settings()
            )
        except SignInRefused as error:
            problem, status = tr(error.message), error.status
    if problem:
        page = render_template("public/sign_in.html", username=username, next=target, problem=problem)
        return page, status
    security.sign_in(user)
    if user.must_change_password:
        return redirect(url_for("public.password", next=target))
    areas = areas_of(actor_of(user))
    return redirect(target or (areas[0].url if len(areas) == 1 else url_for("public.home")))


def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    actor = current_actor()
    if actor.is_signed_in:
        records.audit(actor, "sign_out", security.signed_in_user(), clock.now())
        security.sign_out()
        flash(_("您已退出登录。"), "success")
    return redirect(url_for("public.home"))


def password() -> ResponseReturnValue:
    """Change the own password; it ends the account's other sessions."""
    require()
    user = security.signed_in_user()
    if user is None:
        raise SignedOut
    target = local_path(request.values.get("next"))
    problem = None
    if request.method == "POST":
        try:
            problem = _change_password(user)
        except SignInRefused as error:
            # Somebody guesses at a browser left open: it isn't the owner's any more.
            security.sign_out()
            flash(tr(error.message), "danger")
            return redirect(url_for("public.sign_in"))
        if problem is None:
            flash(_("密码已修改，其他设备上的登录已全部退出。"), "success")
            return redirect(target or url_for("public.home"))
    page = render_template(
        "public/password.html",
        problem=problem,
        is_forced=user.must_change_password,
        minimum=security.MIN_PASSWORD,
        next=target,
    )
    return page, 422 if problem else 200


def _change_password(user: User) -> str | None:
    """Set the password that the form holds, or say why not; raises SignInRefused after many wrong ones."""
    old, new, repeated = (
        request.form.get(name, "") for name in ("password", "new_password", "repeat_password")
    )
    now, address = clock.now(), request.remote_addr or ""
    if not confirm_password(user, old, address, now, current_settings()):
        return str(_("现在的密码不对，请重新输入。"))
    if refusal := security.password_refusal(user, new, repeated):
        return tr(refusal)
    security.set_password(user, new)
    records.audit(current_actor(), "change_password", user, now)
    security.sign_in(user)
    return None


def force_password_change() -> ResponseReturnValue | None:
    """A one-time password opens nothing but the page that replaces it."""
    if request.endpoint in OPEN_BEFORE_CHANGE or request.endpoint is None:
        return None
    user = security.signed_in_user()
    if user is None or not user.must_change_password:
        return None
    if wants_json():
        return jsonify(error="change-password", message=_("请先修改一次性密码。")), 403
    return redirect(
        url_for("public.password", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    )


def session_state() -> ResponseReturnValue:
    """For scripts: whether somebody is signed in, who, and the token of the present session."""
    actor = current_actor()
    user = str(actor.user_id) if actor.is_signed_in else None
    response = jsonify(signed_in=actor.is_signed_in, user=user, csrf=generate_csrf())
    response.headers["Cache-Control"] = "no-store"
    return response


def signed_in() -> ResponseReturnValue:
    """Where a sign-in in a second tab ends."""
    require()
    return render_template("public/signed_in.html")


def _notices(actor: Actor) -> Any:
    """The person's own notices, not those of others whose mail they look after."""
    return policy.visible(actor, OutboxRow, Role.APPLICANT)


def inbox() -> ResponseReturnValue:
    """The person's notices, newest first."""
    actor = require()
    page = max(0, request.args.get("page", 0, type=int))
    rows = fetch(_notices(actor).order_by("-at", "-id"), page, NOTICES_PER_PAGE)
    notices = [(row, row.text, local_path(row.link)) for row in rows.data]
    return render_template("public/inbox.html", rows=rows, notices=notices)


def read_notices() -> ResponseReturnValue:
    """Mark one notice (`id`) or all as read; `go` leads on to what it is about."""
    actor = require()
    g.pop("unread", None)
    chosen = request.form.get("id")
    if chosen:
        row = policy.one(actor, OutboxRow, chosen, Role.APPLICANT)
        OutboxRow.objects(pk=row.pk, read_at=None).update_one(set__read_at=clock.now())
        return redirect((request.form.get("go") and local_path(row.link)) or url_for("public.inbox"))
    _notices(actor).filter(read_at=None).update(set__read_at=clock.now())
    flash(_("已全部标为已读。"), "success")
    return redirect(url_for("public.inbox"))


def register(blueprint: Blueprint) -> None:
    """Add the account's pages to `blueprint`."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/sign-in", "sign_in", sign_in, methods=both)
    blueprint.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])
    blueprint.add_url_rule("/signed-in", "signed_in", signed_in)
    blueprint.add_url_rule("/password", "password", password, methods=both)
    blueprint.add_url_rule("/session", "session_state", session_state)
    blueprint.add_url_rule("/inbox", "inbox", inbox)
    blueprint.add_url_rule("/inbox/read", "read_notices", read_notices, methods=["POST"])
    account_settings.register(blueprint)
    blueprint.before_app_request(force_password_change)
