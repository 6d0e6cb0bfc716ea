"""Entries of lists: by uid and never by position, with versions, judgements and proof."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from models.application import Application
from models.choices import Origin, State, Verdict
from models.sections import Entry, Judgement
from models.values import SEALED, PartialDate
from panel.domain.content import files, section_records
from panel.domain.content.entries import MOST_ENTRIES, move_entry, remove_entry, restore_entry, save_entry
from panel.domain.content.writing import Saved
from panel.domain.errors import Invalid, NotEditable, NotFound, Refused, StaleWrite
from tests import contents, factories
from tests.factories import NOW, applicant_of, fresh, make_application, make_entry, shipped_data, stored

pytestmark = pytest.mark.usefixtures("database")
PROOF = "e" * 32


def project(name: str, **values: Any) -> Entry:
    return make_entry("performance", "project", name=name, **values)


def case_of(*entries: Entry, **values: Any) -> Application:
    proof = contents.attachment("achievement_evidence", uid=PROOF)
    return make_application(achievements=list(entries), attachments=[proof], **values)


def save(case: Application, entry: Entry, version: int = 1, **raw: Any) -> Saved:
    return save_entry(case, entry.section, entry.uid, raw, version, applicant_of(case), NOW)


def add(case: Application, section: str = "performance", kind: str = "project", **options: Any) -> Saved:
    raw = options.pop("raw", {"name": "新项目"})
    return save_entry(case, section, None, raw, 0, applicant_of(case), NOW, kind=kind, **options)


def names(case: Application, section: str = "performance") -> list[str]:
    return [entry.get("name") for entry in fresh(case).entries(section)]


def at_once(*deeds: Any) -> list[Any]:
    """What each deed returns or raises when all begin at the same moment."""
    barrier = Barrier(len(deeds))

    def run(deed: Any) -> Any:
        barrier.wait()
        try:
            return deed()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


# --- adding and changing ---------------------------------------------------------------------------


def test_a_new_entry_has_its_typed_fields_and_the_rest() -> None:
    """G20: a project with its own fields."""
    case = case_of()
    raw = {"category": "省教育厅科研项目", "name": "课程体系", "start": "2021.3", "rank": "1", "funds": "3.5"}
    saved = add(case, raw=raw)
    (entry,) = fresh(case).entries("performance")
    assert (entry.uid, entry.version, entry.kind, entry.origin) == (saved.uid, 1, "project", Origin.APPLICANT)
    assert (entry.start, entry.rank) == (PartialDate(2021, 3), 1)
    assert (entry.get("category"), entry.get("funds")) == ("省教育厅科研项目", 3.5)
    assert saved.content_revision == 4


def test_an_entry_of_an_unknown_kind_is_refused() -> None:
    case = case_of()
    for kind in ("", "paper", "x"):
        with pytest.raises(Invalid) as refused:
            add(case, kind=kind)
        assert list(refused.value.fields) == ["kind"]


def test_fields_of_another_kind_are_ignored() -> None:
    """G19: an award has no source; G23: a book has no journal."""
    case = case_of()
    add(
        case,
        kind="award",
        raw={"name": "教学成果奖", "source": "省教育厅", "journal": "学报", "awarder": "省政府"},
    )
    (entry,) = fresh(case).entries("performance")
    assert sorted(entry.values) == ["awarder", "name"]


def test_nothing_but_the_fields_of_the_round_can_be_set() -> None:
    entry = project("原项目")
    case = case_of(entry)
    save(
        case,
        entry,
        name="新名",
        uid="0" * 32,
        origin="hr",
        judgement={"verdict": "accept"},
        evidence=["x"],
        section="publications",
        kind="award",
        changed_at="2020",
        state="certified",
    )
    (after,) = fresh(case).entries("performance")
    assert (after.uid, after.origin, after.judgement, after.kind) == (entry.uid, "applicant", None, "project")
    assert (after.version, after.evidence, fresh(case).state) == (2, [], "draft")


def test_the_same_new_entry_sent_twice_is_added_once() -> None:
    """The answer got lost on the network and the script sent it again."""
    case = case_of()
    first = add(case, new_uid="a" * 32)
    again = add(fresh(case), new_uid="a" * 32)
    assert (first.uid, again.uid, again.changed) == ("a" * 32, "a" * 32, False)
    assert names(case) == ["新项目"]


def test_a_new_entry_takes_no_identity_that_is_taken_or_odd() -> None:
    entry = make_entry("publications", "paper", name="论文")
    case = case_of(entry)
    for wanted in (entry.uid, "../x", ""):
        assert add(fresh(case), new_uid=wanted).uid not in ("../x", entry.uid, "")
    assert names(case, "publications") == ["论文"]


def test_there_is_a_most_of_entries() -> None:
    case = case_of(*[project(str(number)) for number in range(MOST_ENTRIES)])
    with pytest.raises(Refused, match="200"):
        add(case)


def test_an_unreadable_date_of_an_entry_is_kept_as_typed() -> None:
    entry = project("项目", start=PartialDate(2021, 3))
    case = case_of(entry)
    saved = save(case, entry, start="前年", rank="第一")
    (after,) = fresh(case).entries("performance")
    assert sorted(saved.unread) == ["rank", "start"]
    assert (after.start, after.typed_text("start"), after.typed_text("rank")) == (None, "前年", "第一")


def test_an_unchanged_entry_changes_nothing() -> None:
    entry = project("项目", start=PartialDate(2021, 3), rank=1, funds=0.0)
    case = case_of(entry)
    saved = save(case, entry, name="项目", start="2021-03", rank="1", funds="0.00", source="")
    assert (saved.changed, saved.version, fresh(case).content_revision) == (False, 1, 3)


def test_changing_an_entry_takes_the_judgement_of_it_away() -> None:
    first, second = project("甲"), project("乙")
    for entry in (first, second):
        entry.judgement = Judgement(verdict=Verdict.ACCEPT.value, by_name="人事", at=NOW)
    case = case_of(first, second)
    save(case, second, name="乙改")
    after = {entry.get("name"): entry.judgement for entry in fresh(case).entries("performance")}
    assert after["乙改"] is None
    assert after["甲"].verdict == Verdict.ACCEPT


def test_text_that_looks_sealed_does_not_break_an_entry() -> None:
    case = make_application()
    add(case, section="education", kind="", raw={"organisation": SEALED + "x", "major": SEALED + "y"})
    (entry,) = fresh(case).entries("education")
    assert (entry.get("organisation"), entry.get("major")) == (SEALED + "x", SEALED + "y")


# --- two tabs --------------------------------------------------------------------------------------


def test_a_stale_entry_shows_both_versions_and_stores_nothing() -> None:
    entry = project("原名")
    case = case_of(entry)
    save(case, entry, name="甲改的")
    with pytest.raises(StaleWrite) as stale:
        save(case, entry, name="乙改的")
    assert stale.value.current.get("name") == "甲改的"
    assert stale.value.typed == {"name": "乙改的"}
    assert names(case) == ["甲改的"]


def test_an_entry_removed_meanwhile_is_stale_without_a_current_version() -> None:
    entry = project("原名")
    case = case_of(entry)
    remove_entry(case, "performance", entry.uid, 1, applicant_of(case), NOW)
    for seen in (case, fresh(case)):
        with pytest.raises(StaleWrite) as stale:
            save(seen, entry, name="改")
        assert stale.value.current is None
        assert stale.value.typed == {"name": "改"}
    assert names(case) == []


def test_entries_are_addressed_by_uid_while_others_come_and_go() -> None:
    """Remove the first and edit the second from an old page: position would hit the wrong one."""
    first, second, third = project("一"), project("二"), project("三")
    case = case_of(first, second, third)
    remove_entry(case, "performance", first.uid, 1, applicant_of(case), NOW)
    save(case, second, name="二改")
    assert names(case) == ["二改", "三"]
    assert [entry.uid for entry in fresh(case).entries("performance")] == [second.uid, third.uid]


def test_removing_and_editing_at_the_same_moment_hit_their_own_entries() -> None:
    first, second = project("一"), project("二")
    case = case_of(first, second)
    actor = applicant_of(case)
    outcomes = at_once(
        lambda: remove_entry(case, "performance", first.uid, 1, actor, NOW),
        lambda: save_entry(case, "performance", second.uid, {"name": "二改"}, 1, actor, NOW),
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert names(case) == ["二改"]


def test_entries_added_at_the_same_moment_are_all_there() -> None:
    case = case_of()
    actor = applicant_of(case)

    def adding(name: str) -> Any:
        return lambda: save_entry(case, "performance", None, {"name": name}, 0, actor, NOW, kind="project")

    at_once(*[adding(name) for name in "甲乙丙丁"])
    assert sorted(names(case)) == sorted("甲乙丙丁")


# --- removing, restoring, moving -------------------------------------------------------------------


def test_a_removed_entry_can_be_put_back_as_it_was() -> None:
    entry = project("项目", start=PartialDate(2021, 3), rank=2, category="省级")
    entry.evidence = [PROOF]
    case = case_of(entry)
    before = stored(case)["achievements"]
    removed = remove_entry(case, "performance", entry.uid, 1, applicant_of(case), NOW)
    assert names(case) == []
    restore_entry(fresh(case), "performance", removed, applicant_of(case), NOW)
    assert stored(case)["achievements"] == before
    restore_entry(fresh(case), "performance", removed, applicant_of(case), NOW)
    assert names(case) == ["项目"]


def test_what_is_put_back_belongs_to_its_section_and_names_no_file_that_is_gone() -> None:
    entry = project("项目")
    entry.evidence = [PROOF]
    case = case_of(entry)
    actor = applicant_of(case)
    removed = remove_entry(case, "performance", entry.uid, 1, actor, NOW)
    with pytest.raises(NotFound):
        restore_entry(fresh(case), "publications", removed, actor, NOW)
    files.remove_attachment(fresh(case), PROOF, actor, NOW)
    restore_entry(fresh(case), "performance", removed, actor, NOW)
    assert fresh(case).entries("performance")[0].evidence == []


def test_removing_from_an_old_page_is_refused() -> None:
    entry = project("原名")
    case = case_of(entry)
    save(case, entry, name="改过")
    with pytest.raises(StaleWrite) as stale:
        remove_entry(case, "performance", entry.uid, 1, applicant_of(case), NOW)
    assert stale.value.current.get("name") == "改过"
    assert names(case) == ["改过"]


def test_an_entry_moves_before_another_or_to_the_end() -> None:
    one, two, three = project("一"), project("二"), project("三")
    case = case_of(one, two, three)
    actor = applicant_of(case)
    move_entry(case, "performance", three.uid, one.uid, actor, NOW)
    assert names(case) == ["三", "一", "二"]
    move_entry(fresh(case), "performance", three.uid, None, actor, NOW)
    assert names(case) == ["一", "二", "三"]
    move_entry(fresh(case), "performance", three.uid, None, actor, NOW)
    assert fresh(case).content_revision == 5


def test_moving_while_another_tab_adds_and_edits_loses_neither() -> None:
    one, two = project("一"), project("二")
    case = case_of(one, two)
    actor = applicant_of(case)
    add(case)
    save(case, one, name="一改")
    move_entry(case, "performance", two.uid, one.uid, actor, NOW)
    assert names(case) == ["二", "一改", "新项目"]


def test_moving_and_adding_at_the_same_moment_lose_nothing() -> None:
    entries = [project(name) for name in "一二三"]
    case = case_of(*entries)
    actor = applicant_of(case)
    at_once(
        lambda: move_entry(case, "performance", entries[2].uid, entries[0].uid, actor, NOW),
        lambda: add(case),
        lambda: save(case, entries[1], name="二改"),
    )
    assert sorted(names(case)) == sorted(["一", "二改", "三", "新项目"])
    assert names(case).index("三") < names(case).index("一")


def test_an_entry_of_another_section_is_not_found() -> None:
    """Both sections share the document's list of achievements."""
    paper = make_entry("publications", "paper", name="论文")
    case = case_of(project("项目"), paper)
    actor = applicant_of(case)
    for deed in (
        lambda: move_entry(case, "performance", paper.uid, None, actor, NOW),
        lambda: remove_entry(case, "performance", paper.uid, 1, actor, NOW),
        lambda: remove_entry(case, "basic", paper.uid, 1, actor, NOW),
        lambda: save_entry(case, "nothing", None, {}, 0, actor, NOW),
    ):
        with pytest.raises(NotFound):
            deed()
    with pytest.raises(StaleWrite):
        save_entry(case, "performance", paper.uid, {"name": "x"}, 1, actor, NOW)
    assert names(case, "publications") == ["论文"]


# --- 确无相应业绩 (G21) ------------------------------------------------------------------------------


def tick(case: Application, none: bool, version: int = 0) -> Saved:
    return section_records.set_none(case, "performance", none, version, applicant_of(case), NOW)


def test_having_none_is_ticked_and_unticked() -> None:
    case = case_of()
    assert tick(case, True).version == 1
    assert fresh(case).record("performance").none is True
    assert tick(fresh(case), True, 0).changed is False
    assert tick(fresh(case), False, 1).version == 2
    assert fresh(case).content_revision == 5


def test_who_has_entries_cannot_tick_that_there_are_none() -> None:
    case = case_of(project("项目"))
    with pytest.raises(Refused, match="先删除"):
        tick(case, True)


def test_adding_or_restoring_an_entry_unticks() -> None:
    case = case_of()
    tick(case, True)
    saved = add(fresh(case))
    assert fresh(case).record("performance").none is False
    removed = remove_entry(fresh(case), "performance", saved.uid, 1, applicant_of(case), NOW)
    tick(fresh(case), True, 1)
    restore_entry(fresh(case), "performance", removed, applicant_of(case), NOW)
    assert fresh(case).record("performance").none is False


def test_a_tick_from_an_old_page_does_not_contradict_an_entry_added_since() -> None:
    case = case_of()
    add(case)
    with pytest.raises(StaleWrite):
        tick(case, True)
    assert fresh(case).record("performance").none is False


def test_a_section_without_the_tick_has_none() -> None:
    case = case_of()
    with pytest.raises(NotFound):
        section_records.set_none(case, "education", True, 0, applicant_of(case), NOW)


# --- proof -----------------------------------------------------------------------------------------


def test_an_entry_names_the_attachments_that_prove_it() -> None:
    entry = project("项目")
    case = case_of(entry)
    actor = applicant_of(case)
    save_entry(case, "performance", entry.uid, {}, 1, actor, NOW, evidence=[PROOF])
    assert fresh(case).entries("performance")[0].evidence == [PROOF]
    save_entry(fresh(case), "performance", entry.uid, {"name": "改"}, 2, actor, NOW)
    assert fresh(case).entries("performance")[0].evidence == [PROOF]
    save_entry(fresh(case), "performance", entry.uid, {}, 3, actor, NOW, evidence=[])
    assert fresh(case).entries("performance")[0].evidence == []


def test_proof_that_is_not_there_is_refused() -> None:
    case = case_of(project("项目"))
    foreign = make_application(attachments=[contents.attachment("material_table", uid="f" * 32)])
    with pytest.raises(Invalid) as refused:
        add(case, evidence=[foreign.attachments[0].uid])
    assert list(refused.value.fields) == ["evidence"]
    assert names(case) == ["项目"]


def test_proof_removed_in_another_tab_is_refused_for_new_and_changed_entries() -> None:
    entry = project("项目")
    case = case_of(entry)
    actor = applicant_of(case)
    files.remove_attachment(case, PROOF, actor, NOW)
    with pytest.raises(Invalid):
        add(case, evidence=[PROOF])
    with pytest.raises(Invalid):
        save_entry(case, "performance", entry.uid, {"name": "改"}, 1, actor, NOW, evidence=[PROOF])
    assert names(case) == ["项目"]


def test_a_section_without_proof_takes_none() -> None:
    case = case_of()
    add(case, section="education", kind="", raw={"major": "计算机"}, evidence=[PROOF])
    assert fresh(case).entries("education")[0].evidence == []


# --- HR's own tables -------------------------------------------------------------------------------


def round_with_table() -> Any:
    table = {
        "key": "courses",
        "label": "主讲课程",
        "shape": "list",
        "evidence": True,
        "fields": [
            {"key": "name", "label": "课程"},
            {"key": "contact", "label": "电话", "type": "phone", "encrypted": True},
        ],
    }
    return factories.make_round(sections=[*shipped_data()["sections"], table])


def test_a_table_of_hrs_own_is_kept_inside_its_section() -> None:
    case = make_application(
        round=round_with_table(), attachments=[contents.attachment("material_table", uid=PROOF)]
    )
    actor = applicant_of(case)
    raw = {"name": "程序设计", "contact": "13912345678"}
    saved = save_entry(case, "courses", None, raw, 0, actor, NOW, evidence=[PROOF])
    assert "13912345678" not in str(stored(case))
    second = save_entry(fresh(case), "courses", None, {"name": "数据结构"}, 0, actor, NOW)
    save_entry(fresh(case), "courses", saved.uid, {"name": "程序设计基础"}, 1, actor, NOW)
    move_entry(fresh(case), "courses", second.uid, saved.uid, actor, NOW)
    assert names(case, "courses") == ["数据结构", "程序设计基础"]
    files.remove_attachment(fresh(case), PROOF, actor, NOW)
    assert [entry.evidence for entry in fresh(case).entries("courses")] == [[], []]
    remove_entry(fresh(case), "courses", second.uid, 1, actor, NOW)
    assert names(case, "courses") == ["程序设计基础"]


def test_only_a_draft_in_hand_takes_entries() -> None:
    entry = project("项目")
    case = case_of(entry, state=State.SUBMITTED)
    for deed in (
        lambda: save(case, entry, name="改"),
        lambda: add(case),
        lambda: remove_entry(case, "performance", entry.uid, 1, applicant_of(case), NOW),
        lambda: move_entry(case, "performance", entry.uid, None, applicant_of(case), NOW),
        lambda: tick(case, False),
    ):
        with pytest.raises(NotEditable, match="已锁定"):
            deed()
    assert names(case) == ["项目"]
