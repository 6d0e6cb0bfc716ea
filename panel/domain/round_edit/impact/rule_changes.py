"""How one application fares by other rules: what it would newly lack, and what of it would fall away.

Said without a word of what the person entered: a draft's content is nobody else's (G30).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from models.application import Application
from models.choices import State
from models.field_spec import FieldSpec, FieldType, Text, Words
from models.form_spec import SectionShape, SectionSpec
from models.messages import M, Message
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from panel.domain.checks import requirements
from panel.domain.checks.findings import Finding
from panel.domain.checks.rule_words import rule_words
from panel.domain.round_edit.impact.stand_ins import judged_by
from panel.domain.rounds import conditions, offers
from panel.domain.rounds.conditions import Content
from panel.domain.rounds.parts import visible_fields, visible_sections, visible_slots

#: What was chosen at the start, as people call it.
_CHOICES = {
    "kind": M("申报类别"),
    "level": M("申报级别"),
    "committee": M("评委会"),
    "speciality": M("申报专业"),
}


@dataclass(frozen=True)
class RuleDifference:
    """One rule that newly reports, or no longer does: its id, and its words without anybody's values."""

    id: str
    words: Words


@dataclass(frozen=True)
class Affected:
    """One application that a change affects, and how."""

    id: ObjectId
    name: str
    staff_number: str
    department: str
    state: State
    new: tuple[RuleDifference, ...] = ()  # what is not in order by the new rules alone
    gone: tuple[RuleDifference, ...] = ()  # what no longer stands in the way
    hidden: tuple[Message, ...] = ()  # what was entered and is no longer asked or shown
    lost: tuple[Message, ...] = ()  # what was chosen and can't be chosen any more

    def __bool__(self) -> bool:
        return any((self.new, self.gone, self.hidden, self.lost))

    @property
    def is_bound(self) -> bool:
        """Whether it keeps the rules it was submitted under, so that nothing changes for it now."""
        return self.state is not State.DRAFT


def affected(application: Application, rules: ReviewRound, now: datetime) -> Affected:
    """How `application` fares by `rules`, from `stand_ins.with_rules`, compared with its own."""
    after = judged_by(application, rules)
    old, new = _by_place(requirements.unmet(application, now)), _by_place(requirements.unmet(after, now))
    return Affected(
        application.id,
        application.name,
        application.staff_number,
        application.department_name or "",
        State(application.state),
        tuple(_difference(after.spec, new[place]) for place in new if place not in old),
        tuple(_difference(application.spec, old[place]) for place in old if place not in new),
        tuple(_hidden(application, after)),
        (*_lost_choices(application, after), *_lost_options(application, after)),
    )


def _difference(spec: RoundSpec, finding: Finding) -> RuleDifference:
    """A finding in the words of its rule, or of the place it points at: never of what was entered."""
    for row in spec.requirements:
        if row.id == finding.id:
            return RuleDifference(row.id, rule_words(row, spec.sections))
    for group in spec.groups:
        if group.key == finding.id:
            return RuleDifference(group.key, group.label)
    return RuleDifference(finding.id, _place(spec, finding))


def _place(spec: RoundSpec, finding: Finding) -> Words:
    section = next((row for row in spec.sections if row.key == finding.section), None)
    if section is None:
        return M("申报信息")
    parts = [slot.label for slot in spec.slots if slot.key == finding.slot]
    parts += [field.label for field in section.fields if field.key == finding.field]
    return M("%(section)s：%(part)s", section=section.label, part=parts[0]) if parts else section.label


def _by_place(findings: Iterable[Finding]) -> dict[tuple[str, ...], Finding]:
    return {(one.id, one.section, one.entry, one.field, one.slot, str(one.severity)): one for one in findings}


def _hidden(before: Application, after: Application) -> Iterator[Message]:
    """What was entered and that the new rules don't show any more, by field, list and slot."""
    remaining = {section.key: section for section in visible_sections(after)}
    for section in visible_sections(before):
        later = remaining.get(section.key)
        contents = _contents(before, section)
        kept = {_key(content) for content in _contents(after, later)} if later else set()
        gone: Counter[Text] = Counter()
        for content in contents:
            if later is None or _key(content) not in kept:
                gone[section.label] += 1
                continue
            asked = {field.key for field in visible_fields(after, later, content)}
            gone.update(f.label for f in _filled(before, section, content) if f.key not in asked)
        for label, count in gone.items():
            yield M("“%(what)s”已填的 %(count)s 项内容不再需要", what=label, count=count)
    slots = {slot.key for slot in visible_slots(after)}
    for slot in visible_slots(before):
        files = before.files(slot.key)
        if files and slot.key not in slots:
            yield M("“%(what)s”已上传的 %(count)s 份文件不再需要", what=slot.label, count=len(files))


def _contents(application: Application, section: SectionSpec) -> list[Content]:
    if section.shape is SectionShape.LIST:
        return list(application.entries(section.key))
    record = application.sections.get(section.key)
    return [record] if record is not None and section.shape is SectionShape.RECORD else []


def _key(content: Content) -> str:
    return str(getattr(content, "uid", ""))


def _filled(application: Application, section: SectionSpec, content: Content) -> list[FieldSpec]:
    return [
        field
        for field in visible_fields(application, section, content)
        if field.key in content.unread or content.get(field.key) is not None
    ]


def _lost_choices(before: Application, after: Application) -> Iterator[Message]:
    """What was chosen at the start and that the new rules don't have, or judge by another edition."""
    spec = after.spec
    offered: dict[str, set[str]] = {
        "kind": {kind.value for kind in spec.kinds},
        "level": {level.key for level in spec.levels},
        "committee": {committee.key for committee in spec.committees},
        "speciality": {option.value for option in spec.specialities},
    }
    for name, values in offered.items():
        chosen = getattr(before, name)
        if chosen and chosen not in values:
            yield M("所选的%(what)s已不在批次中", what=_CHOICES[name])
    yield from _other_edition(before, after)


def _other_edition(before: Application, after: Application) -> Iterator[Message]:
    """Whether another edition of the criteria would apply than the one its clauses were chosen from (G22)."""
    labels = {edition.key: edition.label for edition in before.spec.editions}
    was = labels.get(before.edition, Text(zh=str(before.edition)))
    try:
        now_applies = offers.edition_for(
            after.spec, after.kind, after.level, bool(after.exceptional), after.person
        )
    except offers.NoEdition:
        yield M("原来适用的评审标准“%(value)s”不再适用，也没有别的标准适用", value=was)
        return
    if now_applies.key != before.edition:
        yield M(
            "适用的评审标准由“%(value)s”变为“%(other)s”，符合条款要重新选择",
            value=was,
            other=now_applies.label,
        )


def _lost_options(before: Application, after: Application) -> Iterator[Message]:
    """Chosen options and clauses that the new rules don't offer any more."""
    later = {section.key: section for section in visible_sections(after)}
    for section in visible_sections(before):
        if section.key not in later:
            continue
        for content in _contents(before, section):
            fields = {f.key: f for f in visible_fields(after, later[section.key], content)}
            for field_ in visible_fields(before, section, content):
                if field_.key in fields:
                    yield from _lost_values(before, section, field_, fields[field_.key], content, after)


def _lost_values(
    before: Application,
    section: SectionSpec,
    old: FieldSpec,
    new: FieldSpec,
    content: Content,
    after: Application,
) -> Iterator[Message]:
    value = conditions.value_of(content, old.key)
    if old.type is FieldType.CLAUSE:
        known = {clause.key for clause in offers.clauses_for(before, section.key)}
        offered = {clause.key for clause in offers.clauses_for(after, section.key)}
    else:
        known, offered = ({option.value for option in field.options} for field in (old, new))
        offered = offered or known  # no longer a choice: what was chosen is read as text
    items = value if isinstance(value, list) else [value]
    if any(item in known and item not in offered for item in items):
        yield M("“%(what)s”所选的选项已不能选择", what=old.label)
