"""New rows with sensible values, so that what HR adds works before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from models.checks import TAKES, Check
from models.choices import Kind
from models.field_spec import FieldSpec, FieldType, Option, Text
from models.form_spec import (
    CHOICE_SECTION,
    ColumnSpec,
    EntryKind,
    GroupSpec,
    RequirementSpec,
    SectionShape,
    SectionSpec,
    SlotSpec,
)
from models.messages import M, Message
from models.round_spec import (
    ClauseSpec,
    CommitteeSpec,
    DatesSpec,
    EditionSpec,
    EndorsementSpec,
    LevelSpec,
    NumberSpec,
    RoundSpec,
    TextsSpec,
)
from panel.domain.errors import Invalid
from panel.domain.round_edit import tree
from panel.domain.round_edit.keys import cleaned, key_of
from panel.domain.round_edit.properties import arguments, check_words, sources
from panel.domain.round_edit.properties.check_words import ARGUMENTS, CHECKS
from panel.domain.round_edit.tree import Data
from panel.domain.rounds.round_files import FOLDER, read_plain

#: What a part that HR adds may be: its shape in words.
SHAPES = {
    "record": M("填一次的表（如基本信息）"),
    "list": M("可以填多条的列表（如项目、专利）"),
}
#: The grades of titles, which the roster and all series share, with their usual rank.
GRADES: dict[str, tuple[Message, int]] = {
    "senior": (M("正高"), 4),
    "associate": (M("副高"), 3),
    "middle": (M("中级"), 2),
    "junior": (M("初级"), 1),
}
#: The rows of panel/rounds/base that a round of any series begins with (R05, R06, R20, R21, G07, G11).
EVERYBODY = (
    "person-in-service",
    "person-not-sanctioned",
    "person-not-barred",
    "kind-fits",
    "level-in-order",
    "committee-fits",
    "photo",
)
#: Characters that a new part is called by.
LONGEST_LABEL = 200
_SENSIBLE: dict[str, Any] = {
    "minimum": 1,
    "last_months": 60,
    "last_years": 5,
    "months": 36,
    "tolerance": 1,
    "until": "years_until",
    "date": "achievements_until",
}


def new_row(path: str, data: Data, label: str, kind: str = "") -> Data:
    """A row for the list at `path` called `label`; `kind` is a field's type, a section's shape, a check.

    Raises Invalid when the label is missing or the kind isn't one that can be added.
    """
    label = " ".join(cleaned(label).split())
    if not label and path != "requirements":
        raise Invalid({"label": M("请先写名称。")})
    if len(label) > LONGEST_LABEL:
        raise Invalid({"label": M("不能超过 %(n)s 字。", n=LONGEST_LABEL)})
    made: Data = _NEW[tree.shape_of(path)](data, path, label, kind)
    return made


def _dump(spec: Any) -> Data:
    dumped: Data = spec.model_dump(mode="json")
    return dumped


def _level(data: Data, path: str, label: str, kind: str) -> Data:
    """One of the grades that the roster knows, so that people's present titles have their place."""
    if kind not in GRADES:
        raise Invalid({"kind": M("请选择档次。")})
    if kind in [row["key"] for row in data["levels"]]:
        raise Invalid({"kind": M("这个档次已经有了，请直接修改它。")})
    grade, rank = GRADES[kind]
    digits = {row["digit"] for row in data["levels"]}
    digit = next(n for n in [5 - rank, *range(1, 1000)] if n not in digits)
    ranks = {row["rank"] for row in data["levels"]}
    rank = next(n for n in [rank, *range(1, 1000)] if n not in ranks)
    return _dump(LevelSpec(key=kind, label=Text(zh=str(grade)), title=Text(zh=label), digit=digit, rank=rank))


def _field(data: Data, path: str, label: str, kind: str) -> Data:
    section = sources.section_of(data, path)
    more: dict[str, Any] = {}
    if kind in ("choice", "choices"):
        more["options"] = [Option(value="option_1", label=Text(zh=str(M("选项一"))))]
    if kind == "file":
        if not data["slots"]:
            raise Invalid({"label": M("请先在“附件”里添加一个附件项，再添加附件栏目。")})
        more["slot"] = data["slots"][0]["key"]
    if kind not in {item.value for item in FieldType}:
        raise Invalid({"kind": M("请选择填写方式。")})
    is_list = section.get("shape") == SectionShape.LIST
    if kind == "long_text":
        more |= {"width": 12, "max_length": 2000}
    spec = FieldSpec(
        key=_free_key(label, "field", [row["key"] for row in section.get("fields", [])]),
        label=Text(zh=label),
        type=FieldType(kind),
        in_list=is_list and kind != "long_text",
        **more,
    )
    return _dump(spec)


def _free_key(label: str, fallback: str, taken: list[str]) -> str:
    return tree.unused(key_of(label, fallback), set(taken))


def _section(data: Data, path: str, label: str, kind: str) -> Data:
    if kind not in SHAPES:
        raise Invalid({"kind": M("请选择这一部分怎样填写。")})
    shape = SectionShape(kind)
    first = FieldSpec(key="name", label=Text(zh=str(M("名称"))), required=True, in_list=kind == "list")
    title = Text(zh="{name}") if kind == "list" else Text(zh="")
    spec = SectionSpec(
        key=key_of(label, "section"), label=Text(zh=label), shape=shape, fields=[first], entry_title=title
    )
    return _dump(spec)


def _requirement(data: Data, path: str, label: str, kind: str) -> Data:
    """The first place that the check can look at, and arguments that are the least surprising."""
    if kind not in {check.value for check in Check}:
        raise Invalid({"kind": M("请选择检查什么。")})
    groups = arguments.place_groups(data, kind)
    places = [value for _label, rows in groups for value, _name in rows]
    if not places:
        raise Invalid({"kind": M("表单里还没有这种检查能看的栏目，请先添加栏目。")})
    section, _, field = places[0].partition("/")
    row: Data = {"check": kind, "section": section, "field": field, "arguments": {}}
    for name in arguments.names_of(kind):
        if arguments.is_needed(kind, name):
            _give(data, row, name)
    if kind in ("count", "number_within", "age"):
        row["arguments"]["minimum"] = 1
    what = CHECKS[Check(kind)][0]
    message = M("没有通过“%(what)s”的检查，请核对。", what=what)
    if TAKES[Check(kind)].needs_field:
        message = M("“{field}”没有通过“%(what)s”的检查，请核对。", what=what)
    row_id = tree.unused(f"own-{kind.replace('_', '-')}", {one["id"] for one in data["requirements"]})
    spec = RequirementSpec(
        id=row_id,
        check=Check(kind),
        section=section,
        field=field if TAKES[Check(kind)].needs_field or section == CHOICE_SECTION or field else "",
        arguments=row["arguments"],
        message=Text(zh=str(message)),
    )
    return _dump(spec)


def _give(data: Data, row: Data, name: str) -> None:
    """Fill in one argument that the check can't do without; Invalid when there is nothing to choose."""
    given = row["arguments"]
    widget = ARGUMENTS[name].widget
    if name in _SENSIBLE:
        given[name] = _SENSIBLE[name]
    elif widget == "values":
        values = arguments.value_choices(data, row)
        given[name] = [values[0][0]] if values else [str(M("请填写"))]
    elif widget == "years_asked":
        given[name] = {str(value): 5 for value, _label in arguments.degree_choices(data, row)}
    else:
        offered = [v for _label, rows in arguments.argument_groups(data, row, name) for v, _name in rows]
        offered = [v for v in offered if v != arguments.place_of(row) and v != row["field"]] or offered
        if not offered:
            raise Invalid({"kind": M("表单里还没有这种检查能看的栏目，请先添加栏目。")})
        value = offered[0]
        if name in check_words.PAIRED:
            section, _, value = value.partition("/")
            given[check_words.PAIRED[name]] = section
        given[name] = value


_NEW: dict[tuple[str, ...], Callable[[Data, str, str, str], Data]] = {
    ("levels",): _level,
    ("committees",): lambda data, path, label, kind: _dump(
        CommitteeSpec(key=key_of(label, "committee"), name=Text(zh=label))
    ),
    ("specialities",): lambda data, path, label, kind: _dump(
        Option(value=key_of(label, "speciality"), label=Text(zh=label))
    ),
    ("editions",): lambda data, path, label, kind: _dump(
        EditionSpec(key=key_of(label, "edition"), label=Text(zh=label), clauses=[])
    ),
    ("editions", "*", "clauses"): lambda data, path, label, kind: _dump(
        ClauseSpec(
            key=key_of(label[:12], "clause"),
            text=Text(zh=label),
            sections=[key for key, _label in sources.choices("lists", data)][:1],
        )
    ),
    ("sections",): _section,
    ("sections", "*", "fields"): _field,
    ("sections", "*", "kinds"): lambda data, path, label, kind: _dump(
        EntryKind(key=key_of(label, "kind"), label=Text(zh=label))
    ),
    ("sections", "*", "columns"): lambda data, path, label, kind: _dump(
        ColumnSpec(key=key_of(label, "column"), label=Text(zh=label))
    ),
    ("slots",): lambda data, path, label, kind: _dump(
        SlotSpec(key=key_of(label, "slot"), label=Text(zh=label))
    ),
    ("requirements",): _requirement,
    ("groups",): lambda data, path, label, kind: _dump(
        GroupSpec(
            key=key_of(label, "group"),
            label=Text(zh=label),
            minimum=2,
            message=Text(zh=str(M("“%(group)s”至少要满足 {need} 项，现有 {have} 项。", group=label))),
        )
    ),
    ("endorsements",): lambda data, path, label, kind: _dump(
        EndorsementSpec(key=key_of(label, "office"), label=Text(zh=label))
    ),
}


def blank(title: str, series: str, organisation: str, year: int) -> Data:
    """A round of a new series with one level, one committee, one section: the least that makes sense."""
    key = key_of(series, "series").replace("_", "-")
    label = Text(zh=series)
    basic = SectionSpec(
        key="basic",
        label=Text(zh=str(M("基本信息"))),
        shape=SectionShape.RECORD,
        fields=[
            FieldSpec(
                key="name", label=Text(zh=str(M("姓名"))), required=True, locked=True, source="name", width=4
            ),
            FieldSpec(
                key="phone",
                label=Text(zh=str(M("联系电话"))),
                type=FieldType.PHONE,
                required=True,
                source="phone",
                width=4,
            ),
        ],
    )
    attachments = SectionSpec(
        key="attachments", label=Text(zh=str(M("附件"))), shape=SectionShape.ATTACHMENTS
    )
    spec = RoundSpec(
        code=f"{key}-{year}"[:60],
        year=year,
        title=Text(zh=title),
        series=key[:40],
        series_label=label,
        organisation=Text(zh=organisation),
        dates=DatesSpec(
            opens=date(year, 9, 1),
            closes=date(year, 12, 31),
            achievements_until=date(year, 12, 31),
            years_until=date(year, 12, 31),
        ),
        kinds=[Kind.FIRST, Kind.PROMOTION, Kind.CHANGE],
        levels=[],
        committees=[],
        specialities=[],
        editions=[],
        sections=[basic, attachments],
        slots=[],
        requirements=_asked_of_everybody(),
        number=NumberSpec(series_digits="99"),
        texts=TextsSpec(
            pledge=Text(
                zh=str(M("本人承诺：所填内容和提交的材料真实、准确、完整；如有不实，愿承担一切后果。"))
            ),
            pledge_version=f"{year}-1",
        ),
    )
    return _dump(spec)


def _asked_of_everybody() -> list[RequirementSpec]:
    """What the law and the certificate ask for in every series: in service, in order, with a photo."""
    shared = read_plain(FOLDER / "base" / "requirements.yaml")["requirements"]
    rows = {row.id: row for row in map(RequirementSpec.model_validate, shared)}
    return [rows[key] for key in EVERYBODY]
