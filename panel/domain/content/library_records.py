"""What of an earlier application's records and portrait fills in what is still empty in a new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.application import Application
from models.checks import Check
from models.field_spec import FieldSpec, FieldType, Text
from models.form_spec import PHOTO_FIELD, SectionShape, SectionSpec
from models.sections import Entry, Photo, SectionRecord
from models.values import PartialDate
from panel.domain.actors import Actor
from panel.domain.content.writing import Reading, differences, is_editable, read_into
from panel.domain.rounds import fields as field_types
from panel.domain.rounds import parts, showing

#: The portrait's name among what is offered.
PHOTO = "photo"
_PREFIX = "record:"


@dataclass(frozen=True)
class RecordOffer:
    """The fields of a record that are empty here and were filled in there."""

    section: SectionSpec
    fields: list[tuple[FieldSpec, Any]]  # with the value in words
    sets: Mapping[str, Any]  # by path inside the record, as stored

    @property
    def uid(self) -> str:
        """Its name among what is offered; no entry or file is called so."""
        return f"{_PREFIX}{self.section.key}"

    @property
    def label(self) -> Text:
        """What the record is called here."""
        return self.section.label


def is_record(uid: str) -> bool:
    """Whether a name among what is offered stands for a record."""
    return uid.startswith(_PREFIX)


def typed_again(spec: FieldSpec, content: Entry | SectionRecord) -> Any:
    """The value as a form would post it; None for an empty one."""
    unread = content.typed_text(spec.key)
    if unread is not None:
        return unread
    value = content.get(spec.key)
    if value is None or value == []:
        return None
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return value.iso() if isinstance(value, PartialDate) else field_types.to_form(spec, value)


def record_offers(
    application: Application, source: Application, actor: Actor, now: datetime
) -> Iterator[RecordOffer]:
    """For each record of both applications what it could take over, if anything."""
    olds = {s.key: s for s in parts.visible_sections(source) if s.shape is SectionShape.RECORD}
    for section in parts.visible_sections(application):
        if section.shape is SectionShape.RECORD and section.key in olds:
            offer = _offer(application, source, section, olds[section.key], actor, now)
            if offer.fields:
                yield offer


def _offer(
    application: Application,
    source: Application,
    new: SectionSpec,
    old: SectionSpec,
    actor: Actor,
    now: datetime,
) -> RecordOffer:
    here, there = application.record(new.key), source.record(old.key)
    known = {spec.key: spec for spec in parts.visible_fields(source, old) if _comes_along(spec)}
    passing = _outdated(application, source, new) | _derived(application, new)
    raw = {
        spec.key: text
        for spec in new.fields
        if spec.key in known and spec.key not in passing and _comes_along(spec) and _is_empty(here, spec)
        if there.typed_text(spec.key) is None
        if (text := typed_again(known[spec.key], there)) is not None
    }

    def is_open(field: str) -> bool:
        return field in raw and is_editable(application, new.key, actor, now, field=field)

    reading = read_into(application, new, here, raw, is_open)
    parsed = reading.parsed
    read = {key: value for key, value in parsed.values.items() if key not in parsed.unread}
    sets, _unsets = differences(here, Reading(reading.specs, type(parsed)(values=read)))
    fields = [
        (spec, showing.shown(application, spec, read[spec.key])) for spec in new.fields if spec.key in read
    ]
    return RecordOffer(new, fields, sets)


def _comes_along(spec: FieldSpec) -> bool:
    return not spec.locked and spec.type not in (FieldType.FILE, FieldType.CLAUSE)


def _is_empty(record: SectionRecord, spec: FieldSpec) -> bool:
    return record.get(spec.key) in (None, "", []) and record.typed_text(spec.key) is None


def _derived(application: Application, section: SectionSpec) -> set[str]:
    """Fields that the rest of the form offers, such as years, which another year made wrong (G13)."""
    rows = application.spec.requirements
    return {row.field for row in rows if row.check == Check.YEARS_MATCH and row.section == section.key}


def _outdated(application: Application, source: Application, section: SectionSpec) -> set[str]:
    """Fields under a heading whose roster values have changed: of the title held before, for example."""
    here, there = application.record(section.key), source.record(section.key)
    group, groups = "", dict[str, list[FieldSpec]]()
    for spec in section.fields:
        group = spec.key if spec.group else group
        groups.setdefault(group, []).append(spec)
    groups.pop("", None)
    return {
        spec.key
        for specs in groups.values()
        if any(spec.source and here.get(spec.key) != there.get(spec.key) for spec in specs)
        for spec in specs
    }


def photo_section(application: Application) -> str:
    """The section whose rule asks for the portrait (G11); "" where the round asks for none."""
    rows = application.spec.requirements
    return next((str(row.section) for row in rows if row.check == Check.PHOTO), "")


def photo_offer(application: Application, source: Application, actor: Actor, now: datetime) -> Photo | None:
    """The portrait of the earlier application, where there is none yet and it fits the specification."""
    photo, home = source.photo, photo_section(application)
    if photo is None or application.photo is not None or not home:
        return None
    if not application.spec.photo.fits(photo.width, photo.height, photo.size or 0):
        return None
    return photo if is_editable(application, home, actor, now, field=PHOTO_FIELD) else None
