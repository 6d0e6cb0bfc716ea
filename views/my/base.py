"""What all pages of one application share: whose it is, its rules, its parts and its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import url_for

from models.application import Application
from models.choices import Action, State
from models.form_spec import SectionShape, SectionSpec
from models.round_spec import RoundSpec
from models.sections import Entry
from models.states import ENDED, IN_HAND
from panel.domain.actors import Actor
from panel.domain.checks.case_content import CaseContent
from panel.domain.rounds import offers, windows
from panel.domain.rounds.parts import AskedForm
from panel.domain.steps import workflow

#: The Flask-Admin view that holds all pages of one application.
ENDPOINT = "my_application"


def address(page: str, application: Application, **values: Any) -> str:
    """The address of a page of `application`, by its method in the view."""
    return url_for(f"{ENDPOINT}.{page}", application_id=application.id, **values)


@dataclass
class BaseCase:
    """An application with the person who looks at it and the time; computed once per request."""

    application: Application
    actor: Actor
    now: datetime

    #: Whether staff look at it as the applicant sees it (views.admin.cases.look).
    is_looking = False

    @cached_property
    def spec(self) -> RoundSpec:
        """The rules it is judged by."""
        return self.application.spec

    @property
    def url(self) -> str:
        """The overview."""
        return address("overview", self.application)

    def page_url(self, page: str) -> str:
        """A fixed page: check, preview, submit, receipt, ..."""
        return address(page, self.application)

    def section_url(self, key: str, anchor: str | None = None) -> str:
        """A section's page; `anchor` is an element's id."""
        return address("section", self.application, section=key, _anchor=anchor)

    def entry_url(self, section: str, uid: str, anchor: str | None = None) -> str:
        """An entry's page."""
        return address("entry", self.application, section=section, uid=uid, _anchor=anchor)

    @property
    def photo_url(self) -> str:
        """The page of the portrait."""
        return address("photo", self.application)

    @property
    def state(self) -> State:
        """The state as an enum."""
        return State(self.application.state)

    @property
    def is_writable(self) -> bool:
        """Whether the applicant may change content at all now."""
        return self.state in IN_HAND

    @property
    def has_ended(self) -> bool:
        """Whether nothing more can come of it, or only by HR's bringing it back."""
        return self.state in ENDED or self.state is State.LAPSED

    @cached_property
    def content(self) -> CaseContent:
        """Its form and findings, from this one reading."""
        return CaseContent(self.application, self.now)

    @property
    def asked(self) -> AskedForm:
        """The sections, fields and slots this application has."""
        return self.content.asked

    @property
    def sections(self) -> list[SectionSpec]:
        """The sections this application has."""
        return self.asked.sections

    def section(self, key: str) -> SectionSpec | None:
        """The visible section named `key`, or None."""
        return self.asked.section(key)

    @cached_property
    def window(self) -> windows.Window:
        """When the person may submit."""
        return offers.window(self.application.round, self.application.person, self.now)

    @cached_property
    def offers(self) -> dict[Action, workflow.Offer]:
        """The steps the applicant may take from here."""
        return {o.action: o for o in workflow.available(self.content, self.actor)}

    @property
    def choice_url(self) -> str:
        """The page of what is applied for."""
        return address("choice", self.application)

    def new_entry_url(self, section: str, kind: str = "") -> str:
        """The page of a new entry."""
        return address("new_entry", self.application, section=section, kind=kind or None)

    def entries_of(self, spec: SectionSpec) -> list[Entry]:
        """The entries of a list section; none for another."""
        return self.application.entries(spec.key) if spec.shape is SectionShape.LIST else []
