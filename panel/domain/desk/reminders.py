"""Reminders to people who have not started or not finished: text with places, sending, not twice a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId

from models.choices import Role
from models.database import transaction
from models.messages import M, Message
from models.outbox import TYPED, MailState, OutboxRow
from models.reminder import Reminder, ReminderGroup
from panel.domain.access.policy import allowed_role
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.counters import next_serial
from panel.domain.desk import reminder_groups
from panel.domain.desk.reminder_groups import Addressees, Recipient
from panel.domain.errors import Invalid, Refused
from panel.domain.records import audit

#: Nobody is reminded again within this, unless HR says so.
REST = timedelta(hours=24)
MOST_PEOPLE = 2000
#: Counting what is missing reads whole applications.
MOST_COUNTED = 300
LONGEST_TEXT = 500
_PLACE = re.compile(r"\{([^{}]*)\}")

#: Words that stand for something of each person, in both languages, and what they stand for.
PLACES: dict[str, str] = {
    "姓名": "name",
    "name": "name",
    "截止日": "deadline",
    "deadline": "deadline",
    "还剩天数": "days",
    "days left": "days",
    "还缺几处": "missing",
    "still missing": "missing",
}
#: What only an application has.
_OF_APPLICATION = {"missing"}

#: Offered to begin with; each parameter is a place.
DRAFTS: dict[ReminderGroup, Message] = {
    ReminderGroup.NOT_STARTED: M(
        "%(name)s老师：今年的职称申报已经开始，您还没有填报。准备申报的，请在%(deadline)s前登录系统填写并提交。",
        name="{姓名}",
        deadline="{截止日}",
    ),
    ReminderGroup.DRAFT: M(
        "%(name)s老师：您的职称申报还没有提交，还有 %(missing)s 处需要处理。请在%(deadline)s前完成并提交。",
        name="{姓名}",
        missing="{还缺几处}",
        deadline="{截止日}",
    ),
    ReminderGroup.RETURNED: M(
        "%(name)s老师：您的职称申报退回补正后还没有重新提交，请在%(deadline)s前改好并提交，逾期将失效。",
        name="{姓名}",
        deadline="{截止日}",
    ),
}


@dataclass(frozen=True)
class Sent:
    """What became of a sending: its records, who got it and who was reminded already."""

    reminders: list[Reminder]
    told: list[Recipient]
    rested: list[Recipient]


def places_of(group: ReminderGroup) -> list[str]:
    """What a text to `group` may hold: the values of PLACES."""
    known = dict.fromkeys(PLACES.values())
    return [key for key in known if group is not ReminderGroup.NOT_STARTED or key not in _OF_APPLICATION]


def problem_of(text: str, group: ReminderGroup) -> Message | None:
    """What is wrong with a text, or None: empty, too long, a place that the group hasn't."""
    if not text.strip():
        return M("请写提醒的内容。")
    if len(text.strip()) > LONGEST_TEXT:
        return M("最多 %(n)s 个字，请删减。", n=LONGEST_TEXT)
    allowed = set(places_of(group))
    for word in _PLACE.findall(text):
        if PLACES.get(word.strip()) not in allowed:
            return M("“{%(word)s}”不能用在这里，请改成旁边列出的词，或去掉大括号。", word=word)
    return None


def asks_for(text: str, key: str) -> bool:
    """Whether `text` has a place for `key`."""
    return any(PLACES.get(word.strip()) == key for word in _PLACE.findall(text))


def written(text: str, recipient: Recipient, missing: int | None, now: datetime) -> str:
    """`text` with what its places mean for `recipient`; what was typed by people is never a place."""
    day = local_date(recipient.deadline)
    values = {
        "name": recipient.name,
        "deadline": f"{day.year}年{day.month}月{day.day}日",
        "deadline in English": f"{day.day} {day:%b %Y}",
        "days": str(max(0, reminder_groups.days_left(recipient, now))),
        "missing": "" if missing is None else str(missing),
    }

    def put(place: re.Match[str]) -> str:
        word = place.group(1).strip()
        key = PLACES[word]
        return values["deadline in English" if (key, word) == ("deadline", key) else key]

    return _PLACE.sub(put, text.strip())


def reminded(people: Iterable[ObjectId], now: datetime) -> dict[ObjectId, datetime]:
    """Who of `people` got a reminder within REST, and when the last one was."""
    rows = OutboxRow._get_collection().find(
        {"person": {"$in": list(people)}, "at": {"$gt": now - REST}, "reminder": {"$exists": True}},
        {"person": 1, "at": 1},
    )
    last: dict[ObjectId, datetime] = {}
    for row in rows:
        last[row["person"]] = max(row["at"], last.get(row["person"], row["at"]))
    return last


def send(choice: Addressees, text: str, again: bool, actor: Actor, now: datetime) -> Sent:
    """Put the reminder into the inbox of everybody whom `choice` means now, and so into the mail.

    Who got one within REST is left alone unless `again`. Two who send at once can't both remind somebody.
    Raises Refused, and Invalid with the field text.
    """
    role = allowed_role(actor, Permission.REMIND)
    if role is None:
        raise Refused(M("您不能发送提醒。"))
    if problem := problem_of(text, choice.group):
        raise Invalid({"text": problem})
    recipients = reminder_groups.find(choice, actor, now).recipients
    if not recipients:
        raise Refused(M("现在没有需要提醒的人。"))
    if len(recipients) > MOST_PEOPLE:
        raise Refused(M("一次最多提醒 %(n)s 人，请按部门分次提醒。", n=MOST_PEOPLE))
    counts = asks_for(text, "missing")
    if counts and len(recipients) > MOST_COUNTED:
        raise Refused(
            M("内容里有“还缺几处”时，一次最多提醒 %(n)s 人。请按部门分次提醒，或去掉这个词。", n=MOST_COUNTED)
        )
    counted = reminder_groups.missing(recipients, now) if counts else {}

    def body() -> Sent:
        for unit in sorted({one.unit for one in recipients}):
            # a write that all sendings of the unit share: two at once see each other
            next_serial(f"reminder:{unit}")
        last = {} if again else reminded([one.person for one in recipients], now)
        told = [one for one in recipients if one.person not in last]
        made = [
            _record(choice, text, unit, [one for one in told if one.unit == unit], counted, actor, role, now)
            for unit in sorted({one.unit for one in told})
        ]
        return Sent(made, told, [one for one in recipients if one.person in last])

    return transaction(body)


def _record(
    choice: Addressees,
    text: str,
    unit: ObjectId,
    told: list[Recipient],
    counted: Mapping[ObjectId, int],
    actor: Actor,
    role: Role,
    now: datetime,
) -> Reminder:
    reminder = Reminder(
        unit=unit,
        round=choice.round,
        group=choice.group.value,
        department=choice.department or None,
        is_chosen=choice.ids is not None,
        text=text.strip(),
        people=len(told),
        by=actor.user_id,
        by_name=actor.name,
        at=now,
    ).save(force_insert=True)
    OutboxRow.objects.insert(
        [_row(one, reminder, written(text, one, _count(one, counted), now), now) for one in told],
        load_bulk=False,
    )
    audit(actor, "remind", reminder, now, role=role, group=choice.group.value, people=len(told))
    return reminder


def _count(recipient: Recipient, counted: Mapping[ObjectId, int]) -> int | None:
    return counted.get(recipient.application) if recipient.application else None


def _row(recipient: Recipient, reminder: Reminder, text: str, now: datetime) -> OutboxRow:
    return OutboxRow(
        person=recipient.person,
        unit=recipient.unit,
        reminder=reminder.id,
        message=TYPED,
        params={"text": text},
        link=recipient.link,
        at=now,
        queued_at=now,
        try_at=now,
        mail=(MailState.WAITING if recipient.has_address else MailState.NO_ADDRESS).value,
    )


def resend(rows: Iterable[OutboxRow], actor: Actor, now: datetime) -> int:
    """Queue the mails of `rows` again, but for those sent or on their way; returns how many.

    Raises Refused.
    """
    role = allowed_role(actor, Permission.REMIND)
    if role is None:
        raise Refused(M("您不能重新发送邮件。"))
    resting = [MailState.FAILED.value, MailState.EXPIRED.value, MailState.NO_ADDRESS.value]

    def body() -> int:
        again = OutboxRow.objects(id__in=[row.id for row in rows], mail__in=resting)
        count = int(
            again.update(
                set__mail=MailState.WAITING.value,
                set__queued_at=now,
                set__try_at=now,
                set__tries=0,
                unset__error=1,
            )
        )
        if count:
            audit(actor, "resend_mail", next(iter(rows)), now, role=role, mails=count)
        return count

    return transaction(body)
