"""What the pages of one application are made of: groups of addresses that share one view."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import getmembers, ismethod
from typing import Any, Protocol

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_admin import helpers

from views.kit.base import SecurePage


class Frame(Protocol):
    """What draws a page within the frame of its area: a view, or a group of its pages."""

    def render(self, template: str, **kwargs: Any) -> str:
        """The page as HTML."""


class PageGroup:
    """Some pages of one application; methods marked by `expose` are addresses under the one `view`.

    Whom the view doesn't let in reaches none of them.
    """

    def __init__(self, view: SecurePage) -> None:
        self.view = view

    def render(self, template: str, **kwargs: Any) -> str:
        """A page within the view's frame."""
        return str(self.view.render(template, **kwargs))

    def register(self, blueprint: Blueprint) -> None:
        """Add the addresses, each named as its method."""
        for name, page in getmembers(self, ismethod):
            for url, methods in getattr(page, "_urls", ()):  # as `expose` leaves them
                blueprint.add_url_rule(url, name, self._guarded(page), methods=methods)

    def _guarded(self, page: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        @wraps(page)
        def opened(**values: str) -> ResponseReturnValue:
            helpers.set_current_view(self.view)
            if not self.view.is_accessible():
                return self.view.inaccessible_callback(page.__name__, **values)
            return page(**values)

        return opened
