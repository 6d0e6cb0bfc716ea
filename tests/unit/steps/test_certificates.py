"""Certificate numbers, codes, masked names and the date that counts (G32)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from models.round_spec import NumberSpec
from panel.domain.steps import certificates
from panel.domain.steps.certificates import CertificateRefused, masked_name, number, read_code


def spec(serial_digits: int = 5, approval_date_from: str = "vote") -> SimpleNamespace:
    levels = {"senior": 1, "associate": 2}
    return SimpleNamespace(
        number=NumberSpec(prefix="P", series_digits="01", serial_digits=serial_digits),
        level=lambda key: SimpleNamespace(digit=levels[key]),
        approval_date_from=approval_date_from,
        photo=SimpleNamespace(width=295, height=413),
    )


def case(**values: object) -> SimpleNamespace:
    known = {"outcome": None, "approval": {}, "photo": None, "spec": spec()}
    return SimpleNamespace(**(known | values))


def test_number_is_prefix_year_series_level_and_serial() -> None:
    assert number(spec(), "associate", 2026, 17) == "P202601200017"


def test_serial_takes_the_digits_the_round_says() -> None:
    assert number(spec(serial_digits=3), "senior", 2026, 999) == "P2026011999"


@pytest.mark.parametrize("serial", [0, -1, 1000])
def test_serial_that_does_not_fit_is_refused_and_never_cut(serial: int) -> None:
    with pytest.raises(CertificateRefused) as refusal:
        number(spec(serial_digits=3), "senior", 2026, serial)
    assert "流水号" in str(refusal.value.message)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王明", "王*"),
        ("王小明", "王**"),
        ("欧阳明月", "欧阳**"),
        ("司马光", "司马*"),
        ("欧阳", "欧*"),  # two characters are a family name and a given name
        ("阿卜杜拉·买买提", "阿***·买**"),
        ("John Smith", "J*** S****"),
        ("明", "*"),
        (" 王小明 ", "王**"),
        ("", ""),
    ],
)
def test_masked_name_keeps_the_family_name_only(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    "pasted",
    [
        "Xa9_k2LmPq7RstUv",
        "  Xa9_k2LmPq7RstUv\n",
        "Xa9_k2Lm Pq7RstUv",
        "Xa9_k2Lm\nPq7RstUv",
        "http://pingshen.test/verify/Xa9_k2LmPq7RstUv",
        "https://pingshen.test/verify/Xa9_k2LmPq7RstUv/",
        "pingshen.test/verify/Xa9_k2LmPq7RstUv?from=scan#top",
        "https://pingshen.test/verify/?code=Xa9_k2LmPq7RstUv&x=1",
        "\u200bXa9_k2LmPq7RstUv\ufeff",
    ],
)
def test_code_is_read_from_whatever_was_pasted(pasted: str) -> None:
    assert read_code(pasted) == "Xa9_k2LmPq7RstUv"


def test_nothing_typed_is_no_code() -> None:
    assert read_code("   ") == ""


def test_what_cannot_be_a_code_is_not_even_looked_up() -> None:
    # no database is connected in this test: a look-up would fail
    assert certificates.by_code("查无此人") is None
    assert certificates.by_code("short") is None
    assert certificates.by_code("x" * 65) is None


def test_approval_date_is_the_day_of_the_vote_in_china() -> None:
    late = datetime(2026, 6, 19, 16, 30, tzinfo=UTC)  # 00:30 on the 20th in Shanghai
    voted = case(outcome=SimpleNamespace(voted_on=late), approval={"approved_on": "2026-07-01"})
    assert certificates.approved_on(voted) == date(2026, 6, 20)


def test_approval_date_is_the_documents_where_the_round_says_so() -> None:
    voted = case(
        spec=spec(approval_date_from="document"),
        outcome=SimpleNamespace(voted_on=datetime(2026, 6, 19, 8, tzinfo=UTC)),
        approval={"approved_on": "2026-07-01"},
    )
    assert certificates.approved_on(voted) == date(2026, 7, 1)


def test_approval_date_without_a_vote_is_the_documents() -> None:
    assert certificates.approved_on(case(approval={"approved_on": "2026-07-01"})) == date(2026, 7, 1)


def test_certificate_without_an_approval_date_is_refused() -> None:
    with pytest.raises(CertificateRefused, match="批准日期"):
        certificates.approved_on(case())


def test_photo_of_the_rounds_pixels_is_valid() -> None:
    assert certificates.photo_is_valid(case(photo=SimpleNamespace(width=295, height=413)))


@pytest.mark.parametrize("photo", [None, SimpleNamespace(width=295, height=412)])
def test_missing_or_misshapen_photo_is_not_valid(photo: SimpleNamespace | None) -> None:
    assert not certificates.photo_is_valid(case(photo=photo))
