"""Saved views, the choice of columns, and taking all that match into a step."""

import re

import pytest

from models.application import Application
from models.choices import Role, State
from models.saved_view import SavedView
from tests.factories import NOW, make_application, make_person, make_unit, make_user

LIST = "/admin/applications/"
VIEWS = "/admin/applications/views/"


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="林人事")


def named(name, state=State.SUBMITTED, **values):
    return make_application(state, person=make_person(name=name), photo=None, **values)


def headings(page: str) -> list[str]:
    rows = re.search(r"<thead>(.*?)</thead>", page, re.S)
    assert rows is not None
    return [
        re.sub(r"<[^>]+>|\s", "", cell)
        for cell in re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", rows[1], re.S)
    ]


def test_the_chosen_columns_are_shown_in_their_order(hr):
    named("张一")
    page = hr.get(f"{LIST}?columns=state&columns=number&columns=name").text
    assert headings(page)[:3] == ["状态", "申报编号", "申报人"]
    assert "最近变动" not in headings(page)


def test_columns_that_are_not_offered_are_dropped(hr):
    named("张一")
    page = hr.get(f"{LIST}?columns=name,id_number,$where,name").text
    assert headings(page) == ["申报人"]


def test_the_unit_is_a_column_for_those_with_several_units(hr, sign_in_as):
    named("张一")
    other = make_unit(code="other", name="外校")
    assert 'value="unit"' not in hr.get(LIST).text
    both = make_user(Role.UNIT_HR)
    both.grants.append(both.grants[0].__class__(role="unit_hr", unit=other))
    both.save()
    page = sign_in_as(both).get(f"{LIST}?columns=name,unit").text
    assert "江城理工学院" in page


def save(browser, name="学院的待办", **query):
    return browser.submit(VIEWS, {"name": name} | query)


def test_a_view_is_kept_with_filters_order_and_columns(hr):
    named("张一")
    named("李二", State.RETURNED)
    answer = save(hr, state="submitted", sort="name", desc="1", columns="name,state", is_default="1")
    assert answer.status_code == 302
    assert "state=submitted" in answer.location
    assert "columns=name" in answer.location
    page = hr.get(answer.location).text
    assert "学院的待办" in page
    assert "张一" in page
    assert "李二" not in page
    assert headings(page) == ["申报人", "状态"]


def test_what_a_view_may_hold_is_what_the_list_offers(hr):
    save(hr, state="hacked", unit="1", **{"$where": "1"}, sort="id_number", department="cs")
    assert SavedView.objects.get().query == {"department": "cs"}


def test_the_default_view_comes_first_and_the_whole_list_stays_in_reach(hr):
    named("张一")
    named("李二", State.RETURNED)
    save(hr, state="submitted", is_default="1")
    first = hr.get(LIST)
    assert first.status_code == 302
    assert "李二" not in hr.get(first.location).text
    assert "李二" in hr.get(f"{LIST}?all=1").text
    assert "all=1" in hr.get(first.location).text
    view = SavedView.objects.get()
    hr.submit(f"{VIEWS}{view.id}/default", {"is_default": ""})
    assert hr.get(LIST).status_code == 200


def test_only_one_view_is_the_default(hr):
    save(hr, "甲", state="submitted", is_default="1")
    save(hr, "乙", state="returned", is_default="1")
    assert [view.name for view in SavedView.objects(is_default=True)] == ["乙"]


def test_a_shared_address_shows_each_their_own_scope(hr, sign_in_as):
    named("张一")
    make_application(
        State.SUBMITTED,
        person=make_person(name="外人", unit=make_unit(code="other", name="外校")),
        photo=None,
    )
    address = save(hr, state="submitted").location
    other = sign_in_as(Role.UNIT_HR, unit=make_unit(code="other", name="外校"))
    page = other.get(address).text
    assert "外人" in page
    assert "张一" not in page
    assert "学院的待办" not in page


def test_names_are_needed_short_and_told_apart_and_nothing_is_lost(hr):
    for name in ("", "   ", "长" * 41):
        answer = save(hr, name, state="submitted")
        assert answer.status_code == 422
        assert 'value="submitted"' in answer.text
    save(hr, "甲")
    assert "已有同名的视图" in save(hr, "甲", state="submitted").text
    assert SavedView.objects.count() == 1


def test_a_view_is_renamed_and_deleted(hr):
    save(hr, "甲")
    view = SavedView.objects.get()
    hr.submit(f"{VIEWS}{view.id}/rename", {"name": "乙"})
    assert "乙" in hr.get(VIEWS).text
    hr.submit(f"{VIEWS}{view.id}/delete")
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize("deed", ["rename", "default", "delete"])
def test_nobody_touches_anothers_view(hr, sign_in_as, deed):
    save(hr, "甲")
    view = SavedView.objects.get()
    other = sign_in_as(Role.UNIT_HR)
    assert other.submit(f"{VIEWS}{view.id}/{deed}", {"name": "乙", "is_default": "1"}).status_code == 404
    assert "甲" not in other.get(VIEWS).text
    assert (SavedView.objects.get().name, SavedView.objects.get().is_default) == ("甲", False)


def test_no_more_than_thirty_views(hr):
    for serial in range(30):
        save(hr, f"视图{serial}")
    assert "最多保存 30 个视图" in save(hr, "再一个").text


# --- all that match --------------------------------------------------------------------------------


def chosen(page: str) -> set[str]:
    return set(re.findall(r'name="rowid" value="(\w+)"', page))


def test_all_that_match_are_taken_beyond_the_page(hr):
    lapsed = {str(named(f"张{n}", State.LAPSED, lapsed_from="returned").id) for n in range(55)}
    named("李二")
    assert 'data-bulk-all="55"' in hr.get(f"{LIST}?state=lapsed").text
    page = hr.submit(f"{LIST}action/", {"action": "reinstate", "all": "1", "state": "lapsed"}).text
    assert chosen(page) == lapsed
    assert "将办理 55 人" in page
    assert "另有 5 人" in page
    day = "2026-09-30"
    report = hr.submit(
        f"{LIST}run/reinstate", {"rowid": list(lapsed), "reason": "系统故障", "deadline": day}
    ).text
    assert "已办理 55 人" in report
    assert Application.objects(state="lapsed").count() == 0


def test_all_that_match_stays_within_what_the_person_sees(hr):
    mine = named("张一", State.LAPSED, lapsed_from="returned")
    elsewhere = make_person(name="外人", unit=make_unit(code="other", name="外校"))
    make_application(State.LAPSED, person=elsewhere, lapsed_from="returned", photo=None)
    page = hr.submit(f"{LIST}action/", {"action": "reinstate", "all": "1"}).text
    assert chosen(page) == {str(mine.id)}


def test_more_than_a_step_takes_is_refused_with_a_way_on(hr, monkeypatch):
    monkeypatch.setattr("views.kit.secure_pages.MAX_ROWS_NAMED", 3)
    for n in range(4):
        named(f"张{n}", State.LAPSED, lapsed_from="returned")
    answer = hr.submit(f"{LIST}action/", {"action": "reinstate", "all": "1"}, follow_redirects=True)
    assert "一次最多处理 3 条，请用筛选分几次进行。" in answer.text
