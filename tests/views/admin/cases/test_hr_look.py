"""HR looks at a case as its applicant sees it: the same pages, nothing to write, secrets masked."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest

from models.application import Application, Submission
from models.choices import Role, State
from models.sections import ReturnItem
from panel.domain.content.frozen import content_of
from panel.domain.rounds.masking import masked
from tests.contents import make_complete
from tests.factories import NOW, fresh, stored
from tests.steps import running_return
from tests.views.conftest import Browser


@pytest.fixture(autouse=True)
def at_now(travel: Callable[[datetime], None]) -> None:
    travel(NOW)


@pytest.fixture
def case(database: object) -> Application:
    return make_complete(State.SUBMITTED)


def pages(case: Application) -> list[str]:
    sections = ["basic", "performance", "publications", "education", "attachments", "photo"]
    entry = case.achievements[0]
    root = f"/admin/applications/{case.id}/look"
    return [root, *(f"{root}/{key}" for key in sections), f"{root}/{entry.section}/{entry.uid}"]


def test_every_page_is_there_and_none_writes(case: Application, sign_in_as: Callable[..., Browser]) -> None:
    hr = sign_in_as(Role.UNIT_HR)
    before = stored(case)
    for address in pages(case):
        page = hr.get(address)
        assert page.status_code == 200, address
        main = page.text[page.text.index('<main id="content"') : page.text.index("</main>")]
        assert f"您看到的是 {case.name} 看到的页面" in main
        # a form of the entry's page frames its fields; nothing in it can be sent
        assert 'type="submit"' not in main, address
        assert "data-autosave" not in main, address
        links = set(re.findall(r'href="(/my/[^"]*)"', main))
        assert links == set(), address
        assert hr.submit(address).status_code in (404, 405), address
    assert stored(case) == before


def test_a_mask_is_no_answer_to_what_was_returned(
    case: Application, sign_in_as: Callable[..., Browser]
) -> None:
    looked_at = Submission(
        application=case, content_revision=3, content=content_of(fresh(case)), sha256="a" * 64, at=NOW
    ).save()
    item = ReturnItem(section="basic", field="id_number", text="请核对身份证号")
    Application.objects(id=case.id).update(
        set__state="returned", push__returns=running_return(items=[item], submission=looked_at.id)
    )
    page = sign_in_as(Role.UNIT_HR).get(f"/admin/applications/{case.id}/look").text
    assert "请核对身份证号" in page
    assert "已改" not in page


def test_secrets_are_masked_on_every_page(case: Application, sign_in_as: Callable[..., Browser]) -> None:
    hr, applicant = sign_in_as(Role.UNIT_HR), sign_in_as(Role.APPLICANT, person=case.person)
    secret = str(case.record("basic").get("id_number"))
    assert len(secret) == 18
    assert secret in applicant.get(f"/my/application/{case.id}/basic").text
    shown = "".join(hr.get(address).text for address in pages(case))
    assert secret not in shown
    assert secret[:3] + "***********" + secret[-4:] in shown
    assert str(case.person.phone) not in shown


def test_the_masked_copy_leaves_the_case_as_it_is(case: Application) -> None:
    secret = case.record("basic").get("id_number")
    copy = masked(case)
    assert copy.record("basic").get("id_number") != secret
    assert case.record("basic").get("id_number") == secret
    with pytest.raises(RuntimeError):
        copy.save()


def test_a_draft_and_what_is_half_corrected_are_not_shown(
    case: Application, sign_in_as: Callable[..., Browser]
) -> None:
    hr = sign_in_as(Role.UNIT_HR)
    draft = make_complete(State.DRAFT)
    for address in pages(draft):
        assert hr.get(address).status_code == 404


def test_nobody_looks_at_their_own_case_this_way(
    case: Application, sign_in_as: Callable[..., Browser]
) -> None:
    own = sign_in_as(Role.UNIT_HR, person=case.person)
    assert own.get(f"/admin/applications/{case.id}/look").status_code == 404


def test_unknown_sections_and_entries_are_not_found(
    case: Application, sign_in_as: Callable[..., Browser]
) -> None:
    hr = sign_in_as(Role.UNIT_HR)
    root = f"/admin/applications/{case.id}/look"
    for address in (f"{root}/submit", f"{root}/nothing", f"{root}/performance/{'0' * 32}", f"{root}/basic/x"):
        assert hr.get(address).status_code == 404


def test_the_case_leads_there(case: Application, sign_in_as: Callable[..., Browser]) -> None:
    assert (
        f"/admin/applications/{case.id}/look"
        in sign_in_as(Role.UNIT_HR).get(f"/admin/applications/{case.id}").text
    )
