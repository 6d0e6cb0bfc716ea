"""Attachments, the photo, and the addresses that serve them (G11, G25-G28)."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter

from models.application import Application
from models.choices import Role, State
from models.pending_file import PendingFile
from models.sections import Return, ReturnItem
from panel.services import storage
from tests.contents import award, make_complete, make_lecturer
from tests.factories import NOW, make_application, make_user
from tests.views.conftest import Browser

JSON = {"Accept": "application/json"}


def pdf(pages: int = 2) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def jpeg(width: int, height: int) -> bytes:
    target = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(target, "JPEG", quality=85)
    return target.getvalue()


@pytest.fixture
def applicant(client: Browser, travel: Callable[[datetime], None]) -> Browser:
    travel(NOW)
    return client.sign_in_as(Role.APPLICANT, person=make_lecturer())


def url(application: Application, page: str) -> str:
    return f"/my/application/{application.id}/{page}"


def stored() -> Application:
    return Application.objects.get()


def upload(
    browser: Browser,
    application: Application,
    into: str,
    *files: tuple[bytes, str],
    script: bool = True,
    **more: str,
) -> Any:
    data: dict[str, Any] = dict(more) | {"file": [(io.BytesIO(data), name) for data, name in files]}
    address = url(application, f"attachments/slot/{into}")
    return browser.submit(address, data, headers=JSON if script else {}, content_type="multipart/form-data")


def draft(applicant: Browser, **values: Any) -> Application:
    return make_application(person=applicant.person, **values)


def blobs(database: Any) -> int:
    return int(database[storage.FILES].count_documents({}))


# --- uploading -------------------------------------------------------------------------------------


def test_a_pdf_is_kept_with_its_pages_and_a_thumbnail(applicant: Browser) -> None:
    application = draft(applicant)
    answer = upload(applicant, application, "material_table", (pdf(3), "材料表.pdf"))
    assert "材料表.pdf" in answer.get_json()["html"]
    record = stored().attachments[0]
    assert (record.slot, record.name, record.mime, record.pages) == (
        "material_table",
        "材料表.pdf",
        "application/pdf",
        3,
    )
    assert storage.exists(record.sha256)
    assert storage.exists(record.thumbnail_sha256)


def test_several_files_come_at_once_without_the_script(applicant: Browser) -> None:
    application = draft(applicant)
    files = ((jpeg(300, 300), "1.jpg"), (b"nonsense", "2.pdf"), (jpeg(301, 300), "3.jpg"))
    answer = upload(applicant, application, "material_table", *files, script=False)
    assert [a.name for a in stored().attachments] == ["1.jpg", "3.jpg"]
    page = applicant.get(answer.location).text
    assert "2.pdf：认不出这是什么文件" in page
    assert "已上传 2 个文件" in page


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "空.pdf", "文件是空的"),
        (b"PK\x03\x04" + b"0" * 100, "表.docx", "只能上传"),
        (b"%PDF-1.7 broken", "坏.pdf", ""),
        (jpeg(300, 300)[:2000], "断.jpg", "损坏"),
        (b"GIF89a" + b"0" * 100, "图.jpg", "GIF"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason_and_nothing_is_stored(
    applicant: Browser, database: Any, data: bytes, name: str, reason: str
) -> None:
    application = draft(applicant)
    before = blobs(database)
    answer = upload(applicant, application, "material_table", (data, name))
    assert answer.status_code == 400
    assert reason in answer.get_json()["message"]
    assert stored().attachments == []
    assert blobs(database) == before


def test_no_file_chosen_says_so(applicant: Browser) -> None:
    application = draft(applicant)
    answer = applicant.submit(url(application, "attachments/slot/material_table"), headers=JSON)
    assert "没有选择文件" in answer.get_json()["message"]


def test_a_slot_takes_no_more_than_it_holds(applicant: Browser, database: Any) -> None:
    application = draft(applicant)
    for number in range(5):
        upload(applicant, application, "material_table", (jpeg(300 + number, 300), f"{number}.jpg"))
    before = blobs(database)
    answer = upload(applicant, application, "material_table", (jpeg(310, 300), "6.jpg"))
    assert answer.status_code == 409
    assert "最多上传 5 个文件" in answer.get_json()["message"]
    assert len(stored().attachments) == 5
    assert blobs(database) == before


def test_the_same_file_is_not_taken_twice(applicant: Browser) -> None:
    application = draft(applicant)
    data = jpeg(300, 300)
    upload(applicant, application, "material_table", (data, "1.jpg"))
    answer = upload(applicant, application, "material_table", (data, "2.jpg"))
    assert "已经上传过，名为“1.jpg”" in answer.get_json()["message"]


@pytest.mark.parametrize("slot", ["nowhere", "qualification_certificate2"])
def test_unknown_slots_do_not_exist(applicant: Browser, slot: str) -> None:
    application = draft(applicant)
    assert upload(applicant, application, slot, (jpeg(300, 300), "1.jpg")).status_code == 404


def test_a_slot_that_does_not_apply_does_not_exist(applicant: Browser) -> None:
    """G26: a first application has no certificate of a present title."""
    application = draft(applicant, kind="first", level="junior")
    answer = upload(applicant, application, "title_certificate", (jpeg(300, 300), "1.jpg"))
    assert answer.status_code == 404


def test_a_file_name_loses_folders_and_control_characters(applicant: Browser) -> None:
    application = draft(applicant)
    upload(applicant, application, "material_table", (jpeg(300, 300), "../扫描/a\x07b.jpg"))
    assert stored().attachments[0].name == "ab.jpg"


def test_months_covered_are_stated_and_checked(applicant: Browser) -> None:
    """G25: five years for an associate professor."""
    application = draft(applicant)
    upload(applicant, application, "social_insurance", (pdf(), "社保.pdf"))
    record = stored().attachments[0]
    edit = url(application, f"attachments/file/{record.uid}")
    answer = applicant.submit(edit, {"version": "1", "months": "36", "note": "2021 至 2023"}, headers=JSON)
    assert "须覆盖近 60 个月，现有的只覆盖 36 个月" in str(answer.get_json()["html"])
    assert (stored().attachments[0].months, stored().attachments[0].note) == (36, "2021 至 2023")
    for wrong in ("三年", "-3", "9999"):
        typed = {"version": "2", "months": wrong, "note": "2021 至 2023"}
        answer = applicant.submit(edit, typed, headers=JSON)
        said = answer.get_json()["messages"]["months"][0]["text"]
        assert said == "覆盖月数请填 0 到 720 的整数，如 36。"
        assert (stored().attachments[0].months, answer.get_json()["version"]) == (36, 2)


@pytest.mark.parametrize("typed", ["６０", " 60 "])
def test_months_are_read_in_any_width(applicant: Browser, typed: str) -> None:
    application = draft(applicant)
    upload(applicant, application, "social_insurance", (pdf(), "社保.pdf"))
    edit = url(application, f"attachments/file/{stored().attachments[0].uid}")
    applicant.submit(edit, {"version": "1", "months": typed}, headers=JSON)
    assert stored().attachments[0].months == 60


def test_stating_the_months_leaves_the_name_as_it_is(applicant: Browser) -> None:
    """The script fills in lists of values: of a bare text it took the first letter for the name."""
    application = draft(applicant)
    upload(applicant, application, "social_insurance", (pdf(), "社保缴费明细.pdf"))
    edit = url(application, f"attachments/file/{stored().attachments[0].uid}")
    typed = {"version": "1", "months": "60", "note": "", "name": "社保缴费明细.pdf"}
    answer = applicant.submit(edit, typed, headers=JSON).get_json()
    assert (answer["values"], answer["version"]) == ({"name": ["社保缴费明细.pdf"]}, 2)
    again = applicant.submit(edit, typed | {"version": "2"}, headers=JSON).get_json()
    assert again["version"] == stored().attachments[0].version == 2


def test_a_replacement_takes_over_place_months_and_proof(applicant: Browser) -> None:
    application = draft(applicant)
    upload(applicant, application, "social_insurance", (pdf(), "旧.pdf"))
    old = stored().attachments[0]
    applicant.submit(url(application, f"attachments/file/{old.uid}"), {"version": "1", "months": "60"})
    Application.objects(id=application.id).update_one(
        push__achievements=award(evidence=[old.uid], clause="a4")
    )
    Application.objects(id=application.id).update_one(set__achievements__0__evidence=[old.uid])
    upload(applicant, application, "social_insurance", (pdf(4), "新.pdf"), replaces=old.uid)
    record = stored().attachments[0]
    assert (len(stored().attachments), record.name, record.months) == (1, "新.pdf", 60)
    assert list(stored().achievements[0].evidence) == [record.uid]


def test_removing_a_file_takes_it_from_its_entries(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    uid = "e" * 32
    assert [uid in entry.evidence for entry in stored().achievements].count(True) > 0
    answer = applicant.submit(url(application, f"attachments/file/{uid}/remove"), headers=JSON)
    assert answer.status_code == 200
    assert uid not in [a.uid for a in stored().attachments]
    assert all(uid not in entry.evidence for entry in stored().achievements)


def test_proof_sent_without_the_script_is_named_by_its_entry(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    entry = stored().achievements[0]
    more = {"as": "evidence", "entry": entry.uid, "slot": "achievement_evidence"}
    upload(applicant, application, "material_table", (jpeg(300, 300), "证.jpg"), script=False, **more)
    added = stored().attachments[-1]
    assert added.slot == "achievement_evidence"
    assert added.uid in stored().achievements[0].evidence


def test_what_shows_id_numbers_is_not_offered_as_proof(applicant: Browser) -> None:
    application = make_complete(person=applicant.person)
    page = applicant.get(url(application, f"performance/{stored().achievements[0].uid}")).text
    offered = re.findall(r'<span class="file-facts d-block">([^<]+?)(?: ·[^<]*)?</span>', page)
    assert sorted(set(offered)) == ["业绩与成果的证明", "其他业绩成果相关证明材料"]
    assert '<option value="social_insurance"' not in page
    assert '<option value="achievement_evidence"' in page


def test_nothing_is_uploaded_after_submitting(applicant: Browser, database: Any) -> None:
    application = make_complete(State.SUBMITTED, person=applicant.person)
    answer = upload(applicant, application, "material_table", (jpeg(300, 300), "1.jpg"))
    assert answer.status_code == 409
    assert len(stored().attachments) == 5
    assert 'type="file"' not in applicant.get(url(application, "attachments")).text


def test_a_return_reopens_the_slot_it_names(applicant: Browser) -> None:
    application = make_complete(State.RETURNED, person=applicant.person, deadline=NOW + timedelta(days=5))
    item = ReturnItem(section="attachments", field="material_table", text="请盖章")
    row = Return(items=[item], deadline=NOW + timedelta(days=5), at=NOW, from_state="submitted")
    Application.objects(id=application.id).update_one(push__returns=row)
    assert "请盖章" in applicant.get(url(application, "attachments")).text
    assert upload(applicant, application, "material_table", (pdf(), "盖章.pdf")).status_code == 200
    assert upload(applicant, application, "social_insurance", (pdf(), "x.pdf")).status_code == 409


# --- the photo -------------------------------------------------------------------------------------


def send_photo(browser: Browser, application: Application, data: bytes, script: bool = True) -> Any:
    return browser.submit(
        url(application, "photo"),
        {"photo": (io.BytesIO(data), "我.jpg")},
        headers=JSON if script else {},
        content_type="multipart/form-data",
    )


def test_a_photo_is_made_anew_to_the_rounds_size(applicant: Browser) -> None:
    application = draft(applicant, photo=None)
    answer = send_photo(applicant, application, jpeg(590, 826))
    assert answer.get_json()["url"] == url(application, "photo")
    photo = stored().photo
    assert (photo.width, photo.height) == (295, 413)
    assert Image.open(io.BytesIO(storage.read(photo.sha256))).size == (295, 413)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(jpeg(600, 600), "宽高比例不对"), (jpeg(100, 140), "至少要 295×413"), (pdf(), "只能上传")],
)
def test_a_photo_that_does_not_fit_is_refused_with_what_to_do(
    applicant: Browser, data: bytes, reason: str
) -> None:
    application = draft(applicant, photo=None)
    answer = send_photo(applicant, application, data, script=False)
    assert answer.status_code == 400
    assert reason in answer.text
    assert 'name="photo"' in answer.text
    assert stored().photo is None


def test_a_photo_is_closed_after_submitting(applicant: Browser) -> None:
    application = make_complete(State.SUBMITTED, person=applicant.person)
    before = stored().photo.sha256
    assert send_photo(applicant, application, jpeg(590, 826)).status_code == 409
    assert stored().photo.sha256 == before


# --- serving ---------------------------------------------------------------------------------------


def with_file(applicant: Browser, state: State = State.DRAFT) -> Application:
    application = draft(applicant)
    upload(applicant, application, "material_table", (pdf(), "材料表.pdf"))
    if state != State.DRAFT:
        revision = stored().content_revision
        make = make_complete(state, person=make_lecturer())
        make.receipt.content_revision = revision
        Application.objects(id=application.id).update_one(
            set__state=state.value, set__receipt=make.receipt, set__number="X1"
        )
        make.delete()
    return stored()


def test_a_file_is_saved_not_shown_unless_asked(applicant: Browser) -> None:
    """DESIGN trap 2."""
    application = with_file(applicant)
    address = f"/files/{application.id}/{application.attachments[0].uid}"
    answer = applicant.get(address)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.data.startswith(b"%PDF")
    shown = applicant.get(address + "?inline=1")
    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert shown.mimetype == "application/pdf"


def test_an_unchanged_file_is_not_sent_again(applicant: Browser) -> None:
    application = with_file(applicant)
    record = application.attachments[0]
    address = f"/files/{application.id}/{record.uid}"
    etag = applicant.get(address).headers["ETag"]
    assert record.sha256 in etag
    assert applicant.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_thumbnail_and_photo_are_pictures(applicant: Browser) -> None:
    application = with_file(applicant)
    small = applicant.get(f"/files/{application.id}/{application.attachments[0].uid}/thumbnail")
    assert small.mimetype == "image/jpeg"
    assert applicant.get(f"/files/{application.id}/photo").mimetype == "image/jpeg"


def test_hr_reads_files_after_submission_only(applicant: Browser, sign_in_as: Callable[..., Browser]) -> None:
    """G30."""
    application = with_file(applicant)
    address = f"/files/{application.id}/{application.attachments[0].uid}"
    assert sign_in_as(Role.UNIT_HR).get(address).status_code == 404
    Application.objects(id=application.id).delete()
    application = with_file(applicant, State.SUBMITTED)
    address = f"/files/{application.id}/{application.attachments[0].uid}"
    assert sign_in_as(Role.UNIT_HR).get(address).status_code == 200


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.EXPERT, Role.ADMIN])
def test_others_get_no_file(applicant: Browser, sign_in_as: Callable[..., Browser], role: Role) -> None:
    application = with_file(applicant, State.SUBMITTED)
    other = sign_in_as(role)
    uid = application.attachments[0].uid
    for address in (f"{uid}", f"{uid}/thumbnail", "photo"):
        assert other.get(f"/files/{application.id}/{address}").status_code == 404


def test_files_need_a_signed_in_person(applicant: Browser, client: Browser, new_browser: Any) -> None:
    application = with_file(applicant, State.SUBMITTED)
    answer = new_browser().get(f"/files/{application.id}/{application.attachments[0].uid}")
    assert answer.status_code == 302


def test_a_foreign_uid_is_not_found_in_the_own_application(applicant: Browser) -> None:
    application = with_file(applicant)
    foreign = make_complete()
    assert applicant.get(f"/files/{application.id}/{foreign.attachments[0].uid}").status_code == 404


def test_what_was_replaced_after_submitting_stays_readable_to_hr_alone(
    applicant: Browser, sign_in_as: Callable[..., Browser]
) -> None:
    from models.choices import Action
    from panel.domain.actors import actor_of
    from panel.domain.steps import workflow

    application = make_complete(person=applicant.person)
    upload(applicant, application, "material_table", (pdf(), "第一版.pdf"))
    old = stored().attachments[-1]
    Application.objects(id=application.id).update_one(
        set__preview={"content_revision": stored().content_revision, "at": NOW, "sha256": "0" * 64}
    )
    assert applicant.user is not None
    workflow.run(Action.SUBMIT, stored(), actor_of(applicant.user), NOW, pledge=True)
    workflow.run(Action.RECALL, stored(), actor_of(applicant.user), NOW)
    upload(applicant, application, "material_table", (pdf(3), "第二版.pdf"), replaces=old.uid)
    Application.objects(id=application.id).update_one(set__state="submitted")
    address = f"/files/{application.id}/{old.uid}"
    assert applicant.get(address).status_code == 404
    assert sign_in_as(make_user(Role.UNIT_HR)).get(address).status_code == 200


# --- compressed, converted, joined -----------------------------------------------------------------


def too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slots take 480 kB, so that tests need no large files."""
    from views.my.attachments.slots import SlotView

    monkeypatch.setattr(SlotView, "max_bytes", property(lambda view: 480_000))


def pending() -> PendingFile:
    return PendingFile.objects.get()


def test_a_large_photo_is_compressed_shown_and_used_once_looked_at(
    applicant: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_large(monkeypatch)
    application = draft(applicant)
    data = jpeg(1200, 900)
    answer = upload(applicant, application, "material_table", (data, "照片.jpeg")).get_json()
    assert "已压缩：" in answer["message"]
    assert "还没有算作附件" in answer["html"]
    assert stored().attachments == []
    assert (pending().record.name, pending().sent_bytes) == ("照片.jpg", len(data))
    page = url(application, f"attachments/pending/{pending().uid}")
    looked = applicant.get(page)
    assert (looked.status_code, looked.mimetype) == (200, "image/jpeg")
    assert len(looked.data) == pending().record.size <= 480_000
    assert applicant.get(f"{page}/thumbnail").mimetype == "image/jpeg"
    assert "照片.jpg" in applicant.submit(f"{page}/use", headers=JSON).get_json()["html"]
    (record,) = stored().attachments
    assert (record.slot, record.size <= 480_000) == ("material_table", True)
    assert PendingFile.objects.count() == 0


def test_without_the_script_the_page_asks_to_look_and_can_throw_away(
    applicant: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_large(monkeypatch)
    application = draft(applicant)
    files = ((jpeg(1200, 900), "1.jpg"), (pdf(), "2.pdf"))
    answer = upload(applicant, application, "material_table", *files, script=False)
    page = applicant.get(answer.location).text
    assert "“1.jpg”已压缩" in page
    assert "使用这一份" in page
    assert [a.name for a in stored().attachments] == ["2.pdf"]
    discard = applicant.submit(url(application, f"attachments/pending/{pending().uid}/discard"))
    assert "没有使用“1.jpg”，已丢弃。" in applicant.get(discard.location).text
    assert PendingFile.objects.count() == 0


def test_what_the_browser_compressed_is_looked_at_too(applicant: Browser) -> None:
    application = draft(applicant)
    answer = upload(
        applicant, application, "material_table", (jpeg(300, 300), "1.jpg"), sent_bytes="12900000"
    )
    assert "12.3 MB →" in answer.get_json()["message"]
    assert stored().attachments == []
    for lie in ("-1", "1", "x", "9" * 30):
        upload(applicant, application, "material_table", (jpeg(310, 300), f"{lie[:2]}.jpg"), sent_bytes=lie)
    assert PendingFile.objects.count() == 1


def test_a_photo_of_an_iphone_is_converted(applicant: Browser) -> None:
    application = draft(applicant)
    heic = (Path(__file__).parents[2] / "files" / "photo.heic").read_bytes()
    answer = upload(applicant, application, "material_table", (heic, "IMG_0012.HEIC")).get_json()
    assert "“IMG_0012.jpg”已转成 JPEG" in answer["message"]
    assert pending().record.mime == "image/jpeg"


def join(browser: Browser, application: Application, *photos: tuple[bytes, str], **more: Any) -> Any:
    data: dict[str, Any] = more | {"photo": [(io.BytesIO(data), name) for data, name in photos]}
    address = url(application, "attachments/slot/material_table/join")
    return browser.submit(address, data, headers=JSON, content_type="multipart/form-data")


def test_photos_are_joined_to_one_pdf_under_the_name_given(applicant: Browser) -> None:
    application = draft(applicant)
    photos = [(jpeg(300, 200), "1.jpg"), (jpeg(200, 300), "2.jpg")]
    answer = join(applicant, application, *photos, turn=["90", "0"], name="材料表（盖章）")
    assert "2 张照片" in answer.get_json()["html"]
    assert (pending().record.name, pending().record.pages) == ("材料表（盖章）.pdf", 2)
    applicant.submit(url(application, f"attachments/pending/{pending().uid}/use"))
    assert stored().attachments[0].mime == "application/pdf"


def test_joining_says_what_is_wrong(applicant: Browser) -> None:
    application = draft(applicant)
    assert "没有选择照片" in join(applicant, application).get_json()["message"]
    bad = join(applicant, application, (jpeg(300, 200), "1.jpg"), (pdf(), "2.pdf"), turn=["sideways"])
    assert "第 2 个文件不是照片" in bad.get_json()["message"]
    assert PendingFile.objects.count() == 0


def test_proof_that_was_compressed_is_named_by_its_entry_once_used(
    applicant: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_large(monkeypatch)
    application = make_complete(person=applicant.person)
    entry = stored().achievements[0]
    more = {"as": "evidence", "entry": entry.uid, "slot": "achievement_evidence"}
    answer = upload(applicant, application, "material_table", (jpeg(1200, 900), "证.jpg"), **more).get_json()
    assert answer["html"] == ""
    assert "使用这一份" in answer["pending"]
    assert "使用这一份" in applicant.get(url(application, f"performance/{entry.uid}")).text
    use = url(application, f"attachments/pending/{pending().uid}/use")
    answer = applicant.submit(use, {"as": "evidence", "entry": entry.uid}, headers=JSON).get_json()
    added = stored().attachments[-1]
    assert f'value="{added.uid}"' in answer["html"]
    assert "使用这一份" not in answer["pending"]


def test_another_persons_waiting_file_does_not_exist(
    applicant: Browser, sign_in_as: Callable[..., Browser]
) -> None:
    application = draft(applicant)
    upload(applicant, application, "material_table", (jpeg(300, 300), "1.jpg"), sent_bytes="12900000")
    other = sign_in_as(Role.APPLICANT)
    mine = make_application(person=other.person)
    for owner in (application, mine):
        page = url(owner, f"attachments/pending/{pending().uid}")
        assert other.get(page).status_code == 404
        assert other.get(f"{page}/thumbnail").status_code == 404
        assert other.submit(f"{page}/use").status_code == 404
        assert other.submit(f"{page}/discard").status_code == 404
    assert PendingFile.objects.count() == 1


def test_a_file_is_renamed_where_it_stands(applicant: Browser) -> None:
    application = draft(applicant)
    upload(applicant, application, "material_table", (pdf(), "IMG_0012.pdf"))
    uid = stored().attachments[0].uid
    page = url(application, f"attachments/file/{uid}")
    answer = applicant.submit(page, {"version": "1", "name": "材料<表>"}, headers=JSON).get_json()
    assert stored().attachments[0].name == "材料<表>.pdf"
    assert answer["values"] == {"name": ["材料<表>.pdf"]}
    assert answer["html"][f"#name-{uid}"] == "材料&lt;表&gt;.pdf"
    refused = applicant.submit(page, {"version": "2", "name": " "}, headers=JSON).get_json()
    assert "请填写文件名称" in refused["messages"]["name"][0]["text"]
    assert (stored().attachments[0].name, refused["version"]) == ("材料<表>.pdf", 2)
