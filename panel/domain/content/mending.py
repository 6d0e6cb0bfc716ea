"""HR corrects a slip of the pen in a submitted case, openly: logged, told, confirmed or objected to.

What was submitted stays frozen; the corrected content is frozen beside it, so that everybody reads the
corrected one and the difference stays visible. The case goes into publicity only once the applicant has
confirmed, or has handed in again since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import State
from models.database import transaction
from models.field_spec import FieldSpec, FieldType, Text
from models.form_spec import SectionShape, SectionSpec
from models.mend import OPEN_MENDS, Mend, MendState
from models.messages import M, Message
from models.sections import Entry, SectionRecord
from models.values import ref_id
from panel.domain.access.policy import allowed_role, may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.content.entries import path_of
from panel.domain.content.frozen import freeze
from panel.domain.content.writing import Parsed, Reading, commit, differences, is_given, is_same
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.records import audit, notify
from panel.domain.rounds import field_parsers, parts
from panel.domain.rounds import fields as field_types
from panel.domain.rounds.naming import field_name

#: A slip of the pen is in what is typed; choices, files and clauses are the applicant's to change.
MENDABLE = frozenset(
    {
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.NUMBER,
        FieldType.DATE,
        FieldType.MONTH,
        FieldType.UNIT,
        FieldType.PERSON,
    }
)
LONGEST_MEND_REASON = 300
LONGEST_OBJECTION = 500


@dataclass(frozen=True)
class MendPlace:
    """A field of a record, or of the entry with uid `entry`."""

    section: SectionSpec
    field: FieldSpec
    content: Entry | SectionRecord
    entry: str = ""

    @property
    def name(self) -> Text | Message:
        """What the field is called in a list."""
        return field_name(self.section, self.field) if not self.entry else self.field.label

    @property
    def typed(self) -> str:
        """The value as the form shows it, also one that couldn't be read."""
        unread = self.content.typed_text(self.field.key)
        return unread or field_types.to_form(self.field, self.content.get(self.field.key))


def places(application: Application) -> Iterator[MendPlace]:
    """Every field that HR may mend, in the order of the form; empty ones are the applicant's to fill."""
    for section in parts.visible_sections(application):
        contents: list[tuple[str, Entry | SectionRecord]] = []
        if section.shape is SectionShape.RECORD:
            contents = [("", application.record(section.key))]
        elif section.shape is SectionShape.LIST:
            contents = [(entry.uid, entry) for entry in application.entries(section.key)]
        for uid, content in contents:
            for field in parts.visible_fields(application, section, content):
                place = MendPlace(section, field, content, uid)
                if _is_mendable(application, place):
                    yield place


def _is_mendable(application: Application, place: MendPlace) -> bool:
    field = place.field
    if field.locked or field.encrypted or field.source or FieldType(field.type) not in MENDABLE:
        return False
    return bool(place.typed) and not is_given(application, place.entry, field.key)


def place_of(application: Application, section: str, entry: str, field: str) -> MendPlace:
    """The field named; raises NotFound for one that can't be mended."""
    for place in places(application):
        if (place.section.key, place.entry, place.field.key) == (section, entry, field):
            return place
    raise NotFound


def may_mend(application: Application, actor: Actor) -> bool:
    """Whether the actor corrects slips of the pen now."""
    return application.state == State.SUBMITTED and may(actor, Permission.MEND, application)


def require(application: Application, actor: Actor) -> str:
    """The role by which the actor mends; raises NotFound, and Refused unless it is being checked."""
    role = allowed_role(actor, Permission.MEND, application)
    if role is None:
        raise NotFound
    if not may_mend(application, actor):
        raise Refused(M("只有待单位审核的申报可以代为更正；其他时候请退回本人修改。"))
    return role.value


def mend(
    application: Application,
    place: MendPlace,
    typed: str,
    reason: str,
    seen: str,
    actor: Actor,
    now: datetime,
) -> Mend:
    """Put `typed` in the place; `seen` is what stood there when the form was opened.

    Raises NotFound, Refused, StaleWrite, and Invalid with the fields value, reason.
    """
    role = require(application, actor)
    errors = {}
    if not 0 < len(reason.strip()) <= LONGEST_MEND_REASON:
        errors["reason"] = M("请写明更正的原因（%(n)s 字以内），本人会看到。", n=LONGEST_MEND_REASON)
    value = None
    try:
        value = field_parsers.parse(place.field, typed)
    except field_parsers.Unreadable as error:
        errors["value"] = error.message
    if "value" not in errors and value in (None, ""):
        errors["value"] = M("不能改成空的。内容要删除的，请退回本人修改。")
    elif "value" not in errors and is_same(place.content.get(place.field.key), value):
        errors["value"] = M("内容没有变化。")
    if errors:
        raise Invalid(errors)
    if seen != place.typed:
        raise Refused(M("这一处刚被改过，请看过现在的内容再更正。"))

    def body() -> Mend:
        revision = _write(application, place, value, now)
        freeze(Application.objects.get(id=application.id), actor.user_id, now)
        made = _record(application, place, field_types.to_form(place.field, value), reason, actor, now)
        made.content_revision = revision
        made.save(force_insert=True)
        audit(
            actor,
            "mend_content",
            application,
            now,
            role=role,
            reason=reason.strip(),
            section=place.section.key,
            field=place.field.key,
        )
        notify(
            application,
            M("人事代您更正了“%(field)s”，请核对后确认；有异议也可以提出。", field=place.field.label),
            now,
        )
        return made

    return transaction(body)


def _record(
    application: Application, place: MendPlace, after: str, reason: str, actor: Actor, now: datetime
) -> Mend:
    return Mend(
        application=application.id,
        person=ref_id(application, "person"),
        unit=ref_id(application, "unit"),
        section=place.section.key,
        entry=place.entry,
        field=place.field.key,
        before=place.typed,
        after=after,
        reason=reason.strip(),
        by=actor.user_id,
        by_name=actor.name,
        at=now,
    )


def _write(application: Application, place: MendPlace, value: Any, now: datetime) -> int:
    """The one conditional update, by the version of the record or entry; returns the content's revision."""
    content, key = place.content, place.field.key
    parsed = Parsed(values={key: value})
    typed = Entry.TYPED if isinstance(content, Entry) else ()
    sets, unsets = differences(content, Reading([place.field], parsed), typed)
    sets["version"] = content.version + 1
    where: dict[str, Any]
    filters: list[Mapping[str, Any]] | None = None
    if place.entry:
        base = path_of(place.section)
        where = {base: {"$elemMatch": {"uid": place.entry, "version": content.version}}}
        path, filters = f"{base}.$[e]", [{"e.uid": place.entry}]
    else:
        path = f"sections.{place.section.key}"
        where = {f"{path}.version": content.version or {"$in": [None, 0]}}
    update: dict[str, Any] = {"$set": {f"{path}.{name}": new for name, new in sets.items()}}
    # as with a judgement: from now on the applicant can't recall by themselves
    update["$set"]["hr_begun_at"] = application.hr_begun_at or now
    if unsets:
        update["$unset"] = {f"{path}.{name}": "" for name in unsets}
    return commit(application, where, update, now, array_filters=filters).content_revision


# --- the answer -------------------------------------------------------------------------------------


def of(application: Application) -> list[Mend]:
    """What HR mended in the case, the newest first."""
    return list(Mend.objects(application=application.id).order_by("-at", "-id"))


def answer(row: Mend, confirms: bool, words: str, actor: Actor, now: datetime) -> None:
    """The applicant confirms a mend, or objects with words. Raises NotFound, Refused, Invalid."""
    if actor.person_id is None or row.person != actor.person_id:
        raise NotFound
    if not confirms and not 0 < len(words.strip()) <= LONGEST_OBJECTION:
        raise Invalid({"objection": M("请写明哪里不对（%(n)s 字以内）。", n=LONGEST_OBJECTION)})
    state = MendState.CONFIRMED if confirms else MendState.OBJECTED
    given = {"state": state.value, "answered_at": now, "objection": None if confirms else words.strip()}
    open_before = list(OPEN_MENDS) if confirms else [MendState.WAITING.value]

    def body() -> None:
        changed = Mend.objects(id=row.id, state__in=open_before).update_one(__raw__={"$set": given})
        if not changed:
            raise Refused(M("这处更正已经答复过，或已改回原内容。"))
        application = Application.objects.get(id=row.application)
        audit(actor, "mend_confirm" if confirms else "mend_object", application, now, field=row.field)

    transaction(body)


def restore(application: Application, row: Mend, actor: Actor, now: datetime) -> None:
    """HR takes a mend back, as long as what it put in still stands. Raises NotFound, Refused, StaleWrite."""
    role = require(application, actor)
    if row.application != application.id or row.state not in OPEN_MENDS:
        raise NotFound
    place = place_of(application, row.section, row.entry, row.field)
    if place.typed != row.after:
        raise Refused(M("这一处后来又改过，不能自动改回。请看过现在的内容，需要的话再更正一次。"))

    def body() -> None:
        _write(application, place, _stored(place.field, row.before), now)
        freeze(Application.objects.get(id=application.id), actor.user_id, now)
        Mend.objects(id=row.id, state__in=OPEN_MENDS).update_one(
            set__state=MendState.RESTORED.value, set__answered_at=now
        )
        audit(actor, "mend_restore", application, now, role=role, field=row.field)
        notify(application, M("人事已把“%(field)s”改回您原来填写的内容。", field=place.field.label), now)

    transaction(body)


def _stored(field: FieldSpec, before: str) -> Any:
    try:
        return field_parsers.parse(field, before)
    except field_parsers.Unreadable as error:
        raise Refused(M("原来的内容系统看不懂，不能自动改回，请退回本人修改。")) from error
