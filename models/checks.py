"""The kinds of check a requirement row may ask for, and the arguments each takes.

A new kind is one member here, one pure function in panel.domain.checks, one test (DESIGN section 6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Check(StrEnum):
    FILLED = "filled"  # the field has a value
    EMPTY = "empty"  # the field has none
    COUNT = "count"  # the list has so many entries, or so many that fit `where`
    UNIQUE = "unique"  # no two entries share the field's value
    DISTINCT = "distinct"  # the field differs from another of the same record or entry
    NEWEST_EQUALS = "newest_equals"  # the newest entry's field equals a fact about the person
    NEWEST_ONE_OF = "newest_one_of"  # the newest entry's field has one of the values
    EQUALS_FACT = "equals_fact"  # the field equals a fact about the person
    NOT_EARLIER = "not_earlier"  # the date is not before another one
    NOT_LATER = "not_later"  # the date is not after one of the round's dates
    NOT_FUTURE = "not_future"  # the date, or every date of the section, has come
    YEARS_MATCH = "years_match"  # the number agrees with the years that a list adds up to
    YEARS_SINCE = "years_since"  # so many years lie between the date and one of the round's dates
    CLAUSE_OF_EDITION = "clause_of_edition"  # the clause is one of those offered to this application
    EVIDENCE_NAMED = "evidence_named"  # each entry names attachments that are there
    PHOTO = "photo"  # a photo of the round's specification
    ATTACHED = "attached"  # a slot holds a file
    IN_SERVICE = "in_service"
    NOT_SANCTIONED = "not_sanctioned"
    NOT_BARRED = "not_barred"
    KIND_FITS = "kind_fits"
    LEVEL_FITS = "level_fits"
    COMMITTEE_FITS = "committee_fits"


@dataclass(frozen=True)
class Takes:
    """What a check needs beside its section: a field, and arguments by name."""

    needs_field: bool = False
    needs_list: bool = False
    required: frozenset[str] = field(default_factory=frozenset)
    optional: frozenset[str] = field(default_factory=frozenset)


def _takes(
    needs_field: bool = False, needs_list: bool = False, required: str = "", optional: str = ""
) -> Takes:
    return Takes(needs_field, needs_list, frozenset(required.split()), frozenset(optional.split()))


TAKES: dict[Check, Takes] = {
    Check.FILLED: _takes(needs_field=True),
    Check.EMPTY: _takes(needs_field=True),
    Check.COUNT: _takes(needs_list=True, optional="minimum maximum where none_counts"),
    Check.UNIQUE: _takes(needs_field=True, needs_list=True),
    Check.DISTINCT: _takes(needs_field=True, required="other"),
    Check.NEWEST_EQUALS: _takes(needs_field=True, needs_list=True, required="fact"),
    Check.NEWEST_ONE_OF: _takes(needs_field=True, needs_list=True, required="values"),
    Check.EQUALS_FACT: _takes(needs_field=True, required="fact"),
    Check.NOT_EARLIER: _takes(needs_field=True, required="than", optional="than_section"),
    Check.NOT_LATER: _takes(needs_field=True, required="date"),
    Check.NOT_FUTURE: _takes(),
    Check.YEARS_MATCH: _takes(needs_field=True, required="list until", optional="where tolerance"),
    Check.YEARS_SINCE: _takes(needs_field=True, required="minimum until"),
    Check.CLAUSE_OF_EDITION: _takes(needs_field=True),
    Check.EVIDENCE_NAMED: _takes(needs_list=True),
    Check.PHOTO: _takes(),
    Check.ATTACHED: _takes(required="slot"),
    Check.IN_SERVICE: _takes(),
    Check.NOT_SANCTIONED: _takes(),
    Check.NOT_BARRED: _takes(),
    Check.KIND_FITS: _takes(),
    Check.LEVEL_FITS: _takes(),
    Check.COMMITTEE_FITS: _takes(),
}

#: Checks of the person or of the choice made at the start: their rows belong to CHOICE_SECTION.
ABOUT_CHOICE = frozenset(
    {
        Check.IN_SERVICE,
        Check.NOT_SANCTIONED,
        Check.NOT_BARRED,
        Check.KIND_FITS,
        Check.LEVEL_FITS,
        Check.COMMITTEE_FITS,
    }
)
#: Checks that may look at a section as well as at the choice.
ABOUT_BOTH = frozenset({Check.EQUALS_FACT})

#: What each argument has to be.
ARGUMENT_TYPES: dict[str, type | tuple[type, ...]] = {
    "minimum": (int, dict),
    "maximum": int,
    "where": dict,
    "none_counts": bool,
    "other": str,
    "fact": str,
    "values": list,
    "than": str,
    "than_section": str,
    "date": str,
    "list": str,
    "until": str,
    "tolerance": int,
    "slot": str,
}
