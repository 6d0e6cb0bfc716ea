"""What the official evaluation form (评审表) says of an application, gathered for printing.

The round decides which sections, fields and columns there are; `print_layout` knows the official places.
All words are Chinese: the form is an official document that goes into the personnel file.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.application import Application, Submission
from models.choices import Gender, Kind
from models.field_spec import FieldSpec, FieldType
from models.form_spec import ENTRY_LISTS, SectionShape, SectionSpec
from models.states import IN_HAND
from panel.domain.calendar import CHINA
from panel.domain.rounds import conditions, printed_columns
from panel.domain.rounds.parts import AskedForm, visible_fields, visible_sections
from panel.domain.rounds.showing import shown
from panel.services import storage
from panel.services.prints import print_layout
from panel.services.prints.print_opinions import OpinionBox, opinion_boxes
from panel.services.prints.print_text import chinese_day

#: Answers shorter than this stand in a cell, longer texts get a box of their own.
_PROSE_FROM = 300


@dataclass(frozen=True)
class Facts:
    """Short answers, as words and values in pairs."""

    title: str
    pairs: list[tuple[str, str]]


@dataclass(frozen=True)
class Prose:
    """A long answer in a box of its own."""

    title: str
    text: str


@dataclass(frozen=True)
class Table:
    """A repeatable table; `columns` are words and their share of the width in percent."""

    title: str
    columns: list[tuple[str, int]]
    rows: list[list[str]]
    sums: list[str] = field(default_factory=list)  # the last row, where columns are summed


FormPart = Facts | Prose | Table


@dataclass(frozen=True)
class Form:
    """Everything that the template prints, as plain text."""

    title: str
    subtitle: str
    name: str
    number: str
    seal: str
    is_preview: bool
    as_of: datetime
    cover: list[tuple[str, str]]
    organisation: str
    facts: dict[str, str]
    photo: str
    parts: list[FormPart]
    pledge: str
    pledged_on: str
    opinions: list[OpinionBox] = field(default_factory=list)


def gather(application: Application, opinions: bool) -> Form:
    """The form of `application`; without `opinions` the places of unit and committee stay empty."""
    spec, receipt = application.spec, application.receipt
    facts = _facts(application)
    as_of = _as_of(application)
    return Form(
        title="专业技术职务任职资格评审表",
        subtitle=f"{spec.title}　{_kind(application)}",
        name=application.name,
        number=application.number or "",
        seal=receipt.sha256[:16] if receipt else "",
        is_preview=is_preview(application),
        as_of=as_of,
        cover=_cover(application, facts, as_of),
        organisation=str(spec.organisation),
        facts=facts,
        photo=_photo(application),
        parts=list(_parts(application)),
        pledge=str(spec.texts.pledge),
        pledged_on=_pledged_on(application),
        opinions=opinion_boxes(application, opinions),
    )


def is_preview(application: Application) -> bool:
    """Whether what would be printed isn't, or is no longer, what was submitted."""
    receipt = application.receipt
    if receipt is None or application.state in IN_HAND:
        return True
    if receipt.content_revision == application.content_revision:
        return False
    # what HR changed openly (a choice, a slip of the pen) is frozen anew and counts as submitted
    frozen = Submission.objects(application=application, content_revision=application.content_revision)
    return frozen.limit(1).count(with_limit_and_skip=True) == 0


def _as_of(application: Application) -> datetime:
    """When the printed content came to be: the submission, or the last change of a draft's content."""
    if not is_preview(application):
        return _instant(application.receipt.at)
    items = [*application.sections.values(), *application.attachments]
    for record in application.sections.values():
        items += record.entries
    for store in ENTRY_LISTS:
        items += getattr(application, store)
    changes = [getattr(item, "changed_at", None) or getattr(item, "at", None) for item in items]
    return max(_instant(at) for at in [application.created_at, *changes] if at)


def _instant(value: datetime) -> datetime:
    """`value` to the second, as PDF and XMP both write it."""
    return value.astimezone(CHINA).replace(microsecond=0)


def _kind(application: Application) -> str:
    return str(Kind(application.kind).label) + ("（破格）" if application.exceptional else "")


def _cover(application: Application, facts: dict[str, str], as_of: datetime) -> list[tuple[str, str]]:
    level = application.spec.level(application.level)
    known = {
        "unit": " ".join(dict.fromkeys([str(application.unit.name), application.department_name])),
        "name": application.name,
        "current_title": application.person.title or "",
        "applied_title": str(level.title),
        "filled_on": chinese_day(as_of),
    }
    values = known | {key: text for key, text in facts.items() if text}
    return [
        (words, next((values[key] for key in keys if values.get(key)), ""))
        for words, keys in print_layout.COVER
    ]


def _facts(application: Application) -> dict[str, str]:
    """Field key -> text, of every record section; what the roster knows stands in for what isn't asked."""
    person = application.person
    found = {
        "name": application.name,
        "gender": str(Gender(person.gender).label) if person.gender else "",
        "birth_date": chinese_day(person.birth_date) if person.birth_date else "",
        "work_start": person.work_start.chinese() if person.work_start else "",
    }
    owners = _owners(application)
    for section, spec in _asked_fields(application):
        if owners.get(spec.key) == section:
            text = _text(application, spec, conditions.value_of(application.record(section), spec.key))
            if text or spec.key not in found or not spec.printed:
                found[spec.key] = text if spec.printed else ""
    return found


def _asked_fields(application: Application) -> Iterator[tuple[str, FieldSpec]]:
    """Section and field of all records, in the round's order."""
    for section in visible_sections(application):
        if section.shape == SectionShape.RECORD and section.printed:
            for spec in visible_fields(application, section):
                yield section.key, spec


def _owners(application: Application) -> dict[str, str]:
    """Field key -> the section that fills its official place: the first of those that have such a field."""
    owners: dict[str, str] = {}
    for section, spec in _asked_fields(application):
        owners.setdefault(spec.key, section)
    return owners


def _parts(application: Application) -> Iterator[FormPart]:
    """The sections in the round's order: what has no official place, long answers, tables."""
    for section in visible_sections(application):
        if section.shape == SectionShape.RECORD:
            yield from _record_parts(application, section)
        elif section.shape == SectionShape.LIST and section.printed:
            yield _table(application, section)


def _record_parts(application: Application, section: SectionSpec) -> Iterator[FormPart]:
    record = application.record(section.key)
    owners = _owners(application)
    free = [
        spec
        for key, spec in _asked_fields(application)
        # the official form has no place for telephones and ID numbers, and they aren't needed on it
        if key == section.key and spec.printed and not spec.encrypted
        # of two sections with a field of one key, only the first one's has the official place
        if spec.key not in print_layout.PLACED or owners[spec.key] != section.key
    ]
    short = [spec for spec in free if not _is_prose(spec)]
    if short:
        yield Facts(
            str(section.label),
            [(str(s.label), _text(application, s, conditions.value_of(record, s.key))) for s in short],
        )
    for spec in free:
        if _is_prose(spec):
            yield Prose(str(spec.label), _text(application, spec, conditions.value_of(record, spec.key)))


def _is_prose(spec: FieldSpec) -> bool:
    return spec.type == FieldType.LONG_TEXT and spec.max_length >= _PROSE_FROM


def _table(application: Application, section: SectionSpec) -> Table:
    """The official columns, and under them the totals of those that are summed."""
    unprinted = {spec.key for spec in section.fields if not spec.printed}
    heads = [head for head in section.heads if head.key not in unprinted]
    shares = _shares([head.width for head in heads])
    asked = AskedForm(application)
    sums = printed_columns.sums(asked, section)
    return Table(
        str(section.label),
        [(str(head.label), share) for head, share in zip(heads, shares, strict=True)],
        [[row.get(head.key, "") for head in heads] for row in printed_columns.rows(asked, section)],
        _sum_row([head.key for head in heads], sums) if sums else [],
    )


def _shares(widths: list[int]) -> list[int]:
    """Whole percents that are `widths`' shares of the page and add up to it, or the table would stand out."""
    ends = [round(100 * sum(widths[: n + 1]) / sum(widths)) for n in range(len(widths))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _sum_row(keys: list[str], sums: dict[str, str]) -> list[str]:
    cells = [sums.get(key, "") for key in keys]
    return ["合计" + (f" {cells[0]}" if cells[0] else ""), *cells[1:]] if cells else []


def _text(application: Application, spec: FieldSpec, value: Any) -> str:
    return "" if value is None else str(shown(application, spec, value))


def _photo(application: Application) -> str:
    return picture(application.photo.sha256) if application.photo else ""


def picture(sha256: str) -> str:
    """The stored JPEG as a `data:` address; raises storage.BlobMissing."""
    return "data:image/jpeg;base64," + base64.b64encode(storage.read(sha256)).decode("ascii")


def _pledged_on(application: Application) -> str:
    """The day of the pledge that goes with the content as it is, or nothing."""
    signed = [
        pledge
        for pledge in application.pledges
        if pledge.purpose == "submit" and pledge.content_revision == application.content_revision
    ]
    return chinese_day(signed[-1].at) if signed else ""
