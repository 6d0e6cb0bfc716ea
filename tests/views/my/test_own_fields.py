"""Fields and tables of HR's own, of every type: from the form to the store, HR's page and the print."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pypdf import PdfReader
from werkzeug.test import TestResponse

from models.application import Application
from models.choices import Role, State
from models.field_spec import FieldType
from models.review_round import ReviewRound
from models.sections import SectionRecord
from panel.domain.checks.requirements import unmet
from panel.domain.rounds import printed_columns
from panel.domain.rounds.parts import AskedForm
from panel.services.prints import pdf, print_form
from tests.contents import attachment, attachments, make_complete, make_lecturer
from tests.factories import NOW, fresh, make_entry, make_round, shipped_data, stored
from tests.views.conftest import Browser

pytestmark = pytest.mark.usefixtures("app", "database")  # the keys of sealed values
JSON = {"Accept": "application/json"}
PROOF = "f" * 32
PHONE = "13912345678"
SLOT = {"key": "site_proof", "label": "现场工作证明", "max_files": 3}
CLOSED = {"key": "closed_proof", "label": "身份材料", "private": True}
OPTIONS = [{"value": "one", "label": "甲类"}, {"value": "two", "label": "乙类"}]
#: Beside each type what is posted, what is stored, how it is printed, and what else the field needs.
TYPES: dict[str, tuple[Any, Any, str, dict[str, Any]]] = {
    "text": ("江城大桥", "江城大桥", "江城大桥", {}),
    "long_text": ("第一行\r\n第二行", "第一行\n第二行", "第一行\n第二行", {}),
    "number": ("12.5", 12.5, "12.5万元", {"decimals": 1, "unit": "万元"}),
    "date": ("2023年5月17日", "2023-05-17", "2023年5月17日", {}),
    "month": ("2023.5", "2023-05", "2023年5月", {}),
    "range": (["2020.3", "2021-06"], "2020-03/2021-06", "2020年3月—2021年6月", {}),
    "choice": ("two", "two", "乙类", {"options": OPTIONS}),
    "choices": (["two", "one"], ["one", "two"], "甲类、乙类", {"options": OPTIONS}),
    "yes_no": ("1", True, "是", {}),
    "person": ("欧阳明", "欧阳明", "欧阳明", {}),
    "unit": ("江城设计院", "江城设计院", "江城设计院", {}),
    "clause": ("a1", "a1", "第十一条（一）主持省部级科研或教学改革项目 1 项以上", {}),
    "file": ([PROOF], [PROOF], "工地照片.pdf", {"slot": "site_proof"}),
    "phone": (PHONE, None, "", {}),
    "id_number": ("11010519491231002X", None, "", {}),
}
EXTRA = {
    "key": "extra",
    "label": "工程经历",
    "shape": "record",
    "fields": [
        {"key": f"own_{type}", "label": f"字段{type}", "type": type, **more}
        for type, (_, _, _, more) in TYPES.items()
    ]
    # of the same name as a field of the official form's grid, but not that field
    + [{"key": "degree", "label": "难度"}, {"key": "quiet", "label": "内部备注", "printed": False}],
}
INVESTMENT = {
    "key": "investment",
    "label": "工程项目投资",
    "shape": "list",
    "entry_title": "{name}",
    "min_rows": 1,
    "max_rows": 2,
    "sums": ["amount", "share"],
    "fields": [
        {"key": "name", "label": "项目", "required": True},
        {"key": "amount", "label": "总投资", "type": "number", "decimals": 2, "unit": "万元"},
        {"key": "share", "label": "本人承担", "type": "number", "decimals": 2, "unit": "万元"},
        {"key": "contact", "label": "联系电话", "type": "phone"},
    ],
}


def own_round(**changes: Any) -> ReviewRound:
    data = shipped_data()
    *before, files = data["sections"]
    edition = next(edition for edition in data["editions"] if edition["key"] == "2025")
    for clause in edition["clauses"]:
        clause["sections"] = [*clause["sections"], "extra"]
    given = {
        "sections": [*before[:2], EXTRA, *before[2:], INVESTMENT, files],
        "slots": [*data["slots"], SLOT, CLOSED],
        "editions": data["editions"],
    }
    return make_round(**(given | changes))


@pytest.fixture
def applicant(client: Browser, travel: Callable[[datetime], None]) -> Browser:
    travel(NOW)
    return client.sign_in_as(Role.APPLICANT, person=make_lecturer())


def draft(applicant: Browser | None = None, state: State = State.DRAFT, **values: Any) -> Application:
    files = [*attachments(), attachment("site_proof", uid=PROOF, name="工地照片.pdf")]
    given = {"round": own_round(), "attachments": files} | values
    return make_complete(state, person=applicant.person if applicant else make_lecturer(), **given)


def url(application: Application, *parts: str) -> str:
    return "/".join([f"/my/application/{application.id}", *parts])


def save(applicant: Browser, application: Application, version: int, **typed: Any) -> TestResponse:
    data = {"version": str(version)} | {f"f-{key}": value for key, value in typed.items()}
    return applicant.submit(url(application, "extra"), data, headers=JSON)


def filled() -> SectionRecord:
    record = SectionRecord(version=1)
    for type, (_, value, _, _) in TYPES.items():
        if type not in ("phone", "id_number"):
            record.put(f"own_{type}", value)
    record.put("own_phone", PHONE, encrypted=True)
    record.put("own_id_number", "11010519491231002X", encrypted=True)
    record.put("degree", "高难度")
    record.put("quiet", "只供单位看")
    return record


def rows(*amounts: tuple[float, float]) -> SectionRecord:
    entries = [
        make_entry("investment", name=f"桥梁{n}", amount=amount, share=share)
        for n, (amount, share) in enumerate(amounts, start=1)
    ]
    return SectionRecord(entries=entries, version=1)


def test_every_type_is_tried() -> None:
    assert set(TYPES) == {type.value for type in FieldType}


# --- a record ---


@pytest.mark.parametrize("type", [type for type in TYPES if type not in ("phone", "id_number")])
def test_what_is_typed_is_stored_and_offered_again(applicant: Browser, type: str) -> None:
    posted, kept, _, _ = TYPES[type]
    application = draft(applicant)
    answer = save(applicant, application, 0, **{f"own_{type}": posted})
    assert answer.status_code == 200, answer.text
    values = stored(application)["sections"]["extra"]["values"]
    assert values == {"own_yes_no": False, f"own_{type}": kept}  # a tick that isn't set is a no
    page = applicant.get(url(application, "extra")).text
    assert f'id="field-own_{type}' in page
    assert save(applicant, application, 1, **{f"own_{type}": posted}).get_json()["version"] == 1  # unchanged


@pytest.mark.parametrize("type", ["phone", "id_number"])
def test_phone_and_id_number_are_sealed_at_rest_and_masked_for_hr(
    applicant: Browser, sign_in_as: Callable[..., Browser], type: str
) -> None:  # R23
    application = draft(applicant)
    typed = TYPES[type][0]
    assert save(applicant, application, 0, **{f"own_{type}": typed}).status_code == 200
    assert typed not in str(stored(application))
    assert typed in applicant.get(url(application, "extra")).text
    handed_in = draft(state=State.SUBMITTED, sections={"extra": filled()})
    page = sign_in_as(Role.UNIT_HR).get(f"/admin/applications/{handed_in.id}").text
    assert typed not in page
    assert f"sealed-extra--own_{type}" in page


def test_half_a_range_is_kept_and_explained(applicant: Browser) -> None:
    application = draft(applicant)
    answer = save(applicant, application, 0, own_range=["2020-03", ""]).get_json()
    assert [note["severity"] for note in answer["messages"]["own_range"]] == ["error"]
    assert "结束时间" in answer["messages"]["own_range"][0]["text"]
    page = applicant.get(url(application, "extra")).text
    assert 'id="field-own_range" name="f-own_range" value="2020-03"' in page


def test_range_is_shown_tidied_to_the_script(applicant: Browser) -> None:
    application = draft(applicant)
    answer = save(applicant, application, 0, own_range=["2020年3月", "2021.6"]).get_json()
    assert answer["values"]["f-own_range"] == ["2020-03", "2021-06"]


def test_file_field_offers_the_files_of_its_slot_alone(applicant: Browser) -> None:
    application = draft(applicant)
    page = applicant.get(url(application, "extra")).text
    assert f'value="{PROOF}"' in page
    assert "title_certificate.pdf" not in page
    assert f'href="{url(application, "attachments")}#slot-site_proof"' in page


def test_file_that_is_gone_is_asked_for_again() -> None:
    application = draft(sections={"extra": filled(), "investment": rows((1, 1))}, attachments=attachments())
    found = unmet(fresh(application), NOW)
    assert [(f.section, f.field) for f in found] == [("extra", "own_file")]
    assert "已不在附件中" in str(found[0].message)


def test_replaced_file_is_still_the_one_named() -> None:
    newer = attachment("site_proof", uid="9" * 32, replaces=PROOF, name="新照片.pdf")
    application = draft(
        sections={"extra": filled(), "investment": rows((1, 1))}, attachments=[*attachments(), newer]
    )
    assert unmet(fresh(application), NOW) == []
    assert "新照片.pdf" in printed_facts(application)["字段file"]


def test_hidden_field_is_neither_asked_nor_shown_nor_taken(
    applicant: Browser, sign_in_as: Callable[..., Browser]
) -> None:
    section = EXTRA | {"fields": [EXTRA["fields"][0], {**EXTRA["fields"][-1], "visible": False}]}  # type: ignore[index]
    data = own_round().data["sections"]
    hidden = own_round(sections=[section if row["key"] == "extra" else row for row in data])
    application = draft(applicant, round=hidden, sections={"extra": filled()})
    assert "内部备注" not in applicant.get(url(application, "extra")).text
    save(applicant, application, 1, quiet="改", own_text="改")
    record = fresh(application).record("extra")
    assert (record.get("quiet"), record.get("own_text")) == ("只供单位看", "改")


# --- HR's page and the print ---


def test_hr_reads_every_type_in_words(sign_in_as: Callable[..., Browser]) -> None:
    application = draft(state=State.SUBMITTED, sections={"extra": filled(), "investment": rows((100, 30.5))})
    page = sign_in_as(Role.UNIT_HR).get(f"/admin/applications/{application.id}").text
    for type, (_, _, words, _) in TYPES.items():
        for piece in words.split("\n"):
            assert piece in page, type
    assert f"/files/{application.id}/{PROOF}" in page


def printed_facts(application: Application) -> dict[str, str]:
    form = print_form.gather(fresh(application), opinions=False)
    return {
        words: text for part in form.parts if isinstance(part, print_form.Facts) for words, text in part.pairs
    }


@pytest.mark.parametrize("type", list(TYPES))
def test_every_type_is_printed_but_sealed_ones(type: str) -> None:
    application = draft(sections={"extra": filled(), "investment": rows((1, 1))})
    assert printed_facts(application).get(f"字段{type}", "") == TYPES[type][2]


def test_own_section_is_printed_in_its_place_and_does_not_overwrite_the_official_one() -> None:
    application = draft(sections={"extra": filled(), "investment": rows((1, 1))})
    form = print_form.gather(fresh(application), opinions=False)
    titles = [part.title for part in form.parts]
    assert titles.index("工程经历") < titles.index("教育经历") < titles.index("工程项目投资")
    assert form.facts["degree"] == "硕士"
    assert printed_facts(application)["难度"] == "高难度"


def test_field_that_is_not_printed_stays_off_the_form() -> None:
    application = draft(sections={"extra": filled(), "investment": rows((1, 1))})
    assert "只供单位看" not in str(print_form.gather(fresh(application), opinions=False))


def test_private_files_are_printed_by_number_alone() -> None:  # R23
    section = EXTRA | {
        "fields": [{"key": "own_file", "label": "材料", "type": "file", "slot": "closed_proof"}]
    }
    data = own_round().data["sections"]
    closed = own_round(sections=[section if row["key"] == "extra" else row for row in data])
    named = attachment("closed_proof", uid=PROOF, name="林晓静身份证.pdf")
    application = draft(
        round=closed,
        attachments=[*attachments(), named],
        sections={"extra": filled(), "investment": rows((1, 1))},
    )
    assert printed_facts(application)["材料"] == "身份材料（1 份）"


# --- a table of HR's own ---


def test_table_needs_its_least_rows_and_takes_no_more_than_its_most(applicant: Browser) -> None:
    application = draft(applicant, sections={"extra": filled()})
    found = unmet(fresh(application), NOW)
    assert [str(f.message) for f in found] == ["“工程项目投资”至少填 1 条，现有 0 条，请补充"]
    assert "这里至少填 1 条" in applicant.get(url(application, "investment")).text
    for number in (1, 2):
        data = {"version": "0", "f-name": f"桥梁{number}", "f-amount": "100.25", "f-share": "10"}
        assert applicant.submit(url(application, "investment", "new"), data).status_code == 302
    page = applicant.get(url(application, "investment")).text
    assert "已填满" in page
    assert "添加一条" not in page
    refused = applicant.submit(url(application, "investment", "new"), {"version": "0", "f-name": "桥梁3"})
    assert "最多填 2 条" in refused.text
    assert len(fresh(application).entries("investment")) == 2


def test_table_shows_its_columns_and_sums_to_applicant_hr_and_print(
    applicant: Browser, sign_in_as: Callable[..., Browser]
) -> None:
    content = {"extra": filled(), "investment": rows((100.25, 10.1), (50.5, 20.2))}
    application = draft(applicant, sections=content)
    page = applicant.get(url(application, "investment")).text
    for words in ("总投资", "桥梁1", "100.25万元", "合计", "150.75", "30.3"):
        assert words in page, words
    assert "联系电话" not in page  # sealed columns aren't in a table
    handed_in = draft(state=State.SUBMITTED, sections=content)
    page = sign_in_as(Role.UNIT_HR).get(f"/admin/applications/{handed_in.id}").text
    assert "150.75" in page
    form = print_form.gather(fresh(application), opinions=False)
    table = next(part for part in form.parts if part.title == "工程项目投资")
    assert isinstance(table, print_form.Table)
    assert [words for words, _ in table.columns] == ["项目", "总投资", "本人承担"]
    assert table.rows == [["桥梁1", "100.25万元", "10.10万元"], ["桥梁2", "50.50万元", "20.20万元"]]
    assert table.sums == ["合计", "150.75万元", "30.30万元"]


def test_the_form_itself_prints_own_sections_and_sums() -> None:
    content = {"extra": filled(), "investment": rows((100.25, 10.1), (50.5, 20.2))}
    pages = PdfReader(io.BytesIO(pdf.evaluation_form(fresh(draft(sections=content))))).pages
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))
    for words in (
        "工程经历",
        "2020年3月—2021年6月",
        "工地照片.pdf",
        "工程项目投资",
        "合计150.75万元30.30万元",
    ):
        assert words in text, words
    assert PHONE not in text


@pytest.mark.parametrize("widths", [[6] * 13 + [12], [10], [1] * 60, [100, 1, 1], [3, 3, 3]], ids=str)
def test_columns_share_the_page_and_never_stand_out_of_it(widths: list[int]) -> None:
    shares = print_form._shares(widths)
    assert sum(shares) == 100
    assert all(
        abs(share - 100 * width / sum(widths)) < 1 for share, width in zip(shares, widths, strict=True)
    )


def test_sums_of_nothing_are_not_shown() -> None:
    application = draft(sections={"extra": filled()})
    assert printed_columns.sums(AskedForm(fresh(application)), "investment") == {}


def test_table_ticked_as_empty_prints_so() -> None:  # G21
    none = INVESTMENT | {"none_label": "没有"}
    data = own_round().data["sections"]
    round_ = own_round(sections=[none if row["key"] == "investment" else row for row in data])
    application = draft(round=round_, sections={"extra": filled(), "investment": SectionRecord(none=True)})
    assert unmet(fresh(application), NOW) == []
    assert printed_columns.rows(AskedForm(fresh(application)), "investment")[0]["name"] == "无"


# --- found again -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "typed"),
    [
        ("text", "江城 大桥"),
        ("long_text", "第二行"),
        ("number", "12.5"),
        ("date", "2023-05"),
        ("date", "2023年5月"),
        ("month", "2023.5"),
        ("range", "2020年3月"),
        ("choice", "乙"),
        ("choices", "甲类"),
        ("yes_no", "是"),
        ("person", "欧阳"),
        ("unit", "设计院"),
        ("clause", "科研或教学改革"),
        ("file", "工地"),
    ],
)
def test_every_type_is_found_by_what_was_filled_in(
    sign_in_as: Callable[..., Browser], type: str, typed: str
) -> None:
    application = draft(state=State.SUBMITTED, sections={"extra": filled(), "investment": rows((100, 30))})
    hr, base = sign_in_as(Role.UNIT_HR), f"/admin/rounds/{application.round.id}/find"
    found = hr.get(base, query_string={"field": f"extra.own_{type}", "text": typed})
    assert f"/admin/applications/{application.id}" in found.text
    missed = hr.get(base, query_string={"field": f"extra.own_{type}", "text": "长沙"})
    assert f"/admin/applications/{application.id}" not in missed.text


def test_a_column_of_an_own_table_and_of_an_official_one_is_searched(
    sign_in_as: Callable[..., Browser],
) -> None:
    application = draft(
        state=State.SUBMITTED, sections={"extra": filled(), "investment": rows((1, 1), (2, 2))}
    )
    hr, base = sign_in_as(Role.UNIT_HR), f"/admin/rounds/{application.round.id}/find"
    for field, typed in (("investment.name", "桥梁2"), ("work_history.organisation", "江城理工")):
        page = hr.get(base, query_string={"field": field, "text": typed}).text
        assert f"/admin/applications/{application.id}" in page, field


def test_fields_of_one_name_are_told_apart_where_one_is_chosen(sign_in_as: Callable[..., Browser]) -> None:
    application = draft(state=State.SUBMITTED)
    page = sign_in_as(Role.UNIT_HR).get(f"/admin/rounds/{application.round.id}/find").text
    groups = page.split("<optgroup")[1:]
    assert groups
    for group in groups:
        names = re.findall(r"<option[^>]*>([^<]+)</option>", group.split("</optgroup>")[0])
        assert names
        assert len(names) == len(set(names)), names


def test_a_search_that_had_to_stop_says_so(
    sign_in_as: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    application = draft(state=State.SUBMITTED, sections={"extra": filled(), "investment": rows((1, 1))})
    draft(
        state=State.SUBMITTED,
        round=application.round,
        sections={"extra": filled(), "investment": rows((1, 1))},
    )
    hr, base = sign_in_as(Role.UNIT_HR), f"/admin/rounds/{application.round.id}/find"
    query = {"field": "extra.own_text", "text": "江城大桥"}
    assert "没有查完" not in hr.get(base, query_string=query).text
    monkeypatch.setattr("panel.domain.desk.content_search.MOST_LOOKED_AT", 1)
    page = hr.get(base, query_string=query).text
    assert "没有查完" in page
    assert "找到 1 份申报" in page


def test_a_search_finds_no_draft_no_sealed_field_and_no_case_of_ones_own(
    sign_in_as: Callable[..., Browser],
) -> None:
    application = draft(sections={"extra": filled(), "investment": rows((1, 1))})
    hr, base = sign_in_as(Role.UNIT_HR), f"/admin/rounds/{application.round.id}/find"
    assert "没有找到" in hr.get(base, query_string={"field": "extra.own_text", "text": "江城大桥"}).text
    own = draft(
        state=State.SUBMITTED,
        round=application.round,
        sections={"extra": filled(), "investment": rows((1, 1))},
    )
    page = hr.get(base, query_string={"field": "extra.own_phone", "text": "139"}).text
    assert 'value="extra.own_phone"' not in page
    assert f"/admin/applications/{own.id}" not in page
    myself = sign_in_as(Role.UNIT_HR, person=own.person)
    assert "没有找到" in myself.get(base, query_string={"field": "extra.own_text", "text": "江城大桥"}).text
