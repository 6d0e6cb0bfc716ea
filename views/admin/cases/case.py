"""One application as HR checks it: every claim beside its evidence, judged, returned, endorsed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from models.application import Application
from models.choices import Action, Verdict
from models.form_spec import ITEM_LISTS
from models.messages import PingshenError
from panel import clock
from panel.addresses import wants_json
from panel.domain.access import who_may
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.calendar import local_date
from panel.domain.checks.case_content import CaseContent
from panel.domain.content.frozen import as_submitted
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.people import disclosure
from panel.domain.rounds import showing
from panel.domain.steps import judging, workflow
from panel.domain.steps.guards.endorsing import UNRANKED
from views.admin import list_words
from views.admin.cases.context import case_context, judged, steps_context
from views.admin.cases.steps import day_of, default_deadline
from views.kit.access import current_actor
from views.kit.i18n import tr


class CasePages:
    """The pages and deeds of one application; ids are resolved in scope alone."""

    get_one: Callable[[Any], Application]
    render: Callable[..., str]
    get_url: Callable[..., str]

    @expose("/<id>")
    def case_view(self, id: str) -> ResponseReturnValue:
        """The application's page; a draft shows only who and how far (G30)."""
        return self._case(list_words.take_known(self.get_one(id)))

    def _case(
        self,
        application: Application,
        error: PingshenError | None = None,
        where: str = "",
        typed: dict[str, Any] | None = None,
    ) -> ResponseReturnValue:
        """The page, with `error` at the form `where` and everything `typed` kept."""
        only_changes = request.args.get("view") == "changes"
        actor = current_actor()
        if who_may.is_own(actor, application):
            own = self.render("admin/cases/case_own.html", application=application, error=error)
            return own, error.status if error else 200
        if may(actor, Permission.READ_CONTENT, application):
            application = as_submitted(application)
        context = case_context(CaseContent(application, clock.now()), actor, only_changes)
        typed = typed or {}
        has_place = where and _is_on_page(where, context)
        page = self.render(
            "admin/cases/case.html",
            **context,
            words=list_words,
            error=error,
            errors=error.fields if isinstance(error, Invalid) else {},
            where=where if has_place else "",
            typed=typed,
            unsaved=[] if has_place else _texts(typed),
            deadline=default_deadline(clock.now()).isoformat(),
            today=local_date(clock.now()).isoformat(),
        )
        return page, error.status if error else 200

    def _back(self, application: Application, anchor: str = "") -> ResponseReturnValue:
        return redirect(url_for("hr_applications.case_view", id=application.id, _anchor=anchor or None))

    # --- judging ----------------------------------------------------------------------------------

    @expose("/<id>/begin", methods=("POST",))
    def begin_view(self, id: str) -> ResponseReturnValue:
        """Begin to check; the applicant can't recall from then on."""
        application = self.get_one(id)
        judging.begin_check(application, current_actor(), clock.now())
        return self._back(application)

    @expose("/<id>/judge", methods=("POST",))
    def judge_view(self, id: str) -> ResponseReturnValue:
        """Judge one entry or attachment; a script gets its piece of the page, a browser the page."""
        application = self.get_one(id)
        uid, opinion = request.form.get("uid", ""), request.form.get("opinion", "")
        if request.form.get("verdict") not in {verdict.value for verdict in Verdict}:
            raise NotFound
        verdict, error = Verdict(request.form["verdict"]), None
        try:
            judging.judge(application, [uid], verdict, opinion, current_actor(), clock.now())
        except Refused as refusal:
            error = refusal
        if not wants_json():
            return (
                self._back(application, f"item-{uid}")
                if error is None
                else self._case(
                    application, error, f"judge-{uid}", {"verdict": verdict.value, "opinion": opinion}
                )
            )
        fresh = CaseContent(self.get_one(id), clock.now())
        # 200 also for a refusal: the piece says why, and the page's script swaps only what succeeded
        return self.render(
            "admin/cases/_judgement_answer.html",
            uid=uid,
            judgement=_judgement_of(fresh.application, uid),
            error=error.message if error else None,
            typed={"verdict": verdict.value, "opinion": opinion} if error else {},
            progress=judged(fresh.asked),
            **steps_context(fresh, current_actor()),
        )

    @expose("/<id>/accept-rest", methods=("POST",))
    def accept_rest_view(self, id: str) -> ResponseReturnValue:
        """Accept every entry that wasn't judged yet."""
        application = self.get_one(id)
        judging.accept_rest(application, current_actor(), clock.now())
        return self._back(application, "content-of-case")

    @expose("/<id>/reveal", methods=("POST",))
    def reveal_view(self, id: str) -> ResponseReturnValue:
        """One sealed value in clear, for this page only; recorded."""
        application = self.get_one(id)
        section, entry = request.form.get("section", ""), request.form.get("entry", "")
        field = request.form.get("field", "")
        application = as_submitted(application)
        value = disclosure.application_value(application, section, entry, field, current_actor(), clock.now())
        spec = application.spec.section(section).field(field)
        return self.render("admin/kit/_revealed.html", value=tr(showing.shown(application, spec, value)))

    # --- returning, opinions, choices -------------------------------------------------------------

    @expose("/<id>/return", methods=("POST",))
    def return_view(self, id: str) -> ResponseReturnValue:
        """Send the whole list of what is to be corrected, once, with its deadline (R09)."""
        application = self.get_one(id)
        actor, now, items = current_actor(), clock.now(), _items()
        sent_day = request.form.get("deadline", "")
        typed = {"items": items, "deadline": sent_day}
        data = {"items": items, "deadline": day_of(sent_day)}
        try:
            workflow.check_given(Action.RETURN, [application], actor, now, **data)
            workflow.run(Action.RETURN, application, actor, now, **data)
        except PingshenError as error:
            return self._case(self.get_one(id), error, "return", typed)
        return self._back(application, "sent")

    @expose("/<id>/opinion", methods=("POST",))
    def opinion_view(self, id: str) -> ResponseReturnValue:
        """Write the unit's opinion that the form prints."""
        application = self.get_one(id)
        text = request.form.get("unit_opinion", "")
        try:
            judging.write_unit_opinion(application, text, current_actor(), clock.now())
        except PingshenError as error:
            return self._case(self.get_one(id), error, "opinion", {"unit_opinion": text})
        return self._back(application, "unit-opinion")

    @expose("/<id>/endorse", methods=("POST",))
    def endorse_view(self, id: str) -> ResponseReturnValue:
        """Give a department's or office's opinion."""
        application = self.get_one(id)
        sent = {name: request.form.get(name, "") for name in ("office", "yes", "opinion", "rank")}
        try:
            workflow.run(
                Action.ENDORSE,
                application,
                current_actor(),
                clock.now(),
                office=sent["office"],
                yes={"1": True, "0": False}.get(sent["yes"]),
                opinion=sent["opinion"].strip(),
                rank=_rank(sent["rank"]),
            )
        except PingshenError as error:
            return self._case(self.get_one(id), error, f"endorse-{sent['office']}", sent)
        return self._back(application, "endorsements")


def _is_on_page(where: str, context: dict[str, Any]) -> bool:
    """Whether the form `where` is on the page: a colleague's step, or a missing right, takes it away."""
    kind, _, key = where.partition("-")
    if kind == "endorse":
        return any(row.may_give and row.spec.key == key for row in context["endorsements"])
    rights = {
        "judge": "may_judge",
        "return": "may_return",
        "opinion": "may_write_opinion",
        "comment": "may_comment",
    }
    return bool(context.get(rights[kind]))


def _texts(typed: dict[str, Any]) -> list[str]:
    """The texts among what was typed: of a return its items' as well."""
    items = [item["text"] for item in typed.get("items", [])]
    own = [typed.get(name, "") for name in ("unit_opinion", "opinion", "comment")]
    return [text for text in (*items, *own) if text.strip()]


def _judgement_of(application: Application, uid: str) -> Any:
    items = [item for name in ITEM_LISTS for item in getattr(application, name)]
    items += [entry for record in application.sections.values() for entry in record.entries]
    return next((item.judgement for item in items if item.uid == uid), None)


def _items() -> list[dict[str, str]]:
    """The return's items as the page sent them, in its order; parallel lists, whatever their lengths."""
    names = ("section", "entry", "field", "text")
    columns = [request.form.getlist(f"item_{name}") for name in names]
    count = len(columns[-1])
    padded = [(column + [""] * count)[:count] for column in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*padded, strict=True)]


def _rank(text: str) -> int | None:
    """The rank typed; None for what is no number, which the guard refuses where one is asked for."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(UNRANKED)) else None
