"""One entry of the material table in the panel: disputes settled, entries added, mended, withdrawn."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.application import Application
from models.choices import MaterialState, MaterialStep, Role, Settlement, State
from models.material import MaterialEntry, entry_from
from models.messages import PingshenError
from models.person import Person
from models.review_round import ReviewRound
from models.sections import Entry
from models.values import ref_id
from panel import clock
from panel.domain import actors
from panel.domain.access import policy
from panel.domain.errors import Invalid, NotFound, StaleWrite
from panel.domain.material import settling
from panel.domain.material.columns import kinds_of, table_sections
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.scoped import ScopedView
from views.my.fields import seen_version
from views.my.material import serve_attachment
from views.my.material_table import TONES
from views.shared.material_forms import MaterialForm, compared, facts_of, kind_words, section_of


class MaterialEntryPages(Pages[ScopedView]):
    """`/admin/material/<id>` and what can be done there."""

    @expose("/people/<person_id>/new", methods=("GET", "POST"))
    def new_entry_view(self, person_id: str) -> ResponseReturnValue:
        """Add one achievement by hand; `round`, `section` and `kind` in the address."""
        actor = current_actor()
        person: Person = policy.one(actor, Person, person_id, Role.UNIT_HR)
        if not keeps(person):
            raise NotFound
        round: ReviewRound = policy.one(actor, ReviewRound, request.args.get("round", ""), Role.UNIT_HR)
        kind = request.args.get("kind", "")
        section, row = section_of(round, request.args.get("section", ""), kind)
        posted = request.form if request.method == "POST" else None
        form = MaterialForm(section, kind, Entry(section=section.key, kind=kind or None), posted)
        error: PingshenError | None = None
        if posted is not None:
            try:
                made = settling.add(round, person, section.key, kind, form.raw, actor, clock.now())
            except Invalid as refusal:
                error, form.errors = refusal, refusal.fields
            else:
                flash(_("已添加“%(title)s”。", title=made.title), "success")
                return redirect(url_for(".person_view", person_id=person.id, round=round.id))
        page = self.view.render(
            "admin/material/material_new.html",
            person=person,
            round=round,
            form=form,
            label=row.label if row else section.label,
            error=error,
            errors=form.errors,
        )
        return page, error.status if error else 200

    @expose("/<id>")
    def entry_view(self, id: str) -> ResponseReturnValue:
        """An entry with its dispute, both versions side by side, and what can be done."""
        return _page(self.view, self.view.get_one(id))

    @expose("/<id>/settle", methods=("POST",))
    def settle_view(self, id: str) -> ResponseReturnValue:
        """Correct, keep or remove."""
        row = self.view.get_one(id)
        if request.form.get("outcome") not in {outcome.value for outcome in Settlement}:
            raise NotFound
        outcome = Settlement(request.form["outcome"])
        form = _form(row, request.form)
        words, version = request.form.get("words", ""), seen_version(request.form)
        return _done(
            self.view,
            row,
            form,
            lambda: settling.settle(row, outcome, words, form.raw, version, current_actor(), clock.now()),
            _("异议已处理，已通知本人。"),
            outcome.value,
        )

    @expose("/<id>/edit", methods=("POST",))
    def change_view(self, id: str) -> ResponseReturnValue:
        """Mend an entry."""
        row = self.view.get_one(id)
        form = _form(row, request.form)
        version = seen_version(request.form)
        return _done(
            self.view,
            row,
            form,
            lambda: settling.change(row, form.raw, version, current_actor(), clock.now()),
            _("已保存。内容有改动的，请本人重新核对。"),
            "edit",
        )

    @expose("/<id>/withdraw", methods=("POST",))
    def withdraw_view(self, id: str) -> ResponseReturnValue:
        """Take an entry out of the table."""
        row = self.view.get_one(id)
        words, version = request.form.get("words", ""), seen_version(request.form)
        return _done(
            self.view,
            row,
            _form(row),
            lambda: settling.withdraw(row, words, version, current_actor(), clock.now()),
            _("已撤下。误撤的可以恢复。"),
            "withdraw",
        )

    @expose("/<id>/put-back", methods=("POST",))
    def put_back_view(self, id: str) -> ResponseReturnValue:
        """Take a withdrawal back."""
        row = self.view.get_one(id)
        version = seen_version(request.form)
        return _done(
            self.view,
            row,
            _form(row),
            lambda: settling.put_back(row, version, current_actor(), clock.now()),
            _("已恢复，请本人核对。"),
            "put_back",
        )

    @expose("/<id>/evidence")
    def evidence_view(self, id: str) -> ResponseReturnValue:
        """The file that was given with a dispute."""
        row = self.view.get_one(id)
        if row.dispute is None or row.dispute.evidence is None:
            raise NotFound
        return serve_attachment(row.dispute.evidence)


def keeps(person: Person) -> bool:
    """Whether the actor is HR of the person's unit, and it isn't themselves."""
    actor = current_actor()
    own = {grant.unit_id for grant in actor.as_(Role.UNIT_HR)}
    return ref_id(person, "unit") in own and person.id != actor.person_id


def addable(round: ReviewRound) -> list[tuple[str, str, Any]]:
    """What can be added: (section, kind, label)."""
    return [
        (section.key, kind.key, kind.label)
        for section in table_sections(round.spec)
        for kind in kinds_of(section)
    ]


def _form(row: MaterialEntry, posted: Any = None) -> MaterialForm:
    """The entry's fields; of a dispute with what the applicant says put in, for HR to check."""
    section, _kind = section_of(row.round, row.section, row.kind)
    values = dict(row.values)
    if row.state == MaterialState.DISPUTED and row.dispute is not None:
        values |= dict(row.dispute.proposed)
    return MaterialForm(section, row.kind, entry_from(row.section, row.kind, values), posted)


def _done(
    view: ScopedView, row: MaterialEntry, form: MaterialForm, work: Any, message: str, what: str
) -> ResponseReturnValue:
    """Run `work`; a refusal shows the page again with what was typed."""
    try:
        work()
    except Invalid as error:
        form.errors = error.fields
        return _page(view, row, form, error, what)
    except StaleWrite:
        flash(_("这一条刚有变动，刚才的操作没有生效。请看过最新的内容再处理。"), "warning")
        return redirect(url_for(".entry_view", id=row.id))
    flash(message, "success")
    return redirect(url_for(".entry_view", id=row.id))


def _page(
    view: ScopedView,
    row: MaterialEntry,
    form: MaterialForm | None = None,
    error: PingshenError | None = None,
    what: str = "",
) -> ResponseReturnValue:
    actor = current_actor()
    case = (
        policy.visible(actor, Application, Role.UNIT_HR, Role.SUPERVISOR)
        .filter(person=ref_id(row, "person"), round=ref_id(row, "round"), is_live=True)
        .first()
    )
    proposed = dict(row.values) | dict(row.dispute.proposed) if row.dispute else {}
    html = view.render(
        "admin/material/material_entry.html",
        row=row,
        state=MaterialState(row.state),
        tone=TONES[row.state],
        kind=kind_words(row.round, row),
        facts=facts_of(row.round, row, row.values),
        compared=compared(row.round, row, row.values, proposed) if row.dispute else [],
        form=form or _form(row),
        error=error,
        errors=error.fields if isinstance(error, Invalid) else {},
        what=what,
        words=request.form.get("words", ""),
        version=request.form.get("version", "") if error else row.version,
        may_keep=keeps(row.person),
        case=case,
        case_state=State(case.state) if case else None,
        outcomes={outcome.value: outcome for outcome in Settlement},
        steps={step.value: step for step in MaterialStep},
        others=_open_disputes(actor, row),
    )
    return html, error.status if error else 200


def _open_disputes(actor: actors.Actor, row: MaterialEntry) -> int:
    """How many other disputes wait, to go on with."""
    found = policy.visible(actor, MaterialEntry, Role.UNIT_HR, Role.SUPERVISOR)
    return int(found.filter(state=MaterialState.DISPUTED.value, id__ne=row.id).count())
