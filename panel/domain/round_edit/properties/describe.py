"""What each kind of row of a round is called and which of its properties HR edits, each described once.

Forms, the history's words and comparisons are drawn from these tables; nothing here names a field of the
guide. A new property of a specification is one line here (a test refuses one that is neither here nor in
UNEDITED).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.choices import Kind, Severity
from models.field_spec import FieldSpec, Option, Spec
from models.form_spec import ColumnSpec, EntryKind, GroupSpec, RequirementSpec, SectionSpec, SlotSpec
from models.messages import M, Message
from models.round_spec import (
    ClauseSpec,
    CommitteeSpec,
    DatesSpec,
    EditionSpec,
    EndorsementSpec,
    LevelSpec,
    NumberSpec,
    PhotoSpec,
    PublicitySpec,
    RoundSpec,
    TextsSpec,
    VotingSpec,
)
from panel.domain.round_edit.tree import shape_of


class Widget(StrEnum):
    """How a property is edited."""

    TEXT = "text"  # Chinese, and English below
    LONG_TEXT = "long_text"
    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TICK = "tick"
    CHOICE = "choice"
    BOXES = "boxes"  # none ticked = empty list
    CONDITION = "condition"
    MAYBE_CONDITION = "maybe_condition"
    OPTIONS = "options"  # rows of a choice
    FRACTION = "fraction"
    BY_LEVEL = "by_level"  # a number per level
    TEMPLATE = "template"  # text with places for fields
    TEMPLATES = "templates"  # one per column
    MESSAGE = "message"  # text with places for what a check reports
    MEGABYTES = "megabytes"
    CHECK = "check"
    PLACE = "place"  # section and field that a requirement looks at
    ARGUMENTS = "arguments"


@dataclass(frozen=True)
class Property:
    """One property: its name in the specification, and how people see it."""

    name: str
    label: Message
    widget: Widget = Widget.TEXT
    help: Message | None = None
    source: str = ""  # of choices, see sources.py
    choices: tuple[tuple[Any, Message], ...] = ()
    optional: bool = True  # may be left empty
    types: frozenset[str] = frozenset()  # of a field: only these have it; empty = all
    fixed: bool = False  # can't change once it applies, since people's content depends on it
    lists_only: bool = False  # of a section, or of a section's field: only lists have it


@dataclass(frozen=True)
class Described:
    """One kind of row or mapping."""

    spec: type[Spec]
    name: Message
    properties: tuple[Property, ...]
    title: str = "label"  # the property that names a row

    def property(self, name: str) -> Property | None:
        """The property called `name`, or None if it isn't edited."""
        return next((row for row in self.properties if row.name == name), None)


P = Property
W = Widget
_KINDS = tuple((kind.value, kind.label) for kind in Kind)
_TYPES: tuple[tuple[str, Message], ...] = (
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
_TEXTS = frozenset({"text", "long_text", "person", "unit", "phone", "id_number"})
_NUMBER = frozenset({"number"})
_FOR_WHOM = M("适用于")

FIELD = Described(
    FieldSpec,
    M("栏目"),
    (
        P("label", M("栏目名称"), optional=False),
        P("type", M("填写方式"), W.CHOICE, choices=_TYPES, optional=False, fixed=True),
        P("options", M("选项"), W.OPTIONS, types=frozenset({"choice", "choices"})),
        P("unit", M("计量单位"), help=M("写在数字后面，如“万元”。"), types=_NUMBER),
        P("decimals", M("小数位数"), W.INTEGER, optional=False, types=_NUMBER),
        P("minimum", M("最小值"), W.DECIMAL, types=_NUMBER),
        P("maximum", M("最大值"), W.DECIMAL, types=_NUMBER),
        P("max_length", M("最多字数"), W.INTEGER, optional=False, types=_TEXTS),
        P("open_end", M("可以至今（没有结束时间）"), W.TICK, types=frozenset({"range"})),
        P("slot", M("从哪个附件项选文件"), W.CHOICE, source="slots", types=frozenset({"file"})),
        P("required", M("所有人必填"), W.TICK),
        P("required_when", M("不是所有人必填时，对谁必填"), W.MAYBE_CONDITION),
        P("when", M("谁能看到这一栏"), W.CONDITION),
        P("help", M("填写说明")),
        P("example", M("填写示例")),
        P("group", M("上方的小标题"), help=M("填写后，从这一栏起另起一组。")),
        P("visible", M("显示"), W.TICK, help=M("不勾选：不再要求任何人填写，已填的内容也不显示。")),
        P("printed", M("打印在申报表上"), W.TICK),
        P("source", M("由人员名册填入"), W.CHOICE, source="roster"),
        P("locked", M("锁定（只能在名册中更正）"), W.TICK),
        P("encrypted", M("加密保存"), W.TICK, fixed=True),
        P("in_list", M("在条目列表中显示"), W.TICK, lists_only=True),
        P(
            "width",
            M("在页面上的宽度"),
            W.CHOICE,
            choices=(
                (3, M("四分之一")),
                (4, M("三分之一")),
                (6, M("一半")),
                (8, M("三分之二")),
                (12, M("整行")),
            ),
            optional=False,
        ),
    ),
)
SECTION = Described(
    SectionSpec,
    M("部分"),
    (
        P("label", M("部分名称"), optional=False),
        P("intro", M("开头的说明"), W.LONG_TEXT),
        P("when", M("谁有这一部分"), W.CONDITION),
        P("min_rows", M("至少几条"), W.INTEGER, optional=False, lists_only=True),
        P("max_rows", M("最多几条"), W.INTEGER, optional=False, lists_only=True),
        P("sums", M("合计的数字栏目"), W.BOXES, source="numbers", lists_only=True),
        P("none_label", M("“确无此项”的文字"), help=M("留空则没有这个勾选框。"), lists_only=True),
        P("none_columns", M("勾选“确无此项”后打印“无”的列"), W.BOXES, source="columns", lists_only=True),
        P("entry_title", M("条目用什么称呼"), W.TEMPLATE, lists_only=True),
        P("order_by", M("按哪一栏排序（新的在前）"), W.CHOICE, source="fields", lists_only=True),
        P("evidence", M("每条要注明佐证附件"), W.TICK, lists_only=True),
        P("judged", M("由人事部门逐条认定"), W.TICK, lists_only=True),
        P("printed", M("打印在申报表上"), W.TICK),
    ),
)
ENTRY_KIND = Described(
    EntryKind,
    M("条目类别"),
    (
        P("label", M("类别名称"), optional=False),
        P("title", M("条目用什么称呼"), W.TEMPLATE),
        P("columns", M("各列打印什么"), W.TEMPLATES, source="columns"),
    ),
)
COLUMN = Described(
    ColumnSpec,
    M("打印列"),
    (
        P("label", M("列名"), optional=False),
        P("width", M("相对宽度"), W.INTEGER, optional=False),
        P("template", M("打印什么"), W.TEMPLATE),
    ),
)
SLOT = Described(
    SlotSpec,
    M("附件项"),
    (
        P("label", M("附件名称"), optional=False),
        P("help", M("上传说明"), W.LONG_TEXT),
        P("required", M("所有人必须上传"), W.TICK),
        P("required_when", M("不是所有人必须上传时，对谁必须"), W.MAYBE_CONDITION),
        P("when", M("谁有这一项"), W.CONDITION),
        P("max_files", M("最多几个文件"), W.INTEGER, optional=False),
        P("max_bytes", M("每个文件最大（MB）"), W.MEGABYTES, optional=False),
        P(
            "kinds",
            M("允许的格式"),
            W.BOXES,
            choices=(("jpeg", M("JPEG 图片")), ("png", M("PNG 图片")), ("pdf", M("PDF 文件"))),
            optional=False,
        ),
        P("months", M("要覆盖的月数（社保等）"), W.BY_LEVEL),
        P("private", M("含身份证号等，只有可以查看的人能打开"), W.TICK),
        P("by_hr", M("由人事部门上传，申报人不能上传"), W.TICK),
    ),
)
REQUIREMENT = Described(
    RequirementSpec,
    M("申报要求"),
    (
        P("check", M("检查什么"), W.CHECK, optional=False),
        P("place", M("检查哪里"), W.PLACE, optional=False),
        P("arguments", M("检查的内容"), W.ARGUMENTS),
        P("when", _FOR_WHOM, W.CONDITION),
        P(
            "severity",
            M("不符合时"),
            W.CHOICE,
            choices=(
                (Severity.BLOCKING.value, M("不能提交")),
                (Severity.WARNING.value, M("提醒，仍可提交")),
                (Severity.JUDGE.value, M("由人事部门判断")),
            ),
            optional=False,
        ),
        P("message", M("不符合时的提示"), W.MESSAGE, optional=False),
        P("group", M("属于哪一组（几项中满足几项）"), W.CHOICE, source="groups"),
        P("label", M("在组里的简称")),
    ),
    title="message",
)
GROUP = Described(
    GroupSpec,
    M("要求组"),
    (
        P("label", M("组名"), optional=False),
        P("minimum", M("至少满足几项"), W.INTEGER, optional=False),
        P("when", _FOR_WHOM, W.CONDITION),
        P(
            "severity",
            M("不满足时"),
            W.CHOICE,
            choices=((Severity.BLOCKING.value, M("不能提交")), (Severity.WARNING.value, M("提醒，仍可提交"))),
            optional=False,
        ),
        P("message", M("不满足时的提示"), W.MESSAGE, optional=False),
    ),
)
CLAUSE = Described(
    ClauseSpec,
    M("条款"),
    (
        P("text", M("条款内容"), W.LONG_TEXT, optional=False),
        P("sections", M("用于哪些部分"), W.BOXES, source="lists", optional=False),
        P("levels", M("适用级别（不选为全部）"), W.BOXES, source="levels"),
    ),
    title="text",
)
EDITION = Described(
    EditionSpec,
    M("评审标准"),
    (
        P("label", M("名称"), optional=False),
        P("when", M("适用于谁"), W.CONDITION, help=M("同时符合几个标准时，用排在最后的一个。")),
    ),
)
LEVEL = Described(
    LevelSpec,
    M("级别"),
    (
        P("label", M("级别"), help=M("如“副高”。"), optional=False),
        P("title", M("职称名称"), help=M("如“副教授”。"), optional=False),
        P("rank", M("高低次序"), W.INTEGER, help=M("最低一级为 1，逐级加 1。"), optional=False),
        P("digit", M("证书编号中的级别数字"), W.INTEGER, optional=False),
    ),
    title="title",
)
COMMITTEE = Described(
    CommitteeSpec,
    M("评委会"),
    (
        P("name", M("评委会名称"), optional=False),
        P("units", M("服务的单位（不选为全部）"), W.BOXES, source="units"),
        P("departments", M("服务的部门（不选为全部）"), W.BOXES, source="departments"),
        P("specialities", M("评审的专业（不选为全部）"), W.BOXES, source="specialities"),
        P("valid_until", M("核准有效期至"), W.DATE),
    ),
    title="name",
)
SPECIALITY = Described(Option, M("专业"), (P("label", M("专业名称"), optional=False),))
ENDORSEMENT = Described(
    EndorsementSpec,
    M("部门意见"),
    (
        P("label", M("部门"), optional=False),
        P("ranks", M("还要排序"), W.TICK),
        P("blocks", M("不同意则不能继续"), W.TICK),
        P("own_department", M("由申报人所在部门填写"), W.TICK),
        P("when", _FOR_WHOM, W.CONDITION),
    ),
)
ROUND = Described(
    RoundSpec,
    M("申报批次"),
    (
        P("title", M("批次名称"), optional=False),
        P("year", M("年度"), W.INTEGER, optional=False),
        P("series_label", M("系列"), optional=False),
        P("organisation", M("发证单位"), optional=False),
        P("kinds", M("申报类别"), W.BOXES, choices=_KINDS, optional=False),
        P("other_units", M("申报人还可以选的单位"), W.BOXES, source="units"),
        P("merged", M("单位人事和评委会办公室是同一部门"), W.TICK),
        P("second_person", M("重要步骤要第二人复核"), W.TICK),
        P("second_person_reason", M("不要第二人的理由"), W.STRING),
        P("first_levels", M("初次申报可以申报的级别（不选为全部）"), W.BOXES, source="levels"),
        P("quotas", M("推荐名额（不填为不限）"), W.BY_LEVEL),
        P("external_review_levels", M("代表作要送审的级别"), W.BOXES, source="levels"),
        P("defence_levels", M("要答辩的级别"), W.BOXES, source="levels"),
        P("vote", M("由评委会表决"), W.TICK),
        P(
            "approval_date_from",
            M("批准日期取自"),
            W.CHOICE,
            choices=(("vote", M("表决通过之日")), ("document", M("公布文件之日"))),
            optional=False,
        ),
        P("certificate_masks_id", M("证书上遮住身份证号中间几位"), W.TICK),
    ),
    title="title",
)
DATES_OF_ROUND = Described(
    DatesSpec,
    M("日期"),
    tuple(P(name, label, W.DATE, optional=False) for name, label in DATES.items()),
)
PHOTO = Described(
    PhotoSpec,
    M("照片"),
    (
        P("width", M("宽（像素）"), W.INTEGER, optional=False),
        P("height", M("高（像素）"), W.INTEGER, optional=False),
        P("min_kb", M("最小（KB）"), W.INTEGER, optional=False),
        P("max_kb", M("最大（KB）"), W.INTEGER, optional=False),
        P(
            "background",
            M("底色"),
            W.CHOICE,
            choices=(("any", M("不限")), ("white", M("白")), ("blue", M("蓝")), ("red", M("红"))),
            optional=False,
        ),
    ),
)
VOTING = Described(
    VotingSpec,
    M("表决"),
    (
        P("quorum", M("到会人数不少于全体的"), W.FRACTION, optional=False),
        P("majority", M("赞成票不少于到会人数的"), W.FRACTION, optional=False),
        P("minimum_opinions", M("每份申报至少几份专家意见"), W.INTEGER, optional=False),
        P("recused_count_as_present", M("回避的委员计入到会人数"), W.TICK),
    ),
)
PUBLICITY = Described(
    PublicitySpec,
    M("公示"),
    (
        P("unit_days", M("评审前公示几个工作日"), W.INTEGER, optional=False),
        P("result_days", M("评审结果公示几个工作日"), W.INTEGER, optional=False),
        P("telephone", M("监督电话"), W.STRING),
        P("receiving_office", M("受理部门和地址")),
        P("email", M("邮箱"), W.STRING),
    ),
)
NUMBER = Described(
    NumberSpec,
    M("证书编号"),
    (
        P("prefix", M("开头的字母"), W.STRING, optional=False),
        P("series_digits", M("系列代号"), W.STRING, optional=False),
        P("serial_digits", M("流水号位数"), W.INTEGER, optional=False),
    ),
)
TEXTS = Described(
    TextsSpec,
    M("文字"),
    (
        P("pledge", M("个人承诺"), W.LONG_TEXT, optional=False),
        P(
            "pledge_version",
            M("承诺的版本号"),
            W.STRING,
            help=M("承诺改动时换一个，如 2027-1。"),
            optional=False,
        ),
        P("welcome", M("欢迎文字"), W.LONG_TEXT),
        P("unit_opinion", M("单位意见（起草文本）"), W.LONG_TEXT),
    ),
)

#: The shape of a path (see tree.shape_of) -> what is there.
DESCRIBED: dict[tuple[str, ...], Described] = {
    (): ROUND,
    ("dates",): DATES_OF_ROUND,
    ("photo",): PHOTO,
    ("voting",): VOTING,
    ("publicity",): PUBLICITY,
    ("number",): NUMBER,
    ("texts",): TEXTS,
    ("levels", "*"): LEVEL,
    ("committees", "*"): COMMITTEE,
    ("specialities", "*"): SPECIALITY,
    ("editions", "*"): EDITION,
    ("editions", "*", "clauses", "*"): CLAUSE,
    ("sections", "*"): SECTION,
    ("sections", "*", "fields", "*"): FIELD,
    ("sections", "*", "kinds", "*"): ENTRY_KIND,
    ("sections", "*", "columns", "*"): COLUMN,
    ("slots", "*"): SLOT,
    ("requirements", "*"): REQUIREMENT,
    ("groups", "*"): GROUP,
    ("endorsements", "*"): ENDORSEMENT,
}
#: Not edited by a property: identities, notes for developers, what is edited as rows or together with
#: another property, and what has a page of its own.
UNEDITED = frozenset(
    {
        "key",
        "id",
        "value",
        "covers",
        "code",
        "series",
        "shape",
        "store",
        "section",
        "field",
        "clauses",
        "fields",
        "dates",
        "levels",
        "committees",
        "specialities",
        "editions",
        "sections",
        "slots",
        "requirements",
        "groups",
        "endorsements",
        "exports",
        "photo",
        "voting",
        "publicity",
        "number",
        "texts",
    }
)


@dataclass(frozen=True)
class Block:
    """What stands together on a part's page: some properties of one mapping, or a list of rows."""

    path: str
    properties: tuple[str, ...] = ()  # of a mapping; empty = all
    title: Message | None = None


@dataclass(frozen=True)
class Part:
    """A part of the editor: one page of it."""

    key: str
    label: Message
    about: Message
    icon: str
    blocks: tuple[Block, ...]


B = Block
PARTS: tuple[Part, ...] = (
    Part(
        "basics",
        M("基本信息与日期"),
        M("批次名称、年度、申报时间、截止日和办理方式"),
        "calendar",
        (
            B("", ("title", "year", "series_label", "organisation"), M("名称与年度")),
            B("dates", (), M("日期与截止日")),
            B("", ("kinds", "other_units", "merged", "second_person", "second_person_reason"), M("办理方式")),
        ),
    ),
    Part(
        "levels",
        M("级别与系列"),
        M("可以申报的级别、次序、名额，哪些级别送审、答辩"),
        "stairs",
        (
            B("levels"),
            B("", ("first_levels", "quotas", "external_review_levels", "defence_levels"), M("级别的规定")),
        ),
    ),
    Part(
        "committees",
        M("评委会与专业"),
        M("由哪个评委会评审哪些单位、部门和专业"),
        "users-group",
        (B("committees"), B("specialities")),
    ),
    Part(
        "criteria",
        M("评审标准与条款"),
        M("各版评审标准适用于谁，有哪些条款"),
        "list-numbers",
        (B("editions"),),
    ),
    Part("form", M("表单（部分与栏目）"), M("申报人填写的各部分和栏目"), "forms", (B("sections"),)),
    Part("slots", M("附件"), M("要上传的附件、格式、大小和条件"), "paperclip", (B("slots"),)),
    Part(
        "requirements",
        M("申报要求"),
        M("提交前检查什么，不符合时怎样提示"),
        "checklist",
        (B("requirements"), B("groups")),
    ),
    Part("endorsements", M("部门意见"), M("哪些部门要审核"), "rubber-stamp", (B("endorsements"),)),
    Part(
        "process",
        M("公示与表决"),
        M("公示天数、监督电话、表决规则"),
        "speakerphone",
        (B("publicity"), B("voting")),
    ),
    Part("texts", M("文字"), M("承诺、欢迎文字、单位意见"), "file-text", (B("texts"),)),
    Part(
        "number",
        M("编号与证书"),
        M("证书编号、批准日期、照片规格"),
        "certificate",
        (
            B("number"),
            B("", ("vote", "approval_date_from", "certificate_masks_id"), M("批准与证书")),
            B("photo"),
        ),
    ),
)


def described(path: str, shape: Sequence[str] | None = None) -> Described | None:
    """What is at `path` (of a row or mapping), or None when it isn't edited."""
    return DESCRIBED.get(tuple(shape) if shape is not None else shape_of(path))


def part_of(path: str) -> Part:
    """The part of the editor that shows `path`."""
    first, _, rest = path.partition("/")
    for part in PARTS:
        for block in part.blocks:
            if block.path and block.path == first:
                return part
            if not block.path and not rest and first in block.properties:
                return part
    return PARTS[0]


def field_types() -> dict[str, Message]:
    """The types of fields in words."""
    return dict(_TYPES)
