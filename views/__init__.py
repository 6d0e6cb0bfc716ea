"""HTTP only: every page of the product."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from flask import Flask

#: Area -> module that may define its front page as `IndexPage`, and the area's name.
AREAS = {
    "my": ("views.my.index", _l("我的申报")),
    "admin": ("views.admin.area", _l("管理")),
    "committee": ("views.committee.index", _l("评审会")),
}
#: Each offers `register(app, admins)`.
MODULES = (
    "views.public.pages",
    "views.my.index",
    "views.shared.files",
    "views.admin.area",
    "views.committee.index",
    "views.public.notices",
    "views.admin.publicity.lists",
    "views.shared.documents",
    "views.admin.exports.jobs",
)


def register(app: Flask) -> None:
    """Register the three areas and all pages with `app`."""
    from views.kit.base import make_area

    admins = {key: make_area(app, _index(key, module, name), name) for key, (module, name) in AREAS.items()}
    for name in MODULES:
        if find_spec(name):
            import_module(name).register(app, admins)


def _index(key: str, module: str, name: Any) -> Any:
    from views.kit.base import AreaIndex
    from views.kit.layout import AREAS as SHOWN

    found = getattr(import_module(module), "IndexPage", None) if find_spec(module) else None
    page = (found or AreaIndex)(name=_l("首页"), endpoint=key, url=f"/{key}")
    if not page.roles:
        page.roles = next(area.roles for area in SHOWN if area.key == key)
    return page
