"""The applicant's way by clicks: start, entries, photo, attachments, preview, submit, recall, give up."""

import io
import re
from collections.abc import Callable

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, Page, expect

from models.application import Application
from models.choices import State
from panel import clock
from tests.contents import make_complete
from tests.e2e.people import Person
from tests.e2e.test_applicant_saving import STAFF_NUMBER, start, status


def picture(width: int, height: int, name: str = "扫描件.jpg") -> FilePayload:
    """A picture that looks like something."""
    image = Image.effect_noise((width, height), 40).convert("RGB")
    ImageDraw.Draw(image).ellipse((width // 4, height // 6, width * 3 // 4, height * 2 // 3), fill="#e8c4a0")
    target = io.BytesIO()
    image.save(target, "JPEG", quality=90)
    return {"name": name, "mimeType": "image/jpeg", "buffer": target.getvalue()}


def only() -> Application:
    return Application.objects.get()


def open_page(someone: Person, application: Application, page: str) -> Page:
    return someone.go(f"/my/application/{application.id}/{page}")


def save_entry(page: Page) -> None:
    """Save an entry and wait for the list, with its scripts: a hand is slower than a test."""
    with page.expect_navigation():
        page.get_by_role("button", name="保存，回到列表").click()


def test_from_the_open_round_to_a_draft(institution: None, person: Callable[..., Person]) -> None:
    page = person(STAFF_NUMBER).go("/my/")
    page.get_by_role("link", name="职称申报", exact=True).click()
    expect(page.get_by_text("江城理工学院", exact=True).first).to_be_visible()
    expect(page.get_by_label("副教授")).to_be_checked()
    page.get_by_role("button", name="确认并开始填报").click()
    expect(page.get_by_role("alert")).to_contain_text("请阅读并勾选个人承诺")
    page.get_by_label("本人已阅读并承诺以上内容").check()
    page.get_by_role("button", name="确认并开始填报").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("副教授")
    assert only().pledges[0].purpose == "start"
    page.goto("/my/")
    page.get_by_role("link", name="编辑", exact=True).click()
    expect(page.get_by_role("heading", name="基本信息", level=1)).to_be_visible()


def test_only_levels_that_fit_can_be_chosen(institution: None, person: Callable[..., Person]) -> None:
    page = person(STAFF_NUMBER).go("/my/")
    page.get_by_role("link", name="职称申报", exact=True).click()
    expect(page.locator("input[name=level][value=senior]")).to_be_hidden()
    page.get_by_label("破格申报").check()
    expect(page.locator("input[name=level][value=senior]")).to_be_visible()


def test_entries_are_added_shown_as_printed_ordered_removed_and_put_back(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "performance")
    page.get_by_role("link", name="奖励").click()
    page.get_by_label("获奖名称").fill("湖北省教学成果奖")
    page.get_by_label("等次").fill("二等奖")
    page.get_by_label("颁奖单位").fill("湖北省人民政府")
    page.get_by_label("获奖时间").fill("2022.9")
    page.get_by_label("本人排序").fill("3")
    expect(page.locator("#as-printed")).to_contain_text("排名第3")
    expect(page.locator("#as-printed")).to_contain_text("二等奖，湖北省人民政府")
    save_entry(page)
    page.get_by_role("link", name="项目", exact=True).click()
    page.get_by_label("项目（课题）名称").fill("课程体系研究")
    page.get_by_label("项目类别").fill("教育厅项目")
    save_entry(page)
    rows = page.locator("table.entries tbody")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("湖北省教学成果奖")
    page.get_by_role("button", name="上移：教育厅项目 课程体系研究").click()
    expect(rows.nth(0)).to_contain_text("课程体系研究")
    expect(page.get_by_role("button", name="上移：教育厅项目 课程体系研究")).to_be_focused()
    assert [e.kind for e in only().entries("performance")] == ["project", "award"]
    page.get_by_role("button", name="删除：湖北省教学成果奖").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="撤销删除").click()
    expect(rows).to_have_count(2)
    assert [e.kind for e in only().entries("performance")] == ["project", "award"]


def drag(page: Page, handle: Locator, target: Locator, arrived: Callable[[], bool]) -> None:
    """Drag as a hand does, in many small moves, above `target`, and let go once the row is seen there."""
    handle.hover()
    page.mouse.down()
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2, steps=8)
    for nudge in range(40):
        page.mouse.move(box["x"] + 20, box["y"] + 4 + nudge % 3, steps=2)
        if arrived():
            break
        page.wait_for_timeout(50)  # rows glide
    page.mouse.up()


def test_rows_can_be_dragged(institution: None, person: Callable[..., Person]) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "publications")
    for title in ("第一本", "第二本"):
        page.get_by_role("link", name="著作", exact=True).click()
        page.get_by_label("名称", exact=False).first.fill(title)
        save_entry(page)
    rows = page.locator("tbody")
    handle = rows.nth(1).locator("[data-handle]")
    drag(page, handle, rows.nth(0), lambda: "第二本" in rows.nth(0).inner_text())
    expect(page.locator("tbody").nth(0)).to_contain_text("第二本")
    expect(page.locator("[data-announce]")).to_have_text("顺序已保存。")
    page.reload()
    expect(page.locator("tbody").nth(0)).to_contain_text("第二本")


def test_one_who_has_none_ticks_so(institution: None, person: Callable[..., Person]) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "performance")
    page.get_by_label("确无相应业绩", exact=True).check()
    expect(page.get_by_text("评审表的相应栏目会印“无”。")).to_be_visible()
    assert only().record("performance").none is True


def test_the_photo_is_cropped_in_the_browser(institution: None, person: Callable[..., Person]) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "photo")
    page.locator("#field-photo").set_input_files(picture(900, 900, "我.jpg"))
    expect(page.locator(".cropper-crop-box")).to_be_visible()
    stage = page.locator("[data-crop-stage]")
    stage.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    page.get_by_role("button", name="右转").click()
    note = page.locator("[data-crop-note]")
    expect(note).to_contain_text("够清晰")
    cut = note.inner_text()
    for width in (390, 1100):  # a phone turned round: the same cut
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(400)
        expect(note).to_have_text(cut)
    page.get_by_role("button", name="保存照片").click()
    expect(page.get_by_text("照片已保存。").first).to_be_visible()
    photo = only().photo
    assert (photo.width, photo.height) == (295, 413)


def test_a_photo_too_small_is_refused_before_it_is_sent(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "photo")
    page.locator("#field-photo").set_input_files(picture(200, 280))
    expect(page.locator("[data-crop-note]")).to_contain_text("至少要 295×413")
    expect(page.get_by_role("button", name="保存照片")).to_be_disabled()


def test_attachments_are_uploaded_described_and_removed(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "attachments")
    slot = page.locator("#slot-social_insurance")
    slot.locator("input[type=file]").first.set_input_files(
        [picture(600, 800, "社保1.jpg"), picture(601, 800, "社保2.jpg")]
    )
    expect(slot.locator(".file-item")).to_have_count(2)
    slot.get_by_label("覆盖月数").first.fill("36")
    expect(slot).to_contain_text("已填 36 个月")
    expect(slot.get_by_label("文件名称").first).to_have_value("社保1.jpg")
    slot.get_by_role("button", name="删除：社保2.jpg").click()
    page.get_by_role("button", name="确定").click()
    expect(slot.locator(".file-item")).to_have_count(1)
    assert [(a.name, a.months) for a in only().attachments] == [("社保1.jpg", 36)]


def test_a_refused_file_says_why_and_stores_nothing(institution: None, person: Callable[..., Person]) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "attachments")
    slot = page.locator("#slot-material_table-body")
    slot.locator("input[type=file]").set_input_files(
        {"name": "材料表.pdf", "mimeType": "application/pdf", "buffer": b"not a pdf at all"}
    )
    expect(slot.locator(".upload-line.is-refused")).to_contain_text("认不出这是什么文件")
    slot.get_by_role("button", name="知道了").click()
    expect(slot.locator(".upload-line")).to_have_count(0)
    assert only().attachments == []


def test_proof_uploaded_beside_an_entry_is_named_by_it(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "performance/new?kind=award")
    page.get_by_label("获奖名称").fill("教学竞赛一等奖")
    status(page).to_have_text(re.compile("已保存"))
    page.locator("#evidence-file").set_input_files(picture(500, 700, "奖状.jpg"))
    expect(page.locator("#evidence-list").get_by_role("checkbox")).to_be_checked()
    status(page).to_have_text(re.compile("已保存"))
    save_entry(page)
    expect(page.locator("tbody").first).to_contain_text("奖状.jpg")
    stored = only()
    assert list(stored.entries("performance")[0].evidence) == [stored.attachments[0].uid]


def test_a_line_of_the_missing_list_leads_to_its_field(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "check")
    page.get_by_role("link", name="请填写“民族”").click()
    expect(page.get_by_label("民族")).to_be_focused()


def complete(number: str = STAFF_NUMBER) -> Application:
    """A finished application of the demo's lecturer."""
    from models.person import Person as Staff
    from models.review_round import ReviewRound

    return make_complete(
        person=Staff.objects.get(staff_number=number),
        round=ReviewRound.objects.get(series="teacher"),
        year=ReviewRound.objects.get(series="teacher").year,
        created_at=clock.now(),
    )


def test_preview_submit_recall_and_submit_again(institution: None, person: Callable[..., Person]) -> None:
    application = complete()
    page = open_page(person(STAFF_NUMBER, shows_pdf=True), application, "submit")
    expect(page.get_by_text("请先预览申报表册")).to_be_visible()
    with page.expect_response(re.compile(r"form\.pdf")) as served:
        page.get_by_role("link", name="申报表册预览").last.click()
    assert served.value.headers["content-type"] == "application/pdf"
    expect(page.locator("iframe")).to_be_visible()
    served.value.finished()
    page.get_by_role("link", name="核对无误，去提交").click()
    page.get_by_label("本人已阅读并承诺以上内容").check()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", name="提交回执")).to_be_visible()
    expect(page.locator(".receipt-number")).to_have_text(str(only().number))
    page.goto("/my/")
    expect(page.get_by_text("待单位审核", exact=True)).to_be_visible()
    page.get_by_role("link", name="申报总览").click()
    page.get_by_role("button", name="撤回修改").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已撤回，可以修改")).to_be_visible()
    assert only().state == State.DRAFT


def test_giving_up_is_asked_twice(institution: None, person: Callable[..., Person]) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER), application, "")
    page.get_by_role("link", name="放弃申报…").click()
    page.get_by_role("button", name="放弃申报").click()
    expect(page.get_by_text("姓名不一致，没有放弃申报")).to_be_visible()
    assert only().state == State.DRAFT
    page.get_by_label("确定要放弃，请输入本人姓名").fill(application.name)
    page.get_by_role("button", name="放弃申报").click()
    expect(page.get_by_text("您已放弃本次申报").first).to_be_visible()
    assert only().state == State.WITHDRAWN


def test_without_script_the_pages_are_ordinary_forms(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    page = open_page(person(STAFF_NUMBER, java_script_enabled=False), application, "basic")
    page.get_by_label("民族").fill("汉族")
    page.get_by_role("button", name="保存，下一部分：照片").click()
    expect(page.get_by_role("heading", name="照片", level=1)).to_be_visible()
    page.locator("#field-photo").set_input_files(picture(590, 826))
    page.get_by_role("button", name="保存照片").click()
    expect(page.locator("img.photo-now")).to_be_visible()
    page.goto(f"/my/application/{application.id}/attachments")
    slot = page.locator("#slot-material_table-body")
    slot.locator("input[type=file]").set_input_files(picture(400, 600, "材料表.jpg"))
    slot.get_by_role("button", name="上传").click()
    expect(page.locator("#slot-material_table .file-name")).to_have_text("材料表.jpg")
    page.goto(f"/my/application/{application.id}/performance")
    page.get_by_role("link", name="奖励").click()
    page.get_by_label("获奖名称").fill("教学竞赛奖")
    save_entry(page)
    expect(page.locator("table.entries tbody")).to_contain_text("教学竞赛奖")
    assert only().record("basic").get("ethnicity") == "汉族"
