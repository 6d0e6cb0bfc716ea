"""Why something applies to a case, in words: each part of a condition with what the case says to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models.application import Application
from models.choices import Kind
from models.field_spec import Condition, FieldSpec, Words
from models.form_spec import SectionShape, SectionSpec
from models.messages import M, Message
from panel.domain.checks.findings import shown as shown_date
from panel.domain.rounds import conditions, roster_values
from panel.domain.rounds.fields import as_date
from panel.domain.rounds.showing import shown

#: What is shown instead of a value that is stored sealed.
_SEALED = "……"
#: What the roster's dates are called.
_ROSTER: dict[str, Message] = {
    "birth_date": M("出生日期"),
    "title_approved_on": M("取得现职称的日期"),
    "work_start": M("参加工作时间"),
    "joined_on": M("到本单位工作的时间"),
}


@dataclass(frozen=True)
class Reason:
    """One part of a condition; `holds` is None where each entry of a list is asked by itself."""

    words: Message
    holds: bool | None


def reasons(
    application: Application, condition: Condition, section: SectionSpec | None = None
) -> list[Reason]:
    """The parts of `condition` in the order people ask: kind, level, exception, roster, entries, values.

    [] for what is for everybody. Values and kinds of entry are those of `section`.
    """
    found = [*_of_choice(application, condition), *_of_roster(application, condition)]
    if section is not None:
        found += _of_content(application, condition, section)
    return found


def listed(parts: Iterable[Words]) -> Words:
    """The parts as alternatives: A、B."""
    found: Words = ""
    for part in parts:
        found = M("%(first)s、%(second)s", first=found, second=part) if found else part
    return found


def _of_choice(application: Application, condition: Condition) -> list[Reason]:
    found = []
    if condition.kinds:
        found.append(
            Reason(
                M(
                    "申报类别是“%(have)s”，适用于：%(want)s",
                    have=Kind(application.kind).label,
                    want=listed(kind.label for kind in condition.kinds),
                ),
                application.kind in {kind.value for kind in condition.kinds},
            )
        )
    if condition.levels:
        titles: dict[str, Words] = {level.key: level.title for level in application.spec.levels}
        found.append(
            Reason(
                M(
                    "申报级别是“%(have)s”，适用于：%(want)s",
                    have=titles.get(application.level, application.level),
                    want=listed(titles.get(key, key) for key in condition.levels),
                ),
                application.level in condition.levels,
            )
        )
    if condition.exceptional is not None:
        have = M("破格申报") if application.exceptional else M("非破格申报")
        want = M("破格申报") if condition.exceptional else M("非破格申报")
        holds = condition.exceptional == bool(application.exceptional)
        found.append(Reason(M("本次是%(have)s，适用于：%(want)s", have=have, want=want), holds))
    return found


def _of_roster(application: Application, condition: Condition) -> list[Reason]:
    found = []
    for source, day in condition.roster_before.items():
        known = as_date(roster_values.roster_value(source, application.person))
        words: dict[str, Any] = {"what": _ROSTER.get(source, source), "day": shown_date(as_date(day))}
        if known is None:
            found.append(Reason(M("名册中没有“%(what)s”，适用于早于 %(day)s 的", **words), False))
        else:
            text = M("名册中的“%(what)s”是 %(have)s，适用于早于 %(day)s 的", have=shown_date(known), **words)
            found.append(Reason(text, known.first_day() < day))
    return found


def _of_content(application: Application, condition: Condition, section: SectionSpec) -> list[Reason]:
    found = []
    if condition.entry_kinds:
        labels: dict[str, Words] = {kind.key: kind.label for kind in section.kinds}
        want = listed(labels.get(key, key) for key in condition.entry_kinds)
        found.append(Reason(M("适用于这些类别的条目：%(want)s", want=want), None))
    for key, values in condition.values.items():
        field = next((field for field in section.fields if field.key == key), None)
        if field is not None:
            found.append(_of_value(application, section, field, values))
    return found


def _of_value(application: Application, section: SectionSpec, field: FieldSpec, values: list[Any]) -> Reason:
    want = listed(_words(application, field, value) for value in values)
    if section.shape is not SectionShape.RECORD:
        return Reason(M("适用于“%(field)s”为以下内容的条目：%(want)s", field=field.label, want=want), None)
    record = application.record(section.key)
    holds = conditions.applies(Condition(values={field.key: values}), application, record)
    have = _words(application, field, conditions.value_of(record, field.key)) or M("未填写")
    text = M("“%(field)s”填的是“%(have)s”，适用于：%(want)s", field=field.label, have=have, want=want)
    return Reason(text, holds)


def _words(application: Application, field: FieldSpec, value: Any) -> Words:
    return _SEALED if field.encrypted and value else shown(application, field, value)
