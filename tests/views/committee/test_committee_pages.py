"""The committee's pages (R10-R17): opinions, meetings, ballots, and the office's side of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from models.application import Application
from models.ballot import Ballot, VoterMark
from models.choices import MeetingState, Role, State
from models.meeting import Committee, Meeting, Opinion
from models.user import User
from panel.domain.actors import actor_of
from panel.domain.review import ballots, meetings, opinions
from panel.passwords import hash_password
from tests import factories
from tests.factories import NOW
from tests.views.conftest import Browser

SignIn = Callable[..., Browser]


@pytest.fixture(autouse=True)
def at_now(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


def user(committee: Committee, number: int) -> User:
    found: User = committee.members[number].user
    return found


def panel_case(committee: Committee, experts: tuple[int, ...] = (2, 3, 4), **values: Any) -> Application:
    chosen = [user(committee, number).id for number in experts]
    return factories.make_application(State.PANEL, experts=chosen, **values)


def open_meeting(present: int = 9, cases: int = 1) -> tuple[Meeting, list[Application]]:
    """An open meeting of nine with `present` signed in and `cases` on its sheet."""
    committee = factories.make_committee()
    meeting = factories.make_meeting(committee)
    made = []
    for number in range(cases):
        case = factories.make_application(State.PANEL, name=f"申报人{number + 1}")
        factories.make_opinions(case, [row.user for row in committee.members[2:5]])
        made.append(case)
    office = actor_of(factories.make_user(Role.OFFICE))
    assert not meetings.table(meeting, made, office, NOW).refused
    meeting.reload()
    meetings.open_meeting(meeting, actor_of(user(committee, 0)), NOW)
    for number in range(1, present):
        meetings.sign_in(meeting, actor_of(user(committee, number)), NOW)
    return Meeting.objects.get(id=meeting.id), made


def sheet_of(meeting: Meeting) -> str:
    return f"/committee/meetings/{meeting.id}/sheets/{meeting.sheets[0].uid}"


def choices(cases: list[Application], *votes: str) -> dict[str, str]:
    return {f"vote-{case.id}": vote for case, vote in zip(cases, votes, strict=True)}


# --- opinions --------------------------------------------------------------------------------------


def test_an_expert_finds_what_is_to_be_written(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    case = panel_case(committee, name="沈佳宁")
    panel_case(committee, experts=(5, 6, 7), name="余浩然")
    page = sign_in_as(user(committee, 2)).get("/committee/").text
    assert "沈佳宁" in page
    assert f"/committee/cases/{case.id}" in page
    assert "余浩然" not in page


def test_a_case_shows_work_and_nothing_sealed(sign_in_as: SignIn) -> None:
    """R23: no ID number, no phone, not even masked."""
    committee = factories.make_committee()
    case = panel_case(
        committee,
        sections={"basic": factories.make_record(duty_summary="承担三门主干课程的教学。")},
        achievements=[
            factories.make_entry("performance", "project", category="省级课题", name="资源调度研究")
        ],
    )
    record = case.record("basic")
    for field in case.spec.section("basic").fields:
        if field.encrypted:
            record.put(field.key, "420106198603120015", encrypted=True)
    Application._get_collection().update_one(
        {"_id": case.id}, {"$set": {"sections.basic": record.to_mongo()}}
    )
    page = sign_in_as(user(committee, 2)).get(f"/committee/cases/{case.id}").text
    assert "承担三门主干课程的教学。" in page
    assert "资源调度研究" in page
    for secret in ("420106198603120015", "420***********0015", case.person.id_number, case.person.phone):
        assert secret not in page


def test_the_draft_is_saved_while_typing_and_answers_in_json(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    case = panel_case(committee)
    browser = sign_in_as(user(committee, 2))
    address = f"/committee/cases/{case.id}/opinion"
    headers = {"X-Requested-With": "fetch", "Accept": "application/json"}
    first = browser.submit(address, {"text": "成果", "version": "0", "do": "draft"}, headers=headers)
    assert (first.status_code, first.get_json()["version"]) == (200, 1)
    stale = browser.submit(address, {"text": "另一页", "version": "0", "do": "draft"}, headers=headers)
    assert (stale.status_code, stale.get_json()["error"]) == (409, "stale-write")
    assert Opinion.objects.get().text == "成果"


def test_a_stale_page_shows_both_versions(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    case = panel_case(committee)
    actor = actor_of(user(committee, 2))
    opinions.write_opinion(case, "第一页写的", None, False, 0, actor, NOW)
    browser = sign_in_as(user(committee, 2))
    answer = browser.submit(
        f"/committee/cases/{case.id}/opinion", {"text": "第二页写的", "version": "0", "do": "draft"}
    )
    assert answer.status_code == 409
    assert "第一页写的" in answer.text
    assert "第二页写的" in answer.text
    assert 'name="version" type="hidden" value="1"' in answer.text


def test_handing_in_without_a_recommendation_keeps_the_text(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    case = panel_case(committee)
    answer = sign_in_as(user(committee, 2)).submit(
        f"/committee/cases/{case.id}/opinion", {"text": "成果突出。", "version": "0", "do": "submit"}
    )
    assert answer.status_code == 422
    assert "请选择是否同意推荐" in answer.text
    assert "成果突出。" in answer.text


def test_a_handed_in_opinion_is_shown_and_not_written_again(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    case = panel_case(committee)
    browser = sign_in_as(user(committee, 2))
    sent = {"text": "成果突出。", "recommends": "1", "version": "0", "do": "submit"}
    assert browser.submit(f"/committee/cases/{case.id}/opinion", sent).status_code == 302
    page = browser.get(f"/committee/cases/{case.id}").text
    assert "成果突出。" in page
    assert 'name="text"' not in page
    again = browser.submit(f"/committee/cases/{case.id}/opinion", sent | {"version": "1", "text": "改"})
    assert again.status_code == 409
    assert Opinion.objects.get().text == "成果突出。"


@pytest.mark.parametrize("who", ["unassigned", "recused", "own", "foreign"])
def test_who_has_nothing_to_do_with_a_case_does_not_find_it(sign_in_as: SignIn, who: str) -> None:
    """R17."""
    committee = factories.make_committee()
    person = factories.make_person()
    case = panel_case(committee, person=person)
    judges = {
        "unassigned": user(committee, 7),
        "recused": user(committee, 2),
        "own": user(committee, 3),
        "foreign": factories.make_user(Role.EXPERT, committee="lab-committee"),
    }
    user(committee, 3).update(set__person=person)
    opinions.recuse(
        case, user(committee, 2).id, "曾合著论文。", actor_of(factories.make_user(Role.OFFICE)), NOW
    )
    judge = User.objects.get(id=judges[who].id)
    browser = sign_in_as(judge)
    assert browser.get(f"/committee/cases/{case.id}").status_code == 404
    sent = {"text": "x", "recommends": "1", "version": "0", "do": "submit"}
    assert browser.submit(f"/committee/cases/{case.id}/opinion", sent).status_code == 404
    assert Opinion.objects.count() == 0


def test_an_expert_steps_back_with_a_reason(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    case = panel_case(committee)
    browser = sign_in_as(user(committee, 2))
    address = f"/committee/cases/{case.id}/recuse"
    assert browser.submit(address, {"reason": ""}).status_code == 422
    assert browser.submit(address, {"reason": "申报人是我的学生。"}).location == "/committee/"
    assert browser.get(f"/committee/cases/{case.id}").status_code == 404


# --- voting ----------------------------------------------------------------------------------------


def test_a_sheet_is_filled_in_looked_over_and_cast(sign_in_as: SignIn) -> None:
    meeting, cases = open_meeting(cases=2)
    browser = sign_in_as(user(meeting.committee, 3))
    filled = choices(cases, "yes", "no")
    assert "申报人1" in browser.get(sheet_of(meeting)).text
    review = browser.submit(sheet_of(meeting), filled | {"step": "review"})
    assert "确认投票" in review.text
    assert Ballot.objects.count() == 0
    back = browser.submit(sheet_of(meeting), filled | {"step": "fill"})
    assert back.text.count(" checked") == 2
    done = browser.submit(sheet_of(meeting), filled | {"step": "cast"})
    assert done.location == f"/committee/meetings/{meeting.id}"
    assert (Ballot.objects.count(), VoterMark.objects.count()) == (2, 2)


def test_a_sheet_with_a_gap_is_not_reviewed(sign_in_as: SignIn) -> None:
    meeting, cases = open_meeting(cases=2)
    answer = sign_in_as(user(meeting.committee, 3)).submit(
        sheet_of(meeting), choices(cases[:1], "yes") | {"step": "review"}
    )
    assert answer.status_code == 422
    assert "还有 1 份申报没有选择" in answer.text


def test_casting_twice_counts_once(sign_in_as: SignIn) -> None:
    meeting, cases = open_meeting()
    browser = sign_in_as(user(meeting.committee, 3))
    for _ in range(2):
        browser.submit(sheet_of(meeting), choices(cases, "yes") | {"step": "cast"})
    assert Ballot.objects.count() == 1
    assert "不能更改" in browser.get(sheet_of(meeting)).text


def test_a_cast_sheet_no_longer_knows_its_choices(sign_in_as: SignIn) -> None:
    """R16."""
    meeting, cases = open_meeting()
    browser = sign_in_as(user(meeting.committee, 3))
    browser.submit(sheet_of(meeting), choices(cases, "no") | {"step": "cast"})
    for address in (sheet_of(meeting), f"/committee/meetings/{meeting.id}", "/committee/"):
        page = browser.get(address).text
        assert "反对" not in page


def test_who_did_not_sign_in_gets_no_ballot(sign_in_as: SignIn) -> None:
    meeting, cases = open_meeting(present=7)
    browser = sign_in_as(user(meeting.committee, 8))
    assert "还没有签到" in browser.get(sheet_of(meeting)).text
    browser.submit(sheet_of(meeting), choices(cases, "yes") | {"step": "cast"})
    assert Ballot.objects.count() == 0
    assert browser.submit(f"/committee/meetings/{meeting.id}/sign-in").status_code == 302
    browser.submit(sheet_of(meeting), choices(cases, "yes") | {"step": "cast"})
    assert Ballot.objects.count() == 1


def test_below_the_quorum_members_wait(sign_in_as: SignIn) -> None:
    meeting, cases = open_meeting(present=5)
    browser = sign_in_as(user(meeting.committee, 3))
    assert "还差 1 人" in browser.get(f"/committee/meetings/{meeting.id}").text
    browser.submit(sheet_of(meeting), choices(cases, "yes") | {"step": "cast"})
    assert Ballot.objects.count() == 0


def test_members_of_another_committee_find_no_meeting(sign_in_as: SignIn) -> None:
    meeting, _cases = open_meeting()
    browser = sign_in_as(Role.EXPERT, committee="lab-committee")
    for address in ("", "/status", "/close", "/results"):
        assert browser.get(f"/committee/meetings/{meeting.id}{address}").status_code == 404
    assert browser.get(sheet_of(meeting)).status_code == 404


def test_while_it_runs_nobody_sees_figures(sign_in_as: SignIn) -> None:
    meeting, cases = open_meeting()
    ballots.cast(
        meeting, meeting.sheets[0].uid, {str(cases[0].id): "yes"}, actor_of(user(meeting.committee, 3)), NOW
    )
    page = sign_in_as(user(meeting.committee, 0)).get(f"/committee/meetings/{meeting.id}").text
    assert "已投 1 人，应投 9 人" in page
    assert "赞成" not in page
    office = sign_in_as(Role.OFFICE)
    assert "赞成" not in office.get(f"/admin/meetings/{meeting.id}").text
    assert office.get(f"/admin/meetings/{meeting.id}/minutes").status_code == 404


def test_the_chair_closes_with_the_password(sign_in_as: SignIn) -> None:
    """R14."""
    meeting, cases = open_meeting()
    chair = user(meeting.committee, 0)
    chair.update(set__password_hash=hash_password("a-long-password"))
    for number in range(9):
        actor = actor_of(user(meeting.committee, number))
        ballots.cast(meeting, meeting.sheets[0].uid, {str(cases[0].id): "yes"}, actor, NOW)
    browser = sign_in_as(User.objects.get(id=chair.id))
    address = f"/committee/meetings/{meeting.id}/close"
    assert browser.submit(address, {"password": ""}).status_code == 422
    wrong = browser.submit(address, {"password": "wrong-password"})
    assert wrong.status_code == 409
    assert "密码不正确" in wrong.text
    meeting.reload()
    assert meeting.state == MeetingState.OPEN
    assert browser.submit(address, {"password": "a-long-password"}).status_code == 302
    meeting.reload()
    cases[0].reload()
    assert (meeting.state, cases[0].state) == (MeetingState.CLOSED, State.PASSED)
    page = browser.get(f"/committee/meetings/{meeting.id}/results").text
    assert meeting.tally_sha256 in page
    assert "通过" in page


def test_guessing_the_chairs_password_locks_the_account(sign_in_as: SignIn) -> None:
    meeting, _cases = open_meeting()
    browser = sign_in_as(user(meeting.committee, 0))
    address = f"/committee/meetings/{meeting.id}/close"
    answers = [browser.submit(address, {"password": f"guess-{n}"}) for n in range(6)]
    assert "暂时锁定" in answers[-1].text


def test_plain_members_do_not_find_the_closing(sign_in_as: SignIn) -> None:
    meeting, _cases = open_meeting()
    browser = sign_in_as(user(meeting.committee, 3))
    assert browser.get(f"/committee/meetings/{meeting.id}/close").status_code == 404
    assert browser.submit(f"/committee/meetings/{meeting.id}/close", {"password": "x"}).status_code == 404


# --- the office ------------------------------------------------------------------------------------


def test_the_office_sees_conflicts_before_it_assigns(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    person = factories.make_person()
    user(committee, 2).update(set__person=person)
    case = factories.make_application(State.PANEL, person=person)
    browser = sign_in_as(Role.OFFICE)
    sent = {"rowid": str(case.id), "expert": [str(user(committee, n).id) for n in (2, 3, 4, 5)]}
    assert "选择专家" in browser.submit("/admin/experts/choose", {"rowid": str(case.id)}).text
    page = browser.submit("/admin/experts/assign", sent | {"step": "preview"}).text
    assert "专家3不分派：是申报人本人。" in page
    case.reload()
    assert case.experts == []
    assert browser.submit("/admin/experts/assign", sent | {"step": "run"}).status_code == 302
    case.reload()
    assert case.experts == [user(committee, n).id for n in (3, 4, 5)]


def test_the_office_does_not_see_who_judges_its_own_people(sign_in_as: SignIn) -> None:
    """R16: whoever works in the office and applies must not read who writes the opinions on them."""
    committee, person = factories.make_committee(), factories.make_person(name="办公室本人")
    factories.make_application(State.PANEL, person=person, experts=[user(committee, 3).id])
    other = factories.make_application(State.PANEL, name="另一申报人", experts=[user(committee, 4).id])
    page = sign_in_as(Role.OFFICE, person=person).get("/admin/experts/").text
    assert other.name in page
    assert committee.members[4].name in page
    assert "办公室本人" not in page.split("<table")[1]
    assert committee.members[3].name not in page


def test_the_supervision_reads_meetings_and_assignments_but_changes_nothing(sign_in_as: SignIn) -> None:
    """DESIGN section 5: it reads everything but ballots."""
    committee = factories.make_committee()
    case = factories.make_application(State.PANEL, name="待评申报人", experts=[user(committee, 3).id])
    meeting = factories.make_meeting(committee, title="第一次会议")
    browser = sign_in_as(Role.SUPERVISOR)
    page = browser.get("/admin/experts/").text
    assert committee.members[3].name in page
    assert "分派专家" not in page.split("<table")[1]
    assert 'name="rowid"' not in page
    assert browser.get(f"/admin/experts/{case.id}").status_code == 200
    assert "安排一次会议" not in browser.get("/admin/meetings/").text
    page = browser.get(f"/admin/meetings/{meeting.id}").text
    assert "第一次会议" in page
    assert "待评申报人" not in page
    assert f"/admin/meetings/{meeting.id}/edit" not in page
    sent = {"rowid": str(case.id)}
    for path in (f"/admin/meetings/{meeting.id}/table", "/admin/experts/choose", "/admin/experts/assign"):
        assert browser.submit(path, sent).status_code == 404
    assert browser.submit(f"/admin/experts/{case.id}/recuse", {"reason": "x"}).status_code == 404


def test_foreign_rows_are_not_assigned(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    submitted = factories.make_application(State.SUBMITTED)
    sent = {"rowid": str(submitted.id), "expert": str(user(committee, 2).id), "step": "run"}
    browser = sign_in_as(Role.OFFICE)
    assert browser.submit("/admin/experts/assign", sent).status_code == 404
    assert browser.submit("/admin/experts/choose", {"rowid": "nonsense"}).status_code == 404


def test_opinions_and_names_stay_with_the_office(sign_in_as: SignIn) -> None:
    """R16."""
    committee = factories.make_committee()
    case = factories.make_application(State.PANEL)
    factories.make_opinions(case, [row.user for row in committee.members[2:5]])
    page = sign_in_as(Role.OFFICE).get(f"/admin/experts/{case.id}").text
    assert "业绩突出，同意推荐。" in page
    assert "专家3" in page
    assert sign_in_as(Role.UNIT_HR).get(f"/admin/experts/{case.id}").status_code == 404


def test_the_office_recuses_an_expert(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    case = panel_case(committee)
    browser = sign_in_as(Role.OFFICE)
    address = f"/admin/experts/{case.id}/recuse"
    expert = str(user(committee, 2).id)
    assert browser.submit(address, {"expert": expert, "reason": ""}).status_code == 422
    assert browser.submit(address, {"expert": expert, "reason": "曾合著论文。"}).status_code == 302
    assert browser.submit(address, {"expert": "5f0000000000000000000000", "reason": "x"}).status_code == 404
    case.reload()
    assert [recusal.user for recusal in case.recusals] == [user(committee, 2).id]


def test_the_office_plans_tables_and_reads_the_minutes(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    round_ = factories.make_round()
    ready, bare = (
        factories.make_application(State.PANEL),
        factories.make_application(State.PANEL, name="未齐"),
    )
    factories.make_opinions(ready, [row.user for row in committee.members[2:5]])
    browser = sign_in_as(Role.OFFICE)
    sent = {
        "committee": str(committee.id),
        "round": str(round_.id),
        "title": "年度评审会",
        "held_on": "2026-10-20",
        "place": "201",
    }
    assert browser.submit("/admin/meetings/new", sent | {"held_on": "2026-09-01"}).status_code == 422
    browser.submit("/admin/meetings/new", sent)
    meeting = Meeting.objects.get()
    page = browser.get(f"/admin/meetings/{meeting.id}").text
    assert "还不能列入" in page
    answer = browser.submit(f"/admin/meetings/{meeting.id}/table", {"rowid": [str(ready.id), str(bare.id)]})
    assert "有 1 份没有列入" in answer.text
    ready.reload()
    assert ready.state == State.BALLOT


def test_the_office_of_one_committee_does_not_see_another(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    meeting = factories.make_meeting(committee)
    browser = sign_in_as(Role.OFFICE, committee="lab-committee")
    assert browser.get(f"/admin/meetings/{meeting.id}").status_code == 404
    assert browser.get(f"/admin/committees/{committee.id}").status_code == 404


def test_a_new_member_may_enter_the_committee_and_a_removed_one_may_not(sign_in_as: SignIn) -> None:
    committee = factories.make_committee()
    newcomer = factories.make_user(username="guest1", name="外聘专家")
    browser = sign_in_as(Role.OFFICE)
    address = f"/admin/committees/{committee.id}"
    sent = {"username": "guest1", "title": "教授", "term_until": "2028-06-30"}
    assert browser.submit(f"{address}/members", sent | {"username": "nobody"}).status_code == 422
    assert browser.submit(f"{address}/members", sent | {"term_until": "2031-06-30"}).status_code == 422
    assert browser.submit(f"{address}/members", sent).status_code == 302
    newcomer.reload()
    assert newcomer.roles == [Role.EXPERT]
    browser.submit(f"{address}/members/{newcomer.id}/post", {"post": "vice"})
    newcomer.reload()
    assert newcomer.roles == [Role.EXPERT, Role.CHAIR]
    browser.submit(f"{address}/members/{newcomer.id}/remove")
    newcomer.reload()
    assert newcomer.roles == []


def test_members_do_not_change_while_a_meeting_runs(sign_in_as: SignIn) -> None:
    """R10."""
    meeting, _cases = open_meeting()
    committee = meeting.committee
    address = f"/admin/committees/{committee.id}/members/{user(committee, 8).id}/remove"
    sign_in_as(Role.OFFICE).submit(address)
    committee.reload()
    assert len(committee.members) == 9
