"""What the pages of one application are made of: groups of addresses that share one view."""

from __future__ import annotations

from typing import Any, Protocol

from views.kit.base import SecurePage
from views.kit.pages import Pages


class Frame(Protocol):
    """What draws a page within the frame of its area: a view, or a group of its pages."""

    def render(self, template: str, **kwargs: Any) -> str:
        """The page as HTML."""


class PageGroup(Pages[SecurePage]):
    """Some pages of one application: addresses under the one view, each drawn in its frame."""

    def render(self, template: str, **kwargs: Any) -> str:
        """A page within the view's frame."""
        return str(self.view.render(template, **kwargs))
