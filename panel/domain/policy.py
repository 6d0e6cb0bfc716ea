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
from panel.domain.visibility import VISIBLE, get_many, one, visible

__all__ = [
    "ANONYMOUS",
    "JUDGES",
    "OFFICE_STATES",
    "STAFF",
    "SYSTEM",
    "VISIBLE",
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
