"""How many examples Hypothesis draws: few in `make test`, many in `make test-long`."""

from __future__ import annotations

import os

LONG = os.environ.get("PINGSHEN_TEST_LENGTH") == "long"
#: Of a property whose examples cost next to nothing.
EXAMPLES = 1000 if LONG else 30


def examples(short: int, long: int) -> int:
    """`short` in `make test`, `long` in `make test-long`."""
    return long if LONG else short
