"""How a cell is read: text, names, numbers that Excel may have mangled, dates however people write them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from models.messages import M, Message
from models.values import PartialDate
from panel.domain.tables.sheet import Value

#: Full-width letters, digits and marks of numbers; Chinese punctuation stays as it is.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B)} | {
    ord("．"): ord("."),
    ord("－"): ord("-"),
    ord("／"): ord("/"),
    ord("＋"): ord("+"),
    ord("　"): ord(" "),
}
#: What a cell says to mean that there is nothing: it clears what is stored.
EMPTY_WORDS = frozenset({"无", "—", "——", "-", "－", "/", "没有", "none", "n/a"})
#: The end of what still goes on.
ONGOING = frozenset({"至今", "现在", "目前", "今", "在研", "进行中", "未结项", "now", "present"})
_EXPONENT = re.compile(r"^\d(?:\.\d+)?[eE]\+?\d+$")
_EPOCH = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 7306, 73415  # 1920-01-01 and 2100-12-31
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_RANGE = re.compile(r"\s*(?:—|–|~|～|－－|--|至|到)\s*")
_EXACT_DIGITS = 10**15
#: Control and format characters, halves of pairs; line breaks and tabs are none of them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]"
)
_SPACES = re.compile(r"[^\S\n]+")


class Unusable(Exception):
    """A cell can't be used; `message` says what is wrong and how to mend it."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def text(value: Value) -> str:
    """The cell's words without what can't be seen: one line per line of the cell, no blank ones."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, date):
        return value.isoformat()
    if value.isprintable() and "  " not in value:
        return value.strip()  # most cells: nothing unseen, one line
    plain = value.replace("\r\n", "\n")
    kept = _UNSEEN.sub("", plain)
    lines = (_SPACES.sub(" ", line).strip() for line in kept.split("\n"))
    return "\n".join(line for line in lines if line)


def number(value: float) -> str:
    """A number as a person would write it: 2016, not 2016.0."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 10**17 else repr(value)


def line(value: Value) -> str:
    """The cell's words on one line."""
    return text(value).replace("\n", " ")


def narrow(words: str) -> str:
    """`words` with full-width letters and digits made narrow."""
    return words.translate(_NARROW)


def person_name(value: Value) -> str:
    """A name without the spaces that people put inside Chinese ones; 张 三 is 张三."""
    words = line(value).replace("•", "·").replace("・", "·").replace("．", "·")
    return re.sub(r"(?<=[\u3400-\u9fff·]) +(?=[\u3400-\u9fff·])", "", words)


def identifier(value: Value) -> str:
    """A number that is a name (工号, 身份证号, 证书编号), digit by digit.

    Raises Unusable where Excel took it for a number and lost digits: 4.20E+17, or more than 15 digits.
    """
    if isinstance(value, bool | date):
        raise Unusable(M("Excel 把这个号码当成了日期或对错。请把这一列设为“文本”格式，重新输入号码。"))
    if isinstance(value, int | float):
        if not float(value).is_integer() or abs(value) >= _EXACT_DIGITS:
            raise Unusable(_mangled())
        return str(int(value))
    words = narrow(line(value)).replace(" ", "").lstrip("'’‘`")
    if _EXPONENT.match(words):
        raise Unusable(_mangled())
    return words


def _mangled() -> Message:
    return M(
        "Excel 把这个号码当成了数字，后几位已经丢失。请把这一列设为“文本”格式（或先输入英文单引号），"
        "再重新输入完整的号码；改格式而不重新输入不起作用。"
    )


def day(value: Value) -> str:
    """A date in the shape that forms take (2023, 2023-05, 2023-05-17), or the words as they stand.

    Reads Excel's dates and serial numbers, 2023.5, 202305, 20230517, 2023年5月; "" for 至今. Raises
    Unusable for 2025.1 as a number, which may have been 2025.10.
    """
    if isinstance(value, bool):
        return text(value)
    if isinstance(value, date):
        # Excel has no months: what shows as 2023年5月 is kept as its first day.
        return value.strftime("%Y-%m") if value.day == 1 else value.isoformat()
    if isinstance(value, int | float):
        return _day_of_number(float(value))
    words = _TIME.sub("", narrow(line(value)).strip("。；;,， "))
    if words.lower() in ONGOING or words in EMPTY_WORDS:
        return ""
    if re.fullmatch(r"\d{5,8}", words):
        return _day_of_number(float(words))
    try:
        return PartialDate.parse(words.replace("、", ".").replace("号", "日")).iso()
    except ValueError:
        return words


def full_day(value: Value) -> str:
    """As `day`, for what needs the day itself: the first of a month is that day."""
    return value.isoformat() if isinstance(value, date) else day(value)


def _day_of_number(value: float) -> str:
    whole = int(value)
    if value.is_integer() and 10**7 <= whole < 10**8:
        return _checked(whole // 10000, whole // 100 % 100, whole % 100) or str(whole)
    if value.is_integer() and 190001 <= whole <= 210012:
        return _checked(whole // 100, whole % 100) or str(whole)
    if _FIRST_SERIAL <= whole <= _LAST_SERIAL:
        return (_EPOCH + timedelta(days=whole)).isoformat()
    if 1900 <= whole <= 2100:
        return str(whole) if value.is_integer() else _month_of_fraction(value)
    return number(value)


def _month_of_fraction(value: float) -> str:
    year, _, rest = repr(value).partition(".")
    if rest == "1":
        raise Unusable(
            M(
                "Excel 里这是数字 %(year)s.1，分不清是 1 月还是 10 月。请改成 %(year)s-01 或 %(year)s-10"
                "（先把单元格设为“文本”格式）。",
                year=year,
            )
        )
    if len(rest) <= 2:
        return _checked(int(year), int(rest)) or repr(value)
    if len(rest) in (3, 4):
        return _checked(int(year), int(rest[:2]), int(rest[2:])) or repr(value)
    return repr(value)


def _checked(year: int, month: int, day_of_month: int | None = None) -> str:
    try:
        return PartialDate(year, month, day_of_month).iso() if month else ""
    except ValueError:
        return ""


def period(value: Value) -> tuple[str, str]:
    """Start and end of 2020.9—2023.6 or 2020年9月至今, each as `day` gives it; raises Unusable."""
    if not isinstance(value, str):
        return day(value), ""
    words = narrow(line(value))
    if words.endswith("至今"):
        words = words.removesuffix("至今") + "—至今"
    parts = _RANGE.split(words)
    if len(parts) == 1 and re.fullmatch(r"\d{4}[.年/]\d{1,2}月?-\d{4}[.年/]\d{1,2}月?", words):
        parts = words.split("-")
    parts = [part for part in parts if part]
    return (day(parts[0]) if parts else "", day(parts[1]) if len(parts) > 1 else "")
