"""Accounts: made in bulk from the roster, reset, disabled; and the roles that an administrator grants.

Passwords are made and hashed by what the caller passes in. A one-time password is handed back once and
stored only as its hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import ObjectId
from mongoengine.errors import NotUniqueError
from pymongo.errors import DuplicateKeyError

from models.choices import Role
from models.database import transaction
from models.messages import M, Message
from models.person import Person
from models.user import Grant, User
from models.values import ref_id
from panel.domain.access.policy import may
from panel.domain.access.who_may import COMMITTEE_ROLES, Permission
from panel.domain.actors import Actor
from panel.domain.errors import Invalid, Refused
from panel.domain.people.roster import refuse_foreign
from panel.domain.records import audit

#: Most accounts made at one go: each password is hashed slowly on purpose.
MOST_AT_ONCE = 500
LONGEST_ACCOUNT_NAME = 60
LONGEST_ACCOUNT_REASON = 300


@dataclass(frozen=True)
class Passwords:
    """How one-time passwords are made and how they are hashed."""

    one_time: Callable[[], str]
    hash: Callable[[str], str]
    #: lifts the lock of an account name after failed sign-ins (R24)
    forgive: Callable[[str], object]


@dataclass(frozen=True)
class Slip:
    """What is handed to one person, shown once."""

    name: str
    department: str
    username: str
    password: str


@dataclass
class Made:
    """The outcome of making accounts: slips for the new ones, the others with the reason."""

    slips: list[Slip] = field(default_factory=list)
    skipped: list[tuple[Person, Message]] = field(default_factory=list)


def make(people: Iterable[Person], actor: Actor, now: datetime, passwords: Passwords) -> Made:
    """Make an account with a one-time password for everybody in `people` who has none.

    Raises Refused for people of another unit or too many at once; nothing is made then.
    """
    chosen = list(people)
    refuse_foreign(actor, chosen)
    if len(chosen) > MOST_AT_ONCE:
        raise Refused(M("一次最多开通 %(n)s 个账号，请分批办理。", n=MOST_AT_ONCE))
    existing = set(User.objects(person__in=[p.id for p in chosen]).scalar("person").no_dereference())
    existing_ids = {getattr(person, "id", person) for person in existing}
    made = Made()
    for person in chosen:
        if person.id in existing_ids:
            made.skipped.append((person, M("已有账号")))
        elif not person.in_service:
            made.skipped.append((person, M("不在职，不开通账号")))
        elif slip := _make_one(person, actor, now, passwords):
            made.slips.append(slip)
        else:
            made.skipped.append((person, M("账号名“%(name)s”已被别的账号占用", name=person.staff_number)))
    return made


def _make_one(person: Person, actor: Actor, now: datetime, passwords: Passwords) -> Slip | None:
    """One account; None when somebody else made it first or the name is taken."""
    password = passwords.one_time()
    user = User(
        username=person.staff_number,
        name=person.name,
        person=person,
        grants=[Grant(role=Role.APPLICANT.value)],
        password_hash=passwords.hash(password),
        must_change_password=True,
        created_at=now,
    )

    def body() -> None:
        user.save(force_insert=True)
        _record("account_make", user, actor, now)

    try:
        transaction(body)
    except (NotUniqueError, DuplicateKeyError):
        return None
    return _slip(user, password)


def reset(user: User, actor: Actor, now: datetime, passwords: Passwords) -> Slip:
    """Give `user` a new one-time password, lift a lock and end all sessions; raises Refused."""
    refuse_unless_keeper(user, actor)
    password = passwords.one_time()
    _change(
        user,
        {
            "set__password_hash": passwords.hash(password),
            "set__must_change_password": True,
            "set__failed_attempts": 0,
            "unset__locked_until": True,
            "inc__session_epoch": 1,
        },
        "account_reset",
        actor,
        now,
    )
    passwords.forgive(user.username)
    return _slip(user, password)


def set_enabled(user: User, enabled: bool, reason: str, actor: Actor, now: datetime) -> None:
    """Let `user` sign in or not; disabling needs a reason and ends all sessions. Raises Refused, Invalid."""
    refuse_unless_keeper(user, actor)
    if not enabled and not reason.strip():
        raise Invalid({"reason": M("请写明停用的原因。")})
    if len(reason.strip()) > LONGEST_ACCOUNT_REASON:
        raise Invalid({"reason": M("最多 %(n)s 个字。", n=LONGEST_ACCOUNT_REASON)})
    change: dict[str, Any] = {"set__is_enabled": enabled}
    if not enabled:
        change["inc__session_epoch"] = 1
    _change(user, change, "account_enable" if enabled else "account_disable", actor, now, reason.strip())


def refuse_unless_keeper(user: User, actor: Actor) -> None:
    """Raise Refused unless `actor` keeps this account.

    HR keeps the accounts of its own staff that hold no further role: whoever could reset a chair's or an
    administrator's password could act as them.
    """
    if user.id == actor.user_id:
        raise Refused(M("自己的账号不能在这里办理；请用“修改密码”，或请另一位管理人员办理。"))
    if may(actor, Permission.MANAGE_USERS, user):
        return
    if not may(actor, Permission.MANAGE_ACCOUNTS, user) or user.person is None:
        raise Refused(M("这个账号由系统管理员管理。"))
    refuse_foreign(actor, [user.person])
    further = [role.label for role in user.roles if role != Role.APPLICANT]
    if further:
        raise Refused(M("这个账号还担任“%(role)s”，请系统管理员办理。", role=further[0]))


def create(
    username: str, name: str, grants: list[Grant], actor: Actor, now: datetime, passwords: Passwords
) -> Slip:
    """An account for somebody who isn't on a roster (an outside expert); raises Refused, Invalid."""
    _refuse_unless_administrator(actor)
    username, name = username.strip(), name.strip()
    errors = {
        key: message
        for key, text, message in (
            ("username", username, M("请填写账号名。")),
            ("name", name, M("请填写姓名。")),
        )
        if not text or len(text) > LONGEST_ACCOUNT_NAME
    }
    if not errors.get("username") and (len(username) < 3 or any(sign.isspace() for sign in username)):
        errors["username"] = M("账号名至少 3 个字符，不能有空格。")
    errors |= grant_errors(grants)
    if errors:
        raise Invalid(errors)
    password = passwords.one_time()
    user = User(
        username=username,
        name=name,
        grants=grants,
        password_hash=passwords.hash(password),
        must_change_password=True,
        created_at=now,
    )

    def body() -> None:
        user.save(force_insert=True)
        _record("account_make", user, actor, now, grants=[told(grant) for grant in grants])

    try:
        transaction(body)
    except (NotUniqueError, DuplicateKeyError) as error:
        raise Invalid({"username": M("这个账号名已有人使用。")}) from error
    return _slip(user, password)


def set_grants(user: User, grants: list[Grant], seen: list[Grant], actor: Actor, now: datetime) -> None:
    """Replace the roles of `user`; `seen` are those the form was opened with.

    Raises Refused (own account, changed meanwhile, the last administrator) and Invalid.
    """
    _refuse_unless_administrator(actor)
    if user.id == actor.user_id:
        raise Refused(M("不能更改自己的角色，请另一位系统管理员办理。"))
    if errors := grant_errors(grants):
        raise Invalid(errors)
    before, after = [told(grant) for grant in user.grants], [told(grant) for grant in grants]
    if [told(grant) for grant in seen] != before:
        raise Refused(M("这个账号的角色刚被别人改过，请重新打开页面再改。"))
    if before == after:
        return
    _change(
        user,
        {"set__grants": grants},
        "grants_change",
        actor,
        now,
        expected={"grants": user.to_mongo().get("grants", [])},
        before=before,
        after=after,
    )


def grant_errors(grants: Iterable[Grant]) -> dict[str, Message]:
    """What is missing of each grant: a role counts somewhere, or it would count everywhere or nowhere."""
    errors = {}
    for number, grant in enumerate(grants):
        role = Role(grant.role)
        if role in (Role.PUBLIC, Role.SYSTEM):
            errors[f"grant-{number}"] = M("这个角色不能授予。")
        elif role in (Role.UNIT_HR, Role.ENDORSER, Role.SUPERVISOR) and ref_id(grant, "unit") is None:
            errors[f"grant-{number}"] = M("“%(role)s”要选单位。", role=role.label)
        elif role == Role.ENDORSER and bool(grant.department) == bool(grant.office):
            errors[f"grant-{number}"] = M("“审核部门”要选部门或审核事项，二者选一。")
        elif role in COMMITTEE_ROLES and not grant.committee:
            errors[f"grant-{number}"] = M("“%(role)s”要选评委会。", role=role.label)
    return errors


def told(grant: Grant) -> dict[str, str]:
    """A grant in plain words for the audit and for comparison."""
    unit = ref_id(grant, "unit")
    return {
        "role": grant.role,
        "unit": str(unit or ""),
        "department": grant.department or "",
        "office": grant.office or "",
        "committee": grant.committee or "",
    }


def _refuse_unless_administrator(actor: Actor) -> None:
    if not may(actor, Permission.MANAGE_USERS):
        raise Refused(M("只有系统管理员能授予角色。"))


def _change(
    user: User,
    update: dict[str, Any],
    action: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    expected: dict[str, Any] | None = None,
    **detail: Any,
) -> None:
    """One conditional update and its audit in one transaction; afterwards `user` is as stored."""

    def body() -> None:
        condition = {"_id": user.id, **(expected or {})}
        if not User.objects(__raw__=condition).update_one(**update):
            raise Refused(M("这个账号刚被别人改过，请重新打开页面再办理。"))
        _record(action, user, actor, now, reason, **detail)

    transaction(body)
    user.reload()


def _record(action: str, user: User, actor: Actor, now: datetime, reason: str = "", **detail: Any) -> None:
    unit: ObjectId | None = ref_id(user.person, "unit") if user.person else None
    role = Role.ADMIN if actor.holds(Role.ADMIN) else Role.UNIT_HR
    audit(
        actor,
        action,
        user,
        now,
        role=role,
        reason=reason,
        unit=unit,
        username=user.username,
        name=user.name,
        **detail,
    )


def _slip(user: User, password: str) -> Slip:
    person = user.person
    department = person.unit.department_name(person.department) if person else ""
    return Slip(user.name, department, user.username, password)
