"""Every step that is built, taken on the real database: state, history, audit, notice, revision."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from models import choices
from models.application import Application, Submission
from models.audit import AuditEvent
from models.certificate import Certificate
from models.choices import Action, Role, State
from models.messages import PingshenError
from models.outbox import OutboxRow
from models.review_round import RoundVersion
from models.sections import Receipt
from models.unit import Unit
from panel.domain.actors import SYSTEM
from panel.domain.checks.case_content import CaseContent
from panel.domain.content import files, frozen, section_records
from panel.domain.content.start import confirm_on_behalf
from panel.domain.errors import NotFound, Refused
from panel.domain.steps import judging, workflow
from panel.domain.steps.transitions import TABLE
from tests import contents, steps
from tests.factories import (
    NOW,
    applicant_of,
    fresh,
    make_actor,
    make_application,
    make_person,
    make_round,
    stored,
)
from tests.steps import READY, Ready

pytestmark = pytest.mark.usefixtures("database")

#: From where to where, in which role, by hand; steps of the applicant's own tell nobody else.
LEADS: dict[str, tuple[str, str, str]] = {
    "submit": ("draft", "submitted", "applicant"),
    "recall": ("submitted", "draft", "applicant"),
    "endorse": ("submitted", "submitted", "endorser"),
    "return": ("submitted", "returned", "unit_hr"),
    "resubmit": ("returned", "submitted", "applicant"),
    "reject": ("submitted", "not_recommended", "unit_hr"),
    "publicise": ("submitted", "unit_publicity", "unit_hr"),
    "recommend": ("unit_publicity", "panel", "unit_hr"),
    "object": ("unit_publicity", "on_hold", "unit_hr"),
    "dismiss": ("on_hold", "unit_publicity", "unit_hr"),
    "uphold": ("on_hold", "disqualified", "unit_hr"),
    "lapse": ("returned", "lapsed", "system"),
    "reinstate": ("lapsed", "returned", "unit_hr"),
    "accept": ("office_review", "panel", "office"),
    "table": ("panel", "ballot", "office"),
    "close": ("ballot", "passed", "chair"),
    "publicise_result": ("passed", "result_publicity", "office"),
    "confirm": ("result_publicity", "confirmed", "office"),
    "issue": ("confirmed", "certified", "office"),
    "withdraw": ("draft", "withdrawn", "applicant"),
}
#: Told by other means: the receipt itself, the meeting, the colleague's opinion, one's own click.
SILENT = {"recall", "endorse", "table"}
BUILT = sorted({row.action for row in TABLE if row.built})


def test_every_built_step_is_tried_here() -> None:
    assert set(READY) == set(BUILT)
    assert set(LEADS) == {action.value for action in BUILT}


@pytest.mark.parametrize("action", BUILT, ids=str)
def test_a_step_leads_on_and_is_recorded_whole(action: Action) -> None:
    ready = READY[action]()
    start, end, role = LEADS[action.value]
    before = fresh(ready.case)
    assert before.state == start
    after = ready.run()
    assert (after.state, after.revision, after.updated_at) == (end, before.revision + 1, NOW)
    step = after.history[len(before.history)]
    assert (step.action, step.from_state, step.role, step.by, step.by_name, step.at) == (
        action.value,
        start,
        role,
        ready.actor.user_id,
        ready.actor.name,
        NOW,
    )
    event = AuditEvent.objects(action=action.value).get()
    assert (event.actor, event.role, event.thing, event.thing_id, event.unit, event.at) == (
        ready.actor.user_id,
        role,
        "applications",
        str(after.id),
        after.unit.id,
        NOW,
    )
    assert event.reason == step.reason == ready.data.get("reason")
    notices = list(OutboxRow.objects)
    assert len(notices) == (0 if action.value in SILENT else 1)
    assert all(row.person == after.person and str(after.id) in row.link for row in notices)


@pytest.mark.parametrize("action", BUILT, ids=str)
def test_a_step_is_offered_before_it_is_taken(action: Action) -> None:
    ready = READY[action]()
    # nobody is offered what the clock does by itself
    assert ready.sees() is (False if action is Action.LAPSE else None)


@pytest.mark.parametrize("action", [action for action in BUILT if action is not Action.ENDORSE], ids=str)
def test_a_step_of_an_old_page_is_refused_with_words(action: Action) -> None:
    """Endorsing alone leaves the state as it is."""
    ready = READY[action]()
    ready.run()
    assert fresh(ready.case).state != ready.case.state
    before = stored(ready.case)
    with pytest.raises(Refused, match="已变为"):
        ready.run()
    assert stored(ready.case) == before


@pytest.mark.parametrize("action", BUILT, ids=str)
def test_nobody_takes_a_step_without_the_right(action: Action) -> None:
    ready = READY[action]()
    other = Unit(code="other", name="江城大学").save()
    strangers = [
        make_actor(),
        make_actor(Role.UNIT_HR, Role.ENDORSER, Role.SUPERVISOR, unit=other),
        make_actor(Role.OFFICE, Role.CHAIR, Role.EXPERT, committee="lab-committee"),
        make_actor(Role.ADMIN),
        applicant_of(make_application()),
    ]
    before = stored(ready.case)
    for stranger in strangers:
        ready.actor = stranger
        assert ready.sees() is False
        with pytest.raises(Refused, match="没有权限"):
            ready.run()
    assert stored(ready.case) == before
    assert AuditEvent.objects.count() == OutboxRow.objects.count() == 0


@pytest.mark.parametrize(
    "action",
    # one that is forgotten above is named there
    [a for a in BUILT if a.value in LEADS and LEADS[a.value][2] not in ("applicant", "system")],
    ids=str,
)
def test_nobody_takes_a_step_of_others_on_their_own_case(action: Action) -> None:
    """Whoever holds every role still is only the applicant of their own case."""
    ready = READY[action]()
    ready.actor = make_actor(
        Role.UNIT_HR, Role.ENDORSER, Role.OFFICE, Role.CHAIR, person=ready.case.person, department="cs"
    )
    with pytest.raises(Refused, match="本人的申报"):
        ready.run()


@pytest.mark.parametrize("action", [Action.REJECT, Action.DISMISS, Action.UPHOLD, Action.REINSTATE], ids=str)
@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_a_negative_step_needs_a_reason(action: Action, reason: Any) -> None:
    ready = READY[action]()
    with pytest.raises(Refused, match="写明理由"):
        ready.run(reason=reason)
    assert fresh(ready.case).state == ready.case.state


def test_a_reason_is_kept_trimmed_and_has_its_measure() -> None:
    ready = steps.reject()
    with pytest.raises(Refused, match="2000"):
        ready.run(reason="长" * 2001)
    after = ready.run(reason="  业绩不足 \n")
    assert after.history[-1].reason == "业绩不足"


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("on_hold", "strike"),
        ("office_review", "correct"),
        ("office_review", "refuse"),
        ("office_review", "recognise"),
        ("office_review", "send_out"),
        ("external_review", "close_external"),
        ("certified", "revoke"),
        ("failed", "reopen"),
        ("disqualified", "reopen"),
    ],
)
def test_a_step_that_is_not_built_is_refused_and_not_offered(state: str, action: str) -> None:
    case = make_application(State(state), held_from="result_publicity")
    for actor in (steps.hr(), steps.office()):
        with pytest.raises(Refused, match="本版本还不提供"):
            workflow.run(Action(action), case, actor, NOW, reason="理由")
        assert action not in {offer.action for offer in workflow.available(CaseContent(case, NOW), actor)}


def test_a_step_from_a_state_that_does_not_know_it_is_refused_with_both_words() -> None:
    with pytest.raises(Refused, match="“填报中”状态下不能公示"):
        workflow.run(Action.PUBLICISE, make_application(), steps.hr(), NOW)


def test_a_step_on_what_is_gone_is_not_found() -> None:
    case = make_application(State.SUBMITTED)
    Application.objects(id=case.id).delete()
    with pytest.raises(NotFound):
        workflow.run(Action.REJECT, case, steps.hr(), NOW, reason="理由")


# --- submitting ------------------------------------------------------------------------------------


def test_submitting_freezes_the_content_and_gives_a_receipt() -> None:
    ready = steps.submit()
    after = ready.run()
    receipt = after.receipt
    assert (receipt.number, receipt.at, receipt.content_revision) == ("20260100001", NOW, 3)
    assert (after.number, after.submitted_at, receipt.on_behalf) == ("20260100001", NOW, False)
    kept = Submission.objects(application=after.id).get()
    assert (kept.sha256, kept.form_sha256, kept.content_revision) == (receipt.sha256, "cd" * 32, 3)
    assert frozen.content_hash(kept.content) == receipt.sha256
    assert frozen.content_hash(frozen.content_of(after)) == receipt.sha256
    assert (after.pledges[-1].purpose, after.pledges[-1].content_revision) == ("submit", 3)
    assert after.history[-1].detail == {"sha256": receipt.sha256, "content_revision": 3}


def test_the_rules_of_the_submission_are_kept_when_the_round_changes() -> None:
    ready = steps.submit(round=make_round(quotas={}))
    after = ready.run()
    round_ = after.round
    data = dict(round_.data) | {"quotas": {"associate": 7}}
    round_.data, round_.version = data, round_.version + 1
    round_.save()
    assert fresh(after).spec.quotas == {}
    assert RoundVersion.objects(round=round_.id, version=after.round_version).count() == 1


def test_recalling_and_submitting_again_keeps_number_and_frozen_content() -> None:
    first = steps.submit().run()
    actor = applicant_of(first)
    draft = workflow.run(Action.RECALL, first, actor, NOW)
    assert (draft.state, draft.number, draft.receipt.content_revision) == ("draft", first.number, 3)
    again = workflow.run(Action.SUBMIT, draft, actor, NOW + timedelta(hours=1), pledge=True)
    assert (again.number, again.receipt.sha256) == (first.number, first.receipt.sha256)
    assert Submission.objects(application=first.id).count() == 1


def test_a_recalled_and_changed_application_leaves_both_submissions() -> None:
    first = steps.submit().run()
    actor = applicant_of(first)
    draft = workflow.run(Action.RECALL, first, actor, NOW)
    section_records.save_record(draft, "basic", {"school": "武汉大学"}, 1, actor, NOW)
    files.record_preview(fresh(first), 4, "ef" * 32, actor, NOW)
    again = workflow.run(Action.SUBMIT, fresh(first), actor, NOW, pledge=True)
    kept = list(Submission.objects(application=first.id).order_by("content_revision"))
    assert [row.content_revision for row in kept] == [3, 4]
    assert [row.content["sections"]["basic"]["values"]["school"] for row in kept] == [
        "华中科技大学",
        "武汉大学",
    ]
    assert again.receipt.sha256 == kept[1].sha256 != kept[0].sha256


def test_hr_submits_on_behalf_and_the_applicant_confirms() -> None:
    """代提交: nobody can tick the pledge for another."""
    ready = steps.submit(round=steps.plain_round())
    applicant = ready.actor
    ready.actor = steps.hr()
    after = ready.run(pledge=False)
    assert (after.receipt.on_behalf, after.receipt.confirmed_at, list(after.pledges)) == (True, None, [])
    assert after.history[-1].role == "unit_hr"
    assert "代您提交" in str(OutboxRow.objects.get().text)
    publicise = {"publicity": steps.posted(choices.PublicityKind.UNIT, after)}
    judging.accept_rest(after, steps.hr(), NOW)
    with pytest.raises(Refused, match="申报人尚未确认"):
        workflow.run(Action.PUBLICISE, after, steps.hr(), NOW, **publicise)
    confirm_on_behalf(fresh(after), True, applicant, NOW)
    assert workflow.run(Action.PUBLICISE, after, steps.hr(), NOW, **publicise).state == "unit_publicity"


# --- return, lapse, reinstatement ------------------------------------------------------------------


def test_a_return_keeps_its_whole_list_and_what_was_looked_at() -> None:
    """R09."""
    submitted = steps.submit().run()
    ready = steps.send_back()
    after = workflow.run(Action.RETURN, submitted, ready.actor, NOW, **ready.data)
    (row,) = after.returns
    assert [(i.section, i.field, i.text) for i in row.items] == [("basic", "school", "请写毕业学校的全称")]
    assert row.deadline == after.deadline == datetime(2026, 9, 20, 15, 59, 59, 999000, tzinfo=UTC)
    assert row.submission == Submission.objects.get().id
    assert after.hr_begun_at == NOW
    notice = OutboxRow.objects.order_by("-id").first()
    assert notice.text.params == {"day": date(2026, 9, 20)}


def test_what_comes_back_can_be_recalled_no_more() -> None:
    after = steps.resubmit(hr_begun_at=NOW).run()
    assert (after.state, after.deadline) == ("submitted", None)
    with pytest.raises(Refused, match="已开始审核"):
        workflow.run(Action.RECALL, after, applicant_of(after), NOW)


def test_resubmitting_keeps_the_rules_of_the_first_submission() -> None:
    ready = steps.resubmit(round_version=1)
    round_ = ready.case.round
    round_.version = 2
    round_.save()
    RoundVersion(round=round_, version=2, data=round_.data, at=NOW).save()
    assert ready.run().round_version == 1


def test_the_clock_lapses_what_is_late_and_nothing_else() -> None:
    late = make_application(State.RETURNED, deadline=steps.OVER)
    corrected_late = make_application(State.CORRECTION, deadline=steps.OVER)
    last_moment = make_application(State.RETURNED, deadline=NOW)
    in_time = make_application(State.RETURNED, deadline=NOW + timedelta(days=1))
    answered = make_application(State.SUBMITTED, deadline=steps.OVER)
    assert {case.id for case, _ in workflow.due(NOW)} == {late.id, corrected_late.id}
    assert workflow.sweep_due(NOW) == 2
    assert workflow.sweep_due(NOW) == 0
    states = [fresh(case).state for case in (late, corrected_late, last_moment, in_time, answered)]
    assert states == ["lapsed", "lapsed", "returned", "returned", "submitted"]
    assert (fresh(late).lapsed_from, fresh(corrected_late).lapsed_from) == ("returned", "correction")
    assert fresh(late).history[-1].by_name == SYSTEM.name


def test_one_broken_case_does_not_keep_the_others_from_lapsing(caplog: pytest.LogCaptureFixture) -> None:
    broken = make_application(State.RETURNED, deadline=steps.OVER - timedelta(days=1))
    good = make_application(State.RETURNED, deadline=steps.OVER)
    Application._get_collection().update_one({"_id": broken.id}, {"$set": {"revision": "broken"}})
    assert workflow.sweep_due(NOW) == 1
    assert fresh(good).state == "lapsed"
    assert str(broken.id) in caplog.text


def test_reinstating_leads_back_to_where_it_lapsed_with_a_new_deadline() -> None:
    ready = steps.reinstate(lapsed_from="correction")
    after = ready.run()
    assert (after.state, after.lapsed_from) == ("correction", None)
    assert after.deadline == datetime(2026, 9, 25, 15, 59, 59, 999000, tzinfo=UTC)


def test_the_office_reinstates_what_lapsed_with_it() -> None:
    ready = steps.reinstate(lapsed_from="correction")
    ready.actor = steps.office()
    assert ready.run().state == "correction"


def test_withdrawing_frees_the_year() -> None:
    person = make_person()
    after = steps.withdraw(person=person).run()
    assert after.is_live is False
    assert make_application(person=person).is_live is True


# --- recommendation, objection, vote, certificate --------------------------------------------------


def test_a_merged_office_recommends_and_accepts_in_one_click_and_records_both() -> None:
    after = steps.recommend().run()
    assert after.state == "panel"
    assert [(s.action, s.from_state, s.to_state) for s in after.history[-2:]] == [
        ("recommend", "unit_publicity", "office_review"),
        ("accept", "office_review", "panel"),
    ]
    assert [e.action for e in AuditEvent.objects.order_by("id")] == ["recommend", "accept"]
    assert [e.detail for e in AuditEvent.objects.order_by("id")] == [{"to": "office_review"}, {"to": "panel"}]


def test_where_unit_and_office_are_two_a_recommendation_waits_for_the_office() -> None:
    after = steps.recommend(round=make_round(merged=False)).run()
    assert (after.state, after.history[-1].action) == ("office_review", "recommend")
    assert workflow.run(Action.ACCEPT, after, steps.office(), NOW).state == "panel"


def test_a_level_with_external_review_does_not_skip_it_in_one_click() -> None:
    after = steps.recommend(round=make_round(external_review_levels=["associate"])).run()
    assert after.state == "office_review"
    with pytest.raises(Refused, match="送审"):
        workflow.run(Action.ACCEPT, after, steps.office(), NOW)


@pytest.mark.parametrize("state", [State.UNIT_PUBLICITY, State.RESULT_PUBLICITY])
def test_an_objection_holds_the_case_and_its_dismissal_leads_back(state: State) -> None:
    held = steps.hold(state).run()
    assert (held.state, held.held_from) == ("on_hold", state.value)
    dismissed = steps.settle(Action.DISMISS, held_from=state).run()
    assert (dismissed.state, dismissed.held_from) == (state.value, None)


def test_a_vote_that_fails_ends_the_case() -> None:
    after = steps.close(passed=False).run()
    assert (after.state, after.outcome.passed, after.history[-1].detail) == (
        "failed",
        False,
        {"passed": False},
    )


def test_confirming_stores_document_day_and_filing() -> None:
    after = steps.confirm().run()
    assert after.approval == {
        "document_number": "江理工职改〔2026〕12号",
        "approved_on": "2026-09-14",
        "filing": "已报省厅备案",
        "at": NOW,
    }


def test_issuing_numbers_the_certificate_in_the_same_transaction() -> None:
    after = steps.issue().run()
    certificate = Certificate.objects.get()
    assert (after.certificate, certificate.application.id) == (certificate.id, after.id)
    assert certificate.number == "JCUT202601200001"
    assert after.history[-1].detail == {"number": "JCUT202601200001"}


# --- bulk ------------------------------------------------------------------------------------------


def words(bulk: workflow.Bulk) -> dict[str, str]:
    return {case.name: str(message) for case, message in bulk.refused}


def test_a_bulk_step_names_who_will_not_go_and_why_before_it_runs() -> None:
    hr, round_ = steps.hr(), steps.plain_round()
    actor_person = make_person()
    good = make_application(State.SUBMITTED, round=round_, name="甲")
    draft = make_application(State.DRAFT, round=round_, name="乙")
    doubtful = make_application(State.SUBMITTED, round=round_, name="丙", achievements=[contents.project()])
    receipt = Receipt(number="1", at=NOW, sha256="0" * 64, content_revision=3, on_behalf=True)
    unconfirmed = make_application(State.SUBMITTED, round=round_, name="丁", receipt=receipt)
    own = make_application(State.SUBMITTED, round=round_, name="戊", person=actor_person)
    everybody = [good, draft, doubtful, unconfirmed, own]
    hr = make_actor(Role.UNIT_HR, person=actor_person)
    bulk = workflow.sort_ready(Action.PUBLICISE, everybody, hr, NOW)
    assert [case.name for case in bulk.ready] == ["甲"]
    found = words(bulk)
    assert list(found) == ["乙", "丙", "丁", "戊"]
    assert "填报中" in found["乙"]
    assert "1 条业绩没有审核" in found["丙"]
    assert "尚未确认" in found["丁"]
    assert "本人的申报" in found["戊"]
    assert [fresh(case).state for case in everybody] == [case.state for case in everybody]
    assert AuditEvent.objects.count() == 0


def test_a_bulk_step_takes_those_that_go_and_reports_the_others() -> None:
    cases = [make_application(State.SUBMITTED, name=name) for name in "甲乙"]
    cases.append(make_application(State.DRAFT, name="丙"))
    bulk = workflow.run_many(Action.REJECT, cases, steps.hr(), NOW, reason="业绩不足")
    assert [case.state for case in bulk.done] == ["not_recommended", "not_recommended"]
    assert list(words(bulk)) == ["丙"]
    assert AuditEvent.objects.count() == 2


def test_sorting_counts_the_places_that_the_same_click_will_take() -> None:
    """The quota of two is shared by the three chosen, not granted to each."""
    round_ = make_round(quotas={"associate": 2}, endorsements=[])
    cases = [steps.recommend(round=round_, name=name).case for name in "甲乙丙"]
    actor = steps.hr()
    sorted_ = workflow.sort_ready(Action.RECOMMEND, cases, actor, NOW)
    assert [case.name for case in sorted_.ready] == ["甲", "乙"]
    assert "名额 2 个已用完" in words(sorted_)["丙"]
    bulk = workflow.run_many(Action.RECOMMEND, cases, actor, NOW)
    assert [case.name for case in bulk.done] == ["甲", "乙"]
    assert words(bulk) == words(sorted_)


def test_offers_say_what_is_still_needed() -> None:
    case = make_application(State.SUBMITTED)
    offers = {offer.action: offer for offer in workflow.available(CaseContent(case, NOW), steps.hr())}
    assert set(offers) == {Action.RETURN, Action.REJECT, Action.PUBLICISE}
    assert offers[Action.REJECT].needs == ("reason",)
    assert offers[Action.REJECT].goes
    assert not offers[Action.PUBLICISE].goes
    assert "二级学院" in str(offers[Action.PUBLICISE].refusal)


def test_nobody_is_offered_anything_on_an_ended_case() -> None:
    for state in (State.WITHDRAWN, State.NOT_RECOMMENDED, State.INELIGIBLE, State.REVOKED):
        case = make_application(state)
        for actor in (applicant_of(case), steps.hr(), steps.office(), SYSTEM):
            assert workflow.available(CaseContent(case, NOW), actor) == []


def test_a_refusal_is_a_message_that_can_be_translated() -> None:
    ready = Ready(Action.REJECT, make_application(), steps.hr(), {"reason": "x"})
    with pytest.raises(PingshenError) as refused:
        ready.run()
    assert refused.value.message.id == "“%(state)s”状态下不能%(action)s。"
