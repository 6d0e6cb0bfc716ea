"""Units and their departments, as the roster and the endorsements use them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from models.choices import Role
from models.unit import Unit
from views.admin.exports import columns
from views.admin.list_words import cell, own_units
from views.kit.base import SecureView
from views.kit.list_export import ExportColumn


class UnitAdmin(SecureView):
    """The person's own units; all for the administrator and the office."""

    roles = (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR, Role.ADMIN)
    icon = "building"
    list_template = "admin/people/units.html"
    can_view_details = False
    search_field = "search"
    search_hint = _l("名称、拼音或统一社会信用代码")
    column_list = ("name", "credit_code", "departments")
    column_labels = {
        "name": _l("单位"),
        "credit_code": _l("统一社会信用代码"),
        "departments": _l("部门"),
    }
    column_default_sort = "code"
    column_formatters = {
        "departments": lambda view, context, row, name: cell("unit_departments", row),
    }
    empty_title = _l("没有单位")

    def __init__(self) -> None:
        super().__init__(Unit, name=_l("单位与部门"), endpoint="hr_units", url="units")

    def export_columns(self) -> list[ExportColumn]:
        """Units and departments as a file."""
        return columns.units()

    def get_query(self) -> Any:
        """Other units are no secret, but they are nobody's work here."""
        return super().get_query().filter(id__in=[unit.id for unit in own_units()])
