"""Publicity lists as people read them (G31): results are public, a unit's own list is for its staff."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models.choices import PublicityKind
from models.messages import M
from models.publicity import Publicity
from panel import clock
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.errors import NotFound
from panel.domain.publicity import periods
from views.kit.access import current_actor
from views.shared.round_words import RoundWords

NOTICES_PER_PAGE = 20
KIND_LABELS = {kind.value: kind.label for kind in PublicityKind}
notices = Blueprint("notices", __name__, url_prefix="/notices")


def posted(actor: Actor) -> Any:
    """The lists that `actor` may read and whose day of posting has come, newest first."""
    today = local_date(clock.now())
    return policy.visible(actor, Publicity).filter(posted_on__lte=today).order_by("-posted_on", "-id")


def running(actor: Actor) -> list[Publicity]:
    """Those of `posted` that still run."""
    return list(posted(actor).filter(ends_at__gte=clock.now()))


@notices.get("/")
def index() -> ResponseReturnValue:
    """Running lists first, then those that ended, page by page."""
    actor, now = current_actor(), clock.now()
    ended = posted(actor).filter(ends_at__lt=now)
    pages = max(1, -(-ended.count() // NOTICES_PER_PAGE))
    page = _page_number(pages)
    return render_template(
        "public/notices/index.html",
        running=running(actor),
        ended=list(ended.skip(page * NOTICES_PER_PAGE).limit(NOTICES_PER_PAGE)),
        page=page,
        pages=pages,
        page_url=lambda page: url_for("notices.index", page=page),
        kinds=KIND_LABELS,
        remaining=lambda row: periods.remaining_days(row, now),
    )


@notices.get("/<uid>")
def show(uid: str) -> ResponseReturnValue:
    """One list with its rows, made for reading and printing."""
    now = clock.now()
    found = posted(current_actor()).filter(uid=uid).first()
    if found is None:
        raise NotFound(M("没有这份公示，或者它只对本单位人员公开。请登录后再看。"))
    return render_template(
        "public/notices/show.html",
        publicity=found,
        is_unit=found.kind == PublicityKind.UNIT,
        has_ended=periods.has_ended(found, now),
        remaining=periods.remaining_days(found, now),
        kinds=KIND_LABELS,
        words=NoticeWords(found),
    )


class NoticeWords(RoundWords):
    """The labels of a list's round, and the receiving office."""

    def __init__(self, publicity: Publicity) -> None:
        super().__init__(publicity.round.spec)
        office = publicity.round.spec.publicity.receiving_office
        # in other words only while it is the office that was posted
        self.office = office if office.zh == publicity.receiving_office else publicity.receiving_office


def _page_number(pages: int) -> int:
    """The page asked for, within what there is (trap 14)."""
    asked = request.args.get("page", "0")
    return min(int(asked), pages - 1) if asked.isdecimal() and len(asked) < 6 else 0


def register(app: Flask, admins: dict[str, Any]) -> None:
    """Serve the notices to everybody."""
    app.register_blueprint(notices)
