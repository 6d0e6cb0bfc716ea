"""What commands print: steps, problems and tables that line up in Chinese."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence


def say(text: str, *, problem: bool = False) -> None:
    """Print a line at once, problems to standard error."""
    print(text, file=sys.stderr if problem else sys.stdout, flush=True)


def step(text: str) -> None:
    """Print what is being done now."""
    say(f"==> {text}")


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print `rows` of equal length in columns."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True))
        say("  " + "  ".join(cells).rstrip())


def width(text: str) -> int:
    """How many columns `text` takes on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
