"""The canonical form of the content: what counts, what doesn't, and that its hash never wavers."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from models import values
from models.application import Application
from models.choices import Verdict
from models.sections import Attachment, Entry, Judgement, Photo, SectionRecord
from models.values import PartialDate
from panel.domain.content.frozen import CONTENT, content_hash, content_of

NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def key() -> None:
    values.configure_key(bytes(range(32)))


def record(**fields: Any) -> SectionRecord:
    made = SectionRecord(version=4, changed_at=NOW)
    for key, value in fields.items():
        made.put(key, value)
    return made


def entry(uid: str = "1" * 32, **fields: Any) -> Entry:
    made = Entry(section="performance", uid=uid, kind="award", version=2, changed_at=NOW)
    for key, value in fields.items():
        made.put(key, value)
    return made


def application(**parts: Any) -> Application:
    given = {
        "kind": "promotion",
        "level": "associate",
        "committee": "teacher-committee",
        "speciality": "mathematics",
        "edition": "2025",
        "sections": {"basic": record(school="武汉大学")},
        "achievements": [entry(name="教学成果奖", start=PartialDate(2022, 9))],
        "attachments": [
            Attachment(uid="a" * 32, slot="material_table", name="材料表.pdf", sha256="ab", at=NOW)
        ],
        "photo": Photo(sha256="cd", width=295, height=413, at=NOW),
        "state": "draft",
        "revision": 7,
    }
    return Application(**(given | parts))


def test_content_is_what_the_applicant_answers_for() -> None:
    content = content_of(application())
    assert set(content) <= set(CONTENT)
    assert content["sections"]["basic"]["values"] == {"school": "武汉大学"}
    assert content["achievements"][0]["start"] == "2022-09"
    assert content["level"] == "associate"
    for case in ("state", "revision", "preview", "history", "receipt", "hr_begun_at"):
        assert case not in content


def test_units_belong_to_the_content() -> None:
    """G04, G05: changed between two submissions, HR must see it."""
    made = application()
    made._data["unit"] = made._data["recommending_unit"] = unit = ObjectId()
    assert (content_of(made)["unit"], content_of(made)["recommending_unit"]) == (unit, unit)


@pytest.mark.parametrize(
    "beside",
    [
        {"state": "submitted", "revision": 99, "content_revision": 5, "unit_opinion": "同意"},
        {"sections": {"basic": SectionRecord(values={"school": "武汉大学"}, version=9)}},
        {"preview": {"content_revision": 3}},
    ],
)
def test_what_is_beside_the_content_does_not_change_its_hash(beside: dict[str, Any]) -> None:
    assert content_hash(content_of(application(**beside))) == content_hash(content_of(application()))


def test_a_judgement_is_no_content() -> None:
    judged = application()
    for item in (*judged.achievements, *judged.attachments):
        item.judgement = Judgement(verdict=Verdict.DOUBT.value, at=NOW)
        item.version = 5
    assert content_hash(content_of(judged)) == content_hash(content_of(application()))


@pytest.mark.parametrize(
    "change",
    [
        {"level": "senior"},
        {"exceptional": True},
        {"sections": {"basic": record(school="武汉大学", major="数学")}},
        {"sections": {"basic": record(school="武汉大学"), "performance": SectionRecord(none=True)}},
        {"achievements": []},
        {"achievements": [entry(name="教学成果奖", start=PartialDate(2022))]},
        {"achievements": [entry("2" * 32, name="教学成果奖", start=PartialDate(2022, 9))]},
        {"attachments": []},
        {"photo": None},
    ],
)
def test_every_part_of_the_content_changes_the_hash(change: dict[str, Any]) -> None:
    assert content_hash(content_of(application(**change))) != content_hash(content_of(application()))


@pytest.mark.parametrize("key", ["version", "judgement", "changed_at"])
def test_a_field_of_the_round_is_content_whatever_its_name(key: str) -> None:
    """HR may call a field "version": what is typed there is frozen like anything else."""
    made = application(sections={"basic": record(**{key: "第三版"})}, achievements=[entry(**{key: "第二版"})])
    content = content_of(made)
    assert content["sections"]["basic"]["values"] == {key: "第三版"}
    assert content["achievements"][0]["values"] == {key: "第二版"}


def test_unread_text_and_hrs_own_tables_are_content() -> None:
    own = SectionRecord(
        entries=[Entry(section="courses", uid="3" * 32, values={"name": "高等数学"}, version=3)]
    )
    basic = SectionRecord(unread={"graduated_on": "那年"})
    content = content_of(application(sections={"courses": own, "basic": basic}))
    (row,) = content["sections"]["courses"]["entries"]
    assert row["values"] == {"name": "高等数学"}
    assert "version" not in row
    assert content["sections"]["basic"]["unread"] == {"graduated_on": "那年"}


def test_secrets_stay_sealed_in_the_content() -> None:
    basic = SectionRecord()
    basic.put("phone", "13800001111", encrypted=True)
    assert "13800001111" not in str(content_of(application(sections={"basic": basic})))


def test_the_hash_is_over_canonical_json() -> None:
    """By hand: keys sorted, no blanks, characters as they are, times as ISO."""
    text = '{"a":[1,"评审"],"b":{"at":"2026-09-15T02:00:00+00:00","none":null}}'
    content = {"b": {"none": None, "at": NOW}, "a": [1, "评审"]}
    assert content_hash(content) == hashlib.sha256(text.encode()).hexdigest()
