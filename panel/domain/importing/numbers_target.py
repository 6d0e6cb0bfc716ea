"""Importing what the provincial system says of cases: certificate numbers, results, external reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from models.application import Application
from models.choices import Role
from models.imports import ImportRow, RowState
from models.messages import M, Message
from models.official import OFFICIAL
from panel.domain.errors import Refused
from panel.domain.importing.rows import (
    ChangedMeanwhile,
    ImportCase,
    Planned,
    Progress,
    RowContent,
    Source,
    TargetColumn,
)
from panel.domain.records import audit_many
from panel.domain.tables import cells
from panel.domain.tables.cells import Unusable

NUMBER, STAFF_NUMBER, NAME = "number", "staff_number", "name"
_WORDS = {
    "certificate_number": ("证书编号", "证书号", "资格证书编号", "职称证书编号"),
    "result": ("评审结果", "结果", "评审结论", "是否通过"),
    "document_number": ("文号", "批准文号", "发文文号"),
    "approved_on": ("批准日期", "批准时间", "通过日期", "评审通过时间"),
    "external_review": ("送审结果", "外审结果", "代表作送审结果", "鉴定结果"),
}
_EXAMPLES = {
    "certificate_number": "G420000202600123",
    "result": "通过",
    "document_number": "鄂职改办〔2026〕12号",
    "approved_on": "2026-12-20",
    "external_review": "A、A、B",
}
_LONGEST = 200
_KEPT = ("person", "unit", "name", "staff_number", "number", "official", "round")


class NumbersTarget:
    """What the province says of the cases of one round."""

    rows_at_once = 500

    def __init__(self, case: ImportCase) -> None:
        self.case = case
        person, said = M("申报"), M("省里系统的内容")
        self.columns = [
            TargetColumn(
                NUMBER, M("申报编号"), person, ("申报编号", "申报号", "编号"), example="20260100001"
            ),
            TargetColumn(STAFF_NUMBER, M("工号"), person, ("工号", "职工号", "教工号"), example="20160011"),
            TargetColumn(
                NAME, M("姓名"), person, ("姓名", "申报人", "名字"), is_required=True, example="林晓雯"
            ),
            *(
                TargetColumn(key, label, said, _WORDS[key], example=_EXAMPLES[key])
                for key, label in OFFICIAL.items()
            ),
        ]

    def plan(self, sources: Sequence[Source], progress: Progress) -> list[Planned]:
        """What each row would do; reads in bulk, writes nothing."""
        planned = [self._read(source) for source in sources]
        by_number, by_staff = self._cases(planned)
        seen: dict[Any, Planned] = {}
        for row in planned:
            wanted = row.values.pop(NUMBER, "")
            case = by_number.get(wanted) if wanted else by_staff.get(row.key)
            if row.problems:
                continue
            self._compare(row, case, wanted)
            if case is not None and (first := seen.setdefault(case["_id"], row)) is not row:
                place = M("%(sheet)s 第 %(row)s 行", sheet=first.source.sheet, row=first.source.line.number)
                row.problems[""] = M("这个人在表里出现了不止一次（另见 %(place)s），请核对。", place=place)
                row.what = RowState.BAD
        progress(len(planned))
        return planned

    def _read(self, source: Source) -> Planned:
        row = Planned(source, RowState.BAD, "", cells.person_name(source.cell(NAME)))
        for key in (NUMBER, STAFF_NUMBER, *OFFICIAL):
            value = source.cell(key)
            if value == "":
                continue
            try:
                row.values[key] = self._text(key, value)
            except Unusable as error:
                row.problems[key] = error.message
        row.key = row.values.pop(STAFF_NUMBER, "")
        return row

    def _text(self, key: str, value: Any) -> str:
        if key in (NUMBER, STAFF_NUMBER, "certificate_number"):
            return cells.identifier(value)
        words = cells.full_day(value) if key == "approved_on" else cells.line(value)
        if len(words) > _LONGEST:
            raise Unusable(M("最多 %(n)s 个字，现在有 %(m)s 个。", n=_LONGEST, m=len(words)))
        return "" if words in cells.EMPTY_WORDS else words

    def _cases(self, rows: Sequence[Planned]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The unit's live cases of the round that the rows name, by number and by staff number."""
        numbers = [row.values[NUMBER] for row in rows if row.values.get(NUMBER)]
        people = [row.key for row in rows if row.key]
        chosen = {
            "round": self.case.batch.round.id,
            "unit": self.case.unit.id,
            "is_live": True,
            "$or": [{"number": {"$in": numbers}}, {"staff_number": {"$in": people}}],
        }
        found = list(Application._get_collection().find(chosen, dict.fromkeys(_KEPT, 1)))
        by_number = {case["number"]: case for case in found if case.get("number")}
        return by_number, {case["staff_number"]: case for case in found}

    def _compare(self, row: Planned, case: Mapping[str, Any] | None, wanted: str) -> None:
        problem = self._refusal(row, case, wanted)
        if problem is not None:
            row.problems[NUMBER if wanted else STAFF_NUMBER if row.key else NAME] = problem
        if case is None or problem is not None:
            return
        stored = case.get("official") or {}
        row.key, row.target = case["staff_number"], case["_id"]
        changed = {key: value for key, value in row.values.items() if stored.get(key, "") != value}
        row.before = {key: stored.get(key, "") for key in changed}
        row.what = RowState.SAME if not changed else RowState.CHANGE if stored else RowState.CREATE
        row.values["stored"] = stored

    def _refusal(self, row: Planned, case: Mapping[str, Any] | None, wanted: str) -> Message | None:
        if not wanted and not row.key:
            return M("这一行没有申报编号和工号，不知道是谁的，请补上。")
        if case is None:
            return M("本单位在这个批次里没有这个申报，请核对编号或工号。")
        if row.name and row.name != case["name"]:
            return M(
                "申报人是“%(name)s”，与表里的“%(typed)s”不同，请核对。", name=case["name"], typed=row.name
            )
        if case["person"] == self.case.actor.person_id:
            return M("这是您本人的申报，由其他人事人员导入。")
        return None

    def facts(self, content: RowContent) -> list[tuple[Any, Any, bool]]:
        """What to show of a row as (label, words, whether to mask them)."""
        return [
            (label, content.values[key], False) for key, label in OFFICIAL.items() if content.values.get(key)
        ]

    def changes(self, content: RowContent) -> list[tuple[Any, Any, Any, bool]]:
        """What becomes different as (label, before, after, whether to mask them)."""
        return [
            (OFFICIAL[key], before, content.values.get(key, ""), False)
            for key, before in content.before.items()
        ]

    # --- writing ----------------------------------------------------------------------------------

    def check(self, rows: Sequence[ImportRow]) -> None:
        """Raise ChangedMeanwhile unless all `rows` can be written as they were shown."""
        if stale := self._stale(rows):
            raise ChangedMeanwhile(stale)

    def _stored(self, rows: Sequence[ImportRow]) -> dict[Any, dict[str, Any]]:
        chosen = {"_id": {"$in": [row.target for row in rows]}, "unit": self.case.unit.id}
        found = Application._get_collection().find(chosen, {"official": 1, "person": 1})
        return {case["_id"]: case for case in found if case["person"] != self.case.actor.person_id}

    def _stale(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        """Those of `rows` whose case says something else by now."""
        stored = self._stored(rows)
        return [
            row
            for row in rows
            if row.target not in stored
            or (stored[row.target].get("official") or {}) != RowContent.of(row).values["stored"]
        ]

    def write(self, rows: Sequence[ImportRow], now: datetime) -> list[ImportRow]:
        """Write `rows` and mark them done, inside the running transaction; returns those left out."""
        stale = self._stale(rows)
        left = {row.id for row in stale}
        good = [(row, RowContent.of(row)) for row in rows if row.id not in left]
        self._put([(row, _after(content)) for row, content in good], "official_numbers", True, now)
        return stale

    def _put(
        self, pairs: Sequence[tuple[ImportRow, dict[str, str]]], action: str, is_done: bool, now: datetime
    ) -> None:
        if not pairs:
            return
        steps = {"$inc": {"revision": 1}}
        Application._get_collection().bulk_write(
            [UpdateOne({"_id": row.target}, {"$set": {"official": said}, **steps}) for row, said in pairs]
        )
        ImportRow.objects(id__in=[row.id for row, _said in pairs]).update(set__done=is_done)
        cases = [
            (Application(id=row.target, unit=self.case.unit), {"columns": sorted(said)})
            for row, said in pairs
        ]
        audit_many(self.case.actor, action, cases, now, role=Role.UNIT_HR)

    def check_undo(self, rows: Sequence[ImportRow]) -> None:
        """Raise Refused where a case says something else by now."""
        if self._changed_since(rows):
            raise Refused(M("有些申报的编号或结果后来又有改动，不能整批撤销。"))

    def _changed_since(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        stored = self._stored(rows)
        return [
            row
            for row in rows
            if (stored.get(row.target, {}).get("official") or {}) != _after(RowContent.of(row))
        ]

    def take_back(self, rows: Sequence[ImportRow], now: datetime) -> list[ImportRow]:
        """Bring back what was there before `rows`; returns those left out, since they changed."""
        stale = self._changed_since(rows)
        left = {row.id for row in stale}
        good = [(row, RowContent.of(row)) for row in rows if row.id not in left]
        pairs = [(row, dict(content.values["stored"])) for row, content in good]
        self._put(pairs, "official_numbers_undo", False, now)
        return stale

    def after(self, rows: Sequence[ImportRow], now: datetime) -> None:
        """Nothing follows."""


def _after(content: RowContent) -> dict[str, str]:
    """What the case says after the row: without what the row clears."""
    said = dict(content.values["stored"]) | {key: content.values[key] for key in content.before}
    return {key: value for key, value in said.items() if value}
