"""Files from phones, and a new entry whose answer got lost: what only a real browser shows."""

import io
import re
from collections.abc import Callable

import pikepdf
from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, expect

from models.application import Application
from models.pending_file import PendingFile
from tests.e2e.people import Person
from tests.e2e.test_applicant_saving import STAFF_NUMBER, start

SLOT = "#slot-achievement_evidence"
RED, BLUE, GREEN = (200, 30, 40), (30, 60, 200), (30, 140, 60)


def photo(name: str, colour: tuple[int, int, int], size: tuple[int, int] = (800, 600)) -> FilePayload:
    """A photo of one colour, its upper left quarter white."""
    image = Image.new("RGB", size, colour)
    image.paste("white", (0, 0, size[0] // 2, size[1] // 2))
    target = io.BytesIO()
    image.save(target, "JPEG", quality=90)
    return {"name": name, "mimeType": "image/jpeg", "buffer": target.getvalue()}


def large_photo() -> FilePayload:
    """More bytes than the slot takes."""
    target = io.BytesIO()
    Image.effect_noise((5200, 4600), 90).convert("RGB").save(target, "JPEG", quality=98)
    assert len(target.getvalue()) > 20 * 1024 * 1024
    return {"name": "证书照片.jpg", "mimeType": "image/jpeg", "buffer": target.getvalue()}


def open_files(someone: Person) -> tuple[Page, Application]:
    application = start()
    return someone.go(f"/my/application/{application.id}/attachments"), application


def stored(application: Application) -> Application:
    return Application.objects.get(id=application.id)


def test_a_photo_too_large_is_compressed_in_the_browser_and_looked_at(
    institution: None, person: Callable[..., Person]
) -> None:
    page, application = open_files(person(STAFF_NUMBER))
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.locator("#upload-achievement_evidence").set_input_files(files=[large_photo()])
    waiting = page.locator(f"{SLOT} .is-pending")
    expect(waiting).to_contain_text(re.compile(r"已压缩：\d\d\.\d MB → \d"), timeout=60_000)
    assert stored(application).attachments == []
    assert PendingFile.objects.get().record.size < 20 * 1024 * 1024
    waiting.get_by_role("button", name="使用这一份").click()
    expect(page.locator(f"{SLOT} .is-pending")).to_have_count(0)
    (record,) = stored(application).attachments
    assert (record.name, record.mime) == ("证书照片.jpg", "image/jpeg")


def test_photos_are_ordered_and_turned_by_keyboard_and_become_one_file(
    institution: None, person: Callable[..., Person]
) -> None:
    page, application = open_files(person(STAFF_NUMBER, width=390, height=844))
    page.locator(f"{SLOT} .join summary").press("Enter")
    page.locator("#join-achievement_evidence").set_input_files(
        files=[photo("1.jpg", RED), photo("2.jpg", BLUE), photo("3.jpg", GREEN)]
    )
    page.get_by_role("button", name="第 3 张前移").press("Enter")
    expect(page.get_by_role("button", name="第 2 张前移")).to_be_focused()
    page.get_by_role("button", name="第 1 张向右转").press("Enter")
    page.get_by_role("button", name="去掉第 3 张").press("Enter")
    expect(page.locator(".join-page")).to_have_count(2)
    page.locator("#join-name-achievement_evidence").fill("立项通知")
    page.get_by_role("button", name="合成并上传").press("Enter")
    waiting = page.locator(f"{SLOT} .is-pending")
    expect(waiting).to_contain_text("立项通知.pdf", timeout=30_000)
    waiting.get_by_role("button", name="使用这一份").press("Enter")
    expect(waiting).to_have_count(0)
    expect(page.locator(f"{SLOT} .file-item")).to_contain_text("2 页")
    (record,) = stored(application).attachments
    with page.expect_download() as started:
        page.locator(f"{SLOT} .file-tools").get_by_role("link", name="下载").click()
    with pikepdf.open(started.value.path()) as document:
        first, second = (
            pikepdf.PdfImage(next(iter(one.get_images().values()))).as_pil_image() for one in document.pages
        )
    assert record.pages == 2
    assert first.size == (600, 800)
    # turned clockwise, the white quarter is at the right
    assert [near(first.getpixel(place)) for place in ((500, 100), (100, 100), (100, 700))] == [
        "white",
        "red",
        "red",
    ]
    assert near(second.getpixel((700, 500))) == "green"


def near(pixel: object) -> str:
    names = {"red": RED, "blue": BLUE, "green": GREEN, "white": (255, 255, 255)}
    assert isinstance(pixel, tuple)
    return min(names, key=lambda name: sum(abs(a - b) for a, b in zip(names[name], pixel, strict=True)))


def test_a_new_entry_whose_answer_got_lost_is_there_once(
    institution: None, person: Callable[..., Person]
) -> None:
    application = start()
    someone = person(STAFF_NUMBER)
    someone.expects_errors = True
    page = someone.go(f"/my/application/{application.id}/performance/new?kind=award")
    lost: list[str] = []

    def lose(route: Route) -> None:
        """The server takes the first save; its answer never arrives."""
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/performance/new*", lose)
    page.locator("[data-field=name] input").fill("教学成果奖")
    expect(page.locator("[data-banner]")).to_contain_text("未保存到服务器")
    assert len(stored(application).achievements) == 1
    page.locator("[data-field=grade] input").fill("一等奖")
    expect(page.locator("[data-banner]")).to_contain_text("已恢复连接", timeout=20_000)
    (entry,) = stored(application).achievements
    assert (entry.get("name"), entry.get("grade")) == ("教学成果奖", "一等奖")
    assert entry.uid in page.url
