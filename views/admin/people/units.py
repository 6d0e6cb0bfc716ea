"""Units and their departments, as the roster and the endorsements use them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from models.choices import Role
from models.unit import Unit
from views.admin.list_words import cell, own_units
from views.kit.base import SecureView
from views.kit.columns import FileCell, FileValue, ListColumn


def _departments() -> FileValue:
    """A line for each department."""
    return lambda row: "\n".join(d["name"] for d in row.get("departments", []))


UNIT_COLUMNS = (
    ListColumn(
        "name",
        _l("单位"),
        fields=("name", "code"),
        file=(FileCell(width=30), FileCell("code", _l("代码"))),
    ),
    ListColumn("credit_code", _l("统一社会信用代码"), file=(FileCell(width=24),)),
    ListColumn(
        "departments",
        _l("部门"),
        lambda view, context, row: cell("unit_departments", row),
        file=(FileCell(make=_departments, width=40, wraps=True),),
    ),
)


class UnitAdmin(SecureView):
    """The person's own units; all for the administrator and the office."""

    roles = (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR, Role.ADMIN)
    icon = "building"
    list_template = "admin/people/units.html"
    can_view_details = False
    search_field = "search"
    search_hint = _l("名称、拼音或统一社会信用代码")
    columns = UNIT_COLUMNS
    column_default_sort = "code"
    empty_title = _l("没有单位")

    def __init__(self) -> None:
        super().__init__(Unit, name=_l("单位与部门"), endpoint="hr_units", url="units")

    def get_query(self) -> Any:
        """Other units are no secret, but they are nobody's work here."""
        return super().get_query().filter(id__in=[unit.id for unit in own_units()])
