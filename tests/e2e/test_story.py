"""One teacher's case from signing in to public verification, by clicks; beside it one that fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models.application import Application
from models.certificate import Certificate
from models.review_round import ReviewRound
from models.user import User
from panel import clock, demo
from panel.demo import story
from panel.demo.people import APPLICANTS, EXPERTS
from tests.e2e.applicant import Applying
from tests.e2e.people import Person

HR, HR2 = "19980001", "20060002"
COLLEGE, RESEARCH, ETHICS = "20010003", "20070008", "20080009"
LIN = "20160011"
COMMITTEE = [row[0] for row in EXPERTS["teacher-committee"]]
Opens = Callable[..., Person]


def case_page(hr: Person, application_id: str) -> Page:
    return hr.go(f"/admin/applications/{application_id}")


def accept_dialog(page: Page) -> None:
    """Confirm whatever the page asks before a step."""
    dialog = page.locator("dialog[open], .modal.show")
    if dialog.count():
        dialog.get_by_role("button").filter(has_not_text="取消").last.click()


def step(page: Page, action: str, **values: str) -> None:
    """Take a step from the case's page: its button, the confirmation page, its data."""
    page.locator(f"form:has(input[name=action][value={action}]) button").click()
    for name, value in values.items():
        page.locator(f"main form [name={name}]").fill(value)
    page.locator("main form .card-footer button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("已办理 1 人")


def state_of(application_id: str) -> str:
    return str(Application.objects.get(id=application_id).state)


def move_clock(someone: Person, days: int) -> None:
    """Move the demo's clock forward from the home page."""
    page = someone.go("/")
    for _ in range(days // 7):
        page.get_by_role("button", name="前进一周").click()
        page.wait_for_load_state()
    expect(page.locator("body")).to_contain_text("演示")


def endorse(person: Opens, username: str, application_id: str, rank: str = "") -> None:
    someone = person(username)
    page = someone.go(f"/admin/applications/{application_id}")
    form = page.locator("#endorsements form").first
    form.get_by_label("同意", exact=True).check()
    if rank:
        form.get_by_label("推荐排序").fill(rank)
    form.get_by_role("button", name="提交意见").click()
    expect(page.locator("#endorsements")).to_contain_text("同意")


def prepared(stage: str, until: Callable[[story.DemoCase], None]) -> str:
    """Another applicant's case, brought forward by the demo's own steps; returns its id."""
    who = next(row for row in APPLICANTS if row.stage == stage)
    round = ReviewRound.objects.get(series=who.series)
    case = story.DemoCase(demo.cast_of(), who, round, clock.now() - clock.timedelta(days=40))
    until(case)
    return str(case.id)


def check_return_and_correct(person: Opens, applicant: Applying, hr: Person) -> None:
    """HR returns with two items; the applicant corrects just those; only what changed is marked."""
    page = case_page(hr, applicant.id)
    page.locator("[data-ask][data-field=duty_summary]").first.click()
    page.locator("#return textarea[name=item_text]").last.fill("请写明近三年的教学工作量。")
    page.locator("[data-ask][data-section=attachments][data-field=social_insurance]").first.click()
    page.locator("#return textarea[name=item_text]").last.fill("明细不清晰，请重新上传。")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("[data-return-send]").click()
    accept_dialog(page)
    expect(page.locator("main")).to_contain_text("待补正")
    mine = applicant.open("")
    expect(mine.locator("main")).to_contain_text("请写明近三年的教学工作量。")
    closed = applicant.open("qualification")
    expect(closed.locator("main [data-field=years] input")).to_have_count(0)
    page = applicant.open("basic")
    page.locator("[data-field=duty_summary] textarea").fill("近三年年均教学工作量 356 学时，讲授操作系统。")
    expect(page.locator("[data-save-status]").first).to_contain_text("已保存")
    applicant.submit()
    page = case_page(hr, applicant.id)
    expect(page.locator("#content-of-case")).to_contain_text("356 学时")


def publicise_and_object(person: Opens, applicant: Applying, hr: Person) -> None:
    """Publicised inside the unit; an objection holds the case; a second person dismisses it."""
    step(case_page(hr, applicant.id), "publicise")
    assert state_of(applicant.id) == "unit_publicity"
    colleague = person("20150023")
    page = colleague.go("/notices/")
    page.get_by_role("link", name=re.compile("评审前公示")).first.click()
    expect(page.locator("main")).to_contain_text("林晓雯")
    inside = page.url.removeprefix(colleague.address)
    stranger = person()
    expect(stranger.go("/notices/").locator("main")).not_to_contain_text("教师系列")
    assert stranger.context.request.get(f"{stranger.address}{inside}").status == 404

    page = hr.go("/admin/objections/new")
    page.locator("select[name=application], [name=application]").first.select_option(applicant.id)
    page.locator("[name=from_name]").fill("某教师")
    page.locator("[name=text]").fill("论文署名顺序请核查。")
    page.locator("main form").get_by_role("button", name="登记").click()
    expect(page.locator("main")).to_contain_text("论文署名顺序请核查。")
    assert state_of(applicant.id) == "on_hold"
    page.locator("[name=findings]").fill("经核对期刊原文，署名与填报一致。")
    page.get_by_role("button", name="提交核查结论").click()
    address = page.url
    second = person(HR2)
    page = second.go(address.removeprefix(second.address))
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("input[name=decision][value=dismiss]").check()
    page.locator("[name=reason]").fill("异议不成立。")
    page.get_by_role("button", name="提交处理决定").click()
    accept_dialog(page)
    expect(page.locator("main")).to_contain_text("异议不成立")
    assert state_of(applicant.id) == "unit_publicity"


def assign_and_write_opinions(person: Opens, hr: Person, ids: list[str]) -> None:
    """The office gives both cases three experts, who write."""
    page = hr.go("/admin/experts/")
    for application_id in ids:
        page.locator(f"input[name=rowid][value='{application_id}']").check()
    page.locator("form#bulk button[type=submit]").click()
    for username in COMMITTEE[2:5]:
        user = User.objects.get(username=username)
        page.locator(f"input[type=checkbox][value='{user.id}']").check()
    page.get_by_role("button", name="下一步：核对").click()
    page.get_by_role("button", name="分派 2 份").click()
    expect(page.locator("main")).to_contain_text("李德明")
    for username in COMMITTEE[2:5]:
        expert = person(username)
        for application_id in ids:
            page = expert.go(f"/committee/cases/{application_id}")
            page.on("dialog", lambda dialog: dialog.accept())
            page.locator("form[data-opinion] textarea").fill("业绩与条款相符，论文有新意。")
            page.locator("form[data-opinion] input[type=radio]").first.check()
            page.get_by_role("button", name="提交意见").click()
            accept_dialog(page)
            expect(page.get_by_role("button", name="提交意见")).to_have_count(0)


def meet_and_vote(person: Opens, hr: Person, passing: str, failing: str) -> None:
    """Seven of nine sign in and vote in secret; the chair closes with the password."""
    page = hr.go("/admin/meetings/new")
    page.locator("[name=title]").fill("教师系列评审会议")
    page.locator("[name=held_on]").fill(clock.today().isoformat())
    page.locator("[name=place]").fill("行政楼 201")
    for name, wanted in (("committee", "教师"), ("round", "教师")):
        chooser = page.locator(f"select[name={name}]")
        if chooser.count():
            value = chooser.locator("option", has_text=wanted).first.get_attribute("value")
            chooser.select_option(value)
    page.locator("main form button[type=submit]").first.click()
    for application_id in (passing, failing):
        step(case_page(hr, application_id), "table")
    chair = person(COMMITTEE[0])
    page = chair.go("/committee/meetings/")
    page.get_by_role("link", name="教师系列评审会议").click()
    meeting = page.url.removeprefix(chair.address)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="宣布开会").click()
    accept_dialog(page)
    expect(page.locator("main")).to_contain_text("到会情况")
    voters = [chair] + [person(username) for username in COMMITTEE[1:7]]
    for voter in voters[1:]:  # the chair, who opened it, is there
        voter.go(meeting).get_by_role("button", name="我已到会，签到").click()
        expect(voter.page.get_by_role("button", name="我已到会，签到")).to_have_count(0)
    for number, voter in enumerate(voters):
        _vote(voter, meeting, {passing: "yes", failing: "yes" if number < 3 else "no"})
    page = chair.go(f"{meeting}/close")
    page.locator("input[type=password]").fill(demo.PASSWORD)
    page.get_by_role("button", name="计票、确认并结束会议").click()
    accept_dialog(page)
    page.wait_for_url(re.compile("/results"))


def _vote(voter: Person, meeting: str, choices: dict[str, str]) -> None:
    page = voter.go(meeting)
    sheets = page.get_by_role("link", name=re.compile("填写表决票"))
    addresses = [link.get_attribute("href") or "" for link in sheets.all()]
    for address in addresses:
        page = voter.go(address.removeprefix(voter.address))
        for application_id, choice in choices.items():
            radio = page.locator(f"input[type=radio][name$='{application_id}'][value={choice}]")
            if radio.count():
                radio.check()
        page.get_by_role("button", name="下一步：核对").click()
        page.get_by_role("button", name="确认投票").click()
        accept_dialog(page)
        page.wait_for_url(re.compile(r"/committee/meetings/[0-9a-f]{24}$"))


@pytest.mark.usefixtures("institution")
def test_one_case_goes_from_signing_in_to_verification(person: Opens, tmp_path: Path) -> None:
    lin = person()
    lin.sign_in(LIN, demo.PASSWORD)
    applicant = Applying(lin)
    applicant.apply()
    applicant.everything(tmp_path)
    page = applicant.open("check")
    expect(page.locator("main .severity-blocking, main [data-severity=blocking]")).to_have_count(0)
    applicant.submit()
    expect(lin.page.locator("main")).to_contain_text(Application.objects.get(id=applicant.id).number)
    assert state_of(applicant.id) == "submitted"

    hr = person(HR)
    check_return_and_correct(person, applicant, hr)
    for office, rank in ((COLLEGE, "1"), (RESEARCH, ""), (ETHICS, "")):
        endorse(person, office, applicant.id, rank)
    page = case_page(hr, applicant.id)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=re.compile("其余全部认可")).first.click()
    accept_dialog(page)
    publicise_and_object(person, applicant, hr)
    move_clock(hr, 14)
    page = case_page(hr, applicant.id)
    page.locator("#unit-opinion textarea").fill("材料真实，同意推荐。")
    page.get_by_role("button", name="保存意见").click()
    expect(page.locator("#unit-opinion")).to_contain_text("已保存")
    step(page, "recommend")
    assert state_of(applicant.id) == "panel"

    failing = prepared("failed", lambda case: case.to_panel())
    assign_and_write_opinions(person, hr, [applicant.id, failing])
    meet_and_vote(person, hr, applicant.id, failing)
    assert (state_of(applicant.id), state_of(failing)) == ("passed", "failed")

    step(case_page(hr, applicant.id), "publicise_result")
    public = person()
    public.go("/").get_by_role("link", name=re.compile("结果公示")).first.click()
    expect(public.page.locator("main")).to_contain_text("林晓雯")
    move_clock(hr, 14)
    page = case_page(hr, applicant.id)
    step(
        page,
        "confirm",
        document_number="江理工人〔2026〕15号",
        approved_on=clock.today().isoformat(),
        filing="已报江城市人社局备案",
    )
    step(case_page(hr, applicant.id), "issue")
    assert state_of(applicant.id) == "certified"

    certificate = Certificate.objects.get(application=applicant.id)
    page = lin.go(f"{applicant.base}/")
    expect(page.locator("main")).to_contain_text("已发证")
    expect(page.locator(f"main a[href*='/certificates/{certificate.id}.pdf']").first).to_be_visible()
    got = lin.context.request.get(f"{lin.address}/certificates/{certificate.id}.pdf")
    assert got.headers["content-type"] == "application/pdf"
    page = public.go("/verify/")
    page.locator("main input[name=code]").fill(certificate.code)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("有效")
    expect(page.locator("main")).to_contain_text("林**")
    expect(page.locator("main")).not_to_contain_text("林晓雯")


@pytest.mark.usefixtures("institution")
def test_a_case_lapses_and_is_reinstated(person: Opens) -> None:
    application_id = prepared("lapsed", lambda case: story.STAGES["lapsed"](case))
    assert state_of(application_id) == "lapsed"
    hr = person(HR)
    deadline = clock.today() + clock.timedelta(days=5)
    step(case_page(hr, application_id), "reinstate", reason="住院，附证明。", deadline=deadline.isoformat())
    assert state_of(application_id) == "returned"
    someone = person("20210061")
    page = someone.go(f"/my/application/{application_id}/")
    expect(page.locator("main")).to_contain_text("待补正")
