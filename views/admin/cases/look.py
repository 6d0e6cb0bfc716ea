"""The form as its applicant sees it, for HR: the same pages, nothing to change, secrets masked."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.application import Application
from models.form_spec import SectionShape
from models.pending_file import PendingFile
from panel import clock
from panel.domain.access import who_may
from panel.domain.access.policy import may
from panel.domain.access.who_may import Permission
from panel.domain.checks import requirements
from panel.domain.checks.findings import Finding
from panel.domain.content.changes import Changes, changes_since
from panel.domain.content.frozen import as_submitted
from panel.domain.errors import NotFound
from panel.domain.people import disclosure
from panel.domain.rounds.masking import masked
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.scoped import ScopedView
from views.my import entries
from views.my.attachments import files
from views.my.attachments.photo import photo_page
from views.my.case import PHOTO_PAGE, Case, Task
from views.my.entries import entry_of, list_section
from views.my.entry import entry_page
from views.my.form import record_page
from views.my.next_step import next_step


class LookingCase(Case):
    """A submitted case shown to staff: every link stays in this view, nothing can be written."""

    is_looking = True
    is_writable = False
    original: Application

    @classmethod
    def of(cls, application: Application) -> LookingCase:
        """The case of `application`, which the person may read; raises NotFound for any other."""
        actor = current_actor()
        # one's own case has the applicant's own pages
        if not may(actor, Permission.READ_CONTENT, application) or who_may.is_own(actor, application):
            raise NotFound
        submitted = as_submitted(application)
        shown = masked(submitted)
        for record in shown.attachments:
            if not disclosure.may_open(application, record.slot, actor):
                # named by its slot alone; its address doesn't exist for this reader
                record.name, record.thumbnail_sha256 = _("含个人信息，不能打开"), None
        case = cls(shown, actor, clock.now())
        case.original = submitted
        return case

    @cached_property
    def findings(self) -> list[Finding]:
        """What the applicant is told; worked out on what was typed, not on the masks."""
        return requirements.unmet(self.original, self.now)

    @cached_property
    def changes(self) -> Changes | None:
        """What was handed in since a return; compared as it was typed, too."""
        running = self.running_return
        return changes_since(self.original, running) if running else None

    @cached_property
    def pending(self) -> list[PendingFile]:
        """What waits to be looked at is the applicant's alone."""
        return []

    def _material_row(self) -> Task | None:
        """HR has the material table elsewhere."""
        return None

    # --- addresses ---------------------------------------------------------------------------------

    def _address(self, page: str, **values: Any) -> str:
        return url_for(f"hr_applications.{page}", id=self.application.id, **values)

    @property
    def back_url(self) -> str:
        """HR's own page of the case."""
        return self._address("case_view")

    @property
    def url(self) -> str:
        """The overview."""
        return self._address("look_view")

    def page_url(self, page: str) -> str:
        """The printed form for the preview; the other pages are steps, which nobody takes here."""
        if page == "preview":
            return url_for("documents.evaluation_form", application_id=self.application.id)
        return self.url

    def section_url(self, key: str, anchor: str | None = None) -> str:
        """A section's page."""
        return self._address("look_section_view", section=key, _anchor=anchor)

    def entry_url(self, section: str, uid: str, anchor: str | None = None) -> str:
        """An entry's page."""
        return self._address("look_entry_view", section=section, uid=uid, _anchor=anchor)

    @property
    def photo_url(self) -> str:
        """The page of the portrait."""
        return self.section_url(PHOTO_PAGE)

    @property
    def choice_url(self) -> str:
        """What is applied for stands on the overview."""
        return self.url


class LookPages(Pages[ScopedView]):
    """`/admin/applications/<id>/look/…`."""

    @expose("/<id>/look")
    def look_view(self, id: str) -> ResponseReturnValue:
        """The overview, as the applicant sees it."""
        case = LookingCase.of(self.view.get_one(id))
        page: str = self.view.render(
            "my/overview.html",
            case=case,
            step=next_step(case),
            page="overview",
            publicity=None,
            certificate=None,
        )
        return page

    @expose("/<id>/look/<section>")
    def look_section_view(self, id: str, section: str) -> ResponseReturnValue:
        """A section of the form, or the portrait."""
        case = LookingCase.of(self.view.get_one(id))
        if section == PHOTO_PAGE:
            return photo_page(self.view, case)
        spec = case.section(section)
        if spec is None:
            raise NotFound
        pages = {
            SectionShape.RECORD: record_page,
            SectionShape.LIST: entries.page,
            SectionShape.ATTACHMENTS: files.page,
        }
        return pages[spec.shape](self.view, case, spec)

    @expose("/<id>/look/<section>/<uid>")
    def look_entry_view(self, id: str, section: str, uid: str) -> ResponseReturnValue:
        """One entry of a list."""
        case = LookingCase.of(self.view.get_one(id))
        spec = list_section(case, section)
        return entry_page(self.view, case, spec, entry_of(case, section, uid), False)
