"""HR builds a small new series from nothing by clicks, an applicant completes it, the form prints."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from models.application import Application
from models.choices import State
from models.person import Person
from models.review_round import ReviewRound
from tests.e2e.applicant import Applying
from tests.e2e.people import Person as Someone
from tests.e2e.test_applicant_saving import STAFF_NUMBER

HR = "19980001"


class Editing:
    """HR in the editor of one round."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.base = page.url.rstrip("/")

    def part(self, name: str) -> None:
        self.page.goto(self.base)
        self.page.locator(".re-part", has_text=name).click()

    def add(self, place: str, label: str, kind: str = "") -> None:
        """Add a row to the list whose field is called `place`."""
        form = self.page.locator(".re-add").filter(has=self.page.get_by_label(place, exact=True))
        form.get_by_label(place, exact=True).fill(label)
        if kind:
            form.locator("select[name=kind]").select_option(label=kind)
        form.get_by_role("button", name="添加").click()
        expect(self.page.locator("[data-sheet]")).to_be_visible()

    def require(self, check: re.Pattern[str]) -> None:
        form = self.page.locator(".re-add").filter(has=self.page.get_by_label("选择要检查什么"))
        expect(form).to_be_visible()
        options = form.locator("option").all_inner_texts()
        form.get_by_role("combobox").select_option(label=next(text for text in options if check.match(text)))
        form.get_by_role("button", name="添加").click()
        expect(self.page.locator("[data-sheet]")).to_be_visible()

    def save(self) -> None:
        self.page.get_by_role("button", name="保存到草稿").click()
        expect(self.page.get_by_text("已保存到草稿").first).to_be_visible()


def build(page: Page) -> None:
    """From nothing to an open round, as somebody who has never seen the code."""
    page.goto("/admin/rounds/")
    page.get_by_role("link", name="新建批次").click()
    page.get_by_label("批次名称").fill("2026 年度图书资料系列职称评审")
    page.get_by_label("系列名称").fill("图书资料")
    page.get_by_label("发证单位").fill("江城理工学院")
    page.get_by_label("年度", exact=True).fill("2026")
    page.locator("form", has=page.get_by_label("系列名称")).get_by_role("button").click()
    expect(page.get_by_role("heading", name="要处理的问题")).to_be_visible()
    editing = Editing(page)
    editing.part("级别与系列")
    editing.add("新级别的职称名称", "馆员", "中级")
    editing.add("新级别的职称名称", "副研究馆员", "副高")
    editing.part("评委会与专业")
    editing.add("新评委会的名称", "图书资料评委会")
    editing.add("新专业的名称", "图书馆学")
    editing.part("表单")
    editing.add("新部分的名称", "编目成果", "可以填多条的列表（如项目、专利）")
    editing.add("新栏目的名称", "编目数量", "数字")
    page.get_by_label("计量单位", exact=True).fill("种")
    page.get_by_label("所有人必填", exact=True).check()
    editing.save()
    page.get_by_role("link", name="修改：编目成果", exact=True).first.click()
    page.get_by_role("checkbox", name="编目数量").check()
    editing.save()
    editing.part("评审标准与条款")
    editing.add("新评审标准的名称", "图书资料评审标准")
    editing.add("新条款的内容", "完成编目五百种以上")
    editing.part("申报要求")
    editing.require(re.compile("数字合计"))
    page.get_by_label("至少", exact=True).fill("500")
    page.get_by_label("不符合时的提示", exact=True).fill("编目数量合计要满 500 种，现有 ")
    page.get_by_role("button", name="现有", exact=True).click()
    expect(page.get_by_label("不符合时的提示", exact=True)).to_have_value(re.compile(r"\{现有\}"))
    editing.save()
    page.goto(editing.base)
    expect(page.get_by_role("heading", name="要处理的问题")).to_be_hidden()
    page.get_by_role("link", name="预览（以申报人身份）").click()
    page.get_by_role("link", name="编目成果").click()
    expect(page.get_by_label("编目数量")).to_be_visible()
    page.goto(editing.base)
    page.get_by_role("link", name="查看影响并生效").click()
    page.get_by_role("button", name="生效", exact=True).click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("修改已生效")).to_be_visible()
    page.goto(editing.base.removesuffix("/edit"))
    page.get_by_role("button", name="开放批次").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("批次现在是“已开放”")).to_be_visible()


def test_hr_builds_a_series_from_nothing_and_an_applicant_completes_it(
    institution: None, person: Callable[..., Someone], tmp_path: Path
) -> None:
    build(person(HR).go("/admin/"))
    round_ = ReviewRound.objects.get(title="2026 年度图书资料系列职称评审")
    # HR's roster says that the lecturer works in the library now
    Person.objects(staff_number=STAFF_NUMBER).update(
        series=round_.series, title="馆员", title_series=round_.series
    )
    someone = person(STAFF_NUMBER)
    page = someone.go("/my/")
    page.get_by_role("link", name="职称申报", exact=True).click()
    page.get_by_role("radio", name=re.compile("副研究馆员")).check()
    page.get_by_label("申报专业").select_option(label="图书馆学")
    page.get_by_label("本人已阅读并承诺以上内容").check()
    page.get_by_role("button", name="确认并开始填报").click()
    page.wait_for_url(re.compile("/my/application/"))
    application = Application.objects.get(round=round_)
    section = round_.spec.sections[-1] if round_.spec.sections[-1].fields else round_.spec.sections[-2]
    base = f"/my/application/{application.id}"
    page = someone.go(f"{base}/{section.key}")
    page.locator(".add-bar").get_by_role("link", name="添加一条").click()
    page.get_by_label("名称").fill("馆藏古籍编目")
    page.get_by_label("编目数量").fill("320")
    page.get_by_role("button", name="保存，回到列表").click()
    page.wait_for_url(re.compile(f"{section.key}(#.*)?$"))
    page = someone.go(f"{base}/check")
    expect(page.get_by_text("编目数量合计要满 500 种，现有 320").first).to_be_visible()
    page = someone.go(f"{base}/{section.key}")
    page.locator(".add-bar").get_by_role("link", name="添加一条").click()
    page.get_by_label("名称").fill("民国期刊编目")
    page.get_by_label("编目数量").fill("210")
    page.get_by_role("button", name="保存，回到列表").click()
    page.wait_for_url(re.compile(f"{section.key}(#.*)?$"))
    applying = Applying(someone)
    applying.base = base
    applying.photo(tmp_path)
    page = someone.go(f"{base}/preview")
    with page.expect_response(lambda response: "form.pdf" in response.url) as printed:
        page.reload()
    page = someone.go(f"{base}/submit")
    page.get_by_label("本人已阅读并承诺以上内容").check()
    page.locator("main form").get_by_role("button", name=re.compile("提交")).click()
    page.wait_for_url(re.compile("/receipt"))
    assert Application.objects.get(id=application.id).state == State.SUBMITTED
    assert printed.value.status == 200
