"""The demo: one invented university with people in every state that has a screen.

Everything is made through the same functions as the pages use, at times counted back from today, so
that what should be running is running.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.application import Application
from models.choices import Action, PublicityKind, Role, RoundState
from models.field_spec import Text
from models.meeting import Committee, Member
from models.messages import M as _
from models.messages import Message
from models.person import Person
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.unit import Department, Unit
from models.user import Grant, User
from models.values import PartialDate
from panel import clock
from panel.config import Settings
from panel.demo import people, story, table
from panel.demo.people import APPLICANTS, DEMO_STAFF, EXPERTS, Applicant
from panel.demo.texts import SPECIALITIES
from panel.domain.actors import Actor, actor_of
from panel.domain.publicity import lists
from panel.domain.round_edit import schedule
from panel.domain.rounds import round_files
from panel.passwords import hash_password

#: Every demo account has it; the sign-in page of the demo says so.
PASSWORD = "pingshen-demo"  # noqa: S105


@dataclass(frozen=True)
class DemoAccount:
    """An account that the demo's home page offers as a card."""

    username: str
    password: str
    role: Role
    name: str
    description: Message


def _cards() -> list[DemoAccount]:
    shown = [
        ("20160011", Role.APPLICANT, _("还没有开始申报：从这里走完整个流程")),
        ("20150023", Role.APPLICANT, _("已填好全部内容，可以预览和提交")),
        ("20100018", Role.APPLICANT, _("申报被退回补正")),
        ("20180137", Role.APPLICANT, _("已经拿到电子证书")),
    ]
    names = {a.staff_number: a.name for a in APPLICANTS}
    cards = [DemoAccount(number, PASSWORD, role, names[number], text) for number, role, text in shown]
    cards += [
        DemoAccount(row.staff_number, PASSWORD, Role(row.grants[0][0]), row.name, row.card)
        for row in DEMO_STAFF
        if row.card
    ]
    for committee, number, text in (
        ("teacher-committee", 0, _("主持会议、确认表决结果")),
        ("teacher-committee", 2, _("写评议意见、签到、投票")),
        ("lab-committee", 0, _("主持实验系列评审会议")),
    ):
        row = EXPERTS[committee][number]
        role = Role.CHAIR if number == 0 else Role.EXPERT
        cards.append(DemoAccount(row[0], PASSWORD, role, row[1], text))
    return cards


ACCOUNTS: list[DemoAccount] = _cards()


def is_empty() -> bool:
    """Whether nothing has been stored yet, so that seeding harms nobody."""
    return not User.objects.first() and not Application.objects.first()


def seed(settings: Settings, report: Callable[[str], None] = lambda line: None) -> None:
    """Fill an empty database with the demo; raises RuntimeError when it isn't empty or in production."""
    if not settings.has_clock_control or not is_empty():
        raise RuntimeError("演示数据只能写入空的演示数据库。")
    now = clock.now()
    seed_institution(now)
    seed_cases(now, report)


def seed_institution(now: datetime) -> None:
    """The university, its rounds, roster, accounts and committees; no application."""
    unit = Unit(
        code=people.UNIT_CODE,
        name=people.UNIT_NAME,
        departments=[Department(code=c, name=n, is_office=o) for c, n, o in people.DEPARTMENTS],
    ).save()
    for path in round_files.shipped():
        spec = _moved(round_files.load_file(path), now)
        # the engineers' round is still planned, for HR to try the editor on
        state = RoundState.OPEN if spec.series in (people.TEACHER, people.LAB) else RoundState.PLANNED
        round_files.import_round(spec, now, state)
    hashed = hash_password(PASSWORD)
    for applicant in APPLICANTS:
        _account(_applicant(applicant, unit), hashed, [Grant(role=Role.APPLICANT.value)], now)
    for staff in DEMO_STAFF:
        person = _person(unit, staff.staff_number, staff.name, staff.gender, staff.born, staff.department)
        person.title = staff.title or None
        grants = [
            Grant(role=role, unit=unit, department=department, office=office, committee=committee)
            for role, department, office, committee in staff.grants
        ]
        _account(person, hashed, grants, now)
    for code in EXPERTS:
        _committee(code, unit, hashed, now)


def _moved(spec: RoundSpec, now: datetime) -> RoundSpec:
    """The shipped round with its dates counted from today, so that the demo is open on any day."""
    today = now.astimezone(clock.ZONE).date()
    dates = spec.dates.model_copy(
        update={
            "opens": today - timedelta(days=story.EARLY + 5),
            "closes": today + timedelta(days=45),
            "achievements_until": date(today.year, 12, 31),
            "years_until": date(today.year, 12, 31),
        }
    )
    # the laboratory round shows what it is like when unit and office are two
    return spec.model_copy(update={"dates": dates, "merged": spec.series != people.LAB})


def _person(
    unit: Unit, number: str, name: str, gender: str, born: str, department: str, **more: object
) -> Person:
    dice = random.Random(number)  # noqa: S311
    return Person(
        staff_number=number,
        name=name,
        gender=gender,
        birth_date=date.fromisoformat(born),
        id_number=id_number(born, gender, dice.randrange(500)),
        phone=f"139{dice.randrange(10**8):08d}",
        # some rosters lack some addresses
        email=f"{number}@jcut.example" if int(number) % 5 else None,
        unit=unit,
        department=department,
        **{"joined_on": PartialDate.parse(f"{number[:4]}-07")} | more,
    )


def id_number(born: str, gender: str, serial: int) -> str:
    """An ID number with a right check digit in a region code that was never given out (invented people)."""
    body = "420199" + born.replace("-", "") + f"{serial * 2 + (gender == 'male'):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def _applicant(row: Applicant, unit: Unit) -> Person:
    began = PartialDate.parse(row.work_start)
    return _person(
        unit,
        row.staff_number,
        row.name,
        row.gender,
        row.born,
        row.department,
        series=row.series,
        title=row.title or None,
        title_level=row.title_level or None,
        title_series=row.title_series or None,
        title_approved_on=PartialDate.parse(row.approved_on) if row.approved_on else None,
        work_start=began,
        joined_on=began,
        speciality=SPECIALITIES[row.series][row.speciality],
    )


def _account(person: Person, password_hash: str, grants: list[Grant], now: datetime) -> User:
    person.updated_at = now
    person.save()
    return User(
        username=person.staff_number,
        name=person.name,
        person=person,
        grants=grants,
        password_hash=password_hash,
        created_at=now,
    ).save()


def _committee(code: str, unit: Unit, password_hash: str, now: datetime) -> None:
    name, series, title = people.COMMITTEE_NAMES[code]
    members = []
    for place, (number, expert, gender, born, department) in enumerate(EXPERTS[code]):
        person = _person(unit, number, expert, gender, born, department)
        person.title, person.title_level, person.title_series, person.series = title, "senior", series, series
        grants = [Grant(role=Role.EXPERT.value, committee=code)]
        if place < 2:
            grants.append(Grant(role=Role.CHAIR.value, committee=code))
        user = _account(person, password_hash, grants, now)
        members.append(
            Member(
                user=user,
                name=expert,
                title=title,
                is_chair=place == 0,
                is_vice_chair=place == 1,
                term_until=date(now.year + 2, 12, 31),
            )
        )
    Committee(
        code=code,
        name=name,
        series=series,
        valid_until=date(now.year + 2, 12, 31),
        members=members,
        consent_number=f"江人社函〔{now.year}〕18 号",
    ).save()


def cast_of() -> dict[str, Actor]:
    """The actors of the stories: by staff number, by user id, and by what they do."""
    cast: dict[str, Actor] = {}
    for user in User.objects():
        cast[user.username] = cast[str(user.id)] = actor_of(user)
    cast["hr"], cast["hr2"] = cast[DEMO_STAFF[0].staff_number], cast[DEMO_STAFF[1].staff_number]
    for row in DEMO_STAFF:
        role, department, office, _ = row.grants[0]
        if role == Role.ENDORSER.value:
            cast[office or f"college:{department}"] = cast[row.staff_number]
    return cast


def seed_cases(now: datetime, report: Callable[[str], None] = lambda line: None) -> None:
    """Bring every applicant's case to its stage."""
    cast = cast_of()
    rounds = {round.series: round for round in ReviewRound.objects()}
    cases: dict[str, story.DemoCase] = {}
    voted = {"passed", "failed", "result_publicity", "ballot", "confirmed", "certified"}
    for applicant in APPLICANTS:
        days = story.BEGINS.get(applicant.stage, story.EARLY)
        case = story.DemoCase(cast, applicant, rounds[applicant.series], _office_hours(now, days))
        cases[applicant.stage] = case
        if applicant.stage in voted:
            case.to_panel()
            case.opine()
        else:
            story.STAGES[applicant.stage](case)
        report(f"演示：{applicant.name}")
    _votes(cast, cases, now)
    _last_year(cast, now)
    table.seed(cast, rounds[people.TEACHER], _office_hours(now, 1))


def _last_year(cast: dict[str, Actor], now: datetime) -> None:
    """What the one who hasn't started entered a year ago and gave up, to be taken into this year's round."""
    then = _office_hours(now, 365)
    path = next(path for path in round_files.shipped() if path.stem == people.TEACHER)
    spec = _moved(round_files.load_file(path), then)
    year = spec.year - 1
    title = Text(
        zh=spec.title.zh.replace(str(spec.year), str(year)),
        en=spec.title.en.replace(str(spec.year), str(year)),
    )
    old = spec.model_copy(update={"code": f"{people.TEACHER}-{year}", "year": year, "title": title})
    round = round_files.import_round(old, then)
    who = next(row for row in APPLICANTS if row.stage == "new")
    case = story.DemoCase(cast, who, round, then)
    case.start().everything()
    case.later(3)
    case.run(Action.WITHDRAW, case.me, sure=True)
    schedule.set_state(round, RoundState.CLOSED, f"{year} 年度评审已结束。", cast["hr"], case.later(60))


def _office_hours(now: datetime, days: int) -> datetime:
    """Half past nine in the morning, `days` days ago."""
    local = (now - timedelta(days=days)).astimezone(clock.ZONE)
    return local.replace(hour=9, minute=30, second=0, microsecond=0).astimezone(clock.UTC)


def _votes(cast: dict[str, Actor], cases: dict[str, story.DemoCase], now: datetime) -> None:
    """The meetings: one of each committee held, one of the teachers' planned."""
    year = now.year
    held = [cases[stage] for stage in ("passed", "failed", "result_publicity")]
    story.hold_meeting(
        cast, held, f"{year} 年度教师系列第一次评审会议", lambda case: 3 if case.who.stage == "failed" else 6
    )
    result = cases["result_publicity"]
    result.at = _office_hours(now, 2)
    result.post(PublicityKind.RESULT)
    lab = [cases["confirmed"], cases["certified"]]
    story.hold_meeting(cast, lab, f"{year} 年度实验技术系列评审会议", lambda case: 7)
    at = lab[0].later(1)
    lists.post(PublicityKind.RESULT, [case.application for case in lab], cast["hr"], at)
    for case in lab:
        case.pass_publicity()
        case.run(
            Action.CONFIRM,
            cast["hr"],
            document_number=f"江理工人〔{year}〕36 号",
            approved_on=case.at.astimezone(clock.ZONE).date(),
            filing=f"已报江城市人社局备案（备案号 {year}-0136）",
        )
    lab[1].run(Action.ISSUE, cast["hr"])
    story.plan_meeting(
        cast,
        [cases["ballot"]],
        f"{year} 年度教师系列第二次评审会议",
        _office_hours(now, 1),
        now.astimezone(clock.ZONE).date(),
    )


def accounts() -> list[tuple[str, str, str]]:
    """What the terminal prints: role and name, account, password."""
    return [(f"{card.role.label}　{card.name}", card.username, card.password) for card in ACCOUNTS]
