"""Everything the page of one application shows, collected for its template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from models.application import Application, Submission
from models.certificate import Certificate
from models.choices import Action, Kind, ObjectionState, Role, Severity, State
from models.comment import Comment
from models.form_spec import SectionShape
from models.meeting import Meeting, Opinion
from models.messages import Message
from models.official import OFFICIAL
from models.publicity import OPEN_OBJECTIONS, Objection, Publicity
from models.together import Question, ask
from panel.domain.access import policy, who_sees
from panel.domain.access.policy import may
from panel.domain.access.who_may import CASE_READERS, STAFF, Permission
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.checks.case_content import CaseContent
from panel.domain.checks.findings import Finding
from panel.domain.content import choosing, mending
from panel.domain.content.changes import Changes, by_applicant, is_answered
from panel.domain.content.choice_changes import changed_words, last_change
from panel.domain.desk.comments import may_take_back
from panel.domain.publicity import objections
from panel.domain.rounds import printed_columns
from panel.domain.rounds.naming import field_name
from panel.domain.rounds.offers import window
from panel.domain.rounds.parts import AskedForm
from panel.domain.steps import judging, workflow
from panel.domain.steps.guards import checking, endorsing
from panel.domain.steps.guards.checking import is_pinned
from panel.domain.steps.workflow import Offer
from views.admin import list_words
from views.admin.cases import addresses, content
from views.admin.cases.material import material_differences
from views.admin.cases.steps import STEPS, step_label
from views.admin.rounds.explain import may_explain
from views.shared import mend_words
from views.shared.closed_files import close_files, open_earlier_files
from views.shared.deeds import deed


@dataclass(frozen=True)
class EndorsementRow:
    """An endorsement that the round names: given or waiting, and whether this person gives it."""

    spec: Any
    given: Any
    may_give: bool
    is_outdated: bool  # given before what is applied for was changed


@dataclass(frozen=True)
class Button:
    """A step offered on the page: it goes, or says why not."""

    action: Action
    refusal: Message | None
    is_negative: bool


def case_context(held: CaseContent, actor: Actor, only_changes: bool = False) -> dict[str, Any]:
    """The values of templates/admin/cases/case.html, all from one reading of the application."""
    application, now, asked, findings = held.application, held.now, held.asked, held.findings
    may_read = may(actor, Permission.READ_CONTENT, application)
    changes = content.changes_since_return(application) if may_read else None
    return {
        "official": [
            (label, text) for key, label in OFFICIAL.items() if (text := application.official.get(key))
        ],
        "spec": application.spec,
        "may_read": may_read,
        "may_reveal": may(actor, Permission.REVEAL, application),
        "explain_url": _explain_url(application, actor),
        "may_write_opinion": judging.may_write_unit_opinion(application, actor),
        "changes": changes,
        "unanswered": _unanswered(application, changes) if changes is not None else [],
        "only_changes": only_changes and changes is not None,
        "blocks": close_files(content.blocks(asked, findings, changes), application, actor)
        if may_read
        else [],
        "findings": _by_severity(findings) if may_read else {},
        "finding_count": len(findings),
        "progress": held.progress,
        "sections": asked.sections,
        "window": window(application.round, application.person, now),
        "judged": judged(asked) if may_read else None,
        "endorsements": _endorsements(application, actor),
        "labels": _Places(asked),
        "last_rank": endorsing.UNRANKED - 1,
        "material": material_differences(asked, actor) if may_read else [],
        "earlier_files": open_earlier_files(content.earlier_files(application), application, actor)
        if may_read
        else [],
        "mends": mend_words.rows(asked) if may_read else [],
        **steps_context(held, actor),
        **_neighbours(application, actor, now),
        **_words(),
    }


def _explain_url(application: Application, actor: Actor) -> str:
    """Why this is asked of the person; "" for who doesn't look people up."""
    if not may_explain(actor):
        return ""
    return url_for("hr_rounds.explain_view", id=application.round.id, person=application.person.id)


def steps_context(held: CaseContent, actor: Actor) -> dict[str, Any]:
    """The values of templates/admin/cases/_case_steps.html: which steps this person may take from here."""
    application, offers = held.application, workflow.available(held, actor)
    return {
        "application": application,
        "buttons": _buttons(offers),
        "step_label": step_label,
        "may_judge": judging.may_judge(application, actor),
        "may_mend": mending.may_mend(application, actor),
        "may_return": any(offer.action == Action.RETURN for offer in offers),
        "may_change_selection": choosing.may_change(application, actor),
        "may_object": objections.may_register(application, actor),
    }


def _words() -> dict[str, Any]:
    """Addresses and enums for the template."""
    return {
        "file_url": addresses.file_url,
        "thumb_url": addresses.thumb_url,
        "photo_url": addresses.photo_url,
        "form_url": addresses.form_url,
        "certificate_url": addresses.certificate_url,
        "kilobytes": addresses.kilobytes,
        "local_day": local_date,
        "states": State,
        "kinds": Kind,
        "actions": Action,
        "deed": deed,
        "choice_changes": changed_words,
        "roles": Role,
        "objection_states": ObjectionState,
    }


def _unanswered(application: Application, changes: Changes) -> list[Any]:
    """The items of the last return at whose places nothing was changed."""
    typed = by_applicant(changes, application)
    return [row for row in application.returns[-1].items if not is_answered(typed, row)]


def judged(asked: AskedForm) -> dict[str, int]:
    """How many entries HR has to judge, and how they stand."""
    entries = checking.judged_entries(asked)
    verdicts = [entry.judgement.verdict for entry in entries if entry.judgement]
    found = {verdict: verdicts.count(verdict) for verdict in ("accept", "doubt", "refuse")}
    return {"all": len(entries), "open": len(entries) - len(verdicts), **found}


def _buttons(offers: list[Offer]) -> list[Button]:
    return [
        Button(offer.action, offer.refusal, "reason" in offer.needs)
        for offer in offers
        if offer.action in STEPS
    ]


def _by_severity(findings: list[Finding]) -> dict[str, list[Finding]]:
    order = (Severity.BLOCKING, Severity.JUDGE, Severity.WARNING)
    found = {severity.value: [row for row in findings if row.severity == severity] for severity in order}
    return {key: rows for key, rows in found.items() if rows}


def _endorsements(application: Application, actor: Actor) -> list[EndorsementRow]:
    may_endorse = workflow.is_open(Action.ENDORSE, application, actor)
    rows, changed = [], last_change(application)
    for spec in endorsing.endorsement_specs(application):
        mine = may_endorse and endorsing.is_endorser_of(actor, application, spec)
        given = endorsing.current_endorsement(application, spec.key)
        is_outdated = bool(given and changed and given.at < changed.at)
        rows.append(EndorsementRow(spec, given, mine, is_outdated))
    return rows


def _neighbours(application: Application, actor: Actor, now: datetime) -> dict[str, Any]:
    """What other collections hold about the case, as far as the person may see it; by one command."""
    roles, about = list_words.case_roles(actor), who_sees.About([application.id])
    may_read_opinions = may(actor, Permission.READ_OPINIONS, application)

    def seen(model: type, *as_roles: Role) -> Any:
        return policy.visible(actor, model, *as_roles, about=about)

    queries = {
        "submissions": seen(Submission, *roles).order_by("-content_revision").exclude("content"),
        "objections": seen(Objection, *roles).order_by("-registered_at"),
    }
    if noting := [role for role in roles if role in CASE_READERS]:
        queries["comments"] = seen(Comment, *noting).order_by("at", "id")
    if may_read_opinions:
        queries["opinions"] = seen(Opinion, Role.OFFICE, Role.SUPERVISOR).filter(is_final=True)
    for name, model in (("publicity", Publicity), ("meeting", Meeting), ("certificate", Certificate)):
        if id := getattr(application, name):
            queries[name] = seen(model, *STAFF).filter(id=id)
    answers = dict(zip(queries, ask(*map(Question, queries.values())), strict=True))
    notes = answers.get("comments", [])
    return {
        **{name: next(iter(answers.get(name, [])), None) for name in ("publicity", "meeting", "certificate")},
        "submissions": answers["submissions"],
        "objections": answers["objections"],
        "open_states": OPEN_OBJECTIONS,
        "opinions": answers.get("opinions", []),
        "comments": notes,
        "fresh_comments": {row.id for row in notes if may_take_back(row, actor, now)},
        "may_comment": may(actor, Permission.COMMENT, application),
    }


class _Places:
    """Names for what a return item or a finding points at."""

    def __init__(self, asked: AskedForm) -> None:
        application = asked.application
        self._asked = asked
        self._sections = {section.key: section for section in application.spec.sections}
        self._slots = {slot.key: slot.label for slot in application.spec.slots}
        self.attachments = next(
            (s.key for s in application.spec.sections if s.shape is SectionShape.ATTACHMENTS), ""
        )

    def of(self, section: str, entry: str = "", field: str = "") -> list[Any]:
        """The parts of the name, from the section to the field; [] for the whole."""
        spec = self._sections.get(section)
        if spec is None:
            return []
        parts: list[Any] = [spec.label]
        if entry:
            parts.append(self._entry(section, entry))
        if field:
            parts.append(self._field(spec, field))
        return [part for part in parts if part]

    def has(self, section: str, field: str = "") -> bool:
        """Whether a return's item can be pinned there."""
        return section in self._sections and is_pinned(self._asked, {"section": section, "field": field})

    def _entry(self, section: str, uid: str) -> Any:
        application = self._asked.application
        for attachment in application.attachments:
            if attachment.uid == uid:
                return attachment.name
        if self._sections[section].shape is not SectionShape.LIST:
            return ""
        found = next((e for e in application.entries(section) if e.uid == uid), None)
        return printed_columns.title(self._asked, found) if found else ""

    def _field(self, spec: Any, field: str) -> Any:
        if field in self._slots and spec.shape is SectionShape.ATTACHMENTS:
            return self._slots[field]
        try:
            return field_name(spec, spec.field(field))
        except KeyError:
            return field
