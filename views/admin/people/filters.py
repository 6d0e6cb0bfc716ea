"""Filters of the roster that look beyond the person: accounts, applications, limits."""

from __future__ import annotations

from typing import Any

from models.application import Application
from models.choices import Role, RoundState
from models.user import User
from panel import clock
from panel.domain.access import policy
from panel.domain.calendar import local_date
from views.admin import list_words
from views.kit.access import current_actor
from views.kit.secure_list import ListFilter

#: Who looks at a roster.
KEEPERS = (Role.UNIT_HR, Role.SUPERVISOR)


class AccountFilter(ListFilter):
    """With an account, without, or with a disabled one."""

    def apply(self, query: Any, value: str) -> Any:
        found = policy.visible(current_actor(), User, Role.UNIT_HR, Role.ADMIN).filter(person__ne=None)
        if value == "disabled":
            found = found.filter(is_enabled=False)
        people = [getattr(person, "id", person) for person in found.no_dereference().scalar("person")]
        return query.filter(id__nin=people) if value == "no" else query.filter(id__in=people)


class StartedFilter(ListFilter):
    """Whether somebody has an application in an open round (G30)."""

    def apply(self, query: Any, value: str) -> Any:
        opened = [r.id for r in list_words.rounds().values() if r.state == RoundState.OPEN]
        cases = policy.visible(current_actor(), Application, *KEEPERS).filter(round__in=opened, is_live=True)
        people = [getattr(person, "id", person) for person in cases.no_dereference().scalar("person")]
        if value == "no":
            return query.filter(id__nin=people, in_service=True, retired__ne=True)
        return query.filter(id__in=people)


class SanctionFilter(ListFilter):
    """Who may not apply now."""

    def apply(self, query: Any, value: str) -> Any:
        if value == "sanctioned":
            return query.filter(sanction__in=["demerit", "demotion"])
        return query.filter(barred_until__gte=local_date(clock.now()))
