"""Rounds as data, read-only here: what applies this year; opening, closing, and extensions."""

from __future__ import annotations

import re
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.choices import Kind, Role, RoundState, Severity
from models.messages import PingshenError
from models.person import Person
from models.review_round import Extension, ReviewRound
from models.values import ref_id
from panel import clock
from panel.domain.access import policy
from panel.domain.access.policy import may
from panel.domain.access.who_may import CASE_READERS, Permission
from panel.domain.calendar import local_date
from panel.domain.errors import Invalid, NotFound
from panel.domain.round_edit import schedule
from panel.domain.round_edit.publishing import HasProblems
from views.admin import list_words
from views.admin.audit import read_date
from views.admin.desk import work
from views.admin.desk.content_search import ContentSearchPages
from views.admin.list_words import cell
from views.admin.rounds.editor import RoundEditPages
from views.admin.rounds.explain import ExplainPages, may_explain
from views.admin.rounds.preview import RoundPreviewPages
from views.admin.rounds.whole_round import RoundFilePages
from views.kit import secure_list
from views.kit.access import current_actor
from views.kit.base import SecureView
from views.kit.columns import ListColumn
from views.kit.i18n import tr
from views.kit.secure_list import ListFilter, Rows

ROUND_READERS = (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR, Role.ADMIN)
FOUND_PEOPLE = 30
#: A place in a rule's message that is filled when the rule fails.
_PLACE = re.compile(r"[{]\w+[}]")


ROUND_COLUMNS = (
    ListColumn(
        "title",
        _l("批次"),
        lambda view, context, row: cell("round_title", view, row),
        fields=("data", "version"),
    ),
    ListColumn("year", _l("年度")),
    ListColumn("state", _l("状态"), lambda view, context, row: cell("round_state", RoundState(row.state))),
    ListColumn(
        "dates",
        _l("申报时间"),
        lambda view, context, row: cell("round_dates", row.spec.dates),
        fields=("data",),
    ),
    ListColumn(
        "applications",
        _l("申报人数"),
        lambda view, context, row: context["counts"].get(row.id, 0),
        fields=("id",),
    ),
)


class RoundAdmin(SecureView):
    """All rounds, the newest year first."""

    roles = ROUND_READERS
    icon = "calendar-event"
    list_template = "admin/rounds/rounds.html"
    can_view_details = False
    columns = ROUND_COLUMNS
    column_default_sort = ("year", True)
    list_filters = (ListFilter("state", _l("状态"), RoundState),)
    empty_title = _l("还没有申报批次")
    empty_text = _l("可以从去年的批次复制，也可以新建全新的系列。")

    def __init__(self) -> None:
        editor = RoundEditPages(self)
        pages = (
            ExplainPages(self),
            ContentSearchPages(self),
            editor,
            RoundFilePages(self, editor),
            RoundPreviewPages(self, editor),
        )
        super().__init__(ReviewRound, pages=pages, name=_l("申报批次"), endpoint="hr_rounds", url="rounds")

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """How many applications each round has, as far as the person sees them."""
        found = work.cases(current_actor()).aggregate([{"$group": {"_id": "$round", "n": {"$sum": 1}}}])
        return {
            "counts": {row["_id"]: row["n"] for row in found},
            "may_make": may(current_actor(), Permission.MANAGE_ROUNDS, None),
        }

    @expose("/<id>")
    def round_view(self, id: str) -> ResponseReturnValue:
        """A round with everything it says."""
        return self._page(self.get_one(id))

    def _page(self, round: ReviewRound, error: PingshenError | None = None) -> ResponseReturnValue:
        page = self.render(
            "admin/rounds/round.html",
            round=round,
            spec=round.spec,
            state=RoundState(round.state),
            following=list(schedule.NEXT[RoundState(round.state)]),
            may_manage=may(current_actor(), Permission.MANAGE_ROUNDS, round),
            may_extend=may(current_actor(), Permission.EXTEND),
            may_explain=may_explain(current_actor()),
            today=local_date(clock.now()),
            severities=Severity,
            kinds=Kind,
            conditions=lambda condition: conditions(round.spec, condition),
            section_label={section.key: section.label for section in round.spec.sections}.get,
            plain=lambda text: _PLACE.sub("…", text),
            error=error,
            errors=error.fields if isinstance(error, Invalid) else {},
            sent=request.form,
        )
        return page, error.status if error else 200

    @expose("/<id>/state", methods=("POST",))
    def state_view(self, id: str) -> ResponseReturnValue:
        """Open or close the round."""
        round = self.get_one(id)
        if request.form.get("state") not in {state.value for state in RoundState}:
            raise NotFound
        state = RoundState(request.form["state"])
        try:
            schedule.set_state(round, state, request.form.get("reason", ""), current_actor(), clock.now())
        except (Invalid, HasProblems) as error:
            return self._page(round, error)
        flash(_("批次现在是“%(state)s”。", state=tr(state.label)), "success")
        return redirect(url_for(".round_view", id=round.id))


EXTENSION_COLUMNS = (
    ListColumn(
        "who",
        _l("延期对象"),
        lambda view, context, row: cell("extended", row, context["departments"], context["people"]),
        fields=("departments", "people"),
    ),
    ListColumn(
        "round",
        _l("批次"),
        lambda view, context, row: context["rounds"].get(str(ref_id(row, "round")), ""),
    ),
    ListColumn(
        "until",
        _l("延长到"),
        lambda view, context, row: cell(
            "until", view, row, context["today"], may(current_actor(), Permission.EXTEND, row)
        ),
        sort="until",
    ),
    ListColumn("reason", _l("理由")),
    ListColumn("by", _l("办理人"), lambda view, context, row: cell("who_when", row), fields=("by", "at")),
)


class ExtensionAdmin(SecureView):
    """Later closing days for one person or a group."""

    roles = CASE_READERS
    icon = "calendar-plus"
    list_template = "admin/rounds/extensions.html"
    can_view_details = False
    columns = EXTENSION_COLUMNS
    column_default_sort = ("at", True)
    list_filters = (ListFilter("round", _l("批次"), list_words.round_options),)
    empty_title = _l("没有延期")
    empty_text = _l("截止日后仍需申报的人，可以在这里单独或成批延期。")

    def __init__(self) -> None:
        super().__init__(Extension, name=_l("延期"), endpoint="hr_extensions", url="extensions")

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """Words for the cells; people of other units stay unnamed."""
        ids = [person.id for row in rows.data for person in row.people]
        seen = policy.get_many(current_actor(), Person, ids, *self.roles)
        return {
            "departments": dict(list_words.department_options()),
            "people": {person.id: person for person in seen},
            "rounds": dict(list_words.round_options()),
            "today": local_date(clock.now()),
            "may_extend": may(current_actor(), Permission.EXTEND),
        }

    @expose("/new", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """Extend for people found by search, or whole departments."""
        if not may(current_actor(), Permission.EXTEND):
            raise NotFound
        sent = request.values
        chosen = policy.get_many(current_actor(), Person, sent.getlist("person"), *self.roles)
        error: PingshenError | None = None
        if request.method == "POST" and "search_people" not in request.form:
            if len(chosen) != len(set(sent.getlist("person"))):
                raise NotFound
            try:
                self._extend(chosen)
                return redirect(self.get_url(".index_view"))
            except Invalid as refusal:
                error = refusal
        page = self.render(
            "admin/rounds/extension_new.html",
            rounds=list(list_words.rounds().values()),
            departments=list_words.employing_departments(),
            chosen=chosen,
            found=[p for p in self._found(sent.get("search", "")) if p not in chosen],
            sent=sent,
            names=dict(list_words.department_options()),
            today=local_date(clock.now()).isoformat(),
            error=error,
            errors=error.fields if error else {},
        )
        return page, error.status if error else 200

    def _found(self, typed: str) -> list[Person]:
        if not typed.strip():
            return []
        people = policy.visible(current_actor(), Person, *self.roles)
        return list(secure_list.search_by_keys(people, typed[:60], "search").limit(FOUND_PEOPLE))

    def _extend(self, people: list[Person]) -> None:
        round = policy.one(current_actor(), ReviewRound, request.form.get("round", ""), *self.roles)
        departments = request.form.getlist("department")
        if not set(departments) <= {code for code, _name in list_words.department_options()}:
            raise NotFound
        schedule.extend(
            round,
            people,
            departments,
            read_date(request.form.get("until", "")),
            request.form.get("reason", ""),
            current_actor(),
            clock.now(),
        )
        flash(_("已延期，相关人员现在可以继续填报。"), "success")

    @expose("/<id>/end", methods=("POST",))
    def end_view(self, id: str) -> ResponseReturnValue:
        """Stop a running extension, with a reason."""
        extension = self.get_one(id)
        try:
            schedule.end_extension(extension, request.form.get("reason", ""), current_actor(), clock.now())
        except Invalid as error:
            flash(tr(next(iter(error.fields.values()))), "danger")
        else:
            flash(_("延期已提前结束。"), "success")
        return redirect(self.get_url(".index_view"))


def conditions(spec: Any, condition: Any) -> list[Any]:
    """For whom a row of the round applies, in words; [] for everybody."""
    levels = {level.key: level.label for level in spec.levels}
    found: list[Any] = [kind.label for kind in condition.kinds]
    found += [levels.get(level, level) for level in condition.levels]
    if condition.exceptional is not None:
        found.append(_("破格") if condition.exceptional else _("非破格"))
    if condition.values:
        found.append(_("视所填内容而定"))
    if condition.roster_before:
        found.append(_("视名册中的日期而定"))
    return found
