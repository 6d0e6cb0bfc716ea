"""What a signed-in person should do next, for the home page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.application import Application
from models.choices import MeetingState, Role, State
from models.meeting import Meeting
from models.messages import M, Message
from models.publicity import OPEN_OBJECTIONS, Objection
from models.states import ENDED
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.review import opinions


@dataclass(frozen=True)
class Task:
    """One thing to do: a sentence, where, and how urgent it looks (act, wait, quiet)."""

    role: Role
    text: Message
    url: str
    label: Message
    tone: str = "act"


def tasks(actor: Actor) -> list[Task]:
    """The next actions of every role the actor holds, in the order of Role."""
    roles = actor.roles | ({Role.APPLICANT} if actor.person_id else set())
    found: list[Task] = []
    for role in Role:
        if role in roles and role in _MAKERS:
            found += _MAKERS[role](actor)
    return found


#: State of the own application -> what it asks of the applicant.
_APPLICANT = {
    State.DRAFT: (M("您的申报正在填报，尚未提交。"), M("继续填报"), "act"),
    State.RETURNED: (M("您的申报被退回补正，请在期限内修改后重新提交。"), M("查看补正意见"), "act"),
    State.CORRECTION: (M("评委会办公室要求一次性补正，请在期限内完成。"), M("查看补正意见"), "act"),
    State.LAPSED: (M("补正已逾期，如有正当理由请联系单位人事部门恢复。"), M("查看申报"), "act"),
}


def _applicant(actor: Actor) -> list[Task]:
    live = (
        policy.visible(actor, Application, Role.APPLICANT)
        .filter(is_live=True)
        .order_by("-created_at")
        .first()
    )
    if live is None:
        text = M("您还没有申报。看看现在开放的批次，开始申报。")
        return [Task(Role.APPLICANT, text, "/my/", M("开始申报"))]
    state = State(live.state)
    text, label, tone = _APPLICANT.get(
        state,
        (
            M("您的申报现在是“%(state)s”。", state=state.label),
            M("查看进展"),
            "quiet" if state in ENDED else "wait",
        ),
    )
    return [Task(Role.APPLICANT, text, "/my/", label, tone)]


def _count(query: Any) -> int:
    return int(query.count())


def _unit_hr(actor: Actor) -> list[Task]:
    cases = policy.visible(actor, Application, Role.UNIT_HR)
    waiting = _count(cases.filter(state=State.SUBMITTED.value))
    text = M("有 %(n)s 份申报等待审核。", n=waiting) if waiting else M("目前没有等待审核的申报。")
    return [
        Task(Role.UNIT_HR, text, "/admin/", M("进入管理"), "act" if waiting else "quiet"),
        *_open_objections(actor, Role.UNIT_HR),
    ]


def _office(actor: Actor) -> list[Task]:
    cases = policy.visible(actor, Application, Role.OFFICE)
    waiting = _count(cases.filter(state=State.OFFICE_REVIEW.value))
    text = M("有 %(n)s 份申报等待受理。", n=waiting) if waiting else M("目前没有等待受理的申报。")
    return [Task(Role.OFFICE, text, "/admin/", M("进入管理"), "act" if waiting else "quiet")]


def _open_objections(actor: Actor, role: Role) -> list[Task]:
    count = _count(policy.visible(actor, Objection, role).filter(state__in=OPEN_OBJECTIONS))
    if not count:
        return []
    return [Task(role, M("有 %(n)s 件异议尚未处理完毕。", n=count), "/admin/", M("进入管理"))]


def _expert(actor: Actor) -> list[Task]:
    written = opinions.written_by(actor)
    waiting = sum(1 for key in opinions.cases_of(actor).scalar("id") if key not in written)
    text = M("有 %(n)s 份申报等待您写评议意见。", n=waiting) if waiting else M("目前没有等待您评议的申报。")
    first = Task(Role.EXPERT, text, "/committee/", M("进入评审会"), "act" if waiting else "quiet")
    return [first, *_meetings(actor, Role.EXPERT)]


def _meetings(actor: Actor, role: Role) -> list[Task]:
    meetings = policy.visible(actor, Meeting, role).filter(state=MeetingState.OPEN.value)
    count = _count(meetings)
    return (
        [Task(role, M("有 %(n)s 场评审会议正在进行。", n=count), "/committee/", M("进入会议"))]
        if count
        else []
    )


def _elsewhere(role: Role, url: str, text: Message) -> Callable[[Actor], list[Task]]:
    return lambda actor: [Task(role, text, url, M("进入管理"), "quiet")]


def _chair(actor: Actor) -> list[Task]:
    return [] if actor.holds(Role.EXPERT) else _meetings(actor, Role.CHAIR)


_MAKERS: dict[Role, Callable[[Actor], list[Task]]] = {
    Role.APPLICANT: _applicant,
    Role.UNIT_HR: _unit_hr,
    Role.ENDORSER: _elsewhere(Role.ENDORSER, "/admin/", M("查看需要您部门审核的申报。")),
    Role.OFFICE: _office,
    Role.EXPERT: _expert,
    Role.CHAIR: _chair,
    Role.SUPERVISOR: _elsewhere(Role.SUPERVISOR, "/admin/", M("查看申报、公示和操作记录。")),
    Role.ADMIN: _elsewhere(Role.ADMIN, "/admin/", M("管理账号和设置。")),
}
