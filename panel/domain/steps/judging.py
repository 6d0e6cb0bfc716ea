"""HR's judgement of entries and attachments, the unit's opinion, and the beginning of the check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import State, Verdict
from models.database import transaction
from models.form_spec import ITEM_LISTS
from models.messages import M
from models.sections import Judgement
from models.states import TAKES_UNIT_OPINION
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.content.writing import commit
from panel.domain.errors import NotFound, Refused
from panel.domain.records import audit
from panel.domain.rounds.parts import AskedForm
from panel.domain.steps.guards.checking import judged_entries

LONGEST_OPINION = 1000
LONGEST_UNIT_OPINION = 2000


def may_judge(application: Application, actor: Actor) -> bool:
    """Whether the actor judges entries and attachments now."""
    return application.state == State.SUBMITTED and may(actor, Permission.JUDGE, application)


def begin_check(application: Application, actor: Actor, now: datetime) -> None:
    """Begin to check: from now on the applicant can't recall by themselves."""
    _require(application, actor)
    if application.hr_begun_at:
        return

    def write() -> None:
        commit(application, {}, {"$set": {"hr_begun_at": now}}, now, is_content=False)
        audit(actor, "begin_check", application, now)

    transaction(write)


def judge(
    application: Application, uids: Iterable[str], verdict: Verdict, opinion: str, actor: Actor, now: datetime
) -> None:
    """Judge entries or attachments by uid; doubt and refusal need an opinion.

    Raises NotFound when any uid isn't this application's, Refused.
    """
    _require(application, actor)
    wanted = set(uids)
    if verdict != Verdict.ACCEPT and not opinion.strip():
        raise Refused(M("存疑或不认可时，请写明意见。"))
    if len(opinion.strip()) > LONGEST_OPINION:
        raise Refused(M("意见最多 %(n)s 字。", n=LONGEST_OPINION))
    _judge(application, wanted, verdict, opinion.strip(), actor, now, {})


def _judge(
    application: Application,
    wanted: set[str],
    verdict: Verdict,
    opinion: str,
    actor: Actor,
    now: datetime,
    where: Mapping[str, Any],
) -> None:
    places = {name: wanted & {item.uid for item in getattr(application, name)} for name in ITEM_LISTS}
    own_tables = {
        f"sections.{key}.entries": wanted & {e.uid for e in record.entries}
        for key, record in application.sections.items()
    }
    places |= own_tables
    if not wanted or wanted != set().union(*places.values()):
        raise NotFound
    given = Judgement(
        verdict=verdict, opinion=opinion or None, by=actor.user_id, by_name=actor.name, at=now
    ).to_mongo()
    names = [name for name, hit in places.items() if hit]
    sets: dict[str, Any] = {f"{name}.$[e].judgement": given for name in names}
    sets["hr_begun_at"] = application.hr_begun_at or now

    def write() -> None:
        commit(
            application,
            {"content_revision": application.content_revision, **where},
            {"$set": sets},
            now,
            is_content=False,
            array_filters=[{"e.uid": {"$in": sorted(wanted)}}],
        )
        audit(actor, "judge", application, now, verdict=verdict.value, entries=sorted(wanted))

    transaction(write)


def accept_rest(application: Application, actor: Actor, now: datetime) -> int:
    """Accept every entry not judged yet; returns how many.

    Raises StaleWrite when somebody judged in between: their doubt must not be overwritten.
    """
    _require(application, actor)
    rest = {entry.uid for entry in judged_entries(AskedForm(application)) if entry.judgement is None}
    if rest:
        at_revision = {"revision": application.revision}
        _judge(application, rest, Verdict.ACCEPT, "", actor, now, at_revision)
    return len(rest)


def may_write_unit_opinion(application: Application, actor: Actor) -> bool:
    """Whether the actor writes the unit's opinion now."""
    return application.state in TAKES_UNIT_OPINION and may(actor, Permission.WRITE_UNIT_OPINION, application)


def write_unit_opinion(application: Application, text: str, actor: Actor, now: datetime) -> None:
    """Write the unit's opinion that the form prints (基层单位意见)."""
    if application.state not in TAKES_UNIT_OPINION:
        raise Refused(M("现在不能填写基层单位意见。"))
    if not may_write_unit_opinion(application, actor):
        raise NotFound
    if not text.strip():
        raise Refused(M("请填写基层单位意见。"))
    if len(text.strip()) > LONGEST_UNIT_OPINION:
        raise Refused(M("单位意见最多 %(n)s 字。", n=LONGEST_UNIT_OPINION))

    def write() -> None:
        commit(application, {}, {"$set": {"unit_opinion": text.strip()}}, now, is_content=False)
        audit(actor, "write_unit_opinion", application, now)

    transaction(write)


def _require(application: Application, actor: Actor) -> None:
    if not may(actor, Permission.JUDGE, application):
        raise NotFound
    if not may_judge(application, actor):
        raise Refused(M("“%(state)s”状态下不能审核条目。", state=State(application.state).label))
