"""The words around a reminder: its places, the list for a chat group, an example."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.messages import M, Message
from models.reminder import ReminderGroup
from panel.domain.calendar import local_date
from panel.domain.desk import reminder_groups, reminders
from panel.domain.desk.reminder_groups import Recipient
from views.kit.i18n import ENGLISH, language, tr

#: What each place stands for, beside the word that is typed.
MEANINGS: dict[str, Any] = {
    "name": _l("每个人的姓名"),
    "deadline": _l("这个人的截止日期"),
    "days": _l("到截止日还有几天"),
    "missing": _l("提交前还要处理几处"),
}
CALLS: dict[ReminderGroup, Message] = {
    ReminderGroup.NOT_STARTED: M("以下老师可以申报、还没有开始填报，准备申报的请登录系统填写："),
    ReminderGroup.DRAFT: M("以下老师的职称申报还没有提交，请尽快完成："),
    ReminderGroup.RETURNED: M("以下老师的职称申报已退回补正，请尽快改好并重新提交："),
}


def places(group: ReminderGroup) -> list[tuple[str, Any]]:
    """The places that a text to `group` may hold, in the page's language, with what they stand for."""
    return [(place, MEANINGS[key]) for key, place in _places().items() if key in reminders.places_of(group)]


def _places() -> dict[str, str]:
    """Each place as it is typed in the page's language."""
    is_english = language() == ENGLISH
    known = reminders.PLACES.items()
    return {key: f"{{{word}}}" for word, key in known if word.isascii() == is_english}


def draft(group: ReminderGroup) -> str:
    """The text offered for `group`, with its places in the page's language."""
    offered, typed = reminders.DRAFTS[group], _places()
    return tr(Message(offered.id, {key: typed[key] for key in offered.params}))


def example(text: str, recipient: Recipient, now: datetime) -> str:
    """What `recipient` would read; the count of what is missing is worked out for this one alone."""
    asks = reminders.asks_for(text, "missing")
    counted = reminder_groups.missing([recipient], now) if asks else {}
    count = counted.get(recipient.application) if recipient.application else None
    return reminders.written(text, recipient, count, now)


def for_chat(group: ReminderGroup, recipients: Iterable[Recipient], departments: dict[str, Any]) -> str:
    """The list for a chat group: names by department, the common closing day; nothing else of anybody."""
    listed = list(recipients)
    by_department: dict[str, list[str]] = {}
    for one in listed:
        by_department.setdefault(one.department, []).append(one.name)
    lines = [tr(CALLS[group])]
    lines += [
        _(
            "%(department)s（%(n)s 人）：%(names)s",
            department=tr(departments.get(code, code)),
            n=len(names),
            names=_("、").join(names),
        )
        for code, names in by_department.items()
    ]
    days = {local_date(one.deadline) for one in listed}
    if len(days) == 1:
        lines.append(_("截止日期：%(day)s。", day=tr(days.pop())))
    elif days:
        lines.append(_("最早截止：%(day)s，请以系统中的日期为准。", day=tr(min(days))))
    return "\n".join(lines)
