"""What the sources of a round's tables say of one case, in Chinese, as the authority reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.application import Application
from models.certificate import Certificate
from models.choices import Gender, Kind, State
from models.export_spec import MONTH
from models.field_spec import FieldSpec, FieldType
from models.form_spec import SectionShape, SectionSpec
from models.messages import M
from models.sections import Entry, SectionRecord
from models.values import PartialDate, mask
from panel.domain.calendar import local_date
from panel.domain.people.roster_columns import COLUMNS
from panel.domain.publicity import lists
from panel.domain.rounds import conditions, fields, offers, parts, printed_columns, roster_values

_SECRET = frozenset(column.key for column in COLUMNS if column.secret)


@dataclass(frozen=True)
class Reading:
    """One case being read: its place in the table, and what its reader may see of it."""

    application: Application
    number: int
    certificate: Certificate | None = None
    shows_process: bool = False  # opinions and the vote's figures
    is_clear: bool = False  # ID and telephone numbers whole


def cell(source: str, reading: Reading) -> str | int | float:
    """What `source` says of the case; "" where it says nothing, or the reader may not see it."""
    plain = source.removesuffix(MONTH)
    kind, _, place = plain.partition(".")
    value = _READERS[kind](place, reading) if kind in _READERS else ""
    if plain != source:
        return _month(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return "" if value is None else str(value)


def _row(place: str, reading: Reading) -> Any:
    return reading.number


def _empty(place: str, reading: Reading) -> Any:
    return ""


def _case(place: str, reading: Reading) -> Any:
    application = reading.application
    spec = application.spec
    readers: dict[str, Callable[[], Any]] = {
        "unit": lambda: application.unit.name,
        "department": lambda: application.department_name,
        "recommending_unit": lambda: application.recommending_unit.name,
        "kind": lambda: Kind(application.kind).label,
        "exceptional": lambda: M("是") if application.exceptional else M("否"),
        "level": lambda: spec.level(application.level).label,
        "title": lambda: spec.level(application.level).title,
        "speciality": lambda: spec.speciality(application.speciality).label,
        "committee": lambda: spec.committee(application.committee).name,
        "state": lambda: State(application.state).label,
        "submitted_on": lambda: _day(application.submitted_at),
    }
    try:
        return readers[place]() if place in readers else getattr(application, place)
    except KeyError:
        # the round has lost it since: what is stored
        return getattr(application, place, "")


def _person(place: str, reading: Reading) -> Any:
    value = roster_values.roster_value(place, reading.application.person)
    if place in _SECRET:
        return _secret(value, reading)
    if place == "gender" and value:
        return Gender(value).label
    if place == "speciality" and value:
        options = reading.application.spec.specialities
        return next((option.label for option in options if option.value == value), value)
    return value


def _secret(value: Any, reading: Reading) -> str:
    text = str(value or "")
    return text if reading.is_clear else mask(text)


def _field(place: str, reading: Reading) -> Any:
    """The field of a record, or of the newest entry that has it."""
    application = reading.application
    key, _, name = place.partition(".")
    section = _section(application, key)
    if section is None:
        return ""
    if section.shape is SectionShape.RECORD:
        return _shown(application, section, application.record(key), name, reading)
    for entry in printed_columns.ordered(application, section):
        shown = _shown(application, section, entry, name, reading)
        if shown != "":
            return shown
    return ""


def _shown(
    application: Application,
    section: SectionSpec,
    content: Entry | SectionRecord,
    name: str,
    reading: Reading,
) -> Any:
    for spec in parts.visible_fields(application, section, content):
        if spec.key == name:
            return _as_read(spec, conditions.value_of(content, name), application, reading)
    return ""


def _as_read(spec: FieldSpec, value: Any, application: Application, reading: Reading) -> Any:
    if value is None:
        return ""
    if spec.encrypted:
        return _secret(value, reading)
    known = fields.as_date(value) if spec.type in (FieldType.DATE, FieldType.MONTH) else None
    if known is not None:
        return known
    if spec.type is FieldType.NUMBER:
        return value
    if spec.type is FieldType.CLAUSE:
        row = offers.clause(application, value)
        return row.text if row else value
    return fields.display(spec, value)


def _lines(place: str, reading: Reading) -> Any:
    if _section(reading.application, place) is None:
        return ""
    found = lists.lines(reading.application, place)
    if len(found) < 2:
        return "".join(found)
    return "\n".join(f"{number}. {line}" for number, line in enumerate(found, start=1))


def _count(place: str, reading: Reading) -> Any:
    section = _section(reading.application, place)
    return len(reading.application.entries(place)) if section else ""


def _section(application: Application, key: str) -> SectionSpec | None:
    return next((section for section in parts.visible_sections(application) if section.key == key), None)


def _endorsement(place: str, reading: Reading) -> Any:
    given = [row for row in reading.application.endorsements if row.office == place]
    if not given or not reading.shows_process:
        return ""
    last = given[-1]
    said = "同意" if last.yes else "不同意"
    ranked = f"，排序第 {last.rank}" if last.rank else ""
    return f"{said}{ranked}" + (f"：{last.opinion}" if last.opinion else "")


def _opinion(place: str, reading: Reading) -> Any:
    return (reading.application.unit_opinion or "") if reading.shows_process else ""


def _vote(place: str, reading: Reading) -> Any:
    outcome = reading.application.outcome
    if outcome is None or not reading.shows_process:
        return ""
    if place == "result":
        return "通过" if outcome.passed else "不通过"
    return getattr(outcome, place)


def _approval(place: str, reading: Reading) -> Any:
    value = (reading.application.approval or {}).get(place)
    return _day(value) if isinstance(value, datetime | date) else value or ""


def _certificate(place: str, reading: Reading) -> Any:
    return reading.certificate.number if reading.certificate else ""


def _day(value: Any) -> Any:
    if isinstance(value, datetime):
        return local_date(value)
    return value or ""


def _month(value: Any) -> str:
    known = fields.as_date(value)
    if known is None:
        return str(value or "")
    return PartialDate(known.year, known.month).iso()


_READERS: dict[str, Callable[[str, Reading], Any]] = {
    "row": _row,
    "empty": _empty,
    "case": _case,
    "person": _person,
    "field": _field,
    "lines": _lines,
    "count": _count,
    "endorsement": _endorsement,
    "opinion": _opinion,
    "vote": _vote,
    "approval": _approval,
    "certificate": _certificate,
}
