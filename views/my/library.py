"""The personal library: what of one's earlier applications comes along into this one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import flash, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.application import Application
from models.choices import State
from models.field_spec import Text
from models.form_spec import SectionSpec
from models.messages import PingshenError
from models.sections import Entry
from panel.domain.content import library, taking
from panel.domain.content.library import EntryOffer, Shelf
from panel.domain.content.library_records import RecordOffer
from panel.domain.errors import NotFound, Refused
from panel.domain.rounds import printed_columns
from panel.domain.rounds.parts import AskedForm
from views.kit.i18n import tr
from views.my.base import address
from views.my.case import Case, load
from views.my.pages import Frame, PageGroup

#: What came along last, in the session, so that it can be put back.
TAKEN = "taken_along"
_LONGEST_SUMMARY = 160
_LONGEST_FIELD = 60


@dataclass
class LibraryView:
    """One earlier application opened: what is in it, and what is ticked."""

    case: Case
    sources: list[Application]
    source: Application
    chosen: Collection[str]

    @cached_property
    def shelf(self) -> Shelf:
        """What it holds."""
        return library.shelf(self.case.application, self.source, self.case.actor, self.case.now)

    @cached_property
    def earlier(self) -> AskedForm:
        """The form that it was."""
        return AskedForm(self.source)

    @property
    def groups(self) -> list[tuple[Text, str, list[EntryOffer]]]:
        """Its entries by section, in the order of the earlier form: label, key, rows."""
        labels = {spec.key: spec.label for spec in self.source.spec.sections}
        return [(labels[key], key, rows) for key, rows in self.shelf.entries.items()]

    @property
    def records(self) -> list[tuple[RecordOffer, str]]:
        """Its records with what they would fill in here, in one line."""
        return [(row, _("；").join(_filled(row))) for row in self.shelf.records]

    def is_chosen(self, uid: str) -> bool:
        """Whether a row is ticked."""
        return "all" in self.chosen or uid in self.chosen

    def summary(self, offer: EntryOffer, section: str) -> str:
        """The official columns as the earlier form printed them, in one line."""
        entry = next(e for e in self.source.entries(section) if e.uid == offer.uid)
        cells = printed_columns.compose(self.earlier, entry).values()
        text = " · ".join(cell for cell in cells if cell and cell != tr(offer.title))
        return text if len(text) <= _LONGEST_SUMMARY else f"{text[:_LONGEST_SUMMARY]}…"

    def url(self, source: Application | None = None, **values: Any) -> str:
        """This page, of one of the earlier applications."""
        return address("library", self.case.application, **{"from": (source or self.source).id} | values)

    def name(self, source: Application) -> str:
        """How an earlier application is called: round, level, how it ended."""
        level = next((row.title for row in source.spec.levels if row.key == source.level), source.level)
        return f"{tr(source.spec.title)} · {tr(level)} · {tr(State(source.state))}"


def _filled(offer: RecordOffer) -> list[str]:
    """What a record would fill in: field and value, long texts cut."""
    lines = [f"{tr(spec.label)}{_('：')}{tr(words)}" for spec, words in offer.fields]
    return [line if len(line) <= _LONGEST_FIELD else f"{line[:_LONGEST_FIELD]}…" for line in lines]


class LibraryPages(PageGroup):
    """`/my/application/<id>/library`."""

    @expose("/<application_id>/library", methods=("GET", "POST"))
    def library(self, application_id: str) -> ResponseReturnValue:
        """What earlier applications hold; a POST takes along what is ticked."""
        case = load(application_id)
        found = library.sources(case.application)
        wanted = request.values.get("from", "")
        source = next((row for row in found if str(row.id) == wanted), None)
        if wanted and source is None:
            raise NotFound
        if not found or not case.is_writable:
            return _page(self, case, None)
        chosen: list[str] = ["all"] if request.args.get("all") else []
        view = LibraryView(case, found, source or found[0], chosen)
        if request.method == "GET":
            return _page(self, case, view)
        view.chosen = request.form.getlist("item")
        try:
            taken = _take(view)
        except Refused as error:
            return _page(self, case, view, error), error.status
        session[TAKEN] = {
            "application": str(case.application.id),
            "entries": taken.entries,
            "files": taken.files,
            "records": taken.records,
            "photo": taken.photo,
        }
        _tell(taken)
        return redirect(view.url(section=request.args.get("section") or None))

    @expose("/<application_id>/library/undo", methods=("POST",))
    def undo_library(self, application_id: str) -> ResponseReturnValue:
        """Take out again what came along last and wasn't touched since."""
        case = load(application_id)
        kept = _taken(case)
        if kept is None:
            raise NotFound
        uids = [uid for _section, uid in kept["entries"]]
        count = taking.put_back(
            case.application,
            uids,
            kept["files"],
            case.actor,
            case.now,
            records=kept.get("records"),
            photo=kept.get("photo", ""),
        )
        session.pop(TAKEN)
        if count:
            flash(_("已撤销，取出了 %(n)s 项。", n=count), "success")
        else:
            flash(_("没有可以撤销的：带入的内容已经改过或删除。"), "info")
        return redirect(address("library", case.application, **{"from": request.form.get("from") or None}))


def _take(view: LibraryView) -> taking.Taken:
    case = view.case
    return taking.take_along(case.application, str(view.source.id), view.chosen, case.actor, case.now)


def _taken(case: Case) -> dict[str, Any] | None:
    kept = session.get(TAKEN)
    return kept if kept and kept["application"] == str(case.application.id) else None


def _tell(taken: taking.Taken) -> None:
    if taken.records:
        count = sum(len(filled["fields"]) for filled in taken.records.values())
        flash(_("已填入 %(n)s 栏，请核对。", n=count), "success")
    if taken.photo:
        flash(_("照片已带入。请确认是近期照片，不是的请换一张。"), "success")
    if not (taken.entries or taken.files):
        if not (taken.records or taken.photo):
            flash(_("没有带入任何内容。请勾选要带入的内容。"), "info")
        return
    flash(
        _(
            "已带入 %(entries)s 条、%(files)s 个文件，请逐条核对。",
            entries=len(taken.entries),
            files=len(taken.files),
        ),
        "success",
    )
    if taken.clauses:
        flash(_("其中 %(n)s 条要重新选择“符合条款”。", n=taken.clauses), "warning")
    for name in taken.homeless:
        flash(_("证明材料“%(name)s”没有合适的位置，没有带入。", name=name), "warning")


def _page(frame: Frame, case: Case, shown: LibraryView | None, error: PingshenError | None = None) -> str:
    return frame.render(
        "my/library.html",
        case=case,
        page="library",
        view=shown,
        error=error,
        taken=_taken(case),
        arrived=_arrived(case),
        section=case.section(request.args.get("section", "")),
    )


def _arrived(case: Case) -> list[tuple[SectionSpec, list[Entry]]]:
    """What came along last, by section, with links to look it over."""
    kept = _taken(case)
    uids = {uid for _section, uid in kept["entries"]} if kept else set()
    found = [(spec, [e for e in case.entries_of(spec) if e.uid in uids]) for spec in case.sections]
    return [(spec, entries) for spec, entries in found if entries]
