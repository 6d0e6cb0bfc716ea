"""Applications that are never stored: a person's before there is one, and one as other rules judge it."""

from __future__ import annotations

from datetime import datetime

from models.application import Application
from models.choices import Kind, State
from models.form_spec import SectionShape, SectionSpec
from models.person import Person
from models.review_round import ReviewRound, digest_of
from models.round_spec import RoundSpec
from models.sections import SectionRecord
from models.values import as_read, put
from panel.domain.rounds import offers, parts, roster_values


def stand_in(
    round: ReviewRound, person: Person, kind: str, level: str, exceptional: bool, now: datetime
) -> Application:
    """The empty draft that `person` would have in `round` with this choice; raises NoEdition."""
    spec = round.spec
    committees = offers.committees_for(spec, person)
    committee = committees[0].key if committees else ""
    offered = offers.specialities_for(spec, committee) if committee else []
    mine = {option.value for option in offered} & {person.speciality or ""}
    return Application(
        round=round,
        round_version=round.version,
        year=spec.year,
        series=spec.series,
        person=person,
        unit=person.unit,
        recommending_unit=person.recommending_unit or person.unit,
        department=person.department,
        name=person.name,
        staff_number=person.staff_number,
        kind=str(Kind(kind)),
        exceptional=exceptional,
        committee=committee,
        level=level,
        speciality=next(iter(mine), offered[0].value if offered else ""),
        edition=offers.edition_for(spec, kind, level, exceptional, person).key,
        state=State.DRAFT.value,
        created_at=now,
        updated_at=now,
    )


def with_rules(round: ReviewRound, spec: RoundSpec) -> ReviewRound:
    """`round` as it would be with other rules; never stored."""
    data = spec.model_dump(mode="json")
    values = {name: getattr(round, name) for name in ("code", "title", "year", "series", "state")}
    return ReviewRound(id=round.id, version=-1, data=data, digest=digest_of(data), **values)


def judged_by(application: Application, rules: ReviewRound) -> Application:
    """A copy of `application` that the rules of `rules`, from `with_rules`, judge.

    It has followed them as `content.follow_round` lets a draft: locked fields and the edition are theirs.
    """
    copy: Application = Application._from_son(application.to_mongo())
    # the references as they were fetched, past the descriptors
    for name in ("person", "unit", "recommending_unit"):
        put(copy, name, as_read(application, name))
    put(copy, "round", rules)
    put(copy, "round_version", rules.version)
    _take_edition(copy)
    for section in parts.visible_sections(copy):
        if section.shape is SectionShape.RECORD:
            _fill_in(copy, section)
    return copy


def _take_edition(copy: Application) -> None:
    try:
        edition = offers.edition_for(copy.spec, copy.kind, copy.level, bool(copy.exceptional), copy.person)
    except offers.NoEdition:
        return
    copy.edition = edition.key


def _fill_in(copy: Application, section: SectionSpec) -> None:
    known = roster_values.roster_values(section, copy.person)
    for field in section.fields:
        if field.locked and known.get(field.key) is not None:
            record = copy.sections.setdefault(section.key, SectionRecord())
            record.put(field.key, known[field.key], encrypted=field.encrypted)
