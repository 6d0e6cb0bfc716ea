"""材料表 on the pages: the applicant answers, HR settles, sheets print, scans come back (G24, G28)."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from bson import ObjectId
from PIL import Image
from pypdf import PdfReader

from models.application import Application
from models.choices import Role, State
from models.material import MaterialEntry, MaterialScan
from models.outbox import OutboxRow
from models.person import Person
from models.review_round import ReviewRound
from models.user import User
from panel.domain.actors import actor_of
from panel.domain.content.material import place_material
from panel.domain.material import applying, planning, typed_rows
from panel.services.files.limits import Limits
from tests.factories import NOW, fresh, make_application, make_person, make_round, make_unit, make_user
from tests.views.conftest import Browser

AWARD = {
    "name": "校级教学优秀奖",
    "start": "2022.9",
    "rank": "3",
    "grade": "二等奖",
    "awarder": "江城理工学院",
}
PRIZE = AWARD | {"name": "省级科技进步奖"}
TYPED = {f"f-{key}": value for key, value in AWARD.items()}


class Scene:
    """One lecturer with two entries in the table and a draft, and HR of the unit."""

    def __init__(self, sign_in_as: Callable[..., Browser]) -> None:
        self.round: ReviewRound = make_round()
        self.person: Person = make_person(name="林晓静", staff_number="20160011")
        self.hr_user: User = make_user(Role.UNIT_HR)
        self.load(AWARD, PRIZE)
        self.case: Application = make_application(person=self.person, round=self.round)
        place_material(self.case.id, NOW)
        self.hr = sign_in_as(self.hr_user)
        self.me = sign_in_as(make_user(person=self.person, name=self.person.name))

    def load(self, *awards: dict[str, str]) -> None:
        rows = [
            typed_rows.TypedRow("20160011", "林晓静", "performance", "award", values, "") for values in awards
        ]
        actor = actor_of(self.hr_user)
        applying.apply(self.round, planning.plan(self.round, rows, actor), ObjectId(), actor, NOW)

    def entry(self, title: str = "校级教学优秀奖") -> MaterialEntry:
        found: MaterialEntry = MaterialEntry.objects.get(title=title)
        return found

    def mine(self, page: str = "") -> str:
        return f"/my/application/{self.case.id}/material{page}"

    def dispute(self, **values: Any) -> MaterialEntry:
        row = self.entry()
        data = TYPED | {"version": str(row.version), "reason": "证书上是第一", "f-rank": "1"} | values
        self.me.submit(self.mine(f"/{row.uid}/dispute"), data)
        return self.entry()


@pytest.fixture
def scene(sign_in_as: Callable[..., Browser]) -> Scene:
    return Scene(sign_in_as)


def pdf_of(words: str = "") -> bytes:
    from panel.demo import pictures

    return pictures.document("材料表", [words], "江城理工学院", "2026年9月15日", 1)


# --- the applicant ---------------------------------------------------------------------------------


def test_the_table_is_in_the_task_list_until_it_is_answered(scene: Scene) -> None:
    page = scene.me.get(f"/my/application/{scene.case.id}/").text
    assert "材料表核对" in page
    page = scene.me.get(scene.mine()).text
    assert "还有 2 条待您核对" in page
    assert "校级教学优秀奖" in page


def test_all_unquestioned_entries_are_confirmed_at_once(scene: Scene) -> None:
    rows = MaterialEntry.objects(section="performance")
    answer = scene.me.submit(
        scene.mine("/confirm"), {"entry": [f"{row.uid}:{row.version}" for row in rows]}, follow_redirects=True
    )
    assert "已确认 2 条" in answer.text
    assert "材料表与您的申报一致" in answer.text
    assert {row.state for row in MaterialEntry.objects(section="performance")} == {"confirmed"}


def test_confirming_what_changed_meanwhile_says_so(scene: Scene) -> None:
    row = scene.entry()
    scene.load(AWARD | {"rank": "2"}, PRIZE)
    answer = scene.me.submit(
        scene.mine("/confirm"), {"entry": f"{row.uid}:{row.version}"}, follow_redirects=True
    )
    assert "材料表刚有更新" in answer.text
    assert "人事部门改过，请重新核对" in answer.text
    assert scene.entry().state == "placed"


def test_a_confirmation_is_taken_back_from_the_entry_s_page(scene: Scene) -> None:
    row = scene.entry()
    scene.me.submit(scene.mine("/confirm"), {"entry": f"{row.uid}:{row.version}"})
    back = {"version": str(scene.entry().version), "section": "performance", "uid": row.uid}
    answer = scene.me.submit(scene.mine(f"/{row.uid}/unconfirm"), back)
    assert answer.location.endswith(f"/performance/{row.uid}")
    assert scene.entry().state == "placed"


def test_given_fields_are_locked_on_the_entry_s_page_and_in_a_post(scene: Scene) -> None:
    row = scene.entry()
    address = f"/my/application/{scene.case.id}/performance/{row.uid}"
    page = scene.me.get(address).text
    assert "这一条来自人事部门的材料表" in page
    assert 'name="f-rank"' not in page
    assert 'name="f-clause"' in page
    entry = next(e for e in fresh(scene.case).entries("performance") if e.uid == row.uid)
    scene.me.submit(address, {"version": str(entry.version), "f-rank": "1", "f-team": "9"})
    entry = next(e for e in fresh(scene.case).entries("performance") if e.uid == row.uid)
    assert (entry.rank, entry.get("team")) == (3, 9)


def test_the_list_offers_no_removal_and_a_forged_one_is_refused(scene: Scene) -> None:
    row = scene.entry()
    page = scene.me.get(f"/my/application/{scene.case.id}/performance").text
    assert f'id="remove-{row.uid}"' not in page
    assert "材料表：待本人核对" in page
    answer = scene.me.submit(
        f"/my/application/{scene.case.id}/performance/{row.uid}/remove", {"version": "1"}
    )
    assert answer.status_code == 409
    assert len(fresh(scene.case).entries("performance")) == 2


def test_a_dispute_without_reason_comes_back_with_what_was_typed(scene: Scene) -> None:
    row = scene.entry()
    data = TYPED | {"version": str(row.version), "reason": "", "f-awarder": "湖北省教育厅"}
    answer = scene.me.submit(scene.mine(f"/{row.uid}/dispute"), data)
    assert answer.status_code == 422
    assert "请写明哪里不对" in answer.text
    assert "湖北省教育厅" in answer.text


def test_a_dispute_carries_what_it_should_be_and_its_proof(scene: Scene) -> None:
    row = scene.dispute(file=(io.BytesIO(pdf_of()), "证书.pdf"))
    assert (row.state, dict(row.dispute.proposed)) == ("disputed", {"rank": 1})
    page = scene.me.get(scene.mine()).text
    assert "证书上是第一" in page
    assert "本人排序应为" in page
    assert scene.me.get(scene.mine(f"/{row.uid}/evidence")).mimetype == "application/pdf"
    assert scene.hr.get(f"/admin/material/{row.id}/evidence").mimetype == "application/pdf"


def large_photo() -> bytes:
    """A photo of more than 480,000 bytes."""
    data = io.BytesIO()
    Image.effect_noise((1200, 900), 60).convert("RGB").save(data, "JPEG", quality=85)
    assert data.tell() > 480_000
    return data.getvalue()


def test_a_photo_too_large_is_compressed_for_a_dispute_too(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Limits, "of", lambda settings: Limits(480_000))
    row = scene.dispute(file=(io.BytesIO(large_photo()), "证书.jpg"))
    assert row.dispute.evidence.size <= 480_000


def test_a_proof_that_can_not_be_taken_is_said_at_its_field_and_nothing_typed_is_lost(scene: Scene) -> None:
    row = scene.entry()
    data = TYPED | {"version": str(row.version), "reason": "证书上是第一", "f-rank": "1"}
    sent = data | {"file": (io.BytesIO(b"no file at all"), "证书.pdf")}
    answer = scene.me.submit(scene.mine(f"/{row.uid}/dispute"), sent)
    assert 'aria-describedby="file-error file-help"' in answer.text
    assert answer.text.count("认不出这是什么文件") == 2
    assert "证书上是第一" in answer.text
    assert scene.entry().state == row.state


def test_a_dispute_is_taken_back(scene: Scene) -> None:
    row = scene.dispute()
    scene.me.submit(scene.mine(f"/{row.uid}/retract"), {"version": str(row.version)})
    assert scene.entry().state == "placed"


def test_something_missing_is_reported(scene: Scene) -> None:
    address = scene.mine("/missing?section=performance&kind=award")
    assert "反映遗漏：奖励" in scene.me.get(address).text
    assert scene.me.submit(address, {"reason": "漏了"}).status_code == 422
    answer = scene.me.submit(address, {"reason": "漏了", "f-name": "优秀教师"}, follow_redirects=True)
    assert "已反映给人事部门" in answer.text
    assert MaterialEntry.objects.get(is_missing=True).title == "优秀教师"


def test_submitted_entries_can_only_be_read(scene: Scene) -> None:
    Application.objects(id=scene.case.id).update_one(set__state=State.SUBMITTED.value)
    page = scene.me.get(scene.mine()).text
    assert "确认无误" not in page
    row = scene.entry()
    answer = scene.me.submit(scene.mine("/confirm"), {"entry": f"{row.uid}:{row.version}"})
    assert answer.status_code == 409


def test_another_person_s_table_does_not_exist(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    other = sign_in_as(Role.APPLICANT)
    row = scene.entry()
    assert other.get(scene.mine()).status_code == 404
    assert other.submit(scene.mine("/confirm"), {"entry": f"{row.uid}:{row.version}"}).status_code == 404


# --- HR --------------------------------------------------------------------------------------------


def test_disputes_are_work_on_the_front_page_and_in_the_list(scene: Scene) -> None:
    row = scene.dispute()
    page = scene.hr.get("/admin/").text
    assert "材料表异议" in page
    assert "/admin/material/?state=disputed" in page
    page = scene.hr.get("/admin/material/?state=disputed").text
    assert f"/admin/material/{row.id}" in page
    assert "省级科技进步奖" not in page


def test_both_versions_stand_side_by_side_and_correcting_settles(scene: Scene) -> None:
    row = scene.dispute()
    page = scene.hr.get(f"/admin/material/{row.id}").text
    assert "证书上是第一" in page
    assert "不同" in page
    data = TYPED | {"outcome": "corrected", "version": str(row.version), "f-rank": "1"}
    answer = scene.hr.submit(f"/admin/material/{row.id}/settle", data, follow_redirects=True)
    assert "异议已处理" in answer.text
    entry = next(e for e in fresh(scene.case).entries("performance") if e.uid == row.uid)
    assert (entry.rank, entry.agreement, scene.entry().state) == (1, "settled", "settled")
    assert OutboxRow.objects(person=scene.person.id).count() == 1


def test_keeping_without_words_is_refused_and_nothing_is_lost(scene: Scene) -> None:
    row = scene.dispute()
    data = {"outcome": "kept", "version": str(row.version), "words": ""}
    answer = scene.hr.submit(f"/admin/material/{row.id}/settle", data)
    assert answer.status_code == 422
    assert "请写明理由，本人会看到。" in answer.text
    assert scene.entry().state == "disputed"


def test_settling_what_was_just_settled_says_so(scene: Scene) -> None:
    row = scene.dispute()
    data = {"outcome": "kept", "version": str(row.version - 1), "words": "以证书为准"}
    answer = scene.hr.submit(f"/admin/material/{row.id}/settle", data, follow_redirects=True)
    assert "刚有变动" in answer.text
    assert scene.entry().state == "disputed"


def test_hr_adds_mends_withdraws_and_puts_back_by_hand(scene: Scene) -> None:
    address = (
        f"/admin/material/people/{scene.person.id}/new?round={scene.round.id}&section=performance&kind=award"
    )
    assert scene.hr.submit(address, {"f-name": "", "f-rank": "1"}).status_code == 422
    scene.hr.submit(address, TYPED | {"f-name": "优秀教师"})
    row = scene.entry("优秀教师")
    assert row.state == "placed"
    data = TYPED | {"f-name": "优秀教师", "f-rank": "2", "version": str(row.version)}
    scene.hr.submit(f"/admin/material/{row.id}/edit", data)
    row = scene.entry("优秀教师")
    assert row.values["rank"] == 2
    assert (
        scene.hr.submit(f"/admin/material/{row.id}/withdraw", {"version": str(row.version)}).status_code
        == 422
    )
    scene.hr.submit(f"/admin/material/{row.id}/withdraw", {"version": str(row.version), "words": "重复"})
    row = scene.entry("优秀教师")
    assert not row.is_live
    scene.hr.submit(f"/admin/material/{row.id}/put-back", {"version": str(row.version)})
    assert scene.entry("优秀教师").is_live
    page = scene.hr.get(f"/admin/material/people/{scene.person.id}?round={scene.round.id}").text
    assert "优秀教师" in page


def test_hr_sees_where_table_and_submitted_application_differ(scene: Scene) -> None:
    Application.objects(id=scene.case.id).update_one(
        set__state=State.SUBMITTED.value,
        set__receipt={
            "number": "1",
            "at": NOW,
            "sha256": "ab",
            "content_revision": fresh(scene.case).content_revision,
        },
    )
    assert "与材料表不一致" not in scene.hr.get(f"/admin/applications/{scene.case.id}").text
    scene.load(AWARD | {"rank": "1"}, PRIZE)
    page = scene.hr.get(f"/admin/applications/{scene.case.id}").text
    assert "与材料表不一致（1 处）" in page
    assert "材料表：1" in page
    assert "申报：3" in page
    assert "校级教学优秀奖" in scene.hr.get("/admin/material/?differs=1").text


def text_of(data: bytes) -> list[str]:
    return [page.extract_text().replace(" ", "") for page in PdfReader(io.BytesIO(data)).pages]


def test_the_sheet_prints_with_what_is_open_said(scene: Scene) -> None:
    answer = scene.hr.get(f"/admin/material/people/{scene.person.id}/sheet.pdf?round={scene.round.id}")
    assert answer.mimetype == "application/pdf"
    pages = text_of(answer.data)
    assert "校级教学优秀奖" in pages[0]
    assert "核对稿：还有2条本人尚未核对" in pages[0]
    for row in MaterialEntry.objects(section="performance"):
        scene.me.submit(scene.mine("/confirm"), {"entry": f"{row.uid}:{row.version}"})
    answer = scene.hr.get(f"/admin/material/people/{scene.person.id}/sheet.pdf?round={scene.round.id}")
    assert "本人已逐条核对" in text_of(answer.data)[0]


def test_a_department_prints_as_one_file_of_those_agreed(scene: Scene) -> None:
    address = f"/admin/material/sheets?round={scene.round.id}&department=cs"
    assert scene.hr.get(address).mimetype == "application/pdf"
    answer = scene.hr.get(f"{address}&agreed=1", follow_redirects=True)
    assert "没有符合条件的材料表" in answer.text


def test_chosen_rows_print_each_person_once(scene: Scene) -> None:
    ids = [str(row.id) for row in MaterialEntry.objects(section="performance")]
    answer = scene.hr.submit("/admin/material/action/", {"action": "print", "rowid": ids})
    assert sum("专业技术职务申报材料表" in page for page in text_of(answer.data)) == 1


def test_the_list_leaves_as_a_spreadsheet(scene: Scene) -> None:
    answer = scene.hr.get("/admin/material/export.xlsx")
    assert answer.status_code == 200
    assert answer.data.startswith(b"PK")


# --- stamped scans ---------------------------------------------------------------------------------


def upload(scene: Scene, *files: tuple[bytes, str]) -> str:
    data = {
        "round": str(scene.round.id),
        "unit": str(make_unit().id),
        "file": [(io.BytesIO(content), name) for content, name in files],
    }
    return scene.hr.submit("/admin/scans/upload", data, follow_redirects=True).text


def test_a_stamped_scan_too_large_is_compressed_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "of", lambda settings: Limits(480_000))
    upload(scene, (large_photo(), "林晓静.jpg"))
    (file,) = fresh(scene.case).files("material_table")
    assert file.size <= 480_000


def attached(scene: Scene) -> list[str]:
    return [file.name for file in fresh(scene.case).files("material_table")]


def test_scans_are_matched_by_number_or_name_and_put_in_place(scene: Scene) -> None:
    page = upload(scene, (pdf_of("一"), "材料表_20160011.pdf"), (pdf_of("二"), "IMG_0001.pdf"))
    assert "1 份已放入本人的申报" in page
    assert "1 份没有认出是谁的" in page
    assert attached(scene) == ["材料表_20160011.pdf"]
    assert fresh(scene.case).files("material_table")[0].origin == "hr"


def test_the_applicant_can_not_take_hr_s_scan_out(scene: Scene) -> None:
    upload(scene, (pdf_of(), "林晓静.pdf"))
    uid = fresh(scene.case).files("material_table")[0].uid
    address = f"/my/application/{scene.case.id}/attachments/file/{uid}/remove"
    assert scene.me.submit(address).status_code == 409
    assert attached(scene) == ["林晓静.pdf"]


def test_a_newer_scan_takes_the_older_one_s_place_which_stays_readable(scene: Scene) -> None:
    upload(scene, (pdf_of("旧"), "林晓静.pdf"))
    upload(scene, (pdf_of("新"), "林晓静 重新盖章.pdf"))
    assert attached(scene) == ["林晓静 重新盖章.pdf"]
    old = MaterialScan.objects.get(state="replaced")
    assert scene.hr.get(f"/admin/scans/{old.id}/file").status_code == 200


def test_people_of_the_same_name_are_offered_to_choose_from(scene: Scene) -> None:
    twin = make_person(name="林晓静", staff_number="20190077")
    page = upload(scene, (pdf_of(), "林晓静.pdf"))
    assert "20190077" in page
    scan = MaterialScan.objects.get()
    assert {str(key) for key in scan.candidates} == {str(twin.id), str(scene.person.id)}
    data = {"version": str(scan.version), "person": str(scene.person.id)}
    scene.hr.submit(f"/admin/scans/{scan.id}/assign", data)
    assert attached(scene) == ["林晓静.pdf"]


def test_a_number_and_a_name_that_contradict_each_other_are_asked_about(scene: Scene) -> None:
    make_person(name="张伟民", staff_number="20190077")
    upload(scene, (pdf_of(), "20190077林晓静.pdf"))
    assert MaterialScan.objects.get().state == "unmatched"
    assert attached(scene) == []


def test_a_longer_name_wins_over_one_inside_it(scene: Scene) -> None:
    make_person(name="张伟", staff_number="1001")
    longer = make_person(name="张伟民", staff_number="1002")
    upload(scene, (pdf_of(), "张伟民材料表.pdf"))
    assert MaterialScan.objects.get().person.id == longer.id


def test_a_scan_of_somebody_without_application_waits_and_arrives_with_it(scene: Scene) -> None:
    later = make_person(name="周晓", staff_number="20200001")
    upload(scene, (pdf_of(), "20200001.pdf"))
    assert MaterialScan.objects.get().state == "waiting"
    case = make_application(person=later, round=scene.round)
    place_material(case.id, NOW)
    assert [file.name for file in fresh(case).files("material_table")] == ["20200001.pdf"]


def test_a_wrongly_matched_scan_goes_to_the_right_person(scene: Scene) -> None:
    other = make_person(name="周晓", staff_number="20200001")
    upload(scene, (pdf_of(), "林晓静.pdf"))
    scan = MaterialScan.objects.get()
    data = {"version": str(scan.version), "staff_number": "20200001"}
    scene.hr.submit(f"/admin/scans/{scan.id}/assign", data)
    assert attached(scene) == []
    assert MaterialScan.objects.get().person.id == other.id


def test_a_dropped_scan_leaves_the_application(scene: Scene) -> None:
    upload(scene, (pdf_of(), "林晓静.pdf"))
    scan = MaterialScan.objects.get()
    scene.hr.submit(f"/admin/scans/{scan.id}/drop", {"version": str(scan.version)})
    assert attached(scene) == []
    assert MaterialScan.objects.get().state == "dropped"


def test_what_is_in_a_submitted_application_can_not_be_taken_out(scene: Scene) -> None:
    upload(scene, (pdf_of(), "林晓静.pdf"))
    Application.objects(id=scene.case.id).update_one(set__state=State.SUBMITTED.value)
    scan = MaterialScan.objects.get()
    answer = scene.hr.submit(
        f"/admin/scans/{scan.id}/drop", {"version": str(scan.version)}, follow_redirects=True
    )
    assert "本人的申报已提交" in answer.text
    assert attached(scene) == ["林晓静.pdf"]


def test_a_file_that_is_no_document_is_refused_by_name_and_the_others_go_in(scene: Scene) -> None:
    page = upload(scene, (b"not a scan", "坏文件.pdf"), (pdf_of(), "林晓静.pdf"))
    assert "坏文件.pdf：认不出这是什么文件" in page
    assert attached(scene) == ["林晓静.pdf"]


def test_the_same_file_twice_is_noticed(scene: Scene) -> None:
    data = pdf_of()
    upload(scene, (data, "林晓静.pdf"))
    assert "这份文件已经上传过" in upload(scene, (data, "再来一次.pdf"))


def test_scans_and_entries_of_another_unit_do_not_exist(
    scene: Scene, sign_in_as: Callable[..., Browser]
) -> None:
    upload(scene, (pdf_of(), "林晓静.pdf"))
    other = sign_in_as(Role.UNIT_HR, unit=make_unit(code="other", name="江城大学"))
    row, scan = scene.entry(), MaterialScan.objects.get()
    for address in (
        f"/admin/material/{row.id}",
        f"/admin/material/people/{scene.person.id}",
        f"/admin/material/people/{scene.person.id}/sheet.pdf",
        f"/admin/scans/{scan.id}/file",
    ):
        assert other.get(address).status_code == 404, address
    assert other.submit(f"/admin/material/{row.id}/withdraw", {"words": "x"}).status_code == 404
    assert other.submit(f"/admin/scans/{scan.id}/drop", {"version": "1"}).status_code == 404


def test_the_script_sends_one_file_at_a_time_and_gets_the_lists_anew(scene: Scene) -> None:
    data = {
        "round": str(scene.round.id),
        "unit": str(make_unit().id),
        "file": (io.BytesIO(pdf_of()), "林晓静.pdf"),
    }
    answer = scene.hr.submit("/admin/scans/upload", data, headers={"Accept": "application/json"})
    assert answer.get_json()["message"] == "“林晓静.pdf”已放入林晓静的申报。"
    assert "林晓静.pdf" in answer.get_json()["html"]
    data["file"] = (io.BytesIO(b"not a scan"), "坏.pdf")
    answer = scene.hr.submit("/admin/scans/upload", data, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert "认不出这是什么文件" in answer.get_json()["message"]
