"""Opening and closing a round, and later closing days for one person or a group (DESIGN section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bson import ObjectId

from models.choices import Role, RoundState
from models.database import transaction
from models.messages import M, Message
from models.person import Person
from models.review_round import Extension, ReviewRound
from models.values import ref_id
from panel.domain.access.policy import allowed_role
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.errors import Invalid, Refused, StaleWrite
from panel.domain.records import audit
from panel.domain.round_edit import tree
from panel.domain.round_edit.problems import contradictions
from panel.domain.round_edit.publishing import HasProblems

#: Characters of why somebody may apply later.
LONGEST_REASON = 300
#: Which state may follow which: an opened round never becomes planned again.
NEXT: dict[RoundState, tuple[RoundState, ...]] = {
    RoundState.PLANNED: (RoundState.OPEN,),
    RoundState.OPEN: (RoundState.CLOSED,),
    RoundState.CLOSED: (RoundState.OPEN,),
}


def set_state(round: ReviewRound, state: RoundState, reason: str, actor: Actor, now: datetime) -> None:
    """Open or close `round`; all but the first opening need a reason.

    Raises Refused, Invalid, StaleWrite; HasProblems for a round that contradicts itself.
    """
    role = _role(actor, Permission.MANAGE_ROUNDS, M("您不能开放或关闭申报批次。"), round)
    before = RoundState(round.state)
    if state not in NEXT[before]:
        raise Refused(M("批次现在是“%(now)s”，不能改为“%(then)s”。", now=before.label, then=state.label))
    if before != RoundState.PLANNED and not reason.strip():
        raise Invalid({"reason": M("请写明理由。")})
    if len(reason.strip()) > LONGEST_REASON:
        raise Invalid({"reason": M("最多 %(n)s 个字。", n=LONGEST_REASON)})
    if state == RoundState.OPEN and (found := contradictions.problems(tree.with_ids(round.data))):
        raise HasProblems(found)

    def body() -> None:
        if not ReviewRound.objects(id=round.id, state=before.value).update_one(
            set__state=state.value, set__updated_at=now
        ):
            raise StaleWrite(ReviewRound.objects(id=round.id).first())
        audit(actor, "round_state", round, now, role=role, reason=reason.strip(), to=state.value)

    transaction(body)
    round.reload()


def extend(
    round: ReviewRound,
    people: Sequence[Person],
    departments: Sequence[str],
    until: date | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Extension:
    """Let `people` and everybody of `departments` (codes) apply until the end of the day `until`.

    Never the actor, whose own extension is a colleague's to give. Raises Refused, and
    Invalid with the fields people, until, reason.
    """
    role = _role(actor, Permission.EXTEND, M("您不能延长申报时间。"))
    errors: dict[str, Message] = {}
    if not people and not departments:
        errors["people"] = M("请选择要延期的人员或部门。")
    elif actor.person_id in {person.id for person in people}:
        errors["people"] = M("本人的延期由其他人事人员办理，请去掉自己。")
    if until is None:
        errors["until"] = M("请选择延长到哪一天。")
    elif until < local_date(now):
        errors["until"] = M("延长后的截止日不能早于今天。")
    elif until <= round.spec.dates.closes:
        errors["until"] = M("要晚于批次的截止日 %(day)s。", day=round.spec.dates.closes)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        errors["reason"] = M("请写明延期的理由（300 字以内）。")
    unit = _unit_of(people, actor)
    if unit is None:
        errors.setdefault("people", M("一次只能为一个单位的人员延期，请分别办理。"))
    if errors:
        raise Invalid(errors)
    if unit not in units_of(actor):
        raise Refused(M("您不能延长申报时间。"))
    extension = Extension(
        round=round,
        unit=unit,
        people=list(people),
        departments=list(dict.fromkeys(departments)),
        not_for=actor.person_id,
        until=until,
        reason=reason.strip(),
        by=actor.user_id,
        at=now,
    )

    def body() -> None:
        extension.save(force_insert=True)
        _record("extend", extension, actor, now, role, reason)

    transaction(body)
    return extension


def end_extension(extension: Extension, reason: str, actor: Actor, now: datetime) -> None:
    """Stop a running extension as of yesterday, so that it stays on record. Raises Refused, Invalid."""
    role = _role(actor, Permission.EXTEND, M("您不能延长申报时间。"), extension)
    today = local_date(now)
    if extension.until < today:
        raise Refused(M("这项延期已经结束。"))
    if not reason.strip():
        raise Invalid({"reason": M("请写明提前结束的理由。")})
    before = extension.until

    def body() -> None:
        if not Extension.objects(id=extension.id, until=before).update_one(
            set__until=today - timedelta(days=1)
        ):
            raise StaleWrite(Extension.objects(id=extension.id).first())
        _record("extension_end", extension, actor, now, role, reason)

    transaction(body)
    extension.reload()


def _unit_of(people: Sequence[Person], actor: Actor) -> Any:
    """The one unit that is meant: that of the people, else the actor's; None when there are several."""
    units = {ref_id(person, "unit") for person in people} or set(units_of(actor))
    return units.pop() if len(units) == 1 else None


def units_of(actor: Actor) -> list[ObjectId]:
    """The units whose people the actor may extend for."""
    return [grant.unit_id for grant in actor.as_(Role.UNIT_HR) if grant.unit_id is not None]


def _record(action: str, extension: Extension, actor: Actor, now: datetime, role: Role, reason: str) -> None:
    audit(
        actor,
        action,
        extension,
        now,
        role=role,
        reason=reason.strip(),
        round=str(ref_id(extension, "round")),
        people=len(extension.people),
        departments=list(extension.departments),
        until=extension.until.isoformat(),
    )


def _role(actor: Actor, permission: Permission, refusal: Message, thing: Any = None) -> Role:
    role = allowed_role(actor, permission, thing)
    if role is None:
        raise Refused(refusal)
    return role
