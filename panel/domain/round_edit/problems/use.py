"""What people's applications already use of a round, and so can't be taken away, only hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.application import Application
from models.choices import MeetingState
from models.meeting import Meeting
from models.messages import M
from models.review_round import ReviewRound
from panel.domain.round_edit import tree
from panel.domain.round_edit.problems.contradictions import Problem
from panel.domain.round_edit.properties import sources
from panel.domain.round_edit.tree import Data

#: What an application names of its round: the list, the row's key, the application's field.
_NAMED = (
    ("levels", "key", "level"),
    ("committees", "key", "committee"),
    ("specialities", "value", "speciality"),
    ("editions", "key", "edition"),
)


def in_use(round: ReviewRound, data: Data) -> list[Problem]:
    """What the draft `data` takes away although applications of the round use it."""
    if not Application.objects(round=round.id).limit(1).count():
        return [*_vote(round, data)]
    return [
        *_vote(round, data),
        *_named(round, data),
        *_sections(round, data),
        *_slots(round, data),
        *_clauses(round, data),
    ]


def _vote(round: ReviewRound, data: Data) -> Iterator[Problem]:
    """What counts as passed doesn't change while it is voted on (R10, R11)."""
    if data["voting"] == round.data["voting"]:
        return
    if Meeting.objects(round=round.id, state=MeetingState.OPEN.value).limit(1).count():
        yield Problem(
            "voting", M("评委会正在开会，会议结束前不能改变表决规则。请撤销这处修改，或会后再生效。")
        )


def _gone(old: list[Data], new: list[Data], key: str) -> list[Data]:
    kept = {row[key] for row in new}
    return [row for row in old if row[key] not in kept]


def _count(round: ReviewRound, query: dict[str, Any]) -> int:
    return int(Application._get_collection().count_documents({"round": round.id, **query}))


def _named(round: ReviewRound, data: Data) -> Iterator[Problem]:
    for name, key, field in _NAMED:
        for row in _gone(round.data[name], data[name], key):
            if count := _count(round, {field: row[key]}):
                label = sources.text_of(row.get("title") or row.get("label") or row.get("name"))
                yield Problem(
                    name, M("“%(name)s”已有 %(n)s 份申报在用，不能移除，请撤销移除。", name=label, n=count)
                )
    for kind in set(round.data["kinds"]) - set(data["kinds"]):
        if count := _count(round, {"kind": kind}):
            yield Problem("kinds", M("去掉的申报类别已有 %(n)s 份申报在用，请重新勾选。", n=count))


def _clauses(round: ReviewRound, data: Data) -> Iterator[Problem]:
    later = {row["key"]: row for row in data["editions"]}
    for edition in round.data["editions"]:
        if edition["key"] not in later:
            continue
        gone = _gone(edition["clauses"], later[edition["key"]]["clauses"], "key")
        for clause in gone:
            query = {"edition": edition["key"], "achievements.clause": clause["key"]}
            if count := _count(round, query):
                yield Problem(
                    f"editions/{later[edition['key']][tree.ID]}",
                    M(
                        "条款“%(name)s”已有 %(n)s 份申报选用，不能移除，请撤销移除。",
                        name=sources.text_of(clause["text"]),
                        n=count,
                    ),
                )


def _sections(round: ReviewRound, data: Data) -> Iterator[Problem]:
    later = {row["key"]: row for row in data["sections"]}
    for section in round.data["sections"]:
        new = later.get(section["key"])
        if new is None:
            if count := _count(round, _has_section(section)):
                yield Problem(
                    "sections",
                    M(
                        "“%(name)s”已有 %(n)s 份申报填写过，不能移除；不再需要可隐藏其中的栏目。",
                        name=sources.text_of(section["label"]),
                        n=count,
                    ),
                )
            continue
        yield from _fields(round, section, new)


def _fields(round: ReviewRound, section: Data, new: Data) -> Iterator[Problem]:
    path = f"sections/{new[tree.ID]}"
    for field in _gone(section["fields"], new["fields"], "key"):
        if count := _count(round, _has_value(section, field["key"], {"$nin": [None, "", []]})):
            yield Problem(
                path,
                M(
                    "栏目“%(name)s”已有 %(n)s 份申报填写过，不能移除；不再需要请取消“显示”。",
                    name=sources.text_of(field["label"]),
                    n=count,
                ),
            )
    old = {row["key"]: row for row in section["fields"]}
    for row in new["fields"]:
        place = f"{path}/fields/{row[tree.ID]}"
        if row["key"] in old and row["type"] != old[row["key"]]["type"]:
            yield Problem(place, M("已经使用的栏目不能改变填写方式；请新增一个栏目，把这个隐藏。"))
        yield from _options(round, section, old.get(row["key"]), row, place)
    for kind in _gone(section["kinds"], new["kinds"], "key"):
        store = _store(section)
        match = {store: {"$elemMatch": {"section": section["key"], "kind": kind["key"]}}}
        if store and (count := _count(round, match)):
            name = sources.text_of(kind["label"])
            yield Problem(path, M("类别“%(name)s”已有 %(n)s 份申报在用，不能移除。", name=name, n=count))


def _options(round: ReviewRound, section: Data, old: Data | None, new: Data, path: str) -> Iterator[Problem]:
    for option in _gone((old or {}).get("options", []), new["options"], "value"):
        if count := _count(round, _has_value(section, new["key"], option["value"])):
            name = sources.text_of(option["label"])
            yield Problem(path, M("选项“%(name)s”已有 %(n)s 份申报选用，不能移除。", name=name, n=count))


def _slots(round: ReviewRound, data: Data) -> Iterator[Problem]:
    for slot in _gone(round.data["slots"], data["slots"], "key"):
        if count := _count(round, {"attachments.slot": slot["key"]}):
            name = sources.text_of(slot["label"])
            yield Problem(
                "slots", M("附件项“%(name)s”已有 %(n)s 份申报上传过，不能移除。", name=name, n=count)
            )


def _store(section: Data) -> str:
    return str(section["store"]) or f"sections.{section['key']}.entries"


def _has_section(section: Data) -> dict[str, Any]:
    if section["shape"] == "list" and section["store"]:
        return {f"{section['store']}.section": section["key"]}
    if section["shape"] == "list":
        return {f"{_store(section)}.0": {"$exists": True}}
    return {f"sections.{section['key']}": {"$exists": True}}


def _has_value(section: Data, key: str, value: Any) -> dict[str, Any]:
    """Whether the field holds `value`; an entry keeps some fields beside `values`."""
    if section["shape"] != "list":
        return {f"sections.{section['key']}.values.{key}": value}
    store = _store(section)
    own = {"section": section["key"]} if section["store"] else {}
    either = [{f"values.{key}": value}, {key: value}]
    return {store: {"$elemMatch": {**own, "$or": either}}}
