"""What an applicant does in the browser, field by field."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from panel.demo import pictures
from tests.e2e.people import Person

APPLICATION = re.compile(r"/my/application/([0-9a-f]{24})/")


def fill_fields(page: Page, values: dict[str, str]) -> None:
    """Fill in the fields of the shown form by key, whatever kind of control each is."""
    for key, value in values.items():
        box = page.locator(f"[data-field={key}]:visible")
        _put(box, value)


def _put(box: Locator, value: str) -> None:
    radio = box.locator("input[type=radio]")
    if radio.count():
        _tick(box.locator(f"input[type=radio][value='{value}']"))
    elif box.locator("input[type=checkbox]").count():
        _tick(box.locator(f"input[type=checkbox][value='{value}']").first)
    elif box.locator("select").count():
        box.locator("select").select_option(value)
    else:
        box.locator("input:not([type=hidden]), textarea").first.fill(value)


def _tick(control: Locator) -> None:
    """Tick, and once more when the page moved under the hand: fields appear while a draft is saved."""
    control.click()
    if not control.is_checked():
        control.check()
    expect(control).to_be_checked()


class Applying:
    """One applicant on the way through the form."""

    def __init__(self, someone: Person) -> None:
        self.someone = someone
        self.page = someone.page
        self.base = ""

    def apply(self) -> None:
        """From the open round to the first page of the form."""
        page = self.someone.go("/my/")
        page.get_by_role("link", name="职称申报").first.click()
        expect(page.get_by_role("radio", name="晋升")).to_be_checked()
        page.get_by_role("radio", name=re.compile("副教授")).check()
        page.get_by_label("本人已阅读并承诺以上内容").check()
        page.get_by_role("button", name="确认并开始填报").click()
        page.wait_for_url(APPLICATION)
        found = APPLICATION.search(page.url)
        assert found
        self.base = f"/my/application/{found.group(1)}"

    @property
    def id(self) -> str:
        return self.base.rsplit("/", 1)[-1]

    def open(self, place: str) -> Page:
        return self.someone.go(f"{self.base}/{place}")

    def record(self, section: str, values: dict[str, str]) -> None:
        page = self.open(section)
        fill_fields(page, values)
        page.get_by_role("button", name=re.compile("保存，下一部分")).click()
        page.wait_for_url(lambda url: not url.endswith(f"/{section}"))

    def entry(self, section: str, values: dict[str, str], kind: str = "", proof: bytes = b"") -> None:
        page = self.open(section)
        page.locator(".add-bar").get_by_role("link", name=kind or "添加一条").click()
        fill_fields(page, values)
        if proof:
            page.locator("#evidence-file").set_input_files(
                files=[{"name": f"{values['name'][:10]}.pdf", "mimeType": "application/pdf", "buffer": proof}]
            )
            expect(page.locator("#evidence-list input[type=checkbox]:checked")).to_have_count(1)
        page.get_by_role("button", name="保存，回到列表").click()
        page.wait_for_url(re.compile(f"{section}(#.*)?$"))

    def photo(self, folder: Path) -> None:
        picture = folder / "photo.jpg"
        picture.write_bytes(pictures.portrait("e2e", True, 900, 1400))
        page = self.open("photo")
        page.locator("#field-photo").set_input_files(picture)
        expect(page.locator("[data-crop]")).to_be_visible()
        page.get_by_role("button", name="放大").click()
        page.get_by_role("button", name="保存照片").click()
        expect(page.locator("img.photo-now, .photo-now img").first).to_be_visible()

    def attach(self, slot: str, title: str, months: str = "") -> None:
        page = self.open("attachments")
        data = pictures.document(title, ["姓名：林晓雯"], "江城理工学院", "2026年10月8日")
        page.locator(f"#upload-{slot}").set_input_files(
            files=[{"name": f"{title}.pdf", "mimeType": "application/pdf", "buffer": data}]
        )
        body = page.locator(f"#slot-{slot}-body")
        expect(body.locator(".file-item")).to_have_count(1)
        if months:
            body.locator("input[name=months]").fill(months)
            expect(page.locator("[data-save-status]").first).to_contain_text("已保存")

    def everything(self, folder: Path) -> None:
        """All sections, as the guide asks."""
        self.record(
            "basic",
            {
                "ethnicity": "汉族",
                "birth_place": "湖北江城",
                "health": "healthy",
                "party": "cpc",
                "graduated_on": "2014.6",
                "school": "江城大学",
                "major": "计算机应用技术",
                "diploma": "master",
                "degree": "master",
                "duty_summary": "任现职以来系统讲授数据结构、操作系统等课程，主持省级项目一项。",
            },
        )
        self.photo(folder)
        self.record(
            "qualification",
            {
                "current_work": "teacher",
                "years": str(2026 - 2014),
                "title1_authority": "江城市职称改革工作领导小组",
                "title1_number": "JC201900011",
            },
        )
        study = {"organisation": "江城大学", "major": "计算机应用技术", "study_mode": "full_time"}
        self.entry(
            "education",
            study
            | {
                "start": "2011-09",
                "end": "2014-06",
                "diploma": "master",
                "degree": "master",
                "is_applied": "1",
            },
        )
        self.entry(
            "education",
            study
            | {
                "start": "2007-09",
                "end": "2011-06",
                "diploma": "bachelor",
                "degree": "bachelor",
                "is_basic": "1",
            },
        )
        self.entry(
            "work_history",
            {"start": "2014年7月", "organisation": "江城理工学院", "work_type": "teacher", "post": "讲师"},
        )
        proof = pictures.document("立项通知", ["虚构"], "湖北省教育厅", "2021年3月1日")
        self.entry(
            "performance",
            {
                "category": "湖北省教育厅科学研究计划项目",
                "name": "边缘计算任务调度方法研究",
                "start": "2021-03",
                "rank": "1",
                "status": "ongoing",
                "source": "湖北省教育厅",
                "clause": "a1",
            },
            kind="项目",
            proof=proof,
        )
        self.entry(
            "publications",
            {
                "name": "一种面向异构节点的任务卸载算法",
                "start": "2022-05",
                "journal": "江城计算机工程",
                "authorship": "sole",
                "rank": "1",
                "clause": "a6",
            },
            kind="论文",
            proof=pictures.document("论文", ["虚构"], "江城计算机工程", "2022年5月1日"),
        )
        self.entry("assessments", {"year": "2025", "result": "excellent"})
        self.attach("social_insurance", "社保缴费明细", months="60")
        self.attach("title_certificate", "讲师证书")
        self.attach("material_table", "材料表")
        self.attach("qualification_certificate", "教师资格证")

    def submit(self) -> None:
        """Look at the form, then hand in."""
        page = self.open("preview")
        with page.expect_response(lambda response: "form.pdf" in response.url):
            page.reload()
        page = self.open("submit")
        page.get_by_label("本人已阅读并承诺以上内容").check()
        page.locator("main form").get_by_role("button", name=re.compile("提交")).click()
        page.wait_for_url(re.compile("/receipt"))
