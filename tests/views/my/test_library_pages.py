"""The page on which entries and files of earlier applications come along (personal library)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from models.application import Application
from models.choices import Role, State
from models.sections import Entry
from tests.contents import attachment, award, make_complete, make_lecturer, paper, project
from tests.factories import NOW, make_application, make_round
from tests.views.conftest import Browser


@pytest.fixture
def applicant(client: Browser, travel: Callable[[datetime], None]) -> Browser:
    travel(NOW)
    return client.sign_in_as(Role.APPLICANT, person=make_lecturer())


def earlier(applicant: Browser, **values: Any) -> Application:
    given: dict[str, Any] = {"round": make_round(year=2025, title={"zh": "2025 年度评审"}), "edition": "2025"}
    return make_complete(State.FAILED, person=applicant.person, **(given | values))


def draft(applicant: Browser, state: State = State.DRAFT, **values: Any) -> Application:
    return make_application(state, person=applicant.person, round=make_round(), edition="2025", **values)


def stored(application: Application) -> Application:
    return Application.objects.get(id=application.id)


def url(application: Application, page: str = "library") -> str:
    return f"/my/application/{application.id}/{page}"


def take(browser: Browser, case: Application, before: Application, *items: Entry) -> Any:
    data = {"item": [item.uid for item in items]}
    return browser.submit(f"{url(case)}?from={before.id}", data)


def test_who_has_nothing_earlier_is_told_so_and_offered_nothing(applicant: Browser) -> None:
    case = draft(applicant)
    assert "现在没有可以带入的以往申报" in applicant.get(url(case)).text
    for page in ("", "performance", "attachments"):
        assert "从以往申报带入" not in applicant.get(url(case, page)).text


def test_what_is_earlier_is_offered_where_it_is_needed(applicant: Browser) -> None:
    earlier(applicant)
    case = draft(applicant)
    for page in ("", "performance", "attachments"):
        assert f'href="{url(case)}' in applicant.get(url(case, page)).text


def test_entries_are_ticked_taken_looked_over_and_put_back(applicant: Browser) -> None:
    proof = attachment("achievement_evidence", uid="e" * 32)
    before = earlier(applicant, achievements=[project(), award(), paper()], attachments=[proof])
    case = draft(applicant)
    page = applicant.get(url(case)).text
    assert "2025 年度评审 · 副教授 · 评审未通过" in page
    assert "面向新工科的课程体系研究" in page
    assert "achievement_evidence.pdf" in page
    answer = take(applicant, case, before, *before.achievements[:2])
    assert [entry.kind for entry in stored(case).achievements] == ["project", "award"]
    page = applicant.get(answer.location).text
    assert "已带入 2 条、1 个文件，请逐条核对。" in page
    assert page.count("已有") == 3  # two entries and their proof
    undo = applicant.submit(f"{url(case)}/undo", {"from": str(before.id)})
    assert "已撤销，取出了 3 项。" in applicant.get(undo.location).text
    assert (stored(case).achievements, stored(case).attachments) == ([], [])
    assert applicant.submit(f"{url(case)}/undo").status_code == 404


def test_all_can_be_ticked_without_a_script(applicant: Browser) -> None:
    earlier(applicant, achievements=[project(), award()], attachments=[])
    case = draft(applicant)
    page = applicant.get(f"{url(case)}?all=1").text
    assert page.count('name="item"') == page.count('" checked>')


def test_nothing_ticked_takes_nothing(applicant: Browser) -> None:
    before = earlier(applicant)
    case = draft(applicant)
    page = applicant.get(take(applicant, case, before).location).text
    assert "没有带入任何内容" in page
    assert stored(case).revision == 0


def test_what_does_not_fit_is_refused_with_the_ticks_kept(applicant: Browser) -> None:
    before = earlier(applicant, achievements=[project(), award()])
    case = draft(applicant)
    most = case.spec.section("performance").max_rows
    full = [project(name=f"新{number}") for number in range(most)]
    Application.objects(id=case.id).update_one(set__achievements=full)
    answer = take(applicant, case, before, *before.achievements)
    assert answer.status_code == 409
    assert f"最多填 {most} 条" in answer.text
    assert answer.text.count('" checked>') == 2
    assert len(stored(case).achievements) == most


@pytest.mark.parametrize("made", ["foreign", "running", "odd"])
def test_only_ones_own_ended_applications_are_there(applicant: Browser, made: str) -> None:
    case = draft(applicant)
    foreign = make_complete(State.FAILED, round=make_round(year=2025))
    running = earlier(applicant)
    Application.objects(id=running.id).update_one(set__state="panel")
    wanted = {"foreign": str(foreign.id), "running": str(running.id), "odd": "x"}[made]
    earlier(applicant, round=make_round(year=2024))
    assert applicant.get(f"{url(case)}?from={wanted}").status_code == 404
    data = {"item": [foreign.achievements[0].uid]}
    assert applicant.submit(f"{url(case)}?from={wanted}", data).status_code == 404
    assert stored(case).achievements == []


def test_after_submitting_the_library_is_closed(applicant: Browser) -> None:
    before = earlier(applicant)
    case = draft(applicant, State.SUBMITTED)
    assert "提交后内容已锁定" in applicant.get(url(case)).text
    take(applicant, case, before, *before.achievements)
    assert stored(case).achievements == []


def test_empty_fields_and_the_portrait_are_filled_in_and_put_back(applicant: Browser) -> None:
    before = earlier(applicant)
    case = draft(applicant, photo=None)
    assert f'href="{url(case)}?section=basic#from-records"' in applicant.get(url(case, "basic")).text
    page = applicant.get(url(case)).text
    assert 'value="record:basic"' in page
    assert "毕业学校：" in page
    data = {"item": ["record:basic", "photo"]}
    page = applicant.get(applicant.submit(f"{url(case)}?from={before.id}", data).location).text
    assert re.search(r"已填入 \d+ 栏，请核对。", page)
    assert "照片已带入。请确认是近期照片" in page
    assert stored(case).record("basic").get("school") == before.record("basic").get("school")
    applicant.submit(url(case, "library/undo"), {"from": str(before.id)})
    assert stored(case).record("basic").get("school") is None
    assert stored(case).photo is None
