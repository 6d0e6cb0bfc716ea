"""Accounts as an operator at the machine keeps them: `panel users`.

The rules are `panel.domain.people.accounts`; here the codes that people type become grants. Whoever may run
commands on the server acts as administrator, which the audit shows by the name of the command.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.choices import Role
from models.meeting import Committee
from models.messages import M, PingshenError
from models.person import Person
from models.unit import Unit
from models.user import Grant, User
from models.web_session import SignInAttempts
from panel import security
from panel.domain.actors import Actor, ActorGrant
from panel.domain.people import accounts
from panel.passwords import hash_password

ACTOR_NAME = "panel users"
GRANTABLE = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM))


class UserRefused(PingshenError):
    """What was typed names nothing, or nothing that can be granted; the message says why."""


@dataclass(frozen=True)
class Scope:
    """Where a role counts, by the codes that people know."""

    unit: str = ""
    department: str = ""
    office: str = ""
    committee: str = ""


def find(username: str) -> User:
    """The account `username`; `UserRefused` if there is none."""
    user = User.objects(username=username).first()
    if user is None:
        raise UserRefused(M("没有账号“%(username)s”，可用 panel users list 查看。", username=username))
    return user


def create(username: str, name: str, now: datetime) -> accounts.Slip:
    """Make an account and return it with its one-time password.

    Without `name`, `username` is the staff number of somebody on the roster, whose account it becomes.
    Raises `UserRefused`, and the domain's `Invalid`.
    """
    if name:
        return accounts.create(username, name, [], _operator(), now, _passwords())
    person = Person.objects(staff_number=username).first()
    if person is None:
        raise UserRefused(
            M("名册中没有工号“%(number)s”；不在名册中的人请用 --name 给出姓名。", number=username)
        )
    made = accounts.make([person], _operator(person), now, _passwords())
    if made.skipped:
        raise UserRefused(made.skipped[0][1])
    return made.slips[0]


def reset_password(username: str, now: datetime) -> accounts.Slip:
    """Give the account a new one-time password, unlock it, and end its sessions."""
    return accounts.reset(find(username), _operator(), now, _passwords())


def grant(username: str, role: Role, scope: Scope, now: datetime) -> User:
    """Give the account `role` where `scope` says; once more changes nothing.

    Raises `UserRefused`, and the domain's `Refused` and `Invalid`.
    """
    user = find(username)
    if role == Role.APPLICANT and user.person is None:
        raise UserRefused(M("申报人账号属于名册中的人员，请用 panel users create 工号 建立。"))
    given = _grant(role, scope)
    seen = list(user.grants)
    if given not in seen:
        accounts.set_grants(user, [*seen, given], seen, _operator(), now)
    return user


def revoke(username: str, role: Role, now: datetime) -> User:
    """Take `role` away wherever it counted."""
    user = find(username)
    if role not in user.roles:
        raise UserRefused(M("账号“%(username)s”没有角色“%(role)s”。", username=username, role=role.label))
    seen = list(user.grants)
    kept = [grant for grant in seen if grant.role != role.value]
    accounts.set_grants(user, kept, seen, _operator(), now)
    return user


def _grant(role: Role, scope: Scope) -> Grant:
    """The grant that `scope` describes; every code must name something."""
    unit = None
    if scope.unit:
        unit = Unit.objects(code=scope.unit).first()
        if unit is None:
            raise UserRefused(M("没有单位代码“%(code)s”。", code=scope.unit))
        if scope.department and all(one.code != scope.department for one in unit.departments):
            raise UserRefused(
                M("单位“%(unit)s”没有部门代码“%(code)s”。", unit=unit.name, code=scope.department)
            )
    if scope.committee and not Committee.objects(code=scope.committee).first():
        raise UserRefused(M("没有评委会代码“%(code)s”。", code=scope.committee))
    places = {"department": scope.department, "office": scope.office, "committee": scope.committee}
    return Grant(role=role.value, unit=unit, **{key: code for key, code in places.items() if code})


def _operator(person: Person | None = None) -> Actor:
    """An administrator; for `person` also the HR of their unit, who alone makes accounts from the roster."""
    grants = [ActorGrant(Role.ADMIN)]
    if person is not None:
        grants.append(ActorGrant(Role.UNIT_HR, unit_id=person.unit.id))
    return Actor(name=ACTOR_NAME, grants=tuple(grants))


def _passwords() -> accounts.Passwords:
    return accounts.Passwords(security.one_time_password, hash_password, _forgive)


def _forgive(username: str) -> None:
    SignInAttempts.objects(pk=security.attempts_key(username)).delete()
