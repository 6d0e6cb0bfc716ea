"""Who may do what (DESIGN section 5): one table of rules. Nobody acts on their own application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.application import Application
from models.choices import Action, Role, State
from models.states import REACHED_OFFICE
from models.values import ref_id
from panel.domain.actors import Actor, ActorGrant


class Permission(StrEnum):
    """What isn't a step of the workflow."""

    EDIT_CONTENT = "edit_content"
    CHANGE_CHOICE = "change_choice"
    READ_CONTENT = "read_content"
    JUDGE = "judge"
    COMMENT = "comment"
    MEND = "mend"
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
    IMPORT = "import"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_USERS = "manage_users"
    MANAGE_ROUNDS = "manage_rounds"
    MANAGE_COMMITTEES = "manage_committees"
    MANAGE_MEETING = "manage_meeting"
    OPEN_MEETING = "open_meeting"
    ATTEND_MEETING = "attend_meeting"
    READ_AUDIT = "read_audit"
    REMIND = "remind"


#: Who sits on a committee; their names are not published (R16).
COMMITTEE_ROLES = (Role.EXPERT, Role.CHAIR, Role.TELLER)
#: Who gives opinions on cases and votes on them.
JUDGES = (Role.EXPERT, Role.CHAIR)
#: Who works on cases in the panel; a person's own application as applicant isn't theirs to see there.
STAFF = (Role.UNIT_HR, Role.OFFICE, Role.ENDORSER, Role.SUPERVISOR)
#: Who reads whole cases and lists: HR and the office, which conduct them, and who supervises both.
CASE_READERS = (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR)
Check = Callable[[Actor, Any], Role | None]


@dataclass(frozen=True)
class Rule:
    """Says by which role an actor may do something to a thing; `roles` are all that it ever says."""

    roles: frozenset[Role]
    check: Check

    def __call__(self, actor: Actor, thing: Any) -> Role | None:
        return self.check(actor, thing)


def grants(*roles: Role) -> Callable[[Check], Rule]:
    """Make a rule of a check that answers with one of `roles`."""
    return lambda check: Rule(frozenset(roles), check)


# --- predicates over an application, joined below --------------------------------------------------


def is_own(actor: Actor, application: Application) -> bool:
    """Whether the application is the actor's own."""
    return actor.person_id is not None and ref_id(application, "person") == actor.person_id


def is_recused(actor: Actor, application: Application) -> bool:
    """Whether the actor is recused from the case (R17)."""
    return any(recusal.user == actor.user_id for recusal in application.recusals)


@grants(Role.APPLICANT)
def _applicant(actor: Actor, thing: Application) -> Role | None:
    return Role.APPLICANT if is_own(actor, thing) else None


@grants(Role.SYSTEM)
def _system(actor: Actor, thing: Any) -> Role | None:
    return Role.SYSTEM if actor.holds(Role.SYSTEM) else None


@grants(Role.UNIT_HR)
def _unit_hr(actor: Actor, thing: Any) -> Role | None:
    unit = ref_id(thing, "unit")
    return _grant(actor, Role.UNIT_HR, lambda grant: grant.unit_id == unit)


@grants(Role.SUPERVISOR)
def _supervisor(actor: Actor, thing: Any) -> Role | None:
    unit = ref_id(thing, "unit")
    return _grant(actor, Role.SUPERVISOR, lambda grant: grant.unit_id == unit)


@grants(Role.ENDORSER)
def _endorser(actor: Actor, thing: Application) -> Role | None:
    unit = ref_id(thing, "unit")
    return _grant(
        actor,
        Role.ENDORSER,
        lambda grant: grant.unit_id == unit and grant.department in ("", thing.department),
    )


@grants(Role.OFFICE)
def _office(actor: Actor, thing: Any) -> Role | None:
    return _grant(actor, Role.OFFICE, lambda grant: grant.committee in ("", _committee(thing)))


@grants(Role.OFFICE)
def _office_of_case(actor: Actor, thing: Application) -> Role | None:
    return _office(actor, thing) if _reached_office(thing) else None


@grants(Role.CHAIR)
def _chair(actor: Actor, thing: Any) -> Role | None:
    return _grant(actor, Role.CHAIR, lambda grant: grant.committee == _committee(thing))


@grants(*JUDGES)
def _member(actor: Actor, thing: Any) -> Role | None:
    committee = _committee(thing)
    expert = _grant(actor, Role.EXPERT, lambda grant: grant.committee == committee)
    return expert or _chair(actor, thing)


@grants(*JUDGES)
def _judge(actor: Actor, thing: Application) -> Role | None:
    """An expert who may open the case: assigned or tabled, neither their own nor recused."""
    assigned = actor.user_id in thing.experts and thing.state == State.PANEL
    if not assigned and thing.state != State.BALLOT:
        return None
    return _member(actor, thing)


@grants(*JUDGES)
def _assigned(actor: Actor, thing: Application) -> Role | None:
    return _member(actor, thing) if actor.user_id in thing.experts and thing.state == State.PANEL else None


def _grant(actor: Actor, role: Role, fits: Callable[[ActorGrant], bool]) -> Role | None:
    return role if any(fits(grant) for grant in actor.as_(role)) else None


def _committee(thing: Any) -> str:
    value = thing.committee
    return str(getattr(value, "code", value))


def _reached_office(thing: Application) -> bool:
    return (
        thing.state in REACHED_OFFICE
        or (thing.state == State.ON_HOLD and thing.held_from == State.RESULT_PUBLICITY)
        or (thing.state == State.LAPSED and thing.lapsed_from == State.CORRECTION)
    )


def _has_submitted(thing: Application) -> bool:
    return thing.receipt is not None and thing.state != State.DRAFT


def any_of(*rules: Rule) -> Rule:
    """The first role that any of `rules` grants."""
    found = frozenset(role for rule in rules for role in rule.roles)
    return Rule(
        found, lambda actor, thing: next((role for rule in rules if (role := rule(actor, thing))), None)
    )


def not_own(rule: Rule) -> Rule:
    """`rule`, never for one's own application, nor where the actor is recused."""

    @grants(*rule.roles)
    def check(actor: Actor, thing: Any) -> Role | None:
        if isinstance(thing, Application) and (is_own(actor, thing) or is_recused(actor, thing)):
            return None
        return rule(actor, thing)

    return check


def submitted(rule: Rule) -> Rule:
    """`rule`, for contents that were submitted (G30)."""
    return Rule(rule.roles, lambda actor, thing: rule(actor, thing) if _has_submitted(thing) else None)


def holding(*roles: Role) -> Rule:
    """Whoever holds one of `roles`, anywhere."""
    return Rule(
        frozenset(roles), lambda actor, thing: next((role for role in roles if actor.holds(role)), None)
    )


@grants(Role.UNIT_HR, Role.OFFICE)
def _round_staff(actor: Actor, thing: Any) -> Role | None:
    """Unit HR, since a round is the whole institution's, and the office of one of its committees."""
    if actor.holds(Role.UNIT_HR):
        return Role.UNIT_HR
    if thing is None:
        return None
    committees = {"", *(row.key for row in thing.spec.committees)}
    return _grant(actor, Role.OFFICE, lambda grant: grant.committee in committees)


@grants(Role.UNIT_HR)
def _extending(actor: Actor, thing: Any) -> Role | None:
    """HR of the extension's unit; without one, whoever is HR of some unit."""
    return holding(Role.UNIT_HR)(actor, thing) if thing is None else _unit_hr(actor, thing)


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
    Permission.MEND: submitted(_hr_not_own),
    Permission.COMMENT: _either,
    Permission.REVEAL: any_of(_applicant, submitted(_either)),
    Permission.WRITE_UNIT_OPINION: _hr_not_own,
    Permission.REGISTER_OBJECTION: not_own(any_of(_unit_hr, _office_of_case, _supervisor)),
    Permission.FILE_FINDINGS: not_own(any_of(_unit_hr, _office_of_case, _supervisor)),
    Permission.ASSIGN_EXPERTS: _office_not_own,
    Permission.WRITE_OPINION: not_own(_assigned),
    Permission.DECLARE_RECUSAL: not_own(_judge),
    Permission.READ_OPINIONS: not_own(any_of(_office_of_case, _supervisor)),
    Permission.EXTEND: _extending,
    Permission.EDIT_ROSTER: holding(Role.UNIT_HR),
    Permission.IMPORT: _hr_not_own,
    Permission.MANAGE_ACCOUNTS: holding(Role.UNIT_HR, Role.ADMIN),
    Permission.MANAGE_USERS: holding(Role.ADMIN),
    Permission.MANAGE_ROUNDS: _round_staff,
    Permission.MANAGE_COMMITTEES: _office,
    Permission.MANAGE_MEETING: _office,
    Permission.OPEN_MEETING: _chair,
    Permission.ATTEND_MEETING: _member,
    Permission.READ_AUDIT: holding(Role.SUPERVISOR, Role.ADMIN, Role.UNIT_HR),
    Permission.REMIND: holding(Role.UNIT_HR),
}
