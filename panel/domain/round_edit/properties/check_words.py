"""The kinds of check in plain words, their arguments, and what a message may say."""

from __future__ import annotations

from dataclasses import dataclass

from models.checks import Check
from models.messages import M, Message

#: What each check asks, as HR chooses it from a list: a name, and what it finds.
CHECKS: dict[Check, tuple[Message, Message]] = {
    Check.FILLED: (M("必须填写"), M("这一栏不能空着。")),
    Check.EMPTY: (M("必须留空"), M("这一栏不应填写。")),
    Check.COUNT: (M("条数"), M("条目的数量，可以只数某些类别、级别、名次或时间段的。")),
    Check.COUNT_DISTINCT: (M("不同内容的个数"), M("各条目的某一栏要有几种不同的内容，如“2 个不同条款”。")),
    Check.SUM: (M("数字合计"), M("各条目的某个数字加起来够不够，如经费总额。")),
    Check.SUM_PER_YEAR: (M("每年的数字合计"), M("最近几年每一年加起来都要够，如继续教育学时。")),
    Check.EACH_YEAR: (M("每年都有"), M("最近几年每一年都要有一条，如年度考核。")),
    Check.UNIQUE: (M("不能重复"), M("两个条目的这一栏不能相同。")),
    Check.DISTINCT: (M("两栏不能相同"), M("这一栏不能和另一栏一样。")),
    Check.NEWEST_EQUALS: (M("最近一条与名册一致"), M("最近一条的这一栏要和人员名册一致，如现工作单位。")),
    Check.NEWEST_ONE_OF: (M("最近一条是指定内容"), M("最近一条的这一栏要是其中之一。")),
    Check.ONE_OF: (M("是指定内容"), M("这一栏（列表的每一条）要是其中之一，如允许的工作类型。")),
    Check.NUMBER_WITHIN: (M("数字范围"), M("数字不能太小或太大。")),
    Check.EQUALS_FACT: (M("与名册一致"), M("这一栏要和人员名册（材料表）一致。")),
    Check.NOT_EARLIER: (M("不早于另一日期"), M("这个日期不能早于另一栏的日期，如取得现职称之后。")),
    Check.NOT_LATER: (M("不晚于截止日"), M("这个日期不能晚于批次的某个日期。")),
    Check.NOT_FUTURE: (M("不能是将来"), M("日期不能晚于今天。")),
    Check.YEARS_MATCH: (M("年数与经历一致"), M("填写的年数要和列表中各段时间加起来相符。")),
    Check.YEARS_SINCE: (M("满多少年"), M("从这个日期到批次的某个日期要满几年，如任现职年限。")),
    Check.YEARS_BY_DEGREE: (M("按学位满多少年"), M("同上，年数按最高学位规定。")),
    Check.YEARS_COVERED: (M("累计多少年"), M("列表中各段时间加起来要满几年，如现场工作年限。")),
    Check.NOT_OVERLAPPING: (M("时间不能重叠"), M("列表中各段时间不能互相重叠。")),
    Check.AGE: (M("年龄"), M("到批次的某个日期时的年龄。")),
    Check.VALID_FOR: (M("在有效期内"), M("这个日期到批次的某个日期不超过几个月，如笔试成绩有效期。")),
    Check.CLAUSE_OF_EDITION: (M("条款属于适用的标准"), M("所选条款要是适用于本人的评审标准中的。")),
    Check.EVIDENCE_NAMED: (M("注明佐证附件"), M("每一条都要注明证明它的附件。")),
    Check.PHOTO: (M("照片合格"), M("要有符合规格的照片。")),
    Check.ATTACHED: (M("已上传附件"), M("附件项里至少有一个文件。")),
    Check.MONTHS_COVERED: (M("附件覆盖的月数"), M("附件注明的月份要够，如社保缴费证明。")),
    Check.IN_SERVICE: (M("在职"), M("名册上是在职人员。")),
    Check.NOT_SANCTIONED: (M("不在处分期"), M("名册上没有影响申报的处分。")),
    Check.NOT_BARRED: (M("不在禁止申报期"), M("名册上没有禁止申报的记录。")),
    Check.KIND_FITS: (M("申报类别合适"), M("申报类别和现有职称相符。")),
    Check.LEVEL_FITS: (M("级别合适"), M("逐级申报，级别和现有职称相符。")),
    Check.COMMITTEE_FITS: (M("评委会合适"), M("评委会受理本人的部门、系列和专业。")),
}


@dataclass(frozen=True)
class Argument:
    """What a check is told: its label, and how it is chosen."""

    label: Message
    widget: str  # integer, number, levels (number or one per level), field, place, values, where, between, …
    help: Message | None = None


#: Arguments in the order they are shown. Those left out (than_section, …) go with another one.
ARGUMENTS: dict[str, Argument] = {
    "minimum": Argument(M("至少"), "levels"),
    "maximum": Argument(M("至多"), "number"),
    "where": Argument(M("只看这样的条目"), "where"),
    "between": Argument(M("只看数字在这个范围内的条目"), "between"),
    "dated": Argument(M("条目的日期是"), "dated"),
    "until": Argument(M("计算到"), "date"),
    "last_months": Argument(M("只看此前多少个月内的"), "integer"),
    "last_years": Argument(M("看最近几年"), "integer"),
    "months": Argument(M("有效多少个月"), "integer", M("三年填 36。")),
    "after": Argument(M("只看晚于这一日期的"), "after"),
    "year": Argument(M("年份在哪一栏"), "year"),
    "end": Argument(M("结束时间在哪一栏"), "end"),
    "degree_field": Argument(M("学位在哪一栏"), "degree_field"),
    "years_asked": Argument(M("各学位要满的年数"), "years_asked"),
    "none_counts": Argument(M("勾选“确无此项”也算满足"), "tick"),
    "other": Argument(M("和哪一栏比较"), "other"),
    "fact": Argument(M("名册中的"), "roster"),
    "values": Argument(M("允许的内容"), "values"),
    "than": Argument(M("不早于哪一栏"), "than"),
    "date": Argument(M("哪个日期"), "date"),
    "list": Argument(M("和哪个列表比较"), "list"),
    "tolerance": Argument(M("允许相差几年"), "integer"),
    "slot": Argument(M("哪个附件项"), "slot"),
}
#: Arguments that are given together with another one, as "section › field".
PAIRED = {"than": "than_section", "after": "after_section", "degree_field": "degree_section"}

#: What a message may say in braces: its stored name -> as HR sees it. The names stay Chinese in the form.
PLACES_IN_ENGLISH = {
    "value": "what was entered",
    "expected": "what it should be",
    "entry": "entry",
    "field": "field",
    "need": "needed",
    "have": "present",
}
#: The same in the form's own language: what HR types between the braces.
PLACES: dict[str, Message] = {
    "value": M("填写的内容"),
    "expected": M("应有的内容"),
    "entry": M("条目"),
    "field": M("栏目"),
    "need": M("需要"),
    "have": M("现有"),
}
