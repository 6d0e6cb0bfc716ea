"""A calendar as a file that calendar programs read (RFC 5545, by icalendar)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar
from icalendar import Event as Entry

from models.messages import M, Message
from panel.domain.desk.agenda import Event
from panel.services.words import CHINESE, words

CALENDAR_MIME = "text/calendar; charset=utf-8"
#: Before a deadline's day begins: three days, and at nine in the morning of the day before.
ALARMS = (timedelta(days=-3), timedelta(hours=-15))
#: How often a program that subscribed should look again.
REFRESH = timedelta(hours=6)


def calendar_file(
    events: Iterable[Event], now: datetime, language: str = CHINESE, base_url: str = ""
) -> bytes:
    """`events` as whole days, in `language`, deadlines with alarms; `base_url` makes their links."""
    file = Calendar()
    file.add("prodid", "-//Pingshen//Title review//ZH")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    name = words(M("职称评审"), language)
    file.add("name", name)
    file.add("x-wr-calname", name)
    file.add("x-wr-timezone", "Asia/Shanghai")
    file.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    file.add("x-published-ttl", "PT6H")
    for event in events:
        file.add_component(_entry(event, now, language, base_url))
    return bytes(file.to_ical())


def _entry(event: Event, now: datetime, language: str, base_url: str) -> Entry:
    entry = Entry()
    entry.add("uid", f"{event.key}@pingshen")
    entry.add("dtstamp", now)
    entry.add("dtstart", event.day)
    entry.add("dtend", event.day + timedelta(days=1))
    entry.add("summary", words(event.title, language))
    entry.add("transp", "TRANSPARENT")
    link = f"{base_url}{event.link}" if base_url else ""
    note: list[Message | str] = [part for part in (event.note, link) if part]
    if note:
        entry.add("description", "\n".join(words(part, language) for part in note))
    if link:
        entry.add("url", link)
    for trigger in ALARMS if event.is_deadline else ():
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", words(event.title, language))
        alarm.add("trigger", trigger)
        entry.add_component(alarm)
    return entry
