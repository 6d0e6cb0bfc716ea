"""The list of applications: filters, search, sorting, and the steps on many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from models.application import Application
from models.choices import Action, Kind, State
from panel import clock
from panel.domain.access import policy, who_may
from panel.domain.access.who_may import STAFF
from panel.domain.desk import work
from views.admin import list_words
from views.admin.cases.bulk import BulkPages
from views.admin.cases.case import CasePages
from views.admin.cases.columns import CASE_COLUMNS, ROW_FIELDS
from views.admin.cases.comments import CommentPages
from views.admin.cases.look import LookPages
from views.admin.cases.mend import MendPages
from views.admin.cases.query import DEFAULT_ORDER, MOST_FOUND, ordered, within
from views.admin.cases.saved_views import SavedViewPages
from views.admin.cases.selection import SelectionPages
from views.admin.desk.reminders import RemindApplications
from views.admin.desk.work import WORDS, cases, desk
from views.admin.exports.export import CaseExportPages
from views.kit import secure_list
from views.kit.access import current_actor
from views.kit.base import SecureView
from views.kit.secure_list import ListArgs, ListFilter, PlainRow, Rows


class WorkFilter(ListFilter):
    """Today's work as a filter, so that a tile's count and its list can't differ."""

    def choices(self) -> list[tuple[str, Any]]:
        return [(kind.key, WORDS[kind.key].label) for kind in work.kinds_of(current_actor())]

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(work.BY_KEY[value].query(desk()))


class RoundFilter(ListFilter):
    """One round, or all that run: what the tables of today's work count."""

    def choices(self) -> list[tuple[str, Any]]:
        return [(list_words.RUNNING, _l("正在进行的批次")), *list_words.round_options()]

    def apply(self, query: Any, value: str) -> Any:
        if value == list_words.RUNNING:
            return query.filter(round__in=[round.id for round in list_words.running_rounds()])
        return query.filter(round=value)


class ApplicationAdmin(CasePages, SecureView):
    """Applications as HR, endorsers, office and supervision see them."""

    roles = STAFF
    icon = "files"
    list_template = "admin/cases/applications.html"
    can_view_details = False  # a page of its own: CasePages
    page_size = 50
    search_field = "search"
    sorts_search = False
    search_hint = _l("姓名、拼音或工号；也可输入完整的申报编号")
    columns = CASE_COLUMNS
    row_fields = ROW_FIELDS
    column_default_sort = ("updated_at", True)
    list_filters = (
        WorkFilter("work", _l("待办"), list),
        RoundFilter("round", _l("批次"), list),
        ListFilter("state", _l("状态"), State),
        ListFilter("department", _l("部门"), list_words.department_options),
        ListFilter("level", _l("级别"), list_words.level_options),
        ListFilter("kind", _l("类型"), Kind),
        ListFilter("committee", _l("评委会"), list_words.committee_options),
    )
    empty_title = _l("还没有申报")
    empty_text = _l("有人开始填报后，会在这里看到。")

    def __init__(self) -> None:
        self.saved, self.files = SavedViewPages(self), CaseExportPages(self)
        pages = (
            self.saved,
            CommentPages(self, self._case),
            SelectionPages(self),
            MendPages(self),
            LookPages(self),
            # what can be done to rows is offered in this order
            self.files,
            RemindApplications(self),
            BulkPages(self),
        )
        super().__init__(
            Application, pages=pages, name=_l("申报"), endpoint="hr_applications", url="applications"
        )

    def get_query(self) -> Any:
        """What the person sees, by the fewest roles that show all of it."""
        return cases(current_actor())

    def get_many(self, ids: Sequence[Any]) -> list[Any]:
        """As the base does it; of several, with what their steps look at."""
        found = super().get_many(ids)
        return list_words.take_known_of_all(found) if len(found) > 1 else found

    def list_query(self, args: ListArgs) -> Any:
        """Scope, filters and search, in the order of an index."""
        order = self._sortable_columns[args.sort] if args.sort else DEFAULT_ORDER
        scope, query = self._narrowed(args)
        return ordered(scope, query, args, order).only(*self.list_only)

    def _narrowed(self, args: ListArgs) -> tuple[Any, Any]:
        """What the person sees, and of that what the filters and the search leave."""
        scope, rest = self.get_query(), Application.objects()
        for item in self.list_filters:
            if item.name in args.filters:
                rest = item.apply(rest, args.filters[item.name])
        rest = secure_list.search_by_keys(rest, args.search, self.search_field)
        return scope, within(scope, rest, args)

    def list_rows(self, args: ListArgs) -> Rows:
        """The rows as the driver reads them: nothing of a document is used but its values."""
        query = self.list_query(args).as_pymongo()
        scope, narrowed = self._narrowed(args)
        counting = narrowed if "$or" in scope._query else None
        rows = secure_list.fetch(query, args.page, self.page_size, self.most(args), counting)
        return replace(rows, data=[PlainRow(row) for row in rows.data])

    def most(self, args: ListArgs) -> int:
        """Of what a search finds, fewer are counted."""
        return MOST_FOUND if args.search else secure_list.COUNT_LIMIT

    @property
    def has_default_view(self) -> bool:
        """Whether the person has set a view as the list's first sight."""
        return any(view.is_default for view in self.saved.own_views())

    def first_sight(self) -> ResponseReturnValue | None:
        """The person's default view, where the address asks for nothing."""
        return self.saved.first_sight()

    def clear_url(self, args: ListArgs) -> str:
        """The whole list in the same columns and order, also where a default view is set."""
        return self.saved.clear_url(args)

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """What the cells look at, and the work that the list was opened for."""
        args, _wrong = self.read_args(request.args)
        kind = work.BY_KEY.get(request.args.get("work", ""))
        return {
            "now": clock.now(),
            "late": work.late_among(rows.data, desk()),
            "work": kind,
            "work_words": WORDS[kind.key] if kind else None,
            "files_url": self.files.page_url(),
            **self.saved.view_context(args),
        }

    def may_act(self, action: Any) -> bool:
        """Only steps that some role of the person takes."""
        actor = current_actor()
        if action.name == "export":
            return True
        if action.name == "remind":
            return policy.may(actor, who_may.Permission.REMIND)
        return policy.is_for(actor, Action(action.name))
