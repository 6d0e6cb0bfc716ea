"""After a resubmission HR sees what changed, and only that."""

import pytest

from models.sections import ReturnItem
from models.values import configure_key, encrypt
from panel.domain.content.changes import Changes, FieldChange, How, compare, is_answered


@pytest.fixture(autouse=True)
def _key() -> None:
    configure_key(b"k" * 32)


def entry(uid: str, section: str = "performance", **parts):
    values = parts.pop("values", {})
    return {"uid": uid, "section": section, "values": values, "version": 1, **parts}


def test_same_content_has_no_changes():
    content = {"sections": {"basic": {"values": {"phone": "1"}}}, "education": [entry("a", "education")]}
    changes = compare(content, content)
    assert changes == Changes()
    assert not changes
    assert changes.count == 0


def test_changed_field_of_a_record_names_both_values():
    changes = compare(
        {"sections": {"basic": {"values": {"post": "教师", "email": "a@b.cn"}, "version": 1}}},
        {"sections": {"basic": {"values": {"post": "实验员", "email": "a@b.cn"}, "version": 7}}},
    )
    assert changes.records == {"basic": {"post": FieldChange("post", "教师", "实验员")}}
    assert changes.record_field("basic", "post").after == "实验员"
    assert changes.record_field("basic", "email") is None
    assert changes.touches("basic")
    assert not changes.touches("education")


def test_field_that_was_filled_or_emptied_is_a_change():
    changes = compare(
        {"sections": {"basic": {"values": {"a": "1"}}}}, {"sections": {"basic": {"values": {"b": "2"}}}}
    )
    assert changes.records["basic"] == {"a": FieldChange("a", "1", None), "b": FieldChange("b", None, "2")}


def test_value_sealed_again_is_no_change():
    before, after = encrypt("330106199001011234"), encrypt("330106199001011234")
    assert before != after
    changes = compare(
        {"sections": {"basic": {"values": {"id": before}}}},
        {"sections": {"basic": {"values": {"id": after}}}},
    )
    assert not changes


def test_changed_sealed_value_is_compared_in_clear():
    changes = compare(
        {"sections": {"basic": {"values": {"phone": encrypt("13800000001")}}}},
        {"sections": {"basic": {"values": {"phone": encrypt("13800000002")}}}},
    )
    assert changes.record_field("basic", "phone") == FieldChange("phone", "13800000001", "13800000002")


def test_entries_are_paired_by_uid_not_by_position():
    first, second = entry("a", values={"name": "甲"}), entry("b", values={"name": "乙"})
    changes = compare({"achievements": [first, second]}, {"achievements": [second]})
    assert list(changes.entries) == ["a"]
    assert changes.entries["a"].how is How.REMOVED
    assert changes.entries["a"].before["values"] == {"name": "甲"}
    assert changes.removed_from("performance") == [changes.entries["a"]]


def test_added_and_changed_entries_are_told_apart():
    changes = compare(
        {"achievements": [entry("a", values={"name": "甲"}, start="2023-01")]},
        {"achievements": [entry("a", values={"name": "甲"}, start="2023-05"), entry("b")]},
    )
    assert changes.entries["a"].how is How.CHANGED
    assert dict(changes.entries["a"].fields) == {"start": FieldChange("start", "2023-01", "2023-05")}
    assert changes.entries["b"].how is How.ADDED
    assert changes.count == 2


def test_judgement_version_and_time_of_an_entry_are_not_its_content():
    changes = compare(
        {"achievements": [entry("a", judgement={"verdict": "doubt"}, changed_at=1)]},
        {"achievements": [entry("a", judgement=None, changed_at=2) | {"version": 9}]},
    )
    assert not changes


def test_entry_of_a_table_of_hr_is_found_in_its_section():
    changes = compare(
        {"sections": {"mentoring": {"values": {}, "entries": []}}},
        {"sections": {"mentoring": {"values": {}, "entries": [entry("a", "mentoring")]}}},
    )
    assert changes.entries["a"].how is How.ADDED
    assert changes.touches("mentoring")


def test_text_that_could_not_be_read_counts_as_what_was_typed():
    changes = compare(
        {"sections": {"basic": {"values": {"born": "1990-01"}}}},
        {"sections": {"basic": {"values": {}, "unread": {"born": "九零年"}}}},
    )
    assert changes.record_field("basic", "born") == FieldChange("born", "1990-01", "九零年")


def test_none_tick_photo_and_choice_are_changes():
    changes = compare(
        {"sections": {"performance": {"none": False}}, "photo": {"sha256": "1"}, "level": "middle"},
        {"sections": {"performance": {"none": True}}, "photo": {"sha256": "2"}, "level": "associate"},
    )
    assert changes.nones == {"performance": FieldChange("none", False, True)}
    assert changes.touches("performance")
    assert changes.photo
    assert changes.choice == {"level": FieldChange("level", "middle", "associate")}
    assert changes.count == 3


def test_replaced_file_and_stated_months_are_changes():
    old = {"uid": "f1", "slot": "insurance", "name": "a.pdf", "sha256": "1", "months": 30}
    new = {"uid": "f2", "slot": "insurance", "name": "b.pdf", "sha256": "2", "months": 36, "replaces": "f1"}
    kept = {"uid": "f3", "slot": "degree", "name": "c.pdf", "sha256": "3", "months": None}
    changes = compare({"attachments": [old, kept]}, {"attachments": [kept | {"months": 12}, new]})
    assert changes.attachments["f1"].how is How.REMOVED
    assert changes.attachments["f2"].how is How.ADDED
    assert changes.attachments["f3"].fields["months"].after == 12
    assert [c.uid for c in changes.files_of("insurance")] == ["f1", "f2"]


@pytest.mark.parametrize(
    ("place", "answered"),
    [
        (("", "", ""), True),
        (("basic", "", "post"), True),
        (("basic", "", "email"), False),
        (("basic", "", ""), True),
        (("basic", "", "photo"), False),
        (("performance", "a", ""), True),
        (("performance", "a", "clause"), True),
        (("performance", "b", ""), False),
        (("performance", "", ""), True),
        (("performance", "", "effect"), True),
        (("performance", "", "clause"), False),
        (("publications", "", ""), False),
        (("attachments", "", "insurance"), True),
        (("attachments", "f1", ""), True),
        (("attachments", "", "diploma"), False),
        (("attachments", "", ""), True),
    ],
)
def test_what_a_return_asked_for_is_answered_where_something_changed(place, answered):
    before = {
        "sections": {"basic": {"values": {"post": "教师", "email": "a@b.cn"}}},
        "achievements": [entry("a"), entry("b")],
        "attachments": [{"uid": "f1", "slot": "insurance", "name": "社保.pdf", "sha256": "aa"}],
    }
    after = {
        "sections": {"basic": {"values": {"post": "实验员", "email": "a@b.cn"}}},
        "achievements": [entry("a", values={"effect": "已结项"}), entry("b")],
        "attachments": [
            {"uid": "f2", "slot": "insurance", "name": "社保.pdf", "sha256": "bb", "replaces": "f1"}
        ],
    }
    section, key, name = place
    item = ReturnItem(section=section, entry=key, field=name, text="请核对")
    assert is_answered(compare(before, after), item) is answered
    assert is_answered(Changes(), item) is False
