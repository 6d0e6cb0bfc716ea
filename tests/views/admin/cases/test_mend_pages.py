"""A correction on the applicant's behalf: HR makes it, the applicant answers, HR takes it back."""

from collections.abc import Callable
from datetime import datetime

import pytest

from models.application import Application
from models.choices import Role, State
from models.mend import Mend
from panel.domain.content import mending
from panel.domain.content.frozen import freeze
from tests.contents import make_complete
from tests.factories import NOW, fresh
from tests.views.conftest import Browser


@pytest.fixture(autouse=True)
def at_now(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


@pytest.fixture
def case(database: object) -> Application:
    made = make_complete(State.SUBMITTED)
    freeze(made, None, NOW)
    return made


@pytest.fixture
def hr(case: Application, sign_in_as: Callable[..., Browser]) -> Browser:
    return sign_in_as(Role.UNIT_HR)


@pytest.fixture
def applicant(case: Application, sign_in_as: Callable[..., Browser]) -> Browser:
    return sign_in_as(Role.APPLICANT, person=case.person)


def form(case: Application, **changes: str) -> dict[str, str]:
    place = next(p for p in mending.places(case) if p.entry and p.field.key == "name")
    return {
        "section": place.section.key,
        "entry": place.entry,
        "field": "name",
        "seen": place.typed,
        "value": "改正后的名称",
        "reason": "漏了一个字",
    } | changes


def test_from_the_case_to_the_form_to_the_applicants_yes(
    case: Application, hr: Browser, applicant: Browser
) -> None:
    assert f"/admin/applications/{case.id}/mend" in hr.get(f"/admin/applications/{case.id}").text
    sent = form(case)
    listed = hr.get(f"/admin/applications/{case.id}/mend").text
    assert sent["seen"] in listed
    address = f"/admin/applications/{case.id}/mend?section={sent['section']}&entry={sent['entry']}&field=name"
    assert f'value="{sent["seen"]}"' in hr.get(address).text
    done = hr.submit(f"/admin/applications/{case.id}/mend", sent, follow_redirects=True).text
    assert "已更正，并通知了本人确认" in done
    assert "待本人确认" in done
    assert f"<del>{sent['seen']}</del> → <ins>改正后的名称</ins>" in done
    overview = applicant.get(f"/my/application/{case.id}/").text
    assert "人事代为更正" in overview
    assert "漏了一个字" in overview
    row = Mend.objects.get()
    answered = applicant.submit(f"/my/mends/{row.id}", {"step": "confirm"}, follow_redirects=True).text
    assert "已确认这处更正" in answered
    assert "本人已确认" in hr.get(f"/admin/applications/{case.id}").text


def test_an_objection_is_seen_by_hr_who_takes_it_back(
    case: Application, hr: Browser, applicant: Browser
) -> None:
    sent = form(case)
    hr.submit(f"/admin/applications/{case.id}/mend", sent)
    row = Mend.objects.get()
    empty = applicant.submit(f"/my/mends/{row.id}", {"step": "object"}, follow_redirects=True).text
    assert "请写明哪里不对" in empty
    applicant.submit(f"/my/mends/{row.id}", {"step": "object", "objection": "原名没有错"})
    assert "本人的异议：原名没有错" in hr.get(f"/admin/applications/{case.id}").text
    back = hr.submit(f"/admin/applications/{case.id}/mend/{row.id}/restore", follow_redirects=True).text
    assert "已改回原内容，并通知了本人" in back
    entry = next(e for e in fresh(case).entries(sent["section"]) if e.uid == sent["entry"])
    assert entry.get("name") == sent["seen"]


def test_a_refused_form_keeps_what_was_typed(case: Application, hr: Browser) -> None:
    answer = hr.submit(f"/admin/applications/{case.id}/mend", form(case, reason="", value="打了很久的字"))
    assert answer.status_code == 422
    assert "请写明更正的原因" in answer.text
    assert "打了很久的字" in answer.text
    stale = hr.submit(f"/admin/applications/{case.id}/mend", form(case, seen="旧内容"))
    assert stale.status_code == 409
    assert "刚被改过" in stale.text
    assert Mend.objects.count() == 0


@pytest.mark.parametrize(
    ("section", "field"),
    [("basic", "id_number"), ("basic", "state"), ("history", "action"), ("basic", "$set")],
)
def test_what_isnt_offered_isnt_there(case: Application, hr: Browser, section: str, field: str) -> None:
    before = fresh(case).revision
    sent = form(case, section=section, entry="", field=field)
    assert hr.submit(f"/admin/applications/{case.id}/mend", sent).status_code == 404
    assert fresh(case).revision == before


def test_a_strangers_answer_and_an_unknown_step_are_not_found(
    case: Application, hr: Browser, applicant: Browser, sign_in_as: Callable[..., Browser]
) -> None:
    hr.submit(f"/admin/applications/{case.id}/mend", form(case))
    row = Mend.objects.get()
    assert sign_in_as(Role.APPLICANT).submit(f"/my/mends/{row.id}", {"step": "confirm"}).status_code == 404
    assert hr.submit(f"/my/mends/{row.id}", {"step": "confirm"}).status_code == 404
    assert applicant.submit(f"/my/mends/{row.id}", {"step": "restore"}).status_code == 404
    assert Mend.objects.get().state == "waiting"


def test_no_case_but_one_being_checked_offers_it(hr: Browser) -> None:
    returned = make_complete(State.RETURNED)
    assert f"/admin/applications/{returned.id}/mend" not in hr.get(f"/admin/applications/{returned.id}").text
    assert hr.get(f"/admin/applications/{returned.id}/mend").status_code == 409
    assert hr.get(f"/admin/applications/{make_complete(State.DRAFT).id}/mend").status_code == 404
