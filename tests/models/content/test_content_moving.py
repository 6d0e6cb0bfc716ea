"""A case that goes to another round of its year: everything comes along, clauses are chosen anew (G07)."""

from dataclasses import replace
from typing import Any

import pytest

from models.application import Application, Submission
from models.audit import AuditEvent
from models.choices import Role, RoundState, State
from models.material import MaterialEntry
from models.review_round import ReviewRound, RoundVersion
from models.sections import SectionRecord
from panel.domain.actors import Actor
from panel.domain.checks import requirements
from panel.domain.content import choice_changes, choosing, moving, start
from panel.domain.errors import Invalid, NotFound, Refused
from tests import contents
from tests.factories import NOW, applicant_of, fresh, make_actor, make_round, stored

pytestmark = pytest.mark.usefixtures("database")


def make_case(state: State = State.SUBMITTED, **values: Any) -> Application:
    """A teacher's complete application of somebody whose series the roster leaves open."""
    person = contents.make_lecturer(series=None, title_series=None)
    return contents.make_complete(state, person=person, **values)


@pytest.fixture
def lab() -> ReviewRound:
    return make_round("lab")


def move(case: Application, target: ReviewRound, actor: Actor, reason: str = "", **changes: Any) -> None:
    spec = target.spec
    chosen = replace(
        start.selection_of(case),
        committee=spec.committees[0].key,
        speciality=spec.specialities[0].value,
        round=target,
    )
    choosing.change_selection(case, replace(chosen, **changes), actor, NOW, reason)


def test_hr_moves_a_case_to_the_other_series_with_all_that_was_entered(lab: ReviewRound) -> None:
    case = make_case()
    before = stored(case)
    move(case, lab, make_actor(Role.UNIT_HR), "系列选错")
    after = fresh(case)
    assert (after.round, after.series, after.round_version) == (lab, "lab", lab.version)
    assert (after.committee, after.speciality) == ("lab-committee", lab.spec.specialities[0].value)
    kept = stored(case)
    for part in ("sections", "education", "training", "work_history", "assessments", "attachments"):
        assert kept.get(part) == before.get(part)
    for now, then in zip(kept["achievements"], before["achievements"], strict=True):
        assert then.pop("clause")  # of the teachers' criteria; the key means something else here
        assert now == then


def test_a_clause_of_the_same_key_never_stands_for_the_other_series_text(lab: ReviewRound) -> None:
    case = make_case()
    move(case, lab, make_actor(Role.UNIT_HR), "系列选错")
    found = [f for f in requirements.unmet(fresh(case), NOW) if f.field == "clause"]
    assert len(found) == len(case.achievements)


def test_the_move_is_told_frozen_and_judged_by_the_new_rules_from_then_on(lab: ReviewRound) -> None:
    case = make_case()
    move(case, lab, make_actor(Role.UNIT_HR), "系列选错")
    after = fresh(case)
    words = [str(line) for line in choice_changes.changed_words(after.history[-1])]
    assert words[0] == f"批次：{case.round.spec.title} → {lab.spec.title}"
    assert "round" in AuditEvent.objects.get(action="change_selection").detail["changed"]
    assert Submission.objects.get(application=case.id).content["committee"] == "lab-committee"
    assert RoundVersion.objects(round=lab, version=lab.version).count() == 1
    ReviewRound.objects(id=lab.id).update_one(inc__version=1)
    assert fresh(case).spec.series == "lab"


def test_the_applicant_moves_a_draft_without_a_reason(lab: ReviewRound) -> None:
    case = make_case(State.DRAFT)
    move(case, lab, applicant_of(case))
    assert (fresh(case).series, fresh(case).history) == ("lab", [])


def test_what_does_not_fit_in_the_other_round_is_refused_by_field(lab: ReviewRound) -> None:
    case = make_case()
    with pytest.raises(Invalid) as refused:
        move(case, lab, make_actor(Role.UNIT_HR), "系列选错", committee="teacher-committee")
    assert list(refused.value.fields) == ["committee"]
    assert fresh(case).series == "teacher"


def test_only_rounds_of_the_year_that_fit_the_person_are_offered(lab: ReviewRound) -> None:
    case = make_case(State.DRAFT)
    assert moving.targets(case, True, NOW) == [lab]
    ReviewRound.objects(id=lab.id).update_one(set__state=RoundState.CLOSED.value)
    assert moving.targets(case, True, NOW) == []
    assert [row.id for row in moving.targets(case, False, NOW)] == [lab.id]
    with pytest.raises(NotFound):
        move(case, ReviewRound.objects.get(id=lab.id), applicant_of(case))
    teacher = contents.make_complete(State.SUBMITTED, round=case.round)  # the roster says: teacher
    assert moving.targets(teacher, False, NOW) == []
    ReviewRound.objects(id=lab.id).update_one(set__year=2025)
    assert moving.targets(case, False, NOW) == []


def test_what_the_material_table_gave_keeps_the_case_in_its_round(lab: ReviewRound) -> None:
    """G24: it was agreed with HR for this round."""
    case = make_case()
    given = MaterialEntry(round=case.round, person=case.person, unit=case.unit, section="performance")
    given.name, given.staff_number, given.department = case.name, case.staff_number, case.department
    given.identity, given.created_at, given.updated_at = "1", NOW, NOW
    given.save()
    with pytest.raises(Refused, match="1 条内容，不能换批次"):
        move(case, lab, make_actor(Role.UNIT_HR), "系列选错")
    assert fresh(case).series == "teacher"


def test_what_the_other_round_does_not_ask_for_is_named_before(lab: ReviewRound) -> None:
    plain = make_round().spec.model_dump(mode="json")["sections"]
    field = {"key": "list", "label": {"zh": "清单"}, "type": "text"}
    own = {"key": "patents", "label": {"zh": "专利清单"}, "shape": "record", "fields": [field]}
    case = make_case(round=make_round(sections=[*plain, own]))
    left = moving.left_behind(case, lab.spec)
    assert (left.clauses, [str(part) for part in left.parts]) == (len(case.achievements), ["职业资格证书"])
    case.sections["patents"] = SectionRecord(values={"list": "两项"})
    assert [str(part) for part in moving.left_behind(case, lab.spec).parts] == ["专利清单", "职业资格证书"]
