"""A season's rounds whole: the shipped ones load, hold together and print; rules change while cases run."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from models.application import Application
from models.choices import Role, State
from models.form_spec import SectionShape
from models.outbox import OutboxRow
from models.review_round import ReviewRound
from panel.domain.actors import Actor
from panel.domain.checks.requirements import unmet
from panel.domain.round_edit import drafts, publishing, tree
from panel.domain.round_edit.problems import contradictions
from panel.domain.rounds import round_files
from panel.services.prints import pdf
from tests.contents import make_complete
from tests.factories import NOW, fresh, make_actor, make_application, make_round

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def hr() -> Actor:
    return make_actor(Role.UNIT_HR)


@pytest.mark.parametrize("series", [path.stem for path in round_files.shipped()])
def test_each_shipped_round_loads_holds_together_and_prints_all_its_parts(series: str) -> None:
    round_ = make_round(series)
    assert contradictions.problems(tree.with_ids(round_.data)) == []
    for level in round_.spec.levels:
        application = make_application(round=round_, level=level.key, is_live=level.rank == 1)
        assert unmet(fresh(application), NOW) != []  # nothing is filled in yet
    pages = PdfReader(io.BytesIO(pdf.evaluation_form(fresh(application)))).pages
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))
    for section in round_.spec.sections:
        if section.shape is SectionShape.LIST and section.printed:
            assert re.sub(r"\s+", "", str(section.label)) in text, section.key


def test_a_rule_changed_in_mid_season_binds_drafts_alone(hr: Actor) -> None:
    round_ = make_round()
    cases = {
        state: make_complete(state, round=round_) for state in (State.DRAFT, State.SUBMITTED, State.RETURNED)
    }
    path = "sections/basic/fields/former_name"
    drafts.set_values(round_, path, {"required": True}, 0, hr, NOW)
    assert [unmet(fresh(case), NOW) for case in cases.values()] == [[], [], []]  # not in force yet
    publishing.publish(round_, 1, hr, NOW)
    found = {state: [(f.section, f.field) for f in unmet(fresh(case), NOW)] for state, case in cases.items()}
    assert found == {State.DRAFT: [("basic", "former_name")], State.SUBMITTED: [], State.RETURNED: []}
    told = [row.person.id for row in OutboxRow.objects]
    assert told == [cases[State.DRAFT].person.id]
    assert ReviewRound.objects.get(id=round_.id).version == round_.version + 1
    assert Application.objects.get(id=cases[State.SUBMITTED].id).round_version == round_.version
