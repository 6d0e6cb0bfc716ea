"""One achievement in free words, taken apart into the fields of its kind; nothing of it is lost.

The parts between commas are told by what they look like (a prize's grade, a body, an issue of a journal)
and go to the field whose label speaks of that. What nobody recognises stays in the title, for all to see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from models.field_spec import FieldSpec, FieldType
from panel.domain.importing import material_headings as known
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
#: What somebody did in a project, before its category: 主持校级教改课题.
_DID = re.compile(r"^(?:本人)?(?:主持|主要参与|参与|参加|承担|负责|独立)(?:完成)?(?:人|了)?\s*(?=\S{3})")
#: Before an amount: 到账35.5万元, 本人撰写12万字.
_OF = r"(?:(?:本人|其中|到账|到帐|经费|资助|合同|金额|总|共|约|撰写|字数|全书)*[：:]?\s*)"
#: A category where the name of the project follows.
_SORT = re.compile(r"(?:项目|课题|基金|计划|工程)$")
#: What people did or where it counts is no journal.
_NO_VENUE = re.compile(
    r"(?:作者|一作|通讯|主编|参编|编委|编者|人|主持|参与|核心|收录|检索|[一二三四1-4]区|转载|见刊|录用|发表|出版)$"
)
_BEFORE_VENUE = re.compile(r"^(?:发表|刊登|刊载|载|刊)?[于在]?")


def fields_of(words: split.AchievementInWords, fields: Mapping[str, FieldSpec], title: str) -> dict[str, str]:
    """Field key -> text as a form takes it, of the achievement; `title` is the field that names it."""
    found = _choices(words, fields)
    named, parts = _titled(_amounts(words.rest, found, fields), found, fields, title)
    grade = _GRADE.search(named)
    if grade:
        _give(found, fields, known.GRADE, grade[0])
    left = [part for part in parts if not _placed(part, found, fields)]
    if title:
        found[title] = "，".join([named, *left])
    return found


def _choices(words: split.AchievementInWords, fields: Mapping[str, FieldSpec]) -> dict[str, str]:
    text = words.rest + (f" {known.NO_END}" if words.is_open else "")
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


def _amounts(text: str, found: dict[str, str], fields: Mapping[str, FieldSpec]) -> str:
    """Give fields with a unit what is said in that unit; returns what is left of `text`."""
    for spec in fields.values():
        if spec.type is not FieldType.NUMBER or not spec.unit:
            continue
        said = list(re.finditer(rf"{_OF}?(\d+(?:\.\d+)?)\s*{re.escape(spec.unit.zh)}", text))
        # of two amounts nobody knows which is meant
        if len(said) == 1 and said[0].start() not in _inside_titles(text):
            found[spec.key] = said[0][1]
            text = text[: said[0].start()] + text[said[0].end() :]
    return text


def _inside_titles(text: str) -> set[int]:
    """The places of `text` that quotation marks enclose."""
    return {place for match in _TITLE.finditer(text) for place in range(*match.span())}


def _titled(
    rest: str, found: dict[str, str], fields: Mapping[str, FieldSpec], title: str
) -> tuple[str, list[str]]:
    """What names the achievement, and the other parts; a category before the quoted name has a field."""
    parts = [part for part in (_trimmed(part) for part in _BREAK.split(rest)) if part]
    if not parts:
        return rest, []
    quoted = _TITLE.search(parts[0])
    if quoted is None:
        at = next((i for i, part in enumerate(parts) if not _is_aside(part, parts[i + 1 :], fields)), 0)
        return _WON.sub("", parts[at]), parts[:at] + parts[at + 1 :]
    before, after = (
        parts[0][: quoted.start()].strip(),
        _trimmed(_BEFORE_VENUE.sub("", parts[0][quoted.end() :].strip())),
    )
    others = ([after] if after else []) + parts[1:]
    name = next(group for group in quoted.groups() if group)
    if _ROUND_TITLE.match(before):
        return name, others
    sort = _DID.sub("", before)
    if title not in _with_label(fields, known.CATEGORY) and _give(found, fields, known.CATEGORY, sort):
        return name, others
    return parts[0], parts[1:]


def _is_aside(part: str, following: list[str], fields: Mapping[str, FieldSpec]) -> bool:
    """Whether `part`, which comes first, is who gave the project or what sort it is; its name follows."""
    left = [other for other in following if not _is_named(other, fields)]
    if not left:
        return False
    if _BODY.search(part) and _with_label(fields, known.BODY):
        return True
    return bool(_SORT.search(part) and _with_label(fields, known.CATEGORY)) and not all(
        _BODY.search(other) for other in left
    )


def _is_named(part: str, fields: Mapping[str, FieldSpec]) -> bool:
    """Whether `part` is the name of a choice."""
    return any(part == name for spec in fields.values() for _value, name in _names(spec))


def _trimmed(part: str) -> str:
    """`part` without marks around it, and without half a pair of brackets that a comma has cut."""
    part = part.strip(" 。.、：:")
    if len(re.findall(r"[（(]", part)) != len(re.findall(r"[)）]", part)):
        part = part.strip("（()）")
    return part


def _placed(part: str, found: dict[str, str], fields: Mapping[str, FieldSpec]) -> bool:
    """Whether `part` says something that a field holds now."""
    if _is_named(part, fields):
        return True
    quoted = _TITLE.match(part)
    issue = part[quoted.end() :].strip() if quoted else ""
    if quoted and (not issue or _ISSUE.fullmatch(issue)):
        is_given = _give(found, fields, known.JOURNAL, next(group for group in quoted.groups() if group))
        return is_given and (not issue or _give(found, fields, known.ISSUE, issue))
    looks: tuple[tuple[Callable[[str], object], str], ...] = (
        (_ISSUE.fullmatch, known.ISSUE),
        (lambda text: text.endswith(known.PUBLISHER), known.PUBLISHER),
        (_BODY.search, known.BODY),
        (_SORT.search, known.CATEGORY),
        (lambda text: not re.search(r"\d", text) and not _NO_VENUE.search(text), known.JOURNAL),
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
