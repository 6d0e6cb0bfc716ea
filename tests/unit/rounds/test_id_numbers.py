"""Citizens' ID numbers: the library's rules, and a place that its table has no county for."""

import pytest
from stdnum.exceptions import ValidationError

from panel.domain.rounds import id_numbers


def test_a_number_is_read_in_its_plain_form():
    assert id_numbers.validate(" 11010519491231002x ") == "11010519491231002X"


def test_a_place_without_counties_is_no_crash():
    assert id_numbers.is_valid(without_county := "420001198603120046")
    assert id_numbers.validate(without_county) == without_county


@pytest.mark.parametrize("number", ["11010519491231002", "110105194912310021", "11010519491331002X", "x"])
def test_what_can_be_none_is_refused(number):
    assert not id_numbers.is_valid(number)
    with pytest.raises(ValidationError):
        id_numbers.validate(number)
