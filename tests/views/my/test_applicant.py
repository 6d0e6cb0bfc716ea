"""The applicant's area: what is offered, who may open what, and the start of an application (G03-G09)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from bson import ObjectId

from models.application import Application
from models.choices import Role, State
from models.review_round import ReviewRound
from models.unit import Unit
from models.values import PartialDate
from tests.contents import make_complete, make_lecturer
from tests.factories import NOW, make_application, make_round, make_unit, make_user
from tests.views.conftest import Browser

Travel = Callable[[datetime], None]


@pytest.fixture
def applicant(client: Browser, travel: Travel) -> Browser:
    """A lecturer at the browser, within the round's window."""
    travel(NOW)
    return client.sign_in_as(Role.APPLICANT, person=make_lecturer())


def url(application: Application, page: str = "") -> str:
    return f"/my/application/{application.id}/{page}"


def chosen(round: ReviewRound, **changes: str) -> dict[str, str]:
    """What the lecturer ticks on the first page."""
    given = {
        "kind": "promotion",
        "level": "associate",
        "committee": "teacher-committee",
        "speciality": "mathematics",
        "pledge": "1",
    }
    return {key: value for key, value in (given | changes).items() if value}


PAGES = [
    "", "choice", "basic", "qualification", "education", "education/new", "training", "work_history",
    "performance", "performance/new?kind=project", "publications", "publications/new?kind=paper",
    "assessments", "attachments", "photo", "check", "preview", "form.pdf", "submit", "withdraw",
]  # fmt: skip
POSTS = [
    "choice", "basic", "performance/new?kind=project", "performance/none", "attachments/slot/material_table",
    "photo", "submit", "recall", "withdraw", "confirm",
]  # fmt: skip
UID = "0123456789abcdef0123456789abcdef"
POSTS_BY_UID = [
    f"performance/{UID}", f"performance/{UID}/remove", f"performance/{UID}/restore",
    f"performance/{UID}/move", f"attachments/file/{UID}", f"attachments/file/{UID}/remove",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_a_draft_opens(applicant: Browser, page: str) -> None:
    application = make_complete(person=applicant.person)
    assert applicant.get(url(application, page)).status_code == 200


@pytest.mark.parametrize("state", [s for s in State if s != State.DRAFT])
def test_the_overview_opens_in_every_state(applicant: Browser, state: State) -> None:
    application = make_complete(
        state,
        person=applicant.person,
        publicity_ends=NOW + timedelta(days=5),
        deadline=NOW + timedelta(days=5),
        certificate=ObjectId() if state in (State.CERTIFIED, State.REVOKED) else None,
    )
    page = applicant.get(url(application))
    assert page.status_code == 200
    assert state.label.id in page.text
    assert applicant.get("/my/").status_code == 200


@pytest.mark.parametrize("page", [*PAGES, "receipt", "confirm", f"performance/{UID}"])
def test_a_foreign_application_does_not_exist(applicant: Browser, page: str) -> None:
    foreign = make_complete()
    assert applicant.get(url(foreign, page)).status_code == 404


@pytest.mark.parametrize("page", [*POSTS, *POSTS_BY_UID])
def test_nothing_can_be_written_to_a_foreign_application(applicant: Browser, page: str) -> None:
    foreign = make_complete()
    before = foreign.revision
    assert applicant.submit(url(foreign, page), {"name": foreign.name, "pledge": "1"}).status_code == 404
    assert Application.objects.get(id=foreign.id).revision == before


@pytest.mark.parametrize("page", POSTS_BY_UID[1:])
def test_unknown_entries_and_files_do_not_exist(applicant: Browser, page: str) -> None:
    application = make_complete(person=applicant.person)
    assert applicant.submit(url(application, page)).status_code == 404


@pytest.mark.parametrize(
    "page",
    ["nowhere", "nowhere/new", f"performance/{UID}", "performance/new?kind=painting", "basic/new", "receipt"],
)
def test_unknown_parts_do_not_exist(applicant: Browser, page: str) -> None:
    application = make_complete(person=applicant.person)
    assert applicant.get(url(application, page)).status_code == 404


@pytest.mark.parametrize("id", ["nonsense", "665f00000000000000000001", "%7B%22$ne%22:1%7D"])
def test_malformed_and_unknown_ids_do_not_exist(applicant: Browser, id: str) -> None:
    assert applicant.get(f"/my/application/{id}/").status_code == 404
    assert applicant.get(f"/my/apply/{id}").status_code == 404


def test_signed_out_one_signs_in_first(client: Browser) -> None:
    application = make_complete()
    answer = client.get(url(application, "basic"))
    assert answer.status_code == 302
    assert "/sign-in?next=" in answer.location


def test_an_account_without_a_person_has_no_applications(client: Browser) -> None:
    client.sign_in_as(Role.UNIT_HR)
    assert client.get("/my/").status_code == 404


def test_a_post_without_a_token_is_refused(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    assert applicant.post(url(application, "basic"), data={"version": "1"}).status_code == 400


# --- the first page --------------------------------------------------------------------------------


def test_the_first_page_offers_the_open_round_and_nothing_else(applicant: Browser) -> None:
    round = make_round()
    make_round("lab")  # of another series than the person's
    page = applicant.get("/my/").text
    assert f"/my/apply/{round.id}" in page
    assert page.count("/my/apply/") == 1


def test_without_an_open_round_it_says_when_and_whom_to_ask(applicant: Browser, travel: Travel) -> None:
    make_round()
    travel(NOW - timedelta(days=40))
    page = applicant.get("/my/").text
    assert "现在没有可以申报的批次" in page
    assert "2026年9月1日 开放申报" in page
    assert "/my/apply/" not in page


def test_a_running_application_is_opened_where_one_left_off(applicant: Browser) -> None:
    """G09: 编辑 leads to the part last worked at, or to the next that isn't done."""
    application = make_complete(person=applicant.person, work_history=[])
    page = applicant.get("/my/").text
    assert f'href="{url(application, "work_history")}"' in page
    assert "编辑" in page


# --- starting --------------------------------------------------------------------------------------


def test_start_records_pledge_unit_and_choice(applicant: Browser) -> None:
    """G04-G07: units from the roster, the pledge with its version."""
    round = make_round()
    answer = applicant.submit(f"/my/apply/{round.id}", chosen(round))
    application = Application.objects.get()
    assert answer.location.endswith(url(application))
    assert application.unit == applicant.person.unit
    assert application.recommending_unit == applicant.person.unit
    assert application.pledges[0].text_version == round.spec.texts.pledge_version
    assert (application.level, application.speciality) == ("associate", "mathematics")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pledge": ""}, "请阅读并勾选个人承诺，再开始填报。"),
        ({"level": "senior"}, "跨级申报须按破格办理"),
        ({"kind": "first"}, "请选择适合您情况的申报类型"),
        ({"committee": "lab-committee"}, "请选择为您所在部门和系列服务的评委会"),
        ({"speciality": "astrology"}, 'is-invalid" id="field-speciality"'),
    ],
)
def test_a_choice_that_does_not_fit_is_refused_and_kept(
    applicant: Browser, change: dict[str, str], message: str
) -> None:
    round = make_round()
    answer = applicant.submit(f"/my/apply/{round.id}", chosen(round, **change))
    assert answer.status_code == 422
    assert message in answer.text
    if "speciality" not in change:
        assert '<option value="mathematics"' in answer.text
        assert 'data-committees="teacher-committee" selected' in answer.text
    assert Application.objects.count() == 0


def test_an_exceptional_application_may_skip_a_level(applicant: Browser) -> None:
    round = make_round()
    applicant.submit(f"/my/apply/{round.id}", chosen(round, level="senior") | {"exceptional": "1"})
    assert Application.objects.get().exceptional is True


def test_one_level_that_fits_is_chosen_already(applicant: Browser) -> None:
    round = make_round()
    page = applicant.get(f"/my/apply/{round.id}").text
    assert 'name="level" value="associate" checked' in page
    assert 'value="junior"' not in page


def test_the_agreed_speciality_is_chosen_already(client: Browser, travel: Travel) -> None:
    """G08: pre-filled from HR's table."""
    travel(NOW)
    client.sign_in_as(Role.APPLICANT, person=make_lecturer(speciality="design"))
    page = client.get(f"/my/apply/{make_round().id}").text
    assert '<option value="design" data-committees="teacher-committee" selected>' in page
    assert "须与人事材料表一致：设计学" in page


def test_a_closed_round_cannot_be_entered(applicant: Browser, travel: Travel) -> None:
    round = make_round()
    travel(datetime(2027, 1, 1, 0, 0, tzinfo=NOW.tzinfo))
    assert applicant.get(f"/my/apply/{round.id}").status_code == 404
    assert applicant.submit(f"/my/apply/{round.id}", chosen(round)).status_code == 404
    assert Application.objects.count() == 0


def test_a_second_start_in_the_year_opens_the_first(applicant: Browser) -> None:
    round = make_round()
    application = make_application(person=applicant.person, round=round)
    answer = applicant.submit(f"/my/apply/{round.id}", chosen(round))
    assert answer.location.endswith(url(application))
    assert Application.objects.count() == 1


def test_units_are_found_by_name_pinyin_and_credit_code(applicant: Browser) -> None:
    """G04."""
    make_unit(code="hk", name="汉口医学院", credit_code="12420000441626842P")
    search = f"/my/apply/units?round={make_round(other_units=['hk']).id}&q="
    for typed in ("汉口", "hankou", "hk", "12420000"):
        assert [u["name"] for u in applicant.get(search + typed).get_json()] == ["汉口医学院"]
    assert applicant.get(search).get_json() == []
    assert applicant.get(search + ".*").get_json() == []


def test_an_unknown_unit_is_not_found(applicant: Browser) -> None:
    round = make_round()
    data = chosen(round) | {"unit": str(ObjectId())}
    assert applicant.submit(f"/my/apply/{round.id}", data).status_code == 404
    assert Unit.objects.count() == 1


# --- changing the choice ---------------------------------------------------------------------------


def test_changing_the_choice_keeps_the_content(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    data = chosen(application.round, level="senior", speciality="english") | {"exceptional": "1"}
    answer = applicant.submit(url(application, "choice"), data)
    assert answer.location.endswith(url(application))
    stored = Application.objects.get()
    assert (stored.level, stored.speciality, stored.exceptional) == ("senior", "english", True)
    assert stored.record("basic").get("birth_place") == "湖北武汉"
    assert len(stored.achievements) == 4


def test_a_wrong_change_is_refused_and_kept_on_the_page(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    data = chosen(application.round, level="junior", speciality="english")
    answer = applicant.submit(url(application, "choice"), data)
    assert answer.status_code == 422
    assert '<option value="english" data-committees="teacher-committee" selected>' in answer.text
    assert Application.objects.get().speciality == "computer_science"


def test_after_submitting_the_choice_is_closed(applicant: Browser) -> None:
    application = make_complete(State.SUBMITTED, person=applicant.person)
    assert "提交后不能自行更改申报信息" in applicant.get(url(application, "choice")).text
    answer = applicant.submit(url(application, "choice"), chosen(application.round, speciality="english"))
    assert answer.status_code in (302, 409)
    assert Application.objects.get().speciality == "computer_science"


def test_a_first_application_is_offered_to_one_without_a_title(client: Browser, travel: Travel) -> None:
    travel(NOW)
    person = make_lecturer(
        title=None,
        title_level=None,
        title_series=None,
        title_approved_on=None,
        birth_date=date(1999, 1, 1),
        work_start=PartialDate(2025, 7),
    )
    client.sign_in_as(make_user(person=person))
    page = client.get(f"/my/apply/{make_round().id}").text
    assert 'name="kind" value="first" checked' in page
    assert 'value="promotion"' not in page


def test_whose_case_of_the_year_has_ended_is_told_so_while_the_round_is_still_open(
    applicant: Browser,
) -> None:
    make_complete(State.FAILED, person=applicant.person)
    page = applicant.get("/my/").text
    assert "您今年的申报已经结束" in page
    assert "每人每年只能申报一次" in page
    assert "截止" not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.UNIT_PUBLICITY, "单位内公示已结束，等待单位推荐"),
        (State.RESULT_PUBLICITY, "结果公示已结束，等待确认"),
    ],
)
def test_a_publicity_that_is_over_is_not_called_running(applicant: Browser, state: State, words: str) -> None:
    make_complete(state, person=applicant.person, publicity_ends=NOW - timedelta(seconds=1))
    page = applicant.get("/my/").text
    assert words in page
    assert "为止" not in page
