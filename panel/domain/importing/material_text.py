"""One achievement in free words, taken apart into the fields of its kind; nothing of it is lost.

The parts between commas are told by what they look like (a prize's grade, a body, an issue of a journal)
and go to the field whose label speaks of that. What nobody recognises stays in the title, for all to see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from models.form_spec import FieldSpec, FieldType
from panel.domain.importing import material_words as known
from panel.domain.tables import split

_CJK = "\u4e00-\u9fff"
#: Where one part ends: a comma, a space between Chinese words or after a quotation; English keeps its spaces.
_BREAK = re.compile(rf"[，,；;]|(?<=[》”」）)])\s+|(?<=[{_CJK}])\s+(?=[{_CJK}《“「（(])")
_TITLE = re.compile(r"《([^《》]{2,})》|“([^“”]{2,})”|「([^「」]{2,})」|\"([^\"]{2,})\"")
_GRADE = re.compile(r"(?:特|[一二三四五])等奖|[金银铜]奖|(?:优秀|优胜|特别|提名)奖|第[一二三四五六]名")
_BODY = re.compile(
    r"(?:大学|学院|学校|[厅局部委处署]|委员会|政府|协会|学会|联合会|研究会|中心|研究院|研究所|科学院|公司|集团|医院)$"
)
_ISSUE = re.compile(
    r"(?:(?:19|20)\d{2}\s*年?[，,\s]*)?(?:第?\s*\d+\s*卷[，,\s]*)?[（(]?第?\s*\d+\s*期[）)]?"
    r"(?:[，,：:\s]*(?:第|[Pp]+\.?)?\s*\d+\s*[-—–~]\s*\d+\s*页?)?"
)
_WON = re.compile(r"^(?:荣获|获得|获)\s*(?=\S{4})")
_ROUND_TITLE = re.compile(
    r"^(?:发表|出版|撰写|主编|参编|编著|译)?(?:了|的)?(?:学术|期刊)?(?:论文|著作|专著|教材|译著)?$"
)
_BEFORE_VENUE = re.compile(r"^(?:发表|刊登|刊载|载|刊)?[于在]?")


def fields_of(words: split.Item, fields: Mapping[str, FieldSpec], title: str) -> dict[str, str]:
    """Field key -> text as a form takes it, of the achievement; `title` is the field that names it."""
    found = _choices(words, fields)
    named, parts = _titled(words.rest, found, fields, title)
    grade = _GRADE.search(named)
    if grade:
        _give(found, fields, known.GRADE, grade[0])
    left = [part for part in parts if not _placed(part, found, fields)]
    if title:
        found[title] = "，".join([named, *left])
    return found


def _choices(words: split.Item, fields: Mapping[str, FieldSpec]) -> dict[str, str]:
    text = words.rest + (f" {known.OPEN}" if words.is_open else "")
    found: dict[str, str] = {}
    for spec in fields.values():
        named = list(dict.fromkeys(split.named(text, _names(spec))))
        if named and spec.type is FieldType.CHOICES:
            found[spec.key] = "\n".join(named)
        elif len(named) == 1:
            found[spec.key] = named[0]
    return found


def _names(spec: FieldSpec) -> list[tuple[str, str]]:
    """(value, name) of a choice's options, by their labels and what else people call them."""
    if spec.type not in (FieldType.CHOICE, FieldType.CHOICES):
        return []
    pairs = []
    for option in spec.options:
        label = option.label.zh
        short = re.split(r"[（(]", label)[0]
        pairs += [
            (option.value, name) for name in dict.fromkeys([label, short, *known.OPTIONS.get(label, ())])
        ]
    return pairs


def _titled(
    rest: str, found: dict[str, str], fields: Mapping[str, FieldSpec], title: str
) -> tuple[str, list[str]]:
    """What names the achievement, and the other parts; a category before the quoted name has a field."""
    parts = [part for part in (_trimmed(part) for part in _BREAK.split(rest)) if part]
    if not parts:
        return rest, []
    quoted = _TITLE.search(parts[0])
    if quoted is None:
        return _WON.sub("", parts[0]), parts[1:]
    before, after = (
        parts[0][: quoted.start()].strip(),
        _BEFORE_VENUE.sub("", parts[0][quoted.end() :].strip()),
    )
    others = ([after] if after else []) + parts[1:]
    name = next(group for group in quoted.groups() if group)
    if _ROUND_TITLE.match(before):
        return name, others
    if title not in _with_label(fields, known.CATEGORY) and _give(found, fields, known.CATEGORY, before):
        return name, others
    return parts[0], parts[1:]


def _trimmed(part: str) -> str:
    return part.strip(" 。.、：:")


def _placed(part: str, found: dict[str, str], fields: Mapping[str, FieldSpec]) -> bool:
    """Whether `part` says something that a field holds now."""
    if any(part == name for spec in fields.values() for _value, name in _names(spec)):
        return True
    quoted = _TITLE.fullmatch(part)
    if quoted:
        return _give(found, fields, known.JOURNAL, next(group for group in quoted.groups() if group))
    looks: tuple[tuple[Callable[[str], object], str], ...] = (
        (_ISSUE.fullmatch, known.ISSUE),
        (lambda text: text.endswith(known.PUBLISHER), known.PUBLISHER),
        (_BODY.search, known.BODY),
        (lambda text: not re.search(r"\d", text), known.JOURNAL),
    )
    return any(matches(part) and _give(found, fields, label, part) for matches, label in looks)


def _with_label(fields: Mapping[str, FieldSpec], pattern: str) -> list[str]:
    return [
        key
        for key, spec in fields.items()
        if spec.type is FieldType.TEXT and re.search(pattern, spec.label.zh)
    ]


def _give(found: dict[str, str], fields: Mapping[str, FieldSpec], pattern: str, words: str) -> bool:
    """Put `words` into the first empty field of text whose label fits `pattern`; False when there is none."""
    key = next((key for key in _with_label(fields, pattern) if key not in found), "")
    if not key or not words or len(words) > fields[key].max_length:
        return False
    found[key] = words
    return True
