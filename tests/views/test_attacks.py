"""What a person could try with a request of their own making: each test is an attack that has to fail."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from models.application import Application
from models.choices import Origin, Role, State, Verdict
from models.meeting import Committee
from models.round_spec import RoundSpec
from models.sections import Judgement
from models.unit import Unit
from panel.domain.actors import actor_of
from panel.domain.content import entries
from panel.domain.rounds import round_files
from panel.domain.steps import judging
from panel.services import storage
from tests import factories
from tests.contents import attachment, attachments, award, make_complete, make_lecturer
from tests.factories import NOW, make_committee, make_round, make_unit, make_user
from tests.views.conftest import Browser
from tests.views.world import make_picture

JSON = {"Accept": "application/json"}
SignIn = Callable[..., Browser]


@pytest.fixture(autouse=True)
def at_now(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


@pytest.fixture
def applicant(client: Browser) -> Browser:
    return client.sign_in_as(Role.APPLICANT, person=make_lecturer())


def url(application: Application, page: str) -> str:
    return f"/my/application/{application.id}/{page}"


def stored(application: Application) -> Application:
    return Application.objects.get(id=application.id)


def raw(application: Application) -> dict[str, Any]:
    return dict(Application._get_collection().find_one({"_id": application.id}) or {})


# --- what a form doesn't offer ---------------------------------------------------------------------

#: Names as the document has them, and as the form's controls are called.
SMUGGLED = {
    name: value
    for key, value in {
        "state": "certified",
        "unit": "5f0000000000000000000000",
        "origin": "hr",
        "judgement": "accept",
        "judgement.verdict": "accept",
        "given": "name",
        "agreement": "confirmed",
        "uid": "f" * 32,
        "section": "education",
        "revision": "99",
        "is_live": "",
        "number": "X1",
        "none": "1",
        "values.name": "伪造",
        "$set": "1",
    }.items()
    for name in (key, f"f-{key}")
}


def test_an_entry_takes_nothing_but_its_fields(applicant: Browser) -> None:
    entry = award()
    entry.origin = Origin.HR.value
    entry.judgement = Judgement(verdict=Verdict.DOUBT.value, opinion="待核", at=NOW)
    application = make_complete(person=applicant.person, achievements=[entry])
    before = raw(application)
    sent = SMUGGLED | {"version": "1", "evidence": "e" * 32}
    applicant.submit(url(application, f"performance/{entry.uid}"), sent, headers=JSON)
    assert raw(application)["achievements"] == before["achievements"]
    assert raw(application)["state"] == "draft"


@pytest.mark.parametrize("page", ["basic", "performance/new?kind=award", "choice", "performance/none"])
def test_no_form_of_an_application_changes_whose_it_is_or_how_it_stands(
    applicant: Browser, page: str
) -> None:
    application = make_complete(person=applicant.person, achievements=[])
    before = raw(application)
    applicant.submit(url(application, page), SMUGGLED | {"version": "1"}, headers=JSON)
    after = raw(application)
    kept = (
        "state",
        "unit",
        "person",
        "number",
        "is_live",
        "history",
        "attachments",
        "achievements",
        "receipt",
    )
    assert {name: after.get(name) for name in kept} == {name: before.get(name) for name in kept}


def test_anothers_file_proves_nothing(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    other = make_complete(attachments=[attachment("achievement_evidence", uid="d" * 32)])
    entry = application.achievements[0]
    data = {"version": str(entry.version), "evidence": other.attachments[0].uid}
    answer = applicant.submit(url(application, f"performance/{entry.uid}"), data, headers=JSON)
    assert answer.status_code == 422
    assert stored(application).achievements[0].evidence == ["e" * 32]


def test_anothers_entry_is_neither_changed_nor_removed(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    other = make_complete(achievements=[award(uid="c" * 32)])
    for page in (f"performance/{'c' * 32}/remove", f"performance/{'c' * 32}/move"):
        assert applicant.submit(url(application, page), {"version": "1"}).status_code == 404
    assert raw(other)["revision"] == 0


def test_months_of_thousands_of_digits_are_a_typing_error(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    page = url(application, f"attachments/file/{application.attachments[0].uid}")
    answer = applicant.submit(page, {"version": "0", "months": "9" * 5000}, headers=JSON)
    assert "的整数" in answer.get_json()["messages"]["months"][0]["text"]
    assert stored(application).attachments[0].months == 60


def test_a_closed_form_does_not_even_look_at_a_file(applicant: Browser, database: Any) -> None:
    """Looking at one costs seconds and memory, and its bytes would lie about for a day."""
    application = make_complete(State.SUBMITTED, person=applicant.person)
    before = database[storage.FILES].count_documents({})
    data = {"file": [(io.BytesIO(make_picture()), "1.jpg")]}
    page = url(application, "attachments/slot/material_table")
    answer = applicant.submit(page, data, headers=JSON, content_type="multipart/form-data")
    assert answer.status_code == 409
    assert database[storage.FILES].count_documents({}) == before


# --- the identity of a new entry -------------------------------------------------------------------


def token_of(page: str) -> str:
    return page.split('name="new_uid" value="')[1].split('"')[0]


def test_a_new_entry_whose_answer_got_lost_is_not_doubled(applicant: Browser) -> None:
    application = make_complete(person=applicant.person, achievements=[])
    page = url(application, "performance/new?kind=award")
    token = token_of(applicant.get(page).text)
    data = {"version": "0", "new_uid": token, "f-name": "教学成果奖"}
    first = applicant.submit(page, data, headers=JSON).get_json()
    # the answer got lost; meanwhile the person typed on
    again = applicant.submit(page, data | {"f-grade": "一等奖"}, headers=JSON).get_json()
    assert (first["uid"], first["version"]) == (again["uid"], 1)
    assert again["version"] == 2
    (entry,) = stored(application).achievements
    assert (entry.get("name"), entry.get("grade")) == ("教学成果奖", "一等奖")


def test_two_new_forms_make_two_entries(applicant: Browser) -> None:
    application = make_complete(person=applicant.person, achievements=[])
    page = url(application, "performance/new?kind=award")
    tokens = {token_of(applicant.get(page).text) for _ in range(2)}
    assert len(tokens) == 2
    for token in tokens:
        applicant.submit(page, {"version": "0", "new_uid": token, "f-name": "奖"}, headers=JSON)
    assert len(stored(application).achievements) == 2


def test_what_another_window_saved_meanwhile_is_not_overwritten(applicant: Browser) -> None:
    application = make_complete(person=applicant.person, achievements=[])
    page = url(application, "performance/new?kind=award")
    token = token_of(applicant.get(page).text)
    data = {"version": "0", "new_uid": token, "f-name": "奖", "f-grade": "二等奖"}
    answer = applicant.submit(page, data, headers=JSON).get_json()
    own = url(application, f"performance/{answer['uid']}")
    applicant.submit(own, {"version": "1", "f-grade": "一等奖"}, headers=JSON)
    stale = applicant.submit(page, data, headers=JSON)
    assert (stale.status_code, stale.get_json()["error"]) == (409, "stale-write")
    both = applicant.submit(page, data)
    assert both.status_code == 409
    assert f'action="{own}"' in both.text
    assert stored(application).achievements[0].get("grade") == "一等奖"


def test_nobody_chooses_the_identity_of_an_entry(applicant: Browser) -> None:
    """An entry with the uid of a file would be accepted together with the file."""
    application = make_complete(person=applicant.person, achievements=[])
    file = application.attachments[0].uid
    page = url(application, "performance/new?kind=award")
    applicant.submit(page, {"version": "0", "new_uid": file, "f-name": "奖"}, headers=JSON)
    assert stored(application).achievements[0].uid != file


def test_an_entry_never_shares_a_files_identity() -> None:
    application = make_complete(achievements=[])
    file, actor = application.attachments[0].uid, factories.applicant_of(application)
    saved = entries.save_entry(
        application, "performance", None, {"name": "奖"}, 0, actor, NOW, kind="award", new_uid=file
    )
    assert saved.uid != file
    Application.objects(id=application.id).update_one(set__state="submitted", set__number="1")
    case = make_complete(State.SUBMITTED, achievements=[award()])
    judging.judge(case, [case.attachments[0].uid], Verdict.ACCEPT, "", actor_of(make_user(Role.UNIT_HR)), NOW)
    assert stored(case).achievements[0].judgement is None


# --- whose HR decides ------------------------------------------------------------------------------


def chosen(round_: Any, **change: str) -> dict[str, str]:
    return {
        "kind": "promotion",
        "level": "associate",
        "committee": round_.spec.committees[0].key,
        "speciality": "mathematics",
        "pledge": "1",
    } | change


@pytest.mark.parametrize("name", ["unit", "recommending_unit"])
def test_nobody_picks_the_unit_whose_hr_decides(applicant: Browser, name: str) -> None:
    """G04, G05: HR binds the unit in the roster; another one only where the round names it."""
    friendly = Unit(code="friendly", name="江城大学").save()
    round_ = make_round()
    answer = applicant.submit(f"/my/apply/{round_.id}", chosen(round_, **{name: str(friendly.id)}))
    assert answer.status_code == 422
    assert "人员名册" in answer.text
    assert Application.objects.count() == 0
    application = make_complete(person=applicant.person, round=round_)
    answer = applicant.submit(url(application, "choice"), chosen(round_, **{name: str(friendly.id)}))
    assert answer.status_code == 422
    assert stored(application)[name] == applicant.person.unit


def test_a_unit_that_the_round_names_can_be_chosen(applicant: Browser) -> None:
    """G04, G05."""
    other = Unit(code="merged", name="江城医学院").save()
    Unit(code="foreign", name="江城大学").save()
    round_ = make_round(other_units=["merged"])
    found = applicant.get(f"/my/apply/units?round={round_.id}&q=江城").get_json()
    assert [row["name"] for row in found] == ["江城医学院", "江城理工学院"]
    more = {"unit": str(other.id), "recommending_unit": str(other.id)}
    assert applicant.submit(f"/my/apply/{round_.id}", chosen(round_, **more)).status_code == 302
    made = Application.objects.get()
    assert (made.unit, made.recommending_unit) == (other, other)


def test_the_recommending_unit_of_the_roster_is_taken(client: Browser) -> None:
    """G05: HR defines another."""
    other = Unit(code="college", name="附属学院").save()
    applicant = client.sign_in_as(Role.APPLICANT, person=make_lecturer(recommending_unit=other))
    round_ = make_round()
    answer = applicant.submit(f"/my/apply/{round_.id}", chosen(round_, recommending_unit=str(other.id)))
    assert answer.status_code == 302
    assert Application.objects.get().recommending_unit == other


# --- files that show ID numbers (R23) --------------------------------------------------------------

#: Who opens a scan that bears an ID number: nobody but the person, their HR and the committee's office.
MAY_OPEN = {"owner": 200, "unit_hr": 200, "office": 200, "expert": 404, "endorser": 404, "supervisor": 404}


def panel_case(owner: Any) -> tuple[Application, Committee]:
    picture = storage.put(make_picture(), "image/jpeg")
    files = attachments()
    for record in files:
        record.sha256 = record.thumbnail_sha256 = picture
    committee = make_committee()
    experts = [member.user.id for member in committee.members[2:5]]
    return make_complete(State.PANEL, person=owner, attachments=files, experts=experts), committee


def browser_of(who: str, committee: Committee, owner: Browser, sign_in_as: SignIn) -> Browser:
    if who == "owner":
        return owner
    return sign_in_as(committee.members[2].user if who == "expert" else Role(who))


@pytest.mark.parametrize("who", MAY_OPEN)
def test_a_scan_with_an_id_number_is_for_few(applicant: Browser, sign_in_as: SignIn, who: str) -> None:
    case, committee = panel_case(applicant.person)
    browser = browser_of(who, committee, applicant, sign_in_as)
    private, open_ = (case.files(slot)[0].uid for slot in ("social_insurance", "achievement_evidence"))
    for address in (private, f"{private}/thumbnail"):
        assert browser.get(f"/files/{case.id}/{address}").status_code == MAY_OPEN[who]
    assert browser.get(f"/files/{case.id}/{open_}").status_code == 200


@pytest.mark.parametrize(
    ("role", "page"), [("expert", "/committee/cases/"), (Role.SUPERVISOR, "/admin/applications/")]
)
def test_the_page_of_a_case_links_to_no_closed_file(
    applicant: Browser, sign_in_as: SignIn, role: Any, page: str
) -> None:
    case, committee = panel_case(applicant.person)
    browser = sign_in_as(committee.members[2].user if role == "expert" else role)
    private, open_ = (case.files(slot)[0] for slot in ("social_insurance", "achievement_evidence"))
    shown = browser.get(f"{page}{case.id}")
    assert shown.status_code == 200
    assert open_.uid in shown.text
    assert f"/files/{case.id}/{private.uid}" not in shown.text
    assert private.name not in shown.text
    assert "含个人信息" in shown.text


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ENDORSER])
def test_the_form_as_the_applicant_sees_it_names_no_closed_file(
    applicant: Browser, sign_in_as: SignIn, role: Role
) -> None:
    case, _committee = panel_case(applicant.person)
    Application.objects(id=case.id).update_one(set__state="submitted")
    named = {"set__attachments__0__name": "林晓静身份证.pdf"}
    Application.objects(id=case.id).update_one(**named)
    page = f"/admin/applications/{case.id}/look/attachments"
    assert "林晓静身份证.pdf" in sign_in_as(Role.UNIT_HR).get(page).text
    seen = sign_in_as(role).get(page)
    assert seen.status_code == 200
    assert "林晓静身份证.pdf" not in seen.text
    assert f"{case.attachments[0].uid}/thumbnail" not in seen.text


def test_hr_closes_a_slot_later_also_for_cases_submitted_before(
    applicant: Browser, sign_in_as: SignIn
) -> None:
    case, committee = panel_case(applicant.person)
    data = case.round.spec.model_dump(mode="json")
    for slot in data["slots"]:
        slot["private"] = slot["key"] == "achievement_evidence"
    round_files.import_round(RoundSpec.model_validate(data), NOW)
    expert = sign_in_as(committee.members[2].user)
    uid = case.files("achievement_evidence")[0].uid
    assert expert.get(f"/files/{case.id}/{uid}").status_code == 404


# --- another committee's office --------------------------------------------------------------------


def test_the_office_of_one_committee_does_not_touch_another(sign_in_as: SignIn) -> None:
    make_unit()
    committee = make_committee()
    meeting = factories.make_meeting(committee)
    member = committee.members[3].user
    case = factories.make_application(State.PANEL, experts=[])
    office = sign_in_as(make_user(Role.OFFICE, committee="lab-committee"))
    posts = {
        f"/admin/committees/{committee.id}": {"valid_until": "2028-01-01"},
        f"/admin/committees/{committee.id}/members": {"username": "x", "title": "x"},
        f"/admin/committees/{committee.id}/members/{member.id}/remove": {},
        f"/admin/committees/{committee.id}/members/{member.id}/post": {"post": "chair"},
        f"/admin/meetings/{meeting.id}/edit": {"title": "x"},
        f"/admin/meetings/{meeting.id}/table": {"rowid": str(case.id)},
        "/admin/experts/choose": {"rowid": str(case.id)},
        "/admin/experts/assign": {"rowid": str(case.id), "expert": str(member.id), "step": "run"},
        f"/admin/experts/{case.id}/recuse": {"expert": str(member.id), "reason": "x"},
    }
    assert {
        address: office.submit(address, data).status_code for address, data in posts.items()
    } == dict.fromkeys(posts, 404)
    assert office.get("/admin/committees/").text.count(str(committee.id)) == 0


def test_a_meeting_takes_no_case_of_another_committee(sign_in_as: SignIn) -> None:
    committee, lab = make_committee(), make_committee(code="lab-committee", name="实验评委会")
    meeting = factories.make_meeting(lab)
    case = factories.make_application(State.PANEL)
    factories.make_opinions(case, [member.user for member in committee.members[2:5]])
    office = sign_in_as(make_user(Role.OFFICE, committee=""))
    office.submit(f"/admin/meetings/{meeting.id}/table", {"rowid": str(case.id)})
    assert stored(case).state == "panel"


def test_an_expert_of_another_committee_is_not_assigned(sign_in_as: SignIn) -> None:
    make_committee()
    lab = make_committee(code="lab-committee", name="实验评委会")
    case = factories.make_application(State.PANEL)
    office = sign_in_as(make_user(Role.OFFICE, committee=""))
    foreign = [str(member.user.id) for member in lab.members[:3]]
    office.submit("/admin/experts/assign", {"rowid": str(case.id), "expert": foreign, "step": "run"})
    assert stored(case).experts == []


# --- what no keyboard types ------------------------------------------------------------------------

SEARCHES = {
    Role.UNIT_HR: (
        "applications/?search=",
        "applications/export.xlsx?search=",
        "applications/missing?search=",
        "people/?search=",
        "search/?q=",
        "audit/?search=",
        "material/?search=",
        "extensions/new?search=",
    ),
    Role.ADMIN: ("users/?search=", "audit/?search="),
}


@pytest.mark.parametrize(
    ("role", "page"), [(role, page) for role, pages in SEARCHES.items() for page in pages]
)
@pytest.mark.parametrize("typed", ["%00", "%E6%9E%97%00"])
def test_a_search_for_a_null_byte_stops_no_page(
    sign_in_as: SignIn, role: Role, page: str, typed: str
) -> None:
    assert sign_in_as(role).get(f"/admin/{page}{typed}").status_code == 200
