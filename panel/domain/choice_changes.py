"""What HR changed of what is applied for after it was handed in, from the case's history, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.application import Application
from models.choices import Kind
from models.messages import M, Message
from models.round_spec import RoundSpec
from models.sections import Step

#: The history's and the audit's name for it; no step of the workflow, the state stays.
CHANGE = "change_selection"
#: What is chosen before the form (G07), in the order in which changes are told.
CHOICES = ("kind", "exceptional", "level", "committee", "speciality", "edition")

_NAMES: dict[str, tuple[Message, Callable[[RoundSpec, Any], Any]]] = {
    "kind": (M("类型"), lambda spec, value: Kind(value).label),
    "exceptional": (M("破格申报"), lambda spec, value: M("是") if value else M("否")),
    "level": (M("级别"), lambda spec, value: spec.level(value).title),
    "committee": (M("评委会"), lambda spec, value: spec.committee(value).name),
    "speciality": (M("申报专业"), lambda spec, value: spec.speciality(value).label),
    "edition": (M("评审标准"), lambda spec, value: spec.edition(value).label),
}


def changed_words(application: Application, step: Step) -> list[Message]:
    """What the step changed, a line each: "级别：副教授 → 教授"; [] for any other step."""
    if step.action != CHANGE:
        return []
    before, after = step.detail.get("before", {}), step.detail.get("after", {})
    return [
        M(
            "%(what)s：%(before)s → %(after)s",
            what=_NAMES[key][0],
            before=_name(application.spec, key, before.get(key)),
            after=_name(application.spec, key, after[key]),
        )
        for key in CHOICES
        if key in after
    ]


def _name(spec: RoundSpec, key: str, value: Any) -> Any:
    """The value's name; the value itself when the round doesn't know it any more."""
    try:
        return _NAMES[key][1](spec, value)
    except (KeyError, ValueError):
        return value or M("无")


def last_change(application: Application) -> Step | None:
    """The last time that HR changed what is applied for, or None."""
    found: Step | None = next((s for s in reversed(application.history) if s.action == CHANGE), None)
    return found
