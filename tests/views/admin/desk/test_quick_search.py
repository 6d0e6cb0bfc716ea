"""Quick search and comments: within what the person sees, and nothing more."""

from datetime import timedelta

import pytest

from models.audit import AuditEvent
from models.choices import Role, State
from models.comment import Comment
from tests.contents import make_complete
from tests.factories import NOW, make_application, make_person, make_unit, make_user

SEARCH = "/admin/search/"
LIST = "/admin/applications/"


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="林人事")


def found(browser, typed):
    answer = browser.get(SEARCH, query_string={"q": typed}, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return [(hit["name"], hit["state"]) for hit in answer.get_json()["hits"]]


@pytest.mark.parametrize("typed", ["张一鸣", "zhangyi", "zym", "t9001", " 张 一 ", "2026019"])
def test_a_case_is_found_by_name_pinyin_and_numbers(hr, typed):
    make_application(
        State.SUBMITTED, person=make_person(name="张一鸣", staff_number="T9001"), number="20260190001"
    )
    make_application(State.SUBMITTED, person=make_person(name="李小双"))
    assert found(hr, typed) == [("张一鸣", "待单位审核")]


def test_people_without_an_application_are_found_on_the_roster(hr):
    make_person(name="张三丰")
    assert found(hr, "zsf") == [("张三丰", "人员名册")]


def test_the_newest_of_a_persons_cases_comes_first_and_the_person_not_again(hr):
    person = make_person(name="张一鸣")
    make_application(State.CERTIFIED, person=person, year=2024)
    make_application(State.DRAFT, person=person, year=2026)
    assert found(hr, "张一鸣") == [("张一鸣", "填报中"), ("张一鸣", "已发证")]


def test_other_units_are_not_found(hr, sign_in_as):
    elsewhere = make_unit(code="other", name="外校")
    make_application(State.SUBMITTED, person=make_person(name="张外人", unit=elsewhere))
    make_person(name="张外员", unit=elsewhere)
    assert found(hr, "zhang") == []
    assert len(found(sign_in_as(Role.UNIT_HR, unit=elsewhere), "zhang")) == 2


def test_an_endorser_finds_submitted_cases_of_the_department_and_no_roster(sign_in_as):
    make_application(State.SUBMITTED, person=make_person(name="张本院"))
    make_application(State.DRAFT, person=make_person(name="张草稿"))
    make_application(State.SUBMITTED, person=make_person(name="张别院", department="me"))
    make_person(name="张员工")
    assert found(sign_in_as(Role.ENDORSER, department="cs"), "zhang") == [("张本院", "待单位审核")]


def test_twelve_lines_at_most_and_says_that_there_are_more(hr):
    for serial in range(13):
        make_person(name=f"王{serial}")
    answer = hr.get(f"{SEARCH}?q=wang", headers={"Accept": "application/json"}).get_json()
    assert (len(answer["hits"]), answer["more"]) == (12, True)
    assert "只显示前 12 条" in hr.get(f"{SEARCH}?q=wang").text


@pytest.mark.parametrize("typed", ["", "  ", ".*", "^", '{"$ne": 1}', "长" * 500])
def test_odd_text_finds_nothing_and_breaks_nothing(hr, typed):
    make_application(State.SUBMITTED, person=make_person(name="张一鸣"))
    assert found(hr, typed) == []
    assert hr.get(SEARCH, query_string={"q": typed}).status_code == 200


def test_applicants_and_administrators_have_no_search(sign_in_as):
    for role in (Role.APPLICANT, Role.ADMIN, Role.EXPERT):
        browser = sign_in_as(role)
        assert browser.get(SEARCH).status_code == 404
        assert "data-search-open" not in browser.get("/").text


# --- comments --------------------------------------------------------------------------------------


@pytest.fixture
def case():
    return make_complete(State.SUBMITTED, person=make_person(name="张可荐"))


def write(browser, case, text="已电话核实学历"):
    return browser.submit(f"{LIST}{case.id}/comment", {"comment": text})


def test_colleagues_read_a_comment_with_name_and_time(hr, sign_in_as, case):
    assert write(hr, case).status_code == 302
    for reader in (sign_in_as(Role.UNIT_HR, name="吴丽华"), sign_in_as(Role.SUPERVISOR)):
        page = reader.get(f"{LIST}{case.id}").text
        assert "已电话核实学历" in page
        assert "林人事" in page
    assert AuditEvent.objects(action="comment").count() == 1


def test_neither_applicant_nor_endorser_nor_expert_reads_it(hr, sign_in_as, case):
    write(hr, case)
    applicant = sign_in_as(make_user(person=case.person))
    assert "已电话核实学历" not in applicant.get(f"/my/application/{case.id}/").text
    assert "已电话核实学历" not in sign_in_as(Role.ENDORSER).get(f"{LIST}{case.id}").text
    assert sign_in_as(Role.EXPERT).get(f"{LIST}{case.id}").status_code == 404


def test_nobody_comments_on_their_own_case_nor_reads_what_is_said_of_it(hr, sign_in_as):
    person = make_person(name="人事本人")
    own = make_complete(State.SUBMITTED, person=person)
    write(hr, own, "请回避")
    browser = sign_in_as(make_user(Role.UNIT_HR, person=person))
    assert write(browser, own).status_code == 409
    assert "请回避" not in browser.get(f"{LIST}{own.id}").text
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "长" * 1001])
def test_an_empty_or_too_long_comment_is_refused_and_stays_on_the_page(hr, case, text):
    answer = write(hr, case, text)
    assert answer.status_code == 422
    assert "请填写备注（1000 字以内）" in answer.text
    assert text in answer.text
    assert Comment.objects.count() == 0


def test_a_comment_can_be_taken_back_for_ten_minutes_by_its_writer(hr, sign_in_as, case, travel):
    write(hr, case)
    row = Comment.objects.get()
    address = f"{LIST}{case.id}/comment/{row.id}/remove"
    assert sign_in_as(Role.UNIT_HR).submit(address).status_code == 409
    travel(NOW + timedelta(minutes=11))
    assert hr.submit(address).status_code == 409
    assert address not in hr.get(f"{LIST}{case.id}").text
    travel(NOW + timedelta(minutes=9))
    assert address in hr.get(f"{LIST}{case.id}").text
    assert hr.submit(address).status_code == 302
    assert Comment.objects.count() == 0


def test_a_comment_of_another_case_is_not_found(hr, case):
    other = make_complete(State.SUBMITTED, person=make_person(name="李别人"))
    write(hr, other)
    assert hr.submit(f"{LIST}{case.id}/comment/{Comment.objects.get().id}/remove").status_code == 404
    assert Comment.objects.count() == 1
