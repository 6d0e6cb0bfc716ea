"""HR's judgement of entries and files, the unit's opinion, the beginning of the check."""

from typing import Any

import pytest

from models.application import Application
from models.audit import AuditEvent
from models.choices import Role, State, Verdict
from panel.domain.errors import NotFound, Refused
from panel.domain.steps import judging
from tests import contents, factories, steps
from tests.factories import NOW, applicant_of, fresh, make_actor, make_application
from tests.models.content.test_content_entries import round_with_table

pytestmark = pytest.mark.usefixtures("database")
ONE, TWO, FILE = "1" * 32, "2" * 32, "a" * 32


def submitted(**values: Any) -> Application:
    given = {
        "achievements": [contents.project(uid=ONE), contents.paper(uid=TWO)],
        "attachments": [contents.attachment("material_table", uid=FILE)],
    }
    return make_application(State.SUBMITTED, **(given | values))


def judge(case: Application, verdict: Verdict, *uids: str, opinion: str = "", actor: Any = None) -> None:
    judging.judge(case, uids, verdict, opinion, actor or steps.hr(), NOW)


def verdicts(case: Application) -> dict[str, str | None]:
    items = [*fresh(case).achievements, *fresh(case).attachments]
    return {item.uid: item.judgement and item.judgement.verdict for item in items}


def test_entries_and_files_are_judged_by_uid() -> None:
    case = submitted()
    hr = steps.hr()
    judge(case, Verdict.DOUBT, TWO, FILE, opinion=" 请核对 ", actor=hr)
    assert verdicts(case) == {ONE: None, TWO: "doubt", FILE: "doubt"}
    given = fresh(case).achievements[1].judgement
    assert (given.opinion, given.by, given.by_name, given.at) == ("请核对", hr.user_id, hr.name, NOW)
    event = AuditEvent.objects(action="judge").get()
    assert event.detail == {"verdict": "doubt", "entries": [TWO, FILE]}


def test_judging_is_no_change_of_content_and_closes_recall() -> None:
    case = submitted()
    judge(case, Verdict.ACCEPT, ONE)
    assert (fresh(case).content_revision, fresh(case).hr_begun_at) == (3, NOW)


@pytest.mark.parametrize("verdict", [Verdict.DOUBT, Verdict.REFUSE])
def test_doubt_and_refusal_need_an_opinion(verdict: Verdict) -> None:
    case = submitted()
    with pytest.raises(Refused, match="写明意见"):
        judge(case, verdict, ONE, opinion="  ")
    with pytest.raises(Refused, match="1000"):
        judge(case, verdict, ONE, opinion="长" * 1001)
    assert verdicts(case)[ONE] is None


def test_what_is_not_in_the_application_is_not_found_and_nothing_is_judged() -> None:
    case, other = submitted(), submitted(achievements=[contents.award(uid="9" * 32)])
    for uids in ((ONE, "9" * 32), ("x",), ()):
        with pytest.raises(NotFound):
            judge(case, Verdict.ACCEPT, *uids)
    assert set(verdicts(case).values()) == set(verdicts(other).values()) == {None}


@pytest.mark.parametrize("state", [s for s in State if s not in (State.SUBMITTED, State.DRAFT)])
def test_entries_are_judged_only_while_the_unit_checks(state: State) -> None:
    case = submitted()
    Application.objects(id=case.id).update_one(set__state=state.value)
    with pytest.raises(Refused, match="不能审核"):
        judge(fresh(case), Verdict.ACCEPT, ONE)


def test_a_draft_is_not_judged_even_once_recalled() -> None:
    case = submitted()
    Application.objects(id=case.id).update_one(set__state=State.DRAFT.value)
    with pytest.raises(NotFound):
        judge(fresh(case), Verdict.ACCEPT, ONE)


def test_only_the_units_hr_judges_and_not_their_own() -> None:
    case = submitted()
    for actor in (
        make_actor(Role.OFFICE),
        make_actor(Role.SUPERVISOR),
        make_actor(Role.ENDORSER, department="cs"),
        make_actor(Role.UNIT_HR, person=case.person),
        make_actor(Role.ADMIN),
    ):
        with pytest.raises(NotFound):
            judge(case, Verdict.ACCEPT, ONE, actor=actor)
        with pytest.raises(NotFound):
            judging.accept_rest(case, actor, NOW)
        with pytest.raises(NotFound):
            judging.write_unit_opinion(case, "同意", actor, NOW)
    assert AuditEvent.objects.count() == 0


def test_the_rest_is_accepted_at_once_and_judgements_given_stay() -> None:
    case = submitted()
    judge(case, Verdict.REFUSE, ONE, opinion="非本人成果")
    assert judging.accept_rest(fresh(case), steps.hr(), NOW) == 1
    assert verdicts(case) == {ONE: "refuse", TWO: "accept", FILE: None}
    assert judging.accept_rest(fresh(case), steps.hr(), NOW) == 0
    assert AuditEvent.objects(action="judge").count() == 2


def test_entries_of_hrs_own_tables_are_judged_too() -> None:
    case = make_application(State.SUBMITTED, round=round_with_table())
    entry = factories.make_entry("courses", uid=ONE, name="高等数学")
    Application._get_collection().update_one(
        {"_id": case.id}, {"$set": {"sections.courses": {"entries": [entry.to_mongo()]}}}
    )
    judge(fresh(case), Verdict.ACCEPT, ONE)
    assert fresh(case).record("courses").entries[0].judgement.verdict == "accept"


def test_beginning_to_check_is_recorded_once() -> None:
    case = submitted()
    judging.begin_check(case, steps.hr(), NOW)
    judging.begin_check(fresh(case), steps.hr(), NOW)
    assert fresh(case).hr_begun_at == NOW
    assert AuditEvent.objects(action="begin_check").count() == 1


def test_the_units_opinion_is_written_while_the_unit_has_the_case() -> None:
    case = submitted()
    judging.write_unit_opinion(case, " 同意推荐。\n", steps.hr(), NOW)
    assert (fresh(case).unit_opinion, fresh(case).content_revision) == ("同意推荐。", 3)
    for text, words in (("  ", "请填写"), ("长" * 2001, "2000")):
        with pytest.raises(Refused, match=words):
            judging.write_unit_opinion(fresh(case), text, steps.hr(), NOW)
    panel = make_application(State.PANEL)
    with pytest.raises(Refused, match="不能填写"):
        judging.write_unit_opinion(panel, "同意", steps.hr(), NOW)
    with pytest.raises(NotFound):
        judging.write_unit_opinion(fresh(case), "同意", applicant_of(case), NOW)
