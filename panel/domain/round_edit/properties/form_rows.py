"""The rows of the form: sections, fields, kinds of entries, columns and slots."""

from __future__ import annotations

from models.field_spec import FieldSpec
from models.form_spec import ColumnSpec, EntryKind, SectionSpec, SlotSpec
from models.messages import M
from panel.domain.round_edit.properties.kinds import Described, Property, Widget
from panel.domain.round_edit.properties.named import (
    FIELD_TYPES,
    NUMBER_TYPES,
    TEXT_TYPES,
)

P = Property
W = Widget

FIELD = Described(
    FieldSpec,
    M("栏目"),
    (
        P("label", M("栏目名称"), optional=False),
        P("type", M("填写方式"), W.CHOICE, choices=FIELD_TYPES, optional=False, fixed=True),
        P("options", M("选项"), W.OPTIONS, types=frozenset({"choice", "choices"})),
        P("unit", M("计量单位"), help=M("写在数字后面，如“万元”。"), types=NUMBER_TYPES),
        P("decimals", M("小数位数"), W.INTEGER, optional=False, types=NUMBER_TYPES),
        P("minimum", M("最小值"), W.DECIMAL, types=NUMBER_TYPES),
        P("maximum", M("最大值"), W.DECIMAL, types=NUMBER_TYPES),
        P("max_length", M("最多字数"), W.INTEGER, optional=False, types=TEXT_TYPES),
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
