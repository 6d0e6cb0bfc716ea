"""A round that can't work is refused when it is read, with the place and the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models.field_spec import FieldSpec, Text
from models.form_spec import SectionSpec
from models.round_spec import RoundSpec
from panel.domain.rounds import round_files
from panel.domain.rounds.round_files import BadRound
from tests.factories import shipped_data, shipped_spec

TEACHER = next(path for path in round_files.shipped() if path.stem == "teacher")
DATA = shipped_data()


def row(**values: Any) -> dict[str, Any]:
    given = {"id": "own", "check": "filled", "section": "basic", "field": "school", "message": "请填写"}
    return given | values


def test_shipped_rounds_are_read_and_survive_storing() -> None:
    assert [path.stem for path in round_files.shipped()] == ["engineering", "lab", "teacher"]
    for path in round_files.shipped():
        spec = round_files.load_file(path)
        assert RoundSpec.model_validate(spec.model_dump(mode="json")) == spec


#: What in the way of papers shows the holder's ID number (R23).
SHOWS_ID = ("社保", "职称任职资格证书", "现职称证书", "职业资格证书", "成绩单")


def test_scans_that_show_an_id_number_are_closed_in_every_shipped_round() -> None:
    """Experts, endorsing offices and the supervision don't open them."""
    for path in round_files.shipped():
        slots = shipped_spec(path.stem).slots
        showing = [slot for slot in slots if any(word in slot.label.zh for word in SHOWS_ID)]
        assert showing, path.stem
        assert [slot.label.zh for slot in showing if not slot.private] == [], path.stem


def test_plain_string_is_a_chinese_text() -> None:
    assert RoundSpec.model_validate(DATA | {"title": "某批次"}).title == Text(zh="某批次")


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        (row(check="guess"), "requirements.0.check"),
        (row(section="nowhere"), "no section nowhere"),
        (row(field="nothing"), "no field nothing"),
        (row(field=""), "filled needs a field"),
        (row(arguments={"minimum": 1}), "unknown argument minimum"),
        (row(check="equals_fact"), "no argument fact"),
        (row(check="equals_fact", arguments={"fact": "salary"}), "no fact salary"),
        (row(check="distinct", arguments={"other": "nothing"}), "no field nothing"),
        (row(check="count", field=""), "count needs a list, not basic"),
        (row(check="count", section="education", field="", arguments={"minimum": "1"}), "wrong type"),
        (
            row(check="age", field="birth_date", arguments={"minimum": {"junior": 1}, "until": "opens"}),
            "argument minimum is of the wrong type",
        ),
        (row(check="count", section="education", field="", arguments={"where": {"x": [1]}}), "no field x"),
        (row(check="not_later", arguments={"date": "midsummer"}), "no date midsummer"),
        (row(check="not_earlier", arguments={"than": "nothing"}), "no field nothing"),
        (row(check="not_earlier", arguments={"than": "a", "than_section": "x"}), "no section x"),
        (row(check="attached", section="attachments", field="", arguments={"slot": "x"}), "no slot x"),
        (row(check="years_match", arguments={"list": "basic", "until": "years_until"}), "no list basic"),
        (row(check="in_service"), "in_service doesn't look at basic"),
        (row(section="choice", field="level"), "filled doesn't look at choice"),
        (row(when={"values": {"nothing": [1]}}), "no field nothing"),
        (row(when={"weather": "fine"}), "when.weather"),
    ],
)
def test_row_that_would_never_report_anything_is_refused(requirement: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason.replace(".", r"\.")):
        RoundSpec.model_validate(DATA | {"requirements": [requirement]})


def test_same_row_on_a_field_that_is_there_is_accepted() -> None:
    assert RoundSpec.model_validate(DATA | {"requirements": [row()]}).requirements[0].field == "school"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"requirements": [row(), row()]}, "requirements: the same key twice"),
        ({"sections": DATA["sections"] + DATA["sections"][:1]}, "sections: the same key twice"),
        ({"dates": DATA["dates"] | {"closes": "2026-08-31"}}, "closes before it opens"),
        ({"first_levels": ["master"]}, "no level master"),
        ({"quotas": {"master": 1}}, "no level master"),
        ({"levels": DATA["levels"][:3]}, "no level junior"),
        ({"colour": "red"}, "colour"),
        ({"code": "Teacher 2026"}, "code"),
    ],
)
def test_round_that_contradicts_itself_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        RoundSpec.model_validate(DATA | changes)


def field(**values: Any) -> dict[str, Any]:
    return {"key": "some", "label": "某项"} | values


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (field(type="choice"), "a choice without options"),
        (field(source="salary"), "the roster has no salary"),
        (field(locked=True), "locked, but without a source"),
        (field(key="Some thing"), "key"),
    ],
)
def test_field_that_nobody_could_fill_in_is_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        FieldSpec.model_validate(given)


def section(*fields: dict[str, Any], **values: Any) -> SectionSpec:
    kinds = [{"key": "project", "label": "项目"}, {"key": "award", "label": "奖励"}]
    given = {"key": "own", "label": "自定", "shape": "list", "kinds": kinds, "fields": list(fields)}
    return SectionSpec.model_validate(given | values)


def test_key_may_stand_for_fields_of_different_kinds_of_entry() -> None:
    spec = section(
        field(when={"entry_kinds": ["project"]}), field(label="另一项", when={"entry_kinds": ["award"]})
    )
    assert str(spec.field("some", "award").label) == "另一项"
    assert str(spec.field("some").label) == "某项"
    with pytest.raises(KeyError):
        spec.field("other")


@pytest.mark.parametrize(
    ("fields", "values", "reason"),
    [
        ([field(), field()], {}, "the field some twice"),
        ([field(), field(when={"entry_kinds": ["award"]})], {}, "the field some twice"),
        (
            [field(when={"entry_kinds": ["project"]}), field(type="month", when={"entry_kinds": ["award"]})],
            {},
            "the field some is of two types",
        ),
        ([field(when={"entry_kinds": ["gone"]})], {}, "no kind gone"),
        ([field(when={"values": {"gone": [1]}})], {}, "no field gone"),
        ([field(required_when={"values": {"gone": [1]}})], {}, "no field gone"),
        ([field()], {"none_columns": ["gone"]}, "no column gone"),
        ([field()], {"order_by": "gone"}, "no field gone"),
        ([field()], {"shape": "attachments"}, "slots, not fields"),
    ],
)
def test_section_that_contradicts_itself_is_refused(
    fields: list[dict[str, Any]], values: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        section(*fields, **values)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a\n- b\n", "不是键值结构"),
        ("code: [", "无法读取"),
        ("base: [nowhere.yaml]\n", "无法读取"),
        ("code: teacher\n", "有误"),
    ],
)
def test_file_that_is_no_round_is_refused_with_its_name(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadRound, match=reason) as refusal:
        round_files.load_file(path)
    assert "yaml" in str(refusal.value.message)


def test_file_adds_to_its_base_and_replaces_what_is_not_a_list(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("slots: [{key: one, label: 一}]\nyear: 2025\n", encoding="utf-8")
    path = tmp_path / "mine.yaml"
    text = f"base: [{TEACHER}, base.yaml]\nyear: 2027\nslots: [{{key: two, label: 二}}]\n"
    path.write_text(text, encoding="utf-8")
    spec = round_files.load_file(path)
    assert spec.year == 2027
    assert [slot.key for slot in spec.slots][-2:] == ["one", "two"]
