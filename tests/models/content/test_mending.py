"""HR corrects a slip of the pen openly: frozen beside what was submitted, told, confirmed or objected to."""

from datetime import timedelta
from typing import Any

import pytest

from models.application import Application, Submission
from models.audit import AuditEvent
from models.choices import Action, Role, State
from models.mend import Mend
from models.outbox import OutboxRow
from models.sections import Entry
from panel.domain.actors import Actor, actor_of
from panel.domain.content import mending
from panel.domain.content.frozen import as_submitted, freeze
from panel.domain.errors import Invalid, NotFound, Refused, StaleWrite
from panel.domain.steps import workflow
from panel.services.prints.print_form import is_preview
from tests import steps
from tests.contents import make_complete
from tests.factories import NOW, applicant_of, fresh, make_actor, make_unit, make_user

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def hr() -> Actor:
    return make_actor(Role.UNIT_HR)


@pytest.fixture
def case() -> Application:
    made = make_complete(State.SUBMITTED)
    freeze(made, None, NOW)
    return made


def record_place(case: Application) -> mending.MendPlace:
    return next(place for place in mending.places(case) if not place.entry)


def entry_place(case: Application) -> mending.MendPlace:
    return next(place for place in mending.places(case) if place.entry and place.field.key == "name")


def mend(case: Application, place: mending.MendPlace, hr: Actor, value: str = "改正后的内容") -> Mend:
    return mending.mend(case, place, value, "少写一个字", place.typed, hr, LATER)


def test_a_field_of_a_record_is_corrected_and_the_submitted_one_kept(case: Application, hr: Actor) -> None:
    place = record_place(case)
    row = mend(case, place, hr)
    now = fresh(case)
    assert now.record(place.section.key).get(place.field.key) == "改正后的内容"
    assert (now.content_revision, now.receipt.content_revision) == (4, 3)
    assert now.hr_begun_at == LATER
    assert (row.before, row.after, row.reason) == (place.typed, "改正后的内容", "少写一个字")
    assert (row.state, row.by_name, row.at, row.content_revision) == ("waiting", hr.name, LATER, 4)
    kept = Submission.objects.get(application=case, content_revision=3)
    stored = kept.content["sections"][place.section.key]["values"][place.field.key]
    assert stored == place.typed


def test_a_field_of_an_entry_is_corrected_and_its_judgement_stays(case: Application, hr: Actor) -> None:
    from models.choices import Verdict
    from panel.domain.steps import judging

    place = entry_place(case)
    judging.judge(case, [place.entry], Verdict.ACCEPT, "", hr, NOW)
    judged = fresh(case)
    mend(judged, entry_place(judged), hr)
    entry = next(e for e in fresh(case).entries(place.section.key) if e.uid == place.entry)
    assert isinstance(entry, Entry)
    assert entry.get("name") == "改正后的内容"
    assert entry.judgement.verdict == "accept"
    others = [e.get("name") for e in fresh(case).entries(place.section.key) if e.uid != place.entry]
    assert "改正后的内容" not in others


def test_everybody_reads_the_corrected_content_and_it_prints_as_submitted(
    case: Application, hr: Actor
) -> None:
    place = record_place(case)
    mend(case, place, hr)
    now = fresh(case)
    assert as_submitted(now).record(place.section.key).get(place.field.key) == "改正后的内容"
    assert not is_preview(now)


def test_the_applicant_is_told_and_the_deed_is_on_record_without_its_words(
    case: Application, hr: Actor
) -> None:
    place = record_place(case)
    mend(case, place, hr)
    assert "人事代您更正了" in str(OutboxRow.objects.get(person=case.person).text)
    event = AuditEvent.objects.get(action="mend_content")
    assert event.detail == {"section": place.section.key, "field": place.field.key}
    assert event.reason == "少写一个字"


def publicise(case: Application, hr: Actor) -> Any:
    from models.choices import PublicityKind

    listed = steps.posted(PublicityKind.UNIT, case)
    return workflow.run(Action.PUBLICISE, case, hr, LATER, publicity=listed)


def plain_case() -> Application:
    made = make_complete(State.SUBMITTED, round=steps.plain_round())
    freeze(made, None, NOW)
    from panel.domain.steps import judging

    judging.accept_rest(made, make_actor(Role.UNIT_HR), NOW)
    return fresh(made)


def test_publicity_waits_for_the_applicants_word(hr: Actor) -> None:
    case = plain_case()
    row = mend(case, record_place(case), hr)
    with pytest.raises(Refused, match="1 处代为更正还没有得到申报人确认"):
        publicise(fresh(case), hr)
    mending.answer(row, False, "原来的没有错", applicant_of(case), LATER)
    with pytest.raises(Refused, match="1 处代为更正"):
        publicise(fresh(case), hr)
    mending.answer(row, True, "", applicant_of(case), LATER)
    assert publicise(fresh(case), hr).state == State.UNIT_PUBLICITY


def test_what_was_taken_back_no_longer_holds_it_up(hr: Actor) -> None:
    case = plain_case()
    place = record_place(case)
    row = mend(case, place, hr)
    mending.answer(row, False, "原来的没有错", applicant_of(case), LATER)
    mending.restore(fresh(case), fresh_row(row), hr, LATER)
    now = fresh(case)
    assert now.record(place.section.key).get(place.field.key) == place.typed
    assert fresh_row(row).state == "restored"
    assert not is_preview(now)
    assert publicise(now, hr).state == State.UNIT_PUBLICITY
    with pytest.raises(Refused, match="已经答复过"):
        mending.answer(fresh_row(row), True, "", applicant_of(case), LATER)


def fresh_row(row: Mend) -> Mend:
    return Mend.objects.get(id=row.id)


def test_what_changed_since_is_not_overwritten(case: Application, hr: Actor) -> None:
    row = mend(case, record_place(case), hr)
    now = fresh(case)
    mend(now, record_place(now), hr, "再改一次")
    with pytest.raises(Refused, match="后来又改过"):
        mending.restore(fresh(case), row, hr, LATER)


def test_an_old_page_or_a_write_in_between_changes_nothing(case: Application, hr: Actor) -> None:
    place = record_place(case)
    with pytest.raises(Refused, match="刚被改过"):
        mending.mend(case, place, "新", "笔误", "别的内容", hr, LATER)
    mend(case, place, hr)
    with pytest.raises(StaleWrite):
        mend(case, place, hr, "同时改的")
    assert fresh(case).record(place.section.key).get(place.field.key) == "改正后的内容"
    assert Mend.objects.count() == 1
    assert Submission.objects(application=case).count() == 2


@pytest.mark.parametrize(
    ("value", "reason", "wrong"),
    [("", "笔误", "value"), ("新", "", "reason"), ("新", "字" * 301, "reason"), (None, "笔误", "value")],
    ids=["emptied", "no reason", "long reason", "unchanged"],
)
def test_a_correction_needs_a_change_and_a_reason(
    case: Application, hr: Actor, value: str | None, reason: str, wrong: str
) -> None:
    place = record_place(case)
    typed = place.typed if value is None else value
    with pytest.raises(Invalid) as refusal:
        mending.mend(case, place, typed, reason, place.typed, hr, LATER)
    assert list(refusal.value.fields) == [wrong]
    assert Mend.objects.count() == 0
    assert fresh(case).content_revision == 3


def test_choices_secrets_files_and_the_rosters_are_not_offered(case: Application) -> None:
    offered = list(mending.places(case))
    assert offered
    for place in offered:
        assert not place.field.encrypted
        assert not place.field.locked
        assert not place.field.source
        assert place.field.type in ("text", "long_text", "number", "date", "month", "unit", "person")
    keys = {(place.section.key, place.field.key) for place in offered}
    assert ("basic", "id_number") not in keys
    assert ("basic", "phone") not in keys
    with pytest.raises(NotFound):
        mending.place_of(case, "basic", "", "id_number")


def test_only_hr_of_the_unit_corrects_and_nobody_their_own_case(case: Application, hr: Actor) -> None:
    place = record_place(case)
    elsewhere = make_actor(Role.UNIT_HR, unit=make_unit(code="other", name="外校"))
    own = actor_of(make_user(Role.UNIT_HR, person=case.person))
    others = [make_actor(role) for role in (Role.OFFICE, Role.SUPERVISOR, Role.ENDORSER, Role.EXPERT)]
    for actor in (elsewhere, own, *others):
        with pytest.raises(NotFound):
            mend(case, place, actor)
    assert Mend.objects.count() == 0


@pytest.mark.parametrize("state", [State.RETURNED, State.UNIT_PUBLICITY, State.PANEL], ids=str)
def test_only_a_case_being_checked_is_corrected(state: State, hr: Actor) -> None:
    case = make_complete(state)
    with pytest.raises(Refused, match="只有待单位审核"):
        mend(case, record_place(case), hr)


def test_nobody_but_the_applicant_answers(case: Application, hr: Actor) -> None:
    row = mend(case, record_place(case), hr)
    for actor in (hr, actor_of(make_user()), make_actor(Role.SUPERVISOR)):
        with pytest.raises(NotFound):
            mending.answer(row, True, "", actor, LATER)
    with pytest.raises(Invalid):
        mending.answer(row, False, "  ", applicant_of(case), LATER)
    assert fresh_row(row).state == "waiting"
