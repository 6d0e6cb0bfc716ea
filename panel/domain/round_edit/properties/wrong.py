"""Why what was typed can't be read."""

from __future__ import annotations

from models.messages import Message


class Wrong(ValueError):
    """One control that can't be read: what to do, and which control if not the property's own."""

    def __init__(self, message: Message, control: str = "") -> None:
        super().__init__(str(message))
        self.message, self.control = message, control
