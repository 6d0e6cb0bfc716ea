"""Imports of spreadsheets: the list of them, upload, and each file's page from its columns to its undoing."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from bson import ObjectId
from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.choices import Role
from models.imports import ImportBatch, ImportKind, ImportState, RowState
from models.messages import M, PingshenError
from models.review_round import ReviewRound
from models.unit import Unit
from panel import clock
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.importing import batches
from panel.services import imports
from panel.services.files.limits import MEBIBYTE, FileRefused
from panel.services.workbooks import opening
from views.admin import list_words
from views.admin.imports import columns
from views.admin.imports.files import ImportFilePages
from views.admin.imports.rows import of
from views.admin.list_words import cell
from views.admin.people.people import own_rosters
from views.kit.access import current_actor
from views.kit.base import SecureView
from views.kit.columns import ListColumn
from views.kit.i18n import tr
from views.kit.secure_list import ListFilter, Rows

#: What a button may ask for -> the domain's step.
_PARTIAL, _GONE = "partial", "with_gone"


IMPORT_COLUMNS = (
    ListColumn("file_name", _l("文件"), lambda view, context, row: cell("import_name", view, row)),
    ListColumn(
        "kind",
        _l("内容"),
        lambda view, context, row: cell("import_kind", row, list_words.rounds()),
        fields=("kind", "round"),
    ),
    ListColumn("state", _l("状态"), lambda view, context, row: cell("import_state", ImportState(row.state))),
    ListColumn(
        "counts",
        _l("结果"),
        lambda view, context, row: cell("import_counts", row, RowState),
        fields=("counts", "applied", "partial", "state"),
    ),
    ListColumn("at", _l("上传"), lambda view, context, row: cell("import_at", row), fields=("by_name", "at")),
)


class ImportAdmin(SecureView):
    """The imports of the units whose people the person keeps, newest first."""

    roles = (Role.UNIT_HR,)
    icon = "file-import"
    list_template = "admin/imports/imports.html"
    can_view_details = False
    columns = IMPORT_COLUMNS
    row_fields = ()
    column_default_sort = ("at", True)
    list_filters = (
        ListFilter("kind", _l("内容"), ImportKind),
        ListFilter("state", _l("状态"), ImportState),
    )
    empty_title = _l("还没有导入过文件")
    empty_text = _l("把人事手里的 Excel 拖到上面，先核对、再导入；导入后还能撤销。")

    def __init__(self) -> None:
        pages = (ImportFilePages(self),)
        super().__init__(
            ImportBatch, pages=pages, name=_l("导入 Excel"), endpoint="hr_imports", url="imports"
        )

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """What the upload form offers."""
        return self._upload_context(None, {})

    def _upload_context(self, error: PingshenError | None, typed: dict[str, str]) -> dict[str, Any]:
        return {
            "units": own_rosters(),
            "rounds": list(list_words.rounds().values()),
            "kinds": batches.KINDS,
            "needs_round": [kind for kind in batches.KINDS if kind is not ImportKind.ROSTER],
            "error": error,
            "errors": error.fields if isinstance(error, Invalid) else {},
            "typed": typed,
            "megabytes": opening.MAX_BYTES // MEBIBYTE,
        }

    # --- upload -------------------------------------------------------------------------------------

    @expose("/upload", methods=("GET", "POST"))
    def upload_view(self) -> ResponseReturnValue:
        """Take a file, read it, and go to its page; a refused one comes back with the reason."""
        typed = {name: request.values.get(name, "") for name in ("kind", "round", "unit")}
        error: PingshenError | None = None
        if request.method == "POST":
            try:
                return redirect(self.batch_url(self._upload(typed)))
            except (FileRefused, Invalid) as refusal:
                error = refusal
        page = self.render("admin/imports/import_upload.html", **self._upload_context(error, typed))
        return page, error.status if error else 200

    def _upload(self, typed: dict[str, str]) -> ImportBatch:
        kind = next((kind for kind in batches.KINDS if kind.value == typed["kind"]), None)
        if kind is None:
            raise Invalid({"kind": M("请选择文件里是什么内容。")})
        file = request.files.get("file")
        if file is None or not file.filename:
            raise FileRefused(M("没有选择文件。请先选择要上传的文件。"))
        unit, round = self._unit(typed["unit"]), self._round(typed["round"], kind)
        actor, data = current_actor(), opening.receive(cast(BinaryIO, file.stream))
        batch = imports.upload(kind, unit, round, data, file.filename, actor, clock.now())
        imports.begin(batch)
        return batch

    def _unit(self, chosen: str) -> Unit:
        units = own_rosters()
        if not units:
            raise NotFound
        return next((unit for unit in units if str(unit.id) == chosen), units[0])

    def _round(self, chosen: str, kind: ImportKind) -> ReviewRound | None:
        if kind is ImportKind.ROSTER:
            return None
        known = list_words.rounds()
        if chosen and chosen not in known:
            raise NotFound
        return known.get(chosen) or (next(iter(known.values())) if len(known) == 1 else None)

    def batch_url(self, batch: ImportBatch, **query: Any) -> str:
        """The address of a batch's page."""
        return str(url_for("hr_imports.batch_view", id=batch.id, **query))

    # --- one file -----------------------------------------------------------------------------------

    @expose("/<id>")
    def batch_view(self, id: str) -> ResponseReturnValue:
        """Where the import is: at work, waiting for its columns, for a decision, or done."""
        batch = self.get_one(id)
        if batch.state == ImportState.UNMAPPED:
            return redirect(url_for(".columns_view", id=batch.id))
        return self._page(batch)

    def _page(self, batch: ImportBatch, error: PingshenError | None = None) -> ResponseReturnValue:
        rows = of(batch, current_actor(), request.args)
        page = self.render(
            "admin/imports/import.html",
            batch=batch,
            state=ImportState(batch.state),
            states=ImportState,
            what=RowState,
            rows=rows,
            before=batches.same_file(batch),
            round=list_words.rounds().get(str(batch.round.id)) if batch.round else None,
            error=error,
            page_url=lambda **query: self.batch_url(batch, **query),
            tab_url=lambda page: self.batch_url(batch, tab=rows.tab.value if rows else "", page=page),
        )
        return page, error.status if error else 200

    @expose("/<id>/progress")
    def progress_view(self, id: str) -> ResponseReturnValue:
        """How far the work is, for the page to ask every second; at its end the page loads anew."""
        batch = self.get_one(id)
        answer = make_response(self.render("admin/imports/_import_progress.html", batch=batch))
        if not batch.is_under_way:
            answer.headers["HX-Refresh"] = "true"
        return answer

    @expose("/<id>/columns", methods=("GET", "POST"))
    def columns_view(self, id: str) -> ResponseReturnValue:
        """Which sheets are read, where their headings are, and what their columns mean."""
        batch = self.get_one(id)
        if batch.state not in {state.value for state in batches.OPEN_IMPORTS}:
            return redirect(self.batch_url(batch))
        error: PingshenError | None = None
        posted = columns.posted(request.form, batch) if request.method == "POST" else None
        if posted is not None:
            try:
                actor, now = current_actor(), clock.now()
                batches.choose(batch, posted.sheets, posted.mapping, actor, now, posted.version)
            except Invalid as refusal:
                error = refusal
            else:
                return self._go_on(batch)
        context = columns.context(batch, current_actor(), posted)
        page = self.render("admin/imports/import_columns.html", batch=batch, error=error, **context)
        return page, error.status if error else 200

    def _go_on(self, batch: ImportBatch, **query: Any) -> ResponseReturnValue:
        imports.begin(batch)
        return redirect(self.batch_url(batch, **query))

    # --- decisions ----------------------------------------------------------------------------------

    @expose("/<id>/apply", methods=("POST",))
    def apply_view(self, id: str) -> ResponseReturnValue:
        """Import all rows, or the good ones."""
        batch = self.get_one(id)
        asked = {"is_partial": _PARTIAL in request.form, "with_gone": _GONE in request.form}
        try:
            batches.ask_apply(batch, current_actor(), clock.now(), _version(), **asked)
        except (Refused, StaleWrite) as error:
            return self._refused(batch, error)
        return self._go_on(batch)

    @expose("/<id>/mend", methods=("POST",))
    def mend_view(self, id: str) -> ResponseReturnValue:
        """Take what was typed instead of wrong cells, and check again."""
        batch = self.get_one(id)
        try:
            batches.mend(batch, _mended(), current_actor(), clock.now(), _version())
        except Invalid as error:
            flash(tr(next(iter(error.fields.values()))), "warning")
            return redirect(self.batch_url(batch, tab=RowState.BAD.value))
        except (Refused, StaleWrite) as error:
            return self._refused(batch, error)
        return self._go_on(batch, tab=RowState.BAD.value)

    @expose("/<id>/undo", methods=("POST",))
    def undo_view(self, id: str) -> ResponseReturnValue:
        """Take back what was imported, if nobody has used it."""
        batch = self.get_one(id)
        try:
            batches.ask_undo(batch, current_actor(), clock.now(), _version())
        except (Refused, StaleWrite) as error:
            return self._refused(batch, error)
        return self._go_on(batch)

    @expose("/<id>/discard", methods=("POST",))
    def discard_view(self, id: str) -> ResponseReturnValue:
        """Give the file up; nothing of it was stored."""
        batch = self.get_one(id)
        try:
            batches.discard(batch, current_actor(), clock.now(), _version())
        except (Refused, StaleWrite) as error:
            return self._refused(batch, error)
        flash(_("已放弃导入“%(name)s”，没有写入任何内容。", name=batch.file_name), "success")
        return redirect(self.get_url(".index_view"))

    def _refused(self, batch: ImportBatch, error: PingshenError) -> ResponseReturnValue:
        """The page as it is now, with why the decision wasn't taken."""
        stale = Refused(M("这次导入刚刚有变化，请看过现在的内容再决定。"))
        told = stale if isinstance(error, StaleWrite) else error
        return self._page(self.get_one(str(batch.id)), told)


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _mended() -> list[tuple[ObjectId, str, str]]:
    """The cells typed anew: names are fix-<row>-<column key>."""
    found = []
    for name, text in request.form.items():
        parts = name.split("-", 2)
        if len(parts) == 3 and parts[0] == "fix" and ObjectId.is_valid(parts[1]):
            found.append((ObjectId(parts[1]), parts[2], text))
    return found
