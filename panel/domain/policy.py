"""Who may do and see what (DESIGN section 5), under one name: actors, permissions, visibility."""

from panel.domain.actors import ANONYMOUS, SYSTEM, Actor, ActorGrant, actor_of
from panel.domain.permissions import (
    OFFICE_STATES,
    STAFF,
    Permission,
    allowed_role,
    is_own,
    is_recused,
    may,
)
from panel.domain.visibility import VISIBLE, get_many, one, visible

__all__ = [
    "ANONYMOUS",
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
    "one",
    "visible",
]
