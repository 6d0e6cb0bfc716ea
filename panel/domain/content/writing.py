"""What all writers of content share: who may change what now, and the conditional update itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models import Application
from models.choices import State
from models.messages import M, Message
from models.round_spec import FieldSpec
from models.sections import ReturnItem
from models.values import PartialDate, encrypt, reveal
from panel.domain import fields as field_types
from panel.domain.errors import NotEditable, NotFound, StaleWrite
from panel.domain.policy import Actor, Permission, may

#: The section key under which a return pins attachments; slots stand in its `field`.
ATTACHMENTS = "attachments"
_REOPENED = (State.RETURNED, State.CORRECTION)


@dataclass(frozen=True)
class Saved:
    """What a write left: the new version, and per field what couldn't be read of what was typed."""

    uid: str
    version: int
    revision: int
    content_revision: int
    unread: Mapping[str, Message] = field(default_factory=dict)
    changed: bool = True


def reopened(application: Application) -> list[ReturnItem]:
    """What the running return asks for; empty when nothing is returned."""
    if application.state not in _REOPENED or not application.returns:
        return []
    return list(application.returns[-1].items)


def is_editable(
    application: Application,
    section: str,
    actor: Actor,
    now: datetime,
    uid: str = "",
    field: str = "",
) -> bool:
    """Whether the actor may change this section, entry or field now.

    All of it in a draft; after a return only what its items name. Without `uid` and `field` it asks
    for the whole section (adding an entry); `field` is the slot for attachments.
    """
    if not may(actor, Permission.EDIT_CONTENT, application):
        return False
    if application.state == State.DRAFT:
        return True
    if application.state not in _REOPENED or (application.deadline and now > application.deadline):
        return False
    return any(_covers(item, section, uid, field) for item in reopened(application))


def _covers(item: ReturnItem, section: str, uid: str, field: str) -> bool:
    if not item.section:
        return True
    if item.section != section:
        return False
    if item.entry and item.entry != uid:
        return False
    return not item.field or item.field == field


def can_touch(application: Application, section: str, actor: Actor, now: datetime) -> bool:
    """Whether anything at all in `section` may be changed now."""
    if is_editable(application, section, actor, now):
        return True
    return is_whole_open(application, actor, now) and any(
        item.section == section for item in reopened(application)
    )


def is_whole_open(application: Application, actor: Actor, now: datetime) -> bool:
    """Whether a return is running in time and this actor is the one to answer it."""
    return (
        may(actor, Permission.EDIT_CONTENT, application)
        and application.state in _REOPENED
        and not (application.deadline and now > application.deadline)
    )


def require(allowed: bool, application: Application) -> None:
    """Raise NotEditable with the way on unless `allowed`."""
    if allowed:
        return
    if application.state in _REOPENED:
        raise NotEditable(M("这部分没有要求补正，不能修改；或补正期限已过。"))
    raise NotEditable(M("申报提交后内容已锁定。如需修改，请先撤回，或联系人事部门退回。"))


@dataclass
class Parsed:
    """Typed input, read: values to store by field, texts that couldn't be read, and why."""

    values: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)


def parse(specs: list[FieldSpec], raw: Mapping[str, Any]) -> Parsed:
    """Read those of `raw` that `specs` list and that aren't locked; the rest is left alone."""
    result = Parsed()
    for spec in specs:
        if spec.locked or spec.key not in raw:
            continue
        try:
            result.values[spec.key] = field_types.parse(spec, raw[spec.key])
        except field_types.Unreadable as error:
            result.values[spec.key] = None
            result.unread[spec.key] = str(raw[spec.key])[:5000]
            result.messages[spec.key] = error.message
    return result


def stored(spec: FieldSpec, value: Any) -> Any:
    """`value` as MongoDB keeps it: partial dates as text, personal data sealed; None when empty."""
    if value in (None, "", []):
        return None
    if isinstance(value, PartialDate):
        value = value.iso()
    return encrypt(str(value)) if spec.encrypted else value


def same(spec: FieldSpec, before: Any, after: Any) -> bool:
    """Whether two stored values mean the same (a sealed one differs at every sealing)."""
    if not spec.encrypted:
        return bool((before or None) == after) if not isinstance(before, bool | int) else before == after
    return bool((reveal(before) or None) == reveal(after))


def commit(
    application: Application,
    where: Mapping[str, Any],
    update: dict[str, Any],
    now: datetime,
    is_content: bool = True,
    array_filters: list[Mapping[str, Any]] | None = None,
) -> Mapping[str, Any]:
    """Write if `where` still holds and the state is unchanged; returns the new counters.

    Raises StaleWrite when `where` no longer holds, NotEditable when the state moved on, NotFound.
    """
    update.setdefault("$set", {})["updated_at"] = now
    update["$inc"] = (
        update.get("$inc", {}) | {"revision": 1} | ({"content_revision": 1} if is_content else {})
    )
    found = Application._get_collection().find_one_and_update(
        {"_id": application.id, "state": application.state, **where},
        update,
        projection={"revision": 1, "content_revision": 1},
        array_filters=array_filters,
        return_document=True,
    )
    if found is not None:
        return found
    fresh = Application.objects(id=application.id).only("state").first()
    if fresh is None:
        raise NotFound
    if fresh.state != application.state:
        raise NotEditable(M("申报已变为“%(state)s”，刚才的修改没有保存。", state=State(fresh.state).label))
    raise StaleWrite
