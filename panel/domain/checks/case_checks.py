"""The checks of the case: the person, the choice made at the start, photo and slots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.choices import Kind
from models.field_spec import Text
from panel.domain.checks.findings import Finding, RequirementAtWork, choice_words, number, shown
from panel.domain.rounds import offers
from panel.domain.rounds.fields import as_date


def photo(row: RequirementAtWork) -> Iterator[Finding]:
    """There is a photo of the round's specification (G11)."""
    wanted, have = row.case.spec.photo, row.case.application.photo
    if have is not None and wanted.fits(have.width, have.height, have.size or 0):
        return
    yield row.finding(need=f"{wanted.width}×{wanted.height}", expected=f"{wanted.min_kb}–{wanted.max_kb} KB")


def attached(row: RequirementAtWork) -> Iterator[Finding]:
    """The slot holds a file."""
    slot = row.spec.arguments["slot"]
    if not row.case.application.files(slot):
        yield replace(row.finding(), slot=slot)


def months_covered(row: RequirementAtWork) -> Iterator[Finding]:
    """The months stated for the slot's files add up to `minimum`: social insurance (G25)."""
    slot, need = row.spec.arguments["slot"], row.minimum
    have = sum(file.months or 0 for file in row.case.application.files(slot))
    if need is not None and have < need:
        yield replace(row.finding(have=have, need=number(need)), slot=slot)


def in_service(row: RequirementAtWork) -> Iterator[Finding]:
    """The person is in service and not retired (R05)."""
    person = row.case.application.person
    if not person.in_service or person.retired:
        yield row.finding()


def not_sanctioned(row: RequirementAtWork) -> Iterator[Finding]:
    """No sanction of 记过 or worse lasts (R05)."""
    person = row.case.application.person
    if person.is_sanctioned(row.case.today):
        yield row.finding(value=shown(as_date(person.sanction_until)))


def not_barred(row: RequirementAtWork) -> Iterator[Finding]:
    """The person isn't barred for false material (R20, R21)."""
    person = row.case.application.person
    if person.is_barred(row.case.today):
        yield row.finding(value=shown(as_date(person.barred_until)))


def kind_fits(row: RequirementAtWork) -> Iterator[Finding]:
    """The kind of application is one that the person's present title allows (G07, R06)."""
    application = row.case.application
    if application.kind not in offers.kinds_for(row.case.spec, application.person):
        yield row.finding(value=choice_words(application, row.spec.field))


def level_fits(row: RequirementAtWork) -> Iterator[Finding]:
    """Titles are applied for level by level, or exceptionally (R06)."""
    application = row.case.application
    if application.kind not in offers.kinds_for(row.case.spec, application.person):
        return  # kind_fits says so; levels follow from the kind
    allowed = offers.levels_for(
        row.case.spec, application.person, Kind(application.kind), bool(application.exceptional)
    )
    if application.level not in {level.key for level in allowed}:
        names = Text.listing(level.title for level in allowed)
        yield row.finding(value=choice_words(application, row.spec.field), expected=names)


def committee_fits(row: RequirementAtWork) -> Iterator[Finding]:
    """The committee takes the person's applications in the speciality (G07)."""
    application = row.case.application
    fitting = {committee.key for committee in offers.committees_for(row.case.spec, application.person)}
    judged = (
        {option.value for option in offers.specialities_for(row.case.spec, application.committee)}
        if application.committee in fitting
        else set()
    )
    if application.speciality not in judged:
        yield row.finding(value=choice_words(application, row.spec.field))
