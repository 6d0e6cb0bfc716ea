"""The material table (材料表) in the panel: the list, each person's sheet, its print (G24, G28)."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.choices import MaterialState, Role, ScanState
from models.material import MaterialEntry, MaterialScan
from models.person import Person
from models.review_round import ReviewRound
from models.values import ref_id
from panel import clock
from panel.domain.access import policy
from panel.domain.content.material import table_of
from panel.domain.errors import NotFound
from panel.domain.material.sheets import sheets_of
from panel.services.prints import documents, pdf
from views.admin import list_words
from views.admin.list_words import cell, when
from views.admin.material.entry import MaterialEntryPages, addable, keeps
from views.kit.access import current_actor
from views.kit.base import SecureView
from views.kit.columns import FileCell, FileValue, ListColumn, words
from views.kit.i18n import tr
from views.kit.secure_actions import bulk_action
from views.kit.secure_list import FlagFilter, ListArgs, ListFilter, Rows
from views.shared.material_forms import facts_of, kind_words

TABLE_READERS = (Role.UNIT_HR, Role.SUPERVISOR)
#: Sheets in one file: more would keep the person waiting for minutes.
MOST_SHEETS = 100


def _department() -> FileValue:
    known = dict(list_words.department_options())
    return lambda row: tr(known.get(row["department"], ""))


ENTRY_COLUMNS = (
    ListColumn(
        "name",
        _l("姓名"),
        lambda view, context, row: cell(
            "material_person", view, row, ref_id(row, "person"), ref_id(row, "round")
        ),
        fields=("name", "staff_number", "person", "round"),
        file=(FileCell(width=12), FileCell("staff_number", _l("工号"))),
    ),
    ListColumn(
        "title",
        _l("内容"),
        lambda view, context, row: cell("material_title", view, row),
        file=(FileCell(width=40),),
    ),
    ListColumn(
        "state",
        _l("核对情况"),
        lambda view, context, row: cell("material_state", row, MaterialState(row.state)),
        fields=("state", "is_missing", "is_live", "differs"),
        file=(FileCell(make=words("state", MaterialState)),),
    ),
    ListColumn(
        "department",
        _l("部门"),
        lambda view, context, row: context["departments"].get(row.department, row.department),
        file=(FileCell(make=_department, width=24),),
    ),
    ListColumn(
        "round",
        _l("批次"),
        lambda view, context, row: context["rounds"].get(str(ref_id(row, "round")), ""),
    ),
    ListColumn("updated_at", _l("最近变动"), when("updated_at"), sort="updated_at"),
)


class MaterialAdmin(SecureView):
    """Every entry of the table, disputes among them."""

    roles = TABLE_READERS
    icon = "table"
    can_view_details = False
    page_size = 50
    list_template = "admin/material/material.html"
    search_field = "search"
    search_hint = _l("姓名、拼音或工号")
    columns = ENTRY_COLUMNS
    row_fields = ("person", "unit", "is_live", "section", "kind")
    column_default_sort = ("updated_at", True)
    list_filters = (
        ListFilter("state", _l("核对情况"), MaterialState),
        FlagFilter("differs", _l("与已提交的申报"), lambda: [("1", _l("不一致")), ("0", _l("一致"))]),
        ListFilter("round", _l("批次"), list_words.round_options),
        ListFilter("department", _l("部门"), list_words.department_options),
    )
    empty_title = _l("还没有材料表")
    empty_text = _l("在“导入”里导入材料表，或在某人的材料表里逐条添加。")

    def __init__(self) -> None:
        pages = (MaterialEntryPages(self),)
        super().__init__(
            MaterialEntry, pages=pages, name=_l("材料表"), endpoint="hr_material", url="material"
        )

    def get_query(self) -> Any:
        """Achievements only: specialities are on the roster."""
        return super().get_query().filter(section__ne="")

    def list_query(self, args: ListArgs) -> Any:
        """Withdrawn entries only when they are asked for."""
        query = super().list_query(args)
        if "state" in args.filters or args.filters.get("differs") == "1":
            return query
        return query.filter(is_live=True)

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """Words for the cells."""
        return {
            "departments": dict(list_words.department_options()),
            "rounds": {key: tr(title) for key, title in list_words.round_options()},
            "may_keep": current_actor().holds(Role.UNIT_HR),
            "unmatched": policy.visible(current_actor(), MaterialScan, Role.UNIT_HR)
            .filter(state=ScanState.UNMATCHED.value)
            .count(),
        }

    @bulk_action("print", _l("打印所选人员的材料表"), icon="printer")
    def print_action(self, rows: list[MaterialEntry]) -> ResponseReturnValue | None:
        """The sheets of the people of the chosen rows, as one file."""
        rounds = {ref_id(row, "round") for row in rows}
        if len(rounds) > 1:
            flash(_("所选的内容属于几个批次，请先按批次筛选。"), "warning")
            return None
        people = list(dict.fromkeys(ref_id(row, "person") for row in rows))
        round = policy.one(current_actor(), ReviewRound, rounds.pop(), *TABLE_READERS)
        return _print(round, policy.get_many(current_actor(), Person, people, *TABLE_READERS))

    # --- one person -------------------------------------------------------------------------------

    @expose("/people/<person_id>")
    def person_view(self, person_id: str) -> ResponseReturnValue:
        """A person's table in one round, with the answers; `round` in the address."""
        actor = current_actor()
        if not list_words.rounds():
            flash(_("还没有批次，先导入或建立批次，再录入材料表。"), "warning")
            return redirect(url_for(".index_view"))
        person, round = self._asked(person_id)
        mine = policy.visible(actor, MaterialEntry, *TABLE_READERS).filter(
            person=person.id, round=round.id, section__ne=""
        )
        entries = list(mine.order_by("created_at", "id"))
        return str(
            self.render(
                "admin/material/material_person.html",
                person=person,
                round=round,
                rounds=list_words.round_options(),
                entries=[
                    (row, MaterialState(row.state), kind_words(round, row), _facts(round, row))
                    for row in entries
                    if row.is_live
                ],
                withdrawn=[row for row in entries if not row.is_live],
                kinds=addable(round),
                scans=list(
                    policy.visible(actor, MaterialScan, Role.UNIT_HR)
                    .filter(person=person.id, round=round.id)
                    .order_by("-at")
                ),
                scan_states={state.value: state for state in ScanState},
                may_keep=keeps(person),
            )
        )

    @expose("/people/<person_id>/sheet.pdf")
    def sheet_view(self, person_id: str) -> ResponseReturnValue:
        """A person's agreed sheet for the stamp."""
        person, round = self._asked(person_id)
        return _print(round, [person])

    @expose("/sheets")
    def sheets_view(self) -> ResponseReturnValue:
        """Choose the round and department whose sheets are printed; with both, the file."""
        actor = current_actor()
        if not request.args.get("round"):
            return str(
                self.render(
                    "admin/material/material_sheets.html",
                    rounds=list_words.round_options(),
                    departments=list_words.department_options(),
                    most=MOST_SHEETS,
                )
            )
        round = policy.one(actor, ReviewRound, request.args["round"], *TABLE_READERS)
        found = policy.visible(actor, MaterialEntry, *TABLE_READERS).filter(
            round=round.id, is_live=True, is_missing=False, section__ne=""
        )
        if request.args.get("department"):
            found = found.filter(department=request.args["department"])
        if request.args.get("agreed"):
            open_ids = found.filter(state__nin=_AGREED).distinct("person")
            found = found.filter(person__nin=open_ids)
        ids = [getattr(person, "id", person) for person in found.distinct("person")]
        people = policy.get_many(actor, Person, ids, *TABLE_READERS)
        if not people:
            flash(_("没有符合条件的材料表。"), "warning")
            return redirect(url_for(".sheets_view"))
        if len(people) > MOST_SHEETS:
            flash(
                _("共 %(n)s 人，一次最多打印 %(most)s 人，请再选部门。", n=len(people), most=MOST_SHEETS),
                "warning",
            )
            return redirect(url_for(".sheets_view"))
        return _print(round, sorted(people, key=lambda row: (row.department, row.staff_number)))

    def _asked(self, person_id: str) -> tuple[Person, ReviewRound]:
        actor = current_actor()
        person: Person = policy.one(actor, Person, person_id, *TABLE_READERS)
        if person.id == actor.person_id:
            raise NotFound  # one's own is under “我的申报”
        asked = request.args.get("round", "")
        known = list(list_words.rounds())
        newest = next(
            (key for key in known if table_of(list_words.rounds()[key].id, [person.id])),
            known[0] if known else "",
        )
        round: ReviewRound = policy.one(actor, ReviewRound, asked or newest, *TABLE_READERS)
        return person, round


_AGREED = (MaterialState.CONFIRMED.value, MaterialState.SETTLED.value)


def _facts(round: ReviewRound, row: MaterialEntry) -> list[Any]:
    return facts_of(round, row, row.dispute.proposed if row.is_missing else row.values)


def _print(round: ReviewRound, people: list[Person]) -> ResponseReturnValue:
    sheets = sheets_of(round, people, clock.now())
    name = f"材料表-{people[0].name}-{people[0].staff_number}.pdf" if len(people) == 1 else "材料表.pdf"
    answer = send_file(io.BytesIO(pdf.material_sheets(sheets)), mimetype=documents.PDF, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
