"""The personal library: entries and files of earlier applications come along into a new one."""

from typing import Any

import pytest

from models.application import Application
from models.choices import MaterialState, Origin, State
from models.review_round import ReviewRound
from models.sections import Attachment, Entry, Judgement
from models.values import PartialDate
from panel.domain.content import entries, section_records, taking, writing
from panel.domain.content.library import EntryOffer, shelf, sources
from panel.domain.content.taking import Taken
from panel.domain.errors import NotEditable, NotFound, Refused
from panel.services import storage
from tests.contents import (
    attachment,
    attachments,
    award,
    make_complete,
    make_lecturer,
    paper,
    project,
    training,
)
from tests.factories import NOW, applicant_of, fresh, make_application, make_entry, make_record, make_round
from tests.models.test_transactions import at_once

pytestmark = pytest.mark.usefixtures("database")


def round_of(year: int, **changes: Any) -> ReviewRound:
    return make_round(**({"year": year} | changes))


def with_fields(section: str, change: Any) -> list[dict[str, Any]]:
    """The sections of the shipped round with the fields of one of them changed."""
    sections = make_round().spec.model_dump(mode="json")["sections"]
    for row in sections:
        if row["key"] == section:
            row["fields"] = change(row["fields"])
    return list(sections)


def earlier(state: State = State.FAILED, **values: Any) -> Application:
    given: dict[str, Any] = {"round": round_of(2025), "edition": "2025"}
    return make_complete(state, **(given | values))


def now_of(before: Application, **values: Any) -> Application:
    given: dict[str, Any] = {"round": round_of(2026), "edition": "2025"}
    return make_application(person=before.person, **(given | values))


def offers(case: Application, before: Application) -> dict[str, EntryOffer]:
    held = shelf(fresh(case), before, applicant_of(case), NOW)
    rows = [*held.entries.get("performance", []), *held.entries.get("publications", [])]
    return {str(row.title.zh): row for row in rows}


def take(case: Application, before: Application, *items: Entry | Attachment | str) -> Taken:
    uids = [item if isinstance(item, str) else str(item.uid) for item in items]
    return taking.take_along(fresh(case), str(before.id), uids, applicant_of(case), NOW)


# --- from where ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "year", "offered"),
    [
        (State.FAILED, 2025, True),
        (State.CERTIFIED, 2024, True),
        (State.WITHDRAWN, 2026, True),
        (State.NOT_RECOMMENDED, 2025, True),
        (State.DRAFT, 2025, True),
        (State.LAPSED, 2025, True),
        (State.SUBMITTED, 2025, False),
        (State.PANEL, 2025, False),
    ],
)
def test_what_has_ended_is_a_source_and_what_runs_is_not(state: State, year: int, offered: bool) -> None:
    before = earlier(state, round=round_of(year))
    assert [row.id for row in sources(now_of(before))] == ([before.id] if offered else [])


def test_anothers_application_is_no_source() -> None:
    case, other = now_of(earlier()), earlier()
    assert other.id not in [row.id for row in sources(case)]
    with pytest.raises(NotFound):
        take(case, other, other.achievements[0])
    assert fresh(case).achievements == []


def test_a_new_draft_of_the_same_year_takes_from_the_one_given_up_not_from_itself() -> None:
    given_up = earlier(State.WITHDRAWN, round=round_of(2026))
    case = now_of(given_up)
    assert [row.id for row in sources(case)] == [given_up.id]
    with pytest.raises(NotFound):
        take(case, case)


# --- entries ---------------------------------------------------------------------------------------


def test_an_entry_comes_along_with_its_proof_and_shares_the_bytes() -> None:
    sha256 = storage.put(b"proof", "application/pdf")
    files = [
        attachment("achievement_evidence", uid="e" * 32, sha256=sha256, name="立项.pdf", note="旧", months=9)
    ]
    before = earlier(achievements=[project()], attachments=files)
    case = now_of(before)
    taken = take(case, before, before.achievements[0])
    (entry,), (file,) = fresh(case).achievements, fresh(case).attachments
    assert entry.uid != before.achievements[0].uid
    assert (entry.section, entry.kind, entry.get("name")) == (
        "performance",
        "project",
        "面向新工科的课程体系研究",
    )
    assert (entry.start, entry.end, entry.rank, entry.clause) == (
        PartialDate(2021, 3),
        PartialDate(2023, 5, 17),
        1,
        "a1",
    )
    assert entry.evidence == [file.uid]
    assert (file.sha256, file.slot, file.name) == (sha256, "achievement_evidence", "立项.pdf")
    assert (file.note, file.months, file.judgement) == (None, None, None)
    assert taken.entries == [("performance", entry.uid)]
    assert fresh(before).achievements[0].uid == before.achievements[0].uid


def test_what_the_material_table_gave_comes_along_as_ones_own() -> None:
    given = award(
        origin=Origin.HR.value,
        given=["name", "start"],
        agreement=MaterialState.CONFIRMED.value,
        judgement=Judgement(verdict="accept", at=NOW),
    )
    before = earlier(achievements=[given])
    case = now_of(before)
    take(case, before, given)
    (entry,) = fresh(case).achievements
    assert (entry.origin, entry.given, entry.agreement, entry.judgement) == ("applicant", [], None, None)
    assert writing.is_editable(fresh(case), "performance", applicant_of(case), NOW, uid=entry.uid)


def test_fields_that_the_new_round_does_not_have_are_listed_as_left_behind() -> None:
    without_team = with_fields("performance", lambda rows: [row for row in rows if row["key"] != "team"])
    before = earlier(achievements=[award()])
    case = now_of(before, round=round_of(2026, sections=without_team))
    (offer,) = offers(case, before).values()
    assert [(row.label.zh, row.value) for row in offer.left] == [("总人数", "8")]
    assert "没有这一栏" in str(offer.left[0].reason)
    take(case, before, before.achievements[0])
    assert fresh(case).achievements[0].get("team") is None
    assert fresh(case).achievements[0].get("grade") == "二等奖"


def test_an_answer_that_is_no_choice_any_more_is_left_behind() -> None:
    def fewer(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for row in rows:
            if row["key"] == "part":
                row["options"] = [option for option in row["options"] if option["value"] != "lead"]
        return rows

    before = earlier(achievements=[project()])
    case = now_of(before, round=round_of(2026, sections=with_fields("performance", fewer)))
    (offer,) = offers(case, before).values()
    assert len(offer.left) == 1
    take(case, before, before.achievements[0])
    assert (fresh(case).achievements[0].get("part"), dict(fresh(case).achievements[0].unread)) == (None, {})


def test_a_clause_of_other_criteria_is_to_be_chosen_anew() -> None:
    """G22: the same key may be another clause in another edition."""
    editions = make_round().spec.model_dump(mode="json")["editions"]
    for edition in editions:
        for clause in edition["clauses"]:
            if clause["key"] == "a1":
                clause["text"] = {"zh": "第二十条（一）另一条", "en": "20 (1) another one"}
    before = earlier(achievements=[project(), award()])
    case = now_of(before, round=round_of(2026, editions=editions))
    taken = take(case, before, *before.achievements)
    assert [entry.clause for entry in fresh(case).achievements] == [None, "a4"]
    assert taken.clauses == 1


def test_a_section_or_kind_that_is_gone_is_said_and_refused() -> None:
    data = make_round().spec.model_dump(mode="json")
    rules = [row for row in data["requirements"] if row["section"] != "training"]
    new = round_of(
        2026, sections=[row for row in data["sections"] if row["key"] != "training"], requirements=rules
    )
    for row in data["sections"]:
        if row["key"] == "performance":
            row["kinds"].append({"key": "lecture", "label": {"zh": "讲座", "en": "Lecture"}})
    old = round_of(2025, sections=data["sections"])
    lecture, course = (
        make_entry("performance", "lecture", name="报告"),
        training(PartialDate(2020, 1), PartialDate(2020, 6)),
    )
    before = earlier(round=old, achievements=[lecture], training=[course])
    case = now_of(before, round=new)
    held = shelf(case, before, applicant_of(case), NOW)
    assert "没有这一类别" in str(held.entries["performance"][0].refusal)
    assert "没有“学习培训经历”这一部分" in str(held.entries["training"][0].refusal)
    for entry in (lecture, course):
        with pytest.raises(Refused):
            take(case, before, entry)
    assert fresh(case).achievements == []


def test_what_is_there_already_is_marked_and_not_taken_twice() -> None:
    before = earlier(achievements=[project(), paper()])
    case = now_of(before)
    take(case, before, before.achievements[0])
    assert [row.is_there for row in offers(case, before).values()] == [True, False]
    take(case, before, *before.achievements)
    assert [entry.kind for entry in fresh(case).achievements] == ["project", "paper"]
    assert len(fresh(case).attachments) == 1


def test_another_clause_does_not_make_another_entry() -> None:
    before = earlier(achievements=[project()])
    case = now_of(before, achievements=[project(clause="a2")])
    assert [row.is_there for row in offers(case, before).values()] == [True]


def test_taking_something_along_unticks_that_there_is_none() -> None:
    before = earlier(achievements=[project()])
    case = now_of(before, sections={"performance": make_record(), "basic": make_record()})
    Application.objects(id=case.id).update_one(set__sections__performance__none=True)
    take(case, before, before.achievements[0])
    assert fresh(case).record("performance").none is False


def test_more_than_a_section_holds_is_refused_and_nothing_is_taken() -> None:
    before = earlier(achievements=[project(name=f"课题{n}") for n in range(3)])
    case = now_of(before)
    most = fresh(case).spec.section("performance").max_rows
    full = [project(name=f"新{n}") for n in range(most - 2)]
    Application.objects(id=case.id).update_one(set__achievements=full)
    with pytest.raises(Refused):
        take(case, before, *before.achievements)
    assert len(fresh(case).achievements) == most - 2


def test_nothing_comes_along_into_what_was_submitted() -> None:
    before = earlier()
    case = make_complete(State.SUBMITTED, person=before.person, round=round_of(2026), achievements=[])
    with pytest.raises((Refused, NotEditable)):
        take(case, before, before.achievements[0])


def test_two_windows_taking_at_once_lose_nothing() -> None:
    before = earlier(achievements=[project(), award(), paper()])
    case = now_of(before)
    actor = applicant_of(case)
    stale = fresh(case)
    at_once(
        *[
            lambda uid=str(entry.uid): taking.take_along(stale, str(before.id), [uid], actor, NOW)  # type: ignore[misc]
            for entry in before.achievements
        ]
    )
    assert sorted(entry.kind for entry in fresh(case).achievements) == ["award", "paper", "project"]
    assert len(fresh(case).attachments) == 1


# --- files -----------------------------------------------------------------------------------------


def test_files_go_to_the_slot_of_the_same_name() -> None:
    before = earlier(attachments=[row for row in attachments() if row.slot != "achievement_evidence"])
    for number, row in enumerate(before.attachments):
        row.sha256 = f"{number:064x}"
    Application.objects(id=before.id).update_one(set__attachments=before.attachments)
    before = fresh(before)
    case = now_of(before)
    take(case, before, *before.attachments)
    assert {row.slot for row in fresh(case).attachments} == {
        "social_insurance",
        "title_certificate",
        "qualification_certificate",
        "material_table",
    }
    assert all(row.months is None for row in fresh(case).attachments)


def test_a_file_with_an_id_number_never_moves_to_a_slot_that_others_read() -> None:
    """R23."""
    slots = [
        row for row in make_round().spec.model_dump(mode="json")["slots"] if row["key"] != "social_insurance"
    ]
    rules = [
        row
        for row in make_round().spec.model_dump(mode="json")["requirements"]
        if "social_insurance" not in str(row)
    ]
    before = earlier()
    case = now_of(before, round=round_of(2026, slots=slots, requirements=rules))
    (offer,) = [
        row
        for row in shelf(case, before, applicant_of(case), NOW).files
        if row.record.slot == "social_insurance"
    ]
    assert "没有能放" in str(offer.refusal)
    with pytest.raises(Refused):
        take(case, before, before.files("social_insurance")[0])


def test_a_file_that_is_there_is_marked_and_serves_as_proof() -> None:
    before = earlier(achievements=[project()])
    there = attachment("material_table", uid="b" * 32)
    case = now_of(before, attachments=[there])
    offered = shelf(case, before, applicant_of(case), NOW).files
    assert [row.is_there for row in offered] == [True] * len(before.attachments)
    assert offered
    take(case, before, before.achievements[0])
    assert fresh(case).achievements[0].evidence == ["b" * 32]
    assert len(fresh(case).attachments) == 1


# --- putting back ----------------------------------------------------------------------------------


def test_what_came_along_can_be_put_back_unless_it_was_touched() -> None:
    before = earlier(achievements=[project(), award()])
    case = now_of(before, achievements=[paper()])
    taken = take(case, before, *before.achievements)
    kept, gone = taken.entries
    actor = applicant_of(case)
    entries.save_entry(fresh(case), "performance", kept[1], {"name": "改过"}, 1, actor, NOW)
    count = taking.put_back(fresh(case), [uid for _section, uid in taken.entries], taken.files, actor, NOW)
    assert count == 1
    assert gone[1] not in [entry.uid for entry in fresh(case).achievements]
    assert [entry.get("name") for entry in fresh(case).entries("performance")] == ["改过"]
    # the entry that stays still names its proof
    assert [row.uid for row in fresh(case).attachments] == taken.files
    assert len(fresh(case).entries("publications")) == 1


def test_nobody_else_puts_anything_back() -> None:
    before = earlier(achievements=[project()])
    case = now_of(before)
    taken = take(case, before, *before.achievements)
    stranger = applicant_of(make_application(person=make_lecturer()))
    uids = [uid for _section, uid in taken.entries]
    assert taking.put_back(fresh(case), uids, taken.files, stranger, NOW) == 0
    assert len(fresh(case).achievements) == 1


# --- records and the portrait ----------------------------------------------------------------------


def records(case: Application, before: Application) -> dict[str, list[str]]:
    held = shelf(fresh(case), before, applicant_of(case), NOW)
    return {row.uid: [spec.key for spec, _words in row.fields] for row in held.records}


def test_what_is_empty_here_is_filled_in_from_there_and_nothing_else() -> None:
    """G09: nothing is asked twice, from one year to the next."""
    before = earlier()
    case = now_of(before, sections={"basic": make_record(ethnicity="壮族")})
    offered = records(case, before)["record:basic"]
    assert {"birth_place", "school", "duty_summary"} <= set(offered)
    assert not {"name", "id_number", "ethnicity"} & set(offered)
    taken = take(case, before, "record:basic")
    record = fresh(case).record("basic")
    assert (record.get("ethnicity"), record.version) == ("壮族", case.record("basic").version + 1)
    for key in offered:
        assert record.get(key) == before.record("basic").get(key)
    assert taken.records["basic"]["fields"] == offered
    assert "record:basic" not in records(case, before)


def test_years_and_what_belongs_to_a_former_title_stay_behind() -> None:
    """G13, G14: a year later both would be wrong."""
    before = earlier()
    now = before.record("qualification")
    roster = {key: now.get(key) for key in ("title1_name", "title1_approved_on")}
    same = now_of(before, sections={"qualification": make_record(**roster)})
    offered = records(same, before)["record:qualification"]
    assert "title1_number" in offered
    assert "years" not in offered
    same.delete()
    promoted = now_of(before, sections={"qualification": make_record(**roster | {"title1_name": "副教授"})})
    assert "title1_number" not in records(promoted, before)["record:qualification"]


def test_what_the_new_round_can_not_read_is_not_filled_in() -> None:
    before = earlier()

    def other(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for row in fields:
            if row["key"] == "health":
                row["options"] = [{"value": "well", "label": {"zh": "好"}}]
        return [row for row in fields if row["key"] != "birth_place"]

    case = now_of(before, round=round_of(2026, sections=with_fields("basic", other)))
    offered = records(case, before)["record:basic"]
    assert not {"health", "birth_place"} & set(offered)
    assert "major" in offered


def test_the_portrait_comes_along_where_it_fits_and_none_is_there() -> None:
    """G11."""
    before = earlier()
    case = now_of(before, photo=None)
    taken = take(case, before, "photo")
    assert fresh(case).photo.sha256 == before.photo.sha256 == taken.photo
    assert shelf(fresh(case), before, applicant_of(case), NOW).photo is None
    case.delete()
    larger = now_of(before, round=round_of(2026, photo={"width": 413, "height": 579}), photo=None)
    assert shelf(larger, before, applicant_of(larger), NOW).photo is None


def test_records_and_portrait_are_put_back_unless_the_record_was_touched() -> None:
    before = earlier()
    case = now_of(before, sections={"basic": make_record(ethnicity="壮族")}, photo=None)
    actor = applicant_of(case)
    taken = take(case, before, "record:basic", "photo")
    more = {"records": taken.records, "photo": taken.photo}
    assert taking.put_back(fresh(case), [], [], actor, NOW, **more) == 2
    after = fresh(case)
    assert (after.record("basic").get("school"), after.record("basic").get("ethnicity")) == (None, "壮族")
    assert after.photo is None
    taken = take(case, before, "record:basic")
    version = fresh(case).record("basic").version
    section_records.save_record(fresh(case), "basic", {"school": "江城大学"}, version, actor, NOW)
    assert taking.put_back(fresh(case), [], [], actor, NOW, records=taken.records) == 0
    assert fresh(case).record("basic").get("school") == "江城大学"


def test_records_of_what_was_submitted_stay_as_they_are() -> None:
    before = earlier()
    case = now_of(before, state=State.SUBMITTED)
    assert records(case, before) == {}
