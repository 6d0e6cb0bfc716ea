"""What is done with a whole round: put the draft into force, compare, clone, files, a new one."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models import messages
from models.messages import PingshenError
from models.review_round import ReviewRound
from panel import clock
from panel.domain.access import policy
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.calendar import local_date
from panel.domain.errors import Invalid, NotFound
from panel.domain.round_edit import comparing, drafts, publishing, tree, yaml_file
from panel.domain.round_edit.publishing import HasProblems
from views.admin.rounds.editor import RoundEditPages
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.scoped import ScopedView


class RoundFilePages(Pages[ScopedView]):
    """Pages beside the editor's parts; see views.admin.rounds.editor."""

    def __init__(self, view: ScopedView, editor: RoundEditPages) -> None:
        super().__init__(view)
        self.editor = editor

    @expose("/<id>/edit/publish", methods=("GET", "POST"))
    def publish_view(self, id: str) -> ResponseReturnValue:
        """What the draft changes and whom that affects; a POST puts it into force."""
        round = self.editor.managed(id)
        error: PingshenError | None = None
        if request.method == "POST":
            try:
                done = publishing.publish(round, _revision(), current_actor(), clock.now())
            except (NotFound, Invalid):
                raise
            except PingshenError as refusal:
                error = refusal
            else:
                flash(_("修改已生效，现在是第 %(version)s 版。", version=done.version), "success")
                return redirect(url_for(".editor_view", id=round.id))
        draft = drafts.draft_of(round)
        differences = comparing.compare(tree.with_ids(round.data), draft.data)
        if error is None or isinstance(error, HasProblems):
            problems = publishing.all_problems(round, draft.data)
        else:
            problems = []
        page: ResponseReturnValue = self.editor.edit_page(
            "publish",
            round,
            error.status if error else 200,
            draft=draft,
            groups=comparing.by_part(differences),
            problems=problems,
            effect=None if problems else publishing.effect(round, draft, current_actor(), clock.now()),
            error=error,
        )
        return page

    @expose("/<id>/edit/discard", methods=("POST",))
    def discard_view(self, id: str) -> ResponseReturnValue:
        """Go back to what applies."""
        round = self.editor.managed(id)
        drafts.discard(round, current_actor(), clock.now())
        flash(_("草稿已放弃，内容和现在生效的一样。"), "success")
        return redirect(url_for(".editor_view", id=round.id))

    @expose("/<id>/edit/compare")
    def compare_view(self, id: str) -> ResponseReturnValue:
        """What differs from another round, or between the draft and what applies."""
        round = self.editor.managed(id)
        draft = drafts.draft_of(round)
        visible = policy.visible(current_actor(), ReviewRound, *self.view.roles)
        others = [row for row in visible.order_by("-year", "code").limit(200) if row.id != round.id]
        chosen = request.args.get("other", "")
        other = None
        if chosen:
            other = policy.one(current_actor(), ReviewRound, chosen, *self.view.roles)
        before = tree.with_ids(other.data if other else round.data)
        differences = comparing.compare(before, draft.data)
        page: ResponseReturnValue = self.editor.edit_page(
            "compare",
            round,
            draft=draft,
            others=others,
            other=other,
            groups=comparing.by_part(differences),
            count=len(differences),
        )
        return page

    @expose("/<id>/edit/clone", methods=("GET", "POST"))
    def clone_view(self, id: str) -> ResponseReturnValue:
        """A planned round of another year with the same content."""
        round = self.editor.managed(id)
        errors: dict[str, Any] = {}
        year = request.form.get("year", str(round.year + 1))
        if request.method == "POST":
            try:
                made = publishing.clone(round, _number(year), current_actor(), clock.now())
            except Invalid as error:
                errors = dict(error.fields)
            else:
                flash(_("已建立：%(name)s。请核对日期后再开放。", name=made.title), "success")
                return redirect(url_for(".editor_view", id=made.id))
        status = 422 if errors else 200
        page: ResponseReturnValue = self.editor.edit_page("clone", round, status, year=year, errors=errors)
        return page

    @expose("/<id>/edit/export")
    def file_view(self, id: str) -> ResponseReturnValue:
        """The draft as a YAML file, if it is whole; else what applies."""
        round = self.editor.managed(id)
        draft = drafts.draft_of(round)
        data = round.data if publishing.all_problems(round, draft.data) else tree.without_ids(draft.data)
        spec = type(round.spec).model_validate(data)
        name = quote(f"{spec.title.zh}.yaml")
        headers = {
            "Content-Disposition": f"attachment; filename=\"{round.code}.yaml\"; filename*=UTF-8''{name}"
        }
        return Response(yaml_file.written(spec), mimetype="application/yaml", headers=headers)

    @expose("/<id>/edit/import", methods=("GET", "POST"))
    def import_view(self, id: str) -> ResponseReturnValue:
        """Put a file's content into the draft, as one change that can be undone."""
        round = self.editor.managed(id)
        error: Any = None
        if request.method == "POST":
            try:
                spec = _file()
            except (yaml_file.BadFile, Invalid) as refusal:
                error = refusal
            else:
                kept = {"code": round.code, "series": round.series}
                data = spec.model_dump(mode="json") | kept
                drafts.replace(round, data, current_actor(), clock.now())
                flash(_("文件内容已放进草稿，请查看比较后再生效。"), "success")
                return redirect(url_for(".compare_view", id=round.id))
        status = error.status if error else 200
        page: ResponseReturnValue = self.editor.edit_page("import", round, status, error=error)
        return page

    @expose("/new", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """A new series from nothing, or a round from a file."""
        if not may(current_actor(), Permission.MANAGE_ROUNDS, None):
            raise NotFound
        error: Any = None
        if request.method == "POST":
            try:
                made = self._made()
            except (yaml_file.BadFile, Invalid) as refusal:
                error = refusal
            else:
                flash(_("已建立：%(name)s。请逐部分补充内容。", name=made.title), "success")
                return redirect(url_for(".editor_view", id=made.id))
        page = self.view.render(
            "admin/rounds/edit/new.html",
            sent=request.form,
            error=error,
            errors=error.fields if isinstance(error, Invalid) else {},
            year=_next_year(),
        )
        return page, error.status if error else 200

    def _made(self) -> ReviewRound:
        sent = request.form
        if "file" in request.files:
            return publishing.create(_file().model_dump(mode="json"), current_actor(), clock.now())
        return publishing.blank(
            sent.get("title", ""),
            sent.get("series", ""),
            sent.get("organisation", ""),
            _number(sent.get("year", "")),
            current_actor(),
            clock.now(),
        )


def _file() -> Any:
    """The uploaded round; raises BadFile, Invalid."""
    upload = request.files.get("file")
    content = upload.stream.read(yaml_file.LARGEST + 1) if upload else b""
    if not content:
        raise Invalid({"file": messages.M("请选择一个从本系统导出的批次文件。")})
    return yaml_file.read(content)


def _revision() -> int:
    text = request.form.get("revision", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound
    return int(text)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0


def _next_year() -> int:
    today: date = local_date(clock.now())
    return today.year + 1
