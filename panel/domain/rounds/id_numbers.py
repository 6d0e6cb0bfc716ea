"""Citizens' ID numbers (身份证号), by the library's rules where it has them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from stdnum.cn import ric
from stdnum.exceptions import ValidationError


@lru_cache(maxsize=16)  # a row is looked at from several sides
def validate(number: str) -> str:
    """The number in its plain form; raises stdnum's ValidationError when it can't be one."""
    try:
        return str(ric.validate(number))
    except KeyError:
        # Digits, check digit and birth date were right: the library's table has places without counties.
        return str(ric.compact(number))


def is_valid(number: str) -> bool:
    """Whether it is a citizen's ID number."""
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def birth_date(number: str) -> date | None:
    """The day of birth that an ID number says; None for what is none."""
    try:
        plain = validate(number)
        return date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except (ValidationError, ValueError):
        return None
