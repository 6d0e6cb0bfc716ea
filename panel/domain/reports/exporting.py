"""Files that leave the product: who takes what away is recorded, and may take only what they may read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from models.application import Application
from models.certificate import Certificate
from models.choices import Role, State
from models.database import transaction
from models.messages import M, Message
from models.person import Person
from models.review_round import ReviewRound
from models.values import put_known, ref_id
from panel.domain.access import policy, who_may, who_sees
from panel.domain.access.policy import allowed_role
from panel.domain.access.who_may import STAFF, Permission
from panel.domain.actors import Actor
from panel.domain.content.frozen import as_submitted
from panel.domain.errors import Refused
from panel.domain.records import audit

#: Who gets opinions and the vote's figures with a case; experts and endorsers get it without.
READS_PROCESS = frozenset({Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR})
#: Cases that are held in memory at once.
_CHUNK = 20


@dataclass(frozen=True)
class LeftOut:
    """A case that a file doesn't hold, and why."""

    name: str
    why: Message


@dataclass(frozen=True)
class Readable:
    """A case as its reader may take it away: as submitted, with what belongs to it."""

    application: Application
    shows_process: bool
    certificate: Certificate | None = None
    may_reveal: bool = False  # ID and telephone numbers whole


def why_unreadable(application: Application, actor: Actor) -> Message | None:
    """Why `actor` may not take away the content of `application`; None when they may."""
    if who_may.is_own(actor, application):
        return M("本人的申报，由其他人处理")
    if who_may.is_recused(actor, application):
        return M("您已回避")
    if application.receipt is None or application.state == State.DRAFT:
        return M("还没有提交，提交后才能看到内容")
    if allowed_role(actor, Permission.READ_CONTENT, application) is None:
        return M("您不能查看这份申报的内容")
    return None


def sort_readable(ids: Sequence[ObjectId], actor: Actor) -> tuple[list[ObjectId], list[LeftOut]]:
    """Those of `ids` whose content `actor` may take away, by round, level, department, name; and the others.

    What the actor can't even see is left out without a word, as if it did not exist.
    """
    found = policy.visible(actor, Application, *STAFF).filter(id__in=list(ids))
    needed = (
        "person name receipt state lapsed_from held_from unit department committee recusals experts level"
    )
    rows = list(found.only(*needed.split(), "round", "department_name").no_dereference())
    ranks = _ranks({ref_id(row, "round") for row in rows})
    kept: list[tuple[Any, ObjectId]] = []
    left_out: list[LeftOut] = []
    for row in rows:
        why = why_unreadable(row, actor)
        if why is not None:
            left_out.append(LeftOut(row.name, why))
            continue
        round = ref_id(row, "round")
        place = (str(round), -ranks.get((round, row.level), 0), row.department_name, row.name, str(row.id))
        kept.append((place, row.id))
    return [id for _place, id in sorted(kept)], left_out


def rights_of(actor: Actor) -> list[str]:
    """The roles of staff that `actor` holds, each with where it counts."""
    held = [grant for grant in actor.grants if grant.role in STAFF]
    parts = [(g.role.value, g.unit_id or "", g.department, g.office, g.committee) for g in held]
    return sorted(":".join(str(part) for part in row) for row in parts)


def refuse_lost(ids: Sequence[ObjectId], rights: Iterable[str], actor: Actor) -> None:
    """Raise Refused for a file of the cases `ids` whose maker lost one of `rights`, with which it was made.

    Likewise whoever is recused from one of the cases.
    """
    is_recused = Application.objects(id__in=list(ids), recusals__user=actor.user_id).limit(1).count() > 0
    if is_recused or not set(rights) <= set(rights_of(actor)):
        raise Refused(M("您的职责在导出以后有变动，这份文件不能再下载。请按现在的职责重新导出。"))


def _ranks(rounds: Iterable[ObjectId]) -> dict[tuple[ObjectId, str], int]:
    found = ReviewRound.objects(id__in=list(rounds))
    return {(round.id, level.key): level.rank for round in found for level in round.spec.levels}


def read(ids: Sequence[ObjectId], actor: Actor) -> Iterator[Readable]:
    """The cases `ids` in that order, a few in memory at a time; without those that can't be read any more."""
    rounds: dict[Any, ReviewRound] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = list(ids[start : start + _CHUNK])
        found = {row.id: row for row in policy.visible(actor, Application, *STAFF).filter(id__in=chunk)}
        _take_references(list(found.values()), rounds)
        issued = policy.visible(actor, Certificate, *STAFF, about=who_sees.About(chunk))
        certificates = {ref_id(row, "application"): row for row in issued.no_dereference()}
        for id in chunk:
            application = found.get(id)
            if application is not None and why_unreadable(application, actor) is None:
                role = allowed_role(actor, Permission.READ_CONTENT, application)
                shown = as_submitted(application)
                may_reveal = policy.may(actor, Permission.REVEAL, application)
                yield Readable(shown, role in READS_PROCESS, certificates.get(id), may_reveal)


def _take_references(applications: list[Application], rounds: dict[Any, ReviewRound]) -> None:
    """Fetch persons and rounds of all at once: one by one they would be three look-ups per case."""
    wanted = [ref_id(row, "person") for row in applications]
    people = {person.id: person for person in Person.objects(id__in=wanted)}
    missing = {ref_id(row, "round") for row in applications} - set(rounds)
    rounds.update({round.id: round for round in ReviewRound.objects(id__in=list(missing))})
    for row in applications:
        put_known(row, "person", people)
        put_known(row, "round", rounds)


# --- what is recorded --------------------------------------------------------------------------------


def record_list(
    actor: Actor, model: Any, rows: int, columns: Sequence[str], now: datetime, reason: str = ""
) -> None:
    """Record that `actor` took away a list of `rows` documents of `model` with these columns.

    What was searched for isn't recorded: it may be a name.
    """
    audit(
        actor,
        "export_list",
        model(),
        now,
        reason=reason,
        unit=unit_of(actor),
        list=model._get_collection_name(),
        rows=rows,
        columns=list(columns),
    )


def record_cases(actor: Actor, what: str, ids: Sequence[ObjectId], now: datetime, reason: str = "") -> None:
    """Record at each of the cases `ids` that `actor` took it away in a file of the kind `what`."""
    rows = list(Application.objects(id__in=list(ids)).only("unit").no_dereference())

    def body() -> None:
        for row in rows:
            audit(actor, "export_case", row, now, reason=reason, file=what, people=len(ids))

    transaction(body)


def record_table(
    actor: Actor, round: ReviewRound, key: str, rows: int, is_clear: bool, now: datetime, reason: str = ""
) -> None:
    """Record that `actor` took away the table `key` of `round`; `is_clear`: with ID numbers whole."""
    audit(
        actor,
        "export_table",
        round,
        now,
        reason=reason,
        unit=unit_of(actor),
        name=str(round),
        table=key,
        rows=rows,
        is_clear=is_clear,
    )


def unit_of(actor: Actor) -> ObjectId | None:
    """The unit whose supervisor reads of it: that of the actor's work, else of the person."""
    for role in (Role.UNIT_HR, Role.SUPERVISOR, Role.ENDORSER):
        for grant in actor.as_(role):
            if grant.unit_id:
                return grant.unit_id
    return actor.unit_id
