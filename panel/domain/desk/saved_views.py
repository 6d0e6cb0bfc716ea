"""Saved views of lists: kept per person, found again by name, one of them the list's first sight."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mongoengine import NotUniqueError

from models.database import transaction
from models.messages import M
from models.saved_view import LONGEST_NAME, SavedView
from panel.domain.access.policy import one
from panel.domain.actors import Actor
from panel.domain.errors import Invalid, NotFound, Refused

#: Of one person for one list.
MOST_VIEWS = 30


def save(
    actor: Actor, list: str, name: str, query: Mapping[str, str], now: datetime, is_default: bool = False
) -> SavedView:
    """Keep `query`, the checked arguments of `list`, as view `name` of `actor`. Raises Invalid, Refused."""
    if not actor.is_signed_in:
        raise NotFound
    view = SavedView(user=actor.user_id, list=list, name=_name(name), query=dict(query), at=now)
    if SavedView.objects(user=actor.user_id, list=list).count() >= MOST_VIEWS:
        raise Refused(M("最多保存 %(n)s 个视图，请先删除不用的。", n=MOST_VIEWS))
    try:
        view.save(force_insert=True)
    except NotUniqueError as error:
        raise _taken() from error
    if is_default:
        set_default(actor, view)
    return view


def rename(actor: Actor, view: SavedView, name: str) -> None:
    """Give the person's own view another name. Raises Invalid, NotFound."""
    try:
        SavedView.objects(id=_own(actor, view).id).update_one(set__name=_name(name))
    except NotUniqueError as error:
        raise _taken() from error


def set_default(actor: Actor, view: SavedView | None, list: str = "") -> None:
    """Open the list with `view` from now on; None: as it is, for `list`. Raises NotFound."""
    name = _own(actor, view).list if view is not None else list

    def body() -> None:
        SavedView.objects(user=actor.user_id, list=name).update(set__is_default=False)
        if view is not None:
            SavedView.objects(id=view.id).update_one(set__is_default=True)

    transaction(body)


def delete(actor: Actor, view: SavedView) -> None:
    """Forget the person's own view. Raises NotFound."""
    _own(actor, view).delete()


def _own(actor: Actor, view: SavedView) -> SavedView:
    found: SavedView = one(actor, SavedView, view.id)
    return found


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid({"name": M("请填写视图名称（%(n)s 字以内）。", n=LONGEST_NAME)})
    return name


def _taken() -> Invalid:
    return Invalid({"name": M("已有同名的视图，请换一个名称。")})
