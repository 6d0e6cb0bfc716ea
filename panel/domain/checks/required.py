"""What the form itself demands: required fields and slots, values that can be read and still fit.

Needs no requirement row, so that a mark on the form and the checklist never differ (G10).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.application import Application
from models.choices import Severity
from models.field_spec import FieldSpec, FieldType
from models.form_spec import SectionShape, SectionSpec, SlotSpec
from models.messages import M, Message
from models.sections import Entry
from panel.domain.checks.findings import Case, Finding
from panel.domain.rounds import printed_columns
from panel.domain.rounds.conditions import Content, value_of
from panel.domain.rounds.field_parsers import Unreadable, parse
from panel.domain.rounds.fields import to_form
from panel.domain.rounds.naming import field_name
from panel.domain.rounds.parts import is_required, is_slot_required
from panel.domain.rounds.showing import files_named

#: Types that are chosen, not filled in.
_CHOSEN = (FieldType.CHOICE, FieldType.CHOICES, FieldType.CLAUSE, FieldType.YES_NO, FieldType.FILE)


def content_findings(case: Case) -> Iterator[Finding]:
    """Required fields that are empty, values that can't be read, ticks that contradict entries."""
    for section in case.sections.values():
        if section.shape is SectionShape.LIST:
            yield from _of_list(case, section)
        for content in case.contents(section):
            for field in case.fields(section, content):
                message = _fault(case, section, content, field)
                if message is not None:
                    yield _at(section, content, field, message)


def _of_list(case: Case, section: SectionSpec) -> Iterator[Finding]:
    entries = case.entries(section)
    if entries and case.application.record(section.key).none:
        message = M(
            "“%(section)s”已勾选“%(tick)s”，却还有 %(n)s 条内容，请取消勾选或移除这些条目",
            section=section.label,
            tick=section.none_label,
            n=len(entries),
        )
        yield _finding("contradiction", section, message)
    yield from _of_length(case, section, len(entries))
    kinds = {kind.key for kind in section.kinds}
    for entry in entries:
        if kinds and entry.kind not in kinds:
            message = M("请选择“%(section)s”中这一条的类别", section=section.label)
            yield _finding("kind", section, message, entry=entry.uid)


def _of_length(case: Case, section: SectionSpec, have: int) -> Iterator[Finding]:
    """Too few or too many rows for the round; the tick that there is nothing counts as enough."""
    if have < section.min_rows and not case.application.record(section.key).none:
        message = M(
            "“%(section)s”至少填 %(need)s 条，现有 %(have)s 条，请补充",
            section=section.label,
            need=section.min_rows,
            have=have,
        )
        yield _finding("rows", section, message)
    elif have > section.max_rows:
        message = M(
            "“%(section)s”最多填 %(most)s 条，现有 %(have)s 条，请移除多余的",
            section=section.label,
            most=section.max_rows,
            have=have,
        )
        yield _finding("rows", section, message)


def _fault(case: Case, section: SectionSpec, content: Content, field: FieldSpec) -> Message | None:
    """Why `field` isn't in order, as a sentence that says what to do; None when it is."""
    application = case.application
    if field.key in content.unread:
        return _why_unread(field, content.typed_text(field.key))
    value = value_of(content, field.key)
    if value is None:
        is_asked = is_required(field, application, content)
        return _missing(case, section, content, field) if is_asked else None
    if field.type is FieldType.FILE and not _is_there(application, value):
        return M("“%(field)s”选用的文件已不在附件中，请重新选择", field=field.label)
    # a locked value is the roster's, which the applicant can't change here
    return None if field.locked else _misfit(field, value)


def _is_there(application: Application, value: Any) -> bool:
    """Whether all the files that `value` names are still there, replaced ones included."""
    wanted = value if isinstance(value, list) else [value]
    return all(files_named(application, [uid]) for uid in wanted)


def _missing(case: Case, section: SectionSpec, content: Content, field: FieldSpec) -> Message:
    if field.locked:
        return M("人员名册中缺少“%(field)s”，请联系单位人事部门补充", field=field.label)
    chosen = field.type in _CHOSEN
    if isinstance(content, Entry):
        entry = printed_columns.title(case.asked, content)
        if chosen:
            return M("请为“%(entry)s”选择“%(field)s”", entry=entry, field=field.label)
        return M("请为“%(entry)s”填写“%(field)s”", entry=entry, field=field.label)
    name = field_name(section, field)
    return M("请选择“%(field)s”", field=name) if chosen else M("请填写“%(field)s”", field=name)


def _why_unread(field: FieldSpec, typed: Any) -> Message:
    return _misfit(field, typed) or M("“%(field)s”的内容还没有保存好，请重新填写", field=field.label)


def _misfit(field: FieldSpec, value: Any) -> Message | None:
    """Why `value` doesn't fit the field as the round has it now."""
    try:
        parse(field, value if isinstance(value, bool | list | str) else to_form(field, value))
    except Unreadable as refusal:
        return refusal.message
    return None


def slot_findings(case: Case) -> Iterator[Finding]:
    """Required attachments that are missing, and statements that cover too few months (G25-G28)."""
    section = next((s for s in case.sections.values() if s.shape is SectionShape.ATTACHMENTS), None)
    if section is None:
        return
    for slot in case.asked.slots:
        message = _slot_fault(case.application, slot)
        if message is not None:
            yield _finding("attachment", section, message, slot=slot)


def _slot_fault(application: Application, slot: SlotSpec) -> Message | None:
    files = application.files(slot.key)
    if not files:
        if not is_slot_required(slot, application):
            return None
        return M("请上传“%(slot)s”", slot=slot.label)
    if len(files) > slot.max_files:
        return M(
            "“%(slot)s”最多 %(most)s 份，现有 %(have)s 份，请移除多余的",
            slot=slot.label,
            most=slot.max_files,
            have=len(files),
        )
    need = slot.months.get(application.level, 0)
    if not need:
        return None
    if any(file.months is None for file in files):
        return M("请填写“%(slot)s”每份文件覆盖的月数", slot=slot.label)
    have = sum(file.months for file in files)
    if have >= need:
        return None
    return M(
        "“%(slot)s”须覆盖近 %(need)s 个月，现有的只覆盖 %(have)s 个月，请补充",
        slot=slot.label,
        need=need,
        have=have,
    )


def _at(section: SectionSpec, content: Content, field: FieldSpec, message: Message) -> Finding:
    return Finding(
        id=f"required.{section.key}.{field.key}",
        covers=tuple(field.covers or section.covers),
        severity=Severity.BLOCKING,
        section=section.key,
        message=message,
        entry=content.uid if isinstance(content, Entry) else "",
        field=field.key,
    )


def _finding(
    what: str, section: SectionSpec, message: Message, entry: str = "", slot: SlotSpec | None = None
) -> Finding:
    return Finding(
        id=f"{what}.{slot.key if slot else section.key}",
        covers=tuple(slot.covers if slot else section.covers),
        severity=Severity.BLOCKING,
        section=section.key,
        message=message,
        entry=entry,
        slot=slot.key if slot else "",
    )
