"""Files of cases, for the selection or for all that match the list: one page that says what there is.

What is short is sent at once; what takes long is made in the background, so that no page hangs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from flask import Response, redirect, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext as _l

from models.application import Application
from models.messages import M, PingshenError
from models.states import IN_HAND, stored_states
from panel import clock
from panel.domain.access import policy
from panel.domain.access.who_may import Permission
from panel.domain.checks import chat_summary
from panel.domain.errors import Invalid, NotFound
from panel.domain.reports import exporting
from panel.domain.reports.exporting import LeftOut
from panel.services import case_files, export_jobs
from panel.services.case_files import ENDINGS, LIMITS, MIMES, CaseFileKind, Order
from views.admin import list_words
from views.kit.access import current_actor
from views.kit.downloads import attachment, content_disposition, file_name
from views.kit.i18n import tr
from views.kit.list_export import with_query
from views.kit.pages import Pages
from views.kit.secure_actions import MAX_ROWS_NAMED, bulk_action
from views.kit.secure_pages import ListPages

#: More are not looked at: no file takes so many.
MOST_EXPORTED = max(limits.most for limits in LIMITS.values())
MAX_REASON = 200
#: The people of one message; more nobody reads.
MOST_MISSING = 300


@dataclass(frozen=True)
class Chosen:
    """The cases asked for; of these those that a file can hold, in its order, and the others."""

    asked: list[ObjectId]
    ids: list[ObjectId]
    left_out: list[LeftOut]
    is_selection: bool
    is_capped: bool = False


class CaseExportPages(Pages[ListPages]):
    """The page of files, the files, the message about what is missing; ids are resolved in scope alone."""

    @bulk_action("export", _l("导出…"), icon="download")
    def export_action(self, applications: list[Application]) -> ResponseReturnValue:
        """What there is for the rows chosen."""
        return self._export_page(self._chosen([application.id for application in applications]))

    def page_url(self) -> str:
        """The address of the page, for all that the list shows."""
        return with_query(self.view.get_url(".export_cases_view"))

    @expose("/export")
    def export_cases_view(self) -> ResponseReturnValue:
        """What there is for all that match the filter."""
        return self._export_page(self._chosen())

    def _chosen(self, ids: list[ObjectId] | None = None) -> Chosen:
        if ids is None:
            found = self.view.list_query(self.view.list_args()).limit(MOST_EXPORTED + 1)
            matching = list(found.scalar("id"))
        else:
            matching = ids
        kept, left_out = exporting.sort_readable(matching[:MOST_EXPORTED], current_actor())
        return Chosen(
            matching[:MOST_EXPORTED], kept, left_out, ids is not None, len(matching) > MOST_EXPORTED
        )

    def _export_page(
        self, chosen: Chosen, error: PingshenError | None = None, where: str = ""
    ) -> ResponseReturnValue:
        page = self.view.render(
            "admin/exports/export_cases.html",
            chosen=chosen,
            people=len(chosen.ids),
            left_out=by_reason(chosen.left_out),
            tables=_tables(),
            limits=LIMITS,
            most=MOST_EXPORTED,
            list_url=with_query(self.view.get_url(".export_view")),
            make_url=with_query(self.view.get_url(".make_export_view")),
            missing_url=with_query(self.view.get_url(".missing_view")),
            back=with_query(self.view.get_url(".index_view")),
            may_reveal=policy.is_for(current_actor(), Permission.REVEAL),
            longest=MAX_REASON,
            error=error,
            where=where,
            errors=error.fields if isinstance(error, Invalid) else {},
            sent=request.form,
        )
        return page, error.status if error else 200

    @expose("/export/make", methods=("POST",))
    def make_export_view(self) -> ResponseReturnValue:
        """The file itself, or its job in the background."""
        if request.form.get("kind") not in {kind.value for kind in CaseFileKind}:
            raise NotFound
        kind, key = CaseFileKind(request.form["kind"]), request.form.get("key", "")
        if (kind is CaseFileKind.TABLE) != (key in {row[0] for row in _tables()}):
            raise NotFound
        chosen = self._chosen(self._selected())
        try:
            return self._make(kind, key, chosen)
        except PingshenError as error:
            if error.status == 404:
                raise
            return self._export_page(chosen, error, f"{kind.value}-{key}" if key else kind.value)

    def _selected(self) -> list[ObjectId] | None:
        """The rows that the form names, all of which the person must see; None for the filter's."""
        ids = request.form.getlist("rowid")
        if len(ids) > MAX_ROWS_NAMED:
            raise NotFound
        return [application.id for application in self.view.get_many(ids)] if ids else None

    def _make(self, kind: CaseFileKind, key: str, chosen: Chosen) -> ResponseReturnValue:
        actor, now = current_actor(), clock.now()
        case_files.refuse_too_many(kind, len(chosen.ids))
        is_clear = kind is CaseFileKind.TABLE and request.form.get("clear") == "1"
        reason = request.form.get("reason", "").strip()[:MAX_REASON] if is_clear else ""
        if is_clear and not policy.is_for(actor, Permission.REVEAL):
            raise NotFound
        if is_clear and not reason:
            raise Invalid({"reason": M("请写明用途，会记入操作记录。")})
        order = Order(kind, chosen.ids, key, is_clear, chosen.left_out)
        title = file_name(case_files.title_of(order))
        if len(order.ids) > LIMITS[kind].at_once:
            job = export_jobs.order(order, title, actor, now, reason)
            return redirect(url_for("hr_exports.show", id=job.id))
        name = f"{title}.{ENDINGS[kind]}"
        if kind is CaseFileKind.DOSSIERS:
            case_files.record(order, actor, now)
            return _streamed(order, name)
        file = case_files.make(order, actor, now)
        case_files.record(order, actor, now, reason)
        return attachment(file, name, MIMES[kind])

    @expose("/missing", methods=("GET", "POST"))
    def missing_view(self) -> ResponseReturnValue:
        """Who still lacks what, as a text to copy; of the rows sent, else of all that match the filter."""
        ids = self._selected() if request.method == "POST" else None
        view = self.view
        query = view.get_query().filter(id__in=ids) if ids else view.list_query(view.list_args())
        in_hand = (
            query.all_fields()
            .filter(state__in=stored_states(IN_HAND))
            .order_by("department_name", "name", "id")
        )
        own = current_actor().person_id
        applications = list(in_hand.filter(person__ne=own).limit(MOST_MISSING + 1))
        page: str = self.view.render(
            "admin/exports/export_missing.html",
            messages=_messages(applications[:MOST_MISSING]),
            is_capped=len(applications) > MOST_MISSING,
            most=MOST_MISSING,
            back=with_query(self.view.get_url(".index_view")),
        )
        return page


def _messages(applications: list[Application]) -> list[tuple[Any, str]]:
    """A message per round: its title and the text."""
    now = clock.now()
    by_round: dict[Any, list[Application]] = {}
    for application in applications:
        by_round.setdefault(application.round.id, []).append(application)
    messages = []
    for rows in by_round.values():
        round = rows[0].round
        text = chat_summary.text(
            str(round.spec.title), round.spec.dates.closes, chat_summary.lacking(rows, now)
        )
        messages.append((tr(round.spec.title), text))
    return messages


def _tables() -> list[tuple[str, Any]]:
    """The tables that any round has: key and label, each once."""
    found: dict[str, Any] = {}
    for round in list_words.rounds().values():
        for row in round.spec.exports:
            found.setdefault(row.key, row.label)
    return list(found.items())


def by_reason(left_out: list[LeftOut]) -> list[tuple[Any, list[str]]]:
    """Why, and the names of whom it concerns."""
    found: dict[Any, list[str]] = {}
    for row in left_out:
        found.setdefault(row.why, []).append(row.name)
    return list(found.items())


def _streamed(order: Order, name: str) -> Response:
    """The archive, made while it is sent."""
    answer = Response(
        stream_with_context(case_files.pieces(order, current_actor())), mimetype=MIMES[order.kind]
    )
    answer.headers["Content-Disposition"] = content_disposition(name)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
