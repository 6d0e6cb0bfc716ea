"""The draft of a round as an applicant would see it: any person of the roster, or an invented one.

Nothing is stored; the forms can be filled in but have nowhere to go.
"""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from models.application import Application
from models.choices import Kind, Role
from models.field_spec import FieldSpec
from models.form_spec import SectionShape, SectionSpec
from models.messages import M
from models.person import Person
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.sections import Entry, SectionRecord
from models.unit import Unit
from models.values import PartialDate
from panel import clock
from panel.domain.access import policy
from panel.domain.calendar import local_date
from panel.domain.content.roster import from_roster
from panel.domain.round_edit import drafts, publishing, tree
from panel.domain.rounds import conditions, offers, parts
from views.admin.rounds.editor import RoundEditPages
from views.admin.rounds.picture import slot_of
from views.kit import secure_list
from views.kit.access import current_actor
from views.kit.form_controls import Choices, build
from views.kit.forms import FieldView, grouped, shown_values, words_of
from views.kit.i18n import tr
from views.kit.pages import Pages
from views.kit.scoped import ScopedView

FOUND_PEOPLE = 20


class RoundPreviewPages(Pages[ScopedView]):
    """`/admin/rounds/<id>/edit/preview`."""

    def __init__(self, view: ScopedView, editor: RoundEditPages) -> None:
        super().__init__(view)
        self.editor = editor

    @expose("/<id>/edit/preview")
    def preview_view(self, id: str) -> ResponseReturnValue:
        """The task list and the sections for the chosen person and kind of application."""
        round = self.editor.managed(id)
        draft = drafts.draft_of(round)
        problems = publishing.all_problems(round, draft.data)
        search = request.args.get("search", "").strip()[:60]
        people = policy.visible(current_actor(), Person, Role.UNIT_HR)
        found = (
            list(secure_list.search_by_keys(people, search, "search").limit(FOUND_PEOPLE)) if search else []
        )
        chosen = request.args.get("person", "")
        person = policy.one(current_actor(), Person, chosen, Role.UNIT_HR) if chosen else None
        seen = None
        if not problems:
            spec = RoundSpec.model_validate(tree.without_ids(draft.data))
            seen = Preview(round, spec, person)
        page: ResponseReturnValue = self.editor.edit_page(
            "preview",
            round,
            draft=draft,
            problems=problems,
            search=search,
            found=found,
            person=person,
            seen=seen,
            kinds=list(Kind),
        )
        return page


class Preview:
    """What an applicant of some kind and level would see."""

    def __init__(self, round: ReviewRound, spec: RoundSpec, person: Person | None) -> None:
        self.spec = spec
        self.person = person or _invented(spec)
        sent = request.args
        fitting = offers.kinds_for(spec, self.person) or spec.kinds
        kinds = [kind.value for kind in spec.kinds]
        self.kind = sent.get("kind", "")
        if self.kind not in kinds:
            self.kind = fitting[0].value
        self.exceptional = sent.get("exceptional") == "1"
        level_keys = [level.key for level in sorted(spec.levels, key=lambda row: row.rank)]
        self.level = sent.get("level", "")
        if self.level not in level_keys:
            offered = offers.levels_for(spec, self.person, Kind(self.kind), self.exceptional)
            self.level = offered[0].key if offered else level_keys[0]
        self.edition = offers.edition_for(spec, self.kind, self.level, self.exceptional, self.person)
        self.application = self._application(round)
        sections = parts.visible_sections(self.application)
        wanted = sent.get("section", "")
        self.sections = sections
        self.section = next((row for row in sections if row.key == wanted), sections[0] if sections else None)

    def _application(self, round: ReviewRound) -> Application:
        """Never stored: a draft under a copy of the round that holds the draft's rules."""
        shown = ReviewRound(
            id=round.id, code=round.code, version=round.version, data=self.spec.model_dump(mode="json")
        )
        application = Application(
            round=shown,
            round_version=round.version,
            year=self.spec.year,
            series=self.spec.series,
            person=self.person,
            unit=self.person.unit,
            kind=self.kind,
            level=self.level,
            exceptional=self.exceptional,
            committee=self.spec.committees[0].key,
            speciality=self.spec.specialities[0].value,
            edition=self.edition.key,
        )
        for section in self.spec.sections:
            if section.shape == SectionShape.RECORD:
                application.sections[section.key] = SectionRecord(values=from_roster(section, self.person))
        return application

    @property
    def entry_kinds(self) -> list[Any]:
        """The kinds of entry of the shown list."""
        return list(self.section.kinds) if self.section else []

    @property
    def entry_kind(self) -> str:
        """The kind of entry that is drawn."""
        keys = [kind.key for kind in self.entry_kinds]
        wanted = request.args.get("entry", "")
        return wanted if wanted in keys else (keys[0] if keys else "")

    def groups(self) -> list[Any]:
        """The shown section's form, all fields that its values could call up."""
        section = self.section
        if section is None or section.shape == SectionShape.ATTACHMENTS:
            return []
        content: Any = self.application.record(section.key)
        if section.shape == SectionShape.LIST:
            content = Entry(section=section.key, kind=self.entry_kind)
        choices = Choices(offers.clauses_for(self.application, section.key), str(self.person.unit or ""))
        return grouped(self._view(section, spec, content, choices) for spec in self._specs(section, content))

    def _specs(self, section: SectionSpec, content: Any) -> list[FieldSpec]:
        found = []
        for spec in section.fields:
            always = spec.when.model_copy(update={"values": {}})
            if spec.visible and conditions.applies(always, self.application, content):
                found.append(spec)
        return found

    def _view(self, section: SectionSpec, spec: FieldSpec, content: Any, choices: Choices) -> FieldView:
        control = None
        if not spec.locked:
            values = shown_values(content, [spec])
            control = build([spec], choices, values)._fields[spec.key]
        is_visible = spec in parts.visible_fields(self.application, section, content)
        required = parts.is_required(spec, self.application, content)
        view = FieldView(spec, control, is_visible, required)
        view.slot = slot_of(spec, self.spec.model_dump(mode="json")["slots"]) if spec.slot else None
        view.shown = "" if spec.encrypted else words_of(spec, content.get(spec.key), choices)
        return view

    @property
    def slots(self) -> list[tuple[Any, bool]]:
        """The places for attachments, and whether a file is needed."""
        found = parts.visible_slots(self.application)
        return [(slot, parts.is_slot_required(slot, self.application)) for slot in found]


def _invented(spec: RoundSpec) -> Person:
    """Somebody with the level below the lowest but one, who joined before this year."""
    today = local_date(clock.now())
    rows = sorted(spec.levels, key=lambda row: row.rank)
    return Person(
        staff_number="0",
        name=str(tr(M("张示例"))),
        unit=Unit.objects.order_by("code").first(),
        department="",
        series=spec.series,
        title=rows[0].title.zh,
        title_level=rows[0].key,
        title_series=spec.series,
        title_approved_on=PartialDate(today.year - 6, 12),
        work_start=PartialDate(today.year - 8, 7),
    )
