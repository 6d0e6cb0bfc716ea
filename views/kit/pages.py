"""More pages of a model view, each group an object of its own instead of one more base class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from views.kit.scoped import ScopedView
from views.kit.secure_actions import BulkAction, bulk_actions

V = TypeVar("V", bound=ScopedView)


class Pages(Generic[V]):
    """Some pages of `view`: at its addresses, behind its gate, within its scope.

    A method marked by Flask-Admin's `expose` is a page, one marked by `bulk_action` an action on rows. What
    the group needs besides the view, its `__init__` asks for.
    """

    def __init__(self, view: V) -> None:
        self.view = view

    def routes(self) -> Iterator[tuple[str, str, Iterable[str], Callable[..., Any]]]:
        """Its pages: address within the view's, name, methods, and what answers."""
        for name in dir(type(self)):
            for address, methods in getattr(getattr(type(self), name), "_urls", ()):
                yield address, name, methods, getattr(self, name)

    def actions(self) -> dict[str, tuple[BulkAction, Callable[..., Any]]]:
        """Its actions on rows, by name."""
        return bulk_actions(self)
