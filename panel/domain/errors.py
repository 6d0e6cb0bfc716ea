"""Refusals of the domain. Each knows the sentence that tells the person what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.messages import M, Message, PingshenError


@dataclass(frozen=True, eq=False)
class Refusal(Message):
    """Why something won't go, with what is wrong in which field of its form."""

    fields: Mapping[str, Message] = field(default_factory=dict)


def refusal_at(fields: Mapping[str, Message]) -> Refusal | None:
    """The refusal that `fields` make, which says the first of them; None when nothing is wrong."""
    first = next(iter(fields.values()), None)
    return None if first is None else Refusal(first.id, first.params, fields)


class Refused(PingshenError):
    """A step or change isn't allowed now; the message says why and what to do, a Refusal also where."""

    status = 409

    def __init__(self, message: Message) -> None:
        super().__init__(message, message.fields if isinstance(message, Refusal) else None)


class NotFound(PingshenError):
    """There is no such thing, or this person may not see it (both look the same)."""

    status = 404

    def __init__(self, message: Message | None = None) -> None:
        super().__init__(message or M("没有找到这个页面或记录。"))


class NotEditable(Refused):
    """The content is frozen or this part wasn't reopened."""


class Invalid(PingshenError):
    """Input that can't be used; `fields` says what is wrong where."""

    status = 422

    def __init__(self, fields: Mapping[str, Message], message: Message | None = None) -> None:
        super().__init__(message or M("有 %(n)s 处需要修改，已填的内容都还在。", n=len(fields)), fields)


class StaleWrite(PingshenError):
    """Somebody, or another tab, changed this in between; both versions are kept for the person to choose.

    `current` is what is stored now (None when it was removed), `typed` what was sent.
    """

    status = 409

    def __init__(self, current: Any = None, typed: Mapping[str, Any] | None = None) -> None:
        super().__init__(M("这部分内容已在别处被修改。请对照两个版本，选择保留哪一个。"))
        self.current = current
        self.typed = dict(typed or {})
