"""What a check reports, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from models.application import Application
from models.choices import Kind, Severity
from models.field_spec import FieldSpec, Text, Words
from models.form_spec import CHOICE_SECTION, RequirementSpec, SectionShape, SectionSpec
from models.messages import Message
from models.round_spec import RoundSpec
from models.sections import Entry
from models.values import PartialDate
from panel.domain.rounds import conditions, printed_columns
from panel.domain.rounds.conditions import Content
from panel.domain.rounds.fields import as_date, display
from panel.domain.rounds.parts import AskedForm
from panel.domain.rounds.texts import fill_text

#: What a message can name.
Parameter = Words | int


@dataclass(frozen=True)
class Finding:
    """One thing that is not in order. It points at a field, an entry, a slot or a section."""

    id: str  # of the row, or required.<section>.<field> and the like
    covers: tuple[str, ...]  # guide and law rows
    severity: Severity
    section: str  # a section's key, or CHOICE_SECTION
    message: Message | Text
    entry: str = ""  # uid
    field: str = ""
    slot: str = ""


@dataclass(frozen=True)
class Case:
    """An application as checks see it, on a day."""

    asked: AskedForm
    today: date

    @property
    def application(self) -> Application:
        """The application itself."""
        return self.asked.application

    @cached_property
    def spec(self) -> RoundSpec:
        """The rules the application is judged by."""
        return self.application.spec

    @cached_property
    def sections(self) -> dict[str, SectionSpec]:
        """The visible sections by key."""
        return {section.key: section for section in self.asked.sections}

    def fields(self, section: SectionSpec, content: Content) -> list[FieldSpec]:
        """The fields asked of `content`."""
        return self.asked.fields(section, content)

    def contents(self, section: SectionSpec) -> list[Content]:
        """The record of a record section, the entries of a list."""
        if section.shape is SectionShape.RECORD:
            return [self.asked.record(section.key)]
        return list(self.entries(section)) if section.shape is SectionShape.LIST else []

    def entries(self, section: SectionSpec) -> list[Entry]:
        """The entries of list `section`."""
        return self.application.entries(section.key)


@dataclass(frozen=True)
class RequirementAtWork:
    """A requirement row at work on one application."""

    spec: RequirementSpec
    case: Case

    @property
    def section(self) -> SectionSpec:
        """The row's section; only for rows that aren't about the choice."""
        return self.case.sections[self.spec.section]

    @property
    def minimum(self) -> float | None:
        """The argument of that name, for the level applied for where it differs by level; None = none."""
        given: Any = self.spec.arguments.get("minimum")
        return given.get(self.case.application.level) if isinstance(given, dict) else given

    def day(self, argument: str) -> date:
        """The round's date that `argument` names."""
        found: date = getattr(self.case.spec.dates, self.spec.arguments[argument])
        return found

    @property
    def after(self) -> PartialDate | None:
        """The form's date that the arguments `after` and `after_section` name; None without them or it."""
        arguments = self.spec.arguments
        if "after" not in arguments:
            return None
        record = self.case.application.record(arguments["after_section"])
        return as_date(conditions.value_of(record, arguments["after"]))

    def contents(self) -> list[Content]:
        """The record or entries for which the row's condition holds."""
        application = self.case.application
        return [
            content
            for content in self.case.contents(self.section)
            if conditions.applies(self.spec.when, application, content)
        ]

    def entries(self) -> list[Entry]:
        """The entries for which the row's condition holds."""
        return [content for content in self.contents() if isinstance(content, Entry)]

    def values(self) -> Iterator[tuple[Content, FieldSpec, Any]]:
        """Each record or entry that has the row's field, with the field and its value (None: empty)."""
        for content in self.contents():
            for field in self.case.fields(self.section, content):
                if field.key == self.spec.field:
                    yield content, field, conditions.value_of(content, field.key)

    def finding(
        self, content: Content | None = None, field: FieldSpec | None = None, **words: Parameter
    ) -> Finding:
        """The row's finding at `content`, its message filled with `words`."""
        places: dict[str, Parameter] = dict(words)
        if field is not None:
            places["field"] = field.label
        if isinstance(content, Entry):
            places["entry"] = printed_columns.title(self.case.asked, content)
        return Finding(
            id=self.spec.id,
            covers=tuple(self.spec.covers),
            severity=self.spec.severity,
            section=self.spec.section,
            message=fill_text(self.spec.message, places),
            entry=content.uid if isinstance(content, Entry) else "",
            field=field.key if field is not None else self.spec.field,
        )


CheckFunction = Callable[[RequirementAtWork], Iterable[Finding]]


def is_about_choice(row: RequirementSpec) -> bool:
    """Whether the row looks at the choice made at the start instead of a section."""
    return row.section == CHOICE_SECTION


def words_of(field: FieldSpec, value: Any) -> Parameter:
    """`value` as people read it, for a message."""
    return display(field, value)


def shown(value: PartialDate | None) -> Text:
    """A date for a message."""
    return Text(zh=value.chinese(), en=value.iso()) if value else Text(zh="")


def number(value: float | None) -> str:
    """A number for a message, whole where it is."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else str(value)


def choice_words(application: Application, field: str, value: str | None = None) -> Parameter:
    """How people read `value`, or what was chosen at the start; the stored value if the round lost it."""
    stored: str = value if value is not None else getattr(application, field)
    return _choices(application, field).get(stored, stored)


def can_be_chosen(application: Application, field: str, value: str) -> bool:
    """Whether the round offers `value` at the start, to whomever."""
    return value in _choices(application, field)


def _choices(application: Application, field: str) -> dict[str, Parameter]:
    spec = application.spec
    labels: dict[str, dict[str, Parameter]] = {
        "kind": {kind.value: kind.label for kind in Kind},
        "level": {level.key: level.title for level in spec.levels},
        "speciality": {option.value: option.label for option in spec.specialities},
        "committee": {committee.key: committee.name for committee in spec.committees},
    }
    return labels.get(field, {})
