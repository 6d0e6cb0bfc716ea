"""HTTP only: every page of the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Register the three areas and all pages with `app`.

    Imported here, not above: whoever imports one module of `views` doesn't load all of them.
    """
    from views.admin import area
    from views.admin.desk import today
    from views.admin.exports import jobs
    from views.admin.publicity import lists
    from views.committee import index as committee
    from views.kit.base import make_area
    from views.kit.layout import AREAS
    from views.my import index as my
    from views.public import notices, pages
    from views.shared import documents, files

    fronts = {"my": my.IndexPage, "admin": today.IndexPage, "committee": committee.IndexPage}
    admins = {}
    for shown in AREAS:
        front = fronts[shown.key](name=_l("首页"), endpoint=shown.key, url=f"/{shown.key}")
        front.roles = front.roles or shown.roles
        admins[shown.key] = make_area(app, front, shown.name)
    for module in (pages, my, files, area, committee, notices, lists, documents, jobs):
        module.register(app, admins)
