"""Every row of the guide (G) and of the law (R) is named by a test, or said to come later."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__)
ROWS = [f"G{n:02d}" for n in range(1, 33)] + [f"R{n:02d}" for n in range(1, 25)]
#: Rows without anything to test yet, each with what is missing.
LATER = {
    "G02": "sign-in through an outside provider",
    "R04": "the draw of experts from a pool",
    "R19": "re-examination (复查)",
    "R22": "a retention date; nothing submitted is deleted already",
}
_NAMED = re.compile(r"\b([GR])(\d\d)(?:\s*[-–]\s*[GR]?(\d\d))?\b")


def named_rows() -> set[str]:
    """The rows that the tests name, ranges like G04-G08 included."""
    found = set()
    for path in HERE.parent.rglob("*.py"):
        if path == HERE:
            continue
        for letter, first, last in _NAMED.findall(path.read_text(encoding="utf-8")):
            found |= {f"{letter}{n:02d}" for n in range(int(first), int(last or first) + 1)}
    return found


def test_every_row_is_named_by_a_test_or_said_to_come_later() -> None:
    named = named_rows()
    assert [row for row in ROWS if row not in named] == sorted(LATER)


def test_readme_says_which_rows_come_later() -> None:
    readme = (HERE.parent.parent / "README.md").read_text(encoding="utf-8")
    assert [row for row in LATER if row not in readme] == []
