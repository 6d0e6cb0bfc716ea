"""Attachments and the photo: named slots, links to entries, races for the last place (G11, G25-G28)."""

from typing import Any

import pytest

from models.application import Application
from models.choices import Role, State, Verdict
from models.sections import Attachment, Entry, Judgement
from panel.domain.content import entries, files
from panel.domain.errors import Invalid, NotEditable, NotFound, Refused, StaleWrite
from tests import contents
from tests.factories import NOW, applicant_of, fresh, make_actor, make_application, make_entry, make_photo
from tests.models.test_transactions import at_once

pytestmark = pytest.mark.usefixtures("database")
A, B, C = "a" * 32, "b" * 32, "c" * 32


def file(slot: str = "achievement_evidence", **values: Any) -> Attachment:
    return contents.attachment(slot, **values)


def proved(name: str, *uids: str, section: str = "performance") -> Entry:
    entry = make_entry(section, "project" if section == "performance" else "paper", name=name)
    entry.evidence = list(uids)
    return entry


def add(case: Application, attachment: Attachment, **options: Any) -> Attachment:
    return files.add_attachment(case, attachment.slot, attachment, applicant_of(case), NOW, **options)


def uids(case: Application) -> list[str]:
    return [attachment.uid for attachment in fresh(case).attachments]


# --- adding ----------------------------------------------------------------------------------------


def test_a_file_is_recorded_in_its_slot() -> None:
    case = make_application()
    add(case, file("material_table", uid=A))
    (stored,) = fresh(case).files("material_table")
    assert (stored.uid, stored.version, stored.at) == (A, 1, NOW)
    assert fresh(case).content_revision == 4


def test_a_slot_that_this_application_has_not_is_not_found() -> None:
    """G26: a first application has no certificate of a present title."""
    case = make_application(kind="first", level="middle")
    for slot in ("title_certificate", "nothing", "basic"):
        with pytest.raises(NotFound):
            add(case, file(slot))


def test_a_full_slot_takes_no_more() -> None:
    case = make_application(attachments=[file("material_table") for _ in range(5)])
    with pytest.raises(Refused, match="最多上传 5 个"):
        add(case, file("material_table"))


def test_two_uploads_at_once_cannot_overfill_a_slot() -> None:
    case = make_application(attachments=[file("material_table") for _ in range(4)])
    actor = applicant_of(case)
    deeds = [
        lambda uid=uid: files.add_attachment(
            case, "material_table", file("material_table", uid=uid), actor, NOW
        )
        for uid in (A, B, C)
    ]
    outcomes = at_once(*deeds)
    assert len([row for row in outcomes if isinstance(row, Refused)]) == 2
    assert len(fresh(case).attachments) == 5


@pytest.mark.parametrize("state", [State.SUBMITTED, State.UNIT_PUBLICITY, State.LAPSED, State.CERTIFIED])
def test_a_frozen_application_takes_no_file(state: State) -> None:
    case = make_application(state, attachments=[file(uid=A)])
    actor = applicant_of(case)
    for deed in (
        lambda: add(case, file()),
        lambda: add(case, file(), replaces=A),
        lambda: files.remove_attachment(case, A, actor, NOW),
        lambda: files.edit_attachment(case, A, 5, "", 0, actor, NOW),
        lambda: files.set_photo(case, make_photo(), "basic", actor, NOW),
    ):
        with pytest.raises(NotEditable):
            deed()
    assert uids(case) == [A]


def test_nobody_else_touches_the_files() -> None:
    case = make_application(attachments=[file(uid=A)])
    for actor in (make_actor(Role.UNIT_HR), make_actor(Role.OFFICE), applicant_of(make_application())):
        with pytest.raises(NotEditable):
            files.add_attachment(case, "material_table", file("material_table"), actor, NOW)
        with pytest.raises(NotEditable):
            files.remove_attachment(case, A, actor, NOW)


# --- replacing and removing ------------------------------------------------------------------------


def test_replacing_a_file_keeps_its_place_and_the_links_of_entries() -> None:
    case = make_application(
        attachments=[file(uid=A), file(uid=B)],
        achievements=[proved("甲", A, B), proved("乙", B), proved("论文", A, section="publications")],
    )
    new = add(case, file(uid=C, name="清晰版.pdf"), replaces=A)
    assert new.replaces == A
    assert uids(case) == [C, B]
    assert [list(entry.evidence) for entry in fresh(case).achievements] == [[C, B], [B], [C]]


def test_replacing_takes_in_a_link_made_meanwhile() -> None:
    case = make_application(attachments=[file(uid=A)], achievements=[proved("甲")])
    actor = applicant_of(case)
    entry = case.entries("performance")[0]
    entries.save_entry(case, "performance", entry.uid, {}, 1, actor, NOW, evidence=[A])
    add(case, file(uid=C), replaces=A)
    assert fresh(case).entries("performance")[0].evidence == [C]


def test_a_file_can_only_take_the_place_of_one_in_the_same_slot() -> None:
    case = make_application(attachments=[file(uid=A)])
    for replaced, slot in ((A, "material_table"), (B, "achievement_evidence")):
        with pytest.raises(NotFound):
            add(case, file(slot), replaces=replaced)
    assert uids(case) == [A]


def test_of_two_replacements_of_the_same_file_one_wins() -> None:
    case = make_application(attachments=[file(uid=A)], achievements=[proved("甲", A)])
    actor = applicant_of(case)
    outcomes = at_once(
        *[
            lambda uid=uid: files.add_attachment(
                case, "achievement_evidence", file(uid=uid), actor, NOW, replaces=A
            )
            for uid in (B, C)
        ]
    )
    assert len([row for row in outcomes if isinstance(row, NotFound | StaleWrite)]) == 1
    (left,) = uids(case)
    assert fresh(case).entries("performance")[0].evidence == [left]


def test_removing_a_file_takes_it_out_of_every_entry() -> None:
    case = make_application(
        attachments=[file(uid=A), file(uid=B)],
        achievements=[proved("甲", A, B), proved("论文", A, section="publications")],
    )
    files.remove_attachment(case, A, applicant_of(case), NOW)
    assert uids(case) == [B]
    assert [list(entry.evidence) for entry in fresh(case).achievements] == [[B], []]
    with pytest.raises(NotFound):
        files.remove_attachment(fresh(case), A, applicant_of(case), NOW)


def test_removing_takes_a_link_made_meanwhile_along() -> None:
    case = make_application(attachments=[file(uid=A)], achievements=[proved("甲")])
    actor = applicant_of(case)
    entry = case.entries("performance")[0]
    entries.save_entry(case, "performance", entry.uid, {}, 1, actor, NOW, evidence=[A])
    files.remove_attachment(case, A, actor, NOW)
    assert (uids(case), list(fresh(case).entries("performance")[0].evidence)) == ([], [])


def test_linking_and_removing_at_the_same_moment_leave_no_dangling_link() -> None:
    case = make_application(attachments=[file(uid=A)], achievements=[proved("甲")])
    actor = applicant_of(case)
    entry = case.entries("performance")[0]
    at_once(
        lambda: entries.save_entry(case, "performance", entry.uid, {}, 1, actor, NOW, evidence=[A]),
        lambda: files.remove_attachment(case, A, actor, NOW),
    )
    assert list(fresh(case).entries("performance")[0].evidence) == []


# --- describing ------------------------------------------------------------------------------------


def edit(case: Application, months: int | None = None, note: str = "", version: int = 0) -> None:
    files.edit_attachment(case, A, months, note, version, applicant_of(case), NOW)


def test_the_months_of_a_statement_are_stated() -> None:
    """G25."""
    statement = file("social_insurance", uid=A)
    statement.judgement = Judgement(verdict=Verdict.ACCEPT.value)
    case = make_application(attachments=[statement])
    edit(case, 60, " 近五年 ")
    (stored,) = fresh(case).attachments
    assert (stored.months, stored.note, stored.version, stored.judgement) == (60, "近五年", 1, None)
    edit(fresh(case), 60, "近五年", 1)
    assert fresh(case).content_revision == 4


def test_two_tabs_describing_the_same_file() -> None:
    case = make_application(attachments=[file(uid=A)])
    edit(case, 60)
    with pytest.raises(StaleWrite) as stale:
        edit(case, 36, "三年")
    assert stale.value.current.months == 60
    assert stale.value.typed == {"months": 36, "note": "三年"}


@pytest.mark.parametrize(
    ("months", "note", "field"), [(-1, "", "months"), (721, "", "months"), (1, "长" * 301, "note")]
)
def test_odd_months_and_long_notes_are_refused(months: int, note: str, field: str) -> None:
    case = make_application(attachments=[file(uid=A)])
    with pytest.raises(Invalid) as refused:
        edit(case, months, note)
    assert list(refused.value.fields) == [field]
    assert fresh(case).revision == 0


# --- the photo -------------------------------------------------------------------------------------


def test_the_photo_is_recorded() -> None:
    case = make_application(photo=None)
    photo = make_photo("#ffffff")
    files.set_photo(case, photo, "basic", applicant_of(case), NOW)
    assert (fresh(case).photo.sha256, fresh(case).photo.at) == (photo.sha256, NOW)
    assert fresh(case).content_revision == 4
