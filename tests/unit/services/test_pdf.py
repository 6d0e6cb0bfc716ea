"""The evaluation form and the certificate as PDF: what they say, how they break, what they never fetch."""

from __future__ import annotations

import io
import logging
import re
import subprocess
import sys
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from bson import ObjectId
from pypdf import PdfReader

from models.application import Application
from models.choices import State
from models.sections import Endorsement, Step
from models.values import PartialDate
from panel.services import storage
from panel.services.prints import pdf
from tests.factories import (
    NOW,
    make_application,
    make_certificate,
    make_entry,
    make_outcome,
    make_photo,
    make_record,
    make_round,
)

pytestmark = pytest.mark.usefixtures("database")

BASE_URL = "https://pingshen.test"
HOSTILE = (
    '</td><script>alert(1)</script><img src="http://evil.test/a.png"><img src="file:///etc/passwd">'
    "<style>body{background:url(file:///etc/passwd)}</style>{{ 7*7 }}<a rel=attachment href=/etc/passwd>x</a>"
)


def reader(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def page_texts(data: bytes) -> list[str]:
    """The text of each page without blanks: how a line was broken doesn't matter."""
    return [re.sub(r"\s+", "", page.extract_text()) for page in reader(data).pages]


def text_of(data: bytes) -> str:
    return "".join(page_texts(data))


def project(number: int, **values: Any) -> Any:
    given = {
        "category": "省级教学研究项目",
        "name": f"面向新工科的课程体系研究之{number}",
        "start": PartialDate(2019, 3),
        "end": PartialDate(2021, 6),
        "rank": 1,
        "team": 5,
        "part": "lead",
        "status": "finished",
        "source": "江城省教育厅",
    } | values
    return make_entry("performance", "project", **given)


def basic(**values: Any) -> Any:
    given = {
        "name": "林晓静",
        "gender": "female",
        "birth_date": "1986-03-12",
        "ethnicity": "汉族",
        "birth_place": "湖北武汉",
        "work_start": "2012-07",
        "health": "healthy",
        "party": "cpc",
        "languages": "英语，大学英语六级",
        "graduated_on": "2012-06",
        "school": "江城师范大学",
        "major": "计算机科学与技术",
        "diploma": "master",
        "degree": "master",
        "length": "三年",
        "phone": "13800001111",
        "id_number": "420106198603120021",
        "duty_summary": "任现职以来主讲《数据结构》等三门课程，\n年均授课 320 学时。",
    } | values
    return make_record(**given)


def filled(state: State = State.SUBMITTED, **values: Any) -> Application:
    """A whole application, as a person would fill it in."""
    sections = {
        "basic": basic(),
        "qualification": make_record(
            current_work="teacher",
            years=14,
            current_post="讲师",
            current_post_since="2018-12",
            title1_name="讲师",
            title1_approved_on="2018-12-20",
            title1_authority="江城省人力资源和社会保障厅",
            title1_number="C2018123",
        ),
    } | values.pop("sections", {})
    given: dict[str, Any] = {
        "sections": sections,
        "education": [
            make_entry(
                "education",
                start=PartialDate(2009, 9),
                end=PartialDate(2012, 6),
                organisation="江城师范大学",
                major="计算机科学与技术",
                diploma="master",
                degree="master",
                study_mode="full_time",
                is_applied=True,
            )
        ],
        "achievements": [project(1)],
    } | values
    return make_application(state, **given)


@lru_cache
def form() -> bytes:
    """The form of an ordinary submitted application, printed once for all tests that only read it."""
    return pdf.evaluation_form(filled())


@lru_cache
def page() -> bytes:
    """An ordinary certificate."""
    return pdf.certificate_page(make_certificate(), BASE_URL)


# --- the form ------------------------------------------------------------------------------------------


def test_form_has_the_official_parts_in_order() -> None:
    text = text_of(form())
    parts = [
        "专业技术职务任职资格",
        "单位江城理工学院信息工程学院",
        "现任专业技术职务讲师",
        "评审任职资格副教授",
        "填表时间2026年9月15日",
        "现名林晓静",
        "最高学历",
        "任职资格（取得时间及审批机关）",
        "任职以来主要工作业绩和履行岗位职责情况",
        "教育经历",
        "专业技术工作名称（项目、课题、成果等）",
        "出版、登载获奖或在学术会议上交流情况",
        "考核结果",
        "个人承诺",
        "答辩情况",
        "基层单位意见",
        "呈报单位意见",
        "专家评议组意见",
        "评审组织意见",
        "总人数参加人数赞成人数反对人数备注",
        "审批（确认）意见",
    ]
    places = [text.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_form_prints_values_as_people_read_them() -> None:
    text = text_of(form())
    for shown in ("女", "1986年3月12日", "健康", "中共党员", "2012年6月", "14年", "证书编号C2018123"):
        assert shown in text
    assert "省级教学研究项目“面向新工科的课程体系研究之1”" in text  # G20: category and name
    assert "从事何种专业技术工作高等学校教师" in text  # G12
    assert "teacher" not in text
    assert "cpc" not in text


def test_form_leaves_out_telephone_and_id_number() -> None:
    text = text_of(form())
    assert "13800001111" not in text
    assert "420106198603120021" not in text
    assert "身份证" not in text


def test_form_prints_what_hr_adds_to_the_round() -> None:
    shipped = make_round().spec.model_dump(mode="json")
    shipped["sections"][0]["fields"].append({"key": "hobby", "label": "课外指导"})
    own = {
        "key": "mentoring",
        "label": "指导青年教师情况",
        "shape": "list",
        "fields": [{"key": "who", "label": "被指导人"}, {"key": "phone", "label": "电话", "encrypted": True}],
    }
    round_ = make_round(sections=[*shipped["sections"], own])
    record = make_record()
    record.entries = [make_entry("mentoring", who="赵青", phone="13900002222")]
    case = filled(round=round_, sections={"basic": basic(hobby="数学建模"), "mentoring": record})

    text = text_of(pdf.evaluation_form(case))

    assert "课外指导数学建模" in text
    assert "指导青年教师情况被指导人赵青" in text
    assert "13900002222" not in text


def test_nothing_to_report_prints_none_in_the_three_columns() -> None:  # G21
    case = filled(achievements=[], sections={"performance": make_record()})
    Application.objects(id=case.id).update(set__sections__performance__none=True)
    case.reload()
    assert "无无无" in text_of(pdf.evaluation_form(case))


def test_long_table_repeats_its_head_on_every_page() -> None:
    case = filled(achievements=[project(number) for number in range(1, 61)])
    pages = page_texts(pdf.evaluation_form(case))
    with_rows = [page for page in pages if "面向新工科的课程体系研究之" in page]
    assert len(with_rows) >= 3
    assert all("专业技术工作名称（项目、课题、成果等）" in page for page in with_rows)
    for number in range(1, 61):
        assert sum(page.count(f"研究之{number}") for page in with_rows) >= 1


def test_row_taller_than_a_page_is_broken_and_complete() -> None:
    long = "".join(f"第{number}句话写在这里。" for number in range(1, 400))
    case = filled(achievements=[project(1, source=long), project(2)])
    pages = page_texts(pdf.evaluation_form(case))
    text = "".join(pages)
    assert "第1句话" in text
    assert "第399句话" in text
    assert "课程体系研究之2" in text
    assert len(pages) > 8


def test_long_summary_flows_over_pages() -> None:
    summary = "\n".join(
        f"第{number}段：主持省级教改课题，负责课程思政示范课建设。" for number in range(1, 140)
    )
    text = text_of(pdf.evaluation_form(filled(sections={"basic": basic(duty_summary=summary)})))
    assert "第1段" in text
    assert "第139段" in text


def test_every_page_but_the_cover_is_numbered() -> None:
    pages = page_texts(form())
    total = len(pages)
    assert "页" not in pages[0]
    for number, page in enumerate(pages[1:], start=2):
        assert f"第{number}页共{total}页" in page


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.CORRECTION])
def test_unsubmitted_content_is_marked_on_every_page(state: State) -> None:
    pages = page_texts(pdf.evaluation_form(filled(state)))
    assert all("预览·未提交" in page and "PREVIEW" in page for page in pages)


@pytest.mark.parametrize("state", [State.PANEL, State.CERTIFIED])
def test_submitted_content_carries_no_mark(state: State) -> None:
    text = text_of(pdf.evaluation_form(filled(state)))
    assert "预览" not in text
    assert "PREVIEW" not in text
    assert "内容校验9f2ab33c1d5e7788" in text


def test_content_changed_after_the_receipt_is_marked() -> None:
    assert "未提交" in text_of(pdf.evaluation_form(filled(State.LAPSED, content_revision=4)))


def test_pledge_shows_the_day_it_was_signed() -> None:
    text = text_of(form())
    assert "本人已于2026年9月15日提交时在系统中确认以上承诺" in text
    assert "提交时在系统中确认" not in text_of(pdf.evaluation_form(filled(State.DRAFT)))


def decided(**values: Any) -> Application:
    """A case that is confirmed, with all opinions."""
    recommended = Step(
        action="recommend", from_state="unit_publicity", to_state="panel", at=NOW + timedelta(days=20)
    )
    given: dict[str, Any] = {
        "unit_opinion": "经审核，材料真实完整，同意推荐。",
        "history": [recommended],
        "endorsements": [
            Endorsement(office="ethics", yes=True, opinion="师德表现良好。", by_name="周处长", at=NOW)
        ],
        "outcome": make_outcome(ObjectId(), abstain=1, yes=7, panel_opinion="业绩突出，同意提交表决。"),
        "approval": {
            "document_number": "江理工职改〔2026〕12号",
            "approved_on": "2026-11-02",
            "filing": "已备案",
        },
    }
    return filled(State.CONFIRMED, **(given | values))


def test_opinions_and_votes_are_printed_for_staff() -> None:
    text = text_of(pdf.evaluation_form(decided(), opinions=True))
    for shown in (
        "经审核，材料真实完整，同意推荐。",
        "2026年10月5日",  # recommended
        "业绩突出，同意提交表决。",
        "总人数参加人数赞成人数反对人数备注9971弃权1票",
        "评审通过副教授任职资格",
        "批准文号：江理工职改〔2026〕12号",
        "2026年11月2日",
    ):
        assert shown in text


def test_opinions_and_votes_are_left_empty_unless_asked_for() -> None:
    text = text_of(pdf.evaluation_form(decided()))
    for secret in ("同意推荐", "业绩突出", "弃权", "评审通过", "江理工职改", "师德表现"):
        assert secret not in text
    assert "主任（签字）" in text


def test_failed_vote_says_so() -> None:
    outcome = make_outcome(ObjectId(), yes=3, no=6, passed=False)
    text = text_of(pdf.evaluation_form(decided(outcome=outcome, approval={}), opinions=True))
    assert "副教授任职资格评审未通过" in text
    assert "9936—" in text


# --- safe, complete, repeatable ------------------------------------------------------------------------


def test_hostile_text_is_printed_as_text_and_reaches_nothing(caplog: pytest.LogCaptureFixture) -> None:
    case = filled(
        name=HOSTILE[:60],
        sections={"basic": basic(duty_summary=HOSTILE, school=HOSTILE, former_name="\x00\u202e<b>x</b>")},
        achievements=[project(1, source=HOSTILE)],
    )
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        data = pdf.evaluation_form(case)
    text = text_of(data)
    assert "<script>alert(1)</script>" in text
    assert "url(file:///etc/passwd)" in text
    assert "{{7*7}}" in text
    assert "root:" not in text
    assert b"/EmbeddedFile" not in data
    assert not [record for record in caplog.records if "evil.test" in record.getMessage()]
    document = reader(data)
    assert len({image.data for page in document.pages for image in page.images}) == 1  # the photo
    assert "/EmbeddedFiles" not in document.trailer["/Root"].get("/Names", {})
    assert not any("/Annots" in page for page in document.pages)


@pytest.mark.parametrize("kind", ["form", "certificate"])
def test_fonts_are_embedded_as_subsets_and_every_glyph_is_there(kind: str) -> None:
    data = form() if kind == "form" else page()
    fonts = {
        font["/BaseFont"]: font
        for page in reader(data).pages
        for font in (item.get_object() for item in page["/Resources"]["/Font"].values())
    }
    assert fonts
    assert all(re.match(r"/[A-Z]{6}\+", name) for name in fonts)
    assert any("Noto" in name and "CJK" in name for name in fonts)
    for font in fonts.values():
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    assert 0 not in glyphs(data)


def glyphs(data: bytes) -> set[int]:
    """The numbers of all glyphs that pages draw; 0 is the box of a missing character."""
    drawn: set[int] = set()
    for page in reader(data).pages:
        content = page.get_contents()
        assert content is not None
        for block in re.findall(rb"<([0-9a-fA-F]+)>", content.get_data()):
            drawn |= {int(block[i : i + 4], 16) for i in range(0, len(block) - 3, 4)}
    assert drawn
    return drawn


@pytest.mark.parametrize("kind", ["form", "certificate"])
def test_print_names_its_title_language_and_standard(kind: str) -> None:
    data = form() if kind == "form" else page()
    document = reader(data)
    assert document.trailer["/Root"]["/Lang"] == "zh-CN"
    assert str(document.metadata.title).startswith("专业技术职务任职资格")
    assert document.metadata.author == "江城理工学院"
    xmp = document.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert b"pdfaid" in xmp
    assert document.trailer["/Root"]["/OutputIntents"]


def test_same_content_gives_the_same_bytes_and_another_content_others() -> None:
    case = filled()
    first = pdf.evaluation_form(case)
    assert pdf.evaluation_form(Application.objects.get(id=case.id)) == first
    Application.objects(id=case.id).update(set__achievements__0__values__category="国家级项目")
    assert pdf.evaluation_form(Application.objects.get(id=case.id)) != first


def test_bytes_do_not_depend_on_the_process(tmp_path: Path) -> None:
    """String hashing differs from process to process; the archive's hash must not."""
    code = (
        "import hashlib, sys; from panel.services.prints.pdf_fetcher import write_pdf;"
        "print(hashlib.sha256(write_pdf('<html lang=zh><title>表</title><p>评审表 abc</p>',"
        " stylesheets=('p{font-family:\"Noto Serif CJK SC\"}',), pdf_variant='pdf/a-2u', pdf_tags=True,"
        " output_intent='srgb', pdf_identifier=b'1'*32)).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            text=True,
            cwd=Path(__file__).parents[3],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1


def test_missing_photo_bytes_are_an_error_and_no_empty_frame() -> None:
    photo = make_photo()
    photo.sha256 = "0" * 64
    with pytest.raises(storage.BlobMissing):
        pdf.evaluation_form(filled(photo=photo))


# --- the certificate -----------------------------------------------------------------------------------


def test_certificate_is_one_page_across_with_all_its_facts() -> None:
    certificate = make_certificate()
    document = reader(pdf.certificate_page(certificate, BASE_URL))
    assert len(document.pages) == 1
    box = document.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (842, 595)
    text = text_of(pdf.certificate_page(certificate, BASE_URL))
    for shown in (
        "专业技术职务任职资格证书",
        "林晓静",
        "女",
        "1986年3月",
        "高等学校教师",
        "计算机科学与技术",
        "副教授",
        "副高",
        "江城理工学院高校教师评委会",
        "江理工职改〔2026〕12号",
        "2026年10月25日",
        "2026年11月8日",
        certificate.number,
        "发证单位Issuer江城理工学院",
        f"{BASE_URL}/verify/{certificate.code}",
    ):
        assert shown in text


def test_certificate_masks_the_id_number_unless_the_round_says_otherwise() -> None:
    certificate = make_certificate(id_number="420106198603120021")
    text = text_of(pdf.certificate_page(certificate, BASE_URL))
    assert "420***********0021" in text
    assert "420106198603120021" not in text
    case = make_application(State.CERTIFIED, round=make_round(certificate_masks_id=False))
    open_one = make_certificate(case, id_number="420106198603120021")
    assert "420106198603120021" in text_of(pdf.certificate_page(open_one, BASE_URL))


def test_certificate_shows_the_photo_and_a_code_for_its_address() -> None:
    certificate = make_certificate()
    data = pdf.certificate_page(certificate, f"{BASE_URL}/")
    assert [image.image.size for image in reader(data).pages[0].images if image.image] == [(295, 413)]
    assert pdf.verification_address(certificate, f"{BASE_URL}/") == f"{BASE_URL}/verify/{certificate.code}"
    picture = pypdfium2.PdfDocument(data)[0].render(scale=4).to_pil().convert("L")
    width, height = picture.size
    # the code's place, left below the photo: a third of it is dark, and all of it black or white
    code = picture.crop((int(width * 0.119), int(height * 0.6), int(width * 0.223), int(height * 0.75)))
    dark = sum(code.histogram()[:80]) / (code.width * code.height)
    assert 0.25 < dark < 0.65


def test_long_names_stay_within_the_certificates_page() -> None:
    case = make_application(State.CERTIFIED)
    certificate = make_certificate(
        case,
        name="阿卜杜热西提·阿布都热合曼江",
        committee="江城省高等学校教师系列（理工农医类）高级专业技术职务任职资格评审委员会",
        organisation="江城省高等学校职称评审工作领导小组办公室",
        speciality="材料科学与工程（新能源材料与器件方向）",
    )
    document = reader(pdf.certificate_page(certificate, BASE_URL))
    assert len(document.pages) == 1
    assert "阿卜杜热西提·阿布都热合曼江" in re.sub(r"\s+", "", document.pages[0].extract_text())


def test_same_certificate_gives_the_same_bytes() -> None:
    certificate = make_certificate()
    assert pdf.certificate_page(certificate, BASE_URL) == pdf.certificate_page(certificate, BASE_URL)
