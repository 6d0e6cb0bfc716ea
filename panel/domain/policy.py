"""Who may do and see what (DESIGN section 5).

`visible` is the only source of querysets and `one`/`get_many` the only resolvers of ids; what a
person may not see doesn't exist for them. Nobody acts on their own application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from mongoengine import Q

from models import (
    Application,
    AuditEvent,
    Certificate,
    Committee,
    Extension,
    Meeting,
    Objection,
    Opinion,
    OutboxRow,
    Person,
    Publicity,
    ReviewRound,
    Submission,
    Unit,
    User,
)
from models.choices import Action, PublicityKind, Role, RoundState, State
from models.values import ref_id
from panel.domain.errors import NotFound


@dataclass(frozen=True)
class ActorGrant:
    """One role and where it counts; empty committee of an office means all."""

    role: Role
    unit_id: ObjectId | None = None
    department: str = ""
    office: str = ""
    committee: str = ""


@dataclass(frozen=True)
class Actor:
    """Who acts: an account with its grants, the system, or nobody."""

    user_id: ObjectId | None = None
    person_id: ObjectId | None = None
    name: str = ""
    unit_id: ObjectId | None = None  # of the person
    department: str = ""  # of the person
    grants: tuple[ActorGrant, ...] = ()

    @property
    def roles(self) -> frozenset[Role]:
        """All roles held, whatever their scope."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def is_signed_in(self) -> bool:
        """Whether this is a person with an account."""
        return self.user_id is not None

    def holds(self, *roles: Role) -> bool:
        """Whether any of `roles` is held."""
        return bool(self.roles & set(roles))

    def as_(self, role: Role) -> list[ActorGrant]:
        """The grants of `role`."""
        return [grant for grant in self.grants if grant.role == role]


SYSTEM = Actor(name="系统", grants=(ActorGrant(Role.SYSTEM),))
ANONYMOUS = Actor()


def actor_of(user: User | None) -> Actor:
    """The actor behind an account; ANONYMOUS for None. A person with an account may always apply."""
    if user is None:
        return ANONYMOUS
    person = user.person
    grants = [
        ActorGrant(
            Role(grant.role),
            ref_id(grant, "unit"),
            grant.department or "",
            grant.office or "",
            grant.committee or "",
        )
        for grant in user.grants
    ]
    return Actor(
        user_id=user.id,
        person_id=person.id if person else None,
        name=user.name,
        unit_id=ref_id(person, "unit") if person else None,
        department=person.department if person else "",
        grants=tuple(grants),
    )


class Permission(StrEnum):
    """What isn't a step of the workflow."""

    EDIT_CONTENT = "edit_content"
    CHANGE_CHOICE = "change_choice"
    READ_CONTENT = "read_content"
    JUDGE = "judge"
    REVEAL = "reveal"
    WRITE_UNIT_OPINION = "write_unit_opinion"
    REGISTER_OBJECTION = "register_objection"
    FILE_FINDINGS = "file_findings"
    ASSIGN_EXPERTS = "assign_experts"
    WRITE_OPINION = "write_opinion"
    DECLARE_RECUSAL = "declare_recusal"
    READ_OPINIONS = "read_opinions"
    EXTEND = "extend"
    EDIT_ROSTER = "edit_roster"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_USERS = "manage_users"
    MANAGE_ROUNDS = "manage_rounds"
    MANAGE_COMMITTEES = "manage_committees"
    MANAGE_MEETING = "manage_meeting"
    OPEN_MEETING = "open_meeting"
    ATTEND_MEETING = "attend_meeting"
    READ_AUDIT = "read_audit"


#: States that the office sees: everything from being reported upwards.
OFFICE_STATES = tuple(
    state.value
    for state in (
        State.OFFICE_REVIEW,
        State.CORRECTION,
        State.INELIGIBLE,
        State.EXTERNAL_REVIEW,
        State.PANEL,
        State.BALLOT,
        State.PASSED,
        State.FAILED,
        State.RESULT_PUBLICITY,
        State.CONFIRMED,
        State.CERTIFIED,
        State.DISQUALIFIED,
        State.REVOKED,
    )
)
STAFF = (Role.UNIT_HR, Role.ENDORSER, Role.OFFICE, Role.SUPERVISOR)
Rule = Callable[[Actor, Any], Role | None]


# --- predicates over an application, joined below --------------------------------------------------


def is_own(actor: Actor, application: Application) -> bool:
    """Whether the application is the actor's own."""
    return actor.person_id is not None and ref_id(application, "person") == actor.person_id


def is_recused(actor: Actor, application: Application) -> bool:
    """Whether the actor is recused from the case (R17)."""
    return any(recusal.user == actor.user_id for recusal in application.recusals)


def _applicant(actor: Actor, thing: Application) -> Role | None:
    return Role.APPLICANT if is_own(actor, thing) else None


def _system(actor: Actor, thing: Any) -> Role | None:
    return Role.SYSTEM if actor.holds(Role.SYSTEM) else None


def _unit_hr(actor: Actor, thing: Any) -> Role | None:
    unit = ref_id(thing, "unit")
    return _grant(actor, Role.UNIT_HR, lambda grant: grant.unit_id == unit)


def _supervisor(actor: Actor, thing: Any) -> Role | None:
    unit = ref_id(thing, "unit")
    return _grant(actor, Role.SUPERVISOR, lambda grant: grant.unit_id == unit)


def _endorser(actor: Actor, thing: Application) -> Role | None:
    unit = ref_id(thing, "unit")
    return _grant(
        actor,
        Role.ENDORSER,
        lambda grant: grant.unit_id == unit and grant.department in ("", thing.department),
    )


def _office(actor: Actor, thing: Any) -> Role | None:
    return _grant(actor, Role.OFFICE, lambda grant: grant.committee in ("", _committee(thing)))


def _office_of_case(actor: Actor, thing: Application) -> Role | None:
    return _office(actor, thing) if _reached_office(thing) else None


def _chair(actor: Actor, thing: Any) -> Role | None:
    return _grant(actor, Role.CHAIR, lambda grant: grant.committee == _committee(thing))


def _member(actor: Actor, thing: Any) -> Role | None:
    committee = _committee(thing)
    expert = _grant(actor, Role.EXPERT, lambda grant: grant.committee == committee)
    return expert or _chair(actor, thing)


def _judge(actor: Actor, thing: Application) -> Role | None:
    """An expert who may open the case: assigned or tabled, neither their own nor recused."""
    assigned = actor.user_id in thing.experts and thing.state == State.PANEL
    if not assigned and thing.state != State.BALLOT:
        return None
    return _member(actor, thing)


def _assigned(actor: Actor, thing: Application) -> Role | None:
    return _member(actor, thing) if actor.user_id in thing.experts and thing.state == State.PANEL else None


def _grant(actor: Actor, role: Role, fits: Callable[[ActorGrant], bool]) -> Role | None:
    return role if any(fits(grant) for grant in actor.as_(role)) else None


def _committee(thing: Any) -> str:
    value = thing.committee
    return str(getattr(value, "code", value))


def _reached_office(thing: Application) -> bool:
    return (
        thing.state in OFFICE_STATES
        or (thing.state == State.ON_HOLD and thing.held_from == State.RESULT_PUBLICITY)
        or (thing.state == State.LAPSED and thing.lapsed_from == State.CORRECTION)
    )


def _has_submitted(thing: Application) -> bool:
    return thing.receipt is not None and thing.state != State.DRAFT


def any_of(*rules: Rule) -> Rule:
    """The first role that any of `rules` grants."""
    return lambda actor, thing: next((role for rule in rules if (role := rule(actor, thing))), None)


def not_own(rule: Rule) -> Rule:
    """`rule`, never for one's own application, nor where the actor is recused."""

    def check(actor: Actor, thing: Any) -> Role | None:
        if isinstance(thing, Application) and (is_own(actor, thing) or is_recused(actor, thing)):
            return None
        return rule(actor, thing)

    return check


def submitted(rule: Rule) -> Rule:
    """`rule`, for contents that were submitted (G30)."""
    return lambda actor, thing: rule(actor, thing) if _has_submitted(thing) else None


def holding(*roles: Role) -> Rule:
    """Whoever holds one of `roles`, anywhere."""
    return lambda actor, thing: next((role for role in roles if actor.holds(role)), None)


_hr_not_own = not_own(_unit_hr)
_office_not_own = not_own(_office_of_case)
_either = not_own(any_of(_unit_hr, _office_of_case))

RULES: dict[Action | Permission, Rule] = {
    Action.SUBMIT: any_of(_applicant, _hr_not_own),
    Action.RECALL: _applicant,
    Action.RESUBMIT: _applicant,
    Action.WITHDRAW: _applicant,
    Action.ENDORSE: not_own(_endorser),
    Action.RETURN: _hr_not_own,
    Action.REJECT: _hr_not_own,
    Action.PUBLICISE: _hr_not_own,
    Action.RECOMMEND: _hr_not_own,
    Action.OBJECT: not_own(any_of(_unit_hr, _office_of_case, _supervisor)),
    Action.DISMISS: _either,
    Action.STRIKE: _either,
    Action.UPHOLD: _either,
    Action.CORRECT: _office_not_own,
    Action.LAPSE: _system,
    Action.REINSTATE: _either,
    Action.REFUSE: _office_not_own,
    Action.RECOGNISE: _office_not_own,
    Action.SEND_OUT: _office_not_own,
    Action.ACCEPT: _office_not_own,
    Action.CLOSE_EXTERNAL: _office_not_own,
    Action.TABLE: _office_not_own,
    # a chair whose own case is among those tabled is replaced by the vice-chair (not_own)
    Action.CLOSE: not_own(_chair),
    Action.PUBLICISE_RESULT: _office_not_own,
    Action.CONFIRM: _office_not_own,
    Action.ISSUE: _office_not_own,
    Action.REVOKE: _office_not_own,
    Action.REOPEN: _office_not_own,
    Permission.EDIT_CONTENT: _applicant,
    Permission.CHANGE_CHOICE: any_of(_applicant, submitted(_hr_not_own)),
    Permission.READ_CONTENT: any_of(
        _applicant,
        submitted(not_own(any_of(_unit_hr, _office_of_case, _endorser, _judge, _supervisor))),
    ),
    Permission.JUDGE: submitted(_hr_not_own),
    Permission.REVEAL: any_of(_applicant, submitted(_either)),
    Permission.WRITE_UNIT_OPINION: _hr_not_own,
    Permission.REGISTER_OBJECTION: not_own(any_of(_unit_hr, _office_of_case, _supervisor)),
    Permission.FILE_FINDINGS: not_own(any_of(_unit_hr, _office_of_case, _supervisor)),
    Permission.ASSIGN_EXPERTS: _office_not_own,
    Permission.WRITE_OPINION: not_own(_assigned),
    Permission.DECLARE_RECUSAL: not_own(_judge),
    Permission.READ_OPINIONS: not_own(any_of(_office_of_case, _supervisor)),
    Permission.EXTEND: holding(Role.UNIT_HR, Role.OFFICE),
    Permission.EDIT_ROSTER: holding(Role.UNIT_HR),
    Permission.MANAGE_ACCOUNTS: holding(Role.UNIT_HR, Role.ADMIN),
    Permission.MANAGE_USERS: holding(Role.ADMIN),
    Permission.MANAGE_ROUNDS: holding(Role.UNIT_HR, Role.OFFICE),
    Permission.MANAGE_COMMITTEES: _office,
    Permission.MANAGE_MEETING: _office,
    Permission.OPEN_MEETING: _chair,
    Permission.ATTEND_MEETING: _member,
    Permission.READ_AUDIT: holding(Role.SUPERVISOR, Role.ADMIN, Role.UNIT_HR),
}


def allowed_role(actor: Actor, what: Action | Permission, thing: Any = None) -> Role | None:
    """The role by which `actor` may do `what` to `thing`, or None."""
    return RULES[what](actor, thing)


def may(actor: Actor, what: Action | Permission, thing: Any = None) -> bool:
    """Whether `actor` may do `what` to `thing`, as far as persons go; guards are the workflow's."""
    return allowed_role(actor, what, thing) is not None


# --- what a person sees ----------------------------------------------------------------------------

_NOTHING = Q(id__in=[])


def _units(actor: Actor, role: Role) -> list[ObjectId]:
    return [grant.unit_id for grant in actor.as_(role) if grant.unit_id is not None]


def _applications(actor: Actor, role: Role) -> Q:
    if role == Role.SYSTEM:
        return Q()
    if role == Role.APPLICANT:
        return Q(person=actor.person_id) if actor.person_id else _NOTHING
    if role == Role.UNIT_HR:
        return Q(unit__in=_units(actor, role))
    if role == Role.SUPERVISOR:
        return Q(unit__in=_units(actor, role)) & Q(receipt__exists=True, state__ne=State.DRAFT.value)
    if role == Role.ENDORSER:
        return _endorser_query(actor)
    if role == Role.OFFICE:
        return _office_query(actor)
    if role in (Role.EXPERT, Role.CHAIR):
        return _expert_query(actor, role)
    return _NOTHING


def _endorser_query(actor: Actor) -> Q:
    query = _NOTHING
    for grant in actor.as_(Role.ENDORSER):
        part = Q(unit=grant.unit_id, receipt__exists=True, state__ne=State.DRAFT.value)
        query |= part & Q(department=grant.department) if grant.department else part
    return query


def _office_query(actor: Actor) -> Q:
    reached = (
        Q(state__in=OFFICE_STATES)
        | Q(state=State.ON_HOLD.value, held_from=State.RESULT_PUBLICITY.value)
        | Q(state=State.LAPSED.value, lapsed_from=State.CORRECTION.value)
    )
    committees = [grant.committee for grant in actor.as_(Role.OFFICE)]
    if not committees:
        return _NOTHING
    return reached if "" in committees else reached & Q(committee__in=committees)


def _expert_query(actor: Actor, role: Role) -> Q:
    committees = [grant.committee for grant in actor.as_(role) if grant.committee]
    open_case = Q(state=State.PANEL.value, experts=actor.user_id) | Q(state=State.BALLOT.value)
    return (
        Q(committee__in=committees)
        & open_case
        & Q(recusals__user__ne=actor.user_id)
        & Q(person__ne=actor.person_id)
    )


def _by_application(actor: Actor, role: Role) -> Q:
    return Q(application__in=list(Application.objects(_applications(actor, role)).scalar("id")))


def _people(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role))
    if role == Role.APPLICANT and actor.person_id:
        return Q(id=actor.person_id)
    return _NOTHING


def _users(actor: Actor, role: Role) -> Q:
    if role == Role.ADMIN:
        return Q()
    if role == Role.UNIT_HR:
        return Q(person__in=list(Person.objects(unit__in=_units(actor, role)).scalar("id")))
    if role == Role.OFFICE:
        return Q(grants__role__in=[Role.EXPERT.value, Role.CHAIR.value])
    return _NOTHING


def _rounds(actor: Actor, role: Role) -> Q:
    if role == Role.APPLICANT:
        return Q(state=RoundState.OPEN.value) if actor.is_signed_in else _NOTHING
    return Q() if role in (*STAFF, Role.ADMIN, Role.SYSTEM) else _NOTHING


def _committees(actor: Actor, role: Role) -> Q:
    codes = [grant.committee for grant in actor.as_(role)]
    if role == Role.OFFICE and codes:
        return Q() if "" in codes else Q(code__in=codes)
    if role in (Role.EXPERT, Role.CHAIR, Role.TELLER):
        return Q(code__in=[code for code in codes if code])
    return Q() if role == Role.SUPERVISOR else _NOTHING


def _meetings(actor: Actor, role: Role) -> Q:
    return Q(committee__in=list(Committee.objects(_committees(actor, role)).scalar("id")))


def _opinions(actor: Actor, role: Role) -> Q:
    if role == Role.EXPERT:
        return Q(expert=actor.user_id) & _by_application(actor, role)
    if role in (Role.OFFICE, Role.SUPERVISOR):
        return _by_application(actor, role)
    return _NOTHING


def _publicities(actor: Actor, role: Role) -> Q:
    public = Q(kind=PublicityKind.RESULT.value)
    if role == Role.PUBLIC:
        return public
    if role == Role.APPLICANT:
        return public | Q(unit=actor.unit_id) if actor.unit_id else public
    if role in (Role.UNIT_HR, Role.SUPERVISOR, Role.ENDORSER):
        return public | Q(unit__in=_units(actor, role))
    return public


def _objections(actor: Actor, role: Role) -> Q:
    return _by_application(actor, role) if role in (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR) else _NOTHING


def _cases_of_staff(actor: Actor, role: Role) -> Q:
    if role in (Role.APPLICANT, Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR):
        return _by_application(actor, role)
    return _NOTHING


def _audit(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role))
    if role == Role.ADMIN:
        return Q(thing__in=["users", "settings"])
    return _NOTHING


def _inbox(actor: Actor, role: Role) -> Q:
    return Q(person=actor.person_id) if role == Role.APPLICANT and actor.person_id else _NOTHING


def _units_seen(actor: Actor, role: Role) -> Q:
    return Q() if actor.is_signed_in else _NOTHING


def _extensions(actor: Actor, role: Role) -> Q:
    return Q() if role in (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR) else _NOTHING


VISIBLE: dict[type, Callable[[Actor, Role], Q]] = {
    Application: _applications,
    AuditEvent: _audit,
    Certificate: _cases_of_staff,
    Committee: _committees,
    Extension: _extensions,
    Meeting: _meetings,
    Objection: _objections,
    Opinion: _opinions,
    OutboxRow: _inbox,
    Person: _people,
    Publicity: _publicities,
    ReviewRound: _rounds,
    Submission: _cases_of_staff,
    Unit: _units_seen,
    User: _users,
}


def visible(actor: Actor, model: type, *as_roles: Role) -> Any:
    """The queryset of what `actor` may see of `model`; `as_roles` narrows it to those roles' view.

    A signed-in person counts as applicant and public besides the roles granted. Models that are not
    listed, ballots above all, show nothing to anybody.
    """
    implied = {Role.PUBLIC} | ({Role.APPLICANT} if actor.is_signed_in else set())
    held = actor.roles | implied
    roles = held & set(as_roles) if as_roles else held
    rule = VISIBLE.get(model)
    if rule is None or not roles:
        return model.objects(_NOTHING)  # type: ignore[attr-defined]
    query = Q(id__in=[])
    parts = [rule(actor, role) for role in sorted(roles)]
    if any(part.empty for part in parts):
        return model.objects()  # type: ignore[attr-defined]
    for part in parts:
        query |= part
    return model.objects(query)  # type: ignore[attr-defined]


def one(actor: Actor, model: type, id: Any, *as_roles: Role) -> Any:
    """The one document with `id` that `actor` may see; raises NotFound, also for a malformed id."""
    found = get_many(actor, model, [id], *as_roles)
    if not found:
        raise NotFound
    return found[0]


def get_many(actor: Actor, model: type, ids: Iterable[Any], *as_roles: Role) -> list[Any]:
    """Those of `ids` that `actor` may see, in the order asked for; the only resolver of lists of ids."""
    wanted = [key for key in (_object_id(id) for id in ids) if key is not None]
    found = {document.id: document for document in visible(actor, model, *as_roles).filter(id__in=wanted)}
    return [found[key] for key in dict.fromkeys(wanted) if key in found]


def _object_id(value: Any) -> ObjectId | None:
    try:
        return ObjectId(value)
    except (InvalidId, TypeError):
        return None
