"""The form's last pages: what unit, panel, committee and approving body say, each with a place to sign."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.application import Application
from models.choices import Action
from panel.services.prints.print_text import chinese_day


@dataclass(frozen=True)
class OpinionBox:
    """One box: its words, the text if there is one, lines to sign on, where the seal goes, the date.

    Without a `day` the place for one is left. `figures` are words and numbers of the vote, printed as a
    small table above the text.
    """

    title: str
    text: str
    signatures: tuple[str, ...]
    seal: str
    day: str = ""
    figures: list[tuple[str, str]] = field(default_factory=list)
    is_vote: bool = False
    is_large: bool = False
    starts_page: bool = False


def opinion_boxes(application: Application, is_filled: bool) -> list[OpinionBox]:
    """The boxes in the official order; all empty when not `is_filled`."""
    boxes = [
        _defence(application),
        _unit(application, is_filled),
        _reporting_unit(application, is_filled),
        _panel(application, is_filled),
        _committee(application, is_filled),
        _approval(application, is_filled),
    ]
    endorsements = _endorsements(application, is_filled)
    return [boxes[0], *([endorsements] if endorsements else []), *boxes[1:]]


def _defence(application: Application) -> OpinionBox:
    needed = application.level in application.spec.defence_levels
    return OpinionBox(
        "答辩情况",
        "" if needed else "本批次该级别不要求答辩。",
        ("答辩组组长（签字）",),
        "",
        is_large=needed,
        starts_page=True,
    )


def _endorsements(application: Application, is_filled: bool) -> OpinionBox | None:
    names = {row.key: str(row.label) for row in application.spec.endorsements}
    if not names or not is_filled or not application.endorsements:
        return None
    lines = [
        f"{names.get(row.office, row.office)}：{'同意' if row.yes else '不同意'}"
        f"{'，推荐排序第 ' + str(row.rank) if row.rank else ''}。{row.opinion or ''}"
        f"（{chinese_day(row.at)}）"
        for row in application.endorsements
    ]
    return OpinionBox("部门审核意见", "\n".join(lines), (), "")


def _unit(application: Application, is_filled: bool) -> OpinionBox:
    text = (application.unit_opinion or "") if is_filled else ""
    recommended = _step_day(application, Action.RECOMMEND) if is_filled else ""
    return OpinionBox("基层单位意见", text, ("负责人（签字）",), "单位（公章）", recommended, is_large=True)


def _reporting_unit(application: Application, is_filled: bool) -> OpinionBox:
    recommended = _step_day(application, Action.RECOMMEND) if is_filled else ""
    text = f"{application.recommending_unit.name}推荐申报。" if recommended else ""
    return OpinionBox("呈报单位意见", text, ("负责人（签字）",), "呈报单位（公章）", recommended)


def _panel(application: Application, is_filled: bool) -> OpinionBox:
    outcome = application.outcome if is_filled else None
    return OpinionBox(
        "专家评议组意见",
        (outcome.panel_opinion or "") if outcome else "",
        ("组长（签字）",),
        "",
        chinese_day(outcome.voted_on) if outcome else "",
        is_large=True,
        starts_page=True,
    )


def _committee(application: Application, is_filled: bool) -> OpinionBox:
    outcome = application.outcome if is_filled else None
    signatures, seal = ("主任（签字）",), "评审组织（公章）"
    words = ("总人数", "参加人数", "赞成人数", "反对人数", "备注")
    if outcome is None:
        empty = [(word, "") for word in words]
        return OpinionBox("评审组织意见", "", signatures, seal, figures=empty, is_vote=True, is_large=True)
    remark = f"弃权 {outcome.abstain} 票" if outcome.abstain else "—"
    numbers = (outcome.members, outcome.present, outcome.yes, outcome.no)
    figures = list(zip(words, [*map(str, numbers), remark], strict=True))
    title = application.spec.level(application.level).title
    text = (
        f"经无记名投票表决，赞成票达到规定票数，评审通过{title}任职资格。"
        if outcome.passed
        else f"经无记名投票表决，赞成票未达到规定票数，{title}任职资格评审未通过。"
    )
    day = chinese_day(outcome.voted_on)
    return OpinionBox("评审组织意见", text, signatures, seal, day, figures, is_vote=True, is_large=True)


def _approval(application: Application, is_filled: bool) -> OpinionBox:
    approval = application.approval if is_filled else {}
    number, approved_on = approval.get("document_number"), approval.get("approved_on")
    lines = []
    if number:
        lines.append(f"经公示，予以确认。批准文号：{number}。")
    if approval.get("filing"):
        lines.append(f"备案：{approval['filing']}")
    return OpinionBox(
        "审批（确认）意见",
        "\n".join(lines),
        ("负责人（签字）",),
        "审批（确认）机关（公章）",
        chinese_day(approved_on) if approved_on else "",
        is_large=True,
    )


def _step_day(application: Application, action: Action) -> str:
    """The day of the last such step, or nothing."""
    days = [step.at for step in application.history if step.action == action.value]
    return chinese_day(days[-1]) if days else ""
