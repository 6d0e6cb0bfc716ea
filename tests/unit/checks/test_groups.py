"""Groups of requirement rows: so many of them must be met (2 of these 5)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from models.choices import Severity
from tests.contents import attachments, book, paper, project
from tests.factories import make_entry
from tests.rows import case_of, found, round_of, row, words

pytestmark = pytest.mark.usefixtures("database")

GROUP: dict[str, Any] = {
    "key": "own_group",
    "label": "五选二",
    "minimum": 2,
    "message": "至少满足 {need} 项，已满足 {have} 项。还可满足：{value}",
}


def _clause(key: str, label: str) -> dict[str, Any]:
    return row(
        "count",
        "publications",
        "clause",
        id=f"clause-{key}",
        group="own_group",
        label=label,
        arguments={"minimum": 1, "where": {"clause": [key]}},
    )


FIVE = [_clause(key, f"第{n}项") for n, key in enumerate(("a6", "a7", "a8", "a9", "a1"), start=1)]


def test_two_of_five_are_enough() -> None:
    assert words(*FIVE, changes={"groups": [GROUP]}) == []  # a paper of a6, a book of a7


def test_one_of_five_says_which_others_there_are() -> None:
    said = found(*FIVE, changes={"groups": [GROUP]}, achievements=[project(), paper()])
    assert [str(finding.message) for finding in said] == [
        "至少满足 2 项，已满足 1 项。还可满足：第2项；第3项；第4项；第5项"
    ]
    assert (said[0].id, said[0].section, said[0].field) == ("own_group", "publications", "clause")
    assert said[0].severity is Severity.BLOCKING


def test_row_of_a_group_reports_nothing_by_itself() -> None:
    loose = GROUP | {"minimum": 1}
    assert words(*FIVE, changes={"groups": [loose]}, achievements=[project(), book()]) == []


def test_row_that_does_not_apply_is_not_asked_for() -> None:
    rows = [FIVE[0], FIVE[2] | {"when": {"levels": ["senior"]}}]
    assert words(*rows, changes={"groups": [GROUP]}) == []


def test_group_that_does_not_apply_asks_nothing() -> None:
    senior = GROUP | {"when": {"levels": ["senior"]}}
    assert words(*FIVE, changes={"groups": [senior]}, achievements=[project()]) == []


def test_value_that_is_missing_does_not_meet_a_row() -> None:
    exam = row(
        "number_within",
        "hours",
        "hours",
        id="exam",
        group="own_group",
        label="考试成绩",
        arguments={"minimum": 60},
    )
    one = {"groups": [GROUP | {"minimum": 1}]}
    assert words(exam, changes=one, hours=[]) == ["至少满足 1 项，已满足 0 项。还可满足：考试成绩"]
    entry = make_entry("hours", course="x", year=2025, hours=60)
    assert words(exam, changes=one, hours=[entry]) == []
    entry = make_entry("hours", course="x", year=2025, hours=59)
    assert len(words(exam, changes=one, hours=[entry])) == 1


def test_attachment_may_be_one_of_the_group() -> None:
    proof = row(
        "attached", "attachments", id="proof", group="own_group", arguments={"slot": "material_table"}
    )
    one = {"groups": [GROUP | {"minimum": 1}]}
    assert words(proof, changes=one) == []
    files = [file for file in attachments() if file.slot != "material_table"]
    finding = found(proof, changes=one, attachments=files)[0]
    assert (finding.section, finding.slot) == ("attachments", "material_table")


@pytest.mark.parametrize(
    ("rows", "groups", "reason"),
    [
        (FIVE, [], "no group own_group"),
        ([row("empty", "basic", "school", group="own_group")], [GROUP], "can't be one of a group"),
        (FIVE, [GROUP, GROUP], "groups: the same key twice"),
        (FIVE, [GROUP | {"minimum": 0}], "greater than or equal to 1"),
    ],
)
def test_group_that_cannot_work_is_refused(
    rows: list[dict[str, Any]], groups: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        round_of(*rows, groups=groups)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (row("sum", "hours", "course", arguments={"minimum": 1}), "wrong type text"),
        (row("sum", "hours", "hours", arguments={"minimum": True}), "minimum is of the wrong type"),
        (row("sum", "hours", "hours", arguments={"minimum": {"master": 1}}), "no level master"),
        (row("sum", "hours", "hours", arguments={"where": {"year": 2025}}), "where is of the wrong type"),
        (row("sum", "hours", "hours", arguments={"between": {"year": [1]}}), "between is of the wrong type"),
        (row("sum", "hours", "hours", arguments={"between": {"course": [1, 2]}}), "wrong type text"),
        (row("sum", "hours", "hours", arguments={"last_months": 12}), "last_months needs dated, until"),
        (row("sum", "hours", "hours", arguments={"dated": "course"}), "wrong type text"),
        (
            row(
                "sum",
                "hours",
                "hours",
                arguments={"after": "title1_approved_on", "after_section": "qualification"},
            ),
            "after needs dated",
        ),
        (
            row("valid_for", "hours", "taken_on", arguments={"months": 0, "until": "years_until"}),
            "months is out of range",
        ),
        (
            row(
                "years_by_degree",
                "qualification",
                "title1_approved_on",
                arguments={
                    "until": "years_until",
                    "degree_section": "basic",
                    "degree_field": "degree",
                    "years_asked": {"doctor": 2, "master": 5, "bachelor": 5},
                },
            ),
            "no years for none",
        ),
    ],
)
def test_row_that_its_check_could_not_read_is_refused(asked: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        case_of(asked)
