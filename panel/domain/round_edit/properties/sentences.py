"""Places and values of a round in plain words, for the history, comparisons and problems."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from models.field_spec import Text, Words
from models.form_spec import CHOICE_SECTION, PHOTO_FIELD
from models.messages import M
from panel.domain.round_edit import tree
from panel.domain.round_edit.properties import arguments, conditions, places, sources
from panel.domain.round_edit.properties.check_words import ARGUMENTS, CHECKS
from panel.domain.round_edit.properties.conditions import comma, joined
from panel.domain.round_edit.properties.describe import described
from panel.domain.round_edit.properties.kinds import Described, Property, Widget
from panel.domain.round_edit.tree import Data

#: A row is named by so many characters at most.
SHORT = 40


def row_name(path: str, row: Data | None) -> Words:
    """What a row is called: its label, or the beginning of its text."""
    known = described(path)
    if row is None or known is None:
        return M("（已移除）")
    text = sources.text_of(row.get(known.title))
    if known.title == "message":
        text = places.message_shown(text)
    if not text.zh:
        return M("未命名的%(what)s", what=known.name)
    return Text(zh=_short(text.zh), en=_short(text.en))


def place(data: Data, path: str) -> Words:
    """Where `path` is: 部分 › 栏目 › 名称. What was removed is named by its kind."""
    steps: list[Words] = []
    shape = tree.shape_of(path)
    parts = path.split("/") if path else []
    for length in range(1, len(parts) + 1):
        above = "/".join(parts[:length])
        if shape[length - 1] == "*":
            steps.append(row_name(above, tree.get(data, above)))
        elif above_known := described("/".join(parts[: length - 1])):
            found = above_known.property(parts[length - 1])
            if found:
                steps.append(found.label)
            elif tree.is_list(above):
                if length == len(parts):  # else the row's own name follows
                    steps.append(list_name(above))
            elif mapping := described(above):
                steps.append(mapping.name)
    result: Words = steps[0] if steps else M("整个批次")
    for step in steps[1:]:
        result = M("%(outer)s › %(inner)s", outer=result, inner=step)
    return result


def list_name(path: str) -> Words:
    """What the rows of the list at `path` are called."""
    known = described(f"{path}/row", (*tree.shape_of(path), "*"))
    return known.name if known else M("导出表格")


def property_of(path: str) -> tuple[Described, Property] | None:
    """The property at `path`, with what it belongs to; None when it isn't edited."""
    above, name = tree.parent_of(path)
    known = described(above)
    item = known.property(name) if known else None
    return (known, item) if known and item else None


def value(data: Data, path: str, content: Any) -> Words:
    """A property's value in words."""
    found = property_of(path)
    if found is None:
        name = tree.parent_of(path)[1]
        if name in ("section", "field"):
            return _place(data, tree.parent_of(path)[0], name, content)
        return _plain(content)
    item = found[1]
    if content in (None, "", [], {}):
        if item.widget is Widget.MAYBE_CONDITION:
            return M("没有")
        return M("（空）")
    return _WORDS.get(item.widget, _general)(data, path, item, content)


def _general(data: Data, path: str, item: Property, content: Any) -> Words:
    if isinstance(content, dict) and "zh" in content:
        text = sources.text_of(content)
        return text if text else M("（空）")
    return _plain(content)


def _plain(content: Any) -> Words:
    if isinstance(content, bool):
        return M("是") if content else M("否")
    if isinstance(content, float) and content.is_integer():
        return str(int(content))
    if isinstance(content, dict | list):
        return M("%(n)s 项", n=len(content))
    return str(content)


def _place(data: Data, path: str, name: str, content: Any) -> Words:
    """Where a requirement at `path` looks, by the names that HR knows."""
    if name == "section":
        return sources.section_label(data, content)
    if not content:
        return M("整个部分")
    return _field_name(data, (tree.get(data, path) or {}).get("section", ""), content)


def _field_name(data: Data, section: str, field: str) -> Words:
    """A field by its section's or, of the choice made at the start, its own name."""
    labels: dict[str, Words] = dict(arguments.CHOICE_LABELS)
    if section != CHOICE_SECTION:
        labels = {PHOTO_FIELD: M("照片")} | dict(sources.field_choices(sources.section_named(data, section)))
    return labels.get(field, M("（已移除）"))


def _choices(data: Data, path: str, item: Property, content: Any) -> Words:
    offered = dict(item.choices or sources.choices(item.source, data, tree.parent_of(path)[0]))
    picked = content if isinstance(content, list) else [content]
    return joined([offered.get(one, M("（已移除）")) for one in picked])


def _condition(data: Data, path: str, item: Property, content: Any) -> Words:
    return conditions.sentence(data, content, sources.section_of(data, tree.parent_of(path)[0]))


def _options(data: Data, path: str, item: Property, content: Any) -> Words:
    return joined([sources.text_of(row["label"]) for row in content])


def _by_level(data: Data, path: str, item: Property, content: Any) -> Words:
    titles = dict(sources.choices("levels", data))
    return joined([M("%(level)s %(n)s", level=titles.get(k, k), n=v) for k, v in content.items()])


def _arguments(data: Data, path: str, item: Property, content: Any) -> Words:
    row = (tree.get(data, tree.parent_of(path)[0]) or {"section": "", "field": "", "check": ""}) | {
        "arguments": content
    }
    return arguments_in_words(data, row)


def arguments_in_words(data: Data, row: Data) -> Words:
    """What a requirement's check is told: 至少 2，计算到 任职年限截止日."""
    found: list[Words] = []
    for name, given in row["arguments"].items():
        known = ARGUMENTS.get(name)
        if known is None:
            continue
        found.append(M("%(what)s %(value)s", what=known.label, value=_argument(data, row, name, given)))
    return comma(found) if found else M("（空）")


def _argument(data: Data, row: Data, name: str, given: Any) -> Words:
    widget = ARGUMENTS[name].widget
    if widget == "levels" and isinstance(given, dict):
        titles = dict(sources.choices("levels", data))
        return joined([M("%(level)s %(n)s", level=titles.get(k, k), n=v) for k, v in given.items()])
    if widget == "where":
        return comma([_picked(data, row, key, values) for key, values in given.items()])
    if widget == "values":
        known = dict(arguments.value_choices(data, row))
        return joined([known.get(one, str(one)) for one in given])
    if widget == "between":
        section = sources.section_named(data, row["arguments"].get("list") or row["section"])
        labels = dict(sources.field_choices(section))
        return joined([_span(labels.get(key, M("（已移除）")), *span) for key, span in given.items()])
    if widget == "years_asked":
        degrees = {str(key): label for key, label in arguments.degree_choices(data, row)}
        return joined(
            [M("%(what)s %(value)s", what=degrees.get(k, k), value=_plain(v)) for k, v in given.items()]
        )
    if widget in ("integer", "number", "levels", "tick"):
        return _plain(given)
    offered = dict(one for _l, rows in arguments.argument_groups(data, row, name) for one in rows)
    return offered.get(arguments.chosen(row, name), M("（已移除）"))


def _span(label: Words, low: Any, high: Any) -> Words:
    """A number's range, open at an end that isn't given."""
    if high is None:
        return M("%(what)s不小于 %(low)s", what=label, low=_plain(low))
    if low is None:
        return M("%(what)s不大于 %(high)s", what=label, high=_plain(high))
    return M("%(what)s从 %(low)s 到 %(high)s", what=label, low=_plain(low), high=_plain(high))


def _template(data: Data, path: str, item: Property, content: Any) -> Words:
    """A text with the names of fields in their places."""
    return _placed(content, places.of_section(sources.section_of(data, path)))


def _templates(data: Data, path: str, item: Property, content: Any) -> Words:
    columns = dict(sources.choices(item.source, data, path))
    gone = M("（已移除）")
    found = {key: _template(data, path, item, text) for key, text in content.items()}
    return joined(
        [M("%(outer)s：%(inner)s", outer=columns.get(k, gone), inner=text) for k, text in found.items()]
    )


def _message(data: Data, path: str, item: Property, content: Any) -> Words:
    return places.message_shown(sources.text_of(content))


def _placed(content: Any, names: dict[str, str]) -> Text:
    text = sources.text_of(content)
    return Text(zh=places.shown(text.zh, names), en=places.shown(text.en, names))


def _picked(data: Data, row: Data, key: str, values: list[Any]) -> Words:
    for other, label, offered in arguments.entry_choices(data, row):
        if other == key:
            known = dict(offered)
            picked = joined([known.get(value, str(value)) for value in values])
            return M("“%(field)s”是%(values)s", field=label, values=picked)
    return joined([str(value) for value in values])


def requirement(data: Data, row: Data) -> Words:
    """What a requirement asks, in one sentence for lists: 条数：教学科研业绩，至少 2."""
    where = sources.section_label(data, row["section"])
    if row["field"]:
        label = _field_name(data, row["section"], row["field"])
        where = M("%(outer)s › %(inner)s", outer=where, inner=label)
    what = M("%(check)s：%(where)s", check=CHECKS[row["check"]][0], where=where)
    return comma([what, arguments_in_words(data, row)]) if row["arguments"] else what


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


_WORDS: dict[Widget, Callable[[Data, str, Property, Any], Words]] = {
    Widget.CHOICE: _choices,
    Widget.BOXES: _choices,
    Widget.CONDITION: _condition,
    Widget.MAYBE_CONDITION: _condition,
    Widget.OPTIONS: _options,
    Widget.BY_LEVEL: _by_level,
    Widget.ARGUMENTS: _arguments,
    Widget.FRACTION: lambda data, path, item, content: f"{content[0]}/{content[1]}",
    Widget.MEGABYTES: lambda data, path, item, content: f"{content // 1024 // 1024} MB",
    Widget.TEMPLATE: _template,
    Widget.TEMPLATES: _templates,
    Widget.MESSAGE: _message,
    Widget.DATE: lambda data, path, item, content: M("%(day)s", day=date.fromisoformat(content)),
}


def summary(data: Data, path: str, row: Data) -> list[Words]:
    """What matters about a row, in short lines below its name in a list."""
    lines: list[Words] = []
    if tree.shape_of(path) == ("requirements", "*"):
        lines.append(requirement(data, row))
        if row["group"]:
            groups = dict(sources.choices("groups", data))
            lines.append(M("属于“%(group)s”", group=groups.get(row["group"], row["group"])))
    if tree.shape_of(path) == ("levels", "*"):
        lines += [sources.text_of(row["label"]), M("高低次序 %(n)s（数字大的级别高）", n=row["rank"])]
    section = sources.section_of(data, path)
    if row.get("required"):
        lines.append(M("必填") if "type" in row else M("必须上传"))
    elif row.get("required_when") is not None:
        who = conditions.sentence(data, row["required_when"], section)
        lines.append(M("%(who)s必填", who=who) if "type" in row else M("%(who)s必须上传", who=who))
    when = row.get("when")
    if when is not None and not conditions.is_always(when):
        lines.append(M("只对：%(who)s", who=conditions.sentence(data, when, section)))
    for name in ("levels", "specialities", "departments"):
        known = described(path)
        item = known.property(name) if known else None
        if item and row.get(name):
            lines.append(value(data, f"{path}/{name}", row[name]))
    return lines
