"""Pages for everybody: home, manual, language, health."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pymongo.errors import PyMongoError

from models.choices import PublicityKind, Role
from models.database import get_database
from models.publicity import Publicity
from models.user import User
from panel import clock
from panel.addresses import local_path
from panel.domain.access import policy
from panel.domain.errors import NotFound
from panel.security import signed_in_user
from views.kit.access import current_actor
from views.kit.i18n import COOKIE, ENGLISH, LANGUAGES, language
from views.public import demo, home
from views.shared import account

blueprint = Blueprint("public", __name__)
account.register(blueprint)
demo.register(blueprint)
#: Public lists on the home page.
NEWEST = 5
YEAR = 365 * 24 * 3600


@blueprint.get("/", endpoint="home")
def home_page() -> ResponseReturnValue:
    """What this is, the way in, public notices; for a signed-in person what to do next."""
    actor = current_actor()
    notices = policy.visible(actor, Publicity, Role.PUBLIC).filter(kind=PublicityKind.RESULT.value)
    return render_template(
        "public/home.html",
        notices=notices.order_by("-posted_on", "-id").limit(NEWEST),
        tasks=home.tasks(actor) if actor.is_signed_in else [],
        accounts=demo.accounts(),
        now=clock.now(),
        today=clock.today(),
    )


@blueprint.get("/manual")
def manual() -> ResponseReturnValue:
    """The manual, in the page's language."""
    return render_template(f"public/manual.{'en' if language() == ENGLISH else 'zh'}.html")


@blueprint.post("/language")
def set_language() -> ResponseReturnValue:
    """Remember the language in the browser, and in the account if there is one."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise NotFound
    user = signed_in_user()
    if user is not None:
        User.objects(pk=user.pk).update_one(set__language=chosen)
    response = make_response(redirect(local_path(request.form.get("next")) or "/"))
    response.set_cookie(COOKIE, chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """200 when the database answers, else 503."""
    try:
        get_database().command("ping")
    except PyMongoError:
        return jsonify(status="no database"), 503
    return jsonify(status="ok")


def register(app: Flask, admins: dict[str, Any]) -> None:
    """Add the public pages to `app`."""
    app.register_blueprint(blueprint)
