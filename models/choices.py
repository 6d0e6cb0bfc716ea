"""Closed sets of values, each with the word the interface shows (DESIGN sections 1, 4, 5)."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from models.messages import M, Message


class Choice(StrEnum):
    """A stored string with the word shown to people, given beside it: `DRAFT = "draft", M("填报中")`."""

    label: Message

    # A look-up, State("draft"), never comes here; but mypy reads it as this call: hence the default.
    def __new__(cls, value: str, label: Message | None = None) -> Self:
        """A member that is stored as `value`; TypeError without a label."""
        if label is None:
            raise TypeError(f"{cls.__name__}: {value} has no label")
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def options(cls) -> list[tuple[str, Message]]:
        """All members as (value, label), in order of definition."""
        return [(member.value, member.label) for member in cls]


class State(Choice):
    DRAFT = "draft", M("填报中")
    SUBMITTED = "submitted", M("待单位审核")
    RETURNED = "returned", M("待补正")
    NOT_RECOMMENDED = "not_recommended", M("未获推荐")
    UNIT_PUBLICITY = "unit_publicity", M("评审前公示")
    ON_HOLD = "on_hold", M("异议核查")
    OFFICE_REVIEW = "office_review", M("待受理")
    CORRECTION = "correction", M("一次性补正中")
    LAPSED = "lapsed", M("逾期失效")
    INELIGIBLE = "ineligible", M("未予受理")
    EXTERNAL_REVIEW = "external_review", M("代表作送审")
    PANEL = "panel", M("专家评议")
    BALLOT = "ballot", M("待表决")
    PASSED = "passed", M("评审通过")
    FAILED = "failed", M("评审未通过")
    RESULT_PUBLICITY = "result_publicity", M("结果公示")
    CONFIRMED = "confirmed", M("已确认")
    CERTIFIED = "certified", M("已发证")
    DISQUALIFIED = "disqualified", M("取消资格")
    WITHDRAWN = "withdrawn", M("已放弃申报")
    REVOKED = "revoked", M("证书已撤销")


class Action(Choice):
    SUBMIT = "submit", M("提交")
    RECALL = "recall", M("撤回修改")
    ENDORSE = "endorse", M("部门审核")
    RETURN = "return", M("退回补正")
    RESUBMIT = "resubmit", M("重新提交")
    REJECT = "reject", M("不予推荐")
    PUBLICISE = "publicise", M("公示")
    RECOMMEND = "recommend", M("推荐")
    OBJECT = "object", M("登记异议")
    DISMISS = "dismiss", M("异议不成立")
    STRIKE = "strike", M("剔除有关条目后继续")
    UPHOLD = "uphold", M("异议成立")
    CORRECT = "correct", M("一次性补正")
    LAPSE = "lapse", M("逾期")
    REINSTATE = "reinstate", M("恢复")
    REFUSE = "refuse", M("不予受理")
    RECOGNISE = "recognise", M("认定")
    SEND_OUT = "send_out", M("送审")
    ACCEPT = "accept", M("受理")
    CLOSE_EXTERNAL = "close_external", M("结束送审")
    TABLE = "table", M("提交表决")
    CLOSE = "close", M("确认表决结果")
    PUBLICISE_RESULT = "publicise_result", M("公示结果")
    CONFIRM = "confirm", M("确认")
    ISSUE = "issue", M("发证")
    WITHDRAW = "withdraw", M("放弃申报")
    REVOKE = "revoke", M("撤销证书")
    REOPEN = "reopen", M("复查")


class Role(Choice):
    APPLICANT = "applicant", M("申报人")
    UNIT_HR = "unit_hr", M("单位人事")
    ENDORSER = "endorser", M("审核部门")
    OFFICE = "office", M("评委会办公室")
    EXPERT = "expert", M("评审专家")
    CHAIR = "chair", M("主任委员")
    TELLER = "teller", M("监票、计票")
    SUPERVISOR = "supervisor", M("纪检监督")
    ADMIN = "admin", M("系统管理员")
    PUBLIC = "public", M("公众")
    SYSTEM = "system", M("系统")


class Kind(Choice):
    FIRST = "first", M("初次申报")
    PROMOTION = "promotion", M("晋升")
    CHANGE = "change", M("转评")
    RECOGNITION = "recognition", M("考核认定")


class Origin(Choice):
    APPLICANT = "applicant", M("本人填报")
    HR = "hr", M("人事导入")


class Preparation(Choice):
    """What was done to a file on its way in."""

    COMPRESSED = "compressed", M("已压缩")
    CONVERTED = "converted", M("已转成 JPEG")
    JOINED = "joined", M("已合成 PDF")


class Verdict(Choice):
    ACCEPT = "accept", M("认可")
    DOUBT = "doubt", M("存疑")
    REFUSE = "refuse", M("不认可")


class Severity(Choice):
    BLOCKING = "blocking", M("必须处理")
    WARNING = "warning", M("提醒")
    JUDGE = "judge", M("待人工判断")


class Vote(Choice):
    YES = "yes", M("赞成")
    NO = "no", M("反对")
    ABSTAIN = "abstain", M("弃权")


class PublicityKind(Choice):
    UNIT = "unit", M("评审前公示")
    RESULT = "result", M("评审结果公示")


class ObjectionState(Choice):
    OPEN = "open", M("核查中")
    FINDINGS = "findings", M("已报核查结论")
    DISMISSED = "dismissed", M("不成立")
    UPHELD = "upheld", M("成立")


class MeetingState(Choice):
    PLANNED = "planned", M("筹备中")
    OPEN = "open", M("进行中")
    CLOSED = "closed", M("已结束")


class Sanction(Choice):
    NONE = "none", M("无")
    WARNING = "warning", M("警告")
    DEMERIT = "demerit", M("记过")
    DEMOTION = "demotion", M("降低岗位等级或以上")


class Gender(Choice):
    MALE = "male", M("男")
    FEMALE = "female", M("女")


class ExportState(Choice):
    """How far a file is that is made in the background."""

    WAITING = "waiting", M("排队中")
    RUNNING = "running", M("正在生成")
    READY = "ready", M("可以下载")
    FAILED = "failed", M("没有成功")


class RoundState(Choice):
    PLANNED = "planned", M("筹备中")
    OPEN = "open", M("已开放")
    CLOSED = "closed", M("已关闭")


class MaterialState(Choice):
    """How far an entry of the material table is."""

    WAITING = "waiting", M("待本人开始申报")
    PLACED = "placed", M("待本人核对")
    CONFIRMED = "confirmed", M("本人已确认")
    DISPUTED = "disputed", M("本人有异议")
    SETTLED = "settled", M("异议已处理")
    WITHDRAWN = "withdrawn", M("已撤下")


class Settlement(Choice):
    """How HR settles a dispute about the material table."""

    CORRECTED = "corrected", M("已更正")
    KEPT = "kept", M("维持原内容")
    REMOVED = "removed", M("已移除")


class MaterialStep(Choice):
    """What can be done to an entry of the material table."""

    CREATE = "create", M("列入材料表")
    CHANGE = "change", M("修改内容")
    WITHDRAW = "withdraw", M("从材料表撤下")
    UNDO = "undo", M("撤销导入")
    CONFIRM = "confirm", M("本人确认")
    UNCONFIRM = "unconfirm", M("本人取消确认")
    DISPUTE = "dispute", M("本人提出异议")
    REPORT = "report", M("本人反映遗漏")
    RETRACT = "retract", M("本人撤回异议")
    SETTLE = "settle", M("处理异议")


class ScanState(Choice):
    """Where a stamped scan is."""

    UNMATCHED = "unmatched", M("待选择人员")
    WAITING = "waiting", M("待放入申报")
    ATTACHED = "attached", M("已放入申报")
    REPLACED = "replaced", M("已被新的替换")
    DROPPED = "dropped", M("已移除")
