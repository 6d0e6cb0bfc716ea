"""A round as a YAML file, in the format of the shipped ones: written, read back, each error with its line."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml
from pydantic import ValidationError

from models.messages import M, Message, PingshenError
from models.round_spec import RoundSpec
from panel.domain.round_edit.problems.refusals import in_words
from panel.domain.round_edit.tree import Data

LARGEST = 1024 * 1024
#: What a file may hold, and unfold to: YAML can name one part many times. A shipped round: 6,000.
MOST_VALUES = 40_000
DEEPEST = 30
#: So many errors are told with their lines; all are counted.
MOST_TOLD = 50
#: Longer whole numbers are typing errors, and beyond what the database holds.
_LONGEST_WHOLE = 15
#: Characters that plain YAML loses.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


class BadFile(PingshenError):
    """The file can't be read as a round; `lines` says where and why."""

    status = 422

    def __init__(self, lines: list[tuple[int, Message]], count: int = 0) -> None:
        super().__init__(M("文件有 %(n)s 处错误，没有导入任何内容。", n=count or len(lines)))
        self.lines = lines


def written(spec: RoundSpec) -> str:
    """The round as YAML; reading it gives the same round."""
    data = spec.model_dump(mode="json", exclude_defaults=True)
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110))


class _Dumper(yaml.SafeDumper):
    """Writes what YAML takes for line ends between quotes, where it is escaped."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if _ODD.search(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


class _Loader(yaml.SafeLoader):
    """Plain values alone, and no more of them than a round has: nothing else is even looked at.

    The parser is slow, so it stops where the file is too much. (libyaml's breaks down on deep ones.)
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._count = self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node; raises BadFile."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        self._count += 1
        self._depth += 1
        if self._count > MOST_VALUES or self._depth > DEEPEST:
            raise BadFile([(line, _TOO_MUCH)])
        if getattr(event, "tag", None) not in (None, "!"):
            raise BadFile([(line, M("这里的写法不能识别，请用从本系统导出的文件。"))])
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(node, yaml.ScalarNode) and _is_unusable(node):
            raise BadFile([(line, M("这里的数字、日期或文字不能使用，请检查。"))])
        return node

    def compose_mapping_node(self, anchor: Any) -> Any:
        """The mapping; raises BadFile for a name that the database refuses."""
        node = super().compose_mapping_node(anchor)
        for key, _value in node.value:
            if "\0" in str(key.value):
                raise BadFile([(key.start_mark.line + 1, M("这里的数字、日期或文字不能使用，请检查。"))])
        return node


_TOO_MUCH = M("文件是空的，或内容过多。")
_WHOLE, _FRACTION = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"


def _is_unusable(node: yaml.ScalarNode) -> bool:
    """Whether a value can't be stored: a number without end or too large, half a character."""
    text = str(node.value)
    if node.tag == _WHOLE:
        return len(text) > _LONGEST_WHOLE
    if node.tag == _FRACTION:
        return not _is_finite(text)
    return any("\ud800" <= character <= "\udfff" for character in text)


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text.replace("_", "")))
    except ValueError:  # .inf, or sixties: 1:30.5
        return False


def read(content: bytes) -> RoundSpec:
    """The round in a file's bytes; raises BadFile."""
    if len(content) > LARGEST:
        raise BadFile([(1, M("文件超过 1 MB，不像是批次文件。"))])
    try:
        loader = _Loader(content.decode("utf-8-sig"))
        node = loader.get_single_node()
        if node is None or _size(node, {}, 0) > MOST_VALUES:
            raise BadFile([(1, _TOO_MUCH)])
        data = loader.construct_document(node)
    except UnicodeDecodeError as error:
        raise BadFile([(1, M("文件不是 UTF-8 文字，请用从本系统导出的文件。"))]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise BadFile([(line, M("这一行的格式有误，请检查缩进、冒号和引号。"))]) from error
    except (ValueError, RecursionError) as error:
        raise BadFile([(1, M("文件里有不能识别的日期或数字。"))]) from error
    if not isinstance(data, dict):
        raise BadFile([(1, M("这不是批次文件，请用从本系统导出的文件。"))])
    if "base" in data:
        raise BadFile([(1, M("这个文件还引用别的文件，不能单独导入；请先在本系统导出完整的批次。"))])
    return _validated(data, node)


def _validated(data: Data, node: Any) -> RoundSpec:
    try:
        return RoundSpec.model_validate(data)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        found = [
            (
                _line(node, one["loc"]),
                M(
                    "“%(where)s”%(why)s",
                    where=".".join(str(part) for part in one["loc"]) or str(M("整个文件")),
                    why=_why(one),
                ),
            )
            for one in errors[:MOST_TOLD]
        ]
        raise BadFile(found, len(errors)) from error


def _why(one: Any) -> Message:
    known = {
        "missing": M("缺少这一项。"),
        "extra_forbidden": M("不认识这一项，请检查拼写。"),
        "enum": M("不是允许的内容。"),
        "literal_error": M("不是允许的内容。"),
    }
    return known.get(one["type"]) or in_words(str(one["msg"]))


def _line(node: Any, loc: tuple[Any, ...]) -> int:
    """The line of what `loc` points at, or of what should hold it."""
    for part in loc:
        inner = None
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            inner = node.value[part]
        if inner is None:
            break
        node = inner
    return int(node.start_mark.line) + 1


def _size(node: Any, seen: dict[int, int], depth: int) -> int:
    """How many values the node unfolds to; what is named often counts as often, and is looked at once."""
    if depth > DEEPEST:
        return MOST_VALUES + 1
    if id(node) in seen:
        return seen[id(node)]
    seen[id(node)] = MOST_VALUES + 1  # a part that holds itself never ends
    parts: list[Any] = []
    if isinstance(node, yaml.MappingNode):
        parts = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        parts = node.value
    size = 1
    for part in parts:
        size = min(size + _size(part, seen, depth + 1), MOST_VALUES + 1)
    seen[id(node)] = size
    return size
