"""The editor of rounds: overview, parts, the properties of a row, and what can be done to rows.

Nothing here changes what applies: everything goes into the round's draft (panel.domain.round_edit).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.choices import RoundState
from models.messages import PingshenError
from models.review_round import ReviewRound
from models.round_draft import RoundDraft
from panel import clock
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.errors import Invalid, NotFound
from panel.domain.round_edit import defaults, drafts, history, publishing, search, tree
from panel.domain.round_edit.drafts import Contested
from panel.domain.round_edit.editor_parts import PARTS
from panel.domain.round_edit.properties import (
    check_words,
    conditions,
    sentences,
    shown,
    sources,
    typed_values,
)
from panel.domain.round_edit.properties.arguments import Wrong
from panel.domain.round_edit.properties.describe import described
from panel.domain.round_edit.properties.named import field_types
from views.admin.rounds.picture import chosen_section, picture
from views.admin.rounds.properties import PropertiesForm, blocks_of, part_named, target
from views.kit.access import current_actor
from views.kit.i18n import tr
from views.kit.pages import Pages
from views.kit.scoped import ScopedView

LONGEST_PATH = 300


class RoundEditPages(Pages[ScopedView]):
    """`/admin/rounds/<id>/edit/…`; a round that the person may not manage doesn't exist here."""

    def managed(self, id: str) -> ReviewRound:
        """The round, for whoever may change it; raises NotFound."""
        round = self.view.get_one(id)
        if not may(current_actor(), Permission.MANAGE_ROUNDS, round):
            raise NotFound
        return round

    def edit_page(self, template: str, round: ReviewRound, status: int = 200, **more: Any) -> Any:
        """A page of the editor with what all of them show."""
        draft = more.pop("draft", None) or drafts.draft_of(round)
        page = self.view.render(
            f"admin/rounds/edit/{template}.html",
            round=round,
            draft=draft,
            data=draft.data,
            state=RoundState(round.state),
            is_changed=drafts.is_changed(round, draft),
            is_outdated=drafts.is_outdated(round, draft),
            undoing=drafts.undoing(round, draft),
            parts=PARTS,
            page_name=template,
            words=sentences,
            target=lambda path: target(round, draft.data, path),
            **more,
        )
        return page, status

    @expose("/<id>/edit/")
    def editor_view(self, id: str) -> ResponseReturnValue:
        """The overview: parts, problems, search, what can be done."""
        round = self.managed(id)
        draft = drafts.draft_of(round)
        typed = request.args.get("search", "").strip()[:60]
        return self.edit_page(
            "overview",
            round,
            draft=draft,
            problems=publishing.all_problems(round, draft.data),
            typed=typed,
            found=search.find(draft.data, typed) if typed else [],
        )

    @expose("/<id>/edit/part/<part>")
    def part_view(self, id: str, part: str) -> ResponseReturnValue:
        """One part, with the properties of the row `open` beside it."""
        round = self.managed(id)
        draft = drafts.draft_of(round)
        sheet = None
        if "open" in request.args:
            sheet = _sheet(round, draft, request.args["open"], request.args.get("block", ""), part)
        return self._part(round, draft, part, sheet)

    def _part(
        self,
        round: ReviewRound,
        draft: RoundDraft,
        key: str,
        sheet: PropertiesForm | None,
        error: Any = None,
        refused: str = "",
    ) -> ResponseReturnValue:
        """The part called `key`; `refused` is the list to which a row could not be added."""
        part = part_named(key)
        if part is None:
            raise NotFound
        problems = publishing.all_problems(round, draft.data)
        section = chosen_section(draft, sheet.path if sheet else refused)
        page: ResponseReturnValue = self.edit_page(
            "part",
            round,
            error.status if error else 200,
            draft=draft,
            part=part,
            blocks=blocks_of(part),
            sheet=sheet,
            error=error,
            refused=refused,
            sent=request.form,
            problems=problems,
            problem_paths=[problem.path for problem in problems],
            section=section,
            picture=picture(draft, section) if part.key == "form" else [],
            conditions=conditions,
            described=described,
            tree=tree,
            sources=sources,
            field_types=field_types(),
            shapes=defaults.SHAPES,
            grades=defaults.GRADES,
            checks=check_words.CHECKS,
        )
        return page

    @expose("/<id>/edit/row", methods=("GET", "POST"))
    def row_view(self, id: str) -> ResponseReturnValue:
        """The properties of a row: the form for beside the picture; a POST saves them into the draft."""
        round = self.managed(id)
        draft = drafts.draft_of(round)
        path, part = request.values.get("path", ""), request.values.get("part", "")
        sheet = _sheet(round, draft, path, request.values.get("block", ""), part)
        if request.method == "GET":
            return _form(round, sheet, part)
        sheet.sent = _sent()
        if request.form.get("sentence") in ("when", "required_when"):
            return _sentence(sheet, request.form["sentence"])
        if "redraw" in request.form:
            return _form(round, sheet, part)
        try:
            _save(round, draft, sheet)
        except Invalid as error:
            sheet.errors = dict(error.fields)
            return self._part(round, draft, part, sheet, error)
        except Contested as error:
            fresh = drafts.draft_of(round)
            sheet.draft, sheet.contested = fresh, error.places
            return self._part(round, fresh, part, sheet, error)
        flash(_("已保存到草稿：%(name)s", name=tr(sheet.name)), "success")
        return redirect(_back(round, part, path))

    @expose("/<id>/edit/add", methods=("POST",))
    def add_view(self, id: str) -> ResponseReturnValue:
        """Add a row at the end of a list, or behind another one, and open its properties."""
        round = self.managed(id)
        draft = drafts.draft_of(round)
        path = _list_path(draft, request.form.get("path", ""))
        part = request.form.get("part", "")
        try:
            row = defaults.new_row(
                path, draft.data, request.form.get("label", ""), request.form.get("kind", "")
            )
            behind = _place_of_new(draft, path)
            made = drafts.add(round, path, row, behind, current_actor(), clock.now())
        except Invalid as error:
            return self._part(round, draft, part, None, error, path)
        flash(_("已添加，请补充内容。"), "success")
        return redirect(_back(round, part, made, is_open=True))

    @expose("/<id>/edit/move", methods=("POST",))
    def move_view(self, id: str) -> ResponseReturnValue:
        """Put a row one up or down, or behind another one."""
        round = self.managed(id)
        draft = drafts.draft_of(round)
        path = _row_path(draft, request.form.get("path", ""))
        moved = drafts.move(round, path, _behind(draft, path), current_actor(), clock.now())
        if request.headers.get("X-Requested-With") == "fetch":
            # the page stays, and undo there takes back this step
            return jsonify(revision=moved.revision)
        return redirect(_back(round, request.form.get("part", ""), path))

    @expose("/<id>/edit/remove", methods=("POST",))
    def remove_view(self, id: str) -> ResponseReturnValue:
        """Take a row away; undo brings it back."""
        round = self.managed(id)
        draft = drafts.draft_of(round)
        path = _row_path(draft, request.form.get("path", ""))
        name = tr(sentences.place(draft.data, path))
        _tried(lambda: drafts.remove(round, path, _seen(), current_actor(), clock.now()))
        flash(_("已移除：%(name)s。可以撤销。", name=name), "success")
        above = tree.parent_of(path)[0]
        return redirect(_back(round, request.form.get("part", ""), above))

    @expose("/<id>/edit/undo", methods=("POST",))
    def undo_view(self, id: str) -> ResponseReturnValue:
        """Take back a change, or bring back what an undo took."""
        round = self.managed(id)
        sent = request.form.get("revision", "")
        if not (sent.isascii() and sent.isdigit() and len(sent) < 10):
            raise NotFound
        if _tried(lambda: drafts.undo(round, int(sent), current_actor(), clock.now())):
            flash(_taken_back(round, int(sent)), "success")
        if part_named(request.form.get("part", "")) is None:
            return redirect(url_for(".history_view", id=round.id))
        return redirect(_back(round, request.form["part"], f"sections/{request.form.get('section', '')}"))

    @expose("/<id>/edit/history")
    def history_view(self, id: str) -> ResponseReturnValue:
        """Every change with before and after."""
        round = self.managed(id)
        draft = drafts.draft_of(round)
        rows = [(change, history.lines(change, draft.data)) for change in drafts.changes(round)]
        return self.edit_page("history", round, draft=draft, rows=rows)


def _sheet(round: ReviewRound, draft: RoundDraft, path: str, block: str, part: str) -> PropertiesForm:
    """The form of a row or mapping that is there; raises NotFound."""
    known = described(path) if len(path) <= LONGEST_PATH else None
    if known is None or not isinstance(tree.get(draft.data, path), dict) or part_named(part) is None:
        raise NotFound
    only: tuple[str, ...] = ()
    if not path:
        blocks = dict(blocks_of(part_named(part)))  # type: ignore[arg-type]  # looked at above
        found = blocks.get(int(block)) if block.isdigit() and len(block) < 3 else None
        if found is None or found.path:
            raise NotFound
        only = found.properties
    return PropertiesForm(round, draft, path, shown.typed(known, draft.data, path), only)


def _form(round: ReviewRound, sheet: PropertiesForm, part: str) -> str:
    return render_template(
        "admin/rounds/edit/_sheet.html", sheet=sheet, round=round, part_key=part, words=sentences
    )


def _sent() -> dict[str, list[str]]:
    return {name: values[:400] for name, values in request.form.lists()}


def _save(round: ReviewRound, draft: RoundDraft, sheet: PropertiesForm) -> None:
    """Read the form on the newest draft and set what differs from what the person saw."""
    fixed = {item.name for item in sheet.properties if sheet.is_fixed(item)}
    sent = sheet.sent | {"drawn": [name for name in sheet.texts("drawn") if name not in fixed]}
    values = typed_values.read(
        sheet.described, typed_values.Form(dict(draft.data), sheet.path, sent, sheet.row)
    )
    typed_values.check(sheet.described, sheet.row | values)
    drafts.set_values(round, sheet.path, values, _seen(), current_actor(), clock.now())


def _sentence(sheet: PropertiesForm, name: str) -> ResponseReturnValue:
    """The condition as it is typed, in words."""
    form = typed_values.Form(sheet.data, sheet.path, sheet.sent, sheet.row)
    try:
        typed = typed_values.read_condition(form, name, sheet.section)
    except Wrong as wrong:
        text = tr(wrong.message)
    else:
        text = tr(conditions.sentence(sheet.data, typed, sheet.section))
    return render_template("admin/rounds/edit/_sentence.html", text=text)


def _seen() -> int:
    text = request.form.get("seen", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound
    return int(text)


def _list_path(draft: RoundDraft, path: str) -> str:
    if len(path) > LONGEST_PATH or not tree.is_list(path) or tree.shape_of(path) == ("exports",):
        raise NotFound
    if not isinstance(tree.get(draft.data, path), list):
        raise NotFound
    return path


def _row_path(draft: RoundDraft, path: str) -> str:
    if len(path) > LONGEST_PATH or not tree.is_list(tree.parent_of(path)[0]):
        raise NotFound
    if tree.get(draft.data, path) is None:
        raise NotFound
    return path


def _behind(draft: RoundDraft, path: str) -> str:
    """The row that the moved one comes to stand behind."""
    above, own = tree.parent_of(path)
    order = [row[tree.ID] for row in tree.at(draft.data, above)]
    step = request.form.get("step", "")
    if step in ("up", "down"):
        rest = [identity for identity in order if identity != own]
        place = order.index(own) + (-1 if step == "up" else 1)
        place = max(0, min(place, len(rest)))
        return str(rest[place - 1]) if place else ""
    behind = request.form.get("behind", "")
    if behind and behind not in order:
        raise NotFound
    return behind


def _place_of_new(draft: RoundDraft, path: str) -> str | None:
    """The row behind which a new one is put: as chosen, None = last; a row that is gone counts as last."""
    wanted = request.form.get("behind", "last")
    known = {row[tree.ID] for row in tree.at(draft.data, path)}
    return "" if wanted == "first" else wanted if wanted in known else None


def _taken_back(round: ReviewRound, revision: int) -> str:
    """What undoing, or bringing back, the change of `revision` did, in words."""
    change = drafts.change_of(round, revision)
    said = history.lines(change, drafts.draft_of(round).data)
    what = _("%(what)s：%(where)s", what=tr(said[0].what), where=tr(said[0].where)) if said else ""
    if change.kind == "undo":
        return _("已恢复。")
    return _("已撤销：%(what)s", what=what)


def _tried(do: Callable[[], Any]) -> bool:
    """Do it and say whether it went; a refusal is said above the page that follows."""
    try:
        do()
    except NotFound:
        raise
    except PingshenError as error:
        flash(tr(error.message), "danger")
        return False
    return True


def _back(round: ReviewRound, part: str, path: str, is_open: bool = False) -> str:
    """The part's page, at the section and row that were worked at."""
    more: dict[str, Any] = {}
    if path.startswith("sections/") and path != "sections/":
        more["section"] = path.split("/")[1]
    if is_open:
        more["open"] = path
    if part_named(part) is None:
        raise NotFound
    anchor = f"row-{path.replace('/', '-')}" if path and not path.endswith("/") and not is_open else None
    return url_for(".part_view", id=round.id, part=part, **more, _anchor=anchor)
