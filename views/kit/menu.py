"""The menu of an area: which pages stand together, in which order; the one table of it.

A page that isn't listed stands by itself behind the listed ones, so that none gets lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

#: (name of the group, endpoints); without a name its pages stand in the menu themselves.
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    ("", ("admin", "hr_applications")),
    (_l("人员与材料"), ("hr_people", "hr_imports", "hr_material", "hr_users", "hr_units")),
    (_l("批次"), ("hr_rounds", "hr_extensions")),
    (_l("公示与异议"), ("hr_publicity", "hr_objections")),
    (_l("评审会"), ("office_experts", "office_meetings", "office_committees")),
    (_l("申报提醒"), ("hr_reminders", "hr_mail")),
    (_l("统计与导出"), ("hr_statistics", "hr_exports")),
    ("", ("hr_audit",)),
)


@dataclass(frozen=True)
class Entry:
    """A page of the menu, or a named group of pages."""

    name: Any
    url: str = ""
    endpoint: str = ""
    children: tuple[Entry, ...] = ()

    def is_active(self, endpoint: str) -> bool:
        """Whether the page with `endpoint` is this one or one of the group."""
        return self.endpoint == endpoint or any(child.endpoint == endpoint for child in self.children)


def of(admin: Any) -> list[Entry]:
    """The pages of the area that the person may open, grouped; a group of one is that page."""
    pages = {}
    for item in admin.menu():
        if item.is_visible() and item.is_accessible():
            endpoint = item._view.endpoint
            pages[endpoint] = Entry(item.name, item.get_url(), endpoint)
    entries: list[Entry] = []
    for name, endpoints in GROUPS:
        found = tuple(pages.pop(endpoint) for endpoint in endpoints if endpoint in pages)
        grouped = bool(name) and len(found) > 1
        entries += [Entry(name, children=found)] if grouped else found
    return entries + list(pages.values())
