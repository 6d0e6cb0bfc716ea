"""Steps on one or several rows of a list: POST forms with CSRF, ids resolved in scope (traps 1, 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
#: As many rows as one request may name.
MAX_ROWS_NAMED = 2_000


@dataclass(frozen=True)
class BulkAction:
    """A button of a list. `confirm` is the question asked before; a row shows it if `in_rows`."""

    name: str
    label: Any
    confirm: Any = ""
    icon: str = ""
    in_rows: bool = False
    in_bulk: bool = True
    is_danger: bool = False


def bulk_action(name: str, label: Any, **options: Any) -> Callable[[F], F]:
    """Offer the method as BulkAction `name` of its view.

    The method takes the list of chosen documents (never ids) and returns a response, or None to go back.
    """

    def mark(method: F) -> F:
        method.bulk_action = BulkAction(name, label, **options)  # type: ignore[attr-defined]
        return method

    return mark


def bulk_actions(view: Any) -> dict[str, tuple[BulkAction, Callable[..., Any]]]:
    """The actions that the class of `view` offers, by name, in the order of their definition."""
    found: dict[str, tuple[BulkAction, Callable[..., Any]]] = {}
    for base in reversed(type(view).__mro__):
        for key, method in vars(base).items():
            offered = getattr(method, "bulk_action", None)
            if isinstance(offered, BulkAction):
                found[offered.name] = (offered, getattr(view, key))
    return found
