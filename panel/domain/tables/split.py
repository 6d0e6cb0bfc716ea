"""Several achievements in one cell: taken apart at their numbers; of each, date, rank and what is left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.values import PartialDate
from panel.domain.tables import cells

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_CHINESE = "一二三四五六七八九十"
#: A number that begins an item: ① （1） 一、 1. 1、 1） and, before a year, 1.2023; but not 1.5.
_NUMBER = re.compile(
    rf"([{_CIRCLED}])|[（(]\s*(\d{{1,2}})\s*[)）]"
    rf"|(?:(?<=^)|(?<=[\s；;。，,）)、]))(?:([{_CHINESE}]{{1,2}})、"
    r"|(\d{1,2})\s*[.．、)）](?!\d))"
    r"|(?<!\d)(\d{1,2})\s*[.．、](?=(?:19|20)\d{2}(?!\d))"
)
_MONTH = (
    r"(?:19|20)\d{2}\s*(?:年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|[.\-/]\s*\d{1,2}(?:[.\-/]\d{1,2})?(?!\d))"
)
_DATE = re.compile(_MONTH)
_PERIOD = re.compile(
    rf"({_MONTH})\s*(?:—+|–|~|～|－+|-{{1,2}}|至|到)\s*({_MONTH}|至今|今)|({_MONTH})\s*(至今)"
)
_ORDINAL = r"第\s*(\d{1,2}|[一二三四五六七八九十]{1,2})\s*"
_AS_WHAT = r"作者|完成人|发明人|负责人|参与人|主编|位|名(?!次)"
#: With a word such as 排名 before it any ordinal is a rank; without one, 第12批 is not.
_RANK = re.compile(
    rf"(?:本人)?(?:排名|排序|名次|位列|位次|署名)(?:为|：|:)?\s*{_ORDINAL}(?:{_AS_WHAT})?"
    rf"|(?:本人)?{_ORDINAL}(?:{_AS_WHAT}|(?=\s*(?:[）)，,；;。]|$)))"
    r"|(?:排名|排序|名次|位次)\s*(?:为|：|:)?\s*(\d{1,2})\s*(?:/\s*(\d{1,2}))?"
)
#: A place among so many, in brackets or between commas: （3/8） or ，1/4，
_FRACTION = re.compile(
    r"[（(]\s*(\d{1,2})\s*/\s*(\d{1,2})\s*[)）]"
    r"|(?:(?<=^)|(?<=[\s，,；;、]))(\d{1,2})\s*/\s*(\d{1,2})(?=\s*(?:[，,；;。、）)]|$))"
)
_TEAM = re.compile(r"共\s*(\d{1,3})\s*(?:人|名)")
_LEAD = re.compile(r"主持人?|项目负责人|课题负责人|独立(?:完成)?|独著|独译")
_QUOTED = re.compile(r"《([^《》]{2,})》")
_EMPTY = re.compile(r"^[\s，,；;。.、：:（）()\-—]*$")
_EDGE = " \t\n，,；;。、：:—-"


@dataclass(frozen=True)
class AchievementInWords:
    """One achievement in words: what was recognised, and what is left of the text.

    Dates are as forms take them (2023-05), "" when there is none with a month; `rank` and `team` are 0 then.
    """

    text: str
    rest: str
    start: str = ""
    end: str = ""
    rank: int = 0
    team: int = 0
    is_open: bool = False  # a period that goes on


def items(text: str) -> list[str]:
    """The achievements in a cell's text: at numbers that count up from one, else line by line.

    Several on one line without numbers are told apart by ；.
    """
    starts: list[tuple[int, int]] = []
    for match in _NUMBER.finditer(text):
        if _value(match) == len(starts) + 1:
            starts.append((match.start(), match.end()))
    if starts and _EMPTY.match(text[: starts[0][0]]) and (len(starts) > 1 or starts[0][0] == 0):
        ends = [start for start, _end in starts[1:]] + [len(text)]
        found = [text[end:stop] for (_start, end), stop in zip(starts, ends, strict=True)]
    else:
        found = text.split("\n") if "\n" in text else re.split(r"[；;]", text)
    cleaned = (re.sub(r"\s*\n\s*", "", item).strip(_EDGE) for item in found)
    return [item for item in cleaned if item and item not in cells.EMPTY_WORDS]


def _value(match: re.Match[str]) -> int:
    circled, bracketed, chinese, plain, before_year = match.groups()
    if circled:
        return _CIRCLED.index(circled) + 1
    return _chinese(chinese) if chinese else int(bracketed or plain or before_year)


def _chinese(words: str) -> int:
    """一 to 二十 as a number."""
    if len(words) == 1:
        return _CHINESE.index(words) + 1
    tens = 1 if words[0] == "十" else _CHINESE.index(words[0]) + 1
    return tens * 10 + (0 if words[1] == "十" else _CHINESE.index(words[1]) + 1)


def read(text: str) -> AchievementInWords:
    """What can be recognised of one achievement; anything else stays in `rest`."""
    words = cells.narrow(text)
    rest, start, end, is_open = _dates(words)
    rest, rank, team = _place(rest)
    return AchievementInWords(words, _tidy(rest), start, end, rank, team, is_open)


def _dates(words: str) -> tuple[str, str, str, bool]:
    period = _PERIOD.search(words)
    if period:
        start = _month(period[1] or period[3])
        end = _month(period[2]) if period[2] and period[2] not in cells.ONGOING else ""
        if start:
            return _without(words, period), start, end, not end
    for match in _DATE.finditer(words):
        if found := _month(match[0]):
            return _without(words, match), found, "", False
    return words, "", "", False


def _month(text: str) -> str:
    try:
        return PartialDate.parse(re.sub(r"\s", "", text)).iso()
    except ValueError:
        return ""


def _place(words: str) -> tuple[str, int, int]:
    """The rank and the number of people; whoever led or did it alone is the first."""
    rank = team = 0
    match = _RANK.search(words)
    if match:
        ordinal, bare, plain, of = match.groups()
        rank, team = _ordinal(ordinal or bare or plain), int(of or 0)
        words = _without(words, match)
    fraction = _FRACTION.search(words)
    if fraction:
        place, whole = (int(part) for part in fraction.groups() if part)
        if place <= whole and rank in (0, place):
            rank, team = place, team or whole
            words = _without(words, fraction)
    people = _TEAM.search(words)
    if people:
        team = team or int(people[1])
        words = _without(words, people)
    if not rank and _LEAD.search(words):
        rank = 1
    return words, rank, team


def _ordinal(text: str) -> int:
    return int(text) if text.isdigit() else _chinese(text)


def _without(words: str, match: re.Match[str]) -> str:
    return words[: match.start()] + " " + words[match.end() :]


def _tidy(words: str) -> str:
    """`words` without the brackets and commas that stood around what was taken out."""
    words = re.sub(r"[（(][\s，,；;、]*[)）]", "", words)
    words = re.sub(r"([，,；;、])[\s，,；;、]+", r"\1", re.sub(r"\s+", " ", words))
    return re.sub(r"([（(])[，,；;、\s]+", r"\1", re.sub(r"[，,；;、\s]+([)）])", r"\1", words)).strip(_EDGE)


def named(words: str, options: Sequence[tuple[str, str]]) -> list[str]:
    """The values of `options` (value, label) that `words` name outside of 《》; SSCI is no SCI."""
    outside = _QUOTED.sub("《》", words)
    found: list[str] = []
    for value, label in sorted(options, key=lambda option: -len(option[1])):
        match = re.search(rf"(?<![A-Za-z]){re.escape(label)}(?![A-Za-z])", outside)
        if match:
            found.append(value)
            outside = outside[: match.start()] + " " + outside[match.end() :]
    return found
