"""Who acts: an account with its grants, the system, or nobody (DESIGN section 5)."""

from __future__ import annotations

from dataclasses import dataclass

from bson import ObjectId

from models.choices import Role
from models.user import User
from models.values import as_read, ref_id


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
        for grant in as_read(user, "grants") or ()
    ]
    return Actor(
        user_id=user.id,
        person_id=person.id if person else None,
        name=user.name,
        unit_id=ref_id(person, "unit") if person else None,
        department=person.department if person else "",
        grants=tuple(grants),
    )
