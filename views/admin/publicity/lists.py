"""The panel's side of publicity (R08, R18): the lists posted, and the objections received."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext as _l

from models.application import Application
from models.choices import Action, PublicityKind, State
from models.publicity import OPEN_OBJECTIONS, Objection, Publicity
from models.values import ref_id
from panel import clock
from panel.domain import actors
from panel.domain.access import policy, who_sees
from panel.domain.access.who_may import CASE_READERS
from panel.domain.calendar import local_date
from panel.domain.errors import NotFound
from panel.domain.publicity.periods import has_ended, remaining_days
from views.admin.publicity.files import PublicityExports
from views.admin.publicity.objections import ObjectionPage
from views.kit import secure_list
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.public.notices import KIND_LABELS, NoticeWords

LISTS_PER_PAGE = 20
#: The step that a list which has ended waits for: work of the panel's front page, by kind.
NEXT = {PublicityKind.UNIT.value: "to_recommend", PublicityKind.RESULT.value: "to_confirm"}
WAITING = {PublicityKind.UNIT.value: State.UNIT_PUBLICITY, PublicityKind.RESULT.value: State.RESULT_PUBLICITY}


class PublicityPage(PublicityExports, SecurePage):
    """The lists posted, with what each waits for."""

    roles = CASE_READERS
    icon = "speakerphone"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Running lists first, then those that ended."""
        actor, now = current_actor(), clock.now()
        lists = policy.visible(actor, Publicity, *CASE_READERS).order_by("-posted_on", "-id")
        page = request.args.get("page", 0, type=int)
        ended = secure_list.fetch(lists.filter(ends_at__lt=now), max(0, page), LISTS_PER_PAGE)
        shown: str = self.render(
            "admin/publicity/index.html",
            running=list(lists.filter(ends_at__gte=now)),
            ended=ended,
            today=local_date(now),
            kinds=KIND_LABELS,
            remaining=lambda row: remaining_days(row, now),
            held=self._held(actor),
            waiting=self._waiting(actor),
            next_work=NEXT,
            can_post=[
                key
                for key, step in (("unit", Action.PUBLICISE), ("result", Action.PUBLICISE_RESULT))
                if policy.is_for(actor, step)
            ],
            page_url=lambda page: url_for(".index", page=page),
        )
        return shown

    @expose("/<uid>")
    def show(self, uid: str) -> ResponseReturnValue:
        """One list with where each case on it stands now."""
        actor, now = current_actor(), clock.now()
        found = policy.visible(actor, Publicity, *CASE_READERS).filter(uid=uid).first()
        if found is None:
            raise NotFound
        ids = [row.application for row in found.rows]
        cases = (
            policy.visible(actor, Application, *CASE_READERS).filter(id__in=ids).only("id", "state", "number")
        )
        seen = policy.visible(actor, Objection, *CASE_READERS, about=who_sees.About(ids))
        open_ones = seen.filter(state__in=OPEN_OBJECTIONS)
        shown: str = self.render(
            "admin/publicity/show.html",
            publicity=found,
            has_ended=has_ended(found, now),
            remaining=remaining_days(found, now),
            today=local_date(now),
            kinds=KIND_LABELS,
            words=NoticeWords(found),
            cases={case.id: case for case in cases},
            states={state.value: state for state in State},
            objected={ref_id(row, "application") for row in open_ones},
            next_work=NEXT[found.kind],
        )
        return shown

    @staticmethod
    def _held(actor: actors.Actor) -> dict[Any, int]:
        """How many cases of each list an objection holds."""
        return _per_list(actor, State.ON_HOLD)

    @staticmethod
    def _waiting(actor: actors.Actor) -> dict[Any, int]:
        """How many cases of each list are still in its publicity."""
        return _per_list(actor, State.UNIT_PUBLICITY) | _per_list(actor, State.RESULT_PUBLICITY)


def _per_list(actor: actors.Actor, state: State) -> dict[Any, int]:
    cases = policy.visible(actor, Application, *CASE_READERS).filter(state=state.value)
    return dict(cases.item_frequencies("publicity")) if cases.limit(1).count(with_limit_and_skip=True) else {}


def register(app: Any, admins: dict[str, Any]) -> None:
    """Add both pages to the panel."""
    admins["admin"].add_view(PublicityPage(name=_l("公示"), endpoint="hr_publicity", url="publicity"))
    admins["admin"].add_view(ObjectionPage(name=_l("异议"), endpoint="hr_objections", url="objections"))
