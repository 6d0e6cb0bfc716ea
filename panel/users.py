"""Accounts as an operator at the machine keeps them: `panel users`, each deed in the audit log.

Whoever may run commands on the server is trusted; inside the panel accounts follow `policy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mongoengine.errors import NotUniqueError, ValidationError
from pymongo.errors import DuplicateKeyError

from models.choices import Role
from models.database import transaction
from models.meeting import Committee
from models.messages import M, PingshenError
from models.person import Person
from models.unit import Unit
from models.user import Grant, User
from panel import audit

OPERATOR = "panel users"

# Roles that count somewhere only, and where.
NEEDS_UNIT = frozenset({Role.UNIT_HR, Role.ENDORSER, Role.SUPERVISOR})
NEEDS_COMMITTEE = frozenset({Role.EXPERT, Role.CHAIR, Role.TELLER})
NOT_GIVEN = frozenset({Role.PUBLIC, Role.SYSTEM})


class UserRefused(PingshenError):
    """The account can't be made or changed so; the message says why."""


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


def create(username: str, name: str, staff_number: str, now: datetime) -> tuple[User, str]:
    """Make an account and return it with its one-time password.

    `staff_number`, if given, binds it to that person of the roster, whose name it takes, and makes it an
    applicant's. Raises `UserRefused`.
    """
    from panel.security import hash_password, one_time_password

    person = _person(staff_number) if staff_number else None
    password = one_time_password()
    user = User(
        username=username,
        name=name or (person.name if person else ""),
        person=person,
        grants=[Grant(role=Role.APPLICANT.value)] if person else [],
        password_hash=hash_password(password),
        must_change_password=True,
        created_at=now,
    )
    if not user.name:
        raise UserRefused(M("请用 --name 给出姓名，或用 --staff-number 指定名册中的人员。"))

    def write() -> None:
        user.save(force_insert=True)
        _record(user, "create_user", now)

    try:
        transaction(write)
    except (NotUniqueError, DuplicateKeyError) as error:
        raise UserRefused(M("账号“%(username)s”已存在，或此人已有账号。", username=username)) from error
    except ValidationError as error:
        raise UserRefused(M("账号或姓名不符合要求：%(reason)s", reason=str(error))) from error
    return user, password


def reset_password(username: str, now: datetime) -> str:
    """Give the account a new one-time password, unlock it, and end its sessions."""
    from panel.security import one_time_password, set_password

    user = find(username)
    password = one_time_password()

    def write() -> None:
        set_password(user, password, one_time=True)
        _record(user, "reset_password", now)

    transaction(write)
    return password


def grant(username: str, role: Role, scope: Scope, now: datetime) -> User:
    """Give the account `role` where `scope` says; once more changes nothing. Raises `UserRefused`."""
    user = find(username)
    given = _grant(role, scope, user)
    if any(held == given for held in user.grants):
        return user

    def write() -> None:
        User.objects(pk=user.pk).update_one(push__grants=given)
        _record(user, "grant_role", now, granted=role.value, **_words(scope))

    transaction(write)
    return find(username)


def revoke(username: str, role: Role, now: datetime) -> User:
    """Take `role` away wherever it counted, and end the account's sessions. Raises `UserRefused`."""
    user = find(username)
    if role not in user.roles:
        raise UserRefused(M("账号“%(username)s”没有角色“%(role)s”。", username=username, role=role.label))

    def write() -> None:
        User.objects(pk=user.pk).update_one(pull__grants__role=role.value, inc__session_epoch=1)
        _record(user, "revoke_role", now, revoked=role.value)

    transaction(write)
    return find(username)


def _grant(role: Role, scope: Scope, user: User) -> Grant:
    """The grant that `scope` describes, refused where the role would count nowhere or everywhere."""
    if role in NOT_GIVEN:
        raise UserRefused(M("角色“%(role)s”不能授予账号。", role=role.label))
    if role is Role.APPLICANT and user.person is None:
        raise UserRefused(M("申报人账号要对应名册中的人员，请用 panel users create --staff-number 建立。"))
    if role in NEEDS_UNIT and not scope.unit:
        raise UserRefused(M("角色“%(role)s”要用 --unit 指定单位代码。", role=role.label))
    if role is Role.ENDORSER and not (scope.department or scope.office):
        raise UserRefused(M("审核部门要用 --department 或 --office 指定。"))
    if role in NEEDS_COMMITTEE and not scope.committee:
        raise UserRefused(M("角色“%(role)s”要用 --committee 指定评委会代码。", role=role.label))
    unit = _unit(scope.unit) if scope.unit else None
    if unit and scope.department and not any(d.code == scope.department for d in unit.departments):
        raise UserRefused(M("单位“%(unit)s”没有部门代码“%(code)s”。", unit=unit.name, code=scope.department))
    if scope.committee and not Committee.objects(code=scope.committee).first():
        raise UserRefused(M("没有评委会代码“%(code)s”。", code=scope.committee))
    places = {"department": scope.department, "office": scope.office, "committee": scope.committee}
    return Grant(role=role.value, unit=unit, **{key: code for key, code in places.items() if code})


def _person(staff_number: str) -> Person:
    person = Person.objects(staff_number=staff_number).first()
    if person is None:
        raise UserRefused(M("人员名册中没有工号“%(number)s”。", number=staff_number))
    return person


def _unit(code: str) -> Unit:
    unit = Unit.objects(code=code).first()
    if unit is None:
        raise UserRefused(M("没有单位代码“%(code)s”。", code=code))
    return unit


def _words(scope: Scope) -> dict[str, str]:
    return {key: code for key, code in scope.__dict__.items() if code}


def _record(user: User, action: str, now: datetime, **detail: str) -> None:
    audit.record(
        action,
        "users",
        user.pk,
        at=now,
        actor_name=OPERATOR,
        role=Role.SYSTEM.value,
        username=user.username,
        **detail,
    )
