"""The editor of rounds in the panel: everything by form, into a draft, without a line of code or JSON."""

import io
import re

import pytest

from models.choices import Role, RoundState, State
from models.field_spec import FieldType
from models.outbox import OutboxRow
from models.review_round import ReviewRound, RoundVersion
from models.round_draft import RoundChange, RoundDraft
from panel.domain.round_edit import comparing, drafts, tree
from panel.domain.round_edit.editor_parts import PARTS
from panel.domain.round_edit.properties import shown
from panel.domain.round_edit.properties.describe import described
from tests.factories import NOW, make_application, make_person, make_round


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def hr(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="林人事")


@pytest.fixture
def other(sign_in_as):
    return sign_in_as(Role.UNIT_HR, name="周人事")


@pytest.fixture
def round_():
    return make_round()


PLAIN = {"key": "plain", "label": "基本信息", "shape": "record", "fields": [{"key": "name", "label": "姓名"}]}


def at(round_, rest=""):
    return f"/admin/rounds/{round_.id}/edit/{rest}"


def data_of(round_):
    return drafts.draft_of(ReviewRound.objects.get(id=round_.id)).data


def form_of(round_, path, part, block=None, **changed):
    """What the properties form sends unchanged, but for `changed`."""
    draft = drafts.draft_of(ReviewRound.objects.get(id=round_.id))
    sent = shown.typed(described(path), draft.data, path)
    sent |= {name.replace("__", "."): value for name, value in changed.items()}
    sent |= {"path": path, "part": part, "seen": str(draft.revision)}
    return sent | ({"block": str(block)} if block is not None else {})


def save(browser, round_, path, part, block=None, **changed):
    return browser.submit(at(round_, "row"), form_of(round_, path, part, block, **changed))


@pytest.mark.parametrize("part", [part.key for part in PARTS])
def test_each_part_shows_its_rows_and_opens_each_kind_of_row(hr, round_, part):
    page = hr.get(at(round_, f"part/{part}"))
    assert page.status_code == 200
    links = re.findall(r'hx-get="([^"]+)"', page.text)
    assert links
    for link in links[:: max(1, len(links) // 12)]:
        form = hr.get(link.replace("&amp;", "&"))
        assert form.status_code == 200, link
        assert "data-sheet" in form.text
        assert "<html" not in form.text
    whole = hr.get(links[0].replace("&amp;", "&").replace("edit/row?path=", f"edit/part/{part}?open="))
    assert "data-sheet" in whole.text


@pytest.mark.parametrize("section", ["basic", "qualification", "performance", "attachments"])
def test_a_section_is_drawn_as_applicants_see_it(hr, round_, section):
    page = hr.get(at(round_, f"part/form?section={section}"))
    assert page.status_code == 200
    assert round_.spec.section(section).label.zh in page.text


def test_no_page_of_the_editor_shows_a_key_or_json(hr, round_):
    for part in PARTS:
        text = re.sub(r"<[^>]+>", " ", hr.get(at(round_, f"part/{part.key}")).text)
        assert "title_approved_on" not in text
        assert "duty_summary" not in text
        assert "'zh'" not in text


def test_a_saved_label_is_in_the_draft_and_not_yet_in_force(hr, round_):
    path = "sections/basic/fields/ethnicity"
    answer = save(hr, round_, path, "form", label=["民族（族别）"])
    assert answer.status_code == 302
    assert tree.at(data_of(round_), path)["label"]["zh"] == "民族（族别）"
    assert "民族（族别）" not in str(ReviewRound.objects.get(id=round_.id).data)
    assert "有未生效的修改" in hr.get(at(round_)).text
    line = hr.get(at(round_, "history")).text
    assert "林人事" in line
    assert "民族（族别）" in line


def test_a_bad_value_is_said_at_its_property_and_nothing_typed_is_lost(hr, round_):
    answer = save(hr, round_, "publicity", "process", unit_days=["五天"], telephone=["027-1"])
    assert answer.status_code == 422
    assert "请填写整数。" in answer.text
    assert "五天" in answer.text
    assert "027-1" in answer.text
    assert RoundChange.objects.count() == 0


def test_the_slower_of_two_sees_both_values_and_nothing_is_lost(hr, other, round_):
    path = "sections/basic/fields/ethnicity"
    mine = form_of(round_, path, "form", label=["甲"])
    theirs = form_of(round_, path, "form", label=["乙"])
    assert hr.submit(at(round_, "row"), mine).status_code == 302
    answer = other.submit(at(round_, "row"), theirs)
    assert answer.status_code == 409
    assert "甲" in answer.text
    assert 'value="乙"' in answer.text
    assert tree.at(data_of(round_), path)["label"]["zh"] == "甲"


def test_two_who_change_different_properties_of_one_field_both_win(hr, other, round_):
    path = "sections/basic/fields/ethnicity"
    mine = form_of(round_, path, "form", label=["甲"])
    theirs = form_of(round_, path, "form", help=["按身份证填写"])
    hr.submit(at(round_, "row"), mine)
    assert other.submit(at(round_, "row"), theirs).status_code == 302
    field = tree.at(data_of(round_), path)
    assert (field["label"]["zh"], field["help"]["zh"]) == ("甲", "按身份证填写")


@pytest.mark.parametrize("kind", [kind.value for kind in FieldType])
def test_a_field_of_each_type_can_be_added_and_is_whole(hr, round_, kind):
    answer = hr.submit(
        at(round_, "add"),
        {"path": "sections/performance/fields", "part": "form", "label": "新栏", "kind": kind},
    )
    assert answer.status_code == 302
    assert hr.get(answer.location).status_code == 200
    fields = tree.at(data_of(round_), "sections/performance/fields")
    assert (fields[-1]["label"]["zh"], fields[-1]["type"]) == ("新栏", kind)
    assert "要处理的问题" not in hr.get(at(round_)).text


def test_adding_without_a_name_or_with_a_false_kind_says_so_and_adds_nothing(hr, round_):
    for sent in ({"label": " ", "kind": "text"}, {"label": "新栏", "kind": "magic"}):
        hr.submit(at(round_, "add"), {"path": "sections/basic/fields", "part": "form"} | sent)
    assert RoundChange.objects.count() == 0


def test_a_row_moves_by_button_and_by_hand(hr, round_):
    order = [row["_id"] for row in data_of(round_)["slots"]]
    hr.submit(at(round_, "move"), {"path": f"slots/{order[1]}", "part": "slots", "step": "up"})
    assert [row["_id"] for row in data_of(round_)["slots"]][:2] == [order[1], order[0]]
    token = hr.token()
    answer = hr.post(
        at(round_, "move"),
        data={"path": f"slots/{order[1]}", "behind": order[2]},
        headers={"X-CSRFToken": token, "X-Requested-With": "fetch"},
    )
    assert answer.status_code == 200
    assert [row["_id"] for row in data_of(round_)["slots"]][:3] == [order[0], order[2], order[1]]


def test_a_removed_row_comes_back_where_it_was_by_undo(hr, round_):
    before = data_of(round_)
    second = before["slots"][1]["_id"]
    hr.submit(at(round_, "remove"), {"path": f"slots/{second}", "part": "slots", "seen": "0"})
    assert len(data_of(round_)["slots"]) == len(before["slots"]) - 1
    hr.submit(at(round_, "undo"), {"revision": "1"})
    assert data_of(round_) == before
    hr.submit(at(round_, "undo"), {"revision": "2"})
    assert len(data_of(round_)["slots"]) == len(before["slots"]) - 1


def test_what_the_draft_breaks_is_listed_with_links_and_stops_it(hr, round_):
    number = str(drafts.draft_of(round_).revision)
    hr.submit(at(round_, "remove"), {"path": "levels/middle", "part": "levels", "seen": number})
    page = hr.get(at(round_)).text
    assert "这里还提到已移除的级别" in page
    refused = hr.submit(at(round_, "publish"), {"revision": "1"})
    assert refused.status_code == 409
    assert ReviewRound.objects.get(id=round_.id).version == round_.version


def test_a_draft_comes_into_force_as_a_new_version_and_those_filling_in_are_told(hr, round_):
    application = make_application(round=round_)
    make_application(round=round_, state=State.SUBMITTED)
    save(hr, round_, "sections/basic/fields/former_name", "form", label=["旧名"], required=["1"])
    page = hr.get(at(round_, "publish")).text
    assert "旧名" in page
    assert "填报中的有 1 份马上受影响" in page
    assert "已提交的 1 份按提交时的内容审核" in page
    answer = hr.submit(at(round_, "publish"), {"revision": "1"})
    assert answer.status_code == 302
    stored = ReviewRound.objects.get(id=round_.id)
    assert stored.version == round_.version + 1
    assert stored.spec.section("basic").field("former_name").required
    assert RoundVersion.objects(round=stored, version=stored.version).count() == 1
    assert [row.person for row in OutboxRow.objects] == [application.person]
    assert hr.submit(at(round_, "publish"), {"revision": "1"}).status_code == 409


def test_a_draft_that_changed_after_it_was_looked_at_does_not_come_into_force(hr, other, round_):
    save(hr, round_, "sections/basic/fields/ethnicity", "form", label=["甲"])
    save(other, round_, "sections/basic/fields/ethnicity", "form", label=["乙"])
    assert hr.submit(at(round_, "publish"), {"revision": "1"}).status_code == 409
    assert ReviewRound.objects.get(id=round_.id).version == round_.version


def test_what_applications_use_cannot_be_taken_away(hr, round_):
    application = make_application(round=round_)
    hr.submit(at(round_, "remove"), {"path": f"levels/{application.level}", "part": "levels", "seen": "0"})
    assert "已有 1 份申报在用" in hr.get(at(round_)).text.replace("&nbsp;", " ")


def test_a_round_is_cloned_for_the_next_year_with_its_dates_moved(hr, round_):
    answer = hr.submit(at(round_, "clone"), {"year": str(round_.year + 1)})
    made = ReviewRound.objects.get(year=round_.year + 1)
    assert answer.location.endswith(f"{made.id}/edit/")
    assert made.state == RoundState.PLANNED
    assert made.spec.dates.opens == round_.spec.dates.opens.replace(year=round_.year + 1)
    again = hr.submit(at(round_, "clone"), {"year": str(round_.year + 1)})
    assert again.status_code == 422
    assert hr.submit(at(round_, "clone"), {"year": "x"}).status_code == 422


def test_a_round_leaves_as_a_file_and_comes_back_the_same(hr, round_):
    file = hr.get(at(round_, "export"))
    assert file.headers["Content-Disposition"].startswith("attachment")
    save(hr, round_, "sections/basic/fields/ethnicity", "form", label=["甲"])
    answer = hr.submit(at(round_, "import"), {"file": (io.BytesIO(file.data), "r.yaml")})
    assert answer.status_code == 302
    assert tree.without_ids(data_of(round_)) == round_.data


def test_a_file_that_is_no_round_is_refused_with_its_line_and_changes_nothing(hr, round_):
    answer = hr.submit(at(round_, "import"), {"file": (io.BytesIO("year: 甲\nlevels: [".encode()), "r.yaml")})
    assert answer.status_code == 422
    assert "第 2 行" in answer.text
    assert RoundDraft.objects.count() == 0


def test_a_new_series_is_made_from_nothing_and_is_not_open(hr):
    answer = hr.submit(
        "/admin/rounds/new",
        {"title": "2027 年度工程系列", "series": "工程技术", "organisation": "江城理工学院", "year": "2027"},
    )
    assert answer.status_code == 302
    made = ReviewRound.objects.get(year=2027)
    assert made.state == RoundState.PLANNED
    page = hr.get(answer.location).text
    assert "还没有级别" in page
    refused = hr.submit(f"/admin/rounds/{made.id}/state", {"state": "open"})
    assert refused.status_code == 409
    wrong = hr.submit("/admin/rounds/new", {"title": "", "series": "", "organisation": "", "year": "27"})
    assert wrong.status_code == 422


@pytest.mark.parametrize("section", ["basic", "performance", "publications", "attachments"])
def test_the_draft_is_previewed_as_an_applicant_without_storing_anything(hr, round_, section):
    person = make_person(name="顾预览")
    save(hr, round_, "sections/basic/fields/ethnicity", "form", label=["民族（族别）"])
    page = hr.get(at(round_, f"preview?section={section}&person={person.id}&level=associate&kind=promotion"))
    assert page.status_code == 200
    assert ("民族（族别）" in page.text) == (section == "basic")
    assert person.id_number not in page.text
    assert hr.get(at(round_, "preview?search=gu")).status_code == 200


def test_two_rounds_are_compared_in_plain_words(hr, round_):
    save(hr, round_, "slots/qualification_certificate", "slots", label=["教师资格证"])
    page = hr.get(at(round_, "compare")).text
    assert "1 处不同" in page
    assert "教师资格证" in page


def test_search_finds_by_pinyin_and_leads_to_the_row(hr, round_):
    page = hr.get(at(round_, "?search=minzu")).text
    assert "open=sections/basic/fields/ethnicity" in page


def test_a_condition_is_said_in_a_sentence_while_it_is_typed(hr, round_):
    path = "sections/basic/fields/ethnicity"
    sent = form_of(round_, path, "form", when__levels=["middle", "associate", "senior"]) | {
        "sentence": "when"
    }
    assert "讲师及以上" in hr.submit(at(round_, "row"), sent).text
    assert RoundChange.objects.count() == 0


def test_what_is_not_there_or_not_a_row_is_not_found(hr, round_):
    for rest in (
        "row?path=sections/none&part=form",
        "row?path=exports/x&part=form",
        "part/none",
        "row?path=&part=basics",
    ):
        assert hr.get(at(round_, rest)).status_code == 404, rest
    for rest, sent in (
        ("add", {"path": "exports", "part": "form"}),
        ("add", {"path": "sections/none/fields", "part": "form"}),
        ("move", {"path": "slots/none", "part": "slots", "step": "up"}),
        ("remove", {"path": "dates/opens", "part": "basics", "seen": "0"}),
        ("undo", {"revision": "77"}),
        ("undo", {"revision": "x"}),
    ):
        assert hr.submit(at(round_, rest), sent).status_code == 404, rest


def test_comparing_a_round_with_itself_finds_nothing(round_):
    data = tree.with_ids(round_.data)
    assert comparing.compare(data, data) == []


# --- nothing is lost, nothing is a key ---------------------------------------------------------------


def test_what_could_not_be_added_is_still_there_with_the_reason_beside_it(hr):
    round_ = make_round(slots=[], requirements=[], sections=[PLAIN], editions=[], exports=[])
    data = {"path": "sections/plain/fields", "part": "form", "label": "佐证文件", "kind": "file"}
    answer = hr.submit(at(round_, "add"), data)
    assert answer.status_code == 422
    form = re.search(
        r'<form class="re-add"[^>]*>(?:(?!</form>).)*add-sections-plain-fields.*?</form>', answer.text, re.S
    )
    assert form is not None
    assert 'value="佐证文件"' in form[0]
    assert '<option value="file" selected>' in form[0]
    assert "请先在“附件”里添加一个附件项" in form[0]


@pytest.mark.parametrize(
    ("behind", "place"), [("first", 0), ("former_name", 2), ("last", -1), ("gone", -1)], ids=str
)
def test_a_new_field_stands_where_hr_wants_it(hr, round_, behind, place):
    data = {
        "path": "sections/basic/fields",
        "part": "form",
        "label": "籍贯",
        "kind": "text",
        "behind": behind,
    }
    assert hr.submit(at(round_, "add"), data).status_code == 302
    assert tree.at(data_of(round_), "sections/basic/fields")[place]["label"]["zh"] == "籍贯"


def test_a_row_moved_in_the_page_is_what_undo_takes_back_there(hr, round_):
    data = {"path": "levels/junior", "behind": ""}
    answer = hr.submit(at(round_, "move"), data, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.get_json()) == (200, {"revision": 1})
    undo = {"revision": "1", "part": "levels", "section": ""}
    answer = hr.submit(at(round_, "undo"), undo)
    assert answer.location.endswith("/edit/part/levels")
    page = hr.get(answer.location).text
    assert "已撤销：调整次序：助教" in page
    assert data_of(round_)["levels"][0]["key"] == "senior"


def test_every_page_offers_undo_and_the_search(hr, round_):
    save(hr, round_, "publicity", "process", telephone=["027-1"])
    for page in (
        "",
        "part/form",
        "part/levels",
        "history",
        "compare",
        "preview",
        "publish",
        "clone",
        "import",
    ):
        text = hr.get(at(round_, page)).text
        assert re.search(r"<form[^>]* data-undo>", text), page
        assert re.search(r"<form[^>]* data-redo hidden>", text), page
        assert 'id="search-round"' in text, page


def test_a_form_of_some_properties_is_called_like_its_block(hr, round_):
    page = hr.get(at(round_, "row?path=&part=levels&block=1")).text
    assert re.search(r"data-sheet-title[^>]*>级别的规定<", page)


def test_the_kinds_of_entry_offer_their_columns_alone(hr, round_):
    page = hr.get(at(round_, "row?path=sections/publications/kinds/paper&part=form")).text
    assert "合（独）著、译" in page
    assert "已移除" not in page


def test_history_comparison_and_search_name_fields_and_never_show_keys(hr, round_):
    row = next(row for row in data_of(round_)["requirements"] if row["check"] == "unique")
    save(hr, round_, f"requirements/{row['_id']}", "requirements", place=["assessments/result"])
    save(hr, round_, "sections/work_history", "form", entry_title=["{职务}"])
    save(hr, round_, "sections/publications/kinds/paper", "form", title=["{刊物名称}"])
    for page in ("history", "compare", "publish", "?search=职务", "?search=刊物名称", "?search=现有"):
        text = re.sub(r"<[^>]+>", " ", hr.get(at(round_, page)).text)
        assert "{" not in re.sub(r"\{[^a-z}]+\}", "", text), page
        assert "journal" not in text, page
    text = re.sub(r"<[^>]+>", " ", hr.get(at(round_, "history")).text)
    assert "年度" in text
    assert "考核结果" in text
    assert "{职务}" in text


def test_a_list_without_rows_is_named_where_it_is_missing(hr):
    answer = hr.submit(
        "/admin/rounds/new",
        {
            "title": "2027 年度翻译系列职称评审",
            "series": "翻译",
            "organisation": "江城理工学院",
            "year": "2027",
        },
    )
    problems = re.search(r"re-problems.*?</section>", hr.get(answer.location).text, re.S)
    assert problems is not None
    names = re.findall(r'<a href="[^"]+">([^<]+)</a>', problems[0])
    assert names == ["级别", "评委会", "专业", "评审标准"]


def test_the_preview_of_a_person_begins_with_what_their_title_allows_and_tells_why(hr, round_):
    person = make_person(name="顾预览")
    save(hr, round_, "sections/basic/fields/ethnicity", "form", label=["民族（族别）"])
    page = hr.get(at(round_, f"preview?person={person.id}")).text
    assert '<option value="promotion" selected>' in page
    assert '<option value="associate" selected>' in page
    link = re.search(r'href="([^"]*explain[^"]*)"', page)
    assert link is not None
    explained = hr.get(link[1].replace("&amp;", "&")).text
    assert "民族（族别）" in explained
    assert "草稿里还没有生效" in explained
    in_force = hr.get(f"/admin/rounds/{round_.id}/explain?person={person.id}").text
    assert "民族（族别）" not in in_force


def test_a_file_field_says_in_picture_and_preview_where_its_files_come_from(hr, round_):
    data = {"path": "sections/basic/fields", "part": "form", "label": "佐证", "kind": "file"}
    hr.submit(at(round_, "add"), data)
    slot = round_.spec.slots[0].label.zh
    for page in ("part/form?section=basic", "preview?section=basic"):
        assert f"“{slot}”里还没有文件" in hr.get(at(round_, page)).text


def test_a_round_that_is_whole_leads_to_its_opening(hr):
    planned = make_round()
    ReviewRound.objects(id=planned.id).update_one(set__state=RoundState.PLANNED.value)
    assert "去开放批次" in hr.get(at(planned)).text
    save(hr, planned, "publicity", "process", telephone=["027-1"])
    assert "去开放批次" not in hr.get(at(planned)).text


def test_a_new_series_begins_with_what_the_law_asks_of_everybody(hr):
    answer = hr.submit(
        "/admin/rounds/new",
        {
            "title": "2027 年度翻译系列职称评审",
            "series": "翻译",
            "organisation": "江城理工学院",
            "year": "2027",
        },
    )
    made = ReviewRound.objects.get(year=2027)
    assert made.title in hr.get(answer.location).text
    assert [row["check"] for row in made.data["requirements"]] == [
        "in_service",
        "not_sanctioned",
        "not_barred",
        "kind_fits",
        "level_fits",
        "committee_fits",
        "photo",
    ]


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("filled", "“{field}”没有通过“必须填写”的检查，请核对。"),
        ("attached", "没有通过“已上传附件”的检查，请核对。"),
    ],
    ids=str,
)
def test_a_new_rule_names_its_field_before_hr_has_written_a_word(hr, round_, kind, label):
    hr.submit(at(round_, "add"), {"path": "requirements", "part": "requirements", "kind": kind})
    assert data_of(round_)["requirements"][-1]["message"]["zh"] == label


def test_a_rule_on_clauses_offers_clauses_and_one_on_the_photo_what_is_filled_in_once(hr, round_):
    for kind, places in (
        ("clause_of_edition", {"performance/clause", "publications/clause"}),
        ("photo", {"basic/photo", "qualification/photo"}),
    ):
        hr.submit(at(round_, "add"), {"path": "requirements", "part": "requirements", "kind": kind})
        row = data_of(round_)["requirements"][-1]["_id"]
        page = hr.get(at(round_, f"row?path=requirements/{row}&part=requirements")).text
        select = re.search(r'<select[^>]* name="place".*?</select>', page, re.S)
        assert select is not None
        assert set(re.findall(r'value="([^"]+)"', select[0])) == places
