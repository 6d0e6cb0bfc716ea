"""Public verification, and who gets the certificate's and the form's PDF (G32, R16, R20, R23)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bson import ObjectId
from pypdf import PdfReader

from models.certificate import Certificate
from models.choices import Role, State
from models.sections import Recusal
from panel.services import storage
from tests.factories import make_application, make_certificate, make_person, make_unit, make_user
from tests.views.conftest import Browser

SignIn = Callable[..., Browser]


def text_of(data: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages)


# --- public --------------------------------------------------------------------------------------------


def test_anybody_can_verify_a_valid_certificate(client: Browser) -> None:
    certificate = make_certificate(
        name="欧阳明月", approved_on=date(2026, 10, 25), issued_on=date(2026, 11, 8)
    )
    page = client.get(f"/verify/{certificate.code}")
    assert page.status_code == 200
    assert 'data-verdict="valid"' in page.text
    for shown in (
        "有效",
        "欧阳**",
        "副教授",
        "副高",
        "高等学校教师",
        "计算机科学与技术",
        certificate.number,
        "江城理工学院",
        "2026年10月25日",
        "2026年11月8日",
    ):
        assert shown in page.text


def test_verification_tells_nothing_personal_but_the_family_name(client: Browser) -> None:
    certificate = make_certificate(
        name="欧阳明月", id_number="420106198603120021", birth_date=date(1986, 3, 12), gender="female"
    )
    text = client.get(f"/verify/{certificate.code}").text
    for secret in ("明月", "420106", "0021", "1986", "女", certificate.photo_sha256, str(certificate.id)):
        assert secret not in text
    assert str(certificate.application.id) not in text
    assert certificate.application.person.staff_number not in text


@pytest.mark.parametrize("code", ["Xa9_k2LmPq7RstUvNONE", "x", "%24ne", "查无", "a" * 300, "..", "<script>"])
def test_unknown_code_is_said_to_be_unknown(client: Browser, code: str) -> None:
    make_certificate()
    page = client.get(f"/verify/{code}")
    assert page.status_code == 404
    if code != "..":  # a browser resolves it to the page above
        assert "查无此证书" in page.text
        assert 'data-verdict="unknown"' in page.text
    assert "<script>" not in page.text.replace("<script src", "")


def test_code_is_compared_exactly(client: Browser) -> None:
    certificate = make_certificate()
    assert client.get(f"/verify/{certificate.code.lower()}").status_code == 404
    assert client.get(f"/verify/{certificate.number}").status_code == 404
    assert client.get(f"/verify/{certificate.id}").status_code == 404


def test_revoked_certificate_is_said_to_be_revoked(client: Browser) -> None:  # R20
    certificate = make_certificate(is_revoked=True, revoked_at=datetime(2027, 1, 4, 17, tzinfo=UTC))
    page = client.get(f"/verify/{certificate.code}")
    assert page.status_code == 200
    assert 'data-verdict="revoked"' in page.text
    assert "已撤销" in page.text
    assert "2027年1月5日" in page.text
    assert "现在有效" not in page.text


@pytest.mark.parametrize(
    "typed", ["{code}", " {code} ", "https://pingshen.test/verify/{code}", "http://x.test/verify/{code}?a=1"]
)
def test_search_takes_a_code_or_a_whole_address(client: Browser, typed: str) -> None:
    certificate = make_certificate()
    answer = client.get("/verify/", query_string={"code": typed.format(code=certificate.code)})
    assert answer.status_code == 302
    assert answer.location == f"/verify/{certificate.code}"


def test_search_leads_nowhere_else(client: Browser) -> None:
    answer = client.get("/verify/", query_string={"code": "https://evil.test/phish?x=//evil.test"})
    assert answer.status_code == 302
    assert answer.location == "/verify/phish"


def test_search_without_a_code_asks_for_one(client: Browser) -> None:
    assert "请输入核验码" not in client.get("/verify/").text
    page = client.get("/verify/", query_string={"code": "   "})
    assert page.status_code == 200
    assert "请输入核验码" in page.text


def test_verification_is_neither_cached_nor_indexed(client: Browser) -> None:
    certificate = make_certificate()
    for address in ("/verify/", f"/verify/{certificate.code}", "/verify/unknown-code"):
        headers = client.get(address).headers
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Referrer-Policy"] == "no-referrer"


# --- the certificate's PDF -----------------------------------------------------------------------------


def certified() -> Certificate:
    owner = make_person(name="林晓静")
    return make_certificate(make_application(State.CERTIFIED, person=owner))


def test_holder_downloads_the_certificate(sign_in_as: SignIn) -> None:
    certificate = certified()
    holder = make_user(person=certificate.application.person)
    answer = sign_in_as(holder).get(f"/certificates/{certificate.id}.pdf?download=1")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''%E8%AF%81%E4%B9%A6" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    text = text_of(answer.data)
    assert certificate.number in text
    assert f"http://pingshen.test/verify/{certificate.code}" in text


@pytest.mark.parametrize("role", [Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR])
def test_staff_of_the_case_open_the_certificate(sign_in_as: SignIn, role: Role) -> None:
    certificate = certified()
    answer = sign_in_as(role).get(f"/certificates/{certificate.id}.pdf")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.EXPERT, Role.CHAIR, Role.TELLER, Role.ADMIN])
def test_others_find_no_certificate(sign_in_as: SignIn, role: Role) -> None:
    certificate = certified()
    assert sign_in_as(role).get(f"/certificates/{certificate.id}.pdf").status_code == 404


def test_hr_of_another_unit_finds_no_certificate(sign_in_as: SignIn) -> None:
    certificate = certified()
    other = make_unit(code="other", name="另一所大学")
    assert sign_in_as(Role.UNIT_HR, unit=other).get(f"/certificates/{certificate.id}.pdf").status_code == 404


def test_visitor_is_asked_to_sign_in_for_a_certificate(client: Browser) -> None:
    certificate = certified()
    answer = client.get(f"/certificates/{certificate.id}.pdf")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("wrong", ["nonsense", "0" * 24, "..%2f", "$ne"])
def test_wrong_ids_are_not_found(sign_in_as: SignIn, wrong: str) -> None:
    browser = sign_in_as(Role.UNIT_HR)
    assert browser.get(f"/certificates/{wrong}.pdf").status_code == 404
    assert browser.get(f"/files/form/{wrong}.pdf").status_code == 404


def test_certificate_is_kept_and_made_again_when_its_bytes_are_gone(
    sign_in_as: SignIn, database: Any
) -> None:
    certificate = certified()
    browser = sign_in_as(Role.OFFICE)
    first = browser.get(f"/certificates/{certificate.id}.pdf").data
    kept = Certificate.objects.get(id=certificate.id).pdf_sha256
    assert storage.read(kept) == first

    assert browser.get(f"/certificates/{certificate.id}.pdf").data == first

    database["blobs.files"].delete_one({"_id": kept})
    database["blobs.chunks"].delete_many({"files_id": kept})
    assert browser.get(f"/certificates/{certificate.id}.pdf").data == first
    assert storage.exists(kept)


# --- the form's PDF ------------------------------------------------------------------------------------

SECRET = "经审核同意推荐第七号"


def test_staff_read_the_form_with_the_opinions(sign_in_as: SignIn) -> None:
    case = make_application(State.OFFICE_REVIEW, unit_opinion=SECRET)
    for role in (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR):
        answer = sign_in_as(role).get(f"/files/form/{case.id}.pdf")
        assert answer.status_code == 200
        assert SECRET in text_of(answer.data)


def test_applicant_and_experts_read_the_form_without_the_opinions(sign_in_as: SignIn) -> None:
    expert = make_user(Role.EXPERT)
    case = make_application(State.PANEL, unit_opinion=SECRET, experts=[expert.id])
    for user in (make_user(person=case.person), expert):
        answer = sign_in_as(user).get(f"/files/form/{case.id}.pdf")
        assert answer.status_code == 200
        text = text_of(answer.data)
        assert "林晓静" in text
        assert SECRET not in text


def test_hr_does_not_read_the_form_of_a_draft(sign_in_as: SignIn) -> None:  # G30
    case = make_application(State.DRAFT)
    assert sign_in_as(Role.UNIT_HR).get(f"/files/form/{case.id}.pdf").status_code == 404


def test_recused_and_unassigned_experts_find_no_form(sign_in_as: SignIn) -> None:  # R17
    expert = make_user(Role.EXPERT)
    recusal = Recusal(user=expert.id, reason="同一课题组", at=datetime(2026, 9, 20, tzinfo=UTC))
    recused = make_application(State.PANEL, experts=[expert.id], recusals=[recusal])
    assert sign_in_as(expert).get(f"/files/form/{recused.id}.pdf").status_code == 404
    others = make_application(State.PANEL, experts=[ObjectId()])
    assert sign_in_as(expert).get(f"/files/form/{others.id}.pdf").status_code == 404


def test_nobody_reads_another_applicants_form(sign_in_as: SignIn) -> None:
    case = make_application(State.SUBMITTED)
    assert sign_in_as(Role.APPLICANT).get(f"/files/form/{case.id}.pdf").status_code == 404
    other = make_unit(code="other", name="另一所大学")
    assert sign_in_as(Role.UNIT_HR, unit=other).get(f"/files/form/{case.id}.pdf").status_code == 404
    assert sign_in_as(Role.ADMIN).get(f"/files/form/{case.id}.pdf").status_code == 404


def test_visitor_is_asked_to_sign_in_for_a_form(client: Browser) -> None:
    case = make_application(State.SUBMITTED)
    assert client.get(f"/files/form/{case.id}.pdf").status_code == 302
