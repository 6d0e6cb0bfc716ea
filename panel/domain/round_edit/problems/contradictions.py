"""Everything that contradicts itself in a round, all at once, each with the place to go to.

A round with problems can't be opened or put into force. Nothing here stops at the first problem; what the
specification itself refuses is looked at row by row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from models.field_spec import FieldSpec
from models.form_spec import RequirementSpec, SectionSpec
from models.lost_rows import Known, problems_of
from models.messages import M, Message
from models.round_spec import DatesSpec, RoundSpec
from panel.domain.round_edit import tree
from panel.domain.round_edit.problems.refusals import in_words
from panel.domain.round_edit.properties import sources
from panel.domain.round_edit.properties.describe import DESCRIBED, described
from panel.domain.round_edit.tree import Data


@dataclass(frozen=True)
class Problem:
    """One contradiction: the path of the row or property to mend, and what to do."""

    path: str
    message: Message


def problems(data: Data) -> list[Problem]:
    """All contradictions of the draft `data` (with identities), in the order of the editor's parts."""
    broken = list(_broken_rows(data))
    lost = {problem.path for problem in broken}
    found = [*broken]
    for look in _LOOKS:
        found += [problem for problem in look(data) if problem.path not in lost]
    if not found:
        found = list(_refused_whole(data))
    return list(dict.fromkeys(found))


def _broken_rows(data: Data) -> Iterator[Problem]:
    """Rows that their own specification refuses; lists inside are looked at by themselves."""
    for path, row in _rows(data):
        known = described(path)
        if known is None or not path:
            continue
        inner: dict[str, Any] = {name: [] for name in row if tree.is_list(f"{path}/{name}")}
        if inner and known.spec is SectionSpec:
            inner |= {"none_columns": [], "sums": [], "order_by": ""}
        try:
            known.spec.model_validate(tree.without_ids(row | inner))
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                yield Problem(path, in_words(str(one["msg"]), _property(known, one["loc"])))


def _property(known: Any, loc: tuple[Any, ...]) -> Message | None:
    item = known.property(str(loc[0])) if loc else None
    return item.label if item else None


def _rows(data: Data, path: str = "") -> Iterator[tuple[str, Data]]:
    """Every row and mapping that is described, with its path."""
    yield path, data
    for name, value in data.items():
        place = f"{path}/{name}" if path else name
        if tree.is_list(place):
            for row in value:
                yield from _rows(row, f"{place}/{row[tree.ID]}")
        elif isinstance(value, dict) and tree.shape_of(place) in DESCRIBED:
            yield from _rows(value, place)


# --- one contradiction after the other ------------------------------------------------------------


def _dates(data: Data) -> Iterator[Problem]:
    try:
        days = DatesSpec.model_validate(data["dates"])
    except ValidationError:
        return
    if days.closes < days.opens:
        yield Problem("dates", M("申报截止日早于开始日，请修改日期。"))
    for day in (days.opens, days.closes):
        if abs(day.year - int(data.get("year") or 0)) > 1:
            yield Problem(
                "dates", M("申报日期 %(day)s 与批次年度 %(year)s 相差太多。", day=day, year=data["year"])
            )
            return
    for row in data["committees"]:
        until = row.get("valid_until")
        if until and date.fromisoformat(until) < days.closes:
            yield Problem(
                _path("committees", row), M("评委会的核准有效期在申报截止日之前就到期，请更新或更换评委会。")
            )


def _emptiness(data: Data) -> Iterator[Problem]:
    for name, message in (
        ("levels", M("还没有级别，请至少添加一个。")),
        ("committees", M("还没有评委会，请至少添加一个。")),
        ("specialities", M("还没有专业，请至少添加一个。")),
        ("editions", M("还没有评审标准，请至少添加一个。")),
        ("sections", M("表单还没有内容，请至少添加一个部分。")),
        ("kinds", M("请至少勾选一种申报类别。")),
    ):
        if not data.get(name):
            yield Problem(name, message)
    if not data["texts"]["pledge"].get("zh"):
        yield Problem("texts", M("请填写个人承诺。"))
    if not data["second_person"] and not data["second_person_reason"].strip():
        yield Problem("second_person_reason", M("不要第二人复核，要写明理由。"))


def _levels(data: Data) -> Iterator[Problem]:
    known = {row["key"] for row in data["levels"]}
    for name in ("first_levels", "external_review_levels", "defence_levels", "quotas"):
        if set(data[name]) - known:
            yield Problem(name, M("这里还提到已移除的级别，请重新选择。"))
    for rank, count in Counter(row["rank"] for row in data["levels"]).items():
        if count > 1:
            yield Problem("levels", M("有两个级别的高低次序都是 %(n)s，请改成逐级加 1。", n=rank))
    for digit, count in Counter(row["digit"] for row in data["levels"]).items():
        if count > 1:
            yield Problem("levels", M("有两个级别在证书编号中都用数字 %(n)s，请改成不同的。", n=digit))
    for row in data["levels"]:
        if not any(_is_for(one, row["key"]) for one in data["requirements"]):
            yield Problem(
                "requirements",
                M("“%(level)s”没有任何申报要求，请添加。", level=sources.text_of(row["title"])),
            )


def _is_for(row: Data, level: str) -> bool:
    return not row["when"]["levels"] or level in row["when"]["levels"]


def _conditions(data: Data) -> Iterator[Problem]:
    levels = {row["key"] for row in data["levels"]}
    kinds = set(data["kinds"])
    for path, row in _rows(data):
        for name in ("when", "required_when"):
            condition = row.get(name)
            if not isinstance(condition, dict):
                continue
            if set(condition["levels"]) - levels:
                yield Problem(path, M("条件里提到已移除的级别，请重新勾选。"))
            if condition["kinds"] and not set(condition["kinds"]) & kinds:
                yield Problem(path, M("条件只适用于本批次没有的申报类别，请修改。"))
        if tree.shape_of(path)[-2:] == ("clauses", "*") and set(row["levels"]) - levels:
            yield Problem(path, M("条款只适用于已移除的级别，请重新勾选。"))
        if set(row.get("months") or {}) - levels:
            yield Problem(path, M("月数里提到已移除的级别，请修改。"))


def _committees(data: Data) -> Iterator[Problem]:
    known = {row["value"] for row in data["specialities"]}
    for row in data["committees"]:
        if set(row["specialities"]) - known:
            yield Problem(_path("committees", row), M("评委会里提到已移除的专业，请重新勾选。"))
    if data["committees"] and not any(not row["specialities"] for row in data["committees"]):
        served = {value for row in data["committees"] for value in row["specialities"]}
        for row in data["specialities"]:
            if row["value"] not in served:
                yield Problem(_path("specialities", row), M("没有评委会评审这个专业，请在评委会里勾选它。"))


def _editions(data: Data) -> Iterator[Problem]:
    sections = {row["key"] for row in data["sections"]}
    levels = {row["key"] for row in data["levels"]}
    general: set[str] = set()
    for row in reversed(data["editions"]):
        when = row["when"]
        path = _path("editions", row)
        narrow = when["kinds"] or when["roster_before"] or when["exceptional"] is not None
        reached = set(when["levels"] or levels)
        if general and reached <= general:
            yield Problem(
                path, M("没有人会用到这个标准：排在它后面的标准已适用于所有这些人。请调整次序或条件。")
            )
        if not narrow:
            general |= reached
        for clause in row["clauses"]:
            place = f"{path}/clauses/{clause[tree.ID]}"
            if not clause["sections"]:
                yield Problem(place, M("条款没有指定用于哪个部分。"))
            elif set(clause["sections"]) - sections:
                yield Problem(place, M("条款用于的部分已移除，请重新选择。"))
    if data["editions"] and levels - general:
        yield Problem("editions", M("有的级别没有适用于所有人的评审标准，请让最前面的标准适用于所有人。"))


def _names(data: Data) -> Iterator[Problem]:
    """Two of one name can't be told apart."""
    for path, label in (
        ("slots", "label"),
        ("sections", "label"),
        ("levels", "title"),
        ("committees", "name"),
    ):
        names = Counter(sources.text_of(row[label]).zh for row in data[path])
        for row in data[path]:
            name = sources.text_of(row[label]).zh
            if names[name] > 1:
                yield Problem(_path(path, row), M("有两项都叫“%(name)s”，请改成不同的名称。", name=name))


def _fields(data: Data) -> Iterator[Problem]:
    slots = {row["key"] for row in data["slots"]}
    for section in data["sections"]:
        kinds = {row["key"] for row in section["kinds"]}
        keys = {row["key"] for row in section["fields"]}
        base = _path("sections", section)
        if section["shape"] != "attachments" and not section["fields"]:
            yield Problem(base, M("这个部分还没有栏目，请添加或移除这个部分。"))
        for field in section["fields"]:
            path = f"{base}/fields/{field[tree.ID]}"
            if field["slot"] and field["slot"] not in slots:
                yield Problem(path, M("栏目所用的附件项已移除，请重新选择。"))
            if field["required"] and not field["visible"]:
                yield Problem(path, M("栏目必填，但不显示给任何人；请显示它，或取消必填。"))
            for name in ("when", "required_when"):
                yield from _field_condition(section, field[name], path, kinds, keys)
        yield from _section_lists(section, base, keys)
    yield from _attachments(data)


def _field_condition(
    section: Data, condition: Data | None, path: str, kinds: set[str], keys: set[str]
) -> Iterator[Problem]:
    if condition is None:
        return
    if set(condition["entry_kinds"]) - kinds:
        yield Problem(path, M("条件里提到已移除的条目类别，请重新勾选。"))
    for key, values in condition["values"].items():
        if key not in keys:
            yield Problem(path, M("条件里提到已移除的栏目，请修改。"))
        elif (offered := dict(sources.value_choices(section, key))) and set(values) - set(offered):
            yield Problem(path, M("条件里提到已移除的选项，请重新勾选。"))


def _section_lists(section: Data, base: str, keys: set[str]) -> Iterator[Problem]:
    columns = {row["key"] for row in section["columns"]}
    numbers = {row["key"] for row in section["fields"] if row["type"] == "number"}
    if set(section["none_columns"]) - columns or any(set(k["columns"]) - columns for k in section["kinds"]):
        yield Problem(base, M("这里还提到已移除的打印列，请重新选择。"))
    if section["order_by"] and section["order_by"] not in keys:
        yield Problem(base, M("排序所用的栏目已移除，请重新选择。"))
    if set(section["sums"]) - numbers:
        yield Problem(base, M("合计所用的栏目已移除或不是数字，请重新选择。"))
    texts = [section["entry_title"], *(row["title"] for row in section["kinds"])]
    texts += [row["template"] for row in section["columns"]]
    texts += [text for row in section["kinds"] for text in row["columns"].values()]
    named = {name for text in texts for name in re.findall(r"\{(\w+)", sources.text_of(text).zh)}
    if lost := named - keys - {"kind"}:
        yield Problem(base, M("条目的称呼或打印列里提到已移除的栏目（%(names)s），请修改。", names=len(lost)))


def _attachments(data: Data) -> Iterator[Problem]:
    has_page = any(row["shape"] == "attachments" for row in data["sections"])
    if data["slots"] and not has_page:
        yield Problem("sections", M("有附件项，但表单里没有“附件”部分，申报人无处上传。"))


def _requirements(data: Data) -> Iterator[Problem]:
    sections = {row["key"]: _section(row) for row in data["sections"]}
    known = Known(
        {key: value for key, value in sections.items() if value is not None},
        {row["key"] for row in data["slots"]},
        set(DatesSpec.model_fields),
        {row["key"] for row in data["levels"]},
        {row["key"] for row in data["groups"]},
    )
    for row in data["requirements"]:
        path = _path("requirements", row)
        try:
            spec = RequirementSpec.model_validate(tree.without_ids(row))
        except ValidationError:
            continue  # reported as a broken row
        found = [in_words(text) for text in problems_of(spec, known)]
        if not found:
            found = [*_hidden(data, row), *_lost_choices(data, row)]
        yield from (Problem(path, message) for message in found)
    for group in data["groups"]:
        members = [row for row in data["requirements"] if row["group"] == group["key"]]
        if len(members) < group["minimum"]:
            yield Problem(
                _path("groups", group),
                M(
                    "要满足 %(need)s 项，但组里只有 %(n)s 项要求。",
                    need=str(group["minimum"]),
                    n=len(members),
                ),
            )


def _section(row: Data) -> SectionSpec | None:
    """The section as far as rows look at it, also while it contradicts itself."""
    try:
        fields = [FieldSpec.model_validate(tree.without_ids(field)) for field in row["fields"]]
    except ValidationError:
        return None
    return SectionSpec.model_construct(
        key=row["key"], shape=row["shape"], fields=fields, kinds=row["kinds"], label=row["label"]
    )


def _hidden(data: Data, row: Data) -> Iterator[Message]:
    """A rule on a field that nobody sees."""
    section = sources.section_named(data, row["section"])
    fields = [field for field in section.get("fields", []) if field["key"] == row["field"]]
    if fields and not any(field["visible"] for field in fields):
        name = sources.text_of(fields[0]["label"])
        yield M("要检查的栏目“%(field)s”没有显示给任何人，请显示它，或移除这条要求。", field=name)


def _lost_choices(data: Data, row: Data) -> Iterator[Message]:
    """Values of a choice that was removed."""
    section = sources.section_named(data, row["arguments"].get("list") or row["section"])
    asked = (
        dict(row["arguments"].get("where") or {}) if isinstance(row["arguments"].get("where"), dict) else {}
    )
    if row["arguments"].get("values") and row["field"]:
        asked[row["field"]] = row["arguments"]["values"]
    asked |= row["when"]["values"]
    for key, values in asked.items():
        offered = [value for value, _label in sources.value_choices(section, key)]
        if key == "kind" and section.get("kinds"):
            offered = [kind["key"] for kind in section["kinds"]]
        if offered and any(value not in offered for value in values):
            yield M("要求里提到已移除的选项，请重新勾选。")
            return


#: Less than the law's share, days or opinions needs the number of a document (R08, R10, R11, R13, R18).
def _law(data: Data) -> Iterator[Problem]:
    voting, publicity = data["voting"], data["publicity"]
    for name, message in (
        ("quorum", M("到会人数应为全体的三分之二以上，请改为 2/3 到 1 之间的分数。")),
        ("majority", M("通过票数应为到会人数的三分之二以上，请改为 2/3 到 1 之间的分数。")),
    ):
        above, below = voting[name]
        if not 0 < above <= below or above * 3 < below * 2:
            yield Problem("voting", message)
    if data["vote"] and not 3 <= voting["minimum_opinions"] <= 99:
        yield Problem("voting", M("每份申报的专家意见至少 3 份（最多 99 份），请修改。"))
    for name in ("unit_days", "result_days"):
        if publicity[name] < 5:
            yield Problem("publicity", M("公示不能少于 5 个工作日，请修改。"))
        elif publicity[name] > 30:
            yield Problem("publicity", M("公示最多 30 个工作日，请检查天数。"))
    if not 0 < data["number"]["serial_digits"] <= 10:
        yield Problem("number", M("流水号位数要在 1 到 10 之间。"))
    photo = data["photo"]
    if not (0 < photo["width"] <= 5000 and 0 < photo["height"] <= 5000):
        yield Problem("photo", M("照片的宽和高要在 1 到 5000 像素之间。"))
    if not 0 <= photo["min_kb"] < photo["max_kb"]:
        yield Problem("photo", M("照片的最小大小要小于最大大小。"))


def _refused_whole(data: Data) -> Iterator[Problem]:
    """What only the whole specification refuses."""
    try:
        RoundSpec.model_validate(tree.without_ids(data))
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            loc = [str(part) for part in one["loc"]]
            yield Problem(loc[0] if loc else "", in_words(str(one["msg"])))


_LOOKS = (
    _dates,
    _emptiness,
    _levels,
    _conditions,
    _committees,
    _editions,
    _names,
    _fields,
    _requirements,
    _law,
)


def _path(name: str, row: Data) -> str:
    return f"{name}/{row[tree.ID]}"


def about(paths: Iterable[str], path: str) -> bool:
    """Whether one of `paths` is at `path` or below it."""
    return any(other == path or other.startswith(f"{path}/") for other in paths)
