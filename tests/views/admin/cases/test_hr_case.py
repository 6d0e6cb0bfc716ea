"""One application as HR checks it: content beside evidence, judgement, return, opinions, refusals."""

import re
from datetime import timedelta

import pytest
from bson import ObjectId

from models.application import Application, Submission
from models.audit import AuditEvent
from models.choices import Role, State, Verdict
from models.sections import Endorsement, Return, ReturnItem
from models.values import encrypt
from panel.domain.content.frozen import content_of
from tests.contents import basic, make_complete, make_lecturer, project
from tests.factories import NOW, make_application, make_person, make_round, make_unit, make_user

ID_NUMBER = "420106198603120021"


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="林人事")


@pytest.fixture
def case(database) -> Application:
    record = basic()
    record.values["id_number"] = encrypt(ID_NUMBER)
    return make_complete(State.SUBMITTED, basic=record)


def address(application, *parts: str) -> str:
    return "/".join([f"/admin/applications/{application.id}", *parts])


def stored(application) -> Application:
    return Application.objects.get(id=application.id)


def pinned(*rows: tuple[str, str, str, str]) -> dict[str, list[str]]:
    names = ("item_section", "item_entry", "item_field", "item_text")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


# --- what is shown -------------------------------------------------------------------------------


def test_page_shows_every_section_as_it_prints_beside_its_evidence(hr, case):
    page = hr.get(address(case)).text
    for section in case.spec.sections:
        assert f'id="section-{section.key}"' in page
    entry = case.achievements[0]
    assert f'id="item-{entry.uid}"' in page
    assert f"/files/{case.id}/{entry.evidence[0]}" in page


def test_personal_data_is_masked_until_asked_for_and_asking_is_recorded(hr, case):
    page = hr.get(address(case)).text
    assert ID_NUMBER not in page
    assert "420***********0021" in page
    assert AuditEvent.objects(action="reveal").count() == 0
    answer = hr.submit(
        address(case, "reveal"), {"section": "basic", "field": "id_number"}, headers={"HX-Request": "true"}
    )
    assert ID_NUMBER in answer.text
    event = AuditEvent.objects.get(action="reveal")
    assert (event.thing_id, event.actor_name) == (str(case.id), "林人事")
    assert ID_NUMBER not in str(event.to_mongo())
    assert ID_NUMBER not in hr.get(address(case)).text


def test_only_sealed_fields_that_exist_are_revealed(hr, case):
    for section, field in (("basic", "name"), ("basic", "nothing"), ("nowhere", "id_number"), ("", "")):
        answer = hr.submit(address(case, "reveal"), {"section": section, "field": field})
        assert answer.status_code == 404
    assert AuditEvent.objects(action="reveal").count() == 0


def test_supervisor_and_endorser_read_but_reveal_nothing(sign_in_as, case):
    for browser in (sign_in_as(Role.SUPERVISOR), sign_in_as(Role.ENDORSER, department="cs")):
        page = browser.get(address(case)).text
        assert "420***********0021" in page
        assert "reveal" not in page
        assert "要求补正" not in page
        answer = browser.submit(address(case, "reveal"), {"section": "basic", "field": "id_number"})
        assert answer.status_code == 409
        assert ID_NUMBER not in answer.text


def test_draft_shows_who_and_how_far_but_no_content(hr):
    """G30"""
    draft = make_complete(State.DRAFT, basic=basic(duty_summary="只有本人能看的草稿内容"))
    page = hr.get(address(draft)).text
    assert draft.name in page
    assert "填报进度" in page
    assert "只有本人能看的草稿内容" not in page
    assert draft.achievements[0].uid not in page


def test_recalled_draft_is_closed_again(hr):
    draft = make_complete(State.DRAFT, basic=basic(duty_summary="撤回后的内容"))
    Application.objects(id=draft.id).update_one(set__receipt=make_application(State.SUBMITTED).receipt)
    assert "撤回后的内容" not in hr.get(address(draft)).text


def test_another_units_case_does_not_exist_here(sign_in_as, case):
    other = make_unit(code="other", name="西湖大学", departments=[])
    stranger = sign_in_as(Role.UNIT_HR, unit=other)
    assert stranger.get(address(case)).status_code == 404
    for deed in ("begin", "judge", "accept-rest", "reveal", "return", "opinion", "endorse", "selection"):
        assert stranger.submit(address(case, deed), {"verdict": "accept"}).status_code == 404
    assert stored(case).revision == case.revision


def test_reading_writes_nothing(hr, case):
    before = case.to_mongo()
    hr.get(address(case))
    assert stored(case).to_mongo() == before
    assert AuditEvent.objects.count() == 0


def test_steps_that_will_not_go_say_why(hr, case):
    page = hr.get(address(case)).text
    assert "暂不能评审前公示" in page
    assert "没有审核" in page


# --- judging -------------------------------------------------------------------------------------


def test_judging_answers_with_its_piece_and_fresh_numbers(hr, case):
    uid = case.achievements[0].uid
    answer = hr.submit(
        address(case, "judge"), {"uid": uid, "verdict": "accept"}, headers={"HX-Request": "true"}
    )
    assert f'id="judge-{uid}"' in answer.text
    assert "认可 1、存疑 0、不认可 0、未审核 3" in answer.text
    assert "<html" not in answer.text
    entry = next(e for e in stored(case).achievements if e.uid == uid)
    assert entry.judgement.verdict == Verdict.ACCEPT
    assert stored(case).hr_begun_at is not None


def test_doubt_without_an_opinion_is_refused_at_its_place_and_keeps_nothing(hr, case):
    uid = case.achievements[0].uid
    answer = hr.submit(
        address(case, "judge"), {"uid": uid, "verdict": "doubt"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert "请写明意见" in answer.text
    assert stored(case).achievements[0].judgement is None
    plain = hr.submit(address(case, "judge"), {"uid": uid, "verdict": "refuse", "opinion": ""})
    assert plain.status_code == 409
    assert "请写明意见" in plain.text


def test_judging_unknown_things_is_not_found(hr, case):
    for sent in (
        {"uid": "nothing", "verdict": "accept"},
        {"uid": make_complete(State.SUBMITTED).achievements[0].uid, "verdict": "accept"},
        {"uid": case.achievements[0].uid, "verdict": "perfect"},
        {"uid": case.achievements[0].uid},
    ):
        assert hr.submit(address(case, "judge"), sent).status_code == 404


def test_accept_rest_leaves_a_doubt_standing(hr, case):
    uid = case.achievements[0].uid
    hr.submit(address(case, "judge"), {"uid": uid, "verdict": "doubt", "opinion": "日期不清"})
    hr.submit(address(case, "accept-rest"))
    verdicts = [entry.judgement.verdict for entry in stored(case).achievements]
    assert verdicts == ["doubt", "accept", "accept", "accept"]


def test_attachment_is_judged_too(hr, case):
    uid = case.attachments[0].uid
    hr.submit(address(case, "judge"), {"uid": uid, "verdict": "refuse", "opinion": "看不清"})
    assert stored(case).attachments[0].judgement.opinion == "看不清"


def test_months_stated_and_required_stand_side_by_side(hr, case):
    """G25"""
    page = hr.get(address(case)).text
    assert "本人填写" in page
    assert "60 个月" in page


# --- returning -----------------------------------------------------------------------------------


def test_return_sends_the_whole_list_once_with_its_pins_and_deadline(hr, case):
    entry = case.achievements[0]
    sent = pinned(
        ("performance", entry.uid, "name", "名称与证书不符"),
        ("attachments", "", "social_insurance", "缺 2025 年"),
        ("basic", "", "photo", "换一张近照"),
        ("", "", "", "请通读一遍"),
    )
    day = NOW.date() + timedelta(days=9)
    answer = hr.submit(address(case, "return"), sent | {"deadline": day.isoformat()})
    assert answer.status_code == 302
    after = stored(case)
    assert after.state == State.RETURNED
    assert [(i.section, i.entry, i.field, i.text) for i in after.returns[0]["items"]] == [
        ("performance", entry.uid, "name", "名称与证书不符"),
        ("attachments", "", "social_insurance", "缺 2025 年"),
        ("basic", "", "photo", "换一张近照"),
        ("", "", "", "请通读一遍"),
    ]
    assert hr.submit(address(case, "return"), sent | {"deadline": day.isoformat()}).status_code == 409


def test_a_refusal_whose_form_is_gone_says_why_and_keeps_what_was_typed(hr, case, sign_in_as):
    """A colleague was quicker, or the person may not: the form isn't on the page that comes back."""
    sent = pinned(("basic", "", "name", "请核对姓名")) | {"deadline": str(NOW.date() + timedelta(days=9))}
    college = sign_in_as(Role.ENDORSER, department="cs")
    forbidden = college.submit(address(case, "return"), sent)
    assert forbidden.status_code in (403, 409)
    assert "您没有权限进行“退回补正”" in forbidden.text
    assert "请核对姓名" in forbidden.text
    assert hr.submit(address(case, "return"), sent).status_code == 302
    late = hr.submit(address(case, "return"), sent)
    assert "待补正" in late.text
    assert "请核对姓名" in late.text
    assert "没有保存，可以复制" in late.text
    assert 'role="alert"' in late.text
    opinion = college.submit(address(case, "opinion"), {"unit_opinion": "同意推荐这位老师。"})
    assert "同意推荐这位老师。" in opinion.text


def test_refused_return_keeps_every_item_typed(hr, case):
    sent = pinned(("basic", "", "name", "请核对姓名"), ("basic", "", "", "  "))
    answer = hr.submit(address(case, "return"), sent | {"deadline": ""})
    assert answer.status_code == 422
    assert "请核对姓名" in answer.text
    assert "每条补正要求都要写明需要改什么。" in answer.text
    assert "请选择截止日期。" in answer.text  # all that is wrong at once
    assert stored(case).state == State.SUBMITTED


def test_empty_return_or_past_deadline_is_refused(hr, case):
    day = NOW.date().isoformat()
    empty = hr.submit(address(case, "return"), {"deadline": day})
    assert empty.status_code == 422
    assert "请至少列出一条需要补正的内容。" in empty.text
    sent = pinned(("basic", "", "name", "请核对"))
    late = (NOW.date() - timedelta(days=1)).isoformat()
    for deadline in (late, "soon", ""):
        assert hr.submit(address(case, "return"), sent | {"deadline": deadline}).status_code in (409, 422)
    assert stored(case).state == State.SUBMITTED


@pytest.mark.parametrize(
    ("section", "entry", "field"),
    [
        ("nowhere", "", ""),
        ("basic", "", "nothing"),
        ("basic", "deadbeef", "name"),
        ("performance", "deadbeef", ""),
        ("attachments", "", "nothing"),
        ("", "deadbeef", ""),
        ("performance", "", "photo"),  # the photo belongs to a record
    ],
)
def test_items_pinned_to_what_is_not_there_are_refused(hr, case, section, entry, field):
    sent = pinned((section, entry, field, "改")) | {"deadline": (NOW.date() + timedelta(days=9)).isoformat()}
    assert hr.submit(address(case, "return"), sent).status_code == 422
    assert stored(case).state == State.SUBMITTED


# --- after a resubmission ------------------------------------------------------------------------


@pytest.fixture
def resubmitted(case) -> Application:
    """The case came back: one text changed, one entry new, one gone."""
    seen = Submission(
        application=case, content_revision=3, content=content_of(case), sha256="a" * 64, at=NOW
    ).save()
    back = Return(
        items=[ReturnItem(section="", text="请修改")],
        deadline=NOW + timedelta(days=9),
        at=NOW,
        from_state="submitted",
        submission=seen.id,
        by_name="林人事",
    )
    _gone, *kept = case.achievements
    new = project(name="补充的项目")
    changed = case.sections["basic"]
    changed.put("duty_summary", "承担本科教学，主持科研项目。新增一句说明。")
    Application.objects(id=case.id).update_one(
        set__returns=[back],
        set__achievements=[*kept, new],
        set__sections=case.sections,
        set__receipt__at=NOW + timedelta(days=1),
        set__content_revision=5,
        set__receipt__content_revision=5,
    )
    return stored(case)


def test_after_a_resubmission_what_changed_is_marked(hr, resubmitted):
    page = hr.get(address(resubmitted)).text
    assert "与退回时相比有 3 处改动" in page
    assert "<ins>新增一句说明。</ins>" in page
    assert "补充的项目" in page
    assert "已删除" in page


def test_what_was_asked_for_and_left_as_it_was_is_named(hr, resubmitted):
    left = ReturnItem(section="education", text="请补学位证书编号")
    Application.objects(id=resubmitted.id).update_one(push__returns__0__items=left)
    page = hr.get(address(resubmitted)).text
    assert "退回的要求中，有 1 条所指的地方没有改动" in page
    warned = page.split("没有改动：")[1].split("</ul>")[0]
    assert "请补学位证书编号" in warned
    assert "请修改" not in warned


def test_only_what_changed_can_be_shown(hr, resubmitted):
    whole = hr.get(address(resubmitted)).text
    page = hr.get(address(resubmitted), query_string={"view": "changes"}).text
    assert 'id="section-education"' in whole
    assert 'id="section-education"' not in page
    assert 'id="section-basic"' in page
    kept = resubmitted.achievements[0]
    assert f'id="item-{kept.uid}"' not in page


def test_first_submission_has_no_changes_to_show(hr, case):
    page = hr.get(address(case), query_string={"view": "changes"}).text
    assert "补正后重新提交" not in page
    assert 'id="section-education"' in page


# --- opinions ------------------------------------------------------------------------------------


def test_unit_opinion_is_written_and_an_empty_one_refused(hr, case):
    hr.submit(address(case, "opinion"), {"unit_opinion": "同意推荐。"})
    assert stored(case).unit_opinion == "同意推荐。"
    assert hr.submit(address(case, "opinion"), {"unit_opinion": " "}).status_code == 409
    too_long = hr.submit(address(case, "opinion"), {"unit_opinion": "好" * 2001})
    assert too_long.status_code == 409
    assert "好" * 2001 in too_long.text
    assert stored(case).unit_opinion == "同意推荐。"


def test_texts_as_long_as_allowed_are_taken_whatever_blanks_follow(hr, case):
    """The pages counted blanks that are not stored; the domain does not."""
    entry = case.achievements[0]
    doubt = {"uid": entry.uid, "verdict": "doubt", "opinion": "疑" * 1000 + "\r\n"}
    assert hr.submit(address(case, "judge"), doubt).status_code == 302
    assert hr.submit(address(case, "judge"), doubt | {"opinion": "疑" * 1001}).status_code == 409
    assert hr.submit(address(case, "opinion"), {"unit_opinion": "好" * 2000 + "\r\n"}).status_code == 302
    assert len(stored(case).unit_opinion) == 2000
    day = (NOW.date() + timedelta(days=9)).isoformat()
    too_long = hr.submit(address(case, "return"), pinned(("", "", "", "改" * 1001)) | {"deadline": day})
    assert "每条补正要求最多 1000 字。" in too_long.text
    sent = pinned(("", "", "", "改" * 1000 + " ")) | {"deadline": day}
    assert hr.submit(address(case, "return"), sent).status_code == 302


def test_a_college_ranks_more_than_a_thousand(sign_in_as, case):
    """The page took three digits, the guard takes every rank."""
    college = sign_in_as(Role.ENDORSER, department="cs")
    sent = {"office": "college", "yes": "1", "rank": "1000", "opinion": ""}
    assert college.submit(address(case, "endorse"), sent).status_code == 302
    assert stored(case).endorsements[-1].rank == 1000


def test_college_gives_its_opinion_with_a_rank(sign_in_as, case):
    college = sign_in_as(Role.ENDORSER, department="cs", name="黄院长")
    assert "待我审核" in college.get("/admin/").text
    assert case.name in college.get("/admin/applications/?work=to_endorse").text
    page = college.get(address(case)).text
    assert "推荐排序" in page
    sent = {"office": "college", "yes": "1", "rank": "2", "opinion": "同意"}
    assert college.submit(address(case, "endorse"), sent).status_code == 302
    given = stored(case).endorsements[-1]
    assert (given.office, given.yes, given.rank, given.by_name) == ("college", True, 2, "黄院长")
    assert case.name not in college.get("/admin/applications/?work=to_endorse").text


@pytest.mark.parametrize(
    "sent",
    [
        {"office": "college", "yes": "0", "opinion": " "},
        {"office": "college", "yes": "1", "rank": ""},
        {"office": "college", "yes": "1", "rank": "first"},
        {"office": "college", "yes": "1", "rank": "9" * 5000},
        {"office": "college", "yes": "maybe", "rank": "1"},
        {"office": "ethics", "yes": "1"},
        {"office": "nothing", "yes": "1"},
    ],
)
def test_endorsement_that_lacks_something_or_is_anothers_is_refused(sign_in_as, case, sent):
    college = sign_in_as(Role.ENDORSER, department="cs")
    assert college.submit(address(case, "endorse"), sent).status_code == 409
    assert stored(case).endorsements == []


def test_office_endorses_only_its_own_matter(sign_in_as, case):
    ethics = sign_in_as(Role.ENDORSER, office="ethics")
    assert ethics.submit(address(case, "endorse"), {"office": "ethics", "yes": "1"}).status_code == 302
    college = {"office": "college", "yes": "1", "rank": "1"}
    assert ethics.submit(address(case, "endorse"), college).status_code == 409


def test_wrong_choice_is_corrected_with_a_reason_and_keeps_the_content(hr, case):
    other = case.round.spec.specialities[1].value
    sent = {"kind": case.kind, "level": case.level, "committee": case.committee, "speciality": other}
    refused = hr.submit(address(case, "selection"), sent)
    assert refused.status_code == 422
    assert f'value="{other}" selected' in refused.text
    assert hr.submit(address(case, "selection"), sent | {"reason": "选错专业"}).status_code == 302
    after = stored(case)
    assert after.speciality == other
    assert [e.uid for e in after.achievements] == [e.uid for e in case.achievements]
    assert AuditEvent.objects.get(action="change_selection").reason == "选错专业"


def test_changed_choice_is_told_to_both_sides_and_what_it_leaves_open_can_be_asked_for(hr, case, sign_in_as):
    given = Endorsement(office="college", yes=True, rank=1, by_name="黄院长", at=NOW - timedelta(days=1))
    Application.objects(id=case.id).update_one(push__endorsements=given)
    sent = {"kind": case.kind, "level": "senior", "committee": case.committee, "speciality": case.speciality}
    sent |= {"exceptional": "1", "reason": "级别选错"}
    assert hr.submit(address(case, "selection"), sent).status_code == 302
    page = hr.get(address(case)).text
    assert "级别：副教授 → 教授" in page
    assert "申报信息更改之前的意见" in page
    assert "请填写“推荐人1：姓名”" in page
    assert "data-ask-all" in page
    assert 'data-section="qualification" data-entry="" data-field="recommender1_name"' in page
    assert "还有 11 处必须处理" in page
    applicant = sign_in_as(make_user(Role.APPLICANT, person=case.person))
    assert "级别：副教授 → 教授" in applicant.get(f"/my/application/{case.id}/").text


def test_choice_that_a_colleague_changed_meanwhile_is_not_overwritten_unseen(hr, case):
    opened = hr.get(address(case, "selection")).text
    seen = re.search(r'name="seen" value="([^"]+)"', opened)[1]
    Application.objects(id=case.id).update_one(set__speciality="mathematics")
    sent = {"kind": case.kind, "level": case.level, "committee": case.committee, "reason": "专业选错"}
    answer = hr.submit(address(case, "selection"), sent | {"speciality": "english", "seen": seen})
    assert answer.status_code == 409
    assert "申报信息刚被改过" in answer.text
    assert "· 数学" in answer.text
    assert 'value="english" selected' in answer.text
    assert "专业选错" in answer.text
    assert stored(case).speciality == "mathematics"


def test_case_of_the_wrong_series_is_moved_to_the_other_round(hr, database):
    person = make_lecturer(series=None, title_series=None)
    case, lab = make_complete(State.SUBMITTED, person=person), make_round("lab")
    page = hr.get(address(case, "selection")).text
    assert f"round={lab.id}" in page
    page = hr.get(address(case, f"selection?round={lab.id}")).text
    assert "实验技术人员评委会" in page
    assert "符合条款要按这个批次的评审标准重新选择" in page
    sent = {"round": str(lab.id), "kind": "promotion", "level": "associate", "committee": "lab-committee"}
    sent["speciality"] = lab.spec.specialities[0].value
    assert hr.submit(address(case, "selection"), sent).status_code == 422
    assert hr.submit(address(case, "selection"), sent | {"reason": "系列选错"}).status_code == 302
    assert stored(case).round == lab
    assert str(lab.spec.title) in hr.get(address(case)).text
    assert hr.get(address(case, f"selection?round={ObjectId()}")).status_code == 404


def test_choice_that_does_not_fit_the_person_is_refused(hr, case):
    sent = {"kind": case.kind, "level": "senior", "committee": case.committee, "reason": "想报正高"}
    assert hr.submit(address(case, "selection"), sent | {"speciality": case.speciality}).status_code == 422
    assert stored(case).level == "associate"


def test_hr_has_no_say_in_own_application(sign_in_as):
    person = make_person(name="人事本人")
    own = make_complete(State.SUBMITTED, person=person)
    browser = sign_in_as(make_user(Role.UNIT_HR, person=person))
    page = browser.get(address(own)).text
    assert "这是您本人的申报" in page
    assert "办理过程" not in page
    assert "要求补正" not in page
    uid = own.achievements[0].uid
    assert browser.submit(address(own, "judge"), {"uid": uid, "verdict": "accept"}).status_code == 404
    sent = pinned(("", "", "", "改")) | {"deadline": (NOW.date() + timedelta(days=9)).isoformat()}
    assert browser.submit(address(own, "return"), sent).status_code == 409
    assert browser.submit(address(own, "opinion"), {"unit_opinion": "同意"}).status_code == 404
    assert stored(own).revision == own.revision


def test_malformed_ids_are_not_found(hr):
    for id in ("x", "1" * 24, str(ObjectId()), "%00", "$ne"):
        assert hr.get(f"/admin/applications/{id}").status_code == 404


# --- half-made corrections (G30) -----------------------------------------------------------------


def test_hr_sees_what_was_submitted_while_the_applicant_corrects_it(hr, case):
    Submission(application=case, content_revision=3, content=content_of(case), sha256="a" * 64, at=NOW).save()
    half_made = case.sections["basic"]
    half_made.put("duty_summary", "写到一半的修改")
    Application.objects(id=case.id).update_one(
        __raw__={
            "$set": {
                "state": State.RETURNED.value,
                "sections.basic": half_made.to_mongo(),
                "content_revision": 4,
            }
        }
    )
    assert "写到一半的修改" not in hr.get(address(case)).text
    Application.objects(id=case.id).update_one(
        set__state=State.SUBMITTED.value, set__receipt__content_revision=4
    )
    assert "写到一半的修改" in hr.get(address(case)).text
