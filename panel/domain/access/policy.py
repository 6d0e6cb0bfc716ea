"""Who may do and see what (DESIGN section 5): the questions, put to the tables of rules beside this file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from mongoengine import Q

from models.choices import Action, Role
from panel.domain.access.who_may import COMMITTEE_ROLES, RULES, STAFF, Permission
from panel.domain.access.who_sees import ABOUT, NOTHING, VISIBLE, About, joined
from panel.domain.actors import Actor
from panel.domain.errors import NotFound


def allowed_role(actor: Actor, what: Action | Permission, thing: Any = None) -> Role | None:
    """The role by which `actor` may do `what` to `thing`, or None."""
    return RULES[what](actor, thing)


def may(actor: Actor, what: Action | Permission, thing: Any = None) -> bool:
    """Whether `actor` may do `what` to `thing`, as far as persons go; guards are the workflow's."""
    return allowed_role(actor, what, thing) is not None


def is_for(actor: Actor, what: Action | Permission) -> bool:
    """Whether some role that `actor` holds as staff may ever do `what`: what lists and menus offer, before
    it is asked of a thing."""
    return actor.holds(*RULES[what].roles.intersection(STAFF))


def may_name(actor: Actor, role: str, committee: str = "") -> bool:
    """Whether `actor` may read the name of whoever acted as `role` in a case of `committee`: no page outside
    its office and the supervision shows who judged (R16). Without a committee, only the office of all."""
    if role not in COMMITTEE_ROLES or actor.holds(Role.SUPERVISOR):
        return True
    return any(grant.committee in ("", committee) for grant in actor.as_(Role.OFFICE))


def visible(actor: Actor, model: type, *as_roles: Role, about: About | None = None) -> Any:
    """The queryset of what `actor` may see of `model`; `as_roles` narrows it to those roles' view.

    `about` narrows what is about applications to a few of them, which spares looking at all.
    A signed-in person counts as applicant and public besides the roles granted. Models that are not
    listed, ballots above all, show nothing to anybody.
    """
    implied = {Role.PUBLIC} | ({Role.APPLICANT} if actor.is_signed_in else set())
    held = actor.roles | implied
    roles = held & set(as_roles) if as_roles else held
    rule = _rule(model, about or About())
    if rule is None or not roles:
        return model.objects(NOTHING)  # type: ignore[attr-defined]
    parts = [rule(actor, role) for role in sorted(roles)]
    if not all(parts):  # an empty condition: everything
        return model.objects()  # type: ignore[attr-defined]
    return model.objects(joined(parts))  # type: ignore[attr-defined]


def _rule(model: type, about: About) -> Callable[[Actor, Role], Q] | None:
    of_cases = ABOUT.get(model)
    return VISIBLE.get(model) if of_cases is None else lambda actor, role: of_cases(actor, role, about)


def one(actor: Actor, model: type, id: Any, *as_roles: Role) -> Any:
    """The one document with `id` that `actor` may see; raises NotFound, also for a malformed id."""
    found = get_many(actor, model, [id], *as_roles)
    if not found:
        raise NotFound
    return found[0]


def get_many(actor: Actor, model: type, ids: Iterable[Any], *as_roles: Role) -> list[Any]:
    """Those of `ids` that `actor` may see, in the order asked for; the only resolver of lists of ids."""
    wanted = [key for key in (_object_id(id) for id in ids) if key is not None]
    about = About(_applications_of(model, wanted)) if model in ABOUT else None
    seen = visible(actor, model, *as_roles, about=about).filter(id__in=wanted)
    found = {document.id: document for document in seen}
    return [found[key] for key in dict.fromkeys(wanted) if key in found]


def _applications_of(model: type, ids: list[ObjectId]) -> list[ObjectId]:
    """The applications that the documents with `ids` are about."""
    rows = model._get_collection().find({"_id": {"$in": ids}}, {"application": 1})  # type: ignore[attr-defined]
    return [row["application"] for row in rows]


def _object_id(value: Any) -> ObjectId | None:
    try:
        return ObjectId(value)
    except (InvalidId, TypeError):
        return None
