"""Words that several descriptions share: types of fields, what the roster knows, the dates of a round."""

from __future__ import annotations

from models.choices import Kind
from models.messages import M, Message

KIND_OPTIONS = tuple((kind.value, kind.label) for kind in Kind)


FIELD_TYPES: tuple[tuple[str, Message], ...] = (
    ("text", M("文字（一行）")),
    ("long_text", M("长文字（多行）")),
    ("number", M("数字")),
    ("date", M("日期（年月日）")),
    ("month", M("年月")),
    ("range", M("起止时间")),
    ("choice", M("单选")),
    ("choices", M("多选")),
    ("yes_no", M("是或否")),
    ("clause", M("符合条款")),
    ("person", M("人名")),
    ("phone", M("电话")),
    ("id_number", M("身份证号")),
    ("unit", M("单位名称")),
    ("file", M("附件")),
)


#: What the roster can fill in, in words.
ROSTER: dict[str, Message] = {
    "name": M("姓名"),
    "gender": M("性别"),
    "birth_date": M("出生日期"),
    "id_number": M("身份证号"),
    "phone": M("联系电话"),
    "title": M("现有职称"),
    "title_approved_on": M("现职称批准日期"),
    "work_start": M("参加工作时间"),
    "joined_on": M("来校时间"),
    "speciality": M("申报专业（材料表）"),
    "unit": M("所在单位"),
}


DATES: dict[str, Message] = {
    "opens": M("申报开始日"),
    "closes": M("申报截止日"),
    "achievements_until": M("业绩截止日"),
    "years_until": M("任职年限截止日"),
}


TEXT_TYPES = frozenset({"text", "long_text", "person", "unit", "phone", "id_number"})


NUMBER_TYPES = frozenset({"number"})


FOR_WHOM = M("适用于")


def field_types() -> dict[str, Message]:
    """The types of fields in words."""
    return dict(FIELD_TYPES)
