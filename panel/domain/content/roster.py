"""What the roster fills in, and how drafts follow when HR corrects it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.application import Application
from models.form_spec import SectionShape, SectionSpec
from models.person import Person
from models.sections import stored_value
from models.states import IN_HAND, stored_states
from models.values import search_keys
from panel.domain.content.writing import commit, is_same
from panel.domain.errors import StaleWrite
from panel.domain.rounds import roster_values


def from_roster(section: SectionSpec, person: Person) -> dict[str, Any]:
    """What the roster fills in of `section`, as stored."""
    values = roster_values.roster_values(section, person)
    found = {key: stored_value(value, section.field(key).encrypted) for key, value in values.items()}
    return {key: value for key, value in found.items() if value is not None}


def denormalised(person: Person, number: str | None = None) -> dict[str, Any]:
    """What lists show of the person, kept on the application; a search looks at its `number` too."""
    return {
        "name": person.name,
        "staff_number": person.staff_number,
        "department": person.department,
        "department_name": person.unit.department_name(person.department),
        "search": search_keys(person.name, person.staff_number, number or ""),
    }


def refresh_drafts(person: Person, now: datetime) -> int:
    """Bring what the person has in hand in line with the roster; returns how many changed.

    Called with every edit of the roster, in its transaction.
    """
    found = Application.objects(person=person.id, state__in=stored_states(IN_HAND))
    return sum(1 for application in found if refresh_from_roster(application, now))


def refresh_from_roster(application: Application, now: datetime) -> bool:
    """Bring locked fields and what lists show in line with the roster; tells whether anything changed.

    Only while the applicant has it in hand: what was submitted stays as it was.
    """
    if application.state not in IN_HAND:
        return False
    sets, unsets = _locked(application)
    is_content = bool(sets or unsets)
    for key, value in denormalised(application.person, application.number).items():
        if not is_same(getattr(application, key), value):
            sets[key] = value
    if not sets and not unsets:
        return False
    update: dict[str, Any] = {"$set": sets} | ({"$unset": dict.fromkeys(unsets, "")} if unsets else {})
    try:
        commit(application, {"revision": application.revision}, update, now, is_content=is_content)
    except StaleWrite:
        return refresh_from_roster(Application.objects.get(id=application.id), now)
    return True


def _locked(application: Application) -> tuple[dict[str, Any], list[str]]:
    """What the locked fields of all records lack or have too much, by path."""
    sets: dict[str, Any] = {}
    unsets: list[str] = []
    for section in application.spec.sections:
        if section.shape is not SectionShape.RECORD:
            continue
        roster = roster_values.roster_values(section, application.person)
        record = application.record(section.key)
        stale = [
            field
            for field in section.fields
            if field.locked and not is_same(record.get(field.key), roster.get(field.key))
        ]
        for field in stale:
            path = f"sections.{section.key}.values.{field.key}"
            value = stored_value(roster.get(field.key), field.encrypted)
            if value is None:
                unsets.append(path)
            else:
                sets[path] = value
        if stale:
            sets[f"sections.{section.key}.version"] = record.version + 1
    return sets, unsets
