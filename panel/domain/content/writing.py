"""What all writers of content share: who may change what now, and the conditional update itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from models.application import Application
from models.choices import State
from models.field_spec import FieldSpec
from models.form_spec import ENTRY_LISTS, SectionSpec
from models.messages import M, Message
from models.sections import Entry, ReturnItem, SectionRecord, stored_value
from models.states import REOPENED
from models.values import PartialDate, sealed
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.errors import Invalid, NotEditable, NotFound, StaleWrite
from panel.domain.rounds import field_parsers, parts

#: The section key under which a return pins attachments; slots stand in its `field`.
ATTACHMENTS = "attachments"
#: The longest text that is kept although it can't be read.
LONGEST_UNREAD = 50_000
#: A choice may show a field whose choice shows another, so many times over.
_MOST_PASSES = 6


class Counters(NamedTuple):
    """The application's counters after a write."""

    revision: int
    content_revision: int


@dataclass(frozen=True)
class Saved:
    """What a write left: the new version, and per field what couldn't be read of what was typed."""

    uid: str
    version: int
    revision: int
    content_revision: int
    unread: Mapping[str, Message] = field(default_factory=dict)
    changed: bool = True


def unchanged(application: Application, uid: str, version: int, unread: Mapping[str, Message]) -> Saved:
    """The answer to a save that says what is stored already, also one sent twice by a lost network."""
    return Saved(uid, version, application.revision, application.content_revision, unread, changed=False)


def reopened(application: Application) -> list[ReturnItem]:
    """What the running return asks for; empty when nothing is returned."""
    if application.state not in REOPENED or not application.returns:
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
    for the whole section (adding an entry); `field` is the slot for attachments. What HR's material
    table gives is disputed, never changed (G24).
    """
    if not may(actor, Permission.EDIT_CONTENT, application) or is_given(application, uid, field):
        return False
    if application.state == State.DRAFT:
        return True
    if application.state not in REOPENED or (application.deadline and now > application.deadline):
        return False
    return any(_covers(item, section, uid, field) for item in reopened(application))


def is_given(application: Application, uid: str, field: str) -> bool:
    """Whether HR's material table gives this field of the entry."""
    if not uid or not field:
        return False
    lists = [getattr(application, name) for name in ENTRY_LISTS]
    lists += [record.entries for record in application.sections.values()]
    return any(entry.uid == uid and field in entry.given for entries in lists for entry in entries)


def _covers(item: ReturnItem, section: str, uid: str, field: str) -> bool:
    if not item.section:
        return True
    if item.section != section:
        return False
    if item.entry and item.entry != uid:
        return False
    return not item.field or item.field == field


def is_whole_open(application: Application, actor: Actor, now: datetime) -> bool:
    """Whether a return is running in time and this actor is the one to answer it."""
    return (
        may(actor, Permission.EDIT_CONTENT, application)
        and application.state in REOPENED
        and not (application.deadline and now > application.deadline)
    )


def require(allowed: bool, application: Application) -> None:
    """Raise NotEditable with the way on unless `allowed`."""
    if allowed:
        return
    if application.state in REOPENED:
        raise NotEditable(M("这部分没有要求补正，不能修改；或补正期限已过。"))
    raise NotEditable(M("申报提交后内容已锁定。如需修改，请先撤回，或联系人事部门退回。"))


@dataclass
class Parsed:
    """Typed input, read: values to store by field, texts that couldn't be read, and why."""

    values: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)


def parse(specs: list[FieldSpec], raw: Mapping[str, Any]) -> Parsed:
    """Read those of `raw` that `specs` list and that aren't locked; the rest is left alone.

    Raises Invalid for a text too long to be kept as typed.
    """
    result = Parsed()
    for spec in specs:
        if spec.locked or spec.key not in raw:
            continue
        try:
            result.values[spec.key] = field_parsers.parse(spec, raw[spec.key])
        except field_parsers.Unreadable as error:
            result.values[spec.key] = None
            result.unread[spec.key] = _as_typed(spec, raw[spec.key])
            result.messages[spec.key] = error.message
    return result


def _as_typed(spec: FieldSpec, raw: Any) -> str:
    text = "\n".join(map(str, raw)) if isinstance(raw, list | tuple) else str(raw)
    if len(text) > LONGEST_UNREAD:
        raise Invalid({spec.key: M("最多 %(n)s 个字，请删减后再保存。", n=LONGEST_UNREAD)})
    # half a surrogate pair can't be stored
    return text.encode("utf-8", "replace").decode()


@dataclass(frozen=True)
class Reading:
    """What a record or entry would hold: `specs` are the fields that may be written, `parsed` their input."""

    specs: list[FieldSpec]
    parsed: Parsed


def read_into(
    application: Application,
    section: SectionSpec,
    content: Entry | SectionRecord,
    raw: Mapping[str, Any],
    is_open: Callable[[str], bool],
) -> Reading:
    """Read `raw` into a copy of `content`, and with it what is shown because of what was typed.

    A field that appears by a choice made in the same form is part of the same save.
    """
    specs: list[FieldSpec] = []
    draft = content
    for _ in range(_MOST_PASSES):
        shown = [f for f in parts.visible_fields(application, section, draft) if is_open(f.key)]
        if shown == specs:
            break
        specs = shown
        draft = type(content)._from_son(content.to_mongo())
        write_into(draft, Reading(specs, parse(specs, raw)))
    return Reading(specs, parse(specs, raw))


def write_into(content: Entry | SectionRecord, reading: Reading) -> None:
    """Put what was read into an object that isn't stored yet."""
    for spec in reading.specs:
        if spec.key in reading.parsed.values:
            content.put(spec.key, reading.parsed.values[spec.key], encrypted=spec.encrypted)
            content.unread.pop(spec.key, None)
    content.unread.update(sealed_unread(reading))


def sealed_unread(reading: Reading) -> dict[str, str]:
    """The unreadable texts as they are stored: of a secret field as secret as its values."""
    secret = {spec.key: spec.encrypted for spec in reading.specs}
    return {key: sealed(text, secret=secret[key]) for key, text in reading.parsed.unread.items()}


def differences(
    content: Entry | SectionRecord, reading: Reading, typed: tuple[str, ...] = ()
) -> tuple[dict[str, Any], list[str]]:
    """What to set and unset inside a record or entry, by path relative to it; both empty when unchanged."""
    sets: dict[str, Any] = {}
    unsets: list[str] = []
    unread = sealed_unread(reading)
    for spec in reading.specs:
        if spec.key not in reading.parsed.values:
            continue
        value, text = reading.parsed.values[spec.key], reading.parsed.unread.get(spec.key)
        if is_same(content.get(spec.key), value) and content.typed_text(spec.key) == text:
            continue
        if spec.key in typed:
            place, new = spec.key, value.iso() if isinstance(value, PartialDate) else value
        else:
            place, new = f"values.{spec.key}", stored_value(value, spec.encrypted)
        for path, after in ((place, new), (f"unread.{spec.key}", unread.get(spec.key))):
            if after is None:
                unsets.append(path)
            else:
                sets[path] = after
    return sets, unsets


def is_same(before: Any, after: Any) -> bool:
    """Whether two values mean the same, whether as typed or as stored; nothing, "" and [] are one."""

    def plain(value: Any) -> Any:
        if value is None or value == "" or value == []:
            return None
        if isinstance(value, PartialDate):
            return value.iso()
        return list(value) if isinstance(value, list | tuple) else value

    first, second = plain(before), plain(after)
    return first == second or (first is not None and str(first) == str(second))


def commit(
    application: Application,
    where: Mapping[str, Any],
    update: Mapping[str, Any],
    now: datetime,
    is_content: bool = True,
    array_filters: list[Mapping[str, Any]] | None = None,
) -> Counters:
    """Write if `where` still holds and the state is unchanged; returns the new counters.

    Raises StaleWrite when `where` no longer holds, NotEditable when the state moved on, NotFound.
    """
    # the caller's mapping stays as it is: a transaction may run the caller again
    counted = {"revision": 1} | ({"content_revision": 1} if is_content else {})
    complete = {
        **update,
        "$set": {**update.get("$set", {}), "updated_at": now},
        "$inc": {**update.get("$inc", {}), **counted},
    }
    found = Application._get_collection().find_one_and_update(
        {"_id": application.id, "state": application.state, **where},
        complete,
        projection={"revision": 1, "content_revision": 1},
        array_filters=array_filters,
        return_document=True,
    )
    if found is not None:
        return Counters(found["revision"], found["content_revision"])
    fresh = Application.objects(id=application.id).only("state").first()
    if fresh is None:
        raise NotFound
    if fresh.state != application.state:
        raise NotEditable(M("申报已变为“%(state)s”，刚才的修改没有保存。", state=State(fresh.state).label))
    raise StaleWrite
