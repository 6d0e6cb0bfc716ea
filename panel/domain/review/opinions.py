"""Experts on a case (R13, R17): who is assigned, what they write, who is recused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import ObjectId
from mongoengine import NotUniqueError

from models.application import Application
from models.ballot import VoterMark
from models.choices import State
from models.database import transaction
from models.meeting import Committee, Meeting, Member, Opinion
from models.messages import M, Message, PingshenError
from models.outbox import OutboxRow
from models.sections import Recusal
from models.states import IN_REVIEW, stored_states
from models.values import ref_id
from panel.domain.access import policy
from panel.domain.access.policy import may
from panel.domain.access.who_may import JUDGES, Permission
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.records import audit

MAX_LENGTH = 4000
LONGEST_RECUSAL_REASON = 300


@dataclass
class Assignment:
    """What assigning would do to one application; `refusal` says why it won't go."""

    application: Application
    experts: list[Member] = field(default_factory=list)
    skipped: list[tuple[Member, Message]] = field(default_factory=list)
    hints: list[tuple[Member, Message]] = field(default_factory=list)
    refusal: Message | None = None


def plan_assignment(
    applications: Iterable[Application], expert_ids: Sequence[ObjectId], actor: Actor, now: datetime
) -> list[Assignment]:
    """What `assign_experts` would do to each application, with conflicts and hints (R17). No change."""
    return [_plan(application, expert_ids, actor, now) for application in applications]


def assign_experts(
    applications: Iterable[Application], expert_ids: Sequence[ObjectId], actor: Actor, now: datetime
) -> list[Assignment]:
    """Give each application the experts chosen; those who already wrote an opinion stay on.

    An expert with a conflict is left out of that case alone; a case left with fewer experts than the
    round's minimum of opinions is refused.
    """
    result = []
    for assignment in plan_assignment(applications, expert_ids, actor, now):
        if assignment.refusal is None:
            try:
                transaction(lambda row=assignment: _assign(row, actor, now))  # type: ignore[misc]
            except PingshenError as error:
                assignment.refusal = error.message
        result.append(assignment)
    return result


def _plan(
    application: Application, expert_ids: Sequence[ObjectId], actor: Actor, now: datetime
) -> Assignment:
    row = Assignment(application)
    if not may(actor, Permission.ASSIGN_EXPERTS, application):
        row.refusal = M("您不能为这份申报分派专家。")
        return row
    if application.state != State.PANEL:
        row.refusal = M("只有“%(s)s”的申报才能分派专家。", s=State.PANEL.label)
        return row
    committee = Committee.objects(code=application.committee).first()
    written = set(Opinion.objects(application=application.id).scalar("expert"))
    kept = {getattr(expert, "id", expert) for expert in written} & set(application.experts)
    for user_id in dict.fromkeys([*expert_ids, *sorted(kept)]):
        member = committee.member(user_id) if committee else None
        if member is not None:
            _place(row, member, now)
    least = application.spec.voting.minimum_opinions
    if len(row.experts) < least:
        row.refusal = M("至少要有 %(n)s 位可以评议的专家，现在只有 %(m)s 位。", n=least, m=len(row.experts))
    return row


def _place(row: Assignment, member: Member, now: datetime) -> None:
    conflict = conflict_of(row.application, member, now)
    if conflict:
        row.skipped.append((member, conflict))
        return
    row.experts.append(member)
    person = member.user.person
    if person and person.department == row.application.department:
        row.hints.append((member, M("与申报人同一部门，请确认是否需要回避。")))


def conflict_of(application: Application, member: Member, now: datetime) -> Message | None:
    """Why a member can't judge this case, or None: own case, recused, term over (R03, R17)."""
    person_id = ref_id(member.user, "person")
    if person_id is not None and person_id == ref_id(application, "person"):
        return M("是申报人本人。")
    if any(recusal.user == member.user.id for recusal in application.recusals):
        return M("已回避。")
    if member.term_until and member.term_until < local_date(now):
        return M("任期已满。")
    return None


def _assign(row: Assignment, actor: Actor, now: datetime) -> None:
    application = row.application
    experts = [member.user.id for member in row.experts]
    result = Application._get_collection().update_one(
        {"_id": application.id, "state": State.PANEL.value, "revision": application.revision},
        {"$set": {"experts": experts, "updated_at": now}, "$inc": {"revision": 1}},
    )
    if result.matched_count != 1:
        raise StaleWrite
    for member in row.experts:
        if member.user.id not in application.experts:
            _tell(member, application, now)
    # how many, not who: the application's unit reads its audit (R16)
    audit(actor, "assign_experts", application, now, experts=len(experts))


def _tell(member: Member, application: Application, now: datetime) -> None:
    """A notice to an expert who has a person in the roster: only they have an inbox."""
    person = ref_id(member.user, "person")
    if person is not None:
        message = M("有新的申报等您评议。")
        OutboxRow(person=person, message=message.id, link=f"/committee/cases/{application.id}", at=now).save()


def assigned(actor: Actor, application: Application) -> bool:
    """Whether the actor is to write an opinion on the case now."""
    return may(actor, Permission.WRITE_OPINION, application)


def cases_of(actor: Actor) -> Any:
    """The cases before the panel that the actor gives an opinion on, as a queryset."""
    seen = policy.visible(actor, Application, *JUDGES)
    return seen.filter(state=State.PANEL.value, experts=actor.user_id)


def written_by(actor: Actor) -> set[ObjectId]:
    """The applications on which the actor's opinion is given; a draft is not."""
    given = Opinion.objects(expert=actor.user_id, is_final=True).only("application")
    return {ref_id(opinion, "application") for opinion in given}


def mine(actor: Actor, application: Application) -> Opinion | None:
    """The actor's own opinion on the case, if there is one."""
    return Opinion.objects(application=application.id, expert=actor.user_id).first()


def write_opinion(
    application: Application,
    text: str,
    recommends: bool | None,
    is_final: bool,
    version: int,
    actor: Actor,
    now: datetime,
) -> Opinion:
    """Store the actor's opinion; `version` is the one the page showed, 0 for none yet.

    A draft may be empty; a final one needs text and a recommendation and stays as it is. Raises
    NotFound for who isn't assigned, Invalid, Refused when it is final, StaleWrite for an old page.
    """
    if not assigned(actor, application):
        raise NotFound
    _check(text, recommends, is_final)
    change = {"text": text.strip(), "recommends": recommends, "is_final": is_final, "at": now}

    def body() -> Opinion:
        stored = mine(actor, application)
        if stored is None and version == 0:
            _insert(application, actor, change)
        else:
            _update(stored, version, change)
        written: Opinion = Opinion.objects.get(application=application.id, expert=actor.user_id)
        if is_final:
            # not under the application: its unit must not read who judged whom (R16)
            audit(actor, "submit_opinion", written, now)
        return written

    return transaction(body)


def may_recuse(application: Application, actor: Actor) -> bool:
    """Whether the office may take an expert off the case now."""
    return application.state in IN_REVIEW and may(actor, Permission.ASSIGN_EXPERTS, application)


def recuse(
    application: Application, user_id: ObjectId | None, reason: str, actor: Actor, now: datetime
) -> None:
    """Take an expert off the case for good: declared by the expert, or by the office (R17).

    Raises NotFound for a case the actor has nothing to do with, Invalid without a reason, Refused once
    the expert has voted on it.
    """
    own = user_id == actor.user_id and may(actor, Permission.DECLARE_RECUSAL, application)
    if not own and not may(actor, Permission.ASSIGN_EXPERTS, application):
        raise NotFound
    committee = Committee.objects(code=application.committee).first()
    if committee is None or committee.member(user_id) is None:
        raise NotFound
    if not reason.strip():
        raise Invalid({"reason": M("请写明回避理由。")})
    if len(reason.strip()) > LONGEST_RECUSAL_REASON:
        raise Invalid({"reason": M("最多 %(n)s 个字。", n=LONGEST_RECUSAL_REASON)})
    recusal = Recusal(user=user_id, reason=reason.strip(), by=actor.user_id, at=now)

    def body() -> None:
        # a write that every vote of the meeting shares: no vote slips in beside the recusal
        Meeting.objects(id=application.meeting).update_one(inc__revision=1)
        if VoterMark.objects(application=application.id, voter=user_id).first():
            raise Refused(M("这位专家已对这份申报投票，不能再回避。"))
        _push_recusal(application, recusal, now)
        audit(actor, "recuse", committee, now, application=str(application.id), declared=own)

    transaction(body)


def final_opinions(application: Application) -> list[Opinion]:
    """The opinions that count: final, by experts who aren't recused, oldest first."""
    recused = [recusal.user for recusal in application.recusals]
    found = Opinion.objects(application=application.id, is_final=True, expert__nin=recused)
    return list(found.order_by("at", "id"))


def summary(application: Application) -> str:
    """The panel's opinion as the official form prints it, without a name (R16)."""
    given = final_opinions(application)
    yes = sum(1 for opinion in given if opinion.recommends)
    return f"经 {len(given)} 位专家书面评议，{yes} 位同意推荐，{len(given) - yes} 位不同意推荐。"


def _check(text: str, recommends: bool | None, is_final: bool) -> None:
    wrong: dict[str, Message] = {}
    if len(text.strip()) > MAX_LENGTH:
        wrong["text"] = M("最多 %(n)s 个字。", n=MAX_LENGTH)
    elif is_final and not text.strip():
        wrong["text"] = M("请写评议意见。")
    if is_final and recommends is None:
        wrong["recommends"] = M("请选择是否同意推荐。")
    if wrong:
        raise Invalid(wrong)


def _insert(application: Application, actor: Actor, change: dict[str, Any]) -> None:
    try:
        Opinion(application=application.id, expert=actor.user_id, version=1, **change).save(force_insert=True)
    except NotUniqueError as error:
        raise StaleWrite(mine(actor, application), change) from error


def _update(stored: Opinion | None, version: int, change: dict[str, Any]) -> None:
    if stored is not None and stored.is_final:
        raise Refused(M("意见已经提交，不能再修改。"))
    if stored is None or stored.version != version:
        raise StaleWrite(stored, change)
    result = Opinion._get_collection().update_one(
        {"_id": stored.id, "version": version, "is_final": {"$ne": True}},
        {"$set": change, "$inc": {"version": 1}},
    )
    if result.matched_count != 1:
        raise StaleWrite(Opinion.objects(id=stored.id).first(), change)


def _push_recusal(application: Application, recusal: Recusal, now: datetime) -> None:
    result = Application._get_collection().update_one(
        {
            "_id": application.id,
            "state": {"$in": stored_states(IN_REVIEW)},
            "recusals.user": {"$ne": recusal.user},
        },
        {
            "$push": {"recusals": recusal.to_mongo()},
            "$pull": {"experts": recusal.user},
            "$set": {"updated_at": now},
            "$inc": {"revision": 1},
        },
    )
    if result.matched_count != 1:
        raise Refused(M("这位专家已经回避，或者这份申报已不在评议阶段。"))
