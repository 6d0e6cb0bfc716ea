"""Files of cases in the panel: tables, dossiers, forms, the message for a chat group, jobs and layouts."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from urllib.parse import quote

import openpyxl
import pytest
from pypdf import PdfReader

from models.application import Application
from models.audit import AuditEvent
from models.choices import ExportState, Role, State
from models.export_job import ExportJob
from models.sections import Recusal
from models.user import User
from panel.services import case_files, export_jobs, storage
from panel.services.case_files import CaseFileKind, Limits
from tests import contents
from tests.factories import NOW, make_application, make_person, make_round, make_unit, make_user
from tests.views.world import make_picture

PAGE = "/admin/applications/export"
MAKE = "/admin/applications/export/make"
MISSING = "/admin/applications/missing"


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="林人事")


def case(name="王芳", state=State.SUBMITTED, staff_number="20180042", **values) -> Application:
    """A complete case whose attachments really are stored."""
    person = contents.make_lecturer(
        name=name, staff_number=staff_number, id_number=f"4201061986031{int(staff_number) % 100000:05d}"
    )
    files = contents.attachments()
    for file in files:
        file.sha256 = storage.put(f"file of {file.slot}".encode(), file.mime)
    files[-1].name = "论文 首页.最终版.pdf"
    files.append(contents.attachment("achievement_evidence", name="..\\奖状?.jpg", mime="image/jpeg"))
    files[-1].sha256 = storage.put(make_picture(), "image/jpeg")
    return contents.make_complete(state, person=person, attachments=files, **values)


def sheets(answer):
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


# --- the page ----------------------------------------------------------------------------------------


def test_the_page_says_who_can_be_taken_away_and_who_not(hr):
    case("王芳", staff_number="20180001")
    case("李娜", State.DRAFT, staff_number="20180002")
    page = hr.get(PAGE).text
    assert "可以导出 1 人" in page
    assert "还没有提交，提交后才能看到内容：李娜" in page
    for words in ("申报人员一览表", "评审结果备案表", "申报材料", "评审表合订本", "还缺什么"):
        assert words in page


def test_the_list_leads_to_its_files_with_its_filter(hr):
    case()
    assert f'href="{PAGE}?state=submitted"' in hr.get("/admin/applications/?state=submitted").text
    page = hr.get(f"{PAGE}?state=draft").text
    assert "可以导出 0 人" in page
    assert f'action="{MAKE}?state=draft"' in page
    assert '/admin/applications/export.xlsx?state=draft"' in page


def test_chosen_rows_lead_to_the_same_page(hr):
    chosen, other = case("王芳", staff_number="20180001"), case("李娜", staff_number="20180002")
    page = hr.submit("/admin/applications/action/", {"action": "export", "rowid": str(chosen.id)}).text
    assert "可以导出 1 人" in page
    assert f'name="rowid" value="{chosen.id}"' in page
    assert str(other.id) not in page


def test_rows_of_another_unit_are_not_found(hr):
    other = make_unit(code="other", name="外校")
    stranger = make_application(State.SUBMITTED, person=make_person(unit=other))
    data = {"action": "export", "rowid": str(stranger.id)}
    assert hr.submit("/admin/applications/action/", data).status_code == 404
    for kind in ({"kind": "dossiers"}, {"kind": "table", "key": "overview"}):
        assert hr.submit(MAKE, kind | {"rowid": str(stranger.id)}).status_code == 404
    assert hr.submit(MISSING, {"rowid": str(stranger.id)}).status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "ballots"},
        {"kind": "table"},
        {"kind": "table", "key": "nothing"},
        {"kind": "forms", "key": "overview"},
    ],
)
def test_an_unknown_kind_of_file_is_not_found(hr, data):
    case()
    assert hr.submit(MAKE, data).status_code == 404


def test_nobody_to_take_away_is_said(hr):
    case("李娜", State.DRAFT)
    answer = hr.submit(MAKE, {"kind": "dossiers"})
    assert answer.status_code == 409
    assert "所选人员里没有您可以导出的" in answer.text


# --- tables ------------------------------------------------------------------------------------------


def test_the_overview_is_an_official_table(hr):
    case("王芳", staff_number="20180001", unit_opinion="同意推荐。")
    answer = hr.submit(MAKE, {"kind": "table", "key": "overview"})
    ((name, rows),) = sheets(answer).items()
    assert name == "高等学校教师"
    assert rows[0][0] == "2026 年度高等学校教师系列职称申报人员一览表"
    assert rows[1][0] == "单位：江城理工学院    制表日期：2026-09-15    共 1 人"
    assert rows[2][:4] == ["序号", "姓名", "性别", "出生年月"]
    shown = dict(zip(rows[2], rows[3], strict=True))
    assert {
        "序号": 1,
        "姓名": "王芳",
        "性别": "女",
        "出生年月": "1986-03",
        "所在部门": "信息工程学院",
        "学历": "硕士研究生",
        "毕业院校": "华中科技大学",
        "现职称": "讲师",
        "申报职称": "副教授",
        "申报专业": "计算机科学与技术",
        "从事专业年限": 14,
        "年度考核": "2025年；优秀",
        "单位意见": "同意推荐。",
        "同意票": None,
    }.items() <= shown.items()
    assert shown["教学科研业绩"].startswith("1. ")
    assert quote("申报人员一览表-王芳.xlsx") in answer.headers["Content-Disposition"]


def test_rounds_have_a_sheet_each_and_people_stand_by_level(hr):
    case("王芳", staff_number="20180001")
    case("赵敏", staff_number="20180003", level="senior")
    lab = make_round("lab")
    make_application(State.SUBMITTED, round=lab, person=make_person(name="李娜", series="lab"))
    found = sheets(hr.submit(MAKE, {"kind": "table", "key": "filing"}))
    assert {name: [row[1] for row in rows[3:]] for name, rows in found.items()} == {
        "高等学校教师": ["赵敏", "王芳"],
        "高校实验技术人员": ["李娜"],
    }


def test_id_numbers_are_masked_unless_asked_for_with_a_reason(hr):
    case("王芳", staff_number="20180001")
    filing = {"kind": "table", "key": "filing"}
    (rows,) = sheets(hr.submit(MAKE, filing)).values()
    assert rows[3][4] == "420***********0001"
    refused = hr.submit(MAKE, filing | {"clear": "1", "reason": " "})
    assert refused.status_code == 422
    assert "请写明用途" in refused.text
    (rows,) = sheets(hr.submit(MAKE, filing | {"clear": "1", "reason": "上报备案"})).values()
    assert rows[3][4] == "420106198603180001"
    events = [
        (event.reason, event.detail["is_clear"])
        for event in AuditEvent.objects(action="export_table").order_by("id")
    ]
    assert events == [(None, False), ("上报备案", True)]


def test_id_numbers_in_clear_are_for_hr_and_office_alone(sign_in_as):
    case()
    data = {"kind": "table", "key": "filing", "clear": "1", "reason": "看看"}
    assert sign_in_as(Role.SUPERVISOR).submit(MAKE, data).status_code == 404


def test_hr_of_one_unit_reveals_nobody_of_a_unit_they_only_supervise(sign_in_as):
    case("王芳", staff_number="20180001")
    other = make_unit(code="other", name="外校", departments=[])
    own = contents.make_lecturer(
        name="李娜", staff_number="20190001", unit=other, id_number="420106198603190001"
    )
    contents.make_complete(State.SUBMITTED, person=own)
    both = make_user(Role.SUPERVISOR)
    both.grants += make_user(Role.UNIT_HR, unit=other).grants
    both.save()
    data = {"kind": "table", "key": "filing", "clear": "1", "reason": "上报备案"}
    (rows,) = sheets(sign_in_as(both).submit(MAKE, data)).values()
    assert {row[1]: row[4] for row in rows[3:]} == {
        "王芳": "420***********0001",
        "李娜": "420106198603190001",
    }


def test_an_endorser_gets_the_table_without_the_process(sign_in_as):
    case("王芳", unit_opinion="同意推荐。")
    endorser = sign_in_as(Role.ENDORSER)
    (rows,) = sheets(endorser.submit(MAKE, {"kind": "table", "key": "overview"})).values()
    assert dict(zip(rows[2], rows[3], strict=True))["单位意见"] is None


def test_ones_own_case_and_one_is_recused_from_are_left_out(sign_in_as):
    person = contents.make_lecturer(name="林人事", staff_number="20180009")
    both = make_user(Role.UNIT_HR, person=person)
    contents.make_complete(State.SUBMITTED, person=person)
    recused = case("王芳", staff_number="20180001")
    Application.objects(id=recused.id).update_one(push__recusals=Recusal(user=both.id, reason="亲属", at=NOW))
    case("赵敏", staff_number="20180003")
    browser = sign_in_as(both)
    page = browser.get(PAGE).text
    assert "可以导出 1 人" in page
    assert "本人的申报，由其他人处理：林人事" in page
    assert "您已回避：王芳" in page
    (rows,) = sheets(browser.submit(MAKE, {"kind": "table", "key": "overview"})).values()
    assert [row[1] for row in rows[3:]] == ["赵敏"]


# --- dossiers and forms ------------------------------------------------------------------------------


def archive(answer) -> zipfile.ZipFile:
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    found = zipfile.ZipFile(io.BytesIO(answer.data))
    assert found.testzip() is None
    return found


def test_a_dossier_is_a_folder_with_form_photo_and_attachments_by_slot(hr):
    application = case()
    found = archive(hr.submit(MAKE, {"kind": "dossiers", "rowid": str(application.id)}))
    assert sorted(found.namelist()) == sorted(
        [
            "王芳-20180042/评审表.pdf",
            "王芳-20180042/照片.jpg",
            "王芳-20180042/附件/社保缴费明细-01-social_insurance.pdf",
            "王芳-20180042/附件/现任专业技术职称任职资格证书-01-title_certificate.pdf",
            "王芳-20180042/附件/其他业绩成果相关证明材料-01-material_table.pdf",
            "王芳-20180042/附件/业绩与成果的证明-01-论文 首页.最终版.pdf",
            "王芳-20180042/附件/业绩与成果的证明-02-_奖状_.jpg",
            "王芳-20180042/附件/职业资格证书-01-qualification_certificate.pdf",
        ]
    )
    assert (
        found.read("王芳-20180042/附件/社保缴费明细-01-social_insurance.pdf") == b"file of social_insurance"
    )
    assert len(PdfReader(io.BytesIO(found.read("王芳-20180042/评审表.pdf"))).pages) > 3
    (event,) = AuditEvent.objects(action="export_case")
    assert (event.thing_id, event.detail) == (str(application.id), {"file": "dossiers", "people": 1})


def test_what_is_missing_or_left_out_stands_in_the_archive(hr):
    application = case("王芳", staff_number="20180001")
    case("李娜", State.DRAFT, staff_number="20180002")
    application.attachments[0].sha256 = "00" * 32
    Application.objects(id=application.id).update_one(set__attachments=application.attachments)
    found = archive(hr.submit(MAKE, {"kind": "dossiers"}))
    assert found.read("说明.txt").decode("utf-8-sig").splitlines() == [
        "以下内容不在压缩包里：",
        "李娜：还没有提交，提交后才能看到内容",
        "王芳-20180001：文件缺失 社保缴费明细-01-social_insurance.pdf",
    ]


def test_scans_with_id_numbers_stay_out_for_whom_they_are_closed(sign_in_as):
    case()
    supervisor = sign_in_as(Role.SUPERVISOR)
    found = archive(supervisor.submit(MAKE, {"kind": "dossiers"}))
    assert not [name for name in found.namelist() if "社保缴费明细" in name]
    assert "王芳-20180042：“社保缴费明细”含证件号，您不能查看" in found.read("说明.txt").decode("utf-8-sig")


def test_forms_as_one_pdf_begin_on_the_front_of_a_sheet(hr):
    case("王芳", staff_number="20180001")
    case("赵敏", staff_number="20180003")
    answer = hr.submit(MAKE, {"kind": "forms"})
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data))
    assert len(pages.pages) % 2 == 0
    starts = [pages.get_destination_page_number(mark) for mark in pages.outline]
    assert [mark.title.split()[0] for mark in pages.outline] == ["王芳", "赵敏"]
    assert starts[0] == 0
    assert starts[1] % 2 == 0
    assert starts[1] > 2


# --- in the background -------------------------------------------------------------------------------


@pytest.fixture
def _few_at_once(monkeypatch):
    monkeypatch.setitem(case_files.LIMITS, CaseFileKind.DOSSIERS, Limits(3, 1))


@pytest.mark.usefixtures("_few_at_once")
def test_many_dossiers_are_made_in_the_background_and_downloaded(hr, sign_in_as):
    case("王芳", staff_number="20180001")
    case("赵敏", staff_number="20180003")
    case("李娜", State.DRAFT, staff_number="20180002")
    answer = hr.submit(MAKE, {"kind": "dossiers"})
    assert answer.status_code == 302
    address = answer.headers["Location"]
    assert "排队中" in hr.get(address).text
    assert hr.get(f"{address}/file").status_code == 404
    assert export_jobs.run_next(lambda: NOW) == 1
    page = hr.get(address).text
    assert "可以下载" in page
    assert "还没有提交，提交后才能看到内容：李娜" in page
    found = archive(hr.get(f"{address}/file"))
    assert {name.split("/")[0] for name in found.namelist()} == {"王芳-20180001", "赵敏-20180003", "说明.txt"}
    assert AuditEvent.objects(action="export_case").count() == 2
    assert AuditEvent.objects(action="download_export").count() == 1
    assert "申报材料-2人" in hr.get("/admin/exports/").text
    # somebody else of HR doesn't see it
    colleague = sign_in_as(Role.UNIT_HR)
    assert colleague.get(address).status_code == 404
    assert colleague.get(f"{address}/file").status_code == 404
    assert colleague.submit(f"{address}/delete").status_code == 404
    assert "申报材料-2人" not in colleague.get("/admin/exports/").text


@pytest.mark.usefixtures("_few_at_once")
def test_a_job_can_be_stopped_and_its_file_taken_away(hr):
    case("王芳", staff_number="20180001")
    case("赵敏", staff_number="20180003")
    address = hr.submit(MAKE, {"kind": "dossiers"}).headers["Location"]
    assert hr.submit(f"{address}/delete").status_code == 302
    assert ExportJob.objects.count() == 0
    assert export_jobs.run_next(lambda: NOW) == 0
    assert hr.get(address).status_code == 404


@pytest.mark.usefixtures("_few_at_once")
def test_too_many_people_are_told_to_narrow_down(hr):
    for serial in range(4):
        make_application(State.SUBMITTED, person=make_person(staff_number=f"2018000{serial}"))
    answer = hr.submit(MAKE, {"kind": "dossiers"})
    assert answer.status_code == 409
    assert "一次最多导出 3 人，现在有 4 人" in answer.text
    assert ExportJob.objects.count() == 0


@pytest.mark.usefixtures("_few_at_once")
def test_the_page_of_a_job_asks_for_its_state_alone(hr):
    case("王芳", staff_number="20180001")
    case("赵敏", staff_number="20180003")
    address = hr.submit(MAKE, {"kind": "dossiers"}).headers["Location"]
    piece = hr.get(address, headers={"HX-Request": "true"}).text
    assert "<html" not in piece
    assert f'hx-get="{address}"' in piece
    ExportJob.objects.update_one(set__state=ExportState.FAILED.value)
    assert "hx-get" not in hr.get(address, headers={"HX-Request": "true"}).text


@pytest.mark.usefixtures("_few_at_once", "quickly_printed")
@pytest.mark.parametrize("lost", ["unit", "role", "recused"])
def test_a_file_is_not_given_out_once_its_maker_has_lost_the_right(hr, lost):
    made = [case("王芳", staff_number="20180001"), case("赵敏", staff_number="20180003")]
    address = hr.submit(MAKE, {"kind": "dossiers"}).headers["Location"]
    export_jobs.run_next(lambda: NOW)
    assert hr.get(f"{address}/file").status_code == 200
    other = make_unit(code="other", name="外校", departments=[])
    if lost == "unit":
        User.objects(id=hr.user.id).update_one(set__grants__0__unit=other)
    elif lost == "role":
        User.objects(id=hr.user.id).update_one(set__grants__0__role="endorser", set__grants__0__office="x")
    else:
        recusal = Recusal(user=hr.user.id, reason="亲属", at=NOW)
        Application.objects(id=made[0].id).update_one(push__recusals=recusal)
    answer = hr.get(f"{address}/file")
    assert answer.status_code == 409
    assert "重新导出" in answer.text


# --- what is missing ---------------------------------------------------------------------------------


def test_the_message_names_who_lacks_what_and_nothing_that_was_typed(hr):
    lacking = contents.make_complete(
        State.DRAFT,
        person=contents.make_lecturer(name="王芳"),
        basic=contents.basic(ethnicity=None, birth_place=None),
        attachments=contents.attachments()[1:],
        achievements=[contents.project(name="绝密的项目名称", clause=None), contents.paper()],
    )
    contents.make_complete(State.SUBMITTED, person=contents.make_lecturer(name="赵敏"))
    until = datetime(2026, 9, 20, 15, 59, 59, tzinfo=UTC)
    make_application(
        State.RETURNED, person=contents.make_lecturer(name="李娜", department="me"), deadline=until
    )
    page = hr.get(MISSING).text
    start = page.index(
        "【2026 年度高等学校教师系列职称评审】以下 2 位老师还没有提交，请在 2026年12月31日前补齐并提交："
    )
    message = page[start : page.index("</textarea>")]
    lines = message.splitlines()
    assert (
        lines[1]
        == "1. 王芳：基本信息（民族、出生地）；任现职以来的主要专业技术工作业绩（1 处）；附件（社保缴费明细）"
    )
    assert lines[2].startswith("2. 李娜：基本信息（")
    assert lines[2].endswith("（补正，2026年9月20日前）")
    assert len(lines) == 3
    assert "绝密" not in page
    assert "赵敏" not in page
    assert lacking.state == State.DRAFT


def test_the_message_holds_for_the_filter_and_for_chosen_rows(hr):
    first = contents.make_complete(State.DRAFT, person=contents.make_lecturer(name="王芳"))
    contents.make_complete(State.DRAFT, person=contents.make_lecturer(name="李娜", department="me"))
    assert "以下 1 位" in hr.get(f"{MISSING}?department=me").text
    assert "李娜" in hr.get(f"{MISSING}?department=me").text
    page = hr.submit(MISSING, {"rowid": str(first.id)}).text
    assert "1. 王芳：已填完，还没有提交" in page
    assert "李娜" not in page


def test_nobody_lacking_is_said(hr):
    contents.make_complete(State.SUBMITTED)
    assert "没有人缺材料" in hr.get(MISSING).text


# --- layouts -----------------------------------------------------------------------------------------


@pytest.fixture
def layout():
    return f"/admin/exports/layouts/{make_round().id}/filing"


def fields(*rows, **others):
    """What the form sends: parallel lists."""
    label, source, width = ([row[place] for row in rows] for place in range(3))
    return {"label": label, "source": source, "width": width, "version": "0"} | others


TWO = (("编号", "row", "6"), ("老师", "case.name", "10"))


def test_hr_changes_a_tables_columns_and_the_file_follows(hr, layout):
    case("王芳", staff_number="20180001")
    page = hr.get(layout).text
    assert 'value="身份证号"' in page
    answer = hr.submit(layout, fields(*TWO, do="save"))
    assert answer.status_code == 302
    (rows,) = sheets(hr.submit(MAKE, {"kind": "table", "key": "filing"})).values()
    assert rows[2:] == [["编号", "老师"], [1, "王芳"]]
    assert hr.submit(f"{layout}/reset").status_code == 302
    assert 'value="身份证号"' in hr.get(layout).text


@pytest.mark.parametrize(
    ("button", "labels"),
    [
        ("down-0", ["老师", "编号"]),
        ("up-1", ["老师", "编号"]),
        ("up-0", ["编号", "老师"]),
        ("down-1", ["编号", "老师"]),
        ("remove-0", ["老师"]),
        ("add", ["编号", "老师", ""]),
        ("remove-99", ["编号", "老师"]),
    ],
)
def test_moving_adding_and_removing_only_changes_what_the_form_holds(hr, layout, button, labels):
    page = hr.submit(layout, fields(*TWO, do=button)).text
    found = [part.split('"')[0] for part in page.split('name="label" value="')[1:]]
    assert found == labels
    assert 'value="身份证号"' in hr.get(layout).text


def test_a_refused_layout_keeps_what_was_typed(hr, layout):
    answer = hr.submit(layout, fields(("", "row", "6"), ("我的列", "case.name", "x"), do="save"))
    assert answer.status_code == 422
    assert "请填写列名。" in answer.text
    assert "列宽请填 4 到 80。" in answer.text
    assert 'value="我的列"' in answer.text


@pytest.mark.parametrize("row", [("我的列", "case.name", "9" * 5000), ("我的列", "case.name", "٣²")])
def test_a_width_that_is_no_number_is_a_typing_error(hr, layout, row):
    answer = hr.submit(layout, fields(row, do="save"))
    assert answer.status_code == 422
    assert "列宽请填 4 到 80。" in answer.text
    assert hr.submit(layout, fields(row, do="up-" + "9" * 5000)).status_code == 200


def test_a_layout_that_somebody_changed_meanwhile_shows_both(hr, layout):
    hr.submit(layout, fields(*TWO, do="save"))
    answer = hr.submit(layout, fields(("我的列", "case.name", "9"), do="save"))
    assert answer.status_code == 409
    assert "编号、老师" in answer.text
    assert 'value="我的列"' in answer.text
    assert 'name="version" value="1"' in answer.text


def test_others_do_not_reach_the_layout(sign_in_as, layout):
    for role in (Role.SUPERVISOR, Role.ENDORSER):
        browser = sign_in_as(role)
        assert browser.get(layout).status_code == 404
        assert browser.submit(layout, fields(*TWO)).status_code == 404
        assert browser.submit(f"{layout}/reset").status_code == 409


def test_an_unknown_table_or_round_is_not_found(hr, layout):
    assert hr.get(layout.replace("filing", "nothing")).status_code == 404
    assert hr.get("/admin/exports/layouts/5f0000000000000000000000/filing").status_code == 404
    assert hr.submit("/admin/exports/layouts/5f0000000000000000000000/filing/reset").status_code == 404
