"""Editing a round as data: every operation, undo, races, all problems at once, files, the next year."""

import threading
import time
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.checks import ARGUMENT_TYPES, Check
from models.choices import MeetingState, Role
from models.field_spec import FieldType
from models.meeting import Meeting
from models.review_round import ReviewRound
from models.round_draft import RoundChange
from models.round_spec import RoundSpec
from panel.domain.actors import actor_of
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.round_edit import comparing, defaults, drafts, publishing, tree, yaml_file
from panel.domain.round_edit.drafts import Contested
from panel.domain.round_edit.problems import contradictions
from panel.domain.round_edit.properties import (
    conditions,
    describe,
    named,
    places,
    sentences,
    shown,
    typed_values,
)
from panel.domain.round_edit.properties.check_words import ARGUMENTS, CHECKS
from panel.domain.rounds import round_files
from tests.factories import NOW, make_committee, make_meeting, make_round, make_user, shipped_spec
from tests.lengths import examples

SHIPPED = {path.stem: shipped_spec(path.stem) for path in round_files.shipped()}


def data_of(series="teacher"):
    return tree.with_ids(SHIPPED[series].model_dump(mode="json"))


@pytest.fixture
def hr(database):
    return actor_of(make_user(Role.UNIT_HR))


@pytest.fixture
def round_(database):
    return make_round()


def found(data):
    return {(problem.path, str(problem.message)) for problem in contradictions.problems(data)}


def paths_found(data):
    return {problem.path for problem in contradictions.problems(data)}


# --- described once -------------------------------------------------------------------------------


def test_every_property_of_every_specification_is_edited_or_named_as_not_edited():
    for shape, known in describe.DESCRIBED.items():
        rows = {path[-1] for path in tree.ROW_LISTS if path[:-1] == shape}
        names = {item.name for item in known.properties} | describe.UNEDITED | rows
        assert set(known.spec.model_fields) - names == set(), shape


def test_every_check_and_argument_has_words():
    assert set(CHECKS) == set(Check)
    assert {kind.value for kind in FieldType} == set(named.field_types())
    assert set(ARGUMENT_TYPES) - set(ARGUMENTS) == {"than_section", "after_section", "degree_section"}


@pytest.mark.parametrize("series", sorted(SHIPPED))
def test_a_form_sent_back_unchanged_changes_nothing(series, database):
    """Whatever a shipped round says, the editor can show and read back."""
    data = data_of(series)
    looked_at = 0
    for path, row in contradictions._rows(data):
        known = describe.described(path)
        if known is None:
            continue
        looked_at += 1
        sent = shown.typed(known, data, path)
        for name, value in typed_values.read(known, typed_values.Form(data, path, sent, row)).items():
            if name not in ("units", "departments", "other_units"):  # chosen from stored units
                assert row[name] == value, (path, name)
        typed_values.check(known, row)
    assert looked_at > 60


# --- the tree -------------------------------------------------------------------------------------


def test_rows_of_one_key_have_identities_of_their_own():
    fields = data_of()["sections"]
    for section in fields:
        identities = [row[tree.ID] for row in section["fields"]]
        assert len(set(identities)) == len(identities)
    assert tree.without_ids(data_of()) == SHIPPED["teacher"].model_dump(mode="json")


@given(st.data())
@settings(max_examples=examples(8, 300), deadline=None)
def test_any_run_of_changes_taken_back_leaves_the_round_as_it_was(draw):
    before = data_of()
    data, done = before, []
    for _step in range(draw.draw(st.integers(1, 6))):
        path = draw.draw(st.sampled_from(["slots", "levels", "requirements", "sections/basic/fields"]))
        rows = tree.at(data, path)
        kind = draw.draw(st.sampled_from(["move", "remove", "set"]))
        row = draw.draw(st.sampled_from(rows))
        here = f"{path}/{row[tree.ID]}"
        if kind == "move":
            behind = draw.draw(st.sampled_from(["", *(r[tree.ID] for r in rows if r is not row)]))
            items = [tree.moving(data, here, behind)]
        elif kind == "remove" and len(rows) > 1:
            items = [tree.removing(data, here)]
        else:
            items = [tree.setting(data, f"{here}/label", {"zh": draw.draw(st.text(max_size=5)), "en": ""})]
        data = tree.applied(data, items)
        done.append(items)
    for items in reversed(done):
        data = tree.applied(data, tree.turned(items))
    assert tree.without_ids(data) == tree.without_ids(before)


# --- drafts ---------------------------------------------------------------------------------------


def test_a_draft_leaves_the_round_alone_and_undo_and_redo_go_back_and_forth(round_, hr):
    drafts.set_values(round_, "dates", {"closes": "2026-11-30"}, 0, hr, NOW)
    drafts.set_values(round_, "dates", {"opens": "2026-09-10"}, 1, hr, NOW)
    assert ReviewRound.objects.get(id=round_.id).spec.dates.closes == date(2026, 12, 31)

    def dates():
        return drafts.draft_of(round_).data["dates"]

    def log():
        return drafts.changes(round_)

    draft = drafts.draft_of(round_)
    drafts.undo(round_, drafts.undoable(draft, log()).revision, hr, NOW)
    assert (dates()["opens"], dates()["closes"]) == ("2026-09-01", "2026-11-30")
    drafts.undo(round_, drafts.undoable(draft, log()).revision, hr, NOW)
    assert dates()["closes"] == "2026-12-31"
    assert drafts.undoable(draft, log()) is None
    drafts.undo(round_, drafts.redoable(draft, log()).revision, hr, NOW)
    drafts.undo(round_, drafts.redoable(draft, log()).revision, hr, NOW)
    assert (dates()["opens"], dates()["closes"]) == ("2026-09-10", "2026-11-30")
    assert drafts.redoable(draft, log()) is None


def test_a_change_that_was_changed_again_is_not_undone_over_the_later_one(round_, hr):
    drafts.set_values(round_, "dates", {"closes": "2026-11-30"}, 0, hr, NOW)
    drafts.set_values(round_, "dates", {"closes": "2026-11-20"}, 1, hr, NOW)
    with pytest.raises(Contested):
        drafts.undo(round_, 1, hr, NOW)
    assert drafts.draft_of(round_).data["dates"]["closes"] == "2026-11-20"


def test_many_at_once_lose_nothing(round_, hr):
    """Ten threads change ten fields of one section on the real database; each change is there."""
    fields = [row[tree.ID] for row in data_of()["sections"][0]["fields"]][:10]
    wrong = []

    def work(identity):
        try:
            path = f"sections/basic/fields/{identity}"
            drafts.set_values(round_, path, {"label": {"zh": f"新{identity}", "en": ""}}, 0, hr, NOW)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(identity,)) for identity in fields]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    data = drafts.draft_of(round_).data
    for identity in fields:
        assert tree.at(data, f"sections/basic/fields/{identity}/label")["zh"] == f"新{identity}"
    assert RoundChange.objects(round=round_.id).count() == 10


def test_the_loser_of_the_same_place_gets_both_values(round_, hr):
    drafts.set_values(round_, "publicity", {"telephone": "甲"}, 0, hr, NOW)
    with pytest.raises(Contested) as raised:
        drafts.set_values(round_, "publicity", {"telephone": "乙", "email": "x@y"}, 0, hr, NOW)
    (place,) = raised.value.places
    assert (place.path, place.current, place.wanted) == ("publicity/telephone", "甲", "乙")
    assert drafts.draft_of(round_).data["publicity"]["email"] != "x@y"


def test_what_another_removed_is_not_brought_back_by_saving(round_, hr):
    drafts.remove(round_, "slots/qualification_certificate", 0, hr, NOW)
    with pytest.raises(Refused):
        drafts.set_values(round_, "slots/qualification_certificate", {"max_files": 3}, 0, hr, NOW)


def test_a_row_that_another_changed_is_not_removed_unseen(round_, hr):
    drafts.set_values(round_, "slots/qualification_certificate", {"max_files": 3}, 0, hr, NOW)
    with pytest.raises(Contested):
        drafts.remove(round_, "slots/qualification_certificate", 0, hr, NOW)


def test_added_rows_never_share_a_key(round_, hr):
    made = [
        drafts.add(round_, "slots", defaults.new_row("slots", data_of(), "证明", ""), None, hr, NOW)
        for _time in range(3)
    ]
    assert made == ["slots/zheng_ming", "slots/zheng_ming_2", "slots/zheng_ming_3"]


def test_whoever_may_not_manage_rounds_changes_nothing(round_, database):
    with pytest.raises(Refused):
        drafts.set_values(round_, "dates", {"closes": "2026-11-30"}, 0, actor_of(make_user(Role.EXPERT)), NOW)


def test_a_page_from_before_time_is_not_found(round_, hr):
    with pytest.raises(NotFound):
        drafts.set_values(round_, "dates", {"closes": "2026-11-30"}, 7, hr, NOW)


def test_discarding_can_be_undone(round_, hr):
    drafts.set_values(round_, "dates", {"closes": "2026-11-30"}, 0, hr, NOW)
    drafts.discard(round_, hr, NOW)
    assert not drafts.is_changed(round_, drafts.draft_of(round_))
    drafts.undo(round_, 2, hr, NOW)
    assert drafts.draft_of(round_).data["dates"]["closes"] == "2026-11-30"


def test_a_round_renewed_from_a_file_is_not_overwritten_by_an_older_draft(round_, hr):
    drafts.set_values(round_, "dates", {"closes": "2026-11-30"}, 0, hr, NOW)
    newer = round_.spec.model_copy(update={"certificate_masks_id": not round_.spec.certificate_masks_id})
    round_files.import_round(newer, NOW)
    with pytest.raises(Refused):
        publishing.publish(round_, 1, hr, NOW)
    fresh = ReviewRound.objects.get(id=round_.id)
    drafts.discard(fresh, hr, NOW)
    draft = drafts.set_values(fresh, "dates", {"closes": "2026-11-30"}, 2, hr, NOW)
    assert publishing.publish(fresh, draft.revision, hr, NOW).version == fresh.version + 1


# --- problems, one by one -------------------------------------------------------------------------


@pytest.mark.parametrize("series", sorted(SHIPPED))
def test_the_shipped_rounds_have_no_problems(series):
    assert found(data_of(series)) == set()


@pytest.mark.parametrize(
    ("path", "value", "where", "says"),
    [
        ("dates/closes", "2026-08-01", "dates", "截止日早于开始日"),
        ("dates/opens", "2023-09-01", "dates", "相差太多"),
        ("levels", [], "levels", "还没有级别"),
        ("committees", [], "committees", "还没有评委会"),
        ("editions", [], "editions", "还没有评审标准"),
        ("kinds", [], "kinds", "至少勾选一种"),
        ("second_person", False, "second_person_reason", "理由"),
        ("requirements", [], "requirements", "没有任何申报要求"),
        ("quotas", {"gone": 3}, "quotas", "已移除的级别"),
        ("voting/majority", [1, 2], "voting", "三分之二"),
        ("voting/quorum", [3, 5], "voting", "三分之二"),
        ("voting/quorum", [-2, -3], "voting", "三分之二"),
        ("voting/majority", [4, 3], "voting", "三分之二"),
        ("voting/minimum_opinions", 2, "voting", "至少 3 份"),
        ("publicity/unit_days", 4, "publicity", "不能少于 5"),
        ("publicity/result_days", 31, "publicity", "最多 30"),
        ("levels/senior/rank", 3, "levels", "高低次序"),
        ("levels/senior/title", {"zh": "副教授", "en": ""}, "levels/senior", "有两项都叫"),
        ("committees/teacher-committee/valid_until", "2026-10-01", "committees/teacher-committee", "到期"),
        ("editions/2025/when", {**conditions.ALWAYS, "kinds": ["first"]}, "editions", "适用于所有人"),
        ("editions/2025/clauses/s1/sections", [], "editions/2025/clauses/s1", "没有指定"),
        (
            "slots/qualification_certificate/when",
            {**conditions.ALWAYS, "levels": ["x"]},
            "slots/qualification_certificate",
            "已移除的级别",
        ),
        (
            "sections/basic/fields/ethnicity/visible",
            False,
            "sections/basic/fields/ethnicity",
            "不显示给任何人",
        ),
        (
            "sections/basic/fields/ethnicity/type",
            "choice",
            "sections/basic/fields/ethnicity",
            "至少要有一个选项",
        ),
        ("sections/basic/fields", [], "sections/basic", "还没有栏目"),
    ],
    ids=lambda value: value if isinstance(value, str) and "/" in value else None,
)
def test_a_contradiction_is_found_where_it_is(path, value, where, says):
    data = data_of()
    data = tree.applied(data, [tree.setting(data, path, value)])
    assert any(at == where and says in text for at, text in found(data)), found(data)


def test_all_problems_are_found_at_once():
    data = data_of()
    for path, value in (("dates/closes", "2026-08-01"), ("voting/majority", [1, 2]), ("kinds", [])):
        data = tree.applied(data, [tree.setting(data, path, value)])
    assert {"dates", "voting", "kinds"} <= paths_found(data)


def test_two_slots_of_one_name_and_rules_on_what_is_gone_are_found():
    data = data_of()
    first, second = data["slots"][:2]
    data = tree.applied(data, [tree.setting(data, f"slots/{first['_id']}/label", second["label"])])
    assert {f"slots/{first['_id']}", f"slots/{second['_id']}"} <= paths_found(data)
    row = next(row for row in data["requirements"] if row["section"] == "work_history" and row["field"])
    data = tree.applied(data, [tree.removing(data, f"sections/work_history/fields/{row['field']}")])
    assert f"requirements/{row['_id']}" in paths_found(data)


def test_an_edition_that_nobody_falls_under_is_found():
    data = data_of()
    data = tree.applied(data, [tree.moving(data, "editions/2025", "2017")])
    assert "editions/2017" in paths_found(data)


def test_a_round_with_problems_neither_opens_nor_comes_into_force(round_, hr):
    drafts.set_values(round_, "dates", {"closes": "2026-08-01"}, 0, hr, NOW)
    with pytest.raises(publishing.HasProblems):
        publishing.publish(round_, 1, hr, NOW)


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ({}, "所有人"),
        ({"levels": ["senior", "associate", "middle"]}, "讲师及以上"),
        ({"levels": ["junior", "middle"]}, "讲师及以下"),
        ({"levels": ["associate"]}, "副教授"),
        ({"levels": ["senior", "middle"]}, "讲师、教授"),
        ({"kinds": ["promotion", "change"]}, "初次申报除外"),
        ({"kinds": ["first"], "exceptional": False}, "初次申报，非破格申报"),
        ({"roster_before": {"joined_on": "2018-01-01"}}, "来校时间早于 2018-01-01"),
    ],
    ids=["all", "above", "below", "one", "some", "but", "both", "before"],
)
def test_conditions_are_said_as_hr_would(condition, says):
    assert str(conditions.sentence(data_of(), conditions.ALWAYS | condition)) == says


def test_texts_name_their_fields_and_refuse_others():
    names = {"name": "项目名称", "kind": "类别"}
    assert places.shown("{kind}[：{name|无}]", names) == "{类别}[：{项目名称|无}]"
    assert places.stored("{类别}[：{项目名称|无}]", names) == "{kind}[：{name|无}]"
    with pytest.raises(places.UnknownPlace):
        places.stored("{经费}", names)


def test_a_value_is_said_in_words_not_in_keys(database):
    data = data_of()
    said = {
        f"{path}/{item.name}" if path else item.name: row[item.name]
        for path, row in contradictions._rows(data)
        if (known := describe.described(path))
        for item in known.properties
        if item.name in row
    }
    assert len(said) > 100
    assert [path for path, value in said.items() if "'zh'" in str(sentences.value(data, path, value))] == []


def test_messages_name_their_places_in_both_languages():
    row = {"message": {"zh": "现有 {have}，需要 {need}", "en": "You have {have} of {need}"}}
    name = sentences.row_name("requirements/x", row)
    assert (name.zh, name.en) == ("现有 {现有}，需要 {需要}", "You have {present} of {needed}")


# --- files, years ---------------------------------------------------------------------------------


@pytest.mark.parametrize("series", sorted(SHIPPED))
def test_yaml_out_and_in_again_is_the_same_round(series):
    assert yaml_file.read(yaml_file.written(SHIPPED[series]).encode()) == SHIPPED[series]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"\xff\xfe", 1),
        (b"", 1),
        (b"[1, 2]", 1),
        (b"year: 2026\ntitle: [", 2),
        (b"base: [x]", 1),
        (b"&a [*a]", 1),
        (b"a: &a [" + b"1," * 900 + b"]\nb: &b [" + b"*a," * 900 + b"]\nc: [" + b"*b," * 900 + b"]", 1),
        (b"!!python/object/apply:os.system [ls]", 1),
        (b"x: 9999-99-99", 1),
        (b"a" * (yaml_file.LARGEST + 1), 1),
        (b'year: 2026\ncode: !!int ""', 2),
        (b"a: !!bool x", 1),
        (b'a: !!float ""', 1),
        (b"a: !!timestamp x", 1),
        (b"a: 1\nb: !!binary YQ==", 2),
        (b"year: 99999999999999999999", 1),
        (b"year: 1" + b":59" * 100, 1),
        (b"a: 1\nb: .inf", 2),
        (b"a: 1.0e+400", 1),
        (b'title: "\\ud800"', 1),
        (b"quotas:\n  \"a\\0\": 1", 2),
        (b"[" * 100_000, 1),
    ],
    ids=[
        "latin", "empty", "list", "broken", "base", "loop", "bomb", "code", "date", "large",
        "no number", "no yes or no", "no fraction", "no time", "bytes", "too large a number", "sixties",
        "endless", "too much", "half a character", "nothing in a name", "deep",
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_line(content, line):
    with pytest.raises(yaml_file.BadFile) as raised:
        yaml_file.read(content)
    assert raised.value.lines[0][0] == line


@pytest.mark.parametrize(
    "content",
    [b"".join(b"k%d: 1\n" % n for n in range(80_000)), b"a: [" + b"1," * 500_000 + b"]"],
    ids=["names", "values"],
)
def test_a_file_of_many_things_is_given_up_soon(content):
    """The parser is slow, and everybody waits for it: a file of a megabyte took a minute."""
    begun = time.process_time()
    with pytest.raises(yaml_file.BadFile):
        yaml_file.read(content)
    assert time.process_time() - begun < 15


def test_a_wrong_item_is_found_by_its_line():
    text = yaml_file.written(SHIPPED["teacher"]).replace("type: month", "type: mounth", 1)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "mounth" in row)
    with pytest.raises(yaml_file.BadFile) as raised:
        yaml_file.read(text.encode())
    assert line in [number for number, _why in raised.value.lines]


def test_the_rules_of_a_vote_stay_while_a_meeting_runs(round_, hr):
    """Whoever knows how the votes fall could otherwise still choose what counts as passed (R10, R11)."""
    meeting = make_meeting(make_committee(3), round=round_, state=MeetingState.OPEN.value, opened_at=NOW)
    draft = drafts.set_values(round_, "voting", {"majority": [3, 4]}, 0, hr, NOW)
    assert "voting" in {problem.path for problem in publishing.all_problems(round_, draft.data)}
    with pytest.raises(publishing.HasProblems):
        publishing.publish(round_, draft.revision, hr, NOW)
    Meeting.objects(id=meeting.id).update_one(set__state=MeetingState.CLOSED.value)
    assert publishing.publish(round_, draft.revision, hr, NOW).spec.voting.majority == (3, 4)


def test_other_rules_may_change_while_a_meeting_runs(round_, hr):
    make_meeting(make_committee(3), round=round_, state=MeetingState.OPEN.value, opened_at=NOW)
    draft = drafts.set_values(round_, "dates", {"closes": "2026-11-30"}, 0, hr, NOW)
    assert publishing.publish(round_, draft.revision, hr, NOW).version == round_.version + 1


def test_another_year_moves_the_dates_and_nothing_that_is_a_fact(round_, hr):
    made = publishing.clone(round_, 2028, hr, NOW)
    assert made.spec.dates.closes == date(2028, 12, 31)
    assert made.spec.title.zh.startswith("2028 年度")
    assert made.spec.code == "teacher-2028"
    assert made.spec.edition("2017") == round_.spec.edition("2017")
    assert made.spec.committees == round_.spec.committees
    assert contradictions.problems(tree.with_ids(made.data)) == []
    with pytest.raises(Invalid):
        publishing.clone(round_, 2028, hr, NOW)


def test_leap_day_moves_to_the_last_of_february():
    data = tree.without_ids(data_of())
    data["dates"]["opens"] = "2028-02-29"
    data["year"] = 2028
    assert publishing.moved(data, 2029)["dates"]["opens"] == "2029-02-28"


def test_comparing_names_what_is_new_gone_moved_and_changed():
    before = data_of()
    after = tree.applied(before, [tree.removing(before, f"slots/{before['slots'][0]['_id']}")])
    after = tree.applied(after, [tree.setting(after, "dates/closes", "2026-11-30")])
    after = tree.applied(after, [tree.moving(after, "levels/senior", "junior")])
    new = defaults.new_row("specialities", after, "法学", "") | {"_id": "fa_xue"}
    after = tree.applied(after, [tree.adding("specialities", new, "")])
    seen = [
        (row.path.split("/")[0], row.before is None, row.after is None)
        for row in comparing.compare(before, after)
    ]
    assert sorted(seen) == [
        ("dates", False, False),
        ("levels", True, True),
        ("slots", False, True),
        ("specialities", True, False),
    ]


# --- whatever HR does -----------------------------------------------------------------------------


@given(st.data())
@settings(max_examples=examples(6, 200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_added_is_whole_and_shows_reads_and_leaves_as_yaml_unchanged(draw):
    """Any rows added by their defaults: each form reads back, nothing stops, files are the same."""
    data = data_of(draw.draw(st.sampled_from(sorted(SHIPPED))))
    for _step in range(draw.draw(st.integers(1, 5))):
        forms = [f"sections/{one['_id']}/fields" for one in data["sections"] if one["fields"]]
        path = draw.draw(st.sampled_from([*forms, "sections", "slots", "requirements"]))
        kinds = {"requirements": [check.value for check in Check], "sections": ["record", "list"]}
        kind = draw.draw(st.sampled_from(kinds.get(path, [kind.value for kind in FieldType])))
        label = draw.draw(st.text(min_size=1, max_size=12).filter(str.strip))
        try:
            row = defaults.new_row(path, data, label, kind)
        except Invalid:
            continue
        key = tree.ROW_LISTS[tree.shape_of(path)]
        name = tree.unused(row[key], {one[key] for one in tree.at(data, path)})
        row = tree.with_ids({"sections": [row]})["sections"][0] if path == "sections" else row
        data = tree.applied(data, [tree.adding(path, row | {key: name, tree.ID: name}, "")])
        here = f"{path}/{name}"
        known = describe.described(here)
        sent = shown.typed(known, data, here)
        read = typed_values.read(known, typed_values.Form(data, here, sent, tree.at(data, here)))
        assert {name: tree.at(data, here)[name] for name in read} == read
        assert str(sentences.summary(data, here, tree.at(data, here)))
    if not contradictions.problems(data):
        spec = RoundSpec.model_validate(tree.without_ids(data))
        assert yaml_file.read(yaml_file.written(spec).encode()) == spec
