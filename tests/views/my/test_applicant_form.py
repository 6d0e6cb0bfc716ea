"""Records and entries: saved whatever is missing, never lost, never overwritten (G09-G23)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from models.application import Application
from models.choices import Role, State
from models.form_spec import RESERVED_SECTIONS, SectionSpec
from models.sections import Entry, Return, ReturnItem
from tests.contents import award, make_complete, make_lecturer, project
from tests.factories import NOW, make_application, make_round
from tests.views.conftest import Browser

JSON = {"Accept": "application/json"}


@pytest.fixture
def applicant(client: Browser, travel: Callable[[datetime], None]) -> Browser:
    travel(NOW)
    return client.sign_in_as(Role.APPLICANT, person=make_lecturer())


def url(application: Application, page: str) -> str:
    return f"/my/application/{application.id}/{page}"


def draft(applicant: Browser, **values: Any) -> Application:
    return make_complete(person=applicant.person, **values)


def stored() -> Application:
    return Application.objects.get()


def save(
    browser: Browser, application: Application, page: str, version: int, script: bool = False, **typed: Any
) -> TestResponse:
    """POST fields by key, as the form or (`script`) as the page's script."""
    data = {"version": str(version)} | {f"f-{key}": value for key, value in typed.items()}
    return browser.submit(url(application, page), data, headers=JSON if script else {})


def returned(applicant: Browser, *items: ReturnItem, **values: Any) -> Application:
    """An application sent back with `items`."""
    application = make_complete(
        State.RETURNED, person=applicant.person, deadline=NOW + timedelta(days=5), **values
    )
    row = Return(items=list(items), deadline=NOW + timedelta(days=5), at=NOW, from_state="submitted")
    Application.objects(id=application.id).update_one(push__returns=row)
    return application


# --- records ---------------------------------------------------------------------------------------


def test_a_form_is_saved_with_fields_missing(applicant: Browser) -> None:
    application = make_application(person=applicant.person)
    answer = save(applicant, application, "basic", 0, ethnicity="汉族")
    assert answer.status_code == 302
    assert stored().record("basic").get("ethnicity") == "汉族"


def test_the_button_leads_to_the_next_part(applicant: Browser) -> None:
    application = draft(applicant)
    data = {"version": "1", "f-ethnicity": "壮族", "next": "qualification"}
    answer = applicant.submit(url(application, "basic"), data)
    assert answer.location.endswith(url(application, "qualification"))


def test_next_leads_nowhere_else(applicant: Browser) -> None:
    application = draft(applicant)
    data = {"version": "1", "f-ethnicity": "壮族", "next": "https://example.org/"}
    answer = applicant.submit(url(application, "basic"), data)
    assert answer.location.endswith(url(application, "basic"))


def test_the_script_learns_version_time_marks_and_values(applicant: Browser) -> None:
    application = draft(applicant)
    answer = save(applicant, application, "basic", 1, script=True, graduated_on="2011年6月").get_json()
    assert answer["version"] == 2
    assert answer["saved_at"] == "10:00"
    assert answer["values"]["f-graduated_on"] == ["2011-06"]
    assert "ethnicity" in answer["required"]
    assert "former_name" not in answer["required"]
    assert "基本信息" in answer["html"]["#case-nav"]


def test_text_that_cannot_be_read_is_kept_and_explained(applicant: Browser) -> None:
    application = draft(applicant)
    answer = save(applicant, application, "basic", 1, graduated_on="去年六月")
    assert answer.location.endswith(url(application, "basic") + "#unread")
    page = applicant.get(url(application, "basic")).text
    assert re.search(r'class="form-control is-invalid"[^>]*value="去年六月"', page)
    assert page.count("无法识别为日期") == 2
    assert "有 1 处没有看懂，请修改；您键入的文字都还在。" in page
    assert '<a href="#field-graduated_on">' in page


def test_an_entry_that_cannot_be_read_names_it_above_the_form(applicant: Browser) -> None:
    application = draft(applicant)
    uid = stored().achievements[0].uid
    answer = save(applicant, application, f"performance/{uid}", 1, rank="第三")
    assert answer.location.endswith(url(application, f"performance/{uid}#unread"))
    page = applicant.get(url(application, f"performance/{uid}")).text
    assert '<a href="#field-rank">' in page
    assert 'value="第三"' in page


def test_a_locked_field_cannot_be_posted(applicant: Browser) -> None:
    """DESIGN trap 3: readonly is cosmetic, hence the field isn't read at all."""
    application = draft(applicant)
    save(applicant, application, "basic", 1, name="别人", id_number="11010519491231002X", ethnicity="满族")
    assert stored().record("basic").get("name") == "林晓静"
    assert stored().record("basic").get("id_number") == "420106198603120021"
    assert stored().record("basic").get("ethnicity") == "满族"


def test_only_fields_of_the_section_reach_the_document(applicant: Browser) -> None:
    application = draft(applicant)
    data = {"version": "1", "f-state": "certified", "state": "certified", "f-level": "senior", "unit": "x"}
    applicant.submit(url(application, "basic"), data)
    assert stored().state == State.DRAFT
    assert stored().level == "associate"
    assert stored().record("basic").get("state") is None


def test_personal_data_is_sealed_in_the_database(applicant: Browser, database: Any) -> None:
    application = draft(applicant)
    save(applicant, application, "basic", 1, phone="13900009999")
    raw = database["applications"].find_one({})["sections"]["basic"]["values"]["phone"]
    assert raw.startswith("sealed:")
    assert stored().record("basic").get("phone") == "13900009999"


def test_every_required_field_is_marked(applicant: Browser) -> None:
    """G10: also the one that the old system demanded without a mark."""
    application = draft(applicant)
    page = applicant.get(url(application, "basic")).text
    box = page.split('data-field="duty_summary"')[0].rsplit("<div", 1)[1]
    assert "is-required" in box


def test_the_years_of_the_work_history_are_offered(applicant: Browser) -> None:
    """G13."""
    application = draft(applicant)
    save(applicant, application, "qualification", 1, years="3")
    page = applicant.get(url(application, "qualification")).text
    assert "按已填内容推算：14年" in page
    assert 'data-value="14"' in page


def test_a_stale_form_shows_both_versions_and_changes_nothing(applicant: Browser) -> None:
    application = draft(applicant)
    save(applicant, application, "basic", 1, ethnicity="苗族", birth_place="湖北宜昌")
    answer = save(applicant, application, "basic", 1, ethnicity="侗族", birth_place="湖北宜昌")
    assert answer.status_code == 409
    assert "侗族" in answer.text
    assert "苗族" in answer.text
    assert 'name="keep-ethnicity"' in answer.text
    assert 'name="keep-birth_place"' not in answer.text
    assert stored().record("basic").get("ethnicity") == "苗族"


@pytest.mark.parametrize(("keep", "expected"), [("mine", "侗族"), ("theirs", "苗族")])
def test_one_chooses_field_by_field(applicant: Browser, keep: str, expected: str) -> None:
    application = draft(applicant)
    save(applicant, application, "basic", 1, ethnicity="苗族")
    data = {"version": "2", "resolve": "1", "f-ethnicity": "侗族", "keep-ethnicity": keep}
    applicant.submit(url(application, "basic"), data)
    assert stored().record("basic").get("ethnicity") == expected
    assert stored().record("basic").get("birth_place") == "湖北武汉"


def test_the_script_gets_the_stored_values_to_merge(applicant: Browser) -> None:
    application = draft(applicant)
    save(applicant, application, "basic", 1, ethnicity="苗族")
    answer = save(applicant, application, "basic", 1, script=True, ethnicity="侗族")
    assert answer.status_code == 409
    assert answer.get_json()["version"] == 2
    assert answer.get_json()["current"]["f-ethnicity"] == ["苗族"]


def test_a_version_that_is_no_number_is_stale(applicant: Browser) -> None:
    application = draft(applicant)
    answer = applicant.submit(url(application, "basic"), {"version": "x", "f-ethnicity": "侗族"})
    assert answer.status_code == 409
    assert stored().record("basic").get("ethnicity") == "汉族"


def test_a_submitted_form_is_shown_and_not_written(applicant: Browser) -> None:
    application = make_complete(State.SUBMITTED, person=applicant.person)
    page = applicant.get(url(application, "basic")).text
    assert "内容已锁定" in page
    assert 'name="f-ethnicity"' not in page
    answer = save(applicant, application, "basic", 1, ethnicity="侗族")
    assert answer.status_code == 409
    assert "侗族" in answer.text  # what was typed can be copied
    assert stored().record("basic").get("ethnicity") == "汉族"


def test_a_return_reopens_what_it_names_and_nothing_else(applicant: Browser) -> None:
    application = returned(applicant, ReturnItem(section="basic", field="duty_summary", text="请补充工作量"))
    page = applicant.get(url(application, "basic")).text
    assert "请补充工作量" in page
    assert 'name="f-duty_summary"' in page
    assert 'name="f-ethnicity"' not in page
    save(applicant, application, "basic", 1, duty_summary="每年四百学时。", ethnicity="侗族")
    assert stored().record("basic").get("duty_summary") == "每年四百学时。"
    assert stored().record("basic").get("ethnicity") == "汉族"


def test_other_parts_stay_closed_after_a_return(applicant: Browser) -> None:
    application = returned(applicant, ReturnItem(section="basic", field="duty_summary", text="请补充"))
    assert save(applicant, application, "qualification", 1, years="3").status_code == 409
    assert applicant.get(url(application, "performance")).text.count("/new?kind=") == 0


def test_sections_of_one_record_and_lists_are_not_mixed_up(applicant: Browser) -> None:
    application = draft(applicant)
    assert applicant.submit(url(application, "performance"), {"version": "0"}).status_code == 404
    assert applicant.submit(url(application, "attachments"), {"version": "0"}).status_code == 404


# --- entries ---------------------------------------------------------------------------------------


def test_an_entry_is_added_and_printed_in_the_official_columns(applicant: Browser) -> None:
    """G19: the award's own fields become the four columns."""
    application = draft(applicant, achievements=[])
    save(
        applicant, application, "performance/new?kind=award", 0,
        name="湖北省教学成果奖", start="2022.9", rank="3", team="8", grade="二等奖", awarder="湖北省人民政府",
    )  # fmt: skip
    page = applicant.get(url(application, "performance")).text
    assert "排名第3（共8人）" in page
    assert "二等奖，湖北省人民政府" in page
    assert "请为“湖北省教学成果奖”选择“符合条款”" in page


def test_the_first_save_of_a_new_entry_gives_its_address(applicant: Browser) -> None:
    application = draft(applicant, achievements=[])
    answer = save(applicant, application, "performance/new?kind=award", 0, script=True, name="奖").get_json()
    entry = stored().entries("performance")[0]
    assert answer["url"].split("?")[0] == url(application, f"performance/{entry.uid}")
    assert answer["version"] == 1
    assert "奖" in answer["html"]["#as-printed"]


def test_an_empty_new_entry_is_not_added(applicant: Browser) -> None:
    application = draft(applicant, achievements=[])
    save(applicant, application, "performance/new?kind=award", 0, name="")
    assert stored().achievements == []


def test_clauses_offered_are_those_of_the_edition_and_level(applicant: Browser) -> None:
    """G18, G22."""
    application = draft(applicant)
    page = applicant.get(url(application, "performance/new?kind=project")).text
    assert "第十一条（一）" in page
    assert "第八条（一）" not in page  # senior
    assert "第十二条（一）" not in page  # publications


def entry_of(kind: str) -> Entry:
    return next(e for e in stored().achievements if e.kind == kind)


def test_a_changed_entry_keeps_its_uid_and_place(applicant: Browser) -> None:
    application = draft(applicant)
    uid = entry_of("award").uid
    save(applicant, application, f"performance/{uid}", 1, grade="一等奖")
    assert entry_of("award").get("grade") == "一等奖"
    assert entry_of("award").uid == uid
    assert [e.kind for e in stored().achievements] == ["project", "award", "paper", "book"]


def test_a_stale_entry_shows_both_versions(applicant: Browser) -> None:
    application = draft(applicant)
    uid = entry_of("award").uid
    save(applicant, application, f"performance/{uid}", 1, grade="一等奖")
    answer = save(applicant, application, f"performance/{uid}", 1, grade="三等奖")
    assert answer.status_code == 409
    assert "三等奖" in answer.text
    assert "一等奖" in answer.text
    assert entry_of("award").get("grade") == "一等奖"


def test_an_entry_removed_in_another_window_can_be_added_again(applicant: Browser) -> None:
    application = draft(applicant)
    uid = entry_of("award").uid
    applicant.submit(url(application, f"performance/{uid}/remove"), {"version": "1"})
    answer = save(applicant, application, f"performance/{uid}?kind=award", 1, name="留下的奖", grade="一等奖")
    assert answer.status_code == 409
    assert "已在另一个窗口删除" in answer.text
    assert "留下的奖" in answer.text
    assert url(application, "performance/new?kind=award") in answer.text
    save(applicant, application, "performance/new?kind=award", 0, name="留下的奖", grade="一等奖")
    assert entry_of("award").get("name") == "留下的奖"


def test_removing_can_be_undone_in_its_place(applicant: Browser) -> None:
    application = draft(applicant)
    uid = entry_of("project").uid
    applicant.submit(url(application, f"performance/{uid}/remove"), {"version": "1"})
    assert [e.kind for e in stored().achievements] == ["award", "paper", "book"]
    assert "撤销删除" in applicant.get(url(application, "performance")).text
    applicant.submit(url(application, f"performance/{uid}/restore"))
    assert [e.kind for e in stored().achievements] == ["project", "award", "paper", "book"]
    assert entry_of("project").get("category") == "湖北省教育厅科学研究计划项目"


def test_a_removed_entry_is_put_back_once(applicant: Browser) -> None:
    application = draft(applicant)
    uid = entry_of("project").uid
    applicant.submit(url(application, f"performance/{uid}/remove"), {"version": "1"})
    applicant.submit(url(application, f"performance/{uid}/restore"))
    assert applicant.submit(url(application, f"performance/{uid}/restore")).status_code == 404


def test_an_entry_changed_since_is_not_removed(applicant: Browser) -> None:
    application = draft(applicant)
    uid = entry_of("award").uid
    save(applicant, application, f"performance/{uid}", 1, grade="一等奖")
    applicant.submit(url(application, f"performance/{uid}/remove"), {"version": "1"})
    assert entry_of("award").get("grade") == "一等奖"


@pytest.mark.parametrize(
    ("kind", "data", "order"),
    [
        ("award", {"direction": "up"}, ["award", "project"]),
        ("project", {"direction": "down"}, ["award", "project"]),
        ("project", {"direction": "up"}, ["project", "award"]),
        ("award", {"direction": "down"}, ["project", "award"]),
    ],
)
def test_entries_are_put_in_order(
    applicant: Browser, kind: str, data: dict[str, str], order: list[str]
) -> None:
    application = draft(applicant, achievements=[project(), award()])
    applicant.submit(url(application, f"performance/{entry_of(kind).uid}/move"), data)
    assert [e.kind for e in stored().entries("performance")] == order


def test_an_entry_is_put_before_another(applicant: Browser) -> None:
    application = draft(applicant, achievements=[project(), award()])
    data = {"before": entry_of("project").uid}
    answer = applicant.submit(
        url(application, f"performance/{entry_of('award').uid}/move"), data, headers=JSON
    )
    assert "湖北省高等学校教学成果奖" in answer.get_json()["html"]
    assert [e.kind for e in stored().achievements] == ["award", "project"]


def test_a_list_ordered_by_date_cannot_be_ordered_by_hand(applicant: Browser) -> None:
    application = draft(applicant)
    uid = stored().education[0].uid
    answer = applicant.submit(url(application, f"education/{uid}/move"), {"direction": "up"})
    assert answer.status_code == 404


def test_having_none_is_ticked_and_printed(applicant: Browser) -> None:
    """G21."""
    application = draft(applicant, achievements=[])
    applicant.submit(url(application, "performance/none"), {"version": "0", "none": "1"})
    assert stored().record("performance").none is True
    applicant.submit(url(application, "performance/none"), {"version": "1"})
    assert stored().record("performance").none is False


def test_having_none_is_refused_while_there_are_entries(applicant: Browser) -> None:
    application = draft(applicant)
    data = {"version": "0", "none": "1"}
    answer = applicant.submit(url(application, "performance/none"), data, headers=JSON)
    assert answer.status_code == 409
    assert "请先删除条目" in answer.get_json()["message"]


def test_proof_is_chosen_among_the_own_attachments(applicant: Browser) -> None:
    application = draft(applicant)
    uid, file = entry_of("award").uid, stored().attachments[0].uid
    applicant.submit(url(application, f"performance/{uid}"), {"version": "1", "evidence": [file]})
    assert list(entry_of("award").evidence) == [file]
    answer = applicant.submit(
        url(application, f"performance/{uid}"), {"version": "2", "evidence": ["f" * 32]}
    )
    assert answer.status_code == 422
    assert list(entry_of("award").evidence) == [file]


def test_findings_stand_beside_their_entry(applicant: Browser) -> None:
    """G18: an award dated before the present title's approval."""
    from models.values import PartialDate

    application = draft(applicant, achievements=[award(start=PartialDate(2016, 1))])
    page = applicant.get(url(application, "performance")).text
    assert "field-message is-" in page.split("湖北省高等学校教学成果奖", 1)[1]


def test_a_section_of_hrs_own_is_a_form_like_the_others(applicant: Browser) -> None:
    """DESIGN section 6: further sections need no code; here a table and a record."""
    spec = make_round().spec
    own = [
        {
            "key": "talks",
            "label": "学术报告",
            "shape": "list",
            "fields": [{"key": "topic", "label": "题目", "required": True}],
            "columns": [{"key": "topic", "label": "题目"}],
        },
        {"key": "ethics", "label": "师德", "shape": "record", "fields": [{"key": "note", "label": "自述"}]},
    ]
    round = make_round(sections=[*spec.model_dump(mode="json")["sections"], *own])
    application = make_application(person=applicant.person, round=round)
    save(applicant, application, "talks/new", 0, topic="量子计算导论")
    save(applicant, application, "ethics", 0, note="无违纪")
    assert stored().entries("talks")[0].get("topic") == "量子计算导论"
    assert stored().record("ethics").get("note") == "无违纪"
    assert "量子计算导论" in applicant.get(url(application, "talks")).text


def test_no_section_takes_the_address_of_another_page(applicant: Browser) -> None:
    """Every fixed page of an application is a name that no section of a round may have."""
    pages = {
        rule.rule.removeprefix("/my/application/<application_id>/")
        for rule in applicant.application.url_map.iter_rules()
        if rule.rule.startswith("/my/application/<application_id>/") and rule.rule.count("/") == 4
    }
    assert {page for page in pages if page.isidentifier()} == RESERVED_SECTIONS
    with pytest.raises(ValueError, match="preview"):
        SectionSpec(key="preview", label="预览", shape="record")
