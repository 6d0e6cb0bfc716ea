"""Starting an application and changing what it is for: only what fits is offered (G04-G08)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.application import Application
from models.choices import Kind, Role, State
from models.messages import Message
from models.person import Person
from models.person import Person as Staff
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.unit import Unit
from panel import clock
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.content import choosing, moving, start
from panel.domain.content.start import Selection
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.rounds import offers
from views.admin.cases.selection import target_of
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.i18n import tr
from views.kit.secure_list import search_by_keys
from views.my.base import address
from views.my.case import load
from views.my.pages import PageGroup

#: Units offered to a search.
MOST_UNITS = 20
#: The longest search that is looked for.
LONGEST_SEARCH = 60


@dataclass
class ChoiceForm:
    """What can be applied for, what is chosen, and what is wrong with it."""

    spec: RoundSpec
    round_id: str
    person: Staff
    chosen: Mapping[str, str]
    unit: Unit
    recommending_unit: Unit
    errors: Mapping[str, Message] = field(default_factory=dict)

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that fit the present title."""
        return offers.kinds_for(self.spec, self.person)

    @property
    def levels(self) -> list[tuple[Any, str]]:
        """The levels that some choice allows, each with the choices that allow it: "promotion:0 first:1"."""
        fitting: dict[str, list[str]] = {}
        for kind in self.kinds:
            for flag in (False, True):
                for level in offers.levels_for(self.spec, self.person, kind, flag):
                    fitting.setdefault(level.key, []).append(f"{kind.value}:{int(flag)}")
        return [(level, " ".join(fitting[level.key])) for level in self.spec.levels if level.key in fitting]

    @property
    def allows_exceptional(self) -> bool:
        """Whether 破格 opens anything."""
        return any(offers.levels_for(self.spec, self.person, kind, True) for kind in self.kinds)

    @property
    def has_several_units(self) -> bool:
        """Whether the round lets people name another unit than the roster's (G04)."""
        return bool(self.spec.other_units)

    @property
    def committees(self) -> list[Any]:
        """The committees that serve the person's unit, department and series."""
        return offers.committees_for(self.spec, self.person)

    @property
    def specialities(self) -> list[tuple[Any, str]]:
        """The specialities with the committees that judge each."""
        judged: dict[str, list[str]] = {}
        for committee in self.committees:
            for option in offers.specialities_for(self.spec, committee.key):
                judged.setdefault(option.value, []).append(committee.key)
        return [(o, " ".join(judged[o.value])) for o in self.spec.specialities if o.value in judged]

    @property
    def agreed_speciality(self) -> Any:
        """The speciality of HR's material table (G08), or None."""
        return next((o for o in self.spec.specialities if o.value == self.person.speciality), None)


def choice_form(
    round: ReviewRound,
    person: Staff,
    chosen: Mapping[str, str],
    unit: Unit,
    recommending_unit: Unit,
    errors: Mapping[str, Message] | None = None,
) -> ChoiceForm:
    """The form; what leaves no choice is chosen already."""
    spec: RoundSpec = round.spec
    form = ChoiceForm(spec, str(round.id), person, chosen, unit, recommending_unit, errors or {})
    if chosen:
        return form
    only = {
        "kind": form.kinds[0].value if form.kinds else "",
        "committee": form.committees[0].key if len(form.committees) == 1 else "",
        "speciality": person.speciality or "",
    }
    plain = offers.levels_for(spec, person, only["kind"]) if only["kind"] else []
    form.chosen = only | {"level": plain[0].key if len(plain) == 1 else ""}
    return form


def selection(actor: Actor, posted: Mapping[str, str]) -> Selection:
    """What was chosen; raises NotFound for a unit that isn't there."""
    return Selection(
        kind=posted.get("kind", ""),
        level=posted.get("level", ""),
        committee=posted.get("committee", ""),
        speciality=posted.get("speciality", ""),
        exceptional="exceptional" in posted,
        unit=_unit(actor, posted.get("unit", "")),
        recommending_unit=_unit(actor, posted.get("recommending_unit", "")),
    )


def _unit(actor: Actor, id: str) -> Unit | None:
    return policy.one(actor, Unit, id, Role.APPLICANT) if id else None


def own_person(actor: Actor) -> Staff:
    """The person of the roster behind the account; raises NotFound."""
    found: Staff = policy.one(actor, Person, actor.person_id, Role.APPLICANT)
    return found


class ApplyPage(SecurePage):
    """`/my/apply/<round>`: from the open round to the draft, on one page."""

    roles = (Role.APPLICANT,)
    in_menu = False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The rounds are on the first page."""
        return redirect("/my/")

    @expose("/<round_id>", methods=("GET", "POST"))
    def apply(self, round_id: str) -> ResponseReturnValue:
        """Units, kind, level, committee, speciality and the pledge; then the draft."""
        actor, now = current_actor(), clock.now()
        person = own_person(actor)
        round = next((r for r in offers.open_rounds(person, now) if str(r.id) == round_id), None)
        if round is None:
            raise NotFound
        running = running_application(actor, round.spec.year)
        if running is not None:
            flash(_("您今年已有一份申报，已为您打开。"), "info")
            return redirect(address("overview", running))
        if request.method == "GET":
            return self._show(round, person, actor, {}, {}), 200
        try:
            picked = selection(actor, request.form)
            created = start.create(person, round, picked, "pledge" in request.form, actor, now)
        except Invalid as error:
            return self._show(round, person, actor, request.form, error.fields), error.status
        flash(_("已建立申报。以下各部分可以按任意顺序填写，内容会自动保存。"), "success")
        return redirect(address("overview", created))

    def _show(
        self,
        round: ReviewRound,
        person: Staff,
        actor: Actor,
        posted: Mapping[str, str],
        errors: Mapping[str, Message],
    ) -> str:
        kept = {name: posted.get(name, "") for name in ("unit", "recommending_unit") if name not in errors}
        unit = _unit(actor, kept.get("unit", "")) or person.unit
        recommending = _unit(actor, kept.get("recommending_unit", "")) or person.recommending_unit or unit
        form = choice_form(round, person, posted, unit, recommending, errors)
        window = offers.window(round, person, clock.now())
        return self.render("my/start/apply.html", round=round, form=form, window=window)

    @expose("/units")
    def units(self) -> ResponseReturnValue:
        """Units that the round offers whose name, pinyin or credit code begins with `q` (G04).

        At most MOST_UNITS; the roster's own are among them.
        """
        actor, typed = current_actor(), request.args.get("q", "")[:LONGEST_SEARCH].strip()
        round = policy.one(actor, ReviewRound, request.args.get("round", ""), Role.APPLICANT)
        person = own_person(actor)
        own = [unit.code for unit in (person.unit, person.recommending_unit) if unit]
        found = policy.visible(actor, Unit, Role.APPLICANT).filter(code__in=[*own, *round.spec.other_units])
        rows = search_by_keys(found, typed, "search").order_by("name").limit(MOST_UNITS) if typed else []
        return jsonify([{"id": str(u.id), "name": u.name, "credit_code": u.credit_code or ""} for u in rows])


def running_application(actor: Actor, year: int) -> Application | None:
    """The person's live application of `year`; there is at most one."""
    found: Application | None = (
        policy.visible(actor, Application, Role.APPLICANT).filter(is_live=True, year=year).first()
    )
    return found


class ChoicePages(PageGroup):
    """`/my/application/<id>/choice`: a wrong choice changed; all content is kept (G07)."""

    @expose("/<application_id>/choice", methods=("GET", "POST"))
    def choice(self, application_id: str) -> ResponseReturnValue:
        """What is applied for."""
        case = load(application_id)
        application = case.application
        chosen: dict[str, str] = {
            name: getattr(application, name) for name in ("kind", "level", "committee", "speciality")
        } | ({"exceptional": "1"} if application.exceptional else {})
        errors: Mapping[str, Message] = {}
        status = 200
        is_open = case.state == State.DRAFT
        others = moving.targets(application, True, case.now) if is_open else []
        target = target_of(others, request.values.get("round", ""))
        if target is not None:
            chosen = {}
        if request.method == "POST":
            chosen = request.form.to_dict()
            try:
                picked = replace(selection(case.actor, chosen), round=target)
                choosing.change_selection(application, picked, case.actor, case.now)
            except Invalid as error:
                errors, status = error.fields, error.status
            except Refused as refusal:
                flash(tr(refusal.message), "danger")
                status = refusal.status
            except StaleWrite:
                flash(_("另一窗口刚改过这份申报，请核对后再保存一次。"), "warning")
                case, status = case.refresh(), 409
            else:
                flash(_("申报信息已更改，已填的内容都保留。"), "success")
                return redirect(case.url)
        form = choice_form(
            target or application.round,
            application.person,
            chosen,
            application.unit,
            application.recommending_unit,
            errors,
        )
        html = self.render(
            "my/start/choice.html",
            case=case,
            page="choice",
            form=form,
            is_open=is_open,
            others=[round for round in others if round != target],
            target=target,
            left=moving.left_behind(application, target.spec) if target else None,
            why_not=moving.why_not(application) if target else None,
        )
        return html, status
