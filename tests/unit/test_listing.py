"""Names in a row, in both languages."""

from models.field_spec import Text


def test_each_language_sets_names_apart_in_its_way() -> None:
    found = Text.listing(["甲", Text(zh="讲师", en="Lecturer")])
    assert (found.zh, found.in_language("en")) == ("甲、讲师", "甲, Lecturer")


def test_more_names_than_asked_for_end_in_dots() -> None:
    assert Text.listing(["甲", "乙", "丙"], 2).zh == "甲、乙…"
    assert Text.listing(["甲", "乙"], 2).zh == "甲、乙"
