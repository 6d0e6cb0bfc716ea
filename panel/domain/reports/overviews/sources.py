"""What the sources of a round's tables are called, in the groups in which they are offered."""

from __future__ import annotations

from dataclasses import dataclass

from models.export_spec import MONTH, is_date, sources
from models.field_spec import FieldType, Text
from models.form_spec import SectionShape, SectionSpec
from models.messages import M, Message
from models.round_spec import RoundSpec
from panel.domain.people.roster_columns import COLUMNS

_ROSTER = {column.key: column.label for column in COLUMNS} | {"unit": M("单位")}
_CASE = {
    "name": M("姓名"),
    "staff_number": M("工号"),
    "number": M("申报编号"),
    "unit": M("单位"),
    "department": M("部门"),
    "recommending_unit": M("推荐单位"),
    "kind": M("申报类型"),
    "exceptional": M("是否破格"),
    "level": M("申报级别"),
    "title": M("申报职称"),
    "speciality": M("申报专业"),
    "committee": M("评委会"),
    "state": M("状态"),
    "submitted_on": M("提交日期"),
}
_VOTE = {
    "members": M("应到评委人数"),
    "present": M("实到评委人数"),
    "yes": M("同意票数"),
    "no": M("不同意票数"),
    "abstain": M("弃权票数"),
    "result": M("表决结果"),
}
_APPROVAL = {
    "document_number": M("文号"),
    "approved_on": M("批准日期"),
    "filing": M("备案情况"),
}
_CHOICE = M("申报信息")
_PERSON = M("人员名册")
_PROCESS = M("评审过程")
_OTHER = M("其他")


@dataclass(frozen=True)
class Source:
    """What a column can say, under the heading of its group."""

    key: str
    group: Text | Message
    label: Text | Message


def offered(spec: RoundSpec) -> list[Source]:
    """Every source of the round with its words, in order; a date also with its month alone."""
    found: list[Source] = []
    for key in sources(spec.sections, [row.key for row in spec.endorsements]):
        source = Source(key, *_words(spec, key))
        found.append(source)
        if is_date(key, spec.sections):
            found.append(Source(key + MONTH, source.group, M("%(date)s（年月）", date=source.label)))
    return found


def _words(spec: RoundSpec, source: str) -> tuple[Text | Message, Text | Message]:
    kind, _, place = source.partition(".")
    if kind in ("field", "lines", "count"):
        return _words_of_section(spec, kind, place)
    if kind == "endorsement":
        return _PROCESS, next(row.label for row in spec.endorsements if row.key == place)
    known: dict[str, tuple[Message, Message]] = {
        "row": (_OTHER, M("序号")),
        "empty": (_OTHER, M("空白（手工填写）")),
        "opinion": (_PROCESS, M("单位意见")),
        "certificate": (_PROCESS, M("证书编号")),
    }
    if kind in known:
        return known[kind]
    groups = {
        "case": (_CHOICE, _CASE),
        "person": (_PERSON, _ROSTER),
        "vote": (_PROCESS, _VOTE),
        "approval": (_PROCESS, _APPROVAL),
    }
    group, labels = groups[kind]
    return group, labels[place]


def _words_of_section(spec: RoundSpec, kind: str, place: str) -> tuple[Text, Text | Message]:
    key, _, field = place.partition(".")
    section = spec.section(key)
    if kind == "lines":
        return section.label, M("%(section)s：全部条目", section=section.label)
    if kind == "count":
        return section.label, M("%(section)s：条目数", section=section.label)
    label = section.field(field).label
    if section.shape is SectionShape.LIST:
        return section.label, M("%(section)s：%(field)s（最近一条）", section=section.label, field=label)
    group = _group_of(section, field)
    return section.label, M("%(group)s：%(field)s", group=group, field=label) if group else label


def _group_of(section: SectionSpec, key: str) -> Text | None:
    """The heading that stands above the field, where another field of the section is called the same."""
    label = section.field(key).label
    if sum(1 for field in section.fields if field.label == label) < 2:
        return None
    group: Text | None = None
    for field in section.fields:
        group = field.group or group
        if field.key == key:
            return group
    return None


def is_number(spec: RoundSpec, source: str) -> bool:
    """Whether the column of `source` holds numbers that can be added up or sorted by size."""
    kind, _, place = source.partition(".")
    if kind in ("row", "count") or (kind == "vote" and place != "result"):
        return True
    section, _, key = place.partition(".")
    return kind == "field" and any(
        field.key == key and field.type is FieldType.NUMBER
        for row in spec.sections
        if row.key == section
        for field in row.fields
    )
