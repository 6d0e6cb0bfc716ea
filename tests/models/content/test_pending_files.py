"""Files that were changed on their way in: no attachment before their owner says so."""

from datetime import timedelta
from typing import Any

import pytest

from models.application import Application
from models.choices import Preparation, Role, State
from models.pending_file import PendingFile
from models.sections import Attachment
from panel.domain.access import policy
from panel.domain.content import files, pending
from panel.domain.content.files import file_name
from panel.domain.content.pending import KEPT_FOR, MOST_PENDING
from panel.domain.errors import Invalid, NotEditable, NotFound, Refused
from panel.services import storage, sweeping
from tests.contents import attachment
from tests.factories import NOW, applicant_of, fresh, make_actor, make_application

pytestmark = pytest.mark.usefixtures("database")
SLOT = "achievement_evidence"


def keep(case: Application, **values: Any) -> PendingFile:
    given = {"slot": SLOT, "what": Preparation.COMPRESSED, "sent": (1, 12_900_000), "now": NOW} | values
    record = given.pop("record", None) or attachment("", sha256=values.pop("sha256", "cd" * 32))
    return pending.keep_pending(
        case,
        given["slot"],
        record,
        given["what"],
        given["sent"],
        given.get("actor") or applicant_of(case),
        given["now"],
        given.get("replaces"),
    )


def test_what_was_changed_is_no_attachment_before_it_is_used() -> None:
    case = make_application()
    kept = keep(case)
    assert fresh(case).attachments == []
    assert [(row.slot, row.what, row.sent_bytes) for row in pending.pending_files(case, NOW)] == [
        (SLOT, "compressed", 12_900_000)
    ]
    used = pending.use_pending(case, kept, applicant_of(case), NOW)
    (stored,) = fresh(case).attachments
    assert (stored.uid, stored.slot, stored.sha256) == (used.uid, SLOT, "cd" * 32)
    assert PendingFile.objects.count() == 0


def test_used_twice_it_is_one_attachment() -> None:
    case = make_application()
    kept = keep(case)
    pending.use_pending(case, kept, applicant_of(case), NOW)
    with pytest.raises(NotFound):
        pending.use_pending(fresh(case), kept, applicant_of(case), NOW)
    assert len(fresh(case).attachments) == 1


def test_it_takes_the_place_of_the_file_it_was_sent_for() -> None:
    old = attachment(SLOT, uid="a" * 32)
    case = make_application(attachments=[old])
    kept = keep(case, replaces=old.uid)
    used = pending.use_pending(case, kept, applicant_of(case), NOW)
    assert [(a.uid, a.replaces) for a in fresh(case).attachments] == [(used.uid, old.uid)]


def test_a_slot_that_filled_up_meanwhile_takes_no_more_and_the_file_still_waits() -> None:
    case = make_application()
    kept = keep(case, slot="material_table")
    full = [attachment("material_table", sha256=f"{n:064x}") for n in range(5)]
    Application.objects(id=case.id).update_one(set__attachments=full)
    with pytest.raises(Refused):
        pending.use_pending(fresh(case), kept, applicant_of(case), NOW)
    assert PendingFile.objects.count() == 1


def test_thrown_away_it_leaves_nothing() -> None:
    case = make_application()
    kept = keep(case)
    with pytest.raises(NotFound):
        pending.discard_pending(case, kept, make_actor(Role.UNIT_HR))
    pending.discard_pending(case, kept, applicant_of(case))
    assert PendingFile.objects.count() == 0


def test_the_same_result_sent_again_waits_once() -> None:
    case = make_application()
    keep(case)
    keep(case)
    keep(case, slot="material_table")
    assert len(pending.pending_files(case, NOW)) == 2


def test_only_so_many_wait_at_a_time() -> None:
    case = make_application()
    for number in range(MOST_PENDING):
        keep(case, record=attachment("", sha256=f"{number:064x}"))
    with pytest.raises(Refused):
        keep(case, record=attachment("", sha256="ff" * 32))


def test_after_some_hours_it_is_gone() -> None:
    case = make_application()
    kept = keep(case)
    late = NOW + KEPT_FOR + timedelta(seconds=1)
    assert pending.pending_files(case, late) == []
    with pytest.raises(NotFound):
        pending.pending_file(case, kept.uid, late)
    assert pending.forget_expired(NOW) == 0
    assert pending.forget_expired(late) == 1
    assert PendingFile.objects.count() == 0


def test_it_goes_by_the_programs_clock_and_not_by_the_servers() -> None:
    """A demo's clock may be moved: the server would delete by its own what was kept a moment ago."""
    indexes = PendingFile._get_collection().index_information()
    assert [name for name, index in indexes.items() if "expireAfterSeconds" in index] == []


def test_nobody_else_finds_it() -> None:
    case, other = make_application(), make_application()
    kept = keep(case)
    with pytest.raises(NotFound):
        pending.pending_file(other, kept.uid, NOW)
    everything = make_actor(*[role for role in Role if role != Role.SYSTEM])
    assert policy.visible(everything, PendingFile).count() == 0


def test_a_closed_form_keeps_nothing() -> None:
    case = make_application(State.SUBMITTED)
    with pytest.raises(NotEditable):
        keep(case)
    with pytest.raises(NotEditable):
        keep(make_application(), actor=make_actor(Role.UNIT_HR))


def test_its_bytes_are_not_swept_while_it_waits() -> None:
    case = make_application()
    keep(case, record=attachment("", sha256=storage.put(b"x", "image/jpeg"), thumbnail_sha256="ee" * 32))
    named = sweeping.referenced()
    assert {storage.put(b"x", "image/jpeg"), "ee" * 32} <= named


# --- what a file is called -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "ending", "name"),
    [
        ("立项通知书.pdf", ".pdf", "立项通知书.pdf"),
        ("立项通知书", ".pdf", "立项通知书.pdf"),
        ("IMG_0012.HEIC", ".jpg", "IMG_0012.jpg"),
        ("扫描件.PDF", ".pdf", "扫描件.PDF"),
        ("2023.5 获奖", ".jpg", "2023.5 获奖.jpg"),
        ("C:\\资料\\论文.pdf", "", "论文.pdf"),
        ("../../etc/passwd", "", "passwd"),
        ("a\x00b\u202e.pdf", "", "ab.pdf"),
        ("长" * 200 + ".pdf", "", "长" * 116 + ".pdf"),
        ("   ", ".pdf", ""),
        ("...", ".pdf", ""),
    ],
)
def test_a_file_is_called_what_was_typed_with_the_ending_of_its_content(
    typed: str, ending: str, name: str
) -> None:
    assert file_name(typed, ending) == name


def edit(case: Application, name: str | None, months: int | None = None) -> None:
    row: Attachment = fresh(case).attachments[0]
    files.edit_attachment(fresh(case), row.uid, months, "", row.version, applicant_of(case), NOW, name=name)


def test_a_file_gets_another_name_and_keeps_its_ending_and_judgement() -> None:
    judged = {"verdict": "accept", "at": NOW}
    case = make_application(attachments=[attachment(SLOT, name="IMG_0012.jpg", judgement=judged)])
    edit(case, "获奖证书")
    (row,) = fresh(case).attachments
    assert (row.name, row.version, row.judgement.verdict) == ("获奖证书.jpg", 1, "accept")
    edit(case, "获奖证书")
    assert fresh(case).attachments[0].version == 1
    edit(case, None, months=12)
    assert (fresh(case).attachments[0].name, fresh(case).attachments[0].judgement) == ("获奖证书.jpg", None)


def test_a_file_has_some_name() -> None:
    case = make_application(attachments=[attachment(SLOT)])
    with pytest.raises(Invalid) as refused:
        edit(case, "  ")
    assert set(refused.value.fields) == {"name"}
