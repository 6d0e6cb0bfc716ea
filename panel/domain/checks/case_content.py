"""What one application holds at one moment, worked out once for everything that a page asks about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from models.application import Application
from panel.domain.calendar import local_date
from panel.domain.checks import requirements
from panel.domain.checks.findings import Case, Finding
from panel.domain.checks.requirements import Status
from panel.domain.rounds.parts import AskedForm


@dataclass(frozen=True)
class CaseContent:
    """Form, findings and progress of `application` as it was read; each worked out at first need, then kept.

    For one reading of one request: after a write one makes a new one of the application as stored.
    """

    application: Application
    now: datetime

    @cached_property
    def asked(self) -> AskedForm:
        """The sections, fields and slots that it has."""
        return AskedForm(self.application)

    @cached_property
    def case(self) -> Case:
        """What checks look at."""
        return Case(self.asked, local_date(self.now))

    @cached_property
    def findings(self) -> list[Finding]:
        """What isn't in order, in the order of the form."""
        return requirements.unmet_in(self.case)

    @cached_property
    def blocking(self) -> list[Finding]:
        """Those of `findings` that stand in the way of submitting."""
        return requirements.blocking(self.findings)

    @cached_property
    def progress(self) -> dict[str, Status]:
        """How far each section is."""
        return requirements.progress(self.asked, self.findings)
