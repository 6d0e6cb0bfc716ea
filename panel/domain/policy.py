"""Who may do and see what (DESIGN section 5), under one name: actors, permissions, visibility."""

from panel.domain.actors import ANONYMOUS, SYSTEM, Actor, ActorGrant, actor_of
from panel.domain.permissions import (
    JUDGES,
    OFFICE_STATES,
    STAFF,
    Permission,
    allowed_role,
    is_own,
    is_recused,
    may,
    may_name,
)
from panel.domain.visibility import ABOUT, VISIBLE, About, get_many, one, visible

__all__ = [
    "ABOUT",
    "ANONYMOUS",
    "JUDGES",
    "OFFICE_STATES",
    "STAFF",
    "SYSTEM",
    "VISIBLE",
    "About",
    "Actor",
    "ActorGrant",
    "Permission",
    "actor_of",
    "allowed_role",
    "get_many",
    "is_own",
    "is_recused",
    "may",
    "may_name",
    "one",
    "visible",
]
