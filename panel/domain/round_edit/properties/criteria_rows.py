"""What is asked and by which criteria: requirements, their groups, editions and clauses."""

from __future__ import annotations

from models.choices import Severity
from models.form_spec import GroupSpec, RequirementSpec
from models.messages import M
from models.round_spec import (
    ClauseSpec,
    EditionSpec,
)
from panel.domain.round_edit.properties.kinds import Described, Property, Widget
from panel.domain.round_edit.properties.named import (
    FOR_WHOM,
)

P = Property
W = Widget

REQUIREMENT = Described(
    RequirementSpec,
    M("申报要求"),
    (
        P("check", M("检查什么"), W.CHECK, optional=False),
        P("place", M("检查哪里"), W.PLACE, optional=False),
        P("arguments", M("检查的内容"), W.ARGUMENTS),
        P("when", FOR_WHOM, W.CONDITION),
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
        P("when", FOR_WHOM, W.CONDITION),
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
