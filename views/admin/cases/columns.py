"""The columns of the list of applications: nothing is fetched per row, for page or file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import lazy_gettext as _l

from models.choices import Kind, State
from models.values import ref_id
from views.admin import list_words
from views.admin.list_words import cell, when
from views.kit.access import current_actor
from views.kit.columns import Cell, FileCell, FileValue, ListColumn, StoredRow, words
from views.kit.i18n import tr

#: What a row needs besides its columns: whether it is late depends on whose it is.
ROW_FIELDS = ("state", "round", "unit", "department", "person")


def is_own(row: Any) -> bool:
    """Whether the row is the person's own application."""
    own = current_actor().person_id
    return own is not None and ref_id(row, "person") == own


def _text(of: Callable[[Any], Any]) -> Cell:
    return lambda view, context, row: tr(of(row)) or "—"


def _state(view: Any, context: Any, row: Any) -> Any:
    return cell("state", view, row, State(row.state), context["now"], row.id in context["late"])


def _unit() -> FileValue:
    units = {unit.id: unit.name for unit in list_words.own_units()}
    return lambda row: units.get(row.get("unit"), "")


def _of_round(label: Callable[[Any, StoredRow], Any], keys: Iterable[str]) -> Callable[[], FileValue]:
    """File cells with what the row's round says of the row's `keys`; the stored key where it says nothing."""
    keys = tuple(keys)

    def make() -> FileValue:
        known: dict[tuple[Any, ...], str] = {}

        def value(row: StoredRow) -> str:
            place = (row.get("round"), *(row.get(key) for key in keys))
            if place not in known:
                known[place] = _said(row, label, place[-1] if keys else "")
            return known[place]

        return value

    return make


def _said(row: StoredRow, label: Callable[[Any, StoredRow], Any], fallback: Any) -> str:
    round = list_words.rounds().get(str(row.get("round")))
    try:
        return tr(label(round.spec, row)) if round else str(fallback or "")
    except KeyError:
        return str(fallback or "")


#: In the order in which the chooser offers them. What is sorted has an index: models.application.LIST_ORDERS.
CASE_COLUMNS = (
    ListColumn(
        "name",
        _l("申报人"),
        lambda view, context, row: cell("applicant", view, row, is_own(row)),
        fields=("name", "staff_number", "number", "person"),
        file=(
            FileCell("name", _l("姓名"), width=12),
            FileCell("staff_number", _l("工号")),
            FileCell("number", _l("申报编号"), width=18),
        ),
        sort="name",
    ),
    ListColumn(
        "staff_number",
        _l("工号"),
        _text(lambda row: row.staff_number),
        file=(FileCell(),),
        is_shown=False,
    ),
    ListColumn(
        "number",
        _l("申报编号"),
        _text(lambda row: row.number),
        file=(FileCell(width=18),),
        is_shown=False,
    ),
    ListColumn(
        "unit",
        _l("单位"),
        _text(list_words.unit_name),
        file=(FileCell(make=_unit, width=24),),
        is_shown=False,
        # says nothing to those who look after one
        is_offered=lambda: len(list_words.own_units()) > 1,
    ),
    ListColumn("department_name", _l("部门"), file=(FileCell(width=24),), sort="department_name"),
    ListColumn(
        "round",
        _l("批次"),
        _text(list_words.round_title),
        file=(FileCell(make=_of_round(lambda spec, row: spec.title, ()), width=36),),
        is_shown=False,
    ),
    ListColumn(
        "committee",
        _l("评委会"),
        _text(list_words.committee_name),
        fields=("round", "committee"),
        file=(
            FileCell(
                make=_of_round(lambda spec, row: spec.committee(row["committee"]).name, ("committee",)),
                width=30,
            ),
        ),
        is_shown=False,
    ),
    ListColumn(
        "level",
        _l("申报职称"),
        lambda view, context, row: cell("level", view, row, list_words.level_title(row)),
        fields=("round", "level", "exceptional"),
        file=(
            FileCell(make=_of_round(lambda spec, row: spec.level(row["level"]).title, ("level",))),
            FileCell("exceptional", _l("破格"), width=8),
        ),
    ),
    ListColumn(
        "speciality",
        _l("专业"),
        _text(list_words.speciality_label),
        fields=("round", "speciality"),
        file=(
            FileCell(
                make=_of_round(lambda spec, row: spec.speciality(row["speciality"]).label, ("speciality",)),
                width=22,
            ),
        ),
    ),
    ListColumn(
        "kind",
        _l("类型"),
        lambda view, context, row: tr(Kind(row.kind)),
        file=(FileCell(make=words("kind", Kind)),),
    ),
    ListColumn(
        "state",
        _l("状态"),
        _state,
        fields=("state", "deadline", "publicity_ends", "receipt.on_behalf", "receipt.confirmed_at"),
        file=(FileCell(make=words("state", State)),),
    ),
    ListColumn("deadline", _l("补正期限"), when("deadline"), file=(FileCell(width=18),), is_shown=False),
    ListColumn(
        "publicity_ends", _l("公示截止"), when("publicity_ends"), file=(FileCell(width=18),), is_shown=False
    ),
    ListColumn(
        "submitted_at", _l("提交时间"), when("submitted_at"), file=(FileCell(width=18),), sort="submitted_at"
    ),
    ListColumn(
        "updated_at", _l("最近变动"), when("updated_at"), file=(FileCell(width=18),), sort="updated_at"
    ),
)
