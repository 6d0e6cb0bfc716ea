"""No round that HR can save makes a page, a check or a print crash, and as YAML it comes back the same."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.application import Application
from models.choices import Kind, Role
from models.field_spec import FieldSpec
from models.form_spec import SectionShape, SectionSpec
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.sections import Entry, SectionRecord
from panel.domain.actors import actor_of
from panel.domain.checks.requirements import unmet
from panel.domain.round_edit import drafts, publishing, tree, yaml_file
from panel.domain.round_edit.editor_parts import PARTS
from panel.domain.round_edit.impact.explain import explain
from panel.domain.round_edit.impact.stand_ins import stand_in
from panel.domain.rounds import field_parsers, fields, parts, printed_columns, round_files
from panel.domain.rounds.parts import AskedForm
from panel.services.prints import pdf, print_form, print_layout
from tests import any_round
from tests.contents import attachments, make_lecturer
from tests.factories import NOW, make_round, make_user, shipped_spec
from tests.lengths import examples
from tests.views.conftest import Browser

SHIPPED = {path.stem: shipped_spec(path.stem) for path in round_files.shipped()}
#: Each looks at some hundred pages.
MOST = examples(2, 100)
TYPED = ("江城大桥", "3", "12.5", "2023-05", "2025-05-17", "2020-03/2021-06", "1", "a1", "")


@pytest.fixture
def hr(sign_in_as: Callable[..., Browser], travel: Callable[..., None]) -> Browser:
    travel(NOW)
    return sign_in_as(Role.UNIT_HR)


@given(st.data())
@settings(
    max_examples=MOST,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
def test_no_round_that_hr_can_save_makes_anything_crash(
    hr: Browser, app: Flask, database: Any, draw: st.DataObject
) -> None:
    series = draw.draw(st.sampled_from(sorted(SHIPPED)))
    data = tree.with_ids(SHIPPED[series].model_dump(mode="json"))
    for _step in range(draw.draw(st.integers(1, 12))):
        data = any_round.changed(draw.draw, data)
    round_ = make_round(series, title={"zh": "批次", "en": ""})
    kept = {"code": round_.code}
    assert hr.user is not None
    drafts.replace(round_, tree.without_ids(data) | kept, actor_of(hr.user), NOW)
    _look_at_the_editor(hr, round_)
    if publishing.all_problems(round_, data):
        return
    spec = RoundSpec.model_validate(tree.without_ids(data) | kept)
    assert yaml_file.read(yaml_file.written(spec).encode()) == spec
    _live_with(Random(draw.draw(st.integers(0, 10**6))), hr, round_, spec, series)


def _look_at_the_editor(hr: Browser, round_: ReviewRound) -> None:
    """Every page of the editor, also while the draft contradicts itself."""
    base = f"/admin/rounds/{round_.id}/edit/"
    pages = ["", "?search=mc", "history", "compare", "publish", "preview", "export"]
    draft = drafts.draft_of(ReviewRound.objects.get(id=round_.id))
    pages += [f"part/{part.key}" for part in PARTS]
    pages += [f"part/form?section={row[tree.ID]}" for row in draft.data["sections"]]
    for page in pages:
        assert hr.get(base + page).status_code == 200, page


def _live_with(chance: Random, hr: Browser, round_: ReviewRound, spec: RoundSpec, series: str) -> None:
    """The round in force: previewed, published, filled in, checked, explained, printed."""
    assert hr.user is not None
    draft = drafts.draft_of(ReviewRound.objects.get(id=round_.id))
    base = f"/admin/rounds/{round_.id}/edit/"
    for section in spec.sections:
        assert hr.get(f"{base}preview?section={section.key}").status_code == 200, section.key
    if drafts.is_changed(round_, draft):
        publishing.publish(round_, draft.revision, actor_of(hr.user), NOW)
    round_ = ReviewRound.objects.get(id=round_.id)
    assert hr.get(f"/admin/rounds/{round_.id}").status_code == 200
    person = make_lecturer(series=series, title_series=series)
    for kind in spec.kinds:
        for level in spec.levels:
            for application in (
                stand_in(round_, person, kind.value, level.key, False, NOW),
                _filled(chance, round_, person, kind, level.key),
            ):
                _say(unmet(application, NOW))
                explain(application, NOW)
                _printed(application)
    application = _filled(chance, round_, person, spec.kinds[0], spec.levels[0].key)
    application.insert()
    _applicant_pages(hr, application)


def _say(findings: list[Any]) -> None:
    for finding in findings:
        for language in ("zh", "en"):
            said = finding.message
            assert isinstance(said.in_language(language) if hasattr(said, "in_language") else str(said), str)


def _filled(chance: Random, round_: ReviewRound, person: Any, kind: Kind, level: str) -> Application:
    """An application with something of any kind in every field, also of fields that were of another type."""
    application = stand_in(round_, person, kind.value, level, False, NOW)
    application.attachments = attachments()
    application.committee = (
        application.committee or round_.spec.committees[0].key
    )  # nobody starts without one
    application.speciality = application.speciality or round_.spec.specialities[0].value
    for section in round_.spec.sections:
        if section.shape == SectionShape.RECORD:
            record = SectionRecord(version=1)
            _fill(chance, record, section.fields)
            application.sections[section.key] = record
        elif section.shape == SectionShape.LIST:
            _fill_list(chance, application, section)
    return application


def _fill_list(chance: Random, application: Application, section: SectionSpec) -> None:
    entries = []
    for _row in range(chance.randrange(3)):
        kind = chance.choice(section.kinds).key if section.kinds else None
        entry = Entry(section=section.key, kind=kind, changed_at=NOW, version=1)
        _fill(chance, entry, [f for f in section.fields if kind in (f.when.entry_kinds or [kind])])
        entries.append(entry)
    if section.store:
        getattr(application, section.store).extend(entries)
    else:
        application.sections[section.key] = SectionRecord(entries=entries, version=1)


def _fill(chance: Random, content: Any, specs: list[FieldSpec]) -> None:
    for spec in specs:
        typed: Any = chance.choice([*TYPED, *(option.value for option in spec.options)])
        if spec.type.value in ("choices", "file"):
            typed = [typed]
        if spec.type.value == "range":
            typed = fields.range_parts(typed)
        try:
            value = field_parsers.parse(spec, typed)
        except field_parsers.Unreadable:
            continue
        try:
            content.put(spec.key, value, encrypted=spec.encrypted)
        except (TypeError, ValueError):
            continue


def _printed(application: Application) -> None:
    for section in application.spec.sections:
        if section.shape == SectionShape.LIST:
            printed_columns.rows(AskedForm(application), section.key)
            printed_columns.sums(AskedForm(application), section.key)
    form = print_form.gather(application, opinions=False)
    pdf._environment().get_template("form.html").render(form=form, layout=print_layout)


def _applicant_pages(hr: Browser, application: Application) -> None:
    user = make_user(person=application.person, name=application.name)
    applicant = hr.application.test_client().sign_in_as(user)  # type: ignore[attr-defined]
    base = f"/my/application/{application.id}"
    for page in (
        "/",
        "/check",
        "/preview",
        "/submit",
        *(f"/{s.key}" for s in parts.visible_sections(application)),
    ):
        answer = applicant.get(base + page)
        assert answer.status_code in (200, 302), page
    assert hr.get(f"/admin/applications/{application.id}").status_code in (200, 404)
    assert hr.get("/admin/applications/").status_code == 200
