"""A notice keeps its message translatable: parts of it are put into words when it is read."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from models.choices import State
from models.field_spec import Text
from models.messages import M
from models.outbox import OutboxRow, packed, unpacked


@pytest.mark.parametrize(
    "value",
    [
        "普通文字",
        5,
        2.5,
        True,
        None,
        date(2026, 9, 20),
        Text(zh="二级学院", en="College"),
        State.RETURNED.label,
        M("请在 %(day)s 前改好%(what)s", day=date(2026, 9, 20), what=M("照片")),
    ],
)
def test_a_parameter_comes_back_as_it_was(value: Any) -> None:
    assert unpacked(packed(value)) == value


def test_what_is_stored_is_plain() -> None:
    message = M(
        "“%(state)s”：%(office)s", state=State.RETURNED.label, office=Text(zh="二级学院", en="College")
    )
    assert packed(message) == {
        "message": "“%(state)s”：%(office)s",
        "params": {
            "state": {"message": "待补正", "params": {}},
            "office": {"zh": "二级学院", "en": "College"},
        },
    }
    assert packed(datetime(2026, 9, 20, 1, tzinfo=UTC)) == {"day": "2026-09-20"}
    assert packed(object) == str(object)


def test_a_notice_is_a_message_again() -> None:
    row = OutboxRow(message="请在 %(day)s 前改好", params={"day": packed(date(2026, 9, 20))})
    assert row.text == M("请在 %(day)s 前改好", day=date(2026, 9, 20))
    assert str(row.text) == "请在 2026-09-20 前改好"
