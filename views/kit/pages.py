"""More pages of a view, each group an object of its own instead of one more base class."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import getmembers
from typing import Any, Generic, TypeVar

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_admin.helpers import set_current_view

from views.kit.access import Gate
from views.kit.secure_actions import BulkAction, bulk_actions

V = TypeVar("V", bound=Gate)


class Pages(Generic[V]):
    """Some pages of `view`: at its addresses, behind its gate, within its scope.

    A method marked by Flask-Admin's `expose` is a page, one marked by `bulk_action` an action on rows. What
    the group needs besides the view, its `__init__` asks for.
    """

    def __init__(self, view: V) -> None:
        self.view = view

    def register(self, blueprint: Blueprint) -> None:
        """Add the addresses to the view's, each named as its method."""
        for name, page in getmembers(type(self)):
            for address, methods in getattr(page, "_urls", ()):  # as `expose` leaves them
                blueprint.add_url_rule(address, name, self._guarded(getattr(self, name)), methods=methods)

    def actions(self) -> dict[str, tuple[BulkAction, Callable[..., Any]]]:
        """Its actions on rows, by name."""
        return bulk_actions(self)

    def _guarded(self, page: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        """As Flask-Admin does it with the view's own pages."""

        @wraps(page)
        def opened(**values: str) -> ResponseReturnValue:
            set_current_view(self.view)
            if not self.view.is_accessible():
                return self.view.inaccessible_callback(page.__name__, **values)
            return page(**values)

        return opened
