"""Starting an application, changing what it is for, confirming, following the roster (G04-G08)."""

from datetime import date
from typing import Any

import pytest

import models
from models.application import Application, Submission
from models.audit import AuditEvent
from models.choices import Role, State
from models.field_spec import Text
from models.outbox import OutboxRow
from models.person import Person
from models.review_round import Extension
from models.sections import Receipt
from models.unit import Unit
from models.values import PartialDate
from panel.domain.actors import Actor, actor_of
from panel.domain.content import choice_changes, choosing, frozen
from panel.domain.content.roster import refresh_from_roster
from panel.domain.content.start import Selection, confirm_on_behalf, create
from panel.domain.errors import Invalid, NotEditable, NotFound, Refused
from panel.domain.people import roster
from panel.domain.people.roster_columns import Vocabulary
from tests import contents, factories
from tests.factories import (
    NOW,
    applicant_of,
    fresh,
    make_actor,
    make_application,
    make_person,
    make_record,
    make_round,
    make_user,
    stored,
)
from tests.models.test_transactions import at_once

pytestmark = pytest.mark.usefixtures("database")
PROMOTION = Selection("promotion", "associate", "teacher-committee", "computer_science")


def signed_in(person: Person) -> Actor:
    return actor_of(make_user(person=person, name=person.name))


def start(
    person: Person | None = None, round_: Any = None, selection: Selection = PROMOTION, **options: Any
) -> Application:
    who = person or make_person()
    actor = options.pop("actor", None) or signed_in(who)
    return create(who, round_ or make_round(), selection, options.pop("pledge", True), actor, NOW)


# --- starting --------------------------------------------------------------------------------------


def test_a_draft_is_filled_in_from_the_roster() -> None:
    person = make_person(name="周文博", id_number="420106198603120021", phone="13900001111")
    case = fresh(start(person))
    basic = case.record("basic")
    assert (case.state, case.is_live, case.year, case.series) == ("draft", True, 2026, "teacher")
    assert (case.name, case.department, case.department_name) == ("周文博", "cs", "信息工程学院")
    assert (basic.get("name"), basic.get("id_number")) == ("周文博", "420106198603120021")
    assert basic.get("birth_date") == "1986-03-12"
    assert case.record("qualification").get("title1_approved_on") == "2018-12-20"
    assert (case.unit, case.recommending_unit) == (person.unit, person.unit)
    assert case.search == ["周文博", "zhouwenbo", "zwb", person.staff_number.lower()]
    for secret in ("420106198603120021", "13900001111"):
        assert secret not in str(stored(case))


def test_the_pledge_is_recorded_with_its_text_version() -> None:
    """G06: who, when, which text version."""
    case = fresh(start())
    (pledge,) = case.pledges
    assert (pledge.purpose, pledge.at, pledge.text_version) == ("start", NOW, "2026-1")
    assert AuditEvent.objects(action="start").count() == 1


def test_without_the_pledge_nothing_starts() -> None:
    with pytest.raises(Invalid) as refused:
        start(pledge=False)
    assert list(refused.value.fields) == ["pledge"]
    assert Application.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "first"}, "kind"),
        ({"kind": "x"}, "kind"),
        ({"level": "senior"}, "level"),
        ({"level": "x"}, "level"),
        ({"committee": "lab-committee"}, "committee"),
        ({"speciality": "x"}, "speciality"),
    ],
)
def test_only_what_fits_the_person_can_be_chosen(change: dict[str, str], field: str) -> None:
    """G07, R06."""
    values = {name: getattr(PROMOTION, name) for name in ("kind", "level", "committee", "speciality")}
    with pytest.raises(Invalid) as refused:
        start(selection=Selection(**(values | change)))
    assert field in refused.value.fields


def test_a_speciality_that_the_committee_does_not_judge_is_refused() -> None:
    committee = {
        "key": "teacher-committee",
        "name": "评委会",
        "specialities": ["mathematics"],
    }
    round_ = make_round(committees=[committee])
    with pytest.raises(Invalid) as refused:
        start(round_=round_)
    assert list(refused.value.fields) == ["speciality"]
    assert start(
        round_=round_, selection=Selection("promotion", "associate", "teacher-committee", "mathematics")
    )


def test_an_exceptional_application_may_skip_a_level() -> None:
    """R06: 破格."""
    selection = Selection("promotion", "senior", "teacher-committee", "computer_science", exceptional=True)
    assert fresh(start(selection=selection)).exceptional is True


def test_nobody_starts_for_somebody_else() -> None:
    for actor in (make_actor(Role.UNIT_HR), make_actor(Role.ADMIN), signed_in(make_person())):
        with pytest.raises(NotFound):
            start(actor=actor)


def test_outside_the_window_nothing_starts_but_for_those_extended() -> None:
    dates = {
        "opens": "2026-06-01",
        "closes": "2026-09-14",
        "achievements_until": "2026-06-30",
        "years_until": "2026-12-31",
    }
    round_ = make_round(dates=dates)
    person = make_person()
    with pytest.raises(Refused, match="申报时间"):
        start(person, round_, actor=signed_in(person))
    Extension(
        unit=factories.make_unit(),
        round=round_,
        people=[person],
        until=date(2026, 9, 20),
        reason="出差",
        at=NOW,
    ).save()
    actor = actor_of(models.User.objects(person=person).first())
    assert start(person, round_, actor=actor)


def test_a_second_application_in_the_same_year_is_refused_in_words() -> None:
    person = make_person()
    actor = signed_in(person)
    start(person, actor=actor)
    with pytest.raises(Refused, match="今年已有一份申报"):
        start(person, make_round(kinds=["promotion"]), actor=actor)
    assert Application.objects.count() == 1
    assert AuditEvent.objects(action="start").count() == 1


def test_after_giving_up_one_may_start_again() -> None:
    person = make_person()
    actor = signed_in(person)
    first = start(person, actor=actor)
    Application.objects(id=first.id).update_one(set__is_live=False, set__state=State.WITHDRAWN.value)
    assert start(person, actor=actor).id != first.id


def test_of_six_starts_at_the_same_moment_one_wins() -> None:
    person, round_ = make_person(), make_round()
    actor = signed_in(person)
    outcomes = at_once(*[lambda: start(person, round_, actor=actor)] * 6)
    assert len([row for row in outcomes if isinstance(row, Application)]) == 1
    assert len([row for row in outcomes if isinstance(row, Refused)]) == 5
    assert Application.objects.count() == 1


# --- changing what it is for -----------------------------------------------------------------------


def change(case: Application, actor: Actor, reason: str = "", **values: Any) -> None:
    given = {
        name: getattr(case, name) for name in ("kind", "level", "committee", "speciality", "exceptional")
    }
    choosing.change_selection(case, Selection(**(given | values)), actor, NOW, reason)


def test_a_wrong_choice_is_changed_and_all_content_kept() -> None:
    case = contents.make_complete()
    before = stored(case)
    change(case, applicant_of(case), level="senior", exceptional=True)
    after = stored(case)
    assert (after["level"], after["exceptional"], after["content_revision"]) == ("senior", True, 4)
    for part in ("sections", "education", "achievements", "attachments"):
        assert after[part] == before[part]


def test_the_edition_follows_the_choice() -> None:
    """G22: who joined before 2018 and applies for lecturer is judged by the criteria of 2017."""
    person = make_person(joined_on=PartialDate(2015, 7), title_level="junior", title="助教")
    case = make_application(person=person, level="middle", edition="2025")
    change(case, applicant_of(case), speciality="mathematics")
    assert fresh(case).edition == "2017"


def test_choosing_the_same_again_changes_nothing() -> None:
    case = make_application(edition="2025")
    change(case, applicant_of(case))
    assert (fresh(case).revision, AuditEvent.objects.count()) == (0, 0)


def test_units_can_be_chosen_in_the_draft() -> None:
    """G04, G05: those that the round names."""
    case = make_application(edition="2025", round=make_round(other_units=["other"]))
    other = Unit(code="other", name="江城大学").save()
    change(case, applicant_of(case), recommending_unit=other)
    assert fresh(case).recommending_unit == other


def test_the_applicant_cannot_change_the_choice_after_submitting() -> None:
    for state in (State.SUBMITTED, State.RETURNED, State.UNIT_PUBLICITY):
        case = make_application(state)
        with pytest.raises(NotEditable):
            change(case, applicant_of(case), speciality="mathematics")


def test_hr_changes_a_wrong_choice_until_publicity_with_a_reason() -> None:
    case = contents.make_complete(State.SUBMITTED)
    hr = make_actor(Role.UNIT_HR)
    with pytest.raises(Invalid) as refused:
        change(case, hr, speciality="mathematics")
    assert list(refused.value.fields) == ["reason"]
    change(case, hr, "专业选错", speciality="mathematics")
    after = fresh(case)
    assert (after.speciality, after.content_revision) == ("mathematics", 4)
    event = AuditEvent.objects(action="change_selection").get()
    assert (event.reason, event.detail) == ("专业选错", {"changed": ["speciality"]})
    assert event.role == "unit_hr"
    assert "专业选错" in str(OutboxRow.objects.get().text)


def test_what_hr_changes_stands_in_the_history_in_words_and_ends_recalling() -> None:
    case = contents.make_complete(State.SUBMITTED)
    change(case, make_actor(Role.UNIT_HR, name="林人事"), "级别选错", level="senior", exceptional=True)
    after = fresh(case)
    step = after.history[-1]
    assert (step.by_name, step.role, step.reason) == ("林人事", "unit_hr", "级别选错")
    assert (step.from_state, step.to_state) == (State.SUBMITTED, State.SUBMITTED)
    words = [str(line) for line in choice_changes.changed_words(step)]
    assert words == ["破格申报：否 → 是", "级别：副教授 → 教授"]
    assert choice_changes.last_change(after) == step
    assert after.hr_begun_at == NOW


def test_what_the_applicant_changes_in_a_draft_is_no_step() -> None:
    case = contents.make_complete()
    change(case, applicant_of(case), speciality="mathematics")
    assert (fresh(case).history, choice_changes.last_change(fresh(case))) == ([], None)


def test_what_hr_changes_after_submitting_is_frozen_anew() -> None:
    """The archive holds both: what was handed in and what was judged."""
    case = contents.make_complete(State.SUBMITTED)
    change(case, make_actor(Role.UNIT_HR), "专业选错", speciality="mathematics")
    kept = Submission.objects(application=case.id).get()
    assert (kept.content_revision, kept.content["speciality"]) == (4, "mathematics")
    assert frozen.as_submitted(fresh(case)).speciality == "mathematics"


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.UNIT_PUBLICITY, State.PANEL])
def test_hr_changes_no_choice_before_submission_or_after_publicity(state: State) -> None:
    case = make_application(state)
    with pytest.raises(NotEditable):
        change(case, make_actor(Role.UNIT_HR), "理由", speciality="mathematics")


def test_hr_of_another_unit_changes_nothing() -> None:
    other = Unit(code="other", name="江城大学").save()
    with pytest.raises(NotEditable):
        change(
            make_application(State.SUBMITTED),
            make_actor(Role.UNIT_HR, unit=other),
            "理由",
            speciality="english",
        )


def test_hr_does_not_change_their_own_choice_as_hr() -> None:
    person = make_person()
    case = make_application(State.SUBMITTED, person=person)
    with pytest.raises(NotEditable):
        change(case, make_actor(Role.UNIT_HR, person=person), "理由", speciality="mathematics")


# --- confirming what HR submitted ------------------------------------------------------------------


def on_behalf(**values: Any) -> Application:
    receipt = Receipt(number="202601", at=NOW, sha256="0" * 64, content_revision=3, on_behalf=True)
    return make_application(State.SUBMITTED, receipt=receipt, **values)


def test_the_applicant_confirms_with_the_pledge() -> None:
    case = on_behalf()
    with pytest.raises(Invalid):
        confirm_on_behalf(case, False, applicant_of(case), NOW)
    confirm_on_behalf(case, True, applicant_of(case), NOW)
    after = fresh(case)
    assert after.receipt.confirmed_at == NOW
    assert (after.pledges[-1].purpose, after.content_revision) == ("confirm", 3)
    with pytest.raises(Refused):
        confirm_on_behalf(after, True, applicant_of(case), NOW)


def test_nobody_else_confirms() -> None:
    with pytest.raises(NotFound):
        confirm_on_behalf(on_behalf(), True, make_actor(Role.UNIT_HR), NOW)


def test_there_is_nothing_to_confirm_of_ones_own_submission_or_later() -> None:
    for case in (make_application(State.SUBMITTED), on_behalf_withdrawn()):
        with pytest.raises(Refused, match="没有需要确认"):
            confirm_on_behalf(case, True, applicant_of(case), NOW)


def on_behalf_withdrawn() -> Application:
    case = on_behalf()
    Application.objects(id=case.id).update_one(set__state=State.WITHDRAWN.value)
    return fresh(case)


# --- following the roster --------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.CORRECTION])
def test_a_correction_of_the_roster_reaches_what_is_in_hand(state: State) -> None:
    case = make_application(state, sections={"basic": make_record(name="林晓静", school="华中科技大学")})
    Person.objects(id=case.person.id).update_one(set__name="林晓婧", set__department="me")
    assert refresh_from_roster(fresh(case), NOW) is True
    after = fresh(case)
    basic = after.record("basic")
    assert (basic.get("name"), basic.get("school"), basic.version) == ("林晓婧", "华中科技大学", 2)
    assert (after.name, after.department, after.department_name) == ("林晓婧", "me", "机械工程学院")
    assert "linxiaojing" in after.search
    assert after.content_revision == 4
    assert refresh_from_roster(fresh(case), NOW) is False


def test_what_was_submitted_stays_as_it_was() -> None:
    case = make_application(State.SUBMITTED, sections={"basic": make_record(name="林晓静")})
    Person.objects(id=case.person.id).update_one(set__name="林晓婧")
    assert refresh_from_roster(fresh(case), NOW) is False
    assert fresh(case).name == "林晓静"


def test_a_corrected_id_number_is_sealed_in_the_draft() -> None:
    case = fresh(start(make_person(id_number="420106198603120021")))
    person = case.person
    person.id_number = "420106198603120048"
    person.save()
    assert refresh_from_roster(fresh(case), NOW) is True
    assert fresh(case).record("basic").get("id_number") == "420106198603120048"
    assert "420106198603120048" not in str(stored(case))
    assert refresh_from_roster(fresh(case), NOW) is False


def test_what_the_roster_loses_disappears_from_the_locked_field() -> None:
    case = fresh(start())
    Person.objects(id=case.person.id).update_one(unset__birth_date=1)
    refresh_from_roster(fresh(case), NOW)
    assert "birth_date" not in stored(case)["sections"]["basic"]["values"]


def test_a_change_of_department_alone_is_no_change_of_content() -> None:
    case = fresh(start())
    Person.objects(id=case.person.id).update_one(set__department="me")
    assert refresh_from_roster(fresh(case), NOW) is True
    assert (fresh(case).department, fresh(case).content_revision) == ("me", 0)


def test_hrs_edit_of_the_roster_reaches_the_draft_at_once() -> None:
    case = fresh(start())
    person = case.person
    words = Vocabulary(
        departments={"cs": "信息工程学院"},
        units={"jcut": person.unit},
        series={"teacher": Text(zh="高校教师")},
        levels={"middle": Text(zh="中级")},
        specialities={},
    )
    raw = {
        "version": "1",
        "staff_number": person.staff_number,
        "name": "林晓婧",
        "department": "cs",
        "in_service": "1",
    }
    roster.save(person, person.unit, raw, words, make_actor(Role.UNIT_HR), NOW)
    assert (fresh(case).name, fresh(case).record("basic").get("name")) == ("林晓婧", "林晓婧")
