"""Putting a draft into force: a new version of the round, told to those whom it affects; new rounds."""

from __future__ import annotations

import copy
import re
from datetime import date, datetime
from typing import Any

from mongoengine import NotUniqueError

from models.choices import RoundState
from models.database import transaction
from models.messages import M
from models.review_round import ReviewRound, RoundVersion, digest_of
from models.round_draft import RoundDraft
from models.round_spec import RoundSpec
from panel.domain.access.policy import allowed_role
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.content import following
from panel.domain.errors import Invalid, Refused
from panel.domain.records import audit
from panel.domain.round_edit import drafts, tree
from panel.domain.round_edit.defaults import blank as blank_data
from panel.domain.round_edit.impact.what_if import WhatIf, tell, what_if
from panel.domain.round_edit.problems import contradictions, use
from panel.domain.round_edit.problems.contradictions import Problem
from panel.domain.round_edit.tree import Data

YEARS = range(2000, 2100)
#: Of title, series and organisation of a new round.
LONGEST_ROUND_NAME = 100


class HasProblems(Refused):
    """The round contradicts itself; `problems` says where."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(M("还有 %(n)s 处问题，处理完才能生效或开放。", n=len(found)))
        self.problems = found


def all_problems(round: ReviewRound, data: Data) -> list[Problem]:
    """What contradicts itself in the draft `data`, and what it takes away from applications."""
    return [*contradictions.problems(data), *use.in_use(round, data)]


def publish(round: ReviewRound, revision: int, actor: Actor, now: datetime) -> ReviewRound:
    """Put the draft of `revision` into force as a new version; returns the round.

    Raises Refused when somebody changed the draft after it was looked at, when it says nothing new, or when
    the round was renewed meanwhile; HasProblems.
    """
    drafts.require(round, actor)
    fresh: ReviewRound = ReviewRound.objects.get(id=round.id)
    draft = drafts.draft_of(fresh)
    if draft.revision != revision:
        raise Refused(M("草稿刚被修改过，请重新查看影响后再生效。"))
    if drafts.is_outdated(fresh, draft):
        raise Refused(M("批次已从文件更新为新的版本，这份草稿不能生效。请放弃草稿后重新修改。"))
    if not drafts.is_changed(fresh, draft):
        raise Refused(M("没有要生效的修改。"))
    if found := all_problems(fresh, draft.data):
        raise HasProblems(found)
    spec = RoundSpec.model_validate(tree.without_ids(draft.data))
    role = allowed_role(actor, Permission.MANAGE_ROUNDS, fresh) or ""
    affected = what_if(fresh, spec, actor, now)
    transaction(lambda: _put_into_force(fresh, draft, spec, affected, actor, now, role))
    stored: ReviewRound = ReviewRound.objects.get(id=round.id)
    return stored


def _put_into_force(
    round: ReviewRound,
    draft: RoundDraft,
    spec: RoundSpec,
    affected: WhatIf,
    actor: Actor,
    now: datetime,
    role: str,
) -> None:
    data = spec.model_dump(mode="json")
    version = round.version + 1
    is_first = ReviewRound.objects(id=round.id, version=round.version).update_one(
        set__data=data,
        set__digest=digest_of(data),
        set__title=spec.title.zh[:100],
        set__year=spec.year,
        set__version=version,
        set__updated_at=now,
    )
    is_mine = RoundDraft.objects(id=draft.id, revision=draft.revision).update_one(
        set__published=draft.revision, set__base_version=version
    )
    if not is_first or not is_mine:
        raise Refused(M("草稿刚被修改过，请重新查看影响后再生效。"))
    RoundVersion(round=round, version=version, data=data, at=now).save(force_insert=True)
    following.follow_round(ReviewRound.objects.get(id=round.id), now)
    told = tell(affected, now)
    audit(actor, "round_publish", round, now, role=role, name=spec.title.zh, version=version, told=told)


def effect(round: ReviewRound, draft: RoundDraft, actor: Actor, now: datetime) -> WhatIf | None:
    """Whom the draft affects and how; None while it contradicts itself. Stores nothing."""
    if contradictions.problems(draft.data):
        return None
    return what_if(round, RoundSpec.model_validate(tree.without_ids(draft.data)), actor, now)


# --- new rounds -----------------------------------------------------------------------------------


def create(data: Data, actor: Actor, now: datetime, like: ReviewRound | None = None) -> ReviewRound:
    """Store a planned round of `data` (validated, without identities); raises Invalid for a taken code.

    Whoever manages the round `like` may make another of it.
    """
    spec = RoundSpec.model_validate(data)
    role = allowed_role(actor, Permission.MANAGE_ROUNDS, like)
    if role is None:
        raise Refused(M("您不能新建申报批次。"))
    stored = spec.model_dump(mode="json")
    round = ReviewRound(
        code=spec.code,
        title=spec.title.zh[:100],
        year=spec.year,
        series=spec.series,
        state=RoundState.PLANNED.value,
        version=1,
        data=stored,
        updated_at=now,
    )

    def body() -> None:
        round.save(force_insert=True)
        RoundVersion(round=round, version=1, data=stored, at=now).save(force_insert=True)
        audit(actor, "round_create", round, now, role=role, name=spec.title.zh)

    try:
        transaction(body)
    except NotUniqueError as error:
        raise Invalid({"year": M("这个系列在该年度已有批次，请打开它修改，或换一个年度。")}) from error
    return round


def clone(round: ReviewRound, year: int, actor: Actor, now: datetime) -> ReviewRound:
    """A planned round of `year` with what applies in `round`: its dates moved, its year replaced in names.

    Dates that are facts stay: until when a committee is approved, from when on an edition counts (G22).
    Raises Invalid.
    """
    if year not in YEARS or year == round.data["year"]:
        raise Invalid({"year": M("请填写另一个年度，如 %(year)s。", year=str(round.data["year"] + 1))})
    return create(moved(round.data, year), actor, now, like=round)


def moved(data: Data, year: int) -> Data:
    """The data of a round for another year."""
    new = copy.deepcopy(data)
    years = year - data["year"]
    old, to = str(data["year"]), str(year)
    new["year"] = year
    new["dates"] = {name: _moved(day, years) for name, day in data["dates"].items()}
    new["title"] = {language: text.replace(old, to) for language, text in data["title"].items()}
    version = data["texts"]["pledge_version"]
    new["texts"] = new["texts"] | {"pledge_version": version.replace(old, to)}
    code = re.sub(rf"(?<!\d){old}(?!\d)", to, data["code"])
    new["code"] = code if code != data["code"] else f"{data['code']}-{to}"
    return new


def _moved(day: str, years: int) -> str:
    before = date.fromisoformat(day)
    try:
        return before.replace(year=before.year + years).isoformat()
    except ValueError:  # 29 February
        return before.replace(year=before.year + years, day=28).isoformat()


def blank(title: str, series: str, organisation: str, year: Any, actor: Actor, now: datetime) -> ReviewRound:
    """A planned round of a new series; raises Invalid."""
    errors = {
        name: M("请填写这一项（最多 %(n)s 字）。", n=LONGEST_ROUND_NAME)
        for name, text in (("title", title), ("series", series), ("organisation", organisation))
        if not text.strip() or len(text) > LONGEST_ROUND_NAME
    }
    if not isinstance(year, int) or year not in YEARS:
        errors["year"] = M("请填写年度，如 2027。")
    if errors:
        raise Invalid(errors)
    return create(blank_data(title.strip(), series.strip(), organisation.strip(), year), actor, now)
