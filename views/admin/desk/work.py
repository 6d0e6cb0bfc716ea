"""Today's work as the pages name and show it; which applications each kind means is the domain's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import g

from models.application import Application
from models.messages import M, Message
from models.together import Question, counted
from panel import clock
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.desk.work import Desk, WorkKind
from views.admin import list_words
from views.kit.access import current_actor

#: More are not counted: a tile says "10000+".
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class WorkWords:
    """What a kind of work is called, its icon, and the page that does it where that isn't the list."""

    label: Message
    hint: Message
    icon: str
    page: str = ""


WORDS: dict[str, WorkWords] = {
    "material": WorkWords(M("材料表异议"), M("处理后本人才能提交"), "table-alias", "hr_material.index_view"),
    "to_check": WorkWords(M("待审核"), M("新提交，还没有审核完"), "clipboard-check"),
    "resubmitted": WorkWords(M("补正后待复核"), M("只需看改动之处"), "refresh"),
    "unconfirmed": WorkWords(M("代提交待本人确认"), M("本人确认后才能公示"), "user-question"),
    "deadline_near": WorkWords(M("补正即将到期"), M("三天内到期，可提醒本人"), "clock-exclamation"),
    "overdue": WorkWords(M("补正已逾期"), M("有正当理由的可以恢复"), "alarm"),
    "to_endorse": WorkWords(M("待我审核"), M("请给出意见"), "checkbox"),
    "endorsements": WorkWords(M("待部门意见"), M("意见齐了才能公示"), "checkbox"),
    "objections": WorkWords(M("异议核查中"), M("处理完才能继续"), "message-report"),
    "publicity": WorkWords(M("公示进行中"), M("留意收到的异议"), "speakerphone"),
    "to_recommend": WorkWords(M("公示期满待推荐"), M("写好单位意见后推荐"), "thumb-up"),
    "to_accept": WorkWords(M("待受理"), M("受理后进入专家评议"), "inbox"),
    "opinions": WorkWords(M("待专家意见"), M("指定专家或催办"), "messages"),
    "to_table": WorkWords(M("可提交表决"), M("专家意见已齐"), "gavel"),
    "ballot": WorkWords(M("待表决"), M("已列入会议"), "checks"),
    "to_publicise": WorkWords(M("评审通过待公示"), M("公示评审结果"), "speakerphone"),
    "to_confirm": WorkWords(M("公示期满待确认"), M("填写文号和备案情况"), "file-certificate"),
    "to_issue": WorkWords(M("待发证"), M("生成电子证书"), "certificate"),
    "late": WorkWords(M("逾期未提交"), M("申报已截止，仍在填报"), "hourglass-off"),
}


def cases(actor: Actor) -> Any:
    """The applications that `actor` sees in the panel."""
    return policy.visible(actor, Application, *list_words.case_roles(actor))


def desk() -> Desk:
    """The person's desk, with what the page has read already; one per request."""
    if "desk" not in g:
        known = list(list_words.rounds().values())
        g.desk = Desk(current_actor(), clock.now(), known, list_words.extensions())
    found: Desk = g.desk
    return found


def counts(kinds: Iterable[WorkKind]) -> list[Question]:
    """The questions how many applications wait for each of `kinds`, for `models.together.ask`."""
    return [counted(cases(current_actor()).filter(kind.query(desk())), MOST_COUNTED) for kind in kinds]
