"""The kinds of check a requirement row may ask for, and the arguments each takes.

A new kind is one member here, one pure function in panel.domain.checks, one test (DESIGN section 6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Check(StrEnum):
    FILLED = "filled"  # the field has a value
    EMPTY = "empty"  # the field has none
    COUNT = "count"  # the list has so many entries, or so many that fit the row's choice
    COUNT_DISTINCT = "count_distinct"  # the entries show so many different values of the field
    SUM = "sum"  # the field's numbers add up to so much
    SUM_PER_YEAR = "sum_per_year"  # they do in each of the last years
    EACH_YEAR = "each_year"  # each of the last years has an entry
    UNIQUE = "unique"  # no two entries share the field's value
    DISTINCT = "distinct"  # the field differs from another of the same record or entry
    NEWEST_EQUALS = "newest_equals"  # the newest entry's field equals a fact about the person
    NEWEST_ONE_OF = "newest_one_of"  # the newest entry's field has one of the values
    ONE_OF = "one_of"  # the field has one of the values, in every entry of a list
    NUMBER_WITHIN = "number_within"  # the number is not too small and not too large
    EQUALS_FACT = "equals_fact"  # the field equals a fact about the person
    NOT_EARLIER = "not_earlier"  # the date is not before another one
    NOT_LATER = "not_later"  # the date is not after one of the round's dates
    NOT_FUTURE = "not_future"  # the date, or every date of the section, has come
    YEARS_MATCH = "years_match"  # the number agrees with the years that a list adds up to
    YEARS_SINCE = "years_since"  # so many years lie between the date and one of the round's dates
    YEARS_BY_DEGREE = "years_by_degree"  # the same, by the best degree held
    YEARS_COVERED = "years_covered"  # the periods of a list add up to so many years
    NOT_OVERLAPPING = "not_overlapping"  # no two periods of a list overlap
    AGE = "age"  # the person's age on one of the round's dates
    VALID_FOR = "valid_for"  # the date is so recent that what it dates still counts
    CLAUSE_OF_EDITION = "clause_of_edition"  # the clause is one of those offered to this application
    EVIDENCE_NAMED = "evidence_named"  # each entry names attachments that are there
    PHOTO = "photo"  # a photo of the round's specification
    ATTACHED = "attached"  # a slot holds a file
    MONTHS_COVERED = "months_covered"  # a slot's files cover so many months (social insurance)
    IN_SERVICE = "in_service"
    NOT_SANCTIONED = "not_sanctioned"
    NOT_BARRED = "not_barred"
    KIND_FITS = "kind_fits"
    LEVEL_FITS = "level_fits"
    COMMITTEE_FITS = "committee_fits"


#: Of a field: the types that a check can read. They are those of models.form_spec.FieldType.
_DATES = "date month"
_PERIODS = "date month range"
#: Which entries of a list a check looks at: by values, numbers, and a window that ends on one of the round's
#: dates and begins so many months before it, or after a date of the form (the present title's).
_CHOSEN = "where between dated until last_months after after_section"


@dataclass(frozen=True)
class Takes:
    """What a check needs beside its section: a field (of some types), and arguments by name."""

    needs_field: bool = False
    needs_list: bool = False
    required: frozenset[str] = field(default_factory=frozenset)
    optional: frozenset[str] = field(default_factory=frozenset)
    types: frozenset[str] = field(default_factory=frozenset)  # of the field; empty = any


def _takes(
    needs_field: bool = False,
    needs_list: bool = False,
    required: str = "",
    optional: str = "",
    types: str = "",
) -> Takes:
    return Takes(
        needs_field,
        needs_list,
        frozenset(required.split()),
        frozenset(optional.split()),
        frozenset(types.split()),
    )


TAKES: dict[Check, Takes] = {
    Check.FILLED: _takes(needs_field=True),
    Check.EMPTY: _takes(needs_field=True),
    Check.COUNT: _takes(needs_list=True, optional=f"minimum maximum none_counts {_CHOSEN}"),
    Check.COUNT_DISTINCT: _takes(
        needs_field=True, needs_list=True, required="minimum", optional=f"values {_CHOSEN}"
    ),
    Check.SUM: _takes(
        needs_field=True, needs_list=True, optional=f"minimum maximum {_CHOSEN}", types="number"
    ),
    Check.SUM_PER_YEAR: _takes(
        needs_field=True,
        needs_list=True,
        required="minimum year until last_years",
        optional="where between after after_section",
        types="number",
    ),
    Check.EACH_YEAR: _takes(
        needs_field=True,
        needs_list=True,
        required="until last_years",
        optional="where between after after_section",
        types=f"{_DATES} number",
    ),
    Check.UNIQUE: _takes(needs_field=True, needs_list=True),
    Check.DISTINCT: _takes(needs_field=True, required="other"),
    Check.NEWEST_EQUALS: _takes(needs_field=True, needs_list=True, required="fact"),
    Check.NEWEST_ONE_OF: _takes(needs_field=True, needs_list=True, required="values"),
    Check.ONE_OF: _takes(needs_field=True, required="values"),
    Check.NUMBER_WITHIN: _takes(needs_field=True, optional="minimum maximum", types="number"),
    Check.EQUALS_FACT: _takes(needs_field=True, required="fact"),
    Check.NOT_EARLIER: _takes(needs_field=True, required="than", optional="than_section", types=_DATES),
    Check.NOT_LATER: _takes(needs_field=True, required="date", types=_DATES),
    Check.NOT_FUTURE: _takes(types=_PERIODS),
    Check.YEARS_MATCH: _takes(
        needs_field=True, required="list until", optional="where tolerance", types="number"
    ),
    Check.YEARS_SINCE: _takes(needs_field=True, required="minimum until", types=_DATES),
    Check.YEARS_BY_DEGREE: _takes(
        needs_field=True, required="until degree_section degree_field years_asked", types=_DATES
    ),
    Check.YEARS_COVERED: _takes(
        needs_field=True,
        needs_list=True,
        required="minimum until",
        optional="end where between",
        types=_PERIODS,
    ),
    Check.NOT_OVERLAPPING: _takes(needs_field=True, needs_list=True, optional="end where", types=_PERIODS),
    Check.AGE: _takes(needs_field=True, required="until", optional="minimum maximum", types=_DATES),
    Check.VALID_FOR: _takes(needs_field=True, required="months until", types=_DATES),
    Check.CLAUSE_OF_EDITION: _takes(needs_field=True, types="clause"),
    Check.EVIDENCE_NAMED: _takes(needs_list=True),
    Check.PHOTO: _takes(),
    Check.ATTACHED: _takes(required="slot"),
    Check.MONTHS_COVERED: _takes(required="slot minimum"),
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
#: Checks whose `minimum` may be one number for all, or one per level.
BY_LEVEL = frozenset(
    {
        Check.COUNT,
        Check.COUNT_DISTINCT,
        Check.SUM,
        Check.SUM_PER_YEAR,
        Check.NUMBER_WITHIN,
        Check.YEARS_SINCE,
        Check.YEARS_COVERED,
        Check.MONTHS_COVERED,
    }
)
#: Checks that ask for something to be there: without it they report, so that a group may count them.
ASKS_FOR = frozenset(
    {
        Check.COUNT,
        Check.COUNT_DISTINCT,
        Check.SUM,
        Check.SUM_PER_YEAR,
        Check.EACH_YEAR,
        Check.YEARS_COVERED,
        Check.ATTACHED,
        Check.MONTHS_COVERED,
    }
)
#: What a group of rows ("2 of these 5") may hold: beside those, checks of a value, met when there is one.
IN_GROUP = ASKS_FOR | {
    Check.FILLED,
    Check.NEWEST_EQUALS,
    Check.NEWEST_ONE_OF,
    Check.ONE_OF,
    Check.NUMBER_WITHIN,
    Check.NOT_EARLIER,
    Check.NOT_LATER,
    Check.YEARS_SINCE,
    Check.YEARS_BY_DEGREE,
    Check.AGE,
    Check.VALID_FOR,
}

#: What each argument has to be.
ARGUMENT_TYPES: dict[str, type | tuple[type, ...]] = {
    "minimum": (int, float, dict),
    "maximum": (int, float),
    "where": dict,
    "between": dict,
    "dated": str,
    "last_months": int,
    "last_years": int,
    "months": int,
    "after": str,
    "after_section": str,
    "year": str,
    "end": str,
    "degree_section": str,
    "degree_field": str,
    "years_asked": dict,
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

#: Arguments that name a field: the argument that names its section ("" = always the row's; without that
#: argument it is the row's too), and the types the field must be of (empty = any).
FIELD_ARGUMENTS: dict[str, tuple[str, frozenset[str]]] = {
    "other": ("", frozenset()),
    "than": ("than_section", frozenset(_DATES.split())),
    "after": ("after_section", frozenset(_DATES.split())),
    "dated": ("", frozenset({"date", "month", "number"})),
    "year": ("", frozenset({"date", "month", "number"})),
    "end": ("", frozenset(_DATES.split())),
    "degree_field": ("degree_section", frozenset({"choice"})),
}
#: Arguments that name a record section, a list, either of them, one of the round's dates.
RECORD_ARGUMENTS = ("than_section", "after_section")
LIST_ARGUMENTS = ("list",)
SECTION_ARGUMENTS = ("degree_section",)
DATE_ARGUMENTS = ("date", "until")
#: Arguments that make sense only together with another: last_months needs dated and until.
TOGETHER: dict[str, tuple[str, ...]] = {
    "last_months": ("dated", "until"),
    "after": ("after_section",),
    "after_section": ("after",),
}
