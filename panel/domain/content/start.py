"""Starting an application, and what it is for: kind, committee, level, speciality (G04–G08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mongoengine import NotUniqueError

from models.application import Application
from models.choices import Kind, State
from models.database import transaction
from models.form_spec import SectionShape
from models.messages import M, Message
from models.person import Person
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.sections import Pledge, SectionRecord
from models.unit import Unit
from models.values import ref_id
from panel.domain.actors import Actor
from panel.domain.content.material import place_material
from panel.domain.content.roster import denormalised, from_roster
from panel.domain.content.writing import commit
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.records import audit
from panel.domain.rounds import offers


@dataclass(frozen=True)
class Selection:
    """What a person applies for, and from where."""

    kind: str
    level: str
    committee: str
    speciality: str
    exceptional: bool = False
    unit: Unit | None = None  # None = the roster's
    recommending_unit: Unit | None = None
    round: ReviewRound | None = None  # None = the one the case is in


def selection_of(application: Application) -> Selection:
    """The selection as it stands."""
    return Selection(
        application.kind,
        application.level,
        application.committee,
        application.speciality,
        application.exceptional,
        application.unit,
        application.recommending_unit,
    )


def create(
    person: Person, round: ReviewRound, selection: Selection, pledge: bool, actor: Actor, now: datetime
) -> Application:
    """Start a draft, filled in from the roster. Raises Invalid by field, Refused, NotFound."""
    if actor.person_id != person.id:
        raise NotFound
    window = offers.window(round, person, now)
    if not window.is_open:
        raise Refused(M("现在不在申报时间内。如确有原因，请联系人事部门为您延期。"))
    wrong = misfits(round.spec, person, selection) | foreign_units(round.spec, person, selection)
    if not pledge:
        wrong["pledge"] = M("请阅读并勾选个人承诺，再开始填报。")
    if wrong:
        raise Invalid(wrong)
    application = _new(person, round, selection, actor, now)

    def store() -> Application:
        application.insert()
        audit(actor, "start", application, now)
        is_placed = place_material(application.id, now)
        return Application.objects.get(id=application.id) if is_placed else application

    try:
        return transaction(store)
    except NotUniqueError as error:
        raise Refused(M("您今年已有一份申报，请打开它继续填报。")) from error


def _new(
    person: Person, round: ReviewRound, selection: Selection, actor: Actor, now: datetime
) -> Application:
    spec = round.spec
    unit = selection.unit or person.unit
    edition = offers.edition_for(spec, Kind(selection.kind), selection.level, selection.exceptional, person)
    started = Pledge(
        by=actor.user_id, at=now, text_version=spec.texts.pledge_version, purpose="start", content_revision=0
    )
    application = Application(
        round=round,
        round_version=round.version,
        year=spec.year,
        series=spec.series,
        person=person,
        unit=unit,
        recommending_unit=selection.recommending_unit or person.recommending_unit or unit,
        **denormalised(person),
        kind=selection.kind,
        exceptional=selection.exceptional,
        committee=selection.committee,
        level=selection.level,
        speciality=selection.speciality,
        edition=edition.key,
        pledges=[started],
        created_at=now,
        updated_at=now,
    )
    for section in spec.sections:
        if section.shape == SectionShape.RECORD:
            values = from_roster(section, person)
            if values:
                application.sections[section.key] = SectionRecord(values=values, version=1, changed_at=now)
    return application


def misfits(spec: RoundSpec, person: Person, selection: Selection) -> dict[str, Message]:
    """What doesn't fit this person, by field."""
    wrong: dict[str, Message] = {}
    if selection.kind not in {kind.value for kind in offers.kinds_for(spec, person)}:
        wrong["kind"] = M("请选择适合您情况的申报类型。")
        return wrong
    fitting = offers.levels_for(spec, person, Kind(selection.kind), selection.exceptional)
    if selection.level not in {level.key for level in fitting}:
        wrong["level"] = M("请选择可以申报的级别。跨级申报须按破格办理。")
    if selection.committee not in {row.key for row in offers.committees_for(spec, person)}:
        wrong["committee"] = M("请选择为您所在部门和系列服务的评委会。")
        judged = spec.specialities
    else:
        judged = offers.specialities_for(spec, selection.committee)
    if selection.speciality not in {row.value for row in judged}:
        wrong["speciality"] = M("请选择这个评委会评审的申报专业。")
    return wrong


def foreign_units(
    spec: RoundSpec, person: Person, selection: Selection, kept: tuple[Unit, ...] = ()
) -> dict[str, Message]:
    """Units that this person may not name (G04, G05): HR binds them in the roster, the round may add others.

    Otherwise one could pick whose HR checks and recommends. `kept` are those that stand already.
    """
    own = {person.unit, person.recommending_unit, *kept}
    named = {"unit": selection.unit, "recommending_unit": selection.recommending_unit}
    return {
        name: M("请选择人员名册中的单位。名册有误的，请联系人事部门更正。")
        for name, unit in named.items()
        if unit is not None and unit not in own and unit.code not in spec.other_units
    }


def confirm_on_behalf(application: Application, pledge: bool, actor: Actor, now: datetime) -> None:
    """The applicant confirms, with the pledge, what HR submitted for them. Raises Refused, NotFound."""
    if actor.person_id != ref_id(application, "person"):
        raise NotFound
    receipt = application.receipt
    is_waiting = receipt is not None and receipt.on_behalf and receipt.confirmed_at is None
    if not is_waiting or application.state != State.SUBMITTED:
        raise Refused(M("没有需要确认的代提交。"))
    if not pledge:
        raise Invalid({"pledge": M("请阅读并勾选个人承诺，再确认。")})
    ticked = Pledge(
        by=actor.user_id,
        at=now,
        text_version=application.spec.texts.pledge_version,
        purpose="confirm",
        content_revision=application.content_revision,
    )

    def write() -> None:
        commit(
            application,
            {"receipt.confirmed_at": None},
            {"$set": {"receipt.confirmed_at": now}, "$push": {"pledges": ticked.to_mongo()}},
            now,
            is_content=False,
        )
        audit(actor, "confirm_on_behalf", application, now)

    transaction(write)
