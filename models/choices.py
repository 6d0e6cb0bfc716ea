"""Closed sets of values, each with the word the interface shows (DESIGN sections 1, 4, 5)."""

from __future__ import annotations

from enum import StrEnum

from models.messages import M, Message


class Choice(StrEnum):
    """A stored string with a label; subclasses list their labels in LABELS."""

    @property
    def label(self) -> Message:
        """The word shown to people."""
        return LABELS[type(self)][self.value]

    @classmethod
    def options(cls) -> list[tuple[str, Message]]:
        """All members as (value, label), in order of definition."""
        return [(member.value, member.label) for member in cls]


class State(Choice):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    NOT_RECOMMENDED = "not_recommended"
    UNIT_PUBLICITY = "unit_publicity"
    ON_HOLD = "on_hold"
    OFFICE_REVIEW = "office_review"
    CORRECTION = "correction"
    LAPSED = "lapsed"
    INELIGIBLE = "ineligible"
    EXTERNAL_REVIEW = "external_review"
    PANEL = "panel"
    BALLOT = "ballot"
    PASSED = "passed"
    FAILED = "failed"
    RESULT_PUBLICITY = "result_publicity"
    CONFIRMED = "confirmed"
    CERTIFIED = "certified"
    DISQUALIFIED = "disqualified"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class Action(Choice):
    SUBMIT = "submit"
    RECALL = "recall"
    ENDORSE = "endorse"
    RETURN = "return"
    RESUBMIT = "resubmit"
    REJECT = "reject"
    PUBLICISE = "publicise"
    RECOMMEND = "recommend"
    OBJECT = "object"
    DISMISS = "dismiss"
    STRIKE = "strike"
    UPHOLD = "uphold"
    CORRECT = "correct"
    LAPSE = "lapse"
    REINSTATE = "reinstate"
    REFUSE = "refuse"
    RECOGNISE = "recognise"
    SEND_OUT = "send_out"
    ACCEPT = "accept"
    CLOSE_EXTERNAL = "close_external"
    TABLE = "table"
    CLOSE = "close"
    PUBLICISE_RESULT = "publicise_result"
    CONFIRM = "confirm"
    ISSUE = "issue"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    REOPEN = "reopen"


class Role(Choice):
    APPLICANT = "applicant"
    UNIT_HR = "unit_hr"
    ENDORSER = "endorser"
    OFFICE = "office"
    EXPERT = "expert"
    CHAIR = "chair"
    TELLER = "teller"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    PUBLIC = "public"
    SYSTEM = "system"


class Kind(Choice):
    FIRST = "first"
    PROMOTION = "promotion"
    CHANGE = "change"
    RECOGNITION = "recognition"


class Origin(Choice):
    APPLICANT = "applicant"
    HR = "hr"


class Preparation(Choice):
    """What was done to a file on its way in."""

    COMPRESSED = "compressed"
    CONVERTED = "converted"
    JOINED = "joined"


class Verdict(Choice):
    ACCEPT = "accept"
    DOUBT = "doubt"
    REFUSE = "refuse"


class Severity(Choice):
    BLOCKING = "blocking"
    WARNING = "warning"
    JUDGE = "judge"


class Vote(Choice):
    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class PublicityKind(Choice):
    UNIT = "unit"
    RESULT = "result"


class ObjectionState(Choice):
    OPEN = "open"
    FINDINGS = "findings"
    DISMISSED = "dismissed"
    UPHELD = "upheld"


class MeetingState(Choice):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class Sanction(Choice):
    NONE = "none"
    WARNING = "warning"
    DEMERIT = "demerit"
    DEMOTION = "demotion"


class Gender(Choice):
    MALE = "male"
    FEMALE = "female"


class ExportState(Choice):
    """How far a file is that is made in the background."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class RoundState(Choice):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class MaterialState(Choice):
    """How far an entry of the material table is."""

    WAITING = "waiting"
    PLACED = "placed"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


class Settlement(Choice):
    """How HR settles a dispute about the material table."""

    CORRECTED = "corrected"
    KEPT = "kept"
    REMOVED = "removed"


class MaterialStep(Choice):
    """What can be done to an entry of the material table."""

    CREATE = "create"
    CHANGE = "change"
    WITHDRAW = "withdraw"
    UNDO = "undo"
    CONFIRM = "confirm"
    UNCONFIRM = "unconfirm"
    DISPUTE = "dispute"
    REPORT = "report"
    RETRACT = "retract"
    SETTLE = "settle"


class ScanState(Choice):
    """Where a stamped scan is."""

    UNMATCHED = "unmatched"
    WAITING = "waiting"
    ATTACHED = "attached"
    REPLACED = "replaced"
    DROPPED = "dropped"


#: Nothing more happens to an application in these, except by revoke or reopen.
ENDED = frozenset(
    {
        State.NOT_RECOMMENDED,
        State.INELIGIBLE,
        State.FAILED,
        State.CERTIFIED,
        State.DISQUALIFIED,
        State.WITHDRAWN,
        State.REVOKED,
    }
)

#: An application in any other state counts as the live one of the person and year.
DEAD = frozenset({State.WITHDRAWN})

LABELS: dict[type[Choice], dict[str, Message]] = {
    State: {
        "draft": M("填报中"),
        "submitted": M("待单位审核"),
        "returned": M("待补正"),
        "not_recommended": M("未获推荐"),
        "unit_publicity": M("评审前公示"),
        "on_hold": M("异议核查"),
        "office_review": M("待受理"),
        "correction": M("一次性补正中"),
        "lapsed": M("逾期失效"),
        "ineligible": M("未予受理"),
        "external_review": M("代表作送审"),
        "panel": M("专家评议"),
        "ballot": M("待表决"),
        "passed": M("评审通过"),
        "failed": M("评审未通过"),
        "result_publicity": M("结果公示"),
        "confirmed": M("已确认"),
        "certified": M("已发证"),
        "disqualified": M("取消资格"),
        "withdrawn": M("已放弃申报"),
        "revoked": M("证书已撤销"),
    },
    Action: {
        "submit": M("提交"),
        "recall": M("撤回修改"),
        "endorse": M("部门审核"),
        "return": M("退回补正"),
        "resubmit": M("重新提交"),
        "reject": M("不予推荐"),
        "publicise": M("公示"),
        "recommend": M("推荐"),
        "object": M("登记异议"),
        "dismiss": M("异议不成立"),
        "strike": M("剔除有关条目后继续"),
        "uphold": M("异议成立"),
        "correct": M("一次性补正"),
        "lapse": M("逾期"),
        "reinstate": M("恢复"),
        "refuse": M("不予受理"),
        "recognise": M("认定"),
        "send_out": M("送审"),
        "accept": M("受理"),
        "close_external": M("结束送审"),
        "table": M("提交表决"),
        "close": M("确认表决结果"),
        "publicise_result": M("公示结果"),
        "confirm": M("确认"),
        "issue": M("发证"),
        "withdraw": M("放弃申报"),
        "revoke": M("撤销证书"),
        "reopen": M("复查"),
    },
    Role: {
        "applicant": M("申报人"),
        "unit_hr": M("单位人事"),
        "endorser": M("审核部门"),
        "office": M("评委会办公室"),
        "expert": M("评审专家"),
        "chair": M("主任委员"),
        "teller": M("监票、计票"),
        "supervisor": M("纪检监督"),
        "admin": M("系统管理员"),
        "public": M("公众"),
        "system": M("系统"),
    },
    Kind: {
        "first": M("初次申报"),
        "promotion": M("晋升"),
        "change": M("转评"),
        "recognition": M("考核认定"),
    },
    Origin: {"applicant": M("本人填报"), "hr": M("人事导入")},
    Preparation: {
        "compressed": M("已压缩"),
        "converted": M("已转成 JPEG"),
        "joined": M("已合成 PDF"),
    },
    Verdict: {"accept": M("认可"), "doubt": M("存疑"), "refuse": M("不认可")},
    Severity: {"blocking": M("必须处理"), "warning": M("提醒"), "judge": M("待人工判断")},
    Vote: {"yes": M("赞成"), "no": M("反对"), "abstain": M("弃权")},
    PublicityKind: {"unit": M("评审前公示"), "result": M("评审结果公示")},
    ObjectionState: {
        "open": M("核查中"),
        "findings": M("已报核查结论"),
        "dismissed": M("不成立"),
        "upheld": M("成立"),
    },
    MeetingState: {"planned": M("筹备中"), "open": M("进行中"), "closed": M("已结束")},
    Sanction: {
        "none": M("无"),
        "warning": M("警告"),
        "demerit": M("记过"),
        "demotion": M("降低岗位等级或以上"),
    },
    Gender: {"male": M("男"), "female": M("女")},
    ExportState: {
        "waiting": M("排队中"),
        "running": M("正在生成"),
        "ready": M("可以下载"),
        "failed": M("没有成功"),
    },
    RoundState: {"planned": M("筹备中"), "open": M("已开放"), "closed": M("已关闭")},
    MaterialState: {
        "waiting": M("待本人开始申报"),
        "placed": M("待本人核对"),
        "confirmed": M("本人已确认"),
        "disputed": M("本人有异议"),
        "settled": M("异议已处理"),
        "withdrawn": M("已撤下"),
    },
    Settlement: {"corrected": M("已更正"), "kept": M("维持原内容"), "removed": M("已移除")},
    MaterialStep: {
        "create": M("列入材料表"),
        "change": M("修改内容"),
        "withdraw": M("从材料表撤下"),
        "undo": M("撤销导入"),
        "confirm": M("本人确认"),
        "unconfirm": M("本人取消确认"),
        "dispute": M("本人提出异议"),
        "report": M("本人反映遗漏"),
        "retract": M("本人撤回异议"),
        "settle": M("处理异议"),
    },
    ScanState: {
        "unmatched": M("待选择人员"),
        "waiting": M("待放入申报"),
        "attached": M("已放入申报"),
        "replaced": M("已被新的替换"),
        "dropped": M("已移除"),
    },
}
