"""The small value types: partial dates, sealed text, look-up hashes, search keys, masks."""

from datetime import date

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from mongoengine import ValidationError
from mongoengine.errors import InvalidQueryError

from models import values
from models.person import Person
from models.sections import Entry, SectionRecord
from models.values import SEALED, PartialDate, decrypt, encrypt, lookup_hash, mask, reveal, search_keys
from panel.domain.rounds.fields import as_date

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def key() -> None:
    values.configure_key(KEY)


# --- partial dates ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2023", PartialDate(2023)),
        ("2023年", PartialDate(2023)),
        ("2023.5", PartialDate(2023, 5)),
        ("2023-05", PartialDate(2023, 5)),
        ("2023/5", PartialDate(2023, 5)),
        ("2023年5月", PartialDate(2023, 5)),
        ("2023年05月17日", PartialDate(2023, 5, 17)),
        ("2023-05-17", PartialDate(2023, 5, 17)),
        (" ２０２３．５ ", PartialDate(2023, 5)),
        ("2024-02-29", PartialDate(2024, 2, 29)),
    ],
)
def test_dates_are_read_as_people_write_them(typed: str, expected: PartialDate) -> None:
    assert PartialDate.parse(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "去年",
        "23.5",
        "2023-13",
        "2023-00",
        "2023-05-00",
        "2023-02-30",
        "2023-02-29",
        "0000-01",
        "2023-5-",
        "20230517",
    ],
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        PartialDate.parse(typed)


@pytest.mark.parametrize("parts", [(2023, 0), (2023, 13), (2023, 2, 30), (2023, None, 5), (0,)])
def test_a_date_that_does_not_exist_cannot_be_made(parts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r".*"):
        PartialDate(*parts)


def test_dates_of_different_precision_can_be_put_in_order() -> None:
    """G17 asks for the newest entry: a year beside a month must not fail."""
    mixed = [PartialDate(2023, 5), PartialDate(2023), PartialDate(2022, 12, 31), PartialDate(2023, 1, 1)]
    assert sorted(mixed) == [
        PartialDate(2022, 12, 31),
        PartialDate(2023),
        PartialDate(2023, 1, 1),
        PartialDate(2023, 5),
    ]
    assert max(mixed) == PartialDate(2023, 5)


def test_first_and_last_day_span_what_is_not_known() -> None:
    assert (PartialDate(2024).first_day(), PartialDate(2024).last_day()) == (
        date(2024, 1, 1),
        date(2024, 12, 31),
    )
    assert PartialDate(2024, 2).last_day() == date(2024, 2, 29)
    assert PartialDate(2024, 2, 3).first_day() == PartialDate(2024, 2, 3).last_day() == date(2024, 2, 3)


def test_a_date_prints_in_chinese_and_as_iso() -> None:
    assert PartialDate(2023, 5, 7).chinese() == "2023年5月7日"
    assert PartialDate(2023, 5).chinese() == "2023年5月"
    assert PartialDate(2023).chinese() == "2023年"
    assert [PartialDate(985).iso(), PartialDate(2023, 5).iso(), str(PartialDate(2023, 5, 7))] == [
        "0985",
        "2023-05",
        "2023-05-07",
    ]


def partial_dates() -> st.SearchStrategy[PartialDate]:
    def cut(day: date, precision: int) -> PartialDate:
        return PartialDate(*(day.year, day.month, day.day)[:precision])

    return st.builds(cut, st.dates(date(1000, 1, 1)), st.integers(1, 3))


@given(partial_dates())
def test_iso_and_chinese_texts_read_back_to_the_same_date(value: PartialDate) -> None:
    assert PartialDate.parse(value.iso()) == value
    assert PartialDate.parse(value.chinese()) == value
    assert as_date(value.iso()) == value


@given(partial_dates(), partial_dates())
def test_dates_their_first_days_and_their_stored_texts_sort_alike(a: PartialDate, b: PartialDate) -> None:
    assert (a < b) == (a.iso() < b.iso())
    if a.first_day() != b.first_day():
        assert (a < b) == (a.first_day() < b.first_day())
    assert (a <= b) or (b <= a)


def test_a_stored_date_field_takes_nothing_but_partial_dates() -> None:
    person = Person(title_approved_on=PartialDate(2018, 12))
    assert person.to_mongo()["title_approved_on"] == "2018-12"
    person.title_approved_on = "2018-12"
    with pytest.raises(ValidationError):
        person._fields["title_approved_on"].validate("2018-12")


# --- sealed text -----------------------------------------------------------------------------------


@given(st.text())
def test_sealed_text_comes_back_and_never_shows(text: str) -> None:
    first, second = encrypt(text), encrypt(text)
    assert decrypt(first) == decrypt(second) == text
    assert first != second
    assert first.startswith(SEALED)
    assert len(text) < 6 or text not in first


def test_tampered_text_is_noticed() -> None:
    sealed = encrypt("420106198603120021")
    at = len(SEALED) + 20
    changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
    with pytest.raises(InvalidTag):
        decrypt(changed)


def test_another_key_does_not_open_it() -> None:
    sealed = encrypt("13800001111")
    values.configure_key(bytes(32))
    with pytest.raises(InvalidTag):
        decrypt(sealed)


def test_without_a_key_nothing_is_sealed_or_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = encrypt("13800001111")
    monkeypatch.setattr(values._Keys, "data", None)
    monkeypatch.setattr(values._Keys, "lookup", None)
    for call in (lambda: encrypt("1"), lambda: decrypt(sealed), lambda: lookup_hash("1")):
        with pytest.raises(values.KeyMissing):
            call()


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        values.configure_key(b"short")


def test_what_is_not_sealed_is_revealed_as_it_is() -> None:
    assert [reveal(value) for value in ("讲师", 5, None, ["a"], True)] == ["讲师", 5, None, ["a"], True]


def test_personal_fields_of_the_roster_are_sealed_in_what_is_stored() -> None:
    stored = Person(id_number="420106198603120021", phone="13800001111").to_mongo()
    assert "420106198603120021" not in str(stored)
    assert "13800001111" not in str(stored)
    assert Person._from_son(stored).id_number == "420106198603120021"


def test_an_encrypted_field_cannot_be_searched_in_vain() -> None:
    """Every sealing differs: such a query would silently find nobody."""
    with pytest.raises(InvalidQueryError, match="look-up hash"):
        Person._fields["id_number"].prepare_query_value("exact", "420106198603120021")


def test_an_update_seals_what_it_sets() -> None:
    """MongoEngine would store the clear text."""
    stored = Person._fields["phone"].prepare_query_value("set", "13800001111")
    assert "13800001111" not in stored
    assert reveal(stored) == "13800001111"


def test_an_encrypted_field_refuses_text_that_looks_sealed() -> None:
    with pytest.raises(ValidationError):
        Person._fields["phone"].validate(SEALED + "AAAA")


# --- the accessor of records and entries -----------------------------------------------------------


def test_one_accessor_reads_typed_fields_and_the_rest() -> None:
    entry = Entry(section="performance")
    entry.put("start", PartialDate(2021, 3))
    entry.put("category", "省教育厅科研项目")
    entry.put("funds", 0.0)
    entry.put("mobile", "13800001111", encrypted=True)
    assert entry.get("start") == PartialDate(2021, 3)
    assert entry.get("category") == "省教育厅科研项目"
    assert entry.get("funds") == 0.0
    assert entry.get("mobile") == "13800001111"
    assert "13800001111" not in str(entry.to_mongo())
    assert entry.get("nothing") is None


@pytest.mark.parametrize("empty", [None, "", []])
def test_putting_nothing_clears_a_field(empty: object) -> None:
    entry = Entry(section="performance")
    for key in ("organisation", "category"):
        entry.put(key, "有")
        entry.put(key, empty)
        assert entry.get(key) is None
    assert "category" not in entry.values


def test_a_partial_date_outside_the_typed_fields_is_kept_as_text() -> None:
    record = SectionRecord()
    record.put("graduated_on", PartialDate(2012, 6))
    assert record.get("graduated_on") == "2012-06"


def test_text_that_looks_like_a_ciphertext_is_kept_and_read_back() -> None:
    """Typed by somebody curious, it must not make the page fail for everybody."""
    record = SectionRecord()
    record.put("school", SEALED + "不是密文")
    assert record.get("school") == SEALED + "不是密文"


def test_a_secret_number_is_sealed_too() -> None:
    record = SectionRecord()
    record.put("card", 123456, encrypted=True)
    assert record.get("card") == "123456"


# --- hashes, keys, masks ---------------------------------------------------------------------------


def test_the_look_up_hash_is_equal_for_equal_values_and_needs_the_key() -> None:
    assert lookup_hash(" 42010619860312002x ") == lookup_hash("42010619860312002X")
    assert lookup_hash("420106198603120021") != lookup_hash("420106198603120022")
    before = lookup_hash("420106198603120021")
    values.configure_key(bytes(32))
    assert lookup_hash("420106198603120021") != before


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("420106198603121234", "420***********1234"),
        ("13812345678", "138****5678"),
        ("027-87654321", "027****4321"),
        ("87654321", "87****21"),
        ("1234567", "12****67"),
        ("123456", "******"),
        ("张三", "**"),
        ("", ""),
    ],
)
def test_a_mask_hides_the_middle_and_never_the_whole_shows(text: str, shown: str) -> None:
    assert mask(text) == shown


@given(st.text(st.characters(exclude_characters="*"), min_size=1))
def test_a_mask_never_shows_all_that_it_was_given(text: str) -> None:
    shown = mask(text).replace("*", "")
    assert len(text) - len(shown) >= min(3, len(text))


def test_names_are_found_by_characters_pinyin_and_initials() -> None:
    assert search_keys("欧阳 娜娜", "T00012") == ["欧阳娜娜", "ouyangnana", "oynn", "t00012"]
    assert values.search_query(" Ou Yang ") == "ouyang"


def test_empty_texts_have_no_keys() -> None:
    assert search_keys("", "  ") == []
