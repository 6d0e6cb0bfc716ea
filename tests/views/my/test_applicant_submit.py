"""From the checklist to the receipt, and back (G06, G10, G29, G30)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.application import Application, Submission
from models.choices import Gender, Role, State
from models.sections import Return, ReturnItem
from panel.domain.content import roster
from tests.contents import make_complete, make_lecturer
from tests.factories import NOW, make_application, make_certificate
from tests.views.conftest import Browser


@pytest.fixture
def applicant(client: Browser, travel: Callable[[datetime], None]) -> Browser:
    travel(NOW)
    return client.sign_in_as(Role.APPLICANT, person=make_lecturer())


def url(application: Application, page: str = "") -> str:
    return f"/my/application/{application.id}/{page}"


def stored() -> Application:
    return Application.objects.get()


def submitted(applicant: Browser, **values: Any) -> Application:
    """An application handed in by its applicant."""
    application = make_complete(person=applicant.person, **values)
    applicant.get(url(application, "form.pdf"))
    applicant.submit(url(application, "submit"), {"pledge": "1"})
    return stored()


def test_each_line_of_the_checklist_leads_to_its_field(applicant: Browser) -> None:
    application = make_application(person=applicant.person, photo=None)
    page = applicant.get(url(application, "check")).text
    assert f'href="{url(application, "basic")}#field-ethnicity"' in page
    assert f'href="{url(application, "attachments")}#slot-material_table"' in page
    assert f'href="{url(application, "photo")}"' in page
    target = applicant.get(url(application, "basic")).text
    assert 'id="field-ethnicity"' in target
    assert 'id="slot-material_table"' in applicant.get(url(application, "attachments")).text


def test_a_complete_application_has_nothing_on_the_list(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    assert "必须处理" not in applicant.get(url(application, "check")).text


def test_serving_the_form_is_recorded_as_preview(applicant: Browser) -> None:
    """G29."""
    application = make_complete(person=applicant.person)
    answer = applicant.get(url(application, "form.pdf"))
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    preview = stored().preview
    assert preview["content_revision"] == application.content_revision
    assert stored().content_revision == application.content_revision
    assert len(preview["sha256"]) == 64


@pytest.mark.usefixtures("quickly_printed")
def test_a_change_after_the_preview_asks_for_another(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    applicant.get(url(application, "form.pdf"))
    applicant.submit(url(application, "basic"), {"version": "1", "f-ethnicity": "土家族"})
    answer = applicant.submit(url(application, "submit"), {"pledge": "1"})
    assert answer.status_code == 409
    assert "需要重新预览" in answer.text
    assert stored().state == State.DRAFT


def test_without_preview_submitting_is_refused(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    assert 'name="pledge"' not in applicant.get(url(application, "submit")).text
    answer = applicant.submit(url(application, "submit"), {"pledge": "1"})
    assert answer.status_code == 409
    assert "请先预览申报表册" in answer.text


@pytest.mark.usefixtures("quickly_printed")
def test_without_the_pledge_submitting_is_refused(applicant: Browser) -> None:
    """G06."""
    application = make_complete(person=applicant.person)
    applicant.get(url(application, "form.pdf"))
    answer = applicant.submit(url(application, "submit"))
    assert answer.status_code == 409
    assert answer.text.count("请阅读并勾选个人承诺") == 2
    assert '<a href="#field-pledge">' in answer.text
    assert 'aria-describedby="pledge-error"' in answer.text
    assert stored().state == State.DRAFT


@pytest.mark.usefixtures("quickly_printed")
def test_with_something_missing_submitting_is_refused_and_listed(applicant: Browser) -> None:
    application = make_complete(person=applicant.person, photo=None)
    applicant.get(url(application, "form.pdf"))
    answer = applicant.submit(url(application, "submit"), {"pledge": "1"})
    assert answer.status_code == 409
    assert "还有 1 处必须处理" in answer.text
    assert url(application, "photo") in answer.text


@pytest.mark.usefixtures("quickly_printed")
def test_submitting_freezes_the_content_and_gives_a_receipt(applicant: Browser) -> None:
    application = submitted(applicant)
    assert application.state == State.SUBMITTED
    page = applicant.get(url(application, "receipt")).text
    assert application.number in page
    assert Submission.objects.get().sha256 in page
    assert "2026年9月15日 10:00" in page
    assert application.pledges[-1].purpose == "submit"


@pytest.mark.usefixtures("quickly_printed")
def test_a_second_submit_leads_back_instead_of_failing(applicant: Browser) -> None:
    application = submitted(applicant)
    answer = applicant.submit(url(application, "submit"), {"pledge": "1"})
    assert answer.location.endswith(url(application))
    assert Submission.objects.count() == 1


@pytest.mark.usefixtures("quickly_printed")
def test_recall_until_hr_has_begun(applicant: Browser) -> None:
    application = submitted(applicant)
    applicant.submit(url(application, "recall"))
    assert stored().state == State.DRAFT


@pytest.mark.usefixtures("quickly_printed")
def test_no_recall_once_hr_has_begun(applicant: Browser) -> None:
    application = submitted(applicant)
    Application.objects(id=application.id).update_one(set__hr_begun_at=NOW)
    assert "单位已开始审核，不能自行撤回" in applicant.get(url(application)).text
    answer = applicant.submit(url(application, "recall"), headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert stored().state == State.SUBMITTED


@pytest.mark.parametrize("name", ["", "林晓", "别人"])
def test_giving_up_needs_the_own_name(applicant: Browser, name: str) -> None:
    application = make_complete(person=applicant.person)
    answer = applicant.submit(url(application, "withdraw"), {"name": name})
    assert answer.status_code == 422
    assert f'value="{name}"' in answer.text
    assert stored().state == State.DRAFT


def test_who_gave_up_sees_it_among_the_past_and_may_start_anew(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    applicant.submit(url(application, "withdraw"), {"name": "林晓静"})
    assert stored().state == State.WITHDRAWN
    page = applicant.get("/my/").text
    assert "以往申报" in page
    assert f"/my/apply/{application.round.id}" in page


@pytest.mark.usefixtures("quickly_printed")
def test_what_has_ended_is_not_called_submitted(applicant: Browser) -> None:
    application = make_complete(State.WITHDRAWN, person=applicant.person)
    page = applicant.get(url(application, "basic")).text
    assert "这份申报已经结束，内容只能查看。" in page
    assert "申报已提交" not in page


def test_a_certified_case_cannot_be_given_up(applicant: Browser) -> None:
    application = make_complete(State.CERTIFIED, person=applicant.person)
    make_certificate(application)
    answer = applicant.submit(url(application, "withdraw"), {"name": "林晓静"})
    assert answer.location.endswith(url(application))
    assert stored().state == State.CERTIFIED


def test_what_hr_handed_in_is_confirmed_with_the_pledge(applicant: Browser) -> None:
    application = make_complete(State.SUBMITTED, person=applicant.person)
    Application.objects(id=application.id).update_one(set__receipt__on_behalf=True)
    assert "请核对并确认" in applicant.get(url(application)).text
    answer = applicant.submit(url(application, "confirm"))
    assert answer.status_code == 422
    assert "请阅读并勾选个人承诺，再确认" in answer.text
    applicant.submit(url(application, "confirm"), {"pledge": "1"})
    assert stored().receipt.confirmed_at is not None
    assert stored().pledges[-1].purpose == "confirm"


@pytest.mark.usefixtures("quickly_printed")
def test_there_is_nothing_to_confirm_in_an_own_submission(applicant: Browser) -> None:
    application = submitted(applicant)
    answer = applicant.submit(url(application, "confirm"), {"pledge": "1"})
    assert answer.location.endswith(url(application))
    assert stored().receipt.confirmed_at is None


ITEM = ReturnItem(section="basic", field="duty_summary", text="请补充教学工作量")


def returned(applicant: Browser, *items: ReturnItem) -> Application:
    application = submitted(applicant)
    deadline = NOW + timedelta(days=5)
    Application.objects(id=application.id).update_one(
        set__state="returned",
        set__deadline=deadline,
        push__returns=Return(
            items=list(items) or [ITEM],
            deadline=deadline,
            at=NOW,
            from_state="submitted",
            submission=Submission.objects.get().id,
        ),
    )
    return stored()


def test_returned_items_are_pinned_with_links_and_deadline(applicant: Browser) -> None:
    application = returned(applicant)
    page = applicant.get(url(application)).text
    assert "请补充教学工作量" in page
    assert f'href="{url(application, "basic")}#field-duty_summary"' in page
    assert "2026年9月20日" in page


def test_an_item_counts_as_answered_once_something_was_changed_there(
    applicant: Browser, travel: Callable[[datetime], None]
) -> None:
    application = returned(applicant)
    assert "已改" not in applicant.get(url(application)).text
    assert "还有 1 条没有改" in applicant.get("/my/").text
    travel(NOW + timedelta(hours=1))
    applicant.submit(url(application, "basic"), {"version": "1", "f-duty_summary": "每年四百学时。"})
    assert "已改" in applicant.get(url(application)).text
    assert "核对申报表册" in applicant.get("/my/").text


def test_an_item_is_answered_by_a_change_of_its_own_field_that_was_not_taken_back(applicant: Browser) -> None:
    """The time of the last save says neither; HR is shown the same (panel.domain.content.changes)."""
    school = ReturnItem(section="basic", field="school", text="请写全称")
    application = returned(applicant, ITEM, school)
    duty = application.record("basic").get("duty_summary")
    for version, typed, still_open in (("1", "每年四百学时。", 1), ("2", duty, 2)):
        applicant.submit(url(application, "basic"), {"version": version, "f-duty_summary": typed})
        assert stored().record("basic").get("duty_summary") == typed
        assert f"还有 {still_open} 条没有改" in applicant.get(url(application)).text


def test_what_the_roster_changes_is_no_answer_of_the_applicant(applicant: Browser) -> None:
    application = returned(applicant, ReturnItem(section="basic", text="请核对基本信息"))
    assert "还有 1 条没有改" in applicant.get(url(application)).text
    person = application.person
    person.name = "林晓静静"
    person.gender = Gender.MALE.value
    person.save()
    assert roster.refresh_drafts(person, NOW) == 1
    assert "还有 1 条没有改" in applicant.get(url(application)).text
    version = str(stored().record("basic").version)
    applicant.submit(url(application, "basic"), {"version": version, "f-duty_summary": "每年四百学时。"})
    assert "核对申报表册" in applicant.get("/my/").text


def test_what_was_not_mended_is_shown_once_more_before_handing_in_again(applicant: Browser) -> None:
    application = returned(applicant)
    page = applicant.get(url(application, "submit")).text
    assert "还有 1 条退回意见没有改动" in page
    assert "请补充教学工作量" in page
    applicant.submit(url(application, "basic"), {"version": "1", "f-duty_summary": "每年四百学时。"})
    assert "退回意见没有改动" not in applicant.get(url(application, "submit")).text


@pytest.mark.usefixtures("quickly_printed")
def test_what_was_returned_is_corrected_and_handed_in_again(applicant: Browser) -> None:
    application = returned(applicant)
    applicant.submit(url(application, "basic"), {"version": "1", "f-duty_summary": "每年四百学时。"})
    applicant.get(url(application, "form.pdf"))
    answer = applicant.submit(url(application, "submit"), {"pledge": "1"})
    assert answer.location.endswith(url(application, "receipt"))
    assert stored().state == State.SUBMITTED
    assert Submission.objects.count() == 2


@pytest.mark.usefixtures("quickly_printed")
def test_after_the_deadline_nothing_is_handed_in(
    applicant: Browser, travel: Callable[[datetime], None]
) -> None:
    application = returned(applicant)
    applicant.get(url(application, "form.pdf"))
    travel(NOW + timedelta(days=7))
    answer = applicant.submit(url(application, "submit"), {"pledge": "1"})
    assert answer.status_code == 409
    assert "补正期限已过" in answer.text
    assert stored().state == State.RETURNED


def test_the_certificate_is_offered_with_its_verification(applicant: Browser) -> None:
    """G32."""
    application = make_complete(State.CERTIFIED, person=applicant.person)
    certificate = make_certificate(application)
    page = applicant.get(url(application)).text
    assert f"/certificates/{certificate.id}.pdf" in page
    assert f"/verify/{certificate.code}" in page


def test_pages_speak_english_too(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    applicant.set_cookie("language", "en")
    for page in ("", "basic", "performance", "attachments", "photo", "preview", "submit", "choice"):
        assert applicant.get(url(application, page)).status_code == 200
