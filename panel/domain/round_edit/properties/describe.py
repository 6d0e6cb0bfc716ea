"""What each kind of row of a round is called and which of its properties HR edits, each described once.

Forms, the history's words and comparisons are drawn from these tables; nothing here names a field of the
guide. A new property of a specification is one line beside its like (a test refuses one that is neither there
nor in UNEDITED).

"""

from __future__ import annotations

from collections.abc import Sequence

from panel.domain.round_edit.properties.criteria_rows import CLAUSE, EDITION, GROUP, REQUIREMENT
from panel.domain.round_edit.properties.form_rows import COLUMN, ENTRY_KIND, FIELD, SECTION, SLOT
from panel.domain.round_edit.properties.kinds import Described
from panel.domain.round_edit.properties.round_rows import (
    COMMITTEE,
    DATES_OF_ROUND,
    ENDORSEMENT,
    LEVEL,
    NUMBER,
    PHOTO,
    PUBLICITY,
    ROUND,
    SPECIALITY,
    TEXTS,
    VOTING,
)
from panel.domain.round_edit.tree import shape_of

#: The shape of a path (see tree.shape_of) -> what is there.
DESCRIBED: dict[tuple[str, ...], Described] = {
    (): ROUND,
    ("dates",): DATES_OF_ROUND,
    ("photo",): PHOTO,
    ("voting",): VOTING,
    ("publicity",): PUBLICITY,
    ("number",): NUMBER,
    ("texts",): TEXTS,
    ("levels", "*"): LEVEL,
    ("committees", "*"): COMMITTEE,
    ("specialities", "*"): SPECIALITY,
    ("editions", "*"): EDITION,
    ("editions", "*", "clauses", "*"): CLAUSE,
    ("sections", "*"): SECTION,
    ("sections", "*", "fields", "*"): FIELD,
    ("sections", "*", "kinds", "*"): ENTRY_KIND,
    ("sections", "*", "columns", "*"): COLUMN,
    ("slots", "*"): SLOT,
    ("requirements", "*"): REQUIREMENT,
    ("groups", "*"): GROUP,
    ("endorsements", "*"): ENDORSEMENT,
}


#: Not edited by a property: identities, notes for developers, what is edited as rows or together with
#: another property, and what has a page of its own.
UNEDITED = frozenset(
    {
        "key",
        "id",
        "value",
        "covers",
        "code",
        "series",
        "shape",
        "store",
        "section",
        "field",
        "clauses",
        "fields",
        "dates",
        "levels",
        "committees",
        "specialities",
        "editions",
        "sections",
        "slots",
        "requirements",
        "groups",
        "endorsements",
        "exports",
        "photo",
        "voting",
        "publicity",
        "number",
        "texts",
    }
)


def described(path: str, shape: Sequence[str] | None = None) -> Described | None:
    """What is at `path` (of a row or mapping), or None when it isn't edited."""
    return DESCRIBED.get(tuple(shape) if shape is not None else shape_of(path))
