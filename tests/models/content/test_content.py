"""Records of the form: saved as typed, by versions, without losing or leaking anything."""

from typing import Any

import pytest

from models.application import Application
from models.choices import Role, State
from models.messages import Message
from models.sections import SectionRecord
from models.values import SEALED
from panel.domain.actors import Actor
from panel.domain.content import files, section_records
from panel.domain.content.writing import Saved
from panel.domain.errors import Invalid, NotEditable, NotFound, StaleWrite
from tests import factories
from tests.factories import (
    NOW,
    applicant_of,
    fresh,
    make_actor,
    make_application,
    make_record,
    shipped_data,
    stored,
)

pytestmark = pytest.mark.usefixtures("database")


def save(application: Application, version: int = 1, section: str = "basic", **raw: Any) -> Saved:
    return section_records.save_record(application, section, raw, version, applicant_of(application), NOW)


def draft(**values: Any) -> Application:
    given = {"school": "华中科技大学", "phone": "13800001111"} | values
    return make_application(sections={"basic": make_record(**given)})


# --- saving ----------------------------------------------------------------------------------------


def test_what_is_typed_is_saved_and_counted() -> None:
    case = draft()
    saved = save(case, school=" 武汉大学 ", graduated_on="2012年6月", health="healthy", ethnicity="汉族")
    record = fresh(case).record("basic")
    assert (record.get("school"), record.get("graduated_on")) == ("武汉大学", "2012-06")
    assert (record.get("health"), record.get("ethnicity")) == ("healthy", "汉族")
    assert (saved.version, record.version, saved.changed) == (2, 2, True)
    assert (saved.revision, saved.content_revision) == (1, 4)
    assert (fresh(case).revision, fresh(case).content_revision) == (1, 4)
    assert record.changed_at == NOW


def test_the_first_save_of_a_section_starts_at_version_zero() -> None:
    case = make_application()
    assert save(case, 0, section="qualification", years="14").version == 1
    assert fresh(case).record("qualification").get("years") == 14


def test_a_record_stored_without_content_is_saved_from_version_zero_too() -> None:
    case = make_application(sections={"basic": SectionRecord()})
    assert save(case, 0, school="武汉大学").version == 1


def test_fields_that_are_not_sent_stay() -> None:
    case = draft()
    save(case, major="计算机应用技术")
    assert fresh(case).record("basic").get("school") == "华中科技大学"


def test_a_field_sent_empty_is_cleared() -> None:
    case = draft()
    save(case, school="")
    assert "school" not in stored(case)["sections"]["basic"]["values"]


def test_a_missing_required_field_never_blocks_saving() -> None:
    """Saving is never blocked by a missing field."""
    case = draft()
    assert not save(case, school="", major="", degree="").unread


def test_an_unchanged_save_changes_nothing() -> None:
    case = draft()
    saved = save(case, school="华中科技大学", phone="138 0000 1111", party="")
    assert (saved.changed, saved.version, saved.content_revision) == (False, 1, 3)
    assert stored(case)["revision"] == 0
    assert fresh(case).updated_at == NOW


def test_the_same_save_sent_twice_by_a_lost_network_is_no_conflict() -> None:
    case = draft()
    save(case, 1, school="武汉大学")
    again = save(fresh(case), 1, school="武汉大学")
    assert (again.changed, again.version) == (False, 2)


# --- what can't be read ----------------------------------------------------------------------------


def test_text_that_cannot_be_read_is_kept_as_typed_and_reported() -> None:
    case = draft(graduated_on="2012-06")
    saved = save(case, graduated_on="毕业那年", school="武汉大学")
    record = fresh(case).record("basic")
    assert list(saved.unread) == ["graduated_on"]
    assert isinstance(saved.unread["graduated_on"], Message)
    assert record.typed_text("graduated_on") == "毕业那年"
    assert record.get("graduated_on") is None
    assert record.get("school") == "武汉大学"


def test_reading_it_after_a_correction_forgets_the_unread_text() -> None:
    case = draft()
    save(case, graduated_on="毕业那年")
    save(fresh(case), 2, graduated_on="2012.6")
    record = fresh(case).record("basic")
    assert (record.get("graduated_on"), record.typed_text("graduated_on")) == ("2012-06", None)


def test_the_same_unreadable_text_again_changes_nothing() -> None:
    case = draft()
    save(case, graduated_on="毕业那年")
    again = save(fresh(case), 2, graduated_on="毕业那年")
    assert (again.changed, again.content_revision) == (False, 4)
    assert "graduated_on" in again.unread


def test_an_overlong_text_is_kept_whole() -> None:
    case = draft()
    text = "长" * 6000
    saved = save(case, duty_summary=text)
    assert "duty_summary" in saved.unread
    assert fresh(case).record("basic").typed_text("duty_summary") == text


def test_a_text_beyond_all_measure_is_refused_instead_of_cut() -> None:
    case = draft()
    with pytest.raises(Invalid) as refused:
        save(case, duty_summary="长" * 50_001)
    assert list(refused.value.fields) == ["duty_summary"]
    assert stored(case)["revision"] == 0


@pytest.mark.parametrize("value", [{"$gt": ""}, ["a", {"$ne": None}], "\ud83d 半个表情 \x00"])
def test_odd_input_is_kept_as_text_and_never_as_an_operator(value: Any) -> None:
    case = draft()
    save(case, school="", graduated_on=value, phone=value)
    kept = stored(case)["sections"]["basic"]
    assert isinstance(kept["unread"]["graduated_on"], str)
    assert "graduated_on" not in kept["values"]


# --- secrets ---------------------------------------------------------------------------------------


def test_a_secret_never_lies_in_clear_in_the_database() -> None:
    case = draft()
    save(case, phone="13912345678")
    assert fresh(case).record("basic").get("phone") == "13912345678"
    assert "13912345678" not in str(stored(case))


def test_a_secret_that_could_not_be_read_is_sealed_too() -> None:
    case = draft()
    save(case, phone="电话 1391234567")
    assert fresh(case).record("basic").typed_text("phone") == "电话 1391234567"
    assert "1391234567" not in str(stored(case))


def test_text_that_looks_sealed_is_read_back_as_typed() -> None:
    case = draft()
    save(case, school=SEALED + "AAAA", graduated_on=SEALED + "BBBB")
    record = fresh(case).record("basic")
    assert record.get("school") == SEALED + "AAAA"
    assert record.typed_text("graduated_on") == SEALED + "BBBB"


# --- two tabs --------------------------------------------------------------------------------------


def test_a_stale_write_shows_both_versions_and_stores_nothing() -> None:
    case = draft()
    save(case, 1, school="武汉大学")
    with pytest.raises(StaleWrite) as stale:
        save(case, 1, school="华中师范大学")
    assert stale.value.current.get("school") == "武汉大学"
    assert stale.value.current.version == 2
    assert stale.value.typed == {"school": "华中师范大学"}
    assert fresh(case).record("basic").get("school") == "武汉大学"
    assert fresh(case).content_revision == 4


def test_an_old_page_of_a_fresh_document_is_stale_as_well() -> None:
    case = draft()
    save(case, 1, school="武汉大学")
    with pytest.raises(StaleWrite):
        save(fresh(case), 1, school="华中师范大学")


def test_another_section_in_another_tab_is_no_conflict() -> None:
    case = draft()
    save(case, 1, school="武汉大学")
    save(case, 0, section="qualification", years="14")
    assert fresh(case).record("qualification").get("years") == 14
    assert fresh(case).content_revision == 5


# --- what may not be set ---------------------------------------------------------------------------


def test_locked_fields_and_what_is_no_field_of_the_section_are_ignored() -> None:
    case = draft(name="林晓静")
    before = stored(case)
    saved = save(
        case,
        name="别人",
        id_number="420106198603120021",
        state="certified",
        unit="x",
        is_live="0",
        nickname="x",
        changed_at="2020",
        **{"values.school": "x", "$set": {"state": "passed"}, "sections.basic.none": "1"},
    )
    assert saved.changed is False
    assert stored(case) == before


def test_a_section_that_is_not_of_this_application_is_not_found() -> None:
    case = draft()
    for section in ("nothing", "education", "attachments", "state", "sections.basic"):
        with pytest.raises(NotFound):
            save(case, 0, section=section, school="x")


def test_a_field_that_is_not_asked_of_this_kind_is_ignored() -> None:
    """G14: a first application has no present title."""
    case = make_application(kind="first", level="middle")
    save(case, 0, section="qualification", years="3", title1_name="讲师")
    assert fresh(case).record("qualification").get("title1_name") is None


@pytest.mark.parametrize("role", [Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR, Role.ADMIN, Role.ENDORSER])
def test_nobody_but_the_applicant_writes_content(role: Role) -> None:
    case = draft()
    with pytest.raises(NotEditable):
        section_records.save_record(case, "basic", {"school": "x"}, 1, make_actor(role), NOW)


def test_another_applicant_does_not_write_it_either() -> None:
    case = draft()
    stranger: Actor = applicant_of(make_application())
    with pytest.raises(NotEditable):
        section_records.save_record(case, "basic", {"school": "x"}, 1, stranger, NOW)


@pytest.mark.parametrize(
    "state", [s for s in State if s not in (State.DRAFT, State.RETURNED, State.CORRECTION)]
)
def test_content_is_frozen_once_it_is_out_of_hand(state: State) -> None:
    case = make_application(state, sections={"basic": make_record(school="华中科技大学")})
    with pytest.raises(NotEditable):
        save(case, school="武汉大学")
    assert fresh(case).record("basic").get("school") == "华中科技大学"


def test_a_page_opened_before_submitting_cannot_write_afterwards() -> None:
    case = draft()
    Application.objects(id=case.id).update_one(set__state=State.SUBMITTED.value)
    with pytest.raises(NotEditable, match="待单位审核"):
        save(case, school="武汉大学")
    assert fresh(case).record("basic").get("school") == "华中科技大学"


# --- fields that appear by a choice ----------------------------------------------------------------


def round_with_appearing_field() -> Any:
    """A round in which a further field is asked of those who have an administrative post."""
    sections = shipped_data()["sections"]
    basic = next(section for section in sections if section["key"] == "basic")
    yes_no = {"key": "has_post", "label": "有无行政职务", "type": "yes_no"}
    since = {
        "key": "post_since",
        "label": "任行政职务时间",
        "type": "month",
        "when": {"values": {"has_post": [True]}},
    }
    basic["fields"] = [*basic["fields"], yes_no, since]
    return factories.make_round(sections=sections)


def test_a_field_that_appears_by_a_choice_is_saved_with_that_choice() -> None:
    """Typed together and sent together: nothing of it is lost."""
    case = make_application(round=round_with_appearing_field())
    save(case, 0, has_post="1", post_since="2021-03")
    record = fresh(case).record("basic")
    assert (record.get("has_post"), record.get("post_since")) == (True, "2021-03")


def test_a_field_that_a_choice_hides_is_not_written() -> None:
    case = make_application(round=round_with_appearing_field())
    save(case, 0, has_post="0", post_since="2021-03")
    assert fresh(case).record("basic").get("post_since") is None


# --- the preview -----------------------------------------------------------------------------------


def preview(case: Application, revision: int) -> None:
    files.record_preview(case, revision, "ab" * 32, applicant_of(case), NOW)


def test_recording_a_preview_is_no_change_of_content() -> None:
    case = draft()
    preview(case, 3)
    assert fresh(case).preview == {"content_revision": 3, "at": NOW, "sha256": "ab" * 32}
    assert (fresh(case).content_revision, fresh(case).revision) == (3, 1)


def test_a_preview_of_content_that_has_changed_since_does_not_count() -> None:
    case = draft()
    save(case, school="武汉大学")
    preview(case, 3)
    assert fresh(case).preview == {}


def test_only_the_applicant_previews() -> None:
    case = draft()
    with pytest.raises(NotFound):
        files.record_preview(case, 3, "ab" * 32, make_actor(Role.UNIT_HR), NOW)
