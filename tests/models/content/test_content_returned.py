"""After a return only what its items name may change, and only in time (R09)."""

from datetime import timedelta
from typing import Any

import pytest

from models.application import Application
from models.choices import Role, State
from models.sections import Return, ReturnItem
from panel.domain.content import entries, section_records, writing
from panel.domain.content.files import (
    add_attachment,
    can_add,
    can_change,
    edit_attachment,
    remove_attachment,
    set_photo,
)
from panel.domain.errors import NotEditable
from panel.domain.rounds.parts import AskedForm
from tests import contents
from tests.factories import NOW, applicant_of, fresh, make_actor, make_entry, make_photo

pytestmark = pytest.mark.usefixtures("database")
ONE, TWO, FILE, OTHER = "1" * 32, "2" * 32, "e" * 32, "f" * 32
RETURNED_AT = NOW - timedelta(days=1)


def returned(*items: dict[str, str], state: State = State.RETURNED, late: bool = False) -> Application:
    """A complete application returned with `items`; its deadline is in three days, or a millisecond ago."""
    deadline = NOW - timedelta(milliseconds=1) if late else NOW + timedelta(days=3)
    row = Return(
        items=[ReturnItem(text="请核对", **item) for item in items],
        deadline=deadline,
        at=RETURNED_AT,
        from_state="submitted",
    )
    files = [
        contents.attachment("social_insurance", uid=OTHER, months=60),
        contents.attachment("achievement_evidence", uid=FILE),
    ]
    for attachment in files:
        attachment.at = RETURNED_AT - timedelta(days=5)
    return contents.make_complete(
        state,
        returns=[row],
        deadline=deadline,
        achievements=[
            make_entry("performance", "award", uid=ONE, name="甲", grade="一等奖"),
            make_entry("performance", "award", uid=TWO, name="乙", grade="二等奖"),
        ],
        attachments=files,
    )


def item(section: str = "", entry: str = "", field: str = "") -> dict[str, str]:
    return {"section": section, "entry": entry, "field": field}


def open_places(case: Application) -> set[str]:
    """Where the applicant can write, by name."""
    actor = applicant_of(case)

    def is_open(section: str, uid: str = "", field: str = "") -> bool:
        return writing.is_editable(case, section, actor, NOW, uid=uid, field=field)

    files = {attachment.uid: attachment for attachment in case.attachments}
    places = {
        "basic": is_open("basic"),
        "basic.school": is_open("basic", field="school"),
        "basic.degree": is_open("basic", field="degree"),
        "photo": is_open("basic", field="photo"),
        "education": is_open("education"),
        "performance": is_open("performance"),
        "one": is_open("performance", ONE),
        "one.grade": is_open("performance", ONE, "grade"),
        "two": is_open("performance", TWO),
        "two.grade": is_open("performance", TWO, "grade"),
        "add statement": can_add(AskedForm(case), "social_insurance", actor, NOW),
        "add proof": can_add(AskedForm(case), "achievement_evidence", actor, NOW),
        "statement": can_change(case, files[OTHER], actor, NOW),
        "proof": can_change(case, files[FILE], actor, NOW),
    }
    return {name for name, opened in places.items() if opened}


EVERYTHING = {
    "basic",
    "basic.school",
    "basic.degree",
    "photo",
    "education",
    "performance",
    "one",
    "one.grade",
    "two",
    "two.grade",
    "add statement",
    "add proof",
    "statement",
    "proof",
}
#: While an entry is corrected, its proof may be added, but not where ID numbers are shown.
PROOF = {"add proof"}


@pytest.mark.parametrize(
    ("pinned", "expected"),
    [
        (item(), EVERYTHING),
        (item("basic"), {"basic", "basic.school", "basic.degree", "photo"}),
        (item("basic", field="school"), {"basic.school"}),
        (item("basic", field="photo"), {"photo"}),
        (item("education"), {"education"}),
        (item("performance"), {"performance", "one", "one.grade", "two", "two.grade"} | PROOF),
        (item("performance", ONE), {"one", "one.grade"} | PROOF),
        (item("performance", ONE, "grade"), {"one.grade"}),
        (item("attachments"), {"add statement", "add proof", "statement", "proof"}),
        (item("attachments", field="social_insurance"), {"add statement", "statement"}),
        (item("attachments", OTHER), {"statement"}),
    ],
)
def test_only_what_was_reopened_can_be_written(pinned: dict[str, str], expected: set[str]) -> None:
    assert open_places(returned(pinned)) == expected
    assert open_places(returned(pinned, state=State.CORRECTION)) == expected


def test_several_items_add_up() -> None:
    case = returned(item("basic", field="school"), item("attachments", OTHER))
    assert open_places(case) == {"basic.school", "statement"}


def test_only_the_last_return_counts() -> None:
    case = returned(item())
    older = Return(items=[ReturnItem(text="旧")], deadline=NOW, at=NOW, from_state="submitted")
    Application.objects(id=case.id).update_one(
        set__returns=[
            older,
            Return(items=[ReturnItem(text="新", section="basic")], deadline=NOW, at=NOW, from_state="x"),
        ]
    )
    assert open_places(fresh(case)) == {"basic", "basic.school", "basic.degree", "photo"}


def test_after_the_deadline_nothing_can_be_written() -> None:
    case = returned(item(), late=True)
    assert open_places(case) == set()
    actor = applicant_of(case)
    with pytest.raises(NotEditable, match="期限已过"):
        section_records.save_record(case, "basic", {"school": "x"}, 1, actor, NOW)
    with pytest.raises(NotEditable):
        add_attachment(case, "material_table", contents.attachment("material_table"), actor, NOW)


def test_the_last_millisecond_still_counts() -> None:
    case = returned(item())
    actor, deadline = applicant_of(case), case.deadline
    assert writing.is_editable(case, "basic", actor, deadline)
    assert not writing.is_editable(case, "basic", actor, deadline + timedelta(milliseconds=1))


def test_nobody_else_writes_what_was_reopened() -> None:
    case = returned(item())
    for actor in (make_actor(Role.UNIT_HR), make_actor(Role.OFFICE), applicant_of(contents.make_complete())):
        assert not writing.is_editable(case, "basic", actor, NOW)


def save(case: Application, **raw: Any) -> writing.Saved:
    return section_records.save_record(case, "basic", raw, 1, applicant_of(case), NOW)


def test_a_reopened_field_takes_only_its_own_value() -> None:
    case = returned(item("basic", field="school"))
    save(case, school="武汉大学", degree="doctor", major="别的")
    record = fresh(case).record("basic")
    assert (record.get("school"), record.get("degree"), record.get("major")) == (
        "武汉大学",
        "master",
        "计算机应用技术",
    )


def test_a_section_without_any_reopened_field_is_refused() -> None:
    case = returned(item("education"))
    with pytest.raises(NotEditable, match="没有要求补正"):
        save(case, school="武汉大学")


def test_a_reopened_field_of_an_entry_takes_only_its_own_value() -> None:
    case = returned(item("performance", ONE, "grade"))
    actor = applicant_of(case)
    entries.save_entry(
        case, "performance", ONE, {"name": "改名", "grade": "三等奖"}, 1, actor, NOW, evidence=[FILE]
    )
    entry = fresh(case).entries("performance")[0]
    assert (entry.get("name"), entry.get("grade"), list(entry.evidence)) == ("甲", "三等奖", [])


def test_a_reopened_entry_can_be_changed_and_removed_but_none_added() -> None:
    case = returned(item("performance", ONE))
    actor = applicant_of(case)
    entries.save_entry(case, "performance", ONE, {"name": "改名"}, 1, actor, NOW, evidence=[FILE])
    for deed in (
        lambda: entries.save_entry(case, "performance", TWO, {"name": "x"}, 1, actor, NOW),
        lambda: entries.save_entry(case, "performance", None, {"name": "x"}, 0, actor, NOW, kind="award"),
        lambda: entries.remove_entry(case, "performance", TWO, 1, actor, NOW),
        lambda: entries.move_entry(case, "performance", ONE, None, actor, NOW),
        lambda: section_records.set_none(case, "performance", True, 0, actor, NOW),
    ):
        with pytest.raises(NotEditable):
            deed()
    removed = entries.remove_entry(fresh(case), "performance", ONE, 2, actor, NOW)
    entries.restore_entry(fresh(case), "performance", removed, actor, NOW)
    assert [entry.get("name") for entry in fresh(case).entries("performance")] == ["乙", "改名"]


def test_proof_added_by_mistake_during_a_return_can_be_taken_back() -> None:
    case = returned(item("performance", ONE))
    actor = applicant_of(case)
    added = contents.attachment("achievement_evidence", uid="c" * 32)
    add_attachment(case, "achievement_evidence", added, actor, NOW)
    remove_attachment(fresh(case), added.uid, actor, NOW)
    with pytest.raises(NotEditable):
        remove_attachment(fresh(case), FILE, actor, NOW)


def test_a_replaced_file_can_be_replaced_again() -> None:
    """The item names the file that was there; the new one has an identity of its own."""
    case = returned(item("attachments", OTHER))
    actor = applicant_of(case)
    second = add_attachment(
        case, "social_insurance", contents.attachment("social_insurance"), actor, NOW, replaces=OTHER
    )
    third = add_attachment(
        fresh(case),
        "social_insurance",
        contents.attachment("social_insurance"),
        actor,
        NOW,
        replaces=second.uid,
    )
    edit_attachment(fresh(case), third.uid, 60, "", 1, actor, NOW)
    assert [a.months for a in fresh(case).files("social_insurance")] == [60]


def test_the_photo_can_be_reopened_alone() -> None:
    case = returned(item("basic", field="photo"))
    actor = applicant_of(case)
    set_photo(case, make_photo("#ffffff"), "basic", actor, NOW)
    other = returned(item("basic", field="school"))
    with pytest.raises(NotEditable):
        set_photo(other, make_photo("#ffffff"), "basic", applicant_of(other), NOW)
