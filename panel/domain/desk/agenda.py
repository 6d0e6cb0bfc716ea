"""What has a day: for an applicant their own rounds and deadlines, for staff those they work to.

No event names another person: staff get counts, so that an address which leaks tells nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from models.application import Application
from models.choices import PublicityKind, Role, RoundState, State
from models.meeting import Meeting
from models.messages import M, Message
from models.person import Person
from models.publicity import Publicity
from models.review_round import ReviewRound
from models.states import IN_PUBLICITY, REOPENED, stored_states
from models.values import ref_id
from panel.domain.access import policy
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.rounds import offers

#: What is over for longer is left out.
PAST = timedelta(days=60)
_STAFF = (Role.UNIT_HR, Role.OFFICE)
_COMMITTEE = (Role.OFFICE, Role.EXPERT, Role.CHAIR, Role.TELLER)


@dataclass(frozen=True)
class Event:
    """A day of somebody's calendar. `key` stays the same when the day moves; a deadline is reminded of."""

    key: str
    day: date
    title: Message
    link: str  # path
    note: Message | str = ""
    is_deadline: bool = False


def events(actor: Actor, now: datetime) -> list[Event]:
    """Everything with a day that concerns `actor` in all roles, by day."""
    since = local_date(now) - PAST
    found = [event for event in (*_own(actor, now), *_of_staff(actor, now)) if event.day >= since]
    unique = {event.key: event for event in found}
    return sorted(unique.values(), key=lambda event: (event.day, event.key))


# --- the applicant's own ----------------------------------------------------------------------------


def _own(actor: Actor, now: datetime) -> Iterator[Event]:
    person = Person.objects(id=actor.person_id).first() if actor.person_id else None
    if person is None:
        return
    mine = list(policy.visible(actor, Application, Role.APPLICANT).filter(is_live=True))
    years = {application.year for application in mine}
    for application in mine:
        if application.state == State.DRAFT:
            yield _closing(application.round, person, now, f"/my/application/{application.id}/")
        yield from _of_application(application)
    for round in _fitting(actor, person):
        link = "/my/"
        if round.year not in years:
            yield _opening(round, link)
            yield _closing(round, person, now, link)


def _fitting(actor: Actor, person: Person) -> Iterable[ReviewRound]:
    opened = policy.visible(actor, ReviewRound, Role.APPLICANT).filter(state=RoundState.OPEN.value)
    return [
        round
        for round in opened
        if offers.committees_for(round.spec, person) and offers.kinds_for(round.spec, person)
    ]


def _opening(round: ReviewRound, link: str) -> Event:
    spec = round.spec
    return Event(
        f"round-{round.id}-opens", spec.dates.opens, M("职称申报开始：%(round)s", round=spec.title), link
    )


def _closing(round: ReviewRound, person: Person, now: datetime, link: str) -> Event:
    closes = local_date(offers.window(round, person, now).closes)
    return Event(
        f"round-{round.id}-closes",
        closes,
        M("职称申报截止：%(round)s", round=round.spec.title),
        link,
        M("请在当天 24 时前提交。"),
        is_deadline=True,
    )


def _of_application(application: Application) -> Iterator[Event]:
    link = f"/my/application/{application.id}/"
    if application.state in REOPENED and application.deadline:
        yield Event(
            f"application-{application.id}-return",
            local_date(application.deadline),
            M("职称申报补正截止"),
            link,
            M("请在当天 24 时前改好并重新提交，逾期将失效。"),
            is_deadline=True,
        )
    if application.state in IN_PUBLICITY and application.publicity_ends:
        yield Event(
            f"application-{application.id}-publicity-{application.publicity}",
            local_date(application.publicity_ends),
            M("我的公示期满"),
            link,
        )


# --- staff -------------------------------------------------------------------------------------------


def _of_staff(actor: Actor, now: datetime) -> Iterator[Event]:
    if actor.holds(*_STAFF):
        yield from _rounds(actor)
        yield from _publicities(actor)
        yield from _returns(actor)
    if actor.holds(*_COMMITTEE):
        yield from _meetings(actor)


def _rounds(actor: Actor) -> Iterator[Event]:
    for round in policy.visible(actor, ReviewRound, *_STAFF).filter(state__ne=RoundState.PLANNED.value):
        yield _opening(round, f"/admin/rounds/{round.id}")
        yield Event(
            f"round-{round.id}-ends",
            round.spec.dates.closes,
            M("职称申报截止：%(round)s", round=round.spec.title),
            "/admin/",
            is_deadline=True,
        )


def _publicities(actor: Actor) -> Iterator[Event]:
    listed = policy.visible(actor, Publicity, *_STAFF).order_by("-posted_on").limit(200)
    for row in listed.exclude("rows"):
        if row.kind == PublicityKind.UNIT and not _is_of(actor, ref_id(row, "unit")):
            continue
        kind = PublicityKind(row.kind).label
        yield Event(
            f"publicity-{row.uid}",
            local_date(row.ends_at),
            M("公示期满：%(kind)s", kind=kind),
            f"/admin/publicity/{row.uid}",
            row.title,
        )


def _is_of(actor: Actor, unit: Any) -> bool:
    return any(grant.unit_id == unit for grant in actor.as_(Role.UNIT_HR))


def _returns(actor: Actor) -> Iterator[Event]:
    """How many returns run out on each day."""
    waiting = policy.visible(actor, Application, *_STAFF).filter(
        state__in=stored_states(REOPENED), deadline__ne=None
    )
    day = {"$dateToString": {"date": "$deadline", "format": "%Y-%m-%d", "timezone": "Asia/Shanghai"}}
    for row in waiting.aggregate([{"$group": {"_id": day, "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]):
        yield Event(
            f"returns-{row['_id']}",
            date.fromisoformat(row["_id"]),
            M("补正到期 %(n)s 份", n=row["n"]),
            "/admin/applications/?work=deadline_near",
        )


def _meetings(actor: Actor) -> Iterator[Event]:
    for meeting in policy.visible(actor, Meeting, *_COMMITTEE).only("title", "held_on", "place"):
        base = "/admin/meetings" if actor.holds(Role.OFFICE) else "/committee/meetings"
        yield Event(
            f"meeting-{meeting.id}",
            meeting.held_on,
            M("评审会议：%(title)s", title=meeting.title),
            f"{base}/{meeting.id}",
            meeting.place or "",
        )
