"""What a guard looks at, and the register of guards by the names the table uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, overload

from bson import ObjectId

from models.application import Application
from models.choices import Action, Role
from models.messages import Message
from models.round_spec import RoundSpec
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.checks.case_content import CaseContent
from panel.domain.errors import Refusal


@dataclass(frozen=True)
class Context:
    """Everything a guard or an effect may look at."""

    action: Action
    content: CaseContent
    actor: Actor
    role: Role
    data: Mapping[str, Any] = field(default_factory=dict)
    #: applications that take the same step in the same click, ahead of this one
    ahead: frozenset[ObjectId] = frozenset()

    @property
    def application(self) -> Application:
        """The application as it was read."""
        return self.content.application

    @property
    def now(self) -> datetime:
        """The time of the step."""
        return self.content.now

    @property
    def spec(self) -> RoundSpec:
        """The rules the application is judged by."""
        return self.application.spec

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return local_date(self.now)

    @property
    def on_behalf(self) -> bool:
        """Whether HR does this in the applicant's place."""
        return self.role != Role.APPLICANT


Guard = Callable[[Context], Message | None]
GUARDS: dict[str, Guard] = {}
#: Guards that look at what the person gives; a button is offered before that is known.
NEED_DATA: set[str] = set()


@overload
def guard(check: Guard) -> Guard: ...


@overload
def guard(*, needs_data: bool) -> Callable[[Guard], Guard]: ...


def guard(check: Guard | None = None, *, needs_data: bool = False) -> Guard | Callable[[Guard], Guard]:
    """Register a guard under its name; `needs_data` where it looks at what the person gives.

    What a guard says of a value given is a Refusal that names its field (`panel.domain.errors`).
    """

    def register(check: Guard) -> Guard:
        GUARDS[check.__name__] = check
        if needs_data:
            NEED_DATA.add(check.__name__)
        return check

    return register if check is None else register(check)


def at(field: str, message: Message) -> Refusal:
    """`message` as what is wrong with `field` of the data."""
    return Refusal(message.id, message.params, {field: message})
