"""What HR typed into the editor's forms, as values of a round; each refusal says what to do.

A form is a mapping of control names to the list of what was sent. Only properties that the form drew are
read: the control `drawn` names them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from models.choices import Kind
from models.form_spec import SectionSpec
from models.messages import M, Message
from models.round_spec import RoundSpec
from panel.domain.errors import Invalid
from panel.domain.round_edit import keys, tree
from panel.domain.round_edit.problems.refusals import in_words
from panel.domain.round_edit.properties import places, sources
from panel.domain.round_edit.properties.arguments import Wrong, read_arguments, read_place
from panel.domain.round_edit.properties.kinds import Described, Property, Widget
from panel.domain.round_edit.properties.named import ROSTER
from panel.domain.round_edit.tree import Data

Sent = Mapping[str, list[str]]
LONGEST = 4000
SHORTEST_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass
class Form:
    """What was sent for the row or mapping at `path` of the draft `data`."""

    data: Data
    path: str
    sent: Sent
    row: Data = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The control's text without spaces around it and with plain line ends."""
        values = self.sent.get(name) or [""]
        return keys.cleaned(values[-1])

    def texts(self, name: str) -> list[str]:
        """Everything sent under the name."""
        return [keys.cleaned(value) for value in self.sent.get(name) or []]

    def is_on(self, name: str) -> bool:
        """Whether the box was ticked."""
        return bool(self.text(name))


def read(described: Described, form: Form) -> Data:
    """The values of the properties that the form drew, by name; raises Invalid with all that is wrong."""
    values: Data = {}
    errors: dict[str, Message] = {}
    for name in dict.fromkeys(form.texts("drawn")):
        item = described.property(name)
        if item is None:
            continue
        try:
            read_one = _READ[item.widget]
            values |= read_one(form, item)
        except Wrong as wrong:
            errors[wrong.control or name] = wrong.message
    if errors:
        raise Invalid(errors)
    return values


def _text(form: Form, item: Property) -> Data:
    chinese, english = form.text(item.name), form.text(f"{item.name}.en")
    if not chinese and not item.optional:
        raise Wrong(M("请填写%(what)s。", what=item.label))
    if len(chinese) > LONGEST or len(english) > LONGEST:
        raise Wrong(M("不能超过 %(n)s 字。", n=LONGEST))
    if english and not chinese:
        raise Wrong(M("请先填写中文。"))
    return {item.name: {"zh": chinese, "en": english}}


def _string(form: Form, item: Property) -> Data:
    text = form.text(item.name)
    if not text and not item.optional:
        raise Wrong(M("请填写%(what)s。", what=item.label))
    if len(text) > 200:
        raise Wrong(M("不能超过 %(n)s 字。", n=200))
    return {item.name: text}


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise Wrong(M("请填写整数。"))
    return int(text)


def _integer(form: Form, item: Property) -> Data:
    return {item.name: _whole(form.text(item.name))}


def _decimal(form: Form, item: Property) -> Data:
    text = form.text(item.name)
    if not text:
        return {item.name: None}
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Wrong(M("请填写数字。")) from None
    if not number.is_finite() or abs(number) > 10**12:
        raise Wrong(M("请填写数字。"))
    return {item.name: float(number)}


def _megabytes(form: Form, item: Property) -> Data:
    number = _whole(form.text(item.name))
    if not 1 <= number <= 100:
        raise Wrong(M("请填写 1 到 100 之间的整数。"))
    return {item.name: number * 1024 * 1024}


def read_day(text: str) -> str:
    """A day as ISO; raises Wrong."""
    try:
        if not SHORTEST_DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Wrong(M("请选择日期。")) from None


def _date(form: Form, item: Property) -> Data:
    text = form.text(item.name)
    if not text and item.optional:
        return {item.name: None}
    return {item.name: read_day(text)}


def _tick(form: Form, item: Property) -> Data:
    return {item.name: form.is_on(item.name)}


def _offered(form: Form, item: Property) -> list[Any]:
    found = item.choices or sources.choices(item.source, form.data, form.path)
    return [value for value, _label in found]


def _choice(form: Form, item: Property) -> Data:
    text = form.text(item.name)
    if not text and item.optional:
        return {item.name: ""}
    kept = form.row.get(item.name)
    for value in [*_offered(form, item), kept]:
        if str(value) == text:
            return {item.name: value}
    raise Wrong(M("请选择其中一项。"))


def _boxes(form: Form, item: Property) -> Data:
    """Ticked ones in the order offered; stored ones that are not offered any more stay if sent back."""
    sent = set(form.texts(item.name))
    kept = [value for value in form.row.get(item.name) or [] if value not in _offered(form, item)]
    picked = [value for value in [*_offered(form, item), *kept] if str(value) in sent]
    if not picked and not item.optional:
        raise Wrong(M("请至少选择一项。"))
    stored = form.row.get(item.name) or []
    return {item.name: stored if sorted(map(str, stored)) == sorted(map(str, picked)) else picked}


def read_condition(form: Form, name: str, section: Data) -> Data:
    """The condition drawn under `name`; raises Wrong."""
    levels = [row["key"] for row in form.data["levels"] if row["key"] in form.texts(f"{name}.levels")]
    kinds = [kind.value for kind in Kind if kind.value in form.texts(f"{name}.kinds")]
    offered = [row["key"] for row in section.get("kinds", [])]
    held = {"yes": True, "no": False}.get(form.text(f"{name}.exceptional"))
    days = {
        source: read_day(form.text(f"{name}.before.{source}"))
        for source in ROSTER
        if form.text(f"{name}.before.{source}")
    }
    stored = form.row.get(name) or {}
    return {
        "kinds": kinds,
        "levels": levels,
        "exceptional": held,
        "entry_kinds": [key for key in offered if key in form.texts(f"{name}.entry_kinds")],
        "values": _read_values(form, name, section, stored.get("values") or {}),
        "roster_before": days,
    }


def _read_values(form: Form, name: str, section: Data, stored: Data) -> Data:
    """What fields must be; what can't be shown as boxes stays as it is stored."""
    found = {}
    for key in {**sources.distinct_fields(section), **stored}:
        offered = sources.value_choices(section, key)
        if not offered:
            if key in stored:
                found[key] = stored[key]
            continue
        sent = set(form.texts(f"{name}.values.{key}"))
        picked = [value for value, _label in offered if str(value) in sent]
        if picked:
            found[key] = picked
    return found


def _condition(form: Form, item: Property) -> Data:
    return {item.name: read_condition(form, item.name, sources.section_of(form.data, form.path))}


def _maybe_condition(form: Form, item: Property) -> Data:
    """Without the tick there is no condition."""
    return _condition(form, item) if form.is_on(f"{item.name}.on") else {item.name: None}


def _options(form: Form, item: Property) -> Data:
    """Rows in the order sent; a new one gets a key of its own, one without text goes."""
    if "type" in form.row and (form.text("type") or form.row["type"]) not in item.types:
        return {item.name: []}
    known = [str(row["value"]) for row in form.row.get(item.name) or []]
    rows: list[Data] = []
    taken = set(known)
    english = form.texts(f"{item.name}.en")
    values = form.texts(f"{item.name}.value")
    for place, label in enumerate(form.texts(f"{item.name}.zh")):
        if not label.strip():
            continue
        value = values[place] if place < len(values) else ""
        if value not in known or value in [row["value"] for row in rows]:
            value = tree.unused(keys.key_of(label, "option"), taken)
        taken.add(value)
        english_label = english[place].strip() if place < len(english) else ""
        rows.append({"value": value, "label": {"zh": label.strip(), "en": english_label}})
    if not rows:
        raise Wrong(M("请至少写一个选项。"))
    labels = [row["label"]["zh"] for row in rows]
    if len(set(labels)) != len(labels):
        raise Wrong(M("两个选项不能相同。"))
    return {item.name: rows}


def _fraction(form: Form, item: Property) -> Data:
    above, below = _whole(form.text(f"{item.name}.above")), _whole(form.text(f"{item.name}.below"))
    if not 0 < above <= below <= 100:
        raise Wrong(M("请填写不大于 1 的分数，如 2/3。"))
    return {item.name: [above, below]}


def _by_level(form: Form, item: Property) -> Data:
    found = {}
    for row in form.data["levels"]:
        text = form.text(f"{item.name}.{row['key']}")
        if text:
            found[row["key"]] = _whole(text)
            if found[row["key"]] < 0:
                raise Wrong(M("请填写整数。"))
    return {item.name: found}


def _placed(form: Form, name: str, names: Mapping[str, str]) -> Data:
    try:
        return {
            "zh": places.stored(form.text(name), names),
            "en": places.stored(form.text(f"{name}.en"), names),
        }
    except places.UnknownPlace as unknown:
        raise Wrong(M("没有“%(name)s”可以插入，请从下面列出的名称中选。", name=str(unknown))) from unknown


def _template(form: Form, item: Property) -> Data:
    return {item.name: _placed(form, item.name, places.of_section(_section(form)))}


def _templates(form: Form, item: Property) -> Data:
    names = places.of_section(_section(form))
    columns = sources.choices(item.source, form.data, form.path)
    found = {key: _placed(form, f"{item.name}.{key}", names) for key, _label in columns}
    return {item.name: {key: text for key, text in found.items() if text["zh"]}}


def _section(form: Form) -> Data:
    """The section as it will be, so that a template can name its fields."""
    return sources.section_of(form.data, form.path)


def _message(form: Form, item: Property) -> Data:
    text = _placed(form, item.name, places.of_messages())
    if not text["zh"]:
        raise Wrong(M("请填写%(what)s。", what=item.label))
    return {item.name: text}


def _check(form: Form, item: Property) -> Data:
    return {}  # chosen when the row is made


def _place(form: Form, item: Property) -> Data:
    return read_place(form.data, form.row, form.text(item.name))


def _arguments(form: Form, item: Property) -> Data:
    row = form.row | read_place(form.data, form.row, form.text("place") or None)
    return {item.name: read_arguments(form.data, row, form.sent)}


_READ: dict[Widget, Callable[[Form, Property], Data]] = {
    Widget.TEXT: _text,
    Widget.LONG_TEXT: _text,
    Widget.STRING: _string,
    Widget.INTEGER: _integer,
    Widget.DECIMAL: _decimal,
    Widget.MEGABYTES: _megabytes,
    Widget.DATE: _date,
    Widget.TICK: _tick,
    Widget.CHOICE: _choice,
    Widget.BOXES: _boxes,
    Widget.CONDITION: _condition,
    Widget.MAYBE_CONDITION: _maybe_condition,
    Widget.OPTIONS: _options,
    Widget.FRACTION: _fraction,
    Widget.BY_LEVEL: _by_level,
    Widget.TEMPLATE: _template,
    Widget.TEMPLATES: _templates,
    Widget.MESSAGE: _message,
    Widget.CHECK: _check,
    Widget.PLACE: _place,
    Widget.ARGUMENTS: _arguments,
}


def check(described: Described, row: Data) -> None:
    """Refuse a row that its own specification refuses, by property; raises Invalid.

    What only contradicts other rows is kept: it is one of the round's problems until it is mended.
    """
    inner: Data = {name: [] for name in ("fields", "clauses", "kinds", "columns") if _holds_rows(row, name)}
    if described.spec is SectionSpec:
        inner |= {"none_columns": [], "sums": [], "order_by": ""}
    if described.spec is RoundSpec:
        return
    try:
        described.spec.model_validate(tree.without_ids(row | inner))
    except ValidationError as error:
        wrong: dict[str, Message] = {}
        for one in error.errors(include_url=False, include_input=False):
            name = str(one["loc"][0]) if one["loc"] else described.properties[0].name
            wrong.setdefault(name, in_words(str(one["msg"])))
        raise Invalid(wrong) from error


def _holds_rows(row: Data, name: str) -> bool:
    return isinstance(row.get(name), list) and all(isinstance(one, dict) for one in row[name])
