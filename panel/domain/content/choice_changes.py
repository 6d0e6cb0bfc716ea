"""What HR changed of what is applied for after it was handed in, from the case's history, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.application import Application
from models.choices import Kind
from models.field_spec import Text
from models.messages import M, Message
from models.round_spec import RoundSpec
from models.sections import Step

#: The history's and the audit's name for it; no step of the workflow, the state stays.
CHANGE = "change_selection"
#: What is chosen before the form (G07), in the order in which changes are told.
CHOICES = ("kind", "exceptional", "level", "committee", "speciality", "edition")

_NAMES: dict[str, Message] = {
    "round": M("批次"),
    "kind": M("类型"),
    "exceptional": M("破格申报"),
    "level": M("级别"),
    "committee": M("评委会"),
    "speciality": M("申报专业"),
    "edition": M("评审标准"),
}
_IN_ROUND: dict[str, Callable[[RoundSpec, str], Text]] = {
    "level": lambda spec, key: spec.level(key).title,
    "committee": lambda spec, key: spec.committee(key).name,
    "speciality": lambda spec, key: spec.speciality(key).label,
    "edition": lambda spec, key: spec.edition(key).label,
}


def named(spec: RoundSpec, key: str, value: Any) -> Any:
    """How the history keeps `value` of choice `key`: with its name of today, since rounds change."""
    if key not in _IN_ROUND:
        return value
    try:
        return _IN_ROUND[key](spec, value).model_dump()
    except KeyError:
        return {"zh": value}


def changed_words(step: Step) -> list[Message]:
    """What the step changed, a line each: "级别：副教授 → 教授"; [] for any other step."""
    if step.action != CHANGE:
        return []
    before, after = step.detail.get("before", {}), step.detail.get("after", {})
    return [
        M(
            "%(what)s：%(before)s → %(after)s",
            what=name,
            before=_said(before.get(key)),
            after=_said(after[key]),
        )
        for key, name in _NAMES.items()
        if key in after
    ]


def _said(kept: Any) -> Any:
    if isinstance(kept, bool):
        return M("是") if kept else M("否")
    if isinstance(kept, str):
        return Kind(kept).label
    return Text(**kept) if kept and kept.get("zh") else M("无")


def last_change(application: Application) -> Step | None:
    """The last time that HR changed what is applied for, or None."""
    found: Step | None = next((s for s in reversed(application.history) if s.action == CHANGE), None)
    return found
