"""The round itself: levels, committees, endorsements, dates, photo, vote, publicity, numbers, texts."""

from __future__ import annotations

from models.field_spec import Option
from models.messages import M
from models.round_spec import (
    CommitteeSpec,
    DatesSpec,
    EndorsementSpec,
    LevelSpec,
    NumberSpec,
    PhotoSpec,
    PublicitySpec,
    RoundSpec,
    TextsSpec,
    VotingSpec,
)
from panel.domain.round_edit.properties.kinds import Described, Property, Widget
from panel.domain.round_edit.properties.named import (
    DATES,
    FOR_WHOM,
    KIND_OPTIONS,
)

P = Property
W = Widget

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
        P("when", FOR_WHOM, W.CONDITION),
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
        P("kinds", M("申报类别"), W.BOXES, choices=KIND_OPTIONS, optional=False),
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
