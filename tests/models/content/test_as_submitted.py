"""What everybody but the applicant reads: the content that was submitted last (G29, G30)."""

from typing import Any

import pytest

from models.application import Application
from models.choices import Action, State, Verdict
from models.sections import Attachment, Photo
from panel.domain.content import entries, files, frozen, section_records
from panel.domain.errors import NotFound
from panel.domain.steps import judging, workflow
from tests import contents, steps
from tests.factories import NOW, applicant_of, fresh, make_application

pytestmark = pytest.mark.usefixtures("database")


def returned() -> Application:
    """Submitted, one entry doubted, returned as a whole, and half corrected."""
    case = steps.submit().run()
    first = case.entries("performance")[0].uid
    judging.judge(case, [first], Verdict.DOUBT, "排名待核", steps.hr(), NOW)
    data = steps.send_back().data | {"items": [{"text": "请全面核对"}]}
    return workflow.run(Action.RETURN, fresh(case), steps.hr(), NOW, **data)


def correct(case: Application) -> None:
    """Change a field, drop an entry, add another, replace a file, change the photo."""
    actor = applicant_of(case)
    first, second = case.entries("performance")[:2]

    def write(method: Any, *arguments: Any, **options: Any) -> None:
        method(fresh(case), *arguments, actor, NOW, **options)

    write(section_records.save_record, "basic", {"school": "武汉大学", "phone": "13911112222"}, 1)
    write(entries.save_entry, "performance", first.uid, {"name": "改过的名称"}, first.version)
    write(entries.remove_entry, "performance", second.uid, second.version)
    write(entries.save_entry, "performance", None, {"name": "新增"}, 0, kind="award")
    old = case.files("material_table")[0]
    new = contents.attachment("material_table", name="新材料表.pdf")
    write(files.add_attachment, "material_table", new, replaces=old.uid)
    write(files.set_photo, Photo(sha256="ef" * 32, width=295, height=413, size=9000), "basic")


def shown(case: Application) -> tuple[Any, ...]:
    return (
        case.record("basic").get("school"),
        case.record("basic").get("phone"),
        [entry.get("name") for entry in case.entries("performance")],
        [a.name for a in case.files("material_table")],
        case.photo.sha256,
    )


def test_half_made_corrections_are_not_shown() -> None:
    case = returned()
    submitted = shown(case)
    correct(case)
    live = fresh(case)
    assert shown(live) != submitted
    seen = frozen.as_submitted(live)
    assert shown(seen) == submitted
    assert (seen.id, seen.state, seen.number, seen.revision) == (
        live.id,
        "returned",
        live.number,
        live.revision,
    )
    assert (seen.person, seen.round, seen.unit) == (live.person, live.round, live.unit)
    assert frozen.content_hash(frozen.content_of(seen)) == live.receipt.sha256


def test_judgements_stay_with_the_entries_they_are_of() -> None:
    case = returned()
    section_records.save_record(case, "basic", {"school": "武汉大学"}, 1, applicant_of(case), NOW)
    first, second = frozen.as_submitted(fresh(case)).entries("performance")
    assert (first.judgement.verdict, first.judgement.opinion) == (Verdict.DOUBT, "排名待核")
    assert second.judgement is None


def test_what_is_out_of_the_applicants_hand_is_shown_as_it_is() -> None:
    case = returned()
    assert frozen.as_submitted(case) is case
    correct(case)
    actor = applicant_of(case)
    live = fresh(case)
    files.record_preview(live, live.content_revision, "ab" * 32, actor, NOW)
    Application.objects(id=case.id).update_one(set__state=State.SUBMITTED.value)
    Application.objects(id=case.id).update_one(set__receipt__content_revision=live.content_revision)
    after = fresh(case)
    assert frozen.as_submitted(after) is after


def test_what_lapsed_half_corrected_is_shown_as_it_was_submitted() -> None:
    case = returned()
    submitted = shown(case)
    correct(case)
    Application.objects(id=case.id).update_one(set__state=State.LAPSED.value, set__lapsed_from="returned")
    assert shown(frozen.as_submitted(fresh(case))) == submitted


def test_a_recalled_and_then_withdrawn_application_shows_what_was_submitted() -> None:
    case = steps.submit().run()
    actor = applicant_of(case)
    draft = workflow.run(Action.RECALL, case, actor, NOW)
    section_records.save_record(draft, "basic", {"school": "武汉大学"}, 1, actor, NOW)
    gone = workflow.run(Action.WITHDRAW, fresh(case), actor, NOW, sure=True)
    assert frozen.as_submitted(gone).record("basic").get("school") == "华中科技大学"


def test_what_was_never_submitted_is_not_found() -> None:
    """G30."""
    for case in (make_application(), make_application(State.WITHDRAWN)):
        with pytest.raises(NotFound):
            frozen.as_submitted(case)


def test_a_copy_that_is_shown_cannot_be_stored() -> None:
    case = returned()
    correct(case)
    with pytest.raises(RuntimeError):
        frozen.as_submitted(fresh(case)).save()
    assert isinstance(fresh(case).attachments[0], Attachment)
