"""What every page's frame shows: areas, menu, notices, language, the moved clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import generate_csrf

from models.choices import Role
from models.outbox import OutboxRow
from models.states import state_row
from models.together import Question, ask, counted, number
from panel import clock
from panel.config import Mode
from panel.domain.access import policy, who_may
from panel.domain.actors import Actor
from views.kit import menu
from views.kit.access import current_actor, current_settings, holds


@dataclass(frozen=True)
class Area:
    """A part of the product with an address of its own, open to some roles."""

    key: str
    name: Any
    url: str
    icon: str
    roles: tuple[Role, ...]


AREAS = (
    Area("my", _l("我的申报"), "/my/", "file-text", (Role.APPLICANT,)),
    Area(
        "admin",
        _l("管理"),
        "/admin/",
        "layout-dashboard",
        (Role.UNIT_HR, Role.ENDORSER, Role.OFFICE, Role.SUPERVISOR, Role.ADMIN),
    ),
    Area("committee", _l("评审会"), "/committee/", "users-group", (Role.EXPERT, Role.CHAIR, Role.TELLER)),
)

#: More are not counted: the bell says "99+".
MAX_UNREAD = 100


def areas_of(actor: Actor) -> list[Area]:
    """The areas that `actor` may enter."""
    return [area for area in AREAS if actor.is_signed_in and holds(actor, *area.roles)]


def unread_part() -> Question:
    """The question how many notices the person hasn't read."""
    return counted(
        policy.visible(current_actor(), OutboxRow, Role.APPLICANT).filter(read_at=None), MAX_UNREAD
    )


def unread_notices() -> int:
    """How many notices the person hasn't read; asked once per page."""
    if "unread" not in g:
        g.unread = number(ask(unread_part())[0]) if current_actor().is_signed_in else 0
    return int(g.unread)


def shown_clock() -> dict[str, Any]:
    """For the banner: whether time is moved, and what it is now."""
    moved = clock.offset() if current_settings().has_clock_control else None
    return {"is_moved": bool(moved), "now": clock.now(), "offset": moved}


def register(app: Flask) -> None:
    """Give all templates the frame's values; one look at the stored clock per request."""
    app.before_request(clock.hold)
    app.teardown_request(lambda _error: clock.release())
    app.jinja_env.globals.update(
        areas_of=areas_of,
        menu_of=menu.of,
        shown_clock=shown_clock,
        unread_notices=unread_notices,
        may_name=policy.may_name,
        state_row=state_row,
    )

    @app.context_processor
    def frame() -> dict[str, Any]:
        mode = current_settings().mode
        return {
            "actor": current_actor(),
            "is_demo": mode is Mode.DEMO,
            "has_clock_control": mode is not Mode.PRODUCTION,
            "here_path": request.full_path.rstrip("?") if request.method == "GET" else request.path,
            "csrf_value": generate_csrf,
            "manual_url": url_for("public.manual"),
            "search_url": url_for("hr_search.index_view") if holds(current_actor(), *who_may.STAFF) else "",
        }
