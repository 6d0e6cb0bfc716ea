"""Publicity lists (R08, R18, G31): what is shown of whom, and for how many full working days.

A list holds what was public on the day it was posted, without anything personal (R23). Posting it and
the step of each application on it are one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from models.application import Application
from models.choices import Action, PublicityKind, Verdict
from models.database import transaction
from models.messages import M
from models.publicity import Publicity, PublicityRow
from models.round_spec import RoundSpec
from models.sections import Entry
from models.values import mask, ref_id
from panel.domain.actors import Actor
from panel.domain.calendar import end_of_day, local_date, period
from panel.domain.errors import Refused
from panel.domain.records import audit
from panel.domain.rounds import parts, printed_columns
from panel.domain.rounds.masking import without_secrets
from panel.domain.steps import workflow

#: What each kind of list does to the applications on it.
ACTION_OF_LIST = {PublicityKind.UNIT: Action.PUBLICISE, PublicityKind.RESULT: Action.PUBLICISE_RESULT}
_STORE = "achievements"
_SEPARATOR = "；"
#: An ID-card number or a mobile number typed into a public text by mistake (R23).
_PERSONAL = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


def draft(
    kind: PublicityKind,
    applications: Sequence[Application],
    now: datetime,
    days: int | None = None,
    posted_on: date | None = None,
) -> Publicity:
    """The list as it would be posted, not stored.

    `days` are full working days, at least the round's number; `posted_on` is today or later.
    Raises Refused for an empty or mixed choice, too few days, a day gone by, or a round without
    telephone and receiving office.
    """
    spec = _common_spec(applications)
    days = spec.publicity.least_days(kind) if days is None else days
    posted_on = posted_on or local_date(now)
    _refuse_bad_dates(kind, spec, days, posted_on, now)
    counted = period(posted_on, days)
    first = applications[0]
    return Publicity(
        kind=kind.value,
        # …职称评审 + 评审结果公示 reads …职称评审结果公示
        title=f"{first.round.title.removesuffix('评审')}{kind.label}",
        round=first.round,
        unit=first.unit,
        posted_on=posted_on,
        days=days,
        starts=counted.starts,
        ends=counted.ends,
        ends_at=end_of_day(counted.ends),
        is_provisional=counted.provisional,
        telephone=spec.publicity.telephone,
        receiving_office=spec.publicity.receiving_office.zh,
        email=spec.publicity.email or None,
        rows=[_row(application, spec) for application in _in_order(applications)],
    )


def post(
    kind: PublicityKind,
    applications: Sequence[Application],
    actor: Actor,
    now: datetime,
    days: int | None = None,
    posted_on: date | None = None,
) -> Publicity:
    """Post one list and take the step of every application on it: all, or none.

    Raises Refused with the first reason found; nothing is stored then.
    """
    publicity = draft(kind, applications, now, days, posted_on)
    publicity.by, publicity.at = actor.user_id, now

    def body() -> Publicity:
        publicity.save(force_insert=True)
        for application in applications:
            workflow.run(ACTION_OF_LIST[kind], application, actor, now, publicity=publicity)
        audit(actor, "post_publicity", publicity, now, rows=len(publicity.rows), kind=kind.value)
        return publicity

    return transaction(body)


def _common_spec(applications: Sequence[Application]) -> RoundSpec:
    """The rules of the one round that all of `applications` belong to."""
    if not applications:
        raise Refused(M("请先选择要公示的申报。"))
    if len({ref_id(application, "round") for application in applications}) > 1:
        raise Refused(M("所选申报属于不同批次，请按批次分别公示。"))
    if len({ref_id(application, "unit") for application in applications}) > 1:
        raise Refused(M("所选申报属于不同单位，请按单位分别公示。"))
    spec: RoundSpec = applications[0].round.spec
    return spec


def _refuse_bad_dates(
    kind: PublicityKind, spec: RoundSpec, days: int, posted_on: date, now: datetime
) -> None:
    least = spec.publicity.least_days(kind)
    if days < least:
        raise Refused(M("公示不得少于 %(n)s 个工作日。", n=least))
    if days > 30:
        raise Refused(M("公示最多 30 个工作日，请检查天数。"))
    if posted_on < local_date(now):
        raise Refused(M("公示日期不能早于今天，否则公示期就不足了。"))
    if not spec.publicity.telephone or not spec.publicity.receiving_office:
        raise Refused(M("批次还没有填写公示的监督电话和受理部门，请先在批次里补上。"))


def _in_order(applications: Sequence[Application]) -> list[Application]:
    """By level from the highest, then speciality, then name."""

    def key(application: Application) -> tuple[int, str, str, str]:
        rank = application.spec.level(application.level).rank
        return (-rank, application.speciality, application.name, str(application.id))

    return sorted(applications, key=key)


def _row(application: Application, spec: RoundSpec) -> PublicityRow:
    public = without_secrets(application)
    return PublicityRow(
        application=application.id,
        name=application.name,
        department=application.department_name,
        level=application.level,
        title=spec.level(application.level).title.zh,
        speciality=application.speciality,
        present_title=application.person.title or "",
        exceptional=application.exceptional,
        columns={
            section.key: lines(public, section.key)
            for section in parts.visible_sections(application)
            if section.store == _STORE
        },
    )


def lines(application: Application, section: str) -> list[str]:
    """One line per entry that HR didn't refuse, as the official table prints it; 无 when there is none."""
    entries = [entry for entry in printed_columns.ordered(application, section) if not _is_refused(entry)]
    asked = parts.AskedForm(application)
    printed = [printed_columns.compose(asked, entry) for entry in entries]
    if not application.entries(section):
        printed = printed_columns.rows(asked, section)
    return [line for line in map(_line, printed) if line]


def _line(cells: dict[str, str]) -> str:
    text = _SEPARATOR.join(dict.fromkeys(cell.strip() for cell in cells.values() if cell and cell.strip()))
    return _PERSONAL.sub(lambda match: mask(match.group()), text)


def _is_refused(entry: Entry) -> bool:
    return entry.judgement is not None and entry.judgement.verdict == Verdict.REFUSE
