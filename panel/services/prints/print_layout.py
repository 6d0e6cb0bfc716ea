"""Where the official evaluation form prints what: the cover and the basic-facts grid, as data.

The official form has fixed places with fixed words; each place names the round's fields that fill it.
A place whose field the round doesn't have stays empty, as on paper; a field without a place is printed
after the grid, so that nothing that HR adds is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_KEY = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Place:
    """One place of the grid: the official words, what fills it, and the columns that both take.

    `lines` are pieces of text around one field key each; a piece is left out when its field is empty.
    """

    label: str
    lines: tuple[tuple[str, ...], ...]
    label_span: int
    span: int

    def text(self, facts: Mapping[str, str]) -> str:
        """What is printed, given the text of every field."""
        filled = ("，".join(_filled(line, facts)) for line in self.lines)
        return "\n".join(line for line in filled if line)

    def fields(self) -> set[str]:
        """The fields that it prints."""
        return {key for line in self.lines for piece in line for key in _KEY.findall(piece)}


def _filled(line: tuple[str, ...], facts: Mapping[str, str]) -> Iterator[str]:
    for piece in line:
        before, key, after = _KEY.split(piece)
        if facts.get(key):
            yield f"{before}{facts[key]}{after}"


def _place(label: str, lines: str, label_span: int = 0, span: int = 0) -> Place:
    """Lines are separated by "/", pieces by blanks; a piece without braces is a key."""
    pieces = (tuple(p if "{" in p else f"{{{p}}}" for p in line.split()) for line in lines.split("/"))
    return Place(label, tuple(pieces), label_span, span)


#: The cover's lines, top to bottom; the first place of several keys that has a value is printed.
COVER = (
    ("单位", ("unit",)),
    ("姓名", ("name",)),
    ("现任专业技术职务", ("current_title", "current_post")),
    ("评审任职资格", ("applied_title",)),
    ("填表时间", ("filled_on",)),
)

#: The grid is this many equal columns wide; the rows beside the photo are narrower by PHOTO_SPAN.
COLUMNS = 24
PHOTO_SPAN = 5
BESIDE_PHOTO = (
    (_place("现名", "name", 3, 3), _place("曾用名", "former_name", 3, 4), _place("性别", "gender", 3, 3)),
    (
        _place("民族", "ethnicity", 3, 3),
        _place("出生日期", "birth_date", 3, 4),
        _place("出生地", "birth_place", 3, 3),
    ),
    (_place("参加工作时间", "work_start", 4, 6), _place("身体状况", "health", 4, 5)),
    (_place("党团", "party", 4, 6), _place("行政职务", "admin_post", 4, 5)),
)

#: The highest degree: words above, values below, beside a common heading.
HIGHEST = _place("最高学历", "（{diploma}）", 4)
HIGHEST_PLACES = (
    _place("毕业（肄、结）时间", "graduated_on", span=5),
    _place("学校", "school", span=6),
    _place("专业", "major", span=4),
    _place("学制", "length", span=2),
    _place("学位", "degree", span=3),
)

_TITLES = "/".join(
    f"{{title{n}_name}} {{title{n}_approved_on}} {{title{n}_authority}} 证书编号{{title{n}_number}}"
    for n in (1, 2)
)
#: Rows of the full width.
BELOW_PHOTO = (
    (_place("现任专业技术职务及任职时间", "current_post current_post_since", 6, 18),),
    (
        _place("现从事何种专业技术工作", "current_work", 6, 8),
        _place("从事本专业技术工作年限", "years", 6, 4),
    ),
    (_place("任职资格（取得时间及审批机关）", f"qualification/{_TITLES}", 6, 18),),
    (_place("学术团体及社会兼职", "societies", 6, 18),),
    (_place("外语", "languages", 6, 18),),
)

#: Every field that the grid prints.
PLACED = frozenset(
    key
    for row in (*BESIDE_PHOTO, (HIGHEST,), HIGHEST_PLACES, *BELOW_PHOTO)
    for place in row
    for key in place.fields()
)
