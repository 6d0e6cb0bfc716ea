"""HR corrects a wrong choice of round, kind, level, committee or speciality; all content is kept (G07)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from models.application import Application
from models.messages import M, PingshenError
from models.review_round import ReviewRound
from models.values import ref_id
from panel import clock
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.content import choosing, moving, start
from panel.domain.errors import Invalid, NotFound
from panel.domain.rounds import offers
from views.admin import list_words
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.scoped import ScopedView

_CHOSEN = ("kind", "level", "committee", "speciality")


class SelectionPages(Pages[ScopedView]):
    """`/admin/applications/<id>/selection`; with `round`, to that other round of the year."""

    @expose("/<id>/selection", methods=("GET", "POST"))
    def selection_view(self, id: str) -> ResponseReturnValue:
        """What is applied for, as HR puts it right, with the reason that the applicant reads."""
        application = self.view.get_one(id)
        if not may(current_actor(), Permission.CHANGE_CHOICE, application):
            raise NotFound
        others = moving.targets(application, False, clock.now())
        target = target_of(others, request.values.get("round", ""))
        if request.method == "GET":
            return self._choose(application, others, target, _as_it_stands(application, target))
        sent: dict[str, Any] = {name: request.form.get(name, "") for name in (*_CHOSEN, "reason")}
        sent["exceptional"] = request.form.get("exceptional") == "1"
        if request.form.get("seen", _seen(application)) != _seen(application):
            return self._choose(application, others, target, sent, StaleChoice())
        selection = start.Selection(
            **{name: sent[name] for name in _CHOSEN}, exceptional=sent["exceptional"], round=target
        )
        try:
            choosing.change_selection(application, selection, current_actor(), clock.now(), sent["reason"])
        except PingshenError as refusal:
            return self._choose(application, others, target, sent, refusal)
        return redirect(url_for("hr_applications.case_view", id=application.id))

    def _choose(
        self,
        application: Application,
        others: list[ReviewRound],
        target: ReviewRound | None,
        sent: dict[str, Any],
        error: PingshenError | None = None,
    ) -> ResponseReturnValue:
        spec, person = target.spec if target else application.spec, application.person
        page = self.view.render(
            "admin/cases/selection.html",
            application=application,
            sent=sent,
            seen=_seen(application),
            is_stale=isinstance(error, StaleChoice),
            error=error,
            errors=error.fields if isinstance(error, Invalid) else {},
            words=list_words,
            others=[round for round in others if round != target],
            target=target,
            left=moving.left_behind(application, spec) if target else None,
            why_not=moving.why_not(application) if target else None,
            kind_options=[(kind.value, kind.label) for kind in offers.kinds_for(spec, person)],
            level_options=[(row.key, row.title) for row in offers.levels_for(spec, person, exceptional=True)],
            committee_options=[(row.key, row.name) for row in offers.committees_for(spec, person)],
            speciality_options=[(row.value, row.label) for row in spec.specialities],
        )
        return page, error.status if error else 200


class StaleChoice(PingshenError):
    """Somebody else changed what is applied for while the form was open."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            M("申报信息刚被改过，您的更改还没有保存。下面是您填的内容，请与现在的申报信息核对后再保存。")
        )


def _seen(application: Application) -> str:
    """What the form was opened on."""
    chosen = [getattr(application, name) for name in ("committee", "kind", "level", "speciality")]
    return "/".join([str(ref_id(application, "round")), str(int(application.exceptional)), *chosen])


def _as_it_stands(application: Application, target: ReviewRound | None) -> dict[str, Any]:
    """What the form shows first; in another round, what leaves no choice there is chosen already."""
    sent = {name: getattr(application, name) for name in _CHOSEN}
    if target is not None:
        kinds = [kind.value for kind in offers.kinds_for(target.spec, application.person)]
        committees = [row.key for row in offers.committees_for(target.spec, application.person)]
        for name, offered in (("kind", kinds), ("committee", committees)):
            sent[name] = offered[0] if len(offered) == 1 else sent[name]
    return sent | {"exceptional": application.exceptional, "reason": ""}


def target_of(others: list[ReviewRound], id: str) -> ReviewRound | None:
    """The other round asked for, None for the case's own; raises NotFound for one that isn't offered."""
    if not id:
        return None
    found = next((round for round in others if str(round.id) == id), None)
    if found is None:
        raise NotFound
    return found
