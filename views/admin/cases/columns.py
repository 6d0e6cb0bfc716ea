"""The columns that the list of applications can show: labels, cells, and which are shown at first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l

from models.choices import State
from models.values import ref_id
from views.admin import list_words
from views.admin.list_words import cell
from views.kit.access import current_actor
from views.kit.i18n import tr

#: What a row shows: a flat projection, never the whole document.
ROW = (
    "number",
    "name",
    "staff_number",
    "unit",
    "department",
    "department_name",
    "round",
    "kind",
    "exceptional",
    "committee",
    "level",
    "speciality",
    "state",
    "deadline",
    "publicity_ends",
    "submitted_at",
    "updated_at",
    "receipt.on_behalf",
    "receipt.confirmed_at",
    "person",
)
DEFAULT = (
    "name",
    "department_name",
    "level",
    "speciality",
    "kind",
    "state",
    "submitted_at",
    "updated_at",
)
#: Every column that can be chosen, in the order in which the chooser offers them.
LABELS: dict[str, Any] = {
    "name": _l("申报人"),
    "staff_number": _l("工号"),
    "number": _l("申报编号"),
    "unit": _l("单位"),
    "department_name": _l("部门"),
    "round": _l("批次"),
    "committee": _l("评委会"),
    "level": _l("申报职称"),
    "speciality": _l("专业"),
    "kind": _l("类型"),
    "state": _l("状态"),
    "deadline": _l("补正期限"),
    "publicity_ends": _l("公示截止"),
    "submitted_at": _l("提交时间"),
    "updated_at": _l("最近变动"),
}


def is_own(row: Any) -> bool:
    """Whether the row is the person's own application."""
    own = current_actor().person_id
    return own is not None and ref_id(row, "person") == own


def _when(name: str) -> Callable[..., Any]:
    return lambda view, context, row, column: cell("when", getattr(row, name))


def _text(of: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda view, context, row, column: tr(of(row)) or "—"


#: Cells that aren't the stored value itself; nothing is fetched per row.
FORMATTERS: dict[str, Callable[..., Any]] = {
    "name": lambda view, context, row, name: cell("applicant", view, row, is_own(row)),
    "staff_number": _text(lambda row: row.staff_number),
    "number": _text(lambda row: row.number),
    "unit": _text(list_words.unit_name),
    "round": _text(list_words.round_title),
    "committee": _text(list_words.committee_name),
    "level": lambda view, context, row, name: cell("level", view, row, list_words.level_title(row)),
    "speciality": _text(list_words.speciality_label),
    "state": lambda view, context, row, name: cell(
        "state", view, row, State(row.state), context["now"], row.id in context["late"]
    ),
    "deadline": _when("deadline"),
    "publicity_ends": _when("publicity_ends"),
    "submitted_at": _when("submitted_at"),
    "updated_at": _when("updated_at"),
}
