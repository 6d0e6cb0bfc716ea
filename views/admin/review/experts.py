"""The office's side of the panel stage (R13, R17): who judges which case, what they wrote, who is recused."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from bson import ObjectId
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField

from models.application import Application
from models.choices import Role, State
from models.meeting import Committee, Opinion
from models.messages import M, PingshenError
from models.values import ref_id
from panel import clock
from panel.domain.access import policy, who_sees
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.errors import NotFound, Refused
from panel.domain.review import opinions
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.secure_actions import MAX_ROWS_NAMED
from views.kit.secure_forms import NEEDED, PanelForm, show_errors
from views.shared.round_words import RoundWords


class RecuseForm(PanelForm):
    """The office takes an expert off a case."""

    expert = SelectField(_l("专家"), NEEDED, validate_choice=False)
    reason = TextAreaField(
        _l("回避理由"), NEEDED, render_kw={"rows": 3, "maxlength": opinions.LONGEST_RECUSAL_REASON}
    )


class ExpertPage(SecurePage):
    """Cases before the panel with their experts."""

    roles = (Role.OFFICE, Role.SUPERVISOR)
    icon = "messages"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """All cases before the panel; those without experts on top."""
        actor = current_actor()
        cases = sorted(_cases(actor), key=lambda case: (bool(case.experts), case.committee, case.name))
        written = _written([case.id for case in cases])
        shown: str = self.render(
            "admin/review/experts.html",
            cases=cases,
            committees={row.code: row for row in policy.visible(actor, Committee, *self.roles)},
            may_assign=policy.is_for(actor, Permission.ASSIGN_EXPERTS),
            written=written,
            names=_names(actor),
            words=lambda case: RoundWords(case.spec),
            needed=lambda case: case.spec.voting.minimum_opinions,
        )
        return shown

    @expose("/choose", methods=("POST",))
    def choose(self) -> ResponseReturnValue:
        """Choose the experts of the cases ticked."""
        if not policy.is_for(current_actor(), Permission.ASSIGN_EXPERTS):
            raise NotFound
        cases = _chosen()
        if not cases:
            flash(_("请先勾选要分派专家的申报。"), "warning")
            return redirect(url_for(".index"))
        return self._choose(cases, [])

    @expose("/assign", methods=("POST",))
    def assign(self) -> ResponseReturnValue:
        """Show what assigning would do, then do it."""
        cases, actor, now = _chosen(), current_actor(), clock.now()
        experts = [ObjectId(key) for key in request.form.getlist("expert") if ObjectId.is_valid(key)]
        if not cases:
            raise NotFound
        if not experts or request.form.get("step") == "back":
            if not experts:
                flash(_("请勾选专家。"), "warning")
            return self._choose(cases, experts)
        if request.form.get("step") != "run":
            plan = opinions.plan_assignment(cases, experts, actor, now)
            shown: str = self.render(
                "admin/review/experts_confirm.html",
                plan=plan,
                experts=experts,
                words=lambda c: RoundWords(c.spec),
            )
            return shown
        result = opinions.assign_experts(cases, experts, actor, now)
        done = sum(1 for row in result if row.refusal is None)
        if done:
            flash(_("已为 %(n)s 份申报分派专家。", n=done), "success")
        if done < len(result):
            flash(_("%(n)s 份没有分派，原因见上一步。", n=len(result) - done), "warning")
        return redirect(url_for(".index"))

    def _choose(self, cases: list[Application], experts: list[ObjectId]) -> ResponseReturnValue:
        actor = current_actor()
        codes = {case.committee for case in cases}
        if len(codes) > 1:
            raise Refused(M("所选申报属于不同的评委会，请分别分派。"))
        committee = policy.visible(actor, Committee, Role.OFFICE).filter(code=codes.pop()).first()
        if committee is None:
            raise NotFound
        load = _load(actor)
        shown: str = self.render(
            "admin/review/experts_choose.html",
            cases=cases,
            committee=committee,
            load=load,
            chosen=set(experts),
            least=max(case.spec.voting.minimum_opinions for case in cases),
            words=lambda case: RoundWords(case.spec),
        )
        return shown

    @expose("/<id>")
    def show(self, id: str) -> ResponseReturnValue:
        """One case: its experts, their opinions, the recused."""
        return self._page(_case(id, *self.roles))

    @expose("/<id>/recuse", methods=("POST",))
    def recuse(self, id: str) -> ResponseReturnValue:
        """Take an expert off the case."""
        application, form = _case(id), RecuseForm()
        expert = ObjectId(form.expert.data) if ObjectId.is_valid(form.expert.data or "") else ObjectId()
        try:
            opinions.recuse(application, expert, form.reason.data or "", current_actor(), clock.now())
        except PingshenError as error:
            if error.status == 404:
                raise
            return self._page(_case(id), show_errors(form, error), form)
        flash(_("已回避，这位专家不再接触这份申报。"), "success")
        return redirect(url_for(".show", id=id))

    def _page(
        self, application: Application, status: int = 200, form: RecuseForm | None = None
    ) -> ResponseReturnValue:
        actor = current_actor()
        if not policy.may(actor, Permission.READ_OPINIONS, application):
            raise NotFound
        form = form or RecuseForm(formdata=None)
        names = _names(actor)
        recused = {recusal.user for recusal in application.recusals}
        committee = Committee.objects(code=application.committee).first()
        members = (
            [member for member in committee.members if member.user.id not in recused] if committee else []
        )
        form.expert.choices = [("", _("请选择")), *((str(m.user.id), m.name) for m in members)]
        found = policy.visible(actor, Opinion, *self.roles, about=who_sees.About([application.id]))
        shown: str = self.render(
            "admin/review/expert_case.html",
            application=application,
            state=State(application.state),
            words=RoundWords(application.spec),
            opinions={ref_id(row, "expert"): row for row in found},
            names=names,
            form=form,
            may_recuse=opinions.may_recuse(application, actor),
            needed=application.spec.voting.minimum_opinions,
        )
        return shown, status


def _cases(actor: Actor) -> list[Application]:
    """Not one's own: whoever works in the office must not see who judges them (R16)."""
    found = policy.visible(actor, Application, *ExpertPage.roles).filter(state=State.PANEL.value)
    if actor.person_id:
        found = found.filter(person__ne=actor.person_id)
    # rounds and people in one query each, not in one per case
    return list(found.limit(MAX_ROWS_NAMED).select_related())


def _case(id: str, *roles: Role) -> Application:
    """The case as those `roles` see it; as the office when none are given."""
    found: Application = policy.one(current_actor(), Application, id, *(roles or (Role.OFFICE,)))
    return found


def _chosen() -> list[Application]:
    """The cases ticked, all of which the office must see."""
    ids = request.form.getlist("rowid")
    if len(ids) > MAX_ROWS_NAMED:
        raise NotFound
    found = policy.get_many(current_actor(), Application, ids, Role.OFFICE)
    if len(found) != len(set(ids)):
        raise NotFound
    return found


def _written(ids: list[Any]) -> dict[Any, set[Any]]:
    """Application -> the experts whose opinion is final."""
    found: dict[Any, set[Any]] = defaultdict(set)
    for opinion in Opinion.objects(application__in=ids, is_final=True).only("application", "expert"):
        found[ref_id(opinion, "application")].add(ref_id(opinion, "expert"))
    return found


def _names(actor: Actor) -> dict[Any, str]:
    """Account -> name, of all members of the office's committees."""
    committees = policy.visible(actor, Committee, *ExpertPage.roles)
    return {ref_id(member, "user"): member.name for row in committees for member in row.members}


def _load(actor: Actor) -> dict[Any, int]:
    """Account -> how many cases before the panel it has."""
    load: dict[Any, int] = defaultdict(int)
    for case in (
        policy.visible(actor, Application, Role.OFFICE).filter(state=State.PANEL.value).only("experts")
    ):
        for expert in case.experts:
            load[expert] += 1
    return load
