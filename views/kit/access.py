"""Who is at the browser, and the gate before every page of an area."""

from __future__ import annotations

from typing import Any

from flask import current_app, g
from flask.typing import ResponseReturnValue

from models.choices import Role
from panel.config import Settings
from panel.domain.actors import Actor, actor_of
from panel.domain.errors import NotFound
from panel.errors import SignedOut
from panel.security import signed_in_user


def current_actor() -> Actor:
    """The actor of this request; ANONYMOUS when signed out."""
    if "actor" not in g:
        g.actor = actor_of(signed_in_user())
    actor: Actor = g.actor
    return actor


def current_settings() -> Settings:
    """The settings of the running application."""
    settings: Settings = current_app.extensions["pingshen"]
    return settings


def holds(actor: Actor, *roles: Role) -> bool:
    """Whether `actor` holds one of `roles`; a person of the roster is always an applicant too."""
    return actor.holds(*roles) or (Role.APPLICANT in roles and actor.person_id is not None)


def require(*roles: Role) -> Actor:
    """The actor, who must be signed in (SignedOut) and hold one of `roles`, if any are given (NotFound)."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise SignedOut
    if roles and not holds(actor, *roles):
        raise NotFound
    return actor


class Gate:
    """Mixin of Flask-Admin views: open to `roles` alone; for others the page doesn't exist."""

    roles: tuple[Role, ...] = ()

    def is_accessible(self) -> bool:
        """Whether the person may open this view; also decides what the menu shows."""
        return holds(current_actor(), *self.roles)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> ResponseReturnValue:
        """Sign in first, or 404."""
        require(*self.roles)
        raise NotFound
