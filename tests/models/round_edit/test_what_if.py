"""A change of rules in mid-season: whom it affects and how, who is told, and who keeps the old rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.application import Application
from models.choices import Role, RoundState, State
from models.field_spec import Text
from models.messages import Message
from models.outbox import OutboxRow
from models.review_round import ReviewRound, RoundVersion
from models.round_spec import RoundSpec
from models.sections import SectionRecord
from models.values import PartialDate
from panel.domain.actors import ANONYMOUS, Actor
from panel.domain.checks.requirements import unmet
from panel.domain.content import following
from panel.domain.round_edit.impact.rule_changes import Affected
from panel.domain.round_edit.impact.what_if import MOST_NAMED, WhatIf, tell, what_if
from panel.domain.rounds import round_files
from tests.contents import make_complete, make_lecturer, qualification
from tests.factories import NOW, fresh, make_actor, make_round, make_unit
from tests.lengths import examples

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def hr() -> Actor:
    return make_actor(Role.UNIT_HR)


def changed(round: ReviewRound, **changes: Any) -> RoundSpec:
    return RoundSpec.model_validate(round.data | changes)


def with_field(round: ReviewRound, section: str, key: str, **changes: Any) -> RoundSpec:
    """The round with one field changed."""
    sections = [
        row
        if row["key"] != section
        else row | {"fields": [f | changes if f["key"] == key else f for f in row["fields"]]}
        for row in round.data["sections"]
    ]
    return changed(round, sections=sections)


def stricter(round: ReviewRound) -> RoundSpec:
    """The former name is now required."""
    return with_field(round, "basic", "former_name", required=True)


def store(round: ReviewRound, spec: RoundSpec) -> ReviewRound:
    """The round with new rules, as publishing stores it."""
    return round_files.import_round(spec, NOW, RoundState.OPEN)


def words(parts: Any) -> list[str]:
    return [str(getattr(part, "words", part)) for part in parts]


def only(result: WhatIf) -> Affected:
    assert len(result.named) == 1, result.named
    return result.named[0]


# --- whom ---


def test_same_rules_affect_nobody(hr: Actor) -> None:
    round_ = make_round()
    make_complete(round=round_)
    result = what_if(round_, round_.spec, hr, NOW)
    assert (result.in_hand, result.affected, result.named) == ({State.DRAFT: 1}, {}, [])


def test_draft_feels_a_new_rule_at_once_and_what_was_submitted_does_not(hr: Actor) -> None:
    round_ = make_round()
    draft = make_complete(round=round_)
    make_complete(State.SUBMITTED, round=round_)
    make_complete(State.RETURNED, round=round_)
    make_complete(State.WITHDRAWN, round=round_, is_live=False)
    result = what_if(round_, stricter(round_), hr, NOW)
    assert result.in_hand == {State.DRAFT: 1, State.SUBMITTED: 1, State.RETURNED: 1}
    assert result.affected == {State.DRAFT: 1}
    assert result.bound == 2
    one = only(result)
    assert (one.id, one.name, one.is_bound) == (draft.id, "林晓静", False)
    assert words(one.new) == ["基本信息：曾用名"]
    assert (one.gone, one.hidden, one.lost) == ((), (), ())
    assert result.new == {"required.basic.former_name": 1}


def test_what_was_submitted_is_compared_on_demand(hr: Actor) -> None:
    round_ = make_round()
    make_complete(State.SUBMITTED, round=round_)
    result = what_if(round_, stricter(round_), hr, NOW, also_submitted=True)
    assert (result.affected, only(result).is_bound, result.told) == ({State.SUBMITTED: 1}, True, [])


def test_only_people_whom_one_may_see_are_named_but_all_are_counted(hr: Actor) -> None:
    round_ = make_round()
    make_complete(round=round_)
    elsewhere = make_unit(code="other", name="另一学院")
    make_complete(round=round_, person=make_lecturer(unit=elsewhere))
    result = what_if(round_, stricter(round_), hr, NOW)
    assert (result.affected[State.DRAFT], len(result.named)) == (2, 1)
    assert what_if(round_, stricter(round_), ANONYMOUS, NOW).named == []


def test_list_of_names_ends_and_the_count_goes_on(hr: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panel.domain.round_edit.impact.what_if.MOST_NAMED", 2)
    round_ = make_round()
    for _ in range(3):
        make_complete(round=round_)
    result = what_if(round_, stricter(round_), hr, NOW)
    assert (len(result.named), result.drafts_affected, len(result.told)) == (2, 3, 3)
    assert MOST_NAMED == 200


# --- how ---


def test_rule_that_goes_is_said_and_nothing_of_the_content_is(hr: Actor) -> None:  # G30
    round_ = make_round()
    record = qualification(title1_approved_on=PartialDate(2018, 12, 20))
    record.put("title1_name", "工程师（保密）")
    make_complete(round=round_, qualification=record)
    requirements = [row for row in round_.data["requirements"] if row["id"] != "title-as-in-roster"]
    one = only(what_if(round_, changed(round_, requirements=requirements), hr, NOW))
    assert [difference.id for difference in one.gone] == ["title-as-in-roster"]
    assert "现职称" in words(one.gone)[0]
    assert "保密" not in repr(one)


def test_field_that_is_hidden_and_section_that_goes_are_said(hr: Actor) -> None:
    round_ = make_round()
    make_complete(round=round_)
    hidden = with_field(round_, "basic", "ethnicity", visible=False)
    assert words(only(what_if(round_, hidden, hr, NOW)).hidden) == ["“民族”已填的 1 项内容不再需要"]
    rest = [row for row in round_.data["sections"] if row["key"] != "education"]
    rows = [row for row in round_.data["requirements"] if row["section"] != "education"]
    gone = changed(round_, sections=rest, requirements=rows)
    assert words(only(what_if(round_, gone, hr, NOW)).hidden) == ["“教育经历”已填的 1 项内容不再需要"]


def test_slot_that_goes_is_said(hr: Actor) -> None:
    round_ = make_round()
    make_complete(round=round_)
    slots = [row for row in round_.data["slots"] if row["key"] != "material_table"]
    one = only(what_if(round_, changed(round_, slots=slots), hr, NOW))
    assert words(one.hidden) == ["“其他业绩成果相关证明材料”已上传的 1 份文件不再需要"]


def test_option_that_was_chosen_and_goes_is_said_without_its_words(hr: Actor) -> None:
    round_ = make_round()
    make_complete(round=round_)
    options = [{"value": "league", "label": "共青团员"}]
    one = only(what_if(round_, with_field(round_, "basic", "party", options=options), hr, NOW))
    assert words(one.lost) == ["“党团”所选的选项已不能选择"]
    assert words(one.new) == ["基本信息：党团"]


def test_clause_that_was_chosen_and_goes_is_said(hr: Actor) -> None:  # G22
    round_ = make_round()
    make_complete(round=round_)
    editions = [
        edition | {"clauses": [row for row in edition["clauses"] if row["key"] != "a6"]}
        for edition in round_.data["editions"]
    ]
    one = only(what_if(round_, changed(round_, editions=editions), hr, NOW))
    assert words(one.lost) == ["“符合条款”所选的选项已不能选择"]
    assert [difference.id for difference in one.new] == ["publications-clause"]


def test_level_and_speciality_that_go_are_said(hr: Actor) -> None:
    round_ = make_round()
    make_complete(round=round_, speciality="mathematics")
    specialities = [row for row in round_.data["specialities"] if row["value"] != "mathematics"]
    lost = changed(round_, specialities=specialities)
    assert words(only(what_if(round_, lost, hr, NOW)).lost) == ["所选的申报专业已不在批次中"]


@pytest.mark.parametrize("level", ["senior", "associate", "middle", "junior"])
def test_round_without_the_level_that_was_chosen_stops_nothing(hr: Actor, level: str) -> None:
    round_ = make_round()
    make_complete(round=round_)
    data = round_.data
    pruned = {
        "levels": [row for row in data["levels"] if row["key"] != level],
        "quotas": {},
        "first_levels": [key for key in data["first_levels"] if key != level],
        "slots": [row | {"months": {}} for row in data["slots"]],
        "requirements": [],
        "editions": [
            edition | {"clauses": [row | {"levels": []} for row in edition["clauses"]]}
            for edition in data["editions"]
        ],
    }
    named = what_if(round_, changed(round_, **pruned), hr, NOW).named
    assert [words(one.lost) for one in named] == (
        [["所选的申报级别已不在批次中"]] if level == "associate" else []
    )


def test_edition_that_applies_instead_is_said_and_drafts_follow_it(hr: Actor) -> None:  # G22
    round_ = make_round()
    draft = make_complete(round=round_)
    handed_in = make_complete(State.SUBMITTED, round=round_)
    newer = round_.data["editions"][0] | {"key": "2026", "label": "2026 版"}
    spec = changed(round_, editions=[*round_.data["editions"], newer])
    assert "变为“2026 版”" in words(only(what_if(round_, spec, hr, NOW)).lost)[0]
    assert following.follow_round(store(round_, spec), NOW) == 1
    assert (fresh(draft).edition, fresh(handed_in).edition) == ("2026", "2025")
    assert fresh(draft).content_revision > draft.content_revision


def test_locked_field_that_the_roster_fills_in_is_no_new_thing_to_do(hr: Actor) -> None:
    round_ = make_round()
    record = qualification()
    record.put("title1_name", None)
    draft = make_complete(round=round_, qualification=record)
    spec = with_field(round_, "qualification", "title1_name", locked=True)
    one = only(what_if(round_, spec, hr, NOW))
    assert (one.new, [difference.id for difference in one.gone]) == (
        (),
        ["required.qualification.title1_name"],
    )
    assert following.follow_round(store(round_, spec), NOW) == 1
    assert fresh(draft).record("qualification").get("title1_name") == "讲师"


# --- in mid-season ---


def test_draft_takes_the_new_rules_and_a_submitted_and_a_returned_case_keep_theirs(hr: Actor) -> None:
    round_ = make_round()
    draft = make_complete(round=round_)
    handed_in = make_complete(State.SUBMITTED, round=round_)
    back = make_complete(State.RETURNED, round=round_, deadline=NOW + timedelta(days=5))
    spec = stricter(round_)
    newer = store(round_, spec)
    assert (round_.version, newer.version) == (1, 2)
    assert RoundVersion.objects(round=newer).count() == 2
    findings = {}
    for case in (draft, handed_in, back):
        findings[case.id] = [finding.id for finding in unmet(fresh(case), NOW)]
    assert findings == {draft.id: ["required.basic.former_name"], handed_in.id: [], back.id: []}
    assert fresh(back).spec.section("basic").field("former_name").required is False


def test_everyone_whose_draft_is_affected_is_told_once(hr: Actor) -> None:
    round_ = make_round()
    draft = make_complete(round=round_)
    make_complete(State.SUBMITTED, round=round_)
    result = what_if(round_, stricter(round_), hr, NOW)
    assert OutboxRow.objects.count() == 0
    assert tell(result, NOW, note="请于周五前补填。") == 1
    notice = OutboxRow.objects.get()
    assert (notice.person.id, notice.link) == (draft.person.id, f"/my/application/{draft.id}/check")
    assert "新增 1 项" in str(notice.text)
    assert "请于周五前补填。" in str(notice.text)
    assert notice.try_at == NOW


def test_nobody_is_told_of_a_change_that_is_not_felt(hr: Actor) -> None:
    round_ = make_round()
    make_complete(round=round_)
    result = what_if(round_, with_field(round_, "basic", "school", help="毕业证上的校名"), hr, NOW)
    assert (result.affected, tell(result, NOW)) == ({}, 0)


_SECTIONS = ("basic", "qualification", "education", "work_history", "performance", "publications")


@given(data=st.data())
@settings(
    max_examples=examples(4, 100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_change_of_a_field_stops_the_comparison(database: Any, data: st.DataObject) -> None:
    """Whatever HR makes of a field, what was entered before is read or said to be lost, never a crash."""
    round_ = make_round()
    Application.objects.delete()
    make_complete(round=round_, sections={"own": SectionRecord(version=1)})
    chosen = data.draw(st.sampled_from(_SECTIONS))
    section = next(row for row in round_.data["sections"] if row["key"] == chosen)
    field = data.draw(st.sampled_from(section["fields"]))
    options = [{"value": "x", "label": "甲"}]
    types = ["text", "number", "date", "month", "range", "choices", "yes_no", "person", "phone", "clause"]
    change: dict[str, Any] = {
        "type": data.draw(st.sampled_from(types)),
        "options": options,
        "required": data.draw(st.booleans()),
        "visible": data.draw(st.booleans()),
        "locked": False,
    }
    sections = [
        row | {"fields": [f | change if f["key"] == field["key"] else f for f in row["fields"]]}
        if row["key"] == section["key"]
        else row
        for row in round_.data["sections"]
    ]
    rows = [
        row
        for row in round_.data["requirements"]
        if field["key"] not in (row["field"], *map(str, row["arguments"].values()))
    ]
    spec = changed(round_, sections=sections, requirements=rows)
    result = what_if(round_, spec, ANONYMOUS, NOW)
    assert result.in_hand == {State.DRAFT: 1}
    assert all(isinstance(said, Message | Text) for said in result.words.values())


def test_a_rule_that_reports_several_entries_of_one_person_counts_that_person_once(hr: Actor) -> None:
    round_ = make_round()
    make_complete(round=round_)
    one = {
        "id": "own",
        "check": "empty",
        "section": "publications",
        "field": "name",
        "message": "“{entry}”的名称要留空",
    }
    result = what_if(round_, changed(round_, requirements=[*round_.data["requirements"], one]), hr, NOW)
    assert len([part for part in only(result).new if part.id == "own"]) == 2
    assert result.new["own"] == 1
