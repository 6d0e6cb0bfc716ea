"""Translatable text that models and the domain return and views translate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """A gettext message id (the Chinese text) with its parameters.

    Parameters are `%(name)s` style; a parameter may itself be a Message or a Text.
    """

    id: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.params:
            return self.id
        return self.id % {key: str(value) for key, value in self.params.items()}

    def __hash__(self) -> int:
        return hash((self.id, tuple(sorted((k, str(v)) for k, v in self.params.items()))))


def M(id: str, /, **params: Any) -> Message:
    """Mark `id` for the catalogue and return it as a Message with `params`."""
    return Message(id, params)


class PingshenError(Exception):
    """A refusal that tells the person what to do; `panel.errors` turns it into a page or a message."""

    status = 400

    def __init__(self, message: Message, fields: Mapping[str, Message] | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        #: what is wrong with what was typed, by the field it stands in; empty where no field is to blame
        self.fields = dict(fields or {})
